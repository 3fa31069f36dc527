/* A call that no specialisation took: looks at the types, compiles, converts to a signature's types, or
 * interprets.
 *
 * An argument without a compiled form, or a function the compiler refuses, makes the call run in the
 * interpreter with one warning per function; in strict mode the same text is the exception. A dispatcher with
 * explicit signatures compiles nothing: the best signature the arguments convert to is taken.
 */
#include "dispatch/internal.h"

#include <alloca.h>
#include <string.h>

/* ---- the interpreter --------------------------------------------------------------------------------- */

PyObject *dispatcher_interpret(Dispatcher *d, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    counters.fallback++;
    return PyObject_Vectorcall(d->function, args, nargsf, kwnames);
}

/* The error in strict mode, else the warning. */
bool dispatcher_report(Dispatcher *d, const Diagnostic *diag) {
    if (options_read(d->options).strict) {
        error_raise_diagnostic(diag);
        return false;
    }
    if (d->warned) return true;
    d->warned = true;
    return error_warn(diag, "HotloopPerformanceWarning");
}

static Loc function_loc(const Dispatcher *d) {
    int line = ((PyCodeObject *)PyFunction_GET_CODE(d->function))->co_firstlineno;
    return (Loc){line, line, -1, -1};
}

static const char *utf8_or(PyObject *text, const char *other) {
    const char *utf8 = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    if (!utf8) PyErr_Clear();
    return utf8 ? utf8 : other;
}

static const char *file_of(const Dispatcher *d) {
    return utf8_or(((PyCodeObject *)PyFunction_GET_CODE(d->function))->co_filename, "<unknown>");
}

static const char *name_of(const Dispatcher *d) {
    return utf8_or(((PyFunctionObject *)d->function)->func_qualname, "<unknown>");
}

/* Reports one reason that is known without compiling, through `to`. */
typedef bool (*Report)(Dispatcher *d, const Diagnostic *diag);

static bool report(Dispatcher *d, Report to, const char *hint, DiagId id, ...) {
    Arena arena = {0};
    Diagnostic diag = {0};
    va_list args;
    va_start(args, id);
    hl_diag_vset(&arena, &diag, id, file_of(d), name_of(d), function_loc(d), args);
    va_end(args);
    diag.hint = hint;
    bool go_on = to(d, &diag);
    hl_arena_free(&arena);
    return go_on;
}

static bool report_argument(Dispatcher *d, Report to, uint32_t i, PyObject *value) {
    Arena arena = {0};
    const char *name = utf8_or(signature_name(&d->sig, i), "?"), *hint,
               *what = untyped_words(&arena, value, &hint);
    bool go_on = PyLong_CheckExact(value)
                     ? report(d, to, hint, DIAG_BIG_INT, what)
                     : report(d, to, hint, DIAG_NO_ARGUMENT_TYPE, name, hl_article(what), what);
    hl_arena_free(&arena);
    return go_on;
}

/* The call does not fit the signature (the interpreter says how), or the function takes **kwargs under strict. */
PyObject *dispatcher_unfit(Dispatcher *d, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    if (!d->sig.has_varkw || !options_read(d->options).strict)
        return PyObject_Vectorcall(d->function, args, nargsf, kwnames);
    if (!report(d, dispatcher_report, "name the keyword arguments one by one", DIAG_UNSUPPORTED_CONSTRUCT,
                "a function with **keyword arguments"))
        return NULL;
    return dispatcher_interpret(d, args, nargsf, kwnames);
}

/* ---- explicit signatures ----------------------------------------------------------------------------- */

/* bool, integer, float, complex. */
static int scalar_class(const Type *t) {
    return hl_type_is_boolean(t) ? 0 : hl_type_is_integer(t) ? 1 : hl_type_is_float(t) ? 2 : 3;
}

/* What it costs to take `from` as `to`: nothing for the same type, little within a class, more per class up, most down
 * (a value may be lost). NO_MATCH: it does not convert. */
enum { NO_MATCH = 1 << 20, DOWN = 1 << 8 };

static int conversion_cost(const Type *from, const Type *to) {
    if (from == to) return 0;
    if (!from || !hl_type_converts(from, to)) return NO_MATCH;
    if (!hl_type_is_scalar(from) || !hl_type_is_scalar(to)) return 1;
    int up = scalar_class(to) - scalar_class(from);
    return up < 0 ? DOWN : 1 + up;
}

static Spec *best_match(const Dispatcher *d, const Type *const *types) {
    Spec *best = NULL;
    int least = NO_MATCH;
    for (Spec *spec = d->specs; spec; spec = spec->next) {
        int cost = 0;
        for (uint32_t i = 0; i < spec->plan.nargs && cost < NO_MATCH; i++)
            cost += conversion_cost(types[i], spec->types[i]);
        if (cost < least) best = spec, least = cost;
    }
    return best;
}

static void show_types(Text *text, const Type *const *types, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        hl_text_printf(text, "%s%s", i ? ", " : "",
                       types[i]->kind == TY_OBJECT ? "pyobject" : hl_type_show(types[i]));
}

/* Adds a note to the exception that is set. */
static void add_note(const char *note) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *none = PyObject_CallMethod(value, "add_note", "s", note);
    if (!none) PyErr_Clear();
    Py_XDECREF(none);
    PyErr_Restore(type, value, traceback);
}

