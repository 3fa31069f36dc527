/* builtins: Python's built-in functions and the methods of its numbers and tuples. */
#include "infer/internal.h"
#include "infer/known.h"

#include <string.h>

static Val unsupported(Builder *b, const char *who, Val v) {
    return fail(b, DIAG_NO_OVERLOAD, who, hl_type_show(v.type));
}

Val builtin_len(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    return bind(b, "len", "x", args, &v) ? length(b, v) : NO_VAL;
}

static Val complex_abs(Builder *b, Val v) {
    Ref parts[2] = {op1(b, OP_CREAL, hl_type(TY_F64), v.ref), op1(b, OP_CIMAG, hl_type(TY_F64), v.ref)};
    return scalar(hl_type(TY_FLOAT), rt(b, RT_complex_abs, hl_type(TY_F64), parts, 2));
}

Val builtin_abs(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "abs", "x", args, &v)) return NO_VAL;
    if (hl_type_is_tensor(v.type)) return tensor_absolute(b, v);
    if (v.type->kind == TY_COMPLEX) return complex_abs(b, v);
    if (v.type->kind == TY_FLOAT) return scalar(v.type, op1(b, OP_FABS, hl_type(TY_F64), v.ref));
    if (v.type->kind == TY_TUPLE || v.type->kind == TY_LIST) return unsupported(b, "abs", v);
    if (!hl_type_is_py(v.type)) return ufunc(b, UFUNC_absolute, &v, 1);
    Ref x = index_of(b, v), zero = const_i64(b, 0);
    Ref negative = compare(b, OP_SLT, x, zero);
    return int_val(op_select(b, hl_type(TY_I64), negative, op2(b, OP_SUB, hl_type(TY_I64), zero, x), x));
}

/* ---- min, max, sum ------------------------------------------------------------------------------------------------------ */

/* Python keeps the first operand unless the second one is smaller (larger). */
static Val choose(Builder *b, Val best, Val next, bool larger) {
    Val wins = compare_values(b, larger ? CMP_GT : CMP_LT, next, best);
    if (ok(wins)) wins = truth(b, wins);
    const Type *type = join(b, best.type, next.type);
    if (!ok(wins)) return NO_VAL;
    if (wins.type->kind == TY_LIT_BOOL) return wins.type->value ? next : best;
    Val kept = convert(b, best, type), taken = convert(b, next, type);
    if (!ok(kept) || !ok(taken)) return NO_VAL;
    return kind_of_choice(b, select_value(b, wins.ref, taken, kept), wins.ref, next, best);
}

static Val extreme_of_generator(Builder *b, Val generator, bool larger) {
    Val best = generator_fold(b, generator, larger ? "builtins.max.step" : "builtins.min.step",
                              literal(hl_type(TY_NONE)));
    return ok(best) ? call_known(b, larger ? "builtins.max.found" : "builtins.min.found", &best, 1) : NO_VAL;
}

Val builtin_extreme(Builder *b, const Args *args, int64_t larger) {
    const char *who = larger ? "max" : "min";
    if (args->nkw) return fail(b, DIAG_BAD_ARGUMENTS, "min and max have no compiled keyword arguments");
    const Val *items = args->pos;
    uint32_t n = args->npos;
    if (n == 1 && items[0].type->kind == TY_TUPLE) {
        n = items[0].type->nargs;
        items = items[0].parts;
    } else if (n == 1 && items[0].type->kind == TY_GENERATOR) {
        return extreme_of_generator(b, items[0], larger);
    } else if (n == 1) {
        const void *prelude = b->c->host->prelude(b->c, larger ? "builtins.max" : "builtins.min");
        return prelude ? call_prelude(b, prelude, args) : unsupported(b, who, items[0]);
    }
    if (n == 0) return fail(b, DIAG_BAD_ARGUMENTS, "min and max need at least one value");
    Val best = items[0];
    for (uint32_t i = 0; i < n && ok(best); i++) {
        if (!hl_type_is_scalar(items[i].type) && items[i].type->kind != TY_TUPLE)
            return unsupported(b, who, items[i]);
        if (i) best = choose(b, best, items[i], larger != 0);
    }
    return best;
}

