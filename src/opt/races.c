/* races: memory that several rounds of a parallel loop touch.
 *
 * For each array from outside that is written in the loop:
 *
 *     a[i] = x                  every round has its own elements: nothing to do
 *     h[k] += x, h += row       the same elements, or who knows which, but each only updated by one operation: an
 *                               array reduction. Each part gets an array of its own, which are combined afterwards
 *     a[0] = x, l.append(x)     the same elements written in every round    } the loop stays serial, and a warning
 *     a[i] = a[i - 1]           what one round writes, another one reads    } names the places
 *
 * Anything else (`a[p[i]] = x`) is taken to be what the author says it is. Two arrays are taken to be apart unless one
 * is seen to be a view of the other.
 */
#include "opt/web.h"

typedef enum Where { OWN, SAME, UNKNOWN } Where;

typedef struct Access {
    Ref ins;
    Ref base; /* the array from outside the element or view is taken of */
    Ref view; /* the array operand: base, or a view made in the loop */
    bool writes;
    Where where;
    CarryKind update; /* of an access that is part of an update; CARRY_OTHER: it is none */
    Ref partner;      /* of an assignment: the operation that is assigned */
    Ref checked;      /* of an update: the check that the sum fits the element */
} Access;

typedef struct Races {
    ParallelLoop *p;
    VEC(Access) accesses;
    uint8_t *varies; /* by Ref: does it differ from round to round? */
    uint32_t
        *place; /* by Ref, of loads and stores of elements that are written: equal where their elements are */
} Races;
enum { NOT_KNOWN, BUSY, CONSTANT, VARYING };

static const Ins *ins_of(const Races *x, Ref r) {
    return hl_ins(x->p->f, r);
}

static bool is_inside(const Races *x, Ref r) {
    return x->p->inside[ins_of(x, r)->block];
}

/* ---- which array ------------------------------------------------------------------------------- */

/* An array, or a list. */
static bool is_array(const Races *x, Ref r) {
    const Type *type = ins_of(x, r)->type;
    return type && (type->kind == TY_ARRAY || type->kind == TY_LIST);
}

/* The array from outside that a value inside is a view of, or a pointer into; 0: none that can be followed. */
static Ref base_of(const Races *x, Ref r) {
    for (;;) {
        const Ins *ins = ins_of(x, r);
        if (ins->op == OP_ARRAY_DATA && !is_inside(x, r)) return ins->args[0];
        if (!is_inside(x, r)) return is_array(x, r) ? r : 0;
        if (ins->op != OP_ARRAY_MAKE && ins->op != OP_RECAST && ins->op != OP_PTR_ADD &&
            ins->op != OP_ARRAY_DATA)
            return 0;
        r = ins->args[0];
    }
}

static Ref owner_of(const Races *x, Ref base) {
    while (ins_of(x, base)->op == OP_ARRAY_MAKE || ins_of(x, base)->op == OP_RECAST)
        base = ins_of(x, base)->args[0];
    return base;
}

/* ---- what differs from round to round ---------------------------------------------------------- */

/* Inner counters do not: every round goes through the same ones. */
static bool varies(Races *x, Ref r) {
    const Ins *ins = ins_of(x, r);
    if (!is_inside(x, r) || x->varies[r] == BUSY) return false;
    if (x->varies[r] != NOT_KNOWN) return x->varies[r] == VARYING;
    x->varies[r] = BUSY;
    bool found = (ins->op == OP_PHI && ins->block == x->p->loop.header) ||
                 (ins->op != OP_CHECK_INDEX && hl_opt_effects(ins) != PURE);
    for (uint32_t i = 0; !found && i < ins->nargs; i++)
        found = varies(x, ins->args[i]);
    x->varies[r] = found ? VARYING : CONSTANT;
    return found;
}

static Ref without_check(const Races *x, Ref r) {
    while (ins_of(x, r)->op == OP_CHECK_INDEX)
        r = ins_of(x, r)->args[0];
    return r;
}

