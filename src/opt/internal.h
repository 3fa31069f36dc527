/* Private to opt/: small questions every pass asks. */
#ifndef HL_OPT_INTERNAL_H
#define HL_OPT_INTERNAL_H

#include "opt/opt.h"

/* The effects of an instruction, a runtime function's own included (ir/ops.def). */
uint8_t hl_opt_effects(const Ins *ins);

/* Dear, and a trap where the divisor is 0. */
static inline bool hl_opt_is_division(Op op) {
    return op == OP_SDIV || op == OP_UDIV || op == OP_SREM || op == OP_UREM || op == OP_FLOORMOD;
}

static inline bool hl_opt_is_int(const Func *f, Ref r, int64_t value) {
    const Ins *ins = hl_ins(f, r);
    return ins->op == OP_CONST_INT && ins->aux.i == value;
}

/* ---- loopbuild.c ---- */

/* Puts an instruction right behind a value (or behind the phis of its block). */
void hl_opt_insert_behind(Func *f, Ref value, Ref r);
/* The array.dim, array.stride or array.data among those that stand right behind an array; 0 when it is not there. */
Ref hl_opt_part_behind(const Func *f, Ref array, Op op, int64_t axis);
static inline bool hl_opt_is_array_part(const Ins *ins) {
    return ins->op == OP_ARRAY_DIM || ins->op == OP_ARRAY_STRIDE || ins->op == OP_ARRAY_DATA;
}

/* ---- alias.c ---- */

/* The array a view was made of. */
Ref hl_opt_array_base(const Func *f, Ref array);
/* Are they known to have no byte in common? */
bool hl_opt_are_distinct(const Func *f, Ref a, Ref b);

/* Does it give the array it is made of, or a view of it? */
static inline bool hl_opt_is_same_memory(const Ins *ins) {
    return ins->op == OP_ARRAY_MAKE || ins->op == OP_RECAST || ins->op == OP_ARRAY_APART;
}

/* The first instruction of a block that is no phi. */
static inline Ref hl_opt_first(const Func *f, BlockId b) {
    uint32_t i = 0;
    while (hl_ins(f, hl_block(f, b)->ins.data[i])->op == OP_PHI)
        i++;
    return hl_block(f, b)->ins.data[i];
}

#endif
