/* ranges: is a polynomial never negative where a block runs, and which test in front of a loop would make
 * it so.
 *
 * needs: normal form of loops. changes nothing.
 *
 * What is known at a block are the conditions of the branches that lead to it, each as "polynomial >= 0" (a
 * Fact): loop headers give the upper ends of counters (`remaining > 0` is count - counter - 1 >= 0), an `if
 * i > 0` gives what its author relied on. A question "p >= 0?" is answered by getting rid of the counters
 * in p, the innermost first: either a multiple of a fact is subtracted so that the counter is gone (facts
 * are >= 0, so what is left is below p), or, where p grows with the counter, the counter becomes 0. Inner
 * ends may name outer counters, as in triangular loops; they are replaced in turn. What is left has symbols
 * only, and is >= 0 if the ranges of their types and operations say so, or if another fact does. If nothing
 * says so, it is a test that could be made in front of the loops that were got rid of: hl_ranges_ways
 * collects these.
 *
 * This is Fourier and Motzkin's elimination with a short list of facts and a limit on steps, instead of a
 * solver: what Python loops over arrays need is a counter's two ends and a guard or two. Begin reading at
 * `search`.
 */
#include <string.h>

#include "opt/loops.h"

enum { MAX_FACTS = 24, MAX_DEPTH = 10, MAX_STEPS = 160, MAX_VALUE_DEPTH = 6 };

static const Wide I64_MAX = INT64_MAX, I64_MIN = INT64_MIN, ADDRESS_SPACE = (Wide)1 << 48;

/* ---- ranges of single values ----------------------------------------------------------------- */

static Interval value_interval(Ranges *x, Ref r, int depth);

static Interval type_interval(const Type *t) {
    if (!hl_type_is_integer(t) && t->kind != TY_B1) return (Interval){I64_MIN, I64_MAX};
    int bits = hl_type_bits(t);
    if (t->kind == TY_B1) return (Interval){0, 1};
    if (hl_type_is_unsigned(t)) return (Interval){0, ((Wide)1 << bits) - 1};
    return (Interval){-((Wide)1 << (bits - 1)), ((Wide)1 << (bits - 1)) - 1};
}

static Wide smaller(Wide a, Wide b) {
    return a < b ? a : b;
}

static Wide larger(Wide a, Wide b) {
    return a > b ? a : b;
}

static Interval both(Interval a, Interval b) {
    return (Interval){smaller(a.low, b.low), larger(a.high, b.high)};
}

/* The values of all operands from number `first` on, together. */
static Interval any_operand(Ranges *x, const Ins *ins, uint32_t first, int depth) {
    Interval all = value_interval(x, ins->args[first], depth);
    for (uint32_t i = first + 1; i < ins->nargs; i++)
        all = both(all, value_interval(x, ins->args[i], depth));
    return all;
}

static Interval at_most(Interval all, Wide high) {
    return (Interval){0, smaller(all.high, high)};
}

/* The elements of a contiguous axis that is alone are all in memory; other sizes may stand beside a size or a stride of 0. */
static Interval size_interval(const Type *array) {
    bool in_memory = array->ndim == 1 && array->layout != LAYOUT_A;
    return (Interval){0, in_memory ? ADDRESS_SPACE : I64_MAX};
}

