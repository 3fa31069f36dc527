/* carries: what becomes of each value that a parallel loop carries from one round to the next.
 *
 * A reduction is a web of values: begin with the phi of the header; what is made of a value of the web by the
 * reduction's own operation, with an operand from outside the web, is in it, and so is a phi of values in it (an
 * update under a condition, an inner loop that goes on adding). The loop's next value must be in the web, and nothing
 * else may look at the values in it, for in a parallel loop they are those of a part.
 *
 *     s += x, s -= x         parts begin with 0 and are added
 *     p *= x, p /= x         parts begin with 1 and are multiplied
 *     &  |  ^, and, or       parts begin with the loop's first value (^: 0)
 *     min, max               the same; also when written as `if x > m: m = x`
 *
 * The first part always begins with the loop's first value, so one part gives exactly what the serial loop gives.
 * -0.0 is the zero that floats are added to without a trace.
 */
#include "opt/parallel.h"

#include <math.h>

typedef struct Web {
    ParallelLoop *p;
    Carry *carry;
    bool *has;  /* by Ref */
    bool *test; /* by Ref: compares a value of the web with another one */
    VEC(Ref) members, tests;
} Web;

static const Ins *ins_of(const Web *w, Ref r) {
    return hl_ins(w->p->f, r);
}

static bool is_inside(const ParallelLoop *p, Ref r) {
    return p->inside[hl_ins(p->f, r)->block];
}

/* Does an instruction in the loop, or behind it, use it for what happens in the loop? What is only made in the
 * header to be used behind the loop is made again there. */
static bool counts_inside(const ParallelLoop *p, Ref use) {
    if (!is_inside(p, use)) return false;
    if (!hl_outline_is_restated(hl_ins(p->f, use))) return true;
    for (uint32_t u = p->first_use[use]; u < p->first_use[use + 1]; u++)
        if (counts_inside(p, p->uses[u])) return true;
    return false;
}

/* ---- growing ----------------------------------------------------------------------------------- */

static void add_member(Web *w, Ref r) {
    if (w->has[r]) return;
    w->has[r] = true;
    hl_push(&w->p->scratch, &w->members, r);
}

