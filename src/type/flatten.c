/* flatten: the machine scalars a value of a type consists of, in the order in which they are passed. A type
 * gives the same components before and after hl_type_storage, except that a literal, which has none, is
 * stored as a scalar. */
#include "type/internal.h"

/* Where components go: counted, and written when there is room. */
typedef struct Sink {
    const Type **out;
    uint32_t len;
} Sink;

static void put(Sink *sink, TypeKind kind, uint32_t times) {
    for (uint32_t i = 0; i < times; i++, sink->len++)
        if (sink->out) sink->out[sink->len] = hl_type(kind);
}

static void flatten(Sink *sink, const Type *t);

static void flatten_parts(Sink *sink, const Type *t) {
    for (uint32_t i = 0; i < t->nargs; i++)
        flatten(sink, t->args[i]);
}

static void flatten_scalar(Sink *sink, const Type *t) {
    if (hl_type_is_complex(t))
        put(sink, t->kind == TY_C64 ? TY_F32 : TY_F64, 2);
    else
        put(sink, (TypeKind)hl_type_storage(t)->kind, 1);
}

static void flatten(Sink *sink, const Type *t) {
    switch (family_of(t)) {
    case CLASS_LIT: return;
    case CLASS_PY:
    case CLASS_NP: flatten_scalar(sink, t); return;
    case CLASS_REF:
        put(sink, TY_PTR, t->kind == TY_LIST ? 1 : 2);
        if (t->kind == TY_ARRAY) put(sink, TY_I64, 2u * t->ndim);
        return;
    case CLASS_SPECIAL:
        put(sink, TY_PTR, t->kind == TY_PTR || t->kind == TY_OBJECT || t->kind == TY_RNG);
        return;
    case CLASS_AGG:
    case CLASS_ITER: break;
    }
    if (t->kind == TY_OPTIONAL) put(sink, TY_B1, 1);
    flatten_parts(sink, t);
    put(sink, TY_I64, hl_type_nints((TypeKind)t->kind));
}

uint32_t hl_type_ncomponents(const Type *t) {
    Sink sink = {0};
    flatten(&sink, t);
    return sink.len;
}

void hl_type_components(const Type *t, const Type **out) {
    Sink sink = {out, 0};
    flatten(&sink, t);
}

/* ---- items of lists ------------------------------------------------------------------------------------ */

uint32_t hl_type_item_nbytes(const Type *item) {
    uint32_t n = hl_type_ncomponents(item);
    if (n != 1) return 8 * n;
    const Type *component;
    hl_type_components(item, &component);
    return (uint32_t)hl_type_nbytes(component);
}

static bool has_parts(const Type *t) {
    return t->kind == TY_TUPLE || t->kind == TY_OPTIONAL || t->kind == TY_CLOSURE || t->kind == TY_TEXT ||
           t->kind == TY_TENSOR;
}

/* The search for a leaf: how many to pass, and where in the item it stands. */
typedef struct LeafSearch {
    uint32_t left, component;
    const Type *found;
} LeafSearch;

static void search(LeafSearch *s, const Type *t) {
    bool optional = t->kind == TY_OPTIONAL;
    const Type *self = optional ? hl_type(TY_B1) : t;
    if (!has_parts(t) || optional) {
        uint32_t n = hl_type_ncomponents(self);
        if (n == 0) return;
        if (s->left == 0) s->found = self;
        if (s->found) return;
        s->left--, s->component += n;
    }
    for (uint32_t i = 0; has_parts(t) && i < t->nargs && !s->found; i++)
        search(s, t->args[i]);
}

const Type *hl_type_item_leaf(const Type *item, uint32_t leaf, uint32_t *component) {
    LeafSearch s = {.left = leaf};
    search(&s, item);
    *component = s.component;
    return s.found;
}

uint64_t hl_type_item_refs(const Type *item) {
    uint64_t refs = 0;
    uint32_t component;
    const Type *leaf;
    for (uint32_t i = 0; (leaf = hl_type_item_leaf(item, i, &component)); i++)
        if (hl_type_is_counted(leaf)) refs |= UINT64_C(1) << component;
    return refs;
}
