/* split_loops: the order-free, expensive part of a loop, and its checks, apart from the part that must go in order.
 *
 * needs: form LOOPS; checks have left what loops they can. keeps: valid SSA, and every bit of every result.
 * The loops it makes are marked brief, so that polls.c polls between blocks of them.
 *
 * LLVM does not vectorise a loop that adds floats in order, nor one that may leave in the middle. In
 *
 *     for i: s += tanh(x[i])                    for i: if x[i] <= 0: raise ...; y[i] = log(x[i])
 *
 * all but the addition, all but the raise and the store, could go in vectors. So a counted innermost loop
 * without branches that calls elementary functions and has such a reduction or such checks is cut into
 * blocks of 256 rounds (blocks.c), and each block runs twice:
 *
 *     blocks ─► first: values into buffers on the stack, good &= condition ─► first
 *                 └─(good)─► second: as it was, but it takes the values from the buffers and checks nothing ─► second
 *                 └─► the block's rounds in the cold copy, which raises at the right one (outline.c)
 *
 * The same is done where an index comes from memory, as in `y[i] = x[k[i]]`, so that no test in front of the loop
 * can stand for its check: the first loop checks 128 indices in vectors and leaves them, wrapped where they were
 * negative, in a buffer. What is loaded through them stays in the second. Short inner loops would lose by it;
 * long is, inside another loop, what goes along a whole array of one axis (`is_long`).
 *
 * What goes into the first loop (`moved`): operations without effects whose operands do not depend on what
 * the second does in order: on a phi that is no induction, on a call, on memory that is written. Where the
 * loop writes an array, a load from another one is moved if a test in front of the loop shows that the two
 * lie apart; of the same array only what the same round will overwrite. Integer divisions stay: a check may
 * protect them.
 */
#include <string.h>

#include "opt/loops.h"

enum { ROUNDS = 256, CHECK_ROUNDS = 128, MAX_BUFFERS = 8, MAX_TESTS = 12 };

typedef struct Advance {
    Ref phi, next;
} Advance;

typedef struct Split {
    Compile *c;
    Func *f;
    Arena scratch;
    Cfg *cfg;
    const Loop *loop;
    Count count;
    bool calls;    /* elementary functions in the first loop */
    VEC(Ref) body; /* instructions of the loop but for phis and terminators, in order */
    VEC(Ref) stores;
    uint32_t stores_passed; /* stores in front of the instruction that is looked at */
    VEC(Advance) inductions;
    bool *in_order;    /* by Ref of the loop: depends on the order */
    bool *expensive;   /* by Ref: an elementary function, or made of one; an index that is checked */
    bool *checked;     /* by Ref: an index that is checked, or made of one */
    bool *first;       /* by Ref: is computed in the first loop */
    bool *second;      /* by Ref: is computed in the second loop */
    VEC(Ref) buffered; /* values that go from the first to the second */
    VEC(Ref) checks;   /* that are moved */
    struct {
        Ref read, written;
        bool same_place;
    } apart[MAX_TESTS]; /* arrays that must not overlap */
    uint32_t napart;
    Apart gathered; /* the array that is stored to along the rounds, and those that are gathered from */
    Ref *map;       /* by Ref: its copy in the first loop */
} Split;

static const Type *i64(void) {
    return hl_type(TY_I64);
}

/* ---- the loop's shape ------------------------------------------------------------------------ */

static bool has_inner_loop(const Split *s) {
    for (uint32_t i = 0; i < s->cfg->loops.len; i++)
        if (s->cfg->loops.data[i]->parent == s->loop) return true;
    return false;
}

/* The header holds nothing but phis and the condition. */
static bool collect(Split *s, BlockId b, Ref r) {
    const Ins *ins = hl_ins(s->f, r);
    bool in_header = b == s->loop->header;
    if (ins->op == OP_PHI) return in_header;
    hl_push(&s->scratch, &s->body, r);
    return !in_header || (hl_opt_effects(ins) == PURE && ins->type->kind == TY_B1);
}

/* Header, then blocks that each lead to the next only, back to the header. */
static bool collect_body(Split *s) {
    BlockId b = s->loop->header;
    uint32_t blocks = 0;
    do {
        const Block *block = hl_block(s->f, b);
        if (b != s->loop->header && block->nsuccs != 1) return false;
        for (uint32_t i = 0; i + 1 < block->ins.len; i++)
            if (!collect(s, b, block->ins.data[i])) return false;
        b = block->succs[0];
        blocks++;
    } while (b != s->loop->header);
    return blocks == s->loop->blocks.len;
}

