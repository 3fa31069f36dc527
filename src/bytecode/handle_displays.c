/* handle_displays: tuples, lists, sets and dicts that are made item by item, and taken apart.
 *
 * (*a, b) and f(*a, b) build a list and turn it into a tuple: here it is a tuple from the start, whose slot has the kind
 * SLOT_LIST. A display of constants is an empty container that takes one constant: here it is made with its items.
 */
#include "bytecode/handle.h"

/* ---- tuples and lists --------------------------------------------------------------------------------- */

void hl_handle_build_tuple(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_TUPLE, i->arg, (Aux){0}, i->loc);
    if (hl_bc_is_for_function(b->code, next_instr(b, i))) b->stack[b->depth - 1].kind = SLOT_MAP;
}

enum { INTRINSIC_UNARY_PLUS = 5, INTRINSIC_TO_TUPLE = 6 };

static bool makes_tuple(const Code *code, uint32_t i) {
    if (i == BC_NONE) return false;
    bool intrinsic = code->instrs[i].handler == BH_intrinsic && code->instrs[i].arg == INTRINSIC_TO_TUPLE;
    return intrinsic || code->instrs[i].handler == BH_list_to_tuple;
}

void hl_handle_build_list(Builder *b, const Instr *i) {
    const Ref *items = hl_bc_pop_many(b, i->arg);
    bool tuple = makes_tuple(b->code, hl_bc_consumer(b->code, next_instr(b, i)));
    Ref list = hl_bc_emit(b, tuple ? OP_PY_TUPLE : OP_PY_LIST, items, i->arg, (Aux){0}, i->loc);
    hl_bc_push_kind(b, list, tuple ? SLOT_LIST : SLOT_VALUE);
}