Val builtin_test(Builder *b, const Args *args, int64_t use) {
    Val v;
    const char *name = use == GENERATOR_ANY ? "any" : "all";
    if (!bind(b, name, "x", args, &v)) return NO_VAL;
    if (v.type->kind == TY_GENERATOR) return generator_use(b, v, (GeneratorUse)use);
    return call_known(b, use == GENERATOR_ANY ? "list.any" : "list.all", &v, 1);
}

Val builtin_sum(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "sum", "x, start=", args, v)) return NO_VAL;
    Val total = ok(v[1]) ? v[1] : literal(hl_type_lit_int(0));
    if (v[0].type->kind == TY_GENERATOR) return generator_fold(b, v[0], "builtins.sum.step", total);
    if (v[0].type->kind != TY_TUPLE) {
        const void *prelude = b->c->host->prelude(b->c, "builtins.sum");
        Args both = {.pos = (Val[]){v[0], total}, .npos = 2};
        return prelude ? call_prelude(b, prelude, &both) : unsupported(b, "sum", v[0]);
    }
    for (uint32_t i = 0; i < v[0].type->nargs && ok(total); i++)
        total = binary(b, BIN_ADD, total, v[0].parts[i]);
    return total;
}

/* ---- round, divmod, pow ---------------------------------------------------------------------------------------------------- */

static Val round_numpy_float(Builder *b, Val x, Val digits) {
    int64_t n;
    const Type *t = x.type;
    if (!lit_int_value(digits, &n) || n < -300 || n > 300)
        return fail(b, DIAG_NOT_CONSTANT, "the number of digits");
    double scale = 1;
    for (int64_t i = 0; i < (n < 0 ? -n : n); i++)
        scale *= 10;
    Ref factor = const_float(b, t, scale);
    Ref scaled = op1(b, OP_FRINT, t, op2(b, n < 0 ? OP_FDIV : OP_FMUL, t, x.ref, factor));
    return scalar(t, op2(b, n < 0 ? OP_FMUL : OP_FDIV, t, scaled, factor));
}

Val builtin_round(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "round", "number, ndigits=", args, v)) return NO_VAL;
    bool has_digits = ok(v[1]) && v[1].type->kind != TY_NONE;
    if (is_index(v[0].type) && (!has_digits || (v[1].type->kind == TY_LIT_INT && v[1].type->value >= 0)))
        return hl_type_is_np(v[0].type) && has_digits ? v[0] : to_python_int(b, v[0]);
    if (is_index(v[0].type) && !hl_type_is_np(v[0].type) && is_index(v[1].type))
        return int_val(
            rt(b, RT_int_round, hl_type(TY_I64), (Ref[]){index_of(b, v[0]), index_of(b, v[1])}, 2));
    if (!hl_type_is_float(v[0].type)) return unsupported(b, "round", v[0]);
    if (!has_digits) {
        Ref rounded = op1(b, OP_FRINT, hl_type_storage(v[0].type), v[0].ref);
        return to_python_int(b, scalar(v[0].type, rounded));
    }
    if (hl_type_is_np(v[0].type)) return round_numpy_float(b, v[0], v[1]);
    if (!is_index(v[1].type)) return unsupported(b, "round", v[1]);
    Ref operands[2] = {v[0].ref, index_of(b, v[1])};
    return scalar(hl_type(TY_FLOAT), rt(b, RT_float_round, hl_type(TY_F64), operands, 2));
}

static void check_divmod_divisor(Builder *b, const Val *v) {
    bool floats = hl_type_is_float(v[0].type) || hl_type_is_float(v[1].type);
    Val divisor = convert(b, v[1], hl_type(floats ? TY_FLOAT : TY_INT));
    if (!ok(divisor) || b->instance->options.numpy_errors) return;
    Ref good = cast_ref(b, ref_of(b, divisor), hl_type_storage(divisor.type), hl_type(TY_B1));
    check(b, good, "ZeroDivisionError", floats ? "float divmod()" : "integer division or modulo by zero");
}

