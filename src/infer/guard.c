/* guard: what can fail inside a `try`.
 *
 * In: an operation that can fail, in an untyped instruction that is guarded (INS_GUARDED). Out: it ends its block with a
 * branch on `failed` to the landing, where py.catch takes the exception. What was computed before it is there, its own
 * result is not. A check is a branch of its own and a `throw`, so that what it proves holds on one edge alone. Whole-array
 * operations, which become loops that allocate, stand in functions of their own.
 */
#include "infer/internal.h"

#include <string.h>

bool op_fails(Op o, Aux aux) {
    if (o == OP_RT) return hl_rt_fails((RtId)aux.i);
    return hl_op_info(o)->effects == RAISE && o != OP_CATCH;
}

/* An error that leaves the function whatever handlers there are: only the interpreter has the answer. */
static bool leaves_always(Op o, Aux aux) {
    return (o == OP_CHECK || o == OP_RAISE) && aux.error->class_name[0] == '?';
}

static Ref append(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux, uint8_t flags) {
    Ref r = hl_ins_new(b->f, o, type, args, n, aux, b->loc);
    hl_ins(b->f, r)->flags = flags;
    hl_append(b->f, b->block, r);
    return r;
}

/* Ends the block behind a guarded instruction. A block that no other edge leads to, and which so never has phis, stands in
 * front of the landing. */
static void branch_on_failure(Builder *b) {
    BlockId next = hl_block_new(b->f), pad = hl_block_new(b->f);
    Ref failed = append(b, OP_FAILED, hl_type(TY_B1), NULL, 0, (Aux){0}, 0);
    hl_block(b->f, pad)->cold = true;
    hl_set_branch(b->f, b->block, failed, pad, next, b->loc);
    hl_set_jump(b->f, pad, b->landing, b->loc);
    b->block = next;
}

static Ref plain(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux, uint8_t flags) {
    Ref r = append(b, o, type, args, n, aux, flags | INS_GUARDED);
    branch_on_failure(b);
    return r;
}

/* Throws unless the condition holds. */
static void throw_unless(Builder *b, Ref good, Op o, const Ref *args, uint32_t n, Aux aux) {
    BlockId next = hl_block_new(b->f), bad = hl_block_new(b->f);
    hl_block(b->f, bad)->cold = true;
    hl_set_branch(b->f, b->block, good, next, bad, b->loc);
    b->block = bad;
    plain(b, o, NULL, args, n, aux, 0);
    append(b, OP_UNREACHABLE, NULL, NULL, 0, (Aux){0}, 0);
    b->block = next;
}

static Ref check_index(Builder *b, const Ref *args, Aux aux) {
    const Type *i64 = hl_type(TY_I64);
    Ref negative = compare(b, OP_SLT, args[0], const_i64(b, 0));
    Ref behind[] = {op2(b, OP_ADD, i64, args[0], args[1]), args[1]};
    Ref wrapped = op_select(b, i64, negative, behind[0], args[0]);
    throw_unless(b, compare(b, OP_ULT, wrapped, args[1]), OP_THROW_INDEX, behind, 2, aux);
    return wrapped;
}

/* ---- whole arrays ---------------------------------------------------------------------------------------- */

static Func *new_part(Builder *b, const Ref *args, uint32_t n, const Type *result) {
    const Func *f = b->f;
    Func *g = hl_func_like(f, "part", b->c->functions.len);
    g->part = true;
    g->nparams = n;
    g->param_types = hl_new_array(f->arena, const Type *, n + 1);
    g->param_names = hl_new_array(f->arena, const char *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        g->param_types[i] = hl_ins(f, args[i])->type;
        g->param_names[i] = hl_intern(hl_arena_printf(f->arena, "v%u", i));
    }
    g->result = result;
    hl_push(&b->c->arena, &b->c->functions, g);
    return g;
}

static Ref in_a_part(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux,
                     uint8_t flags) {
    const Type *result = type ? type : hl_type(TY_NONE);
    Func *g = new_part(b, args, n, result);
    Builder part = {.c = b->c, .instance = b->instance, .f = g, .block = hl_block_new(g), .loc = b->loc};
    Ref *params = hl_new_array(&b->c->arena, Ref, n + 1);
    for (uint32_t i = 0; i < n; i++)
        params[i] = append(&part, OP_PARAM, g->param_types[i], NULL, 0, (Aux){.i = i}, 0);
    Ref value = append(&part, o, type, params, n, aux, flags);
    if (!type) value = append(&part, OP_CONST_NONE, result, NULL, 0, (Aux){0}, 0);
    append(&part, OP_RETURN, NULL, &value, 1, (Aux){0}, 0);
    return plain(b, OP_CALL, result, args, n, (Aux){.func = g}, 0);
}

/* ---------------------------------------------------------------------------------------------------------- */

Ref op_guarded(Builder *b, Op o, const Type *type, const Ref *args, uint32_t n, Aux aux, uint8_t flags) {
    if (!leaves_always(o, aux)) b->may_fail = true;
    if (ANALYSING(b)) return 0;
    if (leaves_always(o, aux)) return append(b, o, type, args, n, aux, flags);
    if (!b->landing) {
        fail(b, DIAG_INTERNAL, "an operation that can fail where none was seen");
        return append(b, o, type, args, n, aux, flags);
    }
    switch ((int)o) {
    case OP_CHECK: throw_unless(b, args[0], OP_THROW, args + 1, n - 1, aux); return 0;
    case OP_RAISE: return plain(b, OP_THROW, NULL, args, n, aux, flags);
    case OP_CHECK_INDEX: return check_index(b, args, aux);
    case OP_EW:
    case OP_EW_ASSIGN: return in_a_part(b, o, type, args, n, aux, flags);
    default: return plain(b, o, type, args, n, aux, flags);
    }
}
