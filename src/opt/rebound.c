/* rebound: arrays that a parallel loop rebinds by one operation, `s = s + row`, are updated in place instead.
 *
 * needs: whole-array operations still whole. keeps: valid SSA, and normal form of the loop; breaks the Cfg.
 *
 *     preheader: t = a fresh copy of s
 *     round:     t = t + row, in place; changed = True       for    s = s + row
 *     behind:    s = changed ? t : s
 *
 * The array that s named before keeps its contents, and s names it still when no round took a new one. So the loop is a
 * reduction of t, an array that is only updated by one operation (races.c).
 *
 * An operation may give a larger array than its operand, where that has an axis of one element. The loop is changed only where
 * no axis has: a cold copy of it runs as it was written (version.c).
 */
#include "opt/parallel.h"

typedef struct Rebound {
    Ref phi;
    CarryKind kind;
    const Type *type; /* of the copy */
    bool may_grow;    /* an operand is an array */
    VEC(Ref) members; /* the phi and what is made of it: phis, other names for them, operations */
} Rebound;

typedef struct Rebounds {
    ParallelLoop *p;
    bool *has; /* by Ref: is it a member of the web at hand? */
    VEC(Rebound) all;
} Rebounds;

static const Ins *ins_of(const Rebounds *x, Ref r) {
    return hl_ins(x->p->f, r);
}

/* ---- which values are the array ------------------------------------------------------------------ */

static bool is_like(const Rebounds *x, Ref r, const Type *type) {
    const Type *own = ins_of(x, r)->type;
    return own && own->kind == TY_ARRAY && own->ndim == type->ndim && own->args[0] == type->args[0];
}

/* One operand is the array, the other one is not, and all operations are of one kind. */
static bool is_update(Rebounds *x, Rebound *web, Ref ew) {
    const Ins *ins = ins_of(x, ew);
    if (ins->op != OP_EW || ins->nargs != 2) return false;
    CarryKind kind = hl_races_kind_of_ufunc((UfuncId)ins->aux.i, ins->type->args[0]);
    bool ordered = ins->aux.i == UFUNC_subtract || ins->aux.i == UFUNC_divide;
    bool first = x->has[ins->args[0]], second = x->has[ins->args[1]];
    if (kind == CARRY_OTHER || first == second || (ordered && second)) return false;
    if (web->kind == CARRY_OTHER) web->kind = kind;
    if (!web->type) web->type = ins->type;
    const Type *other = ins_of(x, ins->args[first])->type;
    web->may_grow |= other->kind == TY_ARRAY;
    return web->kind == kind && ins->type == web->type;
}

static bool has_use_inside(const ParallelLoop *p, Ref r) {
    for (uint32_t u = p->first_use[r]; u < p->first_use[r + 1]; u++)
        if (p->inside[hl_ins(p->f, p->uses[u])->block]) return true;
    return false;
}

/* Behind the loop the phi may be used for anything; in it, for what belongs to the web, and for its sizes. */
static bool add_use(Rebounds *x, Rebound *web, Ref value, Ref use) {
    const Ins *ins = ins_of(x, use);
    if (!x->p->inside[ins->block]) return value == web->phi;
    if (ins->op == OP_ARRAY_DIM) return true;
    if (hl_opt_is_array_part(ins)) return value == web->phi && !has_use_inside(x->p, use);
    if (!is_like(x, use, ins_of(x, web->phi)->type)) return false;
    if (ins->op != OP_PHI && ins->op != OP_RECAST && ins->op != OP_EW) return false;
    if (!x->has[use]) hl_push(&x->p->scratch, &web->members, use);
    return x->has[use] = true;
}

static bool grow(Rebounds *x, Rebound *web) {
    const ParallelLoop *p = x->p;
    x->has[web->phi] = true;
    hl_push(&x->p->scratch, &web->members, web->phi);
    for (uint32_t i = 0; i < web->members.len; i++) {
        Ref value = web->members.data[i];
        for (uint32_t u = p->first_use[value]; u < p->first_use[value + 1]; u++)
            if (!add_use(x, web, value, p->uses[u])) return false;
    }
    for (uint32_t i = 0; i < web->members.len; i++)
        if (ins_of(x, web->members.data[i])->op == OP_EW && !is_update(x, web, web->members.data[i]))
            return false;
    return web->type && (web->type->layout == LAYOUT_C || web->type->layout == LAYOUT_F);
}

/* ---- one array for all of them -------------------------------------------------------------------- */

static Ref without_recast(const Rebounds *x, Ref r) {
    while (x->has[r] && ins_of(x, r)->op == OP_RECAST)
        r = ins_of(x, r)->args[0];
    return r;
}

