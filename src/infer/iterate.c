/* iterate: for loops over ranges, arrays, tuples, lists, and enumerate, zip, reversed and map of them.
 *
 * An iterator is a value, not an object: more, value and step look at one state and step makes the next, so a loop's
 * iterator is a handful of phis. A range counts its remaining values down to zero; what is left of the range is then
 * (start + k * step) with k counted by the loop itself.
 */
#include "infer/internal.h"

/* The number of values of range(start, stop, step), step not 0: unsigned, for there may be 2**63 of them and more. */
Ref range_length(Builder *b, Val range) {
    Ref start = ref_of(b, range.parts[0]), stop = ref_of(b, range.parts[1]), step = ref_of(b, range.parts[2]);
    Ref zero = const_i64(b, 0), one = const_i64(b, 1);
    int64_t constant = 0;
    bool known =
        b->f && hl_ins(b->f, step)->op == OP_CONST_INT && (constant = hl_ins(b->f, step)->aux.i, true);
    if (known && constant == 1) return op2(b, OP_SUB, i64(), op2(b, OP_SMAX, i64(), stop, start), start);
    Ref up = compare(b, OP_SGT, step, zero);
    Ref low = op_select(b, i64(), up, start, stop), high = op_select(b, i64(), up, stop, start);
    Ref width = op_select(b, i64(), up, step, op2(b, OP_SUB, i64(), zero, step));
    Ref span = op2(b, OP_SUB, i64(), op2(b, OP_SUB, i64(), high, low), one);
    Ref count = op2(b, OP_ADD, i64(), op2(b, OP_UDIV, i64(), span, width), one);
    return op_select(b, i64(), compare(b, OP_SGT, high, low), count, zero);
}

/* May this lower end be so low that 2**63 values and more follow? Of an end that is computed here (the next index of an
 * outer loop) it is not asked, for the optimiser would know less of such loops. */
static bool is_low(Builder *b, Ref end) {
    if (ANALYSING(b)) return false;
    const Ins *ins = hl_ins(b->f, end);
    return ins->op == OP_PARAM || (ins->op == OP_CONST_INT && ins->aux.i < 0);
}

/* What a loop counts down: 2**63 - 1 stands for more, which no loop lives to see. */
static Ref rounds(Builder *b, Val range) {
    Ref start = ref_of(b, range.parts[0]), stop = ref_of(b, range.parts[1]), step = ref_of(b, range.parts[2]);
    int sign = 0; /* of the step, 0: not known */
    if (!ANALYSING(b) && hl_ins(b->f, step)->op == OP_CONST_INT)
        sign = hl_ins(b->f, step)->aux.i > 0 ? 1 : -1;
    bool capped = (sign >= 0 && is_low(b, start)) || (sign <= 0 && is_low(b, stop));
    Ref length = range_length(b, range);
    return capped ? op2(b, OP_UMIN, i64(), length, const_i64(b, INT64_MAX)) : length;
}

static Val index_val(Builder *b, int64_t value) {
    return int_val(const_i64(b, value));
}

static Val moved_by(Builder *b, Val index, int64_t step) {
    return int_val(op2(b, OP_ADD, i64(), index.ref, const_i64(b, step)));
}

/* The tuple with its items converted to the one type they join to; type NULL when there is none. */
static Val with_like_items(Builder *b, Val tuple) {
    uint32_t n = tuple.type->nargs;
    const Type *joined = hl_type(TY_BOTTOM);
    for (uint32_t i = 0; i < n; i++)
        joined = join(b, joined, hl_type_unliteral(tuple.type->args[i]));
    if (joined->kind == TY_OBJECT) return fail(b, DIAG_NOT_ITERABLE, hl_type_show(tuple.type));
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        types[i] = joined;
    return convert(b, tuple, hl_type_tuple(types, n));
}

static Val tuple_iterator(Builder *b, Val tuple) {
    return composite(b, TY_TUPLE_ITER, (Val[]){with_like_items(b, tuple), index_val(b, 0)}, 2);
}

