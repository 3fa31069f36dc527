/* Argument types to a plan: the steps by which unbox.c checks and unboxes values of these types. */
#include "dispatch/internal.h"

#include <stdlib.h>

/* ---- counting: how many steps, arrays ---------------------------------------------------------------- */

static bool has_items(const Type *t) {
    switch ((int)t->kind) {
    case TY_TUPLE:
    case TY_SLICE:
    case TY_RANGE_ITER:
    case TY_ARRAY_ITER:
    case TY_FLAT_ITER:
    case TY_TUPLE_ITER:
    case TY_ENUMERATE_ITER:
    case TY_ZIP_ITER:
    case TY_FLAT:
    case TY_LIST:
    case TY_SET:
    case TY_OPTIONAL: return true;
    default: return false;
    }
}

static void count(Plan *plan, const Type *t) {
    plan->nops++;
    if (t->kind == TY_ARRAY || t->kind == TY_TENSOR) plan->nowners++;
    plan->has_tensors |= t->kind == TY_TENSOR;
    if (!has_items(t)) return;
    plan->nops += hl_type_nints((TypeKind)t->kind);
    for (uint32_t i = 0; i < t->nargs; i++)
        count(plan, t->args[i]);
}

/* ---- steps ------------------------------------------------------------------------------------------- */

static UnboxOp *put(Plan *plan, UnboxCode code) {
    UnboxOp *op = &plan->ops[plan->nops++];
    *op = (UnboxOp){.code = (uint8_t)code};
    return op;
}

static int layout_flags(int layout) {
    return layout == LAYOUT_C ? NPY_ARRAY_C_CONTIGUOUS : layout == LAYOUT_F ? NPY_ARRAY_F_CONTIGUOUS : 0;
}

static void put_array(Plan *plan, const Type *t) {
    UnboxOp *op = put(plan, UNBOX_ARRAY);
    op->kind = t->args[0]->kind;
    op->n = (uint32_t)type_num_of_kind((TypeKind)op->kind);
    op->ndim = t->ndim;
    op->flags_mask = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED | NPY_ARRAY_WRITEABLE;
    if (t->layout != LAYOUT_C) op->flags_mask |= NPY_ARRAY_F_CONTIGUOUS;
    op->flags = layout_flags(t->layout) | (t->unaligned ? 0 : NPY_ARRAY_ALIGNED) |
                (t->readonly ? 0 : NPY_ARRAY_WRITEABLE);
}

static bool put_tensor(Plan *plan, UnboxCode code, const Type *t) {
    UnboxOp *op = put(plan, code);
    op->kind = t->kind == TY_ARRAY ? t->args[0]->kind : t->kind;
    op->ndim = t->ndim;
    op->flags = t->layout;
    return true;
}

static bool put_type(Plan *plan, const Type *t);

/* n: how many steps the list has, its items' included. */
static bool put_list(Plan *plan, const Type *t) {
    uint32_t first = plan->nops;
    put(plan, UNBOX_LIST)->item = t->args[0];
    if (t->args[0]->kind != TY_BOTTOM && !put_type(plan, t->args[0])) return false;
    plan->ops[first].n = plan->nops - first;
    return hl_type_ncomponents(t->args[0]) <= MAX_ITEM_SLOTS;
}

static bool put_set(Plan *plan, const Type *t) {
    uint32_t first = plan->nops;
    const Type *key = hl_type_key_of(t);
    put(plan, UNBOX_SET)->item = t->args[0]->args[0];
    if (key->kind != TY_BOTTOM && !put_type(plan, key)) return false;
    plan->ops[first].n = plan->nops - first;
    return hl_type_ncomponents(key) < MAX_ITEM_SLOTS;
}

static bool put_optional(Plan *plan, const Type *t) {
    uint32_t first = plan->nops;
    put(plan, UNBOX_OPTIONAL)->value = hl_type_ncomponents(t->args[0]);
    if (!put_type(plan, t->args[0])) return false;
    plan->ops[first].n = plan->nops - first;
    return true;
}

static bool put_items(Plan *plan, const Type *t) {
    UnboxOp *op = put(plan, t->kind == TY_SLICE ? UNBOX_SLICE : UNBOX_TUPLE);
    uint32_t nints = hl_type_nints((TypeKind)t->kind);
    op->n = t->nargs + nints;
    if (t->kind == TY_TUPLE) op->object = Py_XNewRef((PyObject *)t->object); /* a class of named tuples */
    for (uint32_t i = 0; i < t->nargs; i++)
        if (!put_type(plan, t->args[i])) return false;
    for (uint32_t i = 0; i < nints; i++)
        put(plan, UNBOX_INT);
    return true;
}

