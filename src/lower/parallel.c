/* Parallel loops: the captured values go into slots, and a function of C's calling convention, which every thread of
 * the region calls, takes them out again and calls the body:
 *
 *     int32_t body.task(HlContext *ctx, int64_t part, int64_t from, int64_t to, const uint64_t *captured)
 */
#include "lower/internal.h"

enum { OWN_PARAMS = 4, CAPTURED = OWN_PARAMS };

/* The body is not inlined into it: parameters tell LLVM more than loaded values. */
static LLVMValueRef call_body(Module *m, const Func *body, LLVMBuilderRef b, LLVMValueRef task) {
    const Callee *callee = hl_map_get(&m->functions, (uintptr_t)body);
    uint32_t n;
    const Type **types = hl_lower_components(m, body->param_types + 3, body->nparams - 3, &n);
    LLVMValueRef *args = hl_new_array(&m->c->arena, LLVMValueRef, OWN_PARAMS + n);
    for (unsigned i = 0; i < OWN_PARAMS; i++)
        args[i] = LLVMGetParam(task, i);
    for (uint32_t i = 0; i < n; i++)
        args[OWN_PARAMS + i] = hl_lower_load_slot(m, b, LLVMGetParam(task, CAPTURED), i, types[i]);
    LLVMValueRef call = LLVMBuildCall2(b, callee->type, callee->fn, args, OWN_PARAMS + n, "");
    LLVMSetInstructionCallConv(call, LLVMFastCallConv);
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, hl_lower_attr(m, ATTR_NOINLINE, 0));
    return LLVMBuildExtractValue(b, call, 0, "status");
}

static LLVMValueRef define_task(Module *m, const Func *body) {
    LLVMTypeRef params[] = {m->ptr, m->i64, m->i64, m->i64, m->ptr};
    const char *name = hl_arena_printf(&m->c->arena, "%s.task", body->name);
    LLVMValueRef task =
        LLVMAddFunction(m->llvm, name, LLVMFunctionType(m->i32, params, OWN_PARAMS + 1, false));
    LLVMSetLinkage(task, LLVMInternalLinkage);
    hl_lower_function_attrs(m, task, false);
    hl_lower_ctx_attrs(m, task);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(m->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(m->context, task, "entry"));
    LLVMBuildRet(b, call_body(m, body, b, task));
    LLVMDisposeBuilder(b);
    return task;
}

/* All captured components, from operand 2 on, in slots on the stack. */
static LLVMValueRef store_captured(Emitter *e, const Ins *ins) {
    const Func *body = ins->aux.func;
    uint32_t n, at = 0;
    const Type **types = hl_lower_components(e->m, body->param_types + 3, body->nparams - 3, &n);
    LLVMValueRef slots = hl_lower_stack(e, LLVMArrayType2(e->m->i64, n), 8, "captured");
    LLVMValueRef *parts = hl_new_array(&e->c->arena, LLVMValueRef, n + 1);
    for (uint32_t i = 2; i < ins->nargs; at += hl_type_ncomponents(body->param_types[++i]))
        if (!hl_lower_cross_out(e, body->param_types[i + 1], ins->args[i], parts + at)) return NULL;
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef bits = hl_lower_to_slot(e->m, e->b, parts[i], types[i]);
        hl_lower_mark_private(e->m, LLVMBuildStore(e->b, bits, hl_lower_slot_address(e->m, e->b, slots, i)));
    }
    return slots;
}

void hl_lower_parallel(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    LLVMValueRef captured = store_captured(e, ins);
    if (!captured) return;
    LLVMValueRef args[] = {e->ctx, define_task(e->m, ins->aux.func), captured, hl_lower_operand(e, r, 0),
                           hl_lower_operand(e, r, 1)};
    LLVMValueRef status = hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_parallel_run), args, 5);
    hl_lower_follow_unless(e, LLVMBuildICmp(e->b, LLVMIntEQ, status, hl_lower_i64(e->m, 0), ""));
}
