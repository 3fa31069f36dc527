/* small: how small values must be for the arithmetic of an assuming session not to overflow.
 *
 * needs: what induction.c says. changes nothing.
 *
 * A symbol that stands in products of d symbols may be as large as 2 ** (60 / d) or so: sizes and indices
 * are far below 2 ** 56, their factors below 2 ** 29. Counters are as large as the end of their loop, a
 * polynomial again. Every operation that was believed and not proved is then looked at once: with all
 * symbols at these limits its result must stay below 2 ** 63. Where it does not, no test helps.
 */
#include "opt/loops.h"

static const uint8_t bits_of_degree[MAX_DEGREE + 1] = {0, 56, 29, 19, 14};
static const Wide TOO_LARGE = (Wide)1 << 100;

typedef struct Needs {
    Ranges *x;
    Small *small;
} Needs;

static bool magnitude(Needs *n, const Poly *p, int around, Wide *out);

static int degree_of(const Term *t) {
    int d = 0;
    while (d < MAX_DEGREE && t->syms[d])
        d++;
    return d;
}

static void ask_small(Needs *n, Ref r, uint8_t bits) {
    uint8_t *known = &n->small->bits[r];
    if (!*known) hl_push(n->x->arena, &n->small->refs, r);
    if (!*known || *known > bits) *known = bits;
}

static bool changes_in(Ranges *x, const Loop *loop, const Poly *p) {
    for (uint32_t i = 0; i < p->nterms; i++)
        for (int k = 0; k < MAX_DEGREE && p->terms[i].syms[k]; k++) {
            Sym sym = p->terms[i].syms[k];
            BlockId b = sym & COUNTER ? hl_ranges_loop_of(x, sym)->header : hl_ins(x->f, sym)->block;
            if (hl_loop_contains(loop, x->cfg, b)) return true;
        }
    return false;
}

/* The end of a counter: a fact at the latch says rest - coefficient * counter >= 0, coefficient >= 1. The
 * counter is one more when the header is left, and one more in what is computed for the next round. */
static bool counter_magnitude(Needs *n, Sym counter, int around, Wide *out) {
    const Loop *loop = hl_ranges_loop_of(n->x, counter);
    const Facts *facts = hl_ranges_facts(n->x, loop->latches.data[0]);
    for (uint32_t i = 0; i < facts->n; i++) {
        const Fact *fact = &facts->data[i];
        Poly coefficient, rest;
        if (!hl_poly_has(&fact->p, counter) || !hl_poly_split(&fact->p, counter, &coefficient, &rest))
            continue;
        if (hl_ranges_interval(n->x, &coefficient).high > -1 || changes_in(n->x, loop, &rest)) continue;
        if (!hl_ranges_need_fact(n->x, fact, n->small)) return false;
        if (!magnitude(n, &rest, around, out)) continue;
        *out += 2;
        return true;
    }
    return false;
}

static bool symbol_magnitude(Needs *n, Sym sym, int degree, Wide *out) {
    if (sym & COUNTER) return counter_magnitude(n, sym, degree - 1, out);
    ask_small(n, sym, bits_of_degree[degree]);
    *out = (Wide)1 << bits_of_degree[degree];
    return true;
}

/* The largest absolute value of p, as a factor in products with `around` other symbols. */
static bool magnitude(Needs *n, const Poly *p, int around, Wide *out) {
    *out = p->constant < 0 ? -p->constant : p->constant;
    for (uint32_t i = 0; i < p->nterms; i++) {
        const Term *t = &p->terms[i];
        Wide product = t->factor < 0 ? -(Wide)t->factor : t->factor;
        int degree = around + degree_of(t);
        if (degree > MAX_DEGREE) return false;
        for (int k = 0; k < MAX_DEGREE && t->syms[k]; k++) {
            Wide m;
            if (!symbol_magnitude(n, t->syms[k], degree, &m)) return false;
            if (__builtin_mul_overflow(product, m, &product) || product > TOO_LARGE) return false;
        }
        *out += product;
    }
    return *out < TOO_LARGE;
}

bool hl_ranges_need_poly(Ranges *x, const Poly *p, Small *small) {
    Wide m;
    Needs n = {x, small};
    return magnitude(&n, p, 0, &m) && m < (Wide)1 << 63;
}

static bool need_operands(Ranges *x, const Ins *ins, Small *small) {
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!hl_ranges_need(x, ins->args[i], small)) return false;
    return true;
}

/* A phi: its operands from outside. That its next value is in range is seen from the phi's own, a round
 * later. */
static bool need_induction(Ranges *x, Ref phi, Small *small) {
    Induction v;
    return hl_induction(x->f, x->cfg, phi, &v) && hl_ranges_need(x, v.start, small) &&
           hl_ranges_need(x, v.step, small);
}

bool hl_ranges_need(Ranges *x, Ref r, Small *small) {
    const Ins *ins = hl_ins(x->f, r);
    if (small->seen[r]) return true;
    if (ins->op == OP_FLOORMOD || ins->op == OP_WRAP) return hl_ranges_need(x, ins->args[1], small);
    if (hl_ranges_is_whole(x, r)) return true;
    small->seen[r] = true;
    if (ins->op == OP_CONST_INT) return true;
    if (!(ins->op == OP_PHI ? need_induction(x, r, small) : need_operands(x, ins, small))) return false;
    return !hl_ranges_is_whole(x->exact, r) || hl_ranges_need_poly(x, hl_ranges_poly(x, r), small);
}

bool hl_ranges_need_fact(Ranges *x, const Fact *fact, Small *small) {
    for (int i = 0; i < MAX_SOURCES && fact->sources[i]; i++)
        if (!hl_ranges_need(x, fact->sources[i], small)) return false;
    return true;
}
