/* Inner functions that have left compiled code: Python's own function objects, which run as machine code where they compile.
 *
 * A function object made by compiled code gets a vectorcall of ours. The second call of such a code object, or the first by compiled code, compiles it, for
 * the types of the arguments and of the variables it captures, which are read from the cells for each call; so all function
 * objects of one `def` share the machine code. What does not compile, or does not fit, is the interpreter's, whose
 * vectorcall is the original one; a warning says why, once. Python code that calls a function without a vectorcall (3.11 does)
 * interprets it.
 */
#include "dispatch/internal.h"
#include "bytecode/bytecode.h"

#include <alloca.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SPECS = 8 };

struct Escaped {
    Escaped *next;  /* of the same dispatcher */
    Escaped *other; /* of the same code object, of another dispatcher */
    Dispatcher *d;  /* of the function around it */
    PyObject *code;
    Signature sig;
    uint32_t ncalls, nspecs;
    bool ready, refused, busy; /* the captures are known; it is interpreted for good; a thread compiles it */
    HlCapture *captures;
    uint32_t ncaptures;
    const void **expected; /* by free variable; borrowed */
    Spec *specs;
};

static Map by_code; /* code object -> Escaped */
static Arena map_memory;
static vectorcallfunc interpret; /* that of every function */

/* ---- the variables it captures --------------------------------------------------------------------------- */

static PyObject *in_cell(PyObject *function, uint32_t number) {
    PyObject *closure = PyFunction_GET_CLOSURE(function);
    bool is_there = closure && (Py_ssize_t)number < PyTuple_GET_SIZE(closure);
    return is_there ? PyCell_GET(PyTuple_GET_ITEM(closure, (Py_ssize_t)number)) : NULL;
}

/* Are the cells and functions there that the code relies on? */
static bool has_expected(const Escaped *e, PyObject *function) {
    PyObject *closure = PyFunction_GET_CLOSURE(function);
    Py_ssize_t n = closure ? PyTuple_GET_SIZE(closure) : 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *cell = PyTuple_GET_ITEM(closure, i), *value = PyCell_GET(cell);
        bool is_function = value && PyFunction_Check(value) && PyFunction_GET_CODE(value) == e->expected[i];
        if (e->expected[i] && cell != e->expected[i] && !is_function) return false;
    }
    return true;
}

/* False: one is not bound, or not where it should be. The values are new references. */
static bool read_captures(const Escaped *e, PyObject *function, PyObject **values) {
    for (uint32_t i = 0; i < e->ncaptures; i++) {
        const HlCapture *capture = &e->captures[i];
        PyObject *owner = capture->holder == UINT32_MAX ? function : in_cell(function, capture->holder);
        values[i] = owner ? Py_XNewRef(in_cell(owner, capture->number)) : NULL;
        if (values[i]) continue;
        while (i-- > 0)
            Py_DECREF(values[i]);
        return false;
    }
    return true;
}

/* ---- compiling ------------------------------------------------------------------------------------------- */

/* From now on it is interpreted. False with an exception, which a warning may be. */
static bool refuse(Escaped *e, const Diagnostic *why) {
    e->refused = true;
    return !why->set || error_warn(why, "HotloopPerformanceWarning");
}

static bool keep_captures(Escaped *e, const HlInner *inner) {
    e->captures = calloc(inner->ncaptures + 1, sizeof *e->captures);
    e->expected = calloc(inner->nfree + 1, sizeof *e->expected);
    if (!e->captures || !e->expected) return false;
    memcpy(e->captures, inner->captures, inner->ncaptures * sizeof *e->captures);
    memcpy(e->expected, inner->expected, inner->nfree * sizeof *e->expected);
    e->ncaptures = inner->ncaptures;
    return e->ready = true;
}

static bool find_inner(Compile *c, const Escaped *e, HlInner *inner) {
    c->asker = e->d->function;
    return hl_python_attach(c) && hl_bytecode_inner(c, e->d->function, e->code, inner);
}

static bool prepare(Escaped *e) {
    Compile c = {0};
    HlInner inner;
    bool good = find_inner(&c, e, &inner) && keep_captures(e, &inner);
    e->refused = !good;
    PyErr_Clear();
    hl_python_detach(&c);
    hl_compile_free(&c);
    return good;
}

