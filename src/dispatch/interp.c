/* The few things that only CPython's internal structures say: the one file to look at when a new Python
 * comes.
 *
 * eval_breaker is the word the interpreter's own loop looks at; not 0 means that a signal, another thread or
 * a pending call waits. Since 3.13 it belongs to the thread and its higher bits hold a version; reading its
 * low half is enough, for a poll that finds nothing to do only costs time.
 */
#define Py_BUILD_CORE 1
#include <Python.h>
#undef HAVE_STD_ATOMIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter" /* CPython's */
#include <internal/pycore_ceval.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_object.h>
#include <internal/pycore_runtime.h>
#if PY_VERSION_HEX >= 0x030D0000
#include <internal/pycore_setobject.h>
#endif
#pragma GCC diagnostic pop
#undef Py_BUILD_CORE

#include "dispatch/internal.h"

const volatile int32_t *interp_eval_breaker(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return (const volatile int32_t *)&PyThreadState_Get()->eval_breaker;
#else
    return (const volatile int32_t *)&PyThreadState_Get()->interp->ceval.eval_breaker;
#endif
}

/* Does another thread wait for the GIL, which this thread holds? */
bool interp_gil_requested(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_Get()->eval_breaker & _PY_GIL_DROP_REQUEST_BIT;
#else
    return *(const volatile int32_t *)&PyThreadState_Get()->interp->ceval.gil_drop_request;
#endif
}

/* Is a signal waiting for the main thread? Needs no GIL. */
bool interp_signals_pending(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return *(const volatile int32_t *)&_PyRuntime.signals.is_tripped;
#else
    return *(const volatile int32_t *)&_PyRuntime.ceval.signals_pending;
#endif
}

bool interp_on_main_thread(void) {
    return PyThread_get_thread_ident() == _PyRuntime.main_thread;
}

/* What stands in a set's table where a key was removed. */
PyObject *interp_set_dummy(void) {
    return _PySet_Dummy;
}

/* ---- attributes ------------------------------------------------------------------------------------------ */

/* Objects of such a class may have their attributes' values in themselves, under names that the class keeps for all. */
#if PY_VERSION_HEX >= 0x030D0000
enum { MAY_BE_INLINE = Py_TPFLAGS_INLINE_VALUES };
#else
enum { MAY_BE_INLINE = Py_TPFLAGS_MANAGED_DICT };
#endif

/* In the order of the names; NULL: this one has them in a dict. */
static inline PyDictValues *inline_values(PyObject *object) {
#if PY_VERSION_HEX >= 0x030D0000
    PyDictValues *values = _PyObject_InlineValues(object);
    return values->valid ? values : NULL;
#elif PY_VERSION_HEX >= 0x030C0000
    PyDictOrValues *either = _PyObject_DictOrValuesPointer(object);
    return _PyDictOrValues_IsValues(*either) ? _PyDictOrValues_GetValues(*either) : NULL;
#else
    return *_PyObject_ValuesPointer(object);
#endif
}

/* The names, of which there may be more later, but never others. */
static PyDictKeysObject *names_of(const PyTypeObject *type) {
    return ((const PyHeapTypeObject *)type)->ht_cached_keys;
}

/* Which of the names; -1: none. */
static Py_ssize_t find_name(PyDictKeysObject *names, PyObject *name) {
    for (Py_ssize_t i = 0; i < names->dk_nentries; i++) {
        PyObject *own = DK_UNICODE_ENTRIES(names)[i].me_key;
        if (own == name || PyUnicode_Compare(own, name) == 0) return i;
    }
    return -1;
}

/* What was found for objects of one class, in this version of it: where an attribute of their own is, or a method, which is that of
 * each object without an attribute of its own by that name. */
typedef struct Found {
    unsigned version; /* of the class; CPython gives none twice */
    PyObject *name;   /* owned */
    Py_ssize_t index;
    PyObject *method;
    const PyDictKeysObject *names; /* NULL: the objects have no attributes of their own */
    Py_ssize_t nnames;             /* when it was looked for among them */
} Found;

