/* convert: between scalar types, as Python and NumPy do it.
 *
 * cast_ref is the machine's cast. convert is the implicit one where paths meet or a declared type is asked for.
 * weak_to and to_element are NumPy 2's: a Python scalar takes the NumPy type it meets, and a Python int that does not
 * fit is an OverflowError rather than a wrapped value.
 */
#include "infer/internal.h"

#include <string.h>
#include "runtime/runtime.h"

/* ---- machine casts ------------------------------------------------------------------------------------------------------- */

static Ref int_to_int(Builder *b, Ref x, const Type *from, const Type *to) {
    int have = hl_type_bits(from), want = hl_type_bits(to);
    if (want < have) return op1(b, OP_TRUNC, to, x);
    if (want > have) return op1(b, hl_type_is_signed(from) ? OP_SEXT : OP_ZEXT, to, x);
    return op1(b, OP_RECAST, to, x);
}

static Ref nonzero(Builder *b, Ref x, const Type *type) {
    if (hl_type_is_float(type)) return compare(b, OP_FNE, x, const_float(b, type, 0));
    return compare(b, OP_NE, x, const_int(b, type, 0));
}

static Ref complex_nonzero(Builder *b, Ref x, const Type *type) {
    const Type *real = hl_type_real_of(type);
    Ref re = nonzero(b, op1(b, OP_CREAL, real, x), real), im = nonzero(b, op1(b, OP_CIMAG, real, x), real);
    return op2(b, OP_OR, hl_type(TY_B1), re, im);
}

static Ref cast_to_bool(Builder *b, Ref x, const Type *from) {
    return hl_type_is_complex(from) ? complex_nonzero(b, x, from) : nonzero(b, x, from);
}

/* One that every integer type holds stays a constant, which x // 2 looks at. */
static bool is_constant_of_any_type(Builder *b, Ref x) {
    const Ins *ins = hl_ins(b->f, x);
    return ins->op == OP_CONST_INT && ins->aux.i >= 0 && ins->aux.i <= INT8_MAX;
}

static Ref cast_to_int(Builder *b, Ref x, const Type *from, const Type *to) {
    if (from->kind == TY_B1) return op1(b, OP_ZEXT, to, x);
    if (hl_type_is_integer(from) && is_constant_of_any_type(b, x))
        return const_int(b, to, hl_ins(b->f, x)->aux.i);
    if (hl_type_is_integer(from)) return int_to_int(b, x, from, to);
    if (to->kind == TY_U64) return op1(b, OP_FPTOUI, to, x);
    Ref wide = op1(b, OP_FPTOSI, hl_type(hl_type_bits(to) < 32 || to->kind == TY_I32 ? TY_I32 : TY_I64), x);
    return cast_ref(b, wide, hl_type(hl_type_bits(to) < 32 || to->kind == TY_I32 ? TY_I32 : TY_I64), to);
}

/* A small whole number that is a constant stays one: x ** 2 looks at it. */
static bool is_small_constant(Builder *b, Ref x) {
    const Ins *ins = hl_ins(b->f, x);
    return ins->op == OP_CONST_INT && ins->aux.i >= -1024 && ins->aux.i <= 1024;
}

static Ref cast_to_float(Builder *b, Ref x, const Type *from, const Type *to) {
    if (from->kind != TY_B1 && hl_type_is_integer(from) && is_small_constant(b, x))
        return const_float(b, to, (double)hl_ins(b->f, x)->aux.i);
    if (from->kind == TY_B1) return op1(b, OP_UITOFP, to, x);
    if (hl_type_is_integer(from)) return op1(b, hl_type_is_signed(from) ? OP_SITOFP : OP_UITOFP, to, x);
    return op1(b, hl_type_bits(to) > hl_type_bits(from) ? OP_FPEXT : OP_FPTRUNC, to, x);
}

static Ref cast_to_complex(Builder *b, Ref x, const Type *from, const Type *to) {
    const Type *part = hl_type_real_of(to);
    if (!hl_type_is_complex(from))
        return op2(b, OP_CMAKE, to, cast_ref(b, x, from, part), const_float(b, part, 0));
    const Type *old = hl_type_real_of(from);
    Ref re = cast_ref(b, op1(b, OP_CREAL, old, x), old, part),
        im = cast_ref(b, op1(b, OP_CIMAG, old, x), old, part);
    return op2(b, OP_CMAKE, to, re, im);
}

