/* edit: hl_cleanup, run after every pass that cuts edges or makes values useless.
 *
 * Needs valid SSA, keeps it, and keeps every Ref and BlockId that survives. In order, until nothing changes:
 *   - branches on a constant become jumps;
 *   - blocks no edge reaches are emptied (a block without instructions is a dropped one);
 *   - a block is joined with its only successor when it is that block's only predecessor;
 *   - a phi whose operands are one value and itself becomes that value.
 * Then what no needed instruction uses is removed; "needed" starts from what has effects, so that a cycle of
 * phis that only feed each other goes as well. Preheaders and split edges stay: blocks are not skipped merely
 * for being empty.
 */
#include <string.h>

#include "ir/internal.h"

/* ---- edges --------------------------------------------------------------------------------------------- */

/* Makes the branch at the end of b a jump over edge `keep`. */
static void keep_edge(Func *f, BlockId b, uint32_t keep) {
    Block *block = hl_block(f, b);
    uint32_t gone = 1 - keep;
    hl_remove_pred(f, block->succs[gone], hl_pred_index(f, b, gone));
    block->succs[0] = block->succs[keep];
    block->succs[1] = 0;
    block->nsuccs = 1;
    Ins *ins = hl_ins(f, hl_last(&block->ins));
    ins->op = OP_JUMP;
    ins->nargs = 0;
}

static bool fold_branch(Func *f, BlockId b) {
    Ref last = hl_terminator(f, b);
    if (!last || hl_ins(f, last)->op != OP_BRANCH) return false;
    const Ins *cond = hl_ins(f, hl_ins(f, last)->args[0]);
    if (cond->op != OP_CONST_INT) return false;
    keep_edge(f, b, cond->aux.i ? 0 : 1);
    return true;
}

static void mark_reachable(const Func *f, BlockId entry, bool *reached) {
    Arena scratch = {0};
    VEC(BlockId) work = {0};
    hl_push(&scratch, &work, entry);
    reached[entry] = true;
    while (work.len) {
        const Block *block = hl_block(f, hl_pop(&work));
        for (uint32_t s = 0; s < block->nsuccs; s++) {
            if (reached[block->succs[s]]) continue;
            reached[block->succs[s]] = true;
            hl_push(&scratch, &work, block->succs[s]);
        }
    }
    hl_arena_free(&scratch);
}

static void drop_block(Func *f, BlockId b) {
    Block *block = hl_block(f, b);
    while (block->nsuccs) {
        uint32_t edge = block->nsuccs - 1u;
        hl_remove_pred(f, block->succs[edge], hl_pred_index(f, b, edge));
        block->nsuccs--;
    }
    for (uint32_t i = 0; i < block->ins.len; i++)
        *hl_ins(f, block->ins.data[i]) = (Ins){.op = OP_COUNT};
    block->ins.len = 0;
}

/* Edges out of dropped blocks go with them; edges between two dropped blocks too. */
static bool drop_unreachable(Func *f, Arena *scratch) {
    bool *reached = hl_new_array(scratch, bool, f->blocks.len), dropped = false;
    mark_reachable(f, 1, reached);
    for (BlockId b = 1; b < f->blocks.len; b++) {
        if (reached[b] || is_empty_block(f, b)) continue;
        drop_block(f, b);
        dropped = true;
    }
    return dropped;
}

/* Appends the only successor of b to b, when b is its only predecessor. */
static bool join_with_next(Func *f, BlockId b) {
    Block *block = hl_block(f, b);
    if (block->nsuccs != 1 || block->succs[0] == b || block->succs[0] == 1) return false;
    BlockId next = block->succs[0];
    Block *tail = hl_block(f, next);
    if (tail->preds.len != 1 || hl_ins(f, tail->ins.data[0])->op == OP_PHI) return false;
    hl_remove(f, hl_last(&block->ins));
    for (uint32_t i = 0; i < tail->ins.len; i++)
        hl_append(f, b, tail->ins.data[i]);
    block->nsuccs = tail->nsuccs;
    memcpy(block->succs, tail->succs, sizeof tail->succs);
    for (uint32_t s = 0; s < block->nsuccs; s++) {
        Block *succ = hl_block(f, block->succs[s]);
        for (uint32_t i = 0; i < succ->preds.len; i++)
            if (succ->preds.data[i] == next) succ->preds.data[i] = b;
    }
    block->cold = block->cold && tail->cold;
    *tail = (Block){0};
    return true;
}

