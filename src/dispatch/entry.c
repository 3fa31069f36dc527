/* Entry in the middle of a function: compiles from a bytecode offset, with the values CPython's frame has
 * there.
 *
 * The bound locals and the operand stack become the parameters. Iterators are passed as their state, read
 * through
 * __reduce__, which says the same on every version: range_iterator (start, step, remaining), array and tuple
 * iterators (what they go over, index), a.flat likewise, enumerate (iterator, count), zip (iterators).
 */
#include "dispatch/internal.h"
#include "bytecode/bytecode.h"

#include <string.h>

PyObject *entry_null;

bool entry_init(PyObject *module) {
    entry_null = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    return entry_null && PyModule_AddObjectRef(module, "NULL", entry_null) == 0;
}

PyObject *hl_dispatch_frame_stack(PyObject *module, PyObject *frame) {
    (void)module;
    if (PyFrame_Check(frame)) return interp_frame_stack(frame, entry_null);
    PyErr_SetString(PyExc_TypeError, "frame_stack() takes a frame");
    return NULL;
}

/* ---- iterators as tuples of their state -------------------------------------------------------------- */

/* A value as it is unboxed, a new reference, and its type; type NULL: no compiled form. NULL: an exception.
 */
typedef struct Typed {
    PyObject *value;
    const Type *type;
} Typed;

static Typed typed_value(Compile *c, PyObject *object);

static Typed no_type(void) {
    return (Typed){Py_NewRef(Py_None), NULL};
}

/* (value, ...) of the given kind over inner, from a tuple of values; steals `state`. */
static Typed iterator(TypeKind kind, const Type *const *inner, uint32_t n, PyObject *state) {
    return (Typed){state, state ? hl_type_make(kind, inner, n) : NULL};
}

/* __reduce__ of a range iterator: (iter, (range,)[, index]); start and step of what is left. */
static Typed range_state(PyObject *reduced) {
    PyObject *args = PyTuple_GET_ITEM(reduced, 1), *range = PyTuple_GET_ITEM(args, 0);
    PyObject *index = PyTuple_GET_SIZE(reduced) > 2 ? PyTuple_GET_ITEM(reduced, 2) : NULL;
    Py_ssize_t done = index && index != Py_None ? PyLong_AsSsize_t(index) : 0, len = PyObject_Size(range);
    PyObject *start = PyObject_GetAttrString(range, "start"), *step = PyObject_GetAttrString(range, "step");
    if (len < 0) { /* 2**63 values and more: 2**63 - 1 stand for them */
        PyErr_Clear();
        len = PY_SSIZE_T_MAX;
    }
    if (len == done) Py_XSETREF(start, PyLong_FromLong(0)); /* behind the end there may be no 64-bit number */
    PyObject *passed = PyLong_FromSsize_t(len == done ? 0 : done),
             *moved = passed && step ? PyNumber_Multiply(passed, step) : NULL;
    PyObject *next = moved && start ? PyNumber_Add(start, moved) : NULL;
    PyObject *state = next ? Py_BuildValue("(OOn)", next, step, len - done) : NULL;
    Py_XDECREF(start), Py_XDECREF(step), Py_XDECREF(passed), Py_XDECREF(moved), Py_XDECREF(next);
    return (Typed){state, state ? hl_type(TY_RANGE_ITER) : NULL};
}

/* (iter, (sequence,), index): a tuple's or an array's iterator. */
static Typed sequence_state(PyObject *reduced) {
    PyObject *sequence = PyTuple_GET_ITEM(PyTuple_GET_ITEM(reduced, 1), 0);
    const Type *type = type_of(sequence);
    if (!type || PyTuple_GET_SIZE(reduced) < 3 || (type->kind != TY_TUPLE && type->kind != TY_ARRAY))
        return no_type();
    TypeKind kind = type->kind == TY_TUPLE ? TY_TUPLE_ITER : TY_ARRAY_ITER;
    return iterator(kind, &type, 1, Py_BuildValue("(OO)", sequence, PyTuple_GET_ITEM(reduced, 2)));
}

/* (enumerate, (iterator, count)) */
static Typed enumerate_state(Compile *c, PyObject *reduced) {
    PyObject *args = PyTuple_GET_ITEM(reduced, 1);
    Typed inner = typed_value(c, PyTuple_GET_ITEM(args, 0));
    if (!inner.type) return inner;
    return iterator(TY_ENUMERATE_ITER, &inner.type, 1,
                    Py_BuildValue("(NO)", inner.value, PyTuple_GET_ITEM(args, 1)));
}

