/* list: Python lists whose items have one type, and the cells that inner functions share.
 *
 * A list is a reference; the type of its items is found where it is used. `[]` is list<bottom>, a list of nothing yet.
 * A handler that puts an item in a list of another type asks for the list to be of the joined type where it was made
 * (refine, analyse.c); the fixed point then comes by again. What is still wrong when types are final is an error.
 *
 * An item lies in memory as its leaves (builder.c), each loaded and stored by an operation of its own. Methods that are
 * loops stand in the prelude (core/lists.py), over append, items, and the intrinsics resize and rotate.
 *
 * A cell is a list of one item, or of none while the variable is not bound.
 */
#include <string.h>

#include "infer/internal.h"
#include "infer/known.h"

/* ---- what a list can hold ------------------------------------------------------------------------------ */

static bool is_item(const Type *t) {
    if (t->kind == TY_TUPLE || t->kind == TY_OPTIONAL) {
        for (uint32_t i = 0; i < t->nargs; i++)
            if (!is_item(t->args[i])) return false;
        return hl_type_ncomponents(t) <= MAX_ITEM_SLOTS;
    }
    return hl_type_is_scalar(t) || hl_type_is_counted(t) || t->kind == TY_NONE || t->kind == TY_BOTTOM;
}

/* The type of items once there is one of type `more`; NULL with an error when there is none. */
static const Type *accept(Builder *b, Val list, const Type *more) {
    const Type *have = list.type->args[0], *joined = hl_type_join_items(have, more);
    if (joined == have || (!ANALYSING(b) && hl_type_storage(joined) == hl_type_storage(have))) return have;
    if (!is_item(joined) || !ANALYSING(b)) {
        const char *item = hl_type_show(hl_type_unliteral(more));
        fail(b, DIAG_LIST_ITEM, item,
             have->kind == TY_BOTTOM ? "numbers, tuples, arrays or lists" : hl_type_show(have));
        return NULL;
    }
    refine(b, list, hl_type_list(joined));
    return joined;
}

/* ---- items --------------------------------------------------------------------------------------------- */

Ref list_length(Builder *b, Val list) {
    return op1(b, OP_LIST_LEN, i64(), list.ref);
}

Val list_item(Builder *b, Val list, Ref index) {
    const Type *item = list.type->args[0];
    uint32_t n = count_leaves(item);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    Ref *refs = hl_new_array(&b->c->arena, Ref, n + 1);
    leaf_types(item, types);
    for (uint32_t i = 0; i < n; i++)
        refs[i] = op(b, OP_LIST_LOAD, types[i], (Ref[]){list.ref, index}, 2, (Aux){.i = i});
    const Ref *next = refs;
    return from_leaves(b, item, &next);
}

static bool store(Builder *b, Val list, Ref index, Val v, const Type *item) {
    if (v.type->kind == TY_LIST) refine(b, v, item);
    if (ANALYSING(b)) return true;
    v = convert(b, v, item);
    if (!ok(v)) return false;
    uint32_t n = count_leaves(item);
    Ref *refs = hl_new_array(&b->c->arena, Ref, n + 1);
    leaves(v, refs);
    for (uint32_t i = 0; i < n; i++)
        op(b, OP_LIST_STORE, NULL, (Ref[]){list.ref, index, refs[i]}, 3, (Aux){.i = i});
    return true;
}

bool list_put(Builder *b, Val list, Ref index, Val v) {
    const Type *item = accept(b, list, v.type);
    return item && store(b, list, index, v, item);
}

static bool push(Builder *b, Val list, Val v) {
    const Type *item = accept(b, list, v.type);
    return item && store(b, list, op1(b, OP_LIST_PUSH, i64(), list.ref), v, item);
}

static Val none(void) {
    return literal(hl_type(TY_NONE));
}

/* ---- making lists -------------------------------------------------------------------------------------- */

