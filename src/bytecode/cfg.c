/* cfg: basic blocks of decoded bytecode, only what the start offset reaches.
 *
 * In: instructions, an instruction to start at, the stack depth and the bound locals there. Out: blocks in
 * order of their offsets, each with its stack depth and the set of locals that are surely bound at its start
 * (definite assignment: the intersection over all paths, to a fixed point). A refused instruction ends its
 * path. A handler of exceptions is reached from each instruction that may raise them.
 */
#include "bytecode/internal.h"

typedef struct Walk {
    Arena *arena;
    const Code *code;
    bool *seen, *leads; /* by instruction: reached; starts a block */
    uint32_t *depths;   /* by instruction: the stack depth before it */
    VEC(uint32_t) todo;
    bool bad; /* falls off the end, or two depths for one place */
} Walk;

static enum BcFlow flow_of(const Instr *instr) {
    return hl_bc_handlers[instr->handler].flow;
}

static void reach(Walk *w, uint32_t index, uint32_t depth, bool leads) {
    if (index >= w->code->ninstrs || depth > w->code->nstack) {
        w->bad = true;
        return;
    }
    w->leads[index] |= leads;
    if (w->seen[index]) {
        w->bad |= w->depths[index] != depth;
        return;
    }
    w->seen[index] = true;
    w->depths[index] = depth;
    hl_push(w->arena, &w->todo, index);
}

/* Marks what one instruction leads to. What stands behind a jump is a leader only if something else reaches
 * it. */
static void walk_instr(Walk *w, uint32_t index) {
    const Instr *instr = &w->code->instrs[index];
    enum BcFlow flow = flow_of(instr);
    if (flow == FLOW_END) return;
    if (w->depths[index] < instr->pops) {
        w->bad = true;
        return;
    }
    uint32_t depth = w->depths[index] - instr->pops;
    if (flow != FLOW_NEXT) reach(w, instr->target, depth + instr->jump_pushes, true);
    if (flow != FLOW_JUMP) reach(w, index + 1, depth + instr->pushes, flow == FLOW_BRANCH);
}

/* An instruction whose exceptions are handled leads to the handler too. */
static void walk_handler(Walk *w, uint32_t index) {
    const Instr *instr = &w->code->instrs[index];
    if (instr->handler_at == BC_NONE || !hl_bc_may_raise(w->code, instr, NULL)) return;
    if (w->depths[index] < instr->handler_depth) w->bad = true;
    reach(w, instr->handler_at, instr->handler_depth + instr->handler_place + 1, true);
}