Val builtin_divmod(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "divmod", "x, y", args, v)) return NO_VAL;
    if (!hl_type_is_scalar(v[0].type) || !hl_type_is_scalar(v[1].type)) return unsupported(b, "divmod", v[0]);
    if (hl_type_is_py(v[0].type) && hl_type_is_py(v[1].type)) {
        if (hl_type_is_complex(v[0].type) || hl_type_is_complex(v[1].type))
            return unsupported(b, "divmod", v[0]);
        check_divmod_divisor(b, v);
    }
    Val quotient = binary(b, BIN_FLOORDIV, v[0], v[1]), remainder = binary(b, BIN_MOD, v[0], v[1]);
    return tuple_val(b, (Val[]){quotient, remainder}, 2);
}

/* Both results are computed before either is written: an output may be an input. */
Val numpy_divmod(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[5];
    if (!bind(b, "np.divmod", "x, y, out1=, out2=, out=", args, v)) return NO_VAL;
    if (ok(v[4]) && v[4].type->kind == TY_TUPLE && v[4].type->nargs == 2)
        v[2] = v[4].parts[0], v[3] = v[4].parts[1];
    Val results[2] = {ufunc(b, UFUNC_floor_divide, v, 2), ufunc(b, UFUNC_remainder, v, 2)};
    for (int i = 0; i < 2; i++)
        if (ok(results[i]) && ok(v[2 + i]) && v[2 + i].type->kind != TY_NONE)
            results[i] = ufunc_into(b, v[2 + i], results[i]);
    return ok(results[0]) && ok(results[1]) ? tuple_val(b, results, 2) : NO_VAL;
}

Val builtin_pow(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[3];
    if (!bind(b, "pow", "base, exp, mod=", args, v)) return NO_VAL;
    if (!ok(v[2]) || v[2].type->kind == TY_NONE) return binary(b, BIN_POW, v[0], v[1]);
    Ref x[3], zero = const_i64(b, 0);
    for (int i = 0; i < 3; i++) {
        if (!is_index(v[i].type) || hl_type_is_np(v[i].type)) return unsupported(b, "pow", v[i]);
        x[i] = index_of(b, v[i]);
    }
    check(b, compare(b, OP_NE, x[2], zero), "ValueError", "pow() 3rd argument cannot be 0");
    check(b, compare(b, OP_SGE, x[1], zero), "?ValueError",
          "a negative exponent of a power with modulus is not compiled");
    return int_val(rt(b, RT_int_powmod, hl_type(TY_I64), x, 3));
}

/* The prelude's must_fit: else the answer is one that only the interpreter has a form for. */
Val must_fit(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "must_fit", "condition", args, &v)) return NO_VAL;
    check(b, ref_of(b, v), "?OverflowError", "the result is too large for a 64-bit integer");
    return literal(hl_type(TY_NONE));
}

/* ---- conversions -------------------------------------------------------------------------------------------------------------- */

Val builtin_int(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "int", "x=, base=", args, v)) return NO_VAL;
    if (ok(v[1]) || (ok(v[0]) && v[0].type->kind == TY_STR)) return fold_constants(b, "int", args);
    return ok(v[0]) ? to_python_int(b, v[0]) : literal(hl_type_lit_int(0));
}

Val builtin_float(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "float", "x=", args, &v)) return NO_VAL;
    if (!ok(v)) v = literal(hl_type_lit_int(0));
    if (v.type->kind == TY_STR) return fold_constants(b, "float", args);
    if (v.type->kind == TY_ARRAY && v.type->ndim == 0) v = array_element(b, v, NULL);
    if (hl_type_is_tensor(v.type) && !ok(v = tensor_number(b, v))) return v;
    if (!hl_type_is_scalar(v.type) || hl_type_is_complex(v.type)) return unsupported(b, "float", v);
    return NUMBA(b) && v.type->kind == TY_F32 ? v : convert(b, v, hl_type(TY_FLOAT));
}

