/* Tells an observer, one Python callable of the package, what each compilation made of its function: the texts
 * of the stages, LLVM's remarks on its loops, the reason where it failed. The report is made from that.
 *
 * While there is an observer, compilations keep their texts and carry source lines down to the assembly, and the
 * disk cache is not read. Without one nothing here costs anything.
 */
#include "dispatch/internal.h"

static PyObject *observer;

PyObject *hl_dispatch_observe(PyObject *module, PyObject *callable) {
    (void)module;
    Py_XSETREF(observer, callable == Py_None ? NULL : Py_NewRef(callable));
    Py_RETURN_NONE;
}

bool explain_wanted(void) {
    return observer != NULL;
}

void explain_begin(Compile *c) {
    if (!observer) return;
    c->dump |= 1u << DUMP_TYPED | 1u << DUMP_OPT | 1u << DUMP_LLVM_OPT | 1u << DUMP_ASM;
    c->explains = true;
}

static PyObject *text_of(const Text *text) {
    return PyUnicode_DecodeUTF8(text->data ? text->data : "", (Py_ssize_t)text->len, "replace");
}

static PyObject *stages_of(const Compile *c) {
    PyObject *stages = PyDict_New();
    for (int stage = DUMP_TYPED; stages && stage < DUMP_COUNT; stage++) {
        if (!(c->dump >> stage & 1)) continue;
        PyObject *text = text_of(&c->dumps[stage]);
        if (!text || PyDict_SetItemString(stages, hl_dump_word((DumpStage)stage), text) < 0) Py_CLEAR(stages);
        Py_XDECREF(text);
    }
    return stages;
}

/* (file, line, text) of why there is no machine code; None where there is. */
static PyObject *reason_of(const Compile *c) {
    if (!c->diag.set) Py_RETURN_NONE;
    const Diagnostic *diag = &c->diag;
    return Py_BuildValue("(ziN)", diag->file, diag->loc.line, error_diagnostic_text(diag));
}

/* What the observer raises is shown as unraisable: a report never stops a program. */
void explain_end(const Dispatcher *d, const Type *const *types, const Compile *c) {
    if (!observer || !c->explains || PyErr_Occurred()) return;
    PyObject *callable = Py_NewRef(observer);
    PyObject *result =
        PyObject_CallFunction(callable, "ONNNN", (PyObject *)d, types_as_texts(types, d->sig.nparams),
                              stages_of(c), text_of(&c->remarks), reason_of(c));
    if (!result) PyErr_WriteUnraisable(callable);
    Py_XDECREF(result);
    Py_DECREF(callable);
}
