/* What the files of dispatch/ share. */
#ifndef HL_DISPATCH_INTERNAL_H
#define HL_DISPATCH_INTERNAL_H

#include "dispatch/python.h"
#include "dispatch/dispatch.h"
#include "load/load.h"
#include "runtime/runtime.h"
#include "bytecode/bytecode.h"

enum {
    MAX_SLOTS = 4096, /* machine components of all arguments, or of a result, together */
    MAX_TUPLE_DEPTH = 32,
};

/* ---- plans: how arguments of given types are checked and unboxed (plan.c, unbox.c) ------------------- */

typedef enum UnboxCode {
    UNBOX_BOOL,
    UNBOX_INT,
    UNBOX_FLOAT,
    UNBOX_COMPLEX,
    UNBOX_NONE,
    UNBOX_ANY,    /* an object: of no other type, unless .value says that any will do */
    UNBOX_SCALAR, /* a NumPy scalar of class .object, type kind .kind */
    UNBOX_TUPLE,  /* .n items, whose operations follow; of class .object where there is one */
    UNBOX_OPTIONAL, /* None, or what fits the operations that follow: .n of them with this one, .value components */
    UNBOX_SLICE, /* its three parts follow */
    UNBOX_ARRAY,
    UNBOX_TENSOR,
    UNBOX_TENSOR_SCALAR, /* a tensor without axes, by its value */
    UNBOX_LIST,          /* items of type .item, whose operations follow */
    UNBOX_SET,           /* the same; .item is a pair, and the operations those of the key */
    UNBOX_RANGE,
    UNBOX_STR,      /* equal to the str .object */
    UNBOX_INSTANCE, /* the address of an instance of the very class .object */
    UNBOX_SAME,     /* the object itself: a constant */
    UNBOX_FUNCTION, /* a Python function that does what .object does */
    UNBOX_LIT,      /* the int or bool .value */
} UnboxCode;

/* One step; the steps of a tuple's items follow it. */
typedef struct UnboxOp {
    uint8_t code, kind; /* kind: TypeKind of a scalar or of an array's elements */
    uint8_t ndim;
    uint32_t n;            /* items of a tuple; the usual type number of an array's elements */
    int flags_mask, flags; /* an array's flags & flags_mask must be flags */
    int64_t value;
    PyObject *object; /* owned where it is no type */
    const Type *item;
} UnboxOp;

typedef struct Plan {
    UnboxOp *ops;
    uint32_t nops, nargs;
    uint32_t nslots, nowners;
    bool has_tensors;
} Plan;

/* False with an exception set when a type cannot be an argument. */
bool plan_make(Plan *plan, const Type *const *types, uint32_t nargs);
/* From now on an array fits that has more than its type asks for: contiguous for any layout, writable for readonly. */
void plan_relax(Plan *plan);
void plan_free(Plan *plan);
/* The types that a function compiled for empty lists found for their items. */
void plan_know_items(Plan *plan, const Type *const *types);

typedef struct Spec Spec;
typedef struct ListArgument ListArgument;
typedef struct Boxing Boxing;

typedef struct Unboxed {
    uint64_t *slot;       /* next free */
    HlBlock *owner;       /* next free: one for each array */
    ListArgument **lists; /* newest first; to be freed by lists_free */
} Unboxed;

/* The count of blocks that the caller of a function holds: never reached from below. */
#define UNBOX_BORROWED ((int64_t)1 << 40)

/* Checks and unboxes all arguments; false (no exception) when one does not fit. The objects stay borrowed. */
bool unbox(const Plan *plan, PyObject *const *values, Unboxed *out);
static inline uint64_t float_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline bool unbox_int(PyObject *v, uint64_t *slot) {
    if (Py_TYPE(v) != &PyLong_Type) return false;
    if (is_compact(v)) {
        *slot = (uint64_t)compact_value(v);
        return true;
    }
    int overflow;
    *slot = (uint64_t)PyLong_AsLongLongAndOverflow(v, &overflow);
    return !overflow;
}

