/* choices: where a value of a web is taken or another one, by a select, a phi or a store under a condition.
 *
 *     x if x > m else m, if x > m: m = x        a minimum or maximum: the condition orders the two
 *     if x > a[k]: a[k] = x                     the same of an element
 *     ok and x, x and ok, if x: ok = False      a truth value, which the condition may depend on
 */
#include "opt/web.h"

static const Ins *ins_of(const Web *w, Ref r) {
    return hl_ins(w->p->f, r);
}

/* Can anyone tell that it has run? An error can be raised by what `ok and x` leaves out in serial code. */
bool hl_choice_is_seen(const Ins *ins, int depth) {
    uint8_t effects = hl_opt_effects(ins);
    if (ins->op == OP_CHECK || ins->op == OP_CHECK_INDEX || ins->op == OP_ARRAY_ALLOC || ins->op == OP_EW)
        return false;
    if (ins->op != OP_CALL || !depth) return effects == WRITE || effects == RAISE;
    const Func *f = ins->aux.func;
    for (Ref r = 1; r < f->ins.len; r++)
        if (hl_ins(f, r)->op != OP_COUNT && hl_ins(f, r)->op != OP_RAISE &&
            hl_choice_is_seen(hl_ins(f, r), depth - 1))
            return true;
    return false;
}

/* ---- equal values ------------------------------------------------------------------------------ */

/* Does nothing happen between two instructions of a block that can be seen? 0: its beginning, its end. */
static bool is_quiet(const Web *w, BlockId b, Ref from, Ref to) {
    const Block *block = hl_block(w->p->f, b);
    bool behind = !from;
    for (uint32_t i = 0; i < block->ins.len && block->ins.data[i] != to; i++) {
        if (behind && hl_choice_is_seen(ins_of(w, block->ins.data[i]), 4)) return false;
        behind |= block->ins.data[i] == from;
    }
    return true;
}

/* One behind the other, in one block or the next. */
static bool is_quiet_between(const Web *w, Ref first, Ref second) {
    BlockId a = ins_of(w, first)->block, b = ins_of(w, second)->block;
    const Block *block = hl_block(w->p->f, b);
    if (a == b) return is_quiet(w, a, first, second) && is_quiet(w, a, second, first);
    return block->preds.len == 1 && block->preds.data[0] == a && is_quiet(w, a, first, 0) &&
           is_quiet(w, b, 0, second);
}

/* The same thing computed twice counts as one value; so does the same element read twice, with nothing written
 * between. */
static bool same_computation(const Web *w, Ref a, Ref b, int depth) {
    const Ins *x = ins_of(w, a), *y = ins_of(w, b);
    if (a == b) return true;
    if (!depth || x->op != y->op || x->type != y->type || x->nargs != y->nargs || x->aux.i != y->aux.i)
        return false;
    bool is_load = x->op == OP_ARRAY_LOAD && (is_quiet_between(w, a, b) || is_quiet_between(w, b, a));
    bool is_pure = x->op != OP_PHI && x->nargs && hl_opt_effects(x) == PURE;
    bool same = is_load || is_pure || x->op == OP_CHECK_INDEX;
    for (uint32_t i = 0; same && i < x->nargs; i++)
        same = same_computation(w, x->args[i], y->args[i], depth - 1);
    return same;
}

static bool same_value(const Web *w, Ref a, Ref b) {
    enum { DEPTH = 8 };
    return same_computation(w, a, b, DEPTH);
}

/* ---- choices: select, or a phi where two paths meet, or a store on one of them ------------------ */

/* The branch that leads into a block from its only predecessor, or stands at its end. */
static BlockId branch_before(const Func *f, BlockId b) {
    const Block *block = hl_block(f, b);
    if (block->nsuccs == 2) return b;
    bool one = block->preds.len == 1 && hl_block(f, block->preds.data[0])->nsuccs == 2;
    return one ? block->preds.data[0] : 0;
}

/* Of a phi: all its operands are in the web but one, whose path comes from a branch with the phi on the other side. */
bool hl_choice_of_phi(const Web *w, Ref r, Choice *out) {
    const Func *f = w->p->f;
    const Ins *phi = ins_of(w, r);
    uint32_t other = phi->nargs;
    for (uint32_t i = 0; i < phi->nargs; i++) {
        if (hl_web_has(w, phi->args[i])) continue;
        if (other != phi->nargs) return false;
        other = i;
    }
    if (other == phi->nargs) return false;
    const BlockId *preds = hl_block(f, phi->block)->preds.data;
    BlockId path = preds[other], at = branch_before(f, path);
    if (!at) return false;
    const Block *from = hl_block(f, at);
    bool yes = from->succs[0] == (path == at ? phi->block : path);
    BlockId around = from->succs[yes];
    uint32_t same = 0;
    while (same < phi->nargs && (same == other || preds[same] != (around == phi->block ? at : around)))
        same++;
    if (same == phi->nargs) return false;
    *out = (Choice){.condition = ins_of(w, hl_terminator(f, at))->args[0]};
    out->yes = phi->args[yes ? other : same];
    out->no = phi->args[yes ? same : other];
    return true;
}