static bool is_inside(const Split *s, Ref r) {
    return hl_loop_contains(s->loop, s->cfg, hl_ins(s->f, r)->block);
}

/* ---- what depends on the order --------------------------------------------------------------- */

static bool is_buffered_type(const Type *t) {
    return t && (t->kind == TY_F64 || t->kind == TY_F32 || t->kind == TY_I64);
}

static bool is_check(const Ins *ins) {
    return ins->op == OP_CHECK || ins->op == OP_CHECK_INDEX;
}

/* Is another element accessed in each round? */
static bool goes_along(const Split *s, const Ins *access) {
    const Type *t = hl_ins(s->f, access->args[0])->type;
    Induction v;
    if (t->layout == LAYOUT_A) return false;
    for (uint32_t i = 1; i <= t->ndim; i++) {
        if (!hl_induction(s->f, s->cfg, access->args[i], &v) || v.loop != s->loop) continue;
        const Ins *step = hl_ins(s->f, v.step);
        if (step->op == OP_CONST_INT && step->aux.i) return true;
    }
    return false;
}

/* Is the element that is stored the one this load would read in the same round, and in no other? */
static bool is_same_place(const Split *s, const Ins *load, const Ins *store) {
    const Type *t = hl_ins(s->f, load->args[0])->type;
    if (t != hl_ins(s->f, store->args[0])->type) return false;
    for (uint32_t i = 1; i <= t->ndim; i++)
        if (load->args[i] != store->args[i]) return false;
    return goes_along(s, load);
}

static bool add_apart(Split *s, Ref read, Ref written, bool same_place) {
    for (uint32_t i = 0; i < s->napart; i++) {
        if (s->apart[i].read != read || s->apart[i].written != written) continue;
        s->apart[i].same_place &= same_place;
        return true;
    }
    if (s->napart == MAX_TESTS || is_inside(s, read) || is_inside(s, written)) return false;
    s->apart[s->napart].read = read;
    s->apart[s->napart].written = written;
    s->apart[s->napart++].same_place = same_place;
    return true;
}

/* May this load go before the stores of the rounds before? Notes what must be tested for that. */
static bool load_can_move(Split *s, const Ins *load) {
    if (load->op != OP_ARRAY_LOAD) return false;
    for (uint32_t i = 0; i < s->stores.len; i++) {
        const Ins *store = hl_ins(s->f, s->stores.data[i]);
        bool same_place = i >= s->stores_passed && is_same_place(s, load, store);
        if (load->args[0] == store->args[0] && !same_place) return false;
        if (load->args[0] != store->args[0] && !add_apart(s, load->args[0], store->args[0], same_place))
            return false;
    }
    return true;
}

static bool any_operand(const bool *of, const Ins *ins) {
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (of[ins->args[i]]) return true;
    return false;
}

static bool depends_on_order(Split *s, const Ins *ins) {
    if (any_operand(s->in_order, ins)) return true;
    if (is_check(ins)) return false;
    uint8_t effects = hl_opt_effects(ins);
    if (effects == READ) return any_operand(s->checked, ins) || !load_can_move(s, ins);
    return effects != PURE || hl_opt_is_division((Op)ins->op);
}

/* Only stores to arrays may write: what a call writes is not known. */
static bool find_stores(Split *s) {
    for (uint32_t i = 0; i < s->body.len; i++) {
        const Ins *ins = hl_ins(s->f, s->body.data[i]);
        uint8_t effects = hl_opt_effects(ins);
        if (ins->op == OP_ARRAY_STORE)
            hl_push(&s->scratch, &s->stores, s->body.data[i]);
        else if (!is_check(ins) && effects != PURE && effects != READ)
            return false;
    }
    return true;
}