static Interval operation_interval(Ranges *x, const Ins *ins, int depth) {
    Interval all = type_interval(ins->type);
    Interval a = ins->nargs ? value_interval(x, ins->args[0], depth) : all;
    Interval b = ins->nargs > 1 ? value_interval(x, ins->args[1], depth) : all;
    switch ((Op)ins->op) {
    case OP_CONST_INT: return (Interval){ins->aux.i, ins->aux.i};
    case OP_ARRAY_DIM: return size_interval(hl_ins(x->f, ins->args[0])->type);
    case OP_CHECK_INDEX: return at_most(all, larger(b.high - 1, 0));
    case OP_ZEXT:
    case OP_SEXT: return a;
    case OP_RECAST: return a.low >= all.low && a.high <= all.high ? a : all;
    case OP_SMAX: return (Interval){larger(a.low, b.low), larger(a.high, b.high)};
    case OP_SMIN: return (Interval){smaller(a.low, b.low), smaller(a.high, b.high)};
    case OP_SELECT: return both(b, value_interval(x, ins->args[2], depth));
    case OP_PHI: return any_operand(x, ins, 0, depth);
    case OP_AND: return b.low >= 0 ? at_most(all, b.high) : a.low >= 0 ? at_most(all, a.high) : all;
    case OP_UREM: return b.low > 0 ? at_most(all, b.high - 1) : all;
    case OP_UDIV: return a.low >= 0 && b.low > 0 ? (Interval){0, a.high / b.low} : all;
    case OP_SDIV: return a.low >= 0 && b.low > 0 ? (Interval){0, a.high / b.low} : all;
    case OP_SREM: return a.low >= 0 && b.low > 0 ? at_most(all, b.high - 1) : all;
    case OP_FLOORMOD:
    case OP_WRAP: return b.low >= 0 ? at_most(all, larger(b.high - 1, 0)) : all;
    case OP_ASHR:
    case OP_LSHR: return a.low >= 0 ? at_most(all, a.high) : all;
    case OP_CTPOP: return (Interval){0, 64};
    default: return all;
    }
}

/* Range by type and operation; beyond the depth, and where a phi leads back to itself, by type alone. */
static Interval value_interval(Ranges *x, Ref r, int depth) {
    const Ins *ins = hl_ins(x->f, r);
    if (!ins->type) return (Interval){I64_MIN, I64_MAX};
    return depth ? operation_interval(x, ins, depth - 1) : type_interval(ins->type);
}

/* It looks far and is asked for again and again: kept. */
static Interval kept_interval(Ranges *x, Ref r) {
    if (r >= x->exact->nins) return value_interval(x, r, MAX_VALUE_DEPTH);
    Interval **kept = &x->exact->intervals[r];
    if (!*kept) {
        *kept = hl_new(x->arena, Interval);
        **kept = value_interval(x, r, MAX_VALUE_DEPTH);
    }
    return **kept;
}

/* A value that is whole in an assuming session may be a known polynomial in the exact one. */
static Interval symbol_interval(void *data, Sym sym) {
    Ranges *x = data;
    if (sym & COUNTER) return (Interval){0, I64_MAX};
    Interval by_value = kept_interval(x, sym);
    if (x == x->exact || hl_ranges_is_whole(x->exact, sym)) return by_value;
    Interval exact = hl_ranges_interval(x->exact, hl_ranges_poly(x->exact, sym));
    return (Interval){larger(exact.low, by_value.low), smaller(exact.high, by_value.high)};
}

Interval hl_ranges_interval(Ranges *x, const Poly *p) {
    return hl_poly_interval(p, symbol_interval, x);
}

static bool is_never_negative(Ranges *x, const Poly *p) {
    return hl_ranges_interval(x, p).low >= 0;
}

static bool is_always_negative(Ranges *x, const Poly *p) {
    return hl_ranges_interval(x, p).high < 0;
}

/* ---- facts ----------------------------------------------------------------------------------- */

/* p >= 0, from the fact `parent` (or none) and two more values. */
static void add_fact(Facts *facts, const Poly *p, const Fact *parent, Ref a, Ref b) {
    if (facts->n == MAX_FACTS || !p->nterms) return;
    for (uint32_t i = 0; i < facts->n; i++)
        if (hl_poly_same_terms(&facts->data[i].p, p) && facts->data[i].p.constant == p->constant) return;
    Fact fact = {.p = *p};
    if (parent) memcpy(fact.sources, parent->sources, sizeof fact.sources);
    uint32_t n = 0;
    while (n < MAX_SOURCES && fact.sources[n])
        n++;
    if (n + 2 > MAX_SOURCES) return;
    fact.sources[n] = a;
    fact.sources[n + 1] = b;
    facts->data[facts->n++] = fact;
}

/* a - b - less >= 0 */
static void add_difference(Ranges *x, Facts *facts, Ref a, Ref b, int less) {
    Poly p;
    if (!hl_poly_add(&p, hl_ranges_poly(x, a), hl_ranges_poly(x, b), -1)) return;
    p.constant -= less;
    add_fact(facts, &p, NULL, a, b);
}

