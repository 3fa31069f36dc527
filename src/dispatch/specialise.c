/* Types to a specialisation: the stages of a compilation, loading, publishing.
 *
 * One thread compiles for a dispatcher at a time; others wait without the GIL. Inference asks Python and
 * holds the GIL; optimisation and code generation run without it.
 */
#include "dispatch/internal.h"
#include "bytecode/bytecode.h"
#include "dispatch/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- options ----------------------------------------------------------------------------------------- */

static bool is_set(PyObject *options, const char *name) {
    PyObject *value = PyDict_GetItemString(options, name);
    return value && PyObject_IsTrue(value) == 1;
}

static bool is_text(PyObject *options, const char *name, const char *text) {
    PyObject *value = PyDict_GetItemString(options, name);
    return value && PyUnicode_Check(value) && PyUnicode_CompareWithASCIIString(value, text) == 0;
}

static uint32_t bits(PyObject *options, const char *name) {
    PyObject *value = PyDict_GetItemString(options, name);
    return value && PyLong_CheckExact(value) ? (uint32_t)PyLong_AsUnsignedLongMask(value) : 0;
}

Options options_read(PyObject *options) {
    return (Options){
        .compile = {.fastmath = bits(options, "fastmath"),
                    .boundscheck = PyDict_GetItemString(options, "boundscheck") != Py_False,
                    .numpy_errors = is_text(options, "error_model", "numpy"),
                    .numba_semantics = is_text(options, "semantics", "numba"),
                    .nogil = is_set(options, "nogil"),
                    .inline_always = is_text(options, "inline", "always"),
                    .debug = is_set(options, "debug"),
                    .parallel = is_set(options, "parallel")},
        .strict = is_set(options, "strict"),
        .cache = is_set(options, "cache"),
        .interpreted = is_set(options, "forceobj"),
    };
}

static HlDeclared *declared_by(Compile *c, PyObject *options) {
    PyObject *locals = PyDict_GetItemString(options, "locals"), *name, *type;
    size_t n = locals && PyDict_Check(locals) ? (size_t)PyDict_GET_SIZE(locals) : 0;
    HlDeclared *declared = hl_new_array(&c->arena, HlDeclared, n + 1), *next = declared;
    for (Py_ssize_t at = 0; n && PyDict_Next(locals, &at, &name, &type); next++)
        *next = (HlDeclared){hl_intern(PyUnicode_AsUTF8(name)), hl_intern(PyUnicode_AsUTF8(type))};
    return declared;
}

static bool are_same(const HlDeclared *x, const HlDeclared *y) {
    for (; x->name && x->name == y->name && x->type == y->type; x++, y++)
        ;
    return !x->name && !y->name;
}

bool dispatcher_declare(Compile *c, const Dispatcher *d) {
    const HlDeclared *before = hl_map_get(&c->declared, (uintptr_t)d->function);
    HlDeclared *now = declared_by(c, d->options);
    if (before) return are_same(before, now);
    hl_map_set(&c->arena, &c->declared, (uintptr_t)d->function, now);
    return true;
}

const void *dispatcher_unwrap(Compile *c, PyObject *object, FuncOptions *options) {
    if (!Py_IS_TYPE(object, dispatcher_type)) return NULL;
    Dispatcher *d = (Dispatcher *)object;
    if (options) *options = options_read(d->options).compile;
    return !c || dispatcher_declare(c, d) ? d->function : NULL;
}

/* ---- the stages -------------------------------------------------------------------------------------- */

static bool fail(Compile *c, const char *what) {
    hl_diag_set(&c->arena, &c->diag, DIAG_INTERNAL, NULL, NULL, (Loc){0}, what);
    return false;
}

/* The line of the def, whole. */
static Loc function_loc(const Func *f) {
    return (Loc){f->first_line, f->first_line, -1, -1};
}

static bool generate_without_gil(Compile *c) {
    bool good;
    Py_BEGIN_ALLOW_THREADS;
    good = hl_compile_back(c);
    Py_END_ALLOW_THREADS;
    counters.units_compiled += c->units_compiled;
    counters.units_kept += c->units_kept;
    counters.units_shipped += c->units_shipped;
    return good;
}

