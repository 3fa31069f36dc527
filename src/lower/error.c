/* Leaving a function with an error.
 *
 * A place that can fail branches, marked unlikely, to a block shared by all places of its function that fail
 * in the same way; phis carry what differs. So a check costs a compare and a branch in the hot code and a few
 * moves outside:
 *
 *   raise:        phi site, npayload, line     hlrt_raise_at(ctx, site, payload, npayload, info, line)   -> leave
 *   raise_index:  phi wrapped, axis, size, line  hlrt_raise_index_at(ctx, wrapped, axis, size, info, line)   -> leave
 *   unwind:       phi line                     hlrt_traceback(ctx, info, line)                      -> leave
 *   follow:       nothing: a cold copy of a loop of this function failed, and named the place              -> leave
 *   leave:        return undefined components and status 1
 *
 * Those of guarded instructions (ir/ops.def, `failed`) go to the landing where these go to `leave`.
 *
 * A callee that returned a status and a runtime function that set ctx->status have recorded their error
 * already, so they go to unwind. The others record the error and the frame by one call: nothing of the failing function
 * lives across it, so it need not save registers for it. The arguments of an exception travel in stack slots, filled in a block of its own
 * before `raise`. */
#include <stddef.h>
#include <string.h>

#include "lower/internal.h"

/* ---- shared blocks --------------------------------------------------------------------------- */

static void open_exit(Emitter *e, Exit *exit, const char *name, const LLVMTypeRef *types, uint32_t n) {
    if (exit->block) return;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    exit->block = hl_lower_block(e, name);
    exit->nphis = n;
    hl_lower_at(e, exit->block);
    for (uint32_t i = 0; i < n; i++)
        exit->phis[i] = LLVMBuildPhi(e->b, types[i], "");
    hl_lower_at(e, here);
}

static Exit *raise_exit(Emitter *e) {
    open_exit(e, &e->exits->raise, "raise", (LLVMTypeRef[]){e->m->ptr, e->m->i64, e->m->i32}, 3);
    return &e->exits->raise;
}

static Exit *index_exit(Emitter *e) {
    open_exit(e, &e->exits->raise_index, "raise_index",
              (LLVMTypeRef[]){e->m->i64, e->m->i64, e->m->i64, e->m->i32}, 4);
    return &e->exits->raise_index;
}

static Exit *unwind_exit(Emitter *e) {
    open_exit(e, &e->exits->unwind, "unwind", &e->m->i32, 1);
    return &e->exits->unwind;
}

/* The current block is a predecessor of the exit with these values. */
static void add_edge(Emitter *e, Exit *exit, const LLVMValueRef *values) {
    LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
    for (uint32_t i = 0; i < exit->nphis; i++)
        LLVMAddIncoming(exit->phis[i], (LLVMValueRef *)&values[i], &from, 1);
}

static LLVMValueRef current_line(const Emitter *e) {
    int32_t line = e->current ? hl_ins(e->f, e->current)->loc.line : 0;
    return hl_lower_i32(e->m, line ? line : e->f->first_line);
}

/* Goes on in a new block where `good` holds, to the exit where not. */
static void leave_unless(Emitter *e, LLVMValueRef good, Exit *exit, const LLVMValueRef *values) {
    LLVMBasicBlockRef next = hl_lower_block(e, "ok");
    hl_lower_mark_likely(e->m, LLVMBuildCondBr(e->b, good, next, exit->block));
    add_edge(e, exit, values);
    hl_lower_at(e, next);
}

/* ---- errors recorded already ----------------------------------------------------------------- */

void hl_lower_unwind_unless(Emitter *e, LLVMValueRef good) {
    LLVMValueRef line = current_line(e);
    leave_unless(e, good, unwind_exit(e), &line);
}

void hl_lower_follow_unless(Emitter *e, LLVMValueRef good) {
    open_exit(e, &e->exits->follow, "follow", NULL, 0);
    leave_unless(e, good, &e->exits->follow, NULL);
}

void hl_lower_test_status(Emitter *e) {
    LLVMValueRef field = hl_lower_ctx_field(e, offsetof(HlContext, status), "");
    LLVMValueRef status = LLVMBuildLoad2(e->b, e->m->i32, field, "status");
    hl_lower_mark_private(e->m, status);
    hl_lower_unwind_unless(e, LLVMBuildICmp(e->b, LLVMIntEQ, status, hl_lower_i32(e->m, 0), ""));
}

