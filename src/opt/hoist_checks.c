/* hoist_checks: bounds checks out of loops.
 *
 * needs: form LOOPS; simplify before it makes it see more. keeps: valid SSA. leaves: every check.index that
 * is left may fail, or nothing better is known. adds: cold functions to Compile.functions.
 *
 * First what is proved (ranges.c) goes: comparisons that are decided, wraps of indices that are not
 * negative, checks that cannot fail; operations that cannot overflow say so. Then, loop by loop from the
 * outermost: the checks in it whose two questions, 0 <= index and index < size, can be asked in front of
 * the loop, for all its rounds at once, go from it, and the loop runs only where all those tests hold; else
 * its cold copy runs, from the first round, with every check in its place: it raises where CPython would
 * and earlier writes are kept, it wraps negative indices. So a test may be stronger than the check it
 * stands for. It is not asked when it is known to fail, as for `a[i - 1]` from i = 0: such a check stays
 * where it is.
 *
 * The same test asks, where a loop gains by it, whether the arrays of the loop overlap (apart.c).
 *
 * Why not ask each check's question in the loop's first round, or peel it: LLVM's inductive range check
 * elimination does that and splits a loop in three; one test and one loop is less code, and the test is
 * shared by all checks.
 */
#include <string.h>

#include "opt/loops.h"

enum { SIZE_BITS = 48 }; /* of what is in memory */

typedef struct Plan {
    VEC(Ref) checks; /* that go */
    VEC(Ways) tests; /* each of them must hold */
    Small small;     /* and these values be small */
    Apart apart;     /* and these arrays overlap nowhere */
} Plan;

typedef struct Hoist {
    Compile *c;
    Func *f;
    Arena scratch; /* of one round */
    Arena arena;   /* of the pass */
    Cfg *cfg;
    Ranges *exact, *assuming;
    const Loop *loop;  /* looked at now */
    VEC(BlockId) done; /* headers of loops that have their copy */
} Hoist;

static const Type *i64(void) {
    return hl_type(TY_I64);
}

/* ---- questions of a check -------------------------------------------------------------------- */

static bool index_poly(Ranges *x, const Ins *check, Poly *out) {
    *out = *hl_ranges_poly(x, check->args[0]);
    return true;
}

/* size - index - 1 */
static bool room_poly(Ranges *x, const Ins *check, Poly *out) {
    if (!hl_poly_add(out, hl_ranges_poly(x, check->args[1]), hl_ranges_poly(x, check->args[0]), -1))
        return false;
    out->constant -= 1;
    return true;
}

/* -1 - index */
static bool negative_poly(Ranges *x, const Ins *check, Poly *out) {
    Poly minus_one = hl_poly_constant(-1);
    return hl_poly_add(out, &minus_one, hl_ranges_poly(x, check->args[0]), -1);
}

/* index + size: the wrapped index */
static bool wrapped_poly(Ranges *x, const Ins *check, Poly *out) {
    return hl_poly_add(out, hl_ranges_poly(x, check->args[0]), hl_ranges_poly(x, check->args[1]), 1);
}

typedef bool Question(Ranges *x, const Ins *check, Poly *out);

static bool is_proved(Hoist *h, Question *question, const Ins *check) {
    Poly p;
    return question(h->exact, check, &p) && hl_ranges_prove(h->exact, &p, check->block);
}

/* ---- replacing ------------------------------------------------------------------------------- */

static Ref put_i64(Func *f, Ref position, int64_t value) {
    return hl_loops_put(f, position, OP_CONST_INT, i64(), 0, 0, (Aux){.i = value});
}

/* What the check gives when it does not fail: the index, or the wrapped index. */
static Ref passed_index(Func *f, Ref check, bool negative) {
    const Ins *ins = hl_ins(f, check);
    if (!negative) return ins->args[0];
    Ref wrapped = hl_loops_put(f, check, OP_ADD, i64(), ins->args[0], ins->args[1], (Aux){0});
    hl_ins(f, wrapped)->flags |= INS_NSW;
    return wrapped;
}

