/* call: what a call means, by what is called.
 *
 * Known functions (known.def) have a handler here in infer/; compiled Python functions and the prelude's become calls of
 * instances; classes of exceptions become exception values, which only `raise` takes.
 */
#include "infer/internal.h"
#include "runtime/runtime.h"

#include <stdio.h>
#include <string.h>

/* ---- matching arguments to parameters -------------------------------------------------------------------------------- */

static Val bad_arguments(Builder *b, const char *format, const char *who, const char *what) {
    char text[256];
    snprintf(text, sizeof text, format, who, what);
    return fail(b, DIAG_BAD_ARGUMENTS, text);
}

/* The place of a keyword in "a, b=, c="; -1 when it has none. */
static int spec_index(const char *spec, const char *name) {
    size_t n = strlen(name);
    for (int i = 0; *spec; i++) {
        const char *end = spec + strcspn(spec, "=,");
        if ((size_t)(end - spec) == n && memcmp(spec, name, n) == 0) return i;
        spec = end + strcspn(end, ",");
        spec += strspn(spec, ", ");
    }
    return -1;
}

static uint32_t spec_count(const char *spec, uint32_t *required) {
    uint32_t n = 0;
    *required = 0;
    while (*spec) {
        const char *end = spec + strcspn(spec, ",");
        if (end[-1] != '=') *required = n + 1;
        n++;
        spec = end + strspn(end, ", ");
    }
    return n;
}

bool bind(Builder *b, const char *who, const char *spec, const Args *args, Val *out) {
    uint32_t required, n = spec_count(spec, &required);
    if (n) memset(out, 0, n * sizeof *out);
    if (args->npos > n) return ok(bad_arguments(b, "%s got too many positional arguments%s", who, ""));
    for (uint32_t i = 0; i < args->npos; i++)
        out[i] = args->pos[i];
    for (uint32_t i = 0; i < args->nkw; i++) {
        int at = spec_index(spec, args->kwnames[i]);
        if (at < 0)
            return ok(bad_arguments(b, "%s has no compiled keyword argument `%s`", who, args->kwnames[i]));
        out[at] = args->kw[i];
    }
    for (uint32_t i = 0; i < required; i++)
        if (!ok(out[i])) return ok(bad_arguments(b, "%s misses a required argument%s", who, ""));
    return true;
}

/* ---- Python functions --------------------------------------------------------------------------------------------------- */

static Val varargs(Builder *b, const Args *args, uint32_t from) {
    return args->npos > from ? tuple_val(b, args->pos + from, args->npos - from) : tuple_val(b, NULL, 0);
}

static bool bind_keywords(Builder *b, const HostSignature *sig, const char *who, const Args *args, Val *out) {
    for (uint32_t k = 0; k < args->nkw; k++) {
        uint32_t i = sig->npositional_only;
        while (i < sig->nparams && strcmp(sig->names[i], args->kwnames[k]) != 0)
            i++;
        if (i == sig->nparams)
            return ok(
                bad_arguments(b, "%s() got an unexpected keyword argument '%s'", who, args->kwnames[k]));
        if (ok(out[i]))
            return ok(bad_arguments(b, "%s() got multiple values for argument '%s'", who, args->kwnames[k]));
        out[i] = args->kw[k];
    }
    return true;
}

static bool fill_defaults(Builder *b, const HostSignature *sig, const char *who, const Val *closure,
                          Val *out) {
    for (uint32_t i = 0; i < sig->nparams; i++) {
        if (!ok(out[i]) && closure && closure->parts[0].parts[i].type->kind != TY_UNDEF)
            out[i] = closure->parts[0].parts[i];
        if (ok(out[i])) continue;
        if (!sig->defaults || !sig->defaults[i].type)
            return ok(bad_arguments(b, "%s() misses the required argument '%s'", who, sig->names[i]));
        out[i] = constant(b, sig->defaults[i]);
    }
    return true;
}

static bool bind_function(Builder *b, const HostSignature *sig, const char *who, const Args *args,
                          const Val *closure, Val *out) {
    memset(out, 0, sig->nparams * sizeof *out);
    if (sig->has_varkw)
        return ok(bad_arguments(b, "%s() takes **keywords%s", who, ", which are not compiled"));
    if (args->npos > sig->npositional && !sig->has_varargs)
        return ok(bad_arguments(b, "%s() got too many positional arguments%s", who, ""));
    for (uint32_t i = 0; i < args->npos && i < sig->npositional; i++)
        out[i] = args->pos[i];
    if (sig->has_varargs) out[sig->npositional] = varargs(b, args, sig->npositional);
    return bind_keywords(b, sig, who, args, out) && fill_defaults(b, sig, who, closure, out);
}