/* complex(x, y) is x + y*1j, with the parts of complex operands mixed as Python does. */
Val builtin_complex(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "complex", "real=, imag=", args, v)) return NO_VAL;
    const Type *f64 = hl_type(TY_F64), *c128 = hl_type(TY_C128);
    if (!ok(v[0])) v[0] = literal(hl_type_lit_int(0));
    if (v[0].type->kind == TY_STR) return fold_constants(b, "complex", args);
    for (int i = 0; i < 2; i++)
        if (ok(v[i]) && !hl_type_is_scalar(v[i].type)) return unsupported(b, "complex", v[i]);
    bool single = NUMBA(b) && (v[0].type->kind == TY_F32 || v[0].type->kind == TY_C64);
    if (!ok(v[1])) return convert(b, v[0], hl_type(single ? TY_C64 : TY_COMPLEX));
    Ref x = ref_of(b, convert(b, v[0], hl_type(TY_COMPLEX))),
        y = ref_of(b, convert(b, v[1], hl_type(TY_COMPLEX)));
    Ref real = op1(b, OP_CREAL, f64, x), imag = op1(b, OP_CREAL, f64, y);
    if (hl_type_is_complex(v[1].type)) real = op2(b, OP_FSUB, f64, real, op1(b, OP_CIMAG, f64, y));
    if (hl_type_is_complex(v[0].type)) imag = op2(b, OP_FADD, f64, imag, op1(b, OP_CIMAG, f64, x));
    return scalar(hl_type(TY_COMPLEX), op2(b, OP_CMAKE, c128, real, imag));
}

Val builtin_bool(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "bool", "x=", args, &v)) return NO_VAL;
    return ok(v) ? truth(b, v) : literal(hl_type_lit_bool(false));
}

/* ---- sequences -------------------------------------------------------------------------------------------------------------------- */

static bool is_nonzero_literal(Val v) {
    int64_t value;
    return lit_int_value(v, &value) && value != 0;
}

Val builtin_range(Builder *b, const Args *args, int64_t parallel) {
    const char *who = parallel ? "prange" : "range";
    if (args->nkw || args->npos < 1 || args->npos > 3)
        return fail(b, DIAG_BAD_ARGUMENTS,
                    hl_arena_printf(&b->c->arena, "%s takes one to three integers", who));
    for (uint32_t i = 0; i < args->npos; i++)
        if (!is_index(args->pos[i].type)) return unsupported(b, who, args->pos[i]);
    Val start = args->npos > 1 ? args->pos[0] : literal(hl_type_lit_int(0));
    Val stop = args->pos[args->npos > 1 ? 1 : 0],
        step = args->npos > 2 ? args->pos[2] : literal(hl_type_lit_int(1));
    Ref refs[3] = {index_of(b, start), index_of(b, stop), index_of(b, step)};
    if (!is_nonzero_literal(step))
        check(b, compare(b, OP_NE, refs[2], const_i64(b, 0)), "ValueError", "range() arg 3 must not be zero");
    return composite(b, TY_RANGE, (Val[]){int_val(refs[0]), int_val(refs[1]), int_val(refs[2])}, 3);
}

static bool is_iterable(const Type *t) {
    return t->kind == TY_RANGE || t->kind == TY_TUPLE || t->kind == TY_LIST || t->kind == TY_SET ||
           t->kind == TY_ENUMERATE || t->kind == TY_ZIP || t->kind == TY_REVERSED || t->kind == TY_MAP ||
           t->kind == TY_NDINDEX || t->kind == TY_FLAT || (t->kind == TY_ARRAY && t->ndim > 0) ||
           (t->kind == TY_TENSOR && t->args[0]->ndim > 0);
}

Val builtin_enumerate(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "enumerate", "iterable, start=", args, v)) return NO_VAL;
    if (!is_iterable(v[0].type)) return fail(b, DIAG_NOT_ITERABLE, hl_type_show(v[0].type));
    if (ok(v[1]) && !is_index(v[1].type)) return unsupported(b, "enumerate", v[1]);
    Val start = int_val(ok(v[1]) ? index_of(b, v[1]) : const_i64(b, 0));
    return composite(b, TY_ENUMERATE, (Val[]){v[0], start}, 2);
}

