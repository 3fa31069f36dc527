/* The few things that only CPython's internal structures say: the one file to look at when a new Python
 * comes.
 *
 * eval_breaker is the word the interpreter's own loop looks at; not 0 means that a signal, another thread or
 * a pending call waits. Since 3.13 it belongs to the thread and its higher bits hold a version; reading its
 * low half is enough, for a poll that finds nothing to do only costs time.
 */
#define Py_BUILD_CORE 1
#include <Python.h>
#undef HAVE_STD_ATOMIC
#include <internal/pycore_ceval.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>
#if PY_VERSION_HEX >= 0x030D0000
#include <internal/pycore_setobject.h>
#endif
#undef Py_BUILD_CORE

#include "dispatch/internal.h"

const volatile int32_t *interp_eval_breaker(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return (const volatile int32_t *)&PyThreadState_Get()->eval_breaker;
#else
    return (const volatile int32_t *)&PyThreadState_Get()->interp->ceval.eval_breaker;
#endif
}

/* Does another thread wait for the GIL, which this thread holds? */
bool interp_gil_requested(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_Get()->eval_breaker & _PY_GIL_DROP_REQUEST_BIT;
#else
    return *(const volatile int32_t *)&PyThreadState_Get()->interp->ceval.gil_drop_request;
#endif
}

/* Is a signal waiting for the main thread? Needs no GIL. */
bool interp_signals_pending(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return *(const volatile int32_t *)&_PyRuntime.signals.is_tripped;
#else
    return *(const volatile int32_t *)&_PyRuntime.ceval.signals_pending;
#endif
}

bool interp_on_main_thread(void) {
    return PyThread_get_thread_ident() == _PyRuntime.main_thread;
}

/* What stands in a set's table where a key was removed. */
PyObject *interp_set_dummy(void) {
    return _PySet_Dummy;
}

/* The code object of a frame; borrowed. */
static const PyCodeObject *frame_code(const _PyInterpreterFrame *frame) {
#if PY_VERSION_HEX >= 0x030D0000
    return (const PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

PyObject *interp_frame_stack(PyObject *frame, PyObject *null) {
    const _PyInterpreterFrame *f = ((PyFrameObject *)frame)->f_frame;
    PyObject *list = PyList_New(0);
    for (int i = frame_code(f)->co_nlocalsplus; list && i < f->stacktop; i++)
        if (PyList_Append(list, f->localsplus[i] ? f->localsplus[i] : null) < 0) Py_CLEAR(list);
    return list;
}
