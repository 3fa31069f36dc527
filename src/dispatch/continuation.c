/* Continuations: the rest of a function that was left because native code needs to know what an object is.
 *
 * In: the place and the frame's values, the observed object on top of the stack. The object's type is remembered for the
 * place; the rest of the function, from that bytecode on, is compiled for the types the values have (once: continuations are
 * kept by place and types) and run. It may be left again: the caller loops, so the stack does not grow. Code compiled later
 * knows what was seen and only tests for it; so the specialisation that was left is made anew at the next call.
 */
#include "dispatch/cache.h"
#include "dispatch/internal.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SEEN = 4, MAX_RETIRED = 16 };

/* What objects were seen in front of the instruction at an offset, `which` from the top of the stack. */
typedef struct Seen {
    struct Seen *next;
    uint32_t offset, which, n;
    const Type
        *types[MAX_SEEN]; /* the last one is what code tests for; object: too many, or no type at all */
} Seen;

typedef struct Continuation {
    struct Continuation *next;
    HlEntry entry;
    Spec *spec;
} Continuation;

typedef struct Continuations {
    Seen *seen;
    Continuation *all;
    uint32_t nretired;
    Arena arena; /* of the diagnostic */
    Diagnostic why;
    VEC(int32_t) lines; /* that work on objects, in order */
} Continuations;

static Continuations *of(Dispatcher *d) {
    if (!d->continuations) d->continuations = calloc(1, sizeof *d->continuations);
    return d->continuations;
}

/* ---- what was seen ------------------------------------------------------------------------------------- */

static Seen *seen_at(const Dispatcher *d, uint32_t offset, uint32_t which) {
    Seen *seen = d->continuations ? d->continuations->seen : NULL;
    while (seen && (seen->offset != offset || seen->which != which))
        seen = seen->next;
    return seen;
}

static Seen *new_seen(Dispatcher *d, uint32_t offset, uint32_t which) {
    Seen *seen = calloc(1, sizeof *seen);
    if (!seen) return NULL;
    *seen = (Seen){.next = of(d)->seen, .offset = offset, .which = which};
    return of(d)->seen = seen;
}

static bool holds_counted(const Type *type) {
    bool holds = hl_type_is_counted(type) || type->kind == TY_OBJECT_CONST;
    for (uint32_t i = 0; i < type->nargs && !holds && type->kind != TY_ARRAY; i++)
        holds = holds_counted(type->args[i]);
    return holds;
}

/* Can a place test for this type? It has room for one array. */
static bool can_be_known(const Type *type) {
    return type->kind == TY_ARRAY || type->kind == TY_TENSOR ||
           (!hl_type_is_iterator(type) && !holds_counted(type));
}

/* False: out of memory. */
static bool see(Dispatcher *d, uint32_t offset, uint32_t which, const Type *type) {
    Seen *seen = seen_at(d, offset, which);
    if (!seen) seen = new_seen(d, offset, which);
    if (!seen) return false;
    if (!can_be_known(type)) type = hl_type(TY_OBJECT);
    for (uint32_t i = 0; i < seen->n; i++)
        if (seen->types[i] == type) return true;
    if (seen->n == MAX_SEEN) seen->types[MAX_SEEN - 1] = hl_type(TY_OBJECT);
    if (seen->n < MAX_SEEN) seen->types[seen->n++] = type;
    return true;
}

static const Type *last_seen(const Dispatcher *d, uint32_t offset, uint32_t which) {
    const Seen *seen = seen_at(d, offset, which);
    return seen && seen->n ? seen->types[seen->n - 1] : NULL;
}

/* ---- compiling ----------------------------------------------------------------------------------------- */

/* Python's host for a function of this dispatcher that may use objects: entered at a place, or called. Its address is what
 * the compiler takes for the function. */
typedef struct ForeignHost {
    Host host;
    Dispatcher *d;
    const HlEntry *entry;
    const Spec *spec;
} ForeignHost;

static Func *untyped(Compile *c, const void *function) {
    const ForeignHost *h = (const ForeignHost *)c->host;
    if (function != h) return hl_bytecode_ssa(c, function, NULL);
    return hl_bytecode_ssa(c, h->d->function, h->entry);
}

