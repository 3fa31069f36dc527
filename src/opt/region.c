/* region: the parallel form of a loop, in the place of the loop.
 *
 *     preheader: parts = parallel_parts(count); an array for each reduction, with a place for each part
 *                parallel @f.par1(count, parts, what the loop takes from outside, those arrays)
 *                each reduction: the values of the parts, combined in order          ─► where the loop ended
 *
 *     f.par1(part, from, to, ...): the loop, whose counters begin where round `from` has them and whose
 *                reductions begin with nothing; behind it the part's values go to the arrays
 *
 * So the runtime knows nothing of reductions, and memory stays with the function that began the region: what a body
 * takes from outside it borrows.
 */
#include "opt/parallel.h"

enum { PART, FROM, TO, NOWN };

typedef struct Region {
    ParallelLoop *p;
    Outline o;
    HlEmitter at; /* in f: the end of the preheader, and what follows it */
    Loc loc;
    Ref nparts;
} Region;

static const Type *i64(void) {
    return hl_type(TY_I64);
}

static const Type *type_of(const Region *x, Ref r) {
    return hl_ins(x->p->f, r)->type;
}

static bool has_parts(const Carry *carry) {
    return carry->kind == CARRY_LAST || hl_carry_is_reduction(carry);
}

/* ---- arrays that are reduced ------------------------------------------------------------------- */

/* Shape, and strides as in a fresh array of its layout, of the array each part gets; how many elements. */
typedef struct Shape {
    Ref dims[MAX_NDIM], strides[MAX_NDIM], size;
} Shape;

static Shape shape_of(HlEmitter *at, Ref array, const Type *type) {
    Shape shape = {.size = hl_opt_i64(at, 1)};
    Ref stride = hl_opt_i64(at, hl_type_nbytes(type->args[0]));
    for (int64_t i = 0; i < type->ndim; i++) {
        int64_t axis = type->layout == LAYOUT_F ? i : type->ndim - 1 - i;
        shape.dims[axis] = hl_opt_ins(at, OP_ARRAY_DIM, i64(), &array, 1, (Aux){.i = axis});
        shape.strides[axis] = stride;
        stride = hl_opt_op2(at, OP_MUL, i64(), stride, shape.dims[axis]);
        shape.size = hl_opt_op2(at, OP_MUL, i64(), shape.size, shape.dims[axis]);
    }
    return shape;
}

/* Number `number` of the arrays that lie in `parts` one behind the other. */
static Ref array_in(HlEmitter *at, Ref parts, Ref number, const Shape *shape, const Type *type) {
    Ref operands[2 + 2 * MAX_NDIM] = {parts};
    Ref elements = hl_opt_op2(at, OP_MUL, i64(), number, shape->size);
    Ref nbytes = hl_opt_op2(at, OP_MUL, i64(), elements, hl_opt_i64(at, hl_type_nbytes(type->args[0])));
    Ref data = hl_opt_ins(at, OP_ARRAY_DATA, hl_type(TY_PTR), &parts, 1, (Aux){0});
    operands[1] = hl_opt_op2(at, OP_PTR_ADD, hl_type(TY_PTR), data, nbytes);
    for (int i = 0; i < type->ndim; i++) {
        operands[2 + i] = shape->dims[i];
        operands[2 + type->ndim + i] = shape->strides[i];
    }
    return hl_opt_ins(at, OP_ARRAY_MAKE, type, operands, 2u + 2u * type->ndim, (Aux){0});
}

