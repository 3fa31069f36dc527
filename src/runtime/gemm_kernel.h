/* The matrix product for one element type; gemm.c includes it once for each, with these macros defined:
 *   T           the element type
 *   NAME(x)     x with the type's suffix
 *   ADD(s,x,y)  s += x * y
 *   ONE         an initialiser of 1
 *   GEMM, GEMV  members of HlBlas
 * See gemm.c for what the functions do.
 */

/* rows x cols elements with any strides, packed; NULL without memory. */
static T *NAME(packed)(const char *from, int64_t rows, int64_t cols, int64_t s0, int64_t s1) {
    T *copy = malloc((size_t)rows * (size_t)cols * sizeof(T)), *to = copy;
    if (!copy) return NULL;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            memcpy(to++, from + i * s0 + j * s1, sizeof(T));
    return copy;
}

/* out += a b over one block; b's rows are contiguous, so the inner loop vectorises. out's rows are n long. */
static void NAME(add_block)(Matrix a, Matrix b, T *out, int64_t n) {
    for (int64_t i = 0; i < a.rows; i++) {
        T *restrict sums = out + i * n;
        for (int64_t p = 0; p < b.rows; p++) {
            T left;
            memcpy(&left, a.data + i * a.s0 + p * a.s1, sizeof left);
            const T *restrict row = (const T *)(b.data + p * b.s0);
            for (int64_t j = 0; j < b.cols; j++)
                ADD(sums[j], left, row[j]);
        }
    }
}

static void NAME(add_blocks)(Matrix a, Matrix b, T *out) {
    for (int64_t j = 0; j < b.cols; j += BLOCK_N)
        for (int64_t p = 0; p < b.rows; p += BLOCK_K)
            NAME(add_block)(part(a, 0, p, a.rows, BLOCK_K), part(b, p, j, BLOCK_K, BLOCK_N), out + j, b.cols);
}

/* The same without any condition on b. */
static void NAME(add_strided)(Matrix a, Matrix b, T *out) {
    for (int64_t i = 0; i < a.rows; i++)
        for (int64_t j = 0; j < b.cols; j++, out++)
            for (int64_t p = 0; p < b.rows; p++) {
                T x, y;
                memcpy(&x, a.data + i * a.s0 + p * a.s1, sizeof x);
                memcpy(&y, b.data + p * b.s0 + j * b.s1, sizeof y);
                ADD(*out, x, y);
            }
}

static bool NAME(has_rows)(Matrix b) {
    return b.s1 == sizeof(T) && ((uintptr_t)b.data | (uintptr_t)b.s0) % _Alignof(T) == 0;
}

static void NAME(loops)(Matrix a, Matrix b, T *out) {
    T *copy = NULL;
    memset(out, 0, (size_t)a.rows * (size_t)b.cols * sizeof(T));
    if (!NAME(has_rows)(b) && a.rows > 1 && (copy = NAME(packed)(b.data, b.rows, b.cols, b.s0, b.s1)))
        b = (Matrix){(const char *)copy, b.rows, b.cols, b.cols * (int64_t)sizeof(T), sizeof(T)};
    if (NAME(has_rows)(b))
        NAME(add_blocks)(a, b, out);
    else
        NAME(add_strided)(a, b, out);
    free(copy);
}

/* The operand BLAS gets for this matrix; *copy is what to free. data is NULL without memory. */
static Operand NAME(operand)(Matrix x, T **copy) {
    Operand result;
    if (as_operand(x, sizeof(T), &result)) return result;
    *copy = NAME(packed)(x.data, x.rows, x.cols, x.s0, x.s1);
    return (Operand){(const char *)*copy, x.rows, x.cols, x.cols, false};
}

static bool NAME(blas)(Matrix a, Matrix b, T *out) {
    static const T one = ONE, zero;
    T *a_copy = NULL, *b_copy = NULL;
    if (a.rows == 1) { /* a row times b is b' times the row as a column */
        Matrix row = a;
        a = transposed(b);
        b = transposed(row);
    }
    Operand left = NAME(operand)(a, &a_copy), right = NAME(operand)(b, &b_copy);
    bool done = left.data && right.data;
    if (done && b.cols == 1 && blas.GEMV)
        done = call_gemv(blas.GEMV, left, right, out, &one, &zero);
    else if (done)
        done = call_gemm(blas.GEMM, left, right, out, &one, &zero);
    free(a_copy);
    free(b_copy);
    return done;
}

void NAME(hlrt_gemm)(const void *a, int64_t as0, int64_t as1, const void *b, int64_t bs0, int64_t bs1,
                     void *out, int64_t m, int64_t n, int64_t k) {
    Matrix left = {a, m, k, as0, as1}, right = {b, k, n, bs0, bs1};
    if (m <= 0 || n <= 0) return;
    if (blas.GEMM && k > 0 && m * n * k > SMALL && NAME(blas)(left, right, out)) return;
    NAME(loops)(left, right, out);
}

#undef T
#undef NAME
#undef ADD
#undef ONE
#undef GEMM
#undef GEMV
