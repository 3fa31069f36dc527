/* Parameters, phis, jumps, returns, and the poll that lets Ctrl-C in. */
#include <stddef.h>

#include "lower/internal.h"

void hl_lower_param(Emitter *e, Ref r, int detail) {
    (void)detail;
    int64_t number = hl_ins(e->f, r)->aux.i;
    uint32_t at = 1;
    for (int64_t i = 0; i < number; i++)
        at += hl_type_ncomponents(e->f->param_types[i]);
    uint32_t n = hl_type_ncomponents(e->f->param_types[number]);
    LLVMValueRef *params = hl_new_array(&e->c->arena, LLVMValueRef, n + 1);
    for (uint32_t i = 0; i < n; i++)
        params[i] = LLVMGetParam(e->self->fn, at + i);
    hl_lower_cross_in(e, e->f->param_types[number], r, params);
}

/* ---- phis: one for each component; the operands are known when all blocks are lowered -------- */

void hl_lower_phi(Emitter *e, Ref r, int detail) {
    (void)detail;
    uint32_t n;
    const Type **types = hl_lower_components(e->m, &hl_ins(e->f, r)->type, 1, &n);
    for (uint32_t i = 0; i < n; i++)
        hl_lower_parts(e, r)[i] = LLVMBuildPhi(e->b, e->m->scalar[types[i]->kind], "");
}

/* The LLVM block in which edge p into the block starts: of two edges from one branch, the second has its own.
 */
static LLVMBasicBlockRef edge_start(const Emitter *e, const Block *block, uint32_t p) {
    BlockId pred = block->preds.data[p];
    for (uint32_t i = 0; i < p; i++)
        if (block->preds.data[i] == pred) return e->twins[pred];
    return e->tails[pred];
}

static void fill_phi(Emitter *e, const Block *block, Ref r) {
    const Ins *ins = hl_ins(e->f, r);
    for (uint32_t p = 0; p < block->preds.len; p++) {
        LLVMBasicBlockRef from = edge_start(e, block, p);
        for (uint32_t i = 0; from && i < hl_lower_nparts(e, r); i++) {
            LLVMValueRef value = hl_lower_value(e, ins->args[p], i);
            LLVMAddIncoming(hl_lower_value(e, r, i), &value, &from, 1);
        }
    }
}

void hl_lower_fill_phis(Emitter *e) {
    for (BlockId id = 1; id < e->f->blocks.len; id++) {
        const Block *block = hl_block(e->f, id);
        for (uint32_t i = 0;
             e->heads[id] && i < block->ins.len && hl_ins(e->f, block->ins.data[i])->op == OP_PHI; i++)
            fill_phi(e, block, block->ins.data[i]);
    }
}

/* ---- terminators ----------------------------------------------------------------------------- */

static bool has_float_phi(const Func *f, const Block *block) {
    for (uint32_t i = 0; i < block->ins.len && hl_ins(f, block->ins.data[i])->op == OP_PHI; i++)
        if (hl_type_is_float(hl_ins(f, block->ins.data[i])->type)) return true;
    return false;
}

/* The back edge of a loop of many rounds: where each waits for the one before, as in a sum in order, there is
 * nothing to gain from unrolling it. */
static void mark_back_edge(const Emitter *e, LLVMValueRef jump, BlockId header) {
    const Block *block = hl_block(e->f, header);
    bool in_order = has_float_phi(e->f, block) && !(e->f->options.fastmath & FAST_REASSOC);
    if (!e->tails[header] || !block->piece || !in_order) return;
    hl_machine_request(e->m->context, jump, "llvm.loop.unroll.disable", 0);
}

void hl_lower_jump(Emitter *e, Ref r, int detail) {
    (void)detail;
    BlockId to = hl_block(e->f, hl_ins(e->f, r)->block)->succs[0];
    mark_back_edge(e, LLVMBuildBr(e->b, e->heads[to]), to);
}

/* A branch with both edges to one block: LLVM's phis cannot tell them apart, so the second gets a block of
 * its own. */
static LLVMBasicBlockRef split_second_edge(Emitter *e, BlockId from, LLVMBasicBlockRef to) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    e->twins[from] = hl_lower_block(e, "twin");
    hl_lower_at(e, e->twins[from]);
    LLVMBuildBr(e->b, to);
    hl_lower_at(e, here);
    return e->twins[from];
}

