/* apart: arrays that a loop adds to element by element, known not to overlap what it reads.
 *
 * In `y[i] += a[i, j] * x[j]` over j nothing says that y shares no memory with a and x, so LLVM writes and reads y[i] in
 * every round, keeps nothing of x or a in registers, and cannot put neighbouring operations of a longer body into one vector.
 * (Where it vectorises a loop it asks by itself, at run time; a loop with a store to one place it does not vectorise.)
 * hoist_checks.c has a test in front of loops anyhow and a cold copy for where it fails: here is what it asks of the arrays,
 * and the names, array.apart, by which the loop that runs where it holds knows them.
 *
 * Asked of innermost loops with a store whose place does not change, and of arrays that are what they are in the whole function:
 * what is known of them then holds wherever LLVM moves a load or a store.
 */
#include "opt/loops.h"

/* ---- which arrays ---------------------------------------------------------------------------- */

typedef struct Search {
    const Func *f;
    const Cfg *cfg;
    const Loop *loop;  /* that is to have two forms */
    const Loop *inner; /* looked at now */
    Apart *found;
} Search;

static bool is_access(const Ins *ins) {
    return ins->op == OP_ARRAY_LOAD || ins->op == OP_ARRAY_STORE;
}

static bool is_innermost(const Cfg *cfg, const Loop *loop) {
    for (uint32_t i = 0; i < cfg->loops.len; i++)
        if (cfg->loops.data[i]->parent == loop) return false;
    return true;
}

/* Is it the same in every round? */
static bool is_constant_in(const Search *s, Ref r, int depth) {
    const Ins *ins = hl_ins(s->f, r);
    if (!hl_loop_contains(s->inner, s->cfg, ins->block)) return true;
    if (ins->op == OP_CHECK_INDEX) return depth && is_constant_in(s, ins->args[0], depth - 1);
    if (!depth || ins->op == OP_PHI || hl_opt_effects(ins) != PURE) return false;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!is_constant_in(s, ins->args[i], depth - 1)) return false;
    return true;
}

static bool stores_at_one_place(const Search *s, const Ins *ins) {
    if (ins->op != OP_ARRAY_STORE || ins->nargs == 2) return false;
    for (uint32_t i = 1; i + 1 < ins->nargs; i++)
        if (!is_constant_in(s, ins->args[i], 4)) return false;
    return true;
}

/* An array of the whole function, there before the loop that is to have two forms. */
static bool is_fixed(const Search *s, Ref array) {
    BlockId at = hl_ins(s->f, array)->block;
    for (uint32_t i = 0; i < s->cfg->loops.len; i++)
        if (hl_loop_contains(s->cfg->loops.data[i], s->cfg, at)) return false;
    return hl_dominates(s->cfg, at, s->loop->preheader);
}

static bool add_array(Apart *a, Ref array, bool stored) {
    uint32_t i = 0;
    while (i < a->n && a->arrays[i] != array)
        i++;
    if (i == MOST_APART) return false;
    if (i == a->n) a->arrays[a->n++] = array;
    a->stored[i] |= stored;
    return true;
}

/* The fixed arrays of an innermost loop; false when there are too many. */
static bool add_arrays(Search *s) {
    for (uint32_t i = 0; i < s->inner->blocks.len; i++) {
        const Block *block = hl_block(s->f, s->inner->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            const Ins *ins = hl_ins(s->f, block->ins.data[k]);
            if (!is_access(ins) || !is_fixed(s, ins->args[0])) continue;
            if (!add_array(s->found, ins->args[0], ins->op == OP_ARRAY_STORE)) return false;
        }
    }
    return true;
}

static bool is_wanted(const Search *s) {
    for (uint32_t i = 0; i < s->inner->blocks.len; i++) {
        const Block *block = hl_block(s->f, s->inner->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            const Ins *ins = hl_ins(s->f, block->ins.data[k]);
            if (stores_at_one_place(s, ins) && is_fixed(s, ins->args[0])) return true;
        }
    }
    return false;
}

/* Must it be asked whether these two overlap? */
static bool is_open(const Func *f, const Apart *a, uint32_t i, uint32_t k) {
    const Ins *x = hl_ins(f, a->arrays[i]), *y = hl_ins(f, a->arrays[k]);
    bool is_asked = x->op == OP_ARRAY_APART && y->op == OP_ARRAY_APART && x->aux.i == y->aux.i;
    return (a->stored[i] || a->stored[k]) && !is_asked && !hl_opt_are_distinct(f, a->arrays[i], a->arrays[k]);
}

/* Views of one array will overlap; without an open pair LLVM knows it all. */
static bool is_worth_asking(const Func *f, const Apart *a) {
    bool any = false;
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t k = 0; k < i; k++) {
            if (hl_opt_array_base(f, a->arrays[i]) == hl_opt_array_base(f, a->arrays[k])) return false;
            any |= is_open(f, a, i, k);
        }
    return any;
}

