/* Values brought to the types of a signature, where they differ from their own: int where float64 was asked
 * for. */
#include "dispatch/internal.h"

/* The class whose call converts to this type. */
static PyObject *class_for(const Type *type) {
    switch ((int)type->kind) {
    case TY_BOOL: return (PyObject *)&PyBool_Type;
    case TY_INT: return (PyObject *)&PyLong_Type;
    case TY_FLOAT: return (PyObject *)&PyFloat_Type;
    case TY_COMPLEX: return (PyObject *)&PyComplex_Type;
    default: return (PyObject *)scalar_class_of_kind((TypeKind)type->kind);
    }
}

static PyObject *convert_tuple(PyObject *value, const Type *to) {
    PyObject *tuple = PyTuple_New(to->nargs);
    for (uint32_t i = 0; tuple && i < to->nargs; i++) {
        PyObject *item = convert_value(PyTuple_GET_ITEM(value, i), to->args[i]);
        if (item)
            PyTuple_SET_ITEM(tuple, i, item);
        else
            Py_CLEAR(tuple);
    }
    return tuple;
}

PyObject *convert_value(PyObject *value, const Type *to) {
    PyObject *cls = hl_type_is_scalar(to) ? class_for(to) : NULL;
    if (cls && (PyObject *)Py_TYPE(value) != cls) return PyObject_CallOneArg(cls, value);
    bool is_tuple =
        to->kind == TY_TUPLE && PyTuple_Check(value) && PyTuple_GET_SIZE(value) == (Py_ssize_t)to->nargs;
    return is_tuple ? convert_tuple(value, to) : Py_NewRef(value);
}
