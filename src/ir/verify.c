/* verify: every invariant of the IR, checked after each stage in debug builds and with HOTLOOP_VERIFY=1.
 *
 * Blocks
 *   B1  block 1 is the entry; it has instructions and no edge leads to it
 *   B2  a block is its phis, other instructions, one terminator; or it is dropped: no instructions, no edges
 *   B3  the successors are as many as the terminator has (jump 1, branch 2, others 0) and are not dropped
 *   B4  preds holds each edge into the block once, and nothing else
 * Instructions
 *   I1  one that is not deleted stands in at most one block, once, and Ins.block names it
 *   I2  it has as many operands as ops.def says; a phi has one for each predecessor
 *   I3  an operand is an instruction with a result that stands in a block
 *   I4  a value dominates its uses; for a phi operand, the end of the predecessor it belongs to
 *   I5  aux is there and inside its table; aux of py.call fits the operands
 *   I6  parameters and buffers stand in the entry block, parameter numbers are below nparams
 *   I7  the untyped form has `py.*` operations and param, phi, undef, jump, branch, raise, unreachable; the
 *       typed form has no `py.*` operation
 *   I8  the block of a `failed` branches on it, first to a block without phis; a guarded instruction stands in front
 *       of the `failed` of its block
 * Types (typed form only)
 *   T1  a function knows the types of its parameters and of its result
 *   T2  a result has a type, a storage type; const.none may have any type without components, and a call of a
 *       runtime function that returns nothing may have none
 *   T3  types of result and operands follow typing.def
 *   T4  what typing.def cannot say: widths of conversions, parts of tuples, optionals and complex numbers,
 *       counts of indices, sizes and inputs, parameters of calls (row by row for the runtime), the function's
 *       result; a const.int is in the range of its type (u64 as the same bits, signed)
 *
 * The first violation is described; a function that breaks B or I rules may not be looked at further.
 */
#include <inttypes.h>
#include <string.h>

#include "ir/internal.h"

typedef struct Verifier {
    const Func *f;
    bool typed;
    Arena scratch;
    uint32_t *position; /* of each instruction in its block, from 1; 0: in none */
    Cfg *cfg;
    const char *problem; /* in the function's arena */
} Verifier;

/* ---- reports ------------------------------------------------------------------------------------------- */

static bool fail_block(Verifier *v, BlockId b, const char *what) {
    v->problem = hl_arena_printf(v->f->arena, "@%s: b%u: %s", v->f->name, b, what);
    return false;
}

static bool fail(Verifier *v, Ref r, const char *what) {
    const Ins *ins = hl_ins(v->f, r);
    const char *op = ins->op < OP_COUNT ? hl_op_info((Op)ins->op)->text : "deleted";
    bool has_result = ins->op < OP_COUNT && hl_op_info((Op)ins->op)->result == VALUE;
    const char *name = has_result ? hl_arena_printf(&v->scratch, "%%%u = ", r) : "";
    v->problem = hl_arena_printf(v->f->arena, "@%s: b%u: %s%s: %s", v->f->name, ins->block, name, op, what);
    return false;
}

static bool fail_operand(Verifier *v, Ref r, uint32_t i, const char *what) {
    Ref operand = hl_ins(v->f, r)->args[i];
    return fail(v, r, hl_arena_printf(&v->scratch, "operand %u, %%%u, %s", i, operand, what));
}