static void note_call(Builder *b, const char *name) {
    Func *u = b->instance->untyped;
    if (b->c->diag.set)
        hl_diag_note(&b->c->arena, &b->c->diag, u->file, b->loc, "`%s` is called by %s here", name,
                     u->qualname);
}

static Val emit_call(Builder *b, Instance *instance, const Val *args, const Type *result) {
    if (!instance_emit(b->c, instance)) {
        note_call(b, instance->untyped ? instance->untyped->qualname : "a function");
        return NO_VAL;
    }
    Ref *refs = hl_new_array(&b->c->arena, Ref, instance->nargs + 1);
    for (uint32_t i = 0; i < instance->nargs; i++)
        refs[i] = pack(b, args[i]);
    const Type *packed = packed_type(b, instance->typed->result);
    Ref r = op(b, OP_CALL, packed, refs, instance->nargs, (Aux){.func = instance->typed});
    return result->kind == TY_BOTTOM ? literal(result) : unpack(b, result, r);
}

/* Does a result hold a function whose variables may have other values by the time it is called? */
static bool holds_passing(Builder *b, const Type *t) {
    if (t->kind == TY_CLOSURE && b->c->host->is_passing(b->c, t->object)) return true;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (holds_passing(b, t->args[i])) return true;
    return false;
}

/* Lists that the function puts other items into get the type it wants; it is then called with that. */
static bool refine_arguments(Builder *b, const Instance *instance, const Val *args) {
    bool refined = false;
    for (uint32_t i = 0; instance->wants && i < instance->nargs; i++) {
        if (!instance->wants[i] || instance->wants[i] == args[i].type) continue;
        refine(b, args[i], instance->wants[i]);
        refined = true;
    }
    return refined;
}

/* A function that calls itself with tuples or functions made of its own arguments would have types without end. */
enum { MAX_NESTING = 24, MAX_NESTED_CLOSURES = 3, MAX_PARTS = 1024 };

static bool is_nested(const Type *t, int depth) {
    if (depth == 0) return true;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (is_nested(t->args[i], depth - 1)) return true;
    return false;
}

/* How often an inner function captures itself on the way down. */
static uint32_t nested_closures(const Type *t, const void *object) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < t->nargs; i++) {
        uint32_t n = nested_closures(t->args[i], object);
        if (n > most) most = n;
    }
    return most + (t->kind == TY_CLOSURE && t->object == object);
}

static bool is_endless(const Type *t) {
    bool closures = t->kind == TY_CLOSURE && nested_closures(t, t->object) > MAX_NESTED_CLOSURES;
    return closures || hl_type_ncomponents(t) > MAX_PARTS || is_nested(t, MAX_NESTING);
}

/* It has no compiled form for these arguments. */
static Val show_call(Builder *b, const char *who, const Args *args) {
    Text text = {0};
    for (uint32_t i = 0; i < args->npos; i++)
        hl_text_printf(&text, "%s%s", i ? ", " : "", hl_type_show(args->pos[i].type));
    for (uint32_t i = 0; i < args->nkw; i++)
        hl_text_printf(&text, "%s%s=%s", i || args->npos ? ", " : "", args->kwnames[i],
                       hl_type_show(args->kw[i].type));
    const char *shown = hl_arena_strdup(&b->c->arena, text.data ? text.data : "");
    hl_text_free(&text);
    return fail(b, DIAG_NO_OVERLOAD, who, shown);
}