static inline bool unbox_float(PyObject *v, uint64_t *slot) {
    if (Py_TYPE(v) != &PyFloat_Type) return false;
    *slot = float_bits(PyFloat_AS_DOUBLE(v));
    return true;
}

/* One value; the step behind its own, or NULL. */
const UnboxOp *unbox_one(const UnboxOp *op, PyObject *v, Unboxed *out);

/* A list argument, or a set's table, while the call runs (list.c). */
struct ListArgument {
    HlList list; /* first: compiled code gets its address */
    const UnboxOp *op;
    ListArgument *next;
};

/* How the items of a list lie. */
typedef struct Layout {
    uint32_t n, nbytes, stride; /* components; bytes of an item; between components */
    const Type *types[MAX_ITEM_SLOTS];
} Layout;

/* list.c */
bool unbox_list(const UnboxOp *op, PyObject *v, Unboxed *out);
/* What v is for compiled code goes to the next slot: *made when it was not met before. False when there is no memory,
 * or v is met as something else. */
bool list_argument(const UnboxOp *op, PyObject *v, bool met_once, Unboxed *out, ListArgument **made);
void find_layout(const Type *item, Layout *out);
void load_item(const Layout *layout, const char *from, uint64_t *slots);
void store_item(const Layout *layout, char *to, const uint64_t *slots);
/* Is this object still the value in the slots? */
bool is_same_item(const UnboxOp *op, const Type *item, PyObject *old, const uint64_t *slots);
bool lists_write_back(ListArgument *lists, const Spec *spec);
void lists_free(ListArgument *lists);

/* set.c */
bool unbox_set(const UnboxOp *op, PyObject *v, Unboxed *out);
bool set_write_back(const ListArgument *a, Boxing *in);

/* ---- typeof.c: the semantic type of an object, NULL when it has none (no exception) ------------------ */

const Type *type_of(PyObject *object);
const Type *type_of_function(PyObject *object);
/* The type of a default that the caller left out: strings too. */
const Type *type_of_default(PyObject *object);
/* What a value without a type is, in words behind an article (of an int its digits), and what to pass instead, or NULL:
 * what the diagnostic says. */
const char *untyped_words(Arena *arena, PyObject *value, const char **hint);
/* The type kind of a NumPy type number, or TY_COUNT. */
TypeKind kind_of_type_num(int type_num);
int type_num_of_kind(TypeKind kind);
PyTypeObject *scalar_class_of_kind(TypeKind kind);

/* ---- box.c, array.c: results ------------------------------------------------------------------------- */

/* An array made for this result: it owns its block, or it is the view that `marked` says. */
typedef struct Whole {
    struct Whole *next;
    const void *marked;
    PyObject *array;
} Whole;

/* A result while it is boxed: its slots and the blocks that already have an array. Zero-initialised but for
 * slot. */
struct Boxing {
    const uint64_t *slot; /* next */
    Whole *wholes;
    Whole first;     /* the one made first: most results have one array */
    PyObject *known; /* list of objects the code was compiled with, arrays among them; may be NULL */
    bool numbers;    /* see Spec */
    bool exact;      /* NumPy's 64-bit scalars as such, not as Python's: for Python code to look at */
};

/* The Python object of the components in slots, a result of spec. It takes over the array references in them, also when it
 * fails. */
PyObject *box(const Type *type, const uint64_t *slots, const Spec *spec);
PyObject *number_of(PyObject *scalar); /* scalar.item(); takes over the reference */
/* Has a value of this type a Python object? */
bool box_can(const Type *type);
PyObject *box_next(const Type *type, Boxing *in);
PyObject *box_array(const Type *type, Boxing *in);
PyObject *box_list(const Type *type, Boxing *in);
PyObject *box_set(const Type *type, Boxing *in);
PyObject *box_item(const Type *item, const uint64_t *slots, Boxing *in);
void box_find_wholes_in_list(const Type *type, Boxing *in);
/* What was made for this block already, borrowed; NULL: nothing. */
PyObject *box_find(const Boxing *in, const void *marked);
bool box_remember(Boxing *in, const void *marked, PyObject *object);
void box_find_wholes(const Type *type, Boxing *in);
void box_forget_wholes(Boxing *in);