/* Code that begins at the place goes on with the type that it begins with when it comes there again: two types would meet in
 * a wider one. */
static const Type *observed(Compile *c, uint32_t offset, uint32_t which) {
    const ForeignHost *h = (const ForeignHost *)c->host;
    const Type *seen = last_seen(h->d, offset, which);
    bool begins_here = h->entry && h->entry->offset == offset && which < h->entry->nstack;
    if (!begins_here || !seen || seen->kind == TY_OBJECT) return seen;
    const Type *own = h->spec->types[h->spec->plan.nargs - 1 - which];
    return can_be_known(own) ? own : hl_type(TY_OBJECT);
}

static bool is_known(const Diagnostic *why, const Diagnostic *reason) {
    bool known = why->set && why->loc.line == reason->loc.line && !strcmp(why->text, reason->text);
    for (uint32_t i = 0; i < why->notes.len && !known; i++)
        known =
            why->notes.data[i].loc.line == reason->loc.line && !strcmp(why->notes.data[i].text, reason->text);
    return known;
}

static const char WORKS_ON_OBJECT[] = "works on an object";

static void note_line(Continuations *own, int32_t line) {
    uint32_t i = 0;
    while (i < own->lines.len && own->lines.data[i] < line)
        i++;
    if (i < own->lines.len && own->lines.data[i] == line) return;
    hl_push(&own->arena, &own->lines, line);
    for (uint32_t k = own->lines.len - 1; k > i; k--)
        own->lines.data[k] = own->lines.data[k - 1];
    own->lines.data[i] = line;
}

bool continuation_note(Dispatcher *d, const Diagnostic *reason) {
    Continuations *own = of(d);
    bool is_line = reason->loc.line > 0; /* not where the function begins */
    if (own && !reason->set && is_line) note_line(own, reason->loc.line);
    if (own && !reason->set) return true;
    if (!own || is_known(&own->why, reason)) return own;
    const char *text = hl_arena_printf(&own->arena, "%s", reason->text), *file = hl_intern(reason->file);
    if (own->why.set) {
        hl_diag_note(&own->arena, &own->why, file, reason->loc, "%s", text);
        return true;
    }
    own->why = (Diagnostic){.set = true, .id = reason->id, .file = file, .loc = reason->loc, .text = text};
    if (reason->hint) own->why.hint = hl_arena_printf(&own->arena, "%s", reason->hint);
    return true;
}

bool continuation_blame(Dispatcher *d, const Diagnostic *why) {
    Continuations *own = of(d);
    if (!own || own->why.set || !own->lines.len) return own;
    return continuation_note(d, why);
}

/* An object of the frame is one, whatever type it may have beside. */
static void take_any_object(Plan *plan) {
    for (uint32_t i = 0; i < plan->nops; i++)
        if (plan->ops[i].code == UNBOX_ANY) plan->ops[i].value = true;
}

/* A list that foreign operations see must be the caller's own. */
static bool take_lists_as_objects(Spec *spec) {
    bool any = false;
    for (uint32_t i = 0; i < spec->plan.nargs; i++) {
        if (!hl_type_holds_list(spec->types[i])) continue;
        spec->types[i] = hl_type(TY_OBJECT);
        any = true;
    }
    if (!any) return true;
    uint32_t nargs = spec->plan.nargs;
    plan_free(&spec->plan);
    if (!plan_make(&spec->plan, spec->types, nargs)) return false;
    take_any_object(&spec->plan);
    return true;
}

bool continuation_prepare(Dispatcher *d, Spec *spec) {
    spec->dispatcher = d;
    spec->can_redo = false;
    return take_lists_as_objects(spec);
}

bool continuation_compile(Compile *c, Dispatcher *d, Spec *spec, const HlEntry *entry, const Type *asked) {
    ForeignHost h = {*c->host, d, entry, spec};
    h.host.untyped = untyped;
    h.host.observed = observed;
    if (!take_lists_as_objects(spec)) return false;
    c->host = &h.host;
    c->foreign = true;
    c->asker = d->function;
    dispatcher_declare(c, d);
    spec->dispatcher = d;
    bool good = spec_compile(c, spec, &h, d->options, asked);
    spec->can_redo = false;
    for (uint32_t i = 0; good && i < c->reasons.len; i++)
        continuation_note(d, c->reasons.data[i]);
    return good;
}