/* The nearest float32, but for a last bit that is set where it is not exact: rounding that to float16 then rounds
 * once, not twice. */
static Ref to_odd_float(Builder *b, Ref x) {
    const Type *f32 = hl_type(TY_F32), *f64 = hl_type(TY_F64), *i32 = hl_type(TY_I32);
    Ref near = op1(b, OP_FPTRUNC, f32, x), back = op1(b, OP_FPEXT, f64, near),
        bits = op1(b, OP_RECAST, i32, near);
    Ref above = compare(b, OP_FGT, op1(b, OP_FABS, f64, back), op1(b, OP_FABS, f64, x));
    Ref odd =
        op2(b, OP_OR, i32, op2(b, OP_SUB, i32, bits, op1(b, OP_ZEXT, i32, above)), const_int(b, i32, 1));
    bits = op_select(b, i32, compare(b, OP_FNE, back, x), odd, bits);
    return op_select(b, f32, compare(b, OP_FEQ, x, x), op1(b, OP_RECAST, f32, bits), near);
}

/* float16 has two conversions, from and to float32; all others go that way, as NumPy's do. */
static Ref cast_half(Builder *b, Ref x, const Type *from, const Type *to) {
    const Type *f32 = hl_type(TY_F32);
    if (from->kind == TY_F16) return cast_ref(b, op1(b, OP_FPEXT, f32, x), f32, to);
    Ref single = from->kind == TY_F64 ? to_odd_float(b, x) : cast_ref(b, x, from, f32);
    return op1(b, OP_FPTRUNC, to, single);
}

Ref cast_ref(Builder *b, Ref x, const Type *from, const Type *to) {
    if (from == to || ANALYSING(b)) return x;
    if (from->kind == TY_F16 || (to->kind == TY_F16 && !hl_type_is_complex(from)))
        return cast_half(b, x, from, to);
    if (to->kind == TY_B1) return cast_to_bool(b, x, from);
    if (hl_type_is_complex(to)) return cast_to_complex(b, x, from, to);
    if (hl_type_is_complex(from)) {
        const Type *part = hl_type_real_of(from);
        return cast_ref(b, op1(b, OP_CREAL, part, x), part, to);
    }
    return hl_type_is_float(to) ? cast_to_float(b, x, from, to) : cast_to_int(b, x, from, to);
}

/* ---- implicit conversion ---------------------------------------------------------------------------------------------------- */

static Val cannot_convert(Builder *b, Val v, const Type *to) {
    return fail(b, DIAG_CANNOT_UNIFY, "a value", hl_type_show(v.type), hl_type_show(to));
}

static Val to_optional(Builder *b, Val v, const Type *to) {
    Val parts[2];
    if (v.type->kind == TY_NONE) {
        parts[0] = bool_val(const_bool(b, false));
        parts[1] = undefined(b, to->args[0]);
    } else if (v.type->kind == TY_OPTIONAL) {
        parts[0] = v.parts[0];
        parts[1] = convert(b, v.parts[1], to->args[0]);
    } else {
        parts[0] = bool_val(const_bool(b, true));
        parts[1] = convert(b, v, to->args[0]);
    }
    if (!ok(parts[1])) return NO_VAL;
    Val result = composite(b, TY_TUPLE, parts, 2);
    return (Val){.type = to, .parts = result.parts};
}

static Val convert_parts(Builder *b, Val v, const Type *to) {
    uint32_t n = hl_type_nparts(to);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    Val *parts = hl_new_array(&b->c->arena, Val, n + 1);
    part_types(to, types);
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = convert(b, v.parts[i], types[i]);
        if (!ok(parts[i])) return NO_VAL;
    }
    return (Val){.type = to, .parts = parts};
}

