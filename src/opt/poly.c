/* poly: polynomials over symbols, in mathematical integers.
 *
 * An index of an array is a small polynomial over loop counters and values that do not change (sizes,
 * arguments): `a[i * n + j]` has three terms. Everything is exact: a sum or product that needs more terms,
 * a higher degree or a larger factor than there is room for fails, and the value then stands for itself.
 * Terms are kept sorted, so equality is comparison. The constant is wide, so that a bound of 64-bit numbers
 * can be added to anything.
 */
#include <string.h>

#include "opt/loops.h"

static const Wide LIMIT = (Wide)1 << 120;

/* ---- making them ----------------------------------------------------------------------------- */

Poly hl_poly_constant(Wide value) {
    return (Poly){.constant = value};
}

Poly hl_poly_sym(Sym sym) {
    return (Poly){.nterms = 1, .terms = {{1, {sym}}}};
}

/* Highest degree and newest symbol first. */
static int compare_terms(const Term *a, const Term *b) {
    for (int i = MAX_DEGREE; i-- > 0;)
        if (a->syms[i] != b->syms[i]) return a->syms[i] > b->syms[i] ? -1 : 1;
    return 0;
}

static bool add_term(Poly *p, const Term *term) {
    uint32_t i = 0;
    while (i < p->nterms && compare_terms(&p->terms[i], term) < 0)
        i++;
    Term *place = &p->terms[i];
    if (i < p->nterms && compare_terms(place, term) == 0) {
        if (__builtin_add_overflow(place->factor, term->factor, &place->factor)) return false;
        if (place->factor) return true;
        memmove(place, place + 1, (--p->nterms - i) * sizeof *place);
        return true;
    }
    if (p->nterms == MAX_TERMS) return false;
    memmove(place + 1, place, (p->nterms++ - i) * sizeof *place);
    *place = *term;
    return true;
}

static bool add_constant(Poly *p, Wide value) {
    p->constant += value;
    return p->constant > -LIMIT && p->constant < LIMIT;
}

bool hl_poly_add(Poly *out, const Poly *a, const Poly *b, int64_t factor) {
    Poly sum = *a;
    Wide constant;
    if (__builtin_mul_overflow(b->constant, (Wide)factor, &constant) || !add_constant(&sum, constant))
        return false;
    for (uint32_t i = 0; factor && i < b->nterms; i++) {
        Term term = b->terms[i];
        if (__builtin_mul_overflow(term.factor, factor, &term.factor) || !add_term(&sum, &term)) return false;
    }
    *out = sum;
    return true;
}

/* ---- products -------------------------------------------------------------------------------- */

static int degree(const Term *t) {
    int n = 0;
    while (n < MAX_DEGREE && t->syms[n])
        n++;
    return n;
}

static bool mul_terms(Term *out, const Term *a, const Term *b) {
    int na = degree(a), nb = degree(b), i = 0, k = 0;
    *out = (Term){0};
    if (na + nb > MAX_DEGREE || __builtin_mul_overflow(a->factor, b->factor, &out->factor)) return false;
    while (i + k < na + nb)
        if (k == nb || (i < na && a->syms[i] <= b->syms[k])) {
            out->syms[i + k] = a->syms[i];
            i++;
        } else {
            out->syms[i + k] = b->syms[k];
            k++;
        }
    return true;
}

static bool add_scaled(Poly *sum, const Poly *p, Wide factor) {
    return factor == (int64_t)factor && hl_poly_add(sum, sum, p, (int64_t)factor);
}

bool hl_poly_mul(Poly *out, const Poly *a, const Poly *b) {
    Poly sum = {0};
    Poly terms_of_a = *a;
    terms_of_a.constant = 0;
    if (!add_scaled(&sum, &terms_of_a, b->constant)) return false;
    if (b->nterms || b->constant) {
        if (a->constant != (int64_t)a->constant) return false;
        if (!add_scaled(&sum, b, a->constant)) return false;
    }
    for (uint32_t i = 0; i < a->nterms; i++)
        for (uint32_t k = 0; k < b->nterms; k++) {
            Term product;
            if (!mul_terms(&product, &a->terms[i], &b->terms[k]) || !add_term(&sum, &product)) return false;
        }
    *out = sum;
    return true;
}

/* ---- questions ------------------------------------------------------------------------------- */

bool hl_poly_same_terms(const Poly *a, const Poly *b) {
    return a->nterms == b->nterms && !memcmp(a->terms, b->terms, a->nterms * sizeof *a->terms);
}

static int times(const Term *t, Sym sym) {
    int n = 0;
    for (int i = 0; i < MAX_DEGREE; i++)
        n += t->syms[i] == sym;
    return n;
}

bool hl_poly_has(const Poly *p, Sym sym) {
    for (uint32_t i = 0; i < p->nterms; i++)
        if (times(&p->terms[i], sym)) return true;
    return false;
}

static Term without(const Term *t, Sym sym) {
    Term out = {.factor = t->factor};
    for (int i = 0, n = 0; i < MAX_DEGREE; i++)
        if (t->syms[i] != sym) out.syms[n++] = t->syms[i];
    return out;
}

bool hl_poly_split(const Poly *p, Sym sym, Poly *coefficient, Poly *rest) {
    *coefficient = (Poly){0};
    *rest = hl_poly_constant(p->constant);
    for (uint32_t i = 0; i < p->nterms; i++) {
        int n = times(&p->terms[i], sym);
        if (n > 1) return false;
        if (n == 0) {
            rest->terms[rest->nterms++] = p->terms[i];
            continue;
        }
        Term other = without(&p->terms[i], sym);
        if (!other.syms[0])
            coefficient->constant = other.factor;
        else if (!add_term(coefficient, &other))
            return false;
    }
    return true;
}

/* ---- intervals ------------------------------------------------------------------------------- */

static Wide saturate(Wide value) {
    return value > LIMIT ? LIMIT : value < -LIMIT ? -LIMIT : value;
}

static Wide times_saturated(Wide a, Wide b) {
    Wide product;
    if (!__builtin_mul_overflow(a, b, &product)) return saturate(product);
    return (a < 0) == (b < 0) ? LIMIT : -LIMIT;
}

static Interval product(Interval a, Interval b) {
    Wide corner[4] = {times_saturated(a.low, b.low), times_saturated(a.low, b.high),
                      times_saturated(a.high, b.low), times_saturated(a.high, b.high)};
    Interval out = {corner[0], corner[0]};
    for (int i = 1; i < 4; i++) {
        if (corner[i] < out.low) out.low = corner[i];
        if (corner[i] > out.high) out.high = corner[i];
    }
    return out;
}

Interval hl_poly_interval(const Poly *p, Interval (*of)(void *data, Sym sym), void *data) {
    Interval sum = {p->constant, p->constant};
    for (uint32_t i = 0; i < p->nterms; i++) {
        Interval term = {p->terms[i].factor, p->terms[i].factor};
        for (int k = 0; k < MAX_DEGREE && p->terms[i].syms[k]; k++)
            term = product(term, of(data, p->terms[i].syms[k]));
        sum.low = saturate(sum.low + term.low);
        sum.high = saturate(sum.high + term.high);
    }
    return sum;
}