/* handler.c: arrays that own blocks. The new array takes over the reference, also when it fails. */
bool handler_init(void);
PyObject *handler_array(HlBlock *block, PyArray_Descr *descr, int nd, const npy_intp *dims,
                        const npy_intp *strides);

/* ---- interp.c: what depends on CPython's insides ----------------------------------------------------- */

const volatile int32_t *interp_eval_breaker(void);
bool interp_gil_requested(void);
bool interp_signals_pending(void);
bool interp_on_main_thread(void);
PyObject *interp_set_dummy(void);
/* Both borrowed; NULL (no exception): to be looked up as any attribute. The value that the object itself has for a name, */
PyObject *interp_own_attribute(PyObject *object, PyObject *name);
/* and what x.name(...) calls with x in front. */
PyObject *interp_find_method(PyObject *object, PyObject *name);
/* Copies of a suspended frame's operand stack; NULLs become `null`. */
PyObject *interp_frame_stack(PyObject *frame, PyObject *null);

/* ---- poll.c, call.c: one call ------------------------------------------------------------------------ */

typedef int32_t (*Shim)(HlContext *ctx, const uint64_t *args, uint64_t *result);

typedef struct Spec Spec;
typedef struct Dispatcher Dispatcher;
typedef struct Escaped Escaped;

/* One word of a frame that is left: an object, a reference, or a number. */
typedef struct LeftValue {
    PyObject *object; /* NULL: a number */
    uint64_t bits;
} LeftValue;

/* The values of a frame that is left, in the order of its place (continuation.c). Only the first three fields are set while it is
 * empty. */
typedef struct Left {
    uint32_t n;
    uint32_t capacity; /* of `more` */
    LeftValue *more;   /* all of them where there are too many for `few` */
    LeftValue few[24];
} Left;

void left_push_more(Left *left, LeftValue value);
static inline void left_push(Left *left, LeftValue value) {
    if (left->n < sizeof left->few / sizeof *left->few)
        left->few[left->n++] = value;
    else
        left_push_more(left, value);
}

typedef struct CallContext {
    HlContext ctx; /* must be first: poll gets its address */
    const Spec *spec;
    ListArgument *lists;   /* of this call */
    PyObject *globals;     /* of the function, borrowed */
    PyObject *handled;     /* what was being handled before the call handled anything, or NULL */
    Left *left;            /* for the values of a frame that is left unfinished */
    HlBlock *owners;       /* of array and tensor arguments */
    HlBlock *unboxed;      /* of those that came out of objects during the call */
    bool watches;          /* watch.c holds the objects of owners */
    bool touched;          /* Python has seen or done something: the call cannot be done again */
    bool gave_gil;         /* for the parallel region that runs */
    PyThreadState *thread; /* while the GIL is released */
    /* random.c; set where ctx.streams is not hlrt_closed_streams, by stream */
    HlStreams streams;
    PyObject *numpy_generator, *numpy_release;    /* NumPy's bit generator and its lock's release() */
    PyObject *generator_bits, *generator_release; /* the same of streams.generator */
    HlGauss python_gauss, python_gauss_before;    /* random's gauss_next, now and when it was opened */
} CallContext;

void poll_python(HlContext *ctx);

/* ---- random.c: the streams of random numbers of one call --------------------------------------------- */

void random_init(void);
/* np.random.Generator, borrowed; NULL when the module is not there. */
PyObject *random_generator_class(void);
void random_close_opened(CallContext *call);