static bool put_literal(Plan *plan, const Type *t) {
    UnboxOp *op = put(plan, UNBOX_LIT);
    op->kind = t->kind;
    op->value = t->value;
    return true;
}

static bool put_object(Plan *plan, UnboxCode code, PyObject *object) {
    put(plan, code)->object = object;
    return object != NULL;
}

static bool put_constant(Plan *plan, PyObject *object) {
    bool function = object && PyFunction_Check(object);
    return put_object(plan, function ? UNBOX_FUNCTION : UNBOX_SAME, Py_XNewRef(object));
}

static bool put_type(Plan *plan, const Type *t) {
    switch ((int)t->kind) {
    case TY_BOOL: return put(plan, UNBOX_BOOL);
    case TY_INT: return put(plan, UNBOX_INT);
    case TY_FLOAT: return put(plan, UNBOX_FLOAT);
    case TY_COMPLEX: return put(plan, UNBOX_COMPLEX);
    case TY_NONE: return put(plan, UNBOX_NONE);
    case TY_OBJECT: return put(plan, UNBOX_ANY);
    case TY_RANGE: return put(plan, UNBOX_RANGE);
    case TY_ARRAY: put_array(plan, t); return true;
    case TY_TENSOR: return put_tensor(plan, UNBOX_TENSOR, t->args[0]);
    case TY_TENSOR_SCALAR: return put_tensor(plan, UNBOX_TENSOR_SCALAR, t->args[0]);
    case TY_LIST: return put_list(plan, t);
    case TY_SET: return put_set(plan, t);
    case TY_OPTIONAL: return put_optional(plan, t);
    case TY_RNG: return put_object(plan, UNBOX_INSTANCE, Py_XNewRef(random_generator_class()));
    case TY_LIT_INT:
    case TY_LIT_BOOL: return put_literal(plan, t);
    case TY_ELLIPSIS: return put_object(plan, UNBOX_SAME, Py_NewRef(Py_Ellipsis));
    case TY_OBJECT_CONST: return put_constant(plan, (PyObject *)t->object);
    case TY_STR: return put_object(plan, UNBOX_STR, PyUnicode_FromStringAndSize(t->name, t->value));
    default: break;
    }
    if (has_items(t)) return put_items(plan, t);
    PyTypeObject *cls = scalar_class_of_kind((TypeKind)t->kind);
    if (!cls) return false;
    UnboxOp *op = put(plan, UNBOX_SCALAR);
    op->kind = t->kind;
    op->object = Py_NewRef((PyObject *)cls);
    return true;
}

bool plan_make(Plan *plan, const Type *const *types, uint32_t nargs) {
    *plan = (Plan){.nargs = nargs};
    for (uint32_t i = 0; i < nargs; i++) {
        count(plan, types[i]);
        plan->nslots += hl_type_ncomponents(types[i]);
    }
    bool good = true;
    plan->ops = calloc(plan->nops + 1, sizeof *plan->ops);
    plan->nops = 0;
    if (!plan->ops) {
        PyErr_NoMemory();
        return false;
    }
    for (uint32_t i = 0; good && i < nargs; i++)
        good = put_type(plan, types[i]);
    if (good && plan->nslots <= MAX_SLOTS) return true;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "these types cannot be arguments of a compiled function");
    return false;
}

static const UnboxOp *behind(const UnboxOp *op) {
    if (op->code == UNBOX_LIST || op->code == UNBOX_SET || op->code == UNBOX_OPTIONAL) return op + op->n;
    const UnboxOp *next = op + 1;
    for (uint32_t i = 0; op->code == UNBOX_TUPLE && i < op->n; i++)
        next = behind(next);
    return next;
}

static const Type *item_of(const Type *t) {
    return t->kind == TY_SET ? t->args[0]->args[0] : t->args[0];
}

void plan_know_items(Plan *plan, const Type *const *types) {
    const UnboxOp *op = plan->ops;
    for (uint32_t i = 0; i < plan->nargs; i++, op = behind(op))
        if (types[i]->kind == TY_LIST || types[i]->kind == TY_SET)
            plan->ops[op - plan->ops].item = item_of(types[i]);
}

void plan_relax(Plan *plan) {
    for (uint32_t i = 0; i < plan->nops; i++)
        if (plan->ops[i].code == UNBOX_ARRAY) plan->ops[i].flags_mask = plan->ops[i].flags;
}

void plan_free(Plan *plan) {
    for (uint32_t i = 0; i < plan->nops; i++)
        Py_XDECREF(plan->ops[i].object);
    free(plan->ops);
    *plan = (Plan){0};
}