/* ---- what is proved -------------------------------------------------------------------------- */

typedef enum { KEEP, PASS, PASS_NEGATIVE, TRUE, FALSE, NO_OVERFLOW, NO_DIVISION } Verdict;

/* A size is never negative, whatever is known of it otherwise. */
static bool is_remainder_of_size(const Func *f, const Ins *check) {
    const Ins *index = hl_ins(f, check->args[0]);
    return (index->op == OP_FLOORMOD || index->op == OP_WRAP) && index->args[1] == check->args[1];
}

static Verdict judge_check(Hoist *h, const Ins *ins) {
    if (is_remainder_of_size(h->f, ins)) return PASS;
    if (is_proved(h, index_poly, ins)) return is_proved(h, room_poly, ins) ? PASS : KEEP;
    return is_proved(h, negative_poly, ins) && is_proved(h, wrapped_poly, ins) ? PASS_NEGATIVE : KEEP;
}

/* factor * n + constant - sign * x >= 0? */
static bool is_within(Hoist *h, const Ins *mod, int64_t factor, int64_t constant, int64_t sign) {
    Poly p = hl_poly_constant(constant);
    return hl_poly_add(&p, &p, hl_ranges_poly(h->exact, mod->args[1]), factor) &&
           hl_poly_add(&p, &p, hl_ranges_poly(h->exact, mod->args[0]), -sign) &&
           hl_ranges_prove(h->exact, &p, mod->block);
}

/* x % n one period around [0, n), as in (i + 1) % n: -n <= x < 2 * n, or -1 <= x <= n, for n is not 0. */
static bool is_near(Hoist *h, const Ins *mod) {
    if (hl_ranges_interval(h->exact, hl_ranges_poly(h->exact, mod->args[1])).low < 0) return false;
    return (is_within(h, mod, 0, 1, -1) || is_within(h, mod, 1, 0, -1)) &&
           (is_within(h, mod, 1, 0, 1) || is_within(h, mod, 2, -1, 1));
}

static Verdict judge(Hoist *h, Ref r) {
    const Ins *ins = hl_ins(h->f, r);
    switch ((Op)ins->op) {
    case OP_CHECK_INDEX: return judge_check(h, ins);
    case OP_FLOORMOD: return is_near(h, ins) ? NO_DIVISION : KEEP;
    case OP_SLT:
    case OP_SLE:
    case OP_SGT:
    case OP_SGE:
    case OP_EQ:
    case OP_NE: {
        int decided = hl_ranges_decide(h->exact, r, ins->block);
        return decided < 0 ? KEEP : decided ? TRUE : FALSE;
    }
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_SHL: return !(ins->flags & INS_NSW) && !hl_ranges_is_whole(h->exact, r) ? NO_OVERFLOW : KEEP;
    default: return KEEP;
    }
}

static Ref constant_bool(Func *f, Ref position, bool value) {
    return hl_loops_put(f, position, OP_CONST_INT, hl_type(TY_B1), 0, 0, (Aux){.i = value});
}

static void carry_out(Hoist *h, Ref r, Verdict verdict, Ref *map) {
    switch (verdict) {
    case KEEP: break;
    case PASS: map[r] = passed_index(h->f, r, false); break;
    case PASS_NEGATIVE: map[r] = passed_index(h->f, r, true); break;
    case TRUE: map[r] = constant_bool(h->f, r, true); break;
    case FALSE: map[r] = constant_bool(h->f, r, false); break;
    case NO_OVERFLOW: hl_ins(h->f, r)->flags |= INS_NSW; break;
    case NO_DIVISION: hl_ins(h->f, r)->op = OP_WRAP; break;
    }
}

static void remove_replaced(Func *f, const Ref *map, Ref end) {
    hl_replace_many(f, map);
    for (Ref r = 1; r < end; r++)
        if (map[r]) hl_remove(f, r);
}

