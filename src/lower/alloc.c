/* Fresh arrays and reference counts.
 *
 * The size of a fresh array is computed in line when no size can be negative or make the product overflow,
 * which one comparison tells for all of them: each below 2**k with k * ndim + log2(item size) <= 62.
 * Everything else (errors, but also a very long thin array) asks hlrt_shape_nbytes, which computes exactly
 * and raises. */
#include "lower/internal.h"

typedef struct Shape {
    LLVMValueRef dims[MAX_NDIM];
    unsigned ndim;
    int64_t item_nbytes;
    TypeKind kind; /* of an element */
} Shape;

static Shape shape_of(const Emitter *e, Ref r) {
    const Ins *ins = hl_ins(e->f, r);
    const Type *element = ins->type->args[0];
    Shape shape = {
        .ndim = ins->nargs, .item_nbytes = hl_type_nbytes(element), .kind = (TypeKind)element->kind};
    for (unsigned i = 0; i < shape.ndim; i++)
        shape.dims[i] = hl_lower_operand(e, r, i);
    return shape;
}

/* ---- size in bytes --------------------------------------------------------------------------- */

/* Are all sizes in [0, 2**k)? */
static LLVMValueRef all_moderate(Emitter *e, const Shape *shape) {
    LLVMValueRef bits = shape->dims[0];
    for (unsigned i = 1; i < shape->ndim; i++)
        bits = LLVMBuildOr(e->b, bits, shape->dims[i], "");
    int k = (62 - __builtin_ctzll((uint64_t)shape->item_nbytes)) / (int)shape->ndim;
    return LLVMBuildICmp(e->b, LLVMIntULT, bits, hl_lower_i64(e->m, INT64_C(1) << k), "moderate");
}

static LLVMValueRef multiply(Emitter *e, const Shape *shape) {
    LLVMValueRef nbytes = hl_lower_i64(e->m, shape->item_nbytes);
    for (unsigned i = shape->ndim; i-- > 0;) {
        nbytes = LLVMBuildMul(e->b, nbytes, shape->dims[i], "");
        if (!LLVMIsAInstruction(nbytes)) continue;
        LLVMSetNSW(nbytes, true);
        LLVMSetNUW(nbytes, true);
    }
    return nbytes;
}

/* The shape in memory. */
static LLVMValueRef spill(Emitter *e, const Shape *shape) {
    LLVMValueRef slots = hl_lower_stack(e, LLVMArrayType2(e->m->i64, shape->ndim), 8, "shape");
    for (unsigned i = 0; i < shape->ndim; i++) {
        LLVMValueRef index = hl_lower_i64(e->m, i);
        LLVMValueRef slot = LLVMBuildInBoundsGEP2(e->b, e->m->i64, slots, &index, 1, "");
        hl_lower_mark_private(e->m, LLVMBuildStore(e->b, shape->dims[i], slot));
    }
    return slots;
}

/* hlrt_shape_nbytes; leaves when it raised. */
static LLVMValueRef ask_runtime(Emitter *e, const Shape *shape) {
    LLVMValueRef args[] = {e->ctx, spill(e, shape), hl_lower_i64(e->m, shape->ndim),
                           hl_lower_i64(e->m, shape->item_nbytes)};
    LLVMValueRef nbytes = hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_shape_nbytes), args, 4);
    hl_lower_test_status(e);
    return nbytes;
}

static LLVMValueRef total_nbytes(Emitter *e, const Shape *shape) {
    if (shape->ndim == 0) return hl_lower_i64(e->m, shape->item_nbytes);
    LLVMBasicBlockRef fast = hl_lower_block(e, "size"), slow = hl_lower_block(e, "size.exact");
    LLVMBasicBlockRef join = hl_lower_block(e, "alloc");
    hl_lower_mark_likely(e->m, LLVMBuildCondBr(e->b, all_moderate(e, shape), fast, slow));
    LLVMValueRef values[2];
    LLVMBasicBlockRef from[2];
    hl_lower_at(e, fast);
    values[0] = multiply(e, shape);
    from[0] = fast;
    LLVMBuildBr(e->b, join);
    hl_lower_at(e, slow);
    values[1] = ask_runtime(e, shape);
    from[1] = LLVMGetInsertBlock(e->b);
    LLVMBuildBr(e->b, join);
    hl_lower_at(e, join);
    LLVMValueRef nbytes = LLVMBuildPhi(e->b, e->m->i64, "nbytes");
    LLVMAddIncoming(nbytes, values, from, 2);
    return nbytes;
}

/* ---- the array ------------------------------------------------------------------------------- */

