/* cfg: reverse postorder, dominators and natural loops of a function, computed from nothing whenever they are
 * asked for: with some hundred blocks that is cheaper than keeping them right through edits.
 *
 * Dominators: Cooper, Harvey, Kennedy, "A simple, fast dominance algorithm" (2001). Loops: a back edge goes
 * to a block that dominates its source; the loop is what reaches the source without passing the header.
 * Headers are taken in reverse postorder, so an outer loop is met before the ones inside it and the innermost
 * one is written last. An irreducible cycle, which Python's bytecode does not have, is no loop here.
 */
#include "ir/internal.h"

/* ---- reverse postorder --------------------------------------------------------------------------------- */

typedef struct Visit {
    BlockId block;
    uint32_t next_succ;
} Visit;

static void compute_rpo(Cfg *cfg, Arena *arena, const Func *f) {
    VEC(Visit) stack = {0};
    bool *seen = hl_new_array(arena, bool, cfg->nblocks);
    BlockId *postorder = hl_new_array(arena, BlockId, cfg->nblocks);
    hl_push(arena, &stack, ((Visit){1, 0}));
    seen[1] = true;
    while (stack.len) {
        Visit *top = &hl_last(&stack);
        const Block *block = hl_block(f, top->block);
        if (top->next_succ == block->nsuccs) {
            postorder[cfg->nrpo++] = hl_pop(&stack).block;
            continue;
        }
        /* Successors from last to first: the true side of a branch then comes right behind it. */
        BlockId to = block->succs[block->nsuccs - 1 - top->next_succ++];
        if (seen[to]) continue;
        seen[to] = true;
        hl_push(arena, &stack, ((Visit){to, 0}));
    }
    for (uint32_t i = 0; i < cfg->nrpo; i++)
        cfg->rpo[i] = postorder[cfg->nrpo - 1 - i];
}

static void number_blocks(Cfg *cfg) {
    for (BlockId b = 0; b < cfg->nblocks; b++)
        cfg->rpo_number[b] = UINT32_MAX;
    for (uint32_t i = 0; i < cfg->nrpo; i++)
        cfg->rpo_number[cfg->rpo[i]] = i;
}

/* ---- dominators ---------------------------------------------------------------------------------------- */

static BlockId intersect(const Cfg *cfg, BlockId a, BlockId b) {
    while (a != b) {
        while (cfg->rpo_number[a] > cfg->rpo_number[b])
            a = cfg->idom[a];
        while (cfg->rpo_number[b] > cfg->rpo_number[a])
            b = cfg->idom[b];
    }
    return a;
}

/* The block where all paths to b that are known so far meet; 0 when none is known. */
static BlockId meet_of_preds(const Cfg *cfg, const Block *block) {
    BlockId meet = 0;
    for (uint32_t i = 0; i < block->preds.len; i++) {
        BlockId pred = block->preds.data[i];
        if (cfg->idom[pred]) meet = meet ? intersect(cfg, meet, pred) : pred;
    }
    return meet;
}

static void compute_dominators(Cfg *cfg, const Func *f) {
    cfg->idom[1] = 1;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 1; i < cfg->nrpo; i++) {
            BlockId b = cfg->rpo[i], meet = meet_of_preds(cfg, hl_block(f, b));
            changed |= cfg->idom[b] != meet;
            cfg->idom[b] = meet;
        }
    }
    cfg->idom[1] = 0;
}

/* Numbers the tree of dominators so that what a block dominates is one range. Reverse postorder has each
 * block behind the one above it in the tree, so sizes come from the end and places from the start, without
 * walking the tree. */
static void number_dominated(Cfg *cfg, Arena *arena) {
    uint32_t *next = hl_new_array(arena, uint32_t, cfg->nblocks);
    for (uint32_t i = cfg->nrpo; i-- > 0;) {
        BlockId b = cfg->rpo[i];
        cfg->dom_size[b]++;
        if (i) cfg->dom_size[cfg->idom[b]] += cfg->dom_size[b];
    }
    for (uint32_t i = 0; i < cfg->nrpo; i++) {
        BlockId b = cfg->rpo[i], above = cfg->idom[b];
        if (i) cfg->dom_first[b] = next[above];
        next[b] = cfg->dom_first[b] + 1;
        if (i) next[above] += cfg->dom_size[b];
    }
}

bool hl_dominates(const Cfg *cfg, BlockId a, BlockId b) {
    if (!cfg->dom_size[b]) return a == b;
    return cfg->dom_first[b] - cfg->dom_first[a] < cfg->dom_size[a];
}

/* ---- loops --------------------------------------------------------------------------------------------- */

static bool is_back_edge(const Cfg *cfg, BlockId from, BlockId header) {
    return cfg->rpo_number[from] != UINT32_MAX && hl_dominates(cfg, header, from);
}