static bool check(Verifier *v, bool holds, Ref r, const char *what) {
    return holds || fail(v, r, what);
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

static uint32_t successors_of(Op op) {
    return op == OP_JUMP ? 1 : op == OP_BRANCH ? 2 : 0;
}

static bool check_place(Verifier *v, BlockId b, uint32_t i) {
    const Block *block = hl_block(v->f, b);
    Ref r = block->ins.data[i];
    if (!r || r >= v->f->ins.len) return fail_block(v, b, "holds a number that is no instruction");
    const Ins *ins = hl_ins(v->f, r);
    if (ins->op >= OP_COUNT) return fail_block(v, b, "holds a deleted instruction");
    if (v->position[r]) return fail(v, r, "stands in two places");
    v->position[r] = i + 1;
    if (ins->block != b) return fail(v, r, "names another block than the one it stands in");
    if (ins->op == OP_PHI && i && hl_ins(v->f, block->ins.data[i - 1])->op != OP_PHI)
        return fail(v, r, "a phi behind other instructions");
    if (is_term(ins) != (i + 1 == block->ins.len))
        return fail(v, r,
                    is_term(ins) ? "a terminator before the end of the block"
                                 : "the block ends without a terminator");
    return true;
}

static bool check_edges_out(Verifier *v, BlockId b) {
    const Block *block = hl_block(v->f, b);
    Op last = block->ins.len ? (Op)hl_ins(v->f, hl_last(&block->ins))->op : OP_UNREACHABLE;
    if (block->nsuccs != successors_of(last))
        return fail_block(v, b, "the terminator has another number of successors");
    for (uint32_t s = 0; s < block->nsuccs; s++) {
        BlockId to = block->succs[s];
        if (to <= 1 || to >= v->f->blocks.len)
            return fail_block(v, b, "an edge leads to the entry or to no block");
        if (is_empty_block(v->f, to)) return fail_block(v, b, "an edge leads to a dropped block");
    }
    return true;
}

static bool check_block(Verifier *v, BlockId b) {
    const Block *block = hl_block(v->f, b);
    if (!block->ins.len && block->preds.len) return fail_block(v, b, "a dropped block has predecessors");
    for (uint32_t i = 0; i < block->ins.len; i++)
        if (!check_place(v, b, i)) return false;
    return check_edges_out(v, b);
}

static uint32_t edges_between(const Func *f, BlockId from, BlockId to) {
    const Block *block = hl_block(f, from);
    uint32_t n = 0;
    for (uint32_t s = 0; s < block->nsuccs; s++)
        n += block->succs[s] == to;
    return n;
}

/* Each predecessor is named as often as it has edges here, and all edges are counted. */
static bool check_preds(Verifier *v, BlockId b, const uint32_t *edges_in) {
    const Block *block = hl_block(v->f, b);
    if (block->preds.len != edges_in[b])
        return fail_block(v, b, "has another number of predecessors than edges in");
    for (uint32_t i = 0; i < block->preds.len; i++) {
        BlockId pred = block->preds.data[i];
        uint32_t named = 0;
        for (uint32_t k = 0; k < block->preds.len; k++)
            named += block->preds.data[k] == pred;
        if (!pred || pred >= v->f->blocks.len || edges_between(v->f, pred, b) != named)
            return fail_block(v, b, "names a predecessor from which no edge comes");
    }
    return true;
}

static bool check_blocks(Verifier *v) {
    const Func *f = v->f;
    if (f->blocks.len < 2 || is_empty_block(f, 1)) return fail_block(v, 1, "the entry block is missing");
    uint32_t *edges_in = hl_new_array(&v->scratch, uint32_t, f->blocks.len);
    for (BlockId b = 1; b < f->blocks.len; b++) {
        if (!check_block(v, b)) return false;
        for (uint32_t s = 0; s < hl_block(f, b)->nsuccs; s++)
            edges_in[hl_block(f, b)->succs[s]]++;
    }
    for (BlockId b = 1; b < f->blocks.len; b++)
        if (!check_preds(v, b, edges_in)) return false;
    return true;
}

/* ---- instructions: counts, operands, dominance --------------------------------------------------------- */

static bool check_operand_count(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    uint8_t wanted = hl_op_info((Op)ins->op)->nargs;
    if (wanted != ANY && ins->nargs != wanted)
        return fail(v, r, "has another number of operands than its operation");
    if (ins->op == OP_PHI && ins->nargs != hl_block(v->f, ins->block)->preds.len)
        return fail(v, r, "needs one operand for each predecessor");
    return true;
}

static bool is_before(const Verifier *v, Ref a, Ref b) {
    BlockId in_a = hl_ins(v->f, a)->block, in_b = hl_ins(v->f, b)->block;
    return in_a == in_b ? v->position[a] < v->position[b] : hl_dominates(v->cfg, in_a, in_b);
}

static bool is_available(const Verifier *v, Ref operand, Ref user, uint32_t i) {
    const Ins *ins = hl_ins(v->f, user);
    if (v->cfg->rpo_number[ins->block] == UINT32_MAX) return true;
    if (ins->op != OP_PHI) return is_before(v, operand, user);
    BlockId pred = hl_block(v->f, ins->block)->preds.data[i];
    return v->cfg->rpo_number[pred] == UINT32_MAX || hl_dominates(v->cfg, hl_ins(v->f, operand)->block, pred);
}

static bool check_operands(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    for (uint32_t i = 0; i < ins->nargs; i++) {
        Ref operand = ins->args[i];
        if (!operand || operand >= v->f->ins.len || !v->position[operand])
            return fail_operand(v, r, i, "stands in no block");
        if (hl_op_info((Op)hl_ins(v->f, operand)->op)->result != VALUE)
            return fail_operand(v, r, i, "has no result");
        if (!is_available(v, operand, r, i)) return fail_operand(v, r, i, "does not dominate this use");
    }
    return true;
}

/* ---- instructions: aux, place, form -------------------------------------------------------------------- */

static bool check_call_info(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const CallInfo *call = ins->aux.call;
    bool fits = ins->op != OP_PY_CALL || (call && 1 + (uint64_t)call->npos + call->nkw == ins->nargs);
    return check(v, fits, r, "the operands are not one function, the positional and the keyword values");
}

static bool check_error_info(Verifier *v, Ref r) {
    const ErrorInfo *error = hl_ins(v->f, r)->aux.error;
    bool complete = error && error->class_name && (error->message || !error->nargs || error->arg_types);
    return check(v, complete, r, "the error has no class, or no types of its arguments");
}

static bool check_int_aux(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const char *const *words = hl_int_words((Op)ins->op);
    int64_t n = 0;
    while (words && words[n])
        n++;
    return check(v, !words || (ins->aux.i >= 0 && ins->aux.i < n), r, "no such operator");
}

static bool check_aux(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    uint64_t number = (uint64_t)ins->aux.i;
    switch ((enum OpAux)hl_op_info((Op)ins->op)->aux) {
    case AUX_NONE:
    case AUX_FLOAT:
    case AUX_CONST:
    case AUX_OBJECT: return true;
    case AUX_INT: return check_int_aux(v, r);
    case AUX_NAME: return check(v, ins->aux.name, r, "the name is missing");
    case AUX_FUNC: return check(v, ins->aux.func, r, "the function is missing");
    case AUX_RT: return check(v, number < RT_COUNT, r, "no such runtime function");
    case AUX_MATH: return check(v, number < MATH_COUNT, r, "no such function of math.def");
    case AUX_UFUNC: return check(v, number < UFUNC_COUNT, r, "no such ufunc");
    case AUX_FOREIGN: return check(v, number < FOREIGN_COUNT, r, "no such foreign operation");
    case AUX_CALL: return check_call_info(v, r);
    case AUX_ERROR: return check_error_info(v, r);
    case AUX_DATA: return check(v, ins->aux.data, r, "the data is missing");
    }
    return true;
}

static bool check_entry_only(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    if (ins->op != OP_PARAM && ins->op != OP_BUFFER) return true;
    if (ins->block != 1) return fail(v, r, "stands outside the entry block");
    return check(v, ins->op == OP_BUFFER || (uint64_t)ins->aux.i < v->f->nparams, r,
                 "the function has fewer parameters");
}

static bool is_in_form(Op op, bool typed) {
    bool is_python = op <= OP_PY_UNSUPPORTED;
    if (typed) return !is_python;
    switch (op) {
    case OP_PARAM:
    case OP_PHI:
    case OP_UNDEF:
    case OP_JUMP:
    case OP_BRANCH:
    case OP_RAISE:
    case OP_UNREACHABLE: return true;
    default: return is_python;
    }
}

static bool is_failed(const Ins *ins) {
    return ins->op == OP_FAILED || ins->op == OP_PY_FAILED;
}

/* The `failed` that the block branches on, to a landing; 0: there is none. */
static Ref landing_test(const Verifier *v, BlockId b) {
    const Block *block = hl_block(v->f, b);
    const Ins *last = hl_ins(v->f, hl_last(&block->ins));
    if (last->op != OP_BRANCH || !is_failed(hl_ins(v->f, last->args[0]))) return 0;
    bool joins = hl_ins(v->f, hl_block(v->f, block->succs[0])->ins.data[0])->op == OP_PHI;
    return hl_ins(v->f, last->args[0])->block == b && !joins ? last->args[0] : 0;
}

static bool check_guarded(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    bool guarded = ins->flags & INS_GUARDED;
    Ref test = guarded || is_failed(ins) ? landing_test(v, ins->block) : 0;
    if (is_failed(ins)) return check(v, test == r, r, "its block does not branch on it to a landing");
    return check(v, !guarded || v->position[r] < v->position[test], r, "guarded, but no landing follows");
}

static bool check_instruction(Verifier *v, Ref r) {
    return check(v, is_in_form((Op)hl_ins(v->f, r)->op, v->typed), r,
                 "the operation belongs to the other form") &&
           check_operand_count(v, r) && check_aux(v, r) && check_entry_only(v, r) && check_operands(v, r) &&
           check_guarded(v, r);
}

/* ---- types: typing.def --------------------------------------------------------------------------------- */

static const char *const rules[OP_COUNT] = {
#define TYPING(op, rule) [OP_##op] = rule,
#include "ir/typing.def"
#undef TYPING
};

static bool is_class(char letter, const Type *t) {
    switch (letter) {
    case 'n':
    case 'm': return hl_type_is_integer(t);
    case 'k': return hl_type_is_integer(t) || t->kind == TY_B1;
    case 'e': return hl_type_is_integer(t) || t->kind == TY_B1 || t->kind == TY_PTR;
    case 'f':
    case 'g': return hl_type_is_float(t);
    case 'c': return hl_type_is_complex(t);
    case 'b': return t->kind == TY_B1;
    case 'l': return t->kind == TY_I64;
    case 'p': return t->kind == TY_PTR;
    case 's': return hl_type_is_np(t) || t->kind == TY_PTR;
    case 'a': return t->kind == TY_ARRAY;
    case 'v': return t->kind == TY_LIST;
    case 'q': return t->kind == TY_OBJECT;
    case 'o': return t->kind == TY_OPTIONAL;
    case 't': return t->kind == TY_TUPLE;
    default: return true;
    }
}

/* Does the type fit the letter, and what the letter stood for before? */
static bool fits_letter(const Type **bound, char letter, const Type *t) {
    if (!is_class(letter, t)) return false;
    if (letter == '.') return true;
    const Type **slot = &bound[letter - 'a'];
    if (!*slot) *slot = t;
    return *slot == t;
}

/* The letter of operand i in the part of a rule behind '='; 0 when there are fewer. */
static char letter_of_operand(const char *operands, uint32_t i) {
    size_t len = strlen(operands);
    if (len && operands[len - 1] == '*') return i < len - 1 ? operands[i] : operands[len - 2];
    return i < len ? operands[i] : 0;
}

/* How many operands there must be: those whose letter is not repeated. */
static uint32_t operands_needed(const char *operands) {
    uint32_t len = (uint32_t)strlen(operands);
    return len && operands[len - 1] == '*' ? len - 2 : len;
}

static bool check_typing(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const char *rule = rules[ins->op];
    const Type *bound[26] = {0};
    if (!rule) return fail(v, r, "no rule of typing.def");
    if (rule[0] != '-' && !fits_letter(bound, rule[0], ins->type))
        return fail(v, r, "the result has a wrong type");
    if (ins->nargs < operands_needed(rule + 2)) return fail(v, r, "an operand is missing");
    for (uint32_t i = 0; i < ins->nargs; i++) {
        char letter = letter_of_operand(rule + 2, i);
        const Type *t = hl_ins(v->f, ins->args[i])->type;
        if (!t) return fail_operand(v, r, i, "is nothing: the runtime function returns none");
        if (!letter || !fits_letter(bound, letter, t))
            return fail_operand(v, r, i,
                                hl_arena_printf(&v->scratch, "has a wrong type: %s", hl_type_text(t)));
    }
    return true;
}

/* ---- types: what a letter cannot say ------------------------------------------------------------------- */

static const Type *operand_type(const Verifier *v, const Ins *ins, uint32_t i) {
    return hl_ins(v->f, ins->args[i])->type;
}

/* Optionals, ranges and iterators may be kept as tuples of the same components. */
static bool same_components(const Type *a, const Type *b) {
    uint32_t n = hl_type_ncomponents(a);
    if (n != hl_type_ncomponents(b)) return false;
    Arena scratch = {0};
    const Type **of_a = hl_new_array(&scratch, const Type *, 2 * (size_t)n), **of_b = of_a + n;
    hl_type_components(a, of_a);
    hl_type_components(b, of_b);
    bool same = memcmp(of_a, of_b, n * sizeof *of_a) == 0;
    hl_arena_free(&scratch);
    return same;
}

/* Is this how a value of a semantic type is kept? */
static bool stores(const Type *storage, const Type *semantic) {
    const Type *exact = hl_type_storage(semantic);
    if (storage == exact || (storage == semantic && hl_type_ncomponents(semantic) == 0)) return true;
    bool may_be_tuple = !hl_type_is_np(exact) && !hl_type_is_counted(exact) && exact->kind != TY_PTR;
    return may_be_tuple && same_components(storage, exact);
}

static bool check_result_type(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    if (hl_op_info((Op)ins->op)->result != VALUE) return check(v, !ins->type, r, "has a type but no result");
    bool is_nothing = ins->op == OP_RT && !*hl_rt_infos[ins->aux.i].result;
    if (!ins->type) return check(v, is_nothing, r, "the result has no type");
    if (ins->op == OP_CONST_NONE)
        return check(v, hl_type_ncomponents(ins->type) == 0, r, "the type has components");
    return check(v, ins->type->kind != TY_BOTTOM && hl_type_storage(ins->type) == ins->type, r,
                 "the result's type is no storage type");
}

static bool int_in_range(const Type *t, int64_t value) {
    int bits = hl_type_bits(t);
    if (bits == 64) return true;
    if (t->kind == TY_B1 || hl_type_is_unsigned(t)) return value >= 0 && value >> bits == 0;
    return value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1);
}

