/* dispatch: from a call in Python to machine code and back.
 *
 * A Dispatcher holds a Python function and its specialisations. A call tries the last one first: its plan
 * checks and unboxes each argument into 8-byte slots; the shim runs; the result is boxed. Where no
 * specialisation fits, the types of the arguments are looked at, a new one is compiled (or read from the disk
 * cache), or the function runs in the interpreter. Begin reading in dispatcher.c (the type), then call.c (the
 * hot path), miss.c (everything else).
 */
#ifndef HL_DISPATCH_H
#define HL_DISPATCH_H

#include <Python.h>
#include <stdbool.h>

#include "compile.h"

/* init.c: adds Dispatcher and the functions below to the module; false with a Python exception. */
bool hl_dispatch_init(PyObject *module);

/* Module functions, with the signatures PyMethodDef wants. */
PyObject *hl_dispatch_typeof(PyObject *module, PyObject *object);
PyObject *hl_dispatch_set_exceptions(PyObject *module, PyObject *classes);
PyObject *hl_dispatch_counters(PyObject *module, PyObject *unused);
PyObject *hl_dispatch_prelude_units(PyObject *module, PyObject *unused);
PyObject *hl_dispatch_live_blocks(PyObject *module, PyObject *unused);
PyObject *hl_dispatch_run_from(PyObject *module, PyObject *args);
PyObject *hl_dispatch_frame_stack(PyObject *module, PyObject *frame);
PyObject *hl_dispatch_make_ufunc(PyObject *module, PyObject *args);
PyObject *hl_dispatch_observe(PyObject *module, PyObject *callable);
PyObject *hl_dispatch_max_threads(PyObject *module, PyObject *unused);
PyObject *hl_dispatch_num_threads(PyObject *module, PyObject *unused);
PyObject *hl_dispatch_set_num_threads(PyObject *module, PyObject *n);
PyObject *hl_dispatch_chunk_size(PyObject *module, PyObject *unused);
PyObject *hl_dispatch_set_chunk_size(PyObject *module, PyObject *n);
PyObject *hl_dispatch_threading_layer(PyObject *module, PyObject *unused);

#endif
