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

/* Item number i of an array, a list or a range that has so many. */
static Val item_at(Builder *b, Val v, int64_t i) {
    if (v.type->kind == TY_LIST) return list_item(b, v, const_i64(b, i));
    if (v.type->kind == TY_RANGE) return getitem(b, v, literal(hl_type_lit_int(i)));
    return array_iter_item(b, v, const_i64(b, i));
}

static bool has_run_time_length(const Type *t) {
    return t->kind == TY_LIST || t->kind == TY_RANGE || (t->kind == TY_ARRAY && t->ndim > 0);
}

static Val unpack_sequence(Builder *b, Val v, uint32_t n) {
    Ref size = ref_of(b, length(b, v));
    const char *many = hl_arena_printf(&b->c->arena, "too many values to unpack (expected %u)", n);
    const char *few = hl_arena_printf(&b->c->arena, "not enough values to unpack (expected %u, got %%ld)", n);
    check_with(b, compare(b, OP_SGE, size, const_i64(b, n)), "ValueError", few, &size, 1);
    check(b, compare(b, OP_SLE, size, const_i64(b, n)), "ValueError", many);
    Val *items = hl_new_array(&b->c->arena, Val, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = item_at(b, v, i);
    return tuple_val(b, items, n);
}

/* The list among the parts has the type that is wanted of it by now. */
static Val rest_of(Builder *b, Val tuple, uint32_t before, uint32_t n) {
    const Type *wanted = b->wanted;
    b->wanted = wanted && wanted->kind == TY_TUPLE && before < wanted->nargs ? wanted->args[before] : NULL;
    Val rest = list_display(b, tuple.parts + before, n);
    b->wanted = wanted;
    return rest;
}

/* Items counted from the end are as many as there are, whatever the length. */
static Val unpack_ex_sequence(Builder *b, Val v, uint32_t before, uint32_t behind) {
    Ref size = ref_of(b, length(b, v));
    const char *few = hl_arena_printf(
        &b->c->arena, "not enough values to unpack (expected at least %u, got %%ld)", before + behind);
    check_with(b, compare(b, OP_SGE, size, const_i64(b, before + behind)), "ValueError", few, &size, 1);
    Val *items = hl_new_array(&b->c->arena, Val, before + behind + 1), none = literal(hl_type(TY_NONE));
    for (uint32_t i = 0; i < before + behind; i++) {
        int64_t index = i < before ? (int64_t)i : (int64_t)i - (before + behind);
        items[i < before ? i : i + 1] = getitem(b, v, literal(hl_type_lit_int(index)));
    }
    Val stop = behind ? literal(hl_type_lit_int(-(int64_t)behind)) : none;
    Val slice = composite(b, TY_SLICE, (Val[]){literal(hl_type_lit_int(before)), stop, none}, 3);
    Val rest = getitem(b, v, slice);
    items[before] = ok(rest) && rest.type->kind != TY_LIST ? call_known(b, "list.of", &rest, 1) : rest;
    return tuple_val(b, items, before + behind + 1);
}

Val unpack_ex(Builder *b, Val v, uint32_t before, uint32_t behind) {
    if (!ok(v)) return v;
    if (v.type->kind == TY_RANGE) v = call_known(b, "list.of", &v, 1);
    if (!ok(v)) return v;
    if (has_run_time_length(v.type)) return unpack_ex_sequence(b, v, before, behind);
    if (v.type->kind != TY_TUPLE || v.type->nargs < before + behind) {
        const char *count = hl_arena_printf(&b->c->arena, "at least %u names", before + behind);
        return fail(b, DIAG_UNPACK_COUNT, hl_type_show(v.type), count);
    }
    uint32_t n = v.type->nargs - before - behind;
    Val *items = hl_new_array(&b->c->arena, Val, before + behind + 1);
    for (uint32_t i = 0; i < before; i++)
        items[i] = v.parts[i];
    items[before] = rest_of(b, v, before, n);
    for (uint32_t i = 0; i < behind; i++)
        items[before + 1 + i] = v.parts[before + n + i];
    return tuple_val(b, items, before + behind + 1);
}

Val unpack_items(Builder *b, Val v, uint32_t n) {
    if (!ok(v)) return v;
    if (v.type->kind == TY_OPTIONAL) {
        check(b, ref_of(b, v.parts[0]), "TypeError", "cannot unpack non-iterable NoneType object");
        v = v.parts[1];
    }
    if (has_run_time_length(v.type)) return unpack_sequence(b, v, n);
    if (v.type->kind == TY_TUPLE && v.type->nargs == n) return v;
    const char *count = hl_arena_printf(&b->c->arena, "%u names", n);
    return fail(b, DIAG_UNPACK_COUNT, hl_type_show(v.type), count);
}
