/* parallel_arrays: loops of whole-array operations become parallel regions.
 *
 * needs: form LOOPS, from expand_arrays, which marks what it made of `a + b` under parallel=True: every round writes
 * elements of its own, so there is nothing to check. keeps: valid SSA. adds: the bodies to Compile.functions.
 *
 * A region costs microseconds, so how much work there is decides when it runs: a loop that is too short for more
 * threads runs in one part, which is a call more.
 */
#include "opt/parallel.h"

enum { CALL_STEPS = 32 };

static bool only_counts(const ParallelLoop *p) {
    for (uint32_t i = 0; i < p->carries.len; i++)
        if (p->carries.data[i].kind != CARRY_STEP) return false;
    return !hl_parallel_find_leaving(p);
}

/* ---- work -------------------------------------------------------------------------------------- */

static int64_t steps_of(const ParallelLoop *p) {
    int64_t steps = 1;
    for (uint32_t i = 0; i < p->loop.blocks.len; i++) {
        const Block *block = hl_block(p->f, p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            Op op = (Op)hl_ins(p->f, block->ins.data[k])->op;
            bool counts = op != OP_PHI && hl_op_info(op)->effects != CONTROL;
            steps += op == OP_MATH || op == OP_CALL || op == OP_RT ? CALL_STEPS : counts;
        }
    }
    return steps;
}

/* How often a loop inside runs, where the same in every round; 0: not known. */
static Ref inner_count(const ParallelLoop *p, const Loop *inner) {
    const Ins *branch = hl_ins(p->f, hl_terminator(p->f, inner->header));
    const Ins *more = branch->op == OP_BRANCH ? hl_ins(p->f, branch->args[0]) : branch;
    bool known = more->op == OP_SLT && !p->inside[hl_ins(p->f, more->args[1])->block];
    return known ? more->args[1] : 0;
}

static Ref put(ParallelLoop *p, Op op, const Ref *args, uint32_t nargs, Aux aux) {
    Ref end = hl_terminator(p->f, p->loop.preheader);
    Ref r = hl_ins_new(p->f, op, hl_type(TY_I64), args, nargs, aux, hl_ins(p->f, end)->loc);
    hl_insert_before(p->f, end, r);
    return r;
}

static void find_cost(ParallelLoop *p) {
    p->cost = put(p, OP_CONST_INT, NULL, 0, (Aux){.i = steps_of(p)});
    for (uint32_t i = 0; i < p->cfg->loops.len; i++) {
        const Loop *inner = p->cfg->loops.data[i];
        if (!p->inside[inner->header] || inner->header == p->loop.header) continue;
        Ref count = inner_count(p, inner);
        if (count) p->cost = put(p, OP_MUL, (Ref[]){p->cost, count}, 2, (Aux){0});
    }
}

/* ---- the loops --------------------------------------------------------------------------------- */

static void run_in_parallel(Compile *c, Func *f, const Cfg *cfg, const Loop *loop) {
    ParallelLoop p = {.c = c, .f = f, .cfg = cfg};
    bool good = hl_parallel_open(&p, loop);
    if (good) {
        hl_parallel_find_uses(&p);
        hl_carries_find(&p);
        good = only_counts(&p);
    }
    if (good) {
        hl_text_printf(&c->dumps[DUMP_PARALLEL], "%d: an array expression, in parallel where it is large\n",
                       hl_ins(f, hl_terminator(f, loop->header))->loc.line);
        find_cost(&p);
        hl_region_build(&p);
    }
    hl_arena_free(&p.scratch);
}

/* False when no loop is marked any more. */
static bool next_loop(Compile *c, Func *f) {
    Arena scratch = {0};
    const Loop *found = NULL;
    hl_loops_normalise(f);
    Cfg *cfg = hl_cfg_compute(&scratch, f);
    for (uint32_t i = 0; i < cfg->loops.len && !found; i++)
        if (hl_block(f, cfg->loops.data[i]->header)->parallel) found = cfg->loops.data[i];
    if (found) {
        hl_block(f, found->header)->parallel = false;
        run_in_parallel(c, f, cfg, found);
    }
    hl_arena_free(&scratch);
    return found != NULL;
}

bool hl_opt_parallel_arrays(Compile *c, Func *f) {
    bool has_mark = false;
    for (BlockId b = 1; b < f->blocks.len; b++)
        has_mark |= hl_block(f, b)->parallel && hl_block(f, b)->ins.len;
    while (has_mark && next_loop(c, f))
        hl_cleanup(f);
    return true;
}