/* ---- places, copied from the compilation --------------------------------------------------------------- */

static void *copy(const void *from, size_t nbytes) {
    void *to = malloc(nbytes + 1);
    return to && nbytes ? memcpy(to, from, nbytes) : to;
}

static bool copy_entry(HlEntry *to, const HlEntry *from) {
    *to = *from;
    to->bound = copy(from->bound, from->nbound * sizeof *from->bound);
    to->is_null = copy(from->is_null, from->nstack * sizeof *from->is_null);
    to->made = copy(from->made, from->nmade * sizeof *from->made);
    return to->bound && to->is_null && to->made;
}

static void free_entry(HlEntry *entry) {
    free((void *)entry->bound);
    free((void *)entry->is_null);
    free((void *)entry->made);
}

/* What of the frame is made again, in the order of the constants: a function may capture one made before it. */
static uint32_t find_made(const HlExit *exit, uint32_t nlocals, HlMade *out) {
    const HlFrameShape *shape = exit->shape;
    uint32_t n = 0, value = 0;
    for (uint32_t i = 0; i < shape->nlocals + shape->depth; i++) {
        bool is_local = i < shape->nlocals;
        if (!is_local && shape->is_null[i - shape->nlocals]) continue;
        uint32_t made = exit->made[value++], at = n;
        if (!made) continue;
        for (; at > 0 && out[at - 1].constant > made - 1; at--)
            out[at] = out[at - 1];
        out[at] = (HlMade){is_local ? shape->locals[i] : nlocals + i - shape->nlocals, made - 1};
        n++;
    }
    return n;
}

static bool copy_place(Place *to, const HlExit *exit, uint32_t nlocals) {
    const HlFrameShape *shape = exit->shape;
    HlMade *made = malloc((shape->nlocals + shape->depth + 1) * sizeof *made);
    if (!made) return false;
    const HlEntry entry = {.made = made,
                           .nmade = find_made(exit, nlocals, made),
                           .offset = shape->offset,
                           .bound = shape->locals,
                           .nbound = shape->nlocals,
                           .nstack = shape->depth,
                           .is_null = shape->is_null};
    to->nvalues = shape->nvalues;
    to->nobserved = shape->nobserved;
    to->types = copy(exit->types, (shape->nlocals + shape->nvalues) * sizeof *exit->types);
    to->made = copy(exit->made, (shape->nlocals + shape->nvalues) * sizeof *exit->made);
    to->nwords = copy(exit->nwords, (shape->nlocals + shape->nvalues) * sizeof *exit->nwords);
    bool good = copy_entry(&to->entry, &entry) && to->types && to->made && to->nwords;
    free(made);
    return good;
}

static bool keep_types(Spec *spec, const Compile *c) {
    spec->boxed = calloc(c->types.len + 1, sizeof *spec->boxed);
    for (; spec->boxed && spec->nboxed < c->types.len; spec->nboxed++) {
        const char *text = c->types.data[spec->nboxed];
        Boxed *boxed = &spec->boxed[spec->nboxed];
        boxed->type = hl_type_parse(&text);
        if (!plan_make(&boxed->plan, &boxed->type, 1)) PyErr_Clear(); /* it is boxed only */
        plan_relax(&boxed->plan);
    }
    return spec->boxed != NULL;
}

bool spec_keep_places(Spec *spec, const Compile *c) {
    if (!c->exits.len && !c->types.len) return true;
    spec->places = calloc(c->exits.len + 1, sizeof *spec->places);
    bool good = spec->places && keep_types(spec, c);
    const Dispatcher *d = spec->dispatcher; /* without one nothing is left unfinished */
    uint32_t nlocals = d ? (uint32_t)((PyCodeObject *)PyFunction_GET_CODE(d->function))->co_nlocalsplus : 0;
    for (; good && spec->nplaces < c->exits.len; spec->nplaces++)
        good = copy_place(&spec->places[spec->nplaces], c->exits.data[spec->nplaces], nlocals);
    if (!good) PyErr_NoMemory();
    return good;
}