static Op opposite(Op op) {
    switch (op) {
    case OP_SLT: return OP_SGE;
    case OP_SLE: return OP_SGT;
    case OP_SGT: return OP_SLE;
    case OP_SGE: return OP_SLT;
    case OP_EQ: return OP_NE;
    case OP_NE: return OP_EQ;
    default: return OP_COUNT;
    }
}

Op hl_ranges_relation(const Ranges *x, Ref condition, bool holds) {
    const Ins *ins = hl_ins(x->f, condition);
    if (ins->nargs != 2 || hl_ins(x->f, ins->args[0])->type->kind != TY_I64) return OP_COUNT;
    return holds ? (Op)ins->op : opposite((Op)ins->op);
}

static void add_relation(Ranges *x, Facts *facts, Op op, Ref a, Ref b) {
    if (op == OP_SLT || op == OP_SLE) add_difference(x, facts, b, a, op == OP_SLT);
    if (op == OP_SGT || op == OP_SGE) add_difference(x, facts, a, b, op == OP_SGT);
    if (op == OP_EQ) {
        add_difference(x, facts, a, b, 0);
        add_difference(x, facts, b, a, 0);
    }
}

static void add_condition(Ranges *x, Facts *facts, Ref condition, bool holds) {
    const Ins *ins = hl_ins(x->f, condition);
    if (ins->op == (holds ? OP_AND : OP_OR)) {
        add_condition(x, facts, ins->args[0], holds);
        add_condition(x, facts, ins->args[1], holds);
        return;
    }
    Op op = hl_ranges_relation(x, condition, holds);
    if (op != OP_COUNT) add_relation(x, facts, op, ins->args[0], ins->args[1]);
}

/* p with a symbol replaced: rest + coefficient * by. */
static bool replace(const Poly *p, Sym sym, const Poly *by, Poly *out) {
    Poly coefficient, rest;
    return hl_poly_split(p, sym, &coefficient, &rest) && hl_poly_mul(&coefficient, &coefficient, by) &&
           hl_poly_add(out, &rest, &coefficient, 1);
}

static bool is_known(const Facts *facts, const Poly *p) {
    for (uint32_t i = 0; i < facts->n; i++)
        if (hl_poly_same_terms(&facts->data[i].p, p) && facts->data[i].p.constant <= p->constant) return true;
    return false;
}

/* fact: quotient + rest >= 0 with quotient = floor(dividend / divisor), so dividend + divisor * rest >= 0. */
static void unfold_division(Ranges *x, Facts *facts, const Fact *fact, Ref quotient) {
    const Ins *div = hl_ins(x->f, quotient);
    Poly coefficient, rest;
    if (div->op != OP_UDIV || !hl_poly_split(&fact->p, quotient, &coefficient, &rest)) return;
    const Poly *dividend = hl_ranges_poly(x, div->args[0]), *divisor = hl_ranges_poly(x, div->args[1]);
    if (coefficient.nterms || coefficient.constant != 1 || hl_ranges_interval(x, divisor).low < 1) return;
    if (!is_never_negative(x, dividend) && !is_known(facts, dividend)) return;
    Poly out;
    if (hl_poly_mul(&out, divisor, &rest) && hl_poly_add(&out, &out, dividend, 1))
        add_fact(facts, &out, fact, div->args[0], div->args[1]);
}

/* A count that is max(n, 0), or n where the range is not empty and 0 else: n, where it is seen to be
 * positive. */
static bool unfold_count(Ranges *x, Facts *facts, const Fact *fact, Ref count) {
    const Ins *ins = hl_ins(x->f, count);
    Poly out;
    if (ins->op != OP_SMAX && ins->op != OP_SELECT) return false;
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t first = ins->op == OP_SELECT;
        Ref other = ins->args[first + 1 - i], chosen = ins->args[first + i];
        if (!replace(&fact->p, count, hl_ranges_poly(x, other), &out) || !is_always_negative(x, &out))
            continue;
        if (ins->op == OP_SELECT) add_condition(x, facts, ins->args[0], i == 0);
        if (!replace(&fact->p, count, hl_ranges_poly(x, chosen), &out)) continue;
        add_fact(facts, &out, fact, chosen, other);
        return true;
    }
    return false;
}