Val undefined(Builder *b, const Type *to) {
    uint32_t n = count_leaves(to);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    Ref *refs = hl_new_array(&b->c->arena, Ref, n + 1);
    leaf_types(to, types);
    for (uint32_t i = 0; i < n; i++)
        refs[i] = op(b, OP_UNDEF, types[i], NULL, 0, (Aux){0});
    const Ref *next = refs;
    return from_leaves(b, to, &next);
}

static bool may_be_declared(const Type *from, const Type *to) {
    if (hl_type_is_scalar(from) && hl_type_is_scalar(to))
        return !hl_type_is_complex(from) || hl_type_is_complex(to);
    return hl_type_converts(from, to);
}

Val declared_value(Builder *b, Val v, const char *declared) {
    const char *colon = strchr(declared, ':'), *text = colon + 1;
    const Type *type = hl_type_parse(&text);
    if (!type) return fail(b, DIAG_INTERNAL, "a variable of an unknown type");
    if (v.type->kind == TY_OBJECT) return v;
    if (may_be_declared(v.type, type)) return convert(b, v, type);
    const char *name = hl_arena_printf(&b->c->arena, "%.*s", (int)(colon - declared), declared);
    return fail(b, DIAG_DECLARED_LOCAL, name, hl_type_show(type), hl_type_show(v.type));
}

/* None and Python's own objects are objects without further ado: those that handlers know. */
static bool is_object_already(const Type *t) {
    return t->kind == TY_NONE || t->kind == TY_OBJECT_CONST;
}

Val convert(Builder *b, Val v, const Type *to) {
    if (!ok(v) || v.type == to) return v;
    if (v.type->kind == TY_UNDEF) return undefined(b, to);
    if (to->kind == TY_OBJECT && (has_objects(b->instance) || is_object_already(v.type)))
        return box_value(b, v);
    if (to->kind == TY_OPTIONAL) return to_optional(b, v, to);
    if (v.type->kind == TY_OPTIONAL) {
        check(b, ref_of(b, v.parts[0]), "TypeError", "a number or array was needed, and the value is None");
        return convert(b, v.parts[1], to);
    }
    if (hl_type_is_scalar(v.type) && hl_type_is_scalar(to))
        return scalar(to, cast_ref(b, ref_of(b, v), hl_type_storage(v.type), hl_type_storage(to)));
    if (hl_type_is_scalar(v.type) && to->kind == TY_TENSOR_SCALAR) {
        Val element = convert(b, v, to->args[0]);
        return ok(element) ? composite(b, TY_TENSOR_SCALAR, &element, 1) : NO_VAL;
    }
    if (v.type->kind == TY_ARRAY && to->kind == TY_ARRAY && v.type->args[0] == to->args[0] &&
        v.type->ndim == to->ndim)
        return scalar(to, op1(b, OP_RECAST, to, v.ref));
    if (v.type->kind == TY_LIST && to->kind == TY_LIST && v.type->args[0]->kind == TY_BOTTOM)
        return scalar(to, op1(b, OP_RECAST, hl_type_storage(to), v.ref));
    if (v.type->kind == to->kind && hl_type_nparts(v.type) == hl_type_nparts(to) && hl_type_nparts(to))
        return convert_parts(b, v, to);
    return cannot_convert(b, v, to);
}

/* ---- NumPy's conversions ------------------------------------------------------------------------------------------------------- */

static int64_t lowest(const Type *np) {
    return hl_type_is_unsigned(np) ? 0 : (int64_t)(UINT64_MAX << (hl_type_bits(np) - 1));
}

static int64_t highest(const Type *np) {
    int bits = hl_type_bits(np) - (hl_type_is_signed(np) ? 1 : 0);
    return bits >= 63 ? INT64_MAX : ((int64_t)1 << bits) - 1;
}

const char *numpy_name(const Type *np) {
    static const char *const names[TY_COUNT] = {
        [TY_B1] = "bool",       [TY_I8] = "int8",        [TY_I16] = "int16",   [TY_I32] = "int32",
        [TY_I64] = "int64",     [TY_U8] = "uint8",       [TY_U16] = "uint16",  [TY_U32] = "uint32",
        [TY_U64] = "uint64",    [TY_F16] = "float16",    [TY_F32] = "float32", [TY_F64] = "float64",
        [TY_C64] = "complex64", [TY_C128] = "complex128"};
    return names[np->kind];
}

