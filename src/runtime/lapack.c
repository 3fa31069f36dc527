/* LAPACK for np.linalg, from the library that BLAS comes from.
 *
 * Matrices are contiguous in Fortran's order and are overwritten. `kind` is the element type: 0 float32, 1 float64, 2
 * complex64, 3 complex128. Each function returns LAPACK's info: 0, or what went wrong; NO_LAPACK where there is none.
 * Integers go by address as 64 bits; a library with 32-bit integers reads their low halves (little-endian) and writes
 * only those, which `number` and `pivot` know. Work space is asked for by the routine itself and lives for the call.
 */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <stdlib.h>

enum { NO_LAPACK = -1000, NO_MEMORY = -1001 };

static HlLapack lapack;

void hlrt_set_lapack(const HlLapack *found) {
    lapack = *found;
}

/* ---- integers and work space ------------------------------------------------------------------------------------------- */

static int64_t number(int64_t written) {
    return lapack.int_nbytes == 4 ? (int32_t)written : written;
}

static int64_t pivot(const void *pivots, int64_t i) {
    return lapack.int_nbytes == 4 ? ((const int32_t *)pivots)[i] : ((const int64_t *)pivots)[i];
}

static bool fits(int64_t m, int64_t n) {
    return lapack.int_nbytes == 8 || (m <= INT32_MAX && n <= INT32_MAX && (double)m * (double)n <= INT32_MAX);
}

static size_t itemsize(int64_t kind) {
    static const uint8_t sizes[] = {4, 8, 8, 16};
    return sizes[kind];
}

static bool is_complex(int64_t kind) {
    return kind >= 2;
}

static int64_t larger(int64_t x, int64_t y) {
    return x > y ? x : y;
}

static int64_t smaller(int64_t x, int64_t y) {
    return x < y ? x : y;
}

/* The leading dimension of a matrix, which is 1 at least. */
static int64_t leading(int64_t rows) {
    return larger(rows, 1);
}

/* What a query left as the size it wants: the real part of the first element. */
static int64_t wanted(int64_t kind, const void *first) {
    double size = kind == 0 || kind == 2 ? (double)*(const float *)first : *(const double *)first;
    return larger(1, (int64_t)(size * (1 + 1e-6)));
}

static void *room(int64_t count, size_t nbytes) {
    return malloc((size_t)larger(count, 1) * nbytes);
}

/* ---- routines without work space ------------------------------------------------------------------------------------------- */

typedef void (*Gesv)(const int64_t *, const int64_t *, void *, const int64_t *, void *, void *,
                     const int64_t *, int64_t *);
typedef void (*Getrf)(const int64_t *, const int64_t *, void *, const int64_t *, void *, int64_t *);
typedef void (*Potrf)(const char *, const int64_t *, void *, const int64_t *, int64_t *, size_t);

int64_t hlrt_lapack_gesv(int64_t kind, int64_t n, int64_t nrhs, void *a, void *b) {
    Gesv gesv = (Gesv)lapack.gesv[kind];
    int64_t info = 0, rows = leading(n);
    if (!gesv || !fits(n, n) || !fits(n, nrhs)) return NO_LAPACK;
    void *pivots = room(n, sizeof(int64_t));
    if (!pivots) return NO_MEMORY;
    gesv(&n, &nrhs, a, &rows, pivots, b, &rows, &info);
    free(pivots);
    return number(info);
}

int64_t hlrt_lapack_getrf(int64_t kind, int64_t n, void *a, void *sign) {
    Getrf getrf = (Getrf)lapack.getrf[kind];
    int64_t info = 0, rows = leading(n), odd = 0;
    if (!getrf || !fits(n, n)) return NO_LAPACK;
    void *pivots = room(n, sizeof(int64_t));
    if (!pivots) return NO_MEMORY;
    getrf(&n, &n, a, &rows, pivots, &info);
    for (int64_t i = 0; i < n; i++)
        odd ^= pivot(pivots, i) != i + 1;
    *(int64_t *)sign = odd ? -1 : 1;
    free(pivots);
    return number(info);
}

int64_t hlrt_lapack_potrf(int64_t kind, int64_t n, void *a) {
    Potrf potrf = (Potrf)lapack.potrf[kind];
    int64_t info = 0, rows = leading(n);
    if (!potrf || !fits(n, n)) return NO_LAPACK;
    potrf("L", &n, a, &rows, &info, 1);
    return number(info);
}

/* ---- QR ------------------------------------------------------------------------------------------------------------------------ */

typedef void (*Geqrf)(const int64_t *, const int64_t *, void *, const int64_t *, void *, void *,
                      const int64_t *, int64_t *);
typedef void (*Orgqr)(const int64_t *, const int64_t *, const int64_t *, void *, const int64_t *,
                      const void *, void *, const int64_t *, int64_t *);

