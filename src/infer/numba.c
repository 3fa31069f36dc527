/* numba: the rules of semantics="numba", where they differ from Python's and NumPy 2's.
 *
 * Numba gives every number a machine type: a Python int is an int64, a float a float64, a literal too, and no operand is
 * weak. Operators on scalars widen integers to int64 or uint64; errors of powers, of math and of conversions are silent,
 * division by zero is not. Here int64, float64, complex128 and bool are always written as int, float, complex and bool
 * (`numba_type`), so that Python's handlers serve them; the narrower types meet them as their equals (`strong`).
 *
 * What an operator does once its operands have their types is arith.c's and ufunc.c's. The prelude is compiled by
 * Python's rules in either case. tests/api/test_numba_rules.py compares with answers of Numba itself.
 */
#include "infer/internal.h"

/* ---- types --------------------------------------------------------------------------------------------------------------- */

static const Type *with_args(const Type *t, const Type *(*change)(const Type *)) {
    const Type *args[t->nargs + 1];
    for (uint32_t i = 0; i < t->nargs; i++)
        args[i] = change(t->args[i]);
    return t->kind == TY_OPTIONAL ? hl_type_optional(args[0]) : hl_type_with_args(t, args);
}

static bool has_items(const Type *t) {
    return t->kind == TY_TUPLE || t->kind == TY_OPTIONAL;
}

static const Type *strong(const Type *t) {
    if (has_items(t)) return with_args(t, strong);
    return hl_type_is_scalar(t) ? hl_type_storage(hl_type_unliteral(t)) : t;
}

const Type *numba_type(const Type *t) {
    switch ((TypeKind)t->kind) {
    case TY_TUPLE:
    case TY_OPTIONAL: return with_args(t, numba_type);
    case TY_B1: return hl_type(TY_BOOL);
    case TY_I64: return hl_type(TY_INT);
    case TY_F64: return hl_type(TY_FLOAT);
    case TY_C128: return hl_type(TY_COMPLEX);
    default: return t;
    }
}

const Type *operand_type(Builder *b, const Type *t) {
    return NUMBA(b) ? strong(t) : hl_type_unliteral(t);
}

Val numba_val(Builder *b, Val v) {
    if (!NUMBA(b) || !ok(v)) return v;
    Val result = {.type = numba_type(v.type), .ref = v.ref, .parts = v.parts};
    if (result.type == v.type || !v.parts) return result;
    uint32_t n = hl_type_nparts(v.type);
    Val *parts = hl_new_array(&b->c->arena, Val, n);
    for (uint32_t i = 0; i < n; i++)
        parts[i] = numba_val(b, v.parts[i]);
    result.parts = parts;
    return result;
}

const Type *join(Builder *b, const Type *x, const Type *y) {
    if (!NUMBA(b) || x == y || x->kind == TY_BOTTOM || y->kind == TY_BOTTOM) return hl_type_join(x, y);
    return numba_type(hl_type_join(strong(x), strong(y)));
}

/* NumPy's promotion, but that a float32 takes integers of any size. */
const Type *ufunc_promote(Builder *b, const Type *x, const Type *y) {
    const Type *promoted = hl_type_promote(x, y);
    if (!NUMBA(b)) return promoted;
    if (hl_type_is_integer(x) && (y->kind == TY_F32 || y->kind == TY_C64)) return y;
    if (hl_type_is_integer(y) && (x->kind == TY_F32 || x->kind == TY_C64)) return x;
    return promoted;
}

/* ---- operators ----------------------------------------------------------------------------------------------------------- */

/* Does a float32 hold it, as far as Numba's operators go? */
static bool is_short(const Type *t) {
    return t->kind == TY_B1 || t->kind == TY_I8 || t->kind == TY_I16 || t->kind == TY_U8 ||
           t->kind == TY_F32 || t->kind == TY_C64;
}

static bool is_inexact(const Type *t) {
    return hl_type_is_float(t) || hl_type_is_complex(t);
}

static const Type *integer_result(BinaryOp o, const Type *x, const Type *y) {
    bool shift = o == BIN_LSHIFT || o == BIN_RSHIFT;
    return hl_type(hl_type_is_unsigned(x) && (shift || hl_type_is_unsigned(y)) ? TY_U64 : TY_INT);
}

/* What both operands are converted to; x and y are strong. */
static const Type *common(BinaryOp o, const Type *x, const Type *y) {
    if (!is_inexact(x) && !is_inexact(y))
        return o == BIN_TRUEDIV ? hl_type(TY_FLOAT) : integer_result(o, x, y);
    bool complex = hl_type_is_complex(x) || hl_type_is_complex(y);
    bool keeps = o == BIN_POW && x->kind == TY_F32 && !is_inexact(y);
    if (keeps || (is_short(x) && is_short(y))) return hl_type(complex ? TY_C64 : TY_F32);
    return hl_type(complex ? TY_COMPLEX : TY_FLOAT);
}

static Val operand(Builder *b, Val v, const Type *to) {
    return hl_type_is_literal(v.type) && to->kind == TY_INT ? v : convert(b, v, to);
}

