/* The extension module hotloop._hotloop: names for what bytecode/ and dispatch/ do. */
#include <Python.h>

#include "bytecode/bytecode.h"
#include "dispatch/dispatch.h"

static PyObject *register_prelude(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *name, *value;
    if (!PyArg_ParseTuple(args, "UO:register_prelude", &name, &value) || !hl_register_prelude(name, value))
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"typeof", hl_dispatch_typeof, METH_O,
     "typeof(obj): the text of the type obj has as an argument; ValueError if none."},
    {"set_exceptions", hl_dispatch_set_exceptions, METH_O,
     "Takes the classes to raise and warn with, by name."},
    {"_conformance_counters", hl_dispatch_counters, METH_NOARGS,
     "{'native': calls that ran machine code, 'fallback': calls that ran in the interpreter}."},
    {"observe", hl_dispatch_observe, METH_O,
     "observe(callable or None): call it after each compilation with the function, the texts of its argument "
     "types, {stage: text}, LLVM's remarks and the reason of a failure, (file, line, text) or None."},
    {"live_blocks", hl_dispatch_live_blocks, METH_NOARGS,
     "How many memory blocks of compiled code are alive."},
    {"run_from", hl_dispatch_run_from, METH_VARARGS,
     "run_from(function, offset, locals, stack): the rest of the function from a bytecode offset, compiled."},
    {"frame_stack", hl_dispatch_frame_stack, METH_O,
     "The operand stack of a suspended frame, NULLs as _hotloop.NULL."},
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