static bool walk_all(Walk *w, uint32_t start, uint32_t depth) {
    reach(w, start, depth, true);
    while (w->todo.len && !w->bad) {
        uint32_t index = hl_pop(&w->todo);
        walk_handler(w, index);
        walk_instr(w, index);
    }
    return !w->bad;
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

/* The first instruction behind `first` that belongs to another block. */
static uint32_t block_end(const Walk *w, uint32_t first) {
    uint32_t index = first;
    while (flow_of(&w->code->instrs[index]) == FLOW_NEXT && !w->leads[index + 1])
        index++;
    return index + 1;
}

static void add_edge(BcCfg *cfg, BcBlock *block, uint32_t instr) {
    block->succs[block->nsuccs++] = cfg->block_at[instr];
    cfg->blocks[cfg->block_at[instr]].npreds++;
}

static void add_edges(BcCfg *cfg, const Code *code, BcBlock *block) {
    const Instr *last = &code->instrs[block->end - 1];
    enum BcFlow flow = flow_of(last);
    if (flow == FLOW_NEXT || flow == FLOW_BRANCH) add_edge(cfg, block, block->end);
    if (flow == FLOW_JUMP || flow == FLOW_BRANCH) add_edge(cfg, block, last->target);
    for (uint32_t i = block->first; i < block->end; i++) {
        const Instr *instr = &code->instrs[i];
        bool handled = instr->handler_at != BC_NONE && hl_bc_may_raise(code, instr, NULL);
        if (handled) cfg->blocks[cfg->block_at[instr->handler_at]].npreds += 2; /* a block that joins */
    }
}

static BcCfg *make_blocks(const Walk *w, uint32_t start) {
    BcCfg *cfg = hl_new(w->arena, BcCfg);
    VEC(BcBlock) blocks = {0};
    cfg->block_at = hl_new_array(w->arena, uint32_t, w->code->ninstrs);
    for (uint32_t i = 0; i < w->code->ninstrs; i++) {
        cfg->block_at[i] = BC_NONE;
        if (!w->seen[i] || !w->leads[i]) continue;
        cfg->block_at[i] = blocks.len;
        BcBlock block = {.first = i, .end = block_end(w, i), .depth = w->depths[i]};
        hl_push(w->arena, &blocks, block);
    }
    cfg->blocks = blocks.data;
    cfg->nblocks = blocks.len;
    cfg->start = cfg->block_at[start];
    for (uint32_t i = 0; i < cfg->nblocks; i++)
        add_edges(cfg, w->code, &cfg->blocks[i]);
    return cfg;
}

/* ---- definite assignment ------------------------------------------------------------------------------- */

void hl_bc_step_bound(const Instr *instr, uint64_t *bound) {
    if (instr->handler == BH_load_fast || instr->handler == BH_store_fast) bit_set(bound, instr->arg);
    if (instr->handler == BH_delete_fast || instr->handler == BH_save_fast) bit_clear(bound, instr->arg);
}

static bool is_backward(const Code *code, const Instr *instr) {
    return instr->target <= (uint32_t)(instr - code->instrs);
}

bool hl_bc_may_raise(const Code *code, const Instr *instr, const uint64_t *bound) {
    switch ((int)instr->handler) {
    case BH_nop:
    case BH_pop_top:
    case BH_end_for:
    case BH_push_null:
    case BH_copy:
    case BH_swap:
    case BH_load_const:
    case BH_load_closure:
    case BH_build_tuple:
    case BH_kw_names:
    case BH_enter_objmode:
    case BH_push_exc_info:
    case BH_pop_except:
    case BH_return_value:
    case BH_return_const: return false;
    case BH_jump: return is_backward(code, instr);
    case BH_load_fast: return hl_bc_is_cell(code, instr->arg) || !bound || !bit_get(bound, instr->arg);
    case BH_store_fast:
    case BH_save_fast:
    case BH_restore_fast: return hl_bc_is_cell(code, instr->arg);
    default: return true;
    }
}

/* set &= other; did it change? */
static bool intersect(uint64_t *set, const uint64_t *other, uint32_t nwords) {
    bool changed = false;
    for (uint32_t i = 0; i < nwords; i++) {
        changed |= (set[i] & ~other[i]) != 0;
        set[i] &= other[i];
    }
    return changed;
}

static void solve_bound(Arena *arena, const Code *code, BcCfg *cfg, const uint64_t *at_start) {
    uint32_t nwords = bit_words(code->nlocals);
    uint64_t *out = hl_new_array(arena, uint64_t, nwords);
    VEC(uint32_t) todo = {0};
    for (uint32_t i = 0; i < cfg->nblocks; i++) {
        cfg->blocks[i].bound = hl_new_array(arena, uint64_t, nwords);
        for (uint32_t w = 0; w < nwords; w++)
            cfg->blocks[i].bound[w] = UINT64_MAX;
        hl_push(arena, &todo, cfg->nblocks - 1 - i);
    }
    intersect(cfg->blocks[cfg->start].bound, at_start, nwords);
    while (todo.len) {
        const BcBlock *block = &cfg->blocks[hl_pop(&todo)];
        for (uint32_t w = 0; w < nwords; w++)
            out[w] = block->bound[w];
        for (uint32_t i = block->first; i < block->end; i++) {
            const Instr *instr = &code->instrs[i];
            bool handled = instr->handler_at != BC_NONE && hl_bc_may_raise(code, instr, out);
            uint32_t handler = handled ? cfg->block_at[instr->handler_at] : 0;
            if (handled && intersect(cfg->blocks[handler].bound, out, nwords)) hl_push(arena, &todo, handler);
            hl_bc_step_bound(instr, out);
        }
        for (uint32_t i = 0; i < block->nsuccs; i++)
            if (intersect(cfg->blocks[block->succs[i]].bound, out, nwords))
                hl_push(arena, &todo, block->succs[i]);
    }
}

BcCfg *hl_bc_cfg(Compile *c, const Code *code, uint32_t start, uint32_t depth, const uint64_t *bound) {
    Walk w = {.arena = &c->arena, .code = code};
    w.seen = hl_new_array(&c->arena, bool, code->ninstrs + 1);
    w.leads = hl_new_array(&c->arena, bool, code->ninstrs + 1);
    w.depths = hl_new_array(&c->arena, uint32_t, code->ninstrs);
    if (!walk_all(&w, start, depth)) {
        hl_diag_set(&c->arena, &c->diag, DIAG_INTERNAL, hl_bc_text(code->object->co_filename),
                    hl_bc_text(code->object->co_qualname), (Loc){0}, "the bytecode is not well formed");
        return NULL;
    }
    BcCfg *cfg = make_blocks(&w, start);
    solve_bound(&c->arena, code, cfg, bound);
    return cfg;
}