/* ---- phis ---------------------------------------------------------------------------------------------- */

static Ref follow(const Ref *map, Ref r) {
    while (map[r])
        r = map[r];
    return r;
}

/* The one value this phi can have; 0 when there are several, or none (a phi of itself only). */
static Ref single_operand(const Ins *phi, Ref self, const Ref *map) {
    Ref found = 0;
    for (uint32_t i = 0; i < phi->nargs; i++) {
        Ref operand = follow(map, phi->args[i]);
        if (operand == self || operand == found) continue;
        if (found) return 0;
        found = operand;
    }
    return found;
}

/* One round over all phis; map collects what each folded phi became. */
static bool fold_phis_once(Func *f, Ref *map) {
    bool changed = false;
    for (Ref r = 1; r < f->ins.len; r++) {
        Ins *phi = hl_ins(f, r);
        if (phi->op != OP_PHI || !phi->block || map[r]) continue;
        map[r] = single_operand(phi, r, map);
        changed |= map[r] != 0;
    }
    return changed;
}

static bool fold_phis(Func *f, Arena *scratch) {
    Ref *map = hl_new_array(scratch, Ref, f->ins.len);
    bool folded = false;
    while (fold_phis_once(f, map))
        folded = true;
    if (!folded) return false;
    hl_replace_many(f, map);
    for (Ref r = 1; r < f->ins.len; r++)
        if (map[r]) hl_remove(f, r);
    return true;
}

/* ---- dead code ----------------------------------------------------------------------------------------- */

static bool is_root(const Ins *ins) {
    uint8_t effects = effects_of(ins);
    return effects != PURE && effects != READ;
}

static void mark_needed(const Func *f, Arena *scratch, bool *needed) {
    VEC(Ref) work = {0};
    for (Ref r = 1; r < f->ins.len; r++) {
        const Ins *ins = hl_ins(f, r);
        if (ins->op == OP_COUNT || !ins->block || !is_root(ins)) continue;
        needed[r] = true;
        hl_push(scratch, &work, r);
    }
    while (work.len) {
        const Ins *ins = hl_ins(f, hl_pop(&work));
        for (uint32_t i = 0; i < ins->nargs; i++) {
            if (needed[ins->args[i]]) continue;
            needed[ins->args[i]] = true;
            hl_push(scratch, &work, ins->args[i]);
        }
    }
}

static void remove_dead(Func *f, Arena *scratch) {
    bool *needed = hl_new_array(scratch, bool, f->ins.len);
    mark_needed(f, scratch, needed);
    for (BlockId b = 1; b < f->blocks.len; b++) {
        Block *block = hl_block(f, b);
        uint32_t kept = 0;
        for (uint32_t i = 0; i < block->ins.len; i++) {
            Ref r = block->ins.data[i];
            if (needed[r])
                block->ins.data[kept++] = r;
            else
                *hl_ins(f, r) = (Ins){.op = OP_COUNT};
        }
        block->ins.len = kept;
    }
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

static bool simplify_edges(Func *f, Arena *scratch) {
    bool changed = false;
    for (BlockId b = 1; b < f->blocks.len; b++)
        changed |= fold_branch(f, b);
    changed |= drop_unreachable(f, scratch);
    for (BlockId b = 1; b < f->blocks.len; b++)
        while (join_with_next(f, b))
            changed = true;
    return changed;
}

void hl_cleanup(Func *f) {
    Arena scratch = {0};
    bool again = true;
    while (again) {
        again = simplify_edges(f, &scratch);
        again |= fold_phis(f, &scratch);
    }
    remove_dead(f, &scratch);
    hl_arena_free(&scratch);
}
