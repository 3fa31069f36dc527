/* host: what the compiler asks of Python (compile.h, Host), answered from CPython's objects.
 *
 * The only Python code that may run is the import of the prelude and of lazily loaded names of numpy and hotloop, and what
 * users register with overload().
 * Every object handed out is kept alive by the Compile (a list in c->host_data) until hl_python_detach.
 */
#include "bytecode/internal.h"

#include <numpy/arrayobject.h>

/* ---- references ---------------------------------------------------------------------------------------- */

bool hl_python_attach(Compile *c) {
    c->host = &hl_python_host;
    c->host_data = PyList_New(0);
    return c->host_data != NULL;
}

void hl_python_detach(Compile *c) {
    Py_CLEAR(c->host_data);
}

void hl_python_keep(Compile *c, PyObject *object) {
    if (PyList_Append(c->host_data, object) == 0) return;
    PyErr_Clear();
    Py_INCREF(object); /* out of memory: rather never free it than too early */
}

/* ---- functions behind callables ------------------------------------------------------------------------ */

static DispatcherUnwrap dispatcher_unwrap;

void hl_set_dispatcher_unwrap(DispatcherUnwrap unwrap) {
    dispatcher_unwrap = unwrap;
}

const void *hl_host_unwrap(Compile *c, PyObject *object, FuncOptions *options) {
    return dispatcher_unwrap ? dispatcher_unwrap(c, object, options) : NULL;
}

static Func *untyped(Compile *c, const void *function) {
    return hl_bytecode_ssa(c, function, NULL);
}

/* A plain function is compiled with its caller's options: *options is left as it is. NumPy's own are none of
 * those: what they do is known by name, or in the prelude. */
static const void *callee(Compile *c, const void *object, FuncOptions *options) {
    PyObject *callable = (PyObject *)object;
    bool plain = PyFunction_Check(callable) && strncmp(hl_python_name(callable), "numpy.", 6) != 0;
    const void *function = plain ? object : hl_host_unwrap(c, callable, options);
    if (function) hl_python_keep(c, (PyObject *)function);
    return function;
}

/* ---- overloads by users --------------------------------------------------------------------------------- */

static PyObject *overloads, *resolver;

void hl_set_overloads(PyObject *table, PyObject *callable) {
    Py_XSETREF(overloads, Py_NewRef(table));
    Py_XSETREF(resolver, Py_NewRef(callable));
}

/* Is hashing it nothing that its class could notice? */
static bool is_hashed_by_address(PyObject *object) {
    return Py_TYPE(object)->tp_hash == PyBaseObject_Type.tp_hash || PyCFunction_Check(object);
}

PyObject *hl_overloads_of(PyObject *object) {
    bool asks = overloads && object && is_hashed_by_address(object);
    PyObject *found = asks ? PyDict_GetItemWithError(overloads, object) : NULL;
    if (!found) PyErr_Clear(); /* an object that cannot be hashed */
    return found;
}

PyObject *hl_bc_global(const Code *code, PyObject *name) {
    PyObject *value = PyDict_GetItemWithError(code->function->func_globals, name);
    if (!value && PyDict_Check(code->function->func_builtins))
        value = PyDict_GetItemWithError(code->function->func_builtins, name);
    if (!value) PyErr_Clear();
    return value;
}

static PyObject *tuple_of_texts(const char *const *texts, uint32_t n) {
    PyObject *tuple = PyTuple_New(n);
    for (uint32_t i = 0; tuple && i < n; i++) {
        PyObject *text = PyUnicode_FromString(texts[i]);
        if (text)
            PyTuple_SET_ITEM(tuple, i, text);
        else
            Py_CLEAR(tuple);
    }
    return tuple;
}

const char *hl_bc_take_error(const char *other) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    const char *found = text ? hl_bc_text(text) : other;
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return found;
}

