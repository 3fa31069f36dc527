/* arith: Python's arithmetic on Python scalars, and the way from an operator to NumPy's ufunc.
 *
 * When either operand is a NumPy scalar or an array the operator is a ufunc (ufunc.c). Else Python's rules hold: floor
 * division, ZeroDivisionError, OverflowError of **, exact results of int / int. 64-bit ints wrap.
 */
#include "infer/internal.h"

#include <math.h>
#include <string.h>

const char *binary_symbol(BinaryOp o) {
    static const char *const symbols[] = {"+",  "-",  "*", "/", "//", "%", "**",
                                          "<<", ">>", "&", "|", "^",  "@"};
    return symbols[o];
}

UfuncId binary_ufunc(BinaryOp o) {
    static const UfuncId ufuncs[] = {
        UFUNC_add,        UFUNC_subtract,    UFUNC_multiply,   UFUNC_divide,      UFUNC_floor_divide,
        UFUNC_remainder,  UFUNC_power,       UFUNC_left_shift, UFUNC_right_shift, UFUNC_bitwise_and,
        UFUNC_bitwise_or, UFUNC_bitwise_xor, UFUNC_COUNT};
    return ufuncs[o];
}

UfuncId unary_ufunc(UnaryOp o) {
    return o == UN_NEG ? UFUNC_negative : o == UN_POS ? UFUNC_positive : UFUNC_invert;
}

static const Type *c128(void) {
    return hl_type(TY_C128);
}

/* A Python scalar as the machine type of Python kind int, float or complex. */
static Ref as(Builder *b, Val v, const Type *storage) {
    return cast_ref(b, ref_of(b, v), hl_type_storage(v.type), storage);
}

static bool is_nonzero_constant(Builder *b, Ref y) {
    if (ANALYSING(b)) return false;
    const Ins *ins = hl_ins(b->f, y);
    return (ins->op == OP_CONST_FLOAT && ins->aux.f[0] != 0) || (ins->op == OP_CONST_INT && ins->aux.i != 0);
}

void check_nonzero(Builder *b, Ref y, const Type *storage, const char *message) {
    if (is_nonzero_constant(b, y)) return;
    Ref zero = hl_type_is_float(storage) ? const_float(b, storage, 0) : const_int(b, storage, 0);
    Ref good = compare(b, hl_type_is_float(storage) ? OP_FNE : OP_NE, y, zero);
    check(b, good, "ZeroDivisionError", message);
}

/* ---- int --------------------------------------------------------------------------------------------------------------- */

/* Folds literals; false when it cannot (also on overflow, which stays with the interpreter). */
static bool fold_int(BinaryOp o, int64_t x, int64_t y, int64_t *out) {
    switch (o) {
    case BIN_ADD: return !__builtin_add_overflow(x, y, out);
    case BIN_SUB: return !__builtin_sub_overflow(x, y, out);
    case BIN_MUL: return !__builtin_mul_overflow(x, y, out);
    case BIN_AND: *out = x & y; return true;
    case BIN_OR: *out = x | y; return true;
    case BIN_XOR: *out = x ^ y; return true;
    case BIN_LSHIFT: return y >= 0 && y < 63 && !__builtin_mul_overflow(x, (int64_t)1 << y, out);
    case BIN_RSHIFT: *out = x >> (y > 63 ? 63 : y); return y >= 0;
    case BIN_FLOORDIV:
    case BIN_MOD: {
        if (y == 0 || y == -1) return false;
        int64_t q = x / y, r = x % y;
        bool adjust = r != 0 && (r ^ y) < 0;
        *out = o == BIN_FLOORDIV ? q - adjust : r + (adjust ? y : 0);
        return true;
    }
    default: return false;
    }
}

/* The quotient rounded towards minus infinity; y is not 0. */
static Ref floor_divide(Builder *b, Ref x, Ref y) {
    Ref zero = const_i64(b, 0), one = const_i64(b, 1);
    Ref minus = compare(b, OP_EQ, y, const_i64(b, -1)); /* lowest / -1 traps */
    Ref safe = op_select(b, i64(), minus, one, y);
    Ref q = op2(b, OP_SDIV, i64(), x, safe), r = op2(b, OP_SREM, i64(), x, safe);
    Ref wrong_sign = compare(b, OP_SLT, op2(b, OP_XOR, i64(), r, y), zero);
    Ref adjust = op2(b, OP_AND, hl_type(TY_B1), compare(b, OP_NE, r, zero), wrong_sign);
    Ref floored = op2(b, OP_SUB, i64(), q, op1(b, OP_ZEXT, i64(), adjust));
    return op_select(b, i64(), minus, op2(b, OP_SUB, i64(), zero, x), floored);
}

