/* intern: one object for each type, so that equality is a comparison of pointers.
 *
 * Kinds without parameters are rows of a constant table; all others live in a hash set that is never freed,
 * behind a mutex. A type with no parts (the empty tuple) is its kind's row too. Parts are interned before the
 * whole, so hashing and comparing look at pointers only.
 */
#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "type/internal.h"

const TypeRow hl_type_rows[TY_COUNT] = {
#define OR_MORE(n) n, .or_more = true
#define TYPE(kind, word, class, size, args, ints)                                                            \
    [TY_##kind] = {.text = word, .family = CLASS_##class, .bits = size, .nints = ints, .nargs = args},
#include "type/types.def"
#undef TYPE
#undef OR_MORE
};

static const Type simple[TY_COUNT] = {
#define TYPE(enumerator, text, class, bits, args, ints) {.kind = TY_##enumerator},
#include "type/types.def"
#undef TYPE
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_TYPES, lock)
static Arena types; /* never freed */
static const Type **table;
static size_t ntypes, capacity;

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

static uint64_t hash_type(const Type *t, const Type *const *args) {
    uint64_t hash = t->kind | t->ndim << 8 | t->layout << 16 | t->readonly << 24 | t->unaligned << 25;
    hash = mix(hash, (uint64_t)t->value);
    hash = mix(hash, (uintptr_t)t->name);
    hash = mix(hash, (uintptr_t)t->object);
    for (uint32_t i = 0; i < t->nargs; i++)
        hash = mix(hash, (uintptr_t)args[i]);
    return hash;
}

static bool same(const Type *a, const Type *b, const Type *const *args) {
    return a->kind == b->kind && a->ndim == b->ndim && a->layout == b->layout && a->readonly == b->readonly &&
           a->unaligned == b->unaligned && a->nargs == b->nargs && a->value == b->value &&
           a->name == b->name && a->object == b->object &&
           (!a->nargs || !memcmp(a->args, args, a->nargs * sizeof *args));
}

static const Type **find(const Type **slots, size_t cap, const Type *wanted, const Type *const *args) {
    size_t i = hash_type(wanted, args) & (cap - 1);
    while (slots[i] && !same(slots[i], wanted, args))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static void grow(void) {
    size_t cap = capacity ? capacity * 2 : 256;
    const Type **slots = hl_new_array(&types, const Type *, cap);
    for (size_t i = 0; i < capacity; i++)
        if (table[i]) *find(slots, cap, table[i], table[i]->args) = table[i];
    table = slots;
    capacity = cap;
}

static const Type *copy(const Type *head, const Type *const *args) {
    Type *t = hl_arena_alloc(&types, sizeof *t + head->nargs * sizeof *args);
    memcpy(t, head, sizeof *t);
    if (head->nargs) memcpy(t->args, args, head->nargs * sizeof *args);
    return t;
}

/* The one type with this head and these parts. */
static const Type *intern(const Type *head, const Type *const *args) {
    pthread_mutex_lock(&lock);
    if (ntypes >= capacity / 4 * 3) grow();
    const Type **slot = find(table, capacity, head, args);
    if (!*slot) {
        *slot = copy(head, args);
        ntypes++;
    }
    const Type *t = *slot;
    pthread_mutex_unlock(&lock);
    return t;
}

const Type *hl_type(TypeKind kind) {
    return &simple[kind];
}

const Type *hl_type_make(TypeKind kind, const Type *const *args, uint32_t nargs) {
    assert(kind != TY_ARRAY && kind != TY_METHOD && kind != TY_TEXT);
    Type head = {.kind = (uint8_t)kind, .nargs = nargs};
    return nargs ? intern(&head, args) : &simple[kind];
}

const Type *hl_type_with_args(const Type *t, const Type *const *args) {
    return t->nargs ? intern(t, args) : t;
}

const Type *hl_type_tuple(const Type *const *args, uint32_t nargs) {
    return hl_type_make(TY_TUPLE, args, nargs);
}

const Type *hl_type_named(const char *name, const void *object, const Type *const *args, uint32_t nargs) {
    Type head = {.kind = TY_TUPLE, .nargs = nargs, .name = hl_intern(name), .object = object};
    return intern(&head, args);
}

const Type *hl_type_list(const Type *item) {
    return hl_type_make(TY_LIST, &item, 1);
}

const Type *hl_type_set(const Type *key) {
    const Type *entry[] = {hl_type(TY_INT), key};
    const Type *table = hl_type_list(key->kind == TY_BOTTOM ? key : hl_type_tuple(entry, 2));
    return hl_type_make(TY_SET, &table, 1);
}

const Type *hl_type_key_of(const Type *set) {
    const Type *entry = set->args[0]->args[0];
    return entry->kind == TY_TUPLE ? entry->args[1] : entry;
}

const Type *hl_type_optional(const Type *inner) {
    if (inner->kind == TY_OPTIONAL || inner->kind == TY_NONE) return inner;
    return hl_type_make(TY_OPTIONAL, &inner, 1);
}

const Type *hl_type_array(const Type *element, int ndim, int layout, bool readonly, bool unaligned) {
    assert(hl_type_is_np(element) && ndim >= 0 && ndim <= MAX_NDIM);
    if (ndim == 0 || (ndim == 1 && layout == LAYOUT_F)) layout = LAYOUT_C;
    Type head = {.kind = TY_ARRAY,
                 .ndim = (uint8_t)ndim,
                 .layout = (uint8_t)layout,
                 .readonly = readonly,
                 .unaligned = unaligned,
                 .nargs = 1};
    return intern(&head, &element);
}

const Type *hl_type_lit_int(int64_t value) {
    Type head = {.kind = TY_LIT_INT, .value = value};
    return intern(&head, NULL);
}

const Type *hl_type_lit_bool(bool value) {
    Type head = {.kind = TY_LIT_BOOL, .value = value};
    return intern(&head, NULL);
}

const Type *hl_type_str(const char *text, size_t len) {
    Type head = {.kind = TY_STR, .value = (int64_t)len, .name = hl_intern_n(text, len)};
    return intern(&head, NULL);
}

const Type *hl_type_const(const void *object, const char *name) {
    Type head = {.kind = TY_OBJECT_CONST, .name = hl_intern(name), .object = object};
    return intern(&head, NULL);
}

const Type *hl_type_closure(const void *function, const char *name, const Type *const *parts,
                            uint32_t nparts) {
    Type head = {.kind = TY_CLOSURE, .nargs = nparts, .name = hl_intern(name), .object = function};
    return intern(&head, parts);
}

const Type *hl_type_text_of(const char *format, const Type *const *parts, uint32_t nparts) {
    Type head = {.kind = TY_TEXT, .nargs = nparts, .name = hl_intern(format)};
    return intern(&head, parts);
}

const Type *hl_type_method(const Type *self, const char *name) {
    Type head = {.kind = TY_METHOD, .nargs = 1, .name = hl_intern(name)};
    return intern(&head, &self);
}
