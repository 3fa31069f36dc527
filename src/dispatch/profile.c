/* What operations on objects take of a function's time, when the environment has HOTLOOP_PROFILE: the warning that tells what is
 * left to the interpreter then comes when the function dies or the process ends, with each line's share.
 *
 * The outermost call of a function counts, and in it the operations that the function itself asks for; not the time that
 * the rest of a function took to compile. Everything here runs with the GIL. Begin reading at profile_begin.
 */
#include "dispatch/internal.h"

#include <stdlib.h>
#include <time.h>

typedef struct LineTime {
    int32_t line;
    int64_t ns;
} LineTime;

struct Profile {
    Dispatcher *d;
    struct Profile *next;
    uint32_t depth, nlines;
    int64_t begun, total, compiling;
    LineTime *lines;
};

bool profile_wanted;
static struct Profile *all;

int64_t profile_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct Profile *of(Dispatcher *d) {
    if (d->profile || !(d->profile = calloc(1, sizeof *d->profile))) return d->profile;
    d->profile->d = d;
    d->profile->next = all;
    return all = d->profile;
}

/* ---- counting -------------------------------------------------------------------------------------------- */

void profile_begin(Dispatcher *d) {
    struct Profile *p = of(d);
    if (p && p->depth++ == 0) p->begun = profile_now();
}

void profile_end(Dispatcher *d) {
    struct Profile *p = of(d);
    if (p && --p->depth == 0) p->total += profile_now() - p->begun;
}

void profile_compiled(Dispatcher *d, int64_t since) {
    struct Profile *p = of(d);
    if (p) p->compiling += profile_now() - since;
}

static LineTime *time_of(struct Profile *p, int32_t line) {
    for (uint32_t i = 0; i < p->nlines; i++)
        if (p->lines[i].line == line) return &p->lines[i];
    LineTime *more = realloc(p->lines, (p->nlines + 1) * sizeof *more);
    if (!more) return NULL;
    p->lines = more;
    more[p->nlines] = (LineTime){line, 0};
    return &more[p->nlines++];
}

void profile_operation(Dispatcher *d, int32_t line, int64_t since) {
    struct Profile *p = of(d);
    LineTime *time = p && p->depth == 1 ? time_of(p, line) : NULL;
    if (time) time->ns += profile_now() - since;
}

/* ---- telling ----------------------------------------------------------------------------------------------- */

static int share_of(const struct Profile *p, int32_t line) {
    int64_t total = p->total - p->compiling;
    for (uint32_t i = 0; i < p->nlines; i++)
        if (p->lines[i].line == line)
            return (int)((100 * p->lines[i].ns + total / 2) / (total > 0 ? total : 1));
    return -1;
}

int profile_share(const Dispatcher *d, int32_t line) {
    return d->profile ? share_of(d->profile, line) : -1;
}

const char *profile_text(Arena *arena, const Dispatcher *d, int32_t line, const char *text) {
    int share = profile_share(d, line);
    return share < 0 ? text : hl_arena_printf(arena, "%s: %d %% of the time", text, share);
}

static PyObject *tell_all(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    for (struct Profile *p = all; p; p = p->next)
        if (!continuation_tell(p->d)) PyErr_WriteUnraisable((PyObject *)p->d);
    Py_RETURN_NONE;
}

static PyMethodDef tell_all_method = {"tell_profiles", tell_all, METH_NOARGS, NULL};

bool profile_init(void) {
    const char *wanted = getenv("HOTLOOP_PROFILE");
    profile_wanted = wanted && *wanted && strcmp(wanted, "0") != 0;
    if (!profile_wanted) return true;
    PyObject *module = PyImport_ImportModule("atexit"), *function = PyCFunction_New(&tell_all_method, NULL);
    PyObject *done = module && function ? PyObject_CallMethod(module, "register", "O", function) : NULL;
    Py_XDECREF(module);
    Py_XDECREF(function);
    Py_XDECREF(done);
    return done != NULL;
}

void profile_free(Dispatcher *d) {
    struct Profile **place = &all, *p = d->profile;
    if (!p) return;
    while (*place != p)
        place = &(*place)->next;
    *place = p->next;
    free(p->lines);
    free(p);
    d->profile = NULL;
}
