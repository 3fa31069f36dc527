/* Integer and float arithmetic, comparisons and select: an LLVM instruction or intrinsic each.
 *
 * Integers wrap unless the typed IR proved otherwise (INS_NSW, INS_NUW). Float operations carry fast-math
 * flags only where INS_FAST asks for them, and never by default: LLVM must not contract or reorder what the
 * interpreter does not. */
#include "lower/internal.h"

/* Func.options.fastmath, in the order of its bits, as LLVM numbers them. */
static LLVMFastMathFlags fast_flags(uint32_t fastmath) {
    static const LLVMFastMathFlags flags[] = {
        LLVMFastMathNoNaNs,          LLVMFastMathNoInfs,        LLVMFastMathNoSignedZeros,
        LLVMFastMathAllowReciprocal, LLVMFastMathAllowContract, LLVMFastMathApproxFunc,
        LLVMFastMathAllowReassoc,
    };
    LLVMFastMathFlags result = LLVMFastMathNone;
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        if (fastmath >> i & 1) result |= flags[i];
    return result;
}

LLVMValueRef hl_lower_fast(const Emitter *e, Ref r, LLVMValueRef value) {
    const Ins *ins = hl_ins(e->f, r);
    if (ins->flags & INS_FAST && e->f->options.fastmath && LLVMIsAInstruction(value) &&
        LLVMCanValueUseFastMathFlags(value))
        LLVMSetFastMathFlags(value, fast_flags(e->f->options.fastmath));
    return value;
}

/* LLVM's builder folds constants, so a result need not be an instruction. */
static void set_wrap_flags(const Ins *ins, LLVMOpcode opcode, LLVMValueRef value) {
    bool can_wrap = opcode == LLVMAdd || opcode == LLVMSub || opcode == LLVMMul || opcode == LLVMShl;
    if (!can_wrap || !LLVMIsAInstruction(value)) return;
    if (ins->flags & INS_NSW) LLVMSetNSW(value, true);
    if (ins->flags & INS_NUW) LLVMSetNUW(value, true);
}

void hl_lower_int_binary(Emitter *e, Ref r, int opcode) {
    LLVMValueRef value =
        LLVMBuildBinOp(e->b, (LLVMOpcode)opcode, hl_lower_operand(e, r, 0), hl_lower_operand(e, r, 1), "");
    set_wrap_flags(hl_ins(e->f, r), (LLVMOpcode)opcode, value);
    hl_lower_set(e, r, value);
}

static LLVMValueRef constant_i64(Emitter *e, int64_t value) {
    return LLVMConstInt(LLVMInt64TypeInContext(e->m->context), (uint64_t)value, true);
}

/* The lowest value % -1 traps. */
static LLVMValueRef signed_remainder(Emitter *e, LLVMValueRef x, LLVMValueRef n) {
    if (LLVMIsAConstantInt(n)) return LLVMBuildSRem(e->b, x, n, "");
    LLVMValueRef minus_one = LLVMBuildICmp(e->b, LLVMIntEQ, n, constant_i64(e, -1), "");
    return LLVMBuildSRem(e->b, x, LLVMBuildSelect(e->b, minus_one, constant_i64(e, 1), n, ""), "");
}

/* What is not 0 and has not the divisor's sign is one divisor too low. */
static LLVMValueRef floored_remainder(Emitter *e, LLVMValueRef x, LLVMValueRef n) {
    LLVMValueRef zero = constant_i64(e, 0), rest = signed_remainder(e, x, n);
    LLVMValueRef differ = LLVMBuildICmp(e->b, LLVMIntSLT, LLVMBuildXor(e->b, rest, n, ""), zero, "");
    LLVMValueRef some = LLVMBuildICmp(e->b, LLVMIntNE, rest, zero, "");
    LLVMValueRef low = LLVMBuildAnd(e->b, some, differ, "");
    return LLVMBuildSelect(e->b, low, LLVMBuildAdd(e->b, rest, n, ""), rest, "");
}

/* Is it a value of the round before? */
static bool is_carried(const Emitter *e, Ref r) {
    const Ins *ins = hl_ins(e->f, r);
    if (ins->op == OP_SELECT) return is_carried(e, ins->args[1]) || is_carried(e, ins->args[2]);
    return ins->op == OP_PHI && e->cfg->loop_of[ins->block] &&
           e->cfg->loop_of[ins->block]->header == ins->block;
}

/* Where neither is negative, the remainder as it is; the way there is guessed, so that the next round's, which waits for this one,
 * waits for the division alone. */
