/* Exceptions while they are handled: what `try` and `with` do in compiled code, in the C API's words.
 *
 * An exception that compiled code recorded becomes Python's here, with its traceback; CPython's own state says which one
 * is being handled (sys.exc_info), so what is raised meanwhile gets it as its context. Called with the GIL.
 */
#include "dispatch/internal.h"

/* The exception that is set, as an object with its traceback. */
PyObject *handling_take(void) {
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (value && traceback) PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

PyObject *handling_catch(const HlContext *ctx, const Spec *spec, PyObject *globals) {
    error_raise(ctx, spec, globals);
    return handling_take();
}

bool handling_any(void) {
    PyObject *exception = PyErr_GetHandledException();
    Py_XDECREF(exception);
    return exception && exception != Py_None;
}

/* As it was caught: nothing is added to it. Steals it. */
PyObject *handling_reraise(PyObject *exception) {
    if (!exception || exception == Py_None) {
        Py_XDECREF(exception);
        PyErr_SetString(PyExc_RuntimeError, "No active exception to reraise");
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(exception);
#else
    PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(exception)), exception, PyException_GetTraceback(exception));
#endif
    return NULL;
}

/* ---- raise ----------------------------------------------------------------------------------------------- */

/* An exception of what stands behind `raise`. */
static PyObject *instance_of(PyObject *x) {
    PyObject *exception = PyExceptionClass_Check(x) ? PyObject_CallNoArgs(x) : Py_NewRef(x);
    if (!exception || PyExceptionInstance_Check(exception)) return exception;
    if (PyExceptionClass_Check(x))
        PyErr_Format(PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %R",
                     x, Py_TYPE(exception));
    else
        PyErr_SetString(PyExc_TypeError, "exceptions must derive from BaseException");
    Py_DECREF(exception);
    return NULL;
}

/* What stands behind `from`: an exception, its class, or None, which is no cause. */
static bool set_cause(PyObject *exception, PyObject *cause) {
    PyObject *fixed = NULL;
    if (PyExceptionClass_Check(cause))
        fixed = PyObject_CallNoArgs(cause);
    else if (PyExceptionInstance_Check(cause))
        fixed = Py_NewRef(cause);
    else if (cause != Py_None)
        PyErr_SetString(PyExc_TypeError, "exception causes must derive from BaseException");
    if (!fixed && cause != Py_None) return false;
    PyException_SetCause(exception, fixed);
    return true;
}

PyObject *handling_raise(PyObject *x, PyObject *cause) {
    PyObject *exception = instance_of(x);
    if (exception && (!cause || set_cause(exception, cause)))
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
    return NULL;
}

/* ---- except ---------------------------------------------------------------------------------------------- */

PyObject *handling_push(PyObject *exception) {
    PyObject *before = PyErr_GetHandledException();
    PyErr_SetHandledException(exception);
    return before ? before : Py_NewRef(Py_None);
}

PyObject *handling_pop(PyObject *before) {
    PyErr_SetHandledException(before == Py_None ? NULL : before);
    Py_RETURN_NONE;
}

static bool may_be_caught(PyObject *class) {
    Py_ssize_t n = PyTuple_Check(class) ? PyTuple_GET_SIZE(class) : 0;
    for (Py_ssize_t i = 0; i < n; i++)
        if (!PyExceptionClass_Check(PyTuple_GET_ITEM(class, i))) return false;
    return PyTuple_Check(class) || PyExceptionClass_Check(class);
}

int handling_matches(PyObject *exception, PyObject *class) {
    if (may_be_caught(class)) return PyErr_GivenExceptionMatches(exception, class);
    PyErr_SetString(PyExc_TypeError,
                    "catching classes that do not inherit from BaseException is not allowed");
    return -1;
}

/* ---- with ------------------------------------------------------------------------------------------------ */

/* A method found by the class alone, bound. */
static PyObject *special(PyObject *object, const char *name, const char *part) {
    PyTypeObject *type = Py_TYPE(object);
    PyObject *text = PyUnicode_InternFromString(name);
    PyObject *found = text ? _PyType_Lookup(type, text) : NULL; /* borrowed */
    Py_XDECREF(text);
    descrgetfunc get = found ? Py_TYPE(found)->tp_descr_get : NULL;
    if (found) return get ? get(found, object, (PyObject *)type) : Py_NewRef(found);
    if (!PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "'%.200s' object does not support the context manager protocol%s",
                     type->tp_name, part);
    return NULL;
}

/* The tuple of the bound __exit__ and of what __enter__ gave. */
PyObject *handling_enter(PyObject *manager) {
    PyObject *enter = special(manager, "__enter__", "");
    PyObject *leave = enter ? special(manager, "__exit__", " (missed __exit__ method)") : NULL;
    PyObject *entered = leave ? PyObject_CallNoArgs(enter) : NULL;
    PyObject *both = entered ? PyTuple_Pack(2, leave, entered) : NULL;
    Py_XDECREF(enter);
    Py_XDECREF(leave);
    Py_XDECREF(entered);
    return both;
}

PyObject *handling_exit(PyObject *leave, PyObject *exception) {
    PyObject *traceback = PyException_GetTraceback(exception);
    PyObject *result = PyObject_CallFunctionObjArgs(leave, Py_TYPE(exception), exception,
                                                    traceback ? traceback : Py_None, NULL);
    Py_XDECREF(traceback);
    return result;
}
