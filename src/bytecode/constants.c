/* constants: Python objects as values known when compiling, and those values as instructions.
 *
 * Only exact builtin types and NumPy's own scalars count as values: an instance of a subclass (an IntEnum)
 * may behave otherwise; of named tuples it is known that they do not (named.c). Everything that is no value is a constant with a canonical name
 * (names.c), kept alive by the Compile. No Python code runs: nothing is compared, hashed or asked for an
 * attribute that Python code can define.
 */
#include "bytecode/internal.h"

#define NO_IMPORT_ARRAY
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

/* ---- NumPy's types ------------------------------------------------------------------------------------- */

static TypeKind kind_of_typenum(int typenum) {
    switch (typenum) {
    case NPY_BOOL: return TY_B1;
    case NPY_BYTE: return TY_I8;
    case NPY_SHORT: return TY_I16;
    case NPY_INT: return TY_I32;
    case NPY_LONG: return sizeof(long) == 8 ? TY_I64 : TY_I32;
    case NPY_LONGLONG: return TY_I64;
    case NPY_UBYTE: return TY_U8;
    case NPY_USHORT: return TY_U16;
    case NPY_UINT: return TY_U32;
    case NPY_ULONG: return sizeof(long) == 8 ? TY_U64 : TY_U32;
    case NPY_ULONGLONG: return TY_U64;
    case NPY_HALF: return TY_F16;
    case NPY_FLOAT: return TY_F32;
    case NPY_DOUBLE: return TY_F64;
    case NPY_CFLOAT: return TY_C64;
    case NPY_CDOUBLE: return TY_C128;
    default: return TY_COUNT;
    }
}

static const Type *descr_type(const PyArray_Descr *descr) {
    TypeKind kind = kind_of_typenum(descr->type_num);
    return kind == TY_COUNT || !PyArray_ISNBO(descr->byteorder) ? NULL : hl_type(kind);
}

const Type *hl_dtype_type(PyObject *dtype) {
    return PyArray_DescrCheck(dtype) ? descr_type((PyArray_Descr *)dtype) : NULL;
}

const Type *hl_ndarray_type(PyObject *object) {
    if (!PyArray_CheckExact(object)) return NULL;
    PyArrayObject *array = (PyArrayObject *)object;
    const Type *element = descr_type(PyArray_DESCR(array));
    if (!element || PyArray_NDIM(array) > MAX_NDIM) return NULL;
    int layout = PyArray_IS_C_CONTIGUOUS(array)   ? LAYOUT_C
                 : PyArray_IS_F_CONTIGUOUS(array) ? LAYOUT_F
                                                  : LAYOUT_A;
    return hl_type_array(element, PyArray_NDIM(array), layout, !PyArray_ISWRITEABLE(array),
                         !PyArray_ISALIGNED(array));
}

/* ---- scalars ------------------------------------------------------------------------------------------- */

static HostValue int_value(PyObject *object) {
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow) return (HostValue){0};
    return (HostValue){hl_type_lit_int(value), {.i = value}};
}

static HostValue complex_value(PyObject *object) {
    Py_complex z = PyComplex_AsCComplex(object);
    return (HostValue){hl_type(TY_COMPLEX), {.f = {z.real, z.imag}}};
}

static HostValue str_value(PyObject *object) {
    Py_ssize_t len;
    const char *text = PyUnicode_AsUTF8AndSize(object, &len);
    if (text) return (HostValue){hl_type_str(text, (size_t)len), {0}};
    PyErr_Clear(); /* a lone surrogate */
    return (HostValue){hl_type_const(object, "object:str"), {0}};
}

/* The value of a NumPy integer as 64 bits; unsigned ones keep their bit pattern. */
static int64_t integer_bits(PyObject *object) {
    PyObject *index = PyNumber_Index(object);
    unsigned long long bits = index ? PyLong_AsUnsignedLongLongMask(index) : 0;
    Py_XDECREF(index);
    return (int64_t)bits;
}

/* A NumPy scalar of a type with a compiled form; type NULL: another one. NumPy's conversions are C code. */
static HostValue numpy_scalar(PyObject *object) {
    PyArray_Descr *descr = PyArray_DescrFromTypeObject((PyObject *)Py_TYPE(object));
    const Type *type = descr && descr->typeobj == Py_TYPE(object) ? descr_type(descr) : NULL;
    Py_XDECREF(descr);
    if (!type) return (HostValue){0};
    if (hl_type_is_boolean(type)) return (HostValue){type, {.i = PyObject_IsTrue(object)}};
    if (hl_type_is_integer(type)) return (HostValue){type, {.i = integer_bits(object)}};
    if (hl_type_is_float(type)) return (HostValue){type, {.f = {PyFloat_AsDouble(object)}}};
    Py_complex z = PyComplex_AsCComplex(object);
    return (HostValue){type, {.f = {z.real, z.imag}}};
}