static inline bool random_has_drawn(const CallContext *call) {
    return call->ctx.streams != &hlrt_closed_streams;
}
/* Before Python code runs and when the call ends; with the GIL. */
static inline void random_close(CallContext *call) {
    if (random_has_drawn(call)) random_close_opened(call);
}
/* A type that compiled code boxes or looks for, by the number the code has for it. */
typedef struct Boxed {
    const Type *type;
    Plan plan;
} Boxed;

/* A place where a function may be left unfinished: a copy of the compiler's (HlExit). */
typedef struct Place {
    HlEntry entry; /* bound: the locals that may be bound */
    uint32_t nvalues, nobserved;
    const Type **types; /* of the bound locals, then of the stack's values; NULL: what the object says */
    uint32_t *made;     /* by value: not 0 where it is made again (HlExit) */
    uint32_t *nwords;   /* by value: the numbers it comes as, 0: as an object */
    struct Continuation *recent; /* what went on here the last time */
} Place;

/* One specialisation. `shim` NULL: these types run in the interpreter. In front is what each call reads. */
struct Spec {
    Plan plan;
    Shim shim;
    const Type *result; /* what Python gets: the one asked for in the signature, or the inferred one */
    PyObject *keep;     /* the objects the code was compiled with, alive as long as it */
    PyObject **objects; /* exception classes, by HlErrorSite.class_index */
    uint32_t nresult;   /* slots */
    bool nogil;
    bool numbers;  /* NumPy's scalars become Python's numbers in the result: Numba's rule */
    bool converts; /* result is not native_result: the boxed value is converted */
    bool can_redo; /* nothing outside changes before it returns: the interpreter may do a call again */
    Spec *next;
    const Type *native_result;
    LoadedCode *code;
    uint32_t nobjects;
    Boxed *boxed;
    uint32_t nboxed;
    Place *places;
    uint32_t nplaces;
    bool retired;           /* the next call makes it anew */
    bool is_objmode;        /* objects are used in objmode blocks alone, and it is never left unfinished */
    Dispatcher *dispatcher; /* whose continuations follow; NULL without objects */
    const Type *types[];    /* of the arguments, plan.nargs of them */
};

Spec *spec_new(const Type *const *types, uint32_t nargs);
void spec_free(Spec *spec);
int spec_visit(const Spec *spec, visitproc visit, void *arg);
/* Unboxes, runs, boxes. *fits false: the arguments are not of its types, nothing happened. NULL without an exception: the
 * interpreter has to run the call, for it has no code or met a value that compiled code has no form for. */
PyObject *spec_call(const Spec *spec, PyObject *globals, PyObject *const *values, bool *fits);
/* Runs a specialisation without a result on slots of its arguments; false with an exception. With the GIL. */
bool spec_run(const Spec *spec, PyObject *globals, const uint64_t *slots);

/* A call that left its frame unfinished, and the rest of it: the result, or a frame again. */
typedef struct Unfinished {
    Place *place; /* NULL: finished */
    bool changed; /* because memory of an object changed: there may be nothing new to know */
    Left left;
} Unfinished;

static inline void unfinished_clear(Unfinished *rest) {
    rest->place = NULL;
    rest->left.n = rest->left.capacity = 0;
    rest->left.more = NULL;
}

/* Runs on values, or on a frame. */
typedef struct Frame Frame;
PyObject *spec_start(const Spec *spec, PyObject *globals, PyObject *const *values, const Frame *frame,
                     bool *fits, Unfinished *rest);
/* The frame as the arguments of its continuation; false: the values are not of its types. */
bool continuation_unbox(const Frame *frame, Unboxed *out);
void left_free(Left *left);

/* ---- continuation.c, object.c ------------------------------------------------------------------------- */

