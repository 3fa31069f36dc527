/* polls: loops that may run long let Ctrl-C and other threads in.
 *
 * needs: form LOOPS, all other changes to loops done. keeps: valid SSA.
 *
 * A loop whose steps are bounded by about 10^5 cheap ones is left alone. Of the others, one that holds
 * loops of unknown length polls at its back edge: a load, a comparison and a branch that is never taken,
 * little beside an inner loop. In an innermost loop a poll would keep LLVM from vectorising, so a counted
 * one is cut into blocks of about a millisecond and polls between them; what was the loop stays as it was
 * but for its end:
 *
 *     preheader ─► blocks: copies of the phis; end = max(remaining - 65536, 0)
 *                    └─► header: (remaining > end)? ─► body ... ─► header
 *                          └─► between: (remaining > 0)? ─► poll ─► blocks
 *                                └─► exit
 *
 * A loop shorter than a block pays for the end and one comparison; inside another loop that can be much, so
 * light loops along an array are left whole there. Loops that are not counted (`while n != 1`) poll at the
 * back edge. Functions that call themselves poll when they are entered. In cold functions, which LLVM does
 * not optimise, every loop polls at its back edge.
 */
#include "opt/loops.h"

enum {
    FEW_STEPS = 100000,
    BLOCK_STEPS = 1 << 20,
    LONGEST_BLOCK = 1 << 16,
    SHORTEST_BLOCK = 1 << 8,
    INLINED_TRIPS = 16,
    LIGHT = 64
};

static const Wide UNBOUNDED = (Wide)1 << 100;

typedef struct Polls {
    Func *f;
    Arena scratch;
    const Cfg *cfg;
    Ranges *ranges;
} Polls;

/* ---- how long a loop runs -------------------------------------------------------------------- */

static Wide cost_of(const Ins *ins) {
    switch ((Op)ins->op) {
    case OP_MATH: return 32;
    case OP_CALL:
    case OP_RT: return 128;
    case OP_SDIV:
    case OP_UDIV:
    case OP_SREM:
    case OP_UREM:
    case OP_FDIV:
    case OP_FSQRT: return 8;
    default: return hl_op_info((Op)ins->op)->effects == CONTROL || ins->op == OP_PHI ? 0 : 1;
    }
}

/* One round of the loop without the loops in it. */
static Wide own_cost(const Polls *p, const Loop *loop) {
    Wide cost = 1;
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(p->f, loop->blocks.data[i]);
        if (p->cfg->loop_of[loop->blocks.data[i]] != loop || block->cold) continue;
        for (uint32_t k = 0; k < block->ins.len; k++)
            cost += cost_of(hl_ins(p->f, block->ins.data[k]));
    }
    return cost;
}

/* The most rounds of one entry: a fact at the latch says end - counter >= 0. */
static Wide most_trips(Polls *p, const Loop *loop) {
    Sym counter = hl_ranges_counter(p->ranges, loop);
    const Facts *facts = hl_ranges_facts(p->ranges, loop->latches.data[0]);
    Wide most = UNBOUNDED;
    for (uint32_t i = 0; i < facts->n; i++) {
        Poly coefficient, end;
        if (!hl_poly_has(&facts->data[i].p, counter)) continue;
        if (!hl_poly_split(&facts->data[i].p, counter, &coefficient, &end)) continue;
        if (hl_ranges_interval(p->ranges, &coefficient).high > -1) continue;
        Wide trips = hl_ranges_interval(p->ranges, &end).high + 1;
        if (trips < most) most = trips < 0 ? 0 : trips;
    }
    return most;
}

static Wide times(Wide a, Wide b) {
    Wide product;
    return __builtin_mul_overflow(a, b, &product) || product > UNBOUNDED ? UNBOUNDED : product;
}

static Wide most_steps(Polls *p, const Loop *loop) {
    Wide cost = own_cost(p, loop);
    for (uint32_t i = 0; i < p->cfg->loops.len; i++)
        if (p->cfg->loops.data[i]->parent == loop) cost += most_steps(p, p->cfg->loops.data[i]);
    return times(cost, most_trips(p, loop));
}