void spec_free_places(Spec *spec) {
    for (uint32_t i = 0; i < spec->nplaces; i++) {
        free_entry(&spec->places[i].entry);
        free((void *)spec->places[i].types);
        free(spec->places[i].made);
        free(spec->places[i].nwords);
    }
    free(spec->places);
    for (uint32_t i = 0; i < spec->nboxed; i++)
        plan_free(&spec->boxed[i].plan);
    free(spec->boxed);
}

/* ---- the frame ----------------------------------------------------------------------------------------- */

void left_push_more(Left *left, LeftValue value) {
    if (left->n >= left->capacity) {
        uint32_t capacity = 2 * left->n;
        LeftValue *more = realloc(left->more, capacity * sizeof *more);
        if (!more) { /* the frame is incomplete then */
            Py_XDECREF(value.object);
            return;
        }
        if (!left->more) memcpy(more, left->few, sizeof left->few);
        left->more = more;
        left->capacity = capacity;
    }
    left->more[left->n++] = value;
}

static const LeftValue *values_of(const Left *left) {
    return left->more ? left->more : left->few;
}

void left_free(Left *left) {
    const LeftValue *values = values_of(left);
    for (uint32_t i = 0; i < left->n; i++)
        Py_XDECREF(values[i].object);
    free(left->more);
}

/* `to` is not set yet, and `from` is empty then. */
static void move_left(Left *to, Left *from) {
    to->n = from->n;
    to->capacity = from->capacity;
    to->more = from->more;
    if (!to->more) memcpy(to->few, from->few, from->n * sizeof *from->few);
    from->n = from->capacity = 0;
    from->more = NULL;
}

/* A frame that was left, and the rest of its function that goes on with it. */
struct Frame {
    const Place *place;
    const LeftValue *values;
    const Continuation *rest;
};

static uint32_t count_values(const Place *place) {
    return place->entry.nbound + place->nvalues;
}

static uint32_t width(const Place *place, uint32_t i) {
    return place->nwords[i] ? place->nwords[i] : 1;
}

static bool is_complete(const Place *place, const Left *left) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < count_values(place); i++)
        n += width(place, i);
    return n == left->n;
}

/* Locals that are not bound are left out. */
static inline bool is_bound(const Place *place, uint32_t i, const LeftValue *value) {
    return i >= place->entry.nbound || place->made[i] || value->object != entry_null;
}

/* Lists are objects in functions with objects. */
static const Type *type_in_frame(PyObject *object, const Type *known) {
    const Type *type = known ? known : type_of(object);
    return type && !hl_type_holds_list(type) ? type : hl_type(TY_OBJECT);
}

/* Numbers, or a tuple of those. */
static const UnboxOp *take_numbers(const UnboxOp *op, const LeftValue **value, Unboxed *out) {
    if (op->code != UNBOX_TUPLE) {
        *out->slot++ = (*value)++->bits;
        return op + 1;
    }
    const UnboxOp *item = op + 1;
    for (uint32_t i = 0; i < op->n; i++)
        item = take_numbers(item, value, out);
    return item;
}

/* What has a type of its own goes where that is known. */
static const UnboxOp *take_object(const UnboxOp *op, PyObject *object, const Type *known, Unboxed *out) {
    if (op->code == UNBOX_ANY && !known && type_in_frame(object, NULL)->kind != TY_OBJECT) return NULL;
    return unbox_one(op, object, out);
}

bool continuation_unbox(const Frame *frame, Unboxed *out) {
    const Place *place = frame->place;
    const HlEntry *entry = &frame->rest->entry;
    const UnboxOp *op = frame->rest->spec->plan.ops;
    const LeftValue *value = frame->values;
    uint32_t nbound = 0;
    for (uint32_t i = 0; i < count_values(place); i++) {
        const LeftValue *here = value;
        value += width(place, i);
        if (!is_bound(place, i, here)) continue;
        bool is_local = i < place->entry.nbound;
        if (is_local && (nbound == entry->nbound || entry->bound[nbound++] != place->entry.bound[i]))
            return false;
        if (place->made[i]) continue;
        op = place->nwords[i] ? take_numbers(op, &here, out)
                              : take_object(op, here->object, place->types[i], out);
        if (!op) return false;
    }
    return nbound == entry->nbound;
}