void hl_lower_branch(Emitter *e, Ref r, int detail) {
    (void)detail;
    BlockId from = hl_ins(e->f, r)->block;
    const BlockId *to = hl_block(e->f, from)->succs;
    if (hl_ins(e->f, hl_ins(e->f, r)->args[0])->op == OP_FAILED) {
        LLVMBuildBr(e->b, e->heads[to[1]]);
        return;
    }
    LLVMBasicBlockRef yes = e->heads[to[0]], no = e->heads[to[1]];
    if (yes == no) no = split_second_edge(e, from, no);
    LLVMValueRef branch = LLVMBuildCondBr(e->b, hl_lower_operand(e, r, 0), yes, no);
    bool yes_cold = hl_block(e->f, to[0])->cold, no_cold = hl_block(e->f, to[1])->cold;
    if (yes_cold != no_cold)
        LLVMSetMetadata(branch, e->m->prof_kind, yes_cold ? e->m->unlikely : e->m->likely);
}

static void open_end(Emitter *e, uint32_t n, const LLVMTypeRef *types) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    e->end = LLVMAppendBasicBlockInContext(e->m->context, e->self->fn, "end");
    e->end_phis = hl_new_array(&e->c->arena, LLVMValueRef, n);
    hl_lower_at(e, e->end);
    for (uint32_t i = 0; i < n; i++)
        e->end_phis[i] = LLVMBuildPhi(e->b, types[i], "");
    LLVMBuildAggregateRet(e->b, e->end_phis, n);
    hl_lower_at(e, here);
}

/* One return for all: where a function with several is inlined, LLVM would keep a phi of structs, and with it the tests
 * of a status that is known. */
void hl_lower_leave_with(Emitter *e, LLVMValueRef *parts) {
    LLVMTypeRef type = LLVMGetReturnType(e->self->type);
    uint32_t n = LLVMCountStructElementTypes(type);
    LLVMTypeRef *types = hl_new_array(&e->c->arena, LLVMTypeRef, n);
    LLVMGetStructElementTypes(type, types);
    if (!e->end) open_end(e, n, types);
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    for (uint32_t i = 0; i < n; i++)
        LLVMAddIncoming(e->end_phis[i], &parts[i], &here, 1);
    LLVMBuildBr(e->b, e->end);
}

void hl_lower_return(Emitter *e, Ref r, int detail) {
    (void)detail;
    Ref value = hl_ins(e->f, r)->args[0];
    uint32_t n = hl_type_ncomponents(e->f->result);
    LLVMValueRef *parts = hl_new_array(&e->c->arena, LLVMValueRef, hl_lower_nparts(e, value) + n + 1);
    if (!hl_lower_cross_out(e, e->f->result, value, parts)) return;
    parts[n] = hl_lower_i32(e->m, 0);
    hl_lower_leave_with(e, parts);
}

void hl_lower_unreachable(Emitter *e, Ref r, int detail) {
    (void)r;
    (void)detail;
    LLVMBuildUnreachable(e->b);
}

/* ---- poll ------------------------------------------------------------------------------------ */

/* ctx->eval_breaker, loaded once. */
static LLVMValueRef breaker(Emitter *e) {
    if (e->breaker) return e->breaker;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    hl_lower_at(e, e->prologue);
    LLVMValueRef field = hl_lower_ctx_field(e, offsetof(HlContext, eval_breaker), "");
    e->breaker = LLVMBuildLoad2(e->b, e->m->ptr, field, "eval_breaker");
    hl_lower_mark_private(e->m, e->breaker);
    hl_lower_at(e, here);
    return e->breaker;
}

/* It keeps all general registers, so that the loops that call it need not save theirs. (preserve_all would keep the vector
 * registers too, but LLVM 19 puts a vzeroupper behind their restoring.) */
static const Callee *poll_callee(Module *m) {
    if (m->poll.fn) return &m->poll;
    hl_lower_helper(m, &m->poll, "hlrt_poll", "ctx");
    LLVMSetFunctionCallConv(m->poll.fn, LLVMPreserveMostCallConv);
    return &m->poll;
}

void hl_lower_poll(Emitter *e, Ref r, int detail) {
    (void)r;
    (void)detail;
    Module *m = e->m;
    LLVMValueRef waiting = LLVMBuildLoad2(e->b, m->i32, breaker(e), "waiting");
    LLVMSetVolatile(waiting, true);
    LLVMBasicBlockRef next = hl_lower_block(e, "polled"), slow = hl_lower_block(e, "poll");
    LLVMValueRef quiet = LLVMBuildICmp(e->b, LLVMIntEQ, waiting, hl_lower_i32(m, 0), "");
    hl_lower_mark_likely(m, LLVMBuildCondBr(e->b, quiet, next, slow));
    hl_lower_at(e, slow);
    hl_lower_emit_call(e, poll_callee(m), &e->ctx, 1);
    hl_lower_test_status(e);
    LLVMBuildBr(e->b, next);
    hl_lower_at(e, next);
}