/* No loop in it, or only such as LLVM will unroll. */
static bool is_innermost(Polls *p, const Loop *loop) {
    for (uint32_t i = 0; i < p->cfg->loops.len; i++) {
        const Loop *inner = p->cfg->loops.data[i];
        if (inner->parent == loop && (most_trips(p, inner) > INLINED_TRIPS || !is_innermost(p, inner)))
            return false;
    }
    return true;
}

/* ---- counted loops --------------------------------------------------------------------------- */

/* The comparison that ends a counted loop: phi < end and the like, in its header. */
typedef struct Count {
    Ref compare, phi, end;
    int64_t step;   /* not 0; below 0 for > and >= */
    int64_t rounds; /* of a block */
} Count;

static bool match_compare(Polls *p, const Loop *loop, Ref r, Count *out) {
    const Ins *ins = hl_ins(p->f, r);
    Induction v;
    bool up = ins->op == OP_SLT || ins->op == OP_SLE, down = ins->op == OP_SGT || ins->op == OP_SGE;
    if ((!up && !down) || !hl_induction(p->f, p->cfg, ins->args[0], &v) || v.loop != loop) return false;
    const Ins *step = hl_ins(p->f, v.step), *end = hl_ins(p->f, ins->args[1]);
    if (hl_loop_contains(loop, p->cfg, end->block) || step->op != OP_CONST_INT) return false;
    if (step->aux.i < -LONGEST_BLOCK || step->aux.i > LONGEST_BLOCK) return false;
    *out = (Count){r, ins->args[0], ins->args[1], v.down ? -step->aux.i : step->aux.i, 0};
    if (up) return out->step > 0;
    return out->step < 0 && end->op == OP_CONST_INT && end->aux.i > INT64_MIN / 2;
}

/* Looks through conditions that must all hold. */
static bool match_condition(Polls *p, const Loop *loop, Ref r, Count *out) {
    const Ins *ins = hl_ins(p->f, r);
    if (!hl_loop_contains(loop, p->cfg, ins->block)) return false;
    if (ins->op != OP_AND) return match_compare(p, loop, r, out);
    return match_condition(p, loop, ins->args[0], out) || match_condition(p, loop, ins->args[1], out);
}