/* An array as one of another layout, or a scalar as one of the same width. */
static bool check_recast(Verifier *v, Ref r) {
    const Type *to = hl_ins(v->f, r)->type, *from = operand_type(v, hl_ins(v->f, r), 0);
    if (to->kind == TY_ARRAY && from->kind == TY_ARRAY)
        return check(v, to->args[0] == from->args[0] && to->ndim == from->ndim, r,
                     "another element or number of axes");
    if (to->kind == TY_LIST && from->kind == TY_LIST)
        return check(v, from->args[0]->kind == TY_BOTTOM, r, "a list with items of another type");
    return check(v, is_class('s', to) && is_class('s', from) && hl_type_bits(to) == hl_type_bits(from), r,
                 "the widths differ, or these are no scalars");
}

static bool check_width(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Type *source = operand_type(v, ins, 0);
    int to = hl_type_bits(ins->type), from = hl_type_bits(source);
    switch (ins->op) {
    case OP_TRUNC:
    case OP_FPTRUNC: return check(v, to < from, r, "does not get narrower");
    case OP_ZEXT:
    case OP_SEXT:
    case OP_FPEXT: return check(v, to > from, r, "does not get wider");
    default: return true;
    }
}

static bool check_complex(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Type *real = ins->op == OP_CMAKE ? operand_type(v, ins, 0) : ins->type;
    const Type *whole = ins->op == OP_CMAKE ? ins->type : operand_type(v, ins, 0);
    return check(v, real == hl_type_real_of(whole), r, "the parts have another type than the number");
}

