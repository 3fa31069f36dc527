/* alias: may a loop write one array while it reads another?
 *
 * It may when the two are the very same view (an element is read before it is written, and no other one is touched) or
 * when no byte read lies in the range of bytes written. Memory that was allocated here is distinct from all that was
 * there before; everything else is asked at run time, over the extents of both arrays.
 */
#include "opt/expand.h"

static const Type *i64(void) {
    return hl_type(TY_I64);
}

/* ---- what is known when compiling ------------------------------------------------------------------------------------------- */

/* The array a view was made of. */
Ref hl_opt_array_base(const Func *f, Ref array) {
    while (hl_opt_is_same_memory(hl_ins(f, array)))
        array = hl_ins(f, array)->args[0];
    return array;
}

/* An allocation, or a buffer of this call. */
static bool is_fresh(const Func *f, Ref base) {
    const Ins *ins = hl_ins(f, base);
    return ins->op == OP_ARRAY_ALLOC ||
           (ins->op == OP_ARRAY_CONST && hl_ins(f, ins->args[0])->op == OP_BUFFER);
}

/* Is it something that was there before any allocation of this call, or an allocation itself? */
static bool is_known_memory(const Func *f, Ref base) {
    Op op = (Op)hl_ins(f, base)->op;
    return op == OP_ARRAY_ALLOC || op == OP_PARAM || op == OP_ARRAY_CONST;
}

bool hl_opt_are_distinct(const Func *f, Ref a, Ref b) {
    a = hl_opt_array_base(f, a), b = hl_opt_array_base(f, b);
    return a != b && (is_fresh(f, a) || is_fresh(f, b)) && is_known_memory(f, a) && is_known_memory(f, b);
}

/* ---- extents -------------------------------------------------------------------------------------------------------------------- */

typedef struct Extent {
    Ref low, high; /* addresses as i64: first byte, behind the last byte */
} Extent;

static Ref array_part(Expand *x, Op op, const Type *type, Ref array, int axis) {
    return hl_opt_ins(&x->at, op, type, &array, 1, (Aux){.i = axis});
}

static Ref start_of(Expand *x, Ref array) {
    Ref data = array_part(x, OP_ARRAY_DATA, hl_type(TY_PTR), array, 0);
    return hl_opt_ins(&x->at, OP_RECAST, i64(), &data, 1, (Aux){0});
}

/* Each axis reaches (size - 1) * stride up or down. In an array without elements this is nonsense, and harmless. */
static void add_axis(Expand *x, Ref array, Ref size, int axis, Extent *e) {
    HlEmitter *at = &x->at;
    Ref zero = hl_opt_i64(at, 0), last = hl_opt_op2(at, OP_SUB, i64(), size, hl_opt_i64(at, 1));
    Ref reach = hl_opt_op2(at, OP_MUL, i64(), last, array_part(x, OP_ARRAY_STRIDE, i64(), array, axis));
    e->low = hl_opt_op2(at, OP_ADD, i64(), e->low, hl_opt_op2(at, OP_SMIN, i64(), reach, zero));
    e->high = hl_opt_op2(at, OP_ADD, i64(), e->high, hl_opt_op2(at, OP_SMAX, i64(), reach, zero));
}

static Extent extent_of(Expand *x, Ref array) {
    const Type *t = hl_ins(x->f, array)->type;
    const Ref *shape = hl_expand_shape(x, array);
    Extent e = {start_of(x, array), 0};
    Ref nbytes = hl_opt_i64(&x->at, hl_type_nbytes(t->args[0]));
    if (t->layout != LAYOUT_A && t->ndim)
        nbytes = hl_opt_op2(&x->at, OP_MUL, i64(), hl_expand_total(x, shape, t->ndim), nbytes);
    e.high = hl_opt_op2(&x->at, OP_ADD, i64(), e.low, nbytes);
    for (int i = 0; t->layout == LAYOUT_A && i < t->ndim; i++)
        add_axis(x, array, shape[i], i, &e);
    return e;
}

/* ---- the test ---------------------------------------------------------------------------------------------------------------------- */

/* Same address, sizes and strides; 0 when the types rule it out. */
static Ref same_view(Expand *x, Ref a, Ref b) {
    const Type *ta = hl_ins(x->f, a)->type, *tb = hl_ins(x->f, b)->type;
    if (ta->ndim != tb->ndim || ta->args[0] != tb->args[0]) return 0;
    const Ref *sa = hl_expand_shape(x, a), *sb = hl_expand_shape(x, b);
    Ref same = hl_opt_compare(&x->at, OP_EQ, start_of(x, a), start_of(x, b));
    for (int i = 0; i < ta->ndim; i++) {
        if (sa[i] != sb[i]) same = hl_expand_and(x, same, hl_opt_compare(&x->at, OP_EQ, sa[i], sb[i]));
        if (ta->layout == tb->layout && ta->layout != LAYOUT_A) continue;
        Ref strides[2] = {array_part(x, OP_ARRAY_STRIDE, i64(), a, i),
                          array_part(x, OP_ARRAY_STRIDE, i64(), b, i)};
        same = hl_expand_and(x, same, hl_opt_compare(&x->at, OP_EQ, strides[0], strides[1]));
    }
    return same;
}

static Ref are_apart(Expand *x, Ref source, Ref target) {
    Extent s = extent_of(x, source), t = extent_of(x, target);
    Ref below = hl_opt_compare(&x->at, OP_ULE, s.high, t.low);
    Ref above = hl_opt_compare(&x->at, OP_ULE, t.high, s.low);
    return hl_opt_op2(&x->at, OP_OR, hl_type(TY_B1), below, above);
}

static Ref is_independent(Expand *x, Ref source, Ref target) {
    if (source == target || hl_opt_are_distinct(x->f, source, target)) return 0;
    Ref apart = are_apart(x, source, target), same = same_view(x, source, target);
    return same ? hl_opt_op2(&x->at, OP_OR, hl_type(TY_B1), same, apart) : apart;
}

/* Several views of one array that is not the target's: one test of the whole array serves them all. */
static bool is_foreign_view(const Func *f, Ref source, Ref target) {
    Ref base = hl_opt_array_base(f, source);
    return base != source && base != hl_opt_array_base(f, target) && !hl_opt_are_distinct(f, source, target);
}

Ref hl_expand_independent(Expand *x, const Ref *sources, uint32_t n, Ref target) {
    Ref independent = 0;
    Map tested = {0};
    for (uint32_t i = 0; i < n; i++) {
        bool foreign = is_foreign_view(x->f, sources[i], target);
        Ref base = hl_opt_array_base(x->f, sources[i]), test = 0;
        if (!foreign)
            test = is_independent(x, sources[i], target);
        else if (!hl_map_get(&tested, base))
            test = are_apart(x, base, target);
        if (foreign) hl_map_set(&x->scratch, &tested, base, x);
        if (test) independent = hl_expand_and(x, independent, test);
    }
    return independent;
}
