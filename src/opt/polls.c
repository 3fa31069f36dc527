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
 *
 * Beside an inner loop of a dozen rounds (a sparse row, the coordinates of a point) even that load shows, 5 to 7 %. So
 * where the loop has a counter and the loops in it are light, every 16th round polls, or every round when the arrays
 * that bound those loops are long: (counter & mask) == 0, with a mask that is chosen in front of the loop.
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
    LIGHT = 32,
    RARE_MASK = 15,
    RARE_STEPS = 1 << 18 /* of a round, at most, where not every one polls */
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

/* An axis of a contiguous array; array 0: none. */
typedef struct Axis {
    Ref array;
    uint32_t number;
} Axis;

/* The axis along which the access goes on by whole elements in every round of the loop, which then is no longer than memory. */
static Axis walked_by(Polls *p, const Loop *loop, Ref r) {
    const Ins *ins = hl_ins(p->f, r);
    if (ins->op != OP_ARRAY_LOAD && ins->op != OP_ARRAY_STORE) return (Axis){0};
    const Type *array = hl_ins(p->f, ins->args[0])->type;
    if (array->layout == LAYOUT_A || !hl_dominates(p->cfg, ins->block, loop->latches.data[0]))
        return (Axis){0};
    for (uint32_t i = 0; i < array->ndim; i++)
        if (goes_on(p, loop, ins->args[1 + i])) return (Axis){ins->args[0], i};
    return (Axis){0};
}

/* A light loop over an array (without calls of math), inside a loop that polls, is left whole: it ends soon
 * enough, and in short loops LLVM could no longer take its tests for overlapping arrays out of the loops
 * around (half as long again for a matrix product of 64). Gives the axis that it goes along, array 0 when it is none. */
static Axis axis_of_light_inner_loop(Polls *p, const Loop *loop) {
    Axis axis = {0};
    if (!loop->parent || !is_innermost(p, loop) || own_cost(p, loop) > LIGHT) return axis;
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(p->f, loop->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len && !axis.array; k++)
            axis = walked_by(p, loop, block->ins.data[k]);
    }
    return axis;
}

/* ---- polls in some rounds -------------------------------------------------------------------- */

/* What counts the rounds, by one; 0: nothing does. */
static Ref count_of_rounds(const Polls *p, const Loop *loop) {
    const Block *header = hl_block(p->f, loop->header);
    for (uint32_t i = 0; i < header->ins.len && hl_ins(p->f, header->ins.data[i])->op == OP_PHI; i++) {
        Induction v;
        if (!hl_induction(p->f, p->cfg, header->ins.data[i], &v)) continue;
        const Ins *step = hl_ins(p->f, v.step);
        if (step->op == OP_CONST_INT && step->aux.i == 1) return header->ins.data[i];
    }
    return 0;
}

static bool is_few_steps(Polls *p, const Loop *loop) {
    return most_steps(p, loop) <= FEW_STEPS;
}

/* Is a loop in this one short, or as long as an array that is known in front of this one? */
static bool has_known_bound(Polls *p, const Loop *loop, const Loop *inner) {
    if (is_few_steps(p, inner)) return true;
    Axis axis = axis_of_light_inner_loop(p, inner);
    return axis.array && hl_dominates(p->cfg, hl_ins(p->f, axis.array)->block, loop->preheader);
}

/* Not without a loop in it: there the other polls' branch, which is never taken, costs less than one that is now and then. */
static bool may_poll_rarely(Polls *p, const Loop *loop) {
    if (p->f->cold || is_innermost(p, loop) || own_cost(p, loop) >= HEAVY || !count_of_rounds(p, loop))
        return false;
    for (uint32_t i = 0; i < p->cfg->loops.len; i++) {
        const Loop *inner = p->cfg->loops.data[i];
        if (inner->parent == loop && !has_known_bound(p, loop, inner)) return false;
    }
    return true;
}

static Ref put_i64(Func *f, Ref position, int64_t value) {
    return hl_loops_put(f, position, OP_CONST_INT, hl_type(TY_I64), 0, 0, (Aux){.i = value});
}