/* What depends on a constant: a value that is chosen, a check that holds. */
static void fold_constants(Hoist *h) {
    Ref end = h->f->ins.len;
    Ref *map = hl_new_array(&h->scratch, Ref, end);
    for (Ref r = 1; r < end; r++) {
        const Ins *ins = hl_ins(h->f, r);
        bool tests = ins->op == OP_SELECT || ins->op == OP_CHECK;
        if (!tests || !ins->block || hl_ins(h->f, ins->args[0])->op != OP_CONST_INT) continue;
        bool holds = hl_ins(h->f, ins->args[0])->aux.i != 0;
        if (ins->op == OP_SELECT) map[r] = ins->args[holds ? 1 : 2];
        if (ins->op == OP_CHECK && holds) hl_remove(h->f, r);
    }
    remove_replaced(h->f, map, end);
}

static void open_round(Hoist *h) {
    hl_arena_free(&h->scratch);
    h->scratch = (Arena){0};
    h->cfg = hl_cfg_compute(&h->scratch, h->f);
    h->exact = hl_ranges_open(&h->scratch, h->f, h->cfg);
}

static bool is_reached(const Hoist *h, const Ins *ins) {
    return ins->op != OP_COUNT && ins->block && h->cfg->rpo_number[ins->block] != UINT32_MAX;
}

static void drop_proved(Hoist *h) {
    open_round(h);
    Ref end = h->f->ins.len;
    uint8_t *verdicts = hl_new_array(&h->scratch, uint8_t, end);
    for (Ref r = 1; r < end; r++)
        if (is_reached(h, hl_ins(h->f, r))) verdicts[r] = (uint8_t)judge(h, r);
    Ref *map = hl_new_array(&h->scratch, Ref, h->f->ins.len * 2);
    for (Ref r = 1; r < end; r++)
        carry_out(h, r, (Verdict)verdicts[r], map);
    remove_replaced(h->f, map, end);
    fold_constants(h);
    hl_cleanup(h->f);
}

/* ---- values in front of the loop ------------------------------------------------------------- */

static bool is_there(const Hoist *h, Ref r) {
    return hl_dominates(h->cfg, hl_ins(h->f, r)->block, h->loop->preheader);
}

/* May the operation be done once more, anywhere? */
static bool is_repeatable(const Func *f, const Ins *ins) {
    if (hl_opt_effects(ins) != PURE || ins->op == OP_PHI || ins->op == OP_PARAM || ins->op == OP_BUFFER)
        return false;
    if (hl_opt_is_division((Op)ins->op)) {
        const Ins *divisor = hl_ins(f, ins->args[1]);
        return divisor->op == OP_CONST_INT && divisor->aux.i > 0;
    }
    return true;
}

static bool can_be_there(const Hoist *h, Ref r, int depth) {
    const Ins *ins = hl_ins(h->f, r);
    if (is_there(h, r)) return true;
    if (!depth || !is_repeatable(h->f, ins)) return false;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!can_be_there(h, ins->args[i], depth - 1)) return false;
    return true;
}

static bool is_available(void *data, Sym sym) {
    return can_be_there(data, sym, 5);
}

/* The value in front of the loop, computed again where it stands in it. */
static Ref bring(Hoist *h, Ref position, Ref r) {
    if (is_there(h, r)) return r;
    Ins ins = *hl_ins(h->f, r);
    Ref *args = hl_new_array(&h->scratch, Ref, ins.nargs + 1);
    for (uint32_t i = 0; i < ins.nargs; i++)
        args[i] = bring(h, position, ins.args[i]);
    Ref copy = hl_ins_new(h->f, (Op)ins.op, ins.type, args, ins.nargs, ins.aux, ins.loc);
    hl_insert_before(h->f, position, copy);
    return copy;
}

/* ---- the plan of a loop ---------------------------------------------------------------------- */

static Small new_small(Hoist *h) {
    Small small = {0};
    small.bits = hl_new_array(&h->scratch, uint8_t, h->f->ins.len);
    small.seen = hl_new_array(&h->scratch, bool, h->f->ins.len);
    return small;
}

/* One side of a test as a sum that cannot overflow, whatever its values are: one value and a constant at
 * most. */
