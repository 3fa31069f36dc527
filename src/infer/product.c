/* product: np.dot and @, through the runtime's matrix product, and calls of LAPACK for the prelude. */
#include "infer/internal.h"
#include "infer/known.h"

/* ---- matrices -------------------------------------------------------------------------------------------------------------- */

static RtId gemm_of(const Type *element) {
    switch ((TypeKind)element->kind) {
    case TY_F64: return RT_gemm_f64;
    case TY_F32: return RT_gemm_f32;
    case TY_C128: return RT_gemm_c128;
    case TY_C64: return RT_gemm_c64;
    default: return RT_COUNT;
    }
}

static const char *mismatch_text(Builder *b, bool matmul, int left, int right) {
    if (matmul)
        return hl_arena_printf(
            &b->c->arena,
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
            "(n?,k),(k,m?)->(n?,m?) (size %%ld is different from %%ld)");
    return hl_arena_printf(&b->c->arena,
                           "shapes (%%ld,%s) and (%%ld,%s) not aligned: %%ld (dim %d) != %%ld (dim 0)",
                           left == 2 ? "%ld" : "", right == 2 ? "%ld" : "", left - 1);
}

static void check_inner(Builder *b, Val x, Val y, bool matmul) {
    int left = x.type->ndim, right = y.type->ndim;
    Ref k = array_dim(b, x, left - 1), l = array_dim(b, y, 0), shown[6];
    uint32_t n = 0;
    for (int i = 0; i < left && !matmul; i++)
        shown[n++] = array_dim(b, x, i);
    for (int i = 0; i < right && !matmul; i++)
        shown[n++] = array_dim(b, y, i);
    shown[n++] = matmul ? l : k;
    shown[n++] = matmul ? k : l;
    check_with(b, compare(b, OP_EQ, k, l), "ValueError", mismatch_text(b, matmul, left, right), shown, n);
}

/* A vector is a matrix of one row (left) or one column (right). */
static Val product(Builder *b, RtId gemm, Val x, Val y, const Type *element) {
    Ref one = const_i64(b, 1), item = const_i64(b, hl_type_nbytes(element)), shape[2];
    bool rows = x.type->ndim == 2, cols = y.type->ndim == 2;
    Ref m = rows ? array_dim(b, x, 0) : one, n = cols ? array_dim(b, y, 1) : one, k = array_dim(b, y, 0);
    int ndim = 0;
    if (rows) shape[ndim++] = m;
    if (cols) shape[ndim++] = n;
    Val out = array_alloc(b, element, shape, ndim, LAYOUT_C);
    Ref args[] = {array_data(b, x),
                  rows ? array_stride(b, x, 0) : item,
                  array_stride(b, x, rows),
                  array_data(b, y),
                  array_stride(b, y, 0),
                  cols ? array_stride(b, y, 1) : item,
                  array_data(b, out),
                  m,
                  n,
                  k};
    op(b, OP_RT, hl_type(TY_NONE), args, 10, (Aux){.i = gemm});
    return ndim ? out : array_element(b, out, NULL);
}

/* np.dot makes arrays of its operands: a Python number is an int64, float64 or complex128 there. */
static Val strong_number(Builder *b, Val v) {
    return hl_type_is_py(v.type) ? convert(b, v, hl_type_storage(hl_type_unliteral(v.type))) : v;
}

static Val dot(Builder *b, Val *v, bool matmul) {
    v[0] = as_array(b, v[0]), v[1] = as_array(b, v[1]);
    if (!ok(v[0]) || !ok(v[1])) return NO_VAL;
    bool arrays =
        v[0].type->kind == TY_ARRAY && v[1].type->kind == TY_ARRAY && v[0].type->ndim && v[1].type->ndim;
    if (!arrays && !matmul)
        return ufunc(b, UFUNC_multiply, (Val[]){strong_number(b, v[0]), strong_number(b, v[1])}, 2);
    if (!arrays) return fail(b, DIAG_NO_OVERLOAD, matmul ? "@" : "np.dot", hl_type_show(v[0].type));
    if (v[0].type->ndim > 2 || v[1].type->ndim > 2)
        return call_known(b, matmul ? "numpy.matmul.stacked" : "numpy.dot.stacked", v, 2);
    check_inner(b, v[0], v[1], matmul);
    const Type *element = hl_type_promote(v[0].type->args[0], v[1].type->args[0]);
    if (!element || gemm_of(element) == RT_COUNT) {
        const void *prelude =
            b->c->host->prelude(b->c, matmul ? "numpy.matmul.integers" : "numpy.dot.integers");
        return prelude ? call_prelude(b, prelude, &(Args){.pos = v, .npos = 2})
                       : fail(b, DIAG_NO_OVERLOAD, matmul ? "@" : "np.dot", hl_type_show(v[0].type));
    }
    for (int i = 0; i < 2; i++)
        if (v[i].type->args[0] != element || v[i].type->unaligned) v[i] = copy_as(b, v[i], element, LAYOUT_C);
    return product(b, gemm_of(element), v[0], v[1], element);
}

/* np.dot takes an array exactly as it would make it. */
static Val dot_into(Builder *b, Val out, Val result) {
    static const char reason[] = "output array is not acceptable (must have the right datatype, number of "
                                 "dimensions, and be a C-Array)";
    const Type *t = result.type, *have = out.type;
    bool fits = t->kind == TY_ARRAY && have->kind == TY_ARRAY && have->args[0] == t->args[0] &&
                have->ndim == t->ndim && have->layout == LAYOUT_C;
    if (!fits) return fail(b, DIAG_BAD_ARGUMENTS, reason);
    for (int i = 0; i < t->ndim; i++)
        check(b, compare(b, OP_EQ, array_dim(b, out, i), array_dim(b, result, i)), "ValueError",
              "output array has wrong dimensions");
    return array_assign(b, out, result) ? out : NO_VAL;
}

Val numpy_dot(Builder *b, const Args *args, int64_t matmul) {
    Val v[3];
    if (!bind(b, matmul ? "np.matmul" : "np.dot", "a, b, out=", args, v)) return NO_VAL;
    Val result = dot(b, v, matmul != 0);
    if (!ok(result) || !ok(v[2]) || v[2].type->kind == TY_NONE) return result;
    return matmul ? ufunc_into(b, v[2], result) : dot_into(b, v[2], result);
}

/* ---- LAPACK ---------------------------------------------------------------------------------------------------------------- */

/* Arrays by their addresses, numbers as they are. */
Val lapack_routine(Builder *b, const Args *args, int64_t rt_id) {
    Ref refs[10];
    for (uint32_t i = 0; i < args->npos; i++) {
        Val v = args->pos[i];
        refs[i] = v.type->kind == TY_ARRAY ? array_data(b, v)
                  : hl_type_is_float(v.type)
                      ? cast_ref(b, ref_of(b, v), hl_type_storage(v.type), hl_type(TY_F64))
                      : index_of(b, v);
    }
    Ref info = rt(b, (RtId)rt_id, i64(), refs, args->npos);
    check(b, compare(b, OP_NE, info, const_i64(b, -1000)), "?RuntimeError", "no LAPACK was found");
    check(b, compare(b, OP_NE, info, const_i64(b, -1001)), "MemoryError",
          "no memory for the work space of LAPACK");
    return int_val(info);
}
