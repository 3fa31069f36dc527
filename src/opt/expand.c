/* expand: whole-array operations to loops.
 *
 * In: typed IR. Out: no `ew` and no `ew.assign`; the shapes of every operation are checked where it stood. fuse.c says
 * which operations share a loop. For each loop that is left:
 *
 *     c = a + b (ew)                              dst[...] = a + b (ew.assign)
 *       c = array.alloc                             fine = no size stretches on the fastest axis
 *       fine = no size stretches ...                       and every array read is dst itself or apart from it
 *       branch fine, hot, cold                      branch fine, hot, cold
 *     hot:  loops that LLVM vectorises, into c    hot:  the same, straight into dst
 *     cold: the same values, any sizes, into c    cold: into a temporary array, which is then copied to dst
 *
 * What is known when compiling is not asked, and often the hot loops alone are left. They are one loop over all
 * elements when every array has the result's number of axes and one and the same contiguous layout (then no axis may
 * stretch), else a nest with the fastest axis of the result innermost. In the cold copy each index of an array is
 * selected: 0 on an axis of size 1. Two copies of vectorised loops would double the time to compile, so that the
 * blocks of the second are marked cold and are left as they are.
 */
#include "opt/expand.h"

#include <string.h>

/* An array that a loop reads. */
typedef struct Leaf {
    Ref array;             /* as the operands name it */
    Ref view;              /* what is loaded from */
    const Ref *sizes;
    int ndim;              /* of view */
    Ref stretches[MAX_NDIM]; /* by axis: is its size 1 where the loop's is not? 0: it is not */
    Ref index[MAX_NDIM];
} Leaf;

/* One loop nest: dst[i, j, ...] = value. */
typedef struct Nest {
    Expand *x;
    Ref group;        /* operations with this root are computed in the loop */
    Ref value;
    Ref dst;
    const Ref *shape;
    int ndim;
    VEC(Leaf) leaves;
    Ref index[MAX_NDIM];
    Map elements;     /* operation or array -> its element, in the body */
} Nest;

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

static bool is_inner(const Nest *n, Ref r) {
    return hl_ins(n->x->f, r)->op == OP_EW && n->x->root[r] == n->group;
}

/* ---- what a loop reads ------------------------------------------------------------------------------------------------------- */

static Leaf *find_leaf(const Nest *n, Ref array) {
    for (uint32_t i = 0; i < n->leaves.len; i++)
        if (n->leaves.data[i].array == array) return &n->leaves.data[i];
    return NULL;
}

static void add_leaf(Nest *n, Ref array) {
    Expand *x = n->x;
    if (find_leaf(n, array)) return;
    Leaf leaf = {.array = array, .view = array, .ndim = type_of(n, array)->ndim};
    if (array < x->nins && x->replaced[array]) leaf.view = x->replaced[array];
    leaf.sizes = hl_expand_shape(x, array);
    hl_push(&x->scratch, &n->leaves, leaf);
}

/* Operations are met once: `elements` serves as the set of those seen. */
static void collect(Nest *n, Ref value) {
    if (type_of(n, value)->kind != TY_ARRAY) return;
    if (!is_inner(n, value)) {
        add_leaf(n, value);
        return;
    }
    if (hl_map_get(&n->elements, value)) return;
    hl_map_set(&n->x->scratch, &n->elements, value, n);
    const Ins *ins = hl_ins(n->x->f, value);
    for (uint32_t i = 0; i < ins->nargs; i++)
        collect(n, ins->args[i]);
}

static Nest open_nest(Expand *x, Ref group, Ref value, Ref dst) {
    Nest n = {.x = x, .group = group, .value = value, .dst = dst};
    n.ndim = hl_ins(x->f, dst)->type->ndim;
    n.shape = hl_expand_shape(x, dst);
    collect(&n, value);
    return n;
}

/* ---- the element --------------------------------------------------------------------------------------------------------------- */