/* Integer r = factor * (number of the round) + rest, where it can be told. */
static bool affine(Races *x, Ref r, Poly *factor, Poly *rest, int depth) {
    r = without_check(x, r);
    const Ins *ins = ins_of(x, r);
    Induction step;
    Poly f[2], s[2];
    *factor = hl_poly_constant(0);
    if (ins->op == OP_CONST_INT) return *rest = hl_poly_constant(ins->aux.i), true;
    *rest = hl_poly_sym(r);
    if (!varies(x, r)) {
        bool parts = ins->op == OP_ADD || ins->op == OP_SUB || ins->op == OP_MUL;
        if (!parts || depth == 0) return true;
    } else if (ins->op == OP_PHI) {
        if (!hl_induction(x->p->f, x->p->cfg, r, &step) || step.loop->header != x->p->loop.header)
            return false;
        if (!affine(x, step.step, &f[0], factor, 0) || !affine(x, step.start, &f[1], rest, 8)) return false;
        Poly zero = hl_poly_constant(0);
        return !step.down || hl_poly_add(factor, &zero, factor, -1);
    }
    if (depth == 0 || ins->nargs != 2) return false;
    for (int i = 0; i < 2; i++)
        if (!affine(x, ins->args[i], &f[i], &s[i], depth - 1)) return false;
    if (ins->op == OP_ADD || ins->op == OP_SUB) {
        int64_t sign = ins->op == OP_ADD ? 1 : -1;
        return hl_poly_add(factor, &f[0], &f[1], sign) && hl_poly_add(rest, &s[0], &s[1], sign);
    }
    int other = f[0].nterms || f[0].constant ? 1 : 0; /* the one without the round in it */
    if (ins->op != OP_MUL || f[other].nterms || f[other].constant) return false;
    return hl_poly_mul(factor, &f[1 - other], &s[other]) && hl_poly_mul(rest, &s[0], &s[1]);
}

static bool is_zero(const Poly *p) {
    return !p->nterms && !p->constant;
}

/* Does the value go through a loop inside the round? */
static bool has_inner_counter(const Races *x, const Poly *p) {
    for (uint32_t i = 0; i < p->nterms; i++)
        for (uint32_t k = 0; k < MAX_DEGREE && p->terms[i].syms[k]; k++)
            if (is_inside(x, p->terms[i].syms[k])) return true;
    return false;
}

/* ---- where an access goes ---------------------------------------------------------------------- */

/* The values that say where: offset of the view, then the indices. */
static uint32_t places(const Races *x, const Access *a, Ref *out) {
    const Ins *ins = ins_of(x, a->ins);
    uint32_t n = 0;
    for (Ref v = a->view; v != a->base; v = ins_of(x, v)->args[0]) {
        const Ins *view = ins_of(x, v);
        const Ins *data = view->op == OP_ARRAY_MAKE ? ins_of(x, view->args[1]) : view;
        if (data->op == OP_PTR_ADD && n < MAX_NDIM) out[n++] = data->args[1];
    }
    if (ins->op == OP_ARRAY_LOAD || ins->op == OP_ARRAY_STORE)
        for (uint32_t i = 1; i <= ins_of(x, ins->args[0])->type->ndim && n < 2 * MAX_NDIM; i++)
            out[n++] = ins->args[i];
    if (ins->op == OP_LIST_LOAD || ins->op == OP_LIST_STORE) out[n++] = ins->args[1];
    return n;
}

/* Elements of the round alone: an index that moves on with it, by more than what is added within it. */
static Where find_where(Races *x, const Access *a) {
    Ref values[2 * MAX_NDIM];
    uint32_t n = places(x, a, values);
    bool varying = false;
    for (uint32_t i = 0; i < n; i++) {
        Poly factor, rest;
        if (!varies(x, values[i])) continue;
        varying = true;
        if (!affine(x, values[i], &factor, &rest, 8) || is_zero(&factor)) continue;
        bool by_one = !factor.nterms && (factor.constant == 1 || factor.constant == -1);
        if (!by_one || !has_inner_counter(x, &rest)) return OWN;
    }
    return varying ? UNKNOWN : SAME;
}

/* ---- updates: a[k] = a[k] op x ----------------------------------------------------------------- */

static bool is_written(const Races *x, Ref array) {
    Ref base = base_of(x, array);
    for (uint32_t i = 0; i < x->accesses.len; i++) {
        const Access *a = &x->accesses.data[i];
        if (a->writes && (!base || owner_of(x, a->base) == owner_of(x, base))) return true;
    }
    return false;
}

