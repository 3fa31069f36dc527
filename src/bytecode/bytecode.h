/* bytecode: a Python function to instructions, control-flow graph and untyped SSA; what the compiler asks of
 * Python.
 *
 * The only folder that knows CPython's bytecode, and of the compiling folders the only one that knows Python
 * objects. Objects cross its border as `const void *`. Everything here needs the GIL, and runs no Python
 * function except where said.
 */
#ifndef HL_BYTECODE_H
#define HL_BYTECODE_H

#include <Python.h>

#include "base/base.h"
#include "type/type.h"
#include "ir/ir.h"
#include "compile.h"

/* ---- ssa.c --------------------------------------------------------------------------------------------- */

/* A value of the frame that is no parameter: the inner function of a constant, which can be made again from the variables
 * it captures. */
typedef struct HlMade {
    uint32_t slot; /* a local, or behind the locals an entry of the stack */
    uint32_t constant;
} HlMade;

/* A place inside a function where execution can begin, with the frame CPython has there. The values it needs
 * become the parameters: the bound locals by index (of co_localsplus), then the operand stack from the
 * bottom. */
typedef struct HlEntry {
    uint32_t offset;       /* in bytes, of an instruction (its first EXTENDED_ARG) */
    const uint32_t *bound; /* indices of the bound locals, ascending */
    uint32_t nbound;
    uint32_t nstack;     /* entries of the operand stack, NULLs of the calling convention included */
    const bool *is_null; /* by stack entry: is a NULL, which gets no parameter; may itself be NULL: none is */
    const HlMade *made;  /* in the order of their constants */
    uint32_t nmade;
} HlEntry;

/* Fresh untyped SSA. entry NULL: a normal call; the parameters are those of the signature. NULL with c->diag
 * set. */
Func *hl_bytecode_ssa(Compile *c, const void *function, const HlEntry *entry);

/* ---- closures.c: an inner function that Python calls ----------------------------------------------------- */

/* A variable that the function captures: a free variable of it by number, or one of the function in its free variable
 * `holder`. */
typedef struct HlCapture {
    uint32_t number, holder; /* holder UINT32_MAX: its own */
} HlCapture;

/* Compiled by itself it has more parameters, behind its own: the values of what it captures, at the time of the call. */
typedef struct HlInner {
    const void *function; /* for hl_infer */
    const HlCapture *captures;
    uint32_t ncaptures;
    const void **
        expected; /* by free variable: the cell, or the code of the function in it, that is relied on; NULL: none is */
    uint32_t nfree;
} HlInner;

/* The inner function with this code object. False, perhaps with c->diag set: it cannot be compiled by itself. */
bool hl_bytecode_inner(Compile *c, const void *outer, PyObject *code, HlInner *out);

/* ---- host.c, signature.c: Host over CPython ------------------------------------------------------------ */

extern const Host hl_python_host;

/* Once, from the module's init function; false with a Python exception. */
bool hl_bytecode_init(void);
/* Makes `c` compile Python functions; pair with hl_python_detach before hl_compile_free. */
bool hl_python_attach(Compile *c);
void hl_python_detach(Compile *c);
/* One more reference to an object, until hl_python_detach. */
void hl_python_keep(Compile *c, PyObject *object);

/* The Python function behind a dispatcher and the options it was made with, or NULL when it is none of ours. The types
 * of variables that it declares go into c->declared; c may be NULL. */
typedef const void *(*DispatcherUnwrap)(Compile *c, PyObject *object, FuncOptions *options);
void hl_set_dispatcher_unwrap(DispatcherUnwrap unwrap);

/* The prelude: `value` is the function that implements `name` ("numpy.linspace", "ndarray.sum"), or the name
 * of the module that registers it when imported. The package hotloop.prelude is imported at the first
 * look-up. */
bool hl_register_prelude(PyObject *name, PyObject *value);

/* overloads: {object: [typing function]}, filled by hotloop.extending; resolver(object, types as texts, keyword names) is the
 * function that implements a call, or None. */
void hl_set_overloads(PyObject *overloads, PyObject *resolver);
/* The typing functions of an object, borrowed; NULL where it has none, or where what is called is known by name only. */
PyObject *hl_overloads_of(PyObject *object);

/* ---- constants.c: Python objects as values known when compiling ---------------------------------------- */

/* The type says what it is: a literal, float, complex, a NumPy scalar type (value in aux.i or aux.f), array
 * (aux.object: the ndarray), tuple (aux.object: a HostValue for each part) or a constant with a canonical
 * name. Type NULL: an integer beyond 64 bits, or a tuple that holds one. */
HostValue hl_host_value(Compile *c, PyObject *object);
/* The canonical name of an object that is no value (names.c). */
const char *hl_python_name(PyObject *object);
/* The name of the type (hl_type_named) of a class of named tuples, which is kept from now on; NULL for other objects. */
const char *hl_named_tuple(PyObject *cls);
/* The class that a type holds the address of; NULL with an exception. */
PyObject *hl_named_tuple_class(PyObject *address);
/* The element type of a dtype, or NULL; the type of an ndarray (not of a subclass), or NULL. */
const Type *hl_dtype_type(PyObject *dtype);
const Type *hl_ndarray_type(PyObject *array);

/* ---- dump.c: for tests and for looking ----------------------------------------------------------------- */

/* Methods of the extension module: PyCFunctionWithKeywords, METH_O, METH_NOARGS.
 *   dump_ssa(function, offset=0, bound=None, stack=0, stage="ssa") -> text of the stage: bytecode, cfg or ssa
 *   host_type(object) -> text of the type of hl_host_value, or None
 *   opcodes() -> {name: handler or the words it is refused with} */
PyObject *hl_bytecode_dump(PyObject *module, PyObject *args, PyObject *kwargs);
PyObject *hl_bytecode_host_type(PyObject *module, PyObject *object);
PyObject *hl_bytecode_opcodes(PyObject *module, PyObject *unused);

#endif