Val list_of_items(Builder *b, const Type *item, const Val *items, uint32_t n) {
    const Type *type = hl_type_list(item);
    Val list = scalar(type, op(b, OP_LIST_NEW, hl_type_storage(type), NULL, 0, (Aux){0}));
    if (n == 0) return list;
    op2(b, OP_LIST_RESIZE, NULL, list.ref, const_i64(b, n));
    for (uint32_t i = 0; i < n; i++)
        if (!store(b, list, const_i64(b, i), items[i], item)) return NO_VAL;
    return list;
}

/* b->wanted is what the analysis knows of this very list by now. */
Val list_display(Builder *b, const Val *items, uint32_t n) {
    bool known = b->wanted && b->wanted->kind == TY_LIST;
    const Type *item = known ? b->wanted->args[0] : hl_type(TY_BOTTOM);
    for (uint32_t i = 0; i < n; i++) {
        const Type *joined = hl_type_join_items(item, items[i].type);
        if (!is_item(joined))
            return fail(b, DIAG_LIST_ITEM, hl_type_show(hl_type_unliteral(items[i].type)),
                        item->kind == TY_BOTTOM ? "numbers, tuples, arrays or lists" : hl_type_show(item));
        item = joined;
    }
    return list_of_items(b, item, items, n);
}

/* The only user of what was made in the same block; NULL when there are others. */
static const Ins *only_user(const Func *u, Ref value) {
    const Ins *user = NULL;
    for (Ref r = 1; r < u->ins.len; r++) {
        const Ins *ins = hl_ins(u, r);
        for (uint32_t i = 0; i < ins->nargs; i++) {
            if (ins->args[i] != value) continue;
            if (user || ins->block != hl_ins(u, value)->block) return NULL;
            user = ins;
        }
    }
    return user;
}

/* Is this display an argument of a function of NumPy or an array's method, or an item of a display that is one, and nothing else? NumPy takes a
 * tuple as it takes a list; objects are given what was written. */
static bool is_for_numpy(Builder *b, const Ins *ins) {
    const Func *u = b->instance->untyped;
    const Ins *user = only_user(u, (Ref)(ins - hl_ins(u, 0)));
    if (!user || b->instance->may_ask) return false;
    if (user->op == OP_PY_LIST || user->op == OP_PY_TUPLE) return is_for_numpy(b, user);
    if (user->op != OP_PY_CALL) return false;
    const Type *callee = b->instance->types[user->args[0]];
    if (callee->kind == TY_METHOD) return callee->args[0]->kind == TY_ARRAY;
    return callee->kind == TY_OBJECT_CONST && strncmp(callee->name, "numpy.", 6) == 0;
}

Val display(Builder *b, const Ins *ins, const Val *items) {
    enum { MANY = 256 }; /* components: more are not worth the code that stores each on its own */
    uint32_t size = 0;
    for (uint32_t i = 0; i < ins->nargs; i++)
        size += hl_type_ncomponents(items[i].type);
    return size <= MANY && is_for_numpy(b, ins) ? tuple_val(b, items, ins->nargs)
                                                : list_display(b, items, ins->nargs);
}

Val list_extend(Builder *b, Val list, Val more) {
    if (more.type->kind != TY_TUPLE) return call_known(b, "list.extend", (Val[]){list, more}, 2);
    for (uint32_t i = 0; i < more.type->nargs; i++)
        if (!push(b, list, more.parts[i])) return NO_VAL;
    return none();
}

Val list_append(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "append", "self, object", args, v)) return NO_VAL;
    return push(b, v[0], v[1]) ? none() : NO_VAL;
}

Val builtin_list(Builder *b, const Args *args, int64_t data) {
    (void)data;
    if (args->nkw == 0 && args->npos == 0) return list_display(b, NULL, 0);
    if (args->nkw || args->npos > 1) return fail(b, DIAG_BAD_ARGUMENTS, "list takes one argument at most");
    if (args->pos[0].type->kind == TY_GENERATOR) return generator_use(b, args->pos[0], GENERATOR_AS_LIST);
    if (args->pos[0].type->kind == TY_TUPLE)
        return list_display(b, args->pos[0].parts, args->pos[0].type->nargs);
    return call_known(b, "list.of", args->pos, 1);
}