/* zip(iterables...) and map(function, iterables...). */
Val builtin_lockstep(Builder *b, const Args *args, int64_t kind) {
    uint32_t first = kind == TY_MAP;
    if (args->nkw || args->npos < 2 * first)
        return fail(b, DIAG_BAD_ARGUMENTS, "zip and map have no compiled keyword arguments");
    for (uint32_t i = first; i < args->npos; i++)
        if (!is_iterable(args->pos[i].type))
            return fail(b, DIAG_NOT_ITERABLE, hl_type_show(args->pos[i].type));
    return composite(b, (TypeKind)kind, args->pos, args->npos);
}

Val builtin_reversed(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "reversed", "sequence", args, &v)) return NO_VAL;
    bool has_end = v.type->kind == TY_RANGE || v.type->kind == TY_TUPLE || v.type->kind == TY_LIST ||
                   (v.type->kind == TY_ARRAY && v.type->ndim > 0);
    return has_end ? composite(b, TY_REVERSED, &v, 1) : unsupported(b, "reversed", v);
}

Val builtin_tuple(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "tuple", "x=", args, &v)) return NO_VAL;
    if (!ok(v)) return tuple_val(b, NULL, 0);
    return v.type->kind == TY_TUPLE ? v : unsupported(b, "tuple", v);
}

Val builtin_slice(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val none = literal(hl_type(TY_NONE));
    if (args->nkw || args->npos < 1 || args->npos > 3)
        return fail(b, DIAG_BAD_ARGUMENTS, "slice takes one to three integers");
    for (uint32_t i = 0; i < args->npos; i++)
        if (args->pos[i].type->kind != TY_NONE && !is_index(args->pos[i].type))
            return unsupported(b, "slice", args->pos[i]);
    Val parts[3] = {args->npos > 1 ? args->pos[0] : none, args->pos[args->npos > 1 ? 1 : 0],
                    args->npos > 2 ? args->pos[2] : none};
    return composite(b, TY_SLICE, parts, 3);
}

/* ---- isinstance ---------------------------------------------------------------------------------------------------------------------- */

/* Classes by name, each with a test of the semantic type. -1: another class. */
static int is_instance_of_known(const Type *t, const char *name) {
    bool np = hl_type_is_np(t), integer = hl_type_is_integer(t),
         py_bool = t->kind == TY_BOOL || t->kind == TY_LIT_BOOL;
    if (strcmp(name, "builtins.object") == 0) return true;
    if (strcmp(name, "builtins.bool") == 0) return py_bool;
    if (strcmp(name, "builtins.int") == 0) return (integer && !np) || py_bool;
    if (strcmp(name, "builtins.float") == 0) return t->kind == TY_FLOAT || t->kind == TY_F64;
    if (strcmp(name, "builtins.complex") == 0) return t->kind == TY_COMPLEX || t->kind == TY_C128;
    if (strcmp(name, "builtins.list") == 0) return t->kind == TY_LIST;
    if (strcmp(name, "builtins.set") == 0) return t->kind == TY_SET;
    if (strcmp(name, "builtins.tuple") == 0) return t->kind == TY_TUPLE;
    if (strcmp(name, "builtins.slice") == 0) return t->kind == TY_SLICE;
    if (strcmp(name, "builtins.range") == 0) return t->kind == TY_RANGE;
    if (strcmp(name, "builtins.str") == 0) return is_text(t);
    if (strcmp(name, "builtins.NoneType") == 0) return t->kind == TY_NONE;
    if (strcmp(name, "numpy.ndarray") == 0) return t->kind == TY_ARRAY;
    if (strcmp(name, "numpy.generic") == 0) return np;
    if (strcmp(name, "numpy.number") == 0) return np && t->kind != TY_B1;
    if (strcmp(name, "numpy.integer") == 0) return np && integer;
    if (strcmp(name, "numpy.signedinteger") == 0) return np && hl_type_is_signed(t);
    if (strcmp(name, "numpy.unsignedinteger") == 0) return np && hl_type_is_unsigned(t);
    if (strcmp(name, "numpy.floating") == 0) return np && hl_type_is_float(t);
    if (strcmp(name, "numpy.complexfloating") == 0) return np && hl_type_is_complex(t);
    if (strcmp(name, "numpy.inexact") == 0) return np && (hl_type_is_float(t) || hl_type_is_complex(t));
    int64_t kind;
    return known_handler(name, &kind) == numpy_scalar ? np && kind == t->kind : -1;
}