static bool check_tuple_make(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    if (ins->nargs != ins->type->nargs) return fail(v, r, "needs one operand for each part");
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!stores(operand_type(v, ins, i), ins->type->args[i]))
            return fail_operand(v, r, i, "has another type than the part");
    return true;
}

static bool check_tuple_get(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Type *tuple = operand_type(v, ins, 0);
    if ((uint64_t)ins->aux.i >= tuple->nargs) return fail(v, r, "the tuple has fewer parts");
    return check(v, stores(ins->type, tuple->args[ins->aux.i]), r, "the part has another type");
}

static bool check_optional(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Type *inner = ins->op == OP_OPT_SOME ? operand_type(v, ins, 0) : ins->type;
    const Type *whole = ins->op == OP_OPT_SOME ? ins->type : operand_type(v, ins, 0);
    return check(v, stores(inner, whole->args[0]), r, "the optional holds another type");
}

static bool check_axis(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    return check(v, (uint64_t)ins->aux.i < operand_type(v, ins, 0)->ndim, r, "the array has fewer axes");
}

/* array.alloc, array.make, array.const: sizes and strides. */
static bool check_array_parts(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    uint32_t ndim = ins->type->ndim;
    uint32_t wanted = ins->op == OP_ARRAY_ALLOC  ? ndim
                      : ins->op == OP_ARRAY_MAKE ? 2 + 2 * ndim
                                                 : 1 + 2 * ndim;
    if (ins->nargs != wanted) return fail(v, r, "the number of operands does not fit the axes");
    if (ins->op == OP_ARRAY_ALLOC)
        return check(v, ins->type->layout != LAYOUT_A, r, "a fresh array is C or F");
    if (ins->op == OP_ARRAY_CONST) return true;
    return check(v, operand_type(v, ins, 0)->kind == TY_ARRAY, r, "the owner is no array");
}