void hl_apart_find(Arena *scratch, const Func *f, const Cfg *cfg, const Loop *loop, Apart *out) {
    Search s = {.f = f, .cfg = cfg, .loop = loop, .found = out};
    *out = (Apart){0};
    bool fits = true;
    for (uint32_t i = 0; fits && i < cfg->loops.len; i++) {
        s.inner = cfg->loops.data[i];
        if (!hl_loop_contains(loop, cfg, s.inner->header) || !is_innermost(cfg, s.inner) || !is_wanted(&s))
            continue;
        hl_push(scratch, &out->loops, s.inner);
        fits = add_arrays(&s);
    }
    if (!fits || !is_worth_asking(f, out)) out->n = 0;
}

/* ---- the test -------------------------------------------------------------------------------- */

typedef struct Extent {
    Ref low, high; /* addresses: first byte, behind the last byte */
} Extent;

static const Type *i64(void) {
    return hl_type(TY_I64);
}

static Ref put2(Func *f, Ref at, Op op, Ref a, Ref b) {
    return hl_loops_put(f, at, op, i64(), a, b, (Aux){0});
}

static Ref number(Func *f, Ref at, int64_t value) {
    return hl_loops_put(f, at, OP_CONST_INT, i64(), 0, 0, (Aux){.i = value});
}

static Ref part(Func *f, Ref at, Op op, Ref array, int axis) {
    return hl_loops_put(f, at, op, i64(), array, 0, (Aux){.i = axis});
}

/* Of a contiguous array. */
static Ref nbytes_of(Func *f, Ref at, Ref array, Ref item) {
    Ref n = item;
    for (int i = 0; i < hl_ins(f, array)->type->ndim; i++)
        n = put2(f, at, OP_MUL, n, part(f, at, OP_ARRAY_DIM, array, i));
    return n;
}

/* An axis reaches (size - 1) * stride up or down. In an array without elements this is nonsense, and harmless. */
static void add_axis(Func *f, Ref at, Ref array, int axis, Extent *e) {
    Ref zero = number(f, at, 0),
        last = put2(f, at, OP_SUB, part(f, at, OP_ARRAY_DIM, array, axis), number(f, at, 1));
    Ref reach = put2(f, at, OP_MUL, last, part(f, at, OP_ARRAY_STRIDE, array, axis));
    e->low = put2(f, at, OP_ADD, e->low, put2(f, at, OP_SMIN, reach, zero));
    e->high = put2(f, at, OP_ADD, e->high, put2(f, at, OP_SMAX, reach, zero));
}

static Extent extent_of(Func *f, Ref at, Ref array) {
    const Type *t = hl_ins(f, array)->type;
    Ref data = hl_loops_put(f, at, OP_ARRAY_DATA, hl_type(TY_PTR), array, 0, (Aux){0});
    Ref start = hl_loops_put(f, at, OP_RECAST, i64(), data, 0, (Aux){0});
    Ref item = number(f, at, hl_type_nbytes(t->args[0]));
    Extent e = {start,
                put2(f, at, OP_ADD, start, t->layout == LAYOUT_A ? item : nbytes_of(f, at, array, item))};
    for (int i = 0; t->layout == LAYOUT_A && i < t->ndim; i++)
        add_axis(f, at, array, i, &e);
    return e;
}

static Ref are_apart(Func *f, Ref at, const Extent *x, const Extent *y) {
    const Type *b1 = hl_type(TY_B1);
    Ref below = hl_loops_put(f, at, OP_ULE, b1, x->high, y->low, (Aux){0});
    Ref above = hl_loops_put(f, at, OP_ULE, b1, y->high, x->low, (Aux){0});
    return hl_loops_put(f, at, OP_OR, b1, below, above, (Aux){0});
}

Ref hl_apart_test(Func *f, Ref at, const Apart *a) {
    Extent extents[MOST_APART];
    Ref all = 0;
    for (uint32_t i = 0; i < a->n; i++)
        extents[i] = extent_of(f, at, a->arrays[i]);
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t k = 0; k < i; k++) {
            if (!is_open(f, a, i, k)) continue;
            Ref apart = are_apart(f, at, &extents[i], &extents[k]);
            all = all ? hl_loops_put(f, at, OP_AND, hl_type(TY_B1), all, apart, (Aux){0}) : apart;
        }
    return all;
}

/* ---- the names ------------------------------------------------------------------------------- */

static void rename_in(Func *f, const Loop *loop, Ref array, Ref name) {
    for (uint32_t i = 0; i < loop->blocks.len; i++) {
        const Block *block = hl_block(f, loop->blocks.data[i]);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            Ins *ins = hl_ins(f, block->ins.data[k]);
            if (is_access(ins) && ins->args[0] == array) ins->args[0] = name;
        }
    }
}

void hl_apart_rename(Func *f, Ref at, BlockId header, const Apart *a) {
    for (uint32_t i = 0; i < a->n; i++) {
        const Type *type = hl_ins(f, a->arrays[i])->type;
        Ref name = hl_loops_put(f, at, OP_ARRAY_APART, type, a->arrays[i], 0, (Aux){.i = header});
        for (uint32_t k = 0; k < a->loops.len; k++)
            rename_in(f, a->loops.data[k], a->arrays[i], name);
    }
}
