/* Tensors of torch as memory: their types, checked and unboxed; views of them and numbers as tensors again.
 *
 * Torch is never imported here: a class named Tensor is met first. Its C interface (DLPack's exchange of tensors, torch 2.10
 * and later) tells where the memory lies without making anything. What is not plain memory to torch is left to it: tensors
 * that want gradients, other devices and layouts, lazy conjugates and negatives, those made for inference or wrapped by a
 * transformation, and all while a mode is on that sees every operation.
 */
#include "dispatch/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- DLPack's structures (version 1), as far as they are read ------------------------------------------ */

typedef struct DLTensor {
    void *data;
    struct {
        int32_t type, id;
    } device;
    int32_t ndim;
    struct {
        uint8_t code, bits;
        uint16_t lanes;
    } dtype;
    int64_t *shape, *strides; /* strides in elements */
    uint64_t byte_offset;
} DLTensor;

typedef struct ExchangeApi {
    uint32_t major, minor;
    void *previous;
    void *allocate, *managed_from, *managed_to;
    int (*tensor_from)(void *object, DLTensor *out); /* borrowed from the object */
} ExchangeApi;

enum { DL_CPU = 1, DL_INT = 0, DL_UINT = 1, DL_FLOAT = 2, DL_BOOL = 6 };

/* ---- what torch gives ------------------------------------------------------------------------------------ */

static struct {
    PyTypeObject *class, *refused; /* refused: a class Tensor that has no such interface */
    const ExchangeApi *api;
    PyObject *function_modes, *dispatch_modes, *is_functional, *written, *make;
    PyObject *requires_grad, *is_neg, *is_inference; /* names */
} torch;

static bool make_names(void) {
    torch.requires_grad = PyUnicode_InternFromString("requires_grad");
    torch.is_neg = PyUnicode_InternFromString("is_neg");
    torch.is_inference = PyUnicode_InternFromString("is_inference");
    return torch.requires_grad && torch.is_neg && torch.is_inference;
}

static bool take_interface(PyObject *parts) {
    PyObject *class, *capsule;
    if (!PyTuple_Check(parts) ||
        !PyArg_ParseTuple(parts, "OOOOOOO", &class, &capsule, &torch.function_modes, &torch.dispatch_modes,
                          &torch.is_functional, &torch.written, &torch.make))
        return false;
    const ExchangeApi *api = PyCapsule_GetPointer(capsule, "dlpack_exchange_api");
    if (!api || api->major != 1 || !make_names()) return false;
    torch.api = api;
    torch.class = (PyTypeObject *)class;
    Py_INCREF(parts); /* for good */
    return true;
}

/* Is it the class of torch's tensors, now that there is one? */
static bool find_class(PyTypeObject *class) {
    PyObject *module = PyImport_ImportModule("hotloop.core.tensors");
    PyObject *parts = module ? PyObject_CallMethod(module, "interface", NULL) : NULL;
    bool found = parts && take_interface(parts) && torch.class == class;
    if (!found) torch.refused = class;
    PyErr_Clear();
    Py_XDECREF(parts);
    Py_XDECREF(module);
    return found;
}

bool tensor_is(PyObject *object) {
    PyTypeObject *class = Py_TYPE(object);
    if (torch.class) return class == torch.class;
    return class != torch.refused && !strcmp(class->tp_name, "Tensor") && find_class(class);
}

/* ---- looking at one ---------------------------------------------------------------------------------------- */

/* Is no mode on that sees every operation? */
static bool is_count_zero(PyObject *function) {
    PyObject *count = PyObject_CallNoArgs(function);
    bool zero = count && PyLong_Check(count) && PyLong_AsLong(count) == 0;
    Py_XDECREF(count);
    return zero;
}

static bool says_false(PyObject *tensor, PyObject *method) {
    PyObject *answer = PyObject_VectorcallMethod(method, &tensor, 1, NULL);
    Py_XDECREF(answer);
    return answer == Py_False;
}

static bool is_ordinary(PyObject *tensor) {
    PyObject *grad = PyObject_GetAttr(tensor, torch.requires_grad);
    Py_XDECREF(grad);
    return grad == Py_False && says_false(tensor, torch.is_neg) && says_false(tensor, torch.is_inference) &&
           is_count_zero(torch.function_modes) && is_count_zero(torch.dispatch_modes);
}

