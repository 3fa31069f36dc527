/* handle: the handlers' table, what they share, and those that only move stack slots.
 *
 * A handler is what an opcode means: a short function that pops the operands, which lie on b->stack as the opcode's
 * row says, emits operations and pushes their results. One that ends its path (a jump, a refusal) leaves b->block 0.
 * The other handlers stand by theme in handle_*.c, in the order of handlers.def.
 */
#include "bytecode/handle.h"

Ref *hl_bc_pop_many(Builder *b, uint32_t n) {
    Ref *values = hl_new_array(&b->c->arena, Ref, n + 1);
    b->depth -= n;
    for (uint32_t i = 0; i < n; i++)
        values[i] = b->stack[b->depth + i].ref;
    return values;
}

void hl_bc_operation(Builder *b, Op op, uint32_t nargs, Aux aux, Loc loc) {
    const Ref *args = hl_bc_pop_many(b, nargs);
    hl_bc_push(b, hl_bc_emit(b, op, args, nargs, aux, loc));
}

Ref hl_bc_literal(Builder *b, const Type *type, Loc loc) {
    Ref ref = hl_bc_emit(b, OP_PY_CONST, NULL, 0, (Aux){.i = type->value}, loc);
    hl_ins(b->f, ref)->type = type;
    return ref;
}

Ref hl_bc_string(Builder *b, const char *words, Loc loc) {
    return hl_bc_literal(b, hl_type_str(words, strlen(words)), loc);
}

Ref hl_bc_object(Builder *b, Ref value, Loc loc) {
    return hl_bc_emit(b, OP_PY_OBJECT, &value, 1, (Aux){0}, loc);
}

Ref hl_bc_none(Builder *b, Loc loc) {
    Ref ref = hl_bc_emit(b, OP_PY_CONST, NULL, 0, (Aux){0}, loc);
    hl_ins(b->f, ref)->type = hl_type(TY_NONE);
    return ref;
}

bool hl_bc_is_for_function(const Code *code, uint32_t behind) {
    uint32_t consumer = hl_bc_consumer(code, behind);
    if (consumer == BC_NONE) return false;
    uint8_t handler = code->instrs[consumer].handler;
    return handler == BH_make_function || handler == BH_set_function_attribute;
}

void hl_bc_push_operate(Builder *b, ForeignId id, const Ref *args, uint32_t nargs, const Instr *i) {
    Ref result = hl_bc_operate(b, id, args, nargs, i->words, i->loc);
    if (result) hl_bc_push(b, result);
}

/* ---- stack -------------------------------------------------------------------------------------------- */

void hl_handle_refuse(Builder *b, const Instr *i) {
    hl_bc_refuse(b, i->words, i->loc);
}

void hl_handle_nop(Builder *b, const Instr *i) {
    (void)b;
    (void)i;
}

void hl_handle_pop_top(Builder *b, const Instr *i) {
    (void)i;
    hl_bc_pop(b);
}

void hl_handle_end_for(Builder *b, const Instr *i) {
    b->depth -= i->pops;
}

void hl_handle_push_null(Builder *b, const Instr *i) {
    (void)i;
    hl_bc_push_kind(b, 0, SLOT_NULL);
}

void hl_handle_copy(Builder *b, const Instr *i) {
    b->stack[b->depth] = b->stack[b->depth - i->arg];
    b->depth++;
}

void hl_handle_swap(Builder *b, const Instr *i) {
    Slot *top = &b->stack[b->depth - 1], *other = &b->stack[b->depth - i->arg];
    Slot saved = *top;
    *top = *other;
    *other = saved;
}

void hl_bc_run(Builder *b, const Instr *instr) {
    static void (*const handlers[BH_COUNT])(Builder *, const Instr *) = {
#define HANDLER(name, flow, accepts) [BH_##name] = hl_handle_##name,
#include "handlers.def"
#undef HANDLER
    };
    handlers[instr->handler](b, instr);
}