PyObject *continuation_run(Dispatcher *d, Unfinished *rest);
/* Compiles `function` into spec as code that leaves operations to Python's objects. */
bool continuation_compile(Compile *c, Dispatcher *d, Spec *spec, const HlEntry *entry, const Type *asked);
/* objmode.c: the value as an objmode block promised it, NULL with an exception; `text` as py.promised has it. */
PyObject *objmode_give(PyObject *value, PyObject *text);
/* The function was left: what was seen there is known now, so the code is made anew at the next call. */
void continuation_retire(Dispatcher *d, const Spec *spec);
/* Was it? Then the cache knows less of it. */
bool continuation_has_learned(const Dispatcher *d);
int continuation_traverse(const Dispatcher *d, visitproc visit, void *arg);
void continuation_free(Dispatcher *d);
/* One more reason why an operation is left to the interpreter, for the warning. */
bool continuation_note(Dispatcher *d, const Diagnostic *reason);
/* What else it is that keeps the function from being native, if no operation in it has a reason of its own. */
bool continuation_blame(Dispatcher *d, const Diagnostic *why);
/* Once, when a call is over: what of the function is left to the interpreter. False with an exception. */
bool continuation_warn(Dispatcher *d);
/* The same with the shares that were counted, whenever it is asked for. */
bool continuation_tell(Dispatcher *d);
uint32_t continuation_count(const Dispatcher *d);
/* A list of (line, reason, share of the time in percent or None). */
PyObject *continuation_lines(const Dispatcher *d);
void spec_free_places(Spec *spec);
bool spec_keep_places(Spec *spec, const Compile *c);
bool object_init(void);
PyObject *object_callable_name(PyObject *callee); /* "module.name()" */
/* calling.c: operands are the function and its arguments, or a method's name, its object and the arguments. x[0] is lost. */
PyObject *calling_call(PyObject **x, int64_t n);
PyObject *calling_method(PyObject **x, int64_t n);
/* names.c: object.c's operations that only objects have. */
PyObject *iterator_of(PyObject **x, int64_t n); /* iterator.c: Python's in the place of compiled code's */
PyObject *names_operate(Dispatcher *d, ForeignId id, PyObject **x, int64_t n);

/* ---- handling.c: NULL with an exception --------------------------------------------------------------- */

/* The exception that is set, as an object with its traceback. */
PyObject *handling_take(void);
PyObject *handling_catch(const HlContext *ctx, const Spec *spec, PyObject *globals);
PyObject *handling_raise(PyObject *x, PyObject *cause); /* cause NULL: none is said */
PyObject *handling_reraise(PyObject *exception);
bool handling_any(void); /* is an exception being handled? */
PyObject *handling_push(PyObject *exception);
PyObject *handling_pop(PyObject *before);
int handling_matches(PyObject *exception, PyObject *class);
PyObject *handling_enter(PyObject *manager);
PyObject *handling_exit(PyObject *leave, PyObject *exception);

/* ---- profile.c ----------------------------------------------------------------------------------------- */

extern bool profile_wanted;
int64_t profile_now(void); /* nanoseconds */
void profile_begin(Dispatcher *d);
void profile_end(Dispatcher *d);
void profile_compiled(Dispatcher *d, int64_t since);
void profile_operation(Dispatcher *d, int32_t line, int64_t since);
/* A line's share of the time in percent; -1: nothing was counted there. */
int profile_share(const Dispatcher *d, int32_t line);
const char *profile_text(Arena *arena, const Dispatcher *d, int32_t line, const char *text);
void profile_free(Dispatcher *d);
bool profile_init(void);

/* ---- tensor.c: tensors of torch ----------------------------------------------------------------------- */

/* Is it torch's own class, not a subclass? */
bool tensor_is(PyObject *object);
/* NULL (no exception) for one that compiled code leaves to torch. */
const Type *tensor_type(PyObject *tensor);
bool tensor_unbox(const UnboxOp *op, PyObject *v, Unboxed *out);
bool tensor_unbox_scalar(const UnboxOp *op, PyObject *v, Unboxed *out);
PyObject *tensor_box(const Type *type, Boxing *in);
PyObject *tensor_box_scalar(const Type *type, Boxing *in);
/* Torch is told that compiled code has written the memory, before it may look. With the GIL. */
void tensor_tell_written(HlBlock *block);
/* Where its memory is, and a hash of sizes and strides; 0 where it cannot be told. */
uint32_t tensor_look(PyObject *tensor, void **data);

