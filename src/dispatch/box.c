/* A result's slots to a Python object, by its semantic type. */
#include "dispatch/internal.h"

#include <math.h>
#include <string.h>

static double as_double(uint64_t slot) {
    double value;
    memcpy(&value, &slot, sizeof value);
    return value;
}

static float as_float(uint64_t slot) {
    uint32_t low = (uint32_t)slot;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
}

/* ---- NumPy scalars ----------------------------------------------------------------------------------- */

/* The value as it lies in memory. */
static void store_scalar(TypeKind kind, Boxing *in, void *to) {
    switch ((int)kind) {
    case TY_C64: ((float *)to)[0] = as_float(*in->slot++), ((float *)to)[1] = as_float(*in->slot++); break;
    case TY_C128:
        ((double *)to)[0] = as_double(*in->slot++), ((double *)to)[1] = as_double(*in->slot++);
        break;
    default: memcpy(to, in->slot++, 8); break; /* little-endian: the low bytes come first */
    }
}

PyObject *number_of(PyObject *scalar) {
    PyObject *number = scalar ? PyObject_CallMethod(scalar, "item", NULL) : NULL;
    Py_XDECREF(scalar);
    return number;
}

static PyObject *box_scalar(const Type *type, Boxing *in) {
    double value[2];
    if (type->kind == TY_B1 && !in->exact) return PyBool_FromLong((long)*in->slot++);
    store_scalar((TypeKind)type->kind, in, value);
    PyArray_Descr *descr = PyArray_DescrFromType(type_num_of_kind((TypeKind)type->kind));
    PyObject *scalar = descr ? PyArray_Scalar(value, descr, NULL) : NULL;
    Py_XDECREF(descr);
    return in->numbers ? number_of(scalar) : scalar;
}

/* ---- composites -------------------------------------------------------------------------------------- */

/* All items are taken from the slots even after one has failed, so that every reference is given back. */
static PyObject *box_tuple(const Type *type, Boxing *in) {
    PyTypeObject *cls = (PyTypeObject *)type->object; /* of named tuples */
    PyObject *tuple = cls ? cls->tp_alloc(cls, type->nargs) : PyTuple_New(type->nargs);
    bool good = tuple != NULL;
    for (uint32_t i = 0; i < type->nargs; i++) {
        PyObject *item = box_next(type->args[i], in);
        good = good && item;
        if (tuple)
            PyTuple_SET_ITEM(tuple, i, item);
        else
            Py_XDECREF(item);
    }
    if (good) return tuple;
    Py_XDECREF(tuple);
    return NULL;
}

/* format.format(*parts) */
static PyObject *box_text(const Type *type, Boxing *in) {
    bool exact = in->exact;
    in->exact = true;
    PyObject *parts = box_tuple(type, in), *format = PyUnicode_FromString(type->name);
    in->exact = exact;
    PyObject *method = format ? PyObject_GetAttrString(format, "format") : NULL;
    PyObject *text = parts && method ? PyObject_CallObject(method, parts) : NULL;
    Py_XDECREF(method);
    Py_XDECREF(format);
    Py_XDECREF(parts);
    return text;
}

static PyObject *box_optional(const Type *type, Boxing *in) {
    if (*in->slot++) return box_next(type->args[0], in);
    in->slot += hl_type_ncomponents(type->args[0]);
    Py_RETURN_NONE;
}

static PyObject *box_range(Boxing *in) {
    const int64_t *part = (const int64_t *)in->slot;
    in->slot += 3;
    return PyObject_CallFunction((PyObject *)&PyRange_Type, "LLL", (long long)part[0], (long long)part[1],
                                 (long long)part[2]);
}

static PyObject *box_complex(Boxing *in) {
    double re = as_double(*in->slot++);
    return PyComplex_FromDoubles(re, as_double(*in->slot++));
}

static PyObject *numpy_scalar_of(PyObject *number, TypeKind kind) {
    PyArray_Descr *descr = PyArray_DescrFromType(type_num_of_kind(kind));
    PyObject *scalar = descr ? PyObject_CallOneArg((PyObject *)descr->typeobj, number) : NULL;
    Py_XDECREF(descr);
    return scalar;
}

/* A float that is no whole number stays one: 2 ** -1. */
static PyObject *int_of(PyObject *number) {
    double value = PyFloat_Check(number) ? PyFloat_AS_DOUBLE(number) : 0;
    return value == floor(value) && isfinite(value) ? PyNumber_Long(number) : PyNumber_Float(number);
}