/* The same by a positive constant. */
static Ref floor_divide_const(Builder *b, Ref x, int64_t y) {
    if (is_power_of_2(y)) return op2(b, OP_ASHR, i64(), x, const_i64(b, __builtin_ctzll((uint64_t)y)));
    Ref divisor = const_i64(b, y);
    Ref q = op2(b, OP_SDIV, i64(), x, divisor), r = op2(b, OP_SREM, i64(), x, divisor);
    Ref negative = compare(b, OP_SLT, r, const_i64(b, 0));
    return op2(b, OP_SUB, i64(), q, op1(b, OP_ZEXT, i64(), negative));
}

static Ref remainder_of(Builder *b, Ref x, Ref y, int64_t constant) {
    if (is_power_of_2(constant)) return op2(b, OP_AND, i64(), x, const_i64(b, constant - 1));
    return op2(b, OP_FLOORMOD, i64(), x, y);
}

/* A constant divisor counts only where it is positive. */
static Val int_divide(Builder *b, BinaryOp o, Val x, Val y) {
    int64_t constant = 0;
    Ref divisor = as(b, y, i64());
    bool is_mod = o == BIN_MOD, is_constant = lit_int_value(y, &constant) && constant > 0;
    if (!is_constant)
        check_nonzero(b, divisor, i64(),
                      is_mod ? "integer modulo by zero" : "integer division or modulo by zero");
    Ref dividend = as(b, x, i64());
    if (is_mod) return int_val(remainder_of(b, dividend, divisor, constant));
    return int_val(is_constant ? floor_divide_const(b, dividend, constant)
                               : floor_divide(b, dividend, divisor));
}

static Val int_true_divide(Builder *b, Val x, Val y) {
    Ref args[2] = {as(b, x, i64()), as(b, y, i64())};
    check_nonzero(b, args[1], i64(), "division by zero");
    return scalar(hl_type(TY_FLOAT), rt(b, RT_int_truediv, f64(), args, 2));
}

static Val int_shift(Builder *b, BinaryOp o, Val x, Val y) {
    Ref value = as(b, x, i64()), count = as(b, y, i64()), top = const_i64(b, 63);
    int64_t constant;
    if (!lit_int_value(y, &constant) || constant < 0)
        check(b, compare(b, OP_SGE, count, const_i64(b, 0)), "ValueError", "negative shift count");
    Ref safe = op2(b, OP_UMIN, i64(), count, top);
    if (o == BIN_RSHIFT) return int_val(op2(b, OP_ASHR, i64(), value, safe));
    Ref shifted = op2(b, OP_SHL, i64(), value, safe);
    return int_val(op_select(b, i64(), compare(b, OP_UGT, count, top), const_i64(b, 0), shifted));
}

static Val int_bitwise(Builder *b, BinaryOp o, Val x, Val y) {
    Op code = o == BIN_AND ? OP_AND : o == BIN_OR ? OP_OR : OP_XOR;
    if (hl_type_is_boolean(x.type) && hl_type_is_boolean(y.type))
        return bool_val(op2(b, code, hl_type(TY_B1), ref_of(b, x), ref_of(b, y)));
    return int_val(op2(b, code, i64(), as(b, x, i64()), as(b, y, i64())));
}

static Val int_binary(Builder *b, BinaryOp o, Val x, Val y) {
    int64_t left, right, folded;
    bool literals = x.type->kind == TY_LIT_INT && y.type->kind == TY_LIT_INT;
    if (literals && lit_int_value(x, &left) && lit_int_value(y, &right) && fold_int(o, left, right, &folded))
        return literal(hl_type_lit_int(folded));
    if (literals && (o == BIN_ADD || o == BIN_SUB || o == BIN_MUL || (o == BIN_LSHIFT && y.type->value >= 0)))
        return fail(b, DIAG_BIG_INT, "of this constant expression");
    switch (o) {
    case BIN_ADD: return int_val(op2(b, OP_ADD, i64(), as(b, x, i64()), as(b, y, i64())));
    case BIN_SUB: return int_val(op2(b, OP_SUB, i64(), as(b, x, i64()), as(b, y, i64())));
    case BIN_MUL: return int_val(op2(b, OP_MUL, i64(), as(b, x, i64()), as(b, y, i64())));
    case BIN_TRUEDIV: return int_true_divide(b, x, y);
    case BIN_FLOORDIV:
    case BIN_MOD: return int_divide(b, o, x, y);
    case BIN_LSHIFT:
    case BIN_RSHIFT: return int_shift(b, o, x, y);
    case BIN_AND:
    case BIN_OR:
    case BIN_XOR: return int_bitwise(b, o, x, y);
    case BIN_POW: return power(b, x, y);
    case BIN_MATMUL: break;
    }
    return fail(b, DIAG_NO_OPERATOR, "@", "integers");
}

