/* set: Python's sets of numbers, and of tuples of them.
 *
 * A set is its table, a list of tuples (tag, key); the methods stand in the prelude (core/sets.py), which says what lies
 * where. A list's items find their type by their use, so a set's keys do. What is here: displays, iterators, hashes,
 * and which function of the prelude an operator or a method of several sets is.
 */
#include "infer/internal.h"
#include "infer/known.h"

static Val none(void) {
    return literal(hl_type(TY_NONE));
}

Val without_literal(Builder *b, Val v) {
    return ok(v) ? convert(b, v, hl_type_unliteral(v.type)) : v;
}

static Val call1(Builder *b, const char *name, Val x) {
    return call_known(b, name, &x, 1);
}

static Val call2(Builder *b, const char *name, Val x, Val y) {
    return call_known(b, name, (Val[]){x, y}, 2);
}

/* ---- hashes -------------------------------------------------------------------------------------------- */

static Ref hash(Builder *b, Val v);

static Ref hash_tuple(Builder *b, Val tuple) {
    Ref so_far = const_i64(b, 0);
    for (uint32_t i = 0; i < tuple.type->nargs; i++)
        so_far = rt(b, RT_hash_item, i64(), (Ref[]){so_far, hash(b, tuple.parts[i])}, 2);
    return rt(b, RT_hash_tuple, i64(), (Ref[]){so_far, const_i64(b, tuple.type->nargs)}, 2);
}

static Ref hash(Builder *b, Val v) {
    const Type *f64 = hl_type(TY_F64), *t = v.type;
    if (t->kind == TY_TUPLE) return hash_tuple(b, v);
    Ref x = ref_of(b, v);
    const Type *storage = hl_type_storage(t), *real = hl_type_real_of(storage);
    if (hl_type_is_complex(t)) {
        Ref parts[] = {cast_ref(b, op1(b, OP_CREAL, real, x), real, f64),
                       cast_ref(b, op1(b, OP_CIMAG, real, x), real, f64)};
        return rt(b, RT_hash_complex, i64(), parts, 2);
    }
    const Type *wide = hl_type_is_float(t) ? f64 : hl_type(hl_type_is_unsigned(t) ? TY_U64 : TY_I64);
    RtId id = hl_type_is_float(t) ? RT_hash_float : hl_type_is_unsigned(t) ? RT_hash_uint : RT_hash_int;
    Ref widened = cast_ref(b, x, storage, wide);
    return rt(b, id, i64(), &widened, 1);
}

/* Numbers, and tuples of them: what can be a key. Its tag takes a slot too. */
static bool is_key(const Type *t) {
    if (t->kind != TY_TUPLE) return hl_type_is_scalar(t);
    if (hl_type_ncomponents(t) >= MAX_ITEM_SLOTS) return false;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (!is_key(t->args[i])) return false;
    return true;
}

Val builtin_hash(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "hash", "object", args, &v)) return NO_VAL;
    if (!is_key(v.type)) return fail(b, DIAG_NOT_HASHABLE, hl_type_show(v.type));
    return int_val(hash(b, v));
}

/* ---- making sets --------------------------------------------------------------------------------------- */

static Val set_of_table(Builder *b, Val table) {
    return composite(b, TY_SET, &table, 1);
}

/* The type of all keys; NULL after an error. b->wanted is what the analysis knows of this very set by now. */
static const Type *common_key(Builder *b, const Val *keys, uint32_t n, uint32_t step) {
    bool known = b->wanted && b->wanted->kind == TY_SET;
    const Type *key = known ? hl_type_key_of(b->wanted) : hl_type(TY_BOTTOM);
    for (uint32_t i = 0; i < n; i += step) {
        const Type *joined = hl_type_join_items(key, keys[i].type);
        if (!is_key(joined)) {
            bool mixed = is_key(keys[i].type);
            mixed ? fail(b, DIAG_SET_KEY, hl_type_show(hl_type_unliteral(keys[i].type)), hl_type_show(key))
                  : fail(b, DIAG_NOT_HASHABLE, hl_type_show(hl_type_unliteral(keys[i].type)));
            return NULL;
        }
        key = joined;
    }
    return key;
}

static const Type *entry_of(const Type *key) {
    return hl_type_set(key)->args[0]->args[0];
}

Val set_display(Builder *b, const Val *keys, uint32_t n) {
    const Type *key = common_key(b, keys, n, 1);
    if (!key) return NO_VAL;
    Val set = set_of_table(b, list_of_items(b, entry_of(key), NULL, 0));
    for (uint32_t i = 0; i < n; i++)
        if (!ok(set_add(b, set, convert(b, keys[i], key)))) return NO_VAL;
    return set;
}