/* ---- intrinsics of core/lists.py ----------------------------------------------------------------------- */

Val list_resize(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "resize", "self, n", args, v)) return NO_VAL;
    op2(b, OP_LIST_RESIZE, NULL, v[0].ref, index_of(b, v[1]));
    return none();
}

Val list_rotate(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[3];
    if (!bind(b, "rotate", "self, start, end", args, v)) return NO_VAL;
    op3(b, OP_LIST_ROTATE, NULL, v[0].ref, index_of(b, v[1]), index_of(b, v[2]));
    return none();
}

/* ---- operators ----------------------------------------------------------------------------------------- */

static Val undefined_operator(Builder *b, const char *symbol, Val x, Val y) {
    const char *types =
        hl_arena_printf(&b->c->arena, "%s and %s", hl_type_show(x.type), hl_type_show(y.type));
    return fail(b, DIAG_NO_OPERATOR, symbol, types);
}

Val list_binary(Builder *b, BinaryOp o, Val x, Val y) {
    bool both = x.type->kind == TY_LIST && y.type->kind == TY_LIST;
    if (o == BIN_ADD && both) return call_known(b, "list.concat", (Val[]){x, y}, 2);
    if (o == BIN_MUL && x.type->kind == TY_LIST && is_index(y.type))
        return call_known(b, "list.repeat", (Val[]){x, y}, 2);
    if (o == BIN_MUL && y.type->kind == TY_LIST && is_index(x.type))
        return call_known(b, "list.repeat", (Val[]){y, x}, 2);
    return undefined_operator(b, binary_symbol(o), x, y);
}

/* x += more and x *= n change the list. */
Val list_inplace(Builder *b, BinaryOp o, Val x, Val y) {
    Val done = NO_VAL;
    if (o == BIN_ADD)
        done = list_extend(b, x, y);
    else if (o == BIN_MUL && is_index(y.type))
        done = call_known(b, "list.repeat_inplace", (Val[]){x, y}, 2);
    else
        return undefined_operator(b, binary_symbol(o), x, y);
    return ok(done) ? x : NO_VAL;
}

Val list_compare(Builder *b, CompareOp o, Val x, Val y) {
    static const char *const names[] = {"list.less",  "list.less_equal", "list.equal",
                                        "list.equal", "list.less",       "list.less_equal"};
    bool swapped = o == CMP_GT || o == CMP_GE;
    Val result = call_known(b, names[o], (Val[]){swapped ? y : x, swapped ? x : y}, 2);
    return o == CMP_NE && ok(result) ? unary(b, UN_NOT, result) : result;
}

/* ---- cells --------------------------------------------------------------------------------------------- */

/* Python's own cell is an object. */
static bool is_own_cell(Builder *b, Val cell) {
    return cell.type->kind == TY_LIST ||
           ok(fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "a variable shared with Python's own functions"));
}

/* `words`: class and message of the exception for a variable that is not bound. */
Val cell_get(Builder *b, Val cell, const char *words) {
    if (!is_own_cell(b, cell)) return NO_VAL;
    const char *colon = strchr(words, ':');
    Ref bound = compare(b, OP_NE, list_length(b, cell), const_i64(b, 0));
    check(b, bound, hl_intern_n(words, (size_t)(colon - words)), colon + 1);
    return list_item(b, cell, const_i64(b, 0));
}

bool cell_set(Builder *b, Val cell, Val v) {
    if (!is_own_cell(b, cell)) return false;
    const Type *have = cell.type->args[0], *joined = hl_type_join(have, hl_type_unliteral(v.type));
    if (joined != have && !ANALYSING(b))
        return ok(fail(b, DIAG_CANNOT_UNIFY, "a variable that inner functions share", hl_type_show(have),
                       hl_type_show(v.type)));
    if (joined != have) refine(b, cell, hl_type_list(joined));
    op2(b, OP_LIST_RESIZE, NULL, cell.ref, const_i64(b, 1));
    return store(b, cell, const_i64(b, 0), v, joined);
}