static void find_order(Split *s) {
    const Block *header = hl_block(s->f, s->loop->header);
    for (uint32_t i = 0; i < header->ins.len && hl_ins(s->f, header->ins.data[i])->op == OP_PHI; i++) {
        Induction v;
        Ref phi = header->ins.data[i];
        s->in_order[phi] = !hl_induction(s->f, s->cfg, phi, &v);
        if (!s->in_order[phi]) hl_push(&s->scratch, &s->inductions, ((Advance){phi, v.next}));
    }
    for (uint32_t i = 0; i < s->body.len; i++) {
        Ref r = s->body.data[i];
        const Ins *ins = hl_ins(s->f, r);
        bool index = ins->op == OP_CHECK_INDEX;
        s->in_order[r] = depends_on_order(s, ins);
        s->stores_passed += ins->op == OP_ARRAY_STORE;
        s->checked[r] = !s->in_order[r] && (index || any_operand(s->checked, ins));
        s->expensive[r] = ins->op == OP_MATH || index || any_operand(s->expensive, ins);
        if (is_check(ins) && !s->in_order[r]) hl_push(&s->scratch, &s->checks, r);
    }
}

/* ---- who computes what ----------------------------------------------------------------------- */

static void need_first(Split *s, Ref r) {
    const Ins *ins = hl_ins(s->f, r);
    if (s->first[r] || !is_inside(s, r) || ins->op == OP_PHI) return;
    s->first[r] = true;
    for (uint32_t i = 0; i < ins->nargs; i++)
        need_first(s, ins->args[i]);
}

/* A value the second loop needs: from a buffer when it is expensive, else it is computed there as before. */
static bool need_second(Split *s, Ref r) {
    const Ins *ins = hl_ins(s->f, r);
    if (s->second[r] || !is_inside(s, r) || ins->op == OP_PHI) return true;
    for (uint32_t i = 0; i < s->buffered.len; i++)
        if (s->buffered.data[i] == r) return true;
    if (!s->in_order[r] && s->expensive[r] && is_buffered_type(ins->type)) {
        if (s->buffered.len == MAX_BUFFERS) return false;
        hl_push(&s->scratch, &s->buffered, r);
        need_first(s, r);
        return true;
    }
    s->second[r] = true;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!need_second(s, ins->args[i])) return false;
    return true;
}

static bool is_moved_check(const Split *s, Ref r) {
    return is_check(hl_ins(s->f, r)) && !s->in_order[r];
}

static void need_check(Split *s, Ref check) {
    const Ins *ins = hl_ins(s->f, check);
    need_first(s, ins->op == OP_CHECK ? ins->args[0] : check);
}

/* Roots of the second loop: what has effects, what the phis take, what is used behind the loop. */
static bool divide(Split *s) {
    const Block *header = hl_block(s->f, s->loop->header);
    for (uint32_t i = 0; i < s->checks.len; i++)
        need_check(s, s->checks.data[i]);
    for (uint32_t i = 0; i < s->body.len; i++) {
        uint8_t effects = hl_opt_effects(hl_ins(s->f, s->body.data[i]));
        bool root = effects != PURE && effects != READ && !is_moved_check(s, s->body.data[i]);
        if (root && !need_second(s, s->body.data[i])) return false;
    }
    for (uint32_t i = 0; i < header->ins.len && hl_ins(s->f, header->ins.data[i])->op == OP_PHI; i++) {
        const Ins *phi = hl_ins(s->f, header->ins.data[i]);
        for (uint32_t k = 0; k < phi->nargs; k++)
            if (!need_second(s, phi->args[k])) return false;
    }
    return need_second(s, hl_ins(s->f, hl_terminator(s->f, s->loop->header))->args[0]);
}

static bool is_used_behind(const Split *s) {
    for (Ref r = 1; r < s->f->ins.len; r++) {
        const Ins *ins = hl_ins(s->f, r);
        if (ins->op == OP_COUNT || !ins->block || hl_loop_contains(s->loop, s->cfg, ins->block)) continue;
        for (uint32_t i = 0; i < ins->nargs; i++)
            if (is_inside(s, ins->args[i]) && hl_ins(s->f, ins->args[i])->op != OP_PHI) return true;
    }
    return false;
}

/* In-order float arithmetic that LLVM may not reorder, or a check: what keeps the loop from vectors. */
static bool is_obstacle(const Split *s, Ref r) {
    const Ins *ins = hl_ins(s->f, r);
    if (is_moved_check(s, r)) return true;
    bool fast = ins->flags & INS_FAST && s->f->options.fastmath & FAST_REASSOC;
    return s->in_order[r] && hl_type_is_float(ins->type ? ins->type : i64()) && !fast;
}

/* Is the value computed of the sizes of arrays with one axis, and of nothing else that varies? */
static bool comes_of_size(const Split *s, Ref r, int depth) {
    const Ins *ins = hl_ins(s->f, r);
    if (ins->op == OP_ARRAY_DIM) return hl_ins(s->f, ins->args[0])->type->ndim == 1;
    if (!depth || ins->op == OP_PHI || hl_opt_effects(ins) != PURE) return false;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (comes_of_size(s, ins->args[i], depth - 1)) return true;
    return false;
}

