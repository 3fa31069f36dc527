/* Loads and stores: of array elements, and through raw pointers.
 *
 * Addresses of elements follow what LLVM's analyses know best. Layout C is addressed as C compilers address
 * `double (*a)[n]`: a row pointer from the leading indices and the sizes, then the last index, so that its
 * unit stride is visible and the row is invariant in the inner loop; layout F is the same from the other end.
 * The strides of such arrays are never read. In layout A the strides are run-time values; where they are
 * multiples of the element size (all aligned scalars) the index is multiplied by stride / size, because then
 * the loop vectoriser can make a version for stride 1. Indices are in range, so none of this overflows and
 * every pointer stays inside its allocation. */
#include <stddef.h>
#include <string.h>

#include "lower/internal.h"
#include "runtime/runtime.h"

/* ---- element addresses ----------------------------------------------------------------------- */

typedef struct Access {
    Ref array;
    const Ref *index;
    const Type *type;    /* of the array */
    const Type *part;    /* scalar of the element: f64 of a c128 */
    LLVMTypeRef element; /* in memory */
    unsigned align;
} Access;

static unsigned scalar_nbytes(const Type *scalar) {
    return (unsigned)hl_type_nbytes(scalar);
}

static Access describe(const Emitter *e, const Ins *ins) {
    const Type *type = hl_ins(e->f, ins->args[0])->type, *element = type->args[0];
    Access a = {
        .array = ins->args[0], .index = ins->args + 1, .type = type, .part = hl_type_real_of(element)};
    a.element = hl_lower_memory_type(e->m, a.part);
    if (a.part != element) a.element = LLVMArrayType2(a.element, 2);
    a.align = type->unaligned ? 1 : scalar_nbytes(a.part);
    return a;
}

static LLVMValueRef data_of(const Emitter *e, const Access *a) {
    return hl_lower_value(e, a->array, 1);
}

static LLVMValueRef step(const Emitter *e, LLVMTypeRef unit, LLVMValueRef base, LLVMValueRef index) {
    return LLVMBuildInBoundsGEP2(e->b, unit, base, &index, 1, "");
}

static LLVMValueRef no_wrap(LLVMValueRef value) {
    if (LLVMIsAInstruction(value)) {
        LLVMSetNSW(value, true);
        LLVMSetNUW(value, true);
    }
    return value;
}

/* Axes first, first + direction, ... from the slowest to the fastest, which has unit stride. */
static LLVMValueRef contiguous_address(Emitter *e, const Access *a, int first, int direction) {
    int ndim = a->type->ndim, axis = first;
    LLVMValueRef linear = hl_lower_value(e, a->index[axis], 0);
    if (ndim == 1) return step(e, a->element, data_of(e, a), linear);
    for (int i = 1; i < ndim; i++) {
        axis += direction;
        linear = no_wrap(LLVMBuildMul(e->b, linear, hl_lower_value(e, a->array, 2 + (uint32_t)axis), ""));
        if (i + 1 < ndim)
            linear = no_wrap(LLVMBuildAdd(e->b, linear, hl_lower_value(e, a->index[axis], 0), ""));
    }
    LLVMValueRef row = step(e, a->element, data_of(e, a), linear);
    return step(e, a->element, row, hl_lower_value(e, a->index[axis], 0));
}

/* Is every stride (of an axis longer than 1) a multiple of the element's size? */
static bool strides_are_multiples(const Access *a) {
    return !a->type->unaligned && a->part == a->type->args[0];
}

static LLVMValueRef strided_address(Emitter *e, const Access *a) {
    bool multiples = strides_are_multiples(a);
    LLVMTypeRef unit = multiples ? a->element : e->m->i8;
    LLVMValueRef shift = hl_lower_i64(e->m, __builtin_ctz(scalar_nbytes(a->part))), address = data_of(e, a);
    for (uint32_t axis = 0; axis < a->type->ndim; axis++) {
        LLVMValueRef stride = hl_lower_value(e, a->array, 2u + a->type->ndim + axis);
        if (multiples) stride = LLVMBuildAShr(e->b, stride, shift, "");
        LLVMValueRef offset = LLVMBuildMul(e->b, hl_lower_value(e, a->index[axis], 0), stride, "");
        if (LLVMIsAInstruction(offset)) LLVMSetNSW(offset, true);
        address = step(e, unit, address, offset);
    }
    return address;
}

