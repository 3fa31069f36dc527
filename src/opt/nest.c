/* nest: one loop nest for a tree of whole-array operations, the fastest axis of the result innermost.
 *
 *     for i, j, ...:                      one for each axis but the fastest
 *       row of each array                 a view of one axis: its address from the strides
 *       for k: row of dst[k] = value      contiguous where types and sizes say so
 *
 * An axis of size 1 stretches: its stride counts as 0. Where sizes are known to be equal at run time only, that is a
 * selection before the loops and a stride LLVM does not know: it vectorises the innermost loop for stride 1, its own
 * scalar loop does the rest, and no second copy of the loops is needed. (An index selected inside the loop would be
 * worse than a copy: LLVM makes one for each combination of the conditions.)
 *
 * When every array has the result's number of axes and its contiguous layout, all elements are one row: always, or, where
 * sizes must be compared at run time, by outer counts of 1.
 */
#include "opt/nest.h"

static const Type *i64(void) {
    return hl_type(TY_I64);
}

static const Type *type_of(const Nest *n, Ref r) {
    return hl_ins(n->x->f, r)->type;
}

static const Type *element_type(const Nest *n, Ref r) {
    const Type *t = type_of(n, r);
    return t->kind == TY_ARRAY ? t->args[0] : t;
}

bool hl_nest_is_inner(const Nest *n, Ref r) {
    return hl_ins(n->x->f, r)->op == OP_EW && n->x->root[r] == n->group;
}

/* ---- what a loop reads ----------------------------------------------------------------------------------------------- */

Leaf *hl_nest_leaf(const Nest *n, Ref array) {
    for (uint32_t i = 0; i < n->leaves.len; i++)
        if (n->leaves.data[i].array == array) return &n->leaves.data[i];
    return NULL;
}

static Leaf leaf_of(Expand *x, Ref array) {
    Leaf leaf = {.array = array, .view = array, .ndim = hl_ins(x->f, array)->type->ndim};
    if (array < x->nins && x->replaced[array]) leaf.view = x->replaced[array];
    leaf.sizes = hl_expand_shape(x, array);
    return leaf;
}

/* Operations are met once: `elements` serves as the set of those seen. */
static void collect(Nest *n, Ref value) {
    if (type_of(n, value)->kind != TY_ARRAY) return;
    if (!hl_nest_is_inner(n, value)) {
        if (!hl_nest_leaf(n, value)) hl_push(&n->x->scratch, &n->leaves, leaf_of(n->x, value));
        return;
    }
    if (hl_map_get(&n->elements, value)) return;
    hl_map_set(&n->x->scratch, &n->elements, value, n);
    const Ins *ins = hl_ins(n->x->f, value);
    const Ref *args = ins->args;
    for (uint32_t i = 0, nargs = ins->nargs; i < nargs; i++)
        collect(n, args[i]);
}

Nest hl_nest_open(Expand *x, Ref group, Ref value, Ref dst) {
    Nest n = {.x = x, .group = group, .value = value, .dst = leaf_of(x, dst)};
    const Type *t = hl_ins(x->f, dst)->type;
    n.ndim = t->ndim;
    n.fastest = t->layout == LAYOUT_F ? 0 : t->ndim - 1;
    n.shape = n.dst.sizes;
    collect(&n, value);
    return n;
}

/* ---- the element ------------------------------------------------------------------------------------------------------ */

static Ref element(Nest *n, Ref value);

static Ref load(Nest *n, Ref array) {
    Ref args[2] = {hl_nest_leaf(n, array)->row, n->place};
    return hl_opt_ins(&n->x->at, OP_ARRAY_LOAD, element_type(n, array), args, n->ndim ? 2 : 1, (Aux){0});
}

static Ref compute(Nest *n, Ref ew) {
    HlEmitter *at = &n->x->at;
    Ins ins = *hl_ins(n->x->f, ew);
    Ref *operands = hl_new_array(&n->x->scratch, Ref, ins.nargs);
    const Type **types = hl_new_array(&n->x->scratch, const Type *, ins.nargs);
    for (uint32_t i = 0; i < ins.nargs; i++) {
        operands[i] = element(n, ins.args[i]);
        types[i] = element_type(n, ins.args[i]);
    }
    Loc outer = at->loc;
    at->loc = ins.loc;
    Ref r = hl_infer_ufunc_element(at, (UfuncId)ins.aux.i, operands, types, ins.nargs, ins.type->args[0]);
    at->loc = outer;
    if (r) return r;
    hl_error(at->c, at->f, ins.loc, DIAG_INTERNAL, "a ufunc without a loop for its operands");
    return operands[0];
}

/* The element of a value at the current indices, computed once a round. */
static Ref element(Nest *n, Ref value) {
    if (type_of(n, value)->kind != TY_ARRAY) return value;
    Ref known = (Ref)(uintptr_t)hl_map_get(&n->elements, value);
    if (known) return known;
    Ref r = hl_nest_is_inner(n, value) ? compute(n, value) : load(n, value);
    hl_map_set(&n->x->scratch, &n->elements, value, (void *)(uintptr_t)r);
    return r;
}