static bool is_plain(Hoist *h, const Poly *p) {
    Interval all = hl_ranges_interval(h->assuming, p);
    if (p->nterms > 1 || (p->nterms == 1 && (p->terms[0].syms[1] || p->terms[0].factor != 1))) return false;
    return all.low >= INT64_MIN && all.high <= INT64_MAX;
}

/* p >= 0 as left >= right with positive factors; the constant stands where it does least harm. */
static void split_sides(Hoist *h, const Poly *p, Poly *left, Poly *right) {
    *left = *right = (Poly){0};
    for (uint32_t i = 0; i < p->nterms; i++) {
        Poly *side = p->terms[i].factor > 0 ? left : right;
        side->terms[side->nterms] = p->terms[i];
        if (side == right) side->terms[side->nterms].factor = -side->terms[side->nterms].factor;
        side->nterms++;
    }
    left->constant = p->constant;
    if (is_plain(h, left)) return;
    right->constant = -left->constant;
    left->constant = 0;
}

static bool need_test(Hoist *h, const Poly *p, Small *small) {
    Poly left, right;
    split_sides(h, p, &left, &right);
    if (is_plain(h, &left) && is_plain(h, &right)) return true;
    return hl_ranges_need_poly(h->assuming, p, small);
}

static bool need_tests(Hoist *h, const Ways *ways, Small *small) {
    for (uint32_t i = 0; i < ways->n; i++)
        for (uint32_t k = 0; k < ways->way[i].n; k++)
            if (!need_test(h, &ways->way[i].at_least_0[k], small)) return false;
    return true;
}

static bool need_facts(Hoist *h, const Ways *ways, Small *small) {
    for (uint32_t i = 0; i < ways->n; i++)
        for (uint32_t k = 0; k < ways->way[i].nfacts; k++)
            if (!hl_ranges_need_fact(h->assuming, ways->way[i].facts[k], small)) return false;
    return true;
}

/* Tests that imply p >= 0 in all rounds; false when there are none that may hold. No ways: it holds anyhow. */
static bool find_ways(Hoist *h, Question *question, const Ins *check, Ways *ways) {
    Poly p;
    *ways = (Ways){0};
    if (is_proved(h, question, check)) return true;
    if (!question(h->assuming, check, &p)) return false;
    hl_ranges_ways(h->assuming, &p, check->block, is_available, h, ways);
    return ways->n > 0;
}

static bool small_are_available(Hoist *h, const Small *small) {
    for (uint32_t i = 0; i < small->refs.len; i++)
        if (!is_available(h, small->refs.data[i])) return false;
    return true;
}

static void add_small(Hoist *h, Small *all, const Small *more) {
    for (uint32_t i = 0; i < more->refs.len; i++) {
        Ref r = more->refs.data[i];
        if (!all->bits[r]) hl_push(&h->scratch, &all->refs, r);
        if (!all->bits[r] || all->bits[r] > more->bits[r]) all->bits[r] = more->bits[r];
    }
    for (Ref r = 1; r < h->f->ins.len; r++)
        all->seen[r] |= more->seen[r];
}

/* Of two tests that differ in the constant the stronger one serves for both. */
static bool merge_tests(Ways *old, const Ways *tests) {
    if (old->n != tests->n) return false;
    bool equal = true;
    for (uint32_t i = 0; i < old->n; i++) {
        if (old->way[i].n != tests->way[i].n) return false;
        for (uint32_t k = 0; k < old->way[i].n; k++) {
            const Poly *p = &old->way[i].at_least_0[k], *q = &tests->way[i].at_least_0[k];
            if (!hl_poly_same_terms(p, q)) return false;
            equal = equal && p->constant == q->constant;
        }
    }
    if (equal) return true;
    if (old->n != 1 || old->way[0].n != 1) return false;
    if (tests->way[0].at_least_0[0].constant < old->way[0].at_least_0[0].constant) *old = *tests;
    return true;
}

static void add_tests(Hoist *h, Plan *plan, const Ways *tests) {
    if (!tests->n || !tests->way[0].n) return;
    for (uint32_t i = 0; i < plan->tests.len; i++)
        if (merge_tests(&plan->tests.data[i], tests)) return;
    hl_push(&h->scratch, &plan->tests, *tests);
}

