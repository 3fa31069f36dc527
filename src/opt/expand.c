/* expand: whole-array operations to loops.
 *
 * In: typed IR. Out: no `ew` and no `ew.assign`; the shapes of every operation are checked where it stood. fuse.c says
 * which operations share a loop, nest.c makes it. An `ew` that is left becomes a fresh array and a loop that fills it.
 *
 * An assignment writes straight into its target where alias.c's test holds:
 *
 *     branch independent, straight, cold
 *     straight: loops into dst
 *     cold:     call of a function that evaluates the value into a temporary array and copies that to dst
 *
 * The function is expanded like any other; its flag `small` says that its assignment goes through a copy.
 */
#include "opt/nest.h"

#include <string.h>

static Ref alloc(Expand *x, const Type *type, const Ref *shape) {
    return hl_opt_ins(&x->at, OP_ARRAY_ALLOC, type, shape, type->ndim, (Aux){0});
}

static void make_array(Expand *x, Ref ew) {
    Ref array = alloc(x, hl_ins(x->f, ew)->type, hl_expand_shape(x, ew));
    Nest n = hl_nest_open(x, ew, ew, array);
    hl_nest_emit(&n);
    x->replaced[ew] = array;
}

/* ---- assignment through a copy ------------------------------------------------------------------------------------------ */

static void assign_through_copy(Expand *x, Ref assign, Ref value, Ref dst) {
    const Type *t = hl_ins(x->f, value)->type;
    int layout = t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C;
    const Type *fresh = hl_type_array(t->args[0], t->ndim, layout, false, false);
    Nest into = hl_nest_open(x, assign, value, alloc(x, fresh, hl_expand_shape(x, value)));
    hl_nest_emit(&into);
    Nest copy = hl_nest_open(x, into.dst.array, into.dst.array, dst);
    hl_nest_emit(&copy);
}

/* A function that holds the assignment of a nest: parameters are dst and the arrays and scalars that go in. */
typedef struct Outlined {
    const Nest *n;
    Func *g;
    VEC(Ref) arguments;
    VEC(const Type *) types;
    Map copies; /* value -> what it is in g */
} Outlined;

static Ref append(Outlined *o, Op op, const Type *type, const Ref *args, uint32_t nargs, Aux aux, Loc loc) {
    Ref r = hl_ins_new(o->g, op, type, args, nargs, aux, loc);
    hl_append(o->g, 1, r);
    return r;
}

static Ref add_argument(Outlined *o, Ref argument) {
    Expand *x = o->n->x;
    const Type *type = hl_ins(x->f, argument)->type;
    Ref param = append(o, OP_PARAM, type, NULL, 0, (Aux){.i = o->arguments.len}, x->at.loc);
    hl_push(&x->scratch, &o->arguments, argument);
    hl_push(x->f->arena, &o->types, type);
    return param;
}

/* Parameters for everything the value is made of. */
static void add_arguments(Outlined *o, Ref value) {
    if (hl_map_get(&o->copies, value)) return;
    if (!hl_nest_is_inner(o->n, value)) {
        const Leaf *leaf = hl_nest_leaf(o->n, value);
        Ref param = add_argument(o, leaf ? leaf->view : value);
        hl_map_set(&o->n->x->scratch, &o->copies, value, (void *)(uintptr_t)param);
        return;
    }
    const Ins *ins = hl_ins(o->n->x->f, value);
    for (uint32_t i = 0; i < ins->nargs; i++)
        add_arguments(o, ins->args[i]);
}

static Ref copy_value(Outlined *o, Ref value) {
    Ref known = (Ref)(uintptr_t)hl_map_get(&o->copies, value);
    if (known) return known;
    const Ins *ins = hl_ins(o->n->x->f, value);
    Ref *args = hl_new_array(&o->n->x->scratch, Ref, ins->nargs);
    for (uint32_t i = 0; i < ins->nargs; i++)
        args[i] = copy_value(o, ins->args[i]);
    Ref copy = append(o, OP_EW, ins->type, args, ins->nargs, ins->aux, ins->loc);
    hl_map_set(&o->n->x->scratch, &o->copies, value, (void *)(uintptr_t)copy);
    return copy;
}

static Func *new_cold_function(Compile *c, const Func *f) {
    Func *g = hl_func_like(f, "cold", c->functions.len);
    g->cold = g->small = true;
    g->result = hl_type(TY_NONE);
    hl_block_new(g);
    hl_push(&c->arena, &c->functions, g);
    return g;
}

