/* Values of several components: complex numbers, tuples, optionals, and the parts of an array value. No code
 * comes of them: components are only passed on. */
#include <string.h>

#include "lower/internal.h"

/* n components of `from`, starting with number `start`, become those of r from `at` on. */
static void copy_parts(Emitter *e, Ref r, uint32_t at, Ref from, uint32_t start, uint32_t n) {
    memcpy(hl_lower_parts(e, r) + at, hl_lower_parts(e, from) + start, n * sizeof(LLVMValueRef));
}

/* All components of all operands in order. */
void hl_lower_concat(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    uint32_t total = 0;
    for (uint32_t i = 0; i < ins->nargs; i++)
        total += hl_lower_nparts(e, ins->args[i]);
    if (total != hl_lower_nparts(e, r)) {
        hl_lower_fail(e, "the parts have %u components and %s has %u", total, hl_type_text(ins->type),
                      hl_lower_nparts(e, r));
        return;
    }
    for (uint32_t i = 0, at = 0; i < ins->nargs; at += hl_lower_nparts(e, ins->args[i++]))
        copy_parts(e, r, at, ins->args[i], 0, hl_lower_nparts(e, ins->args[i]));
}

/* A scalar at a fixed place: creal, cimag, opt.has, array.data. */
void hl_lower_component(Emitter *e, Ref r, int number) {
    copy_parts(e, r, 0, hl_ins(e->f, r)->args[0], (uint32_t)number, 1);
}

/* Everything from a fixed place on: opt.get. */
void hl_lower_slice_from(Emitter *e, Ref r, int start) {
    copy_parts(e, r, 0, hl_ins(e->f, r)->args[0], (uint32_t)start, hl_lower_nparts(e, r));
}

void hl_lower_tuple_get(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    const Type *tuple = hl_ins(e->f, ins->args[0])->type;
    uint32_t start = 0;
    for (int64_t i = 0; i < ins->aux.i; i++)
        start += hl_type_ncomponents(tuple->args[i]);
    copy_parts(e, r, 0, ins->args[0], start, hl_lower_nparts(e, r));
}

void hl_lower_opt_some(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, LLVMConstInt(e->m->i1, 1, false));
    copy_parts(e, r, 1, hl_ins(e->f, r)->args[0], 0, hl_lower_nparts(e, r) - 1);
}

/* ---- arrays: owner, data, shape, strides ----------------------------------------------------- */

/* data ptr, shape and strides: the operands from number `first_arg` on, behind the owner. */
static void copy_view(Emitter *e, Ref r, uint32_t first_arg) {
    const Ins *ins = hl_ins(e->f, r);
    for (uint32_t i = first_arg; i < ins->nargs; i++)
        hl_lower_parts(e, r)[1 + i - first_arg] = hl_lower_operand(e, r, i);
}

/* llvm.ptrmask and not integers, so that LLVM goes on knowing which allocation it points to. */
LLVMValueRef hl_lower_block_of(Emitter *e, LLVMValueRef base) {
    Module *m = e->m;
    LLVMValueRef mask[] = {base, hl_lower_i64(m, -HL_VIEW_PLACES)};
    LLVMTypeRef types[] = {m->ptr, m->i64}, signature = LLVMFunctionType(m->ptr, types, 2, false);
    unsigned id = LLVMLookupIntrinsicID("llvm.ptrmask", strlen("llvm.ptrmask"));
    LLVMValueRef declared = LLVMGetIntrinsicDeclaration(m->llvm, id, types, 2);
    return LLVMBuildCall2(e->b, signature, declared, mask, 2, "");
}

/* The owner of a view: the base's block, marked with the number of this place (runtime.h). */
static LLVMValueRef view_owner(Emitter *e, LLVMValueRef base) {
    if (LLVMIsNull(base)) return base; /* constant data */
    LLVMValueRef place = hl_lower_i64(e->m, 1 + e->nviews++ % (HL_VIEW_PLACES - 1));
    return LLVMBuildGEP2(e->b, e->m->i8, hl_lower_block_of(e, base), &place, 1, "owner");
}

void hl_lower_array_make(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, view_owner(e, hl_lower_operand(e, r, 0)));
    copy_view(e, r, 1);
}

/* One owner, and the same data, shape and strides; of lists, one block. */
void hl_lower_array_same(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    LLVMValueRef *a = hl_lower_parts(e, ins->args[0]), *b = hl_lower_parts(e, ins->args[1]);
    LLVMValueRef owner =
        hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_same_owner), (LLVMValueRef[]){a[0], b[0]}, 2);
    LLVMValueRef same = LLVMBuildICmp(e->b, LLVMIntNE, owner, hl_lower_i64(e->m, 0), "");
    for (uint32_t i = 1; i < hl_lower_nparts(e, ins->args[0]); i++)
        same = LLVMBuildAnd(e->b, same, LLVMBuildICmp(e->b, LLVMIntEQ, a[i], b[i], ""), "");
    hl_lower_set(e, r, same);
}

void hl_lower_array_const(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, LLVMConstNull(e->m->ptr));
    copy_view(e, r, 0);
}

void hl_lower_array_dim(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    copy_parts(e, r, 0, ins->args[0], 2 + (uint32_t)ins->aux.i, 1);
}

void hl_lower_array_stride(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    copy_parts(e, r, 0, ins->args[0], 2 + hl_ins(e->f, ins->args[0])->type->ndim + (uint32_t)ins->aux.i, 1);
}
