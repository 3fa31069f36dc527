/* build: what each handler of handlers.def does to the abstract machine: one short function each.
 *
 * Needs: the operands on b->stack as the table row says. A handler pops them, emits, pushes the results; one
 * that ends its path (a jump, a refusal) leaves b->block 0.
 */
#include "bytecode/internal.h"

#include <opcode.h>

#define PY_SINCE(version) (PY_MAJOR_VERSION * 100 + PY_MINOR_VERSION >= (version))

static Ref pop(Builder *b) {
    return hl_bc_pop(b).ref;
}

static Aux aux_int(int64_t i) {
    return (Aux){.i = i};
}

static Aux aux_name(const char *name) {
    return (Aux){.name = name};
}

/* Pops n values into an array, the deepest first. */
static Ref *pop_many(Builder *b, uint32_t n) {
    Ref *values = hl_new_array(&b->c->arena, Ref, n + 1);
    b->depth -= n;
    for (uint32_t i = 0; i < n; i++)
        values[i] = b->stack[b->depth + i].ref;
    return values;
}

/* Pops the operands of `op` and pushes its result. */
static void operation(Builder *b, Op op, uint32_t nargs, Aux aux, Loc loc) {
    const Ref *args = pop_many(b, nargs);
    hl_bc_push(b, hl_bc_emit(b, op, args, nargs, aux, loc));
}

Ref hl_bc_object(Builder *b, Ref value, Loc loc) {
    return hl_bc_emit(b, OP_PY_OBJECT, &value, 1, (Aux){0}, loc);
}

Ref hl_bc_none(Builder *b, Loc loc) {
    Ref ref = hl_bc_emit(b, OP_PY_CONST, NULL, 0, (Aux){0}, loc);
    hl_ins(b->f, ref)->type = hl_type(TY_NONE);
    return ref;
}

enum { INTRINSIC_UNARY_PLUS = 5, INTRINSIC_TO_TUPLE = 6 };

static uint32_t next_instr(const Builder *b, const Instr *i) {
    return (uint32_t)(i - b->code->instrs) + 1;
}

static const char *name_at(const Builder *b, uint32_t index) {
    return hl_bc_text(PyTuple_GET_ITEM(b->code->object->co_names, (Py_ssize_t)index));
}

/* Is the value on top a part of an inner function that is being made? */
static bool is_for_function(const Code *code, uint32_t behind) {
    uint32_t consumer = hl_bc_consumer(code, behind);
    if (consumer == BC_NONE) return false;
    uint8_t handler = code->instrs[consumer].handler;
    return handler == BH_make_function || handler == BH_set_function_attribute;
}

/* ---- stack --------------------------------------------------------------------------------------------- */

static void build_refuse(Builder *b, const Instr *i) {
    hl_bc_refuse(b, i->words, i->loc);
}

static void build_nop(Builder *b, const Instr *i) {
    (void)b;
    (void)i;
}

static void build_pop_top(Builder *b, const Instr *i) {
    (void)i;
    hl_bc_pop(b);
}

static void build_end_for(Builder *b, const Instr *i) {
    b->depth -= i->pops;
}

static void build_push_null(Builder *b, const Instr *i) {
    (void)i;
    hl_bc_push_kind(b, 0, SLOT_NULL);
}

static void build_copy(Builder *b, const Instr *i) {
    b->stack[b->depth] = b->stack[b->depth - i->arg];
    b->depth++;
}

static void build_swap(Builder *b, const Instr *i) {
    Slot *top = &b->stack[b->depth - 1], *other = &b->stack[b->depth - i->arg];
    Slot saved = *top;
    *top = *other;
    *other = saved;
}

/* ---- names --------------------------------------------------------------------------------------------- */

static PyObject *const_at(const Builder *b, uint32_t index) {
    return PyTuple_GET_ITEM(b->code->object->co_consts, (Py_ssize_t)index);
}

static void build_load_const(Builder *b, const Instr *i) {
    bool pushed = hl_bc_push_literal(b, const_at(b, i->arg), i);
    bool tuple = pushed && hl_ins(b->f, b->stack[b->depth - 1].ref)->op == OP_PY_TUPLE;
    if (tuple && is_for_function(b->code, next_instr(b, i))) b->stack[b->depth - 1].kind = SLOT_MAP;
}

static Ref literal(Builder *b, const Type *type, Loc loc) {
    Ref ref = hl_bc_emit(b, OP_PY_CONST, NULL, 0, (Aux){.i = type->value}, loc);
    hl_ins(b->f, ref)->type = type;
    return ref;
}

static Ref text(Builder *b, const char *words, Loc loc) {
    return literal(b, hl_type_str(words, strlen(words)), loc);
}

/* A variable that inner functions share and that changes lives in a cell, which the local holds from the start: what an
 * access to one that is not bound raises. */
static const char *cell_words(Builder *b, const char *name, bool is_free) {
    const char *format =
        is_free ? "NameError:cannot access free variable '%s' where it is not associated with a value in "
                  "enclosing scope"
                : "UnboundLocalError:cannot access local variable '%s' where it is not associated with "
                  "a value";
    return hl_intern(hl_arena_printf(&b->c->arena, format, name));
}

static Ref cell_get(Builder *b, Ref cell, const char *name, bool is_free, Loc loc) {
    return hl_bc_emit(b, OP_PY_CELL_GET, &cell, 1, aux_name(cell_words(b, name, is_free)), loc);
}