static bool is_counted(Polls *p, const Loop *loop, Count *out) {
    const Block *header = hl_block(p->f, loop->header);
    if (header->nsuccs != 2 || hl_loop_contains(loop, p->cfg, header->succs[1])) return false;
    if (!hl_loop_contains(loop, p->cfg, header->succs[0])) return false;
    return match_condition(p, loop, hl_ins(p->f, hl_terminator(p->f, loop->header))->args[0], out);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static Ref put(Func *f, BlockId b, Op op, Ref x, Ref y, int64_t value) {
    Loc loc = {0};
    Ref r = hl_ins_new(f, op, hl_type(TY_I64), (Ref[]){x, y}, y ? 2 : 0, (Aux){.i = value}, loc);
    hl_append(f, b, r);
    return r;
}

/* Where a block that begins at `from` ends: not beyond the loop's end, and never in front of `from`. */
static Ref block_end(Func *f, BlockId b, const Count *count, Ref from) {
    Ref length =
        put(f, b, OP_CONST_INT, 0, 0, count->rounds * (count->step < 0 ? -count->step : count->step));
    if (count->step < 0) return put(f, b, OP_SMAX, put(f, b, OP_SUB, from, length, 0), count->end, 0);
    Ref begin = put(f, b, OP_SMIN, from, count->end, 0), left = put(f, b, OP_SUB, count->end, begin, 0);
    return put(f, b, OP_ADD, begin, put(f, b, OP_UMIN, left, length, 0), 0);
}

/* A copy of the condition at the end of the header with the comparison against another end. */
static Ref with_end(Func *f, Ref position, Ref condition, const Count *count, Ref end) {
    Ins ins = *hl_ins(f, condition);
    Ref args[2] = {ins.args ? ins.args[0] : 0, ins.nargs > 1 ? ins.args[1] : 0};
    if (condition == count->compare)
        args[1] = end;
    else if (ins.op == OP_AND)
        for (int i = 0; i < 2; i++)
            args[i] = with_end(f, position, args[i], count, end);
    else
        return condition;
    Ref copy = hl_ins_new(f, (Op)ins.op, ins.type, args, 2, ins.aux, ins.loc);
    hl_insert_before(f, position, copy);
    return copy;
}

/* Copies of the header's phis in front of it; those of the header begin with them. The preheader's edge
 * goes there. */
static Ref copy_phis(Polls *p, const Loop *loop, BlockId blocks, BlockId between, const Count *count) {
    Func *f = p->f;
    Ref from = 0;
    uint32_t entry = hl_pred_index(f, loop->preheader, 0);
    const Block *header = hl_block(f, loop->header);
    for (uint32_t i = 0; i < header->ins.len && hl_ins(f, header->ins.data[i])->op == OP_PHI; i++) {
        Ref phi = header->ins.data[i];
        Ref copy = hl_ins_new(f, OP_PHI, hl_ins(f, phi)->type, NULL, 0, (Aux){0}, hl_ins(f, phi)->loc);
        hl_append(f, blocks, copy);
        hl_phi_add(f, copy, hl_ins(f, phi)->args[entry]);
        hl_phi_add(f, copy, phi);
        hl_ins(f, phi)->args[entry] = copy;
        if (phi == count->phi) from = copy;
    }
    hl_block(f, loop->preheader)->succs[0] = blocks;
    hl_block(f, loop->header)->preds.data[entry] = blocks;
    hl_add_pred(f, blocks, loop->preheader);
    hl_add_pred(f, blocks, between);
    return from;
}

/* Ends a block that has its edges in already with a jump to `to`, whose preds name it. */
static void end_with_jump(Func *f, BlockId b, BlockId to, Loc loc) {
    hl_append(f, b, hl_ins_new(f, OP_JUMP, NULL, NULL, 0, (Aux){0}, loc));
    hl_block(f, b)->nsuccs = 1;
    hl_block(f, b)->succs[0] = to;
}

static void append_poll(Func *f, BlockId b, Loc loc) {
    hl_append(f, b, hl_ins_new(f, OP_POLL, NULL, NULL, 0, (Aux){0}, loc));
}

static int64_t rounds_of_block(Polls *p, const Loop *loop) {
    Wide cost = own_cost(p, loop);
    int64_t rounds = LONGEST_BLOCK;
    for (uint32_t i = 0; i < p->cfg->loops.len; i++)
        if (p->cfg->loops.data[i]->parent == loop) cost += most_steps(p, p->cfg->loops.data[i]);
    while (rounds > SHORTEST_BLOCK && times(cost, rounds) > BLOCK_STEPS)
        rounds /= 2;
    return rounds;
}

static void cut_into_blocks(Polls *p, const Loop *loop, const Count *count) {
    Func *f = p->f;
    Ref branch = hl_terminator(f, loop->header), condition = hl_ins(f, branch)->args[0];
    Loc loc = hl_ins(f, branch)->loc;
    BlockId blocks = hl_block_new(f), again = hl_block_new(f), between = hl_split_edge(f, loop->header, 1);
    BlockId exit = hl_block(f, between)->succs[0];
    Ref from = copy_phis(p, loop, blocks, again, count);
    Ref end = block_end(f, blocks, count, from);
    end_with_jump(f, blocks, loop->header, loc);
    hl_ins(f, branch)->args[0] = with_end(f, branch, condition, count, end);
    hl_remove(f, hl_terminator(f, between));
    hl_block(f, between)->nsuccs = 0;
    uint32_t place = 0;
    while (hl_block(f, exit)->preds.data[place] != between)
        place++;
    Ref more = hl_ins_new(f, OP_BRANCH, NULL, &condition, 1, (Aux){0}, loc);
    hl_append(f, between, more);
    hl_ins(f, more)->args[0] = with_end(f, more, condition, count, count->end);
    hl_block(f, between)->nsuccs = 2;
    hl_block(f, between)->succs[0] = again;
    hl_block(f, between)->succs[1] = exit;
    hl_add_pred(f, again, between);
    hl_block(f, again)->cold = true;
    append_poll(f, again, loc);
    end_with_jump(f, again, blocks, loc);
}

/* ---- loops as long as an array --------------------------------------------------------------- */

/* Does the access go on by whole elements of a contiguous array in every round of the loop? Then the loop
 * is no longer than memory. */
static bool walks_memory(Polls *p, const Loop *loop, Ref r) {
    const Ins *ins = hl_ins(p->f, r);
    if (ins->op != OP_ARRAY_LOAD && ins->op != OP_ARRAY_STORE) return false;
    const Type *array = hl_ins(p->f, ins->args[0])->type;
    if (array->layout == LAYOUT_A || !hl_dominates(p->cfg, ins->block, loop->latches.data[0])) return false;
    for (uint32_t i = 1; i <= array->ndim; i++) {
        Poly step, rest;
        const Poly *index = hl_ranges_poly(p->ranges, ins->args[i]);
        if (!hl_poly_split(index, hl_ranges_counter(p->ranges, loop), &step, &rest)) continue;
        if (!step.nterms && step.constant) return true;
    }
    return false;
}

/* A light loop over an array, inside a loop that polls, is left whole: it ends soon enough, and in short
 * loops LLVM could no longer take its tests for overlapping arrays out of the loops around (half as long
 * again for a matrix product of 64). */
static bool is_light_inner_loop(Polls *p, const Loop *loop) {
    if (!loop->parent || !is_innermost(p, loop) || own_cost(p, loop) > LIGHT) return false;
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(p->f, loop->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (walks_memory(p, loop, block->ins.data[k])) return true;
    }
    return false;
}

/* ---- all loops ------------------------------------------------------------------------------- */

static void poll_at_back_edge(Func *f, const Loop *loop) {
    Ref jump = hl_terminator(f, loop->latches.data[0]);
    Ref poll =
        hl_ins_new(f, OP_POLL, NULL, NULL, 0, (Aux){0}, hl_ins(f, hl_terminator(f, loop->header))->loc);
    hl_insert_before(f, jump, poll);
}

typedef enum { NOTHING, BACK_EDGE, BLOCKS } How;

/* Loops inside one that is bounded, or cut into blocks, need nothing. */
static bool is_covered(const Loop *loop, const uint8_t *how, const Polls *p) {
    for (const Loop *around = loop->parent; around; around = around->parent) {
        uint8_t theirs = how[hl_ranges_counter(p->ranges, around) & ~COUNTER];
        if (theirs == NOTHING || theirs == BLOCKS) return true;
    }
    return false;
}

static How decide(Polls *p, const Loop *loop) {
    Count ignored;
    if (most_steps(p, loop) <= FEW_STEPS || (!p->f->cold && is_light_inner_loop(p, loop))) return NOTHING;
    return !p->f->cold && is_innermost(p, loop) && is_counted(p, loop, &ignored) ? BLOCKS : BACK_EDGE;
}

static void poll_in_loops(Polls *p) {
    uint32_t n = p->cfg->loops.len;
    uint8_t *how = hl_new_array(&p->scratch, uint8_t, n + 1);
    Count *counts = hl_new_array(&p->scratch, Count, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const Loop *loop = p->cfg->loops.data[i];
        how[i] = is_covered(loop, how, p) ? NOTHING : (uint8_t)decide(p, loop);
        if (how[i] == BLOCKS && is_counted(p, loop, &counts[i])) counts[i].rounds = rounds_of_block(p, loop);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (how[i] == BACK_EDGE) poll_at_back_edge(p->f, p->cfg->loops.data[i]);
        if (how[i] == BLOCKS) cut_into_blocks(p, p->cfg->loops.data[i], &counts[i]);
    }
}

bool hl_opt_polls(Compile *c, Func *f) {
    (void)c;
    Polls p = {.f = f};
    hl_loops_normalise(f);
    p.cfg = hl_cfg_compute(&p.scratch, f);
    p.ranges = hl_ranges_open(&p.scratch, f, p.cfg);
    poll_in_loops(&p);
    if (f->recursive) {
        Ref first = hl_opt_first(f, 1);
        hl_insert_before(f, first, hl_ins_new(f, OP_POLL, NULL, NULL, 0, (Aux){0}, hl_ins(f, first)->loc));
    }
    hl_cleanup(f);
    hl_arena_free(&p.scratch);
    return true;
}