/* Can these tests be made in front of the loop, and do they then mean what they say? */
static bool is_testable(Hoist *h, const Ins *check, const Ways *low, const Ways *high, Small *small) {
    Small for_tests = new_small(h);
    return need_facts(h, low, small) && need_facts(h, high, small) &&
           hl_ranges_need(h->assuming, check->args[0], small) &&
           hl_ranges_need(h->assuming, check->args[1], small) && small_are_available(h, small) &&
           need_tests(h, low, &for_tests) && need_tests(h, high, &for_tests) &&
           small_are_available(h, &for_tests);
}

static void plan_check(Hoist *h, Plan *plan, Ref check) {
    const Ins *ins = hl_ins(h->f, check);
    bool negative = is_proved(h, negative_poly, ins);
    Ways low, high = {0};
    Small small = new_small(h);
    if (!find_ways(h, negative ? wrapped_poly : index_poly, ins, &low)) return;
    if (!negative && !find_ways(h, room_poly, ins, &high)) return;
    if (!is_testable(h, ins, &low, &high, &small)) return;
    add_tests(h, plan, &low);
    add_tests(h, plan, &high);
    add_small(h, &plan->small, &small);
    hl_push(&h->scratch, &plan->checks, check);
}

/* The tests' own sums are asked for when it is known which tests are left. */
static Plan make_plan(Hoist *h) {
    Plan plan = {.small = new_small(h)};
    uint32_t nchecks = 0;
    for (uint32_t i = 0; i < h->loop->blocks.len; i++) {
        const Block *block = hl_block(h->f, h->loop->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++)
            if (hl_ins(h->f, block->ins.data[k])->op == OP_CHECK_INDEX) {
                plan_check(h, &plan, block->ins.data[k]);
                nchecks++;
            }
    }
    for (uint32_t i = 0; i < plan.tests.len; i++)
        need_tests(h, &plan.tests.data[i], &plan.small);
    if (plan.checks.len || !nchecks) hl_apart_find(&h->scratch, h->f, h->cfg, h->loop, &plan.apart);
    return plan;
}

/* ---- the test -------------------------------------------------------------------------------- */

static Ref emit_term(Hoist *h, Ref at, const Term *t) {
    Ref product = bring(h, at, t->syms[0]);
    for (int i = 1; i < MAX_DEGREE && t->syms[i]; i++)
        product = hl_loops_put(h->f, at, OP_MUL, i64(), product, bring(h, at, t->syms[i]), (Aux){0});
    if (t->factor == 1) return product;
    return hl_loops_put(h->f, at, OP_MUL, i64(), product, put_i64(h->f, at, t->factor), (Aux){0});
}

static Ref emit_sum(Hoist *h, Ref at, const Poly *p) {
    Ref sum = 0;
    for (uint32_t i = 0; i < p->nterms; i++) {
        Ref term = emit_term(h, at, &p->terms[i]);
        sum = sum ? hl_loops_put(h->f, at, OP_ADD, i64(), sum, term, (Aux){0}) : term;
    }
    if (sum && !p->constant) return sum;
    Ref constant = put_i64(h->f, at, (int64_t)p->constant);
    return sum ? hl_loops_put(h->f, at, OP_ADD, i64(), sum, constant, (Aux){0}) : constant;
}

static Ref emit_both(Hoist *h, Ref at, Op op, Ref a, Ref b) {
    return a ? hl_loops_put(h->f, at, op, hl_type(TY_B1), a, b, (Aux){0}) : b;
}

static Ref emit_ways(Hoist *h, Ref at, const Ways *ways) {
    Ref any = 0;
    for (uint32_t i = 0; i < ways->n; i++) {
        Ref all = 0;
        for (uint32_t k = 0; k < ways->way[i].n; k++) {
            Poly left, right;
            split_sides(h, &ways->way[i].at_least_0[k], &left, &right);
            Ref a = emit_sum(h, at, &left), b = emit_sum(h, at, &right);
            all =
                emit_both(h, at, OP_AND, all, hl_loops_put(h->f, at, OP_SGE, hl_type(TY_B1), a, b, (Aux){0}));
        }
        any = emit_both(h, at, OP_OR, any, all);
    }
    return any;
}

