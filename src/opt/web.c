/* web: the values that one reduction makes of one another.
 *
 * A web begins with the phi of the loop's header, or with the loads of one element (races.c says which those are). What
 * is made of a value of the web by the reduction's own operation, with an operand from outside the web, is in it, and
 * so are conversions of it and phis of values in it (an update under a condition, an inner loop that goes on adding).
 * The loop's next value, or what is stored to the element, must be in the web or be chosen over a value of it.
 *
 * Nothing else may look at the values of the web, for in a parallel loop they are those of a part. Where a branch looks
 * at them, nothing that can be seen may happen on one of its ways only. Other phis behind it that take different values
 * from its ways are listed as `led`: carries.c says whether they can follow.
 */
#include "opt/web.h"

#include <string.h>

static const Ins *ins_of(const Web *w, Ref r) {
    return hl_ins(w->p->f, r);
}

static bool is_inside(const ParallelLoop *p, Ref r) {
    return p->inside[hl_ins(p->f, r)->block];
}

static bool has(const Web *w, Ref r) {
    return w->side[r] != SIDE_NONE;
}

/* Does an instruction in the loop, or behind it, use it for what happens in the loop? What is only made in the
 * header to be used behind the loop is made again there. */
bool hl_web_counts_inside(const ParallelLoop *p, Ref use) {
    if (!is_inside(p, use)) return false;
    if (!hl_outline_is_restated(hl_ins(p->f, use))) return true;
    for (uint32_t u = p->first_use[use]; u < p->first_use[use + 1]; u++)
        if (hl_web_counts_inside(p, p->uses[u])) return true;
    return false;
}

/* ---- growing ----------------------------------------------------------------------------------- */

static bool blame(Web *w, Ref r) {
    w->carry->kind = CARRY_OTHER;
    w->carry->blamed = r;
    return false;
}

static bool add_member(Web *w, Ref r, Side side) {
    if (has(w, r)) return w->side[r] == side || blame(w, r);
    w->side[r] = (uint8_t)side;
    hl_push(&w->p->scratch, &w->members, r);
    return true;
}

/* The first operation decides what reduction it is. */
static bool agree(Web *w, CarryKind kind, Ref r) {
    if (w->carry->kind == CARRY_OTHER) w->carry->kind = kind;
    return w->carry->kind == kind || blame(w, r);
}

static CarryKind kind_of(const Ins *ins) {
    switch ((Op)ins->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_FADD:
    case OP_FSUB: return CARRY_SUM;
    case OP_MUL:
    case OP_FMUL:
    case OP_FDIV: return CARRY_PRODUCT;
    case OP_AND: return CARRY_AND;
    case OP_OR: return CARRY_OR;
    case OP_XOR: return CARRY_XOR;
    case OP_SMIN:
    case OP_UMIN: return CARRY_MIN;
    case OP_SMAX:
    case OP_UMAX: return CARRY_MAX;
    default: return CARRY_OTHER;
    }
}

static bool is_comparison(const Ins *ins) {
    return ins->op >= OP_EQ && ins->op <= OP_FGE;
}

/* From one width to another; a truth value is no narrow integer. */
static bool is_conversion(const Web *w, const Ins *ins) {
    bool width = ins->op == OP_FPEXT || ins->op == OP_FPTRUNC || ins->op == OP_SEXT || ins->op == OP_ZEXT ||
                 ins->op == OP_TRUNC;
    return width && ins->type->kind != TY_B1 && ins_of(w, ins->args[0])->type->kind != TY_B1;
}

static bool is_own_store(const Web *w, Ref r) {
    return w->place && w->place[r] == w->number && ins_of(w, r)->op == OP_ARRAY_STORE;
}

static Ref stored_value(const Ins *store) {
    return store->args[store->nargs - 1];
}

/* Is it used in this place only? */
static bool is_only_operand(const Ins *ins, Ref value, uint32_t place) {
    for (uint32_t i = 0; i < ins->nargs; i++)
        if ((ins->args[i] == value) != (i == place)) return false;
    return true;
}

static bool add_test(Web *w, Ref test) {
    if (!w->test[test]) hl_push(&w->p->scratch, &w->tests, test);
    return w->test[test] = true;
}

/* Sums of complex elements are taken apart and put together again. */
static bool add_part(Web *w, Ref value, Ref use) {
    const Ins *ins = ins_of(w, use);
    if (ins->op != OP_CMAKE)
        return w->side[value] == SIDE_WHOLE &&
               add_member(w, use, ins->op == OP_CREAL ? SIDE_REAL : SIDE_IMAG);
    return is_only_operand(ins, value, w->side[value] == SIDE_IMAG) && w->side[value] != SIDE_WHOLE &&
           add_member(w, use, SIDE_WHOLE);
}