Val call_function(Builder *b, const void *function, const FuncOptions *options, const Args *args,
                  bool prelude, const Val *closure) {
    const HostSignature *sig = b->c->host->signature(b->c, function);
    const char *who = b->c->host->describe(b->c, function);
    if (!sig) return fail(b, DIAG_NOT_CALLABLE, who);
    uint32_t ncaptured = closure ? closure->type->nargs - 1 : 0, n = sig->nparams + ncaptured;
    Val *bound = hl_new_array(&b->c->arena, Val, n + 1);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    if (!bind_function(b, sig, who, args, closure, bound)) return NO_VAL;
    for (uint32_t i = 0; i < sig->nparams; i++) {
        if (ok(bound[i]) && bound[i].type->kind == TY_GENERATOR)
            return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "a generator expression as an argument");
        if (!prelude) bound[i] = convert(b, bound[i], hl_type_unliteral(bound[i].type));
        if (!ok(bound[i])) return NO_VAL;
        types[i] = bound[i].type;
    }
    for (uint32_t i = 0; i < ncaptured; i++)
        bound[sig->nparams + i] = closure->parts[1 + i], types[sig->nparams + i] = closure->parts[1 + i].type;
    for (uint32_t i = 0; i < n; i++)
        if (is_endless(types[i])) return fail(b, DIAG_NO_OVERLOAD, who, "types without end");
    FuncOptions own = *options;
    own.debug &= !prelude;
    Instance *instance = instance_find(b->c, function, types, n, &own);
    instance->prelude = prelude;
    if (instance->may_ask)
        return fail(b, DIAG_NO_OVERLOAD, who, "a call of itself from a function that uses objects");
    const Type *result = instance_result(b->c, instance);
    if (b->c->foreign && (!result || instance->broken)) return show_call(b, who, args);
    if (result && ANALYSING(b) && refine_arguments(b, instance, bound)) return NO_VAL;
    if (!result || (result->kind == TY_BOTTOM && ANALYSING(b) && !instance->analysed)) {
        if (!result && !ANALYSING(b)) note_call(b, who);
        return NO_VAL;
    }
    if (holds_passing(b, result))
        return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "keeping a function while a variable it uses changes");
    return ANALYSING(b) ? dummy(b, result) : emit_call(b, instance, bound, result);
}

FuncOptions prelude_options(Builder *b) {
    FuncOptions options = b->instance->options;
    options.boundscheck = options.numba_semantics = options.parallel = false;
    return options;
}

Val call_prelude(Builder *b, const void *function, const Args *args) {
    FuncOptions options = prelude_options(b);
    return call_function(b, function, &options, args, true, NULL);
}

/* ---- generator expressions ------------------------------------------------------------------------------------------------- */

static Val use_generator(Builder *b, Val generator, GeneratorUse use, const Val *more, uint32_t nmore) {
    Val closure = generator.parts[0];
    const void *function = b->c->host->generator(b->c, closure.type->object, use);
    if (!function) return fail(b, DIAG_INTERNAL, "a generator expression without a function");
    uint32_t ncaptured = closure.type->nargs, n = ncaptured + nmore;
    Val *parts = hl_new_array(&b->c->arena, Val, n + 1);
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    memcpy(parts, closure.parts, ncaptured * sizeof *parts);
    for (uint32_t i = 0; i < nmore; i++)
        parts[ncaptured + i] = more[i];
    for (uint32_t i = 0; i < n; i++)
        types[i] = parts[i].type;
    Val used = {.type = hl_type_closure(function, closure.type->name, types, n), .parts = parts};
    Args args = {.pos = generator.parts[1].parts, .npos = generator.parts[1].type->nargs};
    return call(b, used, &args);
}

Val generator_use(Builder *b, Val generator, GeneratorUse use) {
    return use_generator(b, generator, use, NULL, 0);
}

Val generator_fold(Builder *b, Val generator, const char *step, Val start) {
    const void *function = b->c->host->prelude(b->c, hl_intern(step));
    if (!function) return fail(b, DIAG_INTERNAL, "a step without a function");
    Val more[] = {literal(hl_type_const(function, step)), start};
    return use_generator(b, generator, GENERATOR_FOLD, more, 2);
}

/* The prelude gets a list of a generator's values, for it takes all of them, and an array for what NumPy makes one of. */
static Val prelude_argument(Builder *b, Val v, bool array_like) {
    if (ok(v) && v.type->kind == TY_GENERATOR) return generator_use(b, v, GENERATOR_AS_LIST);
    return array_like ? as_array(b, v) : v;
}

