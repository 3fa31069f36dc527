/* The semantic type of a Python object as an argument, or none: then the function runs in the interpreter. */
#include "dispatch/internal.h"
#include "bytecode/bytecode.h"

#include <string.h>

/* ---- NumPy's scalars --------------------------------------------------------------------------------- */

TypeKind kind_of_type_num(int type_num) {
    switch (type_num) {
#define SCALAR(kind, num, ctype, name)                                                                       \
    case num: return TY_##kind;
#include "dispatch/scalars.def"
#undef SCALAR
    case NPY_LONGLONG: return TY_I64;
    case NPY_ULONGLONG: return TY_U64;
    case NPY_COMPLEX64: return TY_C64;
    case NPY_COMPLEX128: return TY_C128;
    default: return TY_COUNT;
    }
}

int type_num_of_kind(TypeKind kind) {
    switch ((int)kind) {
#define SCALAR(kind, num, ctype, name)                                                                       \
    case TY_##kind: return num;
#include "dispatch/scalars.def"
#undef SCALAR
    case TY_C64: return NPY_COMPLEX64;
    case TY_C128: return NPY_COMPLEX128;
    default: return NPY_NOTYPE;
    }
}

PyTypeObject *scalar_class_of_kind(TypeKind kind) {
    switch ((int)kind) {
#define SCALAR(kind, num, ctype, name)                                                                       \
    case TY_##kind: return &Py##name##ArrType_Type;
#include "dispatch/scalars.def"
#undef SCALAR
    case TY_C64: return &PyComplex64ArrType_Type;
    case TY_C128: return &PyComplex128ArrType_Type;
    default: return NULL;
    }
}

static const Type *numpy_scalar(PyTypeObject *cls) {
    for (TypeKind kind = TY_B1; kind <= TY_C128; kind++)
        if (scalar_class_of_kind(kind) == cls) return hl_type(kind);
    return NULL;
}

/* ---- Python's objects -------------------------------------------------------------------------------- */

static const Type *int_type(PyObject *object) {
    int overflow;
    PyLong_AsLongLongAndOverflow(object, &overflow);
    return overflow ? NULL : hl_type(TY_INT);
}

static const Type *type_at(PyObject *object, int depth, bool is_default);
static bool holds_nothing(const Type *t);

/* NULL when an item has no type or the tuple is too large to pass in slots. */
static const Type *tuple_type(PyObject *tuple, int depth, bool is_default) {
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    if (n > MAX_SLOTS || depth == MAX_TUPLE_DEPTH) return NULL;
    Arena scratch = {0};
    const Type **items = hl_new_array(&scratch, const Type *, n + 1);
    const Type *type = NULL;
    Py_ssize_t i = 0;
    while (i < n && (items[i] = type_at(PyTuple_GET_ITEM(tuple, i), depth + 1, is_default)))
        i++;
    const char *name = PyTuple_CheckExact(tuple) ? NULL : hl_named_tuple((PyObject *)Py_TYPE(tuple));
    if (i == n)
        type = name ? hl_type_named(name, Py_TYPE(tuple), items, (uint32_t)n)
                    : hl_type_tuple(items, (uint32_t)n);
    if (type && holds_nothing(type)) type = NULL;
    hl_arena_free(&scratch);
    return type && hl_type_ncomponents(type) <= MAX_SLOTS ? type : NULL;
}

static bool is_item(const Type *t) {
    if (t->kind == TY_TUPLE || t->kind == TY_LIST) {
        for (uint32_t i = 0; i < t->nargs; i++)
            if (!is_item(t->args[i])) return false;
        return hl_type_ncomponents(t) <= MAX_ITEM_SLOTS;
    }
    return hl_type_is_scalar(t) || t->kind == TY_BOTTOM;
}

static bool is_key(const Type *t) {
    if (t->kind != TY_TUPLE) return hl_type_is_scalar(t);
    if (hl_type_ncomponents(t) >= MAX_ITEM_SLOTS) return false; /* the tag takes one */
    for (uint32_t i = 0; i < t->nargs; i++)
        if (!is_key(t->args[i])) return false;
    return true;
}

/* Is or has it a list that was always empty? Only for one that is an argument itself the code tells what it will hold. */
static bool holds_nothing(const Type *t) {
    if (t->kind == TY_BOTTOM) return true;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (holds_nothing(t->args[i])) return true;
    return false;
}

/* All items must be of one type: an int beside a float would come back as a float. Of lists inside, empty ones have any
 * type. */
static const Type *list_type(PyObject *list, int depth) {
    const Type *item = hl_type(TY_BOTTOM);
    if (depth == MAX_TUPLE_DEPTH) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        const Type *t = type_at(PyList_GET_ITEM(list, i), depth + 1, false);
        if (!t || !is_item(t)) return NULL;
        if (t == item) continue;
        bool empty = hl_type_converts(t, item) && t->kind == TY_LIST;
        bool first = item->kind == TY_BOTTOM || (hl_type_converts(item, t) && item->kind == TY_LIST);
        if (!empty && !first) return NULL;
        if (first) item = t;
    }
    return holds_nothing(item) && item->kind != TY_BOTTOM ? NULL : hl_type_list(item);
}

