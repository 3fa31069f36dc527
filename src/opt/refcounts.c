/* refcounts: puts retain, release and unwind where owned arrays begin and end.
 *
 * In: typed IR of loops, in which nothing is counted. Out: every root (owners.c) gives its reference back exactly once on
 * every path: behind its last use, on the edge where it dies, in what a function returns, or where an error leaves the
 * function, for which `unwind` says, before an instruction that can fail, what lowering must release there.
 *
 * A root is live from where it stands to the last use of anything that refers to it: a backward data-flow over blocks.
 * A phi that is a root takes one reference over each edge: that of the operand when it dies there anyway, else one more.
 * A returned array is handed out the same way. So `x = x + 1` in a loop moves references and counts nothing, and pairs of
 * retain and release, which other compilers insert and then search for, do not come into being.
 *
 * Nothing is counted for parameters and their views: the caller holds them.
 */
#include "opt/counts.h"

#include <string.h>

typedef VEC(Ref) RefList;

typedef struct Counting {
    Owners o;
    Func *f;
    Word **live_in, **live_out; /* by block there was before the pass */
    uint32_t nblocks;
} Counting;

static Word *new_set(Counting *c) {
    return hl_new_array(&c->o.scratch, Word, c->o.nwords);
}

static Word *copy_set(Counting *c, const Word *set) {
    return memcpy(new_set(c), set, c->o.nwords * sizeof *set);
}

static bool unite(const Counting *c, Word *into, const Word *from) {
    Word news = 0;
    for (uint32_t i = 0; from && i < c->o.nwords; i++) {
        news |= from[i] & ~into[i];
        into[i] |= from[i];
    }
    return news != 0;
}

/* ---- liveness ------------------------------------------------------------------------------------------------------------ */

/* From behind an instruction (no phi) to before it. */
static void step_back(const Counting *c, Ref r, Word *live) {
    const Ins *ins = hl_ins(c->f, r);
    if (c->o.number[r]) hl_set_drop(live, c->o.number[r] - 1);
    for (uint32_t i = 0; ins->op != OP_PHI && i < ins->nargs; i++)
        unite(c, live, c->o.refers[ins->args[i]]);
}

static bool is_owning_phi(const Counting *c, Ref r) {
    return hl_ins(c->f, r)->op == OP_PHI && c->o.number[r];
}

/* What the phis of `to` take over this edge. */
static void add_taken(const Counting *c, BlockId to, uint32_t edge, Word *live) {
    const Block *block = hl_block(c->f, to);
    for (uint32_t i = 0; i < block->ins.len && hl_ins(c->f, block->ins.data[i])->op == OP_PHI; i++) {
        Ref phi = block->ins.data[i];
        if (is_owning_phi(c, phi)) unite(c, live, c->o.refers[hl_ins(c->f, phi)->args[edge]]);
    }
}

static bool update_block(Counting *c, BlockId b) {
    const Block *block = hl_block(c->f, b);
    bool changed = false;
    for (uint32_t s = 0; s < block->nsuccs; s++) {
        changed |= unite(c, c->live_out[b], c->live_in[block->succs[s]]);
        add_taken(c, block->succs[s], hl_pred_index(c->f, b, s), c->live_out[b]);
    }
    Word *live = copy_set(c, c->live_out[b]);
    for (uint32_t i = block->ins.len; i-- > 0;)
        step_back(c, block->ins.data[i], live);
    return unite(c, c->live_in[b], live) || changed;
}

static void find_live(Counting *c) {
    c->nblocks = c->f->blocks.len;
    c->live_in = hl_new_array(&c->o.scratch, Word *, c->nblocks);
    c->live_out = hl_new_array(&c->o.scratch, Word *, c->nblocks);
    for (BlockId b = 1; b < c->nblocks; b++)
        c->live_in[b] = new_set(c), c->live_out[b] = new_set(c);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = c->o.cfg->nrpo; i-- > 0;)
            changed |= update_block(c, c->o.cfg->rpo[i]);
    }
}

/* ---- what a return or an edge hands on ------------------------------------------------------------------------------------- */

/* References that leave at one place: `gone` are roots whose own reference does; others need one more. */
typedef struct Handing {
    Word *gone;
    RefList retained;
} Handing;

