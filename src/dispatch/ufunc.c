/* NumPy ufuncs whose loops are compiled functions: what vectorize and guvectorize make.
 *
 * A loop is a specialisation of a kernel. An elementwise kernel takes whole one-dimensional arrays, inputs then outputs,
 * and runs once for each of NumPy's inner loops: for contiguous arrays in a specialisation of its own, which LLVM
 * vectorises. A generalised one takes the core arrays (or scalars) of one round. Broadcasting, casting, `out`, `where`,
 * reductions and the protocols are NumPy's own, for the result is a real ufunc.
 *
 * NumPy calls loops with or without the GIL. It is taken for each, and a kernel compiled with nogil gives it back; after
 * an exception the loops that follow do nothing.
 */
#include "dispatch/internal.h"

#include <numpy/ufuncobject.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGS = 32 };

/* How a kernel takes one operand: as an array of ndim axes, or as a scalar. dims: the core dimension of each axis; none
 * where a core without dimensions is passed as an array of one element. */
typedef struct Operand {
    bool is_array, is_complex;
    int ndim, ncore;
    int dims[MAX_NDIM];
    npy_intp itemsize;
} Operand;

typedef struct UfuncLoop {
    const Spec *any, *contiguous; /* contiguous only for elementwise kernels */
    PyObject *globals;            /* of the kernel, which the definition holds */
    bool elementwise;
    int nargs;
    Operand operands[MAX_ARGS];
} UfuncLoop;

/* What a ufunc points to and does not own. */
typedef struct Definition {
    PyObject *name, *doc, *signature, *dispatchers;
    int nloops;
    PyUFuncGenericFunction *functions;
    void **data;
    char *types;
    UfuncLoop loops[];
} Definition;

/* ---- running a loop ---------------------------------------------------------------------------------- */

static uint64_t *put_array(uint64_t *slot, HlBlock *owner, char *data) {
    *owner = (HlBlock){.refcount = UNBOX_BORROWED};
    *slot++ = (uint64_t)(uintptr_t)owner;
    *slot++ = (uint64_t)(uintptr_t)data;
    return slot;
}

static uint64_t *put_scalar(const Operand *o, uint64_t *slot, const char *data) {
    npy_intp nbytes = o->is_complex ? o->itemsize / 2 : o->itemsize;
    for (int part = 0; part <= o->is_complex; part++, slot++) {
        *slot = 0;
        memcpy(slot, data + part * nbytes, (size_t)nbytes);
    }
    return slot;
}

/* The core array of one round; its strides are the next of core_steps. */
static uint64_t *put_core(const Operand *o, uint64_t *slot, HlBlock *owner, char *data, const npy_intp *dims,
                          const npy_intp *core_steps) {
    if (!o->is_array) return put_scalar(o, slot, data);
    slot = put_array(slot, owner, data);
    for (int axis = 0; axis < o->ndim; axis++)
        *slot++ = axis < o->ncore ? (uint64_t)dims[1 + o->dims[axis]] : 1;
    for (int axis = 0; axis < o->ndim; axis++)
        *slot++ = (uint64_t)(axis < o->ncore ? core_steps[axis] : o->itemsize);
    return slot;
}

static void run_rounds(const UfuncLoop *loop, char **args, const npy_intp *dims, const npy_intp *steps,
                       uint64_t *slots, HlBlock *owners) {
    bool good = true;
    for (npy_intp round = 0; good && round < dims[0]; round++) {
        uint64_t *slot = slots;
        const npy_intp *core_steps = steps + loop->nargs;
        for (int i = 0; i < loop->nargs; core_steps += loop->operands[i++].ncore)
            slot =
                put_core(&loop->operands[i], slot, owners + i, args[i] + round * steps[i], dims, core_steps);
        good = spec_run(loop->any, loop->globals, slots);
    }
}

