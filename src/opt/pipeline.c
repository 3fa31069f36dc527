/* pipeline: hl_optimise runs the passes of passes.def over every function of a compilation.
 *
 * In: verified typed IR as infer/ makes it. Out: the same functions in all forms of passes.def. Debug builds, and
 * HOTLOOP_VERIFY=1, verify after each pass and name the one that broke something. HOTLOOP_TIME=1 prints what each
 * pass took, over all functions, to stderr.
 */
#include "opt/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct Pass {
    const char *name;
    bool (*run)(Compile *c, Func *f);
    unsigned needs, gives;
} Pass;

#define LOOPS FORM_LOOPS
#define POLLED FORM_POLLED
#define COUNTED FORM_COUNTED
static const Pass passes[] = {
#define PASS(name, function, needs, gives, purpose) {#name, function, needs, gives},
#include "opt/passes.def"
#undef PASS
};
enum { NPASSES = sizeof passes / sizeof *passes };

static const uint8_t rt_effects[RT_COUNT] = {
#define RT(name, result, args, effects, meaning) effects,
#include "runtime/runtime.def"
#undef RT
};

uint8_t hl_opt_effects(const Ins *ins) {
    return ins->op == OP_RT ? rt_effects[ins->aux.i] : hl_op_info((Op)ins->op)->effects;
}

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value && *value != '0';
}

static bool verifies(void) {
#ifndef NDEBUG
    return true;
#else
    return is_set("HOTLOOP_VERIFY");
#endif
}

static bool verify(Compile *c, const Func *f, const char *after) {
    const char *problem = hl_verify(f, true);
    if (!problem) return true;
    const char *text = hl_arena_printf(&c->arena, "after %s: %s", after, problem);
    return hl_error(c, f, (Loc){.line = f->first_line}, DIAG_INTERNAL, text);
}

static bool run_over_all(Compile *c, const Pass *pass) {
    for (uint32_t i = 0; i < c->functions.len; i++) {
        Func *f = c->functions.data[i];
        if (f->options.debug && !pass->gives) continue;
        if (!pass->run(c, f)) return false;
        if (verifies() && !verify(c, f, pass->name)) return false;
    }
    return true;
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

bool hl_optimise(Compile *c) {
    bool timed = is_set("HOTLOOP_TIME");
    unsigned forms = 0;
    for (int i = 0; i < NPASSES; i++) {
        double start = timed ? now_ms() : 0;
        if (passes[i].needs & ~forms)
            return hl_error(c, NULL, (Loc){0}, DIAG_INTERNAL, "the order of opt/passes.def");
        if (!run_over_all(c, &passes[i])) return false;
        forms |= passes[i].gives;
        if (timed) fprintf(stderr, "opt %-16s %8.3f ms\n", passes[i].name, now_ms() - start);
    }
    return true;
}

static const Pass *find_pass(const char *name) {
    for (int i = 0; i < NPASSES; i++)
        if (!strcmp(passes[i].name, name)) return &passes[i];
    return NULL;
}

bool hl_opt_has_pass(const char *name) {
    return find_pass(name) != NULL;
}

bool hl_opt_run(Compile *c, Func *f, const char *name) {
    const Pass *pass = find_pass(name);
    if (!pass) return hl_error(c, f, (Loc){0}, DIAG_INTERNAL, "there is no such pass");
    return pass->run(c, f) && verify(c, f, name);
}