static void store_element(Nest *n) {
    HlEmitter *at = &n->x->at;
    const Type *from = element_type(n, n->value), *to = element_type(n, n->dst.view);
    n->elements = (Map){0};
    Ref value = element(n, n->value);
    if (from != to) value = hl_infer_ufunc_element(at, UFUNC_cast, &value, &from, 1, to);
    Ref args[3] = {n->dst.row, n->place, value};
    if (!n->ndim) args[1] = value;
    hl_opt_ins(at, OP_ARRAY_STORE, NULL, args, n->ndim ? 3 : 2, (Aux){0});
}

/* ---- sizes and strides --------------------------------------------------------------------------------------------------- */

/* The array's own number of a loop axis; below 0 where it has none. */
static int own_axis(const Nest *n, const Leaf *leaf, int axis) {
    return axis - (n->ndim - leaf->ndim);
}

/* Does the array certainly have the loop's size on this axis? */
static bool fits_axis(const Nest *n, const Leaf *leaf, int axis) {
    int own = own_axis(n, leaf, axis);
    return own >= 0 && leaf->sizes[own] == n->shape[axis];
}

static bool stretches_axis(const Nest *n, const Leaf *leaf, int axis) {
    int own = own_axis(n, leaf, axis);
    return own < 0 || (!fits_axis(n, leaf, axis) && hl_opt_is_int(n->x->f, leaf->sizes[own], 1));
}

/* Bytes from one index to the next, 0 where the axis stretches; no Ref when it certainly does. */
static Ref stride_on(Nest *n, const Leaf *leaf, int axis) {
    HlEmitter *at = &n->x->at;
    int own = own_axis(n, leaf, axis);
    if (stretches_axis(n, leaf, axis)) return 0;
    Ref stride = hl_opt_ins(at, OP_ARRAY_STRIDE, i64(), &leaf->view, 1, (Aux){.i = own});
    if (fits_axis(n, leaf, axis)) return stride;
    Ref single = hl_opt_compare(at, OP_EQ, leaf->sizes[own], hl_opt_i64(at, 1));
    return hl_opt_select(at, i64(), single, hl_opt_i64(at, 0), stride);
}

static bool is_contiguous_on(const Nest *n, const Leaf *leaf, int axis) {
    const Type *t = type_of(n, leaf->view);
    int own = own_axis(n, leaf, axis), first = 0, last = t->ndim - 1;
    if (!fits_axis(n, leaf, axis)) return false;
    return (t->layout == LAYOUT_C && own == last) || (t->layout == LAYOUT_F && own == first);
}

/* Can all elements be one row, as far as types say? */
static bool can_be_flat(const Nest *n) {
    const Type *t = type_of(n, n->dst.view);
    bool flat = t->ndim >= 2 && t->layout != LAYOUT_A;
    for (uint32_t i = 0; i < n->leaves.len; i++) {
        const Type *own = type_of(n, n->leaves.data[i].array);
        flat = flat && own->ndim == t->ndim && own->layout == t->layout;
    }
    return flat;
}

/* What the sizes must be for it; 0: they are. */
static Ref all_sizes_fit(const Nest *n) {
    Ref fits = 0;
    for (uint32_t i = 0; i < n->leaves.len; i++) {
        const Leaf *leaf = &n->leaves.data[i];
        for (int axis = 0; axis < n->ndim; axis++)
            if (!fits_axis(n, leaf, axis))
                fits = hl_expand_and(n->x, fits,
                                     hl_opt_compare(&n->x->at, OP_EQ, leaf->sizes[axis], n->shape[axis]));
    }
    return fits;
}

