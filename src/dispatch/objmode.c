/* Where an objmode block ends: a value as the type that the block promised for it.
 *
 * In: any object and the type as text. Out: an object that unboxes as this type, the same one where it does so already;
 * NULL with an exception, by Numba's rules and in its words: numbers are converted as by int(), float() and complex(), tuples
 * item by item, everything else must have the type.
 */
#include "dispatch/internal.h"

#include <string.h>

static PyObject *give(PyObject *value, const Type *type);

static PyObject *raise_wrong(PyObject *value, const Type *type) {
    const Type *own = type_of(value);
    const char *cls = Py_TYPE(value)->tp_name, *found = own ? hl_type_show(own) : cls;
    if (type->kind == TY_ARRAY)
        PyErr_Format(
            PyExc_TypeError,
            "can't unbox array from PyObject into native value.  The object maybe of a different type: %s "
            "was promised, and this is %s",
            hl_type_show(type), found);
    else
        PyErr_Format(PyExc_TypeError, "can't unbox a <class '%.200s'> as a %s", cls, hl_type_show(type));
    return NULL;
}

/* ---- numbers --------------------------------------------------------------------------------------------- */

/* The Python number that a value of this type is. */
static PyObject *python_number(PyObject *value, const Type *type) {
    if (hl_type_is_boolean(type)) {
        int truth = PyObject_IsTrue(value);
        return truth < 0 ? NULL : PyBool_FromLong(truth);
    }
    if (hl_type_is_integer(type)) return PyNumber_Long(value);
    if (hl_type_is_float(type)) return PyNumber_Float(value);
    Py_complex z = PyComplex_AsCComplex(value);
    if (!PyErr_Occurred()) return PyComplex_FromCComplex(z);
    if (PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Format(PyExc_TypeError, "conversion to %s failed", hl_type_show(type));
    return NULL;
}

static PyObject *fitting(PyObject *number) {
    if (number && PyLong_CheckExact(number) && PyLong_AsLongLong(number) == -1 && PyErr_Occurred())
        Py_CLEAR(number);
    return number;
}

static PyObject *give_number(PyObject *value, const Type *type) {
    PyObject *number = python_number(value, type);
    PyTypeObject *cls = hl_type_is_py(type) ? NULL : scalar_class_of_kind((TypeKind)type->kind);
    if (!number || !cls) return fitting(number);
    PyObject *scalar = PyObject_CallOneArg((PyObject *)cls, number);
    Py_DECREF(number);
    return scalar;
}

/* ---- tuples ---------------------------------------------------------------------------------------------- */

static PyObject *give_items(PyObject *value, const Type *type) {
    PyObject *items = PyTuple_New(type->nargs);
    for (uint32_t i = 0; items && i < type->nargs; i++) {
        PyObject *item = give(PyTuple_GET_ITEM(value, i), type->args[i]);
        if (item)
            PyTuple_SET_ITEM(items, i, item);
        else
            Py_CLEAR(items);
    }
    if (!items || !type->object) return items;
    PyObject *named = PyObject_Call((PyObject *)type->object, items, NULL);
    Py_DECREF(items);
    return named;
}

static PyObject *give_tuple(PyObject *value, const Type *type) {
    PyTypeObject *cls = type->object ? (PyTypeObject *)type->object : &PyTuple_Type;
    if (Py_TYPE(value) != cls) return raise_wrong(value, type);
    if (PyTuple_GET_SIZE(value) == (Py_ssize_t)type->nargs) return give_items(value, type);
    return PyErr_Format(PyExc_ValueError, "size mismatch for tuple, expected %u element(s) but got %zd",
                        type->nargs, PyTuple_GET_SIZE(value));
}

/* ---------------------------------------------------------------------------------------------------------- */

static PyObject *give(PyObject *value, const Type *type) {
    if (hl_type_is_scalar(type)) return give_number(value, type);
    if (type->kind == TY_NONE) return Py_NewRef(Py_None);
    if (type->kind == TY_TUPLE) return give_tuple(value, type);
    if (type->kind == TY_OPTIONAL) return value == Py_None ? Py_NewRef(value) : give(value, type->args[0]);
    const Type *own = type_of(value);
    return own && hl_type_converts(own, type) ? Py_NewRef(value) : raise_wrong(value, type);
}

/* The value stays an object, of this class where one is named. */
static PyObject *give_object(PyObject *value, const char *cls) {
    if (!*cls || !strcmp(Py_TYPE(value)->tp_name, cls)) return Py_NewRef(value);
    return PyErr_Format(PyExc_TypeError, "can't unbox a <class '%.200s'> as a <class '%s'>",
                        Py_TYPE(value)->tp_name, cls);
}

PyObject *objmode_give(PyObject *value, PyObject *text) {
    static const char object[] = "object";
    const char *rest = PyUnicode_AsUTF8(text);
    if (!rest) return NULL;
    if (!strncmp(rest, object, sizeof object - 1)) {
        rest += sizeof object - 1;
        return give_object(value, rest + (*rest == ' '));
    }
    const Type *type = hl_type_parse(&rest);
    if (type) return give(value, type);
    return PyErr_Format(PyExc_SystemError, "hotloop: an objmode block promised an unknown type");
}
