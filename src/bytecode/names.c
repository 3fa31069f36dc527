/* names: the canonical name of an object that is no value, by which inference knows what it is.
 *
 *   "numpy.tanh", "numpy.linalg.norm", "math.sin", "builtins.len", "builtins.ValueError", "numpy.float32",
 *   "hotloop.prange", "numpy.dtype:f32", "module:numpy", "function:<qualname>", "class:<qualname>",
 *   "object:<type name>"
 *
 * A plain name is trusted: inference replaces the object by what it knows under that name. So an object gets
 * one only if the module of that name holds this very object under that very name, and if it is written in C
 * or its Python code has the globals of a module of numpy or hotloop. A user's function never gets one,
 * whatever its __module__ says, nor what somebody else stored into numpy. An exception class of the user is
 * "module.Class", never within those modules' names.
 */
#include "bytecode/internal.h"

#define NO_IMPORT_ARRAY
#include <numpy/arrayobject.h>

static PyTypeObject *ufunc_type, *array_function_type;

static PyTypeObject *type_of_attribute(PyObject *module, const char *name) {
    PyObject *object = PyObject_GetAttrString(module, name);
    PyTypeObject *type = object ? (PyTypeObject *)Py_NewRef((PyObject *)Py_TYPE(object)) : NULL;
    Py_XDECREF(object);
    return type;
}

bool hl_names_init(void) {
    PyObject *numpy = PyImport_ImportModule("numpy");
    if (!numpy) return false;
    ufunc_type = type_of_attribute(numpy, "add");
    array_function_type = type_of_attribute(numpy, "sum");
    Py_DECREF(numpy);
    return ufunc_type && array_function_type;
}

/* ---- modules ------------------------------------------------------------------------------------------- */

/* The dict of an imported module, borrowed; NULL when there is none. */
static PyObject *module_dict(const char *name) {
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), name);
    return module && PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
}

PyObject *hl_bc_loaded_module(const char *name, bool whole) {
    PyObject *modules = PyImport_GetModuleDict(), *module = PyDict_GetItemString(modules, name);
    const char *dot = strchr(name, '.');
    if (module && whole && dot)
        module = PyDict_GetItemString(modules, hl_intern_n(name, (size_t)(dot - name)));
    return module && PyModule_Check(module) ? module : NULL;
}

static bool is_within(const char *name, const char *package) {
    size_t len = strlen(package);
    return strncmp(name, package, len) == 0 && (name[len] == 0 || name[len] == '.');
}

static bool holds(const char *module, const char *name, PyObject *object) {
    PyObject *dict = module_dict(module);
    return dict && PyDict_GetItemString(dict, name) == object;
}

/* Cuts a dotted module name before its first private part: numpy._core.numeric is numpy, and so is what NumPy 1 calls
 * numpy.random.mtrand part of numpy.random. */
static const char *public_part(const char *module) {
    if (strcmp(module, "numpy.random.mtrand") == 0) return "numpy.random";
    for (const char *at = module; *at; at++)
        if (at[0] == '.' && at[1] == '_') return hl_intern_n(module, (size_t)(at - module));
    return module[0] == '_' ? module + 1 : module; /* _operator is operator */
}

/* "module.name" where the public module, or the module itself, holds this very object under this name; else
 * NULL. */
static const char *name_where_found(const char *module, const char *name, PyObject *object) {
    const char *candidates[] = {public_part(module), module};
    for (int i = 0; i < 2; i++) {
        if (!holds(candidates[i], name, object)) continue;
        Text text = {0};
        hl_text_printf(&text, "%s.%s", candidates[i], name);
        const char *found = hl_intern(text.data);
        hl_text_free(&text);
        return found;
    }
    return NULL;
}

static const char *prefixed(const char *prefix, const char *name) {
    Text text = {0};
    hl_text_printf(&text, "%s:%s", prefix, name);
    const char *interned = hl_intern(text.data);
    hl_text_free(&text);
    return interned;
}

/* ---- attributes of C-level objects --------------------------------------------------------------------- */

/* A str attribute as interned text, or NULL. Only for objects of C types: theirs are not Python code. */
static const char *text_attribute(PyObject *object, const char *attribute) {
    PyObject *value = PyObject_GetAttrString(object, attribute);
    const char *text = value && PyUnicode_Check(value) ? hl_bc_text(value) : NULL;
    Py_XDECREF(value);
    PyErr_Clear();
    return text;
}