/* ---- raising --------------------------------------------------------------------------------- */

static LLVMValueRef payload_slots(Emitter *e) {
    if (!e->payload)
        e->payload = hl_lower_stack(e, LLVMArrayType2(e->m->i64, 2 * HL_MAX_ERROR_ARGS), 8, "payload");
    return e->payload;
}

static void store_slot(Emitter *e, uint32_t number, LLVMValueRef value, const Type *type) {
    Module *m = e->m;
    LLVMValueRef index = hl_lower_i64(m, number);
    LLVMValueRef slot = LLVMBuildInBoundsGEP2(e->b, m->i64, payload_slots(e), &index, 1, "");
    hl_lower_mark_private(m, LLVMBuildStore(e->b, hl_lower_to_slot(m, e->b, value, type), slot));
}

/* Stores the components of the operands from number `first` on; how many. */
static uint32_t store_payload(Emitter *e, const Ins *ins, uint32_t first) {
    uint32_t count = 0;
    for (uint32_t i = first; i < ins->nargs; i++) {
        uint32_t n;
        const Type **types = hl_lower_components(e->m, &hl_ins(e->f, ins->args[i])->type, 1, &n);
        if (count + n > 2 * HL_MAX_ERROR_ARGS) {
            hl_lower_fail(e, "an exception with more than %d argument components", 2 * HL_MAX_ERROR_ARGS);
            return count;
        }
        for (uint32_t k = 0; k < n; k++)
            store_slot(e, count++, hl_lower_value(e, ins->args[i], k), types[k]);
    }
    return count;
}

/* From the current block to `raise`. */
static void raise_here(Emitter *e, const Ins *ins, uint32_t first) {
    Exit *exit = raise_exit(e);
    uint32_t count = store_payload(e, ins, first);
    LLVMBuildBr(e->b, exit->block);
    add_edge(
        e, exit,
        (LLVMValueRef[]){hl_lower_site(e->m, ins->aux.error), hl_lower_i64(e->m, count), current_line(e)});
}

void hl_lower_raise(Emitter *e, Ref r, int detail) {
    (void)detail;
    raise_here(e, hl_ins(e->f, r), 0);
}

/* What is emitted behind it is not reached. */
void hl_lower_throw(Emitter *e, Ref r, int detail) {
    (void)detail;
    raise_here(e, hl_ins(e->f, r), 0);
    hl_lower_at(e, hl_lower_block(e, "never"));
}

void hl_lower_throw_index(Emitter *e, Ref r, int detail) {
    (void)detail;
    Exit *exit = index_exit(e);
    LLVMValueRef values[] = {hl_lower_operand(e, r, 0), hl_lower_i64(e->m, hl_ins(e->f, r)->aux.i),
                             hl_lower_operand(e, r, 1), current_line(e)};
    LLVMBuildBr(e->b, exit->block);
    add_edge(e, exit, values);
    hl_lower_at(e, hl_lower_block(e, "never"));
}

/* Where an instruction has failed control is at the landing already. */
void hl_lower_failed(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, LLVMConstInt(LLVMInt1TypeInContext(e->m->context), 0, false));
}

void hl_lower_check(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    LLVMValueRef good = hl_lower_operand(e, r, 0);
    if (ins->nargs == 1) {
        leave_unless(
            e, good, raise_exit(e),
            (LLVMValueRef[]){hl_lower_site(e->m, ins->aux.error), hl_lower_i64(e->m, 0), current_line(e)});
        return;
    }
    LLVMBasicBlockRef next = hl_lower_block(e, "ok"), failed = hl_lower_block(e, "failed");
    hl_lower_mark_likely(e->m, LLVMBuildCondBr(e->b, good, next, failed));
    hl_lower_at(e, failed);
    raise_here(e, ins, 1);
    hl_lower_at(e, next);
}

