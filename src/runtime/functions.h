/* Prototypes of the functions of runtime.def (tests/runtime compares the two) and of those behind the slow
 * paths.
 *
 * Included by runtime.h only. A c128 comes in as two doubles and goes out as HlComplex, both in SSE
 * registers.
 */
#ifndef HL_RUNTIME_FUNCTIONS_H
#define HL_RUNTIME_FUNCTIONS_H

/* ---- int.c ------------------------------------------------------------------------------------------- */
HL_API int64_t hlrt_int_pow(int64_t x, int64_t n);
HL_API int64_t hlrt_int_pow_cut(int64_t x, int64_t n);
HL_API int64_t hlrt_int_powmod(int64_t x, int64_t n, int64_t m);
HL_API int64_t hlrt_int_round(int64_t x, int64_t ndigits);
HL_API uint64_t hlrt_uint_pow(uint64_t x, uint64_t n);
HL_API double hlrt_int_truediv(int64_t x, int64_t y);
HL_API int64_t hlrt_int_gcd(int64_t a, int64_t b);
HL_API uint64_t hlrt_uint_gcd(uint64_t a, uint64_t b);

/* ---- hash.c ------------------------------------------------------------------------------------------- */
HL_API int64_t hlrt_hash_int(int64_t x);
HL_API int64_t hlrt_hash_uint(uint64_t x);
HL_API int64_t hlrt_hash_float(double x);
HL_API int64_t hlrt_hash_complex(double re, double im);
HL_API int64_t hlrt_hash_item(int64_t so_far, int64_t hash);
HL_API int64_t hlrt_hash_tuple(int64_t so_far, int64_t n);

/* ---- float.c ----------------------------------------------------------------------------------------- */
HL_API double hlrt_float_floordiv(double x, double y);
HL_API double hlrt_float_mod(double x, double y);
HL_API double hlrt_npy_floordiv(double x, double y);
HL_API float hlrt_npy_floordivf(float x, float y);
HL_API double hlrt_npy_mod(double x, double y);
HL_API float hlrt_npy_modf(float x, float y);
HL_API double hlrt_npy_spacing(double x);
HL_API float hlrt_npy_spacingf(float x);
HL_API double hlrt_npy_logaddexp(double x, double y);
HL_API double hlrt_npy_logaddexp2(double x, double y);
HL_API double hlrt_float_ldexp(double x, int64_t n);
HL_API double hlrt_float_frexp_m(double x);
HL_API int64_t hlrt_float_frexp_e(double x);
HL_API double hlrt_float_pow(HlContext *ctx, double x, double y);

/* ---- round.c ----------------------------------------------------------------------------------------- */
HL_API double hlrt_float_round(HlContext *ctx, double x, int64_t ndigits);

/* ---- complex.c --------------------------------------------------------------------------------------- */
HL_API HlComplex hlrt_complex_div(double ar, double ai, double br, double bi);
HL_API HlComplex hlrt_complex_pow(HlContext *ctx, double ar, double ai, double br, double bi);
HL_API HlComplex hlrt_npy_complex_pow(double ar, double ai, double br, double bi);
HL_API double hlrt_complex_abs(HlContext *ctx, double re, double im);
HL_API HlComplex hlrt_complex_sqrt(double re, double im);
HL_API HlComplex hlrt_complex_exp(double re, double im);
HL_API HlComplex hlrt_complex_log(double re, double im);
HL_API HlComplex hlrt_complex_log10(double re, double im);
HL_API HlComplex hlrt_complex_sin(double re, double im);
HL_API HlComplex hlrt_complex_cos(double re, double im);
HL_API HlComplex hlrt_complex_tan(double re, double im);
HL_API HlComplex hlrt_complex_sinh(double re, double im);
HL_API HlComplex hlrt_complex_cosh(double re, double im);
HL_API HlComplex hlrt_complex_tanh(double re, double im);
HL_API HlComplex hlrt_complex_asin(double re, double im);
HL_API HlComplex hlrt_complex_acos(double re, double im);
HL_API HlComplex hlrt_complex_atan(double re, double im);
HL_API HlComplex hlrt_complex_asinh(double re, double im);
HL_API HlComplex hlrt_complex_acosh(double re, double im);
HL_API HlComplex hlrt_complex_atanh(double re, double im);
HL_API HlComplex hlrt_cmath_sqrt(double re, double im);
HL_API HlComplex hlrt_cmath_exp(double re, double im);
HL_API HlComplex hlrt_cmath_sin(double re, double im);
HL_API HlComplex hlrt_cmath_cos(double re, double im);
HL_API HlComplex hlrt_cmath_tan(double re, double im);
HL_API HlComplex hlrt_cmath_sinh(double re, double im);
HL_API HlComplex hlrt_cmath_cosh(double re, double im);
HL_API HlComplex hlrt_cmath_tanh(double re, double im);
HL_API HlComplex hlrt_cmath_asin(double re, double im);
HL_API HlComplex hlrt_cmath_acos(double re, double im);
HL_API HlComplex hlrt_cmath_atan(double re, double im);
HL_API HlComplex hlrt_cmath_asinh(double re, double im);
HL_API HlComplex hlrt_cmath_acosh(double re, double im);
HL_API HlComplex hlrt_cmath_atanh(double re, double im);