/* How many parts such arrays allow: one where they would be more work than the loop, or too much memory. */
static void limit_parts(Region *x, Shared *shared) {
    enum { INNER_ROUNDS = 64, MOST_ELEMENTS = 1 << 27 };
    ParallelLoop *p = x->p;
    bool has_inner = false;
    for (uint32_t i = 0; i < p->loop.blocks.len; i++)
        has_inner |= p->cfg->loop_of[p->loop.blocks.data[i]] != p->cfg->loop_of[p->loop.header];
    shared->size = shape_of(&x->at, shared->base, type_of(x, shared->base)).size;
    Ref all = hl_opt_op2(&x->at, OP_MUL, i64(), shared->size, x->nparts),
        most = hl_opt_i64(&x->at, MOST_ELEMENTS);
    if (shared->scattered) {
        Ref weight = hl_opt_i64(&x->at, has_inner ? INNER_ROUNDS : 1);
        Ref work = hl_opt_op2(&x->at, OP_MUL, i64(), p->count, weight);
        most = hl_opt_op2(&x->at, OP_SMIN, i64(), most, work);
    }
    Ref fits = hl_opt_compare(&x->at, OP_SLE, all, most);
    x->nparts = hl_opt_select(&x->at, i64(), fits, x->nparts, hl_opt_i64(&x->at, 1));
}

static void make_arrays(Region *x, Shared *shared) {
    const Type *flat = hl_type_array(type_of(x, shared->base)->args[0], 1, LAYOUT_C, false, false);
    Ref others = hl_opt_op2(&x->at, OP_SUB, i64(), x->nparts, hl_opt_i64(&x->at, 1));
    Ref size = hl_opt_op2(&x->at, OP_MUL, i64(), others, shared->size);
    shared->parts = hl_opt_ins(&x->at, OP_ARRAY_ALLOC, flat, &size, 1, (Aux){0});
    hl_push(&x->o.scratch, &x->o.live_in, shared->parts);
}

/* In the body: the array itself for the first part, which goes on from what is there; for others one of their own,
 * filled with what changes nothing. */
static Ref own_array(const Region *x, HlEmitter *at, const Shared *shared) {
    const Type *type = type_of(x, shared->base);
    Ref whole = x->o.map[shared->base], zero = hl_opt_i64(at, 0);
    Shape shape = shape_of(at, whole, type);
    Ref first = hl_opt_compare(at, OP_EQ, x->o.first[PART], zero);
    Ref before = hl_opt_op2(at, OP_SUB, i64(), x->o.first[PART], hl_opt_i64(at, 1));
    Ref number = hl_opt_select(at, i64(), first, zero, before);
    Ref own = array_in(at, x->o.map[shared->parts], number, &shape, type);
    shape.dims[0] = hl_opt_select(at, i64(), first, zero, shape.dims[0]);
    Ref fill[2] = {array_in(at, x->o.map[shared->parts], number, &shape, type)};
    fill[1] = hl_carry_neutral(shared->kind, at, type->args[0]);
    hl_opt_ins(at, OP_EW_ASSIGN, NULL, fill, 2, (Aux){0});
    return hl_opt_select(at, type, first, whole, own);
}

/* Uses made before `end` of a value of the body take another one. */
static void replace_in_body(const Region *x, Ref end, Ref old, Ref now) {
    for (Ref r = 1; r < end; r++)
        for (uint32_t i = 0; i < hl_ins(x->o.g, r)->nargs; i++)
            if (hl_ins(x->o.g, r)->args[i] == old) hl_ins(x->o.g, r)->args[i] = now;
}

/* The body works on its own array, whose parts are taken of it again. */
static void take_own_array(const Region *x, HlEmitter *at, const Shared *shared) {
    Ref end = x->o.g->ins.len, own = own_array(x, at, shared);
    replace_in_body(x, end, x->o.map[shared->base], own);
    for (uint32_t i = 0; i < x->o.live_in.len; i++) {
        Ins part = *hl_ins(x->p->f, x->o.live_in.data[i]);
        if (!hl_opt_is_array_part(&part) || part.args[0] != shared->base) continue;
        Ref now = hl_opt_ins(at, (Op)part.op, part.type, &own, 1, part.aux);
        replace_in_body(x, end, x->o.map[x->o.live_in.data[i]], now);
    }
}

static UfuncId ufunc_of(CarryKind kind) {
    switch (kind) {
    case CARRY_PRODUCT: return UFUNC_multiply;
    case CARRY_AND: return UFUNC_bitwise_and;
    case CARRY_OR: return UFUNC_bitwise_or;
    case CARRY_XOR: return UFUNC_bitwise_xor;
    case CARRY_MIN: return UFUNC_minimum;
    case CARRY_MAX: return UFUNC_maximum;
    case CARRY_SUM:
    case CARRY_FOLLOWER:
    case CARRY_OTHER:
    case CARRY_STEP:
    case CARRY_LAST: break;
    }
    return UFUNC_add;
}