enum { NFOUND = 256 };
static Found attributes[NFOUND], methods[NFOUND];

static inline Found *place_of(Found *all, const PyTypeObject *type, PyObject *name) {
    return &all[(type->tp_version_tag ^ ((uintptr_t)name >> 4)) % NFOUND];
}

static inline bool is_for(const Found *found, const PyTypeObject *type, PyObject *name) {
    return found->version == type->tp_version_tag && found->name == name && found->version;
}

static void remember(Found *place, Found found) {
    Py_XSETREF(place->name, Py_NewRef(found.name));
    *place = found;
}

static HL_COLD PyObject *look_up_attribute(PyObject *object, PyObject *name) {
    const PyTypeObject *type = Py_TYPE(object);
    bool may_be = type->tp_getattro == PyObject_GenericGetAttr && (type->tp_flags & MAY_BE_INLINE);
    if (!may_be || !inline_values(object) || _PyType_Lookup(Py_TYPE(object), name)) return NULL;
    Py_ssize_t index = find_name(names_of(type), name);
    if (index < 0 || !type->tp_version_tag) return NULL;
    remember(place_of(attributes, type, name),
             (Found){.version = type->tp_version_tag, .name = name, .index = index});
    return inline_values(object)->values[index];
}

PyObject *interp_own_attribute(PyObject *object, PyObject *name) {
    const PyTypeObject *type = Py_TYPE(object);
    const Found *found = place_of(attributes, type, name);
    if (!is_for(found, type, name)) return look_up_attribute(object, name);
    const PyDictValues *values = inline_values(object);
    return values ? values->values[found->index] : NULL;
}

static HL_COLD PyObject *look_up_method(PyObject *object, PyObject *name) {
    PyTypeObject *type = Py_TYPE(object);
    if (type->tp_getattro != PyObject_GenericGetAttr) return NULL;
    PyObject *method = _PyType_Lookup(type, name);
    if (!method || !PyType_HasFeature(Py_TYPE(method), Py_TPFLAGS_METHOD_DESCRIPTOR)) return NULL;
    bool is_inline = (type->tp_flags & MAY_BE_INLINE) && inline_values(object);
    bool is_plain = !type->tp_dictoffset && !(type->tp_flags & Py_TPFLAGS_MANAGED_DICT);
    if (is_inline ? find_name(names_of(type), name) >= 0 : !is_plain) return NULL;
    if (type->tp_version_tag)
        remember(place_of(methods, type, name),
                 (Found){.version = type->tp_version_tag,
                         .name = name,
                         .method = method,
                         .names = is_inline ? names_of(type) : NULL,
                         .nnames = is_inline ? names_of(type)->dk_nentries : 0});
    return method;
}

PyObject *interp_find_method(PyObject *object, PyObject *name) {
    const PyTypeObject *type = Py_TYPE(object);
    const Found *found = place_of(methods, type, name);
    bool known = is_for(found, type, name) &&
                 (!found->names || (found->names->dk_nentries == found->nnames && inline_values(object)));
    return known ? found->method : look_up_method(object, name);
}

/* ---- frames ---------------------------------------------------------------------------------------------- */

/* The code object of a frame; borrowed. */
static const PyCodeObject *frame_code(const _PyInterpreterFrame *frame) {
#if PY_VERSION_HEX >= 0x030D0000
    return (const PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

PyObject *interp_frame_stack(PyObject *frame, PyObject *null) {
    const _PyInterpreterFrame *f = ((PyFrameObject *)frame)->f_frame;
    PyObject *list = PyList_New(0);
    for (int i = frame_code(f)->co_nlocalsplus; list && i < f->stacktop; i++)
        if (PyList_Append(list, f->localsplus[i] ? f->localsplus[i] : null) < 0) Py_CLEAR(list);
    return list;
}