/* ---- memory.c ---------------------------------------------------------------------------------------- */
/* A block of n bytes with one reference; NULL: a MemoryError was recorded. */
HL_API void *hlrt_alloc(HlContext *ctx, int64_t nbytes);
HL_API void *hlrt_alloc_1d(HlContext *ctx, int64_t kind, int64_t itemsize, int64_t size);
HL_API void *hlrt_alloc_2d(HlContext *ctx, int64_t kind, int64_t itemsize, int64_t rows, int64_t columns);
HL_API void *hlrt_alloc_nd(HlContext *ctx, int64_t kind, int64_t itemsize, int64_t ndim, const void *shape);
HL_API void hlrt_retain(void *owner);
HL_API void hlrt_release(void *owner);
HL_API int64_t hlrt_same_owner(void *a, void *b);
/* Frees a block whose last reference is gone: the slow half of hlrt_release. */
HL_API void hlrt_free_block(HlBlock *block);

/* ---- random.c ---------------------------------------------------------------------------------------- */
HL_API uint32_t hlrt_random_u32(HlContext *ctx, int64_t which);
HL_API uint64_t hlrt_random_u64(HlContext *ctx, int64_t which);
HL_API double hlrt_random_double(HlContext *ctx, int64_t which);
HL_API double hlrt_random_gauss(HlContext *ctx, int64_t which);
HL_API void hlrt_random_seed(HlContext *ctx, int64_t which, int64_t seed);
HL_API void hlrt_random_seed_entropy(HlContext *ctx, int64_t which);
HL_API int64_t hlrt_random_parts(HlContext *ctx, int64_t count, int64_t streams);
HL_API uint32_t hlrt_random_u32_slow(HlContext *ctx, int64_t which);
HL_API uint64_t hlrt_random_u64_slow(HlContext *ctx, int64_t which);
HL_API double hlrt_random_double_slow(HlContext *ctx, int64_t which);
HL_API double hlrt_random_gauss_slow(HlContext *ctx, int64_t which);
HL_API double hlrt_generator_real(HlContext *ctx, void *generator, int64_t number, double a, double b,
                                  double c);
HL_API int64_t hlrt_generator_whole(HlContext *ctx, void *generator, int64_t number, double a, double b,
                                    int64_t n);
HL_API int64_t hlrt_generator_sample(HlContext *ctx, void *generator, int64_t number, int64_t a, int64_t b,
                                     int64_t c);
HL_API uint64_t hlrt_generator_bounded(HlContext *ctx, void *generator, int64_t number, uint64_t low,
                                       uint64_t limit);
HL_API void hlrt_generator_fill(HlContext *ctx, void *generator, int64_t number, uint64_t low, uint64_t limit,
                                int64_t n, void *out);
HL_API double hlrt_libm_exp(double x);
HL_API double hlrt_libm_log(double x);
HL_API double hlrt_libm_log1p(double x);
HL_API double hlrt_libm_pow(double x, double y);
HL_API double hlrt_libm_cos(double x);
HL_API double hlrt_libm_acos(double x);
HL_API double hlrt_libm_fmod(double x, double y);
/* ---- foreign.c --------------------------------------------------------------------------------------- */
HL_API void hlrt_foreign_call(HlContext *ctx, const void *site, const void *slots);