static bool is_range_check(const Web *w, Ref r) {
    const Ins *ins = ins_of(w, r);
    return w->place && ins->op == OP_CHECK && !strcmp(ins->aux.error->class_name, "OverflowError");
}

static bool add_use(Web *w, Ref value, Ref use) {
    const Ins *ins = ins_of(w, use);
    Side side = (Side)w->side[value];
    CarryKind kind = kind_of(ins);
    if (ins->op == OP_PHI || (ins->op == OP_SELECT && ins->args[0] != value) || is_conversion(w, ins))
        return add_member(w, use, side);
    if (is_comparison(ins)) return add_test(w, use);
    if (is_range_check(w, use)) {
        w->checked = use;
        return true;
    }
    if (ins->op == OP_BRANCH) return true; /* `and` and `or`: checked with the phi behind it */
    if (ins->op == OP_CREAL || ins->op == OP_CIMAG || ins->op == OP_CMAKE)
        return add_part(w, value, use) || blame(w, use);
    if (is_own_store(w, use))
        return (side == SIDE_WHOLE && is_only_operand(ins, value, ins->nargs - 1)) || blame(w, use);
    if (kind == CARRY_OTHER || !agree(w, kind, use)) return blame(w, use);
    if (w->carry->kind >= CARRY_MIN) w->carry->op = (Op)ins->op;
    return add_member(w, use, side);
}

