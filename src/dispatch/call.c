/* One call of a specialisation: slots on the stack, the context, the shim, the result. The hot path is here.
 *
 * HlContext is a kilobyte of room for errors that nobody clears: only the few fields in front are set.
 */
#include "dispatch/internal.h"

#include <alloca.h>
#include <stdlib.h>
#include <string.h>

Counters counters;

/* ---- the thread's stack ------------------------------------------------------------------------------ */

/* Below this address recursion ends; 0 until the thread's stack has been looked up. */
static __thread char *stack_limit __attribute__((tls_model("initial-exec")));

static inline char *thread_stack_limit(void) {
    if (!stack_limit) stack_limit = hlrt_stack_limit();
    return stack_limit;
}

/* ---- the call ---------------------------------------------------------------------------------------- */

static const volatile int32_t *eval_breaker(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return interp_eval_breaker();
#else
    static const volatile int32_t *cached; /* one interpreter */
    if (!cached) cached = interp_eval_breaker();
    return cached;
#endif
}

static int32_t run_without_gil(const Spec *spec, CallContext *call, const uint64_t *args, uint64_t *result) {
    call->thread = PyEval_SaveThread();
    call->ctx.has_gil = 0;
    int32_t status = spec->shim(&call->ctx, args, result);
    if (!call->ctx.has_gil) PyEval_RestoreThread(call->thread);
    return status;
}

static inline int32_t run(const Spec *spec, CallContext *call, PyObject *globals, ListArgument *lists,
                          HlBlock *owners, const uint64_t *args, uint64_t *result) {
    call->spec = spec;
    call->lists = lists;
    call->touched = false;
    call->ctx.status = 0;
    call->ctx.has_gil = 1;
    call->ctx.eval_breaker = eval_breaker();
    call->ctx.poll = poll_python;
    call->ctx.stack_limit = thread_stack_limit();
    call->ctx.streams = &hlrt_closed_streams;
    call->ctx.region = NULL;
    call->ctx.thread = 0;
    call->ctx.objects = (void *const *)spec->objects;
    call->globals = globals;
    call->handled = NULL;
    call->ctx.changed = 0;
    call->owners = owners;
    call->unboxed = NULL;
    call->watches = false;
    counters.native++;
    int32_t status =
        spec->nogil ? run_without_gil(spec, call, args, result) : spec->shim(&call->ctx, args, result);
    random_close(call);
    if (call->watches || spec->plan.has_tensors) watch_finish(call);
    return status;
}

static PyObject *box_converted(const Spec *spec, const uint64_t *result) {
    PyObject *value = box(spec->native_result, result, spec);
    PyObject *converted = value ? convert_value(value, spec->result) : NULL;
    Py_XDECREF(value);
    return spec->numbers && hl_type_is_np(spec->result) ? number_of(converted) : converted;
}

/* Did the call end at a place whose answer only the interpreter can give (error class "?..."), and may it start again?
 * Not when it has drawn random numbers. */
static bool needs_interpreter(const Spec *spec, const CallContext *call) {
    const HlError *error = &call->ctx.error;
    return spec->can_redo && !call->touched && !random_has_drawn(call) && error->kind == HL_ERROR_RAISE &&
           error->site->class_name[0] == '?';
}

/* Was the function left at a place where an object is looked at? */
static bool was_left(const Spec *spec, CallContext *call, Unfinished *rest) {
    const HlError *error = &call->ctx.error;
    bool left = error->kind == HL_ERROR_RAISE && spec->nplaces && !strcmp(error->site->class_name, HL_EXIT);
    rest->place = left ? &spec->places[error->payload[0]] : NULL;
    rest->changed = call->ctx.changed;
    if (!left) left_free(&rest->left);
    return left;
}

/* What the call was left with is not the business of a handler in it any more. */
static void end_handling(const CallContext *call) {
    if (!call->handled) return;
    Py_DECREF(handling_pop(call->handled));
    Py_DECREF(call->handled);
}

/* The exception of a call that failed, unless it was left unfinished or the interpreter has to do it again. */
static void fail(const Spec *spec, PyObject *globals, ListArgument *lists, CallContext *call,
                 Unfinished *rest) {
    if (was_left(spec, call, rest)) {
        Py_XDECREF(call->handled);
        return;
    }
    if (!needs_interpreter(spec, call)) {
        PyObject *type, *value, *traceback; /* a poll's exception is set already */
        PyErr_Fetch(&type, &value, &traceback);
        bool good = !lists || lists_write_back(lists, spec);
        if (good) PyErr_Restore(type, value, traceback);
        if (good) error_raise(&call->ctx, spec, globals);
    }
    end_handling(call);
}