static void build_load_fast(Builder *b, const Instr *i) {
    const Variable *v = hl_bc_cell(b, i->arg);
    Ref value =
        v ? cell_get(b, hl_bc_variable(b, v), v->name, false, i->loc) : hl_bc_read_local(b, i->arg, i->loc);
    if (v) hl_name_value(b->f, value, v->name);
    hl_bc_push(b, value);
}

static void build_store_fast(Builder *b, const Instr *i) {
    const Variable *v = hl_bc_cell(b, i->arg);
    Ref value = pop(b);
    if (b->objmode) value = hl_bc_object(b, value, i->loc);
    if (v)
        hl_bc_cell_set(b, hl_bc_variable(b, v), value, i->loc);
    else
        hl_bc_write_local(b, i->arg, value, i->loc);
}

static void build_save_fast(Builder *b, const Instr *i) {
    if (hl_bc_cell(b, i->arg) && !b->code->foreign) {
        hl_bc_refuse(b, "a comprehension whose variable an inner function keeps", i->loc);
        return;
    }
    hl_bc_save_local(b, i->arg);
}

static void build_restore_fast(Builder *b, const Instr *i) {
    hl_bc_restore_local(b, i->arg, i->loc);
}

static void delete_cell(Builder *b, const Variable *v, bool is_free, Loc loc) {
    Ref args[] = {hl_bc_variable(b, v), text(b, cell_words(b, v->name, is_free), loc)};
    hl_bc_operate(b, FOREIGN_CELL_DELETE, args, 2, NULL, loc);
}

static void build_delete_fast(Builder *b, const Instr *i) {
    const Variable *v = hl_bc_cell(b, i->arg);
    if (v)
        delete_cell(b, v, false, i->loc);
    else
        hl_bc_delete_local(b, i->arg, i->loc);
}

/* At the start of a function each shared variable has its cell already, unless that is Python's. */
static void build_make_cell(Builder *b, const Instr *i) {
    if (b->code->foreign && hl_bc_cell(b, i->arg)) hl_bc_make_cell(b, i->arg, i->loc);
}

/* A cell for a closure: the MAKE_FUNCTION that takes it knows by name what the function captures. */
static void build_load_closure(Builder *b, const Instr *i) {
    (void)i;
    hl_bc_push(b, b->undef_value);
}

static void refuse_undefined(Builder *b, const char *name, Loc loc) {
    hl_bc_refuse(b, hl_arena_printf(&b->c->arena, "UNDEFINED_NAME:%s", name), loc);
}

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

/* A function that the one asked for calls has globals of its own. */
static const void *other_function(const Builder *b) {
    return b->code->function != b->c->asker ? b->code->function : NULL;
}

/* What has just been pushed was found there. */
static void found_at(Builder *b, const char *global, uint32_t free_variable) {
    Ins *ins = hl_ins(b->f, b->stack[b->depth - 1].ref);
    if (ins->op != OP_PY_CONST || ins->type->kind != TY_OBJECT_CONST) return;
    HlSource *source = hl_new(&b->c->arena, HlSource);
    *source = (HlSource){global, free_variable, other_function(b)};
    ins->aux.object = source;
}

Ref hl_bc_function(Builder *b, const Inner *inner, Loc loc) {
    return function_value(b, inner, no_defaults(b, inner, loc), loc);
}

/* A variable of an enclosing function. */
static void build_load_free(Builder *b, const Instr *i) {
    const Variable *v = b->scope->variables[i->arg];
    bool pushed = true, is_live = b->objmode && v->cell && v->kind == VARIABLE_FROZEN;
    switch (is_live ? VARIABLE_CELL : v->kind) {
    case VARIABLE_VALUE: hl_bc_push(b, hl_bc_variable(b, v)); break;
    case VARIABLE_FUNCTION: hl_bc_push(b, hl_bc_function(b, v->function, i->loc)); break;
    case VARIABLE_CELL: {
        Ref cell = is_live ? hl_bc_constant(b, v->cell, i->loc) : hl_bc_variable(b, v);
        hl_bc_push(b, cell_get(b, cell, v->name, true, i->loc));
        break;
    }
    case VARIABLE_FROZEN:
        if (v->object)
            pushed = hl_bc_push_object(b, v->object, i->loc);
        else
            refuse_undefined(b, v->name, i->loc);
        if (!pushed || !v->object) return;
        found_at(b, NULL, i->arg - (b->code->nlocals - (uint32_t)b->code->object->co_nfreevars));
        break;
    }
    hl_name_value(b->f, b->stack[b->depth - 1].ref, v->name);
}

static void build_store_free(Builder *b, const Instr *i) {
    const Variable *v = b->scope->variables[i->arg];
    Ref value = pop(b);
    if (v->kind == VARIABLE_CELL)
        hl_bc_cell_set(b, hl_bc_variable(b, v), value, i->loc);
    else
        hl_bc_refuse(b, "assignment to a nonlocal variable", i->loc);
}

static void build_delete_free(Builder *b, const Instr *i) {
    const Variable *v = b->scope->variables[i->arg];
    if (v->kind == VARIABLE_CELL && hl_bc_has_objects(b))
        delete_cell(b, v, true, i->loc);
    else
        hl_bc_refuse(b, "deletion of a nonlocal variable", i->loc);
}