static Val call_prelude_named(Builder *b, const char *name, const void *prelude, const Args *args) {
    const HostSignature *sig = b->c->host->signature(b->c, prelude);
    bool numpy = strncmp(name, "numpy.", 6) == 0;
    Val *values = hl_new_array(&b->c->arena, Val, args->npos + args->nkw + 1), *kw = values + args->npos;
    for (uint32_t i = 0; i < args->npos; i++) {
        bool named = numpy && i < sig->npositional;
        values[i] = prelude_argument(b, args->pos[i], named && is_array_like(sig->names[i]));
        if (!ok(values[i])) return NO_VAL;
    }
    for (uint32_t i = 0; i < args->nkw; i++) {
        kw[i] = prelude_argument(b, args->kw[i], numpy && is_array_like(args->kwnames[i]));
        if (!ok(kw[i])) return NO_VAL;
    }
    Args list = *args;
    list.pos = values, list.kw = kw;
    return call_prelude(b, prelude, &list);
}

static bool has_tensor(const Args *args) {
    for (uint32_t i = 0; i < args->npos + args->nkw; i++)
        if (hl_type_is_tensor((i < args->npos ? args->pos[i] : args->kw[i - args->npos]).type)) return true;
    return false;
}

static Val call_named(Builder *b, const char *name, const Args *args) {
    int64_t data;
    Handler handler = known_handler(name, &data);
    Args taken = *args;
    if (has_tensor(args)) {
        Val *pos = hl_new_array(&b->c->arena, Val, args->npos + 1);
        memcpy(pos, args->pos, args->npos * sizeof *pos);
        if (!tensor_takes_call(b, name, pos, args->npos, args->kw, args->nkw))
            return show_call(b, name, args);
        taken.pos = pos;
        args = &taken;
    }
    if (handler) return handler(b, args, data);
    if (strncmp(name, "numpy.", 6) == 0 && ufunc_by_name(name + 6) != UFUNC_COUNT)
        return ufunc_call(b, ufunc_by_name(name + 6), args);
    const void *prelude = b->c->host->prelude ? b->c->host->prelude(b->c, name) : NULL;
    return prelude ? call_prelude_named(b, name, prelude, args) : fail(b, DIAG_NO_FUNCTION, name);
}

Val call_known(Builder *b, const char *name, const Val *args, uint32_t n) {
    Args list = {.pos = args, .npos = n};
    return call_named(b, hl_intern(name), &list);
}

static const char *receiver_name(const Type *self) {
    switch ((TypeKind)self->kind) {
    case TY_ARRAY: return "ndarray";
    case TY_TUPLE: return "tuple";
    case TY_LIST: return "list";
    case TY_SET: return "set";
    case TY_RANGE: return "range";
    case TY_STR: return "str";
    case TY_RNG: return "Generator";
    case TY_TENSOR:
    case TY_TENSOR_SCALAR: return "Tensor";
    default:
        return hl_type_is_complex(self)  ? "complex"
               : hl_type_is_float(self)  ? "float"
               : hl_type_is_scalar(self) ? "int"
                                         : "object";
    }
}

static const char *method_name(Builder *b, const Type *self, const char *name) {
    return hl_intern(hl_arena_printf(&b->c->arena, "%s.%s", receiver_name(self), name));
}

bool has_method(Builder *b, const Type *self, const char *name) {
    if (self->kind == TY_STR) return true;
    int64_t data;
    const char *full = method_name(b, self, name);
    return known_handler(full, &data) || (b->c->host->prelude && b->c->host->prelude(b->c, full));
}

static Val call_method(Builder *b, Val method, const Args *args) {
    Val *pos = hl_new_array(&b->c->arena, Val, args->npos + 1);
    pos[0] = method.parts[0];
    for (uint32_t i = 0; i < args->npos; i++)
        pos[i + 1] = method.parts[0].type->kind == TY_SET ? without_literal(b, args->pos[i]) : args->pos[i];
    Args list = *args;
    list.pos = pos, list.npos = args->npos + 1;
    if (pos[0].type->kind == TY_STR)
        return fold_constants(b, method_name(b, pos[0].type, method.type->name), &list);
    return call_named(b, method_name(b, method.parts[0].type, method.type->name), &list);
}

/* A plain function has its caller's options, or the entry's where the prelude calls what the user gave it. */
static FuncOptions inherited_options(Builder *b, bool prelude) {
    return b->instance->prelude && !prelude ? *entry_options(b->c) : b->instance->options;
}

static bool belongs_to_prelude(Builder *b, const void *function) {
    return b->instance->prelude && b->c->host->is_prelude(b->c, function);
}