/* OverflowError unless a Python int fits the NumPy integer type. */
static void check_fits(Builder *b, Val v, const Type *np) {
    if (np->kind == TY_I64 || !hl_type_is_integer(np) || v.type->kind == TY_BOOL ||
        v.type->kind == TY_LIT_BOOL)
        return;
    int64_t value, low = lowest(np), high = highest(np);
    if (lit_int_value(v, &value) && value >= low && value <= high) return;
    Ref x = ref_of(b, v);
    Ref fits = compare(b, OP_SGE, x, const_i64(b, low));
    if (np->kind != TY_U64)
        fits = op2(b, OP_AND, hl_type(TY_B1), fits, compare(b, OP_SLE, x, const_i64(b, high)));
    const char *text =
        hl_arena_printf(&b->c->arena, "Python integer %%ld out of bounds for %s", numpy_name(np));
    check_with(b, fits, "OverflowError", text, &x, 1);
}

static bool is_python_int(const Type *t) {
    return t->kind == TY_INT || t->kind == TY_LIT_INT;
}

Val weak_to(Builder *b, Val v, const Type *np) {
    if (is_python_int(v.type) && !NUMBA(b)) check_fits(b, v, np);
    return scalar(np, cast_ref(b, ref_of(b, v), hl_type_storage(v.type), np));
}

static void check_float_to_int(Builder *b, Ref x, const Type *type) {
    if (NUMBA(b)) return;
    Ref is_number = compare(b, OP_FEQ, x, x);
    check(b, is_number, "ValueError", "cannot convert float NaN to integer");
    Ref finite = compare(b, OP_FLT, op1(b, OP_FABS, type, x), const_float(b, type, __builtin_inf()));
    check(b, finite, "OverflowError", "cannot convert float infinity to integer");
}

/* A value of this type is none for elements of that one. */
Val cannot_store(Builder *b, const Type *element, const Type *type) {
    return fail(b, DIAG_NO_CONVERSION, hl_type_show(type), hl_type_show(element));
}

/* np.int8(x): NumPy scalars as C casts them, Python's checked. */
static Val cast_scalar(Builder *b, Val v, const Type *element) {
    bool real = !hl_type_is_complex(element) && element->kind != TY_B1;
    if (!hl_type_is_scalar(v.type) || (v.type->kind == TY_COMPLEX && real))
        return cannot_store(b, element, v.type);
    if (v.type->kind == TY_FLOAT && hl_type_is_integer(element))
        check_float_to_int(b, v.ref, hl_type(TY_F64));
    return weak_to(b, v, element);
}

static bool holds_all_of(const Type *element, const Type *value) {
    int more = hl_type_bits(element) - hl_type_bits(value);
    return hl_type_is_signed(element) == hl_type_is_signed(value) ? more >= 0
                                                                  : hl_type_is_signed(element) && more > 0;
}

static Ref int_from_float(Builder *b, Val v);

/* array[i] = x goes through a Python int, which must fit; into unsigned ones NumPy's integers wrap. */
static Val store_in_integer(Builder *b, Val v, const Type *element) {
    if (hl_type_is_float(v.type)) return weak_to(b, int_val(int_from_float(b, v)), element);
    if (!hl_type_is_np(v.type) || !hl_type_is_integer(v.type)) return weak_to(b, v, element);
    if (NUMBA(b) || hl_type_is_unsigned(element) || holds_all_of(element, v.type))
        return weak_to(b, v, element);
    if (v.type->kind == TY_U64) {
        Ref fits = compare(b, OP_ULE, v.ref, const_int(b, v.type, INT64_MAX));
        check(b, fits, "OverflowError", "Python int too large to convert to C long");
    }
    return weak_to(b, int_val(index_of(b, v)), element);
}

Val to_element(Builder *b, Val v, const Type *element) {
    if (!ok(v)) return v;
    bool real = hl_type_is_scalar(v.type) && !hl_type_is_complex(v.type);
    return real && hl_type_is_integer(element) ? store_in_integer(b, v, element) : cast_scalar(b, v, element);
}