/* The phi of the web in a block; 0: none. */
static Ref phi_in(const Rebounds *x, BlockId b) {
    const Block *block = hl_block(x->p->f, b);
    for (uint32_t i = 0; i < block->ins.len && ins_of(x, block->ins.data[i])->op == OP_PHI; i++)
        if (x->has[block->ins.data[i]]) return block->ins.data[i];
    return 0;
}

/* The value that the array has at the end of the block, when it has `now` at its beginning; 0 where an operation takes another
 * one. */
static Ref walk_block(const Rebounds *x, BlockId b, Ref now) {
    const Block *block = hl_block(x->p->f, b);
    for (uint32_t i = 0; i < block->ins.len; i++) {
        Ref r = block->ins.data[i];
        const Ins *ins = ins_of(x, r);
        if (!x->has[r] || ins->op != OP_EW) continue;
        if (without_recast(x, ins->args[!x->has[ins->args[0]]]) != now) return 0;
        now = r;
    }
    return now;
}

static Ref value_on_edge(const Rebounds *x, BlockId from, uint32_t succ, Ref before) {
    const Func *f = x->p->f;
    BlockId to = hl_block(f, from)->succs[succ];
    Ref phi = phi_in(x, to);
    return phi ? without_recast(x, ins_of(x, phi)->args[hl_pred_index(f, from, succ)]) : before;
}

/* Is each value of the web the only one that is still needed where it stands? Then one array can hold them all. */
static bool is_one_array(const Rebounds *x) {
    const ParallelLoop *p = x->p;
    Ref *in = hl_new_array(&x->p->scratch, Ref, p->f->blocks.len),
        *out = hl_new_array(&x->p->scratch, Ref, p->f->blocks.len);
    for (uint32_t i = 0; i < p->cfg->nrpo; i++) {
        BlockId b = p->cfg->rpo[i];
        const Block *block = hl_block(p->f, b);
        if (!p->inside[b]) continue;
        in[b] = phi_in(x, b);
        for (uint32_t k = 0; k < block->preds.len && !in[b]; k++)
            in[b] = out[block->preds.data[k]];
        out[b] = walk_block(x, b, in[b]);
        if (!out[b]) return false;
    }
    for (uint32_t i = 0; i < p->loop.blocks.len; i++) {
        BlockId b = p->loop.blocks.data[i];
        for (uint32_t s = 0; s < hl_block(p->f, b)->nsuccs; s++) {
            BlockId to = hl_block(p->f, b)->succs[s];
            if (p->inside[to] && value_on_edge(x, b, s, in[to]) != out[b]) return false;
        }
    }
    return true;
}

/* ---- what it is before the loop -------------------------------------------------------------------- */

enum { DEPTH = 8 };

/* Can the value be the array, a view of it, or a pointer into it? */
static bool may_be(const Rebounds *x, Ref value, Ref array, int depth) {
    const Ins *ins = ins_of(x, value);
    if (value == array || !depth) return true;
    bool is_view = hl_opt_is_same_memory(ins) || ins->op == OP_PTR_ADD || ins->op == OP_ARRAY_DATA;
    if (is_view) return may_be(x, ins->args[0], array, depth - 1);
    bool is_one_of = ins->op == OP_PHI || ins->op == OP_SELECT || ins->op == OP_TUPLE_MAKE, may = false;
    for (uint32_t i = ins->op == OP_SELECT; is_one_of && i < ins->nargs && !may; i++)
        may = ins->args[i] != value && may_be(x, ins->args[i], array, depth - 1);
    return may;
}

/* Also of what it may itself be. */
static bool is_related(const Rebounds *x, Ref value, Ref array, int depth) {
    const Ins *ins = ins_of(x, array);
    if (may_be(x, value, array, DEPTH) || !depth) return true;
    bool has_sources = hl_opt_is_same_memory(ins) || ins->op == OP_PHI || ins->op == OP_SELECT;
    bool related = false;
    for (uint32_t i = ins->op == OP_SELECT; has_sources && i < ins->nargs && !related; i++) {
        if (i && hl_opt_is_same_memory(ins)) return false;
        related = ins->args[i] != array && is_related(x, value, ins->args[i], depth - 1);
    }
    return related;
}

static bool writes_to(const Rebounds *x, const Ins *ins, Ref array) {
    bool writes = ins->op == OP_EW_ASSIGN || ins->op == OP_CALL || hl_opt_effects(ins) == WRITE;
    uint32_t n = ins->op == OP_CALL ? ins->nargs : ins->nargs ? 1 : 0;
    for (uint32_t i = 0; writes && i < n; i++) {
        const Type *type = ins_of(x, ins->args[i])->type;
        bool is_memory = type && (type->kind == TY_ARRAY || type->kind == TY_PTR || type->kind == TY_TUPLE);
        if (is_memory && is_related(x, ins->args[i], array, DEPTH)) return true;
    }
    return false;
}