/* Columns of one array lie apart, but the test of extents does not see it: such a loop would run in its cold copy. */
static bool has_strided_pair(const Split *s) {
    for (uint32_t i = 0; i < s->napart; i++)
        if (hl_ins(s->f, s->apart[i].read)->type->layout == LAYOUT_A ||
            hl_ins(s->f, s->apart[i].written)->type->layout == LAYOUT_A)
            return true;
    return false;
}

/* Is it worth while to begin the loop twice? */
static bool is_long(const Split *s) {
    if (!s->loop->parent) return true;
    const Ins *phi = hl_ins(s->f, s->count.phi);
    uint32_t entry = hl_pred_index(s->f, s->loop->preheader, 0);
    return comes_of_size(s, s->count.end, 6) || comes_of_size(s, phi->args[entry], 6);
}

static bool is_worth_it(Split *s) {
    bool obstacle = false, index = false;
    s->calls = false;
    for (uint32_t i = 0; i < s->body.len; i++) {
        Ref r = s->body.data[i];
        s->calls |= hl_ins(s->f, r)->op == OP_MATH && s->first[r];
        index |= hl_ins(s->f, r)->op == OP_CHECK_INDEX && s->first[r];
        obstacle |= is_obstacle(s, r);
    }
    return (s->calls && obstacle) || (index && is_long(s) && !has_strided_pair(s));
}

static bool can_split(Split *s, const Loop *loop) {
    uint32_t n = s->f->ins.len;
    s->loop = loop;
    s->stores_passed = s->body.len = s->stores.len = s->inductions.len = s->buffered.len = s->checks.len =
        s->napart = 0;
    bool **flags[] = {&s->in_order, &s->expensive, &s->checked, &s->first, &s->second};
    for (int i = 0; i < 5; i++)
        *flags[i] = hl_new_array(&s->scratch, bool, n);
    if (hl_block(s->f, loop->header)->cold || has_inner_loop(s)) return false;
    if (!hl_loops_is_counted(s->f, s->cfg, loop, &s->count) || !collect_body(s) || !find_stores(s))
        return false;
    find_order(s);
    if (s->in_order[hl_ins(s->f, hl_terminator(s->f, loop->header))->args[0]]) return false;
    return divide(s) && is_worth_it(s) && !is_used_behind(s);
}

/* ---- arrays that lie apart ------------------------------------------------------------------- */

static Ref size_of(HlEmitter *at, Ref array, int axis) {
    return hl_opt_ins(at, OP_ARRAY_DIM, i64(), &array, 1, (Aux){.i = axis});
}

static Ref address_of(HlEmitter *at, Ref array) {
    Ref data = hl_opt_ins(at, OP_ARRAY_DATA, hl_type(TY_PTR), &array, 1, (Aux){0});
    return hl_opt_ins(at, OP_RECAST, i64(), &data, 1, (Aux){0});
}

typedef struct Extent {
    Ref low, high; /* first byte, behind the last byte */
} Extent;

/* Each axis of an array reaches (size - 1) * stride up or down. */
static Extent extent_of(HlEmitter *at, Ref array) {
    const Type *t = hl_ins(at->f, array)->type;
    Ref low = address_of(at, array), zero = hl_opt_i64(at, 0);
    Ref high = hl_opt_op2(at, OP_ADD, i64(), low, hl_opt_i64(at, hl_type_nbytes(t->args[0])));
    for (int axis = 0; axis < t->ndim; axis++) {
        Ref last = hl_opt_op2(at, OP_SUB, i64(), size_of(at, array, axis), hl_opt_i64(at, 1));
        Ref stride = hl_opt_ins(at, OP_ARRAY_STRIDE, i64(), &array, 1, (Aux){.i = axis});
        Ref reach = hl_opt_op2(at, OP_MUL, i64(), last, stride);
        low = hl_opt_op2(at, OP_ADD, i64(), low, hl_opt_op2(at, OP_SMIN, i64(), reach, zero));
        high = hl_opt_op2(at, OP_ADD, i64(), high, hl_opt_op2(at, OP_SMAX, i64(), reach, zero));
    }
    return (Extent){low, high};
}