static void hand_on(Counting *c, Handing *h, Ref value, const Word *stays) {
    if (hl_owners_is_null(c->f, value)) return;
    Ref root = hl_owners_exact(&c->o, value);
    uint32_t i = root ? c->o.number[root] - 1 : 0;
    if (root && !hl_set_has(stays, i) && !hl_set_has(h->gone, i))
        hl_set_add(h->gone, i);
    else
        hl_push(&c->o.scratch, &h->retained, value);
}

/* The arrays inside a returned value. */
static void hand_on_parts(Counting *c, Handing *h, Ref value) {
    Ins ins = *hl_ins(c->f, value);
    if (!hl_owners_holds_counted(ins.type)) return;
    if (ins.op != OP_TUPLE_MAKE && ins.op != OP_OPT_SOME) {
        hand_on(c, h, value, NULL);
        return;
    }
    for (uint32_t i = 0; i < ins.nargs; i++)
        hand_on_parts(c, h, ins.args[i]);
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------ */

static void emit(Counting *c, RefList *out, Op op, Ref value, Loc loc) {
    hl_push(c->f->arena, out, hl_ins_new(c->f, op, NULL, &value, 1, (Aux){0}, loc));
}

/* Releases the roots of a set that are in none of the other two. */
static void emit_releases(Counting *c, RefList *out, const Word *set, const Word *but, const Word *nor,
                          Loc loc) {
    for (uint32_t i = 0; i < c->o.roots.len; i++)
        if (hl_set_has(set, i) && !hl_set_has(but, i) && !hl_set_has(nor, i))
            emit(c, out, OP_RELEASE, c->o.roots.data[i], loc);
}

static void emit_handing(Counting *c, RefList *out, const Handing *h, const Word *dying, const Word *stays,
                         Loc loc) {
    for (uint32_t i = 0; i < h->retained.len; i++)
        emit(c, out, OP_RETAIN, h->retained.data[i], loc);
    emit_releases(c, out, dying, h->gone, stays, loc);
}

static bool can_fail(const Ins *ins) {
    return hl_opt_effects(ins) == RAISE;
}

/* The edge to the landing of a guarded instruction that fails: what it does not hand on is released as where an error leaves
 * the function. */
static bool is_landing_edge(const Func *f, BlockId from, uint32_t which) {
    const Ins *last = hl_ins(f, hl_terminator(f, from));
    return which == 0 && last->op == OP_BRANCH && hl_ins(f, last->args[0])->op == OP_FAILED;
}

/* What is released when this instruction fails. */
static const Word *lost_when_failing(Counting *c, BlockId b, const Ins *ins, const Word *live) {
    if (!(ins->flags & INS_GUARDED)) return live;
    const Word *stays = c->live_in[hl_block(c->f, b)->succs[0]];
    Word *lost = copy_set(c, live);
    for (uint32_t i = 0; i < c->o.nwords; i++)
        lost[i] &= ~stays[i];
    return lost;
}

/* Says what errors from here on release, when it is not what was said before. */
static void emit_unwind(Counting *c, RefList *out, const Word *live, Word *said, Loc loc) {
    if (!memcmp(live, said, c->o.nwords * sizeof *live)) return;
    memcpy(said, live, c->o.nwords * sizeof *live);
    RefList owned = {0};
    for (uint32_t i = 0; i < c->o.roots.len; i++)
        if (hl_set_has(live, i)) hl_push(&c->o.scratch, &owned, c->o.roots.data[i]);
    hl_push(c->f->arena, out, hl_ins_new(c->f, OP_UNWIND, NULL, owned.data, owned.len, (Aux){0}, loc));
}

/* What is live before each instruction of a block, and behind the last. */
static Word **live_in_block(Counting *c, BlockId b) {
    const Block *block = hl_block(c->f, b);
    Word **live = hl_new_array(&c->o.scratch, Word *, block->ins.len + 1);
    live[block->ins.len] = c->live_out[b];
    for (uint32_t i = block->ins.len; i-- > 0;) {
        live[i] = copy_set(c, live[i + 1]);
        step_back(c, block->ins.data[i], live[i]);
    }
    return live;
}

static void emit_return(Counting *c, RefList *out, Ref r, const Word *live) {
    Handing h = {.gone = new_set(c)};
    Loc loc = hl_ins(c->f, r)->loc;
    hand_on_parts(c, &h, hl_ins(c->f, r)->args[0]);
    emit_handing(c, out, &h, live, NULL, loc);
}

/* Releases what is not needed behind instruction r: roots it used last, and itself when it is never used. */
static void emit_deaths(Counting *c, RefList *out, Ref r, const Word *before, const Word *behind, Loc loc) {
    emit_releases(c, out, before, behind, NULL, loc);
    uint32_t own = c->o.number[r];
    if (own && !hl_set_has(behind, own - 1)) emit(c, out, OP_RELEASE, r, loc);
}

static void rewrite_block(Counting *c, BlockId b) {
    Word **live = live_in_block(c, b), *said = new_set(c);
    RefList out = {0}, dead_phis = {0};
    for (uint32_t i = 0; i < hl_block(c->f, b)->ins.len; i++) {
        Ref r = hl_block(c->f, b)->ins.data[i];
        Ins ins = *hl_ins(c->f, r);
        if (ins.op == OP_PHI) {
            hl_push(c->f->arena, &out, r);
            if (c->o.number[r] && !hl_set_has(live[i + 1], c->o.number[r] - 1))
                hl_push(&c->o.scratch, &dead_phis, r);
            continue;
        }
        while (dead_phis.len)
            emit(c, &out, OP_RELEASE, hl_pop(&dead_phis), ins.loc);
        if (can_fail(&ins)) emit_unwind(c, &out, lost_when_failing(c, b, &ins, live[i]), said, ins.loc);
        if (ins.op == OP_RETURN) emit_return(c, &out, r, live[i]);
        hl_push(c->f->arena, &out, r);
        if (hl_op_info((Op)ins.op)->result != TERM) emit_deaths(c, &out, r, live[i], live[i + 1], ins.loc);
    }
    hl_block(c->f, b)->ins.len = 0;
    for (uint32_t i = 0; i < out.len; i++)
        hl_append(c->f, b, out.data[i]);
}

/* ---- edges ----------------------------------------------------------------------------------------------------------------------- */

static bool needs_code(Counting *c, const Handing *h, const Word *dying, const Word *stays) {
    bool any = h->retained.len > 0;
    for (uint32_t i = 0; i < c->o.nwords; i++)
        any |= (dying[i] & ~stays[i] & ~h->gone[i]) != 0;
    return any;
}

/* Where code for an edge may stand: in front of this instruction. */
static Ref place_on_edge(Func *f, BlockId from, uint32_t which) {
    BlockId to = hl_block(f, from)->succs[which];
    if (hl_block(f, from)->nsuccs == 1) return hl_terminator(f, from);
    if (hl_block(f, to)->preds.len == 1) return hl_opt_first(f, to);
    return hl_terminator(f, hl_split_edge(f, from, which));
}

static void finish_edge(Counting *c, BlockId from, uint32_t which) {
    if (is_landing_edge(c->f, from, which)) return;
    BlockId to = hl_block(c->f, from)->succs[which];
    uint32_t edge = hl_pred_index(c->f, from, which);
    const Word *stays = c->live_in[to];
    Handing h = {.gone = new_set(c)};
    for (uint32_t i = 0; i < hl_block(c->f, to)->ins.len; i++) {
        Ref phi = hl_block(c->f, to)->ins.data[i];
        if (is_owning_phi(c, phi)) hand_on(c, &h, hl_ins(c->f, phi)->args[edge], stays);
    }
    if (!needs_code(c, &h, c->live_out[from], stays)) return;
    RefList out = {0};
    Ref place = place_on_edge(c->f, from, which);
    emit_handing(c, &out, &h, c->live_out[from], stays, hl_ins(c->f, place)->loc);
    for (uint32_t i = 0; i < out.len; i++)
        hl_insert_before(c->f, place, out.data[i]);
}

bool hl_opt_refcounts(Compile *compile, Func *f) {
    (void)compile;
    Counting c = {.f = f};
    hl_owners_find(&c.o, f);
    if (c.o.roots.len || hl_owners_holds_counted(f->result)) {
        find_live(&c);
        for (uint32_t i = 0; i < c.o.cfg->nrpo; i++)
            rewrite_block(&c, c.o.cfg->rpo[i]);
        for (uint32_t i = 0; i < c.o.cfg->nrpo; i++)
            for (uint32_t s = 0; s < hl_block(f, c.o.cfg->rpo[i])->nsuccs; s++)
                finish_edge(&c, c.o.cfg->rpo[i], s);
    }
    hl_arena_free(&c.o.scratch);
    return true;
}