/* Of a zip, or of a map, whose first part is the function. */
static Val lockstep_iterator(Builder *b, Val v, TypeKind kind) {
    uint32_t n = v.type->nargs, first = kind == TY_MAP_ITER;
    Val *iterators = hl_new_array(&b->c->arena, Val, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        iterators[i] = i < first ? v.parts[i] : iter(b, v.parts[i]);
        if (!ok(iterators[i])) return NO_VAL;
    }
    return composite(b, kind, iterators, n);
}

static Val reversed_range(Builder *b, Val range) {
    Ref start = ref_of(b, range.parts[0]), step = ref_of(b, range.parts[2]);
    Val left = int_val(rounds(b, range));
    Ref way = op2(b, OP_MUL, i64(), op2(b, OP_SUB, i64(), left.ref, const_i64(b, 1)), step);
    Val last = int_val(op2(b, OP_ADD, i64(), start, way)),
        back = int_val(op2(b, OP_SUB, i64(), const_i64(b, 0), step));
    return composite(b, TY_RANGE_ITER, (Val[]){last, back, left}, 3);
}

static Val reversed_tuple(Builder *b, Val tuple) {
    uint32_t n = tuple.type->nargs;
    Val *items = hl_new_array(&b->c->arena, Val, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = tuple.parts[n - 1 - i];
    return tuple_val(b, items, n);
}

static Val reversed_array(Builder *b, Val array) {
    Val none = literal(hl_type(TY_NONE)), parts[] = {none, none, literal(hl_type_lit_int(-1))};
    return getitem(b, array, composite(b, TY_SLICE, parts, 3));
}

static Val reversed_iterator(Builder *b, Val v) {
    switch ((TypeKind)v.type->kind) {
    case TY_RANGE: return reversed_range(b, v);
    case TY_TUPLE: return iter(b, reversed_tuple(b, v));
    case TY_ARRAY: return iter(b, reversed_array(b, v));
    case TY_LIST: {
        Ref last = op2(b, OP_SUB, i64(), list_length(b, v), const_i64(b, 1));
        return composite(b, TY_REVERSED_ITER, (Val[]){v, int_val(last)}, 2);
    }
    default: return fail(b, DIAG_NOT_ITERABLE, hl_type_show(v.type));
    }
}

Val iter(Builder *b, Val v) {
    if (!ok(v)) return v;
    switch ((TypeKind)v.type->kind) {
    case TY_RANGE:
        return composite(b, TY_RANGE_ITER, (Val[]){v.parts[0], v.parts[2], int_val(rounds(b, v))}, 3);
    case TY_ARRAY:
        if (v.type->ndim == 0) break;
        return composite(b, TY_ARRAY_ITER, (Val[]){v, index_val(b, 0)}, 2);
    case TY_TENSOR:
        if (v.type->args[0]->ndim == 0 || NUMBA(b)) break;
        return composite(b, TY_ARRAY_ITER, (Val[]){v, index_val(b, 0)}, 2);
    case TY_TUPLE: return tuple_iterator(b, v);
    case TY_LIST: return composite(b, TY_LIST_ITER, (Val[]){v, index_val(b, 0)}, 2);
    case TY_SET: return set_iterator(b, v);
    case TY_FLAT: return composite(b, TY_FLAT_ITER, (Val[]){v, index_val(b, 0)}, 2);
    case TY_ENUMERATE: {
        Val inner = iter(b, v.parts[0]);
        return ok(inner) ? composite(b, TY_ENUMERATE_ITER, (Val[]){inner, v.parts[1]}, 2) : NO_VAL;
    }
    case TY_ZIP: return lockstep_iterator(b, v, TY_ZIP_ITER);
    case TY_MAP: return lockstep_iterator(b, v, TY_MAP_ITER);
    case TY_NDINDEX: return ndindex_iterator(b, v.parts[0]);
    case TY_REVERSED: return reversed_iterator(b, v.parts[0]);
    case TY_GENERATOR: return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "iterating over a generator expression");
    default:
        if (hl_type_is_iterator(v.type)) return v;
    }
    return fail(b, DIAG_NOT_ITERABLE, hl_type_show(v.type));
}