/* ---- float and complex ---------------------------------------------------------------------------------------------------- */

static Val float_binary(Builder *b, BinaryOp o, Val x, Val y) {
    Ref args[2] = {as(b, x, f64()), as(b, y, f64())};
    const Type *type = hl_type(TY_FLOAT);
    switch (o) {
    case BIN_ADD: return scalar(type, op2(b, OP_FADD, f64(), args[0], args[1]));
    case BIN_SUB: return scalar(type, op2(b, OP_FSUB, f64(), args[0], args[1]));
    case BIN_MUL: return scalar(type, op2(b, OP_FMUL, f64(), args[0], args[1]));
    case BIN_TRUEDIV:
        check_nonzero(b, args[1], f64(), "float division by zero");
        return scalar(type, op2(b, OP_FDIV, f64(), args[0], args[1]));
    case BIN_FLOORDIV:
        check_nonzero(b, args[1], f64(), "float floor division by zero");
        return scalar(type, rt(b, RT_float_floordiv, f64(), args, 2));
    case BIN_MOD:
        check_nonzero(b, args[1], f64(), b->c->host->python >= 313 ? "float modulo by zero" : "float modulo");
        return scalar(type, rt(b, RT_float_mod, f64(), args, 2));
    case BIN_POW: return power(b, x, y);
    default: return fail(b, DIAG_NO_OPERATOR, binary_symbol(o), "floats");
    }
}

static void complex_parts(Builder *b, Ref z, Ref parts[2]) {
    parts[0] = op1(b, OP_CREAL, f64(), z), parts[1] = op1(b, OP_CIMAG, f64(), z);
}

static Val complex_divide(Builder *b, Ref x, Ref y) {
    Ref re = compare(b, OP_FNE, op1(b, OP_CREAL, f64(), y), const_float(b, f64(), 0));
    Ref im = compare(b, OP_FNE, op1(b, OP_CIMAG, f64(), y), const_float(b, f64(), 0));
    check(b, op2(b, OP_OR, hl_type(TY_B1), re, im), "ZeroDivisionError", "complex division by zero");
    return scalar(hl_type(TY_COMPLEX), rt(b, RT_complex_div, c128(), (Ref[]){x, y}, 2));
}

static Val complex_binary(Builder *b, BinaryOp o, Val left, Val right) {
    const Type *type = hl_type(TY_COMPLEX);
    Ref z[2] = {as(b, left, c128()), as(b, right, c128())}, x[2], y[2], re, im;
    if (o == BIN_TRUEDIV) return complex_divide(b, z[0], z[1]);
    if (o == BIN_POW) return scalar(type, rt(b, RT_complex_pow, c128(), z, 2));
    complex_parts(b, z[0], x), complex_parts(b, z[1], y);
    if (o == BIN_ADD || o == BIN_SUB) {
        Op code = o == BIN_ADD ? OP_FADD : OP_FSUB;
        re = op2(b, code, f64(), x[0], y[0]), im = op2(b, code, f64(), x[1], y[1]);
    } else if (o == BIN_MUL) {
        re = op2(b, OP_FSUB, f64(), op2(b, OP_FMUL, f64(), x[0], y[0]), op2(b, OP_FMUL, f64(), x[1], y[1]));
        im = op2(b, OP_FADD, f64(), op2(b, OP_FMUL, f64(), x[0], y[1]), op2(b, OP_FMUL, f64(), x[1], y[0]));
    } else {
        return fail(b, DIAG_NO_OPERATOR, binary_symbol(o), "complex numbers");
    }
    return scalar(type, op2(b, OP_CMAKE, c128(), re, im));
}

/* ---- powers ------------------------------------------------------------------------------------------------------------------ */

