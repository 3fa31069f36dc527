/* signature: how a Python function takes its arguments, and which local each parameter arrives in.
 *
 * Parameters are numbered as HostSignature says: positional ones, *args, keyword-only ones, **kwargs. In a code object
 * *args stands behind the keyword-only ones. **kwargs is a dict, an object: compiled code calls no function that has it.
 */
#include "bytecode/internal.h"

static bool has_varargs(const PyCodeObject *code) {
    return code->co_flags & CO_VARARGS;
}

static bool has_varkw(const PyCodeObject *code) {
    return code->co_flags & CO_VARKEYWORDS;
}

uint32_t hl_bc_nparameters(const PyCodeObject *code) {
    return (uint32_t)(code->co_argcount + code->co_kwonlyargcount + has_varargs(code) + has_varkw(code));
}

uint32_t hl_bc_parameter_local(const PyCodeObject *code, uint32_t parameter) {
    uint32_t varargs = (uint32_t)code->co_argcount;
    bool is_varkw = has_varkw(code) && parameter == hl_bc_nparameters(code) - 1;
    if (!has_varargs(code) || parameter < varargs || is_varkw) return parameter;
    return parameter == varargs ? varargs + (uint32_t)code->co_kwonlyargcount : parameter - 1;
}

/* The default of a parameter, borrowed; NULL: required. */
static PyObject *find_default(PyFunctionObject *function, const PyCodeObject *code, uint32_t parameter) {
    uint32_t local = hl_bc_parameter_local(code, parameter);
    if (local < (uint32_t)code->co_argcount) {
        PyObject *defaults = function->func_defaults;
        Py_ssize_t n = defaults ? PyTuple_GET_SIZE(defaults) : 0,
                   index = (Py_ssize_t)local - code->co_argcount + n;
        return index >= 0 ? PyTuple_GET_ITEM(defaults, index) : NULL;
    }
    PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, (Py_ssize_t)local);
    PyObject *value =
        function->func_kwdefaults ? PyDict_GetItemWithError(function->func_kwdefaults, name) : NULL;
    if (!value) PyErr_Clear();
    return value;
}

/* A default that has no compiled form is still a default. */
static HostValue default_value(Compile *c, PyObject *object) {
    if (!object) return (HostValue){0};
    HostValue value = hl_host_value(c, object);
    if (!value.type) {
        hl_python_keep(c, object);
        value.type = hl_type_const(object, "object:int");
    }
    return value;
}

const HostSignature *hl_host_signature(Compile *c, const void *object) {
    PyFunctionObject *function = (PyFunctionObject *)object;
    const PyCodeObject *code = (const PyCodeObject *)function->func_code;
    uint32_t n = hl_bc_nparameters(code);
    const char **names = hl_new_array(&c->arena, const char *, n + 1);
    HostValue *defaults = hl_new_array(&c->arena, HostValue, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t local = hl_bc_parameter_local(code, i);
        names[i] = hl_bc_text(PyTuple_GET_ITEM(code->co_localsplusnames, (Py_ssize_t)local));
        defaults[i] = default_value(c, find_default(function, code, i));
    }
    HostSignature *signature = hl_new(&c->arena, HostSignature);
    *signature = (HostSignature){
        .nparams = n,
        .names = names,
        .npositional_only = (uint32_t)code->co_posonlyargcount,
        .npositional = (uint32_t)code->co_argcount,
        .nkeyword_only = (uint32_t)code->co_kwonlyargcount,
        .has_varargs = has_varargs(code),
        .has_varkw = has_varkw(code),
        .defaults = defaults,
    };
    return signature;
}