static Ref both(HlEmitter *at, Op op, Ref a, Ref b) {
    return a ? hl_opt_op2(at, op, hl_type(TY_B1), a, b) : b;
}

static Ref same_view(HlEmitter *at, Ref a, Ref b) {
    Ref same = hl_opt_compare(at, OP_EQ, address_of(at, a), address_of(at, b));
    for (int axis = 0; axis < hl_ins(at->f, a)->type->ndim; axis++)
        same = both(at, OP_AND, same, hl_opt_compare(at, OP_EQ, size_of(at, a, axis), size_of(at, b, axis)));
    return same;
}

static Ref test_apart(Split *s, HlEmitter *at) {
    Ref all = 0;
    for (uint32_t i = 0; i < s->napart; i++) {
        Extent r = extent_of(at, s->apart[i].read), w = extent_of(at, s->apart[i].written);
        Ref apart = both(at, OP_OR, hl_opt_compare(at, OP_ULE, r.high, w.low),
                         hl_opt_compare(at, OP_ULE, w.high, r.low));
        if (s->apart[i].same_place)
            apart = both(at, OP_OR, apart, same_view(at, s->apart[i].read, s->apart[i].written));
        all = both(at, OP_AND, all, apart);
    }
    return all;
}

/* ---- what is gathered ------------------------------------------------------------------------ */

static bool is_gathering(const Split *s, const Ins *ins) {
    return ins->op == OP_ARRAY_LOAD && any_operand(s->checked, ins);
}

static bool may_overlap(const Split *s, Ref read, Ref stored) {
    return hl_ins(s->f, read)->type->layout != LAYOUT_A && !hl_opt_are_distinct(s->f, read, stored) &&
           hl_opt_array_base(s->f, read) != hl_opt_array_base(s->f, stored);
}

static void add_gathered(Split *s, Ref read, Ref stored) {
    Apart *g = &s->gathered;
    for (uint32_t i = 0; i < g->n; i++)
        if (g->arrays[i] == read) return;
    if (g->n == MOST_APART || !may_overlap(s, read, stored) || !add_apart(s, read, stored, false)) return;
    g->arrays[g->n++] = read;
}

/* Does a round begin with more from the one before than counters? */
static bool carries_values(const Split *s) {
    const Block *header = hl_block(s->f, s->loop->header);
    for (uint32_t i = 0; i < header->ins.len && hl_ins(s->f, header->ins.data[i])->op == OP_PHI; i++)
        if (s->in_order[header->ins.data[i]]) return true;
    return false;
}

/* In `y[i] = x[k[i]]` LLVM cannot ask whether x and y overlap, for it does not know where x is read. Here it is asked, and the
 * second loop goes in vectors: out of cache it waits for more loads at a time so. */
static void find_gathered(Split *s) {
    const Ins *store = s->stores.len == 1 ? hl_ins(s->f, s->stores.data[0]) : NULL;
    if (!store || !goes_along(s, store) || carries_values(s)) return;
    s->gathered.arrays[s->gathered.n++] = store->args[0];
    for (uint32_t i = 0; i < s->body.len; i++) {
        const Ins *ins = hl_ins(s->f, s->body.data[i]);
        if (is_gathering(s, ins)) add_gathered(s, ins->args[0], store->args[0]);
    }
}

/* ---- the first loop -------------------------------------------------------------------------- */

typedef struct First {
    BlockId header, body, exit;
    Ref number; /* of the round in the block */
    Ref good;   /* phi: have all checks passed so far? 0: there are none but those of highest */
    Ref *
        highest; /* by place in Split.checks, of an index against a size that stays: phi, the highest index so
                     far, compared once behind the loop; LLVM makes better vectors of it than of comparisons */
    Ref buffers[MAX_BUFFERS];
} First;

static Ref copy_of(const Split *s, Ref r) {
    return s->map[r] ? s->map[r] : r;
}

static Ref copy_ins(Split *s, HlEmitter *at, Ref r) {
    Ins ins = *hl_ins(s->f, r);
    Ref *args = hl_new_array(&s->scratch, Ref, ins.nargs + 1);
    for (uint32_t i = 0; i < ins.nargs; i++)
        args[i] = copy_of(s, ins.args[i]);
    Ref copy = hl_ins_new(s->f, (Op)ins.op, ins.type, args, ins.nargs, ins.aux, ins.loc);
    hl_ins(s->f, copy)->flags = ins.flags;
    hl_append(s->f, at->block, copy);
    return s->map[r] = copy;
}

