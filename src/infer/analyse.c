/* analyse: the types of all values of a function, by fixed point.
 *
 * Sparse conditional constant propagation in the sense of Wegman and Zadeck (1991), over types that contain literals:
 * only blocks and edges that can be reached with the types known so far are looked at, so a test on a type
 * (`x.ndim == 1`, `isinstance`) leaves its dead branch unseen. Types only grow (hl_type_join), which ends the rounds.
 * A handler that fails leaves BOTTOM, and the rest of its block unseen; the error is reported by specialise, when types are final, if it is reached at all.
 */
#include "infer/internal.h"

#include <string.h>

typedef struct Analysis {
    Compile *c;
    Instance *instance;
    Func *u;
    Builder builder;
    bool changed;
} Analysis;

static const Type *type_of(Analysis *a, Ref r) {
    return a->instance->types[r];
}

static void raise_to(Analysis *a, Ref r, const Type *type) {
    const Type *old = a->instance->types[r], *joined = join(&a->builder, old, type);
    if (joined == old) return;
    a->instance->types[r] = joined;
    a->changed = true;
}

static void mark_edge(Analysis *a, BlockId from, int which) {
    bool *live = &a->instance->edge_live[2 * from + which];
    BlockId to = hl_block(a->u, from)->succs[which];
    if (*live && a->instance->block_live[to]) return;
    *live = a->instance->block_live[to] = true;
    a->changed = true;
}

bool pred_edge_live(const Instance *instance, const Func *u, BlockId block, uint32_t which) {
    BlockId pred = hl_block(u, block)->preds.data[which];
    uint32_t nth = 0; /* the two edges of one branch to one block come in the order of its successors */
    for (uint32_t i = 0; i < which; i++)
        nth += hl_block(u, block)->preds.data[i] == pred;
    const Block *p = hl_block(u, pred);
    for (int s = 0; s < p->nsuccs; s++)
        if (p->succs[s] == block && nth-- == 0) return instance->edge_live[2 * pred + s];
    return false;
}

static void visit_phi(Analysis *a, BlockId block, Ref r, const Ins *phi) {
    for (uint32_t i = 0; i < phi->nargs; i++)
        if (pred_edge_live(a->instance, a->u, block, i)) raise_to(a, r, type_of(a, phi->args[i]));
}

static void visit_return(Analysis *a, const Ins *ins) {
    const Type *type = type_of(a, ins->args[0]);
    if (!a->instance->prelude) type = hl_type_unliteral(type);
    const Type *joined = join(&a->builder, a->instance->result, type);
    if (joined != a->instance->result) a->instance->result = joined, a->changed = true;
}

static void visit_branch(Analysis *a, BlockId block, const Ins *ins) {
    const Type *type = type_of(a, ins->args[0]);
    if (type->kind == TY_BOTTOM) return;
    if (type->kind != TY_LIT_BOOL || type->value) mark_edge(a, block, 0);
    if (type->kind != TY_LIT_BOOL || !type->value) mark_edge(a, block, 1);
}

static void visit_value(Analysis *a, Ref r, const Ins *ins) {
    Val *args = hl_new_array(&a->c->arena, Val, ins->nargs + 1);
    for (uint32_t i = 0; i < ins->nargs; i++) {
        const Type *type = type_of(a, ins->args[i]);
        if (type->kind == TY_BOTTOM) return;
        args[i] = dummy(&a->builder, type);
    }
    a->builder.loc = ins->loc;
    Val v = evaluate(&a->builder, ins, args);
    if (ok(v)) raise_to(a, r, v.type);
}

/* False when nothing behind this instruction can be reached with the types known so far. */
static bool visit(Analysis *a, BlockId block, Ref r) {
    const Ins *ins = hl_ins(a->u, r);
    switch ((Op)ins->op) {
    case OP_PHI: visit_phi(a, block, r, ins); break;
    case OP_PARAM: raise_to(a, r, a->instance->arg_types[ins->aux.i]); break;
    case OP_JUMP: mark_edge(a, block, 0); break;
    case OP_BRANCH: visit_branch(a, block, ins); break;
    case OP_PY_RETURN: visit_return(a, ins); break;
    case OP_PY_RAISE:
    case OP_UNREACHABLE: break;
    default: visit_value(a, r, ins); return type_of(a, r)->kind != TY_BOTTOM;
    }
    return true;
}

static void one_round(Analysis *a, const Cfg *cfg) {
    for (uint32_t i = 0; i < cfg->nrpo; i++) {
        BlockId block = cfg->rpo[i];
        if (!a->instance->block_live[block]) continue;
        for (uint32_t k = 0; k < hl_block(a->u, block)->ins.len; k++)
            if (!visit(a, block, hl_block(a->u, block)->ins.data[k])) break;
    }
}

bool analyse(Compile *c, Instance *instance) {
    Func *u = instance->untyped;
    Analysis a = {.c = c, .instance = instance, .u = u, .builder = {.c = c, .instance = instance}};
    if (!instance->types) {
        instance->types = hl_new_array(&c->arena, const Type *, u->ins.len);
        instance->block_live = hl_new_array(&c->arena, bool, u->blocks.len);
        instance->edge_live = hl_new_array(&c->arena, bool, 2 * u->blocks.len);
        instance->cfg = hl_cfg_compute(&c->arena, u);
        for (uint32_t i = 0; i < u->ins.len; i++)
            instance->types[i] = hl_type(TY_BOTTOM);
        instance->block_live[1] = true;
    }
    do {
        a.changed = false;
        one_round(&a, instance->cfg);
    } while (a.changed);
    return true;
}
