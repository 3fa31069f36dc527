/* analyse: the types of all values of a function, by fixed point.
 *
 * Sparse conditional constant propagation in the sense of Wegman and Zadeck (1991), over types that contain literals:
 * only blocks and edges that can be reached with the types known so far are looked at, so a test on a type
 * (`x.ndim == 1`, `isinstance`) leaves its dead branch unseen. Types only grow (hl_type_join), which ends the rounds.
 * A handler that fails leaves BOTTOM, and the rest of its block unseen; the error is reported by specialise, when types are final, if it is reached at all.
 */
#include "infer/internal.h"

#include <string.h>

typedef struct Analysis Analysis;
struct Analysis {
    Compile *c;
    Instance *instance;
    Func *u;
    Builder builder;
    bool changed, failed;
};

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

/* ---- lists --------------------------------------------------------------------------------------------- */

static void refine_ref(Analysis *a, Ref r, const Type *wanted);

static const Type *with_part(Analysis *a, const Type *whole, uint32_t part, const Type *type) {
    const Type **args = hl_new_array(&a->c->arena, const Type *, whole->nargs + 1);
    memcpy(args, whole->args, whole->nargs * sizeof *args);
    args[part] = type;
    return hl_type_with_args(whole, args);
}

/* A list beside None: the operand may be either. */
static void refine_operand(Analysis *a, Ref operand, const Type *wanted) {
    const Type *type = type_of(a, operand);
    if (type->kind == TY_BOTTOM || type->kind == TY_NONE || type->kind == TY_UNDEF) return;
    bool inner = wanted->kind == TY_OPTIONAL && type->kind != TY_OPTIONAL;
    refine_ref(a, operand, inner ? wanted->args[0] : wanted);
}

static void want_argument(Analysis *a, uint32_t i, const Type *wanted) {
    Instance *instance = a->instance;
    if (!instance->wants) instance->wants = hl_new_array(&a->c->arena, const Type *, instance->nargs + 1);
    const Type *before = instance->wants[i];
    instance->wants[i] = before ? hl_type_join(before, wanted) : wanted;
}

/* An operand that is a list display used here alone: `[0] * n` has the items that its result is to have. */
static void refine_display(Analysis *a, Ref operand, const Type *wanted) {
    if (hl_ins(a->u, operand)->op == OP_PY_LIST && !hl_value_name(a->u, operand))
        refine_ref(a, operand, wanted);
}

/* The value of r has this type: what it was made from has the parts for it. */
static void refine_source(Analysis *a, Ref r, const Type *wanted) {
    const Ins *ins = hl_ins(a->u, r);
    const Type *first = ins->nargs ? type_of(a, ins->args[0]) : NULL;
    switch ((Op)ins->op) {
    case OP_PHI:
        for (uint32_t i = 0; i < ins->nargs; i++)
            refine_operand(a, ins->args[i], wanted);
        return;
    case OP_PY_TUPLE:
        for (uint32_t i = 0; i < ins->nargs; i++)
            refine_operand(a, ins->args[i], wanted->args[i]);
        return;
    case OP_PY_FUNCTION:
        for (uint32_t i = 0; i < ins->nargs; i++)
            refine_operand(a, ins->args[i], wanted->args[i]);
        return;
    case OP_PY_GETATTR:
    case OP_PY_ITER:
        if (wanted->kind == TY_METHOD || wanted->kind == TY_LIST_ITER || wanted->kind == TY_SET_ITER)
            refine_operand(a, ins->args[0], wanted->args[0]);
        else if (first->kind == TY_SET) /* its table */
            refine_operand(a, ins->args[0], hl_type_make(TY_SET, &wanted, 1));
        return;
    case OP_PY_UNPACK:
    case OP_PY_INPLACE:
    case OP_PY_ITER_STEP: refine_operand(a, ins->args[0], wanted); return;
    case OP_PY_ITEM:
        if (first->kind == TY_TUPLE)
            refine_ref(a, ins->args[0], with_part(a, first, (uint32_t)ins->aux.i, wanted));
        return;
    case OP_PY_ITER_VALUE:
        if (first->kind == TY_LIST_ITER)
            refine_ref(a, ins->args[0], with_part(a, first, 0, hl_type_list(wanted)));
        return;
    case OP_PY_GETITEM:
        if (first->kind == TY_LIST && is_index(type_of(a, ins->args[1])))
            refine_ref(a, ins->args[0], hl_type_list(wanted));
        return;
    case OP_PY_CELL_GET: refine_ref(a, ins->args[0], hl_type_list(wanted)); return;
    case OP_PY_BINARY:
        refine_display(a, ins->args[0], wanted);
        refine_display(a, ins->args[1], wanted);
        return;
    default: return;
    }
}