/* What the operations behind a fact's symbols add to it. Facts added here are looked at in their turn. */
static void unfold(Ranges *x, Facts *facts, uint32_t from) {
    for (uint32_t i = from; i < facts->n; i++) {
        Fact fact = facts->data[i];
        for (uint32_t t = 0; t < fact.p.nterms; t++) {
            const Term *term = &fact.p.terms[t];
            if (term->syms[1] || term->syms[0] & COUNTER || term->factor != 1) continue;
            facts->data[i].unfolded |= unfold_count(x, facts, &fact, term->syms[0]);
            unfold_division(x, facts, &fact, term->syms[0]);
        }
    }
}

static void add_edge(Ranges *x, Facts *facts, BlockId from, BlockId to) {
    const Block *block = hl_block(x->f, from);
    if (block->nsuccs != 2 || block->succs[0] == block->succs[1] || hl_block(x->f, to)->preds.len != 1)
        return;
    uint32_t before = facts->n;
    add_condition(x, facts, hl_ins(x->f, hl_terminator(x->f, from))->args[0], block->succs[0] == to);
    unfold(x, facts, before);
}

static void add_invariants(Ranges *x, Facts *facts, BlockId header) {
    for (uint32_t i = 0; i < x->exact->invariants.len; i++) {
        const Invariant *known = &x->exact->invariants.data[i];
        if (known->header == header) add_relation(x, facts, known->op, known->a, known->b);
    }
}

static void inherit(Facts *facts, const Fact *fact) {
    for (uint32_t i = 0; i < facts->n; i++)
        if (hl_poly_same_terms(&facts->data[i].p, &fact->p) && facts->data[i].p.constant == fact->p.constant)
            return;
    if (facts->n < MAX_FACTS) facts->data[facts->n++] = *fact;
}

const Facts *hl_ranges_facts(Ranges *x, BlockId b) {
    if (x->facts[b]) return x->facts[b];
    Facts *facts = hl_new(x->arena, Facts);
    facts->data = hl_new_array(x->arena, Fact, MAX_FACTS);
    x->facts[b] = facts; /* for who asks meanwhile: nothing known */
    BlockId above = x->cfg->idom[b];
    Facts own = {0, facts->data};
    if (above) {
        add_edge(x, &own, above, b);
        add_invariants(x, &own, b);
        const Facts *others = hl_ranges_facts(x, above);
        for (uint32_t i = 0; i < others->n; i++)
            inherit(&own, &others->data[i]);
    }
    facts->n = own.n;
    return facts;
}

/* ---- getting rid of counters ----------------------------------------------------------------- */

typedef struct Search {
    Ranges *x;
    const Facts *facts;
    bool (*leaf)(struct Search *s, const Poly *p); /* p without counters; true: enough */
    int steps;
    /* for hl_ranges_ways */
    Way way; /* what led to here */
    bool (*available)(void *data, Sym sym);
    void *data;
    Ways *out;
} Search;

static bool search(Search *s, const Poly *p, int depth);

/* The counter of the innermost loop in p, or 0. */
static Sym innermost_counter(const Poly *p) {
    Sym found = 0;
    for (uint32_t i = 0; i < p->nterms; i++)
        for (int k = 0; k < MAX_DEGREE; k++)
            if (p->terms[i].syms[k] & COUNTER && p->terms[i].syms[k] > found) found = p->terms[i].syms[k];
    return found;
}

static bool go_on(Search *s, const Poly *p, const Fact *fact, int depth) {
    enum { MAX_USED = sizeof s->way.facts / sizeof *s->way.facts };
    if (s->way.nfacts == MAX_USED) return false;
    s->way.facts[s->way.nfacts++] = fact;
    bool found = search(s, p, depth + 1);
    s->way.nfacts--;
    return found;
}

/* Subtracts the fact as often as makes the counter go. */
static bool subtract_fact(Search *s, const Poly *p, const Poly *coefficient, const Fact *fact, Sym counter,
                          int depth) {
    Poly c, rest, out;
    if (!hl_poly_has(&fact->p, counter) || !hl_poly_split(&fact->p, counter, &c, &rest)) return false;
    Wide times = 1;
    if (!c.nterms && !coefficient->nterms) {
        times = coefficient->constant / c.constant;
        if (times <= 0 || times * c.constant != coefficient->constant || times != (int64_t)times)
            return false;
    } else if (!hl_poly_same_terms(&c, coefficient) || c.constant != coefficient->constant) {
        return false;
    }
    return hl_poly_add(&out, p, &fact->p, -(int64_t)times) && go_on(s, &out, fact, depth);
}