/* ---- any object ---------------------------------------------------------------------------------------- */

/* name: that of its type, NULL for a plain tuple. */
static HostValue tuple_value(Compile *c, PyObject *tuple, const char *name) {
    uint32_t n = (uint32_t)PyTuple_GET_SIZE(tuple);
    HostValue *parts = hl_new_array(&c->arena, HostValue, n + 1);
    const Type **types = hl_new_array(&c->arena, const Type *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = hl_host_value(c, PyTuple_GET_ITEM(tuple, (Py_ssize_t)i));
        types[i] = parts[i].type;
        if (!types[i]) return (HostValue){0};
    }
    const Type *type = name ? hl_type_named(name, Py_TYPE(tuple), types, n) : hl_type_tuple(types, n);
    c->names_classes |= name != NULL;
    return (HostValue){type, {.object = parts}};
}

/* A frozen array is read-only in compiled code, and C contiguous: hl_host_array_data copies it so. */
static HostValue array_value(PyObject *object) {
    const Type *t = hl_ndarray_type(object);
    if (!t) return (HostValue){0};
    return (HostValue){hl_type_array(t->args[0], t->ndim, LAYOUT_C, true, false), {.object = object}};
}

const ConstData *hl_host_array_data(Compile *c, const void *object, int64_t *shape) {
    PyArrayObject *copy = (PyArrayObject *)PyArray_NewCopy((PyArrayObject *)object, NPY_CORDER);
    if (!copy) {
        PyErr_Clear();
        return NULL;
    }
    for (int axis = 0; axis < PyArray_NDIM(copy); axis++)
        shape[axis] = PyArray_DIM(copy, axis);
    ConstData *data = hl_new(&c->arena, ConstData);
    data->nbytes = (size_t)PyArray_NBYTES(copy);
    data->bytes = memcpy(hl_arena_alloc(&c->arena, data->nbytes + 1), PyArray_DATA(copy), data->nbytes);
    data->align = 64;
    Py_DECREF(copy);
    return data;
}

static HostValue named_value(Compile *c, PyObject *object) {
    hl_python_keep(c, object);
    return (HostValue){hl_type_const(object, hl_python_name(object)), {0}};
}

HostValue hl_host_value(Compile *c, PyObject *object) {
    if (object == Py_None) return (HostValue){hl_type(TY_NONE), {0}};
    if (object == Py_Ellipsis) return (HostValue){hl_type(TY_ELLIPSIS), {0}};
    if (PyBool_Check(object))
        return (HostValue){hl_type_lit_bool(object == Py_True), {.i = object == Py_True}};
    if (PyLong_CheckExact(object)) return int_value(object);
    if (PyFloat_CheckExact(object)) return (HostValue){hl_type(TY_FLOAT), {.f = {PyFloat_AS_DOUBLE(object)}}};
    if (PyComplex_CheckExact(object)) return complex_value(object);
    if (PyTuple_CheckExact(object)) return tuple_value(c, object, NULL);
    const char *named = PyTuple_Check(object) ? hl_named_tuple((PyObject *)Py_TYPE(object)) : NULL;
    if (named) return tuple_value(c, object, named);
    HostValue value = {0};
    if (PyUnicode_CheckExact(object)) value = str_value(object);
    if (PyArray_Check(object)) value = array_value(object);
    if (PyArray_IsScalar(object, Generic)) value = numpy_scalar(object);
    if (!value.type) return named_value(c, object);
    hl_python_keep(c, object);
    return value;
}

static HostValue any_object(Compile *c, PyObject *object) {
    hl_python_keep(c, object);
    const char *name = hl_arena_printf(&c->arena, "object:%s", Py_TYPE(object)->tp_name);
    return (HostValue){hl_type_const(object, hl_intern(name)), {0}};
}

/* ---- as instructions ----------------------------------------------------------------------------------- */

static Ref emit_value(Builder *b, HostValue value, Loc loc);

/* A named tuple is a call of its class. */
static Ref emit_tuple(Builder *b, HostValue value, Loc loc) {
    const HostValue *parts = value.aux.object;
    const Type *type = value.type;
    Ref *items = hl_new_array(&b->c->arena, Ref, type->nargs + 1);
    for (uint32_t i = 0; i < type->nargs; i++)
        items[i + 1] = emit_value(b, parts[i], loc);
    if (!type->name) return hl_bc_emit(b, OP_PY_TUPLE, items + 1, type->nargs, (Aux){0}, loc);
    items[0] = emit_value(b, hl_host_value(b->c, (PyObject *)type->object), loc);
    return hl_bc_emit(b, OP_PY_CALL, items, type->nargs + 1, (Aux){0}, loc);
}

static Ref emit_value(Builder *b, HostValue value, Loc loc) {
    if (value.type->kind == TY_TUPLE) return emit_tuple(b, value, loc);
    Op op = value.type->kind == TY_ARRAY ? OP_PY_CONST_ARRAY : OP_PY_CONST;
    Ref ref = hl_bc_emit(b, op, NULL, 0, value.aux, loc);
    hl_ins(b->f, ref)->type = value.type;
    return ref;
}