static void refine_ref(Analysis *a, Ref r, const Type *wanted) {
    const Type *old = type_of(a, r);
    if (hl_ins(a->u, r)->op ==
        OP_PARAM) { /* stays what it is: the caller comes back with types that are stored otherwise */
        wanted = hl_type_join(old, wanted);
        if (hl_type_storage(wanted) != hl_type_storage(old) && wanted->kind != TY_OBJECT)
            want_argument(a, (uint32_t)hl_ins(a->u, r)->aux.i, wanted);
        return;
    }
    raise_to(a, r, wanted);
    const Type *now = type_of(a, r);
    if (now != old && now->kind != TY_OBJECT && hl_type_holds_list(now)) refine_source(a, r, now);
}

void refine(Builder *b, Val v, const Type *wanted) {
    if (!ANALYSING(b)) return;
    if (v.source)
        refine_ref(b->analysis, v.source, wanted);
    else if (v.whole && v.part < v.whole->type->nargs)
        refine(b, *v.whole, with_part(b->analysis, v.whole->type, v.part, wanted));
}

/* The value is needed as an object of Python's. What has none, as zip(a, b), is made by Python from the start, and a name's
 * object is looked up: from the next round on. */
void need_object(Builder *b, Ref r) {
    Instance *instance = b->instance;
    const Ins *ins = hl_ins(instance->untyped, r);
    bool has_form = has_object_form(instance->types[r]), is_tuple = ins->op == OP_PY_TUPLE;
    if (!instance->may_ask || instance->asks[r] || (has_form && !is_tuple && !is_looked_up(b, r))) return;
    if (!is_tuple) instance->asks[r] = b->analysis->changed = true;
    bool all = is_tuple || (ins->op == OP_PHI && !has_form);
    bool first = ins->op == OP_PY_OBSERVE || ins->op == OP_PY_ITER_STEP;
    for (uint32_t i = 0; i < (all ? ins->nargs : first); i++)
        need_object(b, ins->args[i]);
}

/* ---- visits -------------------------------------------------------------------------------------------- */

/* A value on the operand stack that code was entered with, and that is another when control comes there again. It is no variable,
 * whose types would meet in the wider one. */
static bool differs_from_entry(const Analysis *a, Ref r, const Ins *phi) {
    const Type *type = a->instance->types[r];
    bool entered = false, differs = false;
    for (uint32_t i = 0; i < phi->nargs; i++) {
        const Type *arg = a->instance->types[phi->args[i]];
        entered |= hl_ins(a->u, phi->args[i])->op == OP_PARAM;
        differs |= arg->kind != TY_BOTTOM && hl_type_unliteral(arg) != hl_type_unliteral(type);
    }
    return a->instance->may_ask && !hl_value_name(a->u, r) && entered && differs && hl_type_is_scalar(type);
}

static void open_kind(Analysis *a, Ref r) {
    a->changed |= !a->instance->open[r];
    a->instance->open[r] = true;
}

static void note_kind(Analysis *a, BlockId block, Ref r, const Ins *phi) {
    for (uint32_t i = 0; may_have_kind(&a->builder, type_of(a, r)) && i < phi->nargs; i++) {
        Val v = {.type = type_of(a, phi->args[i]), .kind = a->instance->open[phi->args[i]]};
        bool live = hl_type_is_scalar(v.type) && pred_edge_live(a->instance, a->u, block, i);
        if (live && has_kind_beside(v, type_of(a, r))) open_kind(a, r);
    }
}

static void visit_phi(Analysis *a, BlockId block, Ref r, const Ins *phi) {
    for (uint32_t i = 0; i < phi->nargs; i++)
        if (pred_edge_live(a->instance, a->u, block, i)) raise_to(a, r, type_of(a, phi->args[i]));
    note_kind(a, block, r, phi);
    if (differs_from_entry(a, r, phi)) raise_to(a, r, hl_type(TY_OBJECT));
    const Type *type = type_of(a, r);
    for (uint32_t i = 0; type->kind == TY_OBJECT && i < phi->nargs; i++)
        need_object(&a->builder, phi->args[i]);
    if (type->kind != TY_OBJECT && hl_type_holds_list(type)) refine_source(a, r, type);
}

