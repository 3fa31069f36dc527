/* Functions: signatures, the walk over blocks and instructions, stack slots.
 *
 *     { components of the result, i32 status } f(ptr ctx, components of the parameters)
 *
 * All are internal to the module and fastcc; results that do not fit the registers go through memory, which
 * LLVM arranges by itself. The LLVM entry block is our own prologue (stack slots, values loaded once), so
 * block 1 may be a loop header. Blocks are lowered in reverse postorder: every operand except a phi's is
 * lowered before its use. */
#include <stdarg.h>
#include <stdio.h>

#include "lower/internal.h"

/* ---- errors of lowering ---------------------------------------------------------------------- */

void hl_lower_fail(Emitter *e, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const Ins *ins = hl_ins(e->f, e->current);
    const char *op = ins->op < OP_COUNT ? hl_op_info((Op)ins->op)->text : "?";
    hl_error(e->c, e->f, ins->loc, DIAG_INTERNAL,
             hl_arena_printf(&e->c->arena, "lowering %%%u (%s): %s", e->current, op, text));
}

/* ---- signatures ------------------------------------------------------------------------------ */

static LLVMTypeRef llvm_signature(Module *m, const Func *f) {
    uint32_t nparams, nresults;
    const Type **params = hl_lower_components(m, f->param_types, f->nparams, &nparams);
    const Type **results = hl_lower_components(m, &f->result, 1, &nresults);
    LLVMTypeRef *types = hl_new_array(&m->c->arena, LLVMTypeRef, nparams + nresults + 2),
                *out = types + nparams + 1;
    types[0] = m->ptr;
    for (uint32_t i = 0; i < nparams; i++)
        types[1 + i] = m->scalar[params[i]->kind];
    for (uint32_t i = 0; i < nresults; i++)
        out[i] = m->scalar[results[i]->kind];
    out[nresults] = m->i32;
    return LLVMFunctionType(LLVMStructTypeInContext(m->context, out, nresults + 1, false), types, nparams + 1,
                            false);
}

void hl_lower_function_attrs(const Module *m, LLVMValueRef fn, bool cold) {
    hl_lower_fn_attr(m, fn, ATTR_NOUNWIND);
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                            hl_lower_attr(m, ATTR_UWTABLE, 2)); /* at every instruction */
    if (cold) hl_lower_mark_cold(m, fn);
}

void hl_lower_ctx_attrs(const Module *m, LLVMValueRef fn) {
    hl_lower_param_attr(m, fn, 0, ATTR_NOALIAS, 0);
    hl_lower_param_attr(m, fn, 0, ATTR_NONNULL, 0);
    hl_lower_param_attr(m, fn, 0, ATTR_DEREFERENCEABLE, sizeof(HlContext));
}

/* Sizes of array parameters are never negative. */
static void mark_sizes(const Module *m, LLVMValueRef fn, const Type *type, uint32_t at) {
    if (type->kind == TY_LIST) return;
    if (type->kind != TY_ARRAY) {
        at += hl_lower_parts_start(type);
        for (uint32_t i = 0; i < type->nargs; at += hl_type_ncomponents(type->args[i++]))
            mark_sizes(m, fn, type->args[i], at);
        return;
    }
    const uint64_t zero = 0, end = UINT64_C(1) << 63;
    for (uint32_t axis = 0; axis < type->ndim; axis++)
        LLVMAddAttributeAtIndex(
            fn, at + 2 + axis + 1,
            LLVMCreateConstantRangeAttribute(m->context, m->attr_kind[ATTR_RANGE], 64, &zero, &end));
}

static void add_attributes(const Module *m, const Func *f, const Callee *self) {
    hl_lower_function_attrs(m, self->fn, f->cold);
    hl_lower_ctx_attrs(m, self->fn);
    if (f->options.debug) {
        hl_lower_fn_attr(m, self->fn, ATTR_NOINLINE);
        hl_lower_fn_attr(m, self->fn, ATTR_OPTNONE);
    } else if (f->small)
        hl_lower_fn_attr(m, self->fn, ATTR_OPTSIZE);
    else if (f->options.inline_always && !f->recursive)
        hl_lower_fn_attr(m, self->fn, ATTR_ALWAYS_INLINE);
    for (uint32_t i = 0, at = 1; i < f->nparams; at += hl_type_ncomponents(f->param_types[i++]))
        mark_sizes(m, self->fn, f->param_types[i], at);
}

static bool calls(const Func *f, const Func *callee) {
    for (Ref r = 1; r < f->ins.len; r++) {
        const Ins *ins = hl_ins(f, r);
        bool names = (ins->op == OP_CALL || ins->op == OP_PARALLEL) && ins->block;
        if (names && ins->aux.func == callee) return true;
    }
    return false;
}

/* Is it the way into a unit, or called by what the unit's other module defines? */
static bool is_called_from_outside(const Module *m, const Func *f) {
    const FuncList *all = &m->unit->functions;
    if (m->unit->digest && f == m->unit->root) return true;
    for (uint32_t i = 0; i < all->len; i++)
        if (!hl_lower_is_here(m, all->data[i]) && calls(all->data[i], f)) return true;
    return false;
}

