/* forks: branches that look at the values of a web, which in a parallel loop are those of a part.
 *
 * Their two ways must meet again. On them nothing may happen that can be seen, but stores to the element that the
 * branch is about. Where they meet, phis of the web take another value as the branch decides; other phis that do are
 * listed as led.
 */
#include "opt/web.h"

static const Ins *ins_of(const Web *w, Ref r) {
    return hl_ins(w->p->f, r);
}

typedef struct Fork {
    BlockId at, join; /* the ways from at end in join */
    BlockId ways[2];  /* their first blocks; 0: straight to join */
} Fork;

static bool is_on_way(const Web *w, const Fork *fork, BlockId b) {
    for (int s = 0; s < 2; s++)
        if (fork->ways[s] && hl_dominates(w->p->cfg, fork->ways[s], b)) return true;
    return false;
}

static BlockId next_behind(const Web *w, BlockId way) {
    for (uint32_t i = 0; i < w->p->loop.blocks.len; i++) {
        const Block *block = hl_block(w->p->f, w->p->loop.blocks.data[i]);
        if (!hl_dominates(w->p->cfg, way, w->p->loop.blocks.data[i])) continue;
        for (uint32_t s = 0; s < block->nsuccs; s++)
            if (!hl_dominates(w->p->cfg, way, block->succs[s])) return block->succs[s];
    }
    return 0;
}

/* False where the ways do not meet in one block. */
static bool open_fork(const Web *w, BlockId b, Fork *fork) {
    const Block *block = hl_block(w->p->f, b);
    *fork = (Fork){.at = b};
    for (int s = 0; s < 2; s++) {
        bool is_way = hl_block(w->p->f, block->succs[s])->preds.len == 1;
        fork->ways[s] = is_way ? block->succs[s] : 0;
        BlockId to = is_way ? next_behind(w, block->succs[s]) : block->succs[s];
        if (fork->join && to && fork->join != to) return false;
        if (to) fork->join = to;
    }
    for (uint32_t i = 0; i < w->p->loop.blocks.len; i++) {
        BlockId on = w->p->loop.blocks.data[i];
        for (uint32_t s = 0; is_on_way(w, fork, on) && s < hl_block(w->p->f, on)->nsuccs; s++) {
            BlockId to = hl_block(w->p->f, on)->succs[s];
            if (to != fork->join && !is_on_way(w, fork, to)) return false;
        }
    }
    return fork->join && w->p->inside[fork->join];
}

/* On the ways: only stores to the element that the branch is about. */
static bool check_ways(Web *w, const Fork *fork) {
    Ref condition = ins_of(w, hl_terminator(w->p->f, fork->at))->args[0];
    for (uint32_t i = 0; i < w->p->loop.blocks.len; i++) {
        const Block *block = hl_block(w->p->f, w->p->loop.blocks.data[i]);
        if (!is_on_way(w, fork, w->p->loop.blocks.data[i])) continue;
        for (uint32_t k = 0; k < block->ins.len; k++) {
            Ref r = block->ins.data[k];
            Choice choice;
            bool own = hl_web_is_own_store(w, r) &&
                       (hl_choice_is_truth(w, hl_web_stored_value(ins_of(w, r))) ||
                        (hl_choice_of_store(w, r, &choice) && choice.condition == condition));
            if (!own && hl_choice_is_seen(ins_of(w, r), 4)) return hl_web_blame(w, r);
        }
    }
    return true;
}

/* Does a phi of the web choose as the branch does? */
static bool is_decided(const Web *w, Ref r, Ref condition) {
    Choice choice;
    if (hl_web_has_all(w, ins_of(w, r), 0)) return false;
    if (ins_of(w, r)->type->kind == TY_B1) return true;
    return hl_choice_of_phi(w, r, &choice) && choice.condition == condition;
}

/* Where the ways meet. */
static bool check_join(Web *w, const Fork *fork) {
    const Block *join = hl_block(w->p->f, fork->join);
    Ref condition = ins_of(w, hl_terminator(w->p->f, fork->at))->args[0];
    for (uint32_t i = 0; i < join->ins.len && ins_of(w, join->ins.data[i])->op == OP_PHI; i++) {
        Ref phi = join->ins.data[i], first = 0;
        bool differ = false;
        for (uint32_t k = 0; k < join->preds.len; k++) {
            Ref value = ins_of(w, phi)->args[k];
            if (join->preds.data[k] != fork->at && !is_on_way(w, fork, join->preds.data[k])) continue;
            differ |= first && value != first;
            first = value;
        }
        if (!differ) continue;
        if (!hl_web_has(w, phi))
            hl_push(&w->p->scratch, &w->led, phi);
        else if (!is_decided(w, phi, condition))
            return hl_web_blame(w, phi);
    }
    return true;
}

static bool looks_at_web(const Web *w, Ref condition) {
    const Ins *ins = ins_of(w, condition);
    if (hl_web_has(w, condition) || w->test[condition]) return true;
    return (ins->op == OP_OR || ins->op == OP_AND) &&
           (looks_at_web(w, ins->args[0]) || looks_at_web(w, ins->args[1]));
}

bool hl_forks_check(Web *w) {
    for (uint32_t i = 0; i < w->p->loop.blocks.len; i++) {
        BlockId b = w->p->loop.blocks.data[i];
        const Ins *last = ins_of(w, hl_terminator(w->p->f, b));
        Fork fork;
        if (last->op != OP_BRANCH || !looks_at_web(w, last->args[0])) continue;
        if (!open_fork(w, b, &fork)) return hl_web_blame(w, hl_terminator(w->p->f, b));
        if (!check_ways(w, &fork) || !check_join(w, &fork)) return false;
    }
    return true;
}
