/* loopform: loops in a form that is easy to change, and SSA after a change.
 *
 * Normal form: integer constants stand in the entry block; the header of every loop has two edges in, one
 * from a preheader that leads nowhere else, one from the only latch. Python's `continue` makes more
 * latches; a funnel, a block that merges some of the edges into another, brings them together. Exits are
 * not part of it: who changes a loop splits the edges it needs.
 */
#include "opt/loops.h"

Ref hl_loops_put(Func *f, Ref position, Op op, const Type *type, Ref a, Ref b, Aux aux) {
    Ref r = hl_ins_new(f, op, type, (Ref[]){a, b}, b ? 2 : a ? 1 : 0, aux, hl_ins(f, position)->loc);
    hl_insert_before(f, position, r);
    return r;
}

/* ---- funnels --------------------------------------------------------------------------------- */

/* The operands of a phi that come over the chosen edges leave it; what they were together: one value, or a
 * phi in the funnel. */
static Ref move_operands(Func *f, Ref phi, BlockId funnel, const bool *chosen) {
    Ref merged = hl_ins_new(f, OP_PHI, hl_ins(f, phi)->type, NULL, 0, (Aux){0}, hl_ins(f, phi)->loc),
        only = 0;
    bool same = true;
    Ins *ins = hl_ins(f, phi);
    uint32_t n = ins->nargs, kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        Ref value = ins->args[i];
        if (!chosen[i]) {
            ins->args[kept++] = value;
            continue;
        }
        same = same && (!only || only == value);
        only = value;
        hl_phi_add(f, merged, value);
    }
    ins->nargs = kept;
    if (!same)
        hl_append(f, funnel, merged);
    else
        hl_remove(f, merged);
    return same ? only : merged;
}

static void redirect(Func *f, BlockId from, BlockId old, BlockId to) {
    Block *block = hl_block(f, from);
    for (uint32_t s = 0; s < block->nsuccs; s++)
        if (block->succs[s] == old) block->succs[s] = to;
}

/* Leads the chosen edges into `to` (by their place in its preds) through a new block. */
static BlockId funnel(Func *f, BlockId to, const bool *chosen, Arena *scratch) {
    BlockId middle = hl_block_new(f);
    Block *target = hl_block(f, to);
    Loc loc = hl_ins(f, hl_terminator(f, to))->loc;
    uint32_t n = target->preds.len, kept = 0;
    VEC(Ref) values = {0};
    for (uint32_t i = 0; i < target->ins.len && hl_ins(f, target->ins.data[i])->op == OP_PHI; i++)
        hl_push(scratch, &values, move_operands(f, target->ins.data[i], middle, chosen));
    for (uint32_t i = 0; i < n; i++) {
        BlockId pred = target->preds.data[i];
        if (!chosen[i]) {
            target->preds.data[kept++] = pred;
            continue;
        }
        redirect(f, pred, to, middle);
        hl_add_pred(f, middle, pred);
    }
    target->preds.len = kept;
    hl_set_jump(f, middle, to, loc);
    for (uint32_t i = 0; i < values.len; i++)
        hl_phi_add(f, hl_block(f, to)->ins.data[i], values.data[i]);
    hl_block(f, middle)->cold = hl_block(f, to)->cold;
    return middle;
}

/* ---- normal form ----------------------------------------------------------------------------- */

static bool leads_only_here(const Func *f, BlockId pred) {
    return hl_block(f, pred)->nsuccs == 1;
}

/* Funnels the edges into the header that come from inside (outside), unless there is one already that will
 * do. */
static bool gather(Func *f, const Cfg *cfg, const Loop *loop, bool inside, Arena *scratch) {
    const Block *header = hl_block(f, loop->header);
    bool *chosen = hl_new_array(scratch, bool, header->preds.len);
    uint32_t n = 0;
    BlockId last = 0;
    for (uint32_t i = 0; i < header->preds.len; i++) {
        chosen[i] = hl_loop_contains(loop, cfg, header->preds.data[i]) == inside;
        n += chosen[i];
        if (chosen[i]) last = header->preds.data[i];
    }
    if (n == 1 && leads_only_here(f, last)) return false;
    funnel(f, loop->header, chosen, scratch);
    return true;
}

