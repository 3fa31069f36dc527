/* handled_polls: loops whose interruption a handler of the function catches.
 *
 * needs: no whole-array operations. keeps: valid SSA.
 *
 * Such a loop comes with a guarded poll at its back edge (py.poll), whose landing sees the variables as they are there. In
 * an innermost counted loop that would keep everything else that is done to loops away, so it is cut into blocks here
 * (blocks.c) and polls between them, where each variable is a phi of the header: one that had none gets one.
 */
#include "opt/loops.h"

enum { BLOCK_STEPS = 1 << 20, LONGEST_BLOCK = 1 << 16, SHORTEST_BLOCK = 1 << 8 };

typedef struct Handled {
    Func *f;
    Arena scratch;
    const Cfg *cfg;
    const Loop *loop;
    BlockId polling, latch, landing; /* where the poll stands, leads on, and leads when it fails */
    Count count;
} Handled;

/* ---- which loops ----------------------------------------------------------------------------- */

static bool is_innermost(const Cfg *cfg, const Loop *loop) {
    for (uint32_t i = 0; i < cfg->loops.len; i++)
        if (cfg->loops.data[i]->parent == loop) return false;
    return true;
}

static Ref find_poll(const Func *f, BlockId b) {
    const Block *block = hl_block(f, b);
    for (uint32_t i = 0; i < block->ins.len; i++)
        if (hl_ins(f, block->ins.data[i])->op == OP_POLL) return block->ins.data[i];
    return 0;
}

/* Does nothing but the poll lead to a landing? What other landings see of a round is not what the next one has. */
static bool only_polls(const Func *f, const Loop *loop) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Ins *branch = hl_ins(f, hl_terminator(f, loop->blocks.data[i]));
        n += branch->op == OP_BRANCH && hl_ins(f, branch->args[0])->op == OP_FAILED;
    }
    return n == 1;
}

/* The blocks that the landing leads to without entering the loop again. */
static bool *find_reached(Handled *h) {
    bool *reached = hl_new_array(&h->scratch, bool, h->f->blocks.len);
    VEC(BlockId) todo = {0};
    hl_push(&h->scratch, &todo, h->landing);
    reached[h->loop->header] = reached[h->landing] = true;
    while (todo.len) {
        const Block *block = hl_block(h->f, hl_pop(&todo));
        for (uint32_t s = 0; s < block->nsuccs; s++) {
            if (reached[block->succs[s]]) continue;
            reached[block->succs[s]] = true;
            hl_push(&h->scratch, &todo, block->succs[s]);
        }
    }
    return reached;
}

/* Where operand i of r must be there. */
static BlockId place_of_use(const Func *f, Ref r, uint32_t i) {
    const Ins *ins = hl_ins(f, r);
    return ins->op == OP_PHI ? hl_block(f, ins->block)->preds.data[i] : ins->block;
}

/* Is a value of the loop used where the landing leads, but not it alone? It would not be there when the poll has moved. */
static bool is_tangled(Handled *h) {
    const bool *reached = find_reached(h);
    for (Ref r = 1; r < h->f->ins.len; r++) {
        const Ins *ins = hl_ins(h->f, r);
        if (ins->op == OP_COUNT || !ins->block) continue;
        for (uint32_t i = 0; i < ins->nargs; i++) {
            BlockId at = place_of_use(h->f, r, i);
            bool inside = hl_loop_contains(h->loop, h->cfg, at), shared = reached[at] && !inside;
            if (shared && hl_loop_contains(h->loop, h->cfg, hl_ins(h->f, ins->args[i])->block) &&
                !hl_dominates(h->cfg, h->landing, at))
                return true;
        }
    }
    return false;
}

/* Is this an innermost counted loop that ends with a guarded poll, and nothing else leads to its landing? */
static bool open_loop(Handled *h, const Loop *loop) {
    h->loop = loop;
    h->latch = loop->latches.data[0];
    const Block *latch = hl_block(h->f, h->latch);
    if (!is_innermost(h->cfg, loop) || latch->ins.len != 1 || latch->preds.len != 1) return false;
    h->polling = latch->preds.data[0];
    const Ins *branch = hl_ins(h->f, hl_terminator(h->f, h->polling));
    bool guarded = branch->op == OP_BRANCH && hl_ins(h->f, branch->args[0])->op == OP_FAILED;
    if (!guarded || !find_poll(h->f, h->polling) || !only_polls(h->f, loop)) return false;
    h->landing = hl_block(h->f, h->polling)->succs[0];
    return hl_block(h->f, h->landing)->preds.len == 1 && hl_loops_is_counted(h->f, h->cfg, loop, &h->count) &&
           !is_tangled(h);
}