/* Is it one value, computed twice in a round? An element is, where nothing is written to its array. */
static bool is_same_value(const Races *x, Ref a, Ref b, int depth) {
    a = without_check(x, a), b = without_check(x, b);
    const Ins *v = ins_of(x, a), *w = ins_of(x, b);
    if (a == b) return true;
    if (!depth || v->op != w->op || v->type != w->type || v->nargs != w->nargs || v->aux.i != w->aux.i)
        return false;
    bool is_pure = v->op != OP_PHI && v->nargs && hl_opt_effects(v) == PURE;
    bool is_element = v->op == OP_ARRAY_LOAD && !is_written(x, v->args[0]);
    bool same = is_pure || is_element;
    for (uint32_t i = 0; same && i < v->nargs; i++)
        same = is_same_value(x, v->args[i], w->args[i], depth - 1);
    return same;
}

/* Do both go to one element in each round? In different loops one value may be an index of two times. */
static bool same_place(const Races *x, const Ins *a, const Ins *b) {
    const Cfg *cfg = x->p->cfg;
    bool same = cfg->loop_of[a->block] == cfg->loop_of[b->block];
    for (uint32_t i = 0; same && i <= ins_of(x, a->args[0])->type->ndim; i++)
        same = is_same_value(x, a->args[i], b->args[i], 8);
    return same;
}

static bool is_element(const Races *x, const Access *a) {
    Op op = (Op)ins_of(x, a->ins)->op;
    return (op == OP_ARRAY_LOAD || op == OP_ARRAY_STORE) && a->where != OWN && is_written(x, a->base);
}

static void find_places(Races *x) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < x->accesses.len; i++) {
        const Access *a = &x->accesses.data[i];
        if (!is_element(x, a)) continue;
        for (uint32_t k = 0; k < i && !x->place[a->ins]; k++) {
            Ref other = x->accesses.data[k].ins;
            if (x->accesses.data[k].base == a->base && x->place[other] &&
                same_place(x, ins_of(x, a->ins), ins_of(x, other)))
                x->place[a->ins] = x->place[other];
        }
        if (!x->place[a->ins]) x->place[a->ins] = ++count;
    }
}

/* All accesses to a place are one reduction, or none of them. */
static void find_element_update(Races *x, const Access *first) {
    uint32_t number = x->place[first->ins];
    Ref checked = 0;
    CarryKind kind = hl_web_of_element(x->p, x->place, number, &checked);
    for (uint32_t i = 0; i < x->accesses.len; i++) {
        Access *a = &x->accesses.data[i];
        if (x->place[a->ins] != number) continue;
        a->update = kind;
        a->checked = checked;
    }
}

CarryKind hl_races_kind_of_ufunc(UfuncId ufunc, const Type *element) {
    bool is_truth = element->kind == TY_B1;
    switch (ufunc) {
    case UFUNC_logical_and: return is_truth ? CARRY_AND : CARRY_OTHER;
    case UFUNC_logical_or: return is_truth ? CARRY_OR : CARRY_OTHER;
    case UFUNC_logical_xor: return is_truth ? CARRY_XOR : CARRY_OTHER;
    case UFUNC_add:
    case UFUNC_subtract: return CARRY_SUM;
    case UFUNC_multiply:
    case UFUNC_divide: return CARRY_PRODUCT;
    case UFUNC_bitwise_and: return CARRY_AND;
    case UFUNC_bitwise_or: return CARRY_OR;
    case UFUNC_bitwise_xor: return CARRY_XOR;
    case UFUNC_minimum: return CARRY_MIN;
    case UFUNC_maximum: return CARRY_MAX;
    default: return CARRY_OTHER;
    }
}

static bool is_part(const Races *x, Ref r, Op op, Ref array, int64_t axis) {
    const Ins *ins = ins_of(x, r);
    return ins->op == op && ins->args[0] == array && ins->aux.i == axis;
}

/* a[:], of all axes */
static bool is_whole(const Races *x, Ref view, Ref array) {
    const Ins *ins = ins_of(x, view);
    int ndim = ins->type->ndim;
    if (ins->op != OP_ARRAY_MAKE || ins->args[0] != array || ndim != ins_of(x, array)->type->ndim)
        return false;
    const Ins *data = ins_of(x, ins->args[1]);
    Ref start =
        data->op == OP_PTR_ADD && hl_opt_is_int(x->p->f, data->args[1], 0) ? data->args[0] : ins->args[1];
    bool whole = is_part(x, start, OP_ARRAY_DATA, array, 0);
    for (int i = 0; whole && i < ndim; i++)
        whole = is_part(x, ins->args[2 + i], OP_ARRAY_DIM, array, i) &&
                is_part(x, ins->args[2 + ndim + i], OP_ARRAY_STRIDE, array, i);
    return whole;
}