/* NULL: refused, perhaps with an exception. */
static Spec *compile(Escaped *e, const Type *const *types) {
    Compile c = {0};
    HlInner inner;
    Spec *spec = spec_new(types, e->sig.nparams + e->ncaptures);
    e->busy = true;
    bool good = spec && find_inner(&c, e, &inner) &&
                spec_compile(&c, spec, inner.function, e->d->options, NULL) && !c.has_objmode;
    e->busy = false;
    if (good) {
        spec->next = e->specs;
        e->specs = spec;
        e->nspecs++;
    } else {
        if (spec) spec_free(spec);
        spec = NULL;
        if (!PyErr_Occurred()) refuse(e, &c.diag);
    }
    hl_python_detach(&c);
    hl_compile_free(&c);
    return spec;
}

/* The name of a parameter, or of a variable that is captured. */
static const char *name_of(const Escaped *e, PyObject *function, uint32_t i) {
    const HlCapture *capture = i < e->sig.nparams ? NULL : &e->captures[i - e->sig.nparams];
    bool is_own = capture && capture->holder == UINT32_MAX;
    PyObject *names = is_own ? PyObject_GetAttrString(PyFunction_GET_CODE(function), "co_freevars") : NULL;
    PyObject *name = is_own ? (names ? PyTuple_GET_ITEM(names, (Py_ssize_t)capture->number) : NULL)
                            : (capture ? NULL : signature_name(&e->sig, i));
    const char *text = name ? PyUnicode_AsUTF8(name) : "a variable";
    Py_XDECREF(names);
    return text ? text : "?";
}

/* A long integer is interpreted this once. False with an exception. */
static bool refuse_value(Escaped *e, PyObject *function, uint32_t i, PyObject *value) {
    const PyCodeObject *code = (const PyCodeObject *)e->code;
    const char *file = PyUnicode_AsUTF8(code->co_filename), *hint;
    Loc loc = {code->co_firstlineno, code->co_firstlineno, -1, -1};
    DiagId id = i < e->sig.nparams ? DIAG_NO_ARGUMENT_TYPE : DIAG_UNTYPED_GLOBAL;
    if (PyLong_CheckExact(value)) return true;
    Arena arena = {0};
    Diagnostic why = {0};
    const char *what = untyped_words(&arena, value, &hint);
    hl_diag_set(&arena, &why, id, file ? file : "?", "", loc, name_of(e, function, i), hl_article(what),
                what);
    why.hint = hint;
    bool good = refuse(e, &why);
    hl_arena_free(&arena);
    return good;
}

static Spec *specialise(Escaped *e, PyObject *function, PyObject *const *values) {
    uint32_t n = e->sig.nparams + e->ncaptures;
    const Type **types = alloca((n + 1) * sizeof *types);
    if (e->nspecs == MAX_SPECS) return NULL;
    for (uint32_t i = 0; i < n; i++) {
        types[i] = type_of(values[i]);
        if (types[i]) continue;
        refuse_value(e, function, i, values[i]);
        return NULL;
    }
    return compile(e, types);
}

/* ---- calls ----------------------------------------------------------------------------------------------- */

/* NULL without an exception: the interpreter does it. */
static PyObject *run(Escaped *e, PyObject *function, PyObject *const *values) {
    PyObject *globals = PyFunction_GET_GLOBALS(function);
    bool fits = false;
    for (Spec *spec = e->specs; spec; spec = spec->next) {
        PyObject *result = spec_call(spec, globals, values, &fits);
        if (fits) return result;
    }
    Spec *spec = specialise(e, function, values);
    return spec ? spec_call(spec, globals, values, &fits) : NULL;
}

static PyObject *call_native(Escaped *e, PyObject *function, PyObject *const *args, size_t nargsf,
                             PyObject *kwnames) {
    PyObject **values = alloca((e->sig.nparams + e->ncaptures + 1) * sizeof *values), *made[2] = {NULL, NULL},
             *result = NULL;
    bool fits =
        signature_fold(&e->sig, function, args, PyVectorcall_NARGS(nargsf), kwnames, values, NULL, made) &&
        read_captures(e, function, values + e->sig.nparams);
    if (fits) result = run(e, function, values);
    for (uint32_t i = 0; fits && i < e->ncaptures; i++)
        Py_DECREF(values[e->sig.nparams + i]);
    Py_XDECREF(made[0]);
    Py_XDECREF(made[1]);
    return result;
}

