/* polls: loops that may run long let Ctrl-C and other threads in.
 *
 * needs: form LOOPS. keeps: valid SSA.
 *
 * A loop whose steps are bounded by about 10^5 cheap ones is left alone. Of the others, one that holds
 * loops of unknown length polls at its back edge: a load, a comparison and a branch that is never taken,
 * little beside an inner loop. In an innermost loop a poll would keep LLVM from vectorising, so a counted
 * one is cut into blocks of about a millisecond (blocks.c) and polls between them, not before the first.
 *
 * A loop shorter than a block pays for the end and one comparison; inside another loop that can be much, so
 * light loops along an array are left whole there. Loops that are not counted (`while n != 1`) poll at the
 * back edge, and so do those with heavy rounds. Functions that call themselves poll when they are entered. In cold functions, which LLVM does
 * not optimise, every loop polls at its back edge.
 */
#include "opt/loops.h"

enum {
    FEW_STEPS = 100000,
    BLOCK_STEPS = 1 << 20,
    LONGEST_BLOCK = 1 << 16,
    SHORTEST_BLOCK = 1 << 8,
    HEAVY = 1 << 16, /* steps of a round beside which a poll is nothing */
    INLINED_TRIPS = 16,
    BRIEF_TRIPS = 256,
    LIGHT = 32
};

static const Wide UNBOUNDED = (Wide)1 << 100;

typedef struct Polls {
    Func *f;
    Arena scratch;
    const Cfg *cfg;
    Ranges *ranges;
} Polls;

/* ---- how long a loop runs -------------------------------------------------------------------- */

enum Heaviness { NOT_ASKED, HARMLESS, IS_HEAVY };

static bool holds_heavy(Func *f);

/* A matrix product, a solver, Python: it may take as long as it likes. The table has the first two in a row. */
static bool is_heavy(const Ins *ins) {
    if (ins->op == OP_FOREIGN || ins->op == OP_OPERATE) return true;
    if (ins->op == OP_CALL) return holds_heavy(ins->aux.func);
    return ins->op == OP_RT && ((ins->aux.i >= RT_gemm_f64 && ins->aux.i <= RT_lapack_gelsd) ||
                                ins->aux.i == RT_foreign_call || ins->aux.i == RT_parallel_run);
}

static bool holds_heavy(Func *f) {
    if (f->heaviness == NOT_ASKED) {
        f->heaviness = HARMLESS; /* what a function that is being asked calls adds nothing */
        for (Ref r = 1; r < f->ins.len && f->heaviness == HARMLESS; r++)
            if (is_heavy(hl_ins(f, r))) f->heaviness = IS_HEAVY;
    }
    return f->heaviness == IS_HEAVY;
}

