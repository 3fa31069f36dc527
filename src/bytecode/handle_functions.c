/* handle_functions: inner functions with what they capture and their defaults, and calls.
 *
 * An inner function is py.function: its defaults, then the values it captures. The function object in it is made while
 * compiling, so that inference can look at it, and is never called.
 */
#include "bytecode/handle.h"

/* ---- inner functions ---------------------------------------------------------------------------------- */

/* An inner function with the values it captures. `defaults` has an item for each parameter, not bound where it has no
 * default. */
static Ref function_value(Builder *b, const Inner *inner, Ref defaults, Loc loc) {
    uint32_t n = inner->captures.len;
    Ref *args = hl_new_array(&b->c->arena, Ref, n + 1);
    args[0] = defaults;
    for (uint32_t i = 0; i < n; i++)
        args[1 + i] = hl_bc_variable(b, inner->captures.data[i]);
    return hl_bc_emit(b, OP_PY_FUNCTION, args, n + 1, (Aux){.object = inner->function}, loc);
}

static Ref no_defaults(Builder *b, const Inner *inner, Loc loc) {
    uint32_t n = hl_bc_nparameters((PyCodeObject *)inner->function->func_code);
    Ref *items = hl_new_array(&b->c->arena, Ref, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = b->undef_value;
    return hl_bc_emit(b, OP_PY_TUPLE, items, n, (Aux){0}, loc);
}

Ref hl_bc_function(Builder *b, const Inner *inner, Loc loc) {
    return function_value(b, inner, no_defaults(b, inner, loc), loc);
}

/* Items of a tuple that was built or is a constant; the copies may outlive the next instruction that is made. */
static Ref item_of(const Builder *b, Ref tuple, uint32_t i) {
    return hl_ins(b->f, tuple)->args[i];
}

/* The defaults of the last positional parameters. */
static void put_defaults(const Builder *b, const PyCodeObject *code, Ref defaults, Ref *items) {
    uint32_t n = hl_ins(b->f, defaults)->nargs, first = (uint32_t)code->co_argcount - n;
    for (uint32_t i = 0; i < n; i++)
        items[first + i] = item_of(b, defaults, i);
}

static void put_kw_defaults(const Builder *b, const PyCodeObject *code, Ref map, Ref *items) {
    const Ins *keys = hl_ins(b->f, item_of(b, map, 0));
    for (uint32_t k = 0; k < keys->nargs; k++)
        for (uint32_t i = 0; i < hl_bc_nparameters(code); i++) {
            uint32_t local = hl_bc_parameter_local(code, i);
            const char *name = hl_bc_text(PyTuple_GET_ITEM(code->co_localsplusnames, (Py_ssize_t)local));
            if (hl_ins(b->f, keys->args[k])->type->name == name) items[i] = item_of(b, map, 1 + k);
        }
}

/* The function with one more of its attributes. */
static Ref with_attribute(Builder *b, Ref function, uint32_t flag, Slot value, Loc loc) {
    Ins *old = hl_ins(b->f, function);
    const PyCodeObject *code = (const PyCodeObject *)((const PyFunctionObject *)old->aux.object)->func_code;
    uint32_t n = hl_bc_nparameters(code);
    Ref *items = hl_new_array(&b->c->arena, Ref, n + 1);
    if (n) memcpy(items, hl_ins(b->f, old->args[0])->args, n * sizeof *items);
    if (flag == 1) put_defaults(b, code, value.ref, items);
    if (flag == 2) put_kw_defaults(b, code, value.ref, items);
    Ref *args = hl_new_array(&b->c->arena, Ref, old->nargs);
    memcpy(args, old->args, old->nargs * sizeof *args);
    uint32_t nargs = old->nargs;
    const void *object = old->aux.object;
    const Type *why = old->type;
    args[0] = hl_bc_emit(b, OP_PY_TUPLE, items, n, (Aux){0}, loc);
    Ref with = hl_bc_emit(b, OP_PY_FUNCTION, args, nargs, (Aux){.object = object}, loc);
    hl_ins(b->f, with)->type = why;
    return with;
}

static bool is_call(const Code *code, uint32_t i) {
    uint8_t handler = i == BC_NONE ? BH_refuse : code->instrs[i].handler;
    return handler == BH_call || handler == BH_call_kw;
}

/* Does the generator that this function gives when it is called go straight into another call, which uses it up? */
static bool is_argument(const Code *code, uint32_t behind) {
    uint32_t made = hl_bc_consumer(code, behind);
    return is_call(code, made) && is_call(code, hl_bc_consumer(code, made + 1));
}

static bool is_dict_comprehension(const Inner *inner) {
    const PyCodeObject *code = (const PyCodeObject *)inner->function->func_code;
    return PyUnicode_CompareWithASCIIString(code->co_name, "<dictcomp>") == 0;
}

/* Why an inner function is left to Python; NULL: it is compiled. */
static const char *refused_function(const Code *code, const Inner *inner, uint32_t made) {
    if (!inner) return "an inner function";
    if (is_dict_comprehension(inner)) return "a dict comprehension";
    bool stays = hl_bc_is_generator(inner) && !is_argument(code, hl_bc_behind_function(code, made));
    return stays ? "a generator expression" : NULL;
}

void hl_handle_make_function(Builder *b, const Instr *i) {
    static const uint8_t flags[] = {8, 4, 2, 1}; /* from the top of the stack, below the code */
    uint32_t made = (uint32_t)(i - b->code->instrs);
    const Inner *inner = hl_bc_made_function(b->code, b->scope, made);
    const char *words = refused_function(b->code, inner, made);
    hl_bc_pop(b);
    if (words && !(inner && hl_bc_has_objects(b))) {
        hl_bc_refuse(b, words, i->loc);
        return;
    }
    Ref function = hl_bc_function(b, inner, i->loc);
    if (words)
        hl_ins(b->f, function)->type = hl_type_str(words, strlen(words)); /* Python's own, for this reason */
    for (uint32_t k = 0; i->pops > 1 && k < 4; k++)
        if (i->arg & flags[k]) function = with_attribute(b, function, flags[k], hl_bc_pop(b), i->loc);
    hl_bc_push(b, function);
}

void hl_handle_set_function_attribute(Builder *b, const Instr *i) {
    Ref function = pop(b);
    hl_bc_push(b, with_attribute(b, function, i->arg, hl_bc_pop(b), i->loc));
}

void hl_handle_load_build_class(Builder *b, const Instr *i) {
    hl_bc_push_operate(b, FOREIGN_BUILD_CLASS, NULL, 0, i);
}

/* ---- calls -------------------------------------------------------------------------------------------- */

void hl_handle_kw_names(Builder *b, const Instr *i) {
    PyObject *names = const_at(b, i->arg);
    b->nkw = (uint32_t)PyTuple_GET_SIZE(names);
    b->kwnames = hl_new_array(&b->c->arena, const char *, b->nkw + 1);
    for (uint32_t k = 0; k < b->nkw; k++)
        b->kwnames[k] = hl_bc_text(PyTuple_GET_ITEM(names, k));
}

/* The stack holds (NULL, f), (f, NULL) or (f, first argument), then `nargs` arguments of which the last are keywords. */
static void call(Builder *b, uint32_t nargs, Loc loc) {
    b->depth -= nargs + 2;
    const Slot *slot = &b->stack[b->depth];
    Ref *operands = hl_new_array(&b->c->arena, Ref, nargs + 2);
    uint32_t n = 0;
    for (uint32_t i = 0; i < nargs + 2; i++)
        if (slot[i].kind != SLOT_NULL) operands[n++] = slot[i].ref;
    CallInfo *info = hl_new(&b->c->arena, CallInfo);
    *info = (CallInfo){.npos = n - 1 - b->nkw, .nkw = b->nkw, .kwnames = b->kwnames};
    hl_bc_push(b, hl_bc_emit(b, OP_PY_CALL, operands, n, (Aux){.call = info}, loc));
    b->nkw = 0;
    b->kwnames = NULL;
}

void hl_handle_call(Builder *b, const Instr *i) {
    call(b, i->arg, i->loc);
}

/* 3.13: the keyword names are a constant on top of the stack, which load_const left as a tuple of strings. */
void hl_handle_call_kw(Builder *b, const Instr *i) {
    const Ins *names = hl_ins(b->f, pop(b));
    b->nkw = names->nargs;
    b->kwnames = hl_new_array(&b->c->arena, const char *, b->nkw + 1);
    for (uint32_t k = 0; k < b->nkw; k++)
        b->kwnames[k] = hl_ins(b->f, names->args[k])->type->name;
    call(b, i->arg, i->loc);
}

void hl_handle_call_star(Builder *b, const Instr *i) {
    uint32_t keywords = i->arg & 1;
    b->depth -= 3 + keywords;
    const Slot *slot = &b->stack[b->depth];
    Ref args[] = {slot[0].kind == SLOT_NULL ? slot[1].ref : slot[0].ref, slot[2].ref, slot[2 + keywords].ref};
    if (keywords)
        hl_bc_push_operate(b, FOREIGN_CALL_STAR_KW, args, 3, i);
    else
        hl_bc_push(b, hl_bc_emit(b, OP_PY_CALL_STAR, args, 2, (Aux){0}, i->loc));
}