Ref multiply_out(Builder *b, Op mul, const Type *storage, Ref x, int64_t n) {
    Ref result = 0;
    for (bool first = true; n; n >>= 1) {
        if (n & 1) result = first ? x : op2(b, mul, storage, x, result);
        first &= !(n & 1);
        if (n > 1) x = op2(b, mul, storage, x, x);
    }
    return result;
}

/* pow's own answers are kept: the root of -0.0 is 0.0 and that of -inf is inf. */
static Ref root(Builder *b, const Type *t, Ref x) {
    Ref sqrt = op1(b, OP_FSQRT, t, op2(b, OP_FADD, t, x, const_float(b, t, 0)));
    Ref infinite = compare(b, OP_FEQ, x, const_float(b, t, -INFINITY));
    return op_select(b, t, infinite, const_float(b, t, INFINITY), sqrt);
}

static bool is_product(Builder *b, double n) {
    if (n != rint(n) || n == 0) return false;
    return NUMBA(b) ? fabs(n) <= MAX_NUMBA_POWER : n >= -1 && n <= MAX_FLOAT_POWER;
}

static bool is_constant(Builder *b, Ref x, double *value) {
    if (ANALYSING(b) || hl_ins(b->f, x)->op != OP_CONST_FLOAT) return false;
    *value = hl_ins(b->f, x)->aux.f[0];
    return true;
}

Ref silent_power(Builder *b, const Type *t, const Ref *x) {
    double n;
    bool constant = is_constant(b, x[1], &n);
    if (constant && n == 0.5) return root(b, t, x[0]);
    if (!constant || !is_product(b, n)) return math(b, MATH_pow, t, x, 2);
    Ref product = multiply_out(b, OP_FMUL, t, x[0], (int64_t)fabs(n));
    return n > 0 ? product : op2(b, OP_FDIV, t, const_float(b, t, 1), product);
}

/* OverflowError(34, 'Numerical result out of range'), as C's ERANGE gives it. */
static void check_in_range(Builder *b, Ref condition) {
    static const char text[] = "Numerical result out of range";
    b->may_fail |= b->guarded;
    if (ANALYSING(b)) return;
    ErrorInfo *error = hl_new(&b->c->arena, ErrorInfo);
    const Type **types = hl_new_array(&b->c->arena, const Type *, 2);
    types[0] = hl_type_lit_int(34), types[1] = hl_type_str(text, sizeof text - 1);
    *error = (ErrorInfo){.class_name = hl_intern("OverflowError"), .arg_types = types, .nargs = 2};
    op(b, OP_CHECK, NULL, &condition, 1, (Aux){.error = error});
}

/* The root of a negative number is complex, -inf's is inf. */
static Val checked_root(Builder *b, Ref x) {
    const Type *b1 = hl_type(TY_B1);
    Ref no_number = compare(b, OP_FNE, x, x), positive = compare(b, OP_FGE, x, const_float(b, f64(), 0)),
        infinite = compare(b, OP_FEQ, x, const_float(b, f64(), -INFINITY));
    check(b, op2(b, OP_OR, b1, op2(b, OP_OR, b1, positive, infinite), no_number), "?ValueError",
          "negative number cannot be raised to a fractional power");
    return scalar(hl_type(TY_FLOAT), root(b, f64(), x));
}

static Val float_power(Builder *b, Val x, Val y) {
    Ref args[2] = {as(b, x, f64()), as(b, y, f64())};
    int64_t n;
    double half;
    if (is_constant(b, args[1], &half) && half == 0.5) return checked_root(b, args[0]);
    if (!lit_int_value(y, &n) || n < 2 || n > MAX_FLOAT_POWER)
        return scalar(hl_type(TY_FLOAT), rt(b, RT_float_pow, f64(), args, 2));
    Ref result = multiply_out(b, OP_FMUL, f64(), args[0], n), infinity = const_float(b, f64(), INFINITY);
    Ref finite = compare(b, OP_FNE, op1(b, OP_FABS, f64(), result), infinity);
    Ref was_infinite = compare(b, OP_FEQ, op1(b, OP_FABS, f64(), args[0]), infinity);
    check_in_range(b, op2(b, OP_OR, hl_type(TY_B1), finite, was_infinite));
    return scalar(hl_type(TY_FLOAT), result);
}

