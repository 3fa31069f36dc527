/* The hot half of a call: checks each argument against a plan and writes its machine components into slots.
 *
 * One step of the plan per object, no allocation, no exception: a value that does not fit ends it with NULL.
 * An array's owner is a block header on the caller's stack that points to the array, so that compiled code
 * can count references to it and a result that is the argument is recognised.
 */
#include "dispatch/internal.h"

#include <string.h>

static bool unbox_complex(PyObject *v, Unboxed *out) {
    if (Py_TYPE(v) != &PyComplex_Type) return false;
    Py_complex value = ((PyComplexObject *)v)->cval;
    *out->slot++ = float_bits(value.real);
    *out->slot++ = float_bits(value.imag);
    return true;
}

static uint64_t low_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint64_t integer_bits(int64_t value) {
    return (uint64_t)value;
}

#define SLOT_OF(value) _Generic((value), float: low_bits, double: float_bits, default: integer_bits)(value)

static void unbox_pair_f32(const float *parts, Unboxed *out) {
    *out->slot++ = low_bits(parts[0]);
    *out->slot++ = low_bits(parts[1]);
}

static void unbox_pair_f64(const double *parts, Unboxed *out) {
    *out->slot++ = float_bits(parts[0]);
    *out->slot++ = float_bits(parts[1]);
}

static bool unbox_scalar(const UnboxOp *op, PyObject *v, Unboxed *out) {
    if ((PyObject *)Py_TYPE(v) != op->object) return false;
    switch ((int)op->kind) {
#define SCALAR(kind, num, ctype, name)                                                                       \
    case TY_##kind: *out->slot++ = SLOT_OF((ctype)PyArrayScalar_VAL(v, name)); break;
#include "dispatch/scalars.def"
#undef SCALAR
    case TY_C64: unbox_pair_f32((const float *)&PyArrayScalar_VAL(v, Complex64), out); break;
    case TY_C128: unbox_pair_f64((const double *)&PyArrayScalar_VAL(v, Complex128), out); break;
    }
    return true;
}

static inline bool has_element(const UnboxOp *op, const PyArray_Descr *descr) {
    return (uint32_t)descr->type_num == op->n || kind_of_type_num(descr->type_num) == op->kind;
}

static inline bool unbox_array(const UnboxOp *op, PyObject *v, Unboxed *out) {
    if (Py_TYPE(v) != &PyArray_Type) return false;
    const PyArrayObject_fields *a = fields(v);
    if (a->nd != op->ndim || (a->flags & op->flags_mask) != op->flags) return false;
    if (!has_element(op, a->descr) || !PyArray_ISNBO(a->descr->byteorder)) return false;
    *out->owner = (HlBlock){.refcount = UNBOX_BORROWED, .object = v};
    *out->slot++ = (uint64_t)(uintptr_t)out->owner++;
    *out->slot++ = (uint64_t)(uintptr_t)a->data;
    for (int i = 0; i < a->nd; i++)
        *out->slot++ = (uint64_t)a->dimensions[i];
    for (int i = 0; i < a->nd; i++)
        *out->slot++ = (uint64_t)a->strides[i];
    return true;
}

static bool unbox_part(PyObject *range, const char *name, uint64_t *slot) {
    PyObject *part = PyObject_GetAttrString(range, name);
    bool fits = part && unbox_int(part, slot);
    Py_XDECREF(part);
    return fits;
}

static bool unbox_range(PyObject *v, Unboxed *out) {
    uint64_t *slot = out->slot;
    out->slot += 3;
    return Py_TYPE(v) == &PyRange_Type && unbox_part(v, "start", slot) && unbox_part(v, "stop", slot + 1) &&
           unbox_part(v, "step", slot + 2);
}

static bool is_literal(const UnboxOp *op, PyObject *v) {
    uint64_t value;
    if (op->kind == TY_LIT_BOOL) return v == (op->value ? Py_True : Py_False);
    return unbox_int(v, &value) && (int64_t)value == op->value;
}

static bool is_text(const UnboxOp *op, PyObject *v) {
    return v == op->object || (PyUnicode_CheckExact(v) && PyUnicode_Compare(v, op->object) == 0);
}

/* The same values in the cells of two functions of one code object; their order and number are the code's. */
static bool same_cells(PyObject *a, PyObject *b) {
    if (a == b) return true;
    for (Py_ssize_t i = 0; a && b && i < PyTuple_GET_SIZE(a); i++)
        if (PyCell_GET(PyTuple_GET_ITEM(a, i)) != PyCell_GET(PyTuple_GET_ITEM(b, i))) return false;
    return a && b;
}