/* array = array op part, in the loop over the parts. */
static void combine_array(Region *x, const Shared *shared, Ref number) {
    const Type *type = type_of(x, shared->base);
    const Type *fresh = hl_type_array(type->args[0], type->ndim,
                                      type->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C, false, false);
    Shape shape = shape_of(&x->at, shared->base, type);
    Ref operands[] = {shared->base, array_in(&x->at, shared->parts, number, &shape, type)};
    Ref both[] = {shared->base,
                  hl_opt_ins(&x->at, OP_EW, fresh, operands, 2, (Aux){.i = ufunc_of(shared->kind)})};
    Ref assign = hl_opt_ins(&x->at, OP_EW_ASSIGN, NULL, both, 2, (Aux){0});
    hl_ins(x->p->f, assign)->flags |= INS_OUT | INS_SERIAL;
}

/* ---- before the loop --------------------------------------------------------------------------- */

/* The header keeps its edge from there until it has been copied. */
static void open_preheader(Region *x) {
    Func *f = x->p->f;
    BlockId before = x->p->loop.preheader;
    hl_remove(f, hl_terminator(f, before));
    hl_block(f, before)->nsuccs = 0;
    x->at.block = before;
}

static void make_parts(Region *x) {
    ParallelLoop *p = x->p;
    Ref zero = hl_opt_i64(&x->at, 0);
    p->count = hl_opt_op2(&x->at, OP_SMAX, i64(), p->count, zero);
    uint32_t streams = hl_loop_draws(p);
    Ref detail = streams ? hl_opt_i64(&x->at, streams) : p->cost ? p->cost : zero;
    RtId parts = streams ? RT_random_parts : RT_parallel_parts;
    x->nparts = hl_opt_ins(&x->at, OP_RT, i64(), (Ref[]){p->count, detail}, 2, (Aux){.i = parts});
    for (uint32_t i = 0; i < p->shared.len; i++)
        limit_parts(x, &p->shared.data[i]);
    for (uint32_t i = 0; i < p->shared.len; i++)
        make_arrays(x, &p->shared.data[i]);
    for (uint32_t i = 0; i < p->carries.len; i++) {
        Carry *carry = &p->carries.data[i];
        if (!has_parts(carry)) continue;
        const Type *array = hl_type_array(type_of(x, carry->phi), 1, LAYOUT_C, false, false);
        carry->parts = hl_opt_ins(&x->at, OP_ARRAY_ALLOC, array, &x->nparts, 1, (Aux){0});
        hl_push(&x->o.scratch, &x->o.live_in, carry->parts);
    }
}

/* ---- the body ---------------------------------------------------------------------------------- */

/* What the copy of a header's phi begins with. */
static Ref begin_carry(const Region *x, HlEmitter *at, const Carry *carry) {
    const Ref *own = x->o.first, init = x->o.map[carry->init];
    const Type *type = type_of(x, carry->phi);
    if (carry->phi == x->p->left) return hl_opt_op2(at, OP_SUB, i64(), own[TO], own[FROM]);
    if (carry->kind == CARRY_STEP) {
        Ref way = hl_opt_op2(at, OP_MUL, i64(), own[FROM], x->o.map[carry->step.step]);
        return hl_opt_op2(at, carry->step.down ? OP_SUB : OP_ADD, i64(), init, way);
    }
    bool keeps = carry->kind != CARRY_SUM && carry->kind != CARRY_PRODUCT && carry->kind != CARRY_XOR;
    if (keeps) return init; /* combined with itself it is itself */
    Ref identity = hl_carry_neutral(carry->kind, at, type);
    Ref is_first = hl_opt_compare(at, OP_EQ, own[PART], hl_opt_i64(at, 0));
    return hl_opt_select(at, type, is_first, init, identity);
}

