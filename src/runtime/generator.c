/* Draws from a np.random.Generator that was an argument: by NumPy's own functions, which its module exports for others
 * to call (numpy/random/distributions.h), so each number is NumPy's.
 *
 * Compiled code has the address of the Python object. The first draw opens it: whoever runs compiled code takes its lock
 * and says where its bit generator is. One generator is open at a time.
 */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <string.h>

typedef enum Shape { R_, R_R, R_RR, R_RRR, F_, F_F, I_R, I_RR, I_RI_, I_III, I_I, FILL } Shape;

static const struct {
    const char *name;
    Shape shape;
} draws[] = {
#define DRAW(name, shape) {#name, shape},
#include "runtime/generator.def"
};
enum { NDRAWS = sizeof draws / sizeof *draws };

static void *functions[NDRAWS];
static HlOpenGenerator open_generator;

void hlrt_set_open_generator(HlOpenGenerator open) {
    open_generator = open;
}

int64_t hlrt_generator_number(const char *name) {
    for (int64_t i = 0; i < NDRAWS; i++)
        if (strcmp(draws[i].name, name) == 0) return i;
    return -1;
}

bool hlrt_generator_set_functions(void *(*find)(const char *name)) {
    for (int i = 0; i < NDRAWS; i++)
        if (!(functions[i] = find(draws[i].name))) return false;
    return true;
}

/* The bit generator of an open generator; NULL after an error. */
static HlBitgen *opened(HlContext *ctx, void *generator) {
    static const HlErrorSite closed = {
        "RuntimeError", -1, "a Generator cannot be drawn from in a parallel loop: its numbers have one order",
        NULL, 0};
    if (ctx->streams->generator == generator) return ctx->streams->generator_bits;
    bool can_open = open_generator && !ctx->region;
    if (!can_open) hlrt_raise(ctx, &closed, NULL, 0);
    return can_open && open_generator(ctx, generator) ? ctx->streams->generator_bits : NULL;
}

#define CALL(result, ...) ((result(*)(__VA_ARGS__))functions[number])

double hlrt_generator_real(HlContext *ctx, void *generator, int64_t number, double a, double b, double c) {
    HlBitgen *bits = opened(ctx, generator);
    if (!bits) return 0;
    switch (draws[number].shape) {
    case R_: return CALL(double, HlBitgen *)(bits);
    case R_R: return CALL(double, HlBitgen *, double)(bits, a);
    case R_RR: return CALL(double, HlBitgen *, double, double)(bits, a, b);
    case R_RRR: return CALL(double, HlBitgen *, double, double, double)(bits, a, b, c);
    case F_: return CALL(float, HlBitgen *)(bits);
    case F_F: return CALL(float, HlBitgen *, float)(bits, (float)a);
    case I_R:
    case I_RR:
    case I_RI_:
    case I_III:
    case I_I:
    case FILL: break;
    }
    return 0;
}

/* What random_binomial keeps from one call to the next, as long as its parameters are the same: here nothing. */
typedef struct Binomial {
    int64_t words[32];
} Binomial;

int64_t hlrt_generator_whole(HlContext *ctx, void *generator, int64_t number, double a, double b, int64_t n) {
    HlBitgen *bits = opened(ctx, generator);
    if (!bits) return 0;
    Binomial nothing_kept = {{0}};
    switch (draws[number].shape) {
    case I_R: return CALL(int64_t, HlBitgen *, double)(bits, a);
    case I_RR: return CALL(int64_t, HlBitgen *, double, double)(bits, a, b);
    case I_RI_: return CALL(int64_t, HlBitgen *, double, int64_t, Binomial *)(bits, a, n, &nothing_kept);
    case I_I: return (int64_t)CALL(uint64_t, HlBitgen *, uint64_t)(bits, (uint64_t)n);
    case R_:
    case R_R:
    case R_RR:
    case R_RRR:
    case F_:
    case F_F:
    case I_III:
    case FILL: break;
    }
    return 0;
}

int64_t hlrt_generator_sample(HlContext *ctx, void *generator, int64_t number, int64_t a, int64_t b,
                              int64_t c) {
    HlBitgen *bits = opened(ctx, generator);
    if (!bits) return 0;
    return CALL(int64_t, HlBitgen *, int64_t, int64_t, int64_t)(bits, a, b, c);
}

/* n numbers of the size that the function's name says, from `low` to `low + limit`. */
static void fill(HlBitgen *bits, int64_t number, uint64_t low, uint64_t limit, int64_t n, void *out) {
    switch (number - hlrt_generator_number("bounded_uint64_fill")) {
    case 0:
        CALL(void, HlBitgen *, uint64_t, uint64_t, int64_t, bool, void *)(bits, low, limit, n, 0, out);
        return;
    case 1:
        CALL(void, HlBitgen *, uint32_t, uint32_t, int64_t, bool, void *)
        (bits, (uint32_t)low, (uint32_t)limit, n, 0, out);
        return;
    case 2:
        CALL(void, HlBitgen *, uint16_t, uint16_t, int64_t, bool, void *)
        (bits, (uint16_t)low, (uint16_t)limit, n, 0, out);
        return;
    default:
        CALL(void, HlBitgen *, uint8_t, uint8_t, int64_t, bool, void *)
        (bits, (uint8_t)low, (uint8_t)limit, n, 0, out);
    }
}

void hlrt_generator_fill(HlContext *ctx, void *generator, int64_t number, uint64_t low, uint64_t limit,
                         int64_t n, void *out) {
    HlBitgen *bits = opened(ctx, generator);
    if (bits) fill(bits, number, low, limit, n, out);
}

uint64_t hlrt_generator_bounded(HlContext *ctx, void *generator, int64_t number, uint64_t low,
                                uint64_t limit) {
    uint64_t out = 0;
    HlBitgen *bits = opened(ctx, generator);
    if (bits) fill(bits, number, low, limit, 1, &out);
    return out;
}
#endif