/* ---- list.c ------------------------------------------------------------------------------------------ */
HL_API void *hlrt_list_new(HlContext *ctx);
HL_API int64_t hlrt_list_push(HlContext *ctx, void *list, int64_t nbytes, int64_t refs);
HL_API void hlrt_list_resize(HlContext *ctx, void *list, int64_t n, int64_t nbytes, int64_t refs);
HL_API void hlrt_list_rotate(void *list, int64_t from, int64_t to);

/* ---- lapack.c ---------------------------------------------------------------------------------------- */
HL_API int64_t hlrt_lapack_gesv(int64_t kind, int64_t n, int64_t nrhs, void *a, void *b);
HL_API int64_t hlrt_lapack_getrf(int64_t kind, int64_t n, void *a, void *sign);
HL_API int64_t hlrt_lapack_potrf(int64_t kind, int64_t n, void *a);
HL_API int64_t hlrt_lapack_geqrf(int64_t kind, int64_t m, int64_t n, void *a, void *tau);
HL_API int64_t hlrt_lapack_orgqr(int64_t kind, int64_t m, int64_t n, int64_t k, void *a, void *tau);
HL_API int64_t hlrt_lapack_syevd(int64_t kind, int64_t vectors, int64_t n, void *a, void *w);
HL_API int64_t hlrt_lapack_gesdd(int64_t kind, int64_t job, int64_t m, int64_t n, void *a, void *s, void *u,
                                 void *vt);
HL_API int64_t hlrt_lapack_gelsd(int64_t kind, int64_t m, int64_t n, int64_t nrhs, void *a, void *b, void *s,
                                 double rcond, void *rank);

/* ---- object.c ---------------------------------------------------------------------------------------- */
HL_API void hlrt_object_retain(HlContext *ctx, void *object);
HL_API void hlrt_object_release(HlContext *ctx, void *object);
HL_API void *hlrt_object_operate(HlContext *ctx, int64_t operation, void *operands, int64_t n);
HL_API int64_t hlrt_object_test(HlContext *ctx, int64_t operation, void *operands, int64_t n);
HL_API void *hlrt_object_catch(HlContext *ctx);
HL_API void *hlrt_object_box(HlContext *ctx, int64_t type, const void *slots);
HL_API void *hlrt_object_box_int(HlContext *ctx, int64_t value);
HL_API void *hlrt_object_box_float(HlContext *ctx, double value);
HL_API int64_t hlrt_object_has(HlContext *ctx, int64_t type, void *object);
HL_API void hlrt_object_unbox(HlContext *ctx, int64_t type, void *object, void *slots);
HL_API int64_t hlrt_memory_changed(HlContext *ctx);
HL_API void hlrt_exit_object(HlContext *ctx, void *object);
HL_API void hlrt_exit_int(HlContext *ctx, int64_t value);
HL_API void hlrt_exit_float(HlContext *ctx, double value);

/* ---- gemm.c ------------------------------------------------------------------------------------------ */
HL_API void hlrt_gemm_f64(const void *a, int64_t as0, int64_t as1, const void *b, int64_t bs0, int64_t bs1,
                          void *out, int64_t m, int64_t n, int64_t k);
HL_API void hlrt_gemm_f32(const void *a, int64_t as0, int64_t as1, const void *b, int64_t bs0, int64_t bs1,
                          void *out, int64_t m, int64_t n, int64_t k);
HL_API void hlrt_gemm_c128(const void *a, int64_t as0, int64_t as1, const void *b, int64_t bs0, int64_t bs1,
                           void *out, int64_t m, int64_t n, int64_t k);
HL_API void hlrt_gemm_c64(const void *a, int64_t as0, int64_t as1, const void *b, int64_t bs0, int64_t bs1,
                          void *out, int64_t m, int64_t n, int64_t k);

/* ---- parallel.c -------------------------------------------------------------------------------------- */
HL_API int64_t hlrt_num_threads(HlContext *ctx);
HL_API void hlrt_set_num_threads(HlContext *ctx, int64_t n);
HL_API int64_t hlrt_thread_id(HlContext *ctx);
HL_API int64_t hlrt_chunk_size(HlContext *ctx);
HL_API int64_t hlrt_set_chunk_size(HlContext *ctx, int64_t n);
HL_API int64_t hlrt_parallel_parts(HlContext *ctx, int64_t count, int64_t cost);
HL_API int64_t hlrt_parallel_run(HlContext *ctx, const void *body, const void *captured, int64_t count,
                                 int64_t parts);

#endif
