/* handle_operators: attributes, operators, comparisons, subscripts, f-strings: each an operation on what it pops. */
#include "bytecode/handle.h"

#include <opcode.h>

/* ---- attributes --------------------------------------------------------------------------------------- */

/* x.name; for a method call the pair (callable, NULL) in the order of this Python. */
static void get_attribute(Builder *b, const char *name, bool for_call, Loc loc) {
    Ref object = pop(b);
    Ref value = hl_bc_emit(b, OP_PY_GETATTR, &object, 1, aux_name(name), loc);
    if (for_call && !PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
    hl_bc_push(b, value);
    if (for_call && PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
}

void hl_handle_load_attr(Builder *b, const Instr *i) {
    uint32_t shift = PY_SINCE(312) ? 1 : 0;
    get_attribute(b, name_at(b, i->arg >> shift), shift && i->arg & 1, i->loc);
}

void hl_handle_load_method(Builder *b, const Instr *i) {
    get_attribute(b, name_at(b, i->arg), true, i->loc);
}

void hl_handle_store_attr(Builder *b, const Instr *i) {
    Ref object = pop(b), value = pop(b);
    Ref args[] = {object, value};
    hl_bc_emit(b, OP_PY_SETATTR, args, 2, aux_name(name_at(b, i->arg)), i->loc);
}

void hl_handle_delete_attr(Builder *b, const Instr *i) {
    Ref object = pop(b), args[] = {object, hl_bc_string(b, name_at(b, i->arg), i->loc)};
    hl_bc_operate(b, FOREIGN_DELATTR, args, 2, NULL, i->loc);
}

/* ---- operators ---------------------------------------------------------------------------------------- */

void hl_handle_unary_negative(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_UNARY, 1, aux_int(UN_NEG), i->loc);
}

void hl_handle_unary_positive(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_UNARY, 1, aux_int(UN_POS), i->loc);
}

void hl_handle_unary_invert(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_UNARY, 1, aux_int(UN_INVERT), i->loc);
}

void hl_handle_unary_not(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_UNARY, 1, aux_int(UN_NOT), i->loc);
}

void hl_handle_to_bool(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_TRUTH, 1, (Aux){0}, i->loc);
}

enum { NB_FIRST_INPLACE = NB_INPLACE_ADD };

void hl_handle_binary_op(Builder *b, const Instr *i) {
    static const uint8_t ops[] = {
        [NB_ADD] = BIN_ADD,
        [NB_AND] = BIN_AND,
        [NB_FLOOR_DIVIDE] = BIN_FLOORDIV,
        [NB_LSHIFT] = BIN_LSHIFT,
        [NB_MATRIX_MULTIPLY] = BIN_MATMUL,
        [NB_MULTIPLY] = BIN_MUL,
        [NB_REMAINDER] = BIN_MOD,
        [NB_OR] = BIN_OR,
        [NB_POWER] = BIN_POW,
        [NB_RSHIFT] = BIN_RSHIFT,
        [NB_SUBTRACT] = BIN_SUB,
        [NB_TRUE_DIVIDE] = BIN_TRUEDIV,
        [NB_XOR] = BIN_XOR,
    };
    bool inplace = i->arg >= NB_FIRST_INPLACE;
    int64_t op = ops[inplace ? i->arg - NB_FIRST_INPLACE : i->arg];
    hl_bc_operation(b, inplace ? OP_PY_INPLACE : OP_PY_BINARY, 2, aux_int(op), i->loc);
}

enum { COMPARE_SHIFT = PY_SINCE(313) ? 5 : PY_SINCE(312) ? 4 : 0, COMPARE_TO_BOOL = PY_SINCE(313) ? 16 : 0 };

void hl_handle_compare(Builder *b, const Instr *i) {
    static const uint8_t ops[] = {[Py_LT] = CMP_LT, [Py_LE] = CMP_LE, [Py_EQ] = CMP_EQ,
                                  [Py_NE] = CMP_NE, [Py_GT] = CMP_GT, [Py_GE] = CMP_GE};
    hl_bc_operation(b, OP_PY_COMPARE, 2, aux_int(ops[i->arg >> COMPARE_SHIFT]), i->loc);
    if (i->arg & COMPARE_TO_BOOL) hl_bc_operation(b, OP_PY_TRUTH, 1, (Aux){0}, i->loc);
}

void hl_handle_is_op(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_IS, 2, aux_int(i->arg), i->loc);
}

void hl_handle_contains(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_CONTAINS, 2, aux_int(i->arg), i->loc);
}

/* ---- subscripts --------------------------------------------------------------------------------------- */

void hl_handle_binary_subscr(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_GETITEM, 2, (Aux){0}, i->loc);
}

void hl_handle_store_subscr(Builder *b, const Instr *i) {
    const Ref *v = hl_bc_pop_many(b, 3); /* value, container, key */
    Ref args[] = {v[1], v[2], v[0]};
    hl_bc_emit(b, OP_PY_SETITEM, args, 3, (Aux){0}, i->loc);
}

void hl_handle_delete_subscr(Builder *b, const Instr *i) {
    const Ref *v = hl_bc_pop_many(b, 2);
    hl_bc_emit(b, OP_PY_DELITEM, v, 2, (Aux){0}, i->loc);
}

void hl_handle_build_slice(Builder *b, const Instr *i) {
    if (i->arg == 2) hl_bc_push(b, hl_bc_none(b, i->loc));
    hl_bc_operation(b, OP_PY_SLICE, 3, (Aux){0}, i->loc);
}

void hl_handle_binary_slice(Builder *b, const Instr *i) {
    hl_bc_push(b, hl_bc_none(b, i->loc));
    hl_bc_operation(b, OP_PY_SLICE, 3, (Aux){0}, i->loc);
    hl_bc_operation(b, OP_PY_GETITEM, 2, (Aux){0}, i->loc);
}

void hl_handle_store_slice(Builder *b, const Instr *i) {
    hl_bc_push(b, hl_bc_none(b, i->loc));
    hl_bc_operation(b, OP_PY_SLICE, 3, (Aux){0}, i->loc);
    hl_handle_store_subscr(b, i);
}

/* ---- f-strings ---------------------------------------------------------------------------------------- */

static int64_t conversion(uint32_t number) {
    static const char letters[] = {0, 's', 'r', 'a'};
    return letters[number & 3];
}

void hl_handle_format_value(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_FORMAT, i->arg & 4 ? 2 : 1, aux_int(conversion(i->arg)), i->loc);
}

void hl_handle_format_simple(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_FORMAT, 1, aux_int(0), i->loc);
}

void hl_handle_format_with_spec(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_FORMAT, 2, aux_int(0), i->loc);
}

void hl_handle_convert_value(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_FORMAT, 1, aux_int(conversion(i->arg)), i->loc);
}

void hl_handle_build_string(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_TEXT, i->arg, (Aux){0}, i->loc);
}