/* What a continuation is found by, and made for. */
typedef struct Wanted {
    HlEntry entry;
    const Type **types;
    uint32_t n, nobserved;
} Wanted;

static bool look_at_frame(const Place *place, const LeftValue *value, Wanted *out) {
    uint32_t n = count_values(place);
    uint32_t *bound = malloc((n + 1) * sizeof *bound);
    *out = (Wanted){place->entry, malloc((n + 1) * sizeof *out->types), 0, place->nobserved};
    out->entry.bound = bound;
    out->entry.nbound = 0;
    if (!bound || !out->types) return false;
    for (uint32_t i = 0; i < n; value += width(place, i++)) {
        if (!is_bound(place, i, value)) continue;
        if (i < place->entry.nbound) bound[out->entry.nbound++] = place->entry.bound[i];
        if (!place->made[i]) out->types[out->n++] = type_in_frame(value->object, place->types[i]);
    }
    return true;
}

static void free_wanted(Wanted *wanted) {
    free((void *)wanted->entry.bound);
    free(wanted->types);
}

/* ---- what was seen, in the cache ----------------------------------------------------------------------- */

void continuation_put_seen(Text *out, const Dispatcher *d) {
    uint32_t n = 0;
    for (const Seen *seen = d->continuations ? d->continuations->seen : NULL; seen; seen = seen->next)
        n++;
    put_field(out, &n, sizeof n);
    for (const Seen *seen = d->continuations ? d->continuations->seen : NULL; seen; seen = seen->next) {
        uint32_t head[] = {seen->offset, seen->which, seen->n};
        put_field(out, head, sizeof head);
        for (uint32_t i = 0; i < seen->n; i++)
            put_text(out, hl_type_text(has_address(seen->types[i]) ? hl_type(TY_OBJECT) : seen->types[i]));
    }
}

/* One place; what another specialisation has seen there already stays. */
static bool take_seen(Reader *in, Dispatcher *d) {
    uint32_t head[3];
    if (!take_into(in, head, sizeof head) || head[2] > MAX_SEEN) return false;
    bool good = true;
    for (uint32_t i = 0; good && i < head[2]; i++) {
        const Type *type = take_type(in);
        good = type && see(d, head[0], head[1], type);
    }
    return good;
}

bool continuation_take_seen(Reader *in, Dispatcher *d) {
    uint32_t n;
    bool good = of(d) && take_into(in, &n, sizeof n);
    for (uint32_t i = 0; good && i < n; i++)
        good = take_seen(in, d);
    return good;
}

bool continuation_has_learned(const Dispatcher *d) {
    return d->continuations && d->continuations->nretired;
}

/* ---- finding and running ------------------------------------------------------------------------------- */

static bool same_entry(const HlEntry *a, const HlEntry *b) {
    return a->offset == b->offset && a->nbound == b->nbound && a->nstack == b->nstack &&
           a->nmade == b->nmade && !memcmp(a->made, b->made, a->nmade * sizeof *a->made) &&
           !memcmp(a->bound, b->bound, a->nbound * sizeof *a->bound);
}

static Continuation *find(const Dispatcher *d, const Wanted *wanted) {
    Continuation *k = d->continuations ? d->continuations->all : NULL;
    while (k && !(same_entry(&k->entry, &wanted->entry) && k->spec->plan.nargs == wanted->n &&
                  !memcmp(k->spec->types, wanted->types, wanted->n * sizeof *wanted->types)))
        k = k->next;
    return k;
}