int64_t hlrt_lapack_geqrf(int64_t kind, int64_t m, int64_t n, void *a, void *tau) {
    Geqrf geqrf = (Geqrf)lapack.geqrf[kind];
    int64_t info = 0, rows = leading(m), query = -1;
    double size[2] = {0};
    if (!geqrf || !fits(m, n)) return NO_LAPACK;
    geqrf(&m, &n, a, &rows, tau, size, &query, &info);
    int64_t nwork = wanted(kind, size);
    void *work = room(nwork, itemsize(kind));
    if (!work) return NO_MEMORY;
    geqrf(&m, &n, a, &rows, tau, work, &nwork, &info);
    free(work);
    return number(info);
}

int64_t hlrt_lapack_orgqr(int64_t kind, int64_t m, int64_t n, int64_t k, void *a, void *tau) {
    Orgqr orgqr = (Orgqr)lapack.orgqr[kind];
    int64_t info = 0, rows = leading(m), query = -1;
    double size[2] = {0};
    if (!orgqr || !fits(m, n)) return NO_LAPACK;
    orgqr(&m, &n, &k, a, &rows, tau, size, &query, &info);
    int64_t nwork = wanted(kind, size);
    void *work = room(nwork, itemsize(kind));
    if (!work) return NO_MEMORY;
    orgqr(&m, &n, &k, a, &rows, tau, work, &nwork, &info);
    free(work);
    return number(info);
}

/* ---- eigenvalues of symmetric matrices -------------------------------------------------------------------------------------- */

typedef void (*Syevd)(const char *, const char *, const int64_t *, void *, const int64_t *, void *, void *,
                      const int64_t *, void *, const int64_t *, int64_t *, size_t, size_t);
typedef void (*Heevd)(const char *, const char *, const int64_t *, void *, const int64_t *, void *, void *,
                      const int64_t *, void *, const int64_t *, void *, const int64_t *, int64_t *, size_t,
                      size_t);

typedef struct Eigen {
    int64_t kind, n;
    const char *job;
    void *a, *w;
} Eigen;

static int64_t call_syevd(const Eigen *e, void *work, const int64_t *nwork, void *rwork,
                          const int64_t *nrwork, void *iwork, const int64_t *niwork) {
    int64_t info = 0, rows = leading(e->n);
    void *f = lapack.syevd[e->kind];
    if (is_complex(e->kind))
        ((Heevd)f)(e->job, "L", &e->n, e->a, &rows, e->w, work, nwork, rwork, nrwork, iwork, niwork, &info, 1,
                   1);
    else
        ((Syevd)f)(e->job, "L", &e->n, e->a, &rows, e->w, work, nwork, iwork, niwork, &info, 1, 1);
    return number(info);
}

/* a becomes the eigenvectors when they are asked for; w are the eigenvalues. */
int64_t hlrt_lapack_syevd(int64_t kind, int64_t vectors, int64_t n, void *a, void *w) {
    if (!lapack.syevd[kind] || !fits(n, n)) return NO_LAPACK;
    Eigen e = {kind, n, vectors ? "V" : "N", a, w};
    int64_t query = -1, first = 0;
    double size[2] = {0}, real_size[2] = {0};
    call_syevd(&e, size, &query, real_size, &query, &first, &query);
    int64_t nwork = wanted(kind, size), niwork = larger(1, number(first));
    int64_t nrwork = is_complex(kind) ? wanted(kind, real_size) : 1;
    void *work = room(nwork, itemsize(kind)), *rwork = room(nrwork, sizeof(double));
    void *iwork = room(niwork, sizeof(int64_t));
    int64_t info = NO_MEMORY;
    if (work && rwork && iwork) info = call_syevd(&e, work, &nwork, rwork, &nrwork, iwork, &niwork);
    free(work), free(rwork), free(iwork);
    return info;
}

/* ---- singular values ------------------------------------------------------------------------------------------------------------ */

typedef void (*Gesdd)(const char *, const int64_t *, const int64_t *, void *, const int64_t *, void *, void *,
                      const int64_t *, void *, const int64_t *, void *, const int64_t *, void *, int64_t *,
                      size_t);
typedef void (*GesddComplex)(const char *, const int64_t *, const int64_t *, void *, const int64_t *, void *,
                             void *, const int64_t *, void *, const int64_t *, void *, const int64_t *,
                             void *, void *, int64_t *, size_t);

typedef struct Singular {
    int64_t kind, m, n;
    const char *job;
    void *a, *s, *u, *vt, *rwork, *iwork;
} Singular;