static Val int_power(Builder *b, Val x, Val y) {
    int64_t n;
    bool constant = lit_int_value(y, &n);
    if (constant && n < 0) return float_power(b, convert(b, x, hl_type(TY_FLOAT)), y);
    Ref args[2] = {as(b, x, i64()), as(b, y, i64())};
    if (constant && n >= 1 && n <= MAX_INT_POWER) return int_val(multiply_out(b, OP_MUL, i64(), args[0], n));
    if (!constant)
        check(b, compare(b, OP_SGE, args[1], const_i64(b, 0)), "?ValueError",
              "an int to a negative int power is a float: write float(x) ** n");
    return int_val(rt(b, RT_int_pow, i64(), args, 2));
}

Val power(Builder *b, Val x, Val y) {
    if (hl_type_is_complex(x.type) || hl_type_is_complex(y.type)) return complex_binary(b, BIN_POW, x, y);
    if (!hl_type_is_float(x.type) && !hl_type_is_float(y.type)) return int_power(b, x, y);
    return float_power(b, x, y);
}

/* ---- the operators -------------------------------------------------------------------------------------------------------------- */

/* error_model='numpy': as if the operands were NumPy scalars, with Python's result type. */
static Val numpy_division(Builder *b, BinaryOp o, Val x, Val y, const Type *python_type) {
    const Type *np = hl_type_storage(python_type);
    Val args[2] = {convert(b, x, np), convert(b, y, np)};
    Val result = ufunc(b, binary_ufunc(o), args, 2);
    if (!ok(result)) return result;
    return scalar(hl_type_is_float(result.type) ? hl_type(TY_FLOAT) : python_type, result.ref);
}

Val python_binary(Builder *b, BinaryOp o, Val x, Val y) {
    bool is_division = o == BIN_TRUEDIV || o == BIN_FLOORDIV || o == BIN_MOD;
    bool is_complex = hl_type_is_complex(x.type) || hl_type_is_complex(y.type);
    bool is_float = hl_type_is_float(x.type) || hl_type_is_float(y.type);
    const Type *type = hl_type(is_complex ? TY_COMPLEX : is_float ? TY_FLOAT : TY_INT);
    if (is_division && b->instance->options.numpy_errors) return numpy_division(b, o, x, y, type);
    if (is_complex) return complex_binary(b, o, x, y);
    return is_float ? float_binary(b, o, x, y) : int_binary(b, o, x, y);
}

Val no_operator(Builder *b, BinaryOp o, Val x, Val y) {
    const char *types =
        hl_arena_printf(&b->c->arena, "%s and %s", hl_type_show(x.type), hl_type_show(y.type));
    return fail(b, DIAG_NO_OPERATOR, binary_symbol(o), types);
}

static Val tuple_repeat(Builder *b, Val tuple, int64_t times) {
    uint32_t n = tuple.type->nargs, count = times > 0 ? (uint32_t)times * n : 0;
    Val *items = hl_new_array(&b->c->arena, Val, count + 1);
    for (uint32_t i = 0; i < count; i++)
        items[i] = tuple.parts[i % n];
    return tuple_val(b, items, count);
}

static Val string_concat(Builder *b, const Type *x, const Type *y) {
    size_t n = (size_t)x->value, m = (size_t)y->value;
    char *text = hl_new_array(&b->c->arena, char, n + m + 1);
    memcpy(text, x->name, n);
    memcpy(text + n, y->name, m);
    return literal(hl_type_str(text, n + m));
}

static Val tuple_binary(Builder *b, BinaryOp o, Val x, Val y) {
    int64_t times;
    if (o == BIN_ADD && x.type->kind == TY_TUPLE && y.type->kind == TY_TUPLE) return tuple_concat(b, x, y);
    if (o == BIN_MUL && x.type->kind == TY_TUPLE && lit_int_value(y, &times) && times < 1000)
        return tuple_repeat(b, x, times);
    if (o == BIN_MOD && x.type->kind == TY_STR) return format_text(b, x, y);
    if (o == BIN_ADD && x.type->kind == TY_STR && y.type->kind == TY_STR)
        return string_concat(b, x.type, y.type);
    return no_operator(b, o, x, y);
}

static bool is_operand(const Type *t) {
    return hl_type_is_scalar(t) || t->kind == TY_ARRAY;
}

/* NumPy squares an array for `** 2`: for booleans, powers have another type. */
static bool squares_booleans(Builder *b, BinaryOp o, Val x, Val y) {
    bool booleans = x.type->kind == TY_ARRAY && x.type->args[0]->kind == TY_B1;
    return o == BIN_POW && booleans && y.type->kind == TY_LIT_INT && y.type->value == 2 && !NUMBA(b);
}