/* By __module__ and __name__, verified by looking it up. */
static const char *name_by_attributes(PyObject *object) {
    const char *module = text_attribute(object, "__module__"), *name = text_attribute(object, "__name__");
    return module && name ? name_where_found(module, name, object) : NULL;
}

static bool type_is_named(PyObject *object, const char *suffix) {
    const char *name = Py_TYPE(object)->tp_name;
    size_t len = strlen(name), suffix_len = strlen(suffix);
    return len >= suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

/* Functions written in C: builtins, Cython's, NumPy's dispatched ones, methods bound to an instance of C
 * code. */
static bool is_c_function(PyObject *object) {
    if (PyCFunction_Check(object) || Py_IS_TYPE(object, array_function_type)) return true;
    if (PyMethod_Check(object))
        return !PyFunction_Check(PyMethod_GET_FUNCTION(object)) &&
               is_c_function(PyMethod_GET_FUNCTION(object));
    return type_is_named(object, "cython_function_or_method") &&
           Py_TYPE(object)->tp_getattro == PyObject_GenericGetAttr;
}

/* The object whose method this is, borrowed; NULL when it is no method of an object. */
static PyObject *bound_object(PyObject *object) {
    PyObject *self = PyMethod_Check(object)      ? PyMethod_GET_SELF(object)
                     : PyCFunction_Check(object) ? PyCFunction_GET_SELF(object)
                                                 : NULL;
    return self && !PyModule_Check(self) ? self : NULL;
}

/* "random.gauss": a method of the generator behind the module's functions, which C code or Python code may implement.
 * Other objects have such methods too, so it is theirs only by the object it is bound to. */
static const char *random_name(PyObject *object) {
    PyObject *self = bound_object(object), *c_module = module_dict("_random");
    PyObject *class = c_module ? PyDict_GetItemString(c_module, "Random") : NULL;
    if (!self || !holds("random", "_inst", self) || !class || !PyType_Check(class) ||
        !PyObject_TypeCheck(self, (PyTypeObject *)class))
        return NULL;
    PyObject *function = PyMethod_Check(object) ? PyMethod_GET_FUNCTION(object) : object;
    const char *name = text_attribute(function, "__name__");
    return name ? name_where_found("random", name, object) : NULL;
}

/* A function's name within its module; the methods among NumPy's random functions are those of its own generator. */
static const char *c_function_name(PyObject *object) {
    const char *name = name_by_attributes(object);
    bool is_random = name && strncmp(name, "numpy.random.", 13) == 0 && bound_object(object);
    return is_random && !holds("numpy.random.mtrand", "_rand", bound_object(object)) ? NULL : name;
}

/* ---- by kind of object --------------------------------------------------------------------------------- */

/* Are these the globals of a module of numpy or hotloop? */
static bool is_trusted_globals(PyObject *globals) {
    PyObject *name = PyDict_GetItemString(globals, "__name__");
    if (!name || !PyUnicode_Check(name)) return false;
    const char *text = hl_bc_text(name);
    return (is_within(text, "numpy") || is_within(text, "hotloop")) && module_dict(text) == globals;
}

static const char *function_name(PyObject *object) {
    PyFunctionObject *function = (PyFunctionObject *)object;
    const char *qualname = hl_bc_text(function->func_qualname), *name = NULL;
    if (is_trusted_globals(function->func_globals) && function->func_module &&
        PyUnicode_Check(function->func_module))
        name = name_where_found(hl_bc_text(function->func_module), qualname, object);
    return name ? name : prefixed("function", qualname);
}

static const char *numpy_scalar_class(PyTypeObject *type) {
    PyArray_Descr *descr = PyArray_DescrFromTypeObject((PyObject *)type);
    PyErr_Clear();
    const Type *element = descr && descr->typeobj == type ? hl_dtype_type((PyObject *)descr) : NULL;
    Py_XDECREF(descr);
    if (!element) return NULL;
    static const char *const names[TY_COUNT] = {
        [TY_B1] = "numpy.bool",       [TY_I8] = "numpy.int8",         [TY_I16] = "numpy.int16",
        [TY_I32] = "numpy.int32",     [TY_I64] = "numpy.int64",       [TY_U8] = "numpy.uint8",
        [TY_U16] = "numpy.uint16",    [TY_U32] = "numpy.uint32",      [TY_U64] = "numpy.uint64",
        [TY_F16] = "numpy.float16",   [TY_F32] = "numpy.float32",     [TY_F64] = "numpy.float64",
        [TY_C64] = "numpy.complex64", [TY_C128] = "numpy.complex128",
    };
    return names[element->kind];
}

/* No exception class of a user gets a name in these. */
static bool is_reserved(const char *module) {
    return strcmp(module, "builtins") == 0 || is_within(module, "numpy") || is_within(module, "hotloop");
}

/* The str in a class's own dict, or NULL; never a descriptor of a metaclass. */
static const char *class_text(PyTypeObject *type, const char *key) {
    PyObject *value = type->tp_dict ? PyDict_GetItemString(type->tp_dict, key) : NULL;
    return value && PyUnicode_Check(value) ? hl_bc_text(value) : NULL;
}

static const char *class_qualname(PyTypeObject *type) {
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) return hl_bc_text(((PyHeapTypeObject *)type)->ht_qualname);
    const char *dot = strrchr(type->tp_name, '.');
    return hl_intern(dot ? dot + 1 : type->tp_name);
}

