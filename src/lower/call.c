/* Calls: of compiled functions, which return their components and a status, and of the C runtime. */
#include <string.h>

#include "lower/internal.h"

LLVMValueRef hl_lower_emit_call(Emitter *e, const Callee *callee, LLVMValueRef *args, unsigned nargs) {
    LLVMValueRef call = LLVMBuildCall2(e->b, callee->type, callee->fn, args, nargs, "");
    LLVMSetInstructionCallConv(call, LLVMGetFunctionCallConv(callee->fn));
    return call;
}

/* ctx and the components of all operands; *n is how many. An operand for a parameter without components is
 * skipped. */
static LLVMValueRef *arguments(Emitter *e, const Ins *ins, const Type *const *param_types, bool ctx,
                               unsigned *n) {
    uint32_t total = 1;
    for (uint32_t i = 0; i < ins->nargs; i++)
        total += hl_lower_nparts(e, ins->args[i]);
    LLVMValueRef *args = hl_new_array(&e->c->arena, LLVMValueRef, total);
    *n = 0;
    if (ctx) args[(*n)++] = e->ctx;
    for (uint32_t i = 0; i < ins->nargs; i++) {
        if (param_types && hl_type_ncomponents(param_types[i]) == 0) continue;
        uint32_t parts = hl_lower_nparts(e, ins->args[i]);
        memcpy(args + *n, hl_lower_parts(e, ins->args[i]), parts * sizeof *args);
        *n += parts;
    }
    return args;
}

static bool arguments_fit(Emitter *e, const Ins *ins, const Callee *callee, unsigned nargs) {
    if (nargs == LLVMCountParamTypes(callee->type)) return true;
    hl_lower_fail(e, "%u argument components for %u parameters in a call with %u operands", nargs,
                  LLVMCountParamTypes(callee->type), ins->nargs);
    return false;
}

/* The first components of the struct that a call returned. */
static void take_result(Emitter *e, Ref r, LLVMValueRef result) {
    for (uint32_t i = 0; i < hl_lower_nparts(e, r); i++)
        hl_lower_parts(e, r)[i] = LLVMBuildExtractValue(e->b, result, i, "");
}

void hl_lower_call(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    const Callee *callee = hl_map_get(&e->m->functions, (uintptr_t)ins->aux.func);
    if (!callee || ins->nargs != ins->aux.func->nparams) {
        hl_lower_fail(e, callee ? "wrong number of arguments for %s" : "%s is not in the module",
                      ins->aux.func->name);
        return;
    }
    unsigned n, status = LLVMCountStructElementTypes(LLVMGetReturnType(callee->type)) - 1;
    LLVMValueRef *args = arguments(e, ins, ins->aux.func->param_types, true, &n);
    if (!arguments_fit(e, ins, callee, n)) return;
    if (hl_lower_nparts(e, r) != status) {
        hl_lower_fail(e, "the result of %s has %u components", ins->aux.func->name, status);
        return;
    }
    LLVMValueRef result = hl_lower_emit_call(e, callee, args, n);
    LLVMValueRef failed = LLVMBuildExtractValue(e->b, result, status, "status");
    hl_lower_unwind_unless(e, LLVMBuildICmp(e->b, LLVMIntEQ, failed, hl_lower_i32(e->m, 0), ""));
    take_result(e, r, result);
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

void hl_lower_rt(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    const RtRow *row = &hl_lower_rt_rows[ins->aux.i];
    const Callee *callee = hl_lower_rt_callee(e->m, (RtId)ins->aux.i);
    unsigned n;
    LLVMValueRef *args = arguments(e, ins, NULL, !strncmp(row->arguments, "ctx", 3), &n);
    if (!arguments_fit(e, ins, callee, n)) return;
    LLVMValueRef result = hl_lower_emit_call(e, callee, args, n);
    mark_effects(e, result, row->effects);
    if (ins->aux.i == RT_alloc)
        LLVMAddCallSiteAttribute(result, LLVMAttributeReturnIndex, hl_lower_attr(e->m, ATTR_NOALIAS, 0));
    if (row->effects == RAISE) hl_lower_test_status(e);
    if (hl_lower_nparts(e, r) == 1)
        hl_lower_set(e, r, result);
    else
        take_result(e, r, result);
}