static void run_elementwise(const UfuncLoop *loop, char **args, npy_intp n, const npy_intp *steps,
                            uint64_t *slots, HlBlock *owners) {
    bool contiguous = loop->contiguous != NULL;
    uint64_t *slot = slots;
    for (int i = 0; i < loop->nargs; i++) {
        slot = put_array(slot, owners + i, args[i]);
        *slot++ = (uint64_t)n;
        *slot++ = (uint64_t)steps[i];
        contiguous &= steps[i] == loop->operands[i].itemsize;
    }
    spec_run(contiguous ? loop->contiguous : loop->any, loop->globals, slots);
}

static void run_loop(char **args, const npy_intp *dims, const npy_intp *steps, void *data) {
    const UfuncLoop *loop = data;
    uint64_t slots[MAX_ARGS * (2 + 2 * MAX_NDIM)];
    _Alignas(HL_VIEW_PLACES) HlBlock owners[MAX_ARGS];
    PyGILState_STATE gil = PyGILState_Ensure();
    if (PyErr_Occurred())
        ;
    else if (loop->elementwise)
        run_elementwise(loop, args, dims[0], steps, slots, owners);
    else
        run_rounds(loop, args, dims, steps, slots, owners);
    PyGILState_Release(gil);
}

/* ---- making a ufunc ---------------------------------------------------------------------------------- */

static void free_definition(PyObject *capsule) {
    Definition *d = PyCapsule_GetPointer(capsule, NULL);
    Py_XDECREF(d->name);
    Py_XDECREF(d->doc);
    Py_XDECREF(d->signature);
    Py_XDECREF(d->dispatchers);
    free(d->functions);
    free(d->data);
    free(d->types);
    free(d);
}

static Definition *new_definition(int nloops, int nargs) {
    Definition *d = calloc(1, sizeof *d + (size_t)nloops * sizeof *d->loops);
    if (!d) return NULL;
    d->nloops = nloops;
    d->functions = calloc((size_t)nloops, sizeof *d->functions);
    d->data = calloc((size_t)nloops, sizeof *d->data);
    d->types = calloc((size_t)nloops, (size_t)nargs);
    return d;
}

/* (number of axes, -1 for a scalar; core dimensions) of one operand of NumPy's type `type_num`. */
static bool read_operand(PyObject *about, int type_num, Operand *o) {
    PyObject *dims;
    if (!PyArg_ParseTuple(about, "iO!:make_ufunc", &o->ndim, &PyTuple_Type, &dims)) return false;
    PyArray_Descr *descr = PyArray_DescrFromType(type_num);
    if (!descr) return false;
    o->itemsize = PyDataType_ELSIZE(descr);
    o->is_complex = PyDataType_ISCOMPLEX(descr);
    Py_DECREF(descr);
    o->is_array = o->ndim >= 0;
    o->ncore = (int)PyTuple_GET_SIZE(dims);
    if (o->ncore > MAX_NDIM || o->ndim > MAX_NDIM) {
        PyErr_SetString(PyExc_ValueError, "too many dimensions");
        return false;
    }
    for (int axis = 0; axis < o->ncore; axis++)
        o->dims[axis] = (int)PyLong_AsLong(PyTuple_GET_ITEM(dims, axis));
    return !PyErr_Occurred();
}

