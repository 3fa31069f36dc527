/* Operations on Python's objects, which compiled code asks for (HlObjectApi): the C API in the words of ir/foreign.def.
 *
 * Called with the GIL. What raises leaves Python's exception set, and the context says so. Each counts as one interpreted
 * operation.
 */
#include "dispatch/internal.h"
#include "ir/ir.h"

#include <stdlib.h>
#include <string.h>

/* ---- the GIL --------------------------------------------------------------------------------------------- */

/* Code under nogil has given it up, and a parallel region's threads never had it. */
typedef struct Gil {
    PyGILState_STATE state;
    bool taken;
} Gil;

static Gil take_gil(const HlContext *ctx) {
    Gil gil = {.taken = ctx ? !ctx->has_gil : !PyGILState_Check()};
    if (gil.taken) gil.state = PyGILState_Ensure();
    return gil;
}

static void give_gil(Gil gil) {
    if (gil.taken) PyGILState_Release(gil.state);
}

/* The thread that called would hold the GIL until all are done. */
static void api_begin_region(HlContext *ctx) {
    CallContext *call = (CallContext *)ctx;
    call->gave_gil = ctx->has_gil && call->spec->dispatcher;
    if (!call->gave_gil) return;
    random_close(call);
    ctx->has_gil = 0;
    call->thread = PyEval_SaveThread();
}

static void api_end_region(HlContext *ctx) {
    CallContext *call = (CallContext *)ctx;
    if (!call->gave_gil) return;
    PyEval_RestoreThread(call->thread);
    ctx->has_gil = 1;
}

/* ---- the call -------------------------------------------------------------------------------------------- */

static CallContext *call_of(HlContext *ctx) {
    return (CallContext *)hlrt_caller(ctx);
}

/* In a region the exception leaves its thread in the error. */
static void *failed(HlContext *ctx) {
    ctx->status = 1;
    ctx->error.kind = ctx->region ? HL_ERROR_OBJECT : HL_ERROR_PYTHON;
    ctx->error.nframes = 0;
    if (ctx->region) ctx->error.payload[0] = (uint64_t)(uintptr_t)handling_take();
    return NULL;
}

static const Spec *spec_of(HlContext *ctx) {
    return call_of(ctx)->spec;
}

/* ---- iterators: one that remembers the value it is at --------------------------------------------------- */

typedef struct Walk {
    PyObject_HEAD PyObject *iterator, *value;
} Walk;

