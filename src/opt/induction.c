/* induction: i64 values as polynomials over loop counters and over values that are not taken apart.
 *
 * needs: normal form of loops (one latch, one edge in). changes nothing.
 *
 * A phi of a loop header that grows by the same step each time is start + counter * step: the two phis of a
 * `range` loop and the variable of a `while i < n` loop alike, so everything in the loop becomes a function
 * of one counter. That holds in mathematical integers only if nothing wraps around, which must be proved:
 * from the type of an operand, or from what holds where the operation stands (ranges.c). For the phis of
 * one loop this is an induction: believe that all of them are as said up to some round; if the next values
 * are then in range, so are the phis one round later. A phi for which that fails stands for itself, and the
 * others are judged again without it.
 *
 * An assuming session believes operations instead of proving them. It serves tests in front of a loop: what
 * they must ask besides is collected by hl_ranges_need: that the values at the leaves are small enough for
 * no operation on the way to overflow. Indices and sizes are, so the tests pass.
 */
#include <string.h>

#include "opt/loops.h"

enum { UNKNOWN, BUSY, WHOLE, PARTS };       /* Ranges.state */
enum { UNJUDGED, INDUCTION, NO_INDUCTION }; /* Ranges.is_iv */

static const Wide I64_MAX = INT64_MAX, I64_MIN = INT64_MIN;

/* ---- phis ------------------------------------------------------------------------------------ */

Sym hl_ranges_counter(const Ranges *x, const Loop *loop) {
    uint32_t i = 0;
    while (x->cfg->loops.data[i] != loop)
        i++;
    return COUNTER | i;
}

const Loop *hl_ranges_loop_of(const Ranges *x, Sym counter) {
    return x->cfg->loops.data[counter & ~COUNTER];
}

static bool is_outside(const Cfg *cfg, const Func *f, const Loop *loop, Ref r) {
    return !hl_loop_contains(loop, cfg, hl_ins(f, r)->block);
}

/* The operands of a header phi: from outside, and the one value from all latches. */
static bool split_operands(const Func *f, const Cfg *cfg, const Ins *phi, Induction *out) {
    const Block *header = hl_block(f, phi->block);
    for (uint32_t i = 0; i < phi->nargs; i++) {
        Ref *side = hl_loop_contains(out->loop, cfg, header->preds.data[i]) ? &out->next : &out->start;
        if (*side && *side != phi->args[i]) return false;
        *side = phi->args[i];
    }
    return out->start && out->next;
}

bool hl_induction(const Func *f, const Cfg *cfg, Ref phi, Induction *out) {
    const Ins *ins = hl_ins(f, phi);
    const Loop *loop = cfg->loop_of[ins->block];
    if (ins->op != OP_PHI || !loop || loop->header != ins->block || ins->type->kind != TY_I64) return false;
    *out = (Induction){.loop = loop};
    if (!split_operands(f, cfg, ins, out)) return false;
    const Ins *next = hl_ins(f, out->next);
    if (next->op != OP_ADD && next->op != OP_SUB) return false;
    bool swapped = next->op == OP_ADD && next->args[1] == phi;
    if (next->args[swapped] != phi) return false;
    out->step = next->args[!swapped];
    out->down = next->op == OP_SUB;
    return is_outside(cfg, f, loop, out->step);
}

static bool induction_poly(Ranges *x, const Induction *v, Poly *out) {
    Poly counter = hl_poly_sym(hl_ranges_counter(x, v->loop));
    return hl_poly_mul(out, &counter, hl_ranges_poly(x, v->step)) &&
           hl_poly_add(out, hl_ranges_poly(x, v->start), out, v->down ? -1 : 1);
}

static bool phi_poly(Ranges *x, Ref r, Poly *out) {
    Induction v;
    if (!hl_induction(x->f, x->cfg, r, &v)) return false;
    bool inside = !x->root || hl_loop_contains(x->root, x->cfg, v.loop->header);
    if (!inside || (!x->assume && x->is_iv[r] != INDUCTION)) return false;
    return induction_poly(x, &v, out);
}

/* ---- operations ------------------------------------------------------------------------------ */

static bool fits(Ranges *x, const Poly *p, BlockId b) {
    Poly above, below = *p, top = hl_poly_constant(I64_MAX);
    if (!hl_poly_add(&above, &top, p, -1)) return false;
    below.constant -= I64_MIN;
    return hl_ranges_prove(x, &above, b) && hl_ranges_prove(x, &below, b);
}

static bool operation_poly(Ranges *x, const Ins *ins, Poly *out) {
    Ref a = ins->args[0], b = ins->args[1];
    const Ins *right = hl_ins(x->f, b);
    switch ((Op)ins->op) {
    case OP_ADD: return hl_poly_add(out, hl_ranges_poly(x, a), hl_ranges_poly(x, b), 1);
    case OP_SUB: return hl_poly_add(out, hl_ranges_poly(x, a), hl_ranges_poly(x, b), -1);
    case OP_MUL: return hl_poly_mul(out, hl_ranges_poly(x, a), hl_ranges_poly(x, b));
    case OP_SHL: {
        if (right->op != OP_CONST_INT || right->aux.i < 0 || right->aux.i > 61) return false;
        Poly zero = hl_poly_constant(0);
        return hl_poly_add(out, &zero, hl_ranges_poly(x, a), INT64_C(1) << right->aux.i);
    }
    default: return false;
    }
}

bool hl_ranges_may_overflow(Ranges *x, Ref r) {
    const Ins *ins = hl_ins(x->f, r);
    Poly p;
    return !(ins->flags & INS_NSW) && !(operation_poly(x, ins, &p) && fits(x, &p, ins->block));
}

