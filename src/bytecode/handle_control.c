/* handle_control: where a function goes on: loops and branches, leaving it, exceptions, `with`. */
#include "bytecode/handle.h"

/* ---- loops and branches ------------------------------------------------------------------------------- */

void hl_handle_get_iter(Builder *b, const Instr *i) {
    Ref object = pop(b);
    hl_bc_push_kind(b, hl_bc_emit(b, OP_PY_ITER, &object, 1, (Aux){0}, i->loc), SLOT_ITER);
}

void hl_handle_for_iter(Builder *b, const Instr *i) {
    hl_bc_for_iter(b, i);
}

/* A loop whose interruption is handled here says where it goes round. */
static void poll_if_guarded(Builder *b, const Instr *i) {
    if (!b->guarded || i->target > (uint32_t)(i - b->code->instrs)) return;
    hl_bc_emit(b, OP_PY_POLL, NULL, 0, (Aux){0}, i->loc);
    hl_bc_guard(b);
}

void hl_handle_jump(Builder *b, const Instr *i) {
    poll_if_guarded(b, i);
    hl_bc_jump(b, i->target, i->loc);
}

static Ref truth(Builder *b, Ref value, Loc loc) {
    if (hl_ins(b->f, value)->op == OP_PY_TRUTH) return value;
    return hl_bc_emit(b, OP_PY_TRUTH, &value, 1, (Aux){0}, loc);
}

static void branch_if(Builder *b, const Instr *i, Ref value, bool jump_on) {
    poll_if_guarded(b, i);
    uint32_t yes = jump_on ? i->target : next_instr(b, i), no = jump_on ? next_instr(b, i) : i->target;
    hl_bc_branch(b, truth(b, value, i->loc), yes, no, i->loc);
}

static void branch_if_none(Builder *b, const Instr *i, bool jump_on) {
    Ref args[] = {pop(b), hl_bc_none(b, i->loc)};
    branch_if(b, i, hl_bc_emit(b, OP_PY_IS, args, 2, aux_int(0), i->loc), jump_on);
}

void hl_handle_jump_if_true(Builder *b, const Instr *i) {
    branch_if(b, i, pop(b), true);
}

void hl_handle_jump_if_false(Builder *b, const Instr *i) {
    branch_if(b, i, pop(b), false);
}

void hl_handle_jump_if_none(Builder *b, const Instr *i) {
    branch_if_none(b, i, true);
}

void hl_handle_jump_if_not_none(Builder *b, const Instr *i) {
    branch_if_none(b, i, false);
}

/* The value stays on the stack for the jump; the block behind has one slot less and does not see it. */
void hl_handle_jump_if_true_or_pop(Builder *b, const Instr *i) {
    branch_if(b, i, b->stack[b->depth - 1].ref, true);
}

void hl_handle_jump_if_false_or_pop(Builder *b, const Instr *i) {
    branch_if(b, i, b->stack[b->depth - 1].ref, false);
}

/* ---- leaving ------------------------------------------------------------------------------------------ */

static void leave(Builder *b, Op op, Ref value, Loc loc) {
    hl_bc_emit(b, op, &value, 1, (Aux){0}, loc);
    b->block = 0;
}

static bool is_used_up(const Builder *b) {
    return b->scope->self && b->scope->self->use;
}

void hl_handle_return_value(Builder *b, const Instr *i) {
    Ref value = pop(b);
    leave(b, OP_PY_RETURN, is_used_up(b) ? hl_bc_yielded(b) : value, i->loc);
}

void hl_handle_return_const(Builder *b, const Instr *i) {
    if (hl_bc_push_literal(b, const_at(b, i->arg), i)) hl_handle_return_value(b, i);
}

/* Here a generator is made and returned; one that is used up goes on at once. */
void hl_handle_return_generator(Builder *b, const Instr *i) {
    if (is_used_up(b))
        hl_bc_push(b, hl_bc_none(b, i->loc));
    else
        hl_bc_refuse(b, "a generator or coroutine", i->loc);
}