static int64_t call_gesdd(const Singular *x, void *work, const int64_t *nwork) {
    int64_t info = 0, lda = leading(x->m), least = smaller(x->m, x->n);
    int64_t ldvt = leading(x->job[0] == 'A' ? x->n : least);
    void *f = lapack.gesdd[x->kind];
    if (is_complex(x->kind))
        ((GesddComplex)f)(x->job, &x->m, &x->n, x->a, &lda, x->s, x->u, &lda, x->vt, &ldvt, work, nwork,
                          x->rwork, x->iwork, &info, 1);
    else
        ((Gesdd)f)(x->job, &x->m, &x->n, x->a, &lda, x->s, x->u, &lda, x->vt, &ldvt, work, nwork, x->iwork,
                   &info, 1);
    return number(info);
}

/* job: 0 singular values alone, 1 as many vectors as there are values, 2 all vectors. */
int64_t hlrt_lapack_gesdd(int64_t kind, int64_t job, int64_t m, int64_t n, void *a, void *s, void *u,
                          void *vt) {
    static const char *const jobs[] = {"N", "S", "A"};
    if (!lapack.gesdd[kind] || !fits(m, n) || !fits(m, m) || !fits(n, n)) return NO_LAPACK;
    int64_t least = smaller(m, n), most = larger(m, n), query = -1, info = NO_MEMORY;
    int64_t nrwork = least * larger(5 * least + 7, 2 * most + 2 * least + 1) + 7 * least;
    double size[2] = {0};
    Singular x = {kind, m, n, jobs[job], a, s, u, vt, NULL, NULL};
    x.rwork = is_complex(kind) ? room(nrwork, sizeof(double)) : room(1, 1);
    x.iwork = room(8 * least, sizeof(int64_t));
    void *work = NULL;
    if (x.rwork && x.iwork) {
        call_gesdd(&x, size, &query);
        int64_t nwork = wanted(kind, size);
        work = room(nwork, itemsize(kind));
        if (work) info = call_gesdd(&x, work, &nwork);
    }
    free(work), free(x.rwork), free(x.iwork);
    return info;
}

/* ---- least squares ---------------------------------------------------------------------------------------------------------------- */

typedef void (*Gelsd)(const int64_t *, const int64_t *, const int64_t *, void *, const int64_t *, void *,
                      const int64_t *, void *, const void *, void *, void *, const int64_t *, void *,
                      int64_t *);
typedef void (*GelsdComplex)(const int64_t *, const int64_t *, const int64_t *, void *, const int64_t *,
                             void *, const int64_t *, void *, const void *, void *, void *, const int64_t *,
                             void *, void *, int64_t *);

typedef struct Least {
    int64_t kind, m, n, nrhs;
    void *a, *b, *s;
    double rcond;
    int64_t rank;
} Least;

static int64_t call_gelsd(Least *x, void *work, const int64_t *nwork, void *rwork, void *iwork) {
    int64_t info = 0, lda = leading(x->m), ldb = leading(larger(x->m, x->n));
    float single = (float)x->rcond;
    const void *rcond = x->kind == 0 || x->kind == 2 ? (const void *)&single : &x->rcond;
    void *f = lapack.gelsd[x->kind];
    if (is_complex(x->kind))
        ((GelsdComplex)f)(&x->m, &x->n, &x->nrhs, x->a, &lda, x->b, &ldb, x->s, rcond, &x->rank, work, nwork,
                          rwork, iwork, &info);
    else
        ((Gelsd)f)(&x->m, &x->n, &x->nrhs, x->a, &lda, x->b, &ldb, x->s, rcond, &x->rank, work, nwork, iwork,
                   &info);
    return number(info);
}

/* b has the rows of the larger side of a; its first n become the solution, *rank that of a. */
int64_t hlrt_lapack_gelsd(int64_t kind, int64_t m, int64_t n, int64_t nrhs, void *a, void *b, void *s,
                          double rcond, void *rank) {
    if (!lapack.gelsd[kind] || !fits(m, n) || !fits(larger(m, n), nrhs)) return NO_LAPACK;
    Least x = {kind, m, n, nrhs, a, b, s, rcond, 0};
    int64_t query = -1, first = 0, info = NO_MEMORY;
    double size[2] = {0}, real_size[2] = {0};
    call_gelsd(&x, size, &query, real_size, &first);
    int64_t nwork = wanted(kind, size), niwork = larger(1, number(first)) + 11 * larger(m, n);
    int64_t nrwork = is_complex(kind) ? wanted(kind, real_size) : 1;
    void *work = room(nwork, itemsize(kind)), *rwork = room(nrwork, sizeof(double));
    void *iwork = room(niwork, sizeof(int64_t));
    if (work && rwork && iwork) info = call_gelsd(&x, work, &nwork, rwork, iwork);
    free(work), free(rwork), free(iwork);
    *(int64_t *)rank = number(x.rank);
    return info;
}
#endif