/* Latches of a loop with this header; none: it heads no loop. */
static void find_latches(const Cfg *cfg, Arena *arena, const Func *f, Loop *loop) {
    const Block *header = hl_block(f, loop->header);
    for (uint32_t i = 0; i < header->preds.len; i++) {
        BlockId pred = header->preds.data[i];
        bool again = loop->latches.len && hl_last(&loop->latches) == pred;
        if (!again && is_back_edge(cfg, pred, loop->header)) hl_push(arena, &loop->latches, pred);
    }
}

/* Everything that reaches a latch without passing the header; `mark` holds the last loop each block was put
 * into. */
static void collect_blocks(const Cfg *cfg, Arena *arena, const Func *f, Loop *loop, Loop **mark) {
    hl_push(arena, &loop->blocks, loop->header);
    mark[loop->header] = loop;
    for (uint32_t i = 0; i < loop->latches.len; i++) {
        BlockId latch = loop->latches.data[i];
        if (mark[latch] == loop) continue;
        mark[latch] = loop;
        hl_push(arena, &loop->blocks, latch);
    }
    for (uint32_t next = 1; next < loop->blocks.len; next++) {
        const Block *block = hl_block(f, loop->blocks.data[next]);
        for (uint32_t i = 0; i < block->preds.len; i++) {
            BlockId pred = block->preds.data[i];
            if (mark[pred] == loop || cfg->rpo_number[pred] == UINT32_MAX) continue;
            mark[pred] = loop;
            hl_push(arena, &loop->blocks, pred);
        }
    }
}

static void add_exit(Arena *arena, Loop *loop, BlockId b) {
    for (uint32_t i = 0; i < loop->exits.len; i++)
        if (loop->exits.data[i] == b) return;
    hl_push(arena, &loop->exits, b);
}

static void find_exits(Arena *arena, const Func *f, Loop *loop, Loop *const *mark) {
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(f, loop->blocks.data[i]);
        for (uint32_t s = 0; s < block->nsuccs; s++)
            if (mark[block->succs[s]] != loop) add_exit(arena, loop, block->succs[s]);
    }
}

static void find_preheader(const Func *f, Loop *loop, Loop *const *mark) {
    const Block *header = hl_block(f, loop->header);
    uint32_t outside = 0;
    for (uint32_t i = 0; i < header->preds.len; i++) {
        BlockId pred = header->preds.data[i];
        if (mark[pred] == loop) continue;
        outside++;
        loop->preheader = hl_block(f, pred)->nsuccs == 1 ? pred : 0;
    }
    if (outside != 1) loop->preheader = 0;
}

static void add_loop(Cfg *cfg, Arena *arena, const Func *f, Loop *loop, Loop **mark) {
    loop->parent = cfg->loop_of[loop->header];
    loop->depth = loop->parent ? loop->parent->depth + 1 : 1;
    collect_blocks(cfg, arena, f, loop, mark);
    find_exits(arena, f, loop, mark);
    find_preheader(f, loop, mark);
    for (uint32_t i = 0; i < loop->blocks.len; i++)
        cfg->loop_of[loop->blocks.data[i]] = loop;
    hl_push(arena, &cfg->loops, loop);
}

static void find_loops(Cfg *cfg, Arena *arena, const Func *f) {
    Loop **mark = hl_new_array(arena, Loop *, cfg->nblocks);
    for (uint32_t i = 0; i < cfg->nrpo; i++) {
        Loop loop = {.header = cfg->rpo[i]};
        find_latches(cfg, arena, f, &loop);
        if (!loop.latches.len) continue;
        Loop *kept = hl_new(arena, Loop);
        *kept = loop;
        add_loop(cfg, arena, f, kept, mark);
    }
}

bool hl_loop_contains(const Loop *loop, const Cfg *cfg, BlockId b) {
    const Loop *inner = cfg->loop_of[b];
    while (inner && inner != loop)
        inner = inner->parent;
    return inner != NULL;
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

Cfg *hl_cfg_compute(Arena *arena, const Func *f) {
    Cfg *cfg = hl_new(arena, Cfg);
    cfg->nblocks = f->blocks.len;
    cfg->rpo = hl_new_array(arena, BlockId, cfg->nblocks);
    cfg->rpo_number = hl_new_array(arena, uint32_t, cfg->nblocks);
    cfg->idom = hl_new_array(arena, BlockId, cfg->nblocks);
    cfg->dom_first = hl_new_array(arena, uint32_t, cfg->nblocks);
    cfg->dom_size = hl_new_array(arena, uint32_t, cfg->nblocks);
    cfg->loop_of = hl_new_array(arena, Loop *, cfg->nblocks);
    compute_rpo(cfg, arena, f);
    number_blocks(cfg);
    compute_dominators(cfg, f);
    number_dominated(cfg, arena);
    find_loops(cfg, arena, f);
    return cfg;
}