static void walk_free(PyObject *self) {
    Walk *walk = (Walk *)self;
    Py_XDECREF(walk->iterator);
    Py_XDECREF(walk->value);
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyTypeObject *walk_type;

static PyObject *walk_over(PyObject *object) {
    PyObject *iterator = PyObject_GetIter(object);
    Walk *walk = iterator ? PyObject_New(Walk, walk_type) : NULL;
    if (!walk) {
        Py_XDECREF(iterator);
        return NULL;
    }
    walk->iterator = iterator;
    walk->value = NULL;
    return (PyObject *)walk;
}

/* A comprehension that is Python's own goes on with it as with any iterator. */
static PyObject *walk_next(PyObject *self) {
    return Py_TYPE(((Walk *)self)->iterator)->tp_iternext(((Walk *)self)->iterator);
}

/* 1, 0 at the end, -1 with an exception. */
static int walk_on(PyObject *self) {
    Walk *walk = (Walk *)self;
    Py_XSETREF(walk->value, PyIter_Next(walk->iterator));
    return walk->value ? 1 : PyErr_Occurred() ? -1 : 0;
}

/* ---- operations ------------------------------------------------------------------------------------------ */

typedef PyObject *(*Binary)(PyObject *, PyObject *);
typedef PyObject *(*Unary)(PyObject *);

static PyObject *power(PyObject *x, PyObject *y) {
    return PyNumber_Power(x, y, Py_None);
}

static PyObject *power_in_place(PyObject *x, PyObject *y) {
    return PyNumber_InPlacePower(x, y, Py_None);
}

static const Binary binary[] = {
    [FOREIGN_ADD] = PyNumber_Add,
    [FOREIGN_SUB] = PyNumber_Subtract,
    [FOREIGN_MUL] = PyNumber_Multiply,
    [FOREIGN_TRUEDIV] = PyNumber_TrueDivide,
    [FOREIGN_FLOORDIV] = PyNumber_FloorDivide,
    [FOREIGN_MOD] = PyNumber_Remainder,
    [FOREIGN_POW] = power,
    [FOREIGN_LSHIFT] = PyNumber_Lshift,
    [FOREIGN_RSHIFT] = PyNumber_Rshift,
    [FOREIGN_AND] = PyNumber_And,
    [FOREIGN_OR] = PyNumber_Or,
    [FOREIGN_XOR] = PyNumber_Xor,
    [FOREIGN_MATMUL] = PyNumber_MatrixMultiply,
    [FOREIGN_IADD] = PyNumber_InPlaceAdd,
    [FOREIGN_ISUB] = PyNumber_InPlaceSubtract,
    [FOREIGN_IMUL] = PyNumber_InPlaceMultiply,
    [FOREIGN_ITRUEDIV] = PyNumber_InPlaceTrueDivide,
    [FOREIGN_IFLOORDIV] = PyNumber_InPlaceFloorDivide,
    [FOREIGN_IMOD] = PyNumber_InPlaceRemainder,
    [FOREIGN_IPOW] = power_in_place,
    [FOREIGN_ILSHIFT] = PyNumber_InPlaceLshift,
    [FOREIGN_IRSHIFT] = PyNumber_InPlaceRshift,
    [FOREIGN_IAND] = PyNumber_InPlaceAnd,
    [FOREIGN_IOR] = PyNumber_InPlaceOr,
    [FOREIGN_IXOR] = PyNumber_InPlaceXor,
    [FOREIGN_IMATMUL] = PyNumber_InPlaceMatrixMultiply,
    [FOREIGN_GETATTR] = PyObject_GetAttr,
    [FOREIGN_GETITEM] = PyObject_GetItem,
};

static const int comparisons[] = {Py_LT, Py_LE, Py_EQ, Py_NE, Py_GT, Py_GE};

static PyObject *none_if(int status) {
    if (status < 0) return NULL;
    Py_RETURN_NONE;
}

static bool is_iterable(PyObject *object) {
    return Py_TYPE(object)->tp_iter || PySequence_Check(object);
}

/* "module.name()", as CPython names what is called in its messages. */
PyObject *object_callable_name(PyObject *function) {
    PyObject *name = PyObject_GetAttrString(function, "__qualname__"), *module = NULL, *text = NULL;
    if (!name) {
        PyErr_Clear();
        return PyObject_Str(function);
    }
    module = PyObject_GetAttrString(function, "__module__");
    if (!module) PyErr_Clear();
    bool shown = module && PyUnicode_Check(module) && PyUnicode_CompareWithASCIIString(module, "builtins");
    text = shown ? PyUnicode_FromFormat("%U.%S()", module, name) : PyUnicode_FromFormat("%S()", name);
    Py_DECREF(name);
    Py_XDECREF(module);
    return text;
}

static PyObject *call_with_keywords(PyObject **x, int64_t n) {
    PyObject *names = x[n - 1];
    return PyObject_Vectorcall(x[0], x + 1, (size_t)(n - 2 - PyTuple_GET_SIZE(names)), names);
}

/* f(*values, **keywords); keywords may be NULL. */
static PyObject *call_with_tuple(PyObject *function, PyObject *values, PyObject *keywords) {
    if (!is_iterable(values)) {
        PyObject *name = object_callable_name(function);
        if (name)
            PyErr_Format(PyExc_TypeError, "%U argument after * must be an iterable, not %.200s", name,
                         Py_TYPE(values)->tp_name);
        Py_XDECREF(name);
        return NULL;
    }
    PyObject *args = PySequence_Tuple(values);
    PyObject *result = args ? PyObject_Call(function, args, keywords) : NULL;
    Py_XDECREF(args);
    return result;
}

static PyObject *tuple_of(PyObject **items, int64_t n) {
    PyObject *tuple = PyTuple_New(n);
    for (int64_t i = 0; tuple && i < n; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(items[i]));
    return tuple;
}

static PyObject *list_of(PyObject **items, int64_t n) {
    PyObject *list = PyList_New(n);
    for (int64_t i = 0; list && i < n; i++)
        PyList_SET_ITEM(list, i, Py_NewRef(items[i]));
    return list;
}

static PyObject *extend(PyObject *list, PyObject *values) {
    static PyObject *name; /* of the method, which no user can replace */
    if (!is_iterable(values))
        return PyErr_Format(PyExc_TypeError, "Value after * must be an iterable, not %.200s",
                            Py_TYPE(values)->tp_name);
    if (!name && !(name = PyUnicode_InternFromString("extend"))) return NULL;
    return PyObject_CallMethodOneArg(list, name, values);
}

static PyObject *extended(PyObject *tuple, PyObject *values) {
    PyObject *list = PySequence_List(tuple), *done = list ? extend(list, values) : NULL;
    PyObject *result = done ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(done);
    Py_XDECREF(list);
    return result;
}

/* As CPython's UNPACK_SEQUENCE: one item more is fetched, to see that there is none. */
static PyObject *unpack(PyObject *object, Py_ssize_t n) {
    PyObject *iterator = PyObject_GetIter(object), *tuple = NULL, *item = NULL;
    if (!iterator) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) && !is_iterable(object))
            PyErr_Format(PyExc_TypeError, "cannot unpack non-iterable %.200s object",
                         Py_TYPE(object)->tp_name);
        return NULL;
    }
    tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) {
        item = PyIter_Next(iterator);
        if (item) {
            PyTuple_SET_ITEM(tuple, i, item);
            continue;
        }
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_ValueError, "not enough values to unpack (expected %zd, got %zd)", n, i);
        Py_CLEAR(tuple);
    }
    item = tuple ? PyIter_Next(iterator) : NULL;
    if (item) PyErr_Format(PyExc_ValueError, "too many values to unpack (expected %zd)", n);
    if (PyErr_Occurred()) Py_CLEAR(tuple);
    Py_XDECREF(item);
    Py_DECREF(iterator);
    return tuple;
}

