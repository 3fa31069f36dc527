/* fold: what one instruction is equal to, seen from its operands: an older value, or a constant.
 *
 * Parts of what was put together (array.dim of array.make, tuple.get of tuple.make), arithmetic on constants, and the
 * laws of rules.def. Nothing is changed here; simplify.c replaces.
 */
#include "opt/simplify.h"

#define NOTHING ((Folded){0})

static Folded value(Ref r) {
    return (Folded){FOLD_VALUE, r, 0};
}

static Folded constant(int64_t c) {
    return (Folded){FOLD_CONSTANT, 0, c};
}

/* ---- parts of what was put together -------------------------------------------------------------------------------------- */

static Folded array_part(const Ins *ins, const Ins *array) {
    uint32_t ndim = array->type->ndim, axis = (uint32_t)ins->aux.i;
    if (array->op == OP_ARRAY_ALLOC) return ins->op == OP_ARRAY_DIM ? value(array->args[axis]) : NOTHING;
    if (array->op != OP_ARRAY_MAKE && array->op != OP_ARRAY_CONST) return NOTHING;
    uint32_t data = array->op == OP_ARRAY_MAKE ? 1 : 0;
    if (ins->op == OP_ARRAY_DATA) return value(array->args[data]);
    return value(array->args[data + 1 + (ins->op == OP_ARRAY_DIM ? axis : ndim + axis)]);
}

static Folded part(const Ins *ins, const Ins *of) {
    switch ((Op)ins->op) {
    case OP_ARRAY_DIM:
    case OP_ARRAY_STRIDE:
    case OP_ARRAY_DATA: return array_part(ins, of);
    case OP_TUPLE_GET: return of->op == OP_TUPLE_MAKE ? value(of->args[ins->aux.i]) : NOTHING;
    case OP_CREAL: return of->op == OP_CMAKE ? value(of->args[0]) : NOTHING;
    case OP_CIMAG: return of->op == OP_CMAKE ? value(of->args[1]) : NOTHING;
    case OP_OPT_HAS:
        return of->op == OP_OPT_SOME ? constant(1) : of->op == OP_OPT_NONE ? constant(0) : NOTHING;
    case OP_OPT_GET: return of->op == OP_OPT_SOME ? value(of->args[0]) : NOTHING;
    default: return NOTHING;
    }
}

/* ---- constants ----------------------------------------------------------------------------------------------------------------- */

/* As a const.int of this type holds it. */
static int64_t wrap(const Type *t, uint64_t bits) {
    int unused = 64 - (t->kind == TY_B1 ? 1 : hl_type_bits(t));
    bits <<= unused;
    return hl_type_is_signed(t) ? (int64_t)bits >> unused : (int64_t)(bits >> unused);
}

static int64_t ones(const Type *t) {
    return wrap(t, UINT64_MAX);
}

static bool compute(Op op, uint64_t a, uint64_t b, uint64_t *out) {
    switch (op) {
    case OP_ADD: *out = a + b; return true;
    case OP_SUB: *out = a - b; return true;
    case OP_MUL: *out = a * b; return true;
    case OP_AND: *out = a & b; return true;
    case OP_OR: *out = a | b; return true;
    case OP_XOR: *out = a ^ b; return true;
    case OP_EQ: *out = a == b; return true;
    case OP_NE: *out = a != b; return true;
    default: return false;
    }
}

/* Only where the order of the 64-bit values is that of the type. */
static bool compute_ordered(Op op, int64_t a, int64_t b, uint64_t *out) {
    switch (op) {
    case OP_SMIN: *out = (uint64_t)(a < b ? a : b); return true;
    case OP_SMAX: *out = (uint64_t)(a > b ? a : b); return true;
    case OP_SLT: *out = a < b; return true;
    case OP_SLE: *out = a <= b; return true;
    case OP_SGT: *out = a > b; return true;
    case OP_SGE: *out = a >= b; return true;
    case OP_ULT: *out = (uint64_t)a < (uint64_t)b; return true;
    case OP_UMIN: *out = (uint64_t)a < (uint64_t)b ? (uint64_t)a : (uint64_t)b; return true;
    case OP_UMAX: *out = (uint64_t)a > (uint64_t)b ? (uint64_t)a : (uint64_t)b; return true;
    default: return false;
    }
}

static Folded two_constants(const Ins *ins, const Ins *a, const Ins *b) {
    uint64_t bits;
    if (compute((Op)ins->op, (uint64_t)a->aux.i, (uint64_t)b->aux.i, &bits) ||
        (a->type->kind == TY_I64 && compute_ordered((Op)ins->op, a->aux.i, b->aux.i, &bits)))
        return constant(wrap(ins->type, bits));
    return NOTHING;
}