/* Where a value stands in its buffer. */
static Ref slot(HlEmitter *at, Ref buffer, Ref number, const Type *type) {
    Ref offset = hl_opt_op2(at, OP_MUL, i64(), number, hl_opt_i64(at, hl_type_nbytes(type)));
    hl_ins(at->f, offset)->flags |= INS_NSW | INS_NUW;
    Ref address = hl_opt_op2(at, OP_PTR_ADD, hl_type(TY_PTR), buffer, offset);
    hl_ins(at->f, address)->flags |= INS_INBOUNDS;
    return address;
}

static Ref new_buffer(Split *s, Ref value) {
    int64_t nbytes = ROUNDS * hl_type_nbytes(hl_ins(s->f, value)->type);
    Ref first = hl_opt_first(s->f, 1);
    Ref buffer =
        hl_ins_new(s->f, OP_BUFFER, hl_type(TY_PTR), NULL, 0, (Aux){.i = nbytes}, hl_ins(s->f, first)->loc);
    hl_insert_before(s->f, hl_terminator(s->f, 1), buffer);
    return buffer;
}

/* Phis for the inductions of the second loop, from the values that loop begins with. */
static void copy_inductions(Split *s, HlEmitter *at, uint32_t entry) {
    for (uint32_t i = 0; i < s->inductions.len; i++) {
        Ref phi = s->inductions.data[i].phi, begin = hl_ins(s->f, phi)->args[entry];
        s->map[phi] = hl_opt_ins(at, OP_PHI, i64(), &begin, 1, (Aux){0});
    }
}

static void close_inductions(Split *s, HlEmitter *at) {
    for (uint32_t i = 0; i < s->inductions.len; i++) {
        Ref next = s->inductions.data[i].next;
        if (!s->map[next]) copy_ins(s, at, next);
        hl_phi_add(s->f, s->map[s->inductions.data[i].phi], s->map[next]);
    }
}

/* The index as the check would give it. */
static Ref copy_wrapped(Split *s, HlEmitter *at, Ref r) {
    const Ins *ins = hl_ins(s->f, r);
    Ref index = copy_of(s, ins->args[0]), size = copy_of(s, ins->args[1]);
    Ref negative = hl_opt_compare(at, OP_SLT, index, hl_opt_i64(at, 0));
    return s->map[r] = hl_opt_select(at, i64(), negative, hl_opt_op2(at, OP_ADD, i64(), index, size), index);
}

/* The check at this place: adds to what has been seen so far, *good or highest. */
static void copy_check(Split *s, HlEmitter *at, const First *first, uint32_t place, Ref *good) {
    const Ins *ins = hl_ins(s->f, s->checks.data[place]);
    Ref highest = first->highest[place], condition = copy_of(s, ins->args[0]);
    if (ins->op == OP_CHECK_INDEX) {
        Ref wrapped = copy_wrapped(s, at, s->checks.data[place]);
        if (highest) {
            hl_phi_add(s->f, highest, hl_opt_op2(at, OP_UMAX, i64(), highest, wrapped));
            return;
        }
        condition =
            hl_opt_compare(at, OP_ULT, wrapped, copy_of(s, hl_ins(s->f, s->checks.data[place])->args[1]));
    }
    *good = both(at, OP_AND, *good, condition);
}

static Ref copy_condition(Split *s, HlEmitter *at, Ref r) {
    const Ins *ins = hl_ins(s->f, r);
    if (s->map[r] || !hl_loop_contains(s->loop, s->cfg, ins->block)) return copy_of(s, r);
    for (uint32_t i = 0; i < ins->nargs; i++)
        copy_condition(s, at, hl_ins(s->f, r)->args[i]);
    return copy_ins(s, at, r);
}

static void fill_first(Split *s, HlEmitter *at, First *first) {
    Ref good = first->good;
    uint32_t check = 0;
    for (uint32_t i = 0; i < s->body.len; i++) {
        Ref r = s->body.data[i];
        if (is_moved_check(s, r))
            copy_check(s, at, first, check++, &good);
        else if (s->first[r] && !s->map[r])
            copy_ins(s, at, r);
    }
    for (uint32_t i = 0; i < s->buffered.len; i++) {
        Ref value = s->buffered.data[i];
        Ref place = slot(at, first->buffers[i], first->number, hl_ins(s->f, value)->type);
        hl_opt_ins(at, OP_STORE, NULL, (Ref[]){place, copy_of(s, value)}, 2, (Aux){0});
    }
    close_inductions(s, at);
    Ref next = hl_opt_op2(at, OP_ADD, i64(), first->number, hl_opt_i64(at, 1));
    hl_ins(s->f, next)->flags |= INS_NSW | INS_NUW;
    hl_phi_add(s->f, first->number, next);
    if (first->good) hl_phi_add(s->f, first->good, good);
}

