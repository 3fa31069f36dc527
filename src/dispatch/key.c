/* The key of a specialisation in the disk cache: a hash over everything that can change its machine code.
 *
 * That is: the function's code objects (bytecode, constants, names, lines, file), the values behind the
 * global names and closure cells they mention, the same for every function reached that way, whatever file it
 * stands in, the argument types, the options, this build of hotloop, the versions of Python and NumPy, and
 * the CPU. Nothing is compiled for it and no Python code runs. A value is hashed by kind: plain values by
 * content, functions by walking them, modules and classes by what the names of the code find in them. An
 * object of any other kind has no compiled form, so its type's name will do. Two walks that see the same
 * things in the same order give the same key: objects met again count by their number.
 */
#include "dispatch/internal.h"
#include "bytecode/bytecode.h"
#include "dispatch/cache.h"
#include "prelude_digest.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/platform/x86.h>
#include <sys/stat.h>

typedef struct Walk {
    Sha256 hash;
    PyObject *seen;   /* dict: address of an object -> its number */
    PyObject *arrays; /* list of the frozen arrays */
    bool failed;      /* a Python error: no key */
} Walk;

/* ---- plain things ------------------------------------------------------------------------------------ */

static void add_bytes(Walk *w, const void *data, size_t nbytes) {
    uint64_t len = nbytes;
    hl_sha256_add(&w->hash, &len, sizeof len);
    hl_sha256_add(&w->hash, data, nbytes);
}

static void add_text(Walk *w, const char *text) {
    add_bytes(w, text, strlen(text));
}

static void add_int(Walk *w, int64_t value) {
    hl_sha256_add(&w->hash, &value, sizeof value);
}

/* The text of a str; surrogates and all. */
static void add_str(Walk *w, PyObject *text) {
    if (text && PyUnicode_Check(text))
        add_bytes(w, PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text) * PyUnicode_KIND(text));
    else
        add_text(w, "");
}

static void add_repr(Walk *w, PyObject *value) {
    PyObject *text = PyObject_Repr(value);
    if (!text) w->failed = true;
    add_str(w, text);
    Py_XDECREF(text);
}

static void add_value(Walk *w, PyObject *value, PyObject *names);

static void add_items(Walk *w, PyObject *tuple, PyObject *names) {
    add_int(w, PyTuple_GET_SIZE(tuple));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++)
        add_value(w, PyTuple_GET_ITEM(tuple, i), names);
}

/* Is this object new (modules and classes: with these names)? Its number is hashed if not. */
static bool is_new(Walk *w, PyObject *object, PyObject *names) {
    PyObject *addresses[2] = {object, PyModule_Check(object) || PyType_Check(object) ? names : NULL};
    PyObject *key = PyBytes_FromStringAndSize((const char *)addresses, sizeof addresses);
    PyObject *number = key ? PyDict_GetItemWithError(w->seen, key) : NULL;
    PyObject *next = number || !key ? NULL : PyLong_FromSsize_t(PyDict_Size(w->seen));
    if (number)
        add_int(w, PyLong_AsLongLong(number));
    else
        w->failed = w->failed || !next || PyDict_SetItem(w->seen, key, next) < 0;
    Py_XDECREF(next);
    Py_XDECREF(key);
    return !number && !w->failed;
}

/* ---- code and functions ------------------------------------------------------------------------------ */

static const char *const code_attributes[] = {
    "co_code",     "co_consts",    "co_names",          "co_varnames", "co_cellvars",
    "co_freevars", "co_linetable", "co_exceptiontable", "co_filename", "co_qualname"};

static void add_code(Walk *w, PyObject *code) {
    const PyCodeObject *c = (const PyCodeObject *)code;
    add_int(w, c->co_flags);
    add_int(w, c->co_argcount);
    add_int(w, c->co_posonlyargcount);
    add_int(w, c->co_kwonlyargcount);
    add_int(w, c->co_firstlineno);
    for (size_t i = 0; i < sizeof code_attributes / sizeof *code_attributes; i++) {
        PyObject *value = PyObject_GetAttrString(code, code_attributes[i]);
        if (value)
            add_value(w, value, NULL);
        else
            w->failed = true;
        Py_XDECREF(value);
    }
}