/* The class that a value of this type has in Python; none where it has no value of its own or could be of several. */
static HostClass class_of(const Type *t) {
    switch ((int)t->kind) {
    case TY_BOOL:
    case TY_LIT_BOOL: return (HostClass){"builtins", "bool", NULL};
    case TY_INT:
    case TY_LIT_INT: return (HostClass){"builtins", "int", NULL};
    case TY_FLOAT: return (HostClass){"builtins", "float", NULL};
    case TY_COMPLEX: return (HostClass){"builtins", "complex", NULL};
    case TY_NONE: return (HostClass){"types", "NoneType", NULL};
    case TY_STR:
    case TY_TEXT: return (HostClass){"builtins", "str", NULL};
    case TY_LIST: return (HostClass){"builtins", "list", NULL};
    case TY_SET: return (HostClass){"builtins", "set", NULL};
    case TY_SLICE: return (HostClass){"builtins", "slice", NULL};
    case TY_RANGE: return (HostClass){"builtins", "range", NULL};
    case TY_TUPLE: return (HostClass){"builtins", "tuple", t->object};
    case TY_ARRAY: return (HostClass){"numpy", "ndarray", NULL};
    case TY_B1: return (HostClass){"numpy", "bool_", NULL};
    case TY_I8: return (HostClass){"numpy", "int8", NULL};
    case TY_I16: return (HostClass){"numpy", "int16", NULL};
    case TY_I32: return (HostClass){"numpy", "int32", NULL};
    case TY_I64: return (HostClass){"numpy", "int64", NULL};
    case TY_U8: return (HostClass){"numpy", "uint8", NULL};
    case TY_U16: return (HostClass){"numpy", "uint16", NULL};
    case TY_U32: return (HostClass){"numpy", "uint32", NULL};
    case TY_U64: return (HostClass){"numpy", "uint64", NULL};
    case TY_F16: return (HostClass){"numpy", "float16", NULL};
    case TY_F32: return (HostClass){"numpy", "float32", NULL};
    case TY_F64: return (HostClass){"numpy", "float64", NULL};
    case TY_C64: return (HostClass){"numpy", "complex64", NULL};
    case TY_C128: return (HostClass){"numpy", "complex128", NULL};
    default: return (HostClass){0};
    }
}

bool has_class(const Type *t) {
    return class_of(t).name && !(t->kind == TY_TUPLE && t->object);
}

/* -1: it cannot be known when compiling. */
static int is_instance(Builder *b, const Type *t, const Type *class_) {
    int known = is_instance_of_known(t, class_->name);
    HostClass own = class_of(t);
    if (known >= 0 || !own.name) return known;
    return b->c->host->is_subclass(b->c, &own, class_->object);
}

static Val instance_of(Builder *b, Val v, Val class_) {
    if (class_.type->kind == TY_TUPLE) {
        for (uint32_t i = 0; i < class_.type->nargs; i++) {
            Val one = instance_of(b, v, class_.parts[i]);
            if (!ok(one) || one.type->kind != TY_LIT_BOOL || one.type->value) return one;
        }
        return literal(hl_type_lit_bool(false));
    }
    if (class_.type->kind != TY_OBJECT_CONST)
        return fail(b, DIAG_NOT_CONSTANT, "the class isinstance asks for");
    if (v.type->kind == TY_TUPLE && v.type->object && v.type->object == class_.type->object)
        return literal(hl_type_lit_bool(true));
    bool optional = v.type->kind == TY_OPTIONAL;
    int when_some = is_instance(b, optional ? v.type->args[0] : v.type, class_.type),
        when_none = optional ? is_instance(b, hl_type(TY_NONE), class_.type) : when_some;
    if (when_some < 0 || when_none < 0) return fail(b, DIAG_NOT_CONSTANT, "the class isinstance asks for");
    if (when_none == when_some) return literal(hl_type_lit_bool(when_none));
    return when_some ? bool_val(ref_of(b, v.parts[0])) : unary(b, UN_NOT, v.parts[0]);
}