Val binary(Builder *b, BinaryOp o, Val x, Val y) {
    if (!ok(x) || !ok(y)) return NO_VAL;
    if (x.type->kind == TY_OPTIONAL && is_operand(x.type->args[0])) x = convert(b, x, x.type->args[0]);
    if (y.type->kind == TY_OPTIONAL && is_operand(y.type->args[0])) y = convert(b, y, y.type->args[0]);
    if (o == BIN_ADD && is_text(x.type) && is_text(y.type)) return text_join(b, (Val[]){x, y}, 2);
    if (hl_type_is_tensor(x.type) || hl_type_is_tensor(y.type)) return tensor_binary(b, o, x, y);
    bool array = x.type->kind == TY_ARRAY || y.type->kind == TY_ARRAY;
    if (!array && (x.type->kind == TY_LIST || y.type->kind == TY_LIST)) return list_binary(b, o, x, y);
    if (x.type->kind == TY_SET || y.type->kind == TY_SET) return set_binary(b, o, x, y);
    if (!array && (!is_operand(x.type) || !is_operand(y.type))) return tuple_binary(b, o, x, y);
    if (NUMBA(b) && hl_type_is_scalar(x.type) && hl_type_is_scalar(y.type)) return numba_binary(b, o, x, y);
    if (hl_type_is_py(x.type) && hl_type_is_py(y.type)) return python_binary(b, o, x, y);
    Val args[2] = {x, y};
    if (o == BIN_MATMUL) return call_known(b, "numpy.matmul", args, 2);
    if (squares_booleans(b, o, x, y)) return ufunc(b, UFUNC_square, args, 1);
    return ufunc(b, binary_ufunc(o), args, 2);
}

/* ---- unary ------------------------------------------------------------------------------------------------------------------------- */

static Val negate_python(Builder *b, Val x) {
    const Type *storage = hl_type_storage(x.type);
    if (x.type->kind == TY_LIT_INT && x.type->value != INT64_MIN)
        return literal(hl_type_lit_int(-x.type->value));
    if (hl_type_is_float(x.type)) return scalar(x.type, op1(b, OP_FNEG, storage, x.ref));
    if (hl_type_is_complex(x.type)) {
        Ref parts[2];
        complex_parts(b, x.ref, parts);
        Ref re = op1(b, OP_FNEG, f64(), parts[0]), im = op1(b, OP_FNEG, f64(), parts[1]);
        return scalar(x.type, op2(b, OP_CMAKE, c128(), re, im));
    }
    return int_val(op2(b, OP_SUB, i64(), const_i64(b, 0), as(b, x, i64())));
}

Val python_unary(Builder *b, UnaryOp o, Val x) {
    if (o == UN_NEG) return negate_python(b, x);
    if (o == UN_POS) return hl_type_is_boolean(x.type) ? int_val(as(b, x, i64())) : x;
    if (!hl_type_is_integer(x.type) && !hl_type_is_boolean(x.type))
        return fail(b, DIAG_NO_OPERATOR, "~", hl_type_show(x.type));
    if (x.type->kind == TY_LIT_INT) return literal(hl_type_lit_int(~x.type->value));
    return int_val(op2(b, OP_XOR, i64(), as(b, x, i64()), const_i64(b, -1)));
}

Val unary(Builder *b, UnaryOp o, Val x) {
    if (!ok(x)) return x;
    if (o == UN_NOT) {
        Val v = truth(b, x);
        if (!ok(v) || v.type->kind == TY_LIT_BOOL)
            return ok(v) ? literal(hl_type_lit_bool(!v.type->value)) : v;
        return bool_val(op2(b, OP_XOR, hl_type(TY_B1), v.ref, const_bool(b, true)));
    }
    if (x.type->kind == TY_OPTIONAL) x = convert(b, x, x.type->args[0]);
    if (ok(x) && o == UN_NEG && hl_type_is_tensor(x.type)) return tensor_negative(b, x);
    if (!ok(x) || !is_operand(x.type))
        return fail(b, DIAG_NO_OPERATOR, o == UN_NEG ? "-" : o == UN_POS ? "+" : "~", hl_type_show(x.type));
    if (NUMBA(b) && hl_type_is_scalar(x.type)) return numba_unary(b, o, x);
    if (hl_type_is_py(x.type)) return python_unary(b, o, x);
    return ufunc(b, unary_ufunc(o), &x, 1);
}
