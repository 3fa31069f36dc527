/* Python's iterators in the place of compiled code's: a loop that began as machine code goes on over objects.
 *
 * In: what kind it is, then its parts as they lie in a frame (infer/internal.h). Out: an iterator of the same things that gives the
 * same values from there on. With the GIL.
 */
#include "dispatch/internal.h"

static PyObject *range_from(PyObject *start, PyObject *step, PyObject *left) {
    PyObject *length = PyNumber_Multiply(step, left);
    PyObject *stop = length ? PyNumber_Add(start, length) : NULL;
    PyObject *range =
        stop ? PyObject_CallFunctionObjArgs((PyObject *)&PyRange_Type, start, stop, step, NULL) : NULL;
    PyObject *iterator = range ? PyObject_GetIter(range) : NULL;
    Py_XDECREF(length);
    Py_XDECREF(stop);
    Py_XDECREF(range);
    return iterator;
}

/* Iterators over sequences remember the index only. */
static PyObject *sequence_from(PyObject *sequence, PyObject *index) {
    PyObject *iterator = PyObject_GetIter(sequence);
    PyObject *done = iterator ? PyObject_CallMethod(iterator, "__setstate__", "O", index) : NULL;
    if (!done) Py_CLEAR(iterator);
    Py_XDECREF(done);
    return iterator;
}

PyObject *iterator_of(PyObject **x, int64_t n) {
    switch (PyLong_AsLong(x[0])) {
    case TY_RANGE_ITER: return range_from(x[1], x[2], x[3]);
    case TY_ARRAY_ITER:
    case TY_TUPLE_ITER: return sequence_from(x[1], x[2]);
    case TY_ENUMERATE_ITER: return PyObject_CallFunctionObjArgs((PyObject *)&PyEnum_Type, x[1], x[2], NULL);
    case TY_ZIP_ITER: return PyObject_Vectorcall((PyObject *)&PyZip_Type, x + 1, (size_t)(n - 1), NULL);
    default: PyErr_SetString(PyExc_SystemError, "hotloop: no such iterator"); return NULL;
    }
}
