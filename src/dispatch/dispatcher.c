/* The Dispatcher type: a compiled function as Python sees it, and the way of a call to a specialisation.
 *
 * A call with exactly the positional parameters goes straight to the last specialisation that was hit; its
 * plan is the check. Anything else folds the arguments first (signature.c). Specialisations are only ever
 * added in front of what readers see, so a call needs no lock; what is forgotten stays allocated until the
 * function dies.
 */
#include "dispatch/cache.h"
#include "dispatch/internal.h"

#include <alloca.h>
#include <structmember.h>

PyTypeObject *dispatcher_type;

/* ---- calls ------------------------------------------------------------------------------------------- */

static Spec *next_spec(const Dispatcher *d, const Spec *after) {
    Spec *spec = after ? after->next : d->specs;
    return spec && spec == d->last ? spec->next : spec;
}

/* Tries every specialisation, the last hit first; *tried false: none fits. */
static inline PyObject *try_specs(Dispatcher *d, PyObject *const *values, Spec **hit) {
    bool fits = false;
    Spec *spec = d->last;
    PyObject *result = spec ? spec_call(spec, d->globals, values, &fits) : NULL;
    if (!fits)
        for (spec = next_spec(d, NULL); spec; spec = next_spec(d, spec)) {
            result = spec_call(spec, d->globals, values, &fits);
            if (!fits) continue;
            if (!spec->retired) d->last = spec;
            break;
        }
    *hit = spec;
    return result;
}

static PyObject *call_folded(Dispatcher *d, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    if (d->sig.has_varkw && options_read(d->options).strict)
        return dispatcher_unfit(d, args, nargsf, kwnames);
    PyObject **values = alloca((d->sig.nparams + 1) * sizeof *values), *made[2];
    bool *is_default = alloca(d->sig.nparams + 1);
    Spec *hit = NULL;
    PyObject *result = NULL;
    if (signature_fold(&d->sig, d->function, args, PyVectorcall_NARGS(nargsf), kwnames, values, is_default,
                       made)) {
        result = try_specs(d, values, &hit);
        if (!hit)
            result = dispatcher_miss(d, values, is_default, args, nargsf, kwnames);
        else if (!result && !PyErr_Occurred())
            result = dispatcher_interpret(d, args, nargsf, kwnames);
    } else if (!PyErr_Occurred()) {
        result = dispatcher_unfit(d, args, nargsf, kwnames);
    }
    Py_XDECREF(made[0]);
    Py_XDECREF(made[1]);
    return result;
}

/* Positional arguments only, the last parameters left to their defaults: nothing is looked up by name. */
static PyObject *call_with_defaults(Dispatcher *d, PyObject *const *args, size_t nargsf) {
    Py_ssize_t n = d->npositional_exact, given = PyVectorcall_NARGS(nargsf), i = 0;
    PyObject **values = alloca(((size_t)n + 1) * sizeof *values),
             *defaults = PyFunction_GET_DEFAULTS(d->function);
    Py_ssize_t first = defaults ? n - PyTuple_GET_SIZE(defaults) : n;
    if (given > n || given < first) return call_folded(d, args, nargsf, NULL);
    for (; i < given; i++)
        values[i] = args[i];
    for (; i < n; i++)
        values[i] = PyTuple_GET_ITEM(defaults, i - first);
    Spec *hit;
    Py_XINCREF(defaults); /* somebody may set other ones while the code runs */
    PyObject *result = try_specs(d, values, &hit);
    Py_XDECREF(defaults);
    if (!hit) return call_folded(d, args, nargsf, NULL);
    return result || PyErr_Occurred() ? result : dispatcher_interpret(d, args, nargsf, NULL);
}

static PyObject *dispatcher_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames) {
    Dispatcher *d = (Dispatcher *)self;
    Spec *hit;
    if (kwnames || d->npositional_exact < 0) return call_folded(d, args, nargsf, kwnames);
    if (PyVectorcall_NARGS(nargsf) != d->npositional_exact) return call_with_defaults(d, args, nargsf);
    PyObject *result = try_specs(d, args, &hit);
    if (!hit) return dispatcher_miss(d, args, NULL, args, nargsf, NULL);
    return result || PyErr_Occurred() ? result : dispatcher_interpret(d, args, nargsf, NULL);
}