/* Operands: the size of the table, then place, hash and key. */
Val set_table(Builder *b, const Val *operands, uint32_t n) {
    const Type *key = common_key(b, operands + 3, n - 1, 3);
    if (!key) return NO_VAL;
    Val table = list_of_items(b, entry_of(key), NULL, 0), used = literal(hl_type_lit_int(n / 3));
    Ref header = const_i64(b, SET_HEADER), size = ref_of(b, operands[0]);
    op2(b, OP_LIST_RESIZE, NULL, table.ref, op2(b, OP_ADD, i64(), header, size));
    for (uint32_t i = 1; i < n; i += 3) {
        Ref place = op2(b, OP_ADD, i64(), header, ref_of(b, operands[i]));
        uint64_t tag = 2 * (uint64_t)operands[i + 1].type->value + 1;
        Val entry[] = {literal(hl_type_lit_int((int64_t)tag)), operands[i + 2]};
        if (!list_put(b, table, place, tuple_val(b, entry, 2))) return NO_VAL;
        entry[0] = used;
        for (int64_t k = 0; i == 1 && k < 2; k++) /* used and filled places */
            if (!list_put(b, table, const_i64(b, k), tuple_val(b, entry, 2))) return NO_VAL;
    }
    return set_of_table(b, table);
}

static bool is_same_stored(const Type *a, const Type *b) {
    return hl_type_storage(a) == hl_type_storage(b);
}

/* A key of another type makes the set one of the joined type, where it was made. */
Val set_add(Builder *b, Val set, Val key) {
    key = without_literal(b, key);
    if (!ok(key)) return NO_VAL;
    const Type *have = hl_type_key_of(set.type), *joined = hl_type_join_items(have, key.type);
    if (!is_key(key.type)) return fail(b, DIAG_NOT_HASHABLE, hl_type_show(key.type));
    if (!ANALYSING(b) && is_same_stored(joined, have))
        key = convert(b, key, have);
    else if (!is_key(joined) || (joined != have && !ANALYSING(b)))
        return fail(b, DIAG_SET_KEY, hl_type_show(key.type), hl_type_show(have));
    return call2(b, "set.add.one", set, key);
}

Val set_add_method(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    return bind(b, "add", "self, elem", args, v) ? set_add(b, v[0], v[1]) : NO_VAL;
}

Val set_update(Builder *b, Val set, Val more) {
    const Type *have = hl_type_key_of(set.type);
    if (!ANALYSING(b) && more.type->kind == TY_SET) {
        const Type *keys = hl_type_key_of(more.type), *joined = hl_type_join_items(have, keys);
        if (!is_same_stored(joined, have))
            return fail(b, DIAG_SET_KEY, hl_type_show(keys), hl_type_show(have));
    }
    return call2(b, "set.update.one", set, more);
}

Val builtin_set(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "set", "iterable=", args, &v)) return NO_VAL;
    return ok(v) ? call1(b, "set.of", v) : set_display(b, NULL, 0);
}

/* ---- iterators: the next place that holds a key is looked for when it is asked for ---------------------- */

Val set_length(Builder *b, Val set) {
    return call1(b, "set.length", set);
}

Val set_iterator(Builder *b, Val set) {
    return composite(b, TY_SET_ITER, (Val[]){set, int_val(const_i64(b, SET_HEADER)), set_length(b, set)}, 3);
}

Val set_iter_more(Builder *b, Val it) {
    Val used = set_length(b, it.parts[0]), place = call2(b, "set.next", it.parts[0], it.parts[1]);
    if (!ok(used) || !ok(place)) return NO_VAL;
    check(b, compare(b, OP_EQ, ref_of(b, used), ref_of(b, it.parts[2])), "RuntimeError",
          "Set changed size during iteration");
    return bool_val(compare(b, OP_SLT, ref_of(b, place), list_length(b, it.parts[0].parts[0])));
}

Val set_iter_value(Builder *b, Val it) {
    if (hl_type_key_of(it.parts[0].type)->kind == TY_BOTTOM) return literal(hl_type(TY_BOTTOM));
    Val place = call2(b, "set.next", it.parts[0], it.parts[1]);
    return ok(place) ? list_item(b, it.parts[0].parts[0], ref_of(b, place)).parts[1] : NO_VAL;
}

Val set_iter_step(Builder *b, Val it) {
    Val place = call2(b, "set.next", it.parts[0], it.parts[1]);
    if (!ok(place)) return NO_VAL;
    Val behind = int_val(op2(b, OP_ADD, i64(), ref_of(b, place), const_i64(b, 1)));
    return composite(b, TY_SET_ITER, (Val[]){it.parts[0], behind, it.parts[2]}, 3);
}

