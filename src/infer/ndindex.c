/* ndindex: np.ndindex and np.ndenumerate, the indices of a shape, the last axis fastest.
 *
 * The state of the loop is the shape, the indices and how many are left. A step adds one to the last index and carries, without
 * branches. np.ndenumerate(a) is zip(np.ndindex(a.shape), a.flat).
 */
#include "infer/internal.h"
#include "infer/known.h"

static Val ndindex_of(Builder *b, const Val *sizes, uint32_t n) {
    Val shape[MAX_NDIM];
    if (n > MAX_NDIM) return fail(b, DIAG_BAD_ARGUMENTS, "np.ndindex got too many axes");
    for (uint32_t i = 0; i < n; i++) {
        if (!is_index(sizes[i].type))
            return fail(b, DIAG_NO_OVERLOAD, "np.ndindex", hl_type_show(sizes[i].type));
        shape[i] = int_val(index_of(b, sizes[i]));
        check(b, compare(b, OP_SGE, shape[i].ref, const_i64(b, 0)), "ValueError",
              "negative dimensions are not allowed");
    }
    Val tuple = tuple_val(b, shape, n);
    return composite(b, TY_NDINDEX, &tuple, 1);
}

Val numpy_ndindex(Builder *b, const Args *args, int64_t data) {
    (void)data;
    if (args->nkw) return fail(b, DIAG_BAD_ARGUMENTS, "np.ndindex has no keyword arguments");
    bool packed = args->npos == 1 && args->pos[0].type->kind == TY_TUPLE;
    return packed ? ndindex_of(b, args->pos[0].parts, args->pos[0].type->nargs)
                  : ndindex_of(b, args->pos, args->npos);
}

Val numpy_ndenumerate(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "np.ndenumerate", "arr", args, &v)) return NO_VAL;
    if (v.type->kind != TY_ARRAY) return fail(b, DIAG_NO_OVERLOAD, "np.ndenumerate", hl_type_show(v.type));
    Val shape = array_attribute(b, v, "shape");
    return composite(b, TY_ZIP, (Val[]){ndindex_of(b, shape.parts, shape.type->nargs), flat_of(b, v)}, 2);
}

Val ndindex_iterator(Builder *b, Val shape) {
    Val first[MAX_NDIM];
    Ref left = const_i64(b, 1);
    for (uint32_t i = 0; i < shape.type->nargs; i++) {
        first[i] = int_val(const_i64(b, 0));
        left = op2(b, OP_MUL, i64(), left, shape.parts[i].ref);
    }
    Val parts[] = {shape, tuple_val(b, first, shape.type->nargs), int_val(left)};
    return composite(b, TY_NDINDEX_ITER, parts, 3);
}

/* The indices after these, those of the shape wrapped; the first one just grows. */
static Val next_indices(Builder *b, Val shape, Val indices) {
    Val next[MAX_NDIM];
    Ref carry = const_i64(b, 1), zero = const_i64(b, 0);
    for (uint32_t i = indices.type->nargs; i-- > 0;) {
        Ref moved = op2(b, OP_ADD, i64(), indices.parts[i].ref, carry);
        Ref wraps = compare(b, OP_SGE, moved, shape.parts[i].ref);
        next[i] = int_val(i ? op_select(b, i64(), wraps, zero, moved) : moved);
        if (i) carry = op1(b, OP_ZEXT, i64(), wraps);
    }
    return tuple_val(b, next, indices.type->nargs);
}

Val step_ndindex(Builder *b, Val it) {
    Val left = int_val(op2(b, OP_SUB, i64(), it.parts[2].ref, const_i64(b, 1)));
    Val parts[] = {it.parts[0], next_indices(b, it.parts[0], it.parts[1]), left};
    return composite(b, TY_NDINDEX_ITER, parts, 3);
}