static bool check_array_same(Verifier *v, Ref r) {
    const Type *a = operand_type(v, hl_ins(v->f, r), 0), *b = operand_type(v, hl_ins(v->f, r), 1);
    if (a->kind == TY_LIST) return check(v, b->kind == TY_LIST, r, "a list is no array");
    bool comparable =
        a->kind == TY_ARRAY && b->kind == TY_ARRAY && a->ndim == b->ndim && a->args[0] == b->args[0];
    return check(v, comparable, r, "such arrays can never be one");
}

static bool check_array_load(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Type *array = operand_type(v, ins, 0);
    if (ins->nargs != 1u + array->ndim) return fail(v, r, "needs one index for each axis");
    return check(v, ins->type == array->args[0], r, "the result has another type than the elements");
}

static bool check_array_store(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Type *array = operand_type(v, ins, 0);
    if (ins->nargs != 2u + array->ndim) return fail(v, r, "needs one index for each axis and a value");
    for (uint32_t i = 1; i <= array->ndim; i++)
        if (operand_type(v, ins, i)->kind != TY_I64) return fail_operand(v, r, i, "is no i64 index");
    return check(v, operand_type(v, ins, ins->nargs - 1) == array->args[0], r,
                 "the value has another type than the elements");
}

static bool check_list_leaf(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    uint32_t component;
    const Type *leaf = hl_type_item_leaf(operand_type(v, ins, 0)->args[0], (uint32_t)ins->aux.i, &component);
    return check(v, leaf == (ins->op == OP_LIST_LOAD ? ins->type : operand_type(v, ins, 2)), r,
                 "the items have no such leaf");
}

