/* compare: ==, <, is, in on scalars, tuples and arrays.
 *
 * Python compares an int with a float exactly, NumPy after conversion; tuples compare item by item; arrays element-wise.
 */
#include "infer/internal.h"

#include <string.h>

const char *compare_symbol(CompareOp o) {
    static const char *const symbols[] = {"<", "<=", "==", "!=", ">", ">="};
    return symbols[o];
}

static Op int_code(CompareOp o, bool is_signed) {
    static const Op codes[2][6] = {{OP_ULT, OP_ULE, OP_EQ, OP_NE, OP_UGT, OP_UGE},
                                   {OP_SLT, OP_SLE, OP_EQ, OP_NE, OP_SGT, OP_SGE}};
    return codes[is_signed][o];
}

static Op float_code(CompareOp o) {
    static const Op codes[6] = {OP_FLT, OP_FLE, OP_FEQ, OP_FNE, OP_FGT, OP_FGE};
    return codes[o];
}

static Ref both(Builder *b, Ref x, Ref y) {
    return op2(b, OP_AND, b1(), x, y);
}

static Ref either(Builder *b, Ref x, Ref y) {
    return op2(b, OP_OR, b1(), x, y);
}

static Ref not(Builder * b, Ref x) {
    return op2(b, OP_XOR, b1(), x, const_bool(b, true));
}

/* Exact comparison of an i64 with a float: where the rounded int equals the float, the truncated float decides. */
static Ref compare_int_float(Builder *b, CompareOp o, Ref i, Ref f) {
    const Type *f64 = hl_type(TY_F64), *i64 = hl_type(TY_I64);
    Ref rounded = op1(b, OP_SITOFP, f64, i), tie = compare(b, OP_FEQ, rounded, f);
    Ref fits = compare(b, OP_FLT, f, const_float(b, f64, 9223372036854775808.0));
    Ref exact = op1(b, OP_FPTOSI, i64, op_select(b, f64, both(b, tie, fits), f, const_float(b, f64, 0)));
    Ref below = not(b, fits); /* a tie at 2**63: every int is below it */
    Ref on_tie = compare(b, int_code(o, true), i, exact);
    Ref at_top = const_bool(b, o == CMP_LT || o == CMP_LE || o == CMP_NE);
    on_tie = op_select(b, b1(), below, at_top, on_tie);
    return op_select(b, b1(), tie, on_tie, compare(b, float_code(o), rounded, f));
}

static CompareOp mirrored(CompareOp o) {
    static const CompareOp mirror[6] = {CMP_GT, CMP_GE, CMP_EQ, CMP_NE, CMP_LT, CMP_LE};
    return mirror[o];
}

/* NumPy's order of complex numbers: by real parts, then by imaginary ones; never with a NaN. */
static Ref order_complex(Builder *b, CompareOp o, Ref x, Ref y, const Type *storage) {
    const Type *real = hl_type_real_of(storage);
    Ref xr = op1(b, OP_CREAL, real, x), xi = op1(b, OP_CIMAG, real, x);
    Ref yr = op1(b, OP_CREAL, real, y), yi = op1(b, OP_CIMAG, real, y);
    Op strict = o == CMP_LT || o == CMP_LE ? OP_FLT : OP_FGT;
    Ref numbers = both(b, compare(b, OP_FEQ, xi, xi), compare(b, OP_FEQ, yi, yi));
    Ref by_real = both(b, compare(b, strict, xr, yr), numbers);
    return either(b, by_real, both(b, compare(b, OP_FEQ, xr, yr), compare(b, float_code(o), xi, yi)));
}

static Ref compare_complex(Builder *b, CompareOp o, Ref x, Ref y, const Type *storage) {
    const Type *real = hl_type_real_of(storage);
    if (o != CMP_EQ && o != CMP_NE) return order_complex(b, o, x, y, storage);
    Ref re = compare(b, OP_FEQ, op1(b, OP_CREAL, real, x), op1(b, OP_CREAL, real, y));
    Ref im = compare(b, OP_FEQ, op1(b, OP_CIMAG, real, x), op1(b, OP_CIMAG, real, y));
    Ref equal = both(b, re, im);
    return o == CMP_EQ ? equal : not(b, equal);
}

