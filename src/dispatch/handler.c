/* NumPy arrays that own the memory of a block: a mem_handler called "hotloop" gives it back when the array
 * dies.
 *
 * NumPy keeps the handler with each array that owns its data and frees or resizes through it, so such an
 * array is like any other one: no base, OWNDATA set, resize() works. Every address it hands out has a block
 * header in front.
 */
#include "dispatch/internal.h"

#include <string.h>

static PyObject *capsule;

static HlBlock *block_of(void *data) {
    return (HlBlock *)((char *)data - sizeof(HlBlock));
}

static void *handler_malloc(void *unused, size_t nbytes) {
    (void)unused;
    HlContext ctx;
    HlBlock *block = nbytes <= INT64_MAX ? hlrt_alloc(&ctx, (int64_t)nbytes) : NULL;
    return block ? block + 1 : NULL;
}

static void *handler_calloc(void *unused, size_t n, size_t itemsize) {
    size_t nbytes;
    if (__builtin_mul_overflow(n, itemsize, &nbytes)) return NULL;
    void *data = handler_malloc(unused, nbytes);
    return data ? memset(data, 0, nbytes) : NULL;
}

static void handler_free(void *unused, void *data, size_t nbytes) {
    (void)unused;
    (void)nbytes;
    if (!data) return;
    block_of(data)->array = NULL;
    hlrt_release(block_of(data));
}

static void *handler_realloc(void *unused, void *data, size_t nbytes) {
    void *fresh = handler_malloc(unused, nbytes);
    if (!fresh || !data) return fresh;
    size_t old = (size_t)block_of(data)->nbytes;
    memcpy(fresh, data, old < nbytes ? old : nbytes);
    handler_free(unused, data, old);
    return fresh;
}

bool handler_init(void) {
    static PyDataMem_Handler handler = {
        .name = "hotloop",
        .version = 1,
        .allocator = {NULL, handler_malloc, handler_calloc, handler_realloc, handler_free},
    };
    capsule = PyCapsule_New(&handler, "mem_handler", NULL);
    return capsule != NULL;
}

PyObject *handler_array(HlBlock *block, PyArray_Descr *descr, int nd, const npy_intp *dims,
                        const npy_intp *strides) {
    PyObject *array =
        PyArray_NewFromDescr(&PyArray_Type, descr, nd, dims, strides, block + 1, NPY_ARRAY_WRITEABLE, NULL);
    if (!array) {
        hlrt_release(block);
        return NULL;
    }
    fields(array)->mem_handler = Py_NewRef(capsule);
    PyArray_ENABLEFLAGS((PyArrayObject *)array, NPY_ARRAY_OWNDATA);
    block->array = array;
    return array;
}