static bool same_view(const Races *x, Ref a, Ref b) {
    const Ins *v = ins_of(x, a), *w = ins_of(x, b);
    if (a == b || is_whole(x, a, b) || is_whole(x, b, a)) return true;
    if (v->op != OP_ARRAY_MAKE || w->op != OP_ARRAY_MAKE || v->nargs != w->nargs) return false;
    for (uint32_t i = 0; i < v->nargs; i++)
        if (v->args[i] != w->args[i]) return false;
    return true;
}

static void find_array_update(Races *x, Access *a) {
    const Ins *assign = ins_of(x, a->ins), *ew = ins_of(x, assign->args[1]);
    if (ew->op != OP_EW || ew->nargs != 2) return;
    const Type *target = ins_of(x, assign->args[0])->type;
    bool ordered = ew->aux.i == UFUNC_subtract || ew->aux.i == UFUNC_divide;
    for (uint32_t i = 0; i < (ordered ? 1 : 2); i++) {
        if (!same_view(x, ew->args[i], assign->args[0])) continue;
        a->update = hl_races_kind_of_ufunc((UfuncId)ew->aux.i, target->args[0]);
        a->partner = assign->args[1];
        return;
    }
}

/* ---- all accesses ------------------------------------------------------------------------------ */

/* Is the array operand merely named here? */
static bool is_neutral(const Ins *ins) {
    return hl_opt_is_array_part(ins) || ins->op == OP_ARRAY_MAKE || ins->op == OP_RECAST ||
           ins->op == OP_PTR_ADD || ins->op == OP_ARRAY_SAME || ins->op == OP_ARRAY_WRITTEN;
}

static bool changes_list(const Ins *ins) {
    return ins->op == OP_LIST_STORE || ins->op == OP_LIST_PUSH || ins->op == OP_LIST_RESIZE ||
           ins->op == OP_LIST_ROTATE;
}

static bool may_change_lists(const Func *f, int depth) {
    for (Ref r = 1; r < f->ins.len; r++) {
        const Ins *ins = hl_ins(f, r);
        if (changes_list(ins)) return true;
        if (ins->op == OP_CALL && (!depth || may_change_lists(ins->aux.func, depth - 1))) return true;
    }
    return false;
}

/* value: the operand, or in a tuple that is. */
static bool does_write(const Races *x, const Ins *ins, uint32_t operand, Ref value) {
    bool is_list = ins_of(x, value)->type->kind == TY_LIST;
    if (is_list && ins->op == OP_CALL) return may_change_lists(ins->aux.func, 4);
    if (changes_list(ins)) return operand == 0;
    if (ins->op == OP_ARRAY_STORE || ins->op == OP_EW_ASSIGN || ins->op == OP_STORE) return operand == 0;
    return ins->op == OP_MEMCPY && operand == 0;
}

static void add_access(Races *x, Ref r, uint32_t operand, Ref value) {
    const Ins *ins = ins_of(x, r);
    Access a = {.ins = r, .base = base_of(x, value), .view = value};
    if (!a.base) return;
    a.writes = does_write(x, ins, operand, value);
    a.where = UNKNOWN;
    if (is_array(x, a.view) && (a.writes || ins->op != OP_CALL)) a.where = find_where(x, &a);
    hl_push(&x->p->scratch, &x->accesses, a);
}

/* Through an operand, and what a tuple that is handed to a call holds. */
static void add_accesses(Races *x, Ref r, uint32_t operand, Ref value) {
    const Ins *made = ins_of(x, value);
    bool tuple = ins_of(x, r)->op == OP_CALL && made->op == OP_TUPLE_MAKE;
    for (uint32_t i = 0; tuple && i < made->nargs; i++)
        add_accesses(x, r, operand, made->args[i]);
    if (made->type && (made->type->kind == TY_PTR || is_array(x, value))) add_access(x, r, operand, value);
}