static bool fold(CompareOp o, int64_t x, int64_t y) {
    switch (o) {
    case CMP_LT: return x < y;
    case CMP_LE: return x <= y;
    case CMP_EQ: return x == y;
    case CMP_NE: return x != y;
    case CMP_GT: return x > y;
    case CMP_GE: return x >= y;
    }
    return false;
}

static Val no_comparison(Builder *b, CompareOp o, Val x, Val y) {
    const char *types =
        hl_arena_printf(&b->c->arena, "%s and %s", hl_type_show(x.type), hl_type_show(y.type));
    return fail(b, DIAG_NO_OPERATOR, compare_symbol(o), types);
}

static Val compare_python(Builder *b, CompareOp o, Val x, Val y) {
    int64_t left, right;
    if (lit_int_value(x, &left) && lit_int_value(y, &right))
        return literal(hl_type_lit_bool(fold(o, left, right)));
    const Type *f64 = hl_type(TY_F64), *c128 = hl_type(TY_C128);
    bool float_x = hl_type_is_float(x.type), float_y = hl_type_is_float(y.type);
    if (hl_type_is_complex(x.type) || hl_type_is_complex(y.type)) {
        if (o != CMP_EQ && o != CMP_NE) return no_comparison(b, o, x, y);
        Ref left_c = cast_ref(b, ref_of(b, x), hl_type_storage(x.type), c128);
        Ref right_c = cast_ref(b, ref_of(b, y), hl_type_storage(y.type), c128);
        return bool_val(compare_complex(b, o, left_c, right_c, c128));
    }
    if (float_x && y.type->kind == TY_INT) return bool_val(compare_int_float(b, mirrored(o), y.ref, x.ref));
    if (float_y && x.type->kind == TY_INT) return bool_val(compare_int_float(b, o, x.ref, y.ref));
    if (float_x || float_y) {
        Ref left_f = cast_ref(b, ref_of(b, x), hl_type_storage(x.type), f64);
        Ref right_f = cast_ref(b, ref_of(b, y), hl_type_storage(y.type), f64);
        return bool_val(compare(b, float_code(o), left_f, right_f));
    }
    return bool_val(compare(b, int_code(o, true), index_of(b, x), index_of(b, y)));
}

/* u64 against a signed integer: a negative one is below every u64. */
static Ref compare_mixed_signs(Builder *b, CompareOp o, Ref s, Ref u) {
    Ref negative = compare(b, OP_SLT, s, const_i64(b, 0));
    Ref when_negative = const_bool(b, o == CMP_LT || o == CMP_LE || o == CMP_NE);
    return op_select(b, b1(), negative, when_negative,
                     compare(b, int_code(o, false), s, op1(b, OP_RECAST, hl_type(TY_I64), u)));
}

static Ref compare_np_ints(Builder *b, CompareOp o, Val x, Val y) {
    if (hl_type_is_boolean(x.type) && hl_type_is_boolean(y.type))
        return compare(b, int_code(o, true), index_of(b, x), index_of(b, y));
    bool big_x = x.type->kind == TY_U64, big_y = y.type->kind == TY_U64;
    if (big_x && big_y) return compare(b, int_code(o, false), x.ref, y.ref);
    if (big_x && hl_type_is_signed(y.type)) return compare_mixed_signs(b, mirrored(o), index_of(b, y), x.ref);
    if (big_y && hl_type_is_signed(x.type)) return compare_mixed_signs(b, o, index_of(b, x), y.ref);
    if (big_x || big_y) {
        const Type *u64 = hl_type(TY_U64);
        Ref left = cast_ref(b, ref_of(b, x), hl_type_storage(x.type), u64);
        return compare(b, int_code(o, false), left, cast_ref(b, ref_of(b, y), hl_type_storage(y.type), u64));
    }
    const Type *common = hl_type_promote(hl_type_unliteral(x.type), hl_type_unliteral(y.type));
    if (!hl_type_is_np(common) || hl_type_is_py(x.type) || hl_type_is_py(y.type))
        return compare(b, int_code(o, true), index_of(b, x), index_of(b, y));
    Ref left = cast_ref(b, x.ref, x.type, common), right = cast_ref(b, y.ref, y.type, common);
    return compare(b, int_code(o, hl_type_is_signed(common)), left, right);
}