static bool blame(Web *w, Ref r) {
    w->carry->kind = CARRY_OTHER;
    w->carry->blamed = r;
    return false;
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

static bool add_use(Web *w, Ref value, Ref use) {
    const Ins *ins = ins_of(w, use);
    CarryKind kind = kind_of(ins);
    if (ins->op == OP_PHI || (ins->op == OP_SELECT && ins->args[0] != value)) {
        add_member(w, use);
        return true;
    }
    if (is_comparison(ins)) {
        if (!w->test[use]) hl_push(&w->p->scratch, &w->tests, use);
        w->test[use] = true;
        return true;
    }
    if (ins->op == OP_BRANCH) return true; /* `and` and `or`: checked with the phi behind it */
    if (kind == CARRY_OTHER || !agree(w, kind, use)) return blame(w, use);
    if (w->carry->kind >= CARRY_MIN) w->carry->op = (Op)ins->op;
    add_member(w, use);
    return true;
}

static bool grow(Web *w) {
    add_member(w, w->carry->phi);
    for (uint32_t i = 0; i < w->members.len; i++) {
        Ref value = w->members.data[i];
        for (uint32_t u = w->p->first_use[value]; u < w->p->first_use[value + 1]; u++) {
            Ref use = w->p->uses[u];
            if (!counts_inside(w->p, use)) {
                if (value != w->carry->phi) return blame(w, use);
            } else if (use != w->carry->phi && !add_use(w, value, use)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- choices: select, or a phi where two paths meet -------------------------------------------- */

/* The same element read twice, with nothing written between counts as one value. */
static bool same_value(const Web *w, Ref a, Ref b) {
    const Ins *x = ins_of(w, a), *y = ins_of(w, b);
    if (a == b) return true;
    if (x->op != OP_ARRAY_LOAD || y->op != OP_ARRAY_LOAD || x->nargs != y->nargs) return false;
    for (uint32_t i = 0; i < x->nargs; i++)
        if (x->args[i] != y->args[i]) return false;
    for (uint32_t i = 0; i < 2; i++) {
        const Block *block = hl_block(w->p->f, i ? y->block : x->block);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (hl_opt_effects(ins_of(w, block->ins.data[k])) == WRITE) return false;
    }
    return true;
}

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
        if (w->has[phi->args[i]]) continue;
        if (other != phi->nargs) return false;
        other = i;
    }
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

static bool accept_extreme(Web *w, Ref r, const Choice *choice) {
    int order = order_of(w, choice->condition, choice);
    if (!order || !asks_only(w, choice->condition, choice)) return blame(w, r);
    if (!agree(w, order < 0 ? CARRY_MIN : CARRY_MAX, r)) return false;
    if (w->carry->choice.condition || w->carry->op != OP_COUNT) return true;
    w->carry->choice = *choice;
    w->carry->carried = w->has[choice->yes] ? choice->yes : choice->no;
    return true;
}

static bool is_truth(const Web *w, Ref r, bool value) {
    return ins_of(w, r)->type->kind == TY_B1 && hl_opt_is_int(w->p->f, r, value);
}

/* A choice between a value of the web and another one: `x if x < m else m`, `ok and x`, or True or False under any
 * condition. */
static bool accept_choice(Web *w, Ref r, const Choice *choice) {
    bool yes = w->has[choice->yes];
    Ref carried = yes ? choice->yes : choice->no, other = yes ? choice->no : choice->yes;
    if (choice->condition == carried) return agree(w, yes ? CARRY_OR : CARRY_AND, r);
    if (is_truth(w, other, true)) return agree(w, CARRY_OR, r);
    if (is_truth(w, other, false)) return agree(w, CARRY_AND, r);
    return accept_extreme(w, r, choice);
}

/* ---- checking ---------------------------------------------------------------------------------- */

static bool all_in_web(const Web *w, const Ins *ins, uint32_t first) {
    for (uint32_t i = first; i < ins->nargs; i++)
        if (!w->has[ins->args[i]]) return false;
    return true;
}

static bool check_member(Web *w, Ref r) {
    const Ins *ins = ins_of(w, r);
    Choice choice;
    if (r == w->carry->phi) return true;
    if (ins->op == OP_PHI || ins->op == OP_SELECT) {
        if (all_in_web(w, ins, ins->op == OP_SELECT)) return true;
        if (!choice_of(w, r, &choice) || w->has[choice.yes] == w->has[choice.no]) return blame(w, r);
        return accept_choice(w, r, &choice);
    }
    bool ordered = ins->op == OP_SUB || ins->op == OP_FSUB || ins->op == OP_FDIV;
    if (w->has[ins->args[0]] == w->has[ins->args[1]] || (ordered && !w->has[ins->args[0]]))
        return blame(w, r);
    return true;
}

/* A test of the web's values may only choose between them. */
static bool check_test(Web *w, Ref test) {
    for (uint32_t u = w->p->first_use[test]; u < w->p->first_use[test + 1]; u++) {
        Ref use = w->p->uses[u];
        const Ins *ins = ins_of(w, use);
        if (ins->op == OP_SELECT && ins->args[0] == test && w->has[use]) continue;
        if ((ins->op == OP_OR || ins->op == OP_AND) && ins->type->kind == TY_B1 && !w->has[use]) {
            if (!check_test(w, use)) return false;
            continue;
        }
        if (ins->op != OP_BRANCH) return blame(w, test);
    }
    return true;
}

/* A branch on the web's values, or on tests of them: one path leads straight to a phi of the web that takes another
 * value over the other one, which does nothing else that can be seen. */
static bool check_branch(Web *w, BlockId b) {
    const Block *block = hl_block(w->p->f, b);
    for (uint32_t i = 0; i < w->members.len; i++) {
        const Ins *ins = ins_of(w, w->members.data[i]);
        Choice choice;
        if (ins->op != OP_PHI || all_in_web(w, ins, 0) || !choice_of_phi(w, w->members.data[i], &choice))
            continue;
        if (choice.condition != ins_of(w, hl_terminator(w->p->f, b))->args[0]) continue;
        BlockId path = block->succs[block->succs[0] == ins->block];
        for (uint32_t k = 0; path != ins->block && k < hl_block(w->p->f, path)->ins.len; k++)
            if (hl_opt_effects(ins_of(w, hl_block(w->p->f, path)->ins.data[k])) == WRITE)
                return blame(w, hl_block(w->p->f, path)->ins.data[k]);
        return true;
    }
    return blame(w, hl_terminator(w->p->f, b));
}

static bool looks_at_web(const Web *w, Ref condition) {
    const Ins *ins = ins_of(w, condition);
    if (w->has[condition] || w->test[condition]) return true;
    return (ins->op == OP_OR || ins->op == OP_AND) &&
           (looks_at_web(w, ins->args[0]) || looks_at_web(w, ins->args[1]));
}

static bool check_branches(Web *w) {
    for (uint32_t i = 0; i < w->p->loop.blocks.len; i++) {
        BlockId b = w->p->loop.blocks.data[i];
        const Ins *last = ins_of(w, hl_terminator(w->p->f, b));
        if (last->op == OP_BRANCH && looks_at_web(w, last->args[0]) && !check_branch(w, b)) return false;
    }
    return true;
}

static bool check_web(Web *w) {
    for (uint32_t i = 0; i < w->members.len; i++)
        if (!check_member(w, w->members.data[i])) return false;
    for (uint32_t i = 0; i < w->tests.len; i++)
        if (!check_test(w, w->tests.data[i])) return false;
    return check_branches(w) && (w->has[w->carry->next] || blame(w, w->carry->next));
}

/* ---- all carried values ------------------------------------------------------------------------ */

static void find_reduction(ParallelLoop *p, Carry *carry) {
    Web w = {.p = p, .carry = carry};
    w.has = hl_new_array(&p->scratch, bool, p->f->ins.len);
    w.test = hl_new_array(&p->scratch, bool, p->f->ins.len);
    if (grow(&w)) check_web(&w);
}

static bool is_read_inside(const ParallelLoop *p, Ref r) {
    for (uint32_t u = p->first_use[r]; u < p->first_use[r + 1]; u++)
        if (counts_inside(p, p->uses[u])) return true;
    return false;
}

void hl_carries_find(ParallelLoop *p) {
    const Block *header = hl_block(p->f, p->loop.header);
    for (uint32_t i = 0; i < header->ins.len; i++) {
        const Ins *ins = hl_ins(p->f, header->ins.data[i]);
        if (ins->op != OP_PHI) break;
        Carry carry = {.phi = header->ins.data[i], .op = OP_COUNT};
        carry.init = ins->args[p->entry];
        carry.next = ins->args[1 - p->entry];
        if (hl_induction(p->f, p->cfg, carry.phi, &carry.step))
            carry.kind = CARRY_STEP;
        else if (!hl_type_is_scalar(ins->type))
            carry.blamed = carry.next;
        else if (!is_read_inside(p, carry.phi))
            carry.kind = CARRY_LAST;
        else
            find_reduction(p, &carry);
        hl_push(&p->scratch, &p->carries, carry);
    }
}

CarryKind hl_carry_of_update(ParallelLoop *p, Ref value, Ref carried) {
    Carry carry = {.op = OP_COUNT};
    Web w = {.p = p, .carry = &carry};
    const Ins *ins = hl_ins(p->f, value);
    CarryKind kind = kind_of(ins);
    w.has = hl_new_array(&p->scratch, bool, p->f->ins.len);
    w.has[carried] = true;
    if (ins->op == OP_SELECT) {
        Choice choice = {ins->args[0], ins->args[1], ins->args[2]};
        bool one = w.has[choice.yes] != w.has[choice.no];
        return one && accept_extreme(&w, value, &choice) ? carry.kind : CARRY_OTHER;
    }
    bool ordered = ins->op == OP_SUB || ins->op == OP_FSUB || ins->op == OP_FDIV;
    return kind != CARRY_OTHER && (!ordered || ins->args[0] == carried) ? kind : CARRY_OTHER;
}

const char *hl_carry_word(CarryKind kind) {
    static const char *const words[] = {"", "", "", "+", "*", "and", "or", "^", "min", "max"};
    return words[kind];
}

/* ---- values of parts --------------------------------------------------------------------------- */

static double neutral_float(CarryKind kind) {
    switch (kind) {
    case CARRY_PRODUCT: return 1.0;
    case CARRY_MIN: return (double)INFINITY;
    case CARRY_MAX: return -(double)INFINITY;
    default: return -0.0;
    }
}

static int64_t neutral_int(CarryKind kind, const Type *type) {
    int bits = hl_type_bits(type);
    bool is_signed = hl_type_is_signed(type);
    int64_t ones = is_signed || bits == 64 ? -1 : (INT64_C(1) << bits) - 1;
    int64_t high = is_signed ? (int64_t)(UINT64_MAX >> (65 - bits)) : ones;
    switch (kind) {
    case CARRY_PRODUCT: return 1;
    case CARRY_AND: return ones;
    case CARRY_MIN: return high;
    case CARRY_MAX: return is_signed ? -high - 1 : 0;
    default: return 0;
    }
}

Ref hl_carry_neutral(CarryKind kind, HlEmitter *at, const Type *type) {
    if (hl_type_is_complex(type)) {
        const Type *real = hl_type_real_of(type);
        Ref part = hl_carry_neutral(kind, at, real);
        return hl_opt_op2(at, OP_CMAKE, type, part,
                          kind == CARRY_SUM ? part : hl_carry_neutral(CARRY_XOR, at, real));
    }
    if (hl_type_is_float(type))
        return hl_opt_ins(at, OP_CONST_FLOAT, type, NULL, 0, (Aux){.f = {neutral_float(kind)}});
    return hl_opt_ins(at, OP_CONST_INT, type, NULL, 0, (Aux){.i = neutral_int(kind, type)});
}

/* The first update once more, with other values. */
static Ref choose_again(const ParallelLoop *p, const Carry *carry, HlEmitter *at, Ref r, Ref total,
                        Ref part) {
    const Ins ins = *hl_ins(p->f, r);
    if (!is_comparison(&ins)) {
        Ref x = choose_again(p, carry, at, ins.args[0], total, part);
        Ref y = choose_again(p, carry, at, ins.args[1], total, part);
        return hl_opt_op2(at, (Op)ins.op, ins.type, x, y);
    }
    Ref args[2];
    for (uint32_t i = 0; i < 2; i++)
        args[i] = ins.args[i] == carry->carried ? total : part;
    return hl_opt_compare(at, (Op)ins.op, args[0], args[1]);
}

Ref hl_carry_combine(const ParallelLoop *p, const Carry *carry, HlEmitter *at, Ref total, Ref part) {
    const Type *type = hl_ins(p->f, carry->phi)->type;
    bool is_float = hl_type_is_float(type);
    switch (carry->kind) {
    case CARRY_SUM: return hl_opt_op2(at, is_float ? OP_FADD : OP_ADD, type, total, part);
    case CARRY_PRODUCT: return hl_opt_op2(at, is_float ? OP_FMUL : OP_MUL, type, total, part);
    case CARRY_AND: return hl_opt_op2(at, OP_AND, type, total, part);
    case CARRY_OR: return hl_opt_op2(at, OP_OR, type, total, part);
    case CARRY_XOR: return hl_opt_op2(at, OP_XOR, type, total, part);
    case CARRY_MIN:
    case CARRY_MAX: break;
    case CARRY_OTHER:
    case CARRY_STEP:
    case CARRY_LAST: return part;
    }
    if (!carry->choice.condition) return hl_opt_op2(at, carry->op, type, total, part);
    const Choice *choice = &carry->choice;
    Ref condition = choose_again(p, carry, at, choice->condition, total, part);
    bool yes = choice->yes == carry->carried;
    return hl_opt_select(at, type, condition, yes ? total : part, yes ? part : total);
}