static bool check_elementwise_assign(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Type *dst = operand_type(v, ins, 0), *value = operand_type(v, ins, 1);
    bool fits = value->kind == TY_ARRAY ? value->ndim <= dst->ndim : value == dst->args[0];
    return check(v, fits, r, "the value has more axes than the array, or is no element of it");
}

static bool check_elementwise(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    if (ins->nargs != hl_ufunc_infos[ins->aux.i].nin)
        return fail(v, r, "the ufunc has another number of inputs");
    for (uint32_t i = 0; i < ins->nargs; i++) {
        const Type *t = operand_type(v, ins, i);
        if (t->kind != TY_ARRAY && !hl_type_is_np(t))
            return fail_operand(v, r, i, "is neither array nor scalar");
    }
    return true;
}

/* Number of rounds and of parts, then what the body takes behind part, from and to. */
static bool check_parallel(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Func *body = ins->aux.func;
    if (ins->nargs < 2 || body->nparams != ins->nargs + 1 || !body->param_types)
        return fail(v, r, "the body has another number of parameters");
    for (uint32_t i = 0; i < 3; i++)
        if (hl_type_storage(body->param_types[i]) != hl_type(TY_I64))
            return fail(v, r, "the body does not begin with part, from and to");
    for (uint32_t i = 2; i < ins->nargs; i++)
        if (!stores(operand_type(v, ins, i), body->param_types[i + 1]))
            return fail_operand(v, r, i, "has another type than the parameter");
    return check(v, !hl_type_ncomponents(body->result), r, "the body has a result");
}

static bool check_call(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const Func *callee = ins->aux.func;
    if (ins->nargs != callee->nparams) return fail(v, r, "the function has another number of parameters");
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (!callee->param_types || !stores(operand_type(v, ins, i), callee->param_types[i]))
            return fail_operand(v, r, i, "has another type than the parameter");
    return check(v, callee->result && stores(ins->type, callee->result), r,
                 "the function has another result");
}