/* Does the function itself assign or delete this global variable? */
static bool is_assigned_global(const Code *code, uint32_t index) {
    for (uint32_t i = 0; i < code->ninstrs; i++) {
        uint8_t handler = code->instrs[i].handler;
        if (code->instrs[i].arg == index && (handler == BH_store_global || handler == BH_delete_global))
            return true;
    }
    return false;
}

/* Does compiled code know what it is by name, not by its value? */
static bool is_named(Builder *b, PyObject *value) {
    const Type *type = hl_host_value(b->c, value).type;
    return type && type->kind == TY_OBJECT_CONST;
}

/* Beside objects a name that changes, or that stands for nothing yet, is looked up each time; in an objmode block one that
 * stands for a value too. */
static Ref look_up_global(Builder *b, const Instr *i, PyObject *value) {
    bool changes = !value || is_assigned_global(b->code, i->arg >> 1);
    if (!hl_bc_has_objects(b) || (!changes && !(b->objmode && !is_named(b, value)))) return 0;
    Ref args[] = {text(b, name_at(b, i->arg >> 1), i->loc), 0};
    PyObject *owner = (PyObject *)other_function(b);
    if (owner) args[1] = hl_bc_constant(b, owner, i->loc);
    Ref ref = hl_bc_operate(b, FOREIGN_GLOBAL, args, owner ? 2 : 1, NULL, i->loc);
    const char *assigned = hl_foreign_words(FOREIGN_SET_GLOBAL);
    if (value && !b->objmode) hl_ins(b->f, ref)->type = hl_type_str(assigned, strlen(assigned));
    return ref;
}

