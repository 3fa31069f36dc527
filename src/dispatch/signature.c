/* A call's arguments to one value per parameter: positional, *args as a tuple, keyword-only, **kwargs as a dict, defaults
 * filled in.
 *
 * The order is that of the compiler: the positional parameters, then *args, then the keyword-only ones, then **kwargs.
 * Nothing here raises for a call that does not fit: the interpreter then runs the function and says so in its
 * own words.
 */
#include "dispatch/internal.h"

#include <string.h>

bool signature_read(Signature *sig, PyObject *function) {
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(function);
    sig->npositional = (uint32_t)code->co_argcount;
    sig->npositional_only = (uint32_t)code->co_posonlyargcount;
    sig->nkeyword_only = (uint32_t)code->co_kwonlyargcount;
    sig->has_varargs = code->co_flags & CO_VARARGS;
    sig->has_varkw = code->co_flags & CO_VARKEYWORDS;
    sig->nparams = sig->npositional + sig->has_varargs + sig->nkeyword_only + sig->has_varkw;
    sig->names = PyObject_GetAttrString((PyObject *)code, "co_varnames");
    return sig->names != NULL;
}

static bool is_varkw(const Signature *sig, uint32_t i) {
    return sig->has_varkw && i == sig->nparams - 1;
}

/* In co_varnames *args comes behind the keyword-only parameters. */
PyObject *signature_name(const Signature *sig, uint32_t i) {
    if (sig->has_varargs && i >= sig->npositional && !is_varkw(sig, i))
        i = i == sig->npositional ? sig->npositional + sig->nkeyword_only : i - 1;
    return PyTuple_GET_ITEM(sig->names, i);
}

/* The parameter a keyword names, or nparams. */
static uint32_t find_keyword(const Signature *sig, PyObject *name) {
    for (int by_value = 0; by_value < 2; by_value++)
        for (uint32_t i = sig->npositional_only; i < sig->nparams; i++) {
            PyObject *own = signature_name(sig, i);
            if ((i == sig->npositional && sig->has_varargs) || is_varkw(sig, i)) continue;
            if (own == name || (by_value && PyUnicode_Compare(own, name) == 0)) return i;
        }
    return sig->nparams;
}

/* What no parameter is called goes into rest, the dict of **kwargs, if there is one. */
static bool take_keywords(const Signature *sig, PyObject *const *args, PyObject *kwnames, PyObject **values,
                          PyObject *rest) {
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, k);
        uint32_t i = find_keyword(sig, name);
        if (i < sig->nparams ? values[i] != NULL : !rest || PyDict_SetItem(rest, name, args[k]) < 0)
            return false;
        if (i < sig->nparams) values[i] = args[k];
    }
    return true;
}

static PyObject *default_of(const Signature *sig, PyObject *function, uint32_t i) {
    PyObject *defaults = PyFunction_GET_DEFAULTS(function);
    if (i < sig->npositional) {
        Py_ssize_t n = defaults ? PyTuple_GET_SIZE(defaults) : 0, at = (Py_ssize_t)i - sig->npositional + n;
        return at >= 0 ? PyTuple_GET_ITEM(defaults, at) : NULL;
    }
    PyObject *by_name = PyFunction_GET_KW_DEFAULTS(function);
    return by_name ? PyDict_GetItemWithError(by_name, signature_name(sig, i)) : NULL;
}

static bool fill_defaults(const Signature *sig, PyObject *function, PyObject **values, bool *is_default) {
    for (uint32_t i = 0; i < sig->nparams; i++) {
        if (is_default) is_default[i] = !values[i];
        if (!values[i]) values[i] = default_of(sig, function, i);
        if (!values[i]) return false;
    }
    return true;
}

/* The positional arguments that are left over, as a tuple. */
static PyObject *tuple_of(PyObject *const *args, Py_ssize_t n) {
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    return tuple;
}

bool signature_fold(const Signature *sig, PyObject *function, PyObject *const *args, Py_ssize_t nargs,
                    PyObject *kwnames, PyObject **values, bool *is_default, PyObject *made[2]) {
    Py_ssize_t positional = nargs < (Py_ssize_t)sig->npositional ? nargs : (Py_ssize_t)sig->npositional;
    made[0] = made[1] = NULL;
    if (nargs > positional && !sig->has_varargs) return false;
    memcpy(values, args, (size_t)positional * sizeof *values);
    memset(values + positional, 0, (sig->nparams - (size_t)positional) * sizeof *values);
    if (sig->has_varargs) {
        values[sig->npositional] = made[0] = tuple_of(args + positional, nargs - positional);
        if (!made[0]) return false;
    }
    if (sig->has_varkw) {
        values[sig->nparams - 1] = made[1] = PyDict_New();
        if (!made[1]) return false;
    }
    if (kwnames && !take_keywords(sig, args + nargs, kwnames, values, made[1])) return false;
    return fill_defaults(sig, function, values, is_default);
}
