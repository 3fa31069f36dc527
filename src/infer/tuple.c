/* tuple: items, slices, unpacking. Tuples exist only while compiling; their items are values of their own. */
#include "infer/internal.h"

Val tuple_concat(Builder *b, Val x, Val y) {
    uint32_t n = x.type->nargs, m = y.type->nargs;
    Val *items = hl_new_array(&b->c->arena, Val, n + m + 1);
    for (uint32_t i = 0; i < n + m; i++)
        items[i] = i < n ? x.parts[i] : y.parts[i - n];
    return tuple_val(b, items, n + m);
}

static Val literal_item(Builder *b, Val tuple, int64_t index) {
    int64_t n = tuple.type->nargs;
    if (index < -n || index >= n) {
        check(b, const_bool(b, false), "IndexError", "tuple index out of range");
        return n ? tuple.parts[0] : fail(b, DIAG_NOT_INDEXABLE, "an empty tuple", "any number");
    }
    return tuple.parts[index < 0 ? index + n : index];
}

Val tuple_item(Builder *b, Val tuple, Val index) {
    int64_t constant;
    if (lit_int_value(index, &constant)) return literal_item(b, tuple, constant);
    Val alike = convert(b, tuple, hl_type_unliteral(tuple.type));
    for (uint32_t i = 1; i < alike.type->nargs; i++)
        if (alike.type->args[i] != alike.type->args[0])
            return fail(b, DIAG_NOT_CONSTANT, "the index of a tuple whose items differ in type");
    if (alike.type->nargs == 0)
        return fail(b, DIAG_NOT_INDEXABLE, "an empty tuple", hl_type_show(index.type));
    Ref size = const_i64(b, alike.type->nargs);
    Ref checked =
        op(b, OP_CHECK_INDEX, hl_type(TY_I64), (Ref[]){index_of(b, index), size}, 2, (Aux){.i = -1});
    return tuple_select(b, alike, checked);
}

/* A bound of a slice over n items, as Python clips it; false when it is not a literal. */
static bool slice_bound(Val v, int64_t n, int64_t when_none, int64_t lowest, int64_t highest, int64_t *out) {
    if (v.type->kind == TY_NONE) {
        *out = when_none;
        return true;
    }
    if (!lit_int_value(v, out)) return false;
    if (*out < 0) *out += n;
    *out = *out < lowest ? lowest : *out > highest ? highest : *out;
    return true;
}

Val tuple_slice(Builder *b, Val tuple, Val slice) {
    int64_t n = tuple.type->nargs, start, stop, step = 1;
    if (slice.parts[2].type->kind != TY_NONE && !lit_int_value(slice.parts[2], &step))
        return fail(b, DIAG_NOT_CONSTANT, "the slice of a tuple");
    if (step == 0) return fail(b, DIAG_BAD_ARGUMENTS, "slice step cannot be zero");
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    if (!slice_bound(slice.parts[0], n, step > 0 ? 0 : n - 1, low, high, &start) ||
        !slice_bound(slice.parts[1], n, step > 0 ? n : -1, low, high, &stop))
        return fail(b, DIAG_NOT_CONSTANT, "the slice of a tuple");
    Val *items = hl_new_array(&b->c->arena, Val, n + 1);
    uint32_t count = 0;
    for (int64_t i = start; step > 0 ? i < stop : i > stop; i += step)
        items[count++] = tuple.parts[i];
    return tuple_val(b, items, count);
}

/* An array or a list. */
static Val unpack_sequence(Builder *b, Val v, uint32_t n) {
    bool list = v.type->kind == TY_LIST;
    Ref size = list ? list_length(b, v) : array_dim(b, v, 0);
    const char *many = hl_arena_printf(&b->c->arena, "too many values to unpack (expected %u)", n);
    const char *few = hl_arena_printf(&b->c->arena, "not enough values to unpack (expected %u, got %%ld)", n);
    check_with(b, compare(b, OP_SGE, size, const_i64(b, n)), "ValueError", few, &size, 1);
    check(b, compare(b, OP_SLE, size, const_i64(b, n)), "ValueError", many);
    Val *items = hl_new_array(&b->c->arena, Val, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = list ? list_item(b, v, const_i64(b, i)) : array_iter_item(b, v, const_i64(b, i));
    return tuple_val(b, items, n);
}

Val unpack_items(Builder *b, Val v, uint32_t n) {
    if (!ok(v)) return v;
    if (v.type->kind == TY_LIST || (v.type->kind == TY_ARRAY && v.type->ndim > 0))
        return unpack_sequence(b, v, n);
    if (v.type->kind == TY_TUPLE && v.type->nargs == n) return v;
    const char *count = hl_arena_printf(&b->c->arena, "%u names", n);
    return fail(b, DIAG_UNPACK_COUNT, hl_type_show(v.type), count);
}