/* NumPy scalars (at least one): integers exactly, else in the promoted type. */
Val compare_numpy(Builder *b, CompareOp o, Val x, Val y) {
    bool integers =
        (is_index(x.type) || hl_type_is_boolean(x.type)) && (is_index(y.type) || hl_type_is_boolean(y.type));
    if (integers) return scalar(b1(), compare_np_ints(b, o, x, y));
    const Type *common = hl_type_promote(hl_type_unliteral(x.type), hl_type_unliteral(y.type));
    if (!common) return no_comparison(b, o, x, y);
    common =
        common->kind == TY_F16 ? hl_type(TY_F32) : hl_type_storage(common); /* the values stay the same */
    Ref left = cast_ref(b, ref_of(b, x), hl_type_storage(x.type), common);
    Ref right = cast_ref(b, ref_of(b, y), hl_type_storage(y.type), common);
    if (!hl_type_is_complex(common)) return scalar(b1(), compare(b, float_code(o), left, right));
    return scalar(b1(), compare_complex(b, o, left, right, common));
}

/* Numba converts where Python compares an int with a float exactly, and does not order complex numbers. */
static Val compare_numba(Builder *b, CompareOp o, Val x, Val y) {
    bool complex = hl_type_is_complex(x.type) || hl_type_is_complex(y.type);
    if (complex && o != CMP_EQ && o != CMP_NE) return no_comparison(b, o, x, y);
    if (hl_type_is_literal(x.type) && hl_type_is_literal(y.type)) return compare_python(b, o, x, y);
    return compare_numpy(b, o, scalar(operand_type(b, x.type), ref_of(b, x)),
                         scalar(operand_type(b, y.type), ref_of(b, y)));
}

/* ---- tuples --------------------------------------------------------------------------------------------------------------- */

/* Python's lexicographic order: the first pair that differs decides, else the lengths. */
static Val compare_tuples(Builder *b, CompareOp o, Val x, Val y) {
    uint32_t n = x.type->nargs < y.type->nargs ? x.type->nargs : y.type->nargs;
    if ((o == CMP_EQ || o == CMP_NE) && x.type->nargs != y.type->nargs)
        return literal(hl_type_lit_bool(o == CMP_NE));
    Val result = literal(hl_type_lit_bool(fold(o, x.type->nargs, y.type->nargs)));
    for (uint32_t i = n; i-- > 0;) {
        Val same = compare_values(b, CMP_EQ, x.parts[i], y.parts[i]);
        Val differ = o == CMP_EQ   ? literal(hl_type_lit_bool(false))
                     : o == CMP_NE ? literal(hl_type_lit_bool(true))
                                   : compare_values(b, o, x.parts[i], y.parts[i]);
        if (ok(same)) same = truth(b, same);
        if (ok(differ)) differ = truth(b, differ);
        if (!ok(same) || !ok(differ)) return NO_VAL;
        result = bool_val(op_select(b, b1(), ref_of(b, same), ref_of(b, result), ref_of(b, differ)));
    }
    return result;
}

static Val compare_strings(CompareOp o, Val x, Val y) {
    return literal(hl_type_lit_bool((o == CMP_EQ) == (x.type == y.type)));
}

static bool is_dtype(Val v) {
    return v.type->kind == TY_OBJECT_CONST && strncmp(v.type->name, "numpy.dtype:", 12) == 0;
}

/* A dtype equals whatever NumPy makes the same dtype of: scalar types, `float`, names. */
static Val compare_dtypes(Builder *b, CompareOp o, Val x, Val y) {
    return literal(hl_type_lit_bool((o == CMP_EQ) == (dtype_of(b, x) == dtype_of(b, y))));
}

/* A function, class or module; an object of another class may answer as it likes. */
static bool is_plain_constant(const Type *t) {
    return t->kind == TY_OBJECT_CONST && strncmp(t->name, "object:", 7) != 0;
}