/* counter <= rest by a fact, where p falls with the counter: p with the counter at rest. */
static bool insert_end(Search *s, const Poly *coefficient, const Poly *rest, const Fact *fact, Sym counter,
                       int depth) {
    Poly c, end, out;
    if (!hl_poly_has(&fact->p, counter) || !hl_poly_split(&fact->p, counter, &c, &end)) return false;
    if (c.nterms || c.constant != -1) return false;
    return hl_poly_mul(&out, coefficient, &end) && hl_poly_add(&out, &out, rest, 1) &&
           go_on(s, &out, fact, depth);
}

/* The counter at 0, where p grows with it; when tests may be made, also where it may grow. */
static bool insert_start(Search *s, const Poly *coefficient, const Poly *rest, Interval growth, int depth) {
    if (growth.low >= 0) return search(s, rest, depth + 1);
    bool may_ask = s->out && growth.high > 0 && !innermost_counter(coefficient) && s->way.n < 2;
    if (!may_ask) return false;
    s->way.at_least_0[s->way.n++] = *coefficient;
    bool found = search(s, rest, depth + 1);
    s->way.n--;
    return found;
}

/* x % n <= n - 1, where p falls with it. */
static bool insert_remainder(Search *s, const Poly *p, int depth) {
    for (uint32_t i = 0; i < p->nterms; i++) {
        const Term *term = &p->terms[i];
        if (term->syms[1] || term->syms[0] & COUNTER || term->factor > 0) continue;
        const Ins *ins = hl_ins(s->x->f, term->syms[0]);
        if (ins->op != OP_FLOORMOD && ins->op != OP_WRAP) continue;
        Poly end = *hl_ranges_poly(s->x, ins->args[1]), out;
        if (hl_ranges_interval(s->x, &end).low < 0) continue;
        end.constant -= 1;
        return replace(p, term->syms[0], &end, &out) && search(s, &out, depth + 1);
    }
    return false;
}

/* Where p may fall with the counter, and tests may be made: asks that it does, and takes the counter's end. */
static bool insert_asked_end(Search *s, const Poly *coefficient, const Poly *rest, Interval growth,
                             const Fact *fact, Sym counter, int depth) {
    bool may_ask = s->out && growth.low < 0 && growth.high > 0 && !innermost_counter(coefficient);
    Poly falls = {0};
    if (!may_ask || s->way.n >= 2 || !hl_poly_add(&falls, &falls, coefficient, -1)) return false;
    s->way.at_least_0[s->way.n++] = falls;
    bool found = insert_end(s, coefficient, rest, fact, counter, depth);
    s->way.n--;
    return found;
}

static bool search(Search *s, const Poly *p, int depth) {
    Sym counter = innermost_counter(p);
    Poly coefficient, rest;
    if (s->steps-- <= 0 || depth > MAX_DEPTH) return false;
    if (is_never_negative(s->x, p)) return s->leaf(s, p);
    if (insert_remainder(s, p, depth)) return true;
    if (!counter) return s->leaf(s, p);
    if (!hl_poly_split(p, counter, &coefficient, &rest)) return false;
    Interval growth = hl_ranges_interval(s->x, &coefficient);
    for (uint32_t i = 0; i < s->facts->n; i++) {
        const Fact *fact = &s->facts->data[i];
        if (s->out && fact->unfolded) continue;
        if (subtract_fact(s, p, &coefficient, fact, counter, depth)) return true;
        if (coefficient.nterms && growth.high <= 0 &&
            insert_end(s, &coefficient, &rest, fact, counter, depth))
            return true;
        if (insert_asked_end(s, &coefficient, &rest, growth, fact, counter, depth)) return true;
    }
    return insert_start(s, &coefficient, &rest, growth, depth);
}

/* ---- proofs ---------------------------------------------------------------------------------- */