/* Do the tests say so, or is it a maximum of which they say so? */
static bool is_tested_not_negative(const Hoist *h, const Plan *plan, Ref r) {
    const Ins *ins = hl_ins(h->f, r);
    Poly self = hl_poly_sym(r);
    for (uint32_t i = 0; i < plan->tests.len; i++) {
        const Way *way = &plan->tests.data[i].way[0];
        if (plan->tests.data[i].n != 1) continue;
        for (uint32_t k = 0; k < way->n; k++)
            if (hl_poly_same_terms(&way->at_least_0[k], &self) && way->at_least_0[k].constant <= 0)
                return true;
    }
    return ins->op == OP_SMAX &&
           (is_tested_not_negative(h, plan, ins->args[0]) || is_tested_not_negative(h, plan, ins->args[1]));
}

/* Do the tests say that r is below 2 ** bits, or are it, or the values it is the maximum of, asked to be small? */
static bool is_bounded(Hoist *h, const Plan *plan, Ref r, uint8_t bits, bool may_ask) {
    if (may_ask && plan->small.bits[r] && plan->small.bits[r] <= bits) return true;
    for (uint32_t i = 0; i < plan->tests.len; i++) {
        const Way *way = &plan->tests.data[i].way[0];
        for (uint32_t k = 0; plan->tests.data[i].n == 1 && k < way->n; k++) {
            Poly factor, most; /* most - r >= 0 */
            if (!hl_poly_split(&way->at_least_0[k], r, &factor, &most) || factor.nterms) continue;
            if (factor.constant == -1 && hl_ranges_interval(h->exact, &most).high < (Wide)1 << bits)
                return true;
        }
    }
    const Ins *ins = hl_ins(h->f, r);
    return ins->op == OP_SMAX && is_bounded(h, plan, ins->args[0], bits, true) &&
           is_bounded(h, plan, ins->args[1], bits, true);
}

/* Of the values to be small: those of which the tests do not say so. */
static bool must_be_asked(Hoist *h, const Plan *plan, Ref r) {
    uint8_t bits = plan->small.bits[r];
    return bits && !(is_tested_not_negative(h, plan, r) && is_bounded(h, plan, r, bits, false));
}

/* The distance from zero, as bits: x or ~x. Of what the tests want not to be negative it is x: taken as unsigned, a negative
 * one is not small. */
static Ref emit_magnitude(Hoist *h, Ref at, const Plan *plan, Ref r) {
    Poly p = hl_poly_sym(r);
    Ref value = bring(h, at, r);
    if (hl_ranges_interval(h->exact, &p).low >= 0 || is_tested_not_negative(h, plan, r)) return value;
    Ref sign = hl_loops_put(h->f, at, OP_ASHR, i64(), value, put_i64(h->f, at, 63), (Aux){0});
    return hl_loops_put(h->f, at, OP_XOR, i64(), value, sign, (Aux){0});
}

/* Are all values with this limit below it? Their bits together are. `differences`, which are to be below, come along where the
 * limit is far above each that has a meaning, and are then 0. */
static Ref emit_limit(Hoist *h, Ref at, const Plan *plan, uint8_t bits, Ref *differences) {
    const Small *small = &plan->small;
    Ref together = 0;
    for (uint32_t i = 0; i < small->refs.len; i++) {
        Ref r = small->refs.data[i];
        if (small->bits[r] != bits || !must_be_asked(h, plan, r)) continue;
        Ref magnitude = emit_magnitude(h, at, plan, r);
        together = together ? hl_loops_put(h->f, at, OP_OR, i64(), together, magnitude, (Aux){0}) : magnitude;
    }
    if (!together) return 0;
    if (*differences && bits > SIZE_BITS + 1) {
        together = hl_loops_put(h->f, at, OP_OR, i64(), together, *differences, (Aux){0});
        *differences = 0;
    }
    return hl_loops_put(h->f, at, OP_ULT, hl_type(TY_B1), together, put_i64(h->f, at, INT64_C(1) << bits),
                        (Aux){0});
}

