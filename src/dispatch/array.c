/* Array components to NumPy arrays. Who owns the memory decides what the result is:
 *
 * - an argument's (the block has its object): the argument itself when address and shape are its own, else a
 * view of it;
 * - a block of compiled code's: an array that owns it (handler.c) when the result is the whole of it and is
 * contiguous, else a view of such an array, one-dimensional, which owns the whole;
 * - none (a constant inside the code): the global array the constant was made from, where it still has that content,
 *   else a copy.
 * The result is the owner itself unless its owner's address says that it is a view (hl_block_of). Results with the same
 * components are one object.
 */
#include "dispatch/internal.h"

#include <stdlib.h>
#include <string.h>

/* What an array's components say. */
typedef struct Parts {
    HlBlock *owner;
    void *marked; /* the owner's address as compiled code has it; differs from owner in a view */
    char *data;
    int nd;
    const npy_intp *dims, *strides; /* they stay where the components are */
} Parts;

static void take_parts(int nd, Boxing *in, Parts *out) {
    out->nd = nd;
    out->marked = (void *)(uintptr_t)*in->slot++;
    out->owner = hl_block_of(out->marked);
    out->data = (char *)(uintptr_t)*in->slot++;
    out->dims = (const npy_intp *)in->slot;
    out->strides = out->dims + nd;
    in->slot += 2 * nd;
}

static PyArray_Descr *descr_of(const Type *element) {
    return PyArray_DescrFromType(type_num_of_kind((TypeKind)element->kind));
}

/* ---- comparing --------------------------------------------------------------------------------------- */

/* Does `array` show exactly these elements? Strides of axes with one element say nothing. */
static bool is_same(PyObject *array, const Parts *p, const Type *element) {
    const PyArrayObject_fields *a = fields(array);
    if (a->data != p->data || a->nd != p->nd || kind_of_type_num(a->descr->type_num) != element->kind)
        return false;
    for (int i = 0; i < p->nd; i++)
        if (a->dimensions[i] != p->dims[i] || (p->dims[i] > 1 && a->strides[i] != p->strides[i]))
            return false;
    return true;
}

static bool is_contiguous(const Parts *p, npy_intp itemsize, int from, int step) {
    npy_intp expected = itemsize;
    for (int i = 0, axis = from; i < p->nd; i++, axis += step) {
        if (p->dims[axis] == 0) return true;
        if (p->dims[axis] > 1 && p->strides[axis] != expected) return false;
        expected *= p->dims[axis];
    }
    return true;
}

/* Is the array all of its block, in C or Fortran order? */
static bool is_whole(const Parts *p, npy_intp itemsize) {
    npy_intp nbytes = itemsize;
    for (int i = 0; i < p->nd; i++)
        nbytes *= p->dims[i];
    return p->data == (char *)(p->owner + 1) && nbytes == p->owner->nbytes &&
           (is_contiguous(p, itemsize, p->nd - 1, -1) || is_contiguous(p, itemsize, 0, 1));
}

/* Is it the whole of a block in the order that NumPy itself would give it? */
static bool is_plain(const Parts *p, npy_intp itemsize) {
    npy_intp expected = itemsize;
    for (int axis = p->nd - 1; axis >= 0; axis--) {
        if (p->strides[axis] != expected) return false;
        expected *= p->dims[axis];
    }
    return expected > 0 && expected == p->owner->nbytes && p->data == (char *)(p->owner + 1);
}

/* ---- making ------------------------------------------------------------------------------------------ */

/* A view whose base is `base` (or what NumPy takes for it: the owner at the end of the chain). */
static PyObject *view_of(PyObject *base, const Type *type, const Parts *p) {
    bool readonly = type->readonly && p->owner->object; /* memory of our own is so only by a join of types */
    int flags = readonly ? 0 : NPY_ARRAY_WRITEABLE;
    PyObject *view = PyArray_NewFromDescr(&PyArray_Type, descr_of(type->args[0]), p->nd, p->dims, p->strides,
                                          p->data, flags, NULL);
    if (!view) return NULL;
    if (PyArray_SetBaseObject((PyArrayObject *)view, Py_NewRef(base)) == 0) return view;
    Py_DECREF(view);
    return NULL;
}

static PyObject *copy_of(const Type *type, const Parts *p) {
    PyObject *view = PyArray_NewFromDescr(&PyArray_Type, descr_of(type->args[0]), p->nd, p->dims, p->strides,
                                          p->data, 0, NULL);
    if (!view) return NULL;
    PyObject *copy = PyArray_NewCopy((PyArrayObject *)view, NPY_KEEPORDER);
    Py_DECREF(view);
    return copy;
}

static bool has_content(PyObject *array, const Parts *p, const Type *element) {
    if (!PyArray_CheckExact(array) ||
        !is_contiguous(p, PyArray_ITEMSIZE((PyArrayObject *)array), p->nd - 1, -1))
        return false;
    Parts own = *p;
    own.data = PyArray_BYTES((PyArrayObject *)array);
    return PyArray_IS_C_CONTIGUOUS((PyArrayObject *)array) && is_same(array, &own, element) &&
           memcmp(own.data, p->data, (size_t)PyArray_NBYTES((PyArrayObject *)array)) == 0;
}

