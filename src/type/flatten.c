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
        put(sink, TY_PTR, 2);
        put(sink, TY_I64, 2u * t->ndim);
        return;
    case CLASS_SPECIAL: put(sink, TY_PTR, t->kind == TY_PTR || t->kind == TY_OBJECT); return;
    case CLASS_AGG:
    case CLASS_ITER: break;
    }
    if (t->kind == TY_OPTIONAL) put(sink, TY_B1, 1);
    if (t->kind == TY_RANGE || t->kind == TY_RANGE_ITER) put(sink, TY_I64, 3);
    flatten_parts(sink, t);
    /* the position of an iterator, the start of an enumerate */
    if (t->kind == TY_ARRAY_ITER || t->kind == TY_TUPLE_ITER || t->kind == TY_ENUMERATE ||
        t->kind == TY_ENUMERATE_ITER)
        put(sink, TY_I64, 1);
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