/* A lambda is a new object each time it is met, and does the same as long as what it closes over is the same. */
static bool is_function(const UnboxOp *op, PyObject *v) {
    if (v == op->object) return true;
    if (!PyFunction_Check(v)) return false;
    const PyFunctionObject *a = (const PyFunctionObject *)v, *b = (const PyFunctionObject *)op->object;
    return a->func_code == b->func_code && a->func_globals == b->func_globals &&
           a->func_builtins == b->func_builtins && a->func_defaults == b->func_defaults &&
           a->func_kwdefaults == b->func_kwdefaults && same_cells(a->func_closure, b->func_closure);
}

static const UnboxOp *unbox_tuple(const UnboxOp *op, PyObject *v, Unboxed *out) {
    PyTypeObject *cls = op->object ? (PyTypeObject *)op->object : &PyTuple_Type;
    if (Py_TYPE(v) != cls || PyTuple_GET_SIZE(v) != (Py_ssize_t)op->n) return NULL;
    const UnboxOp *item = op + 1;
    for (uint32_t i = 0; i < op->n && item; i++)
        item = unbox_one(item, PyTuple_GET_ITEM(v, i), out);
    return item;
}

static const UnboxOp *unbox_slice(const UnboxOp *op, PyObject *v, Unboxed *out) {
    if (Py_TYPE(v) != &PySlice_Type) return NULL;
    const PySliceObject *slice = (const PySliceObject *)v;
    PyObject *const parts[3] = {slice->start, slice->stop, slice->step};
    const UnboxOp *part = op + 1;
    for (int i = 0; i < 3 && part; i++)
        part = unbox_one(part, parts[i], out);
    return part;
}

static const UnboxOp *unbox_optional(const UnboxOp *op, PyObject *v, Unboxed *out) {
    *out->slot++ = v != Py_None;
    if (v != Py_None) return unbox_one(op + 1, v, out);
    memset(out->slot, 0, (size_t)op->value * sizeof *out->slot);
    out->slot += op->value;
    return op + op->n;
}

const UnboxOp *unbox_one(const UnboxOp *op, PyObject *v, Unboxed *out) {
    bool fits = false;
    switch ((UnboxCode)op->code) {
    case UNBOX_INT: fits = unbox_int(v, out->slot++); break;
    case UNBOX_FLOAT:
        fits = Py_TYPE(v) == &PyFloat_Type;
        if (fits) *out->slot++ = float_bits(PyFloat_AS_DOUBLE(v));
        break;
    case UNBOX_BOOL:
        fits = v == Py_True || v == Py_False;
        *out->slot++ = v == Py_True;
        break;
    case UNBOX_ARRAY: fits = unbox_array(op, v, out); break;
    case UNBOX_TENSOR: fits = tensor_unbox(op, v, out); break;
    case UNBOX_TENSOR_SCALAR: fits = tensor_unbox_scalar(op, v, out); break;
    case UNBOX_TUPLE: return unbox_tuple(op, v, out);
    case UNBOX_OPTIONAL: return unbox_optional(op, v, out);
    case UNBOX_SLICE: return unbox_slice(op, v, out);
    case UNBOX_LIST: return unbox_list(op, v, out) ? op->n + op : NULL;
    case UNBOX_SET: return unbox_set(op, v, out) ? op->n + op : NULL;
    case UNBOX_COMPLEX: fits = unbox_complex(v, out); break;
    case UNBOX_ANY:
        fits = op->value || !type_of(v);
        *out->slot++ = (uint64_t)(uintptr_t)v;
        break;
    case UNBOX_NONE: fits = v == Py_None; break;
    case UNBOX_SCALAR: fits = unbox_scalar(op, v, out); break;
    case UNBOX_RANGE: fits = unbox_range(v, out); break;
    case UNBOX_STR: fits = is_text(op, v); break;
    case UNBOX_INSTANCE:
        fits = (PyObject *)Py_TYPE(v) == op->object;
        *out->slot++ = (uint64_t)(uintptr_t)v;
        break;
    case UNBOX_SAME: fits = v == op->object; break;
    case UNBOX_FUNCTION: fits = is_function(op, v); break;
    case UNBOX_LIT: fits = is_literal(op, v); break;
    }
    return fits ? op + 1 : NULL;
}

bool unbox(const Plan *plan, PyObject *const *values, Unboxed *out) {
    const UnboxOp *op = plan->ops;
    for (uint32_t i = 0; i < plan->nargs && op; i++)
        op = unbox_one(op, values[i], out);
    return op != NULL;
}