static PyObject *dispatcher_get(PyObject *self, PyObject *instance, PyObject *owner) {
    (void)owner;
    return instance && instance != Py_None ? PyMethod_New(self, instance) : Py_NewRef(self);
}

/* ---- life -------------------------------------------------------------------------------------------- */

/* What functools.update_wrapper sets; missing attributes are left out. */
static bool copy_attributes(Dispatcher *d) {
    static const char *const names[] = {"__module__", "__name__", "__qualname__", "__doc__",
                                        "__annotations__"};
    PyObject *own = PyObject_GetAttrString(d->function, "__dict__");
    d->dict = own ? PyDict_Copy(own) : NULL;
    Py_XDECREF(own);
    bool good = d->dict && PyDict_SetItemString(d->dict, "__wrapped__", d->function) == 0;
    for (size_t i = 0; good && i < sizeof names / sizeof *names; i++) {
        PyObject *value = PyObject_GetAttrString(d->function, names[i]);
        good = value && PyDict_SetItemString(d->dict, names[i], value) == 0;
        Py_XDECREF(value);
    }
    return good;
}

static bool dispatcher_fill(Dispatcher *d, PyObject *function, PyObject *options) {
    d->function = Py_NewRef(function);
    d->globals = PyFunction_GET_GLOBALS(function);
    d->options = Py_NewRef(options);
    d->vectorcall = dispatcher_call;
    d->can_compile = true;
    d->lock = PyThread_allocate_lock();
    d->fork_generation = hl_fork_generation();
    d->hits = PyDict_New();
    d->misses = PyDict_New();
    if (!d->lock || !d->hits || !d->misses || !signature_read(&d->sig, function)) return false;
    bool exact = !d->sig.has_varargs && !d->sig.has_varkw && !d->sig.nkeyword_only;
    d->npositional_exact = exact ? (Py_ssize_t)d->sig.nparams : -1;
    return copy_attributes(d);
}

static PyObject *dispatcher_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"py_func", "options", NULL};
    PyObject *function, *options = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|O!:Dispatcher", names, &PyFunction_Type, &function,
                                     &PyDict_Type, &options))
        return NULL;
    options = options ? Py_NewRef(options) : PyDict_New();
    Dispatcher *d = options ? (Dispatcher *)type->tp_alloc(type, 0) : NULL;
    bool good = d && dispatcher_fill(d, function, options);
    Py_XDECREF(options);
    if (good) return (PyObject *)d;
    Py_XDECREF(d);
    if (d && !PyErr_Occurred()) PyErr_NoMemory();
    return NULL;
}

static void free_specs(Spec *spec) {
    while (spec) {
        Spec *next = spec->next;
        spec_free(spec);
        spec = next;
    }
}

int spec_visit(const Spec *spec, visitproc visit, void *arg) {
    Py_VISIT(spec->keep);
    for (uint32_t i = 0; i < spec->nobjects; i++)
        Py_VISIT(spec->objects[i]);
    for (uint32_t i = 0; i < spec->plan.nops; i++)
        Py_VISIT(spec->plan.ops[i].object);
    return 0;
}

static int visit_specs(const Spec *specs, visitproc visit, void *arg) {
    int stopped = 0;
    for (const Spec *spec = specs; spec && !stopped; spec = spec->next)
        stopped = spec_visit(spec, visit, arg);
    return stopped;
}

