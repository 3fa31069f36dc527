/* Calls of Python's functions and methods by compiled code, the short way where one is known to be right.
 *
 * The operands are the caller's, in an array whose first place may be overwritten. What is called is a Python function or has a
 * vectorcall of its own; everything else goes through the C API, which looks for the way. Called with the GIL.
 */
#include "dispatch/internal.h"

/* The interpreter's own call never gives a result beside an exception: there is nothing to check afterwards. */
static inline PyObject *call_python(PyObject *function, PyObject **args, size_t nargs) {
    return ((PyFunctionObject *)function)->vectorcall(function, args, nargs, NULL);
}

PyObject *calling_call(PyObject **x, int64_t n) {
    PyObject *callee = x[0];
    size_t nargs = (size_t)(n - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET;
    if (PyFunction_Check(callee)) return call_python(callee, x + 1, nargs);
    bool is_method = PyMethod_Check(callee) && PyFunction_Check(PyMethod_GET_FUNCTION(callee));
    if (!is_method) return PyObject_Vectorcall(callee, x + 1, nargs, NULL);
    x[0] = PyMethod_GET_SELF(callee);
    return call_python(PyMethod_GET_FUNCTION(callee), x, (size_t)n);
}

PyObject *calling_method(PyObject **x, int64_t n) {
    PyObject *name = x[0], *function = interp_find_method(x[1], name);
    size_t nargs = (size_t)(n - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET;
    if (!function) return PyObject_VectorcallMethod(name, x + 1, nargs, NULL);
    Py_INCREF(function); /* the class may lose it meanwhile */
    PyObject *result = PyFunction_Check(function) ? call_python(function, x + 1, nargs)
                                                  : PyObject_Vectorcall(function, x + 1, nargs, NULL);
    Py_DECREF(function);
    return result;
}
