/* carries: what becomes of each value that a parallel loop carries from one round to the next.
 *
 *     s += x, s -= x         parts begin with 0 and are added
 *     p *= x, p /= x         parts begin with 1 and are multiplied
 *     &  |  ^, and, or       parts begin with the loop's first value (^: 0)
 *     min, max               the same; also when written as `if x > m: m = x`
 *     if x > m: m, k = x, i  k follows m: that of the part is taken whose m is
 *
 * web.c says what a reduction is. The first part always begins with the loop's first value, so one part gives exactly
 * what the serial loop gives. -0.0 is the zero that floats are added to without a trace.
 */
#include "opt/web.h"

#include <math.h>

/* ---- followers ----------------------------------------------------------------------------------- */

/* `if x > m: m, k = x, i`: k's phis stand beside m's, and take another value where m's do. With a strict comparison, the
 * part whose m is taken has changed its k as well. */
typedef struct Pairs {
    ParallelLoop *p;
    const Web *leader;
    Ref *of; /* by Ref, of a follower's phi: the leader's beside it */
    VEC(Ref) phis;
} Pairs;

static bool is_member(const Web *w, Ref r) {
    return w->side[r] != SIDE_NONE;
}

static bool pair(Pairs *x, Ref phi, Ref lead) {
    const Ins *ins = hl_ins(x->p->f, phi), *other = hl_ins(x->p->f, lead);
    if (x->of[phi]) return x->of[phi] == lead;
    if (phi == lead || ins->op != OP_PHI || other->op != OP_PHI || ins->block != other->block) return false;
    x->of[phi] = lead;
    hl_push(&x->p->scratch, &x->phis, phi);
    return true;
}

static bool pair_all(Pairs *x) {
    for (uint32_t i = 0; i < x->phis.len; i++) {
        const Ins *ins = hl_ins(x->p->f, x->phis.data[i]);
        const Ins *lead = hl_ins(x->p->f, x->of[x->phis.data[i]]);
        for (uint32_t k = 0; k < ins->nargs; k++)
            if (is_member(x->leader, lead->args[k]) && !pair(x, ins->args[k], lead->args[k])) return false;
    }
    return true;
}

/* Other values come where the leader's do, and nothing else looks at a follower. */
static bool check_pair(const Pairs *x, Ref phi) {
    const ParallelLoop *p = x->p;
    const Ins *ins = hl_ins(p->f, phi), *lead = hl_ins(p->f, x->of[phi]);
    for (uint32_t k = 0; k < ins->nargs; k++)
        if (!is_member(x->leader, lead->args[k]) &&
            (x->of[ins->args[k]] || is_member(x->leader, ins->args[k])))
            return false;
    for (uint32_t u = p->first_use[phi]; u < p->first_use[phi + 1]; u++)
        if (hl_web_counts_inside(p, p->uses[u]) && !x->of[p->uses[u]]) return false;
    return true;
}

static bool follows(Pairs *x, Ref phi, Ref lead) {
    bool good = pair(x, phi, lead) && pair_all(x);
    for (uint32_t i = 0; good && i < x->phis.len; i++)
        good = check_pair(x, x->phis.data[i]);
    for (uint32_t i = 0; !good && i < x->phis.len; i++)
        x->of[x->phis.data[i]] = 0;
    x->phis.len = 0;
    return good;
}

/* All that a leader's branches decide beside it must follow it. */
static void find_followers(ParallelLoop *p, uint32_t number) {
    Carry *leader = &p->carries.data[number];
    Pairs x = {.p = p, .leader = leader->web};
    x.of = hl_new_array(&p->scratch, Ref, p->f->ins.len);
    bool is_extreme = leader->kind == CARRY_MIN || leader->kind == CARRY_MAX;
    for (uint32_t i = 0; is_extreme && !x.leader->lax && i < p->carries.len; i++) {
        Carry *carry = &p->carries.data[i];
        if (i == number || carry->kind == CARRY_STEP || !hl_type_is_scalar(hl_ins(p->f, carry->phi)->type))
            continue;
        if (!follows(&x, carry->phi, leader->phi)) continue;
        carry->kind = CARRY_FOLLOWER;
        carry->leader = number;
    }
    for (uint32_t i = 0; i < x.leader->led.len; i++) {
        if (x.of[x.leader->led.data[i]]) continue;
        leader->kind = CARRY_OTHER;
        leader->blamed = x.leader->led.data[i];
    }
}

/* ---- all carried values ------------------------------------------------------------------------ */

static bool is_read_inside(const ParallelLoop *p, Ref r) {
    for (uint32_t u = p->first_use[r]; u < p->first_use[r + 1]; u++)
        if (hl_web_counts_inside(p, p->uses[u])) return true;
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
            carry.web = hl_web_of_carry(p, &carry);
        hl_push(&p->scratch, &p->carries, carry);
    }
    for (uint32_t i = 0; i < p->carries.len; i++)
        if (p->carries.data[i].web && p->carries.data[i].web->led.len) find_followers(p, i);
}

const char *hl_carry_word(CarryKind kind) {
    static const char *const words[] = {
        "", "", "", "+", "*", "and", "or", "^", "min", "max", "taken with it"};
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
    if (ins.op == OP_OR || ins.op == OP_AND) {
        Ref x = choose_again(p, carry, at, ins.args[0], total, part);
        Ref y = choose_again(p, carry, at, ins.args[1], total, part);
        return hl_opt_op2(at, (Op)ins.op, ins.type, x, y);
    }
    Ref args[2];
    for (uint32_t i = 0; i < 2; i++)
        args[i] = ins.args[i] == carry->carried ? total : part;
    return hl_opt_compare(at, (Op)ins.op, args[0], args[1]);
}

static Ref choose(const ParallelLoop *p, const Carry *carry, HlEmitter *at, Ref condition, Ref total,
                  Ref part) {
    bool yes = carry->choice.yes == carry->carried;
    return hl_opt_select(at, hl_ins(p->f, total)->type, condition, yes ? total : part, yes ? part : total);
}

static Ref follow(const ParallelLoop *p, uint32_t number, HlEmitter *at, const Ref *totals,
                  const Ref *parts) {
    uint32_t first = p->carries.data[number].leader;
    const Carry *leader = &p->carries.data[first];
    Ref condition = choose_again(p, leader, at, leader->choice.condition, totals[first], parts[first]);
    return choose(p, leader, at, condition, totals[number], parts[number]);
}

Ref hl_carry_combine(const ParallelLoop *p, uint32_t number, HlEmitter *at, const Ref *totals,
                     const Ref *parts) {
    const Carry *carry = &p->carries.data[number];
    Ref total = totals[number], part = parts[number];
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
    case CARRY_FOLLOWER: return follow(p, number, at, totals, parts);
    case CARRY_OTHER:
    case CARRY_STEP:
    case CARRY_LAST: return part;
    }
    if (!carry->choice.condition) return hl_opt_op2(at, carry->op, type, total, part);
    Ref condition = choose_again(p, carry, at, carry->choice.condition, total, part);
    return choose(p, carry, at, condition, total, part);
}
