/* blocks: a counted loop cut into blocks of a number of rounds.
 *
 * needs: normal form. keeps: valid SSA. breaks: the Cfg. What was the loop stays as it was but for its end,
 * so that LLVM sees an ordinary loop in it:
 *
 *     preheader ─► blocks: copies of the phis; end = max(remaining - 65536, 0)
 *                    └─► header: (remaining > end)? ─► body ... ─► header
 *                          └─► between: (remaining > 0)? ─► again ─► blocks
 *                                └─► exit
 */
#include "opt/loops.h"

enum { LARGEST_STEP = 1 << 16 };

/* ---- counted loops --------------------------------------------------------------------------- */

/* Is there room below it for the length of a block? */
static bool is_not_low(const Func *f, Ref r) {
    const Ins *ins = hl_ins(f, r);
    if (ins->op == OP_SMAX) return is_not_low(f, ins->args[0]) || is_not_low(f, ins->args[1]);
    return ins->op == OP_ARRAY_DIM || (ins->op == OP_CONST_INT && ins->aux.i > INT64_MIN / 2);
}

static bool match_compare(const Func *f, const Cfg *cfg, const Loop *loop, Ref r, Count *out) {
    const Ins *ins = hl_ins(f, r);
    Induction v;
    bool up = ins->op == OP_SLT || ins->op == OP_SLE, down = ins->op == OP_SGT || ins->op == OP_SGE;
    if ((!up && !down) || !hl_induction(f, cfg, ins->args[0], &v) || v.loop != loop) return false;
    const Ins *step = hl_ins(f, v.step), *end = hl_ins(f, ins->args[1]);
    if (hl_loop_contains(loop, cfg, end->block) || step->op != OP_CONST_INT) return false;
    if (step->aux.i < -LARGEST_STEP || step->aux.i > LARGEST_STEP) return false;
    *out = (Count){r, ins->args[0], ins->args[1], v.down ? -step->aux.i : step->aux.i, 0};
    if (up) return out->step > 0;
    return out->step < 0 && is_not_low(f, ins->args[1]);
}

/* Looks through conditions that must all hold. */
static bool match_condition(const Func *f, const Cfg *cfg, const Loop *loop, Ref r, Count *out) {
    const Ins *ins = hl_ins(f, r);
    if (!hl_loop_contains(loop, cfg, ins->block)) return false;
    if (ins->op != OP_AND) return match_compare(f, cfg, loop, r, out);
    return match_condition(f, cfg, loop, ins->args[0], out) ||
           match_condition(f, cfg, loop, ins->args[1], out);
}

bool hl_loops_is_counted(const Func *f, const Cfg *cfg, const Loop *loop, Count *out) {
    const Block *header = hl_block(f, loop->header);
    if (header->nsuccs != 2 || hl_loop_contains(loop, cfg, header->succs[1])) return false;
    if (!hl_loop_contains(loop, cfg, header->succs[0])) return false;
    return match_condition(f, cfg, loop, hl_ins(f, hl_terminator(f, loop->header))->args[0], out);
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
    Op op = (Op)hl_ins(f, count->compare)->op;
    int64_t step = count->step < 0 ? -count->step : count->step, inclusive = op == OP_SLE || op == OP_SGE;
    Ref length = put(f, b, OP_CONST_INT, 0, 0, count->rounds * step - inclusive);
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
static Ref copy_phis(Func *f, const Loop *loop, BlockId blocks, BlockId between, const Count *count) {
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

/* The exit's edge comes from `between` already. */
static void end_with_branch(Func *f, BlockId between, const Count *count, Ref condition, BlockId again,
                            BlockId exit) {
    Ref branch = hl_ins_new(f, OP_BRANCH, NULL, &condition, 1, (Aux){0}, hl_ins(f, condition)->loc);
    hl_remove(f, hl_terminator(f, between));
    hl_append(f, between, branch);
    hl_ins(f, branch)->args[0] = with_end(f, branch, condition, count, count->end);
    Block *block = hl_block(f, between);
    block->nsuccs = 2;
    block->succs[0] = again;
    block->succs[1] = exit;
    hl_add_pred(f, again, between);
}

BlockId hl_loops_cut(Func *f, const Loop *loop, const Count *count) {
    Ref branch = hl_terminator(f, loop->header), condition = hl_ins(f, branch)->args[0];
    Loc loc = hl_ins(f, branch)->loc;
    BlockId blocks = hl_block_new(f), again = hl_block_new(f), between = hl_split_edge(f, loop->header, 1);
    BlockId exit = hl_block(f, between)->succs[0];
    Ref from = copy_phis(f, loop, blocks, again, count);
    Ref end = block_end(f, blocks, count, from);
    end_with_jump(f, blocks, loop->header, loc);
    hl_ins(f, branch)->args[0] = with_end(f, branch, condition, count, end);
    end_with_branch(f, between, count, condition, again, exit);
    end_with_jump(f, again, blocks, loc);
    hl_block(f, loop->header)->piece = true;
    return again;
}
