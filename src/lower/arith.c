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
void hl_lower_floormod(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef n = hl_lower_operand(e, r, 1), zero = constant_i64(e, 0);
    LLVMValueRef rest = signed_remainder(e, hl_lower_operand(e, r, 0), n);
    LLVMValueRef differ = LLVMBuildICmp(e->b, LLVMIntSLT, LLVMBuildXor(e->b, rest, n, ""), zero, "");
    LLVMValueRef some = LLVMBuildICmp(e->b, LLVMIntNE, rest, zero, "");
    LLVMValueRef low = LLVMBuildAnd(e->b, some, differ, "");
    hl_lower_set(e, r, LLVMBuildSelect(e->b, low, LLVMBuildAdd(e->b, rest, n, ""), rest, ""));
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