static bool leaf_proves(Search *s, const Poly *p) {
    if (is_never_negative(s->x, p)) return true;
    for (uint32_t i = 0; i < s->facts->n; i++) {
        Poly difference;
        const Poly *fact = &s->facts->data[i].p;
        if (!hl_poly_add(&difference, p, fact, -1)) continue;
        if (is_never_negative(s->x, &difference)) return true;
    }
    return false;
}

bool hl_ranges_prove(Ranges *x, const Poly *p, BlockId b) {
    if (is_never_negative(x, p)) return true;
    Search s = {.x = x, .facts = hl_ranges_facts(x, b), .leaf = leaf_proves, .steps = MAX_STEPS};
    return search(&s, p, 0);
}

static bool proves_difference(Ranges *x, Ref a, Ref b, int less, BlockId block) {
    Poly p;
    if (!hl_poly_add(&p, hl_ranges_poly(x, a), hl_ranges_poly(x, b), -1)) return false;
    p.constant -= less;
    return hl_ranges_prove(x, &p, block);
}

bool hl_ranges_compare(Ranges *x, Op op, Ref a, Ref b, BlockId block) {
    switch (op) {
    case OP_SLT: return proves_difference(x, b, a, 1, block);
    case OP_SLE: return proves_difference(x, b, a, 0, block);
    case OP_SGT: return proves_difference(x, a, b, 1, block);
    case OP_SGE: return proves_difference(x, a, b, 0, block);
    case OP_NE: return proves_difference(x, a, b, 1, block) || proves_difference(x, b, a, 1, block);
    case OP_EQ: return proves_difference(x, a, b, 0, block) && proves_difference(x, b, a, 0, block);
    default: return false;
    }
}

int hl_ranges_decide(Ranges *x, Ref condition, BlockId b) {
    const Ins *ins = hl_ins(x->f, condition);
    if (ins->op == OP_CONST_INT) return ins->aux.i != 0;
    if (ins->nargs != 2 || !hl_ins(x->f, ins->args[0])->type ||
        hl_ins(x->f, ins->args[0])->type->kind != TY_I64)
        return -1;
    if (hl_ranges_compare(x, (Op)ins->op, ins->args[0], ins->args[1], b)) return 1;
    return hl_ranges_compare(x, opposite((Op)ins->op), ins->args[0], ins->args[1], b) ? 0 : -1;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static bool all_available(Search *s, const Poly *p) {
    for (uint32_t i = 0; i < p->nterms; i++)
        for (int k = 0; k < MAX_DEGREE && p->terms[i].syms[k]; k++)
            if (p->terms[i].syms[k] & COUNTER || !s->available(s->data, p->terms[i].syms[k])) return false;
    return true;
}

/* Does a test differ from one that was found only in its constant? The weaker of the two then serves for
 * both. */
static bool merge_way(Ways *ways, const Way *way, const Poly *p) {
    for (uint32_t i = 0; i < ways->n; i++) {
        Way *old = &ways->way[i];
        Poly *last = &old->at_least_0[0];
        if (old->n != 1 || way->n != 0 || !hl_poly_same_terms(last, p)) continue;
        if (last->constant >= p->constant) return true;
        *old = *way;
        old->at_least_0[old->n++] = *p;
        return true;
    }
    return false;
}

/* A way that needs no test ends the search. */
static bool leaf_collects(Search *s, const Poly *p) {
    bool holds = is_never_negative(s->x, p);
    if (is_always_negative(s->x, p) || (!holds && !all_available(s, p))) return false;
    for (uint32_t i = 0; i < s->way.n; i++)
        if (!all_available(s, &s->way.at_least_0[i])) return false;
    if (!holds && merge_way(s->out, &s->way, p)) return false;
    if (holds && !s->way.n) s->out->n = 0;
    Way *way = &s->out->way[s->out->n++];
    *way = s->way;
    if (!holds) way->at_least_0[way->n++] = *p;
    return s->out->n == MAX_WAYS || !way->n;
}

void hl_ranges_ways(Ranges *x, const Poly *p, BlockId b, bool (*available)(void *data, Sym sym), void *data,
                    Ways *out) {
    *out = (Ways){0};
    Search s = {.x = x, .facts = hl_ranges_facts(x, b), .leaf = leaf_collects, .steps = MAX_STEPS};
    s.available = available;
    s.data = data;
    s.out = out;
    search(&s, p, 0);
}