/* ---- laws -------------------------------------------------------------------------------------------------------------------------- */

enum { RIGHT = 1, BOTH = 2, ITSELF = 2 };

static Folded law_of_constant(const Ins *ins, const Func *f) {
    const Ins *left = hl_ins(f, ins->args[0]), *right = hl_ins(f, ins->args[1]);
    bool on_left = left->op == OP_CONST_INT;
    const Ins *c = on_left ? left : right;
#define IS(n) (c->aux.i == ((n) < 0 ? ones(c->type) : (n)))
#define NEUTRAL(name, n, sides)                                                                              \
    if (ins->op == OP_##name && IS(n) && (!on_left || sides == BOTH))                                        \
        return value(ins->args[on_left ? 1 : 0]);
#define ABSORBING(name, n)                                                                                   \
    if (ins->op == OP_##name && IS(n)) return value(ins->args[on_left ? 0 : 1]);
#define SAME(name, outcome)
#include "opt/rules.def"
#undef NEUTRAL
#undef ABSORBING
#undef SAME
#undef IS
    return NOTHING;
}

static Folded law_of_same(const Ins *ins) {
    static const int8_t outcomes[OP_COUNT] = {
    /* plus 1; 0: no law */
#define NEUTRAL(name, n, sides)
#define ABSORBING(name, n)
#define SAME(name, outcome) [OP_##name] = (outcome) + 1,
#include "opt/rules.def"
#undef NEUTRAL
#undef ABSORBING
#undef SAME
    };
    int outcome = outcomes[ins->op] - 1;
    if (outcome < 0) return NOTHING;
    return outcome == ITSELF ? value(ins->args[0]) : constant(outcome);
}

/* A size is never negative. */
static Folded law_of_sizes(const Ins *ins, const Func *f) {
    if (hl_ins(f, ins->args[0])->op != OP_ARRAY_DIM || !hl_opt_is_int(f, ins->args[1], 0)) return NOTHING;
    switch ((Op)ins->op) {
    case OP_SMAX: return value(ins->args[0]);
    case OP_SMIN: return value(ins->args[1]);
    case OP_SLT: return constant(0);
    case OP_SGE: return constant(1);
    default: return NOTHING;
    }
}

static Folded fold_binary(const Ins *ins, const Func *f) {
    const Ins *a = hl_ins(f, ins->args[0]), *b = hl_ins(f, ins->args[1]);
    if (a->op == OP_CONST_INT && b->op == OP_CONST_INT) return two_constants(ins, a, b);
    if (ins->args[0] == ins->args[1]) return law_of_same(ins);
    Folded folded = law_of_sizes(ins, f);
    if (folded.kind != FOLD_NOTHING) return folded;
    return a->op == OP_CONST_INT || b->op == OP_CONST_INT ? law_of_constant(ins, f) : NOTHING;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------------------------- */

static Folded fold_conversion(const Ins *ins, const Ins *from) {
    if (ins->op == OP_RECAST && ins->type == from->type) return value(ins->args[0]);
    bool integer = hl_type_is_integer(ins->type) || ins->type->kind == TY_B1;
    if (from->op != OP_CONST_INT || !integer) return NOTHING;
    uint64_t bits = (uint64_t)from->aux.i;
    if (ins->op == OP_ZEXT && hl_type_is_signed(from->type))
        bits &= UINT64_MAX >> (64 - hl_type_bits(from->type));
    if (ins->op == OP_SEXT && !hl_type_is_signed(from->type)) return NOTHING;
    return constant(wrap(ins->type, bits));
}

static Folded fold_select(const Ins *ins, const Func *f) {
    const Ins *condition = hl_ins(f, ins->args[0]);
    if (condition->op == OP_CONST_INT) return value(ins->args[condition->aux.i ? 1 : 2]);
    return ins->args[1] == ins->args[2] ? value(ins->args[1]) : NOTHING;
}

Folded hl_fold(const Func *f, const Ins *ins) {
    if (ins->nargs == 0 || hl_opt_effects(ins) != PURE || ins->op == OP_PHI) return NOTHING;
    const Ins *first = hl_ins(f, ins->args[0]);
    if (ins->op == OP_SELECT) return fold_select(ins, f);
    if (ins->nargs == 2 && ins->op != OP_CMAKE && ins->op != OP_TUPLE_MAKE) return fold_binary(ins, f);
    if (ins->op == OP_TRUNC || ins->op == OP_ZEXT || ins->op == OP_SEXT || ins->op == OP_RECAST)
        return fold_conversion(ins, first);
    return part(ins, first);
}
