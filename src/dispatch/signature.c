/* A call's arguments to one value per parameter: positional, *args as a tuple, keyword-only, defaults filled
 * in.
 *
 * The order is that of the compiler: the positional parameters, then *args, then the keyword-only ones.
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
    sig->nparams = sig->npositional + sig->has_varargs + sig->nkeyword_only;
    sig->names = PyObject_GetAttrString((PyObject *)code, "co_varnames");
    return sig->names != NULL;
}

/* In co_varnames *args comes behind the keyword-only parameters. */
PyObject *signature_name(const Signature *sig, uint32_t i) {
    if (sig->has_varargs && i >= sig->npositional)
        i = i == sig->npositional ? sig->npositional + sig->nkeyword_only : i - 1;
    return PyTuple_GET_ITEM(sig->names, i);
}

/* The parameter a keyword names, or nparams. */
static uint32_t find_keyword(const Signature *sig, PyObject *name) {
    for (int by_value = 0; by_value < 2; by_value++)
        for (uint32_t i = sig->npositional_only; i < sig->nparams; i++) {
            PyObject *own = signature_name(sig, i);
            if (i == sig->npositional && sig->has_varargs) continue;
            if (own == name || (by_value && PyUnicode_Compare(own, name) == 0)) return i;
        }
    return sig->nparams;
}

static bool take_keywords(const Signature *sig, PyObject *const *args, PyObject *kwnames, PyObject **values) {
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
        uint32_t i = find_keyword(sig, PyTuple_GET_ITEM(kwnames, k));
        if (i == sig->nparams || values[i]) return false;
        values[i] = args[k];
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

bool signature_fold(const Signature *sig, PyObject *function, PyObject *const *args, Py_ssize_t nargs,
                    PyObject *kwnames, PyObject **values, bool *is_default, PyObject **varargs) {
    Py_ssize_t positional = nargs < (Py_ssize_t)sig->npositional ? nargs : (Py_ssize_t)sig->npositional;
    *varargs = NULL;
    if (sig->has_varkw || (nargs > positional && !sig->has_varargs)) return false;
    memcpy(values, args, (size_t)positional * sizeof *values);
    memset(values + positional, 0, (sig->nparams - (size_t)positional) * sizeof *values);
    if (sig->has_varargs) {
        *varargs = PyTuple_New(nargs - positional);
        if (!*varargs) return false;
        for (Py_ssize_t i = positional; i < nargs; i++)
            PyTuple_SET_ITEM(*varargs, i - positional, Py_NewRef(args[i]));
        values[sig->npositional] = *varargs;
    }
    if (kwnames && !take_keywords(sig, args + nargs, kwnames, values)) return false;
    return fill_defaults(sig, function, values, is_default);
}