static LLVMValueRef address_of(Emitter *e, const Access *a) {
    if (a->type->ndim == 0) return data_of(e, a);
    switch (a->type->layout) {
    case LAYOUT_C: return contiguous_address(e, a, 0, 1);
    case LAYOUT_F: return contiguous_address(e, a, a->type->ndim - 1, -1);
    default: return strided_address(e, a);
    }
}

/* ---- arrays that overlap nowhere --------------------------------------------------------------- */

/* "function.array" as metadata: LLVM knows a scope by its name and its domain. */
static LLVMMetadataRef scope_of(const Emitter *e, LLVMMetadataRef domain, Ref array) {
    const char *name = hl_arena_printf(&e->c->arena, "%s.%u", e->f->name, array);
    LLVMMetadataRef parts[] = {LLVMMDStringInContext2(e->m->context, name, strlen(name)), domain};
    return LLVMMDNodeInContext2(e->m->context, parts, 2);
}

static LLVMMetadataRef domain_of(const Emitter *e) {
    LLVMMetadataRef name = LLVMMDStringInContext2(e->m->context, e->f->name, strlen(e->f->name));
    return LLVMMDNodeInContext2(e->m->context, &name, 1);
}

/* The scopes of the arrays that are apart from this one: those of the same number. */
static LLVMValueRef other_scopes(const Emitter *e, LLVMMetadataRef domain, Ref array) {
    const Ins *own = hl_ins(e->f, array);
    const Block *block = hl_block(e->f, own->block);
    LLVMMetadataRef *scopes = hl_new_array(&e->c->arena, LLVMMetadataRef, block->ins.len);
    uint32_t n = 0;
    for (uint32_t i = 0; i < block->ins.len; i++) {
        Ref r = block->ins.data[i];
        const Ins *ins = hl_ins(e->f, r);
        if (ins->op == OP_ARRAY_APART && ins->aux.i == own->aux.i && r != array)
            scopes[n++] = scope_of(e, domain, r);
    }
    return LLVMMetadataAsValue(e->m->context, LLVMMDNodeInContext2(e->m->context, scopes, n));
}

static LLVMValueRef own_scope(const Emitter *e, LLVMMetadataRef domain, Ref array) {
    LLVMMetadataRef scope = scope_of(e, domain, array);
    return LLVMMetadataAsValue(e->m->context, LLVMMDNodeInContext2(e->m->context, &scope, 1));
}

/* The same array. Where this stands in a loop, as it may when its function is inlined, it is apart from the others within
 * one round: that is what llvm.experimental.noalias.scope.decl says. */
void hl_lower_array_apart(Emitter *e, Ref r, int detail) {
    static const char name[] = "llvm.experimental.noalias.scope.decl";
    LLVMModuleRef module = e->m->llvm;
    LLVMValueRef declare =
        LLVMGetIntrinsicDeclaration(module, LLVMLookupIntrinsicID(name, sizeof name - 1), NULL, 0);
    LLVMValueRef scope = own_scope(e, domain_of(e), r);
    LLVMBuildCall2(e->b, LLVMGlobalGetValueType(declare), declare, &scope, 1, "");
    hl_lower_concat(e, r, detail);
}

/* Tells LLVM of a load or store what array.apart says of its array. */
static void mark_apart(const Emitter *e, Ref array, LLVMValueRef access) {
    if (!array || hl_ins(e->f, array)->op != OP_ARRAY_APART) return;
    LLVMMetadataRef domain = domain_of(e);
    LLVMSetMetadata(access, e->m->scope_kind, own_scope(e, domain, array));
    LLVMSetMetadata(access, e->m->noalias_kind, other_scopes(e, domain, array));
}

/* ---- elements in memory: one scalar, or the two of a complex number ---- */

/* A byte that holds a bool need not be 0 or 1 (views of other types): anything but 0 is true. */
static LLVMValueRef load_scalar(Emitter *e, const Type *type, LLVMValueRef address, unsigned align,
                                Ref array) {
    LLVMValueRef value = LLVMBuildLoad2(e->b, hl_lower_memory_type(e->m, type), address, "");
    LLVMSetAlignment(value, align);
    hl_lower_mark_data(e->m, value);
    mark_apart(e, array, value);
    if (type->kind != TY_B1) return value;
    return LLVMBuildICmp(e->b, LLVMIntNE, value, LLVMConstNull(e->m->i8), "");
}