static Ref iterator_end(Builder *b, Val it) {
    if (it.parts[0].type->kind == TY_TENSOR) return tensor_dim(b, it.parts[0], 0);
    return it.type->kind == TY_ARRAY_ITER ? array_dim(b, it.parts[0], 0)
                                          : const_i64(b, it.parts[0].type->nargs);
}

static Val all_more(Builder *b, const Val *iterators, uint32_t n) {
    Val result = literal(hl_type_lit_bool(n != 0));
    for (uint32_t i = 0; i < n; i++) {
        Val more = iter_more(b, iterators[i]);
        if (!ok(more)) return NO_VAL;
        Ref both = op2(b, OP_AND, hl_type(TY_B1), ref_of(b, result), ref_of(b, more));
        result = i == 0 ? more : bool_val(both);
    }
    return result;
}

Val iter_more(Builder *b, Val it) {
    if (!ok(it)) return it;
    switch ((TypeKind)it.type->kind) {
    case TY_RANGE_ITER: return bool_val(compare(b, OP_SGT, it.parts[2].ref, const_i64(b, 0)));
    case TY_ARRAY_ITER: return bool_val(compare(b, OP_SLT, it.parts[1].ref, iterator_end(b, it)));
    case TY_FLAT_ITER: return bool_val(compare(b, OP_SLT, it.parts[1].ref, flat_size(b, it.parts[0])));
    case TY_LIST_ITER: return bool_val(compare(b, OP_SLT, it.parts[1].ref, list_length(b, it.parts[0])));
    case TY_SET_ITER: return set_iter_more(b, it);
    case TY_TUPLE_ITER:
        if (it.parts[0].type->nargs == 0) return literal(hl_type_lit_bool(false));
        return bool_val(compare(b, OP_SLT, it.parts[1].ref, iterator_end(b, it)));
    case TY_NDINDEX_ITER: return bool_val(compare(b, OP_SGT, it.parts[2].ref, const_i64(b, 0)));
    case TY_ENUMERATE_ITER: return iter_more(b, it.parts[0]);
    case TY_REVERSED_ITER: /* a list may shrink meanwhile; -1 is large */
        return bool_val(compare(b, OP_ULT, it.parts[1].ref, list_length(b, it.parts[0])));
    case TY_ZIP_ITER: return all_more(b, it.parts, it.type->nargs);
    case TY_MAP_ITER: return all_more(b, it.parts + 1, it.type->nargs - 1);
    default: return fail(b, DIAG_NOT_ITERABLE, hl_type_show(it.type));
    }
}

/* The item of a homogeneous tuple at a run-time index in range. */
Val tuple_select(Builder *b, Val tuple, Ref index) {
    Val chosen = tuple.parts[0];
    for (uint32_t i = 1; i < tuple.type->nargs; i++)
        chosen = select_value(b, compare(b, OP_EQ, index, const_i64(b, i)), tuple.parts[i], chosen);
    return chosen;
}

/* In a frame of CPython's an iterator's tuple may still be of mixed items. */
static Val tuple_iter_value(Builder *b, Val it) {
    Val items = with_like_items(b, it.parts[0]);
    return ok(items) ? tuple_select(b, items, it.parts[1].ref) : NO_VAL;
}

