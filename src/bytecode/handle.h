/* What the handlers share (handle.c): the abstract machine seen from one instruction. */
#ifndef HL_BYTECODE_HANDLE_H
#define HL_BYTECODE_HANDLE_H

#include "bytecode/internal.h"

#define HANDLER(name, flow, accepts) void hl_handle_##name(Builder *b, const Instr *i);
#include "handlers.def"
#undef HANDLER

static inline Ref pop(Builder *b) {
    return hl_bc_pop(b).ref;
}

static inline Aux aux_int(int64_t i) {
    return (Aux){.i = i};
}

static inline Aux aux_name(const char *name) {
    return (Aux){.name = name};
}

static inline uint32_t next_instr(const Builder *b, const Instr *i) {
    return (uint32_t)(i - b->code->instrs) + 1;
}

static inline const char *name_at(const Builder *b, uint32_t index) {
    return hl_bc_text(PyTuple_GET_ITEM(b->code->object->co_names, (Py_ssize_t)index));
}

static inline PyObject *const_at(const Builder *b, uint32_t index) {
    return PyTuple_GET_ITEM(b->code->object->co_consts, (Py_ssize_t)index);
}

/* Pops n values into an array, the deepest first. */
Ref *hl_bc_pop_many(Builder *b, uint32_t n);
/* Pops the operands of `op` and pushes its result. */
void hl_bc_operation(Builder *b, Op op, uint32_t nargs, Aux aux, Loc loc);
/* Pushes what an operation that only objects have gives; nothing after a refusal. */
void hl_bc_push_operate(Builder *b, ForeignId id, const Ref *args, uint32_t nargs, const Instr *i);
Ref hl_bc_literal(Builder *b, const Type *type, Loc loc);
Ref hl_bc_string(Builder *b, const char *words, Loc loc);
/* Is the value on top a part of an inner function that is being made? */
bool hl_bc_is_for_function(const Code *code, uint32_t behind);

#endif