static int dispatcher_traverse(PyObject *self, visitproc visit, void *arg) {
    Dispatcher *d = (Dispatcher *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(d->function);
    Py_VISIT(d->options);
    Py_VISIT(d->dict);
    int stopped = visit_specs(d->specs, visit, arg);
    if (!stopped) stopped = visit_specs(d->retired, visit, arg);
    if (!stopped) stopped = escaped_traverse(d, visit, arg);
    return stopped ? stopped : continuation_traverse(d, visit, arg);
}

/* The function goes too: its closure may refer back. Nothing calls a dispatcher that is being cleared. */
static int dispatcher_clear(PyObject *self) {
    Dispatcher *d = (Dispatcher *)self;
    Py_CLEAR(d->dict);
    Py_CLEAR(d->options);
    Py_CLEAR(d->function);
    return 0;
}

static void dispatcher_dealloc(PyObject *self) {
    Dispatcher *d = (Dispatcher *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (d->weakrefs) PyObject_ClearWeakRefs(self);
    if (profile_wanted && d->function && !continuation_tell(d)) PyErr_WriteUnraisable(d->function);
    profile_free(d);
    dispatcher_clear(self);
    free_specs(d->specs);
    free_specs(d->retired);
    continuation_free(d);
    escaped_free(d);
    Py_XDECREF(d->sig.names);
    Py_XDECREF(d->hits);
    Py_XDECREF(d->misses);
    if (d->lock) PyThread_free_lock(d->lock);
    type->tp_free(self);
    Py_DECREF(type);
}

/* ---- attributes -------------------------------------------------------------------------------------- */

static PyObject *get_code(PyObject *self, void *unused) {
    (void)unused;
    return Py_NewRef(PyFunction_GET_CODE(((Dispatcher *)self)->function));
}

static PyObject *get_defaults(PyObject *self, void *unused) {
    (void)unused;
    return PyObject_GetAttrString(((Dispatcher *)self)->function, "__defaults__");
}

static PyObject *get_kwdefaults(PyObject *self, void *unused) {
    (void)unused;
    return PyObject_GetAttrString(((Dispatcher *)self)->function, "__kwdefaults__");
}

static PyObject *get_cache_path(PyObject *self, void *unused) {
    (void)unused;
    const Dispatcher *d = (Dispatcher *)self;
    return options_read(d->options).cache ? cache_folder(d) : Py_NewRef(Py_None);
}

static PyGetSetDef dispatcher_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"__code__", get_code, NULL, "the code of the Python function", NULL},
    {"_cache_path", get_cache_path, NULL, "the folder of cache=True, else None", NULL},
    {"func_code", get_code, NULL, "the code of the Python function", NULL},
    {"__defaults__", get_defaults, NULL, "the defaults of the Python function", NULL},
    {"__kwdefaults__", get_kwdefaults, NULL, "the defaults of its keyword-only parameters", NULL},
    {0},
};

static PyMemberDef dispatcher_members[] = {
    {"py_func", T_OBJECT, offsetof(Dispatcher, function), READONLY, "the Python function"},
    {"_options", T_OBJECT, offsetof(Dispatcher, options), READONLY, "the decorator's options, normalised"},
    {"_can_compile", T_BOOL, offsetof(Dispatcher, can_compile), 0, "whether calls may compile"},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Dispatcher, vectorcall), READONLY, NULL},
    {"__dictoffset__", T_PYSSIZET, offsetof(Dispatcher, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Dispatcher, weakrefs), READONLY, NULL},
    {0},
};

static PyType_Slot dispatcher_slots[] = {
    {Py_tp_doc, "A Python function with machine code for the types it was called with."},
    {Py_tp_new, dispatcher_new},
    {Py_tp_dealloc, dispatcher_dealloc},
    {Py_tp_traverse, dispatcher_traverse},
    {Py_tp_clear, dispatcher_clear},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_descr_get, dispatcher_get},
    {Py_tp_methods, dispatcher_methods},
    {Py_tp_members, dispatcher_members},
    {Py_tp_getset, dispatcher_getset},
    {0, NULL},
};

static PyType_Spec dispatcher_spec = {
    .name = "hotloop._hotloop.Dispatcher",
    .basicsize = sizeof(Dispatcher),
    .flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .slots = dispatcher_slots,
};

bool dispatcher_init(PyObject *module) {
    dispatcher_type = (PyTypeObject *)PyType_FromSpec(&dispatcher_spec);
    return dispatcher_type && PyModule_AddObjectRef(module, "Dispatcher", (PyObject *)dispatcher_type) == 0;
}