/* The MemoryError names the shape and the dtype: off the path of those that get their memory. */
static void leave_without(Emitter *e, LLVMValueRef block, const Shape *shape) {
    LLVMBasicBlockRef failed = hl_lower_block(e, "nomemory"), next = hl_lower_block(e, "allocated");
    LLVMValueRef good = LLVMBuildIsNotNull(e->b, block, "");
    hl_lower_mark_likely(e->m, LLVMBuildCondBr(e->b, good, next, failed));
    hl_lower_at(e, failed);
    LLVMValueRef args[] = {e->ctx, spill(e, shape), hl_lower_i64(e->m, shape->ndim),
                           hl_lower_i64(e->m, shape->kind)};
    hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_alloc_failed), args, 4);
    hl_lower_test_status(e);
    LLVMBuildBr(e->b, next);
    hl_lower_at(e, next);
}

static LLVMValueRef allocate(Emitter *e, const Shape *shape, LLVMValueRef nbytes) {
    LLVMValueRef block =
        hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_alloc), (LLVMValueRef[]){e->ctx, nbytes}, 2);
    LLVMAddCallSiteAttribute(block, LLVMAttributeReturnIndex, hl_lower_attr(e->m, ATTR_NOALIAS, 0));
    leave_without(e, block, shape);
    return block;
}

/* Strides grow from the fastest axis on. All are 0 in an array without elements, as NumPy has it. */
static void set_strides(Emitter *e, const Shape *shape, int layout, LLVMValueRef nbytes,
                        LLVMValueRef *strides) {
    LLVMValueRef zero = hl_lower_i64(e->m, 0), stride = hl_lower_i64(e->m, shape->item_nbytes);
    LLVMValueRef empty = shape->ndim ? LLVMBuildICmp(e->b, LLVMIntEQ, nbytes, zero, "empty") : NULL;
    for (unsigned i = 0; i < shape->ndim; i++) {
        unsigned axis = layout == LAYOUT_F ? i : shape->ndim - 1 - i;
        strides[axis] = LLVMBuildSelect(e->b, empty, zero, stride, "");
        stride = LLVMBuildMul(e->b, stride, shape->dims[axis], "");
    }
}

void hl_lower_array_alloc(Emitter *e, Ref r, int detail) {
    (void)detail;
    Shape shape = shape_of(e, r);
    LLVMValueRef *parts = hl_lower_parts(e, r), header = hl_lower_i64(e->m, sizeof(HlBlock));
    LLVMValueRef nbytes = total_nbytes(e, &shape);
    parts[0] = allocate(e, &shape, nbytes);
    parts[1] = LLVMBuildInBoundsGEP2(e->b, e->m->i8, parts[0], &header, 1, "data");
    for (unsigned i = 0; i < shape.ndim; i++)
        parts[2 + i] = shape.dims[i];
    set_strides(e, &shape, hl_ins(e->f, r)->type->layout, nbytes, parts + 2 + shape.ndim);
}

/* ---- references ------------------------------------------------------------------------------ */

/* How references are counted: of blocks and of Python's objects, inlined or not. */
typedef struct Count {
    RtId block, object;
    bool failing; /* on the way out with an error, where nothing is inlined */
} Count;
static const Count retain = {RT_retain, RT_object_retain, false};
static const Count release = {RT_release, RT_object_release, false};
static const Count release_failing = {RT_release, RT_object_release, true};

/* One call for each array, list and object in a value of this type; parts are its components. An absent optional has a
 * NULL owner, which all of them ignore. */
static void count_owners(Emitter *e, const Type *type, LLVMValueRef *parts, const Count *count) {
    if (hl_type_is_counted(type) || type->kind == TY_OBJECT) {
        RtId function = type->kind == TY_OBJECT ? count->object : count->block;
        const Callee *callee = hl_lower_rt_callee(e->m, function);
        LLVMValueRef call = type->kind == TY_OBJECT
                                ? hl_lower_emit_call(e, callee, (LLVMValueRef[]){e->ctx, parts[0]}, 2)
                                : hl_lower_emit_call(e, callee, parts, 1);
        if (count->failing)
            LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, hl_lower_attr(e->m, ATTR_NOINLINE, 0));
        return;
    }
    parts += hl_lower_parts_start(type);
    for (uint32_t i = 0; i < type->nargs; parts += hl_type_ncomponents(type->args[i++]))
        count_owners(e, type->args[i], parts, count);
}

static void count_value(Emitter *e, Ref value, const Count *count) {
    count_owners(e, hl_ins(e->f, value)->type, hl_lower_parts(e, value), count);
}

void hl_lower_count_reference(Emitter *e, Ref r, int rt) {
    count_value(e, hl_ins(e->f, r)->args[0], rt == RT_retain ? &retain : &release);
}

void hl_lower_retain(Emitter *e, Ref value) {
    count_value(e, value, &retain);
}

void hl_lower_release(Emitter *e, Ref value) {
    count_value(e, value, &release_failing);
}