static Ref element(Nest *n, Ref value);

static Ref load(Nest *n, Ref array) {
    const Leaf *leaf = find_leaf(n, array);
    Ref args[1 + MAX_NDIM] = {leaf->view};
    memcpy(args + 1, leaf->index, sizeof leaf->index);
    return hl_opt_ins(&n->x->at, OP_ARRAY_LOAD, element_type(n, array), args, 1 + (uint32_t)leaf->ndim, (Aux){0});
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
    Ref r = is_inner(n, value) ? compute(n, value) : load(n, value);
    hl_map_set(&n->x->scratch, &n->elements, value, (void *)(uintptr_t)r);
    return r;
}

static void store_element(Nest *n) {
    HlEmitter *at = &n->x->at;
    const Type *from = element_type(n, n->value), *to = element_type(n, n->dst);
    n->elements = (Map){0};
    Ref value = element(n, n->value), args[2 + MAX_NDIM] = {n->dst};
    if (from != to) value = hl_infer_ufunc_element(at, UFUNC_cast, &value, &from, 1, to);
    memcpy(args + 1, n->index, sizeof n->index);
    args[1 + n->ndim] = value;
    hl_opt_ins(at, OP_ARRAY_STORE, NULL, args, 2 + (uint32_t)n->ndim, (Aux){0});
}

/* ---- loops ----------------------------------------------------------------------------------------------------------------------- */

/* The index of each array on this axis of the loop. */
static void set_indices(Nest *n, int axis) {
    for (uint32_t i = 0; i < n->leaves.len; i++) {
        Leaf *leaf = &n->leaves.data[i];
        int own = axis - (n->ndim - leaf->ndim);
        if (own < 0) continue;
        Ref stretches = leaf->stretches[own], index = n->index[axis];
        bool single = leaf->sizes[own] != n->shape[axis] && hl_opt_is_int(n->x->f, leaf->sizes[own], 1);
        if (single || stretches) {
            Ref zero = hl_opt_i64(&n->x->at, 0);
            index = single ? zero : hl_opt_select(&n->x->at, i64(), stretches, zero, index);
        }
        leaf->index[own] = index;
    }
}

/* Round `depth` of the loops, outermost first. */
static void emit_loops(Nest *n, int depth) {
    if (depth == n->ndim) {
        store_element(n);
        return;
    }
    int axis = type_of(n, n->dst)->layout == LAYOUT_F ? n->ndim - 1 - depth : depth;
    HlLoop loop;
    hl_opt_loop_open(&n->x->at, n->shape[axis], &loop);
    n->index[axis] = loop.index;
    set_indices(n, axis);
    emit_loops(n, depth + 1);
    hl_opt_loop_close(&n->x->at, &loop);
}

static int fastest_axis(const Nest *n) {
    return type_of(n, n->dst)->layout == LAYOUT_F ? 0 : n->ndim - 1;
}

/* Loops over any sizes. On the fastest axis nothing stretches when `fastest_fits`. */
static void emit_nest(Nest *n, bool fastest_fits) {
    HlEmitter *at = &n->x->at;
    for (uint32_t i = 0; i < n->leaves.len; i++) {
        Leaf *leaf = &n->leaves.data[i];
        for (int own = 0; own < leaf->ndim; own++) {
            int axis = n->ndim - leaf->ndim + own;
            leaf->stretches[own] = 0;
            if (leaf->sizes[own] == n->shape[axis] || (fastest_fits && axis == fastest_axis(n))) continue;
            if (!hl_opt_is_int(n->x->f, leaf->sizes[own], 1))
                leaf->stretches[own] = hl_opt_compare(at, OP_EQ, leaf->sizes[own], hl_opt_i64(at, 1));
        }
    }
    emit_loops(n, 0);
}

/* ---- one loop over all elements ------------------------------------------------------------------------------------------------- */

