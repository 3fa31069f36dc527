/* Compiled code calls a Python object: arguments are boxed by the types the place says, the result is dropped.
 *
 * A place is an HlErrorSite: the object by name or number, the types of all arguments, and in `message` the names of the
 * last ones that go by keyword. Before Python runs it sees what compiled code has done so far: lists that came as
 * arguments are written back, the streams of random numbers given back. Afterwards the call can no longer be done again
 * by the interpreter. Without the GIL (nogil, or a thread of a parallel loop) it is taken for the time of the call.
 */
#include "dispatch/internal.h"

#include <string.h>

/* ---- the GIL ------------------------------------------------------------------------------------------- */

/* A thread that OpenMP made, whose context is not a CallContext. */
static bool is_worker(const HlContext *ctx) {
    return ctx->region && ctx->thread != 0;
}

typedef struct Held {
    bool restored;
    PyGILState_STATE state;
} Held;

static Held take_gil(HlContext *ctx) {
    Held held = {.restored = !ctx->has_gil && !is_worker(ctx)};
    if (is_worker(ctx)) held.state = PyGILState_Ensure();
    if (held.restored) PyEval_RestoreThread(((CallContext *)ctx)->thread);
    ctx->has_gil = 1;
    return held;
}

static void give_gil(HlContext *ctx, Held held) {
    if (is_worker(ctx)) PyGILState_Release(held.state);
    if (held.restored) ((CallContext *)ctx)->thread = PyEval_SaveThread();
    if (is_worker(ctx) || held.restored) ctx->has_gil = 0;
}

/* ---- arguments ----------------------------------------------------------------------------------------- */

/* How many words there are in the text; none in NULL. */
static uint32_t count_words(const char *text) {
    uint32_t n = 0;
    for (const char *p = text; p && *p; p += strcspn(p, " "), p += strspn(p, " "))
        n++;
    return n;
}

static bool put_keyword(PyObject *keywords, const char **names, PyObject *value) {
    size_t len = strcspn(*names, " ");
    PyObject *name = PyUnicode_FromStringAndSize(*names, (Py_ssize_t)len);
    bool good = name && PyDict_SetItem(keywords, name, value) == 0;
    *names += len + strspn(*names + len, " ");
    Py_XDECREF(name);
    return good;
}

static bool box_arguments(const HlErrorSite *site, const uint64_t *slots, PyObject *args,
                          PyObject *keywords) {
    Boxing in = {.exact = true};
    const char *text = site->arg_types, *names = site->message;
    uint32_t npos = (uint32_t)site->nargs - count_words(names);
    bool good = true;
    for (uint32_t i = 0; good && i < (uint32_t)site->nargs; i++) {
        const Type *type = error_next_type(&text);
        PyObject *value = type ? box_item(type, slots, &in) : NULL;
        slots += type ? hl_type_ncomponents(type) : 0;
        good = value && (i < npos ? PyList_Append(args, value) == 0 : put_keyword(keywords, &names, value));
        Py_XDECREF(value);
    }
    box_forget_wholes(&in);
    return good;
}

static bool call_object(const HlErrorSite *site, const Spec *spec, const uint64_t *slots) {
    PyObject *callable = error_class(site, spec), *args = PyList_New(0), *keywords = PyDict_New(),
             *tuple = NULL;
    bool good = callable && args && keywords && box_arguments(site, slots, args, keywords);
    if (good) tuple = PyList_AsTuple(args);
    PyObject *result = tuple ? PyObject_Call(callable, tuple, keywords) : NULL;
    good = result != NULL;
    Py_XDECREF(result);
    Py_XDECREF(tuple);
    Py_XDECREF(keywords);
    Py_XDECREF(args);
    Py_XDECREF(callable);
    return good;
}

/* ---- the call ------------------------------------------------------------------------------------------ */

/* An exception cannot leave the thread of a worker. */
static void fail_in_worker(HlContext *ctx) {
    static const HlErrorSite site = {"RuntimeError", -1, "a call of Python failed in a parallel loop", NULL,
                                     0};
    PyErr_WriteUnraisable(NULL);
    hlrt_raise(ctx, &site, NULL, 0);
}

static void fail(HlContext *ctx) {
    ctx->status = 1;
    ctx->error.kind = HL_ERROR_PYTHON;
    ctx->error.nframes = 0;
}

static void call_foreign(HlContext *ctx, const HlErrorSite *site, const uint64_t *slots) {
    Held held = take_gil(ctx);
    if (is_worker(ctx)) {
        if (!call_object(site, NULL, slots)) fail_in_worker(ctx);
    } else {
        CallContext *call = (CallContext *)ctx;
        random_close(call);
        watch_begin(call);
        call->touched = true;
        bool written = !call->lists || lists_write_back(call->lists, call->spec);
        if (!written || !call_object(site, call->spec, slots)) fail(ctx);
    }
    give_gil(ctx, held);
}

void foreign_init(void) {
    hlrt_set_foreign(call_foreign);
}
