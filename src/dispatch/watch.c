/* Memory of Python's arrays and tensors while compiled code works on it and Python's code runs in between.
 *
 * Before the first operation that is left to Python in a call, each of them is looked at and held, so that `resize` refuses
 * as it does where CPython's frame has the name. After each such operation it is looked at again. Where one has other memory,
 * sizes or strides, or may no longer be written, the context says so, and compiled code leaves the function at the next place
 * where it can (infer/objects.c). Python's code may also ask whether memory was written, so that is told before.
 */
#include "dispatch/internal.h"

uint32_t watch_hash(uint32_t hash, const int64_t *values, int n) {
    uint64_t mixed = hash;
    for (int i = 0; i < n; i++)
        mixed = (mixed ^ (uint64_t)values[i]) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(mixed >> 32) | 1;
}

static uint32_t look_at_array(PyObject *object, void **data) {
    const PyArrayObject_fields *a = fields(object);
    int flags = a->flags & (NPY_ARRAY_WRITEABLE | NPY_ARRAY_ALIGNED);
    int64_t kind[] = {a->descr->type_num, flags, a->nd};
    *data = a->data;
    return watch_hash(watch_hash(watch_hash(0, kind, 3), a->dimensions, a->nd), a->strides, a->nd);
}

/* 0: nothing can be said. */
static uint32_t look_at(PyObject *object, void **data) {
    if (Py_TYPE(object) == &PyArray_Type) return look_at_array(object, data);
    return tensor_is(object) ? tensor_look(object, data) : 0;
}

static void begin_with(HlBlock *block) {
    tensor_tell_written(block);
    if (block->shape || !block->object) return;
    void *data;
    block->shape = look_at((PyObject *)block->object, &data);
    block->data = data;
}

static bool has_changed(HlBlock *block) {
    void *data = NULL;
    if (!block->shape) return false;
    return look_at((PyObject *)block->object, &data) != block->shape || data != block->data;
}

void watch_begin(CallContext *call) {
    uint32_t n = call->owners ? call->spec->plan.nowners : 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!call->watches) Py_XINCREF((PyObject *)call->owners[i].object);
        begin_with(&call->owners[i]);
    }
    for (HlBlock *block = call->unboxed; block; block = block->next)
        begin_with(block);
    call->watches = true;
}

static void look_again(CallContext *call) {
    uint32_t n = call->owners ? call->spec->plan.nowners : 0;
    for (uint32_t i = 0; i < n; i++)
        call->ctx.changed |= has_changed(&call->owners[i]);
    for (HlBlock *block = call->unboxed; block; block = block->next)
        call->ctx.changed |= has_changed(block);
}

/* The operation may have raised. CPython's look-up of an attribute takes an exception that is set for its own, and clears it. */
void watch_end(CallContext *call) {
    PyObject *type = NULL, *value, *traceback;
    bool raised = PyErr_Occurred();
    if (raised) PyErr_Fetch(&type, &value, &traceback);
    look_again(call);
    if (raised) PyErr_Restore(type, value, traceback);
}

void watch_finish(CallContext *call) {
    uint32_t n = call->owners ? call->spec->plan.nowners : 0;
    for (uint32_t i = 0; i < n; i++)
        tensor_tell_written(&call->owners[i]);
    for (uint32_t i = 0; call->watches && i < n; i++)
        Py_XDECREF((PyObject *)call->owners[i].object);
}

/* ---- arrays that were made from somebody else's memory --------------------------------------------------- */

/* The bytes from the first to the last element, in relation to data; false when they overflow. */
static bool extent_of(const PyArrayObject_fields *a, int64_t *low, int64_t *high) {
    int64_t span;
    *low = 0;
    *high = PyDataType_ELSIZE(a->descr);
    for (int i = 0; i < a->nd; i++)
        if (__builtin_mul_overflow(a->dimensions[i] - 1, a->strides[i], &span) ||
            __builtin_add_overflow(span < 0 ? *low : *high, span, span < 0 ? low : high))
            return false;
    return true;
}

static bool lies_inside(const PyArrayObject_fields *a) {
    Py_buffer buffer;
    int64_t low, high;
    if (PyObject_GetBuffer(a->base, &buffer, PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        return true; /* nothing to compare with */
    }
    int64_t first = a->data - (char *)buffer.buf;
    bool inside = extent_of(a, &low, &high) && first + low >= 0 && high <= buffer.len - first;
    PyBuffer_Release(&buffer);
    return inside;
}

bool watch_check(PyObject *array) {
    const PyArrayObject_fields *a = fields(array);
    if (PyArray_SIZE((PyArrayObject *)array) == 0) return true;
    bool borrowed = a->base && !PyArray_Check(a->base) && PyObject_CheckBuffer(a->base);
    if (a->data && (!borrowed || lies_inside(a))) return true;
    if (a->data)
        PyErr_Format(PyExc_ValueError,
                     "the elements of an array lie outside the memory of the %.200s that it was made from",
                     Py_TYPE(a->base)->tp_name);
    else
        PyErr_SetString(PyExc_ValueError, "an array with elements has no memory: its address is 0");
    return false;
}
