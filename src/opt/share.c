/* share: a reduction of an operation's elements (reduction.c), by several threads where there is enough to do.
 *
 *     parts = parallel_parts(count, cost); more than one, and enough elements for all pieces?
 *         results = an array with a place for each piece
 *         parallel @g.par1(count of pieces, parts, results, what g takes)
 *         neighbours joined, level by level, until one is left
 *     else as it was: g(0, count, ...)
 *
 *     g.par1(part, from, to, ...): results[piece] = g(start, count of the piece, ...), for pieces from `from` to `to`
 *
 * The pieces are what halving as in g leads to after some levels, and they are joined as g joins its halves: the result does
 * not depend on the number of threads, and a sum of floats has NumPy's bits still.
 */
#include "opt/nest.h"

enum {
    LEVELS = 6,
    PIECES = 1 << LEVELS,
    LEAST = 144 * PIECES /* elements: g halves as often as there are levels */
};

typedef struct Share {
    HlEmitter *at;
    const Reduction *reduction;
    Func *g;
    const Ref *args; /* of the call of g: start, count, ... */
    uint32_t nargs;
    bool is_complex;
    Ref results;
} Share;

static const Type *i64(void) {
    return hl_type(TY_I64);
}

static const Type *result_type(const Share *s) {
    return hl_type_storage(s->g->result);
}

/* ---- how much there is to do ----------------------------------------------------------------------- */

static int64_t steps_of(const Nest *n, Ref value) {
    enum {
        STEPS_arith = 1,
        STEPS_cast = 1,
        STEPS_compare = 1,
        STEPS_count = 1,
        STEPS_integer = 1,
        STEPS_logic = 1,
        STEPS_math = 16,
        STEPS_test = 1,
        STEPS_where = 1
    };
    static const uint8_t steps[] = {
#define UFUNC(name, nin, kernel) STEPS_##kernel,
#include "ir/ufuncs.def"
#undef UFUNC
    };
    const Ins *ins = hl_ins(n->x->f, value);
    if (!hl_nest_is_inner(n, value)) return 1;
    int64_t sum = steps[ins->aux.i];
    for (uint32_t i = 0; i < ins->nargs; i++)
        sum += steps_of(n, ins->args[i]);
    return sum;
}

/* ---- the body of the region ------------------------------------------------------------------------ */

enum { PART, FROM, TO, RESULTS, COUNT, NOWN };

static Func *new_body(const Share *s, Ref *params) {
    Arena *arena = s->g->arena;
    Func *f = hl_func_like(s->g, "par", s->at->c->functions.len);
    f->nparams = NOWN + s->nargs - 2;
    f->param_types = hl_new_array(arena, const Type *, f->nparams);
    f->param_names = hl_new_array(arena, const char *, f->nparams);
    f->result = hl_type(TY_NONE);
    hl_block_new(f);
    hl_push(&s->at->c->arena, &s->at->c->functions, f);
    HlEmitter at = {.c = s->at->c, .f = f, .block = 1, .loc = s->at->loc};
    for (uint32_t i = 0; i < f->nparams; i++) {
        Ref given = i < RESULTS    ? 0
                    : i == RESULTS ? s->results
                    : i == COUNT   ? s->args[1]
                                   : s->args[i - NOWN + 2];
        f->param_types[i] = given ? hl_ins(s->at->f, given)->type : i64();
        f->param_names[i] = hl_intern(hl_arena_printf(arena, "v%u", i));
        params[i] = hl_opt_ins(&at, OP_PARAM, f->param_types[i], NULL, 0, (Aux){.i = i});
    }
    return f;
}

/* Halves as often as there are levels, and takes the half that the number of the piece says. */
static void find_piece(const Share *s, HlEmitter *at, Ref piece, Ref *start, Ref *count) {
    *start = hl_opt_i64(at, 0);
    for (int level = LEVELS; level-- > 0;) {
        Ref first = hl_reduction_first_half(at, *count, s->is_complex);
        Ref bit = hl_opt_op2(at, OP_AND, i64(), piece, hl_opt_i64(at, INT64_C(1) << level));
        Ref is_first = hl_opt_compare(at, OP_EQ, bit, hl_opt_i64(at, 0));
        Ref behind = hl_opt_op2(at, OP_ADD, i64(), *start, first);
        Ref rest = hl_opt_op2(at, OP_SUB, i64(), *count, first);
        *start = hl_opt_select(at, i64(), is_first, *start, behind);
        *count = hl_opt_select(at, i64(), is_first, first, rest);
    }
}