/* (zip, (iterator, ...)) */
static Typed zip_state(Compile *c, PyObject *reduced) {
    PyObject *args = PyTuple_GET_ITEM(reduced, 1), *state = PyTuple_New(PyTuple_GET_SIZE(args));
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    const Type **inner = hl_new_array(&c->arena, const Type *, n + 1);
    for (Py_ssize_t i = 0; state && i < n; i++) {
        Typed part = typed_value(c, PyTuple_GET_ITEM(args, i));
        inner[i] = part.type;
        if (part.value) PyTuple_SET_ITEM(state, i, part.value);
        if (part.type) continue;
        Py_DECREF(state);
        return part.value ? no_type() : (Typed){NULL, NULL};
    }
    return iterator(TY_ZIP_ITER, inner, (uint32_t)n, state);
}

/* NumPy's object is its own iterator. Of an array in C order compiled code goes over the view with one axis. */
static Typed flat_state(PyObject *flat) {
    PyObject *array = PyObject_GetAttrString(flat, "base"), *index = PyObject_GetAttrString(flat, "index");
    const Type *type = array ? type_of(array) : NULL, *whole = NULL;
    if (type && type->kind == TY_ARRAY && type->layout == LAYOUT_C && type->ndim != 1) {
        Py_SETREF(array, PyArray_Ravel((PyArrayObject *)array, NPY_CORDER));
        type = array ? type_of(array) : NULL;
    }
    if (!array || !index || !type || type->kind != TY_ARRAY) {
        Py_XDECREF(array), Py_XDECREF(index);
        return array && index ? no_type() : (Typed){NULL, NULL};
    }
    whole = hl_type_make(TY_FLAT, &type, 1);
    return iterator(TY_FLAT_ITER, &whole, 1, Py_BuildValue("((N)N)", array, index));
}

static Typed iterator_state(Compile *c, PyObject *object) {
    if (Py_IS_TYPE(object, &PyArrayIter_Type)) return flat_state(object);
    PyObject *reduced = PyObject_CallMethod(object, "__reduce__", NULL);
    Typed state = {NULL, NULL};
    if (!reduced) return state;
    if (Py_IS_TYPE(object, &PyRangeIter_Type) || Py_IS_TYPE(object, &PyLongRangeIter_Type))
        state = range_state(reduced);
    else if (Py_IS_TYPE(object, &PyEnum_Type))
        state = enumerate_state(c, reduced);
    else if (Py_IS_TYPE(object, &PyZip_Type))
        state = zip_state(c, reduced);
    else
        state = sequence_state(reduced);
    Py_DECREF(reduced);
    return state;
}

static bool is_iterator(PyObject *object) {
    PyTypeObject *cls = Py_TYPE(object);
    return cls == &PyRangeIter_Type || cls == &PyLongRangeIter_Type || cls == &PyEnum_Type ||
           cls == &PyZip_Type || cls == &PyTupleIter_Type || cls == &PySeqIter_Type ||
           cls == &PyArrayIter_Type;
}

/* What has no type as an argument (functions, modules, strings) is a constant known when compiling. */
static Typed typed_value(Compile *c, PyObject *object) {
    if (is_iterator(object)) return iterator_state(c, object);
    const Type *type = type_of(object);
    if (!type) type = hl_host_value(c, object).type;
    return (Typed){Py_NewRef(object), type};
}

/* ---- compiling from there ---------------------------------------------------------------------------- */

/* Python's host, but the "function" whose address is this record's means the rest of `function` from `entry`.
 */
typedef struct EntryHost {
    Host host;
    const void *function;
    HlEntry entry;
} EntryHost;

static Func *entry_untyped(Compile *c, const void *function) {
    const EntryHost *h = (const EntryHost *)c->host;
    if (function == h) return hl_bytecode_ssa(c, h->function, &h->entry);
    return hl_bytecode_ssa(c, function, NULL);
}

/* The frame's values, in the order of the parameters. */
typedef struct Values {
    PyObject **objects; /* owned */
    const Type **types;
    uint32_t len;
} Values;

static bool add_value(Compile *c, Values *values, PyObject *object) {
    Typed typed = typed_value(c, object);
    if (!typed.value) return false;
    values->objects[values->len] = typed.value;
    values->types[values->len++] = typed.type;
    if (!typed.type) PyErr_Format(PyExc_TypeError, "a %s has no compiled form", Py_TYPE(object)->tp_name);
    return typed.type;
}