static const void *overload(Compile *c, const void *object, const Type *const *types, uint32_t n,
                            const char *const *kwnames, uint32_t nkw, const char **why) {
    *why = NULL;
    if (!hl_overloads_of((PyObject *)object)) return NULL;
    const char **texts = hl_new_array(&c->arena, const char *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        texts[i] = hl_type_text(types[i]);
    PyObject *args = tuple_of_texts(texts, n), *names = tuple_of_texts(kwnames, nkw);
    PyObject *found =
        args && names ? PyObject_CallFunctionObjArgs(resolver, (PyObject *)object, args, names, NULL) : NULL;
    Py_XDECREF(args);
    Py_XDECREF(names);
    if (!found) *why = hl_bc_take_error("its overload failed");
    if (found && PyFunction_Check(found)) hl_python_keep(c, found);
    bool is_function = found && PyFunction_Check(found);
    Py_XDECREF(found);
    return is_function ? found : NULL;
}

/* ---- the prelude --------------------------------------------------------------------------------------- */

static PyObject *prelude_table; /* name -> function, or the name of the module that registers it */

bool hl_register_prelude(PyObject *name, PyObject *value) {
    return PyDict_SetItem(prelude_table, name, value) == 0;
}

static void import_module(PyObject *name) {
    PyObject *module = PyImport_Import(name);
    if (!module && PyErr_ExceptionMatches(PyExc_ModuleNotFoundError)) PyErr_Clear();
    if (!module && PyErr_Occurred()) PyErr_WriteUnraisable(name);
    Py_XDECREF(module);
}

/* Remembered only once it is done: a second thread that asks meanwhile waits for the import's own lock. */
static void import_prelude(void) {
    static bool imported;
    if (imported) return;
    PyObject *name = PyUnicode_FromString("hotloop.prelude");
    if (name) import_module(name);
    Py_XDECREF(name);
    imported = true;
}

/* The function registered under a name, loading the module that is said to register it. Borrowed. */
static PyObject *find_prelude(PyObject *name) {
    PyObject *value = PyDict_GetItemWithError(prelude_table, name);
    if (value && PyUnicode_Check(value)) {
        import_module(value);
        value = PyDict_GetItemWithError(prelude_table, name);
    }
    return value && PyFunction_Check(value) ? value : NULL;
}

static const void *prelude(Compile *c, const char *name) {
    import_prelude();
    PyObject *key = PyUnicode_FromString(name);
    PyObject *function = key ? find_prelude(key) : NULL;
    if (function) hl_python_keep(c, function);
    Py_XDECREF(key);
    PyErr_Clear();
    return function;
}

static bool is_passing(Compile *c, const void *function) {
    const Inner *inner = hl_map_get(&c->inner_functions, (uintptr_t)function);
    return inner && inner->passing;
}

static bool is_prelude(Compile *c, const void *function) {
    (void)c;
    PyObject *name = PyDict_GetItemString(((const PyFunctionObject *)function)->func_globals, "__name__");
    return name && PyUnicode_Check(name) && strncmp(hl_bc_text(name), "hotloop.prelude", 15) == 0;
}

/* ---- attributes of constants --------------------------------------------------------------------------- */

/* numpy loads some of its submodules when they are first asked for, hotloop (also under Numba's name) its names. */
static PyObject *lazy_attribute(PyObject *module, const char *name) {
    static const char *const lazy[] = {"numpy", "hotloop", "numba"};
    const char *module_name = PyModule_GetName(module);
    bool is_lazy = false;
    for (size_t i = 0; module_name && i < sizeof lazy / sizeof *lazy; i++) {
        size_t len = strlen(lazy[i]);
        is_lazy |=
            strncmp(module_name, lazy[i], len) == 0 && (module_name[len] == 0 || module_name[len] == '.');
    }
    PyObject *value = is_lazy ? PyObject_GetAttrString(module, name) : NULL;
    PyErr_Clear();
    return value;
}

static PyObject *module_attribute(PyObject *module, const char *name) {
    PyObject *value = PyDict_GetItemString(PyModule_GetDict(module), name);
    return value ? Py_NewRef(value) : lazy_attribute(module, name);
}

/* A plain value, a function or a static method found in the classes of the MRO; no descriptor of any other
 * kind. */
static PyObject *class_attribute(PyTypeObject *type, const char *name) {
    if (Py_TYPE(type)->tp_getattro != PyType_Type.tp_getattro) return NULL;
    PyObject *value = NULL;
    for (Py_ssize_t i = 0; !value && type->tp_mro && i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i);
        value = base->tp_dict ? PyDict_GetItemString(base->tp_dict, name) : NULL;
    }
    if (!value) return NULL;
    if (Py_IS_TYPE(value, &PyStaticMethod_Type))
        return PyStaticMethod_Type.tp_descr_get(value, NULL, (PyObject *)type);
    return PyFunction_Check(value) || !Py_TYPE(value)->tp_descr_get ? Py_NewRef(value) : NULL;
}

