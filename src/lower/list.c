/* Lists: a pointer to an HlList. Length and items are read in line, everything else is a call of the runtime.
 *
 * The header is memory of its own kind to LLVM, so storing elements of arrays does not make it read a length again. */
#include <stddef.h>

#include "lower/internal.h"

/* The type of an item, in storage form. */
static const Type *item_of(const Emitter *e, Ref r) {
    return hl_ins(e->f, hl_ins(e->f, r)->args[0])->type->args[0];
}

static LLVMValueRef offset(const Emitter *e, LLVMValueRef base, LLVMValueRef nbytes) {
    return LLVMBuildInBoundsGEP2(e->b, e->m->i8, base, &nbytes, 1, "");
}

static LLVMValueRef header(const Emitter *e, LLVMValueRef list, LLVMTypeRef type, size_t at,
                           const char *name) {
    LLVMValueRef value = LLVMBuildLoad2(e->b, type, offset(e, list, hl_lower_i64(e->m, (int64_t)at)), name);
    hl_lower_mark_list(e->m, value);
    return value;
}

static LLVMValueRef call(Emitter *e, RtId id, LLVMValueRef *args, unsigned n) {
    LLVMValueRef result = hl_lower_emit_call(e, hl_lower_rt_callee(e->m, id), args, n);
    return result;
}

void hl_lower_list_new(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef list = call(e, RT_list_new, &e->ctx, 1);
    LLVMAddCallSiteAttribute(list, LLVMAttributeReturnIndex, hl_lower_attr(e->m, ATTR_NOALIAS, 0));
    hl_lower_test_status(e);
    hl_lower_set(e, r, list);
}

void hl_lower_list_len(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, header(e, hl_lower_operand(e, r, 0), e->m->i64, offsetof(HlList, len), "len"));
}

/* What the runtime has to know of an item. */
static LLVMValueRef nbytes_of(const Emitter *e, const Type *item) {
    return hl_lower_i64(e->m, hl_type_item_nbytes(item));
}

static LLVMValueRef refs_of(const Emitter *e, const Type *item) {
    return hl_lower_i64(e->m, (int64_t)hl_type_item_refs(item));
}

void hl_lower_list_push(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Type *item = item_of(e, r);
    LLVMValueRef args[] = {e->ctx, hl_lower_operand(e, r, 0), nbytes_of(e, item), refs_of(e, item)};
    LLVMValueRef index = call(e, RT_list_push, args, 4);
    hl_lower_test_status(e);
    hl_lower_set(e, r, index);
}

void hl_lower_list_resize(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Type *item = item_of(e, r);
    LLVMValueRef args[] = {e->ctx, hl_lower_operand(e, r, 0), hl_lower_operand(e, r, 1), nbytes_of(e, item),
                           refs_of(e, item)};
    call(e, RT_list_resize, args, 5);
    hl_lower_test_status(e);
}

void hl_lower_list_rotate(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef args[] = {hl_lower_operand(e, r, 0), hl_lower_operand(e, r, 1), hl_lower_operand(e, r, 2)};
    call(e, RT_list_rotate, args, 3);
}

/* ---- items ------------------------------------------------------------------------------------- */

/* A leaf of an item in memory: its components lie side by side, or in slots of 8 bytes. */
typedef struct Leaf {
    LLVMValueRef address;
    const Type **types; /* of its components */
    uint32_t n, stride;
} Leaf;

static Leaf leaf_at(Emitter *e, Ref r) {
    const Ins *ins = hl_ins(e->f, r);
    const Type *item = item_of(e, r);
    uint32_t component, nbytes = hl_type_item_nbytes(item);
    const Type *type = hl_type_item_leaf(item, (uint32_t)ins->aux.i, &component);
    Leaf leaf = {.stride = hl_type_ncomponents(item) == 1 ? nbytes : 8};
    leaf.types = hl_lower_components(e->m, &type, 1, &leaf.n);
    LLVMValueRef items = header(e, hl_lower_operand(e, r, 0), e->m->ptr, offsetof(HlList, items), "items");
    LLVMTypeRef whole = LLVMArrayType2(e->m->i8, nbytes);
    LLVMValueRef index = hl_lower_operand(e, r, 1);
    leaf.address = LLVMBuildInBoundsGEP2(e->b, whole, items, &index, 1, "item");
    leaf.address = offset(e, leaf.address, hl_lower_i64(e->m, 8 * component));
    return leaf;
}

static LLVMValueRef component_address(const Emitter *e, const Leaf *leaf, uint32_t i) {
    return i ? offset(e, leaf->address, hl_lower_i64(e->m, (int64_t)i * leaf->stride)) : leaf->address;
}

static unsigned align_of(const Leaf *leaf, uint32_t i) {
    return leaf->stride == 8 ? 8 : (unsigned)hl_type_nbytes(leaf->types[i]);
}

void hl_lower_list_load(Emitter *e, Ref r, int detail) {
    (void)detail;
    Leaf leaf = leaf_at(e, r);
    for (uint32_t i = 0; i < leaf.n; i++)
        hl_lower_parts(e, r)[i] =
            hl_lower_load_scalar(e, leaf.types[i], component_address(e, &leaf, i), align_of(&leaf, i));
    if (hl_type_is_counted(hl_ins(e->f, r)->type)) call(e, RT_retain, hl_lower_parts(e, r), 1);
}

void hl_lower_list_store(Emitter *e, Ref r, int detail) {
    (void)detail;
    Leaf leaf = leaf_at(e, r);
    Ref value = hl_ins(e->f, r)->args[2];
    bool counted = hl_type_is_counted(hl_ins(e->f, value)->type);
    LLVMValueRef old = counted ? hl_lower_load_scalar(e, leaf.types[0], leaf.address, 8) : NULL;
    if (counted) call(e, RT_retain, hl_lower_parts(e, value), 1);
    for (uint32_t i = 0; i < leaf.n; i++)
        hl_lower_store_scalar(e, leaf.types[i], hl_lower_value(e, value, i), component_address(e, &leaf, i),
                              align_of(&leaf, i));
    if (counted) call(e, RT_release, &old, 1);
}