/* A select whose condition is decided where it stands, without assumptions. */
static bool select_poly(Ranges *x, const Ins *ins, Poly *out) {
    int decided = hl_ranges_decide(x->exact, ins->args[0], ins->block);
    if (decided < 0) return false;
    *out = *hl_ranges_poly(x, ins->args[decided ? 1 : 2]);
    return true;
}

static bool take_apart(Ranges *x, Ref r, Poly *out) {
    const Ins *ins = hl_ins(x->f, r);
    if (!ins->type || ins->type->kind != TY_I64) return false;
    switch ((Op)ins->op) {
    case OP_CONST_INT: *out = hl_poly_constant(ins->aux.i); return true;
    case OP_PHI: return phi_poly(x, r, out);
    case OP_SELECT: return select_poly(x, ins, out);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_SHL:
        if (!operation_poly(x, ins, out)) return false;
        return x->assume || ins->flags & INS_NSW || fits(x, out, ins->block);
    default: return false;
    }
}

/* array.dim of one array and axis is one symbol wherever it stands. */
static Ref representative(Ranges *x, Ref r) {
    const Ins *ins = hl_ins(x->f, r);
    if (ins->op != OP_ARRAY_DIM) return r;
    uintptr_t key = (uintptr_t)ins->args[0] * MAX_NDIM + (uintptr_t)ins->aux.i;
    void *known = hl_map_get(&x->exact->dims, key);
    if (known) return (Ref)(uintptr_t)known;
    hl_map_set(x->arena, &x->exact->dims, key, (void *)(uintptr_t)r);
    return r;
}

static const Poly *keep(Ranges *x, Ref r, const Poly *p, uint8_t state) {
    x->polys[r] = hl_new(x->arena, Poly);
    *x->polys[r] = *p;
    x->state[r] = state;
    return x->polys[r];
}

const Poly *hl_ranges_poly(Ranges *x, Ref r) {
    Poly p;
    if (x->state[r] == WHOLE || x->state[r] == PARTS) return x->polys[r];
    bool busy = x->state[r] == BUSY;
    x->state[r] = BUSY;
    if (!busy && take_apart(x, r, &p)) return keep(x, r, &p, PARTS);
    p = hl_poly_sym(representative(x, r));
    if (!busy) return keep(x, r, &p, WHOLE);
    Poly *here = hl_new(x->arena, Poly);
    *here = p;
    return here;
}

bool hl_ranges_is_whole(Ranges *x, Ref r) {
    hl_ranges_poly(x, r);
    return x->state[r] == WHOLE;
}

/* ---- sessions -------------------------------------------------------------------------------- */

static void forget(Ranges *x) {
    memset(x->state, 0, x->f->ins.len);
    memset(x->facts, 0, x->f->blocks.len * sizeof *x->facts);
}

/* Is the value one round later in range, wherever it is computed? */
static bool holds_one_round_later(Ranges *x, Ref phi) {
    Induction v;
    Poly next;
    if (!hl_induction(x->f, x->cfg, phi, &v) || !induction_poly(x, &v, &next)) return false;
    if (hl_ins(x->f, v.next)->flags & INS_NSW) return true;
    if (!hl_poly_add(&next, &next, hl_ranges_poly(x, v.step), v.down ? -1 : 1)) return false;
    return fits(x, &next, hl_ins(x->f, v.next)->block);
}

static bool one_fails(Ranges *x, const Block *header) {
    for (uint32_t i = 0; i < header->ins.len; i++) {
        Ref phi = header->ins.data[i];
        if (x->is_iv[phi] != INDUCTION || holds_one_round_later(x, phi)) continue;
        x->is_iv[phi] = NO_INDUCTION;
        return true;
    }
    return false;
}

static void judge_loop(Ranges *x, const Loop *loop) {
    const Block *header = hl_block(x->f, loop->header);
    Induction ignored;
    for (uint32_t i = 0; i < header->ins.len; i++)
        if (hl_induction(x->f, x->cfg, header->ins.data[i], &ignored))
            x->is_iv[header->ins.data[i]] = INDUCTION;
    do
        forget(x);
    while (one_fails(x, header));
}

static Ranges *new_session(Arena *arena, const Func *f, const Cfg *cfg) {
    Ranges *x = hl_new(arena, Ranges);
    *x = (Ranges){.arena = arena, .f = f, .cfg = cfg, .exact = x, .nins = f->ins.len};
    x->polys = hl_new_array(arena, Poly *, f->ins.len);
    x->state = hl_new_array(arena, uint8_t, f->ins.len);
    x->facts = hl_new_array(arena, Facts *, f->blocks.len);
    return x;
}

Ranges *hl_ranges_open(Arena *arena, const Func *f, const Cfg *cfg) {
    Ranges *x = new_session(arena, f, cfg);
    x->is_iv = hl_new_array(arena, uint8_t, f->ins.len);
    x->intervals = hl_new_array(arena, Interval *, f->ins.len);
    for (uint32_t i = 0; i < cfg->loops.len; i++) {
        hl_invariants_find(x, cfg->loops.data[i]);
        judge_loop(x, cfg->loops.data[i]);
    }
    forget(x);
    return x;
}

Ranges *hl_ranges_assume(Ranges *exact, const Loop *root) {
    Ranges *x = new_session(exact->arena, exact->f, exact->cfg);
    x->root = root;
    x->assume = true;
    x->exact = exact;
    return x;
}
