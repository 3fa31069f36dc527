/* random: draws from the streams of random numbers, and libm's own functions for what is made of them. The distributions
 * are the prelude's (core/streams.py and the files above it).
 *
 * NumPy's numbers are NumPy scalars here, so that the arithmetic of a distribution is C's; Python's are its float and int.
 */
#include "infer/internal.h"
#include "infer/known.h"
#include "runtime/runtime.h"

static const Type *draw_storage(RtId id) {
    if (id == RT_random_u32) return hl_type(TY_U32);
    return hl_type(id == RT_random_u64 ? TY_U64 : TY_F64);
}

static const Type *draw_type(RtId id, int64_t stream) {
    bool is_float = id == RT_random_double || id == RT_random_gauss;
    if (stream == HL_STREAM_PYTHON) return hl_type(is_float ? TY_FLOAT : TY_INT);
    return hl_type(is_float ? TY_F64 : TY_U64);
}

Val random_draw(Builder *b, const Args *args, int64_t data) {
    RtId id = (RtId)(data / HL_NSTREAMS);
    int64_t stream = data % HL_NSTREAMS;
    if (!bind(b, "a draw", "", args, NULL)) return NO_VAL;
    const Type *type = draw_type(id, stream);
    Ref which = const_i64(b, stream), drawn = rt(b, id, draw_storage(id), &which, 1);
    return scalar(type, cast_ref(b, drawn, draw_storage(id), hl_type_storage(type)));
}

Val random_seed(Builder *b, const Args *args, int64_t data) {
    RtId id = (RtId)(data / HL_NSTREAMS);
    Val seed = {0};
    if (!bind(b, "a seed", id == RT_random_seed ? "seed" : "", args, &seed)) return NO_VAL;
    Ref operands[2] = {const_i64(b, data % HL_NSTREAMS), ok(seed) ? index_of(b, seed) : 0};
    rt(b, id, NULL, operands, id == RT_random_seed ? 2 : 1);
    return literal(hl_type(TY_NONE));
}

Val random_check_fits(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val fits;
    if (!bind(b, "check_fits", "fits", args, &fits)) return NO_VAL;
    check(b, ref_of(b, fits), "?OverflowError", "the random number is too large for a 64-bit integer");
    return literal(hl_type(TY_NONE));
}

/* ---- np.random.Generator: (generator, name of NumPy's function, parameters...) ----------------------------------------- */

/* The first two operands of a draw. */
static bool generator_operands(Builder *b, const Args *args, Ref *out) {
    bool good = args->npos >= 2 && args->pos[0].type->kind == TY_RNG && args->pos[1].type->kind == TY_STR;
    int64_t number = good ? hlrt_generator_number(args->pos[1].type->name) : -1;
    if (number < 0) return ok(fail(b, DIAG_INTERNAL, "a draw from no generator"));
    out[0] = args->pos[0].ref;
    out[1] = const_i64(b, number);
    return true;
}

/* Whole parameters stand behind the real ones; what is not given is 0. */
Val generator_draw(Builder *b, const Args *args, int64_t id) {
    const Type *f64 = hl_type(TY_F64), *i64 = hl_type(TY_I64);
    uint32_t nreal = id == RT_generator_real ? 3 : id == RT_generator_whole ? 2 : 0, nfloat = 0, nint = 0;
    Ref operands[5];
    if (!generator_operands(b, args, operands)) return NO_VAL;
    for (uint32_t i = 2; i < args->npos; i++) {
        bool real = hl_type_is_float(args->pos[i].type);
        Ref x = cast_ref(b, ref_of(b, args->pos[i]), hl_type_storage(args->pos[i].type), real ? f64 : i64);
        operands[2 + (real ? nfloat++ : nreal + nint++)] = x;
    }
    for (uint32_t i = nfloat; i < nreal; i++)
        operands[2 + i] = const_float(b, f64, 0);
    for (uint32_t i = nreal + nint; i < 3; i++)
        operands[2 + i] = const_i64(b, 0);
    const Type *type = id == RT_generator_real ? f64 : i64;
    return scalar(type, rt(b, (RtId)id, type, operands, 5));
}

Val generator_bounded(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref operands[4];
    if (!generator_operands(b, args, operands)) return NO_VAL;
    operands[2] = ref_of(b, args->pos[2]);
    operands[3] = ref_of(b, args->pos[3]);
    return scalar(hl_type(TY_U64), rt(b, RT_generator_bounded, hl_type(TY_U64), operands, 4));
}

Val generator_fill(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Ref operands[6];
    if (!generator_operands(b, args, operands)) return NO_VAL;
    operands[2] = ref_of(b, args->pos[2]);
    operands[3] = ref_of(b, args->pos[3]);
    operands[4] = array_size(b, args->pos[4]);
    operands[5] = array_data(b, args->pos[4]);
    rt(b, RT_generator_fill, NULL, operands, 6);
    return literal(hl_type(TY_NONE));
}

/* ---- libm -------------------------------------------------------------------------------------------------------------- */

Val libm_function(Builder *b, const Args *args, int64_t id) {
    bool two = id == RT_libm_pow || id == RT_libm_fmod, python = true;
    Val v[2];
    Ref x[2];
    if (!bind(b, "a function of libm", two ? "x, y" : "x", args, v)) return NO_VAL;
    for (int i = 0; i <= two; i++) {
        python = python && !hl_type_is_np(v[i].type);
        x[i] = cast_ref(b, ref_of(b, v[i]), hl_type_storage(v[i].type), hl_type(TY_F64));
    }
    return scalar(hl_type(python ? TY_FLOAT : TY_F64), rt(b, (RtId)id, hl_type(TY_F64), x, 1u + two));
}