/* Runs and boxes; what changed in list arguments is written back in between. */
static PyObject *run_and_box(const Spec *spec, PyObject *globals, const uint64_t *slots, uint64_t *result,
                             ListArgument *lists, HlBlock *owners, Unfinished *rest) {
    CallContext call;
    call.left = &rest->left;
    if (run(spec, &call, globals, lists, owners, slots, result)) {
        fail(spec, globals, lists, &call, rest);
        return NULL;
    }
    Py_XDECREF(call.handled);
    bool written = !lists || lists_write_back(lists, spec);
    PyObject *value = spec->converts ? box_converted(spec, result) : box(spec->result, result, spec);
    if (!written) Py_CLEAR(value);
    return value;
}

PyObject *spec_start(const Spec *spec, PyObject *globals, PyObject *const *values, const Frame *frame,
                     bool *fits, Unfinished *rest) {
    uint64_t *slots = alloca((spec->plan.nslots + spec->nresult + 1) * sizeof *slots);
    uint64_t *result = slots + spec->plan.nslots;
    HlBlock *owners =
        __builtin_alloca_with_align((spec->plan.nowners + 1) * sizeof *owners, 8 * HL_VIEW_PLACES);
    ListArgument *lists = NULL;
    Unboxed out = {slots, owners, &lists};
    *fits = frame ? continuation_unbox(frame, &out) : unbox(&spec->plan, values, &out);
    PyObject *value =
        *fits && spec->shim ? run_and_box(spec, globals, slots, result, lists, owners, rest) : NULL;
    if (lists) lists_free(lists);
    return value;
}

bool spec_run(const Spec *spec, PyObject *globals, const uint64_t *slots) {
    uint64_t *result = alloca((spec->nresult + 1) * sizeof *result);
    CallContext call;
    call.left = NULL; /* it has no place to leave at */
    int32_t failed = run(spec, &call, globals, NULL, NULL, slots, result);
    if (failed) error_raise(&call.ctx, spec, globals);
    end_handling(&call);
    return !failed;
}

/* The rest of a call that was left, place by place: the stack does not grow. */
static HL_COLD PyObject *finish(const Spec *spec, Unfinished *rest) {
    Dispatcher *d = spec->dispatcher;
    PyObject *result = NULL;
    if (rest->place->nobserved && !rest->changed) continuation_retire(d, spec);
    while (rest->place)
        result = continuation_run(d, rest);
    return result;
}

static HL_COLD PyObject *call_profiled(const Spec *spec, PyObject *globals, PyObject *const *values,
                                       bool *fits) {
    Unfinished rest;
    unfinished_clear(&rest);
    profile_begin(spec->dispatcher);
    PyObject *result = spec_start(spec, globals, values, NULL, fits, &rest);
    if (rest.place) result = finish(spec, &rest);
    profile_end(spec->dispatcher);
    return result;
}

PyObject *spec_call(const Spec *spec, PyObject *globals, PyObject *const *values, bool *fits) {
    if (profile_wanted && spec->dispatcher) return call_profiled(spec, globals, values, fits);
    Unfinished rest;
    unfinished_clear(&rest);
    PyObject *result = spec_start(spec, globals, values, NULL, fits, &rest);
    if (rest.place) result = finish(spec, &rest);
    return result;
}

/* ---- specialisations --------------------------------------------------------------------------------- */

Spec *spec_new(const Type *const *types, uint32_t nargs) {
    Spec *spec = calloc(1, sizeof *spec + nargs * sizeof *types);
    if (!spec) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(spec->types, types, nargs * sizeof *types);
    if (plan_make(&spec->plan, types, nargs)) return spec;
    spec_free(spec);
    return NULL;
}

void spec_free(Spec *spec) {
    plan_free(&spec->plan);
    for (uint32_t i = 0; i < spec->nobjects; i++)
        Py_XDECREF(spec->objects[i]);
    free(spec->objects);
    spec_free_places(spec);
    Py_XDECREF(spec->keep);
    error_forget_lines();
    if (spec->code) hl_load_free(spec->code);
    free(spec);
}