/* The values that the names of the code, and of the code inside it, find in a namespace. */
static void add_namespace(Walk *w, PyObject *code, PyObject *namespace, PyObject *names_of) {
    PyObject *names = PyObject_GetAttrString(code, "co_names"),
             *consts = PyObject_GetAttrString(code, "co_consts");
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i), *value = PyDict_GetItemWithError(namespace, name);
        if (!value) continue;
        add_str(w, name);
        add_value(w, value, names_of);
    }
    for (Py_ssize_t i = 0; consts && i < PyTuple_GET_SIZE(consts); i++)
        if (PyCode_Check(PyTuple_GET_ITEM(consts, i)))
            add_namespace(w, PyTuple_GET_ITEM(consts, i), namespace, names_of);
    w->failed = w->failed || !names || !consts;
    Py_XDECREF(names);
    Py_XDECREF(consts);
}

static void add_closure(Walk *w, PyObject *closure, PyObject *code) {
    for (Py_ssize_t i = 0; closure && i < PyTuple_GET_SIZE(closure); i++) {
        PyObject *value = PyCell_GET(PyTuple_GET_ITEM(closure, i));
        if (value)
            add_value(w, value, code);
        else
            add_text(w, "empty cell");
    }
}

static void add_function(Walk *w, PyObject *function) {
    PyObject *code = PyFunction_GET_CODE(function), *by_name = PyFunction_GET_KW_DEFAULTS(function);
    add_code(w, code);
    add_value(w, PyFunction_GET_DEFAULTS(function) ? PyFunction_GET_DEFAULTS(function) : Py_None, code);
    PyObject *items = by_name ? PyDict_Items(by_name) : NULL, *tuple = items ? PyList_AsTuple(items) : NULL;
    if (tuple) add_value(w, tuple, code);
    w->failed = w->failed || (by_name && !tuple);
    Py_XDECREF(items);
    Py_XDECREF(tuple);
    add_closure(w, PyFunction_GET_CLOSURE(function), code);
    add_namespace(w, code, PyFunction_GET_GLOBALS(function), code);
}

static void add_options(Walk *w, PyObject *options) {
    FuncOptions o = options_read(options).compile;
    add_int(w, hl_options_number(&o));
    PyObject *locals = PyDict_GetItemString(options, "locals"), *name, *type;
    for (Py_ssize_t at = 0; locals && PyDict_Next(locals, &at, &name, &type);) {
        add_text(w, PyUnicode_AsUTF8(name));
        add_text(w, PyUnicode_AsUTF8(type));
    }
}

/* ---- other values ------------------------------------------------------------------------------------ */

/* NumPy and the standard library change with their versions only. */
static bool is_library(const char *name) {
    static const char *const known[] = {"numpy",    "math", "cmath",   "builtins",
                                        "operator", "sys",  "hotloop", "numba"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t len = strlen(known[i]);
        if (!strncmp(name, known[i], len) && (!name[len] || name[len] == '.')) return true;
    }
    return false;
}

static void add_module(Walk *w, PyObject *module, PyObject *code) {
    const char *name = PyModule_GetName(module);
    if (!name) PyErr_Clear();
    add_text(w, name ? name : "?");
    if (code && !(name && is_library(name))) add_namespace(w, code, PyModule_GetDict(module), code);
}