/* Does a limit, which takes what is not negative as unsigned, say it too? */
static bool is_said_by_limit(Hoist *h, const Plan *plan, const Ways *ways) {
    const Poly *p = &ways->way[0].at_least_0[0];
    if (ways->n != 1 || ways->way[0].n != 1 || p->nterms != 1 || p->constant < 0) return false;
    const Term *term = &p->terms[0];
    return term->factor == 1 && !term->syms[1] && must_be_asked(h, plan, term->syms[0]) &&
           is_tested_not_negative(h, plan, term->syms[0]);
}

/* Is it one comparison, of something known in front of the loop around with something that is not? The same right side may
 * then be compared with several left ones at once. */
static bool is_of_outer_left(Hoist *h, const Ways *ways, Poly *left, Poly *right) {
    const Loop *around = h->loop->parent;
    if (!around || ways->n != 1 || ways->way[0].n != 1) return false;
    split_sides(h, &ways->way[0].at_least_0[0], left, right);
    for (uint32_t i = 0; i < left->nterms; i++)
        for (int k = 0; k < MAX_DEGREE && left->terms[i].syms[k]; k++)
            if (hl_loop_contains(around, h->cfg, hl_ins(h->f, left->terms[i].syms[k])->block)) return false;
    return left->nterms && right->nterms;
}

static bool is_size(Hoist *h, const Poly *p) {
    Interval all = hl_ranges_interval(h->exact, p);
    return all.low >= 0 && all.high <= (Wide)1 << SIZE_BITS;
}

/* The left sides of test number i and of later ones with its right side: the smallest. They are then done. */
static Ref emit_smallest_left(Hoist *h, Ref at, const Plan *plan, uint32_t i, const Poly *right, bool sizes,
                              bool *done) {
    Ref smallest = 0;
    for (; i < plan->tests.len; i++) {
        Poly left, theirs;
        if (done[i] || !is_of_outer_left(h, &plan->tests.data[i], &left, &theirs)) continue;
        if (is_size(h, &left) != sizes) continue;
        if (!hl_poly_same_terms(&theirs, right) || theirs.constant != right->constant) continue;
        Ref side = emit_sum(h, at, &left);
        smallest = smallest ? hl_loops_put(h->f, at, OP_SMIN, i64(), smallest, side, (Aux){0}) : side;
        done[i] = true;
    }
    return smallest;
}

/* Size >= right as a difference whose sign says so: several such are one test, with one branch, which matters where it is made
 * in each round of the loop around. A right side so low that the subtraction wraps is taken for too large. */
static Ref add_difference(Hoist *h, Ref at, Ref differences, Ref size, Ref right) {
    Ref difference = hl_loops_put(h->f, at, OP_SUB, i64(), size, right, (Aux){0});
    return differences ? hl_loops_put(h->f, at, OP_OR, i64(), differences, difference, (Aux){0}) : difference;
}

static Ref emit_tests(Hoist *h, Ref at, const Plan *plan, Ref *differences) {
    bool *done = hl_new_array(&h->scratch, bool, plan->tests.len + 1);
    Ref all = 0;
    for (uint32_t i = 0; i < plan->tests.len; i++) {
        const Ways *ways = &plan->tests.data[i];
        Poly left, right;
        if (done[i] || is_said_by_limit(h, plan, ways)) continue;
        Ref holds;
        if (is_of_outer_left(h, ways, &left, &right)) {
            bool sizes = is_size(h, &left);
            Ref smallest = emit_smallest_left(h, at, plan, i, &right, sizes, done);
            Ref most = emit_sum(h, at, &right);
            if (sizes) *differences = add_difference(h, at, *differences, smallest, most);
            if (sizes) continue;
            holds = hl_loops_put(h->f, at, OP_SGE, hl_type(TY_B1), smallest, most, (Aux){0});
        } else {
            holds = emit_ways(h, at, ways);
        }
        all = emit_both(h, at, OP_AND, all, holds);
    }
    return all;
}

