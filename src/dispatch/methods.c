/* The methods of Dispatcher that the Python package builds its public ones on. Types cross as text. */
#include "dispatch/internal.h"

#include <string.h>

/* ---- types as text ----------------------------------------------------------------------------------- */

/* A type; NULL with ValueError. */
static const Type *parse_type(PyObject *text) {
    const char *utf8 = PyUnicode_AsUTF8(text), *p = utf8;
    if (!utf8) return NULL;
    const Type *type = hl_type_parse(&p);
    if (type && !*p) return type;
    PyErr_Format(PyExc_ValueError, "'%s' is no type", utf8);
    return NULL;
}

static const Type **parse_types(Arena *arena, PyObject *texts) {
    Py_ssize_t n = PyTuple_GET_SIZE(texts);
    const Type **types = hl_new_array(arena, const Type *, n + 1);
    for (Py_ssize_t i = 0; i < n; i++)
        if (!(types[i] = parse_type(PyTuple_GET_ITEM(texts, i)))) return NULL;
    return types;
}

PyObject *types_as_texts(const Type *const *types, uint32_t n) {
    PyObject *texts = PyTuple_New(n);
    for (uint32_t i = 0; texts && i < n; i++) {
        PyObject *text = PyUnicode_FromString(hl_type_text(types[i]));
        if (text)
            PyTuple_SET_ITEM(texts, i, text);
        else
            Py_CLEAR(texts);
    }
    return texts;
}

static bool right_count(const Dispatcher *d, PyObject *texts) {
    if (PyTuple_GET_SIZE(texts) == (Py_ssize_t)d->sig.nparams) return true;
    PyErr_Format(PyExc_TypeError, "%zd argument types given, but the function takes %u arguments",
                 PyTuple_GET_SIZE(texts), d->sig.nparams);
    return false;
}

const Spec *dispatcher_compiled(const Dispatcher *d, PyObject *texts) {
    Arena arena = {0};
    bool fits = PyTuple_Check(texts) && right_count(d, texts);
    const Type **types = fits ? parse_types(&arena, texts) : NULL;
    const Spec *spec = types ? dispatcher_find(d, types, d->sig.nparams) : NULL;
    hl_arena_free(&arena);
    if (spec && spec->shim) return spec;
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "there is no machine code for these types");
    return NULL;
}

/* ---- methods ----------------------------------------------------------------------------------------- */

static PyObject *method_compile(PyObject *self, PyObject *args) {
    Dispatcher *d = (Dispatcher *)self;
    PyObject *texts, *result_text = Py_None;
    if (!PyArg_ParseTuple(args, "O!|O:_compile", &PyTuple_Type, &texts, &result_text) ||
        !right_count(d, texts))
        return NULL;
    Arena arena = {0};
    const Type **types = parse_types(&arena, texts);
    const Type *result = types && result_text != Py_None ? parse_type(result_text) : NULL;
    bool good = types && !PyErr_Occurred();
    good = good && dispatcher_specialise(d, types, d->sig.nparams, result);
    hl_arena_free(&arena);
    if (good) Py_RETURN_NONE;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_RuntimeError, "the function is being compiled by this thread already");
    return NULL;
}

static PyObject *method_specialisations(PyObject *self, PyObject *unused) {
    (void)unused;
    const Dispatcher *d = (Dispatcher *)self;
    PyObject *list = PyList_New(0);
    for (const Spec *spec = d->specs; list && spec; spec = spec->next) {
        PyObject *pair = Py_BuildValue("(Nz)", types_as_texts(spec->types, spec->plan.nargs),
                                       spec->result ? hl_type_text(spec->result) : NULL);
        if (!pair || PyList_Append(list, pair) < 0) Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

static const char *const stage_names[DUMP_COUNT] = {"bytecode", "cfg",  "ssa",      "typed", "parallel",
                                                    "opt",      "llvm", "llvm_opt", "asm"};

static PyObject *method_inspect(PyObject *self, PyObject *args) {
    Dispatcher *d = (Dispatcher *)self;
    PyObject *texts;
    const char *name;
    int stage = 0;
    if (!PyArg_ParseTuple(args, "O!s:_inspect", &PyTuple_Type, &texts, &name)) return NULL;
    while (stage < DUMP_COUNT && strcmp(stage_names[stage], name))
        stage++;
    if (stage == DUMP_COUNT) return PyErr_Format(PyExc_ValueError, "no stage is called '%s'", name);
    if (stage > DUMP_SSA && !right_count(d, texts)) return NULL;
    Arena arena = {0};
    const Type **types = parse_types(&arena, texts);
    PyObject *text = types ? dispatcher_inspect(d, types, (DumpStage)stage) : NULL;
    hl_arena_free(&arena);
    return text;
}

static PyObject *method_reset(PyObject *self, PyObject *unused) {
    (void)unused;
    Dispatcher *d = (Dispatcher *)self;
    Spec **end = &d->retired;
    while (*end)
        end = &(*end)->next;
    *end = d->specs;
    d->specs = d->last = NULL;
    Py_RETURN_NONE;
}

static PyObject *method_stats(PyObject *self, PyObject *unused) {
    (void)unused;
    Dispatcher *d = (Dispatcher *)self;
    return Py_BuildValue("(NN)", PyDict_Copy(d->hits), PyDict_Copy(d->misses));
}

static PyObject *method_foreign_lines(PyObject *self, PyObject *unused) {
    (void)unused;
    return continuation_lines((Dispatcher *)self);
}

static PyObject *method_continuations(PyObject *self, PyObject *unused) {
    (void)unused;
    return PyLong_FromUnsignedLong(continuation_count((Dispatcher *)self));
}

PyMethodDef dispatcher_methods[] = {
    {"_compile", method_compile, METH_VARARGS,
     "_compile(arg_texts, ret_text=None): compile for these types."},
    {"_specialisations", method_specialisations, METH_NOARGS, "[(arg_texts, ret_text)], oldest first."},
    {"_inspect", method_inspect, METH_VARARGS, "_inspect(arg_texts, stage): the text of a stage."},
    {"_foreign_lines", method_foreign_lines, METH_NOARGS,
     "[(line, reason, share in percent or None)] of what is left to Python's objects."},
    {"_continuations", method_continuations, METH_NOARGS,
     "How many rests of it were compiled, for what objects turned out to be."},
    {"_reset", method_reset, METH_NOARGS, "Forget all specialisations."},
    {"_stats", method_stats, METH_NOARGS, "(hits, misses) of the cache on disk, by argument types."},
    {0},
};