static HostValue get_attribute(Compile *c, const void *object, const char *name) {
    PyObject *owner = (PyObject *)object, *value = NULL;
    if (PyModule_Check(owner)) value = module_attribute(owner, name);
    if (PyType_Check(owner)) value = class_attribute((PyTypeObject *)owner, name);
    if (!value) return (HostValue){0};
    HostValue result = hl_host_value(c, value);
    hl_python_keep(c, value);
    Py_DECREF(value);
    return result;
}

/* ---- classes, descriptions ----------------------------------------------------------------------------- */

static bool is_exception_class(Compile *c, const void *object) {
    (void)c;
    return PyExceptionClass_Check((PyObject *)object);
}

static bool inherits(PyTypeObject *metaclass, const char *name) {
    PyObject *own = PyObject_GetAttrString((PyObject *)metaclass, name);
    PyObject *common = PyObject_GetAttrString((PyObject *)&PyType_Type, name);
    bool same = own && own == common;
    PyErr_Clear();
    Py_XDECREF(own);
    Py_XDECREF(common);
    return same;
}

/* Abstract classes (numbers.Number) are asked; other metaclasses may answer as they like, and otherwise at each call. */
static bool decides_alike(const void *class_) {
    PyTypeObject *metaclass = Py_TYPE((PyObject *)class_);
    if (!PyType_Check((PyObject *)class_)) return false;
    bool plain = inherits(metaclass, "__instancecheck__") && inherits(metaclass, "__subclasscheck__");
    return plain || strcmp(metaclass->tp_name, "ABCMeta") == 0;
}

static PyObject *class_object(const HostClass *own) {
    if (own->object) return Py_NewRef((PyObject *)own->object);
    PyObject *home = PyImport_ImportModule(own->module);
    PyObject *class_ = home ? PyObject_GetAttrString(home, own->name) : NULL;
    PyErr_Clear();
    Py_XDECREF(home);
    return class_;
}

static int is_subclass(Compile *c, const HostClass *own, const void *of) {
    (void)c;
    if (!decides_alike(of)) return -1;
    PyObject *class_ = class_object(own);
    int answer = class_ ? PyObject_IsSubclass(class_, (PyObject *)of) : -1;
    PyErr_Clear();
    Py_XDECREF(class_);
    return answer;
}

static HostValue class_value(Compile *c, const HostClass *own) {
    PyObject *class_ = class_object(own);
    HostValue value = class_ ? hl_host_value(c, class_) : (HostValue){0};
    Py_XDECREF(class_); /* its module keeps it */
    return value;
}

/* "function f" "class C" "module numpy" "numpy.tanh" "list": the canonical name, as a sentence says it. */
static const char *describe(Compile *c, const void *object) {
    const char *name = hl_python_name((PyObject *)object), *colon = strchr(name, ':');
    if (!colon) return name;
    if (strncmp(name, "object:", 7) == 0) return hl_intern(colon + 1);
    if (strncmp(name, "numpy.dtype:", 12) == 0) return hl_intern("dtype");
    return hl_intern(hl_arena_printf(&c->arena, "%.*s %s", (int)(colon - name), name, colon + 1));
}

/* ---- functions that look at their caller's frame ----------------------------------------------------------- */

static const struct {
    const char *module, *name;
    bool only_bare; /* only without arguments */
    const char *words;
} frame_readers[] = {
    {"builtins", "locals", false, "the local variables"},
    {"builtins", "globals", false, "the globals"},
    {"builtins", "vars", true, "the local variables"},
    {"builtins", "dir", true, "the local variables"},
    {"builtins", "eval", false, "the local variables"},
    {"builtins", "exec", false, "the local variables"},
    {"sys", "_getframe", false, "the frame"},
    {"inspect", "currentframe", false, "the frame"},
    {"inspect", "stack", false, "the frame"},
};