/* As CPython's UNPACK_EX. */
static PyObject *unpack_ex(PyObject *object, Py_ssize_t before, Py_ssize_t behind) {
    PyObject *items = PySequence_List(object), *tuple = NULL, *rest = NULL;
    if (!items && PyErr_ExceptionMatches(PyExc_TypeError) && !is_iterable(object))
        PyErr_Format(PyExc_TypeError, "cannot unpack non-iterable %.200s object", Py_TYPE(object)->tp_name);
    Py_ssize_t n = items ? PyList_GET_SIZE(items) : 0;
    if (items && n < before + behind)
        PyErr_Format(PyExc_ValueError, "not enough values to unpack (expected at least %zd, got %zd)",
                     before + behind, n);
    if (items && n >= before + behind) rest = PyList_GetSlice(items, before, n - behind);
    if (rest) tuple = PyTuple_New(before + 1 + behind);
    for (Py_ssize_t i = 0; tuple && i < before; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(PyList_GET_ITEM(items, i)));
    for (Py_ssize_t i = 0; tuple && i < behind; i++)
        PyTuple_SET_ITEM(tuple, before + 1 + i, Py_NewRef(PyList_GET_ITEM(items, n - behind + i)));
    if (tuple) PyTuple_SET_ITEM(tuple, before, Py_NewRef(rest));
    Py_XDECREF(rest);
    Py_XDECREF(items);
    return tuple;
}

static PyObject *text_of(PyObject **parts, int64_t n) {
    PyObject *list = list_of(parts, n), *empty = list ? PyUnicode_New(0, 0) : NULL;
    PyObject *text = empty ? PyUnicode_Join(empty, list) : NULL;
    Py_XDECREF(list);
    Py_XDECREF(empty);
    return text;
}

