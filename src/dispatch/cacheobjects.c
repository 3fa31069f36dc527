/* What code that uses Python's objects refers to, in the cache: the objects it was compiled with, the types it boxes and
 * looks for, the places where it may be left, and what was seen at those.
 *
 * No address is stored. An object is a literal, or is found again: by module and name, as a module, as a cell of the
 * function's closure, as what makes the inner function of one of its constants. Code with any other is not cached.
 */
#include "dispatch/cache.h"

#include <marshal.h>
#include <stdlib.h>
#include <string.h>

typedef enum Kind { LITERAL, NAMED, MODULE, CELL, PARTS } Kind;

static void put_u32(Text *out, uint32_t value) {
    put_field(out, &value, sizeof value);
}

static const char *utf8(PyObject *text) {
    const char *data = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    if (!data) PyErr_Clear();
    return data;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

static bool is_literal(PyObject *object) {
    bool is = object == Py_None || object == Py_Ellipsis || PyBool_Check(object) ||
              PyLong_CheckExact(object) || PyFloat_CheckExact(object) || PyComplex_CheckExact(object) ||
              PyUnicode_CheckExact(object) || PyBytes_CheckExact(object) || PyTuple_CheckExact(object);
    for (Py_ssize_t i = 0; is && PyTuple_CheckExact(object) && i < PyTuple_GET_SIZE(object); i++)
        is = is_literal(PyTuple_GET_ITEM(object, i));
    return is;
}

static bool put_literal(Text *out, PyObject *object) {
    PyObject *bytes = PyMarshal_WriteObjectToString(object, Py_MARSHAL_VERSION);
    if (bytes) {
        put_u32(out, LITERAL);
        put_field(out, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    }
    Py_XDECREF(bytes);
    return bytes;
}

static PyObject *find_named(const char *module_name, const char *qualname) {
    PyObject *object = PyImport_ImportModule(module_name);
    for (const char *part = qualname; object && *part;) {
        size_t len = strcspn(part, ".");
        PyObject *name = PyUnicode_FromStringAndSize(part, (Py_ssize_t)len);
        Py_SETREF(object, name ? PyObject_GetAttr(object, name) : NULL);
        Py_XDECREF(name);
        part += len + (part[len] == '.');
    }
    PyErr_Clear();
    return object;
}

/* False when it would not be found again under its name. A ufunc is NumPy's. */
static bool put_named(Text *out, PyObject *object) {
    PyObject *module = PyObject_GetAttrString(object, "__module__");
    PyErr_Clear();
    PyObject *qualname = PyObject_GetAttrString(object, module ? "__qualname__" : "__name__");
    PyErr_Clear();
    const char *module_name = module ? utf8(module) : "numpy", *name = utf8(qualname);
    PyObject *found = module_name && name ? find_named(module_name, name) : NULL;
    bool good = found == object;
    if (good) {
        put_u32(out, NAMED);
        put_text(out, module_name);
        put_text(out, name);
    }
    Py_XDECREF(found);
    Py_XDECREF(module);
    Py_XDECREF(qualname);
    return good;
}

static bool put_module(Text *out, PyObject *module) {
    const char *name = PyModule_GetName(module);
    PyObject *found = name ? PyImport_ImportModule(name) : NULL;
    PyErr_Clear();
    bool good = found == module;
    if (good) put_u32(out, MODULE), put_text(out, name);
    Py_XDECREF(found);
    return good;
}

/* The number of a cell in the function's closure. */
static bool put_cell(Text *out, const Dispatcher *d, PyObject *cell) {
    PyObject *closure = PyFunction_GET_CLOSURE(d->function);
    for (Py_ssize_t i = 0; closure && i < PyTuple_GET_SIZE(closure); i++) {
        if (PyTuple_GET_ITEM(closure, i) != cell) continue;
        put_u32(out, CELL);
        put_u32(out, (uint32_t)i);
        return true;
    }
    return false;
}

static bool is_parts(PyObject *object) {
    return PyTuple_CheckExact(object) && PyTuple_GET_SIZE(object) == 3 &&
           PyCode_Check(PyTuple_GET_ITEM(object, 0));
}

static bool put_object(Text *out, const Dispatcher *d, PyObject *object);

/* Which constant of the function the code is, and where its cells come from (hl_bc_function_parts). */
static bool put_parts(Text *out, const Dispatcher *d, PyObject *parts) {
    PyObject *consts = ((PyCodeObject *)PyFunction_GET_CODE(d->function))->co_consts;
    PyObject *sources = PyTuple_GET_ITEM(parts, 2);
    uint32_t i = 0, n = (uint32_t)PyTuple_GET_SIZE(sources);
    while ((Py_ssize_t)i < PyTuple_GET_SIZE(consts) &&
           PyTuple_GET_ITEM(consts, i) != PyTuple_GET_ITEM(parts, 0))
        i++;
    put_u32(out, PARTS);
    put_u32(out, i);
    put_u32(out, n);
    bool good = (Py_ssize_t)i < PyTuple_GET_SIZE(consts);
    for (uint32_t k = 0; good && k < n; k++)
        good = put_object(out, d, PyTuple_GET_ITEM(sources, k));
    return good;
}

static bool put_object(Text *out, const Dispatcher *d, PyObject *object) {
    if (is_parts(object)) return put_parts(out, d, object);
    if (is_literal(object)) return put_literal(out, object);
    if (PyModule_Check(object)) return put_module(out, object);
    if (PyCell_Check(object)) return put_cell(out, d, object);
    return put_named(out, object);
}

static PyObject *take_literal(Reader *in) {
    size_t nbytes;
    const char *data = take_field(in, &nbytes);
    return data ? PyMarshal_ReadObjectFromString(data, (Py_ssize_t)nbytes) : NULL;
}

static PyObject *take_named(Reader *in) {
    const char *module = take_text(in), *name = take_text(in);
    return module && name ? find_named(module, name) : NULL;
}

static PyObject *take_module(Reader *in) {
    const char *name = take_text(in);
    return name ? PyImport_ImportModule(name) : NULL;
}

static PyObject *take_cell(Reader *in, const Dispatcher *d) {
    PyObject *closure = PyFunction_GET_CLOSURE(d->function);
    uint32_t i;
    bool good = take_into(in, &i, sizeof i) && closure && (Py_ssize_t)i < PyTuple_GET_SIZE(closure);
    return good ? Py_NewRef(PyTuple_GET_ITEM(closure, i)) : NULL;
}

static PyObject *take_object(Reader *in, const Dispatcher *d, int depth);

static PyObject *take_parts(Reader *in, const Dispatcher *d, int depth) {
    PyObject *consts = ((PyCodeObject *)PyFunction_GET_CODE(d->function))->co_consts, *code;
    uint32_t i, n;
    if (depth == 0 || !take_into(in, &i, sizeof i) || !take_into(in, &n, sizeof n)) return NULL;
    if ((Py_ssize_t)i >= PyTuple_GET_SIZE(consts) || n > (size_t)(in->end - in->p)) return NULL;
    code = PyTuple_GET_ITEM(consts, i);
    PyObject *sources = PyCode_Check(code) ? PyTuple_New(n) : NULL, *parts = NULL;
    for (uint32_t k = 0; sources && k < n; k++) {
        PyObject *source = take_object(in, d, depth - 1);
        if (source)
            PyTuple_SET_ITEM(sources, k, source);
        else
            Py_CLEAR(sources);
    }
    if (sources) parts = PyTuple_Pack(3, code, d->globals, sources);
    Py_XDECREF(sources);
    return parts;
}

static PyObject *take_object(Reader *in, const Dispatcher *d, int depth) {
    uint32_t kind;
    if (!take_into(in, &kind, sizeof kind)) return NULL;
    switch ((Kind)kind) {
    case LITERAL: return take_literal(in);
    case NAMED: return take_named(in);
    case MODULE: return take_module(in);
    case CELL: return take_cell(in, d);
    case PARTS: return take_parts(in, d, depth);
    }
    return NULL;
}

static bool take_objects(Reader *in, const Dispatcher *d, Spec *spec) {
    uint32_t n;
    if (!take_into(in, &n, sizeof n)) return false;
    spec->objects = take_array(in, n, sizeof *spec->objects);
    for (; spec->objects && spec->nobjects < n; spec->nobjects++) {
        PyObject *object = take_object(in, d, 1);
        PyErr_Clear();
        if (!object) return false;
        spec->objects[spec->nobjects] = object;
    }
    return spec->objects;
}

/* ---- types and places ---------------------------------------------------------------------------------- */

/* What the object says is as good as a constant's type. */
static void put_known_type(Text *out, const Type *type) {
    put_text(out, type && !has_address(type) ? hl_type_text(type) : "");
}

static void put_place(Text *out, const Place *place) {
    const HlEntry *entry = &place->entry;
    uint32_t head[] = {entry->offset, entry->nbound,  entry->nstack,
                       entry->nmade,  place->nvalues, place->nobserved};
    uint32_t n = entry->nbound + place->nvalues;
    put_field(out, head, sizeof head);
    put_field(out, entry->bound, entry->nbound * sizeof *entry->bound);
    put_field(out, entry->is_null, entry->nstack * sizeof *entry->is_null);
    put_field(out, entry->made, entry->nmade * sizeof *entry->made);
    put_field(out, place->made, n * sizeof *place->made);
    put_field(out, place->nwords, n * sizeof *place->nwords);
    for (uint32_t i = 0; i < n; i++)
        put_known_type(out, place->types[i]);
}

static void *take_copy(Reader *in, uint32_t n, size_t item) {
    void *to = n > (size_t)(in->end - in->p) ? NULL : calloc((size_t)n + 1, item);
    if (to && take_into(in, to, n * item)) return to;
    free(to);
    return NULL;
}

static bool take_known_types(Reader *in, const Type **types, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const char *text = take_text(in);
        if (!text || (*text && !(types[i] = hl_type_parse(&text)))) return false;
    }
    return true;
}

static bool take_place(Reader *in, Place *place) {
    HlEntry *entry = &place->entry;
    uint32_t head[6];
    if (!take_into(in, head, sizeof head)) return false;
    *entry = (HlEntry){.offset = head[0], .nbound = head[1], .nstack = head[2], .nmade = head[3]};
    place->nvalues = head[4], place->nobserved = head[5];
    uint64_t n = (uint64_t)entry->nbound + place->nvalues;
    if (n > (size_t)(in->end - in->p)) return false;
    entry->bound = take_copy(in, entry->nbound, sizeof *entry->bound);
    entry->is_null = take_copy(in, entry->nstack, sizeof *entry->is_null);
    entry->made = take_copy(in, entry->nmade, sizeof *entry->made);
    place->made = take_copy(in, (uint32_t)n, sizeof *place->made);
    place->nwords = take_copy(in, (uint32_t)n, sizeof *place->nwords);
    place->types = calloc(n + 1, sizeof *place->types);
    return entry->bound && entry->is_null && entry->made && place->made && place->nwords && place->types &&
           take_known_types(in, place->types, (uint32_t)n);
}

static bool take_places(Reader *in, Spec *spec) {
    uint32_t n;
    if (!take_into(in, &n, sizeof n)) return false;
    spec->places = take_array(in, n, sizeof *spec->places);
    while (spec->places && spec->nplaces < n)
        if (!take_place(in, &spec->places[spec->nplaces++])) return false;
    return spec->places;
}

static bool put_boxed(Text *out, const Spec *spec) {
    bool good = true;
    put_u32(out, spec->nboxed);
    for (uint32_t i = 0; good && i < spec->nboxed; i++) {
        good = !has_address(spec->boxed[i].type);
        put_text(out, hl_type_text(spec->boxed[i].type));
    }
    return good;
}

static bool take_boxed(Reader *in, Spec *spec) {
    uint32_t n;
    if (!take_into(in, &n, sizeof n)) return false;
    spec->boxed = take_array(in, n, sizeof *spec->boxed);
    for (; spec->boxed && spec->nboxed < n; spec->nboxed++) {
        Boxed *boxed = &spec->boxed[spec->nboxed];
        boxed->type = take_type(in);
        if (!boxed->type) return false;
        if (!plan_make(&boxed->plan, &boxed->type, 1)) PyErr_Clear(); /* it is boxed only */
        plan_relax(&boxed->plan);
    }
    return spec->boxed;
}

bool cache_put_objects(Text *out, const Dispatcher *d, const Spec *spec) {
    bool good = true, foreign = spec->dispatcher;
    put_u32(out, spec->nobjects);
    for (uint32_t i = 0; good && i < spec->nobjects; i++)
        good = put_object(out, d, spec->objects[i]);
    put_field(out, &foreign, sizeof foreign);
    put_field(out, &spec->is_objmode, sizeof spec->is_objmode);
    good = good && put_boxed(out, spec);
    put_u32(out, spec->nplaces);
    for (uint32_t i = 0; good && i < spec->nplaces; i++)
        put_place(out, &spec->places[i]);
    if (foreign) continuation_put_seen(out, d);
    PyErr_Clear();
    return good;
}

bool cache_take_objects(Reader *in, Dispatcher *d, Spec *spec) {
    bool foreign;
    if (!take_objects(in, d, spec) || !take_into(in, &foreign, sizeof foreign)) return false;
    if (!take_into(in, &spec->is_objmode, sizeof spec->is_objmode)) return false;
    if (!take_boxed(in, spec) || !take_places(in, spec)) return false;
    return !foreign || (continuation_prepare(d, spec) && continuation_take_seen(in, d));
}