/* Never equal, whatever the values are. */
static bool are_unlike(const Type *x, const Type *y) {
    if (is_text(x) && is_text(y)) return false; /* made at run time */
    if (x->kind == TY_NONE && is_plain_constant(y)) return true;
    if (y->kind == TY_NONE && is_plain_constant(x)) return true;
    return has_class(x) && has_class(y) && x->kind != y->kind;
}

Val compare_values(Builder *b, CompareOp o, Val x, Val y) {
    static const UfuncId ufuncs[6] = {UFUNC_less,      UFUNC_less_equal, UFUNC_equal,
                                      UFUNC_not_equal, UFUNC_greater,    UFUNC_greater_equal};
    if (!ok(x) || !ok(y)) return NO_VAL;
    bool equality = o == CMP_EQ || o == CMP_NE;
    if (x.type->kind == TY_OPTIONAL || y.type->kind == TY_OPTIONAL) {
        if (x.type->kind == TY_OPTIONAL) x = convert(b, x, x.type->args[0]);
        return compare_values(b, o, x, y.type->kind == TY_OPTIONAL ? convert(b, y, y.type->args[0]) : y);
    }
    Val args[2] = {x, y};
    if (hl_type_is_tensor(x.type) || hl_type_is_tensor(y.type)) return tensor_compare(b, o, x, y);
    if (x.type->kind == TY_ARRAY || y.type->kind == TY_ARRAY) return ufunc(b, ufuncs[o], args, 2);
    if (hl_type_is_scalar(x.type) && hl_type_is_scalar(y.type))
        return NUMBA(b)                                         ? compare_numba(b, o, x, y)
               : hl_type_is_py(x.type) && hl_type_is_py(y.type) ? compare_python(b, o, x, y)
                                                                : compare_numpy(b, o, x, y);
    if (x.type->kind == TY_LIST && y.type->kind == TY_LIST) return list_compare(b, o, x, y);
    if (x.type->kind == TY_SET && y.type->kind == TY_SET) return set_compare(b, o, x, y);
    if (x.type->kind == TY_TUPLE && y.type->kind == TY_TUPLE) return compare_tuples(b, o, x, y);
    if (equality && (is_dtype(x) || is_dtype(y))) return compare_dtypes(b, o, x, y);
    if (equality && x.type->kind == TY_STR && y.type->kind == TY_STR) return compare_strings(o, x, y);
    if (equality && x.type->kind == TY_OBJECT_CONST && y.type->kind == TY_OBJECT_CONST)
        return literal(hl_type_lit_bool((o == CMP_EQ) == (x.type == y.type)));
    if (equality && hl_type_is_literal(x.type) != hl_type_is_literal(y.type) &&
        (x.type->kind == TY_NONE || y.type->kind == TY_NONE))
        return literal(hl_type_lit_bool(o == CMP_NE));
    if (equality && x.type->kind == TY_NONE && y.type->kind == TY_NONE)
        return literal(hl_type_lit_bool(o == CMP_EQ));
    if (equality && are_unlike(x.type, y.type)) return literal(hl_type_lit_bool(o == CMP_NE));
    return no_comparison(b, o, x, y);
}

/* ---- identity and membership --------------------------------------------------------------------------------------------------- */

static Val is_same_array(Builder *b, Val x, Val y, bool negate) {
    bool possible = x.type->ndim == y.type->ndim && x.type->args[0] == y.type->args[0];
    if (!possible) return literal(hl_type_lit_bool(negate));
    Ref same = op2(b, OP_ARRAY_SAME, b1(), x.ref, y.ref);
    return bool_val(negate ? not(b, same) : same);
}