static bool choice_of(const Web *w, Ref r, Choice *out) {
    const Ins *ins = ins_of(w, r);
    if (ins->op == OP_PHI) return hl_choice_of_phi(w, r, out);
    *out = (Choice){ins->args[0], ins->args[1], ins->args[2]};
    return true;
}

/* Of a store: `if x > a[k]: a[k] = x`, a[k] being as it was read. */
bool hl_choice_of_store(const Web *w, Ref store, Choice *out) {
    const Func *f = w->p->f;
    const Ins *ins = ins_of(w, store);
    const Block *block = hl_block(f, ins->block);
    if (block->preds.len != 1 || hl_block(f, block->preds.data[0])->nsuccs != 2) return false;
    const Block *from = hl_block(f, block->preds.data[0]);
    Ref condition = ins_of(w, hl_last(&from->ins))->args[0], value = hl_web_stored_value(ins);
    const Ins *test = ins_of(w, condition);
    if (!hl_web_is_comparison(test)) return false;
    Ref carried = test->args[hl_web_has(w, test->args[1])];
    bool is_current = w->place[carried] == w->number && is_quiet_between(w, carried, store);
    bool yes = from->succs[0] == ins->block;
    *out = (Choice){condition, yes ? value : carried, yes ? carried : value};
    return is_current;
}

/* -1 when the condition holds if `yes` is the smaller one, 1 the larger one, 0: it does not order them. Tests for
 * NaNs may be beside. */
static int order_of(const Web *w, Ref condition, const Choice *choice) {
    const Ins *ins = ins_of(w, condition);
    if (ins->op == OP_OR || ins->op == OP_AND) {
        int first = order_of(w, ins->args[0], choice);
        return first ? first : order_of(w, ins->args[1], choice);
    }
    if (!hl_web_is_comparison(ins)) return 0;
    bool straight = same_value(w, ins->args[0], choice->yes) && same_value(w, ins->args[1], choice->no);
    bool crossed = same_value(w, ins->args[1], choice->yes) && same_value(w, ins->args[0], choice->no);
    if (straight == crossed) return 0;
    switch ((Op)ins->op) {
    case OP_SLT:
    case OP_SLE:
    case OP_ULT:
    case OP_ULE:
    case OP_FLT:
    case OP_FLE: return straight ? -1 : 1;
    case OP_SGT:
    case OP_SGE:
    case OP_UGT:
    case OP_UGE:
    case OP_FGT:
    case OP_FGE: return straight ? 1 : -1;
    default: return 0;
    }
}

/* Is every leaf of the condition a comparison between the two alternatives, or of one with itself? */
static bool asks_only(const Web *w, Ref condition, const Choice *choice) {
    const Ins *ins = ins_of(w, condition);
    if (ins->op == OP_OR || ins->op == OP_AND)
        return asks_only(w, ins->args[0], choice) && asks_only(w, ins->args[1], choice);
    if (!hl_web_is_comparison(ins)) return false;
    for (uint32_t i = 0; i < 2; i++)
        if (!same_value(w, ins->args[i], choice->yes) && !same_value(w, ins->args[i], choice->no))
            return false;
    return true;
}

/* `if x > m`: is another value taken only where it is better, and where it is not unordered? */
static bool is_strict(const Web *w, const Choice *choice) {
    Op op = (Op)ins_of(w, choice->condition)->op;
    bool strict =
        op == OP_SLT || op == OP_SGT || op == OP_ULT || op == OP_UGT || op == OP_FLT || op == OP_FGT;
    return strict && !hl_web_has(w, choice->yes);
}

static bool accept_extreme(Web *w, Ref r, const Choice *choice) {
    int order = order_of(w, choice->condition, choice);
    if (!order || !asks_only(w, choice->condition, choice)) return hl_web_blame(w, r);
    if (!hl_web_agree(w, order < 0 ? CARRY_MIN : CARRY_MAX, r)) return false;
    w->lax |= !is_strict(w, choice);
    if (w->carry->choice.condition || w->carry->op != OP_COUNT) return true;
    w->carry->choice = *choice;
    w->carry->carried = hl_web_has(w, choice->yes) ? choice->yes : choice->no;
    return true;
}

/* ---- truth values ------------------------------------------------------------------------------ */