static PyObject *raise_no_match(const Dispatcher *d, const Type *const *types) {
    Text text = {0};
    show_types(&text, types, d->sig.nparams);
    PyErr_Format(PyExc_TypeError, "No matching definition for argument type(s) %s",
                 text.data ? text.data : "");
    hl_text_free(&text);
    text = (Text){0};
    hl_text_printf(&text, "hint: its signatures are for");
    for (const Spec *spec = d->specs; spec; spec = spec->next) {
        hl_text_printf(&text, spec == d->specs ? " (" : " and (");
        show_types(&text, spec->types, spec->plan.nargs);
        hl_text_printf(&text, ")");
    }
    if (d->specs) add_note(text.data);
    hl_text_free(&text);
    return NULL;
}

static PyObject *call_converted(Dispatcher *d, PyObject *const *values, const Type *const *types,
                                bool *fits) {
    Spec *spec = best_match(d, types);
    *fits = true;
    if (!spec) return raise_no_match(d, types);
    plan_relax(&spec->plan);
    uint32_t n = d->sig.nparams, done = 0;
    PyObject **converted = alloca((n + 1) * sizeof *converted);
    while (done < n && (converted[done] = convert_value(values[done], spec->types[done])))
        done++;
    PyObject *result = done == n ? spec_call(spec, d->globals, converted, fits) : NULL;
    while (done)
        Py_DECREF(converted[--done]);
    if (*fits && !result && !PyErr_Occurred()) *fits = false;
    return result;
}

/* ---- the miss ---------------------------------------------------------------------------------------- */

/* Each function a caller passes is a specialisation: of functions made anew all the time only so many. */
enum { MAX_FUNCTION_SPECS = 64 };

static const Type *function_type(const Dispatcher *d, PyObject *value) {
    uint32_t nspecs = 0;
    for (const Spec *spec = d->specs; spec; spec = spec->next)
        nspecs++;
    return nspecs < MAX_FUNCTION_SPECS ? type_of_function(value) : NULL;
}

/* An int of 64 bits without a sign fits a signature's uint64. */
static const Type *unsigned_type(PyObject *value) {
    if (!PyLong_CheckExact(value)) return NULL;
    bool fits = PyLong_AsUnsignedLongLong(value) != (unsigned long long)-1 || !PyErr_Occurred();
    PyErr_Clear();
    return fits ? hl_type(TY_U64) : NULL;
}

/* Beside objects a large tuple stays one: to take it apart and put it together again is much code for nothing. */
enum { MANY_SLOTS = 256 };

static void keep_large_tuples(const Dispatcher *d, const Type **types) {
    for (uint32_t i = 0; i < d->sig.nparams; i++)
        if (types[i]->kind == TY_TUPLE && hl_type_ncomponents(types[i]) > MANY_SLOTS)
            types[i] = hl_type(TY_OBJECT);
}

/* Index of the first value without a type, or nparams. One for which there are no slots left has none. */
static uint32_t find_types(const Dispatcher *d, PyObject *const *values, const bool *is_default,
                           const Type **types) {
    uint32_t untyped = d->sig.nparams, nslots = 0;
    for (uint32_t i = d->sig.nparams; i-- > 0;) {
        types[i] = is_default && is_default[i] ? type_of_default(values[i]) : type_of(values[i]);
        if (!types[i]) types[i] = function_type(d, values[i]);
        if (!types[i] && !d->can_compile) types[i] = unsigned_type(values[i]);
        uint32_t needed = types[i] ? hl_type_ncomponents(types[i]) : 0;
        if (types[i] && nslots + needed <= MAX_SLOTS) {
            nslots += needed;
            continue;
        }
        types[i] = hl_type(TY_OBJECT);
        untyped = i;
    }
    if (untyped < d->sig.nparams) keep_large_tuples(d, types);
    return untyped;
}

PyObject *dispatcher_miss(Dispatcher *d, PyObject *const *values, const bool *is_default,
                          PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    const Type **types = alloca((d->sig.nparams + 1) * sizeof *types);
    uint32_t untyped = find_types(d, values, is_default, types);
    bool fits = false;
    PyObject *result = NULL;
    if (!d->can_compile) {
        result = call_converted(d, values, types, &fits);
    } else if (untyped < d->sig.nparams && options_read(d->options).strict) {
        if (!report_argument(d, dispatcher_report, untyped, values[untyped])) return NULL;
    } else if (!options_read(d->options).interpreted) {
        if (untyped < d->sig.nparams) report_argument(d, continuation_note, untyped, values[untyped]);
        Spec *spec = dispatcher_specialise(d, types, d->sig.nparams, NULL);
        if (spec) result = spec_call(spec, d->globals, values, &fits);
        if (spec && fits && !spec->retired) d->last = spec;
        /* What was seen in this call is known to the next one, which need not wait for it. */
        if (result && spec->retired && !dispatcher_specialise(d, types, d->sig.nparams, NULL)) PyErr_Clear();
        fits = fits && result;
        if (!continuation_warn(d)) Py_CLEAR(result);
    }
    if (fits || PyErr_Occurred()) return result;
    return dispatcher_interpret(d, args, nargsf, kwnames);
}