static LLVMValueRef remainder_by_sign(Emitter *e, LLVMValueRef x, LLVMValueRef n) {
    LLVMBasicBlockRef plain = hl_lower_block(e, "plain"), other = hl_lower_block(e, "negative"),
                      next = hl_lower_block(e, "divided"), from[2] = {plain};
    LLVMValueRef positive =
        LLVMBuildICmp(e->b, LLVMIntSGE, LLVMBuildOr(e->b, x, n, ""), constant_i64(e, 0), "");
    hl_lower_mark_likely(e->m, LLVMBuildCondBr(e->b, positive, plain, other));
    hl_lower_at(e, plain);
    LLVMValueRef values[2] = {LLVMBuildURem(e->b, x, n, "")};
    LLVMBuildBr(e->b, next);
    hl_lower_at(e, other);
    values[1] = floored_remainder(e, x, n);
    from[1] = LLVMGetInsertBlock(e->b);
    LLVMBuildBr(e->b, next);
    hl_lower_at(e, next);
    LLVMValueRef result = LLVMBuildPhi(e->b, e->m->i64, "");
    LLVMAddIncoming(result, values, from, 2);
    return result;
}

void hl_lower_floormod(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef x = hl_lower_operand(e, r, 0), n = hl_lower_operand(e, r, 1);
    bool by_sign = !e->f->cold && is_carried(e, hl_ins(e->f, r)->args[1]);
    hl_lower_set(e, r, by_sign ? remainder_by_sign(e, x, n) : floored_remainder(e, x, n));
}

void hl_lower_wrap(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef x = hl_lower_operand(e, r, 0), n = hl_lower_operand(e, r, 1);
    LLVMValueRef high = LLVMBuildICmp(e->b, LLVMIntSGE, x, n, "");
    LLVMValueRef low = LLVMBuildICmp(e->b, LLVMIntSLT, x, constant_i64(e, 0), "");
    LLVMValueRef down = LLVMBuildSelect(e->b, high, LLVMBuildSub(e->b, x, n, ""), x, "");
    hl_lower_set(e, r, LLVMBuildSelect(e->b, low, LLVMBuildAdd(e->b, x, n, ""), down, ""));
}

void hl_lower_float_binary(Emitter *e, Ref r, int opcode) {
    LLVMValueRef value =
        LLVMBuildBinOp(e->b, (LLVMOpcode)opcode, hl_lower_operand(e, r, 0), hl_lower_operand(e, r, 1), "");
    hl_lower_set(e, r, hl_lower_fast(e, r, value));
}

void hl_lower_float_negate(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, hl_lower_fast(e, r, LLVMBuildFNeg(e->b, hl_lower_operand(e, r, 0), "")));
}

void hl_lower_intrinsic_op(Emitter *e, Ref r, int id) {
    const Ins *ins = hl_ins(e->f, r);
    Callee callee = {.fn = hl_lower_intrinsic(e->m, (IntrinsicId)id, ins->type)};
    callee.type = LLVMGlobalGetValueType(callee.fn);
    LLVMValueRef args[2];
    for (uint32_t i = 0; i < ins->nargs; i++)
        args[i] = hl_lower_operand(e, r, i);
    hl_lower_set(e, r, hl_lower_fast(e, r, hl_lower_emit_call(e, &callee, args, ins->nargs)));
}

void hl_lower_int_compare(Emitter *e, Ref r, int predicate) {
    hl_lower_set(e, r,
                 LLVMBuildICmp(e->b, (LLVMIntPredicate)predicate, hl_lower_operand(e, r, 0),
                               hl_lower_operand(e, r, 1), ""));
}

void hl_lower_float_compare(Emitter *e, Ref r, int predicate) {
    LLVMValueRef value = LLVMBuildFCmp(e->b, (LLVMRealPredicate)predicate, hl_lower_operand(e, r, 0),
                                       hl_lower_operand(e, r, 1), "");
    hl_lower_set(e, r, hl_lower_fast(e, r, value));
}

void hl_lower_select(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ref *args = hl_ins(e->f, r)->args;
    for (uint32_t i = 0; i < hl_lower_nparts(e, r); i++) {
        LLVMValueRef value =
            LLVMBuildSelect(e->b, hl_lower_value(e, args[0], 0), hl_lower_value(e, args[1], i),
                            hl_lower_value(e, args[2], i), "");
        hl_lower_parts(e, r)[i] = hl_lower_fast(e, r, value);
    }
}