static const char *class_module(PyTypeObject *type) {
    const char *module = class_text(type, "__module__");
    if (module) return module;
    const char *dot = strrchr(type->tp_name, '.');
    return dot ? hl_intern_n(type->tp_name, (size_t)(dot - type->tp_name)) : "builtins";
}

static const char *class_name(PyObject *object) {
    PyTypeObject *type = (PyTypeObject *)object;
    const char *scalar = PyType_IsSubtype(type, &PyGenericArrType_Type) ? numpy_scalar_class(type) : NULL;
    if (scalar) return scalar;
    const char *module = class_module(type), *qualname = class_qualname(type);
    const char *name = name_where_found(module, qualname, object);
    bool in_c = !(type->tp_flags & Py_TPFLAGS_HEAPTYPE);
    if (name && (in_c || (is_reserved(module) && strcmp(module, "builtins") != 0))) return name;
    if (!PyExceptionClass_Check(object) || is_reserved(module)) return prefixed("class", qualname);
    Text text = {0};
    hl_text_printf(&text, "%s.%s", module, qualname);
    const char *interned = hl_intern(text.data);
    hl_text_free(&text);
    return interned;
}

static const char *dtype_name(PyObject *object) {
    const Type *element = hl_dtype_type(object);
    return element ? prefixed("numpy.dtype", hl_type_text(element)) : NULL;
}

static const char *module_name(PyObject *object) {
    const char *name = PyModule_GetName(object);
    PyErr_Clear();
    return prefixed("module", name ? name : "?");
}

/* The type of an object without the module it comes from; an array has a form unless its dtype has none. */
static const char *object_name(PyObject *object) {
    const char *name = Py_TYPE(object)->tp_name, *dot = strrchr(name, '.');
    if (!PyArray_CheckExact(object)) return prefixed("object", dot ? dot + 1 : name);
    PyObject *words = PyUnicode_FromFormat("array of dtype %S", PyArray_DESCR((PyArrayObject *)object));
    const char *result = prefixed("object", words ? hl_bc_text(words) : name);
    Py_XDECREF(words);
    PyErr_Clear();
    return result;
}

/* The NumPy scalar class that a number type of hotloop's (hotloop.float32, called to convert) stands for, borrowed. */
static PyObject *scalar_class_of_type(PyObject *object) {
    static const char home[] = "hotloop.core.types.";
    const char *module = class_module(Py_TYPE(object));
    if (strncmp(module, home, sizeof home - 1) != 0) return NULL;
    const char *name = text_attribute(object, "name");
    PyObject *numpy = module_dict("numpy");
    PyObject *class = name && numpy ? PyDict_GetItemString(numpy, name) : NULL;
    return class && PyType_Check(class) ? class : NULL;
}

const char *hl_python_name(PyObject *object) {
    PyObject *scalar = scalar_class_of_type(object);
    if (scalar) object = scalar;
    const char *name = NULL;
    if (PyFunction_Check(object)) return function_name(object);
    if (PyType_Check(object)) return class_name(object);
    if (PyModule_Check(object)) return module_name(object);
    const void *behind = hl_host_unwrap(NULL, object, &(FuncOptions){0});
    if (behind) return prefixed("function", hl_bc_text(((const PyFunctionObject *)behind)->func_qualname));
    if (PyArray_DescrCheck(object)) name = dtype_name(object);
    if (Py_IS_TYPE(object, ufunc_type)) {
        const char *own = text_attribute(object, "__name__");
        if (own) name = name_where_found("numpy", own, object);
    } else if (!name) {
        name = random_name(object);
        if (!name && is_c_function(object)) name = c_function_name(object);
    }
    return name ? name : object_name(object);
}