/* The call has begun, so the interpreter cannot have it: what does not compile for these types does for objects alone. */
static bool compile_rest(Dispatcher *d, Spec *spec, const HlEntry *entry, bool only_objects) {
    Compile c = {.only_objects = only_objects};
    int64_t since = profile_wanted ? profile_now() : 0;
    bool good =
        hl_python_attach(&c) && continuation_compile(&c, d, spec, entry, NULL) && spec_give_warnings(&c);
    bool again = !good && !only_objects && !PyErr_Occurred();
    if (!good && !again && !PyErr_Occurred()) error_raise_diagnostic(&c.diag);
    hl_python_detach(&c);
    hl_compile_free(&c);
    if (profile_wanted) profile_compiled(d, since);
    return good || (again && compile_rest(d, spec, entry, true));
}

/* NULL with an exception. */
static Continuation *make(Dispatcher *d, const Wanted *wanted) {
    Continuation *k = calloc(1, sizeof *k);
    Spec *spec = k ? spec_new(wanted->types, wanted->n) : NULL;
    if (spec && copy_entry(&k->entry, &wanted->entry) && compile_rest(d, spec, &wanted->entry, false)) {
        take_any_object(&spec->plan);
        k->spec = spec;
        k->next = of(d)->all;
        of(d)->all = k;
        return k;
    }
    if (spec) spec_free(spec);
    if (k) free_entry(&k->entry);
    free(k);
    if (!PyErr_Occurred()) PyErr_NoMemory();
    return NULL;
}

/* By the types that the values have; what was observed is remembered. */
static HL_COLD Continuation *look_up(Dispatcher *d, const Place *place, const LeftValue *values) {
    Wanted wanted;
    bool good = look_at_frame(place, values, &wanted);
    for (uint32_t i = 0; good && i < wanted.nobserved; i++)
        good = see(d, wanted.entry.offset, i, wanted.types[wanted.n - 1 - i]);
    Continuation *k = good ? find(d, &wanted) : NULL;
    if (good && !k) k = make(d, &wanted);
    if (!good) PyErr_NoMemory();
    free_wanted(&wanted);
    return k;
}

/* The continuation that went on here the last time is tried first. */
static PyObject *run_rest(Dispatcher *d, Place *place, const LeftValue *values, Unfinished *rest) {
    Frame frame = {place, values, place->recent};
    bool fits = false;
    PyObject *result =
        frame.rest ? spec_start(frame.rest->spec, d->globals, NULL, &frame, &fits, rest) : NULL;
    if (fits) return result;
    frame.rest = place->recent = look_up(d, place, values);
    if (!frame.rest) return NULL;
    result = spec_start(frame.rest->spec, d->globals, NULL, &frame, &fits, rest);
    if (!fits) PyErr_SetString(PyExc_SystemError, "hotloop: the values of a frame do not fit their types");
    return result;
}

PyObject *continuation_run(Dispatcher *d, Unfinished *rest) {
    Left left;
    Place *place = rest->place;
    PyObject *result = NULL;
    move_left(&left, &rest->left);
    rest->place = NULL;
    if (is_complete(place, &left))
        result = run_rest(d, place, values_of(&left), rest);
    else
        PyErr_SetString(PyExc_SystemError, "hotloop: a frame is incomplete");
    left_free(&left);
    return result;
}

/* ---- the dispatcher's side ----------------------------------------------------------------------------- */

void continuation_retire(Dispatcher *d, const Spec *spec) {
    Spec **place = &d->specs;
    while (*place && *place != spec)
        place = &(*place)->next;
    if (!*place || !d->can_compile || !of(d) || of(d)->nretired++ >= MAX_RETIRED) return;
    Spec *old = *place;
    old->retired = true;
    *place = old->next;
    old->next = d->retired;
    d->retired = old;
    if (d->last == spec) d->last = NULL;
}

static bool has_reason(const Diagnostic *why, int32_t line) {
    bool has = why->loc.line == line;
    for (uint32_t i = 0; i < why->notes.len && !has; i++)
        has = why->notes.data[i].loc.line == line;
    return has;
}