static TypeKind kind_of(const DLTensor *t) {
    static const TypeKind kinds[][4] = {[DL_INT] = {TY_I8, TY_I16, TY_I32, TY_I64},
                                        [DL_UINT] = {TY_U8, TY_COUNT, TY_COUNT, TY_COUNT},
                                        [DL_FLOAT] = {TY_COUNT, TY_COUNT, TY_F32, TY_F64}};
    if (t->dtype.lanes != 1) return TY_COUNT;
    if (t->dtype.code == DL_BOOL) return t->dtype.bits == 8 ? TY_B1 : TY_COUNT;
    bool known = t->dtype.code <= DL_FLOAT && t->dtype.bits >= 8 && t->dtype.bits <= 64 &&
                 !(t->dtype.bits & (t->dtype.bits - 1));
    return known ? kinds[t->dtype.code][__builtin_ctz(t->dtype.bits) - 3] : TY_COUNT;
}

/* Sizes that memory can have, and elements where an element may lie. */
static bool is_sound(const DLTensor *t, TypeKind kind) {
    int64_t nbytes = hl_type_nbytes(hl_type(kind)), span = nbytes, extent;
    bool empty = false;
    for (int i = 0; i < t->ndim; i++) {
        if (t->shape[i] < 0) return false;
        empty |= t->shape[i] == 0;
    }
    for (int i = 0; i < t->ndim && !empty; i++)
        if (__builtin_mul_overflow(t->shape[i] - 1, t->strides[i], &extent) ||
            __builtin_mul_overflow(extent, nbytes, &extent) ||
            __builtin_add_overflow(span, llabs(extent), &span))
            return false;
    return empty || (t->data && (uintptr_t)t->data % (uintptr_t)nbytes == 0);
}

static bool is_contiguous(const DLTensor *t, int from, int step) {
    int64_t expected = 1;
    for (int i = 0, axis = from; i < t->ndim; i++, axis += step) {
        if (t->shape[axis] == 0) return true;
        if (t->shape[axis] > 1 && t->strides[axis] != expected) return false;
        expected *= t->shape[axis];
    }
    return true;
}

static int layout_of(const DLTensor *t) {
    if (is_contiguous(t, t->ndim - 1, -1)) return LAYOUT_C;
    return is_contiguous(t, 0, 1) ? LAYOUT_F : LAYOUT_A;
}

/* A tensor of functorch's that has no memory gives its offset for an address; memory hardly lies so low. */
static bool has_memory(PyObject *tensor, const DLTensor *t) {
    if ((uintptr_t)t->data >> 40) return true;
    PyObject *answer = PyObject_CallOneArg(torch.is_functional, tensor);
    Py_XDECREF(answer);
    return answer == Py_False;
}

/* Where its memory lies; TY_COUNT (no exception) where torch has to do everything. */
static TypeKind look_at(PyObject *tensor, DLTensor *out) {
    bool seen = is_ordinary(tensor) && torch.api->tensor_from(tensor, out) == 0 && has_memory(tensor, out);
    if (!seen) PyErr_Clear();
    if (!seen || out->device.type != DL_CPU || out->ndim > MAX_NDIM) return TY_COUNT;
    out->data = (char *)out->data + out->byte_offset;
    TypeKind kind = kind_of(out);
    return kind != TY_COUNT && is_sound(out, kind) ? kind : TY_COUNT;
}

const Type *tensor_type(PyObject *tensor) {
    DLTensor t;
    TypeKind kind = look_at(tensor, &t);
    if (kind == TY_COUNT) return NULL;
    const Type *array = hl_type_array(hl_type(kind), t.ndim, layout_of(&t), false, false);
    return hl_type_make(TY_TENSOR, &array, 1);
}

/* ---- unboxing -------------------------------------------------------------------------------------------------- */

bool tensor_unbox(const UnboxOp *op, PyObject *v, Unboxed *out) {
    DLTensor t;
    if (!tensor_is(v) || look_at(v, &t) != (TypeKind)op->kind) return false;
    if (t.ndim != op->ndim || layout_of(&t) != op->flags) return false;
    *out->owner = (HlBlock){.refcount = UNBOX_BORROWED, .object = v, .data = t.data};
    *out->slot++ = (uint64_t)(uintptr_t)out->owner++;
    *out->slot++ = (uint64_t)(uintptr_t)t.data;
    int nbytes = hl_type_nbytes(hl_type((TypeKind)op->kind));
    for (int i = 0; i < t.ndim; i++)
        *out->slot++ = (uint64_t)t.shape[i];
    for (int i = 0; i < t.ndim; i++)
        *out->slot++ = (uint64_t)(t.strides[i] * nbytes);
    return true;
}