/* ---- watch.c: memory of objects while Python's code runs ------------------------------------------------ */

uint32_t watch_hash(uint32_t hash, const int64_t *values, int n); /* never 0 */
void watch_begin(CallContext *call);
/* Says in the context what has changed since. */
void watch_end(CallContext *call);
void watch_finish(CallContext *call); /* the call is over */
/* False, with an exception, for an array that lies outside the memory of what it was made from. */
bool watch_check(PyObject *array);
static inline bool watch_is_good(PyObject *result) {
    return Py_TYPE(result) != &PyArray_Type || watch_check(result);
}

/* ---- convert.c --------------------------------------------------------------------------------------- */

/* A new reference to the value as a signature's type asks for it: itself, or a scalar (also in tuples) of
 * that type. */
PyObject *convert_value(PyObject *value, const Type *to);

/* ---- errors.c ---------------------------------------------------------------------------------------- */

/* Sets the Python exception that ctx->error stands for, with its compiled frames as traceback. */
void error_raise(const HlContext *ctx, const Spec *spec, PyObject *globals);
/* Raises what a compilation ended with. */
void error_raise_diagnostic(const Diagnostic *diag);
PyObject *error_diagnostic_text(const Diagnostic *diag);
/* A warning of that class; false with an exception when warnings are errors. */
bool error_warn(const Diagnostic *diag, const char *class_name);
bool error_set_classes(PyObject *classes);
void error_forget_lines(void); /* before compiled code is unloaded, whose addresses tell them apart */
/* For foreign.c: the object a site names, and the next of its types. */
PyObject *error_class(const HlErrorSite *site, const Spec *spec);
const Type *error_next_type(const char **text);

/* foreign.c */
void foreign_init(void);

/* ---- signature.c: how a call's arguments become one value per parameter ------------------------------ */

typedef struct Signature {
    uint32_t nparams; /* *args included, behind the positional ones, and **kwargs, the last */
    uint32_t npositional, npositional_only, nkeyword_only;
    bool has_varargs, has_varkw;
    PyObject *names; /* tuple of parameter names, in code order: positional, keyword-only, *args, **kwargs */
} Signature;

bool signature_read(Signature *sig, PyObject *function);
/* Where parameter i stands in `names`. */
PyObject *signature_name(const Signature *sig, uint32_t i);
/* values: nparams places, filled with borrowed references; is_default (may be NULL) says which were left out.
 * made gets the new tuple of *args and the new dict of **kwargs, if any. False, without an exception, when the call does not fit. */
bool signature_fold(const Signature *sig, PyObject *function, PyObject *const *args, Py_ssize_t nargs,
                    PyObject *kwnames, PyObject **values, bool *is_default, PyObject *made[2]);

/* ---- dispatcher.c ------------------------------------------------------------------------------------ */

typedef struct Options {
    FuncOptions compile;
    bool strict, cache, interpreted;
} Options;

struct Dispatcher {
    PyObject_HEAD vectorcallfunc vectorcall;
    PyObject *function; /* the Python function */
    PyObject *globals;  /* its globals, borrowed from it */
    PyObject *options;  /* dict, as given */
    PyObject *dict, *weakrefs;
    Signature sig;
    Spec *last;              /* the last hit, or NULL */
    Spec *specs;             /* oldest first */
    Spec *retired;           /* forgotten by _reset; freed with the dispatcher, for they may be running */
    PyThread_type_lock lock; /* held while compiling */
    unsigned long compiling_thread;
    uint32_t fork_generation;     /* of the process the lock was made in */
    Py_ssize_t npositional_exact; /* arguments of a call that needs no folding, or -1 */
    bool can_compile, warned;
    PyObject *hits, *misses; /* of the disk cache, dicts from argument texts to counts */
    struct Continuations *continuations;
    struct Profile *profile;
    Escaped *escaped; /* inner functions of it that Python calls */
};