/* Phis for what the checks of the block give. */
static void open_checks(Split *s, HlEmitter *at, First *first, Ref zero, Ref yes) {
    bool compares = false;
    first->highest = hl_new_array(&s->scratch, Ref, s->checks.len + 1);
    for (uint32_t i = 0; i < s->checks.len; i++) {
        const Ins *ins = hl_ins(s->f, s->checks.data[i]);
        if (ins->op == OP_CHECK_INDEX && !is_inside(s, ins->args[1]))
            first->highest[i] = hl_opt_ins(at, OP_PHI, i64(), &zero, 1, (Aux){0});
        else
            compares = true;
    }
    if (compares) first->good = hl_opt_ins(at, OP_PHI, hl_type(TY_B1), &yes, 1, (Aux){0});
}

/* Behind the first loop: have all checks passed? 0: there are none. */
static Ref all_good(Split *s, const First *first) {
    Ref jump = hl_terminator(s->f, first->exit), good = first->good;
    HlEmitter at = {s->c, s->f, first->exit, hl_ins(s->f, jump)->loc};
    hl_block(s->f, first->exit)->ins.len--; /* emit in front of the jump */
    for (uint32_t i = 0; i < s->checks.len; i++) {
        if (!first->highest[i]) continue;
        Ref size = hl_ins(s->f, s->checks.data[i])->args[1];
        good = both(&at, OP_AND, good, hl_opt_compare(&at, OP_ULT, first->highest[i], size));
    }
    hl_append(s->f, first->exit, jump);
    return good;
}

/* What LLVM says of a loop is told of its line. A loop of checks alone is none that the user wrote: it has no line. */
static Loc place_of_first(const Split *s) {
    Loc nowhere = {0};
    return s->calls ? hl_ins(s->f, hl_terminator(s->f, s->loop->header))->loc : nowhere;
}

/* Puts the first loop on the edge into the second, whose header has it at `entry`. */
static void build_first(Split *s, First *first) {
    Func *f = s->f;
    BlockId header = s->loop->header, before;
    uint32_t entry = hl_loop_contains(s->loop, s->cfg, hl_block(f, header)->preds.data[0]) ? 1 : 0;
    before = hl_block(f, header)->preds.data[entry];
    HlEmitter at = {s->c, f, before, place_of_first(s)};
    s->map = hl_new_array(&s->scratch, Ref, f->ins.len + s->body.len + 64);
    for (uint32_t i = 0; i < s->buffered.len; i++)
        first->buffers[i] = new_buffer(s, s->buffered.data[i]);
    first->exit = hl_split_edge(f, before, 0);
    hl_remove(f, hl_terminator(f, before));
    hl_block(f, before)->nsuccs = 0;
    hl_remove_pred(f, first->exit, 0);
    Ref zero = hl_opt_i64(&at, 0),
        yes = hl_opt_ins(&at, OP_CONST_INT, hl_type(TY_B1), NULL, 0, (Aux){.i = 1});
    first->header = hl_block_new(f);
    first->body = hl_block_new(f);
    hl_opt_jump(&at, first->header);
    at.block = first->header;
    copy_inductions(s, &at, entry);
    first->number = hl_opt_ins(&at, OP_PHI, i64(), &zero, 1, (Aux){0});
    open_checks(s, &at, first, zero, yes);
    hl_opt_branch(&at, copy_condition(s, &at, hl_ins(f, hl_terminator(f, header))->args[0]), first->body,
                  first->exit);
    at.block = first->body;
    fill_first(s, &at, first);
    hl_opt_jump(&at, first->header);
}

/* ---- the second loop ------------------------------------------------------------------------- */

/* Moves the instructions of a block that is nowhere to the head of another, which has no phis. */
static void prepend(Func *f, BlockId from, BlockId to) {
    Ref first = hl_block(f, to)->ins.data[0];
    for (uint32_t i = 0; i < hl_block(f, from)->ins.len; i++)
        hl_insert_before(f, first, hl_block(f, from)->ins.data[i]);
    hl_block(f, from)->ins.len = 0;
}