static PyObject *constant(const Type *type, const Parts *p, PyObject *known) {
    for (Py_ssize_t i = 0; known && i < PyList_GET_SIZE(known); i++)
        if (has_content(PyList_GET_ITEM(known, i), p, type->args[0]))
            return Py_NewRef(PyList_GET_ITEM(known, i));
    return copy_of(type, p);
}

/* The array that owns all of p's block: the one that Python has already, else p itself, else one axis of its elements (of bytes where they do not
 * divide). */
static PyObject *make_whole(const Type *type, const Parts *p) {
    PyObject *made = p->owner->array;
    if (made && Py_REFCNT(made) > 0) { /* 0: a callback of its weak references runs */
        Py_INCREF(made);
        hlrt_release(p->owner);
        return made;
    }
    PyArray_Descr *descr = descr_of(type->args[0]);
    npy_intp itemsize = PyDataType_ELSIZE(descr), len = p->owner->nbytes;
    if (is_whole(p, itemsize)) return handler_array(p->owner, descr, p->nd, p->dims, p->strides);
    if (len % itemsize == 0) return handler_array(p->owner, descr, 1, &(npy_intp){len / itemsize}, NULL);
    Py_DECREF(descr);
    return handler_array(p->owner, PyArray_DescrFromType(NPY_UINT8), 1, &len, NULL);
}

/* ---- several results of one block -------------------------------------------------------------------- */

bool box_remember(Boxing *in, const void *marked, PyObject *array) {
    Whole *whole = in->wholes ? malloc(sizeof *whole) : &in->first;
    if (!whole) {
        PyErr_NoMemory();
        return false;
    }
    *whole = (Whole){in->wholes, marked, Py_NewRef(array)};
    in->wholes = whole;
    return true;
}

void box_forget_wholes(Boxing *in) {
    while (in->wholes) {
        Whole *whole = in->wholes;
        in->wholes = whole->next;
        Py_DECREF(whole->array);
        if (whole != &in->first) free(whole);
    }
}

PyObject *box_find(const Boxing *in, const void *marked) {
    for (const Whole *w = in->wholes; w; w = w->next)
        if (w->marked == marked) return w->array;
    return NULL;
}

/* Borrowed; NULL with an exception. The reference to the block is taken over. */
static PyObject *whole_of(const Type *type, const Parts *p, Boxing *in) {
    PyObject *whole = box_find(in, p->owner);
    if (whole) {
        hlrt_release(p->owner);
        return whole;
    }
    whole = make_whole(type, p);
    if (!whole) return NULL;
    bool good = box_remember(in, p->owner, whole);
    Py_DECREF(whole);
    return good ? whole : NULL;
}

/* The arrays that own their blocks, before any view of them is boxed: they have their own shape. */
static void find_wholes(const Type *type, Boxing *in) {
    Parts p;
    if (type->kind == TY_ARRAY) {
        take_parts(type->ndim, in, &p);
        if (!p.owner || p.owner->object || p.marked != p.owner) return;
        hlrt_retain(p.owner);
        if (!whole_of(type, &p, in)) PyErr_Clear(); /* it fails again */
        return;
    }
    if (type->kind == TY_LIST) {
        box_find_wholes_in_list(type, in);
        return;
    }
    if (type->kind != TY_TUPLE) {
        in->slot += hl_type_ncomponents(type);
        return;
    }
    for (uint32_t i = 0; i < type->nargs; i++)
        find_wholes(type->args[i], in);
}

void box_find_wholes(const Type *type, Boxing *in) {
    const uint64_t *first = in->slot;
    find_wholes(type, in);
    in->slot = first;
}

/* Is it a view that was made already? */
static PyObject *find_view(const Type *type, const Parts *p, const Boxing *in) {
    for (const Whole *w = in->wholes; w; w = w->next)
        if (w->marked == p->marked && is_same(w->array, p, type->args[0])) return Py_NewRef(w->array);
    return NULL;
}

static PyObject *one_view(PyObject *base, const Type *type, const Parts *p, Boxing *in) {
    PyObject *view = find_view(type, p, in);
    if (view) return view;
    view = view_of(base, type, p);
    if (!view || box_remember(in, p->marked, view)) return view;
    Py_DECREF(view);
    return NULL;
}

/* To Python code an object is itself also when its shape has changed since. */
static PyObject *array_or_view(PyObject *base, const Type *type, const Parts *p, Boxing *in) {
    bool itself = is_same(base, p, type->args[0]) || (in->exact && p->owner->object);
    if (p->marked == p->owner && itself) return Py_NewRef(base);
    return one_view(base, type, p, in);
}

/* Of a block of compiled code's. */
static PyObject *own_array(const Type *type, const Parts *p, Boxing *in) {
    if (p->marked == p->owner && !p->owner->array) { /* the short way for most results */
        PyArray_Descr *descr = descr_of(type->args[0]);
        if (is_plain(p, PyDataType_ELSIZE(descr)))
            return handler_array(p->owner, descr, p->nd, p->dims, NULL);
        Py_DECREF(descr);
    }
    PyObject *whole = whole_of(type, p, in);
    return whole ? array_or_view(whole, type, p, in) : NULL;
}

PyObject *box_array(const Type *type, Boxing *in) {
    Parts p;
    take_parts(type->ndim, in, &p);
    if (!p.owner) return constant(type, &p, in->known);
    if (!p.owner->object) return own_array(type, &p, in);
    PyObject *array = array_or_view(p.owner->object, type, &p, in);
    hlrt_release(p.owner);
    return array;
}