static Val *values_of(Builder *b, const Val *iterators, uint32_t n) {
    Val *items = hl_new_array(&b->c->arena, Val, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = iter_value(b, iterators[i]);
    return items;
}

static Val map_value(Builder *b, Val it) {
    uint32_t n = it.type->nargs - 1;
    return call(b, it.parts[0], &(Args){.pos = values_of(b, it.parts + 1, n), .npos = n});
}

Val iter_value(Builder *b, Val it) {
    if (!ok(it)) return it;
    switch ((TypeKind)it.type->kind) {
    case TY_RANGE_ITER: return it.parts[0];
    case TY_ARRAY_ITER:
        return it.parts[0].type->kind == TY_TENSOR ? tensor_iter_item(b, it.parts[0], it.parts[1].ref)
                                                   : array_iter_item(b, it.parts[0], it.parts[1].ref);
    case TY_TUPLE_ITER: return tuple_iter_value(b, it);
    case TY_FLAT_ITER: return flat_item(b, it.parts[0], it.parts[1].ref);
    case TY_LIST_ITER:
    case TY_REVERSED_ITER: return list_item(b, it.parts[0], it.parts[1].ref);
    case TY_SET_ITER: return set_iter_value(b, it);
    case TY_ENUMERATE_ITER: return tuple_val(b, (Val[]){it.parts[1], iter_value(b, it.parts[0])}, 2);
    case TY_ZIP_ITER: return tuple_val(b, values_of(b, it.parts, it.type->nargs), it.type->nargs);
    case TY_MAP_ITER: return map_value(b, it);
    case TY_NDINDEX_ITER: return it.parts[1];
    default: return fail(b, DIAG_NOT_ITERABLE, hl_type_show(it.type));
    }
}

static Val step_range(Builder *b, Val it) {
    Ref start = op2(b, OP_ADD, i64(), it.parts[0].ref, it.parts[1].ref);
    Ref left = op2(b, OP_SUB, i64(), it.parts[2].ref, const_i64(b, 1));
    return composite(b, TY_RANGE_ITER, (Val[]){int_val(start), it.parts[1], int_val(left)}, 3);
}

static Val step_all(Builder *b, Val it) {
    uint32_t first = it.type->kind == TY_MAP_ITER;
    Val *next = hl_new_array(&b->c->arena, Val, it.type->nargs + 1);
    for (uint32_t i = 0; i < it.type->nargs; i++)
        next[i] = i < first ? it.parts[i] : iter_step(b, it.parts[i]);
    return composite(b, (TypeKind)it.type->kind, next, it.type->nargs);
}

Val iter_step(Builder *b, Val it) {
    if (!ok(it)) return it;
    switch ((TypeKind)it.type->kind) {
    case TY_RANGE_ITER: return step_range(b, it);
    case TY_ARRAY_ITER:
    case TY_LIST_ITER:
    case TY_FLAT_ITER:
    case TY_TUPLE_ITER:
        return composite(b, (TypeKind)it.type->kind, (Val[]){it.parts[0], moved_by(b, it.parts[1], 1)}, 2);
    case TY_REVERSED_ITER:
        return composite(b, TY_REVERSED_ITER, (Val[]){it.parts[0], moved_by(b, it.parts[1], -1)}, 2);
    case TY_ENUMERATE_ITER:
        return composite(b, TY_ENUMERATE_ITER,
                         (Val[]){iter_step(b, it.parts[0]), moved_by(b, it.parts[1], 1)}, 2);
    case TY_ZIP_ITER:
    case TY_MAP_ITER: return step_all(b, it);
    case TY_NDINDEX_ITER: return step_ndindex(b, it);
    case TY_SET_ITER: return set_iter_step(b, it);
    default: return fail(b, DIAG_NOT_ITERABLE, hl_type_show(it.type));
    }
}

Val length(Builder *b, Val v) {
    if (!ok(v)) return v;
    if (v.type->kind == TY_TUPLE) return literal(hl_type_lit_int(v.type->nargs));
    if (v.type->kind == TY_LIST) return int_val(list_length(b, v));
    if (v.type->kind == TY_SET) return set_length(b, v);
    if (v.type->kind == TY_STR) return literal(hl_type_lit_int(v.type->value));
    if (v.type->kind == TY_FLAT) return int_val(flat_size(b, v));
    if (v.type->kind == TY_ARRAY && v.type->ndim > 0) return int_val(array_dim(b, v, 0));
    if (v.type->kind == TY_TENSOR && v.type->args[0]->ndim > 0 && !NUMBA(b))
        return int_val(tensor_dim(b, v, 0));
    if (v.type->kind == TY_RANGE) {
        Ref n = range_length(b, v);
        check(b, compare(b, OP_SGE, n, const_i64(b, 0)), "OverflowError",
              "Python int too large to convert to C ssize_t");
        return int_val(n);
    }
    return fail(b, DIAG_NO_OVERLOAD, "len", hl_type_show(v.type));
}