/* (dispatcher, argument texts, texts of the contiguous form or None, type numbers, operands) */
static bool read_loop(PyObject *about, Definition *d, int number, int nargs, bool elementwise) {
    PyObject *dispatcher, *texts, *contiguous, *type_nums, *operands;
    UfuncLoop *loop = &d->loops[number];
    *loop = (UfuncLoop){.elementwise = elementwise, .nargs = nargs};
    if (!PyArg_ParseTuple(about, "O!O!OO!O!:make_ufunc", dispatcher_type, &dispatcher, &PyTuple_Type, &texts,
                          &contiguous, &PyTuple_Type, &type_nums, &PyTuple_Type, &operands))
        return false;
    for (int i = 0; i < nargs; i++) {
        int num = (int)PyLong_AsLong(PyTuple_GetItem(type_nums, i));
        PyObject *operand = PyErr_Occurred() ? NULL : PyTuple_GetItem(operands, i);
        if (!operand || !read_operand(operand, num, &loop->operands[i])) return false;
        d->types[number * nargs + i] = (char)num;
    }
    loop->any = dispatcher_compiled((Dispatcher *)dispatcher, texts);
    if (!loop->any || PyList_Append(d->dispatchers, dispatcher) < 0) return false;
    if (contiguous != Py_None &&
        !(loop->contiguous = dispatcher_compiled((Dispatcher *)dispatcher, contiguous)))
        return false;
    loop->globals = PyFunction_GET_GLOBALS(((Dispatcher *)dispatcher)->function);
    d->functions[number] = run_loop;
    d->data[number] = loop;
    return true;
}

static bool read_definition(Definition *d, PyObject *loops, int nargs, bool elementwise) {
    d->dispatchers = PyList_New(0);
    for (int i = 0; i < d->nloops; i++)
        if (!d->dispatchers || !read_loop(PyList_GET_ITEM(loops, i), d, i, nargs, elementwise)) return false;
    return true;
}

static PyObject *make(Definition *d, int nin, int nout, int identity) {
    const char *signature = d->signature == Py_None ? NULL : PyUnicode_AsUTF8(d->signature);
    const char *name = PyUnicode_AsUTF8(d->name), *doc = PyUnicode_AsUTF8(d->doc);
    if (PyErr_Occurred()) return NULL;
    return PyUFunc_FromFuncAndDataAndSignature(d->functions, (void *const *)d->data, d->types, d->nloops, nin,
                                               nout, identity, name, doc, 0, signature);
}

/* Operands that a kernel reads and writes: what NumPy buffers for it is written back. */
static bool set_writable(PyObject *ufunc, PyObject *writable) {
    PyUFuncObject *u = (PyUFuncObject *)ufunc;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(writable); i++) {
        long number = PyLong_AsLong(PyTuple_GET_ITEM(writable, i));
        if (number < 0 || number >= u->nargs) return false;
        u->op_flags[number] = NPY_ITER_READWRITE | NPY_ITER_UPDATEIFCOPY;
    }
    return true;
}

PyObject *hl_dispatch_make_ufunc(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *name, *doc, *signature, *loops, *writable;
    int nin, nout, identity;
    if (!PyArg_ParseTuple(args, "UUiiiOO!O!:make_ufunc", &name, &doc, &nin, &nout, &identity, &signature,
                          &PyList_Type, &loops, &PyTuple_Type, &writable))
        return NULL;
    if (nin + nout > MAX_ARGS || nin < 0 || nout < 0)
        return PyErr_Format(PyExc_ValueError, "a ufunc has at most %d operands", MAX_ARGS);
    if (!PyUFunc_API && _import_umath() < 0) return NULL;
    Definition *d = new_definition((int)PyList_GET_SIZE(loops), nin + nout);
    PyObject *capsule = d ? PyCapsule_New(d, NULL, free_definition) : PyErr_NoMemory();
    if (!capsule) return NULL;
    d->name = Py_NewRef(name);
    d->doc = Py_NewRef(doc);
    d->signature = Py_NewRef(signature);
    bool good = read_definition(d, loops, nin + nout, signature == Py_None);
    PyObject *ufunc = good ? make(d, nin, nout, identity) : NULL;
    if (ufunc)
        ((PyUFuncObject *)ufunc)->obj = capsule;
    else
        Py_DECREF(capsule);
    if (ufunc && !set_writable(ufunc, writable)) {
        PyErr_SetString(PyExc_ValueError, "a writable operand is out of range");
        Py_CLEAR(ufunc);
    }
    return ufunc;
}
