/* fuse: which whole-array operations are computed in whose loop.
 *
 * An `ew` all of whose uses are in one other operation (directly, or through others that are computed there too)
 * needs no array: its element is computed where it is used. Its loop then runs later than it stands, so between the
 * two nothing may change what it reads: no store, no call, no assignment to an array. Shapes are still checked where
 * it stands, so errors keep their order. An operation whose elements can raise (an integer power) is never deferred,
 * and never writes into a target that shows what was done before the error: it always becomes an array.
 */
#include "opt/expand.h"

typedef struct Use {
    bool used, elsewhere; /* elsewhere: by something that needs the array, or in another block */
    Ref root;             /* of the users so far */
} Use;

static bool element_can_raise(const Ins *ew) {
    return ew->aux.i == UFUNC_power && hl_type_is_signed(ew->type->args[0]);
}

/* May an element be computed after this instruction instead of before it? */
static bool is_barrier(const Ins *ins) {
    uint8_t effects = hl_opt_effects(ins);
    if (effects == PURE || effects == READ) return false;
    return ins->op != OP_CHECK && ins->op != OP_CHECK_INDEX && ins->op != OP_ARRAY_ALLOC && ins->op != OP_EW;
}

/* A user whose operand is e: the loop e would be computed in, or 0 when the user needs an array. */
static Ref root_for_operand(const Expand *x, Ref user, uint32_t operand) {
    const Ins *ins = hl_ins(x->f, user);
    if (ins->op == OP_EW) return x->root[user];
    if (ins->op == OP_CALL && ins->aux.func->reduction.vector) return user;
    return ins->op == OP_EW_ASSIGN && operand == 1 ? user : 0;
}

static void note_use(const Expand *x, Use *use, Ref user, uint32_t operand, BlockId block) {
    Ref root = hl_ins(x->f, user)->block == block ? root_for_operand(x, user, operand) : 0;
    use->elsewhere |= !root || (use->used && use->root != root);
    use->used = true;
    use->root = root;
}

static bool is_ew(const Expand *x, Ref r) {
    return hl_ins(x->f, r)->op == OP_EW;
}

/* Sizes are known without the array. */
static bool is_size(const Expand *x, Ref r) {
    return hl_ins(x->f, r)->op == OP_ARRAY_DIM && is_ew(x, hl_ins(x->f, r)->args[0]);
}

/* A reduction in whose loop its operand is computed. */
static bool is_reduction(const Expand *x, Ref r) {
    const Ins *ins = hl_ins(x->f, r);
    return ins->op == OP_CALL && ins->aux.func->reduction.vector && is_ew(x, ins->args[0]) &&
           x->root[ins->args[0]] == r;
}

/* The operands of one instruction of the block; users come before what they use. */
static void note_operands(const Expand *x, Use *uses, Ref user, BlockId block) {
    const Ins *ins = hl_ins(x->f, user);
    if (is_size(x, user)) return;
    for (uint32_t i = 0; i < ins->nargs; i++)
        if (is_ew(x, ins->args[i])) note_use(x, &uses[ins->args[i]], user, i, block);
}

/* Backwards through a block, `last_barrier` being the nearest one behind. */
static void plan_block(Expand *x, BlockId b, Use *uses, uint32_t *position) {
    const Block *block = hl_block(x->f, b);
    uint32_t barrier = block->ins.len;
    for (uint32_t i = block->ins.len; i-- > 0;) {
        Ref r = block->ins.data[i];
        const Ins *ins = hl_ins(x->f, r);
        position[r] = i;
        if (ins->op == OP_EW) {
            const Use *use = &uses[r];
            bool fused =
                use->used && !use->elsewhere && position[use->root] <= barrier && !element_can_raise(ins);
            x->root[r] = fused ? use->root : r;
        }
        note_operands(x, uses, r, b);
        if (is_barrier(ins)) barrier = i;
    }
}

/* Uses from other blocks must be known before a block is planned. */
static void note_distant_uses(const Expand *x, Use *uses) {
    for (Ref r = 1; r < x->nins; r++) {
        const Ins *ins = hl_ins(x->f, r);
        if (is_size(x, r)) continue;
        for (uint32_t i = 0; i < ins->nargs; i++) {
            Ref operand = ins->args[i];
            if (is_ew(x, operand) && (ins->op == OP_PHI || hl_ins(x->f, operand)->block != ins->block))
                uses[operand].used = uses[operand].elsewhere = true;
        }
    }
}

void hl_expand_plan(Expand *x) {
    Use *uses = hl_new_array(&x->scratch, Use, x->nins);
    uint32_t *position = hl_new_array(&x->scratch, uint32_t, x->nins);
    const Cfg *cfg = hl_cfg_compute(&x->scratch, x->f);
    note_distant_uses(x, uses);
    for (uint32_t i = 0; i < cfg->nrpo; i++) {
        const Block *block = hl_block(x->f, cfg->rpo[i]);
        plan_block(x, cfg->rpo[i], uses, position);
        for (uint32_t k = 0; k < block->ins.len; k++) {
            const Ins *ins = hl_ins(x->f, block->ins.data[k]);
            if (ins->op == OP_EW_ASSIGN && ins->flags & INS_OUT) x->output[ins->args[1]] = ins->args[0];
            if (is_size(x, block->ins.data[k])) hl_push(&x->scratch, &x->sizes, block->ins.data[k]);
            if (ins->op == OP_EW || ins->op == OP_EW_ASSIGN || is_reduction(x, block->ins.data[k]))
                hl_push(&x->scratch, &x->order, block->ins.data[k]);
        }
    }
}