/* The wrapped index of a check that its index fails. A register is enough for both: what raises takes the wrapped one. */
static LLVMValueRef check_wrapped(Emitter *e, Ref r, LLVMValueRef index, LLVMValueRef size) {
    Module *m = e->m;
    LLVMValueRef wrapped = LLVMBuildAdd(e->b, index, size, "wrapped");
    LLVMValueRef good = LLVMBuildICmp(e->b, LLVMIntULT, wrapped, size, "");
    leave_unless(e, good, index_exit(e),
                 (LLVMValueRef[]){wrapped, hl_lower_i64(m, hl_ins(e->f, r)->aux.i), size, current_line(e)});
    return wrapped;
}

/* Sizes are never negative, so one unsigned comparison tells whether the index is in range as it is. Where it is not, and
 * only there, it is wrapped and asked again: so the hot code has one comparison, and the address waits for nothing. */
void hl_lower_check_index(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef index = hl_lower_operand(e, r, 0), size = hl_lower_operand(e, r, 1);
    LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(e->b)}, next = hl_lower_block(e, "inside"),
                      outside = hl_lower_block(e, "outside");
    LLVMValueRef good = LLVMBuildICmp(e->b, LLVMIntULT, index, size, "");
    hl_lower_mark_likely(e->m, LLVMBuildCondBr(e->b, good, next, outside));
    hl_lower_at(e, outside);
    LLVMValueRef values[2] = {index, check_wrapped(e, r, index, size)};
    from[1] = LLVMGetInsertBlock(e->b);
    LLVMBuildBr(e->b, next);
    hl_lower_at(e, next);
    LLVMValueRef passed = LLVMBuildPhi(e->b, e->m->i64, "index");
    LLVMAddIncoming(passed, values, from, 2);
    hl_lower_set(e, r, passed);
}

/* A recursive function raises RecursionError before it runs out of stack. */
void hl_lower_check_stack(Emitter *e) {
    Module *m = e->m;
    Callee address = {.fn = hl_lower_intrinsic(m, INTRINSIC_STACK_ADDRESS, hl_type(TY_PTR))};
    address.type = LLVMGlobalGetValueType(address.fn);
    LLVMValueRef limit =
        LLVMBuildLoad2(e->b, m->ptr, hl_lower_ctx_field(e, offsetof(HlContext, stack_limit), ""), "limit");
    hl_lower_mark_private(m, limit);
    LLVMValueRef good = LLVMBuildICmp(e->b, LLVMIntUGE, hl_lower_emit_call(e, &address, NULL, 0), limit, "");
    LLVMBasicBlockRef next = hl_lower_block(e, "ok"), failed = hl_lower_block(e, "too_deep");
    hl_lower_mark_likely(m, LLVMBuildCondBr(e->b, good, next, failed));
    hl_lower_at(e, failed);
    Exit *exit = unwind_exit(e);
    hl_lower_emit_call(e, hl_lower_helper(m, &m->raise_recursion, "hlrt_raise_recursion", "ctx"), &e->ctx, 1);
    LLVMBuildBr(e->b, exit->block);
    add_edge(e, exit, (LLVMValueRef[]){current_line(e)});
    hl_lower_at(e, next);
}

/* ---- the blocks themselves ------------------------------------------------------------------- */

static const Callee *traceback_callee(Module *m) {
    return hl_lower_helper(m, &m->traceback, "hlrt_traceback", "ctx ptr i32");
}

static void finish_raise(Emitter *e) {
    Module *m = e->m;
    const Exit *exit = &e->exits->raise;
    LLVMValueRef payload = e->payload ? e->payload : LLVMConstNull(m->ptr);
    LLVMValueRef args[] = {e->ctx, exit->phis[0], payload, exit->phis[1], e->self->info, exit->phis[2]};
    hl_lower_at(e, exit->block);
    hl_lower_emit_call(e, hl_lower_helper(m, &m->raise, "hlrt_raise_at", "ctx ptr ptr i64 ptr i32"), args, 6);
}

static void finish_index(Emitter *e) {
    const Exit *exit = &e->exits->raise_index;
    const Callee *raise =
        hl_lower_helper(e->m, &e->m->raise_index, "hlrt_raise_index_at", "ctx i64 i64 i64 ptr i32");
    LLVMValueRef args[] = {e->ctx, exit->phis[0], exit->phis[1], exit->phis[2], e->self->info, exit->phis[3]};
    hl_lower_at(e, exit->block);
    hl_lower_emit_call(e, raise, args, 6);
}