static void begin_carries(Region *x) {
    HlEmitter at = {.c = x->p->c, .f = x->o.g, .block = x->o.entry, .loc = x->loc};
    if (!x->p->left) hl_ins(x->o.g, x->o.map[x->p->more])->args[1] = x->o.first[TO];
    for (uint32_t i = 0; i < x->p->carries.len; i++) {
        const Carry *carry = &x->p->carries.data[i];
        Ref begin = begin_carry(x, &at, carry);
        hl_ins(x->o.g, x->o.map[carry->phi])->args[x->p->entry] = begin;
    }
    for (uint32_t i = 0; i < x->p->shared.len; i++)
        take_own_array(x, &at, &x->p->shared.data[i]);
}

/* Where the copy of the loop ends: the part's values are stored. */
static void end_body(Region *x) {
    Func *g = x->o.g;
    HlEmitter at = {.c = x->p->c, .f = g, .block = hl_block_new(g), .loc = x->loc};
    hl_add_pred(g, at.block, x->o.block_map[x->p->loop.header]);
    for (uint32_t i = 0; i < x->p->carries.len; i++) {
        const Carry *carry = &x->p->carries.data[i];
        if (!has_parts(carry)) continue;
        Ref args[] = {x->o.map[carry->parts], x->o.first[PART], x->o.map[carry->phi]};
        hl_opt_ins(&at, OP_ARRAY_STORE, NULL, args, 3, (Aux){0});
    }
    Ref none = hl_opt_ins(&at, OP_CONST_NONE, hl_type(TY_NONE), NULL, 0, (Aux){0});
    hl_opt_ins(&at, OP_RETURN, NULL, &none, 1, (Aux){0});
    x->o.block_map[x->p->exit] = at.block;
}

static void make_body(Region *x) {
    const Type *first[NOWN] = {i64(), i64(), i64()};
    hl_outline_copy(&x->o, "par", first, NOWN);
    x->o.g->result = hl_type(TY_NONE);
    x->o.g->options.parallel = false; /* nothing in it is parallel again */
    begin_carries(x);
    end_body(x);
    hl_outline_edges(&x->o);
}

static void call_body(Region *x) {
    uint32_t n;
    Ref *args = hl_outline_arguments(&x->o, 2, &n);
    args[0] = x->p->count;
    args[1] = x->nparts;
    hl_opt_ins(&x->at, OP_PARALLEL, NULL, args, n, (Aux){.func = x->o.g});
}

/* ---- behind the loop --------------------------------------------------------------------------- */

static Ref load_part(Region *x, const Carry *carry, Ref part) {
    return hl_opt_ins(&x->at, OP_ARRAY_LOAD, type_of(x, carry->phi), (Ref[]){carry->parts, part}, 2,
                      (Aux){0});
}

static void finish_steps(Region *x) {
    for (uint32_t i = 0; i < x->p->carries.len; i++) {
        Carry *carry = &x->p->carries.data[i];
        if (carry->kind == CARRY_STEP) {
            Ref way = hl_opt_op2(&x->at, OP_MUL, i64(), x->p->count, carry->step.step);
            carry->result = hl_opt_op2(&x->at, carry->step.down ? OP_SUB : OP_ADD, i64(), carry->init, way);
        } else if (carry->kind == CARRY_LAST) {
            Ref last = hl_opt_op2(&x->at, OP_SUB, i64(), x->nparts, hl_opt_i64(&x->at, 1));
            carry->result = load_part(x, carry, last);
        } else {
            carry->result = load_part(x, carry, hl_opt_i64(&x->at, 0));
        }
    }
}

static Ref open_total(Region *x, const Carry *carry, const HlLoop *loop) {
    Ref total = hl_ins_new(x->p->f, OP_PHI, type_of(x, carry->phi), &carry->result, 1, (Aux){0}, x->loc);
    hl_insert_phi(x->p->f, loop->header, total);
    return total;
}