static Val call_closure(Builder *b, Val callee, const Args *args) {
    if (b->c->host->generator(b->c, callee.type->object, GENERATOR_AS_LIST)) {
        Val parts[] = {callee, tuple_val(b, args->pos, args->npos)};
        return composite(b, TY_GENERATOR, parts, 2);
    }
    bool prelude = belongs_to_prelude(b, callee.type->object);
    FuncOptions options = inherited_options(b, prelude);
    return call_function(b, callee.type->object, &options, args, prelude, &callee);
}

/* What a user's overload() gives for the callee, called; false where it has none for these types. */
static bool call_overload(Builder *b, Val callee, const Args *args, Val *result) {
    uint32_t n = args->npos + args->nkw;
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        types[i] = hl_type_unliteral((i < args->npos ? args->pos[i] : args->kw[i - args->npos]).type);
    const char *why;
    const void *function =
        b->c->host->overload(b->c, callee.type->object, types, n, args->kwnames, args->nkw, &why);
    FuncOptions options = inherited_options(b, false);
    if (function)
        *result = call_function(b, function, &options, args, false, NULL);
    else if (why)
        *result = fail(b, DIAG_BAD_ARGUMENTS, why);
    return function || why;
}

/* Class(items): `function` has the class for its first parameter. */
static Val named_tuple(Builder *b, Val class_, const void *function, const char *name, const Args *args) {
    const HostSignature *sig = b->c->host->signature(b->c, function);
    const char *who = b->c->host->describe(b->c, class_.type->object);
    if (!sig || sig->nparams < 2) return fail(b, DIAG_NOT_CALLABLE, who);
    Val *pos = hl_new_array(&b->c->arena, Val, args->npos + 1);
    Val *bound = hl_new_array(&b->c->arena, Val, sig->nparams);
    const Type **types = hl_new_array(&b->c->arena, const Type *, sig->nparams);
    pos[0] = class_;
    for (uint32_t i = 0; i < args->npos; i++)
        pos[i + 1] = args->pos[i];
    Args all = *args;
    all.pos = pos, all.npos = args->npos + 1;
    if (!bind_function(b, sig, who, &all, NULL, bound)) return NO_VAL;
    for (uint32_t i = 0; i < sig->nparams; i++)
        types[i] = bound[i].type;
    return (Val){.type = hl_type_named(name, class_.type->object, types + 1, sig->nparams - 1),
                 .parts = bound + 1};
}

static Val call_object(Builder *b, Val callee, const Args *args) {
    const char *name = callee.type->name;
    Val overloaded;
    if (call_overload(b, callee, args, &overloaded)) return overloaded;
    int64_t data;
    if (known_handler(name, &data)) return call_named(b, name, args);
    FuncOptions options = inherited_options(b, false);
    const void *function = b->c->host->callee(b->c, callee.type->object, &options);
    if (function) {
        bool prelude = belongs_to_prelude(b, function);
        if (prelude) options = b->instance->options;
        return call_function(b, function, &options, args, prelude, NULL);
    }
    if (is_exception_class(b, callee)) return exception_value(b, callee, args);
    const char *named;
    function = b->c->host->named_tuple(b->c, callee.type->object, &named);
    if (function) return named_tuple(b, callee, function, named, args);
    if (strncmp(name, "numpy.", 6) == 0 || strncmp(name, "random.", 7) == 0 ||
        b->c->host->prelude(b->c, name))
        return call_named(b, name, args);
    return fail(b, DIAG_NOT_CALLABLE, b->c->host->describe(b->c, callee.type->object));
}

Val call(Builder *b, Val callee, const Args *args) {
    if (!ok(callee)) return NO_VAL;
    for (uint32_t i = 0; i < args->npos; i++)
        if (!ok(args->pos[i])) return NO_VAL;
    if (callee.type->kind == TY_OPTIONAL) {
        check(b, ref_of(b, callee.parts[0]), "TypeError", "'NoneType' object is not callable");
        callee = callee.parts[1];
    }
    if (callee.type->kind == TY_METHOD) return call_method(b, callee, args);
    if (callee.type->kind == TY_CLOSURE) return call_closure(b, callee, args);
    if (callee.type->kind == TY_OBJECT_CONST) return call_object(b, callee, args);
    return fail(b, DIAG_NOT_CALLABLE, hl_type_show(callee.type));
}
