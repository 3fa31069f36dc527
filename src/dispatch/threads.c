/* How many threads parallel regions use, asked and set by the interpreter. */
#include "dispatch/internal.h"

PyObject *hl_dispatch_max_threads(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLongLong(hlrt_max_threads());
}

PyObject *hl_dispatch_num_threads(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLongLong(hlrt_num_threads(NULL));
}

PyObject *hl_dispatch_chunk_size(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLongLong(hlrt_chunk_size(NULL));
}

PyObject *hl_dispatch_threading_layer(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    const char *layer = hlrt_threading_layer();
    if (layer) return PyUnicode_FromString(layer);
    Py_RETURN_NONE;
}

/* The runtime raises for compiled code, into a context; here its text becomes the exception. */
static PyObject *raise_from(const HlContext *ctx) {
    PyErr_Format(PyExc_ValueError, ctx->error.site->message, (long)ctx->error.payload[0]);
    return NULL;
}

PyObject *hl_dispatch_set_num_threads(PyObject *module, PyObject *value) {
    (void)module;
    HlContext ctx = {0};
    long n = PyLong_AsLong(value);
    if (n == -1 && PyErr_Occurred()) return NULL;
    hlrt_set_num_threads(&ctx, n);
    if (ctx.status) return raise_from(&ctx);
    Py_RETURN_NONE;
}

PyObject *hl_dispatch_set_chunk_size(PyObject *module, PyObject *value) {
    (void)module;
    HlContext ctx = {0};
    long n = PyLong_AsLong(value);
    if (n == -1 && PyErr_Occurred()) return NULL;
    int64_t before = hlrt_set_chunk_size(&ctx, n);
    return ctx.status ? raise_from(&ctx) : PyLong_FromLongLong(before);
}