/* Do all arrays have the result's number of axes and its contiguous layout? */
static bool can_be_flat(const Nest *n) {
    const Type *t = type_of(n, n->dst);
    bool flat = t->ndim >= 2 && t->layout != LAYOUT_A;
    for (uint32_t i = 0; i < n->leaves.len; i++) {
        const Type *own = type_of(n, n->leaves.data[i].array);
        flat = flat && own->ndim == t->ndim && own->layout == t->layout;
    }
    return flat;
}

static Ref flat_view(Expand *x, Ref array, Ref total) {
    const Type *t = hl_ins(x->f, array)->type;
    const Type *type = hl_type_array(t->args[0], 1, LAYOUT_C, t->readonly, t->unaligned);
    Ref data = hl_opt_ins(&x->at, OP_ARRAY_DATA, hl_type(TY_PTR), &array, 1, (Aux){0});
    Ref args[] = {array, data, total, hl_opt_i64(&x->at, hl_type_nbytes(t->args[0]))};
    return hl_opt_ins(&x->at, OP_ARRAY_MAKE, type, args, 4, (Aux){0});
}

static void emit_flat(const Nest *nest) {
    Nest n = *nest;
    Expand *x = n.x;
    Ref total = hl_expand_total(x, n.shape, n.ndim);
    n.dst = flat_view(x, n.dst, total);
    n.shape = &total;
    n.ndim = 1;
    n.leaves.data = hl_new_array(&x->scratch, Leaf, n.leaves.len + 1);
    for (uint32_t i = 0; i < n.leaves.len; i++) {
        Leaf *leaf = &n.leaves.data[i];
        *leaf = nest->leaves.data[i];
        leaf->view = flat_view(x, leaf->view, total);
        leaf->sizes = n.shape;
        leaf->ndim = 1;
        memset(leaf->stretches, 0, sizeof leaf->stretches);
    }
    emit_loops(&n, 0);
}

/* ---- which copy runs --------------------------------------------------------------------------------------------------------------- */

/* Does the array have the loop's size on this axis? 0: certainly. */
static Ref axis_fits(const Nest *n, const Leaf *leaf, int own) {
    Ref size = leaf->sizes[own], wanted = n->shape[n->ndim - leaf->ndim + own];
    return size == wanted ? 0 : hl_opt_compare(&n->x->at, OP_EQ, size, wanted);
}

/* What the hot copy needs of the sizes; 0: nothing. A size known to be 1 needs no test in a nest. */
static Ref sizes_fit(const Nest *n, bool flat) {
    Ref fine = 0;
    for (uint32_t i = 0; i < n->leaves.len; i++) {
        const Leaf *leaf = &n->leaves.data[i];
        for (int own = 0; own < leaf->ndim; own++) {
            bool fastest = n->ndim - leaf->ndim + own == fastest_axis(n);
            if (flat || (fastest && !hl_opt_is_int(n->x->f, leaf->sizes[own], 1)))
                fine = hl_expand_and(n->x, fine, axis_fits(n, leaf, own));
        }
    }
    return fine;
}

static void emit_hot(Nest *n, bool flat) {
    if (flat)
        emit_flat(n);
    else
        emit_nest(n, true);
}

static void emit_cold(Nest *n);

/* Both copies, where `fine` is no constant, and what follows them. */
static void emit_copies(Nest *n, bool flat, Ref fine) {
    HlEmitter *at = &n->x->at;
    if (!fine) {
        emit_hot(n, flat);
        return;
    }
    bool here = hl_block(at->f, at->block)->cold;
    BlockId hot = hl_opt_block(at, here), cold = hl_opt_block(at, true), join = hl_opt_block(at, here);
    hl_opt_branch(at, fine, hot, cold);
    at->block = hot;
    emit_hot(n, flat);
    hl_opt_jump(at, join);
    at->block = cold;
    emit_cold(n);
    hl_opt_jump(at, join);
    at->block = join;
}

