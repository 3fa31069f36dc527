/* methods: x.name(args) in one operation, without the object that stands for the method in between.
 *
 * needs: nothing is counted yet. keeps: valid SSA. Only where the looking up may as well happen behind what stands between it and
 * the call, which Python's code cannot see: numbers computed and boxed, constants. Both stand in one line, so that a failure of
 * either is reported at the same place, and nothing else refers to the method.
 */
#include "opt/internal.h"

static bool is_operation(const Ins *ins, ForeignId id) {
    return ins->op == OP_OPERATE && ins->aux.i == id;
}

/* Can Python's code not tell whether it has happened? */
static bool is_unseen(const Ins *ins) {
    return ins->op == OP_BOX || hl_opt_effects(ins) == PURE;
}

/* The getattr in the same block that gives what is called; 0: it cannot wait for the call. */
static Ref waiting_getattr(const Func *f, const Block *block, uint32_t at, const uint32_t *uses) {
    const Ins *call = hl_ins(f, block->ins.data[at]);
    Ref callee = call->args[0];
    const Ins *getattr = hl_ins(f, callee);
    bool fits = is_operation(getattr, FOREIGN_GETATTR) && uses[callee] == 1 &&
                getattr->block == call->block && getattr->loc.line == call->loc.line &&
                getattr->flags == call->flags;
    for (uint32_t i = at; fits && i-- > 0 && block->ins.data[i] != callee;)
        fits = is_unseen(hl_ins(f, block->ins.data[i]));
    return fits ? callee : 0;
}

static void join(Func *f, Ref call, Ref getattr) {
    uint32_t nargs = hl_ins(f, call)->nargs;
    Ref *args = hl_new_array(f->arena, Ref, nargs + 1);
    args[0] = hl_ins(f, getattr)->args[1];
    args[1] = hl_ins(f, getattr)->args[0];
    for (uint32_t i = 1; i < nargs; i++)
        args[1 + i] = hl_ins(f, call)->args[i];
    Ins *ins = hl_ins(f, call);
    ins->args = args;
    ins->nargs = nargs + 1;
    ins->aux.i = FOREIGN_CALL_METHOD;
    hl_remove(f, getattr);
}

static void count_uses(const Func *f, uint32_t *uses) {
    for (BlockId b = 1; b < f->blocks.len; b++) {
        const Block *block = hl_block(f, b);
        for (uint32_t i = 0; i < block->ins.len; i++)
            for (uint32_t k = 0; k < hl_ins(f, block->ins.data[i])->nargs; k++)
                uses[hl_ins(f, block->ins.data[i])->args[k]]++;
    }
}

bool hl_opt_methods(Compile *c, Func *f) {
    if (!c->foreign) return true;
    Arena scratch = {0};
    uint32_t *uses = hl_new_array(&scratch, uint32_t, f->ins.len);
    count_uses(f, uses);
    for (BlockId b = 1; b < f->blocks.len; b++)
        for (uint32_t i = 0; i < hl_block(f, b)->ins.len; i++) {
            Ref r = hl_block(f, b)->ins.data[i];
            if (!is_operation(hl_ins(f, r), FOREIGN_CALL)) continue;
            Ref getattr = waiting_getattr(f, hl_block(f, b), i, uses);
            if (!getattr) continue;
            join(f, r, getattr);
            i--;
        }
    hl_arena_free(&scratch);
    return true;
}