bool hl_nest_is_vector(const Nest *n, Ref *fits) {
    *fits = 0;
    if (n->ndim == 1) return true;
    if (!can_be_flat(n)) return false;
    *fits = all_sizes_fit(n);
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */

typedef struct Row {
    Ref start, stride; /* stride 0: one item where contiguous, else one element for the whole row */
    bool contiguous;
} Row;

static Ref item_nbytes(Nest *n, const Leaf *leaf) {
    return hl_opt_i64(&n->x->at, hl_type_nbytes(type_of(n, leaf->view)->args[0]));
}

/* Before all loops: how the array is walked. */
static Row plan_row(Nest *n, Leaf *leaf) {
    HlEmitter *at = &n->x->at;
    Row row = {hl_opt_ins(at, OP_ARRAY_DATA, hl_type(TY_PTR), &leaf->view, 1, (Aux){0}), 0, true};
    if (n->flat && !n->fits) return row;
    for (int axis = 0; axis < n->ndim; axis++)
        if (axis != n->fastest) leaf->strides[axis] = stride_on(n, leaf, axis);
    if (!n->ndim || is_contiguous_on(n, leaf, n->fastest)) return row;
    row.contiguous = false;
    row.stride = stride_on(n, leaf, n->fastest);
    if (!n->fits) return row;
    Ref own = row.stride ? row.stride : hl_opt_i64(at, 0);
    row.stride = hl_opt_select(at, i64(), n->fits, item_nbytes(n, leaf), own);
    return row;
}

/* Inside the outer loops: the row these indices lead to. */
static Ref make_row(Nest *n, const Leaf *leaf, const Row *row) {
    HlEmitter *at = &n->x->at;
    const Type *t = type_of(n, leaf->view);
    if (n->ndim == 0 || (n->ndim == 1 && leaf->ndim == 1 && fits_axis(n, leaf, 0))) return leaf->view;
    Ref start = row->start, stride = row->stride;
    for (int axis = 0; axis < n->ndim; axis++) {
        if (!leaf->strides[axis]) continue;
        Ref offset = hl_opt_op2(at, OP_MUL, i64(), n->index[axis], leaf->strides[axis]);
        start = hl_opt_op2(at, OP_PTR_ADD, hl_type(TY_PTR), start, offset);
    }
    if (!stride) stride = row->contiguous ? item_nbytes(n, leaf) : hl_opt_i64(at, 0);
    int layout = row->contiguous ? LAYOUT_C : LAYOUT_A;
    const Type *type = hl_type_array(t->args[0], 1, layout, t->readonly, t->unaligned);
    return hl_opt_ins(at, OP_ARRAY_MAKE, type, (Ref[]){leaf->view, start, n->length, stride}, 4, (Aux){0});
}

/* ---- loops ------------------------------------------------------------------------------------------------------------------- */

/* Under parallel=True: the outermost loop; where all may turn out to be one row, the row's. parallel_loops.c says when it
 * pays. */
static void mark_parallel(const Nest *n, const HlLoop *loop, bool is_row) {
    const Func *f = n->x->f;
    bool is_long = n->fits ? is_row : !is_row || n->ndim == 1 || n->flat;
    bool may = f->options.parallel && !f->cold && !(hl_ins(f, n->group)->flags & INS_SERIAL);
    if (may && !hl_block(f, loop->header)->cold && is_long) hl_block(f, loop->header)->parallel = true;
}

static void emit_row(Nest *n, const Row *rows) {
    HlLoop loop;
    for (uint32_t i = 0; i < n->leaves.len; i++)
        n->leaves.data[i].row = make_row(n, &n->leaves.data[i], &rows[i]);
    n->dst.row = make_row(n, &n->dst, &rows[n->leaves.len]);
    if (n->ndim) {
        hl_opt_loop_open(&n->x->at, n->length, &loop);
        mark_parallel(n, &loop, true);
        n->place = loop.index;
    }
    store_element(n);
    if (n->ndim) hl_opt_loop_close(&n->x->at, &loop);
}

/* Loop number `depth` from outside, and those in it. */
static void emit_loops(Nest *n, int depth, const Ref *counts, const Row *rows) {
    if (depth >= n->ndim - 1 || (n->flat && !n->fits)) {
        emit_row(n, rows);
        return;
    }
    int axis = n->fastest == 0 ? n->ndim - 1 - depth : depth;
    HlLoop loop;
    hl_opt_loop_open(&n->x->at, counts[axis], &loop);
    if (depth == 0) mark_parallel(n, &loop, false);
    n->index[axis] = loop.index;
    emit_loops(n, depth + 1, counts, rows);
    hl_opt_loop_close(&n->x->at, &loop);
}

/* How often each loop runs; sets the length of a row. */
static const Ref *loop_counts(Nest *n) {
    HlEmitter *at = &n->x->at;
    Ref *counts = hl_new_array(&n->x->scratch, Ref, n->ndim + 1);
    for (int axis = 0; axis < n->ndim; axis++)
        counts[axis] =
            n->fits ? hl_opt_select(at, i64(), n->fits, hl_opt_i64(at, 1), n->shape[axis]) : n->shape[axis];
    if (n->ndim) n->length = n->shape[n->fastest];
    if (!n->flat) return counts;
    Ref total = hl_expand_total(n->x, n->shape, n->ndim);
    n->length = n->fits ? hl_opt_select(at, i64(), n->fits, total, n->length) : total;
    return counts;
}

void hl_nest_emit(Nest *n) {
    Row *rows = hl_new_array(&n->x->scratch, Row, n->leaves.len + 1);
    n->flat = can_be_flat(n);
    n->fits = n->flat ? all_sizes_fit(n) : 0;
    const Ref *counts = loop_counts(n);
    for (uint32_t i = 0; i < n->leaves.len; i++)
        rows[i] = plan_row(n, &n->leaves.data[i]);
    rows[n->leaves.len] = plan_row(n, &n->dst);
    emit_loops(n, 0, counts, rows);
}
