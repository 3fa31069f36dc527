/* Operations on objects that only Python has (FOREIGN_ONLY), and those on its names, cells and functions: dict and set displays,
 * globals, imports, inner functions, match.
 *
 * Called with the GIL by object.c; NULL with an exception.
 */
#include "dispatch/internal.h"

#include <string.h>

static PyObject *none_if(int status) {
    if (status < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- cells and functions ------------------------------------------------------------------------------- */

/* words: "NameError:cannot access ...". */
static PyObject *raise_unbound(PyObject *words) {
    const char *text = PyUnicode_AsUTF8(words), *colon = text ? strchr(text, ':') : NULL;
    bool is_name = colon && !strncmp(text, "NameError", 9);
    if (colon) PyErr_SetString(is_name ? PyExc_NameError : PyExc_UnboundLocalError, colon + 1);
    return NULL;
}

static PyObject *cell_get(PyObject *cell, PyObject *words) {
    PyObject *value = PyCell_Get(cell);
    return value ? value : raise_unbound(words);
}

static PyObject *cell_delete(PyObject *cell, PyObject *words) {
    if (!PyCell_GET(cell)) return raise_unbound(words);
    return none_if(PyCell_Set(cell, NULL));
}

/* source: see hl_bc_function_parts. */
static PyObject *cell_from(PyObject *source, PyObject **captures) {
    if (PyCell_Check(source)) return Py_NewRef(source);
    long which = PyLong_AsLong(source);
    PyObject *captured = captures[which / 2];
    return which % 2 ? Py_NewRef(captured) : PyCell_New(captured);
}

static bool set_closure(PyObject *function, PyObject *sources, PyObject **captures) {
    Py_ssize_t n = PyTuple_GET_SIZE(sources);
    PyObject *closure = n ? PyTuple_New(n) : NULL;
    if (!closure) return n == 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *cell = cell_from(PyTuple_GET_ITEM(sources, i), captures);
        if (!cell) break;
        PyTuple_SET_ITEM(closure, i, cell);
    }
    bool good = !PyErr_Occurred() && PyFunction_SetClosure(function, closure) == 0;
    Py_DECREF(closure);
    return good;
}

/* The defaults of the last positional parameters: those there are. */
static bool set_defaults(PyObject *function, const PyCodeObject *code, PyObject **defaults) {
    int first = code->co_argcount;
    while (first > 0 && defaults[first - 1])
        first--;
    if (first == code->co_argcount) return true;
    PyObject *tuple = PyTuple_New(code->co_argcount - first);
    for (int i = first; tuple && i < code->co_argcount; i++)
        PyTuple_SET_ITEM(tuple, i - first, Py_NewRef(defaults[i]));
    bool good = tuple && PyFunction_SetDefaults(function, tuple) == 0;
    Py_XDECREF(tuple);
    return good;
}

/* `names` are those of the keyword-only parameters in the code. */
static bool set_kw_defaults(PyObject *function, const PyCodeObject *code, PyObject **defaults) {
    PyObject *dict = NULL;
    bool good = true;
    for (int i = 0; good && i < code->co_kwonlyargcount; i++) {
        if (!defaults[i]) continue;
        if (!dict) dict = PyDict_New();
        PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, code->co_argcount + i);
        good = dict && PyDict_SetItem(dict, name, defaults[i]) == 0;
    }
    if (good && dict) good = PyObject_SetAttrString(function, "__kwdefaults__", dict) == 0;
    Py_XDECREF(dict);
    return good;
}

/* x: the parts, a default for each parameter (*args included, behind the positional ones), the captures. */
static PyObject *make_function(Dispatcher *d, PyObject **x) {
    PyObject *object = PyTuple_GET_ITEM(x[0], 0), *sources = PyTuple_GET_ITEM(x[0], 2);
    const PyCodeObject *code = (const PyCodeObject *)object;
    PyObject **defaults = x + 1, **keywords = defaults + code->co_argcount + !!(code->co_flags & CO_VARARGS);
    PyObject *function = PyFunction_New(object, PyTuple_GET_ITEM(x[0], 1));
    bool good = function && set_defaults(function, code, defaults) &&
                set_kw_defaults(function, code, keywords) &&
                set_closure(function, sources, keywords + code->co_kwonlyargcount);
    if (!good) Py_CLEAR(function);
    if (function) escaped_attach(d, function);
    return function;
}

/* ---- displays ------------------------------------------------------------------------------------------ */