static Ref alloc(Expand *x, const Type *type, const Ref *shape) {
    return hl_opt_ins(&x->at, OP_ARRAY_ALLOC, type, shape, type->ndim, (Aux){0});
}

/* An assignment that must not write straight into its target: a temporary, then a copy. */
static void assign_through_copy(Nest *n) {
    Expand *x = n->x;
    const Type *t = type_of(n, n->value);
    const Type *fresh = hl_type_array(t->args[0], t->ndim, t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C, false, false);
    Nest into = open_nest(x, n->group, n->value, alloc(x, fresh, hl_expand_shape(x, n->value)));
    emit_nest(&into, false);
    Nest copy = open_nest(x, into.dst, into.dst, n->dst);
    emit_nest(&copy, false);
}

static void emit_cold(Nest *n) {
    if (hl_ins(n->x->f, n->group)->op == OP_EW_ASSIGN)
        assign_through_copy(n);
    else
        emit_nest(n, false);
}

/* ---- the operations ------------------------------------------------------------------------------------------------------------------ */

static void make_array(Expand *x, Ref ew) {
    Ref array = alloc(x, hl_ins(x->f, ew)->type, hl_expand_shape(x, ew));
    Nest n = open_nest(x, ew, ew, array);
    bool flat = can_be_flat(&n);
    emit_copies(&n, flat, sizes_fit(&n, flat));
    x->replaced[ew] = array;
}

static void assign(Expand *x, Ref r) {
    Ref dst = hl_ins(x->f, r)->args[0], value = hl_ins(x->f, r)->args[1];
    hl_expand_check_assign(x, r);
    if (dst < x->nins && x->replaced[dst]) dst = x->replaced[dst];
    if (dst == value) return;
    Nest n = open_nest(x, r, value, dst);
    bool flat = can_be_flat(&n);
    Ref fine = sizes_fit(&n, flat);
    for (uint32_t i = 0; i < n.leaves.len; i++)
        fine = hl_expand_and(x, fine, hl_expand_independent(x, n.leaves.data[i].view, dst));
    emit_copies(&n, flat, fine);
}

static void expand_one(Expand *x, Ref r) {
    x->at.loc = hl_ins(x->f, r)->loc;
    bool is_ew = hl_ins(x->f, r)->op == OP_EW;
    BlockId tail = hl_opt_cut(&x->at, r);
    if (is_ew) hl_expand_broadcast(x, r);
    if (!is_ew)
        assign(x, r);
    else if (x->root[r] == r)
        make_array(x, r);
    hl_opt_jump(&x->at, tail);
}

/* All uses of an operation are its loop's, which is made, or those of the array it became. */
static void remove_operations(Expand *x) {
    Ref *map = hl_new_array(&x->scratch, Ref, x->f->ins.len);
    memcpy(map, x->replaced, x->nins * sizeof *map);
    hl_replace_many(x->f, map);
    for (uint32_t i = x->order.len; i-- > 0;)
        hl_remove(x->f, x->order.data[i]);
}

static bool has_operations(const Func *f) {
    for (Ref r = 1; r < f->ins.len; r++)
        if (hl_ins(f, r)->op == OP_EW || hl_ins(f, r)->op == OP_EW_ASSIGN) return true;
    return false;
}

bool hl_opt_expand_arrays(Compile *c, Func *f) {
    if (!has_operations(f)) return true;
    Expand x = {.at = {.c = c, .f = f}, .f = f, .nins = f->ins.len};
    x.root = hl_new_array(&x.scratch, Ref, x.nins);
    x.replaced = hl_new_array(&x.scratch, Ref, x.nins);
    hl_expand_plan(&x);
    for (uint32_t i = 0; i < x.order.len; i++)
        expand_one(&x, x.order.data[i]);
    remove_operations(&x);
    hl_arena_free(&x.scratch);
    hl_cleanup(f);
    return !c->diag.set;
}
