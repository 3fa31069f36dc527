/* late_steps: the step of a counter stands at the end of its round.
 *
 * needs: nothing. keeps: valid SSA, and every instruction but for where it stands.
 *
 * Inference makes the next value of a range's counter where Python does, when the iterator is asked, before the body. Both
 * values are then alive through the body, in two registers: a copy in every round, and 7 bytes in a loop that might fit in
 * the 32 that the processor fetches at a time. What only the phi uses can as well wait until the edge back.
 */
#include "opt/internal.h"

static uint32_t *count_uses(Arena *scratch, const Func *f) {
    uint32_t *nuses = hl_new_array(scratch, uint32_t, f->ins.len);
    for (Ref r = 1; r < f->ins.len; r++) {
        const Ins *ins = hl_ins(f, r);
        for (uint32_t i = 0; ins->op != OP_COUNT && i < ins->nargs; i++)
            nuses[ins->args[i]]++;
    }
    return nuses;
}

static bool is_step_of(const Func *f, Ref r, Ref phi) {
    const Ins *ins = hl_ins(f, r);
    return (ins->op == OP_ADD || ins->op == OP_SUB) && ins->args[0] == phi &&
           hl_ins(f, ins->args[1])->op == OP_CONST_INT;
}

/* The phi's operand i moves to the end of the block that it comes from. */
static void move_to_edge(Func *f, Ref phi, uint32_t i) {
    Ins step = *hl_ins(f, hl_ins(f, phi)->args[i]);
    BlockId latch = hl_block(f, hl_ins(f, phi)->block)->preds.data[i];
    Ref moved = hl_ins_new(f, (Op)step.op, step.type, step.args, step.nargs, step.aux, step.loc);
    hl_ins(f, moved)->flags = step.flags;
    hl_remove(f, hl_ins(f, phi)->args[i]);
    hl_insert_before(f, hl_terminator(f, latch), moved);
    hl_ins(f, phi)->args[i] = moved;
}

bool hl_opt_late_steps(Compile *c, Func *f) {
    (void)c;
    Arena scratch = {0};
    const uint32_t *nuses = count_uses(&scratch, f);
    for (Ref phi = 1, end = f->ins.len; phi < end; phi++) {
        for (uint32_t i = 0; hl_ins(f, phi)->op == OP_PHI && i < hl_ins(f, phi)->nargs; i++) {
            Ref next = hl_ins(f, phi)->args[i];
            if (next < end && nuses[next] == 1 && is_step_of(f, next, phi)) move_to_edge(f, phi, i);
        }
    }
    hl_arena_free(&scratch);
    return true;
}