Val is_same(Builder *b, Val x, Val y, bool negate) {
    if (!ok(x) || !ok(y)) return NO_VAL;
    if (x.type->kind == TY_LIST && y.type->kind == TY_LIST) {
        Ref same = op2(b, OP_ARRAY_SAME, b1(), x.ref, y.ref);
        return bool_val(negate ? not(b, same) : same);
    }
    if (x.type->kind == TY_SET && y.type->kind == TY_SET) return is_same(b, x.parts[0], y.parts[0], negate);
    if (x.type->kind == TY_TENSOR && y.type->kind == TY_TENSOR)
        return is_same_array(b, x.parts[0], y.parts[0], negate);
    if (x.type->kind == TY_ARRAY && y.type->kind == TY_ARRAY) return is_same_array(b, x, y, negate);
    if (x.type->kind == TY_NONE && y.type->kind != TY_NONE) return is_same(b, y, x, negate);
    if (y.type->kind == TY_NONE && x.type->kind == TY_OPTIONAL)
        return bool_val(negate ? ref_of(b, x.parts[0]) : not(b, ref_of(b, x.parts[0])));
    bool constants = hl_type_is_literal(x.type) && hl_type_is_literal(y.type);
    if (constants || y.type->kind == TY_NONE) return literal(hl_type_lit_bool((x.type == y.type) != negate));
    bool booleans = (x.type->kind == TY_BOOL || x.type->kind == TY_LIT_BOOL) &&
                    (y.type->kind == TY_BOOL || y.type->kind == TY_LIT_BOOL);
    if (booleans) return bool_val(compare(b, negate ? OP_NE : OP_EQ, ref_of(b, x), ref_of(b, y)));
    if (x.type->kind == TY_BOOL || y.type->kind == TY_LIT_BOOL ||
        x.type->kind == TY_LIT_BOOL) /* 1 is True: never */
        return literal(hl_type_lit_bool(negate));
    return fail(b, DIAG_NO_OPERATOR, negate ? "is not" : "is", hl_type_show(x.type));
}

static Val contains_tuple(Builder *b, Val needle, Val tuple) {
    Ref found = 0;
    bool literals = true, always = false;
    for (uint32_t i = 0; i < tuple.type->nargs; i++) {
        Val same = compare_values(b, CMP_EQ, tuple.parts[i], needle);
        if (ok(same)) same = truth(b, same);
        if (!ok(same)) return NO_VAL;
        if (same.type->kind == TY_LIT_BOOL) {
            always |= same.type->value != 0;
            continue;
        }
        found = literals ? same.ref : either(b, found, same.ref);
        literals = false;
    }
    return always || literals ? literal(hl_type_lit_bool(always)) : bool_val(found);
}

/* Distances and counts are unsigned: they may be 2**63 and more. */
static Val contains_range(Builder *b, Val needle, Val range) {
    Ref x = index_of(b, needle), start = ref_of(b, range.parts[0]), step = ref_of(b, range.parts[2]);
    const Type *i64 = hl_type(TY_I64);
    Ref zero = const_i64(b, 0), up = compare(b, OP_SGT, step, zero);
    Ref width = op_select(b, i64, up, step, op2(b, OP_SUB, i64, zero, step));
    Ref low = op_select(b, i64, up, start, x), high = op_select(b, i64, up, x, start);
    Ref distance = op2(b, OP_SUB, i64, high, low), index = op2(b, OP_UDIV, i64, distance, width);
    Ref on_grid = compare(b, OP_EQ, op2(b, OP_MUL, i64, index, width), distance);
    Ref inside = both(b, compare(b, OP_SGE, high, low), compare(b, OP_ULT, index, range_length(b, range)));
    return bool_val(both(b, on_grid, inside));
}

Val contains(Builder *b, Val needle, Val haystack, bool negate) {
    if (!ok(needle) || !ok(haystack)) return NO_VAL;
    Val result = NO_VAL;
    if (haystack.type->kind == TY_TUPLE)
        result = contains_tuple(b, needle, haystack);
    else if (haystack.type->kind == TY_LIST)
        result = call_known(b, "list.contains", (Val[]){haystack, needle}, 2);
    else if (haystack.type->kind == TY_SET)
        result = call_known(b, "set.contains", (Val[]){haystack, without_literal(b, needle)}, 2);
    else if (haystack.type->kind == TY_RANGE && is_index(needle.type))
        result = contains_range(b, needle, haystack);
    else if (haystack.type->kind == TY_ARRAY && hl_type_is_scalar(needle.type))
        result = call_known(b, "ndarray.__contains__", (Val[]){haystack, needle}, 2);
    else
        return fail(b, DIAG_NO_OPERATOR, "in", hl_type_show(haystack.type));
    return ok(result) && negate ? unary(b, UN_NOT, result) : result;
}
