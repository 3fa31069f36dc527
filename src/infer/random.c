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