Val builtin_isinstance(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    return bind(b, "isinstance", "x, classes", args, v) ? instance_of(b, v[0], v[1]) : NO_VAL;
}

/* type(x), which may be called or compared. */
Val builtin_type(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "type", "x", args, &v)) return NO_VAL;
    HostClass own = class_of(v.type);
    HostValue class_ = has_class(v.type) ? b->c->host->class_value(b->c, &own) : (HostValue){0};
    return class_.type ? constant(b, class_) : fail(b, DIAG_NO_OVERLOAD, "type", hl_type_show(v.type));
}

/* ---- methods ------------------------------------------------------------------------------------------------------------------------- */

Val number_conjugate(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "conjugate", "x", args, &v)) return NO_VAL;
    if (!hl_type_is_complex(v.type)) return scalar_part(b, v, false);
    const Type *storage = hl_type_storage(v.type), *real = hl_type_real_of(storage);
    Ref re = op1(b, OP_CREAL, real, v.ref), im = op1(b, OP_FNEG, real, op1(b, OP_CIMAG, real, v.ref));
    return scalar(v.type, op2(b, OP_CMAKE, storage, re, im));
}

Val float_is_integer(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "is_integer", "x", args, &v)) return NO_VAL;
    const Type *t = hl_type_storage(v.type);
    Ref whole = compare(b, OP_FEQ, op1(b, OP_FFLOOR, t, v.ref), v.ref);
    Ref finite = compare(b, OP_FLT, op1(b, OP_FABS, t, v.ref), const_float(b, t, __builtin_inf()));
    return bool_val(op2(b, OP_AND, hl_type(TY_B1), whole, finite));
}

Val scalar_item(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v;
    if (!bind(b, "item", "x", args, &v)) return NO_VAL;
    if (!hl_type_is_np(operand_type(b, v.type))) return unsupported(b, "item", v);
    if (hl_type_is_float(v.type)) return convert(b, v, hl_type(TY_FLOAT));
    if (hl_type_is_complex(v.type)) return convert(b, v, hl_type(TY_COMPLEX));
    return v.type->kind == TY_B1 ? bool_val(v.ref) : to_python_int(b, v);
}

Val scalar_astype(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "astype", "x, dtype", args, v)) return NO_VAL;
    const Type *element = dtype_of(b, v[1]);
    if (!element || !hl_type_is_np(operand_type(b, v[0].type))) return unsupported(b, "astype", v[1]);
    return scalar(element, cast_ref(b, ref_of(b, v[0]), hl_type_storage(v[0].type), element));
}

Val tuple_index(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "index", "self, value", args, v)) return NO_VAL;
    Ref found = const_i64(b, -1);
    for (uint32_t i = v[0].type->nargs; i-- > 0;) {
        Val same = compare_values(b, CMP_EQ, v[0].parts[i], v[1]);
        if (!ok(same)) return NO_VAL;
        found = op_select(b, hl_type(TY_I64), ref_of(b, truth(b, same)), const_i64(b, i), found);
    }
    check(b, compare(b, OP_SGE, found, const_i64(b, 0)), "ValueError", "tuple.index(x): x not in tuple");
    return int_val(found);
}

Val tuple_count(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[2];
    if (!bind(b, "count", "self, value", args, v)) return NO_VAL;
    Ref total = const_i64(b, 0);
    for (uint32_t i = 0; i < v[0].type->nargs; i++) {
        Val same = compare_values(b, CMP_EQ, v[0].parts[i], v[1]);
        if (!ok(same)) return NO_VAL;
        total = op2(b, OP_ADD, hl_type(TY_I64), total,
                    op1(b, OP_ZEXT, hl_type(TY_I64), ref_of(b, truth(b, same))));
    }
    return int_val(total);
}