static void find_accesses(Races *x) {
    for (uint32_t i = 0; i < x->p->loop.blocks.len; i++) {
        const Block *block = hl_block(x->p->f, x->p->loop.blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            const Ins *ins = ins_of(x, block->ins.data[k]);
            bool nothing = ins->op == OP_EW_ASSIGN && ins->args[0] == ins->args[1];
            for (uint32_t n = 0; !nothing && !is_neutral(ins) && n < ins->nargs; n++)
                add_accesses(x, block->ins.data[k], n, ins->args[n]);
        }
    }
}

static void find_updates(Races *x) {
    find_places(x);
    for (uint32_t i = 0; i < x->accesses.len; i++) {
        Access *a = &x->accesses.data[i];
        Op op = (Op)ins_of(x, a->ins)->op;
        if (op == OP_ARRAY_STORE && x->place[a->ins] && !a->update) find_element_update(x, a);
        if (op == OP_EW_ASSIGN && a->writes) find_array_update(x, a);
    }
}

/* ---- array reductions -------------------------------------------------------------------------- */

/* Is it read by an assignment that is an update? */
static bool is_part_of_update(const Races *x, const Access *a) {
    for (uint32_t i = 0; i < x->accesses.len; i++)
        if (x->accesses.data[i].update != CARRY_OTHER && x->accesses.data[i].partner == a->ins) return true;
    return false;
}

/* The operation that is assigned may be used nowhere else. */
static bool is_used_once(const Races *x, const Access *a) {
    Ref value = a->partner;
    return !value || x->p->first_use[value + 1] - x->p->first_use[value] == 1;
}

/* Is every access to the memory of this array part of an update of one kind? */
static bool is_reduced(const Races *x, const Access *write) {
    for (uint32_t i = 0; i < x->accesses.len; i++) {
        const Access *a = &x->accesses.data[i];
        if (owner_of(x, a->base) != owner_of(x, write->base)) continue;
        if (a->base != write->base) return false;
        if (a->update == CARRY_OTHER ? !is_part_of_update(x, a) : a->update != write->update) return false;
        if (!is_used_once(x, a)) return false;
    }
    const Type *type = ins_of(x, write->base)->type;
    return write->update != CARRY_OTHER && type->kind == TY_ARRAY && type->ndim > 0;
}

static bool is_listed(const ParallelLoop *p, Ref base) {
    for (uint32_t i = 0; i < p->shared.len; i++)
        if (p->shared.data[i].base == base) return true;
    return false;
}

/* ---- races ------------------------------------------------------------------------------------- */

const char *hl_races_name(const ParallelLoop *p, Ref base) {
    const char *name = hl_value_name(p->f, base);
    if (!name && hl_ins(p->f, base)->op == OP_PARAM && p->f->param_names)
        name = p->f->param_names[hl_ins(p->f, base)->aux.i];
    return name ? hl_arena_printf(&p->c->arena, "`%s`", name) : "an array";
}

static bool report_same(Races *x, const Access *write) {
    const Func *f = x->p->f;
    Loc loop = ins_of(x, hl_terminator(f, x->p->loop.header))->loc;
    const char *name = hl_races_name(x->p, write->base);
    Diagnostic *warning = hl_warn(x->p->c, f, ins_of(x, write->ins)->loc, DIAG_PRANGE_SAME_ELEMENT, name);
    hl_diag_note(&x->p->c->arena, warning, f->file, loop, "its rounds would write at the same time");
    return false;
}

static bool report_pair(Races *x, const Access *write, const Access *other) {
    const Func *f = x->p->f;
    const char *name = hl_races_name(x->p, write->base);
    Diagnostic *warning = hl_warn(x->p->c, f, ins_of(x, write->ins)->loc, DIAG_PRANGE_OTHER_ROUND, name);
    hl_diag_note(&x->p->c->arena, warning, f->file, ins_of(x, other->ins)->loc,
                 other->writes ? "here another round writes the same element"
                               : "here another round reads it");
    return false;
}

static bool report_checked(Races *x, const Access *write) {
    const char *name = hl_races_name(x->p, write->base);
    hl_warn(x->p->c, x->p->f, ins_of(x, write->ins)->loc, DIAG_PRANGE_CHECKED, name);
    return false;
}

/* d = distance * factor for a small distance: how many rounds lie between; false when there is none. */
static bool divides(const Poly *d, const Poly *factor, int64_t *distance) {
    enum { FAR = 64 };
    Poly left;
    if (!factor->nterms && !d->nterms) {
        *distance = (int64_t)(d->constant / factor->constant);
        return d->constant % factor->constant == 0;
    }
    for (*distance = -FAR; *distance <= FAR; ++*distance)
        if (hl_poly_add(&left, d, factor, -*distance) && is_zero(&left)) return true;
    return false;
}