/* A value to analyse with, which knows where it comes from. */
static Val value_of(Analysis *a, Ref r) {
    Val v = dummy(&a->builder, type_of(a, r));
    v.source = r;
    v.kind = a->instance->open[r];
    uint32_t n = hl_type_nparts(v.type);
    if (!n || (!hl_type_holds_list(v.type) && !a->instance->may_ask)) return v;
    Val *whole = hl_new(&a->c->arena, Val), *parts = hl_new_array(&a->c->arena, Val, n);
    memcpy(parts, v.parts, n * sizeof *parts);
    for (uint32_t i = 0; i < n; i++)
        parts[i].whole = whole, parts[i].part = i;
    v.parts = parts;
    *whole = v;
    return v;
}

static void visit_return(Analysis *a, const Ins *ins) {
    const Type *type = type_of(a, ins->args[0]);
    if (!a->instance->prelude) type = hl_type_unliteral(type);
    const Type *joined = join(&a->builder, a->instance->result, type);
    if (joined != a->instance->result) a->instance->result = joined, a->changed = true;
    need_object(&a->builder, ins->args[0]);
}

static void visit_branch(Analysis *a, BlockId block, const Ins *ins) {
    const Type *type = type_of(a, ins->args[0]);
    if (type->kind == TY_BOTTOM) return;
    if (type->kind != TY_LIT_BOOL || type->value) mark_edge(a, block, 0);
    if (type->kind != TY_LIT_BOOL || !type->value) mark_edge(a, block, 1);
}

/* What works on lists is not looked at in detail before the types of their items are known. */
static bool hides_failures(Op o) {
    return o == OP_PY_LIST || o == OP_PY_LIST_APPEND || o == OP_PY_LIST_EXTEND || o == OP_PY_CELL_SET ||
           o == OP_PY_CALL || o == OP_PY_CALL_STAR || o == OP_PY_SETITEM;
}

static void visit_value(Analysis *a, Ref r, const Ins *ins) {
    Val *args = hl_new_array(&a->c->arena, Val, ins->nargs + 1);
    for (uint32_t i = 0; i < ins->nargs; i++) {
        const Type *type = type_of(a, ins->args[i]);
        if (type->kind == TY_BOTTOM) return;
        args[i] = value_of(a, ins->args[i]);
    }
    a->builder.loc = ins->loc;
    a->builder.wanted = type_of(a, r);
    a->builder.guarded = ins->flags & INS_GUARDED;
    a->builder.may_fail |= a->builder.guarded && hides_failures((Op)ins->op);
    Val v = evaluate_or_ask(&a->builder, r, ins, args);
    if (ok(v)) raise_to(a, r, v.type);
    if (v.kind) open_kind(a, r);
    a->failed |= !ok(v);
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
        a->builder.may_fail = false;
        bool on = true;
        for (uint32_t k = 0; on && k < hl_block(a->u, block)->ins.len; k++)
            on = visit(a, block, hl_block(a->u, block)->ins.data[k]);
        if (!on && a->builder.may_fail) mark_edge(a, block, 0); /* to the landing: it always fails */
    }
}

bool analyse(Compile *c, Instance *instance) {
    Func *u = instance->untyped;
    Analysis a = {.c = c, .instance = instance, .u = u, .builder = {.c = c, .instance = instance}};
    a.builder.analysis = &a;
    if (!instance->types) {
        instance->types = hl_new_array(&c->arena, const Type *, u->ins.len);
        instance->block_live = hl_new_array(&c->arena, bool, u->blocks.len);
        instance->edge_live = hl_new_array(&c->arena, bool, 2 * u->blocks.len);
        instance->open = hl_new_array(&c->arena, bool, u->ins.len);
        instance->asks = hl_new_array(&c->arena, bool, u->ins.len);
        instance->reasons = hl_new_array(&c->arena, const Diagnostic *, u->ins.len);
        instance->cfg = hl_cfg_compute(&c->arena, u);
        for (uint32_t i = 0; i < u->ins.len; i++)
            instance->types[i] = hl_type(TY_BOTTOM);
        instance->block_live[1] = true;
        for (Ref r = 1; r < u->ins.len; r++)
            instance->has_objmode |= (hl_ins(u, r)->flags & INS_OBJECT) != 0;
    }
    do {
        a.changed = a.failed = false;
        one_round(&a, instance->cfg);
    } while (a.changed);
    instance->broken = a.failed;
    return true;
}