static void build_load_global(Builder *b, const Instr *i) {
    PyObject *name = PyTuple_GET_ITEM(b->code->object->co_names, (Py_ssize_t)(i->arg >> 1));
    PyObject *value = hl_bc_global(b->code, name);
    Ref found = look_up_global(b, i, value);
    if (!value && !found) {
        refuse_undefined(b, hl_bc_text(name), i->loc);
        return;
    }
    if (i->arg & 1 && !PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
    if (found) hl_bc_push(b, found);
    if (!found && !hl_bc_push_object(b, value, i->loc)) return;
    hl_name_value(b->f, b->stack[b->depth - 1].ref, hl_bc_text(name));
    if (!found) found_at(b, hl_bc_text(name), 0);
    if (i->arg & 1 && PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
}

static void build_store_global(Builder *b, const Instr *i) {
    Ref value = pop(b), args[] = {text(b, name_at(b, i->arg), i->loc), value};
    hl_bc_operate(b, FOREIGN_SET_GLOBAL, args, 2, NULL, i->loc);
}

static void build_delete_global(Builder *b, const Instr *i) {
    Ref name = text(b, name_at(b, i->arg), i->loc);
    hl_bc_operate(b, FOREIGN_DELETE_GLOBAL, &name, 1, NULL, i->loc);
}

/* x.name; for a method call the pair (callable, NULL) in the order of this Python. */
static void get_attribute(Builder *b, const char *name, bool for_call, Loc loc) {
    Ref object = pop(b);
    Ref value = hl_bc_emit(b, OP_PY_GETATTR, &object, 1, aux_name(name), loc);
    if (for_call && !PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
    hl_bc_push(b, value);
    if (for_call && PY_SINCE(313)) hl_bc_push_kind(b, 0, SLOT_NULL);
}

static void build_load_attr(Builder *b, const Instr *i) {
    uint32_t shift = PY_SINCE(312) ? 1 : 0;
    get_attribute(b, name_at(b, i->arg >> shift), shift && i->arg & 1, i->loc);
}

static void build_load_method(Builder *b, const Instr *i) {
    get_attribute(b, name_at(b, i->arg), true, i->loc);
}

static void build_store_attr(Builder *b, const Instr *i) {
    Ref object = pop(b), value = pop(b);
    Ref args[] = {object, value};
    hl_bc_emit(b, OP_PY_SETATTR, args, 2, aux_name(name_at(b, i->arg)), i->loc);
}

static void build_delete_attr(Builder *b, const Instr *i) {
    Ref object = pop(b), args[] = {object, text(b, name_at(b, i->arg), i->loc)};
    hl_bc_operate(b, FOREIGN_DELATTR, args, 2, NULL, i->loc);
}

/* ---- operators ----------------------------------------------------------------------------------------- */

static void build_unary_negative(Builder *b, const Instr *i) {
    operation(b, OP_PY_UNARY, 1, aux_int(UN_NEG), i->loc);
}

static void build_unary_positive(Builder *b, const Instr *i) {
    operation(b, OP_PY_UNARY, 1, aux_int(UN_POS), i->loc);
}

static void build_unary_invert(Builder *b, const Instr *i) {
    operation(b, OP_PY_UNARY, 1, aux_int(UN_INVERT), i->loc);
}

static void build_unary_not(Builder *b, const Instr *i) {
    operation(b, OP_PY_UNARY, 1, aux_int(UN_NOT), i->loc);
}

static void build_to_bool(Builder *b, const Instr *i) {
    operation(b, OP_PY_TRUTH, 1, (Aux){0}, i->loc);
}

enum { NB_FIRST_INPLACE = NB_INPLACE_ADD };

static void build_binary_op(Builder *b, const Instr *i) {
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
    operation(b, inplace ? OP_PY_INPLACE : OP_PY_BINARY, 2, aux_int(op), i->loc);
}

enum { COMPARE_SHIFT = PY_SINCE(313) ? 5 : PY_SINCE(312) ? 4 : 0, COMPARE_TO_BOOL = PY_SINCE(313) ? 16 : 0 };

static void build_compare(Builder *b, const Instr *i) {
    static const uint8_t ops[] = {[Py_LT] = CMP_LT, [Py_LE] = CMP_LE, [Py_EQ] = CMP_EQ,
                                  [Py_NE] = CMP_NE, [Py_GT] = CMP_GT, [Py_GE] = CMP_GE};
    operation(b, OP_PY_COMPARE, 2, aux_int(ops[i->arg >> COMPARE_SHIFT]), i->loc);
    if (i->arg & COMPARE_TO_BOOL) operation(b, OP_PY_TRUTH, 1, (Aux){0}, i->loc);
}

static void build_is_op(Builder *b, const Instr *i) {
    operation(b, OP_PY_IS, 2, aux_int(i->arg), i->loc);
}

static void build_contains(Builder *b, const Instr *i) {
    operation(b, OP_PY_CONTAINS, 2, aux_int(i->arg), i->loc);
}

/* ---- subscripts ---------------------------------------------------------------------------------------- */

static void build_binary_subscr(Builder *b, const Instr *i) {
    operation(b, OP_PY_GETITEM, 2, (Aux){0}, i->loc);
}

static void set_item(Builder *b, Ref container, Ref key, Ref value, Loc loc) {
    Ref args[] = {container, key, value};
    hl_bc_emit(b, OP_PY_SETITEM, args, 3, (Aux){0}, loc);
}

static void build_store_subscr(Builder *b, const Instr *i) {
    const Ref *v = pop_many(b, 3); /* value, container, key */
    set_item(b, v[1], v[2], v[0], i->loc);
}

static void build_delete_subscr(Builder *b, const Instr *i) {
    const Ref *v = pop_many(b, 2);
    hl_bc_emit(b, OP_PY_DELITEM, v, 2, (Aux){0}, i->loc);
}

static void build_build_slice(Builder *b, const Instr *i) {
    if (i->arg == 2) hl_bc_push(b, hl_bc_none(b, i->loc));
    operation(b, OP_PY_SLICE, 3, (Aux){0}, i->loc);
}

static void build_binary_slice(Builder *b, const Instr *i) {
    hl_bc_push(b, hl_bc_none(b, i->loc));
    operation(b, OP_PY_SLICE, 3, (Aux){0}, i->loc);
    operation(b, OP_PY_GETITEM, 2, (Aux){0}, i->loc);
}

static void build_store_slice(Builder *b, const Instr *i) {
    hl_bc_push(b, hl_bc_none(b, i->loc));
    operation(b, OP_PY_SLICE, 3, (Aux){0}, i->loc);
    build_store_subscr(b, i);
}

/* ---- displays ------------------------------------------------------------------------------------------ */

static void build_build_tuple(Builder *b, const Instr *i) {
    operation(b, OP_PY_TUPLE, i->arg, (Aux){0}, i->loc);
    if (is_for_function(b->code, next_instr(b, i))) b->stack[b->depth - 1].kind = SLOT_MAP;
}

static bool makes_tuple(const Code *code, uint32_t i) {
    if (i == BC_NONE) return false;
    bool intrinsic = code->instrs[i].handler == BH_intrinsic && code->instrs[i].arg == INTRINSIC_TO_TUPLE;
    return intrinsic || code->instrs[i].handler == BH_list_to_tuple;
}

/* Pops the operands of an operation that only objects have and pushes its result. */
static void objects_only(Builder *b, const Instr *i, ForeignId id, uint32_t nargs) {
    const Ref *args = pop_many(b, nargs);
    Ref result = hl_bc_operate(b, id, args, nargs, i->words, i->loc);
    if (result) hl_bc_push(b, result);
}

/* The same for what changes a container `depth` below the top, once its own operands are popped. */
static void change_container(Builder *b, const Instr *i, ForeignId id, uint32_t nargs, uint32_t depth) {
    Ref *args = hl_new_array(&b->c->arena, Ref, nargs + 1);
    memcpy(args + 1, pop_many(b, nargs), nargs * sizeof *args);
    args[0] = b->stack[b->depth - depth].ref;
    hl_bc_operate(b, id, args, nargs + 1, i->words, i->loc);
}

static void build_build_map(Builder *b, const Instr *i) {
    objects_only(b, i, FOREIGN_DICT, 2 * i->arg);
}

static void build_map_add(Builder *b, const Instr *i) {
    change_container(b, i, FOREIGN_MAP_ADD, 2, i->arg);
}

static void build_dict_update(Builder *b, const Instr *i) {
    change_container(b, i, FOREIGN_DICT_UPDATE, 1, i->arg);
}

/* f(**x): the dict lies above f, on 3.13 above the NULL beside it too, and above the tuple of the other arguments. */
static void build_dict_merge(Builder *b, const Instr *i) {
    Ref more = pop(b);
    uint32_t dict = b->depth - i->arg, callee = dict - (PY_SINCE(313) ? 3 : 2);
    Ref args[] = {b->stack[dict].ref, more, b->stack[callee].ref};
    hl_bc_operate(b, FOREIGN_DICT_MERGE, args, 3, i->words, i->loc);
}

/* (*a, b) and f(*a, b) build a list and turn it into a tuple: a tuple from the start here. */
static void build_build_list(Builder *b, const Instr *i) {
    const Ref *items = pop_many(b, i->arg);
    bool tuple = makes_tuple(b->code, hl_bc_consumer(b->code, next_instr(b, i)));
    Ref list = hl_bc_emit(b, tuple ? OP_PY_TUPLE : OP_PY_LIST, items, i->arg, (Aux){0}, i->loc);
    hl_bc_push_kind(b, list, tuple ? SLOT_LIST : SLOT_VALUE);
}

static void build_list_append(Builder *b, const Instr *i) {
    Ref item = pop(b);
    Slot *list = &b->stack[b->depth - i->arg];
    if (list->kind == SLOT_LIST) item = hl_bc_emit(b, OP_PY_TUPLE, &item, 1, (Aux){0}, i->loc);
    Ref args[] = {list->ref, item};
    if (list->kind == SLOT_LIST)
        list->ref = hl_bc_emit(b, OP_PY_TUPLE_EXTEND, args, 2, (Aux){0}, i->loc);
    else
        hl_bc_emit(b, OP_PY_LIST_APPEND, args, 2, (Aux){0}, i->loc);
}

/* A display of constants is a list that is extended by one tuple: made with its items here. */
static bool is_display(const Builder *b, const Slot *list, Ref more) {
    const Ins *ins = hl_ins(b->f, list->ref);
    return ins->op == OP_PY_LIST && ins->nargs == 0 && hl_ins(b->f, more)->op == OP_PY_TUPLE &&
           ins->block == b->block;
}

static void build_list_extend(Builder *b, const Instr *i) {
    Ref more = pop(b);
    Slot *list = &b->stack[b->depth - i->arg];
    Ref args[] = {list->ref, more};
    if (list->kind == SLOT_LIST) {
        list->ref = hl_bc_emit(b, OP_PY_TUPLE_EXTEND, args, 2, (Aux){0}, i->loc);
    } else if (is_display(b, list, more)) {
        const Ins *items = hl_ins(b->f, more);
        hl_remove(b->f, list->ref);
        list->ref = hl_bc_emit(b, OP_PY_LIST, items->args, items->nargs, (Aux){0}, i->loc);
    } else {
        hl_bc_emit(b, OP_PY_LIST_EXTEND, args, 2, (Aux){0}, i->loc);
    }
}

static void build_build_set(Builder *b, const Instr *i) {
    const Ref *keys = pop_many(b, i->arg);
    hl_bc_push(b, hl_bc_emit(b, OP_PY_SET, keys, i->arg, (Aux){0}, i->loc));
}

static void build_set_add(Builder *b, const Instr *i) {
    Ref key = pop(b);
    Ref args[] = {b->stack[b->depth - i->arg].ref, key};
    hl_bc_emit(b, OP_PY_SET_ADD, args, 2, (Aux){0}, i->loc);
}

/* A display of constants is made with its keys from the start. */
static void build_set_update(Builder *b, const Instr *i) {
    Ref more = pop(b);
    Slot *set = &b->stack[b->depth - i->arg];
    const Ins *fresh = hl_ins(b->f, set->ref);
    Ref args[] = {set->ref, more};
    if (hl_ins(b->f, more)->op == OP_PY_SET_TABLE && fresh->op == OP_PY_SET && !fresh->nargs &&
        fresh->block == b->block) {
        hl_remove(b->f, set->ref);
        set->ref = more;
    } else {
        hl_bc_emit(b, OP_PY_SET_UPDATE, args, 2, (Aux){0}, i->loc);
    }
}

static void build_list_to_tuple(Builder *b, const Instr *i) {
    (void)i;
    b->stack[b->depth - 1].kind = SLOT_VALUE;
}

static void build_intrinsic(Builder *b, const Instr *i) {
    if (i->arg == INTRINSIC_TO_TUPLE)
        build_list_to_tuple(b, i);
    else if (i->arg == INTRINSIC_UNARY_PLUS && b->stack[b->depth - 1].kind == SLOT_VALUE)
        build_unary_positive(b, i);
    else
        hl_bc_refuse(b, "a type parameter, import * or an async generator", i->loc);
}

/* a, *b, c = x: a tuple of the items before, the list of the rest, the items behind. */
static void build_unpack_ex(Builder *b, const Instr *i) {
    operation(b, OP_PY_UNPACK_EX, 1, aux_int(i->arg), i->loc);
    Ref tuple = pop(b);
    for (uint32_t k = i->pushes; k-- > 0;)
        hl_bc_push(b, hl_bc_emit(b, OP_PY_ITEM, &tuple, 1, aux_int(k), i->loc));
}

static void build_get_len(Builder *b, const Instr *i) {
    Ref value = b->stack[b->depth - 1].ref;
    hl_bc_push(b, hl_bc_emit(b, OP_PY_LEN, &value, 1, (Aux){0}, i->loc));
}

static void build_match_sequence(Builder *b, const Instr *i) {
    Ref value = b->stack[b->depth - 1].ref;
    hl_bc_push(b, hl_bc_emit(b, OP_PY_IS_SEQUENCE, &value, 1, (Aux){0}, i->loc));
}

static void build_match_mapping(Builder *b, const Instr *i) {
    Ref value = b->stack[b->depth - 1].ref;
    Ref fits = hl_bc_operate(b, FOREIGN_IS_MAPPING, &value, 1, NULL, i->loc);
    if (fits) hl_bc_push(b, fits);
}

static void build_match_keys(Builder *b, const Instr *i) {
    Ref args[] = {b->stack[b->depth - 2].ref, b->stack[b->depth - 1].ref};
    Ref values = hl_bc_operate(b, FOREIGN_MATCH_KEYS, args, 2, NULL, i->loc);
    if (values) hl_bc_push(b, values);
}

static void build_match_class(Builder *b, const Instr *i) {
    Ref names = pop(b), class_ = pop(b), value = pop(b);
    Ref args[] = {value, class_, literal(b, hl_type_lit_int(i->arg), i->loc), names};
    Ref values = hl_bc_operate(b, FOREIGN_MATCH_CLASS, args, 4, NULL, i->loc);
    if (values) hl_bc_push(b, values);
}

/* ---- imports ------------------------------------------------------------------------------------------- */

/* A module that is loaded is a constant; one that is not would have to run. */
static void build_import_name(Builder *b, const Instr *i) {
    const char *name = name_at(b, i->arg);
    Ref names = pop(b), depth = pop(b);
    const Ins *wanted = hl_ins(b->f, names), *level = hl_ins(b->f, depth);
    bool whole = wanted->type && wanted->type->kind == TY_NONE; /* import a.b gives a */
    PyObject *module = level->type && level->type->kind == TY_LIT_INT && level->type->value == 0
                           ? hl_bc_loaded_module(name, whole)
                           : NULL;
    if (module) {
        hl_bc_push_object(b, module, i->loc);
        return;
    }
    Ref args[] = {depth, names, text(b, name, i->loc)};
    Ref result = hl_bc_operate(b, FOREIGN_IMPORT, args, 3, NULL, i->loc);
    if (result) hl_bc_push(b, result);
}

/* A module that is a constant and has the name. */
static bool has_name(const Builder *b, Ref module, const char *name) {
    const Ins *ins = hl_ins(b->f, module);
    return ins->op == OP_PY_CONST && b->c->host->getattr(b->c, ins->type->object, name).type;
}

static void build_import_from(Builder *b, const Instr *i) {
    Ref module = b->stack[b->depth - 1].ref;
    if (hl_bc_has_objects(b) && (b->objmode || !has_name(b, module, name_at(b, i->arg)))) {
        Ref args[] = {module, text(b, name_at(b, i->arg), i->loc)};
        hl_bc_push(b, hl_bc_operate(b, FOREIGN_IMPORT_FROM, args, 2, NULL, i->loc));
        return;
    }
    hl_bc_push(b, hl_bc_emit(b, OP_PY_GETATTR, &module, 1, aux_name(name_at(b, i->arg)), i->loc));
}

/* ---- f-strings ----------------------------------------------------------------------------------------- */

static int64_t conversion(uint32_t number) {
    static const char letters[] = {0, 's', 'r', 'a'};
    return letters[number & 3];
}

static void build_format_value(Builder *b, const Instr *i) {
    operation(b, OP_PY_FORMAT, i->arg & 4 ? 2 : 1, aux_int(conversion(i->arg)), i->loc);
}

static void build_format_simple(Builder *b, const Instr *i) {
    operation(b, OP_PY_FORMAT, 1, aux_int(0), i->loc);
}

static void build_format_with_spec(Builder *b, const Instr *i) {
    operation(b, OP_PY_FORMAT, 2, aux_int(0), i->loc);
}

static void build_convert_value(Builder *b, const Instr *i) {
    operation(b, OP_PY_FORMAT, 1, aux_int(conversion(i->arg)), i->loc);
}

static void build_build_string(Builder *b, const Instr *i) {
    operation(b, OP_PY_TEXT, i->arg, (Aux){0}, i->loc);
}

static void build_unpack_sequence(Builder *b, const Instr *i) {
    operation(b, OP_PY_UNPACK, 1, aux_int(i->arg), i->loc);
    Ref tuple = pop(b);
    for (uint32_t k = i->arg; k-- > 0;)
        hl_bc_push(b, hl_bc_emit(b, OP_PY_ITEM, &tuple, 1, aux_int(k), i->loc));
}

/* ---- inner functions ----------------------------------------------------------------------------------- */

/* The keys are a constant tuple. */
static void dict_of_keys(Builder *b, const Ref *v, uint32_t n, Loc loc) {
    Ref *items = hl_new_array(&b->c->arena, Ref, 2 * n + 1);
    for (uint32_t k = 0; k < n; k++) {
        items[2 * k] = hl_bc_emit(b, OP_PY_ITEM, &v[n], 1, aux_int(k), loc);
        items[2 * k + 1] = v[k];
    }
    hl_bc_push(b, hl_bc_operate(b, FOREIGN_DICT, items, 2 * n, NULL, loc));
}

/* {'name': value, ...} with constant keys: a tuple of the keys' tuple and the values, for the defaults of keyword-only
 * parameters; a dict display otherwise, which check_operands refuses. */
static void build_build_key_map(Builder *b, const Instr *i) {
    const Ref *v = pop_many(b, i->arg + 1);
    if (hl_bc_has_objects(b) && !is_for_function(b->code, next_instr(b, i))) {
        dict_of_keys(b, v, i->arg, i->loc);
        return;
    }
    Ref *items = hl_new_array(&b->c->arena, Ref, i->arg + 2);
    items[0] = v[i->arg];
    for (uint32_t k = 0; k < i->arg; k++)
        items[1 + k] = v[k];
    hl_bc_push_kind(b, hl_bc_emit(b, OP_PY_TUPLE, items, i->arg + 1, (Aux){0}, i->loc), SLOT_MAP);
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

/* The comprehensions that are not compiled; NULL for any other function. */
static const char *refused_comprehension(const Inner *inner) {
    static const char *const words[][2] = {
        {"<dictcomp>", "a dict comprehension"},
    };
    const char *name = hl_bc_text(((const PyCodeObject *)inner->function->func_code)->co_name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i][0]) == 0) return words[i][1];
    return NULL;
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

static void build_make_function(Builder *b, const Instr *i) {
    static const uint8_t flags[] = {8, 4, 2, 1}; /* from the top of the stack, below the code */
    uint32_t made = (uint32_t)(i - b->code->instrs);
    const Inner *inner = hl_bc_made_function(b->code, b->scope, made);
    hl_bc_pop(b);
    const char *words = inner ? refused_comprehension(inner) : "an inner function";
    if (inner && hl_bc_is_generator(inner) && !is_argument(b->code, hl_bc_behind_function(b->code, made)))
        words = "a generator expression";
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

static void build_set_function_attribute(Builder *b, const Instr *i) {
    Ref function = pop(b);
    hl_bc_push(b, with_attribute(b, function, i->arg, hl_bc_pop(b), i->loc));
}

/* ---- calls --------------------------------------------------------------------------------------------- */

static void set_kwnames(Builder *b, PyObject *names) {
    b->nkw = (uint32_t)PyTuple_GET_SIZE(names);
    b->kwnames = hl_new_array(&b->c->arena, const char *, b->nkw + 1);
    for (uint32_t i = 0; i < b->nkw; i++)
        b->kwnames[i] = hl_bc_text(PyTuple_GET_ITEM(names, i));
}

static void build_kw_names(Builder *b, const Instr *i) {
    set_kwnames(b, const_at(b, i->arg));
}

/* The stack holds (NULL, f), (f, NULL) or (f, first argument), then `nargs` arguments of which the last are
 * keywords. */
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

static void build_call(Builder *b, const Instr *i) {
    call(b, i->arg, i->loc);
}

/* 3.13: the keyword names are a constant on top of the stack, which load_const left as a tuple of strings. */
static void build_call_kw(Builder *b, const Instr *i) {
    const Ins *names = hl_ins(b->f, pop(b));
    b->nkw = names->nargs;
    b->kwnames = hl_new_array(&b->c->arena, const char *, b->nkw + 1);
    for (uint32_t k = 0; k < b->nkw; k++)
        b->kwnames[k] = hl_ins(b->f, names->args[k])->type->name;
    call(b, i->arg, i->loc);
}

static void build_call_star(Builder *b, const Instr *i) {
    uint32_t keywords = i->arg & 1;
    b->depth -= 3 + keywords;
    const Slot *slot = &b->stack[b->depth];
    Ref args[] = {slot[0].kind == SLOT_NULL ? slot[1].ref : slot[0].ref, slot[2].ref, slot[2 + keywords].ref};
    if (keywords) {
        Ref result = hl_bc_operate(b, FOREIGN_CALL_STAR_KW, args, 3, NULL, i->loc);
        if (result) hl_bc_push(b, result);
        return;
    }
    hl_bc_push(b, hl_bc_emit(b, OP_PY_CALL_STAR, args, 2, (Aux){0}, i->loc));
}

/* ---- leaving ------------------------------------------------------------------------------------------- */

static void leave(Builder *b, Op op, Ref value, Loc loc) {
    hl_bc_emit(b, op, &value, 1, (Aux){0}, loc);
    b->block = 0;
}

static void build_load_build_class(Builder *b, const Instr *i) {
    Ref result = hl_bc_operate(b, FOREIGN_BUILD_CLASS, NULL, 0, NULL, i->loc);
    if (result) hl_bc_push(b, result);
}

static void build_load_assertion_error(Builder *b, const Instr *i) {
    hl_bc_push_object(b, PyExc_AssertionError, i->loc);
}

/* It fails always; a handler of this function may be where that leads. */
static void fail_with(Builder *b, Op op, uint32_t nargs, const Instr *i) {
    const Ref *args = pop_many(b, nargs);
    hl_bc_emit(b, op, args, nargs, (Aux){0}, i->loc);
    hl_bc_guard(b);
    hl_bc_emit(b, OP_UNREACHABLE, NULL, 0, (Aux){0}, i->loc);
    b->block = 0;
}

static void build_raise(Builder *b, const Instr *i) {
    static const uint16_t ops[] = {OP_PY_THROW_AGAIN, OP_PY_THROW, OP_PY_THROW_FROM};
    if (i->arg == 1 && !b->guarded)
        leave(b, OP_PY_RAISE, pop(b), i->loc);
    else
        fail_with(b, (Op)ops[i->arg], i->arg, i);
}

/* ---- exceptions ---------------------------------------------------------------------------------------- */

static void build_push_exc_info(Builder *b, const Instr *i) {
    Ref exception = pop(b);
    hl_bc_push(b, hl_bc_emit(b, OP_PY_PUSH_EXC, &exception, 1, (Aux){0}, i->loc));
    hl_bc_push(b, exception);
}

static void build_pop_except(Builder *b, const Instr *i) {
    Ref before = pop(b);
    hl_bc_emit(b, OP_PY_POP_EXCEPT, &before, 1, (Aux){0}, i->loc);
}

static void build_check_exc_match(Builder *b, const Instr *i) {
    Ref class = pop(b);
    Ref args[] = {b->stack[b->depth - 1].ref, class};
    hl_bc_push(b, hl_bc_emit(b, OP_PY_EXC_MATCH, args, 2, (Aux){0}, i->loc));
}

static void build_reraise(Builder *b, const Instr *i) {
    fail_with(b, OP_PY_RERAISE, 1, i);
}

/* The bound __exit__ stays on the stack, below what __enter__ gave. */
static void build_before_with(Builder *b, const Instr *i) {
    operation(b, OP_PY_WITH, 1, (Aux){0}, i->loc);
    Ref both = pop(b);
    for (uint32_t k = 0; k < 2; k++)
        hl_bc_push(b, hl_bc_emit(b, OP_PY_ITEM, &both, 1, aux_int(k), i->loc));
}

/* There is no __exit__, and nothing that __enter__ gave. */
static void build_enter_objmode(Builder *b, const Instr *i) {
    hl_bc_push_kind(b, 0, SLOT_NULL);
    hl_bc_push(b, hl_bc_none(b, i->loc));
}

/* What the block gives to the code behind it has the types it promised from here on. */
static void build_leave_objmode(Builder *b, const Instr *i) {
    const ObjmodeBlock *block = &b->code->objmode.data[i->arg];
    b->depth -= i->pops;
    for (uint32_t k = 0; k < block->noutputs; k++) {
        const ObjmodeOutput *output = &block->outputs[k];
        const Instr variable = {.arg = output->local, .loc = i->loc};
        build_load_fast(b, &variable);
        operation(b, OP_PY_PROMISED, 1, aux_name(output->type), i->loc);
        build_store_fast(b, &variable);
    }
    hl_bc_push(b, hl_bc_none(b, i->loc));
}

/* __exit__, a place, the exception handled before, the exception. */
static void build_with_except_start(Builder *b, const Instr *i) {
    const Slot *top = &b->stack[b->depth - 1];
    Ref args[] = {top[-3].ref, top[0].ref};
    hl_bc_push(b, hl_bc_emit(b, OP_PY_WITH_EXCEPT, args, 2, (Aux){0}, i->loc));
}

static bool is_used_up(const Builder *b) {
    return b->scope->self && b->scope->self->use;
}

static void build_return_value(Builder *b, const Instr *i) {
    Ref value = pop(b);
    leave(b, OP_PY_RETURN, is_used_up(b) ? hl_bc_yielded(b) : value, i->loc);
}

/* Here a generator is made and returned; one that is used up goes on at once. */
static void build_return_generator(Builder *b, const Instr *i) {
    if (is_used_up(b))
        hl_bc_push(b, hl_bc_none(b, i->loc));
    else
        hl_bc_refuse(b, "a generator or coroutine", i->loc);
}

static void build_yield_value(Builder *b, const Instr *i) {
    if (is_used_up(b)) {
        hl_bc_yield(b, pop(b), i->loc);
        hl_bc_push(b, hl_bc_none(b, i->loc));
    } else {
        hl_bc_refuse(b, "yield", i->loc);
    }
}

static void build_return_const(Builder *b, const Instr *i) {
    if (hl_bc_push_literal(b, const_at(b, i->arg), i)) build_return_value(b, i);
}

/* ---- loops and branches -------------------------------------------------------------------------------- */

static void build_get_iter(Builder *b, const Instr *i) {
    Ref object = pop(b);
    hl_bc_push_kind(b, hl_bc_emit(b, OP_PY_ITER, &object, 1, (Aux){0}, i->loc), SLOT_ITER);
}

static void build_for_iter(Builder *b, const Instr *i) {
    hl_bc_for_iter(b, i);
}

/* A loop whose interruption is handled here says where it goes round. */
static void poll_if_guarded(Builder *b, const Instr *i) {
    if (!b->guarded || i->target > (uint32_t)(i - b->code->instrs)) return;
    hl_bc_emit(b, OP_PY_POLL, NULL, 0, (Aux){0}, i->loc);
    hl_bc_guard(b);
}

static void build_jump(Builder *b, const Instr *i) {
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

static void build_jump_if_true(Builder *b, const Instr *i) {
    branch_if(b, i, pop(b), true);
}

static void build_jump_if_false(Builder *b, const Instr *i) {
    branch_if(b, i, pop(b), false);
}

static void build_jump_if_none(Builder *b, const Instr *i) {
    branch_if_none(b, i, true);
}

static void build_jump_if_not_none(Builder *b, const Instr *i) {
    branch_if_none(b, i, false);
}

/* The value stays on the stack for the jump; the block behind has one slot less and does not see it. */
static void build_jump_if_true_or_pop(Builder *b, const Instr *i) {
    branch_if(b, i, b->stack[b->depth - 1].ref, true);
}

static void build_jump_if_false_or_pop(Builder *b, const Instr *i) {
    branch_if(b, i, b->stack[b->depth - 1].ref, false);
}

void hl_bc_run(Builder *b, const Instr *instr) {
    static void (*const handlers[BH_COUNT])(Builder *, const Instr *) = {
#define HANDLER(name, flow, accepts) [BH_##name] = build_##name,
#include "handlers.def"
#undef HANDLER
    };
    handlers[instr->handler](b, instr);
}