/* It is copied before the loop: the loop may not change it before it takes the first new array. */
static bool is_constant(const Rebounds *x, Ref array) {
    for (uint32_t i = 0; i < x->p->loop.blocks.len; i++) {
        const Block *block = hl_block(x->p->f, x->p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (writes_to(x, ins_of(x, block->ins.data[k]), array)) return false;
    }
    return true;
}

static void find_webs(Rebounds *x) {
    const Block *header = hl_block(x->p->f, x->p->loop.header);
    for (uint32_t i = 0; i < header->ins.len; i++) {
        Rebound web = {.phi = header->ins.data[i]};
        const Ins *ins = ins_of(x, web.phi);
        if (ins->op != OP_PHI) return;
        if (ins->type->kind != TY_ARRAY || ins->type->ndim == 0) continue;
        x->has = hl_new_array(&x->p->scratch, bool, x->p->f->ins.len);
        if (grow(x, &web) && is_one_array(x) && is_constant(x, ins->args[x->p->entry]))
            hl_push(&x->p->scratch, &x->all, web);
    }
}

/* ---- the change ------------------------------------------------------------------------------------ */

typedef struct Change {
    ParallelLoop *p;
    const Rebound *web;
    const bool *has;
    Ref first, copy; /* what the array is before the loop; the copy */
    Ref yes, no;
    Map flags; /* phi of the web -> that of `changed` */
} Change;

static const Type *b1(void) {
    return hl_type(TY_B1);
}

static Ref put(const ParallelLoop *p, Ref position, Op op, const Type *type, const Ref *args, uint32_t nargs,
               Aux aux) {
    Loc loc = hl_ins(p->f, hl_terminator(p->f, p->loop.header))->loc;
    Ref r = hl_ins_new(p->f, op, type, args, nargs, aux, loc);
    hl_insert_before(p->f, position, r);
    return r;
}

static Ref put_dim(const ParallelLoop *p, Ref position, Ref array, int64_t axis) {
    return put(p, position, OP_ARRAY_DIM, hl_type(TY_I64), &array, 1, (Aux){.i = axis});
}

static void make_copy(Change *x) {
    const ParallelLoop *p = x->p;
    Ref end = hl_terminator(p->f, p->loop.preheader), dims[MAX_NDIM];
    for (int i = 0; i < x->web->type->ndim; i++)
        dims[i] = put_dim(p, end, x->first, i);
    x->copy = put(p, end, OP_ARRAY_ALLOC, x->web->type, dims, (uint32_t)x->web->type->ndim, (Aux){0});
    Ref assign = put(p, end, OP_EW_ASSIGN, NULL, (Ref[]){x->copy, x->first}, 2, (Aux){0});
    hl_ins(p->f, assign)->flags |= INS_SERIAL;
    x->yes = put(p, end, OP_CONST_INT, b1(), NULL, 0, (Aux){.i = 1});
    x->no = put(p, end, OP_CONST_INT, b1(), NULL, 0, (Aux){.i = 0});
    if (hl_value_name(p->f, x->web->phi)) hl_name_value(p->f, x->copy, hl_value_name(p->f, x->web->phi));
}

/* ew becomes an update of the copy. */
static void update_in_place(const Change *x, Ref ew) {
    Func *f = x->p->f;
    for (uint32_t i = 0; i < 2; i++)
        if (x->has[hl_ins(f, ew)->args[i]]) hl_ins(f, ew)->args[i] = x->copy;
    Ref assign = hl_ins_new(f, OP_EW_ASSIGN, NULL, (Ref[]){x->copy, ew}, 2, (Aux){0}, hl_ins(f, ew)->loc);
    hl_opt_insert_behind(f, ew, assign);
}

static Ref flag_of(Change *x, Ref value) {
    while (x->has[value] && hl_ins(x->p->f, value)->op == OP_RECAST)
        value = hl_ins(x->p->f, value)->args[0];
    if (!x->has[value]) return x->no;
    Ref flag = (Ref)(uintptr_t)hl_map_get(&x->flags, value);
    return flag ? flag : x->yes;
}

/* Phis of a flag beside those of the array. */
static void make_flags(Change *x) {
    Func *f = x->p->f;
    for (uint32_t i = 0; i < x->web->members.len; i++) {
        const Ins *ins = hl_ins(f, x->web->members.data[i]);
        if (ins->op != OP_PHI) continue;
        BlockId block = ins->block;
        Ref flag = hl_ins_new(f, OP_PHI, b1(), NULL, 0, (Aux){0}, ins->loc);
        hl_insert_phi(f, block, flag);
        hl_map_set(&x->p->scratch, &x->flags, x->web->members.data[i], (void *)(uintptr_t)flag);
    }
    for (uint32_t i = 0; i < x->web->members.len; i++) {
        Ref phi = x->web->members.data[i], flag = (Ref)(uintptr_t)hl_map_get(&x->flags, phi);
        for (uint32_t k = 0; flag && k < hl_ins(f, phi)->nargs; k++)
            hl_phi_add(f, flag, flag_of(x, hl_ins(f, phi)->args[k]));
    }
}

/* What the array is behind the loop, on its edge out. */
static Ref make_result(Change *x, Ref end) {
    const Type *type = hl_ins(x->p->f, x->web->phi)->type;
    Ref copy = x->copy;
    if (type != x->web->type) copy = put(x->p, end, OP_RECAST, type, &copy, 1, (Aux){0});
    Ref args[] = {flag_of(x, x->web->phi), copy, x->first};
    return put(x->p, end, OP_SELECT, type, args, 3, (Aux){0});
}

/* Sizes are the copy's; other parts are used behind the loop only. */
static void replace_parts(const Change *x, Ref end, Ref result) {
    Func *f = x->p->f;
    for (Ref r = 1, n = f->ins.len; r < n; r++) {
        Ins ins = *hl_ins(f, r);
        if (!hl_opt_is_array_part(&ins) || !ins.block || !x->p->inside[ins.block] || !x->has[ins.args[0]])
            continue;
        Ref first = hl_terminator(f, x->p->loop.preheader);
        Ref part = ins.op == OP_ARRAY_DIM ? put_dim(x->p, first, x->copy, ins.aux.i)
                                          : put(x->p, end, (Op)ins.op, ins.type, &result, 1, ins.aux);
        hl_replace_all(f, r, part);
        hl_remove(f, r);
    }
}

static void change(ParallelLoop *p, const Rebound *web) {
    Func *f = p->f;
    bool *has = hl_new_array(&p->scratch, bool, f->ins.len);
    for (uint32_t i = 0; i < web->members.len; i++)
        has[web->members.data[i]] = true;
    Change x = {.p = p, .web = web, .has = has, .first = hl_ins(f, web->phi)->args[p->entry]};
    make_copy(&x);
    make_flags(&x);
    for (uint32_t i = 0; i < web->members.len; i++)
        if (hl_ins(f, web->members.data[i])->op == OP_EW) update_in_place(&x, web->members.data[i]);
    Ref end = hl_terminator(f, hl_split_edge(f, p->loop.header, 1)), result = make_result(&x, end);
    replace_parts(&x, end, result);
    for (uint32_t i = 0; i < web->members.len; i++) {
        Ref member = web->members.data[i];
        if (hl_ins(f, member)->op == OP_EW) continue;
        hl_replace_all(f, member, result); /* what is in the loop goes as well */
        hl_remove(f, member);
    }
}

/* ---- the loop -------------------------------------------------------------------------------------- */

/* Is no axis of one element, that an operation could stretch? 0: none is. */
static Ref none_grows(const ParallelLoop *p, const Rebound *web, Ref all) {
    Ref first = hl_ins(p->f, web->phi)->args[p->entry], end = hl_terminator(p->f, p->loop.preheader);
    for (int i = 0; web->may_grow && i < web->type->ndim; i++) {
        Ins ins = *hl_ins(p->f, first);
        bool known = ins.op == OP_ARRAY_ALLOC && hl_ins(p->f, ins.args[i])->op == OP_CONST_INT;
        if (known && !hl_opt_is_int(p->f, ins.args[i], 1)) continue;
        Ref dim = put_dim(p, end, first, i),
            one = put(p, end, OP_CONST_INT, hl_type(TY_I64), NULL, 0, (Aux){.i = 1});
        Ref longer = put(p, end, OP_NE, b1(), (Ref[]){dim, one}, 2, (Aux){0});
        all = all ? put(p, end, OP_AND, b1(), (Ref[]){all, longer}, 2, (Aux){0}) : longer;
    }
    return all;
}

bool hl_rebound_update_in_place(Compile *c, Func *f, const Cfg *cfg, const Loop *loop) {
    ParallelLoop p = {.c = c, .f = f, .cfg = cfg};
    Rebounds x = {.p = &p};
    if (hl_parallel_open(&p, loop)) {
        hl_parallel_find_uses(&p);
        find_webs(&x);
    }
    Ref condition = 0;
    for (uint32_t i = 0; i < x.all.len; i++)
        condition = none_grows(&p, &x.all.data[i], condition);
    if (condition) {
        hl_loops_version(c, f, cfg, &p.loop, condition);
        p.loop.preheader = hl_block(f, loop->header)->preds.data[p.entry];
    }
    for (uint32_t i = 0; i < x.all.len; i++)
        change(&p, &x.all.data[i]);
    bool changed = x.all.len;
    hl_arena_free(&p.scratch);
    return changed;
}