/* The digits of an integer, or how many bits it has where CPython refuses to print that many. */
static const char *int_text(PyObject *object) {
    PyObject *text = PyLong_CheckExact(object) ? PyObject_Str(object) : NULL;
    PyErr_Clear();
    const char *digits = text ? hl_bc_text(text) : "in this tuple";
    Py_XDECREF(text);
    return digits;
}

Ref hl_bc_constant(Builder *b, PyObject *object, Loc loc) {
    return emit_value(b, any_object(b->c, object), loc);
}

bool hl_bc_push_object(Builder *b, PyObject *object, Loc loc) {
    HostValue value = hl_host_value(b->c, object);
    if (value.type) {
        hl_bc_push(b, emit_value(b, value, loc));
    } else if (hl_bc_has_objects(b)) { /* its digits are what messages name it by */
        hl_bc_push(b, hl_bc_constant(b, object, loc));
        if (PyLong_CheckExact(object)) hl_name_value(b->f, b->stack[b->depth - 1].ref, int_text(object));
    } else {
        hl_bc_refuse(b, hl_arena_printf(&b->c->arena, "BIG_INT:%s", int_text(object)), loc);
        return false;
    }
    return true;
}

/* `x in {1, 2}` is a constant frozenset: equality decides there too, so a tuple serves, and in a loop over it. NULL with
 * no exception set when it cannot be one here. */
static PyObject *frozenset_items(PyObject *object, const Instr *instr) {
    uint8_t use = instr[1].handler;
    if (!PyFrozenSet_CheckExact(object) || (use != BH_contains && use != BH_get_iter)) return NULL;
    PyObject *items = PySequence_Tuple(object);
    PyErr_Clear();
    return items;
}

static const char *literal_words(PyObject *object) {
    if (PyBytes_Check(object)) return "a bytes literal";
    if (PyFrozenSet_Check(object)) return "a set display";
    return NULL;
}

/* The callable that a value known when compiling is, a module's attribute included; NULL: not known. */
static const Type *known_type(const Builder *b, Ref value) {
    const Ins *ins = hl_ins(b->f, value);
    if (ins->op != OP_PY_GETATTR) return ins->type;
    const Type *owner = hl_ins(b->f, ins->args[0])->type;
    if (!owner || owner->kind != TY_OBJECT_CONST) return NULL;
    return b->c->host->getattr(b->c, owner->object, ins->aux.name).type;
}

static bool is_only_argument(const Instr *instr) {
    const Instr *next = instr + 1;
    if (next->handler == BH_nop) next++; /* PRECALL */
    return next->handler == BH_call && next->arg == 1;
}

/* An integer in [2**63, 2**64) is a value only as the argument of numpy.uint64, which is the callable below
 * it. */
static bool push_uint64(Builder *b, PyObject *object, const Instr *instr) {
    if (!PyLong_CheckExact(object) || b->depth < 2 || !is_only_argument(instr)) return false;
    const Slot *callee = &b->stack[b->depth - 1];
    if (callee->kind == SLOT_NULL) callee--;
    const Type *type = callee->kind == SLOT_VALUE ? known_type(b, callee->ref) : NULL;
    if (!type || type->kind != TY_OBJECT_CONST || strcmp(type->name, "numpy.uint64") != 0) return false;
    unsigned long long value = PyLong_AsUnsignedLongLong(object);
    bool fits = !PyErr_Occurred() && value > INT64_MAX;
    PyErr_Clear();
    if (fits) hl_bc_push(b, emit_value(b, (HostValue){hl_type(TY_U64), {.i = (int64_t)value}}, instr->loc));
    return fits;
}

bool hl_bc_push_literal(Builder *b, PyObject *object, const Instr *instr) {
    PyObject *items = frozenset_items(object, instr);
    if (items) {
        bool pushed = hl_bc_push_object(b, items, instr->loc);
        hl_python_keep(b->c, items);
        Py_DECREF(items);
        return pushed;
    }
    if (PyCode_Check(object)) { /* of the MAKE_FUNCTION behind it */
        hl_bc_push(b, b->undef_value);
        return true;
    }
    if (PyFrozenSet_CheckExact(object) && instr[1].handler == BH_set_update) {
        Ref set = hl_bc_constant_set(b, object, instr->loc);
        if (set) hl_bc_push(b, set);
        return set != 0;
    }
    const char *words = literal_words(object);
    if (words && hl_bc_has_objects(b)) {
        hl_bc_push(b, hl_bc_constant(b, object, instr->loc));
        return true;
    }
    if (words) {
        hl_bc_refuse(b, words, instr->loc);
        return false;
    }
    return push_uint64(b, object, instr) || hl_bc_push_object(b, object, instr->loc);
}
