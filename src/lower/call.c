/* Calls: of compiled functions, which return their components and a status, and of the C runtime. */
#include <string.h>

#include "lower/internal.h"

LLVMValueRef hl_lower_emit_call(Emitter *e, const Callee *callee, LLVMValueRef *args, unsigned nargs) {
    LLVMValueRef call = LLVMBuildCall2(e->b, callee->type, callee->fn, args, nargs, "");
    LLVMSetInstructionCallConv(call, LLVMGetFunctionCallConv(callee->fn));
    return call;
}

/* Room for ctx and the components of all operands. */
static LLVMValueRef *argument_room(const Emitter *e, const Ins *ins) {
    uint32_t total = 1;
    for (uint32_t i = 0; i < ins->nargs; i++)
        total += hl_lower_nparts(e, ins->args[i]);
    return hl_new_array(&e->c->arena, LLVMValueRef, total);
}

/* The arguments for a compiled function; NULL when they do not fit its parameters. */
static LLVMValueRef *arguments(Emitter *e, const Ins *ins, const Func *callee) {
    LLVMValueRef *args = argument_room(e, ins);
    args[0] = e->ctx;
    for (uint32_t i = 0, n = 1; i < ins->nargs; n += hl_type_ncomponents(callee->param_types[i++]))
        if (!hl_lower_cross_out(e, callee->param_types[i], ins->args[i], args + n)) return NULL;
    return args;
}

void hl_lower_call(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    const Func *f = ins->aux.func;
    const Callee *callee = hl_map_get(&e->m->functions, (uintptr_t)f);
    if (!callee || ins->nargs != f->nparams) {
        hl_lower_fail(e, callee ? "wrong number of arguments for %s" : "%s is not in the module", f->name);
        return;
    }
    LLVMValueRef *args = arguments(e, ins, f);
    if (!args) return;
    LLVMValueRef result = hl_lower_emit_call(e, callee, args, LLVMCountParamTypes(callee->type));
    unsigned n = hl_type_ncomponents(f->result);
    LLVMValueRef *parts = hl_new_array(&e->c->arena, LLVMValueRef, n + 1);
    for (unsigned i = 0; i <= n; i++)
        parts[i] = LLVMBuildExtractValue(e->b, result, i, "");
    LLVMValueRef good = LLVMBuildICmp(e->b, LLVMIntEQ, parts[n], hl_lower_i32(e->m, 0), "");
    if (f->cold || f->part)
        hl_lower_follow_unless(e, good);
    else
        hl_lower_unwind_unless(e, good);
    hl_lower_cross_in(e, f->result, r, parts);
}

/* ---- the runtime ----------------------------------------------------------------------------- */

/* What LLVM may assume beyond what it finds in the runtime's bitcode. LLVM encodes `memory` in two bits a
 * location, that of arguments first: 0 is none, 1 reads behind the pointer arguments. */
static void mark_effects(Emitter *e, LLVMValueRef call, int effects) {
    if (effects != PURE && effects != READ) return;
    const Module *m = e->m;
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex,
                             hl_lower_attr(m, ATTR_MEMORY, effects == READ));
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, hl_lower_attr(m, ATTR_WILLRETURN, 0));
}

/* One component is the result itself, two are a struct that C returns in registers. */
static void take_rt_result(Emitter *e, Ref r, LLVMValueRef result) {
    if (hl_lower_nparts(e, r) == 1) {
        hl_lower_set(e, r, result);
        return;
    }
    for (uint32_t i = 0; i < hl_lower_nparts(e, r); i++)
        hl_lower_parts(e, r)[i] = LLVMBuildExtractValue(e->b, result, i, "");
}

static LLVMValueRef call_rt(Emitter *e, const Ins *ins, const RtRow *row) {
    LLVMValueRef *args = argument_room(e, ins);
    unsigned n = 0;
    if (!strncmp(row->arguments, "ctx", 3)) args[n++] = e->ctx;
    for (uint32_t i = 0; i < ins->nargs; i++)
        for (uint32_t k = 0; k < hl_lower_nparts(e, ins->args[i]); k++)
            args[n++] = hl_lower_value(e, ins->args[i], k);
    const Callee *callee = hl_lower_rt_callee(e->m, (RtId)ins->aux.i);
    if (n == LLVMCountParamTypes(callee->type)) return hl_lower_emit_call(e, callee, args, n);
    hl_lower_fail(e, "%s takes %u components, not %u", row->symbol, LLVMCountParamTypes(callee->type), n);
    return NULL;
}

void hl_lower_rt(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    const RtRow *row = &hl_lower_rt_rows[ins->aux.i];
    LLVMValueRef result = call_rt(e, ins, row);
    if (!result) return;
    mark_effects(e, result, row->effects);
    if (row->effects == RAISE) hl_lower_test_status(e);
    take_rt_result(e, r, result);
}