static void finish_unwind(Emitter *e) {
    hl_lower_at(e, e->exits->unwind.block);
    hl_lower_emit_call(e, traceback_callee(e->m),
                       (LLVMValueRef[]){e->ctx, e->self->info, e->exits->unwind.phis[0]}, 3);
}

static void finish_follow(Emitter *e) {
    hl_lower_at(e, e->exits->follow.block);
}

/* The components of the result are undefined after an error. */
static void build_leave(Emitter *e) {
    LLVMTypeRef type = LLVMGetReturnType(e->self->type);
    unsigned status = LLVMCountStructElementTypes(type) - 1;
    LLVMValueRef *parts = hl_new_array(&e->c->arena, LLVMValueRef, status + 1);
    for (unsigned i = 0; i < status; i++)
        parts[i] = LLVMGetUndef(LLVMStructGetTypeAtIndex(type, i));
    parts[status] = hl_lower_i32(e->m, 1);
    hl_lower_leave_with(e, parts);
}

/* ---- one set for each set of owned arrays ---------------------------------------------------- */

static bool same_operands(const Ins *a, const Ins *b) {
    uint32_t n = a ? a->nargs : 0;
    return n == (b ? b->nargs : 0) && (!n || !memcmp(a->args, b->args, n * sizeof *a->args));
}

/* The exits of the place where we are. */
static void select_exits(Emitter *e, LLVMBasicBlockRef landing) {
    for (uint32_t i = 0; i < e->all_exits.len; i++) {
        e->exits = e->all_exits.data[i];
        if (e->exits->landing == landing && same_operands(e->exits->owned, e->owned)) return;
    }
    e->exits = hl_new(&e->c->arena, Exits);
    e->exits->owned = e->owned;
    e->exits->landing = landing;
    hl_push(&e->c->arena, &e->all_exits, e->exits);
}

void hl_lower_reset_unwind(Emitter *e) {
    e->owned = NULL;
    select_exits(e, NULL);
}

void hl_lower_unwind(Emitter *e, Ref r, int detail) {
    (void)detail;
    e->owned = hl_ins(e->f, r);
}

/* A guarded instruction leads to the landing of its block, any other out of the function. */
void hl_lower_choose_exits(Emitter *e, const Ins *ins) {
    bool guarded = ins->flags & INS_GUARDED;
    select_exits(e, guarded ? e->heads[hl_block(e->f, ins->block)->succs[0]] : NULL);
}

static void release_owned(Emitter *e) {
    for (uint32_t i = 0; e->exits->owned && i < e->exits->owned->nargs; i++)
        hl_lower_release(e, e->exits->owned->args[i]);
}

/* Where the exits of a set go on: to the releases, if there are any, then to `leave`. */
static void finish_set(Emitter *e, LLVMBasicBlockRef *leave) {
    LLVMBasicBlockRef landing = e->exits->landing;
    if (landing) leave = &landing;
    static void (*const finish[])(Emitter *) = {finish_raise, finish_index, finish_unwind, finish_follow};
    const Exit *exits[] = {&e->exits->raise, &e->exits->raise_index, &e->exits->unwind, &e->exits->follow};
    LLVMBasicBlockRef next = NULL;
    for (int i = 0; i < 4; i++) {
        if (!exits[i]->block) continue;
        finish[i](e);
        if (!*leave) *leave = LLVMAppendBasicBlockInContext(e->m->context, e->self->fn, "leave");
        if (!next)
            next = e->exits->owned ? LLVMAppendBasicBlockInContext(e->m->context, e->self->fn, "release")
                                   : *leave;
        LLVMBuildBr(e->b, next);
    }
    if (!next || next == *leave) return;
    hl_lower_at(e, next);
    release_owned(e);
    LLVMBuildBr(e->b, *leave);
}

void hl_lower_finish_exits(Emitter *e) {
    LLVMBasicBlockRef leave = NULL;
    e->current = 0;
    for (uint32_t i = 0; i < e->all_exits.len; i++) {
        e->exits = e->all_exits.data[i];
        finish_set(e, &leave);
    }
    if (!leave) return;
    hl_lower_at(e, leave);
    build_leave(e);
}