static void rewrite_second(Split *s, const First *first) {
    Func *f = s->f;
    BlockId header = s->loop->header;
    Loc loc = hl_ins(f, hl_terminator(f, header))->loc;
    Ref zero = hl_ins_new(f, OP_CONST_INT, i64(), NULL, 0, (Aux){0}, loc);
    hl_insert_before(f, hl_terminator(f, 1), zero);
    Ref number = hl_ins_new(f, OP_PHI, i64(), NULL, 0, (Aux){0}, loc);
    hl_insert_phi(f, header, number);
    BlockId inside = hl_block(f, header)->succs[0], latch = s->loop->latches.data[0];
    HlEmitter at = {s->c, f, hl_block_new(f), loc};
    for (uint32_t i = 0; i < s->buffered.len; i++) {
        Ref value = s->buffered.data[i];
        const Type *type = hl_ins(f, value)->type;
        Ref place = slot(&at, first->buffers[i], number, type);
        hl_replace_all(f, value, hl_opt_ins(&at, OP_LOAD, type, &place, 1, (Aux){0}));
    }
    Ref next = hl_opt_op2(&at, OP_ADD, i64(), number, hl_opt_i64(&at, 1));
    hl_ins(f, next)->flags |= INS_NSW | INS_NUW;
    for (uint32_t i = 0; i < hl_block(f, header)->preds.len; i++)
        hl_phi_add(f, number, hl_block(f, header)->preds.data[i] == latch ? next : zero);
    for (uint32_t i = 0; i < s->checks.len; i++)
        hl_remove(f, s->checks.data[i]);
    prepend(f, at.block, inside);
}

/* ---- splitting ------------------------------------------------------------------------------- */

static void refresh(Split *s, BlockId header) {
    s->cfg = hl_cfg_compute(&s->scratch, s->f);
    s->loop = s->cfg->loop_of[header];
}

/* The loop runs split only where the arrays lie apart. */
static void version_for_apart(Split *s) {
    BlockId header = s->loop->header, before = s->loop->preheader;
    Ref jump = hl_terminator(s->f, before);
    HlEmitter at = {s->c, s->f, before, hl_ins(s->f, jump)->loc};
    hl_block(s->f, before)->ins.len--; /* emit in front of the jump */
    Ref test = test_apart(s, &at);
    hl_append(s->f, before, jump);
    hl_loops_version(s->c, s->f, s->cfg, s->loop, test);
    refresh(s, header);
}

/* The second loop, whose header s->loop has, knows the arrays as apart. */
static void name_gathered(Split *s, BlockId before, const First *first) {
    if (s->gathered.n < 2) return;
    refresh(s, s->loop->header);
    hl_push(&s->scratch, &s->gathered.loops, s->loop);
    hl_apart_rename(s->f, hl_terminator(s->f, before), first->header, &s->gathered);
}

static void split(Split *s) {
    BlockId header = s->loop->header;
    First first = {0};
    find_gathered(s);
    if (s->napart) version_for_apart(s);
    BlockId before = s->loop->preheader;
    s->count.rounds = s->calls ? ROUNDS : CHECK_ROUNDS;
    hl_loops_cut(s->f, s->loop, &s->count);
    refresh(s, header);
    build_first(s, &first);
    Ref good = all_good(s, &first);
    refresh(s, header);
    if (good) hl_loops_version(s->c, s->f, s->cfg, s->loop, good);
    rewrite_second(s, &first);
    name_gathered(s, before, &first);
    hl_block(s->f, header)->brief = hl_block(s->f, first.header)->brief = true;
    hl_cleanup(s->f);
}

/* Neither of the two loops that come of one is worth splitting again. */
static bool split_one(Split *s) {
    hl_arena_free(&s->scratch);
    *s = (Split){.c = s->c, .f = s->f};
    hl_loops_normalise(s->f);
    s->cfg = hl_cfg_compute(&s->scratch, s->f);
    for (uint32_t i = 0; i < s->cfg->loops.len; i++) {
        const Loop *loop = s->cfg->loops.data[i];
        if (!can_split(s, loop)) continue;
        split(s);
        return true;
    }
    return false;
}

bool hl_opt_split_loops(Compile *c, Func *f) {
    Split s = {.c = c, .f = f};
    if (f->cold) return true;
    while (split_one(&s))
        ;
    hl_arena_free(&s.scratch);
    return true;
}
