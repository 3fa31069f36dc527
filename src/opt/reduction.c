/* reduction: the reduction of an operation's elements without an array for all of them.
 *
 * In: a call of a function with a Reduction (ir/ir.h) whose operand is an `ew` computed in its loop. Out: a call of a new
 * function
 *
 *     g(start, count, what the operation reads as vectors...):
 *         count at most a block?  buffer[i] = element start + i;  the reduction of the buffer, a contiguous vector
 *         else                    g of the first half, g of the second, joined
 *
 * Halves and blocks are those of NumPy's pairwise sum, so a sum of floats has NumPy's bits. Only elements that can be
 * numbered can be cut so: those of a vector, or of arrays of one shape and order without gaps. Where sizes must be compared
 * for it at run time and differ, and where types rule it out, an array is made as ever.
 *
 * The operations are copied to the new function, whose whole-array assignment to the buffer the pass expands in its turn.
 */
#include "opt/nest.h"

#include <string.h>

enum { NUMBERS = 128 }; /* a block's: a complex element counts as two */

static const Type *i64(void) {
    return hl_type(TY_I64);
}

static const Type *vector_of(const Type *t, int layout) {
    return hl_type_array(t->args[0], 1, layout, t->readonly, t->unaligned);
}

/* ---- in the function at hand: what the operation reads, as vectors --------------------------------------------------------- */

static Ref part(HlEmitter *at, Op op, const Type *type, Ref array, int axis) {
    return hl_opt_ins(at, op, type, &array, 1, (Aux){.i = axis});
}

static Ref make_vector(HlEmitter *at, Ref array, int layout, Ref data, Ref count, Ref stride) {
    const Type *type = vector_of(hl_ins(at->f, array)->type, layout);
    return hl_opt_ins(at, OP_ARRAY_MAKE, type, (Ref[]){array, data, count, stride}, 4, (Aux){0});
}

/* A vector of one element stretches: its stride is 0. */
static Ref leaf_vector(const Nest *n, const Leaf *leaf, Ref count) {
    HlEmitter *at = &n->x->at;
    const Type *t = hl_ins(at->f, leaf->view)->type;
    if (leaf->ndim == 1 && leaf->sizes[0] == n->shape[0]) return leaf->view;
    Ref data = part(at, OP_ARRAY_DATA, hl_type(TY_PTR), leaf->view, 0);
    if (leaf->ndim != 1)
        return make_vector(at, leaf->view, LAYOUT_C, data, count, hl_opt_i64(at, hl_type_nbytes(t->args[0])));
    Ref single = hl_opt_compare(at, OP_EQ, leaf->sizes[0], hl_opt_i64(at, 1));
    Ref stride = part(at, OP_ARRAY_STRIDE, i64(), leaf->view, 0);
    return make_vector(at, leaf->view, LAYOUT_A, data, count,
                       hl_opt_select(at, i64(), single, hl_opt_i64(at, 0), stride));
}

/* ---- the new function ------------------------------------------------------------------------------------------------------- */

typedef struct Halves {
    const Nest *n;
    const Reduction *reduction;
    HlEmitter at; /* in g */
    VEC(Ref) arguments;
    VEC(const Type *) types;
    VEC(Ref) params;
    Map copies; /* value -> what it is in g's block */
} Halves;

static Func *new_function(const HlEmitter *at, const Func *vector) {
    Func *g = hl_func_like(at->f, "part", at->c->functions.len);
    g->recursive = true;
    g->options.parallel = false; /* share.c cuts the whole */
    g->result = vector->result;
    hl_block_new(g);
    hl_push(&at->c->arena, &at->c->functions, g);
    return g;
}

static Ref add_param(Halves *h, Ref argument, const Type *type) {
    Arena *scratch = &h->n->x->scratch;
    Ref param = hl_opt_ins(&h->at, OP_PARAM, type, NULL, 0, (Aux){.i = h->arguments.len});
    hl_push(scratch, &h->arguments, argument);
    hl_push(h->at.f->arena, &h->types, type);
    hl_push(scratch, &h->params, param);
    return param;
}

static void add_params(Halves *h, Ref value, Ref count) {
    if (hl_map_get(&h->copies, value)) return;
    Expand *x = h->n->x;
    const Ins *ins = hl_ins(x->f, value);
    if (hl_nest_is_inner(h->n, value)) {
        for (uint32_t i = 0; i < ins->nargs; i++)
            add_params(h, ins->args[i], count);
        return;
    }
    if (ins->op == OP_CONST_FLOAT || ins->op == OP_CONST_INT) return;
    const Leaf *leaf = hl_nest_leaf(h->n, value);
    Ref argument = leaf ? leaf_vector(h->n, leaf, count) : value;
    Ref param = add_param(h, argument, hl_ins(x->f, argument)->type);
    hl_map_set(&x->scratch, &h->copies, value, (void *)(uintptr_t)param);
}