static bool normalise_one(Func *f, Arena *scratch) {
    const Cfg *cfg = hl_cfg_compute(scratch, f);
    for (uint32_t i = 0; i < cfg->loops.len; i++)
        if (gather(f, cfg, cfg->loops.data[i], false, scratch) ||
            gather(f, cfg, cfg->loops.data[i], true, scratch))
            return true;
    return false;
}

/* Constants go to the end of the entry block, so that one serves wherever it is needed. */
static void raise_constants(Func *f) {
    Ref end = hl_terminator(f, 1);
    for (BlockId b = 2; b < f->blocks.len; b++) {
        Block *block = hl_block(f, b);
        uint32_t kept = 0;
        for (uint32_t i = 0; i < block->ins.len; i++) {
            Ref r = block->ins.data[i];
            if (hl_ins(f, r)->op == OP_CONST_INT)
                hl_insert_before(f, end, r);
            else
                block->ins.data[kept++] = r;
        }
        block->ins.len = kept;
    }
}

void hl_loops_normalise(Func *f) {
    Arena scratch = {0};
    raise_constants(f);
    while (normalise_one(f, &scratch))
        ;
    hl_arena_free(&scratch);
}

/* ---- SSA repair: Braun and others, "Simple and efficient construction of static single assignm */

typedef struct Repair {
    Func *f;
    const Type *type;
    Ref *at_end; /* by block: the value that leaves it; 0: not known yet */
    Ref undefined;
} Repair;

static Ref value_at_end(Repair *x, BlockId b);

static Ref undefined_value(Repair *x) {
    if (x->undefined) return x->undefined;
    Ref first = hl_opt_first(x->f, 1);
    x->undefined = hl_ins_new(x->f, OP_UNDEF, x->type, NULL, 0, (Aux){0}, hl_ins(x->f, first)->loc);
    hl_insert_before(x->f, first, x->undefined);
    return x->undefined;
}

static Ref value_at_start(Repair *x, BlockId b) {
    const Block *block = hl_block(x->f, b);
    if (!block->preds.len) return x->at_end[b] = undefined_value(x);
    if (block->preds.len == 1) return x->at_end[b] = value_at_end(x, block->preds.data[0]);
    Ref phi = hl_ins_new(x->f, OP_PHI, x->type, NULL, 0, (Aux){0}, hl_ins(x->f, hl_terminator(x->f, b))->loc);
    hl_insert_phi(x->f, b, phi);
    x->at_end[b] = phi;
    for (uint32_t i = 0; i < hl_block(x->f, b)->preds.len; i++)
        hl_phi_add(x->f, phi, value_at_end(x, hl_block(x->f, b)->preds.data[i]));
    return phi;
}

static Ref value_at_end(Repair *x, BlockId b) {
    return x->at_end[b] ? x->at_end[b] : value_at_start(x, b);
}

void hl_loops_repair(Func *f, Ref value, const bool *inside, const BlockId *blocks, const Ref *refs,
                     uint32_t n) {
    Arena scratch = {0};
    Repair x = {.f = f, .type = hl_ins(f, value)->type};
    Ref end = f->ins.len;
    bool *is_new = hl_new_array(&scratch, bool, end);
    x.at_end = hl_new_array(&scratch, Ref, f->blocks.len);
    for (uint32_t i = 0; i < n; i++) {
        x.at_end[blocks[i]] = refs[i];
        is_new[refs[i]] = true;
    }
    for (Ref r = 1; r < end; r++) {
        const Ins *ins = hl_ins(f, r);
        if (ins->op == OP_COUNT || !ins->block || inside[ins->block] || is_new[r]) continue;
        for (uint32_t i = 0; i < ins->nargs; i++) {
            if (hl_ins(f, r)->args[i] != value) continue;
            ins = hl_ins(f, r);
            Ref now =
                value_at_end(&x, ins->op == OP_PHI ? hl_block(f, ins->block)->preds.data[i] : ins->block);
            hl_ins(f, r)->args[i] = now;
            ins = hl_ins(f, r);
        }
    }
    hl_arena_free(&scratch);
}
