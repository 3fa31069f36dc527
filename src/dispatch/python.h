/* Python.h and NumPy's C API, with the import table shared by the files of this folder (filled in by init.c).
 */
#ifndef HL_DISPATCH_PYTHON_H
#define HL_DISPATCH_PYTHON_H

#include <Python.h>
#include <stdbool.h>

#define PY_ARRAY_UNIQUE_SYMBOL hl_dispatch_numpy
#ifndef HL_NUMPY_IMPORTS
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

/* The value of a small int without a call: one digit. */
static inline bool is_compact(PyObject *v) {
#if PY_VERSION_HEX >= 0x030C0000
    return PyUnstable_Long_IsCompact((PyLongObject *)v);
#else
    Py_ssize_t size = Py_SIZE(v);
    return (size_t)(size + 1) <= 2;
#endif
}

static inline int64_t compact_value(PyObject *v) {
#if PY_VERSION_HEX >= 0x030C0000
    return PyUnstable_Long_CompactValue((PyLongObject *)v);
#else
    return Py_SIZE(v) * (int64_t)((PyLongObject *)v)->ob_digit[0];
#endif
}

static inline PyArrayObject_fields *fields(PyObject *array) {
    return (PyArrayObject_fields *)array;
}

#endif