/* That of the function around this one, known well enough to call it; NULL: it is interpreted. */
static Escaped *find(PyObject *function) {
    Escaped *e = hl_map_get(&by_code, (uintptr_t)PyFunction_GET_CODE(function));
    for (; e; e = e->other) {
        bool is_alive = e->d->function && e->d->options; /* the collector has not been there */
        if (!is_alive || e->refused || e->busy || ++e->ncalls < 2 || (!e->ready && !prepare(e))) continue;
        if (PyFunction_GET_GLOBALS(function) == e->d->globals && has_expected(e, function)) return e;
    }
    return NULL;
}

static PyObject *escaped_call(PyObject *function, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    Escaped *e = find(function);
    if (e) {
        Dispatcher *d = (Dispatcher *)Py_NewRef((PyObject *)e->d);
        PyObject *result = call_native(e, function, args, nargsf, kwnames);
        Py_DECREF((PyObject *)d);
        if (result || PyErr_Occurred()) return result;
    }
    return interpret(function, args, nargsf, kwnames);
}

void escaped_expect(PyObject *function) {
    const vectorcallfunc own = ((PyFunctionObject *)function)->vectorcall;
    Escaped *e = own == escaped_call ? hl_map_get(&by_code, (uintptr_t)PyFunction_GET_CODE(function)) : NULL;
    if (e && !e->ncalls) e->ncalls = 1;
}

/* ---- making and freeing ---------------------------------------------------------------------------------- */

/* A `def` or lambda, which gives a value for each call. */
static bool may_compile(const PyCodeObject *code) {
    int needed = CO_OPTIMIZED | CO_NEWLOCALS,
        refused = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR | CO_VARKEYWORDS;
    bool named = PyUnicode_READ_CHAR(code->co_name, 0) != '<' ||
                 PyUnicode_CompareWithASCIIString(code->co_name, "<lambda>") == 0;
    return named && (code->co_flags & needed) == needed && !(code->co_flags & refused);
}

static Escaped *escaped_of(Dispatcher *d, PyObject *function) {
    PyObject *code = PyFunction_GET_CODE(function);
    for (Escaped *e = d->escaped; e; e = e->next)
        if (e->code == code) return e;
    Escaped *e = calloc(1, sizeof *e);
    if (!e || !signature_read(&e->sig, function)) {
        free(e);
        return NULL;
    }
    e->d = d;
    e->code = Py_NewRef(code);
    e->next = d->escaped;
    e->other = hl_map_get(&by_code, (uintptr_t)code);
    d->escaped = e;
    hl_map_set(&map_memory, &by_code, (uintptr_t)code, e);
    return e;
}

static void set_vectorcall(PyFunctionObject *function) {
    interpret = function->vectorcall;
#if PY_VERSION_HEX >= 0x030C0000
    PyFunction_SetVectorcall(function, escaped_call);
#else
    function->vectorcall = escaped_call;
#endif
}

void escaped_attach(Dispatcher *d, PyObject *function) {
    bool may = d && may_compile((PyCodeObject *)PyFunction_GET_CODE(function));
    if (may && escaped_of(d, function)) set_vectorcall((PyFunctionObject *)function);
    PyErr_Clear();
}

int escaped_traverse(const Dispatcher *d, visitproc visit, void *arg) {
    int stopped = 0;
    for (const Escaped *e = d->escaped; e && !stopped; e = e->next)
        for (const Spec *spec = e->specs; spec && !stopped; spec = spec->next)
            stopped = spec_visit(spec, visit, arg);
    return stopped;
}

static void forget(Escaped *e) {
    Escaped *first = hl_map_get(&by_code, (uintptr_t)e->code), **at = &first;
    while (*at && *at != e)
        at = &(*at)->other;
    if (*at) *at = e->other;
    hl_map_set(&map_memory, &by_code, (uintptr_t)e->code, first);
}

void escaped_free(Dispatcher *d) {
    for (Escaped *e = d->escaped, *next; e; e = next) {
        next = e->next;
        forget(e);
        for (Spec *spec = e->specs, *behind; spec; spec = behind) {
            behind = spec->next;
            spec_free(spec);
        }
        Py_XDECREF(e->sig.names);
        free(e->captures);
        free(e->expected);
        Py_DECREF(e->code);
        free(e);
    }
    d->escaped = NULL;
}