/* The count is taken modulo 64, as the machine takes it. */
static Val shift(Builder *b, BinaryOp o, Val x, Val count) {
    const Type *t = hl_type_storage(x.type);
    Ref bits =
        op2(b, OP_AND, t, cast_ref(b, ref_of(b, count), hl_type_storage(count.type), t), const_int(b, t, 63));
    Op right = hl_type_is_unsigned(t) ? OP_LSHR : OP_ASHR;
    return scalar(hl_type_unliteral(x.type), op2(b, o == BIN_LSHIFT ? OP_SHL : right, t, ref_of(b, x), bits));
}

/* x ** n of integers is an integer, cut where n is negative. */
static Val integer_power(Builder *b, Val x, Val n) {
    Ref args[2] = {ref_of(b, x), ref_of(b, n)};
    if (x.type->kind == TY_U64) return scalar(x.type, rt(b, RT_uint_pow, x.type, args, 2));
    Ref good = op2(b, OP_OR, hl_type(TY_B1), compare(b, OP_NE, args[0], const_i64(b, 0)),
                   compare(b, OP_SGE, args[1], const_i64(b, 0)));
    check(b, good, "ZeroDivisionError", "0.0 cannot be raised to a negative power");
    return int_val(rt(b, RT_int_pow_cut, hl_type(TY_I64), args, 2));
}

static Val float_power(Builder *b, Val x, Val y) {
    const Type *t = hl_type_storage(x.type);
    int64_t n;
    Ref exponent = lit_int_value(y, &n) ? const_float(b, t, (double)n)
                                        : cast_ref(b, ref_of(b, y), hl_type_storage(y.type), t);
    return scalar(x.type, silent_power(b, t, (Ref[]){ref_of(b, x), exponent}));
}

static bool is_unrolled(Val x, Val n) {
    int64_t value;
    return x.type->kind == TY_INT && lit_int_value(n, &value) && value >= 0;
}

/* x has the result's type, y is as it was written. */
static Val numba_power(Builder *b, Val x, Val y) {
    if (is_inexact(x.type)) return float_power(b, x, y);
    return is_unrolled(x, y) ? power(b, x, y) : integer_power(b, x, operand(b, y, hl_type_unliteral(x.type)));
}

static bool can_fail(Builder *b, BinaryOp o) {
    return (o == BIN_TRUEDIV || o == BIN_FLOORDIV || o == BIN_MOD) && !b->instance->options.numpy_errors;
}

/* Types that Python does not have: uint64, float32, complex64. */
static Val machine_binary(Builder *b, BinaryOp o, Val x, Val y) {
    Ref nonzero = cast_ref(b, y.ref, y.type, hl_type(TY_B1));
    if (can_fail(b, o))
        check(b, nonzero, "ZeroDivisionError", o == BIN_MOD ? "modulo by zero" : "division by zero");
    return ufunc(b, binary_ufunc(o), (Val[]){x, y}, 2);
}

/* The quotient of integers as floats; the error is that of integers. */
static Val integer_quotient(Builder *b, Val x, Val y) {
    const Type *f64 = hl_type(TY_F64);
    if (!b->instance->options.numpy_errors) check_nonzero(b, y.ref, f64, "division by zero");
    return scalar(x.type, op2(b, OP_FDIV, f64, x.ref, y.ref));
}

Val numba_binary(Builder *b, BinaryOp o, Val x, Val y) {
    const Type *left = strong(x.type), *right = strong(y.type);
    bool bits = o == BIN_AND || o == BIN_OR || o == BIN_XOR,
         literals = hl_type_is_literal(x.type) && hl_type_is_literal(y.type);
    if (o == BIN_MATMUL || literals || (bits && left->kind == TY_B1 && right->kind == TY_B1))
        return python_binary(b, o, x, y);
    const Type *type = common(o, left, right);
    x = operand(b, x, type);
    if (o == BIN_LSHIFT || o == BIN_RSHIFT)
        return is_inexact(type) ? no_operator(b, o, x, y) : shift(b, o, x, y);
    if (o == BIN_POW && !hl_type_is_complex(type)) return numba_power(b, x, y);
    y = operand(b, y, type);
    if (o == BIN_TRUEDIV && !is_inexact(left) && !is_inexact(right)) return integer_quotient(b, x, y);
    return hl_type_is_np(type) ? machine_binary(b, o, x, y) : python_binary(b, o, x, y);
}

/* Integers are negated and inverted as wide as they are, and widened then. */
Val numba_unary(Builder *b, UnaryOp o, Val x) {
    const Type *t = strong(x.type);
    if (o == UN_INVERT && t->kind == TY_B1) return unary(b, UN_NOT, x);
    if (!hl_type_is_np(x.type)) return python_unary(b, o, x);
    Val result = ufunc(b, unary_ufunc(o), &x, 1);
    return is_inexact(t) ? result : convert(b, result, hl_type(hl_type_is_unsigned(t) ? TY_U64 : TY_INT));
}
