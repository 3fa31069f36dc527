/* Calls of Python objects: the arguments' components in slots on the stack, what they are in constant data. */
#include "lower/internal.h"

static LLVMValueRef store_arguments(Emitter *e, const Ins *ins) {
    Module *m = e->m;
    uint32_t total = 0, at = 0;
    for (uint32_t i = 0; i < ins->nargs; i++)
        total += hl_lower_nparts(e, ins->args[i]);
    LLVMValueRef slots = hl_lower_stack(e, LLVMArrayType2(m->i64, total + 1), 8, "arguments");
    for (uint32_t i = 0; i < ins->nargs; i++) {
        uint32_t n;
        const Type **types = hl_lower_components(m, &hl_ins(e->f, ins->args[i])->type, 1, &n);
        for (uint32_t k = 0; k < n; k++, at++) {
            LLVMValueRef index = hl_lower_i64(m, at);
            LLVMValueRef slot = LLVMBuildInBoundsGEP2(e->b, m->i64, slots, &index, 1, "");
            LLVMBuildStore(e->b, hl_lower_to_slot(m, e->b, hl_lower_value(e, ins->args[i], k), types[k]),
                           slot);
        }
    }
    return slots;
}

void hl_lower_foreign(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    LLVMValueRef args[] = {e->ctx, hl_lower_site(e->m, ins->aux.error), store_arguments(e, ins)};
    hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_foreign_call), args, 3);
    hl_lower_test_status(e);
}