void hl_handle_yield_value(Builder *b, const Instr *i) {
    if (is_used_up(b)) {
        hl_bc_yield(b, pop(b), i->loc);
        hl_bc_push(b, hl_bc_none(b, i->loc));
    } else {
        hl_bc_refuse(b, "yield", i->loc);
    }
}

/* ---- raising ------------------------------------------------------------------------------------------ */

void hl_handle_load_assertion_error(Builder *b, const Instr *i) {
    hl_bc_push_object(b, PyExc_AssertionError, i->loc);
}

/* It fails always; a handler of this function may be where that leads. */
static void fail_with(Builder *b, Op op, uint32_t nargs, const Instr *i) {
    const Ref *args = hl_bc_pop_many(b, nargs);
    hl_bc_emit(b, op, args, nargs, (Aux){0}, i->loc);
    hl_bc_guard(b);
    hl_bc_emit(b, OP_UNREACHABLE, NULL, 0, (Aux){0}, i->loc);
    b->block = 0;
}

void hl_handle_raise(Builder *b, const Instr *i) {
    static const uint16_t ops[] = {OP_PY_THROW_AGAIN, OP_PY_THROW, OP_PY_THROW_FROM};
    if (i->arg == 1 && !b->guarded)
        leave(b, OP_PY_RAISE, pop(b), i->loc);
    else
        fail_with(b, (Op)ops[i->arg], i->arg, i);
}

/* ---- handling ----------------------------------------------------------------------------------------- */

void hl_handle_push_exc_info(Builder *b, const Instr *i) {
    Ref exception = pop(b);
    hl_bc_push(b, hl_bc_emit(b, OP_PY_PUSH_EXC, &exception, 1, (Aux){0}, i->loc));
    hl_bc_push(b, exception);
}

void hl_handle_pop_except(Builder *b, const Instr *i) {
    Ref before = pop(b);
    hl_bc_emit(b, OP_PY_POP_EXCEPT, &before, 1, (Aux){0}, i->loc);
}

void hl_handle_check_exc_match(Builder *b, const Instr *i) {
    Ref class = pop(b);
    Ref args[] = {b->stack[b->depth - 1].ref, class};
    hl_bc_push(b, hl_bc_emit(b, OP_PY_EXC_MATCH, args, 2, (Aux){0}, i->loc));
}

void hl_handle_reraise(Builder *b, const Instr *i) {
    fail_with(b, OP_PY_RERAISE, 1, i);
}

/* ---- with --------------------------------------------------------------------------------------------- */

/* The bound __exit__ stays on the stack, below what __enter__ gave. */
void hl_handle_before_with(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_WITH, 1, (Aux){0}, i->loc);
    Ref both = pop(b);
    for (uint32_t k = 0; k < 2; k++)
        hl_bc_push(b, hl_bc_emit(b, OP_PY_ITEM, &both, 1, aux_int(k), i->loc));
}

/* __exit__, a place, the exception handled before, the exception. */
void hl_handle_with_except_start(Builder *b, const Instr *i) {
    const Slot *top = &b->stack[b->depth - 1];
    Ref args[] = {top[-3].ref, top[0].ref};
    hl_bc_push(b, hl_bc_emit(b, OP_PY_WITH_EXCEPT, args, 2, (Aux){0}, i->loc));
}

/* There is no __exit__, and nothing that __enter__ gave. */
void hl_handle_enter_objmode(Builder *b, const Instr *i) {
    hl_bc_push_kind(b, 0, SLOT_NULL);
    hl_bc_push(b, hl_bc_none(b, i->loc));
}

/* What the block gives to the code behind it has the types it promised from here on. */
void hl_handle_leave_objmode(Builder *b, const Instr *i) {
    const ObjmodeBlock *block = &b->code->objmode.data[i->arg];
    b->depth -= i->pops;
    for (uint32_t k = 0; k < block->noutputs; k++) {
        const ObjmodeOutput *output = &block->outputs[k];
        const Instr variable = {.arg = output->local, .loc = i->loc};
        hl_handle_load_fast(b, &variable);
        hl_bc_operation(b, OP_PY_PROMISED, 1, aux_name(output->type), i->loc);
        hl_handle_store_fast(b, &variable);
    }
    hl_bc_push(b, hl_bc_none(b, i->loc));
}