/* 0 when there is nothing to ask. */
static Ref emit_test(Hoist *h, const Plan *plan) {
    Ref at = hl_terminator(h->f, h->loop->preheader), differences = 0;
    Ref all = emit_tests(h, at, plan, &differences);
    for (uint8_t bits = 1; bits < 64; bits++) {
        Ref limit = emit_limit(h, at, plan, bits, &differences);
        if (limit) all = emit_both(h, at, OP_AND, all, limit);
    }
    if (differences) {
        Ref zero = put_i64(h->f, at, 0);
        Ref holds = hl_loops_put(h->f, at, OP_SGE, hl_type(TY_B1), differences, zero, (Aux){0});
        all = emit_both(h, at, OP_AND, all, holds);
    }
    if (plan->apart.n) all = emit_both(h, at, OP_AND, all, hl_apart_test(h->f, at, &plan->apart));
    return all;
}

/* ---- carrying it out ------------------------------------------------------------------------- */

static bool is_sum_or_product(const Ins *ins) {
    return ins->op == OP_ADD || ins->op == OP_SUB || ins->op == OP_MUL || ins->op == OP_SHL;
}

/* The loop as it is where the test holds. */
static void relieve_loop(Hoist *h, const Plan *plan, const bool *negative) {
    Ref end = h->f->ins.len;
    Ref *map = hl_new_array(&h->scratch, Ref, end + plan->checks.len + 1);
    for (Ref r = 1; r < h->exact->nins; r++) {
        Ins *ins = hl_ins(h->f, r);
        if (plan->small.seen[r] && is_sum_or_product(ins) && hl_loop_contains(h->loop, h->cfg, ins->block))
            ins->flags |= INS_NSW;
    }
    for (uint32_t i = 0; i < plan->checks.len; i++)
        map[plan->checks.data[i]] = passed_index(h->f, plan->checks.data[i], negative[i]);
    remove_replaced(h->f, map, end);
}

static void carry_out_plan(Hoist *h, const Plan *plan) {
    bool *negative = hl_new_array(&h->scratch, bool, plan->checks.len + 1);
    for (uint32_t i = 0; i < plan->checks.len; i++)
        negative[i] = is_proved(h, negative_poly, hl_ins(h->f, plan->checks.data[i]));
    Ref test = emit_test(h, plan);
    if (test) hl_loops_version(h->c, h->f, h->cfg, h->loop, test);
    relieve_loop(h, plan, negative);
    BlockId entry = hl_block(h->f, h->loop->preheader)->succs[0];
    if (plan->apart.n) hl_apart_rename(h->f, hl_terminator(h->f, entry), h->loop->header, &plan->apart);
}

static bool is_done(const Hoist *h, BlockId header) {
    for (uint32_t i = 0; i < h->done.len; i++)
        if (h->done.data[i] == header) return true;
    return false;
}

/* The outermost loop with something to gain; false when there is none left. */
static bool hoist_once(Hoist *h) {
    hl_loops_normalise(h->f);
    open_round(h);
    for (uint32_t i = 0; i < h->cfg->loops.len; i++) {
        h->loop = h->cfg->loops.data[i];
        if (is_done(h, h->loop->header) || hl_loops_lead_to_landing(h->f, h->cfg, h->loop)) continue;
        h->assuming = hl_ranges_assume(h->exact, h->loop);
        Plan plan = make_plan(h);
        hl_push(&h->arena, &h->done, h->loop->header);
        if (!plan.checks.len && !plan.apart.n) continue;
        carry_out_plan(h, &plan);
        return true;
    }
    return false;
}

bool hl_opt_hoist_checks(Compile *c, Func *f) {
    Hoist h = {.c = c, .f = f};
    if (f->cold) return true;
    hl_loops_normalise(f);
    drop_proved(&h);
    while (hoist_once(&h))
        ;
    hl_cleanup(f);
    hl_arena_free(&h.scratch);
    hl_arena_free(&h.arena);
    return true;
}