Val truth(Builder *b, Val v) {
    if (!ok(v)) return v;
    if (v.type->kind == TY_BOOL || v.type->kind == TY_LIT_BOOL) return v;
    if (v.type->kind == TY_NONE) return literal(hl_type_lit_bool(false));
    if (v.type->kind == TY_LIT_INT || v.type->kind == TY_STR)
        return literal(hl_type_lit_bool(v.type->value != 0));
    if (v.type->kind == TY_TUPLE) return literal(hl_type_lit_bool(v.type->nargs != 0));
    if (v.type->kind == TY_OBJECT_CONST || v.type->kind == TY_CLOSURE) return literal(hl_type_lit_bool(true));
    if (hl_type_is_scalar(v.type))
        return bool_val(cast_ref(b, ref_of(b, v), hl_type_storage(v.type), hl_type(TY_B1)));
    if (v.type->kind == TY_OPTIONAL) {
        Val inner = truth(b, v.parts[1]);
        return ok(inner) ? bool_val(op2(b, OP_AND, hl_type(TY_B1), ref_of(b, v.parts[0]), ref_of(b, inner)))
                         : NO_VAL;
    }
    if (v.type->kind == TY_LIST) return bool_val(compare(b, OP_NE, list_length(b, v), const_i64(b, 0)));
    if (v.type->kind == TY_RANGE || v.type->kind == TY_SET)
        return bool_val(compare(b, OP_NE, ref_of(b, length(b, v)), const_i64(b, 0)));
    if (v.type->kind == TY_ARRAY && v.type->ndim == 0) return truth(b, array_element(b, v, NULL));
    if (hl_type_is_tensor(v.type)) return tensor_truth(b, v);
    return fail(b, DIAG_NOT_BOOLEAN, hl_type_show(v.type));
}

/* Out of range the machine's own conversion gives the lowest int: one comparison in the usual case. What the error is, or
 * whether the interpreter has an answer, is decided where it is raised. */
static Ref int_from_float(Builder *b, Val v) {
    const Type *f64 = hl_type(TY_F64);
    Ref x = cast_ref(b, v.ref, hl_type_storage(v.type), f64);
    Ref converted = op1(b, OP_FPTOSI, hl_type(TY_I64), x);
    if (NUMBA(b)) return converted;
    Ref usual = compare(b, OP_NE, converted, const_i64(b, INT64_MIN));
    Ref lowest_int = compare(b, OP_FEQ, x, const_float(b, f64, -9223372036854775808.0));
    Ref good = op2(b, OP_OR, hl_type(TY_B1), usual, lowest_int);
    check_with(b, good, HL_INT_OF_FLOAT, "cannot convert float %g to integer", &x, 1);
    return converted;
}

Val to_python_int(Builder *b, Val v) {
    if (!ok(v) || v.type->kind == TY_INT || v.type->kind == TY_LIT_INT) return v;
    if (v.type->kind == TY_LIT_BOOL) return literal(hl_type_lit_int(v.type->value));
    if (v.type->kind == TY_ARRAY && v.type->ndim == 0) return to_python_int(b, array_element(b, v, NULL));
    if (hl_type_is_tensor(v.type)) return to_python_int(b, tensor_number(b, v));
    if (hl_type_is_float(v.type)) return int_val(int_from_float(b, v));
    if (hl_type_is_integer(v.type) || hl_type_is_boolean(v.type)) return int_val(index_of(b, v));
    return fail(b, DIAG_NO_OVERLOAD, "int", hl_type_show(v.type));
}

Val call_scalar_type(Builder *b, const Type *np, const Args *args) {
    Val v;
    if (!bind(b, numpy_name(np), "x=", args, &v)) return NO_VAL;
    if (!ok(v)) v = literal(hl_type_lit_int(0));
    if (v.type->kind == TY_ARRAY && v.type->ndim == 0) v = array_element(b, v, NULL);
    if (v.type->kind == TY_ARRAY) return ufunc_cast(b, v, np);
    if (!hl_type_is_scalar(v.type)) return fail(b, DIAG_NO_OVERLOAD, numpy_name(np), hl_type_show(v.type));
    return cast_scalar(b, v, np);
}