static PyObject *number_of_kind(PyObject *number, TypeKind kind) {
    switch ((int)kind) {
    case TY_BOOL: return PyBool_FromLong(PyObject_IsTrue(number));
    case TY_INT: return int_of(number);
    case TY_FLOAT: return PyNumber_Float(number);
    case TY_COMPLEX: return PyObject_CallOneArg((PyObject *)&PyComplex_Type, number);
    default: return numpy_scalar_of(number, kind);
    }
}

/* The number was widened where paths met: back to what it was. */
static PyObject *box_number(const Type *type, Boxing *in) {
    const Type *own = type->args[1], *kind = hl_type((TypeKind)*in->slot++);
    PyObject *wide = box_next(own, in);
    if (!wide || kind == own) return wide;
    if (hl_type_is_complex(own) && !hl_type_is_complex(kind))
        Py_SETREF(wide, PyObject_GetAttrString(wide, "real"));
    if (wide) Py_SETREF(wide, number_of_kind(wide, (TypeKind)kind->kind));
    return wide;
}

bool box_can(const Type *type) {
    switch ((int)type->kind) {
    case TY_NONE:
    case TY_STR:
    case TY_ELLIPSIS:
    case TY_RANGE:
    case TY_RNG:
    case TY_OBJECT:
    case TY_ARRAY: return true;
    case TY_OBJECT_CONST: return type->object;
    case TY_BOTTOM: return true; /* of an empty list */
    case TY_TUPLE:
    case TY_TEXT:
    case TY_LIST:
    case TY_SET:
    case TY_TENSOR:
    case TY_TENSOR_SCALAR:
    case TY_OPTIONAL: break;
    default: return hl_type_is_scalar(type);
    }
    for (uint32_t i = 0; i < type->nargs; i++)
        if (!box_can(type->args[i])) return false;
    return true;
}

static PyObject *refuse(const Type *type) {
    PyErr_Format(PyExc_SystemError, "hotloop: a compiled function cannot return %s", hl_type_show(type));
    return NULL;
}

PyObject *box_next(const Type *type, Boxing *in) {
    if (in->exact && hl_type_is_np(type)) return box_scalar(type, in);
    switch ((int)type->kind) {
    case TY_OBJECT: return (PyObject *)(uintptr_t)*in->slot++;
    case TY_NONE: Py_RETURN_NONE;
    case TY_BOOL: return PyBool_FromLong((long)*in->slot++);
    case TY_INT:
    case TY_I64: return PyLong_FromLongLong((int64_t)*in->slot++);
    case TY_FLOAT:
    case TY_F64: return PyFloat_FromDouble(as_double(*in->slot++));
    case TY_COMPLEX:
    case TY_C128: return box_complex(in);
    case TY_LIT_INT: return PyLong_FromLongLong(type->value);
    case TY_LIT_BOOL: return PyBool_FromLong((long)type->value);
    case TY_STR: return PyUnicode_FromStringAndSize(type->name, type->value);
    case TY_ELLIPSIS: return Py_NewRef(Py_Ellipsis);
    case TY_OBJECT_CONST: return type->object ? Py_NewRef((PyObject *)type->object) : refuse(type);
    case TY_TUPLE: return box_tuple(type, in);
    case TY_NUMBER: return box_number(type, in);
    case TY_OPTIONAL: return box_optional(type, in);
    case TY_TEXT: return box_text(type, in);
    case TY_RANGE: return box_range(in);
    case TY_RNG: return Py_NewRef((PyObject *)(uintptr_t)*in->slot++);
    case TY_ARRAY: return box_array(type, in);
    case TY_LIST: return box_list(type, in);
    case TY_SET: return box_set(type, in);
    case TY_TENSOR: return tensor_box(type, in);
    case TY_TENSOR_SCALAR: return tensor_box_scalar(type, in);
    default: return hl_type_is_np(type) ? box_scalar(type, in) : refuse(type);
    }
}

PyObject *box(const Type *type, const uint64_t *slots, const Spec *spec) {
    Boxing in = {.slot = slots, .known = spec->keep, .numbers = spec->numbers};
    if (type->kind == TY_TUPLE || type->kind == TY_LIST) box_find_wholes(type, &in);
    PyObject *result = box_next(type, &in);
    if (in.wholes) box_forget_wholes(&in);
    return result;
}