extern PyTypeObject *dispatcher_type;
extern PyMethodDef dispatcher_methods[];
bool dispatcher_init(PyObject *module);

/* ---- escaped.c --------------------------------------------------------------------------------------- */

/* A function object that code of the dispatcher has just made for Python: its calls are compiled where that is possible. */
void escaped_attach(Dispatcher *d, PyObject *function);
/* Compiled code calls this Python function: then the first call is worth compiling. */
void escaped_expect(PyObject *function);
int escaped_traverse(const Dispatcher *d, visitproc visit, void *arg);
void escaped_free(Dispatcher *d);

/* ---- miss.c ------------------------------------------------------------------------------------------ */

/* A call that no known specialisation took; is_default may be NULL. */
PyObject *dispatcher_miss(Dispatcher *d, PyObject *const *values, const bool *is_default,
                          PyObject *const *args, size_t nargsf, PyObject *kwnames);
/* A call whose arguments do not fit the parameters. */
PyObject *dispatcher_unfit(Dispatcher *d, PyObject *const *args, size_t nargsf, PyObject *kwnames);
/* Runs the function in the interpreter and counts it. */
PyObject *dispatcher_interpret(Dispatcher *d, PyObject *const *args, size_t nargsf, PyObject *kwnames);
/* Says why the interpreter runs: an exception (false) in strict mode, else the function's one warning. */
bool dispatcher_report(Dispatcher *d, const Diagnostic *diag);

/* ---- specialise.c ------------------------------------------------------------------------------------ */

Options options_read(PyObject *options);
const void *dispatcher_unwrap(Compile *c, PyObject *object, FuncOptions *options);
/* What the option `locals` says; false: the function was met as another dispatcher's, which says something else. */
bool dispatcher_declare(Compile *c, const Dispatcher *d);
Spec *dispatcher_find(const Dispatcher *d, const Type *const *types, uint32_t nargs);
/* Finds or compiles the specialisation for these types (result: as a signature asks, or NULL). One without
 * code means that these types run in the interpreter. NULL: an exception, or none when this thread is
 * compiling the function already. */
Spec *dispatcher_specialise(Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *result);
/* A new reference to the text of a stage. */
PyObject *dispatcher_inspect(Dispatcher *d, const Type *const *types, DumpStage stage);
/* Compiles into a fresh spec; `function` is what the host of c takes for one. False: c->diag or an exception.
 */
bool spec_compile(Compile *c, Spec *spec, const void *function, PyObject *options, const Type *asked);
bool spec_give_warnings(const Compile *c); /* false with an exception */
bool spec_load(Spec *spec, const void *object, size_t nbytes, const char *symbol, char *error,
               size_t error_size);

/* ---- explain.c: what compilations tell the report ------------------------------------------------- */

bool explain_wanted(void);
void explain_begin(Compile *c);
void explain_end(const Dispatcher *d, const Type *const *types, const Compile *c);

/* entry.c */
extern PyObject
    *entry_null; /* _hotloop.NULL: an empty place of the operand stack; a local that is not bound */
bool entry_init(PyObject *module);

/* methods.c */
/* The machine code for types as texts, compiled before; NULL with an exception. */
const Spec *dispatcher_compiled(const Dispatcher *d, PyObject *texts);
PyObject *types_as_texts(const Type *const *types, uint32_t n);

typedef struct Counters {
    int64_t native, fallback;
    int64_t units_compiled, units_kept, units_shipped; /* large functions of the prelude */
} Counters;
extern Counters counters;

/* blas.c: an HlResolve; hands NumPy's BLAS to the runtime when compiled code first refers to a matrix
 * product. */
void *blas_resolve(void *user, const char *name);

#endif
