/* Matrix products for `@` and np.dot: BLAS where the dispatcher found one, else blocked loops.
 *
 * Operands have any strides (bytes), out is C-contiguous m x n and is overwritten. Fortran's gemm sees a
 * row-major matrix as its transpose, so out = a b is asked for as out' = b' a'; an operand whose strides BLAS
 * cannot express (neither axis contiguous, or overlapping rows) is copied first. The loops add along k in
 * order; BLAS does not. gemm_kernel.h holds what depends on the element type.
 */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <stdlib.h>
#include <string.h>

/* Below SMALL multiplications a call of BLAS costs more than the loops; a block of b (BLOCK_K x BLOCK_N)
 * stays in L2. */
enum { SMALL = 512, BLOCK_K = 64, BLOCK_N = 256 };

typedef struct Matrix {
    const char *data;
    int64_t rows, cols, s0, s1;
} Matrix;

static Matrix transposed(Matrix x) {
    return (Matrix){x.data, x.cols, x.rows, x.s1, x.s0};
}

static int64_t at_most(int64_t x, int64_t limit) {
    return x < limit ? x : limit;
}

/* The part of at most rows x cols that begins at element (i, j). */
static Matrix part(Matrix x, int64_t i, int64_t j, int64_t rows, int64_t cols) {
    return (Matrix){x.data + i * x.s0 + j * x.s1, at_most(x.rows - i, rows), at_most(x.cols - j, cols), x.s0,
                    x.s1};
}

/* ---- BLAS
 * -----------------------------------------------------------------------------------------------------------
 */

static HlBlas blas;

void hlrt_set_blas(const HlBlas *found) {
    blas = *found;
}

/* A matrix as BLAS can take it: rows `leading` elements apart (by_columns: columns, that is Fortran's own
 * order). */
typedef struct Operand {
    const char *data;
    int64_t rows, cols, leading;
    bool by_columns;
} Operand;

static bool as_operand(Matrix x, int64_t itemsize, Operand *out) {
    if (x.cols <= 1) x.s1 = itemsize; /* the stride of an axis of one element says nothing */
    if (x.rows <= 1) x.s0 = x.s1 == itemsize ? x.cols * itemsize : itemsize;
    if (x.s1 == itemsize && x.s0 >= x.cols * itemsize && x.s0 % itemsize == 0) {
        *out = (Operand){x.data, x.rows, x.cols, x.s0 / itemsize, false};
        return true;
    }
    *out = (Operand){x.data, x.rows, x.cols, x.s1 / itemsize, true};
    return x.s0 == itemsize && x.s1 >= x.rows * itemsize && x.s1 % itemsize == 0;
}

/* Fortran's integers: 64 bits wide, or 32 at the same address when the library has those (little-endian). */
static bool fits(const int64_t *values, size_t n) {
    for (size_t i = 0; blas.int_nbytes == 4 && i < n; i++)
        if (values[i] > INT32_MAX) return false;
    return true;
}

typedef void (*Gemm)(const char *, const char *, const int64_t *, const int64_t *, const int64_t *,
                     const void *, const void *, const int64_t *, const void *, const int64_t *, const void *,
                     void *, const int64_t *, size_t, size_t);
typedef void (*Gemv)(const char *, const int64_t *, const int64_t *, const void *, const void *,
                     const int64_t *, const void *, const int64_t *, const void *, void *, const int64_t *,
                     size_t);

/* one and zero: the constants in the element type. False when a size does not fit the library's integers. */
static bool call_gemm(void *function, Operand a, Operand b, void *out, const void *one, const void *zero) {
    const int64_t sizes[] = {b.cols, a.rows, a.cols, b.leading, a.leading};
    if (!fits(sizes, 5)) return false;
    ((Gemm)function)(b.by_columns ? "T" : "N", a.by_columns ? "T" : "N", &sizes[0], &sizes[1], &sizes[2], one,
                     b.data, &sizes[3], a.data, &sizes[4], zero, out, &sizes[0], 1, 1);
    return true;
}

/* b is one column (never by_columns then). */
static bool call_gemv(void *function, Operand a, Operand b, void *out, const void *one, const void *zero) {
    const int64_t sizes[] = {a.by_columns ? a.rows : a.cols, a.by_columns ? a.cols : a.rows, a.leading,
                             b.leading, 1};
    if (!fits(sizes, 5)) return false;
    ((Gemv)function)(a.by_columns ? "N" : "T", &sizes[0], &sizes[1], one, a.data, &sizes[2], b.data,
                     &sizes[3], zero, out, &sizes[4], 1);
    return true;
}

/* ---- one product per element type -------------------------------------------------------------------- */

typedef struct C64 {
    float re, im;
} C64;

#define ADD_REAL(sum, x, y) ((sum) += (x) * (y))
#define ADD_COMPLEX(sum, x, y)                                                                               \
    ((sum).re += (x).re * (y).re - (x).im * (y).im, (sum).im += (x).re * (y).im + (x).im * (y).re)

#define T double
#define NAME(x) x##_f64
#define ADD ADD_REAL
#define ONE 1
#define GEMM dgemm
#define GEMV dgemv
#include "runtime/gemm_kernel.h"

#define T float
#define NAME(x) x##_f32
#define ADD ADD_REAL
#define ONE 1
#define GEMM sgemm
#define GEMV sgemv
#include "runtime/gemm_kernel.h"

#define T HlComplex
#define NAME(x) x##_c128
#define ADD ADD_COMPLEX
#define ONE {1, 0}
#define GEMM zgemm
#define GEMV zgemv
#include "runtime/gemm_kernel.h"

#define T C64
#define NAME(x) x##_c64
#define ADD ADD_COMPLEX
#define ONE {1, 0}
#define GEMM cgemm
#define GEMV cgemv
#include "runtime/gemm_kernel.h"
#endif