static const char *reads_frame(Compile *c, const void *object, uint32_t nargs) {
    (void)c;
    for (size_t i = 0; i < sizeof frame_readers / sizeof *frame_readers; i++) {
        PyObject *module = hl_bc_loaded_module(frame_readers[i].module, false);
        PyObject *known = module ? PyObject_GetAttrString(module, frame_readers[i].name) : NULL;
        if (!known) PyErr_Clear();
        Py_XDECREF(known);
        if (known == object && known && !(frame_readers[i].only_bare && nargs)) return frame_readers[i].words;
    }
    return NULL;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

static const void *kept(Compile *c, PyObject *object) {
    if (!object) {
        PyErr_Clear();
        return NULL;
    }
    hl_python_keep(c, object);
    Py_DECREF(object);
    return object;
}

static const void *object_of(Compile *c, const Type *type) {
    switch ((int)type->kind) {
    case TY_NONE: return Py_None;
    case TY_ELLIPSIS: return Py_Ellipsis;
    case TY_LIT_BOOL: return type->value ? Py_True : Py_False;
    case TY_LIT_INT: return kept(c, PyLong_FromLongLong(type->value));
    case TY_STR: return kept(c, PyUnicode_InternFromString(type->name));
    case TY_OBJECT_CONST: return type->object;
    default: return NULL;
    }
}

static PyObject *named_callable(const char *name) {
    if (strncmp(name, "str.", 4) == 0) return PyObject_GetAttrString((PyObject *)&PyUnicode_Type, name + 4);
    return Py_XNewRef(PyDict_GetItemString(PyEval_GetBuiltins(), name));
}

static HostValue fold(Compile *c, const char *name, const Type *const *args, uint32_t n) {
    PyObject *callable = named_callable(name), *operands = PyTuple_New(n);
    for (uint32_t i = 0; operands && i < n; i++)
        PyTuple_SET_ITEM(operands, i, Py_XNewRef((PyObject *)object_of(c, args[i])));
    PyObject *result = callable && operands ? PyObject_Call(callable, operands, NULL) : NULL;
    HostValue value = {0};
    if (result) value = hl_host_value(c, result);
    if (value.type && (value.type->kind == TY_OBJECT_CONST || value.type->kind == TY_ARRAY))
        value.type = NULL;
    PyErr_Clear();
    Py_XDECREF(callable);
    Py_XDECREF(operands);
    Py_XDECREF(result);
    return value;
}

static const void *names_object(Compile *c, const char *const *names, uint32_t n) {
    PyObject *tuple = PyTuple_New(n);
    for (uint32_t i = 0; tuple && i < n; i++) {
        PyObject *name = PyUnicode_InternFromString(names[i]);
        if (name)
            PyTuple_SET_ITEM(tuple, i, name);
        else
            Py_CLEAR(tuple);
    }
    return kept(c, tuple);
}

/* Since NumPy 2.5 it is. */
static bool array_is_sequence(void) {
    return PyType_HasFeature(&PyArray_Type, Py_TPFLAGS_SEQUENCE);
}

static const Type *nothing_observed(Compile *c, uint32_t offset, uint32_t which) {
    (void)c;
    (void)offset;
    (void)which;
    return NULL;
}

const Host hl_python_host = {
    .python = PY_MAJOR_VERSION * 100 + PY_MINOR_VERSION,
    .untyped = untyped,
    .signature = hl_host_signature,
    .callee = callee,
    .overload = overload,
    .prelude = prelude,
    .generator = hl_bc_generator,
    .is_passing = is_passing,
    .is_prelude = is_prelude,
    .object_of = object_of,
    .fold = fold,
    .names_object = names_object,
    .function_parts = hl_bc_function_parts,
    .function_constant = hl_bc_function_constant,
    .observed = nothing_observed,
    .getattr = get_attribute,
    .array_is_sequence = array_is_sequence,
    .array_data = hl_host_array_data,
    .named_tuple = hl_host_named_tuple,
    .is_exception_class = is_exception_class,
    .is_subclass = is_subclass,
    .class_value = class_value,
    .reads_frame = reads_frame,
    .describe = describe,
};

static int load_numpy(void) {
    import_array1(-1);
    return 0;
}

bool hl_bytecode_init(void) {
    if (load_numpy() < 0 || !hl_names_init()) return false;
    if (!prelude_table) prelude_table = PyDict_New();
    return prelude_table != NULL;
}