/* All keys of one type, for the same reason. */
static const Type *set_type(PyObject *set, int depth) {
    const Type *key = hl_type(TY_BOTTOM);
    PyObject *iterator = PyObject_GetIter(set), *item;
    while (iterator && key && (item = PyIter_Next(iterator))) {
        const Type *t = type_at(item, depth + 1, false);
        bool fits = t && is_key(t) && (key->kind == TY_BOTTOM || key == t);
        key = fits ? t : NULL;
        Py_DECREF(item);
    }
    Py_XDECREF(iterator);
    PyErr_Clear();
    return key ? hl_type_set(key) : NULL;
}

static const Type *range_type(PyObject *range) {
    static const char *const parts[] = {"start", "stop", "step"};
    const Type *type = hl_type(TY_RANGE);
    for (int i = 0; i < 3 && type; i++) {
        PyObject *part = PyObject_GetAttrString(range, parts[i]);
        if (!part || !int_type(part)) type = NULL;
        Py_XDECREF(part);
    }
    return type;
}

/* Of None and ints. */
static const Type *slice_type(PyObject *slice) {
    const PySliceObject *s = (PySliceObject *)slice;
    PyObject *const parts[3] = {s->start, s->stop, s->step};
    const Type *types[3];
    for (int i = 0; i < 3; i++) {
        types[i] = parts[i] == Py_None           ? hl_type(TY_NONE)
                   : PyLong_CheckExact(parts[i]) ? int_type(parts[i])
                                                 : NULL;
        if (!types[i]) return NULL;
    }
    return hl_type_make(TY_SLICE, types, 3);
}

static const Type *str_type(PyObject *text) {
    Py_ssize_t len;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &len);
    if (!utf8) PyErr_Clear();
    return utf8 ? hl_type_str(utf8, (size_t)len) : NULL;
}

static const Type *array_type(PyObject *array) {
    const Type *type = hl_ndarray_type(array);
    return type && type_num_of_kind((TypeKind)type->args[0]->kind) != NPY_NOTYPE ? type : NULL;
}

static const Type *type_at(PyObject *object, int depth, bool is_default) {
    PyTypeObject *cls = Py_TYPE(object);
    if (cls == &PyLong_Type) return int_type(object);
    if (cls == &PyFloat_Type) return hl_type(TY_FLOAT);
    if (cls == &PyBool_Type) return hl_type(TY_BOOL);
    if (cls == &PyComplex_Type) return hl_type(TY_COMPLEX);
    if (object == Py_None) return hl_type(TY_NONE);
    if (cls == &PyTuple_Type) return tuple_type(object, depth, is_default);
    if (cls == &PyArray_Type) return array_type(object);
    if (cls == &PyList_Type) return list_type(object, depth);
    if (cls == &PySet_Type) return set_type(object, depth);
    if (cls == &PyRange_Type) return range_type(object);
    if ((PyObject *)cls == random_generator_class()) return hl_type(TY_RNG);
    if (cls == &PySlice_Type) return slice_type(object);
    if (object == Py_Ellipsis) return hl_type(TY_ELLIPSIS);
    if (tensor_is(object)) return tensor_type(object);
    if (is_default && cls == &PyUnicode_Type) return str_type(object);
    bool named = PyTuple_Check(object) && hl_named_tuple((PyObject *)cls);
    return named ? tuple_type(object, depth, is_default) : numpy_scalar(cls);
}

const Type *type_of(PyObject *object) {
    return type_at(object, 0, false);
}

/* Functions, and classes and dtypes that inference knows by name, are constants: their caller is compiled for this
 * very object. */
const Type *type_of_function(PyObject *object) {
    const char *name = hl_python_name(object), *colon = strchr(name, ':');
    bool known = !colon || strncmp(name, "function:", 9) == 0 || strncmp(name, "numpy.dtype:", 12) == 0;
    return known ? hl_type_const(object, name) : NULL;
}

const Type *type_of_default(PyObject *object) {
    return type_at(object, 0, true);
}

/* ---- why there is none ------------------------------------------------------------------------------- */

/* The first item that keeps a list or tuple from having a type; NULL: none alone does. */
static PyObject *untyped_item(PyObject *sequence) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(sequence, i);
        const Type *type = type_of(item);
        if (!type || (PyList_CheckExact(sequence) && !is_item(type))) return item;
    }
    return NULL;
}

static const char *text_of(Arena *arena, PyObject *object) {
    PyObject *text = PyObject_Str(object);
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    const char *copy = hl_arena_strdup(arena, utf8 ? utf8 : "?");
    Py_XDECREF(text);
    PyErr_Clear();
    return copy;
}

const char *untyped_words(Arena *arena, PyObject *value, const char **hint) {
    *hint = NULL;
    if (PyLong_CheckExact(value)) return text_of(arena, value);
    if (PyArray_CheckExact(value)) {
        *hint = "pass arrays of numbers: fields of it, or what astype() makes of it";
        return hl_arena_printf(arena, "array of dtype %s",
                               text_of(arena, (PyObject *)PyArray_DESCR((PyArrayObject *)value)));
    }
    if (!PyList_CheckExact(value) && !PyTuple_CheckExact(value)) return Py_TYPE(value)->tp_name;
    PyObject *item = untyped_item(value);
    const char *name = Py_TYPE(value)->tp_name, *cls = item ? Py_TYPE(item)->tp_name : NULL;
    if (item) return hl_arena_printf(arena, "%s with %s %s in it", name, hl_article(cls), cls);
    if (PyTuple_CheckExact(value)) return "tuple with too many items";
    *hint = "give all items of the list one type";
    return "list whose items have several types";
}