/* The next type of a row of runtime.def; NULL at its end. The context is passed by the lowering. */
static const Type *next_rt_type(const char **row) {
    *row += strspn(*row, " ");
    if (!strncmp(*row, "ctx", 3)) *row += 3 + strspn(*row + 3, " ");
    return **row ? hl_type_parse(row) : NULL;
}

static bool check_rt(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    const RtInfo *row = &hl_rt_infos[ins->aux.i];
    const char *args = row->args, *result = row->result;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (next_rt_type(&args) != operand_type(v, ins, i))
            return fail_operand(v, r, i, "has another type than the row says");
    if (next_rt_type(&args)) return fail(v, r, "has fewer operands than the row says");
    const Type *wanted = *result ? next_rt_type(&result) : hl_type(TY_NONE);
    return check(v, !ins->type || ins->type == wanted, r, "the result has another type than the row says");
}

static bool check_particulars(Verifier *v, Ref r) {
    const Ins *ins = hl_ins(v->f, r);
    switch ((Op)ins->op) {
    case OP_CONST_INT:
        return check(v, int_in_range(ins->type, ins->aux.i), r, "the value is out of its type's range");
    case OP_PARAM:
        return check(v, stores(ins->type, v->f->param_types[ins->aux.i]), r,
                     "the parameter has another type");
    case OP_TRUNC:
    case OP_ZEXT:
    case OP_SEXT:
    case OP_FPEXT:
    case OP_FPTRUNC: return check_width(v, r);
    case OP_RECAST: return check_recast(v, r);
    case OP_CMAKE:
    case OP_CREAL:
    case OP_CIMAG: return check_complex(v, r);
    case OP_TUPLE_MAKE: return check_tuple_make(v, r);
    case OP_TUPLE_GET: return check_tuple_get(v, r);
    case OP_OPT_SOME:
    case OP_OPT_GET: return check_optional(v, r);
    case OP_ARRAY_ALLOC:
    case OP_ARRAY_MAKE:
    case OP_ARRAY_CONST: return check_array_parts(v, r);
    case OP_ARRAY_DIM:
    case OP_ARRAY_STRIDE: return check_axis(v, r);
    case OP_ARRAY_SAME: return check_array_same(v, r);
    case OP_ARRAY_LOAD: return check_array_load(v, r);
    case OP_ARRAY_STORE: return check_array_store(v, r);
    case OP_LIST_LOAD:
    case OP_LIST_STORE: return check_list_leaf(v, r);
    case OP_EW: return check_elementwise(v, r);
    case OP_EW_ASSIGN: return check_elementwise_assign(v, r);
    case OP_MATH:
        return check(v, ins->nargs == hl_math_infos[ins->aux.i].nargs, r, "another number of arguments");
    case OP_CALL: return check_call(v, r);
    case OP_PARALLEL: return check_parallel(v, r);
    case OP_RT: return check_rt(v, r);
    case OP_RETURN:
        return check(v, stores(operand_type(v, ins, 0), v->f->result), r, "the function has another result");
    default: return true;
    }
}

static bool check_types(Verifier *v) {
    const Func *f = v->f;
    if ((f->nparams && !f->param_types) || !f->result)
        return fail_block(v, 1, "the function's types are not known");
    for (Ref r = 1; r < f->ins.len; r++)
        if (v->position[r] && !check_result_type(v, r)) return false;
    for (Ref r = 1; r < f->ins.len; r++)
        if (v->position[r] && !(check_typing(v, r) && check_particulars(v, r))) return false;
    return true;
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

static bool check_instructions(Verifier *v) {
    for (Ref r = 1; r < v->f->ins.len; r++) {
        const Ins *ins = hl_ins(v->f, r);
        if (v->position[r] && !check_instruction(v, r)) return false;
        if (!v->position[r] && ins->op < OP_COUNT && ins->block)
            return fail(v, r, "is not where it says it stands");
    }
    return true;
}

const char *hl_verify(const Func *f, bool typed) {
    Verifier v = {.f = f, .typed = typed};
    v.position = hl_new_array(&v.scratch, uint32_t, f->ins.len);
    if (check_blocks(&v)) {
        v.cfg = hl_cfg_compute(&v.scratch, f);
        if (check_instructions(&v) && typed) check_types(&v);
    }
    hl_arena_free(&v.scratch);
    return v.problem;
}