void hl_handle_list_append(Builder *b, const Instr *i) {
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

void hl_handle_list_extend(Builder *b, const Instr *i) {
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

void hl_handle_list_to_tuple(Builder *b, const Instr *i) {
    (void)i;
    b->stack[b->depth - 1].kind = SLOT_VALUE;
}

void hl_handle_intrinsic(Builder *b, const Instr *i) {
    if (i->arg == INTRINSIC_TO_TUPLE)
        hl_handle_list_to_tuple(b, i);
    else if (i->arg == INTRINSIC_UNARY_PLUS && b->stack[b->depth - 1].kind == SLOT_VALUE)
        hl_handle_unary_positive(b, i);
    else
        hl_bc_refuse(b, "a type parameter, import * or an async generator", i->loc);
}

/* ---- sets --------------------------------------------------------------------------------------------- */

void hl_handle_build_set(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_SET, i->arg, (Aux){0}, i->loc);
}

void hl_handle_set_add(Builder *b, const Instr *i) {
    Ref key = pop(b);
    Ref args[] = {b->stack[b->depth - i->arg].ref, key};
    hl_bc_emit(b, OP_PY_SET_ADD, args, 2, (Aux){0}, i->loc);
}

/* A display of constants is made with its keys from the start. */
void hl_handle_set_update(Builder *b, const Instr *i) {
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

/* ---- dicts -------------------------------------------------------------------------------------------- */

/* An operation that only objects have, on the container that lies `depth` below the top once the operands are popped. */
static void change_container(Builder *b, const Instr *i, ForeignId id, uint32_t nargs, uint32_t depth) {
    Ref *args = hl_new_array(&b->c->arena, Ref, nargs + 1);
    memcpy(args + 1, hl_bc_pop_many(b, nargs), nargs * sizeof *args);
    args[0] = b->stack[b->depth - depth].ref;
    hl_bc_operate(b, id, args, nargs + 1, i->words, i->loc);
}

void hl_handle_build_map(Builder *b, const Instr *i) {
    const Ref *args = hl_bc_pop_many(b, 2 * i->arg);
    hl_bc_push_operate(b, FOREIGN_DICT, args, 2 * i->arg, i);
}

void hl_handle_map_add(Builder *b, const Instr *i) {
    change_container(b, i, FOREIGN_MAP_ADD, 2, i->arg);
}

void hl_handle_dict_update(Builder *b, const Instr *i) {
    change_container(b, i, FOREIGN_DICT_UPDATE, 1, i->arg);
}

/* f(**x): the dict lies above f, on 3.13 above the NULL beside it too, and above the tuple of the other arguments. */
void hl_handle_dict_merge(Builder *b, const Instr *i) {
    Ref more = pop(b);
    uint32_t dict = b->depth - i->arg, callee = dict - (PY_SINCE(313) ? 3 : 2);
    Ref args[] = {b->stack[dict].ref, more, b->stack[callee].ref};
    hl_bc_operate(b, FOREIGN_DICT_MERGE, args, 3, i->words, i->loc);
}

/* The keys are a constant tuple. */
static void dict_of_keys(Builder *b, const Ref *v, uint32_t n, const Instr *i) {
    Ref *items = hl_new_array(&b->c->arena, Ref, 2 * n + 1);
    for (uint32_t k = 0; k < n; k++) {
        items[2 * k] = hl_bc_emit(b, OP_PY_ITEM, &v[n], 1, aux_int(k), i->loc);
        items[2 * k + 1] = v[k];
    }
    hl_bc_push_operate(b, FOREIGN_DICT, items, 2 * n, i);
}

/* {'name': value, ...} with constant keys: a tuple of the keys' tuple and the values, for the defaults of keyword-only
 * parameters; a dict display otherwise, which check_operands refuses. */
void hl_handle_build_key_map(Builder *b, const Instr *i) {
    const Ref *v = hl_bc_pop_many(b, i->arg + 1);
    if (hl_bc_has_objects(b) && !hl_bc_is_for_function(b->code, next_instr(b, i))) {
        dict_of_keys(b, v, i->arg, i);
        return;
    }
    Ref *items = hl_new_array(&b->c->arena, Ref, i->arg + 2);
    items[0] = v[i->arg];
    for (uint32_t k = 0; k < i->arg; k++)
        items[1 + k] = v[k];
    hl_bc_push_kind(b, hl_bc_emit(b, OP_PY_TUPLE, items, i->arg + 1, (Aux){0}, i->loc), SLOT_MAP);
}

/* ---- unpacking ---------------------------------------------------------------------------------------- */

/* Pops a tuple and pushes its n items, the first on top. */
static void push_items(Builder *b, uint32_t n, Loc loc) {
    Ref tuple = pop(b);
    for (uint32_t k = n; k-- > 0;)
        hl_bc_push(b, hl_bc_emit(b, OP_PY_ITEM, &tuple, 1, aux_int(k), loc));
}

void hl_handle_unpack_sequence(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_UNPACK, 1, aux_int(i->arg), i->loc);
    push_items(b, i->arg, i->loc);
}

/* a, *b, c = x: a tuple of the items before, the list of the rest, the items behind. */
void hl_handle_unpack_ex(Builder *b, const Instr *i) {
    hl_bc_operation(b, OP_PY_UNPACK_EX, 1, aux_int(i->arg), i->loc);
    push_items(b, i->pushes, i->loc);
}

/* ---- patterns ----------------------------------------------------------------------------------------- */

void hl_handle_get_len(Builder *b, const Instr *i) {
    Ref value = b->stack[b->depth - 1].ref;
    hl_bc_push(b, hl_bc_emit(b, OP_PY_LEN, &value, 1, (Aux){0}, i->loc));
}

void hl_handle_match_sequence(Builder *b, const Instr *i) {
    Ref value = b->stack[b->depth - 1].ref;
    hl_bc_push(b, hl_bc_emit(b, OP_PY_IS_SEQUENCE, &value, 1, (Aux){0}, i->loc));
}

void hl_handle_match_mapping(Builder *b, const Instr *i) {
    Ref value = b->stack[b->depth - 1].ref;
    hl_bc_push_operate(b, FOREIGN_IS_MAPPING, &value, 1, i);
}

void hl_handle_match_keys(Builder *b, const Instr *i) {
    Ref args[] = {b->stack[b->depth - 2].ref, b->stack[b->depth - 1].ref};
    hl_bc_push_operate(b, FOREIGN_MATCH_KEYS, args, 2, i);
}

void hl_handle_match_class(Builder *b, const Instr *i) {
    Ref names = pop(b), class_ = pop(b), value = pop(b);
    Ref args[] = {value, class_, hl_bc_literal(b, hl_type_lit_int(i->arg), i->loc), names};
    hl_bc_push_operate(b, FOREIGN_MATCH_CLASS, args, 4, i);
}