static void declare_params(Halves *h) {
    Func *g = h->at.f;
    g->nparams = h->types.len;
    g->param_types = h->types.data;
    g->param_names = hl_new_array(g->arena, const char *, h->types.len);
    for (uint32_t i = 0; i < h->types.len; i++)
        g->param_names[i] = hl_intern(i == 0   ? "start"
                                      : i == 1 ? "count"
                                               : hl_arena_printf(g->arena, "x%u", i - 1));
}

/* A parameter's elements from `start` on. */
static Ref block_of(Halves *h, Ref param) {
    HlEmitter *at = &h->at;
    const Type *t = hl_ins(at->f, param)->type;
    if (t->kind != TY_ARRAY) return param;
    Ref stride = part(at, OP_ARRAY_STRIDE, i64(), param, 0);
    if (t->layout == LAYOUT_C) stride = hl_opt_i64(at, hl_type_nbytes(t->args[0]));
    Ref offset = hl_opt_op2(at, OP_MUL, i64(), h->params.data[0], stride);
    Ref data = part(at, OP_ARRAY_DATA, hl_type(TY_PTR), param, 0);
    return make_vector(at, param, t->layout, hl_opt_op2(at, OP_PTR_ADD, hl_type(TY_PTR), data, offset),
                       h->params.data[1], stride);
}

/* The operation over the block. */
static Ref copy_value(Halves *h, Ref value) {
    Ref known = (Ref)(uintptr_t)hl_map_get(&h->copies, value);
    Expand *x = h->n->x;
    if (known && hl_ins(h->at.f, known)->op != OP_PARAM) return known;
    Ref copy;
    Ins ins = *hl_ins(x->f, value);
    if (known) {
        copy = block_of(h, known);
    } else if (ins.op != OP_EW) { /* a constant */
        copy = hl_opt_ins(&h->at, (Op)ins.op, ins.type, NULL, 0, ins.aux);
    } else {
        Ref *args = hl_new_array(&x->scratch, Ref, ins.nargs);
        for (uint32_t i = 0; i < ins.nargs; i++)
            args[i] = copy_value(h, ins.args[i]);
        copy = hl_ins_new(h->at.f, OP_EW, vector_of(ins.type, LAYOUT_C), args, ins.nargs, ins.aux, ins.loc);
        hl_append(h->at.f, h->at.block, copy);
    }
    hl_map_set(&x->scratch, &h->copies, value, (void *)(uintptr_t)copy);
    return copy;
}

static Ref call(Halves *h, Func *f, const Ref *args, uint32_t nargs) {
    return hl_opt_ins(&h->at, OP_CALL, hl_type_storage(f->result), args, nargs, (Aux){.func = f});
}

static void emit_block(Halves *h, Ref buffer) {
    HlEmitter *at = &h->at;
    const Type *type = vector_of(hl_ins(h->n->x->f, h->n->value)->type, LAYOUT_C);
    Ref item = hl_opt_i64(at, hl_type_nbytes(type->args[0]));
    Ref array = hl_opt_ins(at, OP_ARRAY_CONST, type, (Ref[]){buffer, h->params.data[1], item}, 3, (Aux){0});
    hl_opt_ins(at, OP_EW_ASSIGN, NULL, (Ref[]){array, copy_value(h, h->n->value)}, 2, (Aux){0});
    Ref result = call(h, h->reduction->vector, &array, 1);
    hl_opt_ins(at, OP_RETURN, NULL, &result, 1, (Aux){0});
}

static Ref call_half(Halves *h, Ref start, Ref count) {
    Ref *args = hl_new_array(&h->n->x->scratch, Ref, h->params.len);
    memcpy(args, h->params.data, h->params.len * sizeof *args);
    args[0] = start, args[1] = count;
    return call(h, h->at.f, args, h->params.len);
}

/* As NumPy halves: the first part has a multiple of eight numbers. */
Ref hl_reduction_first_half(HlEmitter *at, Ref count, bool is_complex) {
    Ref two = hl_opt_i64(at, 2);
    Ref numbers = is_complex ? count : hl_opt_op2(at, OP_UDIV, i64(), count, two);
    Ref first = hl_opt_op2(at, OP_AND, i64(), numbers, hl_opt_i64(at, -8));
    return is_complex ? hl_opt_op2(at, OP_UDIV, i64(), first, two) : first;
}