/* A header's phi may be used behind the loop, other members may not. */
static bool grow(Web *w) {
    for (uint32_t i = 0; i < w->members.len; i++) {
        Ref value = w->members.data[i];
        for (uint32_t u = w->p->first_use[value]; u < w->p->first_use[value + 1]; u++) {
            Ref use = w->p->uses[u];
            if (!hl_web_counts_inside(w->p, use)) {
                if (value != w->carry->phi) return blame(w, use);
            } else if (use != w->carry->phi && !add_use(w, value, use)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- equal values ------------------------------------------------------------------------------ */

static bool is_seen(const Ins *ins, int depth);

/* Does nothing happen between two instructions of a block that can be seen? 0: its beginning, its end. */
static bool is_quiet(const Web *w, BlockId b, Ref from, Ref to) {
    const Block *block = hl_block(w->p->f, b);
    bool behind = !from;
    for (uint32_t i = 0; i < block->ins.len && block->ins.data[i] != to; i++) {
        if (behind && is_seen(ins_of(w, block->ins.data[i]), 4)) return false;
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

/* The same thing computed twice counts as one value; so does the same element read twice, with nothing written between. */
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
static bool choice_of_phi(const Web *w, Ref r, Choice *out) {
    const Func *f = w->p->f;
    const Ins *phi = ins_of(w, r);
    uint32_t other = phi->nargs;
    for (uint32_t i = 0; i < phi->nargs; i++) {
        if (has(w, phi->args[i])) continue;
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
    if (ins->op == OP_PHI) return choice_of_phi(w, r, out);
    *out = (Choice){ins->args[0], ins->args[1], ins->args[2]};
    return true;
}

/* Of a store: `if x > a[k]: a[k] = x`, a[k] being as it was read. */
static bool choice_of_store(const Web *w, Ref store, Choice *out) {
    const Func *f = w->p->f;
    const Ins *ins = ins_of(w, store);
    const Block *block = hl_block(f, ins->block);
    if (block->preds.len != 1 || hl_block(f, block->preds.data[0])->nsuccs != 2) return false;
    const Block *from = hl_block(f, block->preds.data[0]);
    Ref condition = ins_of(w, hl_last(&from->ins))->args[0], value = stored_value(ins);
    const Ins *test = ins_of(w, condition);
    if (!is_comparison(test)) return false;
    Ref carried = test->args[has(w, test->args[1])];
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
    if (!is_comparison(ins)) return 0;
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
    if (!is_comparison(ins)) return false;
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
    return strict && !has(w, choice->yes);
}

static bool accept_extreme(Web *w, Ref r, const Choice *choice) {
    int order = order_of(w, choice->condition, choice);
    if (!order || !asks_only(w, choice->condition, choice)) return blame(w, r);
    if (!agree(w, order < 0 ? CARRY_MIN : CARRY_MAX, r)) return false;
    w->lax |= !is_strict(w, choice);
    if (w->carry->choice.condition || w->carry->op != OP_COUNT) return true;
    w->carry->choice = *choice;
    w->carry->carried = has(w, choice->yes) ? choice->yes : choice->no;
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
        if (has(w, phi->args[i])) continue;
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
        if (!has(w, phi->args[i]) || from->nsuccs != 2 ||
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
        Ref other = ins->args[has(w, ins->args[1]) ? 2 : 1];
        const Ins *known = ins_of(w, other);
        if (ins->args[0] != (other == ins->args[1] ? ins->args[2] : ins->args[1]))
            return known->op == OP_CONST_INT && agree(w, known->aux.i ? CARRY_OR : CARRY_AND, r);
        return agree(w, other == ins->args[2] ? CARRY_OR : CARRY_AND, r);
    }
    CarryKind kind;
    int truth = truth_of_others(w, ins);
    if (truth != NEITHER) return agree(w, truth ? CARRY_OR : CARRY_AND, r);
    return is_short_circuit(w, ins, &kind) && agree(w, kind, r);
}

/* ---- checking ---------------------------------------------------------------------------------- */

static bool all_in_web(const Web *w, const Ins *ins, uint32_t first) {
    for (uint32_t i = first; i < ins->nargs; i++)
        if (!has(w, ins->args[i])) return false;
    return true;
}

/* A choice between a value of the web and another one: `x if x < m else m`, `ok and x`, or True or False under any
 * condition. */
static bool check_choice(Web *w, Ref r) {
    const Ins *ins = ins_of(w, r);
    Choice choice;
    if (all_in_web(w, ins, ins->op == OP_SELECT)) return true;
    if (ins->type->kind == TY_B1) return accept_truth(w, r) || blame(w, r);
    if (!choice_of(w, r, &choice) || has(w, choice.yes) == has(w, choice.no)) return blame(w, r);
    return accept_extreme(w, r, &choice);
}

static bool check_member(Web *w, Ref r) {
    const Ins *ins = ins_of(w, r);
    bool ordered = ins->op == OP_SUB || ins->op == OP_FSUB || ins->op == OP_FDIV;
    if (r == w->carry->phi || ins->op == OP_ARRAY_LOAD || is_conversion(w, ins)) return true;
    if (w->side[r] != SIDE_WHOLE && w->carry->kind != CARRY_SUM) return blame(w, r);
    if (ins->op == OP_CREAL || ins->op == OP_CIMAG) return true;
    if (ins->op == OP_CMAKE) return all_in_web(w, ins, 0) || blame(w, r);
    if (ins->op == OP_PHI || ins->op == OP_SELECT) return check_choice(w, r);
    if (has(w, ins->args[0]) == has(w, ins->args[1]) || (ordered && !has(w, ins->args[0])))
        return blame(w, r);
    return true;
}

/* A test of the web's values may only choose between them. */
static bool check_test(Web *w, Ref test) {
    for (uint32_t u = w->p->first_use[test]; u < w->p->first_use[test + 1]; u++) {
        Ref use = w->p->uses[u];
        const Ins *ins = ins_of(w, use);
        if (ins->op == OP_SELECT && ins->args[0] == test && has(w, use)) continue;
        if ((ins->op == OP_OR || ins->op == OP_AND) && ins->type->kind == TY_B1 && !has(w, use)) {
            if (!check_test(w, use)) return false;
            continue;
        }
        if (ins->op != OP_BRANCH && !is_range_check(w, use)) return blame(w, test);
    }
    return true;
}

static bool is_truth(const Web *w, Ref r) {
    return ins_of(w, r)->op == OP_CONST_INT && ins_of(w, r)->type->kind == TY_B1;
}

/* What is stored to the element, when it is no value of the web. */
static bool check_store(Web *w, Ref store) {
    Ref value = stored_value(ins_of(w, store));
    Choice choice;
    if (has(w, value)) return w->side[value] == SIDE_WHOLE || blame(w, store);
    if (is_truth(w, value)) return agree(w, ins_of(w, value)->aux.i ? CARRY_OR : CARRY_AND, store);
    return choice_of_store(w, store, &choice) ? accept_extreme(w, store, &choice) : blame(w, store);
}

static bool check_stores(Web *w) {
    for (uint32_t i = 0; w->place && i < w->p->loop.blocks.len; i++) {
        const Block *block = hl_block(w->p->f, w->p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (is_own_store(w, block->ins.data[k]) && !check_store(w, block->ins.data[k])) return false;
    }
    return true;
}

/* ---- branches that look at the web --------------------------------------------------------------- */

/* Can anyone tell that it has run? An error can be raised by what `ok and x` leaves out in serial code. */
static bool is_seen(const Ins *ins, int depth) {
    uint8_t effects = hl_opt_effects(ins);
    if (ins->op == OP_CHECK || ins->op == OP_CHECK_INDEX || ins->op == OP_ARRAY_ALLOC || ins->op == OP_EW)
        return false;
    if (ins->op != OP_CALL || !depth) return effects == WRITE || effects == RAISE;
    const Func *f = ins->aux.func;
    for (Ref r = 1; r < f->ins.len; r++)
        if (hl_ins(f, r)->op != OP_COUNT && hl_ins(f, r)->op != OP_RAISE && is_seen(hl_ins(f, r), depth - 1))
            return true;
    return false;
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
            bool own =
                is_own_store(w, r) && (is_truth(w, stored_value(ins_of(w, r))) ||
                                       (choice_of_store(w, r, &choice) && choice.condition == condition));
            if (!own && is_seen(ins_of(w, r), 4)) return blame(w, r);
        }
    }
    return true;
}

/* Does a phi of the web choose as the branch does? */
static bool is_decided(const Web *w, Ref r, Ref condition) {
    Choice choice;
    if (all_in_web(w, ins_of(w, r), 0)) return false;
    if (ins_of(w, r)->type->kind == TY_B1) return true;
    return choice_of_phi(w, r, &choice) && choice.condition == condition;
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
        if (!has(w, phi))
            hl_push(&w->p->scratch, &w->led, phi);
        else if (!is_decided(w, phi, condition))
            return blame(w, phi);
    }
    return true;
}

static bool looks_at_web(const Web *w, Ref condition) {
    const Ins *ins = ins_of(w, condition);
    if (has(w, condition) || w->test[condition]) return true;
    return (ins->op == OP_OR || ins->op == OP_AND) &&
           (looks_at_web(w, ins->args[0]) || looks_at_web(w, ins->args[1]));
}

static bool check_branches(Web *w) {
    for (uint32_t i = 0; i < w->p->loop.blocks.len; i++) {
        BlockId b = w->p->loop.blocks.data[i];
        const Ins *last = ins_of(w, hl_terminator(w->p->f, b));
        Fork fork;
        if (last->op != OP_BRANCH || !looks_at_web(w, last->args[0])) continue;
        if (!open_fork(w, b, &fork)) return blame(w, hl_terminator(w->p->f, b));
        if (!check_ways(w, &fork) || !check_join(w, &fork)) return false;
    }
    return true;
}

/* ---- the web ------------------------------------------------------------------------------------- */

static Web *new_web(ParallelLoop *p, Carry *carry) {
    Web *w = hl_new(&p->scratch, Web);
    *w = (Web){.p = p, .carry = carry};
    w->side = hl_new_array(&p->scratch, uint8_t, p->f->ins.len);
    w->test = hl_new_array(&p->scratch, bool, p->f->ins.len);
    return w;
}

static bool check(Web *w) {
    for (uint32_t i = 0; i < w->members.len; i++)
        if (!check_member(w, w->members.data[i])) return false;
    for (uint32_t i = 0; i < w->tests.len; i++)
        if (!check_test(w, w->tests.data[i])) return false;
    return check_stores(w) && check_branches(w);
}

Web *hl_web_of_carry(ParallelLoop *p, Carry *carry) {
    Web *w = new_web(p, carry);
    add_member(w, carry->phi, SIDE_WHOLE);
    if (grow(w) && check(w) && !has(w, carry->next)) blame(w, carry->next);
    return w;
}

CarryKind hl_web_of_element(ParallelLoop *p, const uint32_t *place, uint32_t number, Ref *checked) {
    Carry carry = {.op = OP_COUNT};
    Web *w = new_web(p, &carry);
    w->place = place;
    w->number = number;
    for (uint32_t i = 0; i < p->loop.blocks.len; i++) {
        const Block *block = hl_block(p->f, p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            Ref r = block->ins.data[k];
            if (place[r] == number && hl_ins(p->f, r)->op == OP_ARRAY_LOAD) add_member(w, r, SIDE_WHOLE);
        }
    }
    if (!grow(w) || !check(w) || w->led.len) return CARRY_OTHER;
    bool is_extreme =
        carry.kind == CARRY_MIN || carry.kind == CARRY_MAX; /* it fits in the part where it fits the whole */
    *checked = is_extreme ? 0 : w->checked;
    return carry.kind;
}