/* ---- operators ----------------------------------------------------------------------------------------- */

static Val undefined_operator(Builder *b, const char *symbol, Val x, Val y) {
    const char *types =
        hl_arena_printf(&b->c->arena, "%s and %s", hl_type_show(x.type), hl_type_show(y.type));
    return fail(b, DIAG_NO_OPERATOR, symbol, types);
}

static const char *operator_name(BinaryOp o, Val x, Val y) {
    if (x.type->kind != TY_SET || y.type->kind != TY_SET) return NULL;
    switch ((int)o) {
    case BIN_OR: return "set.or";
    case BIN_AND: return "set.intersection.one";
    case BIN_SUB: return "set.difference.one";
    case BIN_XOR: return "set.symmetric_difference";
    default: return NULL;
    }
}

Val set_binary(Builder *b, BinaryOp o, Val x, Val y) {
    const char *name = operator_name(o, x, y);
    return name ? call2(b, name, x, y) : undefined_operator(b, binary_symbol(o), x, y);
}

static Val intersect_into(Builder *b, Val set, Val met) {
    return ok(met) ? call2(b, "set.take", set, met) : NO_VAL;
}

/* x |= y changes the set. */
Val set_inplace(Builder *b, BinaryOp o, Val x, Val y) {
    if (!operator_name(o, x, y)) return undefined_operator(b, binary_symbol(o), x, y);
    Val done = o == BIN_OR    ? set_update(b, x, y)
               : o == BIN_SUB ? call2(b, "set.difference_update.one", x, y)
               : o == BIN_XOR ? call2(b, "set.symmetric_difference_update", x, y)
                              : intersect_into(b, x, call2(b, "set.intersection.one", x, y));
    return ok(done) ? x : NO_VAL;
}

Val set_compare(Builder *b, CompareOp o, Val x, Val y) {
    static const char *const names[] = {"set.less",  "set.issubset", "set.equal",
                                        "set.equal", "set.less",     "set.issubset"};
    bool swapped = o == CMP_GT || o == CMP_GE;
    Val result = call2(b, names[o], swapped ? y : x, swapped ? x : y);
    return o == CMP_NE && ok(result) ? unary(b, UN_NOT, result) : result;
}

/* ---- methods that take any number of iterables ---------------------------------------------------------- */

static bool has_keywords(Builder *b, const Args *args) {
    return args->nkw && !ok(fail(b, DIAG_BAD_ARGUMENTS, "methods of sets take no keyword arguments"));
}

/* Does f(set, x) for each; false after an error. */
static bool do_each(Builder *b, const char *name, Val set, const Args *args, uint32_t first) {
    for (uint32_t i = first; i < args->npos; i++)
        if (!ok(call2(b, name, set, args->pos[i]))) return false;
    return true;
}

Val set_update_all(Builder *b, const Args *args, int64_t data) {
    (void)data;
    if (has_keywords(b, args)) return NO_VAL;
    for (uint32_t i = 1; i < args->npos; i++)
        if (!ok(set_update(b, args->pos[0], args->pos[i]))) return NO_VAL;
    return none();
}

Val set_union(Builder *b, const Args *args, int64_t data) {
    (void)data;
    if (has_keywords(b, args)) return NO_VAL;
    Val result =
        args->npos == 1 ? call1(b, "set.copy", args->pos[0]) : call2(b, "set.or", args->pos[0], args->pos[1]);
    for (uint32_t i = 2; i < args->npos && ok(result); i++)
        if (!ok(call_known(b, "set.update.other", (Val[]){result, args->pos[i], args->pos[0]}, 3)))
            return NO_VAL;
    return result;
}

/* in_place: the set becomes what the method without `_update` gives. */
Val set_intersection(Builder *b, const Args *args, int64_t in_place) {
    if (has_keywords(b, args)) return NO_VAL;
    Val result = args->npos == 1 ? call1(b, "set.copy", args->pos[0]) : args->pos[0];
    for (uint32_t i = 1; i < args->npos && ok(result); i++)
        result = call2(b, "set.intersection.one", result, args->pos[i]);
    return in_place ? intersect_into(b, args->pos[0], result) : result;
}

Val set_difference(Builder *b, const Args *args, int64_t in_place) {
    if (has_keywords(b, args)) return NO_VAL;
    if (in_place) return do_each(b, "set.difference_update.one", args->pos[0], args, 1) ? none() : NO_VAL;
    Val result = args->npos == 1 ? call1(b, "set.copy", args->pos[0])
                                 : call2(b, "set.difference.one", args->pos[0], args->pos[1]);
    return ok(result) && do_each(b, "set.difference_update.one", result, args, 2) ? result : NO_VAL;
}