static void emit_halves(Halves *h, bool is_complex) {
    HlEmitter *at = &h->at;
    Ref start = h->params.data[0], count = h->params.data[1];
    Ref first = hl_reduction_first_half(at, count, is_complex);
    Ref parts[2] = {call_half(h, start, first)};
    parts[1] = call_half(h, hl_opt_op2(at, OP_ADD, i64(), start, first),
                         hl_opt_op2(at, OP_SUB, i64(), count, first));
    const Type *type = hl_type_storage(at->f->result), *types[2] = {type, type};
    Ref result = hl_infer_ufunc_element(at, (UfuncId)h->reduction->combine, parts, types, 2, type);
    hl_opt_ins(at, OP_RETURN, NULL, &result, 1, (Aux){0});
}

static Ref call_new_function(const Nest *n, Ref count, const Reduction *reduction) {
    Expand *x = n->x;
    HlEmitter in_g = x->at;
    const Type *element = hl_ins(x->f, n->value)->type->args[0];
    bool is_complex = hl_type_is_complex(element);
    in_g.f = new_function(&x->at, reduction->vector);
    in_g.block = 1;
    Halves h = {.n = n, .reduction = reduction, .at = in_g};
    add_param(&h, hl_opt_i64(&x->at, 0), i64());
    add_param(&h, count, i64());
    add_params(&h, n->value, count);
    declare_params(&h);
    int64_t limit = is_complex ? NUMBERS / 2 : NUMBERS;
    Ref buffer =
        hl_opt_ins(&h.at, OP_BUFFER, hl_type(TY_PTR), NULL, 0, (Aux){.i = limit * hl_type_nbytes(element)});
    Ref fits = hl_opt_compare(&h.at, OP_SLE, h.params.data[1], hl_opt_i64(&h.at, limit));
    BlockId block = hl_opt_block(&h.at, false), halves = hl_opt_block(&h.at, false);
    hl_opt_branch(&h.at, fits, block, halves);
    h.at.block = block;
    emit_block(&h, buffer);
    h.at.block = halves;
    emit_halves(&h, is_complex);
    return hl_reduction_call(n, reduction, h.at.f, h.arguments.data, h.arguments.len, is_complex);
}

/* ---- the call ------------------------------------------------------------------------------------------------------------------- */

static Ref reduce_array(Expand *x, Ref reduction, Ref value) {
    const Ins *ins = hl_ins(x->f, reduction);
    const Type *type = hl_ins(x->f, value)->type, *result = ins->type;
    Func *f = ins->aux.func;
    Ref array = hl_opt_ins(&x->at, OP_ARRAY_ALLOC, type, hl_expand_shape(x, value), type->ndim, (Aux){0});
    Nest n = hl_nest_open(x, reduction, value, array);
    hl_nest_emit(&n);
    return hl_opt_ins(&x->at, OP_CALL, result, &array, 1, (Aux){.func = f});
}

/* Blocks where the sizes fit, else an array. */
static Ref reduce_if(const Nest *n, Ref fits, Ref count, Ref reduction) {
    Expand *x = n->x;
    HlEmitter *at = &x->at;
    const Type *type = hl_ins(x->f, reduction)->type;
    bool here = hl_block(at->f, at->block)->cold;
    BlockId blocks = hl_opt_block(at, here), array = hl_opt_block(at, true), join = hl_opt_block(at, here);
    hl_opt_branch(at, fits, blocks, array);
    at->block = blocks;
    Ref first = call_new_function(n, count, &hl_ins(x->f, reduction)->aux.func->reduction);
    hl_opt_jump(at, join);
    at->block = array;
    Ref second = reduce_array(x, reduction, n->value);
    hl_opt_jump(at, join);
    at->block = join;
    Ref phi = hl_opt_ins(at, OP_PHI, type, &first, 1, (Aux){0});
    hl_phi_add(at->f, phi, second);
    return phi;
}

void hl_expand_reduction(Expand *x, Ref reduction) {
    Ref value = hl_ins(x->f, reduction)->args[0], fits = 0;
    Nest n = hl_nest_open(x, reduction, value, value);
    if (!hl_nest_is_vector(&n, &fits)) {
        x->replaced[reduction] = reduce_array(x, reduction, value);
        return;
    }
    Ref count = hl_expand_total(x, n.shape, n.ndim);
    x->replaced[reduction] =
        fits ? reduce_if(&n, fits, count, reduction)
             : call_new_function(&n, count, &hl_ins(x->f, reduction)->aux.func->reduction);
}
