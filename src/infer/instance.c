/* instance: which functions exist with which argument types, and in which order they are worked on.
 *
 * An instance is analysed when a caller first needs its result type and emitted when a caller is emitted. Recursion: an
 * instance that is met while it is analysed answers with what it knows so far (BOTTOM at first); its analysis is then
 * repeated until the answer it gave is the answer it has. What was analysed in between on a provisional answer is
 * forgotten and done again.
 */
#include "infer/internal.h"

#include <string.h>

typedef struct Infer {
    Instance *instances; /* newest first */
    uint32_t count;
    bool met_provisional;       /* an answer was given that may still change */
    const FuncOptions *options; /* of the entry */
} Infer;

static Infer *infer_of(Compile *c) {
    if (!c->infer) c->infer = hl_new(&c->arena, Infer);
    return c->infer;
}

const FuncOptions *entry_options(Compile *c) {
    return infer_of(c)->options;
}

static bool same_options(const FuncOptions *x, const FuncOptions *y) {
    return x->fastmath == y->fastmath && x->boundscheck == y->boundscheck &&
           x->numpy_errors == y->numpy_errors && x->numba_semantics == y->numba_semantics &&
           x->parallel == y->parallel && x->debug == y->debug;
}

static Instance *instance_new(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                              const FuncOptions *options) {
    Infer *infer = infer_of(c);
    Instance *instance = hl_new(&c->arena, Instance);
    instance->function = function;
    instance->nargs = nargs;
    instance->arg_types = hl_new_array(&c->arena, const Type *, nargs + 1);
    memcpy(instance->arg_types, args, nargs * sizeof *args);
    instance->options = *options;
    instance->result = hl_type(TY_BOTTOM);
    instance->number = infer->count++;
    instance->next = infer->instances;
    infer->instances = instance;
    return instance;
}

Instance *instance_find(Compile *c, const void *function, const Type *const *given, uint32_t nargs,
                        const FuncOptions *options) {
    const Type **args = hl_new_array(&c->arena, const Type *, nargs + 1);
    for (uint32_t i = 0; i < nargs; i++)
        args[i] = options->numba_semantics ? numba_type(given[i]) : given[i];
    for (Instance *i = infer_of(c)->instances; i; i = i->next) {
        bool same = i->function == function && i->nargs == nargs && same_options(&i->options, options);
        if (same && memcmp(i->arg_types, args, nargs * sizeof *args) == 0) return i;
    }
    return instance_new(c, function, args, nargs, options);
}

/* Repeats the analysis until a recursive instance's answer no longer changes. */
static bool analyse_to_the_end(Compile *c, Instance *instance) {
    Infer *infer = infer_of(c);
    bool outer = infer->met_provisional;
    for (;;) {
        const Type *assumed = instance->result;
        infer->met_provisional = false;
        instance->analysing = true;
        bool good = analyse(c, instance);
        instance->analysing = false;
        if (!good) return false;
        if (!instance->recursive || instance->result == assumed) break;
    }
    instance->analysed = !infer->met_provisional || instance->recursive;
    infer->met_provisional = outer || (infer->met_provisional && !instance->recursive);
    return true;
}

const Type *instance_result(Compile *c, Instance *instance) {
    if (instance->failed) return NULL;
    if (instance->analysed) return instance->result;
    if (instance->analysing) {
        instance->recursive = true;
        infer_of(c)->met_provisional = true;
        return instance->result;
    }
    if (!instance->untyped) instance->untyped = c->host->untyped(c, instance->function);
    bool good = instance->untyped && may_be_left(c, instance->untyped, instance->may_ask);
    if (!good || !analyse_to_the_end(c, instance)) {
        instance->failed = true;
        return NULL;
    }
    return instance->result;
}

/* Creates the typed function, so that calls can name it before its body exists. */
static void declare(Compile *c, Instance *instance) {
    Func *u = instance->untyped;
    Func *f = hl_func_like(u, "", instance->number);
    f->options = instance->options;
    f->nparams = instance->nargs;
    f->param_types = instance->arg_types;
    f->param_names = u->param_names;
    f->recursive = instance->recursive;
    f->prelude = instance->prelude;
    instance->typed = f;
    hl_push(&c->arena, &c->functions, f);
}

bool instance_emit(Compile *c, Instance *instance) {
    if (instance->emitted) return !instance->failed;
    instance->emitted = true;
    const Type *result = instance_result(c, instance);
    if (!result) return false;
    declare(c, instance);
    instance->typed->result = result->kind == TY_BOTTOM ? hl_type(TY_NONE) : result;
    if (specialise(c, instance)) return true;
    instance->failed = true;
    return false;
}

/* An empty list among the arguments gets the type of what the function puts into it. */
static Instance *entry_instance(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                                const FuncOptions *options) {
    Instance *entry = instance_find(c, function, args, nargs, options);
    entry->may_ask = c->foreign;
    for (bool again = true; again && instance_result(c, entry) && entry->wants;) {
        const Type **wanted = hl_new_array(&c->arena, const Type *, nargs + 1);
        again = false;
        for (uint32_t i = 0; i < nargs; i++) {
            const Type *have = entry->arg_types[i], *want = entry->wants[i];
            bool changes = want && want != have && hl_type_converts(have, want);
            wanted[i] = changes ? want : have;
            again |= changes;
        }
        if (again) entry = instance_find(c, function, wanted, nargs, options);
    }
    return entry;
}

bool hl_infer(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
              const FuncOptions *options) {
    infer_of(c)->options = options;
    Instance *entry = entry_instance(c, function, args, nargs, options);
    if (!instance_emit(c, entry)) {
        if (!c->diag.set) hl_error(c, NULL, (Loc){0}, DIAG_INTERNAL, "inference failed without saying why");
        return false;
    }
    entry->typed->external = true;
    return true;
}