/* "lines 3, 4 and 7 work on objects"; with shares one note for each line. */
static void note_lines(Arena *arena, const Dispatcher *d, Diagnostic *out) {
    const Continuations *own = d->continuations;
    Text text = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < own->lines.len; i++) {
        int32_t line = own->lines.data[i];
        const char *shared = profile_text(arena, d, line, WORKS_ON_OBJECT);
        if (has_reason(&own->why, line)) continue;
        if (profile_wanted)
            hl_diag_note(arena, out, own->why.file, (Loc){line, line, -1, -1}, "%s", shared);
        else
            hl_text_printf(&text, "%s%d", n++ ? ", " : "", line);
    }
    if (n)
        hl_diag_note(arena, out, own->why.file, (Loc){0}, "line%s %s work%s on objects", n > 1 ? "s" : "",
                     text.data, n > 1 ? "" : "s");
    hl_text_free(&text);
}

/* The reasons with what each line took of the time, as far as that was counted. */
static Diagnostic whole_text(Arena *arena, const Dispatcher *d) {
    const Diagnostic *why = &d->continuations->why;
    Diagnostic out = *why;
    out.text = profile_text(arena, d, why->loc.line, why->text);
    out.notes.data = NULL;
    out.notes.len = out.notes.cap = 0;
    for (uint32_t i = 0; i < why->notes.len; i++) {
        const DiagNote *note = &why->notes.data[i];
        hl_diag_note(arena, &out, note->file, note->loc, "%s",
                     profile_text(arena, d, note->loc.line, note->text));
    }
    note_lines(arena, d, &out);
    return out;
}

bool continuation_tell(Dispatcher *d) {
    if (d->warned || !d->continuations || !d->continuations->why.set) return true;
    Arena arena = {0};
    Diagnostic why = whole_text(&arena, d);
    d->warned = true;
    bool good = error_warn(&why, "HotloopPerformanceWarning");
    hl_arena_free(&arena);
    return good;
}

/* One line's reason, its share of the time in percent or None. */
static bool add_line(PyObject *list, const Dispatcher *d, int32_t line, const char *text) {
    int share = profile_share(d, line);
    PyObject *percent = share < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(share);
    PyObject *item = percent ? Py_BuildValue("(izN)", line, text, percent) : NULL;
    bool good = item && PyList_Append(list, item) == 0;
    Py_XDECREF(item);
    return good;
}

PyObject *continuation_lines(const Dispatcher *d) {
    const Continuations *own = d->continuations;
    PyObject *list = PyList_New(0);
    bool good = list && own && own->why.set && add_line(list, d, own->why.loc.line, own->why.text);
    for (uint32_t i = 0; good && i < own->why.notes.len; i++)
        good = add_line(list, d, own->why.notes.data[i].loc.line, own->why.notes.data[i].text);
    for (uint32_t i = 0; good && i < own->lines.len; i++)
        if (!has_reason(&own->why, own->lines.data[i]))
            good = add_line(list, d, own->lines.data[i], WORKS_ON_OBJECT);
    if (PyErr_Occurred()) Py_CLEAR(list);
    return list;
}

/* An exception of the call itself goes before one that the warning becomes. */
bool continuation_warn(Dispatcher *d) {
    if (profile_wanted || d->warned || !d->continuations || !d->continuations->why.set) return true;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    bool good = continuation_tell(d);
    if (!type) return good;
    PyErr_Restore(type, value, traceback);
    return true;
}

uint32_t continuation_count(const Dispatcher *d) {
    uint32_t n = 0;
    for (const Continuation *k = d->continuations ? d->continuations->all : NULL; k; k = k->next)
        n++;
    return n;
}

int continuation_traverse(const Dispatcher *d, visitproc visit, void *arg) {
    int stopped = 0;
    for (const Continuation *k = d->continuations ? d->continuations->all : NULL; k && !stopped; k = k->next)
        stopped = spec_visit(k->spec, visit, arg);
    return stopped;
}

void continuation_free(Dispatcher *d) {
    Continuations *own = d->continuations;
    if (!own) return;
    for (Continuation *k = own->all, *next; k; k = next) {
        next = k->next;
        spec_free(k->spec);
        free_entry(&k->entry);
        free(k);
    }
    for (Seen *seen = own->seen, *next; seen; seen = next) {
        next = seen->next;
        free(seen);
    }
    hl_arena_free(&own->arena);
    free(own);
    d->continuations = NULL;
}