static void add_class(Walk *w, PyObject *object, PyObject *code) {
    PyTypeObject *cls = (PyTypeObject *)object;
    add_text(w, cls->tp_name);
    for (Py_ssize_t i = 0; code && cls->tp_mro && i < PyTuple_GET_SIZE(cls->tp_mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(cls->tp_mro, i);
        if (base->tp_flags & Py_TPFLAGS_HEAPTYPE && base->tp_dict)
            add_namespace(w, code, base->tp_dict, code);
    }
}

static void add_array(Walk *w, PyObject *object) {
    w->failed = w->failed || PyList_Append(w->arrays, object) < 0;
    PyObject *copy = PyArray_NewCopy((PyArrayObject *)object, NPY_CORDER);
    add_repr(w, (PyObject *)PyArray_DESCR((PyArrayObject *)object));
    for (int i = 0; i < PyArray_NDIM((PyArrayObject *)object); i++)
        add_int(w, PyArray_DIM((PyArrayObject *)object, i));
    if (copy)
        add_bytes(w, PyArray_DATA((PyArrayObject *)copy), (size_t)PyArray_NBYTES((PyArrayObject *)copy));
    else
        w->failed = true;
    Py_XDECREF(copy);
}

static void add_numpy_scalar(Walk *w, PyObject *scalar) {
    PyObject *bytes = PyObject_CallMethod(scalar, "tobytes", NULL);
    if (bytes && PyBytes_Check(bytes))
        add_bytes(w, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    else
        w->failed = true;
    Py_XDECREF(bytes);
}

/* The order of a set's items differs from process to process. */
static void add_set(Walk *w, PyObject *set) {
    PyObject *items = PySequence_List(set);
    for (Py_ssize_t i = 0; items && i < PyList_GET_SIZE(items); i++) {
        PyObject *text = PyObject_Repr(PyList_GET_ITEM(items, i));
        if (!text || PyList_SetItem(items, i, text) < 0) Py_CLEAR(items);
    }
    w->failed = w->failed || !items || PyList_Sort(items) < 0;
    for (Py_ssize_t i = 0; !w->failed && i < PyList_GET_SIZE(items); i++)
        add_str(w, PyList_GET_ITEM(items, i));
    Py_XDECREF(items);
}

static bool is_plain(PyObject *v) {
    return PyLong_CheckExact(v) || PyFloat_CheckExact(v) || PyComplex_CheckExact(v) || PyBool_Check(v) ||
           v == Py_None || v == Py_Ellipsis || PyArray_DescrCheck(v);
}

/* A C function, a ufunc, or what has no compiled form. */
static void add_named(Walk *w, PyObject *object) {
    PyObject *name = PyObject_GetAttrString(object, "__name__");
    if (!name) PyErr_Clear();
    add_str(w, name);
    Py_XDECREF(name);
}

static void add_static(Walk *w, PyObject *method, PyObject *code) {
    PyObject *function = PyObject_GetAttrString(method, "__func__");
    if (function)
        add_value(w, function, code);
    else
        w->failed = true;
    Py_XDECREF(function);
}

static void add_dispatcher(Walk *w, const Dispatcher *d) {
    add_options(w, d->options);
    add_value(w, d->function, NULL);
}

/* What users say that calls of the object mean. */
static void add_overloads(Walk *w, PyObject *v) {
    PyObject *functions = hl_overloads_of(v);
    for (Py_ssize_t i = 0; functions && PyList_Check(functions) && i < PyList_GET_SIZE(functions); i++)
        add_value(w, PyList_GET_ITEM(functions, i), NULL);
}

static void add_reached(Walk *w, PyObject *v, PyObject *code) {
    add_overloads(w, v);
    if (PyCode_Check(v))
        add_code(w, v);
    else if (PyFunction_Check(v))
        add_function(w, v);
    else if (Py_IS_TYPE(v, dispatcher_type))
        add_dispatcher(w, (Dispatcher *)v);
    else if (PyModule_Check(v))
        add_module(w, v, code);
    else if (PyType_Check(v))
        add_class(w, v, code);
    else if (Py_IS_TYPE(v, &PyStaticMethod_Type))
        add_static(w, v, code);
    else if (PyFrozenSet_CheckExact(v))
        add_set(w, v);
    else if (PyArray_CheckExact(v))
        add_array(w, v);
    else
        add_named(w, v);
}

/* code: whose names are looked up in modules and classes; NULL: none are. */
static void add_value(Walk *w, PyObject *v, PyObject *code) {
    if (w->failed) return;
    add_text(w, Py_TYPE(v)->tp_name);
    if (PyUnicode_Check(v))
        add_str(w, v);
    else if (PyBytes_CheckExact(v))
        add_bytes(w, PyBytes_AS_STRING(v), (size_t)PyBytes_GET_SIZE(v));
    else if (is_plain(v))
        add_repr(w, v);
    else if (PyArray_IsScalar(v, Generic))
        add_numpy_scalar(w, v);
    else if (PyTuple_CheckExact(v))
        add_items(w, v, code);
    else if (is_new(w, v, code))
        add_reached(w, v, code);
}

/* ---- this machine, this build ------------------------------------------------------------------------ */

/* The words of cpuid that name the processor and its features, as glibc has read them: the instruction itself takes
 * 10 µs in a virtual machine. */
static void add_cpu(Walk *w) {
    enum { EAX, EBX, ECX, EDX };
    static const struct {
        unsigned leaf, word;
    } words[] = {{CPUID_INDEX_1, EAX},       {CPUID_INDEX_1, ECX},        {CPUID_INDEX_1, EDX},
                 {CPUID_INDEX_7, EBX},       {CPUID_INDEX_7, ECX},        {CPUID_INDEX_7, EDX},
                 {CPUID_INDEX_7_ECX_1, EAX}, {CPUID_INDEX_80000001, ECX}, {CPUID_INDEX_80000001, EDX}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        add_int(w, __x86_get_cpuid_feature_leaf(words[i].leaf)->cpuid_array[words[i].word]);
    static const char *const variables[] = {"HOTLOOP_CPU_NAME", "HOTLOOP_CPU_FEATURES"};
    for (int i = 0; i < 2; i++) {
        const char *value = getenv(variables[i]);
        add_text(w, value ? value : "");
    }
}

static void add_file(Walk *w, const char *folder, const char *name) {
    Text path = {0};
    struct stat st;
    hl_text_printf(&path, "%s/%s", folder, name);
    if (stat(path.data, &st) == 0) {
        add_text(w, name);
        add_int(w, st.st_size);
        add_int(w, st.st_mtim.tv_sec);
        add_int(w, st.st_mtim.tv_nsec);
    }
    hl_text_free(&path);
}

/* The libraries and the prelude: what a rebuilt hotloop changes. The folder is that of this library. */
static void add_build(Walk *w) {
    Dl_info info;
    if (!dladdr(&hl_dispatch_init, &info) || !info.dli_fname) return;
    Text folder = {0};
    const char *slash = strrchr(info.dli_fname, '/');
    hl_text_printf(&folder, "%.*s", (int)(slash ? slash - info.dli_fname : 1), slash ? info.dli_fname : ".");
    static const char *const files[] = {"libhotloop.so", "libhotloop-llvm.so", "runtime.bc"};
    for (int i = 0; i < 3; i++)
        add_file(w, folder.data, files[i]);
    add_file(w, folder.data, slash ? slash + 1 : info.dli_fname);
    add_text(w, prelude_digest);
    hl_text_free(&folder);
}

static bool add_numpy_version(Walk *w) {
    PyObject *module = PyImport_ImportModule("numpy"),
             *version = module ? PyObject_GetAttrString(module, "__version__") : NULL;
    add_str(w, version);
    Py_XDECREF(module);
    Py_XDECREF(version);
    return version;
}

/* What is the same for every key of this process. */
static bool add_process(Walk *w) {
    static unsigned char digest[SHA256_NBYTES];
    static bool known;
    if (!known) {
        Walk own = {0};
        hl_sha256_init(&own.hash);
        add_int(&own, PY_VERSION_HEX);
        if (!add_numpy_version(&own)) return false;
        add_cpu(&own);
        add_build(&own);
        hl_sha256_end(&own.hash, digest);
        known = true;
    }
    add_bytes(w, digest, sizeof digest);
    return true;
}

bool cache_key(const Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *asked,
               unsigned char key[SHA256_NBYTES], PyObject **arrays) {
    Walk w = {.seen = PyDict_New(), .arrays = PyList_New(0)};
    hl_sha256_init(&w.hash);
    w.failed = !w.seen || !w.arrays || !add_process(&w);
    for (uint32_t i = 0; i < nargs && !w.failed; i++)
        if (types[i]->kind == TY_OBJECT_CONST && types[i]->object)
            add_value(&w, (PyObject *)types[i]->object, NULL);
        else
            add_text(&w, hl_type_text(types[i]));
    add_text(&w, asked ? hl_type_text(asked) : "");
    if (!w.failed) add_value(&w, (PyObject *)d, NULL);
    hl_sha256_end(&w.hash, key);
    Py_XDECREF(w.seen);
    PyErr_Clear();
    *arrays = w.arrays;
    return !w.failed;
}