/* The names of co_localsplus are co_varnames, then the cells that are no parameters, then the free variables.
 */
static PyObject *local_names(PyObject *code) {
    PyObject *names = PyObject_GetAttrString(code, "co_varnames"),
             *own = names ? PySequence_List(names) : NULL;
    static const char *const others[] = {"co_cellvars", "co_freevars"};
    for (int i = 0; i < 2 && own; i++) {
        PyObject *more = PyObject_GetAttrString(code, others[i]);
        for (Py_ssize_t k = 0; more && k < PyTuple_GET_SIZE(more); k++) {
            PyObject *name = PyTuple_GET_ITEM(more, k);
            if (PySequence_Contains(own, name) == 0) PyList_Append(own, name);
        }
        Py_XDECREF(more);
    }
    Py_XDECREF(names);
    return own;
}

static bool add_locals(Compile *c, EntryHost *h, Values *values, PyObject *locals) {
    PyObject *names = local_names(PyFunction_GET_CODE((PyObject *)h->function));
    uint32_t *bound = hl_new_array(&c->arena, uint32_t, PyDict_Size(locals) + 1);
    bool good = names != NULL;
    h->entry.bound = bound;
    for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(names); i++) {
        PyObject *value = PyDict_GetItemWithError(locals, PyList_GET_ITEM(names, i));
        if (value) bound[h->entry.nbound++] = (uint32_t)i;
        if (value) good = add_value(c, values, value);
    }
    Py_XDECREF(names);
    return good;
}

static bool add_stack(Compile *c, EntryHost *h, Values *values, PyObject *stack) {
    Py_ssize_t n = PyList_GET_SIZE(stack);
    bool *is_null = hl_new_array(&c->arena, bool, n + 1), good = true;
    h->entry.is_null = is_null;
    h->entry.nstack = (uint32_t)n;
    for (Py_ssize_t i = 0; good && i < n; i++) {
        is_null[i] = PyList_GET_ITEM(stack, i) == entry_null;
        if (!is_null[i]) good = add_value(c, values, PyList_GET_ITEM(stack, i));
    }
    return good;
}

static PyObject *compile_and_call(Compile *c, const EntryHost *h, PyObject *options, const Values *values) {
    Spec *spec = spec_new(values->types, values->len);
    PyObject *result = NULL;
    bool fits;
    if (spec && spec_compile(c, spec, h, options, NULL)) {
        result = spec_call(spec, PyFunction_GET_GLOBALS((PyObject *)h->function), values->objects, &fits);
        if (!result && !PyErr_Occurred())
            PyErr_SetString(PyExc_SystemError, "the values do not fit their types");
    } else if (!PyErr_Occurred()) {
        error_raise_diagnostic(&c->diag);
    }
    if (spec) spec_free(spec);
    return result;
}

static PyObject *run_from(Compile *c, EntryHost *h, PyObject *options, PyObject *locals, PyObject *stack) {
    size_t n = (size_t)PyDict_Size(locals) + (size_t)PyList_GET_SIZE(stack) + 1;
    Values values = {hl_new_array(&c->arena, PyObject *, n), hl_new_array(&c->arena, const Type *, n), 0};
    PyObject *result = NULL;
    if (add_locals(c, h, &values, locals) && add_stack(c, h, &values, stack))
        result = compile_and_call(c, h, options, &values);
    while (values.len)
        Py_XDECREF(values.objects[--values.len]);
    return result;
}

PyObject *hl_dispatch_run_from(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *callable, *locals, *stack, *result = NULL;
    unsigned int offset;
    if (!PyArg_ParseTuple(args, "OIO!O!:run_from", &callable, &offset, &PyDict_Type, &locals, &PyList_Type,
                          &stack))
        return NULL;
    bool is_dispatcher = Py_IS_TYPE(callable, dispatcher_type);
    PyObject *function = is_dispatcher ? ((Dispatcher *)callable)->function : callable;
    if (!PyFunction_Check(function))
        return PyErr_Format(PyExc_TypeError, "run_from() takes a Python function");
    PyObject *options = is_dispatcher ? Py_NewRef(((Dispatcher *)callable)->options) : PyDict_New();
    Compile c = {0};
    EntryHost h = {hl_python_host, function, {.offset = offset}};
    h.host.untyped = entry_untyped;
    if (options && hl_python_attach(&c)) {
        c.host = &h.host;
        result = run_from(&c, &h, options, locals, stack);
    }
    hl_python_detach(&c);
    hl_compile_free(&c);
    Py_XDECREF(options);
    return result;
}