static void declare_parameters(Outlined *o) {
    Arena *arena = o->g->arena;
    o->g->nparams = o->types.len;
    o->g->param_types = o->types.data;
    o->g->param_names = hl_new_array(arena, const char *, o->types.len);
    for (uint32_t i = 0; i < o->types.len; i++)
        o->g->param_names[i] = hl_intern(hl_arena_printf(arena, i ? "x%u" : "dst", i));
}

/* The pass finds the function at the end of the list and expands it in its turn. */
static void call_copying_function(Nest *n) {
    HlEmitter *at = &n->x->at;
    const Type *none = hl_type(TY_NONE);
    Outlined o = {.n = n, .g = new_cold_function(at->c, at->f)};
    Ref args[2] = {add_argument(&o, n->dst.view)};
    add_arguments(&o, n->value);
    args[1] = copy_value(&o, n->value);
    append(&o, OP_EW_ASSIGN, NULL, args, 2, (Aux){0}, at->loc);
    Ref nothing = append(&o, OP_CONST_NONE, none, NULL, 0, (Aux){0}, at->loc);
    append(&o, OP_RETURN, NULL, &nothing, 1, (Aux){0}, at->loc);
    declare_parameters(&o);
    hl_opt_ins(at, OP_CALL, none, o.arguments.data, o.arguments.len, (Aux){.func = o.g});
}

/* ---- assignment ------------------------------------------------------------------------------------------------------------ */

static void assign_if(Nest *n, Ref independent) {
    HlEmitter *at = &n->x->at;
    bool here = hl_block(at->f, at->block)->cold;
    BlockId straight = hl_opt_block(at, here), cold = hl_opt_block(at, true), join = hl_opt_block(at, here);
    hl_opt_branch(at, independent, straight, cold);
    at->block = straight;
    hl_nest_emit(n);
    hl_opt_jump(at, join);
    at->block = cold;
    call_copying_function(n);
    hl_opt_jump(at, join);
    at->block = join;
}

static void assign(Expand *x, Ref r) {
    Ref dst = hl_ins(x->f, r)->args[0], value = hl_ins(x->f, r)->args[1];
    hl_expand_check_assign(x, r);
    if (dst == value) return;
    if (x->f->small) {
        assign_through_copy(x, r, value, dst);
        return;
    }
    Nest n = hl_nest_open(x, r, value, dst);
    Ref *sources = hl_new_array(&x->scratch, Ref, n.leaves.len + 1);
    for (uint32_t i = 0; i < n.leaves.len; i++)
        sources[i] = n.leaves.data[i].view;
    Ref independent = hl_expand_independent(x, sources, n.leaves.len, n.dst.view);
    if (independent)
        assign_if(&n, independent);
    else
        hl_nest_emit(&n);
}

/* ---- the function ------------------------------------------------------------------------------------------------------------- */

static void expand_one(Expand *x, Ref r) {
    x->at.loc = hl_ins(x->f, r)->loc;
    Op op = (Op)hl_ins(x->f, r)->op;
    BlockId tail = hl_opt_cut(&x->at, r);
    if (op == OP_EW) hl_expand_broadcast(x, r);
    if (op == OP_EW_ASSIGN) assign(x, r);
    if (op == OP_CALL) hl_expand_reduction(x, r);
    if (op == OP_EW && x->root[r] == r) make_array(x, r);
    hl_opt_jump(&x->at, tail);
}

/* All uses of an operation are its loop's, which is made, or those of the array it became. */
static void remove_operations(Expand *x) {
    Ref *map = hl_new_array(&x->scratch, Ref, x->f->ins.len);
    for (uint32_t i = 0; i < x->sizes.len; i++) {
        const Ins *size = hl_ins(x->f, x->sizes.data[i]);
        x->replaced[x->sizes.data[i]] = hl_expand_shape(x, size->args[0])[size->aux.i];
    }
    memcpy(map, x->replaced, x->nins * sizeof *map);
    hl_replace_many(x->f, map);
    for (uint32_t i = 0; i < x->sizes.len; i++)
        hl_remove(x->f, x->sizes.data[i]);
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
    x.output = hl_new_array(&x.scratch, Ref, x.nins);
    hl_expand_plan(&x);
    for (uint32_t i = 0; i < x.order.len; i++)
        expand_one(&x, x.order.data[i]);
    remove_operations(&x);
    hl_arena_free(&x.scratch);
    hl_cleanup(f);
    return !c->diag.set;
}