static Wide cost_of(const Ins *ins) {
    switch ((Op)ins->op) {
    case OP_MATH: return 32;
    case OP_CALL:
    case OP_FOREIGN:
    case OP_OPERATE:
    case OP_RT: return is_heavy(ins) ? HEAVY : 128;
    case OP_FDIV:
    case OP_FSQRT: return 8;
    default:
        if (hl_opt_is_division((Op)ins->op)) return 8;
        return hl_op_info((Op)ins->op)->effects == CONTROL || ins->op == OP_PHI ? 0 : 1;
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
    if (hl_block(p->f, loop->header)->brief) return BRIEF_TRIPS;
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

static int64_t rounds_of_block(Polls *p, const Loop *loop) {
    Wide cost = own_cost(p, loop);
    int64_t rounds = LONGEST_BLOCK;
    for (uint32_t i = 0; i < p->cfg->loops.len; i++)
        if (p->cfg->loops.data[i]->parent == loop) cost += most_steps(p, p->cfg->loops.data[i]);
    while (rounds > SHORTEST_BLOCK && times(cost, rounds) > BLOCK_STEPS)
        rounds /= 2;
    return rounds;
}

/* ---- loops as long as an array --------------------------------------------------------------- */

/* Does the index change by a constant in every round? A counter may also be one that nobody knows not to overflow: the
 * access would have failed long before. */
static bool goes_on(Polls *p, const Loop *loop, Ref index) {
    Poly step, rest;
    if (hl_poly_split(hl_ranges_poly(p->ranges, index), hl_ranges_counter(p->ranges, loop), &step, &rest) &&
        !step.nterms && step.constant)
        return true;
    const Ins *ins = hl_ins(p->f, index);
    if (ins->op == OP_CHECK_INDEX) return goes_on(p, loop, ins->args[0]);
    if (ins->op == OP_ADD || ins->op == OP_SUB)
        return hl_ins(p->f, ins->args[1])->op == OP_CONST_INT && goes_on(p, loop, ins->args[0]);
    Induction v;
    if (!hl_induction(p->f, p->cfg, index, &v) || v.loop != loop) return false;
    const Ins *by = hl_ins(p->f, v.step);
    return by->op == OP_CONST_INT && by->aux.i;
}

/* Does the access go on by whole elements of a contiguous array in every round of the loop? Then the loop
 * is no longer than memory. */
static bool walks_memory(Polls *p, const Loop *loop, Ref r) {
    const Ins *ins = hl_ins(p->f, r);
    if (ins->op != OP_ARRAY_LOAD && ins->op != OP_ARRAY_STORE) return false;
    const Type *array = hl_ins(p->f, ins->args[0])->type;
    if (array->layout == LAYOUT_A || !hl_dominates(p->cfg, ins->block, loop->latches.data[0])) return false;
    for (uint32_t i = 1; i <= array->ndim; i++)
        if (goes_on(p, loop, ins->args[i])) return true;
    return false;
}

/* A light loop over an array (without calls of math), inside a loop that polls, is left whole: it ends soon
 * enough, and in short loops LLVM could no longer take its tests for overlapping arrays out of the loops
 * around (half as long again for a matrix product of 64). */
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

static void poll_at_end(Func *f, BlockId b, const Loop *loop) {
    Loc loc = hl_ins(f, hl_terminator(f, loop->header))->loc;
    hl_insert_before(f, hl_terminator(f, b), hl_ins_new(f, OP_POLL, NULL, NULL, 0, (Aux){0}, loc));
}

static void poll_between_blocks(Func *f, const Loop *loop, const Count *count) {
    BlockId again = hl_loops_cut(f, loop, count);
    hl_block(f, again)->cold = true;
    poll_at_end(f, again, loop);
}

/* Does it come with polls of its own, whose failures are handled? */
static bool polls_already(const Polls *p, const Loop *loop) {
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(p->f, loop->blocks.data[i]);
        if (p->cfg->loop_of[loop->blocks.data[i]] != loop) continue;
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (hl_ins(p->f, block->ins.data[k])->op == OP_POLL) return true;
    }
    return false;
}

/* POLLED: it does already; NOTHING: it need not, and no loop in it */
typedef enum { NOTHING, POLLED, BACK_EDGE, BLOCKS } How;

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
    if (polls_already(p, loop)) return POLLED;
    if (hl_block(p->f, loop->header)->piece) return NOTHING;
    if (most_steps(p, loop) <= FEW_STEPS || (!p->f->cold && is_light_inner_loop(p, loop))) return NOTHING;
    if (own_cost(p, loop) >= HEAVY) return BACK_EDGE;
    return !p->f->cold && is_innermost(p, loop) && hl_loops_is_counted(p->f, p->cfg, loop, &ignored)
               ? BLOCKS
               : BACK_EDGE;
}

static void poll_in_loops(Polls *p) {
    uint32_t n = p->cfg->loops.len;
    uint8_t *how = hl_new_array(&p->scratch, uint8_t, n + 1);
    Count *counts = hl_new_array(&p->scratch, Count, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const Loop *loop = p->cfg->loops.data[i];
        how[i] = is_covered(loop, how, p) ? NOTHING : (uint8_t)decide(p, loop);
        if (how[i] == BLOCKS && hl_loops_is_counted(p->f, p->cfg, loop, &counts[i]))
            counts[i].rounds = rounds_of_block(p, loop);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (how[i] == BACK_EDGE)
            poll_at_end(p->f, p->cfg->loops.data[i]->latches.data[0], p->cfg->loops.data[i]);
        if (how[i] == BLOCKS) poll_between_blocks(p->f, p->cfg->loops.data[i], &counts[i]);
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
