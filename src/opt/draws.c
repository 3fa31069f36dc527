/* draws: does a loop draw random numbers, itself or in what it calls? A parallel region gives each part streams of
 * its own for those it draws from. A Generator has none to give, so a loop that draws from one runs serially. */
#include "opt/parallel.h"

typedef struct Search {
    Arena scratch;
    Map seen; /* by Func */
    uint32_t streams;
    bool generator;
} Search;

static bool is_draw(const Ins *ins) {
    return ins->op == OP_RT && ins->aux.i >= RT_random_u32 && ins->aux.i <= RT_random_seed_entropy;
}

static bool is_generator_draw(const Ins *ins) {
    return ins->op == OP_RT && ins->aux.i >= RT_generator_real && ins->aux.i <= RT_generator_fill;
}

static void search_function(Search *s, const Func *f);

static void search_instruction(Search *s, const Func *f, Ref r) {
    const Ins *ins = hl_ins(f, r);
    if (is_draw(ins)) s->streams |= 1u << hl_ins(f, ins->args[0])->aux.i;
    if (is_generator_draw(ins)) s->generator = true;
    if (ins->op == OP_CALL || ins->op == OP_PARALLEL) search_function(s, ins->aux.func);
}

static void search_function(Search *s, const Func *f) {
    if (hl_map_get(&s->seen, (uintptr_t)f)) return;
    hl_map_set(&s->scratch, &s->seen, (uintptr_t)f, (void *)f);
    for (BlockId b = 1; b < f->blocks.len; b++)
        for (uint32_t i = 0; i < hl_block(f, b)->ins.len; i++)
            search_instruction(s, f, hl_block(f, b)->ins.data[i]);
}

static Search search_loop(const ParallelLoop *p) {
    Search s = {0};
    for (uint32_t k = 0; k < p->loop.blocks.len; k++) {
        const Block *block = hl_block(p->f, p->loop.blocks.data[k]);
        for (uint32_t i = 0; i < block->ins.len; i++)
            search_instruction(&s, p->f, block->ins.data[i]);
    }
    hl_arena_free(&s.scratch);
    return s;
}

uint32_t hl_loop_draws(const ParallelLoop *p) {
    return search_loop(p).streams;
}

bool hl_loop_draws_from_generator(const ParallelLoop *p) {
    return search_loop(p).generator;
}
