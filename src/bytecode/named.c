/* named: classes that collections.namedtuple and typing.NamedTuple make.
 *
 * An instance is a tuple whose type says the class; its items have names beside their numbers. Types are never freed and
 * hold the class's address, so a class that was met once is kept as long as the process lives.
 */
#include "bytecode/internal.h"

#include <string.h>

static PyObject *classes; /* by address */

/* What such a class may define without its instances being anything but tuples. */
static bool is_harmless(const char *name) {
    static const char *const names[] = {"__new__",
                                        "__repr__",
                                        "__doc__",
                                        "__module__",
                                        "__slots__",
                                        "__match_args__",
                                        "__getnewargs__",
                                        "__annotations__",
                                        "__orig_bases__",
                                        "__replace__",
                                        "__firstlineno__",
                                        "__qualname__",
                                        "__annotate__",
                                        "__annotate_func__",
                                        "__annotations_cache__",
                                        "__class_getitem__",
                                        "__static_attributes__"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return strncmp(name, "__", 2) != 0;
}

static bool defines_only_names(PyTypeObject *cls) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(cls->tp_dict, &at, &key, &value))
        if (!PyUnicode_Check(key) || !is_harmless(hl_bc_text(key))) return false;
    return true;
}

/* collections._tuplegetter, of _collections before Python 3.12. */
static bool is_item_getter(const PyTypeObject *cls) {
    const char *dot = strrchr(cls->tp_name, '.');
    return dot && strcmp(dot, "._tuplegetter") == 0;
}

/* The names of its items; borrowed, NULL for any other class. No code of the class runs. */
static PyObject *fields_of(PyObject *object) {
    PyTypeObject *cls = (PyTypeObject *)object;
    if (!PyType_Check(object) || cls->tp_base != &PyTuple_Type || !cls->tp_dict) return NULL;
    PyObject *fields = PyDict_GetItemString(cls->tp_dict, "_fields");
    PyObject *slots = PyDict_GetItemString(cls->tp_dict, "__slots__");
    if (!fields || !PyTuple_CheckExact(fields) || !slots || !PyTuple_CheckExact(slots)) return NULL;
    bool plain = PyTuple_GET_SIZE(fields) > 0 && PyTuple_GET_SIZE(slots) == 0 && defines_only_names(cls);
    for (Py_ssize_t i = 0; plain && i < PyTuple_GET_SIZE(fields); i++) {
        PyObject *getter = PyDict_GetItemWithError(cls->tp_dict, PyTuple_GET_ITEM(fields, i));
        plain = getter && is_item_getter(Py_TYPE(getter));
    }
    return plain ? fields : NULL;
}

static bool keep(PyObject *cls) {
    PyObject *address = PyLong_FromVoidPtr(cls);
    if (!classes) classes = PyDict_New();
    bool kept = address && classes && PyDict_SetItem(classes, address, cls) == 0;
    Py_XDECREF(address);
    if (!kept) PyErr_Clear();
    return kept;
}

const char *hl_named_tuple(PyObject *cls) {
    PyObject *fields = fields_of(cls);
    if (!fields || !keep(cls)) return NULL;
    Text text = {0};
    hl_text_printf(&text, "%s:", ((PyTypeObject *)cls)->tp_name);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields); i++)
        hl_text_printf(&text, "%s%s", i ? " " : "", hl_bc_text(PyTuple_GET_ITEM(fields, i)));
    const char *name = hl_intern_n(text.data, text.len);
    hl_text_free(&text);
    return name;
}

PyObject *hl_named_tuple_class(PyObject *address) {
    PyObject *cls = classes ? PyDict_GetItemWithError(classes, address) : NULL;
    if (!cls && !PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "no class of named tuples lies there");
    return Py_XNewRef(cls);
}

const void *hl_host_named_tuple(Compile *c, const void *object, const char **name) {
    *name = object ? hl_named_tuple((PyObject *)object) : NULL;
    if (!*name) return NULL;
    PyObject *make = PyDict_GetItemString(((PyTypeObject *)object)->tp_dict, "__new__");
    if (make && Py_IS_TYPE(make, &PyStaticMethod_Type))
        make = PyStaticMethod_Type.tp_descr_get(make, NULL, (PyObject *)object);
    else
        Py_XINCREF(make);
    bool function = make && PyFunction_Check(make);
    if (function) hl_python_keep(c, make);
    Py_XDECREF(make);
    c->names_classes |= function;
    return function ? make : NULL;
}
