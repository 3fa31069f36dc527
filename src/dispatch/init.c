/* Start-up of this folder, and its module functions that belong to no other file. */
#define HL_NUMPY_IMPORTS
#include "dispatch/internal.h"
#include "bytecode/bytecode.h"

static bool import_numpy(void) {
    import_array1(false);
    return true;
}

bool hl_dispatch_init(PyObject *module) {
    if (!import_numpy() || !handler_init() || !dispatcher_init(module) || !entry_init(module) ||
        !object_init() || !profile_init())
        return false;
    hl_set_dispatcher_unwrap(dispatcher_unwrap);
    random_init();
    foreign_init();
    return true;
}

PyObject *hl_dispatch_typeof(PyObject *module, PyObject *object) {
    (void)module;
    const Type *type = type_of(object);
    if (type) return PyUnicode_FromString(hl_type_text(type));
    return PyErr_Format(PyExc_ValueError, "%s has no compiled form", Py_TYPE(object)->tp_name);
}

PyObject *hl_dispatch_set_exceptions(PyObject *module, PyObject *classes) {
    (void)module;
    if (!error_set_classes(classes)) return NULL;
    Py_RETURN_NONE;
}

PyObject *hl_dispatch_counters(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return Py_BuildValue("{s:L,s:L}", "native", (long long)counters.native, "fallback",
                         (long long)counters.fallback);
}

PyObject *hl_dispatch_prelude_units(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return Py_BuildValue("{s:L,s:L,s:L}", "compiled", (long long)counters.units_compiled, "kept",
                         (long long)counters.units_kept, "shipped", (long long)counters.units_shipped);
}

PyObject *hl_dispatch_live_blocks(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLongLong(hlrt_live_blocks());
}
