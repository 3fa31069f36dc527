/* inline_calls: calls in parallel loops of functions that merely compute, `s = add(s, x)`, are taken apart, so that carries.c
 * sees the sum.
 *
 * needs, keeps: valid SSA. Such a function is one block that cannot fail and has no effect, so nobody can tell that it is not
 * called: there is no traceback for it to be in. All else is left for LLVM to inline.
 */
#include "opt/parallel.h"

enum { MOST_INSTRUCTIONS = 32 };

static bool is_plain(const Func *f) {
    const Block *block = hl_block(f, 1);
    if (f->blocks.len != 2 || block->ins.len > MOST_INSTRUCTIONS || f->options.debug) return false;
    for (uint32_t i = 0; i + 1 < block->ins.len; i++)
        if (hl_opt_effects(hl_ins(f, block->ins.data[i])) != PURE) return false;
    return hl_ins(f, hl_last(&block->ins))->op == OP_RETURN;
}

static void inline_call(ParallelLoop *p, Ref call) {
    const Func *g = hl_ins(p->f, call)->aux.func;
    const Block *block = hl_block(g, 1);
    Ref *map = hl_new_array(&p->scratch, Ref, g->ins.len);
    for (uint32_t i = 0; i + 1 < block->ins.len; i++) {
        const Ins *ins = hl_ins(g, block->ins.data[i]);
        if (ins->op == OP_PARAM) {
            map[block->ins.data[i]] = hl_ins(p->f, call)->args[ins->aux.i];
            continue;
        }
        Ref *args = hl_new_array(&p->scratch, Ref, ins->nargs + 1);
        for (uint32_t k = 0; k < ins->nargs; k++)
            args[k] = map[ins->args[k]];
        Ref copy =
            hl_ins_new(p->f, (Op)ins->op, ins->type, args, ins->nargs, ins->aux, hl_ins(p->f, call)->loc);
        hl_ins(p->f, copy)->flags = ins->flags;
        hl_insert_before(p->f, call, copy);
        map[block->ins.data[i]] = copy;
    }
    hl_replace_all(p->f, call, map[hl_ins(g, hl_last(&block->ins))->args[0]]);
    hl_remove(p->f, call);
}

static bool may_inline(const Func *f, Ref r) {
    const Ins *ins = hl_ins(f, r);
    if (ins->op != OP_CALL || ins->flags & INS_GUARDED || !hl_type_is_scalar(ins->type)) return false;
    const Func *g = ins->aux.func;
    return g != f && is_plain(g) &&
           hl_ins(g, hl_ins(g, hl_last(&hl_block(g, 1)->ins))->args[0])->type == ins->type;
}

void hl_parallel_inline_calls(ParallelLoop *p) {
    VEC(Ref) calls = {0};
    for (uint32_t i = 0; i < p->loop.blocks.len; i++) {
        const Block *block = hl_block(p->f, p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (may_inline(p->f, block->ins.data[k])) hl_push(&p->scratch, &calls, block->ins.data[k]);
    }
    for (uint32_t i = 0; i < calls.len; i++)
        inline_call(p, calls.data[i]);
}