static PyObject *length_of(PyObject *x) {
    Py_ssize_t n = PyObject_Length(x);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

/* ---- names ------------------------------------------------------------------------------------------------ */

static PyObject *global(PyObject *owner, PyObject *name) {
    const PyFunctionObject *function = (const PyFunctionObject *)owner;
    PyObject *builtins = function->func_builtins;
    PyObject *value = PyDict_GetItemWithError(function->func_globals, name);
    if (!value && !PyErr_Occurred()) value = PyDict_GetItemWithError(builtins, name);
    if (!value && !PyErr_Occurred()) PyErr_Format(PyExc_NameError, "name '%U' is not defined", name);
    return Py_XNewRef(value);
}

static PyObject *free_variable(const Dispatcher *d, PyObject *number) {
    Py_ssize_t i = PyLong_AsSsize_t(number);
    PyObject *cell = PyTuple_GET_ITEM(PyFunction_GET_CLOSURE(d->function), i), *value = PyCell_Get(cell);
    if (value || PyErr_Occurred()) return value;
    PyObject *names = PyObject_GetAttrString(PyFunction_GET_CODE(d->function), "co_freevars");
    if (names)
        PyErr_Format(
            PyExc_NameError,
            "cannot access free variable '%U' where it is not associated with a value in enclosing scope",
            PyTuple_GET_ITEM(names, i));
    Py_XDECREF(names);
    return NULL;
}

/* ---- any operation ---------------------------------------------------------------------------------------- */

static PyObject *operate(Dispatcher *d, ForeignId id, PyObject **x, int64_t n) {
    if ((size_t)id < sizeof binary / sizeof *binary && binary[id]) return binary[id](x[0], x[1]);
    switch ((int)id) {
    case FOREIGN_NEG: return PyNumber_Negative(x[0]);
    case FOREIGN_POS: return PyNumber_Positive(x[0]);
    case FOREIGN_INVERT: return PyNumber_Invert(x[0]);
    case FOREIGN_LT:
    case FOREIGN_LE:
    case FOREIGN_EQ:
    case FOREIGN_NE:
    case FOREIGN_GT:
    case FOREIGN_GE: return PyObject_RichCompare(x[0], x[1], comparisons[id - FOREIGN_LT]);
    case FOREIGN_GLOBAL: return global(n == 2 ? x[1] : d->function, x[0]);
    case FOREIGN_FREE: return free_variable(d, x[0]);
    case FOREIGN_SETATTR: return none_if(PyObject_SetAttr(x[0], x[1], x[2]));
    case FOREIGN_SETITEM: return none_if(PyObject_SetItem(x[0], x[1], x[2]));
    case FOREIGN_DELITEM: return none_if(PyObject_DelItem(x[0], x[1]));
    case FOREIGN_CALL: return calling_call(x, n);
    case FOREIGN_CALL_METHOD: return calling_method(x, n);
    case FOREIGN_CALL_KW: return call_with_keywords(x, n);
    case FOREIGN_CALL_STAR: return call_with_tuple(x[0], x[1], NULL);
    case FOREIGN_CALL_STAR_KW: return call_with_tuple(x[0], x[1], x[2]);
    case FOREIGN_TUPLE: return tuple_of(x, n);
    case FOREIGN_LIST: return list_of(x, n);
    case FOREIGN_LIST_APPEND: return none_if(PyList_Append(x[0], x[1]));
    case FOREIGN_LIST_EXTEND: return extend(x[0], x[1]);
    case FOREIGN_TUPLE_EXTEND: return extended(x[0], x[1]);
    case FOREIGN_SLICE: return PySlice_New(x[0], x[1], x[2]);
    case FOREIGN_RANGE: return PyObject_Vectorcall((PyObject *)&PyRange_Type, x, 3, NULL);
    case FOREIGN_UNPACK: return unpack(x[0], PyLong_AsSsize_t(x[1]));
    case FOREIGN_UNPACK_EX: return unpack_ex(x[0], PyLong_AsSsize_t(x[1]), PyLong_AsSsize_t(x[2]));
    case FOREIGN_FORMAT: return PyObject_Format(x[0], n == 2 ? x[1] : NULL);
    case FOREIGN_STR: return PyObject_Str(x[0]);
    case FOREIGN_REPR: return PyObject_Repr(x[0]);
    case FOREIGN_ASCII: return PyObject_ASCII(x[0]);
    case FOREIGN_TEXT: return text_of(x, n);
    case FOREIGN_LEN: return length_of(x[0]);
    case FOREIGN_ITER: return walk_over(x[0]);
    case FOREIGN_ITER_VALUE: return Py_NewRef(((Walk *)x[0])->value);
    case FOREIGN_WITH: return handling_enter(x[0]);
    case FOREIGN_WITH_EXCEPT: return handling_exit(x[0], x[1]);
    case FOREIGN_RAISE: return handling_raise(x[0], NULL);
    case FOREIGN_RAISE_FROM: return handling_raise(x[0], x[1]);
    case FOREIGN_RERAISE: return handling_reraise(Py_NewRef(x[0]));
    case FOREIGN_RAISE_AGAIN: return handling_reraise(PyErr_GetHandledException());
    case FOREIGN_PUSH_EXC: return handling_push(x[0]);
    case FOREIGN_PROMISED: return objmode_give(x[0], x[1]);
    case FOREIGN_POP_EXCEPT: return handling_pop(x[0]);
    default: return names_operate(d, id, x, n);
    }
}

static PyObject *get_attribute(PyObject *object, PyObject *name) {
    PyObject *value = interp_own_attribute(object, name);
    return value ? Py_NewRef(value) : PyObject_GetAttr(object, name);
}

/* The commonest first. */
static inline PyObject *operate_quickly(Dispatcher *d, ForeignId id, PyObject **x, int64_t n) {
    if (id == FOREIGN_CALL_METHOD) return calling_method(x, n);
    if (id == FOREIGN_CALL && PyFunction_Check(x[0])) escaped_expect(x[0]);
    if (id == FOREIGN_CALL) return calling_call(x, n);
    if (id == FOREIGN_GETATTR) return get_attribute(x[0], x[1]);
    return operate(d, id, x, n);
}

/* What only exceptions need is part of compiled code, not left to the interpreter. */
static bool is_handling(ForeignId id) {
    return (id >= FOREIGN_RAISE && id <= FOREIGN_POP_EXCEPT) || id == FOREIGN_EXC_MATCH;
}

/* x.name(...) is an attribute and a call. */
static inline int count_of(ForeignId id) {
    return id == FOREIGN_CALL_METHOD ? 2 : 1;
}

/* Python code may run now: it draws random numbers from where compiled code has left off. */
static void begin(HlContext *ctx, ForeignId id) {
    CallContext *call = call_of(ctx);
    bool handling = is_handling(id), interpreted = !handling && spec_of(ctx)->dispatcher;
    counters.fallback += interpreted ? count_of(id) : 0;
    if (!ctx->region) random_close(call);
    if (interpreted) watch_begin(call);
    call->touched |= !handling;
}

/* A function may call itself through Python, which counts no frames of compiled code. */
static bool is_stack_left(const HlContext *ctx) {
    if ((char *)__builtin_frame_address(0) > ctx->stack_limit) return true;
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded");
    return false;
}

/* Is an exception raised that has been here before? Its traceback has this frame. */
static bool goes_on(ForeignId id) {
    return id == FOREIGN_RERAISE || (id == FOREIGN_RAISE_AGAIN && handling_any());
}

/* Can compiled code still be left for an array that has changed? Not where loops may be parallel, nor in a test, unless that
 * found the next value of an iterator. */
static bool may_go_on(HlContext *ctx, ForeignId id, int result) {
    if (!call_of(ctx)->ctx.changed) return true;
    const Dispatcher *d = spec_of(ctx)->dispatcher;
    bool is_test = id >= FOREIGN_TRUTH && id != FOREIGN_ITER_MORE, is_objmode = spec_of(ctx)->is_objmode;
    bool is_parallel = d && options_read(d->options).compile.parallel;
    if (!is_objmode && !is_parallel && !is_test && result > 0) return true;
    PyErr_Format(PyExc_RuntimeError,
                 "an array that compiled code works on changed its memory or its shape in %s",
                 is_objmode    ? "an objmode block"
                 : is_parallel ? "a function with parallel=True"
                               : "a test");
    return false;
}

/* Is there nothing to do around an operation? The GIL is held, no memory of Python's objects is in use, no stream of random
 * numbers open, and nobody measures. */
static inline bool is_plain(const HlContext *ctx) {
    const CallContext *call = (const CallContext *)ctx; /* in no region */
    return ctx->has_gil && !ctx->region && !random_has_drawn(call) && !call->unboxed &&
           !call->spec->plan.nowners && call->spec->dispatcher && !profile_wanted;
}

static HL_COLD void *operate_with_care(HlContext *ctx, int64_t operation, void **operands, int64_t n) {
    Gil gil = take_gil(ctx);
    Dispatcher *d = spec_of(ctx)->dispatcher;
    int64_t since = profile_wanted ? profile_now() : 0;
    begin(ctx, (ForeignId)operation);
    bool again = goes_on((ForeignId)operation);
    PyObject *result = NULL;
    if (is_stack_left(ctx)) result = operate(d, (ForeignId)operation, (PyObject **)operands, n);
    if (profile_wanted && d) profile_operation(d, ctx->line, since);
    watch_end(call_of(ctx));
    if (result && (!watch_is_good(result) || !may_go_on(ctx, (ForeignId)operation, 1))) Py_CLEAR(result);
    PyObject **handled = &call_of(ctx)->handled;
    if (operation == FOREIGN_PUSH_EXC && !*handled) *handled = Py_XNewRef(result);
    if (!result) failed(ctx);
    if (!result && again) ctx->error.nframes = HL_FRAME_IS_THERE;
    give_gil(gil);
    return result;
}

static void *api_operate(HlContext *ctx, int64_t operation, void **operands, int64_t n) {
    if (!is_plain(ctx) || is_handling((ForeignId)operation))
        return operate_with_care(ctx, operation, operands, n);
    CallContext *call = (CallContext *)ctx;
    PyObject *result = NULL;
    counters.fallback += count_of((ForeignId)operation);
    call->touched = true;
    if (is_stack_left(ctx))
        result = operate_quickly(call->spec->dispatcher, (ForeignId)operation, (PyObject **)operands, n);
    if (result && watch_is_good(result)) return result;
    Py_XDECREF(result);
    return failed(ctx);
}

static int test(ForeignId id, PyObject **x) {
    switch ((int)id) {
    case FOREIGN_TRUTH: return PyObject_IsTrue(x[0]);
    case FOREIGN_NOT: return PyObject_Not(x[0]);
    case FOREIGN_IS: return x[0] == x[1];
    case FOREIGN_CONTAINS: return PySequence_Contains(x[1], x[0]);
    case FOREIGN_ITER_MORE: return walk_on(x[0]);
    case FOREIGN_EXC_MATCH: return handling_matches(x[0], x[1]);
    case FOREIGN_IS_MAPPING: return (int)PyType_HasFeature(Py_TYPE(x[0]), Py_TPFLAGS_MAPPING);
    case FOREIGN_IS_SEQUENCE: return (int)PyType_HasFeature(Py_TYPE(x[0]), Py_TPFLAGS_SEQUENCE);
    default: PyErr_SetString(PyExc_SystemError, "hotloop: no such test of objects"); return -1;
    }
}

static HL_COLD int64_t test_with_care(HlContext *ctx, int64_t operation, void **operands) {
    Gil gil = take_gil(ctx);
    int64_t since = profile_wanted ? profile_now() : 0;
    begin(ctx, (ForeignId)operation);
    int result = test((ForeignId)operation, (PyObject **)operands);
    if (profile_wanted && spec_of(ctx)->dispatcher)
        profile_operation(spec_of(ctx)->dispatcher, ctx->line, since);
    watch_end(call_of(ctx));
    if (result >= 0 && !may_go_on(ctx, (ForeignId)operation, result)) result = -1;
    if (result < 0) failed(ctx);
    give_gil(gil);
    return result > 0;
}

static int64_t api_test(HlContext *ctx, int64_t operation, void **operands, int64_t n) {
    (void)n;
    if (!is_plain(ctx) || is_handling((ForeignId)operation)) return test_with_care(ctx, operation, operands);
    counters.fallback++;
    ((CallContext *)ctx)->touched = true;
    int result = test((ForeignId)operation, (PyObject **)operands);
    if (result < 0) failed(ctx);
    return result > 0;
}

/* ---- native values ----------------------------------------------------------------------------------------- */

static void *api_catch(HlContext *ctx) {
    Gil gil = take_gil(ctx);
    CallContext *call = call_of(ctx);
    const HlError *error = &ctx->error;
    if (!ctx->region) random_close(call);
    call->touched |=
        error->kind == HL_ERROR_PYTHON || (error->kind == HL_ERROR_RAISE && error->site->class_index >= 0);
    ctx->status = 0;
    PyObject *exception = handling_catch(ctx, call->spec, call->globals);
    give_gil(gil);
    return exception;
}

static void *api_box(HlContext *ctx, int64_t type, const uint64_t *slots) {
    Gil gil = take_gil(ctx);
    const Spec *spec = spec_of(ctx);
    Boxing in = {.slot = slots, .known = spec->keep, .exact = true};
    PyObject *object = box_next(spec->boxed[type].type, &in);
    box_forget_wholes(&in);
    if (!object) failed(ctx);
    give_gil(gil);
    return object;
}

static void *boxed_number(HlContext *ctx, Gil gil, PyObject *object) {
    if (!object) failed(ctx);
    give_gil(gil);
    return object;
}

static void *api_box_int(HlContext *ctx, int64_t value) {
    Gil gil = take_gil(ctx);
    return boxed_number(ctx, gil, PyLong_FromLongLong(value));
}

static void *api_box_float(HlContext *ctx, double value) {
    Gil gil = take_gil(ctx);
    return boxed_number(ctx, gil, PyFloat_FromDouble(value));
}

/* An array's block, of its own: it lives as long as compiled code refers to it. */
static void release_array(HlBlock *block) {
    Gil gil = take_gil(NULL);
    tensor_tell_written(block);
    if ((*block->link = block->next)) block->next->link = block->link;
    Py_DECREF((PyObject *)block->object);
    give_gil(gil);
    free(block);
}

static void keep_array(CallContext *call, HlBlock *block, PyObject *object) {
    block->refcount = 1;
    block->release_object = release_array;
    block->next = call->unboxed;
    block->link = &call->unboxed;
    if (block->next) block->next->link = &block->next;
    call->unboxed = block;
    Py_INCREF(object);
}

static bool unbox_into(HlContext *ctx, int64_t type, PyObject *object, uint64_t *slots, HlBlock *block) {
    Unboxed out = {slots, block, NULL};
    return unbox(&spec_of(ctx)->boxed[type].plan, &object, &out);
}

static int64_t api_has(HlContext *ctx, int64_t type, void *object) {
    HlBlock block __attribute__((aligned(64)));
    uint64_t *slots = alloca((spec_of(ctx)->boxed[type].plan.nslots + 1) * sizeof *slots);
    Gil gil = take_gil(ctx);
    bool has = unbox_into(ctx, type, object, slots, &block);
    give_gil(gil);
    return has;
}

static void unbox_object(HlContext *ctx, int64_t type, void *object, uint64_t *slots) {
    HlBlock local __attribute__((aligned(64)));
    void *memory = &local;
    bool is_array = spec_of(ctx)->boxed[type].plan.nowners > 0;
    if (is_array && posix_memalign(&memory, 64, sizeof(HlBlock))) {
        PyErr_NoMemory();
        failed(ctx);
        return;
    }
    HlBlock *block = memory;
    bool good = unbox_into(ctx, type, object, slots, block);
    if (!good) {
        if (is_array) free(block);
        PyErr_SetString(PyExc_SystemError, "hotloop: an object has changed its type");
        failed(ctx);
    } else if (is_array) {
        keep_array(call_of(ctx), block, object);
    }
}

static void api_unbox(HlContext *ctx, int64_t type, void *object, uint64_t *slots) {
    Gil gil = take_gil(ctx);
    unbox_object(ctx, type, object, slots);
    give_gil(gil);
}

static void api_exit_object(HlContext *ctx, void *object) {
    Gil gil = take_gil(ctx);
    left_push(call_of(ctx)->left, (LeftValue){.object = Py_NewRef(object ? object : entry_null)});
    give_gil(gil);
}

static void api_exit_number(HlContext *ctx, uint64_t bits) {
    left_push(call_of(ctx)->left, (LeftValue){.bits = bits});
}

static void api_retain(const HlContext *ctx, void *object) {
    Gil gil = take_gil(ctx);
    Py_INCREF((PyObject *)object);
    give_gil(gil);
}

static void api_release(const HlContext *ctx, void *object) {
    Gil gil = take_gil(ctx);
    Py_DECREF((PyObject *)object);
    give_gil(gil);
}

static PyType_Slot walk_slots[] = {{Py_tp_dealloc, (void *)walk_free},
                                   {Py_tp_iter, (void *)PyObject_SelfIter},
                                   {Py_tp_iternext, (void *)walk_next},
                                   {0, NULL}};
static PyType_Spec walk_spec = {"hotloop._Walk", sizeof(Walk), 0, Py_TPFLAGS_DEFAULT, walk_slots};

bool object_init(void) {
    walk_type = (PyTypeObject *)PyType_FromSpec(&walk_spec);
    static const HlObjectApi api = {.retain = api_retain,
                                    .release = api_release,
                                    .operate = api_operate,
                                    .test = api_test,
                                    .catch = api_catch,
                                    .box = api_box,
                                    .box_int = api_box_int,
                                    .box_float = api_box_float,
                                    .has = api_has,
                                    .unbox = api_unbox,
                                    .exit_object = api_exit_object,
                                    .exit_number = api_exit_number,
                                    .begin_region = api_begin_region,
                                    .end_region = api_end_region};
    hlrt_set_object_api(&api);
    return walk_type != NULL;
}