static bool can_return(Compile *c) {
    const Func *entry = c->functions.data[0];
    bool is_object = entry->result->kind == TY_OBJECT;
    if (box_can(entry->result) && (c->foreign || !is_object)) return true;
    const char *what = hl_arena_printf(&c->arena, "returning %s to Python", hl_type_show(entry->result));
    return hl_error(c, entry, function_loc(entry), DIAG_UNSUPPORTED_CONSTRUCT, what);
}

static bool run_stages(Compile *c, const void *function, PyObject *options, const Type *const *types,
                       uint32_t nargs) {
    FuncOptions compile = options_read(options).compile;
    return hl_compile_front(c, function, types, nargs, &compile) && can_return(c) && generate_without_gil(c);
}

/* ---- loading ----------------------------------------------------------------------------------------- */

bool spec_load(Spec *spec, const void *object, size_t nbytes, const char *symbol, char *error,
               size_t error_size) {
    spec->code = hl_load_object(object, nbytes, blas_resolve, NULL, error, error_size);
    if (!spec->code) return false;
    spec->shim = (Shim)hl_load_symbol(spec->code, symbol);
    if (!spec->shim) snprintf(error, error_size, "the object has no symbol %s", symbol);
    return spec->shim != NULL;
}

/* The result type a signature asks for must be reachable from the inferred one. */
static bool set_result(Compile *c, Spec *spec, const Type *native, const Type *asked) {
    spec->native_result = native;
    spec->result = asked ? asked : native;
    spec->nresult = hl_type_ncomponents(native);
    spec->converts = spec->result != native;
    if (!asked || asked == native || hl_type_converts(native, asked)) return true;
    if (hl_type_is_scalar(native) && hl_type_is_scalar(asked) && !hl_type_is_complex(native)) return true;
    const Func *entry = c->functions.data[0];
    return hl_error(c, entry, function_loc(entry), DIAG_SIGNATURE_RESULT, hl_type_show(asked),
                    hl_type_show(native));
}

static bool keep_objects(Spec *spec, const Compile *c) {
    if (!c->objects.len) return true;
    spec->objects = calloc(c->objects.len, sizeof *spec->objects);
    for (; spec->objects && spec->nobjects < c->objects.len; spec->nobjects++)
        spec->objects[spec->nobjects] = Py_NewRef((PyObject *)c->objects.data[spec->nobjects]);
    return spec->objects != NULL;
}

/* A caught exception is Python's. */
static bool has_handlers(const Compile *c) {
    for (uint32_t i = 0; i < c->functions.len; i++) {
        const Func *f = c->functions.data[i];
        for (Ref r = 1; r < f->ins.len; r++)
            if (hl_ins(f, r)->op == OP_CATCH) return true;
    }
    return false;
}

static bool fill_spec(Compile *c, Spec *spec, const Type *asked) {
    char error[256] = "";
    if (!set_result(c, spec, c->functions.data[0]->result, asked)) return false;
    plan_know_items(&spec->plan, c->functions.data[0]->param_types);
    if (spec->nresult > MAX_SLOTS) return fail(c, "the result is too large");
    if (!keep_objects(spec, c) || !spec_keep_places(spec, c)) return !(c->no_memory = true);
    spec->keep = Py_NewRef((PyObject *)c->host_data);
    spec->nogil &= !has_handlers(c);
    errno = 0;
    if (spec_load(spec, c->object, c->object_nbytes, c->entry_symbol, error, sizeof error)) return true;
    c->no_memory = errno == ENOMEM;
    return fail(c, error);
}

/* ---- publishing -------------------------------------------------------------------------------------- */

Spec *dispatcher_find(const Dispatcher *d, const Type *const *types, uint32_t nargs) {
    for (Spec *spec = d->specs; spec; spec = spec->next)
        if (memcmp(spec->types, types, nargs * sizeof *types) == 0) return spec;
    return NULL;
}

static void publish(Dispatcher *d, Spec *spec) {
    Spec **end = &d->specs;
    while (*end)
        end = &(*end)->next;
    *end = spec;
}

static void set_options(Spec *spec, PyObject *options) {
    Options read = options_read(options);
    spec->nogil = read.compile.nogil;
    spec->numbers = read.compile.numba_semantics;
    spec->can_redo = spec->plan.nowners == 0 && !read.strict;
}

