/* Values at the boundary of a function: parameters, arguments, results.
 *
 * Outside, a value has the components of its semantic type, where a literal has none: its value is in the
 * type. Inside, the typed IR may keep the same value in a storage type that gives literals a scalar (lit<3>
 * in an i64) and that packs ranges, iterators and optionals as tuples. Both have the same components in the
 * same order otherwise, so one walk over the two types serves both directions: outwards literals are dropped,
 * inwards they become constants. */
#include "lower/internal.h"

typedef struct Crossing {
    const Module *m;
    LLVMValueRef *inside, *outside; /* the next component of each */
    bool inwards;
} Crossing;

static void copy(Crossing *x, uint32_t n) {
    for (uint32_t i = 0; i < n; i++, x->inside++, x->outside++)
        *(x->inwards ? x->inside : x->outside) = *(x->inwards ? x->outside : x->inside);
}

static void skip_literal(Crossing *x, const Type *literal, const Type *storage) {
    if (hl_type_ncomponents(storage) == 0) return;
    LLVMTypeRef type = x->m->scalar[storage->kind];
    if (x->inwards) *x->inside = LLVMConstInt(type, (uint64_t)literal->value, true);
    x->inside++;
}

static void cross(Crossing *x, const Type *semantic, const Type *storage) {
    if (hl_type_is_literal(semantic)) {
        skip_literal(x, semantic, storage);
        return;
    }
    bool optional = semantic->kind == TY_OPTIONAL, packed = storage->kind == TY_TUPLE;
    if (!packed && !optional) {
        copy(x, hl_type_ncomponents(storage));
        return;
    }
    if (optional) copy(x, 1);
    uint32_t first = optional && packed; /* part 0 of a packed optional tells whether it is there */
    for (uint32_t i = first; i < storage->nargs; i++)
        if (i - first < semantic->nargs)
            cross(x, semantic->args[i - first], storage->args[i]);
        else
            copy(x, hl_type_ncomponents(storage->args[i]));
}

static bool crossed_all(Emitter *e, const Type *semantic, Ref r, const LLVMValueRef *outside,
                        const Crossing *x) {
    const Type *storage = hl_ins(e->f, r)->type;
    bool all = x->inside == hl_lower_parts(e, r) + hl_lower_nparts(e, r) &&
               x->outside == outside + hl_type_ncomponents(semantic);
    if (!all) hl_lower_fail(e, "a %s is kept as %s", hl_type_text(semantic), hl_type_text(storage));
    return all;
}

/* The storage value r as components of its semantic type; room for as many as r has. */
bool hl_lower_cross_out(Emitter *e, const Type *semantic, Ref r, LLVMValueRef *outside) {
    Crossing x = {e->m, hl_lower_parts(e, r), outside, false};
    cross(&x, semantic, hl_ins(e->f, r)->type);
    return crossed_all(e, semantic, r, outside, &x);
}

/* The components of r from those of its semantic type. */
bool hl_lower_cross_in(Emitter *e, const Type *semantic, Ref r, LLVMValueRef *outside) {
    Crossing x = {e->m, hl_lower_parts(e, r), outside, true};
    cross(&x, semantic, hl_ins(e->f, r)->type);
    return crossed_all(e, semantic, r, outside, &x);
}