/* One loop over the parts behind the first for all reductions. */
static void combine_parts(Region *x) {
    HlLoop loop;
    Ref others = hl_opt_op2(&x->at, OP_SUB, i64(), x->nparts, hl_opt_i64(&x->at, 1));
    uint32_t n = x->p->carries.len;
    Ref *totals = hl_new_array(&x->p->scratch, Ref, n + 1), *parts = hl_new_array(&x->p->scratch, Ref, n + 1);
    hl_opt_loop_open(&x->at, others, &loop);
    Ref number = hl_opt_op2(&x->at, OP_ADD, i64(), loop.index, hl_opt_i64(&x->at, 1));
    Ref *next = hl_new_array(&x->p->scratch, Ref, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const Carry *carry = &x->p->carries.data[i];
        if (!hl_carry_is_reduction(carry)) continue;
        totals[i] = open_total(x, carry, &loop);
        parts[i] = load_part(x, carry, number);
    }
    for (uint32_t i = 0; i < n; i++)
        if (totals[i]) next[i] = hl_carry_combine(x->p, i, &x->at, totals, parts);
    for (uint32_t i = 0; i < x->p->shared.len; i++)
        combine_array(x, &x->p->shared.data[i], loop.index);
    hl_opt_loop_close(&x->at, &loop);
    for (uint32_t i = 0; i < n; i++) {
        if (!totals[i]) continue;
        hl_phi_add(x->p->f, totals[i], next[i]);
        x->p->carries.data[i].result = totals[i];
    }
}

/* Uses of the carried values behind the loop take the results. */
static void replace_uses(Region *x, Ref end_of_old) {
    Func *f = x->p->f;
    for (Ref r = 1; r < end_of_old; r++) {
        const Ins *ins = hl_ins(f, r);
        if (ins->op == OP_COUNT || !ins->block || x->o.inside[ins->block]) continue;
        for (uint32_t i = 0; i < ins->nargs; i++)
            for (uint32_t k = 0; k < x->p->carries.len; k++)
                if (ins->args[i] == x->p->carries.data[k].phi) ins->args[i] = x->p->carries.data[k].result;
    }
}

/* The emitter goes on to where the loop ended; the loop itself is reached no more. */
static void enter_exit(Region *x) {
    Func *f = x->p->f;
    BlockId header = x->p->loop.header, exit = x->p->exit;
    uint32_t edge = hl_pred_index(f, header, 1);
    hl_block(f, exit)->preds.data[edge] = x->at.block;
    hl_opt_ins(&x->at, OP_JUMP, NULL, NULL, 0, (Aux){0});
    hl_block(f, x->at.block)->nsuccs = 1;
    hl_block(f, x->at.block)->succs[0] = exit;
    hl_remove_pred(f, header, x->p->entry);
    hl_remove_pred(f, hl_block(f, header)->succs[0], hl_pred_index(f, header, 0));
    hl_remove(f, hl_terminator(f, header));
    hl_block(f, header)->nsuccs = 0;
    hl_append(f, header, hl_ins_new(f, OP_UNREACHABLE, NULL, NULL, 0, (Aux){0}, x->loc));
}

static bool has_reductions(const ParallelLoop *p) {
    if (p->shared.len) return true;
    for (uint32_t i = 0; i < p->carries.len; i++)
        if (hl_carry_is_reduction(&p->carries.data[i])) return true;
    return false;
}

void hl_region_build(ParallelLoop *p) {
    Region x = {.p = p, .loc = hl_ins(p->f, hl_terminator(p->f, p->loop.header))->loc};
    x.at = (HlEmitter){.c = p->c, .f = p->f, .loc = x.loc};
    hl_outline_open(&x.o, p->c, p->f, &p->loop);
    hl_outline_restate_parts(&x.o);
    hl_outline_borders(&x.o);
    Ref end_of_old = p->f->ins.len;
    open_preheader(&x);
    make_parts(&x);
    make_body(&x);
    call_body(&x);
    finish_steps(&x);
    if (has_reductions(p)) combine_parts(&x);
    replace_uses(&x, end_of_old);
    enter_exit(&x);
    hl_arena_free(&x.o.scratch);
}
