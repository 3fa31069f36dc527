/* Fresh arrays and reference counts. */
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

/* One call for size, memory and errors: what is not in line need not be compiled. Leaves when it raised. */
static LLVMValueRef allocate(Emitter *e, const Shape *shape) {
    LLVMValueRef args[5] = {e->ctx, hl_lower_i64(e->m, shape->kind), hl_lower_i64(e->m, shape->item_nbytes)};
    bool in_memory = shape->ndim < 1 || shape->ndim > 2;
    args[3] = in_memory ? hl_lower_i64(e->m, shape->ndim) : shape->dims[0];
    args[4] = in_memory ? spill(e, shape) : shape->ndim == 2 ? shape->dims[1] : NULL;
    RtId id = in_memory ? RT_alloc_nd : shape->ndim == 2 ? RT_alloc_2d : RT_alloc_1d;
    LLVMValueRef block = hl_lower_emit_call(e, hl_lower_rt_callee(e->m, id), args, args[4] ? 5 : 4);
    LLVMAddCallSiteAttribute(block, LLVMAttributeReturnIndex, hl_lower_attr(e->m, ATTR_NOALIAS, 0));
    hl_lower_unwind_unless(e, LLVMBuildIsNotNull(e->b, block, ""));
    return block;
}

static LLVMValueRef multiply(const Emitter *e, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef product = LLVMBuildMul(e->b, a, b, "");
    if (!LLVMIsAInstruction(product)) return product;
    LLVMSetNSW(product, true);
    LLVMSetNUW(product, true);
    return product;
}

/* Has the array no elements? */
static LLVMValueRef is_empty(const Emitter *e, const Shape *shape) {
    LLVMValueRef count = shape->dims[0];
    for (unsigned i = 1; i < shape->ndim; i++)
        count = multiply(e, count, shape->dims[i]);
    return LLVMBuildICmp(e->b, LLVMIntEQ, count, hl_lower_i64(e->m, 0), "empty");
}

/* Strides grow from the fastest axis on. All are 0 in an array without elements, as NumPy has it. */
static void set_strides(const Emitter *e, const Shape *shape, int layout, LLVMValueRef *strides) {
    LLVMValueRef zero = hl_lower_i64(e->m, 0), stride = hl_lower_i64(e->m, shape->item_nbytes);
    LLVMValueRef empty = shape->ndim ? is_empty(e, shape) : NULL;
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
    parts[0] = allocate(e, &shape);
    parts[1] = LLVMBuildInBoundsGEP2(e->b, e->m->i8, parts[0], &header, 1, "data");
    for (unsigned i = 0; i < shape.ndim; i++)
        parts[2 + i] = shape.dims[i];
    set_strides(e, &shape, hl_ins(e->f, r)->type->layout, parts + 2 + shape.ndim);
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
