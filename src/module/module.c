/* The extension module hotloop._hotloop: names for what bytecode/ and dispatch/ do. */
#include <Python.h>
#include <inttypes.h>
#include <string.h>

#include "bytecode/bytecode.h"
#include "dispatch/dispatch.h"

static PyObject *register_prelude(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *name, *value;
    if (!PyArg_ParseTuple(args, "UO:register_prelude", &name, &value) || !hl_register_prelude(name, value))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *describe_backend(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    char *error = NULL;
    const Backend *backend = hl_backend(&error);
    if (!backend) return PyErr_Format(PyExc_ImportError, "%s", error ? error : "LLVM cannot be loaded");
    Text text = {0};
    backend->describe(&text);
    PyObject *result = PyUnicode_FromStringAndSize(text.data, (Py_ssize_t)text.len);
    hl_text_free(&text);
    return result;
}

static void take_unit(void *list, const char *digest, const void *object, size_t nbytes) {
    PyObject *pair = Py_BuildValue("(sN)", digest, PyBytes_FromStringAndSize(object, (Py_ssize_t)nbytes));
    if (pair) PyList_Append(list, pair);
    Py_XDECREF(pair);
}

static PyObject *kept_units(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    const Backend *backend = hl_backend(NULL);
    PyObject *list = PyList_New(0);
    if (list && backend) backend->list_units(take_unit, list);
    if (PyErr_Occurred()) Py_CLEAR(list);
    return list;
}

static PyObject *set_overloads(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *overloads, *resolver;
    if (!PyArg_ParseTuple(args, "O!O:set_overloads", &PyDict_Type, &overloads, &resolver)) return NULL;
    hl_set_overloads(overloads, resolver);
    Py_RETURN_NONE;
}

/* The text of a class of named tuples in types: its quoted name and its address; None for any other class. */
static PyObject *named_tuple_text(PyObject *module, PyObject *cls) {
    (void)module;
    const char *name = hl_named_tuple(cls);
    if (!name) Py_RETURN_NONE;
    Text text = {0};
    hl_text_quote(&text, name, strlen(name));
    hl_text_printf(&text, ",0x%" PRIxPTR, (uintptr_t)cls);
    PyObject *result = PyUnicode_FromStringAndSize(text.data, (Py_ssize_t)text.len);
    hl_text_free(&text);
    return result;
}

static PyObject *named_tuple_class(PyObject *module, PyObject *address) {
    (void)module;
    return hl_named_tuple_class(address);
}

static PyMethodDef functions[] = {
    {"named_tuple_text", named_tuple_text, METH_O,
     "named_tuple_text(cls): what stands for a class of named tuples in the text of a type; None for "
     "others."},
    {"named_tuple_class", named_tuple_class, METH_O,
     "named_tuple_class(address): the class of named tuples that a type's text means."},
    {"typeof", hl_dispatch_typeof, METH_O,
     "typeof(obj): the text of the type obj has as an argument; ValueError if none."},
    {"set_exceptions", hl_dispatch_set_exceptions, METH_O,
     "Takes the classes to raise and warn with, by name."},
    {"_conformance_counters", hl_dispatch_counters, METH_NOARGS,
     "{'native': calls that ran machine code, 'fallback': calls that ran in the interpreter}."},
    {"prelude_units", hl_dispatch_prelude_units, METH_NOARGS,
     "{'compiled': large functions of the prelude that were compiled, 'kept': uses of what this process had "
     "compiled before, 'shipped': uses of what came with the package}."},
    {"kept_units", kept_units, METH_NOARGS,
     "kept_units(): (digest, object) of each large function of the prelude that this process has compiled."},
    {"make_ufunc", hl_dispatch_make_ufunc, METH_VARARGS,
     "make_ufunc(name, doc, nin, nout, identity, signature, loops, writable): a NumPy ufunc over compiled "
     "kernels; a "
     "loop is "
     "(function, argument texts, those of its contiguous form or None, type numbers, ((axes or -1, core "
     "dims), ...))."},
    {"observe", hl_dispatch_observe, METH_O,
     "observe(callable or None): call it after each compilation with the function, the texts of its argument "
     "types, {stage: text}, LLVM's remarks and the reason of a failure, (file, line, text) or None."},
    {"live_blocks", hl_dispatch_live_blocks, METH_NOARGS,
     "How many memory blocks of compiled code are alive."},
    {"run_from", hl_dispatch_run_from, METH_VARARGS,
     "run_from(function, offset, locals, stack): the rest of the function from a bytecode offset, compiled."},
    {"frame_stack", hl_dispatch_frame_stack, METH_O,
     "The operand stack of a suspended frame, NULLs as _hotloop.NULL."},
    {"max_threads", hl_dispatch_max_threads, METH_NOARGS, "The most threads a parallel loop may have."},
    {"num_threads", hl_dispatch_num_threads, METH_NOARGS, "How many it may use now, for this Python thread."},
    {"set_num_threads", hl_dispatch_set_num_threads, METH_O, "Sets that; ValueError."},
    {"chunk_size", hl_dispatch_chunk_size, METH_NOARGS,
     "Rounds of a part of a parallel loop; 0: thread by thread."},
    {"set_chunk_size", hl_dispatch_set_chunk_size, METH_O, "Sets that and returns what it was; ValueError."},
    {"threading_layer", hl_dispatch_threading_layer, METH_NOARGS,
     "The library parallel loops run on; None before the first one."},
    {"describe_backend", describe_backend, METH_NOARGS,
     "LLVM's version, the processor compiled for and its features, a line each; ImportError without LLVM."},
    {"set_overloads", set_overloads, METH_VARARGS,
     "set_overloads({object: [typing function]}, resolver): what users register with extending.overload()."},
    {"register_prelude", register_prelude, METH_VARARGS,
     "register_prelude(name, function or module name): what implements a NumPy function or a method."},
    {"dump_ssa", (PyCFunction)(void (*)(void))hl_bytecode_dump, METH_VARARGS | METH_KEYWORDS,
     "dump_ssa(function, offset=0, bound=None, stack=0, stage='ssa'): the text of an untyped stage."},
    {"host_type", hl_bytecode_host_type, METH_O, "The text of the type a global object has, or None."},
    {"opcodes", hl_bytecode_opcodes, METH_NOARGS, "{opcode: handler, or the words it is refused with}."},
    {0},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "hotloop._hotloop",
    .m_doc = "The compiler and the type of compiled functions.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__hotloop(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module && hl_bytecode_init() && hl_dispatch_init(module)) return module;
    Py_XDECREF(module);
    return NULL;
}