bool spec_compile(Compile *c, Spec *spec, const void *function, PyObject *options, const Type *asked) {
    set_options(spec, options);
    bool good = run_stages(c, function, options, spec->types, spec->plan.nargs) && fill_spec(c, spec, asked);
    if (good) return true;
    if (c->no_memory && !PyErr_Occurred()) PyErr_NoMemory();
    spec->shim = NULL;
    spec->result = NULL;
    return false;
}

bool spec_give_warnings(const Compile *c) {
    bool good = true;
    for (uint32_t i = 0; good && i < c->warnings.len; i++)
        good = error_warn(c->warnings.data[i], hl_diag_info(c->warnings.data[i]->id)->class_name);
    return good;
}

/* An argument that has no compiled form is a better reason than what was done with it. */
static bool report(Dispatcher *d, const Diagnostic *diag) {
    return continuation_warn(d) && dispatcher_report(d, diag);
}

/* The second try: what has no compiled form is left to Python's objects, one operation at a time. */
static bool compile_with_objects(Dispatcher *d, Spec *spec, const Type *asked, const CachePlace *place) {
    Compile c = {0};
    explain_begin(&c);
    bool good = !options_read(d->options).strict && hl_python_attach(&c) &&
                continuation_compile(&c, d, spec, NULL, asked);
    if (!good) PyErr_Clear();
    if (good) explain_end(d, spec->types, &c);
    good = good && spec_give_warnings(&c);
    if (good && place && !c.names_classes) cache_store(place, d, spec, &c);
    hl_python_detach(&c);
    hl_compile_free(&c);
    return good;
}

/* Lists and sets go into compiled code as copies, which Python must not see beside it: such a function is one with objects. */
static bool use_objmode(Compile *c, Dispatcher *d, Spec *spec) {
    spec->is_objmode = true;
    spec->dispatcher = d;
    spec->can_redo = false;
    for (uint32_t i = 0; i < spec->plan.nargs; i++)
        if (hl_type_holds_list(spec->types[i]))
            return hl_error(c, c->functions.data[0], function_loc(c->functions.data[0]), DIAG_OBJMODE_INPUT,
                            hl_type_show(spec->types[i]));
    return true;
}

/* A Spec without code stands for types that run in the interpreter, once that has been reported. place NULL:
 * no cache. */
static bool compile_into(Dispatcher *d, Spec *spec, const Type *asked, const CachePlace *place) {
    Compile c = {0};
    bool good = hl_python_attach(&c);
    explain_begin(&c);
    c.asker = d->function;
    dispatcher_declare(&c, d);
    bool compiled = good && spec_compile(&c, spec, d->function, d->options, asked);
    if (compiled && c.has_objmode) compiled = use_objmode(&c, d, spec);
    explain_end(d, spec->types, &c);
    if (good && !compiled) {
        good =
            !PyErr_Occurred() && (compile_with_objects(d, spec, asked, place) ? continuation_blame(d, &c.diag)
                                                                              : report(d, &c.diag));
    } else if (good) {
        good = spec_give_warnings(&c);
        if (good && place && !c.names_classes) cache_store(place, d, spec, &c);
    }
    hl_python_detach(&c);
    hl_compile_free(&c);
    return good;
}

static void count(PyObject *counts, const Spec *spec) {
    PyObject *texts = types_as_texts(spec->types, spec->plan.nargs);
    PyObject *known = texts ? PyDict_GetItemWithError(counts, texts) : NULL;
    PyObject *count = PyLong_FromLong(1 + (known ? PyLong_AsLong(known) : 0));
    if (!texts || !count || PyDict_SetItem(counts, texts, count) < 0) PyErr_Clear();
    Py_XDECREF(texts);
    Py_XDECREF(count);
}

static Spec *load_cached(Dispatcher *d, const Type *const *types, uint32_t nargs, const CachePlace *place) {
    Spec *spec = spec_new(types, nargs);
    if (!spec) return NULL;
    set_options(spec, d->options);
    bool hit = !continuation_has_learned(d) && cache_load(place, d, spec);
    if (hit) count(d->hits, spec);
    if (hit) return spec;
    spec_free(spec);
    return NULL;
}

/* What an empty list or set holds in the end is known only when it has been compiled; a named tuple's type has the address
 * of its class. */