/* ---- the variables at the landing ------------------------------------------------------------ */

/* The header's phi that holds the value in the next round. */
static Ref next_of(Handled *h, Ref value) {
    Func *f = h->f;
    const Block *header = hl_block(f, h->loop->header);
    uint32_t back = hl_pred_index(f, h->latch, 0);
    for (uint32_t i = 0; i < header->ins.len && hl_ins(f, header->ins.data[i])->op == OP_PHI; i++)
        if (hl_ins(f, header->ins.data[i])->args[back] == value) return header->ins.data[i];
    const Ins *ins = hl_ins(f, value);
    const Type *type = ins->type;
    Loc loc = ins->loc;
    Ref none = hl_ins_new(f, OP_UNDEF, type, NULL, 0, (Aux){0}, loc);
    hl_insert_before(f, hl_terminator(f, h->loop->preheader), none);
    Ref phi = hl_ins_new(f, OP_PHI, type, NULL, 0, (Aux){0}, loc);
    hl_insert_phi(f, h->loop->header, phi);
    for (uint32_t i = 0; i < 2; i++)
        hl_phi_add(f, phi, i == back ? value : none);
    return phi;
}

static void take_next_values(Handled *h) {
    for (Ref r = 1, n = h->f->ins.len; r < n; r++) {
        if (hl_ins(h->f, r)->op == OP_COUNT || !hl_ins(h->f, r)->block) continue;
        for (uint32_t i = 0; i < hl_ins(h->f, r)->nargs; i++) {
            Ref value = hl_ins(h->f, r)->args[i];
            if (!hl_loop_contains(h->loop, h->cfg, hl_ins(h->f, value)->block)) continue;
            if (!hl_dominates(h->cfg, h->landing, place_of_use(h->f, r, i))) continue;
            Ref next = next_of(h, value);
            hl_ins(h->f, r)->args[i] = next;
        }
    }
}

/* ---- moving the poll ------------------------------------------------------------------------- */

static void remove_poll(Handled *h) {
    Func *f = h->f;
    Ref branch = hl_terminator(f, h->polling), failed = hl_ins(f, branch)->args[0];
    Loc loc = hl_ins(f, branch)->loc;
    hl_remove_pred(f, h->landing, 0);
    hl_remove_pred(f, h->latch, 0);
    hl_remove(f, branch);
    hl_remove(f, failed);
    hl_remove(f, find_poll(f, h->polling));
    hl_set_jump(f, h->polling, h->latch, loc);
}

static void poll_between_blocks(Handled *h, BlockId again) {
    Func *f = h->f;
    BlockId on = hl_split_edge(f, again, 0);
    Loc loc = hl_ins(f, hl_terminator(f, again))->loc;
    hl_remove(f, hl_terminator(f, again));
    hl_remove_pred(f, on, 0);
    Ref poll = hl_ins_new(f, OP_POLL, NULL, NULL, 0, (Aux){0}, loc);
    hl_ins(f, poll)->flags |= INS_GUARDED;
    hl_append(f, again, poll);
    Ref failed = hl_ins_new(f, OP_FAILED, hl_type(TY_B1), NULL, 0, (Aux){0}, loc);
    hl_append(f, again, failed);
    hl_set_branch(f, again, failed, h->landing, on, loc);
    hl_block(f, again)->cold = hl_block(f, on)->cold = true;
}

static int64_t rounds_of_block(const Handled *h) {
    int64_t steps = 1, rounds = LONGEST_BLOCK;
    for (uint32_t i = 0; i < h->loop->blocks.len; i++)
        steps += hl_block(h->f, h->loop->blocks.data[i])->ins.len;
    while (rounds > SHORTEST_BLOCK && steps * rounds > BLOCK_STEPS)
        rounds /= 2;
    return rounds;
}

static bool cut_one(Handled *h) {
    hl_loops_normalise(h->f);
    h->cfg = hl_cfg_compute(&h->scratch, h->f);
    for (uint32_t i = 0; i < h->cfg->loops.len; i++) {
        if (!open_loop(h, h->cfg->loops.data[i])) continue;
        h->count.rounds = rounds_of_block(h);
        take_next_values(h);
        remove_poll(h);
        poll_between_blocks(h, hl_loops_cut(h->f, h->loop, &h->count));
        return true;
    }
    return false;
}

bool hl_opt_handled_polls(Compile *c, Func *f) {
    (void)c;
    Handled h = {.f = f};
    bool any = false;
    for (Ref r = 1; r < f->ins.len && !any; r++)
        any = hl_ins(f, r)->op == OP_POLL;
    while (any && cut_one(&h))
        ;
    if (any) hl_cleanup(f);
    hl_arena_free(&h.scratch);
    return true;
}