/* Is the array so short that a round of the loop is, too? Asked in front of the loop; 0: it is anyhow. */
static Ref ask_short(Polls *p, Ref position, const Loop *inner) {
    if (is_few_steps(p, inner)) return 0;
    Axis axis = axis_of_light_inner_loop(p, inner);
    Ref size =
        hl_loops_put(p->f, position, OP_ARRAY_DIM, hl_type(TY_I64), axis.array, 0, (Aux){.i = axis.number});
    Ref most = put_i64(p->f, position, RARE_STEPS / (int64_t)own_cost(p, inner));
    return hl_loops_put(p->f, position, OP_SLE, hl_type(TY_B1), size, most, (Aux){0});
}

/* The bits of the counter that are all 0 in a round that polls. */
static Ref choose_mask(Polls *p, const Loop *loop) {
    Ref at = hl_terminator(p->f, loop->preheader), all = 0;
    for (uint32_t i = 0; i < p->cfg->loops.len; i++) {
        const Loop *inner = p->cfg->loops.data[i];
        Ref one = inner->parent == loop ? ask_short(p, at, inner) : 0;
        if (one) all = all ? hl_loops_put(p->f, at, OP_AND, hl_type(TY_B1), all, one, (Aux){0}) : one;
    }
    Ref mask = put_i64(p->f, at, RARE_MASK);
    if (!all) return mask;
    Ref args[3] = {all, mask, put_i64(p->f, at, 0)};
    Ref chosen = hl_ins_new(p->f, OP_SELECT, hl_type(TY_I64), args, 3, (Aux){0}, hl_ins(p->f, at)->loc);
    hl_insert_before(p->f, at, chosen);
    return chosen;
}

/* ---- all loops ------------------------------------------------------------------------------- */

static void poll_at_end(Func *f, BlockId b, const Loop *loop) {
    Loc loc = hl_ins(f, hl_terminator(f, loop->header))->loc;
    hl_insert_before(f, hl_terminator(f, b), hl_ins_new(f, OP_POLL, NULL, NULL, 0, (Aux){0}, loc));
}

/* Ends the block with a branch to a new one that polls, and on. */
static void poll_if(Func *f, BlockId b, Ref condition, const Loop *loop) {
    Loc loc = hl_ins(f, condition)->loc;
    BlockId on = hl_split_block_before(f, hl_terminator(f, b)), polling = hl_block_new(f);
    hl_remove(f, hl_terminator(f, b));
    hl_block(f, b)->nsuccs = 0;
    hl_remove_pred(f, on, 0);
    hl_set_branch(f, b, condition, polling, on, loc);
    hl_set_jump(f, polling, on, loc);
    hl_block(f, polling)->cold = true;
    poll_at_end(f, polling, loop);
}

static void poll_in_some_rounds(Polls *p, const Loop *loop) {
    BlockId latch = loop->latches.data[0];
    Ref mask = choose_mask(p, loop), at = hl_terminator(p->f, latch);
    Ref bits = hl_loops_put(p->f, at, OP_AND, hl_type(TY_I64), count_of_rounds(p, loop), mask, (Aux){0});
    Ref zero = put_i64(p->f, at, 0);
    poll_if(p->f, latch, hl_loops_put(p->f, at, OP_EQ, hl_type(TY_B1), bits, zero, (Aux){0}), loop);
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

/* POLLED: it does already; NOTHING: it need not, and no loop in it; SOME: at the back edge, not in every round */
typedef enum { NOTHING, POLLED, BACK_EDGE, SOME, BLOCKS } How;

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
    if (is_few_steps(p, loop) || (!p->f->cold && axis_of_light_inner_loop(p, loop).array)) return NOTHING;
    if (own_cost(p, loop) >= HEAVY) return BACK_EDGE;
    if (!p->f->cold && is_innermost(p, loop) && hl_loops_is_counted(p->f, p->cfg, loop, &ignored))
        return BLOCKS;
    return may_poll_rarely(p, loop) ? SOME : BACK_EDGE;
}

static void place(Polls *p, const Loop *loop, How how, const Count *count) {
    switch (how) {
    case NOTHING:
    case POLLED: break;
    case BACK_EDGE: poll_at_end(p->f, loop->latches.data[0], loop); break;
    case SOME: poll_in_some_rounds(p, loop); break;
    case BLOCKS: poll_between_blocks(p->f, loop, count); break;
    }
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
    for (uint32_t i = 0; i < n; i++)
        place(p, p->cfg->loops.data[i], (How)how[i], &counts[i]);
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