static bool is_for_this_call(const Type *t) {
    if (t->kind == TY_BOTTOM || (t->kind == TY_TUPLE && t->object)) return true;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (is_for_this_call(t->args[i])) return true;
    return false;
}

static bool may_be_cached(const Type *const *types, uint32_t nargs) {
    for (uint32_t i = 0; i < nargs; i++)
        if (is_for_this_call(types[i])) return false;
    return true;
}

static Spec *make(Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *asked) {
    CachePlace place = {0};
    bool cached = options_read(d->options).cache && !explain_wanted() && may_be_cached(types, nargs) &&
                  cache_place(d, types, nargs, asked, &place);
    Spec *spec = cached ? load_cached(d, types, nargs, &place) : NULL;
    if (!spec && !PyErr_Occurred()) {
        spec = spec_new(types, nargs);
        if (spec) count(d->misses, spec);
        if (spec && !compile_into(d, spec, asked, cached ? &place : NULL)) {
            spec_free(spec);
            spec = NULL;
        }
    }
    cache_place_free(&place);
    return spec;
}

static Spec *specialise(Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *asked) {
    Spec *spec = dispatcher_find(d, types, nargs);
    if (spec) return spec;
    spec = make(d, types, nargs, asked);
    if (spec) publish(d, spec);
    return spec;
}

/* A lock that another thread held when the process forked is never given back in the child: it gets a new one. */
static void renew_lock(Dispatcher *d) {
    PyThread_type_lock fresh = PyThread_allocate_lock();
    if (!fresh) return;
    d->lock = fresh;
    d->compiling_thread = 0;
    d->fork_generation = hl_fork_generation();
}

static void lock(Dispatcher *d) {
    if (PyThread_acquire_lock(d->lock, NOWAIT_LOCK)) return;
    Py_BEGIN_ALLOW_THREADS;
    PyThread_acquire_lock(d->lock, WAIT_LOCK);
    Py_END_ALLOW_THREADS;
}

Spec *dispatcher_specialise(Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *result) {
    unsigned long self = PyThread_get_thread_ident();
    if (d->fork_generation != hl_fork_generation()) renew_lock(d);
    if (d->compiling_thread == self)
        return NULL; /* inference called back into Python, and that calls this function */
    lock(d);
    d->compiling_thread = self;
    Spec *spec = specialise(d, types, nargs, result);
    d->compiling_thread = 0;
    PyThread_release_lock(d->lock);
    return spec;
}

/* ---- looking at stages ------------------------------------------------------------------------------- */

/* The text of a stage of code that uses objects; NULL, no exception: it does not compile so either. */
static PyObject *inspect_with_objects(Dispatcher *d, const Type *const *types, DumpStage stage) {
    Compile c = {.dump = 1u << stage};
    Spec *spec = options_read(d->options).strict ? NULL : spec_new(types, d->sig.nparams);
    explain_begin(&c);
    bool good = spec && hl_python_attach(&c) && continuation_compile(&c, d, spec, NULL, NULL);
    if (!good) PyErr_Clear();
    if (good) explain_end(d, types, &c);
    PyObject *text = good ? PyUnicode_FromString(c.dumps[stage].data ? c.dumps[stage].data : "") : NULL;
    if (spec) spec_free(spec);
    hl_python_detach(&c);
    hl_compile_free(&c);
    return text;
}

PyObject *dispatcher_inspect(Dispatcher *d, const Type *const *types, DumpStage stage) {
    Compile c = {.dump = 1u << stage};
    PyObject *text = NULL;
    bool good = hl_python_attach(&c);
    explain_begin(&c);
    dispatcher_declare(&c, d);
    if (good && stage <= DUMP_SSA)
        good = c.host->untyped(&c, d->function);
    else if (good)
        good = run_stages(&c, d->function, d->options, types, d->sig.nparams);
    if (stage > DUMP_SSA) explain_end(d, types, &c);
    if (good)
        text = PyUnicode_FromString(c.dumps[stage].data ? c.dumps[stage].data : "");
    else if (c.no_memory)
        PyErr_NoMemory();
    else if (!PyErr_Occurred() && stage > DUMP_SSA)
        text = inspect_with_objects(d, types, stage);
    if (!text && !PyErr_Occurred()) error_raise_diagnostic(&c.diag);
    hl_python_detach(&c);
    hl_compile_free(&c);
    return text;
}