static void store_scalar(Emitter *e, const Type *type, LLVMValueRef value, LLVMValueRef address,
                         unsigned align, Ref array) {
    if (type->kind == TY_B1) value = LLVMBuildZExt(e->b, value, e->m->i8, "");
    LLVMValueRef store = LLVMBuildStore(e->b, value, address);
    LLVMSetAlignment(store, align);
    hl_lower_mark_data(e->m, store);
    mark_apart(e, array, store);
}

LLVMValueRef hl_lower_load_scalar(Emitter *e, const Type *type, LLVMValueRef address, unsigned align) {
    return load_scalar(e, type, address, align, 0);
}

void hl_lower_store_scalar(Emitter *e, const Type *type, LLVMValueRef value, LLVMValueRef address,
                           unsigned align) {
    store_scalar(e, type, value, address, align, 0);
}

static LLVMValueRef part_address(const Emitter *e, const Type *part, LLVMValueRef address, uint32_t i) {
    return i ? step(e, e->m->scalar[part->kind], address, hl_lower_i64(e->m, i)) : address;
}

/* array: whose element it is; 0 where none is known. */
static void load_parts(Emitter *e, Ref r, const Type *part, LLVMValueRef address, unsigned align, Ref array) {
    for (uint32_t i = 0; i < hl_lower_nparts(e, r); i++)
        hl_lower_parts(e, r)[i] = load_scalar(e, part, part_address(e, part, address, i), align, array);
}

static void store_parts(Emitter *e, Ref value, const Type *part, LLVMValueRef address, unsigned align,
                        Ref array) {
    for (uint32_t i = 0; i < hl_lower_nparts(e, value); i++)
        store_scalar(e, part, hl_lower_value(e, value, i), part_address(e, part, address, i), align, array);
}

void hl_lower_array_load(Emitter *e, Ref r, int detail) {
    (void)detail;
    Access a = describe(e, hl_ins(e->f, r));
    load_parts(e, r, a.part, address_of(e, &a), a.align, a.array);
}

void hl_lower_array_store(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    Access a = describe(e, ins);
    store_parts(e, ins->args[ins->nargs - 1], a.part, address_of(e, &a), a.align, a.array);
}

/* The header of a block is no memory that elements lie in. */
void hl_lower_array_written(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef flag = hl_lower_i64(e->m, (int64_t)offsetof(HlBlock, written));
    LLVMValueRef block = hl_lower_block_of(e, hl_lower_value(e, hl_ins(e->f, r)->args[0], 0));
    LLVMValueRef store =
        LLVMBuildStore(e->b, LLVMConstInt(e->m->i32, 1, false), step(e, e->m->i8, block, flag));
    hl_lower_mark_list(e->m, store);
}

/* ---- raw pointers ---------------------------------------------------------------------------- */

void hl_lower_ptr_add(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef base = hl_lower_operand(e, r, 0), offset = hl_lower_operand(e, r, 1);
    bool inbounds = hl_ins(e->f, r)->flags & INS_INBOUNDS;
    hl_lower_set(e, r,
                 inbounds ? step(e, e->m->i8, base, offset)
                          : LLVMBuildGEP2(e->b, e->m->i8, base, &offset, 1, ""));
}

void hl_lower_load(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Type *part = hl_type_real_of(hl_ins(e->f, r)->type);
    load_parts(e, r, part, hl_lower_operand(e, r, 0), scalar_nbytes(part), 0);
}

void hl_lower_store(Emitter *e, Ref r, int detail) {
    (void)detail;
    Ref value = hl_ins(e->f, r)->args[1];
    const Type *part = hl_type_real_of(hl_ins(e->f, value)->type);
    store_parts(e, value, part, hl_lower_operand(e, r, 0), scalar_nbytes(part), 0);
}

void hl_lower_buffer(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMTypeRef bytes = LLVMArrayType2(e->m->i8, (uint64_t)hl_ins(e->f, r)->aux.i);
    hl_lower_set(e, r, hl_lower_stack(e, bytes, 64, "buffer"));
}

void hl_lower_memcpy(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMBuildMemCpy(e->b, hl_lower_operand(e, r, 0), 1, hl_lower_operand(e, r, 1), 1,
                    hl_lower_operand(e, r, 2));
}