/* Do two rounds meet at one element for certain? Of each index, the same round's factor, and a constant distance. */
static bool do_meet(Races *x, const Access *a, const Access *b) {
    Ref va[2 * MAX_NDIM], vb[2 * MAX_NDIM];
    uint32_t n = places(x, a, va);
    int64_t rounds = 0;
    if (n != places(x, b, vb) || a->base != b->base || (a->view == a->base) != (b->view == b->base))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        Poly fa, ra, fb, rb, d, df;
        int64_t distance;
        if (!affine(x, va[i], &fa, &ra, 8) || !affine(x, vb[i], &fb, &rb, 8)) return false;
        if (!hl_poly_add(&df, &fa, &fb, -1) || !is_zero(&df) || !hl_poly_add(&d, &ra, &rb, -1)) return false;
        if (is_zero(&fa)) {
            bool inner = has_inner_counter(x, &ra) && has_inner_counter(x, &rb);
            if (!inner && !is_zero(&d)) return false;
            continue;
        }
        if (has_inner_counter(x, &d) || !divides(&d, &fa, &distance)) return false;
        if (rounds && distance != rounds) return false;
        if (!distance) return false;
        rounds = distance;
    }
    return rounds != 0;
}

static bool check_pairs(Races *x, const Access *write) {
    for (uint32_t i = 0; i < x->accesses.len; i++) {
        const Access *other = &x->accesses.data[i];
        if (other != write && do_meet(x, write, other)) return report_pair(x, write, other);
    }
    return true;
}

/* Under `if i == k` one round alone writes. */
static bool is_for_one_round(Races *x, const Access *a) {
    const Cfg *cfg = x->p->cfg;
    for (BlockId b = ins_of(x, a->ins)->block; b && b != x->p->loop.header; b = cfg->idom[b]) {
        BlockId at = cfg->idom[b];
        const Ins *branch = at ? ins_of(x, hl_terminator(x->p->f, at)) : NULL;
        if (!branch || branch->op != OP_BRANCH || hl_block(x->p->f, b)->preds.len != 1) continue;
        const Ins *test = ins_of(x, branch->args[0]);
        bool equal = test->op == OP_EQ && hl_block(x->p->f, at)->succs[0] == b;
        equal |= test->op == OP_NE && hl_block(x->p->f, at)->succs[1] == b;
        if (equal && varies(x, test->args[0]) != varies(x, test->args[1])) return true;
    }
    return false;
}

/* `items[k] += x`: parts have no list of their own. */
static bool is_list_update(const Races *x, const Access *write) {
    const Ins *store = ins_of(x, write->ins);
    for (uint32_t i = 0; store->op == OP_LIST_STORE && i < x->accesses.len; i++) {
        const Access *a = &x->accesses.data[i];
        const Ins *load = ins_of(x, a->ins);
        if (a->base == write->base && load->op == OP_LIST_LOAD &&
            is_same_value(x, load->args[1], store->args[1], 8))
            return true;
    }
    return false;
}

static bool check_write(Races *x, const Access *write) {
    if (is_listed(x->p, write->base)) return true;
    if (write->where == OWN) return check_pairs(x, write);
    if (write->checked) return report_checked(x, write);
    if (is_reduced(x, write)) {
        Shared shared = {.base = write->base, .kind = write->update, .scattered = write->where == UNKNOWN};
        hl_push(&x->p->scratch, &x->p->shared, shared);
        return true;
    }
    if (write->where == UNKNOWN && !is_list_update(x, write)) return true;
    return is_for_one_round(x, write) || report_same(x, write);
}

bool hl_races_check(ParallelLoop *p) {
    Races x = {.p = p};
    x.varies = hl_new_array(&p->scratch, uint8_t, p->f->ins.len);
    x.place = hl_new_array(&p->scratch, uint32_t, p->f->ins.len);
    find_accesses(&x);
    find_updates(&x);
    for (uint32_t i = 0; i < x.accesses.len; i++)
        if (x.accesses.data[i].writes && !check_write(&x, &x.accesses.data[i])) return false;
    return true;
}