static Func *make_body(const Share *s) {
    Ref *params = hl_new_array(s->g->arena, Ref, NOWN + s->nargs);
    Ref *args = hl_new_array(s->g->arena, Ref, s->nargs);
    Func *f = new_body(s, params);
    HlEmitter at = {.c = s->at->c, .f = f, .block = 1, .loc = s->at->loc};
    HlLoop loop;
    hl_opt_loop_open(&at, hl_opt_op2(&at, OP_SUB, i64(), params[TO], params[FROM]), &loop);
    Ref piece = hl_opt_op2(&at, OP_ADD, i64(), params[FROM], loop.index);
    args[1] = params[COUNT];
    find_piece(s, &at, piece, &args[0], &args[1]);
    for (uint32_t i = 2; i < s->nargs; i++)
        args[i] = params[NOWN + i - 2];
    Ref result = hl_opt_ins(&at, OP_CALL, result_type(s), args, s->nargs, (Aux){.func = s->g});
    hl_opt_ins(&at, OP_ARRAY_STORE, NULL, (Ref[]){params[RESULTS], piece, result}, 3, (Aux){0});
    hl_opt_loop_close(&at, &loop);
    Ref none = hl_opt_ins(&at, OP_CONST_NONE, hl_type(TY_NONE), NULL, 0, (Aux){0});
    hl_opt_ins(&at, OP_RETURN, NULL, &none, 1, (Aux){0});
    return f;
}

/* ---- the region, and what comes of the pieces ------------------------------------------------------- */

static Ref load_result(const Share *s, Ref place) {
    return hl_opt_ins(s->at, OP_ARRAY_LOAD, result_type(s), (Ref[]){s->results, place}, 2, (Aux){0});
}

/* results[i] = results[2 * i] joined with results[2 * i + 1], for half as many in each level. */
static Ref join_results(const Share *s) {
    HlEmitter *at = s->at;
    const Type *type = result_type(s), *types[2] = {type, type};
    HlLoop levels, pairs;
    hl_opt_loop_open(at, hl_opt_i64(at, LEVELS), &levels);
    Ref half = hl_opt_op2(at, OP_LSHR, i64(), hl_opt_i64(at, PIECES / 2), levels.index);
    hl_opt_loop_open(at, half, &pairs);
    Ref even = hl_opt_op2(at, OP_ADD, i64(), pairs.index, pairs.index);
    Ref both[2] = {load_result(s, even)};
    both[1] = load_result(s, hl_opt_op2(at, OP_ADD, i64(), even, hl_opt_i64(at, 1)));
    Ref joined = hl_infer_ufunc_element(at, (UfuncId)s->reduction->combine, both, types, 2, type);
    hl_opt_ins(at, OP_ARRAY_STORE, NULL, (Ref[]){s->results, pairs.index, joined}, 3, (Aux){0});
    hl_opt_loop_close(at, &pairs);
    hl_opt_loop_close(at, &levels);
    return load_result(s, hl_opt_i64(at, 0));
}

static Ref parts_of(HlEmitter *at, Ref count, int64_t cost) {
    Ref args[] = {count, hl_opt_i64(at, cost)};
    return hl_opt_ins(at, OP_RT, i64(), args, 2, (Aux){.i = RT_parallel_parts});
}

static Ref run_region(Share *s) {
    HlEmitter *at = s->at;
    Ref pieces = hl_opt_i64(at, PIECES), *args = hl_new_array(s->g->arena, Ref, s->nargs + 2);
    const Type *type = hl_type_array(result_type(s), 1, LAYOUT_C, false, false);
    s->results = hl_opt_ins(at, OP_ARRAY_ALLOC, type, &pieces, 1, (Aux){0});
    args[0] = pieces;
    args[1] = parts_of(at, pieces, 0);
    args[2] = s->results;
    for (uint32_t i = 1; i < s->nargs; i++)
        args[i + 2] = s->args[i];
    Func *body = make_body(s);
    hl_opt_ins(at, OP_PARALLEL, NULL, args, s->nargs + 2, (Aux){.func = body});
    return join_results(s);
}

Ref hl_reduction_call(const Nest *n, const Reduction *reduction, Func *g, const Ref *args, uint32_t nargs,
                      bool is_complex) {
    HlEmitter *at = &n->x->at;
    Share s = {at, reduction, g, args, nargs, is_complex, 0};
    if (!at->f->options.parallel || at->f->cold)
        return hl_opt_ins(at, OP_CALL, result_type(&s), args, nargs, (Aux){.func = g});
    hl_text_printf(&at->c->dumps[DUMP_PARALLEL],
                   "%d: an array expression that is reduced, in parallel where it is large\n", at->loc.line);
    Ref parts = parts_of(at, args[1], steps_of(n, n->value));
    Ref several = hl_opt_compare(at, OP_SGT, parts, hl_opt_i64(at, 1));
    Ref fills = hl_opt_compare(at, OP_SGE, args[1], hl_opt_i64(at, LEAST));
    BlockId region = hl_opt_block(at, false), one = hl_opt_block(at, false), join = hl_opt_block(at, false);
    hl_opt_branch(at, hl_opt_op2(at, OP_AND, hl_type(TY_B1), several, fills), region, one);
    at->block = region;
    Ref first = run_region(&s);
    hl_opt_jump(at, join);
    at->block = one;
    Ref second = hl_opt_ins(at, OP_CALL, result_type(&s), args, nargs, (Aux){.func = g});
    hl_opt_jump(at, join);
    at->block = join;
    Ref phi = hl_opt_ins(at, OP_PHI, result_type(&s), &first, 1, (Aux){0});
    hl_phi_add(at->f, phi, second);
    return phi;
}