enum { NEITHER = -1 };

/* What a truth value is known to be at the end of a block on the way to another: 0, 1 or NEITHER. */
static int truth_on_edge(const Web *w, Ref r, BlockId from, BlockId to) {
    const Ins *ins = ins_of(w, r);
    if (ins->type->kind != TY_B1) return NEITHER;
    if (ins->op == OP_CONST_INT) return ins->aux.i != 0;
    const Block *block = hl_block(w->p->f, from);
    bool asked = block->nsuccs == 2 && ins_of(w, hl_last(&block->ins))->args[0] == r;
    return asked && block->succs[0] != block->succs[1] ? block->succs[0] == to : NEITHER;
}

/* Are the values that a phi of the web takes from outside it all True, or all False? */
static int truth_of_others(const Web *w, const Ins *phi) {
    const BlockId *preds = hl_block(w->p->f, phi->block)->preds.data;
    int all = NEITHER;
    for (uint32_t i = 0, n = 0; i < phi->nargs; i++) {
        if (hl_web_has(w, phi->args[i])) continue;
        int truth = truth_on_edge(w, phi->args[i], preds[i], phi->block);
        if (n++ && truth != all) return NEITHER;
        all = truth;
    }
    return all;
}

/* `ok and x`: the phi takes the value of the web straight from a branch on it, others come from its other way only. */
static bool is_short_circuit(const Web *w, const Ins *phi, CarryKind *kind) {
    const Func *f = w->p->f;
    const BlockId *preds = hl_block(f, phi->block)->preds.data;
    for (uint32_t i = 0; i < phi->nargs; i++) {
        const Block *from = hl_block(f, preds[i]);
        if (!hl_web_has(w, phi->args[i]) || from->nsuccs != 2 ||
            hl_ins(f, hl_last(&from->ins))->args[0] != phi->args[i])
            continue;
        bool when_true = from->succs[0] == phi->block;
        BlockId way = from->succs[when_true];
        bool good = way != phi->block && hl_block(f, way)->preds.len == 1;
        for (uint32_t k = 0; good && k < phi->nargs; k++)
            good = k == i || hl_dominates(w->p->cfg, way, preds[k]);
        *kind = when_true ? CARRY_OR : CARRY_AND;
        if (good) return true;
    }
    return false;
}

static bool accept_truth(Web *w, Ref r) {
    const Ins *ins = ins_of(w, r);
    if (ins->op == OP_SELECT) {
        Ref other = ins->args[hl_web_has(w, ins->args[1]) ? 2 : 1];
        const Ins *known = ins_of(w, other);
        if (ins->args[0] != (other == ins->args[1] ? ins->args[2] : ins->args[1]))
            return known->op == OP_CONST_INT && hl_web_agree(w, known->aux.i ? CARRY_OR : CARRY_AND, r);
        return hl_web_agree(w, other == ins->args[2] ? CARRY_OR : CARRY_AND, r);
    }
    CarryKind kind;
    int truth = truth_of_others(w, ins);
    if (truth != NEITHER) return hl_web_agree(w, truth ? CARRY_OR : CARRY_AND, r);
    return is_short_circuit(w, ins, &kind) && hl_web_agree(w, kind, r);
}

/* ---- is it one of these? ---------------------------------------------------------------------------- */

/* A choice between a value of the web and another one: `x if x < m else m`, `ok and x`, or True or False under any
 * condition. */
bool hl_choice_check(Web *w, Ref r) {
    const Ins *ins = ins_of(w, r);
    Choice choice;
    if (hl_web_has_all(w, ins, ins->op == OP_SELECT)) return true;
    if (ins->type->kind == TY_B1) return accept_truth(w, r) || hl_web_blame(w, r);
    if (!choice_of(w, r, &choice) || hl_web_has(w, choice.yes) == hl_web_has(w, choice.no))
        return hl_web_blame(w, r);
    return accept_extreme(w, r, &choice);
}

bool hl_choice_is_truth(const Web *w, Ref r) {
    return ins_of(w, r)->op == OP_CONST_INT && ins_of(w, r)->type->kind == TY_B1;
}

/* What is stored to the element, when it is no value of the web. */
bool hl_choice_check_store(Web *w, Ref store) {
    Ref value = hl_web_stored_value(ins_of(w, store));
    Choice choice;
    if (hl_web_has(w, value)) return w->side[value] == SIDE_WHOLE || hl_web_blame(w, store);
    if (hl_choice_is_truth(w, value))
        return hl_web_agree(w, ins_of(w, value)->aux.i ? CARRY_OR : CARRY_AND, store);
    return hl_choice_of_store(w, store, &choice) ? accept_extreme(w, store, &choice) : hl_web_blame(w, store);
}
