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

bool hl_web_blame(Web *w, Ref r) {
    w->carry->kind = CARRY_OTHER;
    w->carry->blamed = r;
    return false;
}

/* The first operation decides what reduction it is. */
bool hl_web_agree(Web *w, CarryKind kind, Ref r) {
    if (w->carry->kind == CARRY_OTHER) w->carry->kind = kind;
    return w->carry->kind == kind || hl_web_blame(w, r);
}

static bool add_member(Web *w, Ref r, Side side) {
    if (hl_web_has(w, r)) return w->side[r] == side || hl_web_blame(w, r);
    w->side[r] = (uint8_t)side;
    hl_push(&w->p->scratch, &w->members, r);
    return true;
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

/* From one width to another; a truth value is no narrow integer. */
static bool is_conversion(const Web *w, const Ins *ins) {
    bool width = ins->op == OP_FPEXT || ins->op == OP_FPTRUNC || ins->op == OP_SEXT || ins->op == OP_ZEXT ||
                 ins->op == OP_TRUNC;
    return width && ins->type->kind != TY_B1 && ins_of(w, ins->args[0])->type->kind != TY_B1;
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
    if (hl_web_is_comparison(ins)) return add_test(w, use);
    if (is_range_check(w, use)) {
        w->checked = use;
        return true;
    }
    if (ins->op == OP_BRANCH) return true; /* `and` and `or`: checked with the phi behind it */
    if (ins->op == OP_CREAL || ins->op == OP_CIMAG || ins->op == OP_CMAKE)
        return add_part(w, value, use) || hl_web_blame(w, use);
    if (hl_web_is_own_store(w, use))
        return (side == SIDE_WHOLE && is_only_operand(ins, value, ins->nargs - 1)) || hl_web_blame(w, use);
    if (kind == CARRY_OTHER || !hl_web_agree(w, kind, use)) return hl_web_blame(w, use);
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
                if (value != w->carry->phi) return hl_web_blame(w, use);
            } else if (use != w->carry->phi && !add_use(w, value, use)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- checking ---------------------------------------------------------------------------------- */

static bool check_member(Web *w, Ref r) {
    const Ins *ins = ins_of(w, r);
    bool ordered = ins->op == OP_SUB || ins->op == OP_FSUB || ins->op == OP_FDIV;
    if (r == w->carry->phi || ins->op == OP_ARRAY_LOAD || is_conversion(w, ins)) return true;
    if (w->side[r] != SIDE_WHOLE && w->carry->kind != CARRY_SUM) return hl_web_blame(w, r);
    if (ins->op == OP_CREAL || ins->op == OP_CIMAG) return true;
    if (ins->op == OP_CMAKE) return hl_web_has_all(w, ins, 0) || hl_web_blame(w, r);
    if (ins->op == OP_PHI || ins->op == OP_SELECT) return hl_choice_check(w, r);
    if (hl_web_has(w, ins->args[0]) == hl_web_has(w, ins->args[1]) ||
        (ordered && !hl_web_has(w, ins->args[0])))
        return hl_web_blame(w, r);
    return true;
}

/* A test of the web's values may only choose between them. */
static bool check_test(Web *w, Ref test) {
    for (uint32_t u = w->p->first_use[test]; u < w->p->first_use[test + 1]; u++) {
        Ref use = w->p->uses[u];
        const Ins *ins = ins_of(w, use);
        if (ins->op == OP_SELECT && ins->args[0] == test && hl_web_has(w, use)) continue;
        if ((ins->op == OP_OR || ins->op == OP_AND) && ins->type->kind == TY_B1 && !hl_web_has(w, use)) {
            if (!check_test(w, use)) return false;
            continue;
        }
        if (ins->op != OP_BRANCH && !is_range_check(w, use)) return hl_web_blame(w, test);
    }
    return true;
}

static bool check_stores(Web *w) {
    for (uint32_t i = 0; w->place && i < w->p->loop.blocks.len; i++) {
        const Block *block = hl_block(w->p->f, w->p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (hl_web_is_own_store(w, block->ins.data[k]) && !hl_choice_check_store(w, block->ins.data[k]))
                return false;
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
    return check_stores(w) && hl_forks_check(w);
}

Web *hl_web_of_carry(ParallelLoop *p, Carry *carry) {
    Web *w = new_web(p, carry);
    add_member(w, carry->phi, SIDE_WHOLE);
    if (grow(w) && check(w) && !hl_web_has(w, carry->next)) hl_web_blame(w, carry->next);
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