static uint64_t load_slot(TypeKind kind, const void *from) {
    uint64_t bits = 0;
    switch ((int)kind) {
    case TY_I8: return (uint64_t)(int64_t)*(const int8_t *)from;
    case TY_I16: return (uint64_t)(int64_t)*(const int16_t *)from;
    case TY_I32: return (uint64_t)(int64_t)*(const int32_t *)from;
    case TY_B1: return *(const uint8_t *)from != 0;
    default: memcpy(&bits, from, (size_t)hl_type_nbytes(hl_type(kind))); return bits;
    }
}

bool tensor_unbox_scalar(const UnboxOp *op, PyObject *v, Unboxed *out) {
    DLTensor t;
    if (!tensor_is(v) || look_at(v, &t) != (TypeKind)op->kind || t.ndim) return false;
    *out->slot++ = load_slot((TypeKind)op->kind, t.data);
    return true;
}

/* ---- boxing ---------------------------------------------------------------------------------------------------- */

static PyObject *tuple_of(const uint64_t *values, int n, int64_t divisor) {
    PyObject *tuple = PyTuple_New(n);
    for (int i = 0; tuple && i < n; i++) {
        PyObject *value = PyLong_FromLongLong((int64_t)values[i] / divisor);
        if (!value) Py_CLEAR(tuple);
        if (tuple) PyTuple_SET_ITEM(tuple, i, value);
    }
    return tuple;
}

/* From where the tensor's memory was when it was unboxed. */
static PyObject *view_of(const HlBlock *owner, const Type *array, const uint64_t *slots) {
    PyObject *base = (PyObject *)owner->object;
    int64_t nbytes = hl_type_nbytes(array->args[0]),
            distance = (char *)(uintptr_t)slots[1] - (char *)owner->data;
    PyObject *first = PyObject_CallMethod(base, "storage_offset", NULL);
    PyObject *shape = first ? tuple_of(slots + 2, array->ndim, 1) : NULL;
    PyObject *strides = shape ? tuple_of(slots + 2 + array->ndim, array->ndim, nbytes) : NULL;
    PyObject *view = strides ? PyObject_CallMethod(base, "as_strided", "OOL", shape, strides,
                                                   PyLong_AsLongLong(first) + distance / nbytes)
                             : NULL;
    Py_XDECREF(strides);
    Py_XDECREF(shape);
    Py_XDECREF(first);
    return view;
}

/* The reference to the block is taken over. A local of a frame that is not bound has no block. */
PyObject *tensor_box(const Type *type, Boxing *in) {
    const uint64_t *slots = in->slot;
    void *marked = (void *)(uintptr_t)slots[0];
    HlBlock *owner = hl_block_of(marked);
    in->slot += hl_type_ncomponents(type);
    if (!owner) Py_RETURN_NONE;
    PyObject *object =
        marked == owner ? Py_NewRef((PyObject *)owner->object) : view_of(owner, type->args[0], slots);
    hlrt_release(marked);
    return object;
}

PyObject *tensor_box_scalar(const Type *type, Boxing *in) {
    const Type *element = type->args[0];
    Boxing inner = {.slot = in->slot, .numbers = true};
    in->slot += hl_type_ncomponents(type);
    PyObject *value = box_next(element, &inner);
    PyObject *tensor = value ? PyObject_CallFunction(torch.make, "Os", value, hl_type_show(element)) : NULL;
    Py_XDECREF(value);
    return tensor;
}

/* ---- what was written -------------------------------------------------------------------------------------------- */

/* Autograd counts the changes of a tensor that it may need later. */
void tensor_tell_written(HlBlock *block) {
    if (!block->written) return;
    block->written = 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *done = PyObject_CallOneArg(torch.written, (PyObject *)block->object);
    if (!done) PyErr_WriteUnraisable((PyObject *)block->object);
    Py_XDECREF(done);
    PyErr_Restore(type, value, traceback);
}

uint32_t tensor_look(PyObject *tensor, void **data) {
    DLTensor t;
    if (torch.api->tensor_from(tensor, &t) != 0) {
        PyErr_Clear();
        return 0;
    }
    *data = (char *)t.data + t.byte_offset;
    PyObject *grad = PyObject_GetAttr(tensor, torch.requires_grad);
    int64_t kind[] = {t.dtype.code, t.dtype.bits, t.ndim, grad == Py_False};
    if (!grad) PyErr_Clear();
    Py_XDECREF(grad);
    return watch_hash(watch_hash(watch_hash(0, kind, 4), t.shape, t.ndim), t.strides, t.ndim);
}