static PyObject *dict_of(PyObject **x, int64_t n) {
    PyObject *dict = PyDict_New();
    for (int64_t i = 0; dict && i < n; i += 2)
        if (PyDict_SetItem(dict, x[i], x[i + 1]) < 0) Py_CLEAR(dict);
    return dict;
}

static PyObject *set_of(PyObject **x, int64_t n) {
    PyObject *set = PySet_New(NULL);
    for (int64_t i = 0; set && i < n; i++)
        if (PySet_Add(set, x[i]) < 0) Py_CLEAR(set);
    return set;
}

static PyObject *set_update(PyObject *set, PyObject *iterable) {
    PyObject *iterator = PyObject_GetIter(iterable), *item = NULL;
    if (!iterator) return NULL;
    while ((item = PyIter_Next(iterator))) {
        int status = PySet_Add(set, item);
        Py_DECREF(item);
        if (status < 0) break;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *dict_update(PyObject *dict, PyObject *more) {
    if (PyDict_Update(dict, more) == 0) Py_RETURN_NONE;
    if (PyErr_ExceptionMatches(PyExc_AttributeError))
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not a mapping", Py_TYPE(more)->tp_name);
    return NULL;
}

/* One more keyword argument; false with an exception. */
static bool add_keyword(PyObject *dict, PyObject *key, PyObject *value, PyObject *callee) {
    int again = PyDict_Contains(dict, key);
    if (!again) return PyDict_SetItem(dict, key, value) == 0;
    PyObject *name = again > 0 ? object_callable_name(callee) : NULL;
    if (name && PyUnicode_Check(key))
        PyErr_Format(PyExc_TypeError, "%U got multiple values for keyword argument '%S'", name, key);
    else if (name)
        PyErr_Format(PyExc_TypeError, "%U keywords must be strings", name);
    Py_XDECREF(name);
    return false;
}

static void raise_no_mapping(PyObject *more, PyObject *callee) {
    PyObject *name = object_callable_name(callee);
    if (name)
        PyErr_Format(PyExc_TypeError, "%U argument after ** must be a mapping, not %.200s", name,
                     Py_TYPE(more)->tp_name);
    Py_XDECREF(name);
}

static PyObject *dict_merge(PyObject *dict, PyObject *more, PyObject *callee) {
    PyObject *keys = PyMapping_Keys(more), *iterator = keys ? PyObject_GetIter(keys) : NULL, *key;
    if (!keys && PyErr_ExceptionMatches(PyExc_AttributeError)) raise_no_mapping(more, callee);
    bool good = iterator != NULL;
    while (good && (key = PyIter_Next(iterator))) {
        PyObject *value = PyObject_GetItem(more, key);
        good = value && add_keyword(dict, key, value, callee);
        Py_XDECREF(value);
        Py_DECREF(key);
    }
    Py_XDECREF(iterator);
    Py_XDECREF(keys);
    return good && !PyErr_Occurred() ? Py_NewRef(Py_None) : NULL;
}

/* ---- names --------------------------------------------------------------------------------------------- */

static PyObject *delete_global(const Dispatcher *d, PyObject *name) {
    if (PyDict_DelItem(d->globals, name) == 0) Py_RETURN_NONE;
    if (PyErr_ExceptionMatches(PyExc_KeyError))
        PyErr_Format(PyExc_NameError, "name '%U' is not defined", name);
    return NULL;
}

/* __import__ as the function's builtins have it. */
static PyObject *import(const Dispatcher *d, PyObject *level, PyObject *names, PyObject *module) {
    PyObject *builtins = ((PyFunctionObject *)d->function)->func_builtins,
             *key = PyUnicode_FromString("__import__");
    PyObject *function = key ? PyObject_GetItem(builtins, key) : NULL, *result = NULL;
    Py_XDECREF(key);
    if (!function && PyErr_ExceptionMatches(PyExc_KeyError))
        PyErr_SetString(PyExc_ImportError, "__import__ not found");
    PyObject *args[] = {module, d->globals, Py_None, names, level};
    if (function) result = PyObject_Vectorcall(function, args, 5, NULL);
    Py_XDECREF(function);
    return result;
}

static PyObject *raise_no_name(PyObject *module, PyObject *name) {
    PyObject *package = PyObject_GetAttrString(module, "__name__");
    if (!package) PyErr_Clear();
    PyObject *file = PyObject_GetAttrString(module, "__file__");
    if (!file) PyErr_Clear();
    if (file)
        PyErr_Format(PyExc_ImportError, "cannot import name %R from %R (%S)", name,
                     package ? package : module, file);
    else
        PyErr_Format(PyExc_ImportError, "cannot import name %R from %R (unknown location)", name,
                     package ? package : module);
    Py_XDECREF(package);
    Py_XDECREF(file);
    return NULL;
}

/* A submodule that is being imported is no attribute of its package yet. */
static PyObject *submodule(PyObject *module, PyObject *name) {
    PyObject *package = PyObject_GetAttrString(module, "__name__");
    PyObject *full = package ? PyUnicode_FromFormat("%S.%U", package, name) : NULL;
    PyErr_Clear();
    PyObject *found = full ? PyImport_GetModule(full) : NULL;
    Py_XDECREF(full);
    Py_XDECREF(package);
    return found || PyErr_Occurred() ? found : raise_no_name(module, name);
}

static PyObject *import_from(PyObject *module, PyObject *name) {
    PyObject *value = PyObject_GetAttr(module, name);
    if (value || !PyErr_ExceptionMatches(PyExc_AttributeError)) return value;
    PyErr_Clear();
    return submodule(module, name);
}

static PyObject *build_class(const Dispatcher *d) {
    PyObject *key = PyUnicode_FromString("__build_class__"), *found = NULL;
    if (key) found = PyObject_GetItem(((PyFunctionObject *)d->function)->func_builtins, key);
    Py_XDECREF(key);
    return found;
}

/* ---- match --------------------------------------------------------------------------------------------- */

/* As CPython's MATCH_KEYS: get() with a default of its own, so that a defaultdict makes no items. */
static PyObject *match_keys(PyObject *map, PyObject *keys) {
    PyObject *seen = PySet_New(NULL), *missing = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    PyObject *get = missing ? PyObject_GetAttrString(map, "get") : NULL;
    PyObject *values = get ? PyTuple_New(PyTuple_GET_SIZE(keys)) : NULL;
    for (Py_ssize_t i = 0; values && values != Py_None && i < PyTuple_GET_SIZE(keys); i++) {
        PyObject *key = PyTuple_GET_ITEM(keys, i);
        int again = PySet_Contains(seen, key);
        if (again > 0) PyErr_Format(PyExc_ValueError, "mapping pattern checks duplicate key (%R)", key);
        PyObject *args[] = {key, missing};
        PyObject *value = again || PySet_Add(seen, key) < 0 ? NULL : PyObject_Vectorcall(get, args, 2, NULL);
        if (value == missing) {
            Py_DECREF(value);
            Py_SETREF(values, Py_NewRef(Py_None));
        } else if (value) {
            PyTuple_SET_ITEM(values, i, value);
        } else {
            Py_CLEAR(values);
        }
    }
    Py_XDECREF(seen);
    Py_XDECREF(missing);
    Py_XDECREF(get);
    return values;
}

/* One attribute that a class pattern names; NULL without an exception: it has none. */
static PyObject *match_attribute(PyObject *x, PyObject *class_, PyObject *name, PyObject *seen) {
    int again = PySet_Contains(seen, name);
    if (again > 0)
        PyErr_Format(PyExc_TypeError, "%s() got multiple sub-patterns for attribute %R",
                     ((PyTypeObject *)class_)->tp_name, name);
    if (again || PySet_Add(seen, name) < 0) return NULL;
    PyObject *value = PyObject_GetAttr(x, name);
    if (!value && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
    return value;
}

/* The names of the positional patterns: __match_args__; NULL without an exception: the class itself is the one there is. */
static PyObject *positional_names(PyObject *class_, Py_ssize_t n) {
    PyTypeObject *type = (PyTypeObject *)class_;
    PyObject *names = PyObject_GetAttrString(class_, "__match_args__");
    if (!names) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return NULL;
        PyErr_Clear();
        if (PyType_HasFeature(type, _Py_TPFLAGS_MATCH_SELF) && n <= 1) return NULL;
        names = PyTuple_New(0);
    }
    bool is_self =
        PyType_HasFeature(type, _Py_TPFLAGS_MATCH_SELF) && PyTuple_Check(names) && !PyTuple_GET_SIZE(names);
    Py_ssize_t allowed = is_self ? 1 : names && PyTuple_Check(names) ? PyTuple_GET_SIZE(names) : 0;
    if (names && !PyTuple_CheckExact(names))
        PyErr_Format(PyExc_TypeError, "%s.__match_args__ must be a tuple (got %s)", type->tp_name,
                     Py_TYPE(names)->tp_name);
    else if (names && allowed < n)
        PyErr_Format(PyExc_TypeError, "%s() accepts %zd positional sub-pattern%s (%zd given)", type->tp_name,
                     allowed, allowed == 1 ? "" : "s", n);
    if (PyErr_Occurred()) Py_CLEAR(names);
    return names;
}

/* Appends x's attributes of these names; 1, 0: one is missing, -1: an exception. */
static int match_names(PyObject *x, PyObject *class_, PyObject *names, Py_ssize_t n, PyObject *seen,
                       PyObject *out) {
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (!PyUnicode_CheckExact(name)) {
            PyErr_Format(PyExc_TypeError, "__match_args__ elements must be strings (got %s)",
                         Py_TYPE(name)->tp_name);
            return -1;
        }
        PyObject *value = match_attribute(x, class_, name, seen);
        if (!value) return PyErr_Occurred() ? -1 : 0;
        int status = PyList_Append(out, value);
        Py_DECREF(value);
        if (status < 0) return -1;
    }
    return 1;
}

static int match_into(PyObject *x, PyObject *class_, Py_ssize_t n, PyObject *keywords, PyObject *out) {
    PyObject *seen = PySet_New(NULL), *names = seen && n ? positional_names(class_, n) : NULL;
    int status = seen && !PyErr_Occurred() ? 1 : -1;
    if (status > 0 && n)
        status = names ? match_names(x, class_, names, n, seen, out) : PyList_Append(out, x) + 1;
    if (status > 0) status = match_names(x, class_, keywords, PyTuple_GET_SIZE(keywords), seen, out);
    Py_XDECREF(names);
    Py_XDECREF(seen);
    return status;
}

static PyObject *match_class(PyObject *x, PyObject *class_, Py_ssize_t n, PyObject *keywords) {
    if (!PyType_Check(class_)) {
        PyErr_SetString(PyExc_TypeError, "called match pattern must be a class");
        return NULL;
    }
    int status = PyObject_IsInstance(x, class_);
    if (status <= 0) return status < 0 ? NULL : Py_NewRef(Py_None);
    PyObject *list = PyList_New(0), *result = NULL;
    status = list ? match_into(x, class_, n, keywords, list) : -1;
    if (status > 0) result = PyList_AsTuple(list);
    Py_XDECREF(list);
    return status == 0 ? Py_NewRef(Py_None) : result;
}

/* ---- all of them --------------------------------------------------------------------------------------- */

static PyObject *on_containers(ForeignId id, PyObject **x, int64_t n) {
    switch ((int)id) {
    case FOREIGN_DICT: return dict_of(x, n);
    case FOREIGN_MAP_ADD: return none_if(PyDict_SetItem(x[0], x[1], x[2]));
    case FOREIGN_DICT_UPDATE: return dict_update(x[0], x[1]);
    case FOREIGN_DICT_MERGE: return dict_merge(x[0], x[1], x[2]);
    case FOREIGN_SET: return set_of(x, n);
    case FOREIGN_SET_ADD: return none_if(PySet_Add(x[0], x[1]));
    case FOREIGN_SET_UPDATE: return set_update(x[0], x[1]);
    case FOREIGN_MATCH_KEYS: return match_keys(x[0], x[1]);
    case FOREIGN_MATCH_CLASS: return match_class(x[0], x[1], PyLong_AsSsize_t(x[2]), x[3]);
    default: PyErr_SetString(PyExc_SystemError, "hotloop: no such operation on objects"); return NULL;
    }
}

PyObject *names_operate(Dispatcher *d, ForeignId id, PyObject **x, int64_t n) {
    switch ((int)id) {
    case FOREIGN_FUNCTION: return make_function(d, x);
    case FOREIGN_ITERATOR: return iterator_of(x, n);
    case FOREIGN_CELL: return PyCell_New(n ? x[0] : NULL);
    case FOREIGN_CELL_GET: return cell_get(x[0], x[1]);
    case FOREIGN_CELL_SET: return none_if(PyCell_Set(x[0], x[1]));
    case FOREIGN_CELL_DELETE: return cell_delete(x[0], x[1]);
    case FOREIGN_DELATTR: return none_if(PyObject_DelAttr(x[0], x[1]));
    case FOREIGN_SET_GLOBAL: return none_if(PyDict_SetItem(d->globals, x[0], x[1]));
    case FOREIGN_DELETE_GLOBAL: return delete_global(d, x[0]);
    case FOREIGN_IMPORT: return import(d, x[0], x[1], x[2]);
    case FOREIGN_IMPORT_FROM: return import_from(x[0], x[1]);
    case FOREIGN_BUILD_CLASS: return build_class(d);
    default: return on_containers(id, x, n);
    }
}
