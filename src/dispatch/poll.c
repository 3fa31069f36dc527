/* What a loop's poll does when CPython's eval breaker is set: Ctrl-C, other threads, pending calls.
 *
 * Compiled code calls this only then. Holding the GIL it does what the interpreter's loop would: yields to a
 * thread that asked, runs signal handlers and pending calls (main thread), raises an exception another thread
 * sent. Without the GIL (nogil=True) the breaker mostly speaks to others: the GIL is taken only by the main
 * thread and only for a signal, so that a worker's loop does not queue for it at every poll.
 */
#include "dispatch/internal.h"

static void stop(HlContext *ctx) {
    ctx->status = 1;
    ctx->error.kind = HL_ERROR_PYTHON;
    ctx->error.nframes = 0;
}

/* PyThreadState_SetAsyncExc: how timeouts stop a thread. */
static bool raise_sent_exception(void) {
    PyThreadState *thread = PyThreadState_Get();
    PyObject *exception = thread->async_exc;
    if (!exception) return false;
    thread->async_exc = NULL;
    PyErr_SetNone(exception);
    Py_DECREF(exception);
    return true;
}

static void yield_gil(void) {
    Py_BEGIN_ALLOW_THREADS;
    Py_END_ALLOW_THREADS;
}

static void poll_with_gil(HlContext *ctx) {
    random_close((CallContext *)ctx);
    if (interp_gil_requested()) yield_gil();
    if (interp_on_main_thread() && Py_MakePendingCalls() < 0)
        stop(ctx);
    else if (raise_sent_exception())
        stop(ctx);
}

static void poll_without_gil(HlContext *ctx) {
    if (!interp_on_main_thread() || !interp_signals_pending()) return;
    CallContext *call = (CallContext *)ctx;
    PyEval_RestoreThread(call->thread);
    ctx->has_gil = 1;
    random_close(call);
    if (Py_MakePendingCalls() < 0) stop(ctx);
    ctx->has_gil = 0;
    call->thread = PyEval_SaveThread();
}

void poll_python(HlContext *ctx) {
    if (ctx->has_gil)
        poll_with_gil(ctx);
    else
        poll_without_gil(ctx);
}