void hl_lower_declare(Module *m, const Func *f, bool outside) {
    bool here = !outside && hl_lower_is_here(m, f);
    Callee *self = hl_new(&m->c->arena, Callee);
    self->type = llvm_signature(m, f);
    const char *symbol = hl_map_get(&m->unit->symbols, (uintptr_t)f);
    self->fn = outside ? LLVMGetNamedFunction(m->llvm, symbol) : NULL; /* two functions may be one */
    if (!self->fn) self->fn = LLVMAddFunction(m->llvm, symbol, self->type);
    if (here && !is_called_from_outside(m, f)) LLVMSetLinkage(self->fn, LLVMInternalLinkage);
    LLVMSetFunctionCallConv(self->fn, LLVMFastCallConv);
    add_attributes(m, f, self);
    if (here) self->info = hl_lower_func_info(m, f);
    hl_map_set(&m->c->arena, &m->functions, (uintptr_t)f, self);
}

/* ---- places to emit at ----------------------------------------------------------------------- */

LLVMBasicBlockRef hl_lower_block(Emitter *e, const char *name) {
    LLVMBasicBlockRef next = LLVMGetNextBasicBlock(LLVMGetInsertBlock(e->b));
    if (next) return LLVMInsertBasicBlockInContext(e->m->context, next, name);
    return LLVMAppendBasicBlockInContext(e->m->context, e->self->fn, name);
}

LLVMValueRef hl_lower_stack(Emitter *e, LLVMTypeRef type, unsigned align, const char *name) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    hl_lower_at(e, e->prologue);
    LLVMValueRef slot = LLVMBuildAlloca(e->b, type, name);
    LLVMSetAlignment(slot, align);
    hl_lower_at(e, here);
    return slot;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

typedef struct Lowering {
    Handler handler;
    int detail;
} Lowering;
static const Lowering lowerings[OP_COUNT] = {
#define LOWER(op, handler, detail) [OP_##op] = {hl_lower_##handler, detail},
#include "lower.def"
#undef LOWER
};

static void lower_ins(Emitter *e, Ref r) {
    const Ins *ins = hl_ins(e->f, r);
    const Lowering *lowering = &lowerings[ins->op];
    e->current = r;
    if (!lowering->handler) {
        hl_lower_fail(e, "not an operation that machine code comes of");
        return;
    }
    hl_lower_debug_at(e, ins->loc);
    hl_lower_choose_exits(e, ins);
    lowering->handler(e, r, lowering->detail);
}

/* Gives every instruction room for its components. */
static void number_components(Emitter *e) {
    uint32_t n = e->f->ins.len, total = 0;
    e->first = hl_new_array(&e->c->arena, uint32_t, n + 1);
    for (Ref r = 0; r < n; r++) {
        e->first[r] = total;
        const Ins *ins = hl_ins(e->f, r);
        if (r && ins->op < OP_COUNT && ins->type) total += hl_type_ncomponents(ins->type);
    }
    e->first[n] = total;
    e->values = hl_new_array(&e->c->arena, LLVMValueRef, total + 1);
}

static void make_blocks(Emitter *e, const Cfg *cfg) {
    e->heads = hl_new_array(&e->c->arena, LLVMBasicBlockRef, e->f->blocks.len);
    e->tails = hl_new_array(&e->c->arena, LLVMBasicBlockRef, e->f->blocks.len);
    e->twins = hl_new_array(&e->c->arena, LLVMBasicBlockRef, e->f->blocks.len);
    e->prologue = LLVMAppendBasicBlockInContext(e->m->context, e->self->fn, "entry");
    for (uint32_t i = 0; i < cfg->nrpo; i++)
        e->heads[cfg->rpo[i]] = LLVMAppendBasicBlockInContext(e->m->context, e->self->fn, "b");
}

static bool lower_block(Emitter *e, BlockId id) {
    hl_lower_at(e, e->heads[id]);
    hl_lower_reset_unwind(e);
    const Block *block = hl_block(e->f, id);
    for (uint32_t i = 0; i < block->ins.len; i++) {
        lower_ins(e, block->ins.data[i]);
        if (e->c->diag.set) return false;
    }
    e->tails[id] = LLVMGetInsertBlock(e->b);
    return true;
}

/* From the prologue to block 1, past the stack check of a recursive function. */
static void enter(Emitter *e) {
    LLVMBasicBlockRef start = e->heads[1];
    e->current = 0;
    hl_lower_reset_unwind(e);
    if (e->f->recursive) {
        start = LLVMInsertBasicBlockInContext(e->m->context, e->heads[1], "start");
        hl_lower_at(e, start);
        hl_lower_check_stack(e);
        LLVMBuildBr(e->b, e->heads[1]);
    }
    hl_lower_at(e, e->prologue);
    LLVMBuildBr(e->b, start);
    hl_lower_debug_prologue(e);
}

static bool lower_body(Emitter *e) {
    const Cfg *cfg = e->cfg = hl_cfg_compute(&e->c->arena, e->f);
    number_components(e);
    make_blocks(e, cfg);
    hl_lower_debug_function(e->m, e->f, e->self->fn);
    for (uint32_t i = 0; i < cfg->nrpo; i++)
        if (!lower_block(e, cfg->rpo[i])) return false;
    hl_lower_fill_phis(e);
    hl_lower_debug_at(e, (Loc){0});
    enter(e);
    hl_lower_finish_exits(e);
    return true;
}

bool hl_lower_define(Module *m, const Func *f) {
    Emitter e = {.m = m, .c = m->c, .f = f, .self = hl_map_get(&m->functions, (uintptr_t)f)};
    e.ctx = LLVMGetParam(e.self->fn, 0);
    LLVMSetValueName2(e.ctx, "ctx", 3);
    e.b = LLVMCreateBuilderInContext(m->context);
    bool done = lower_body(&e);
    LLVMDisposeBuilder(e.b);
    return done;
}
