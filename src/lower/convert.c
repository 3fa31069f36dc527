/* Conversions between machine scalars.
 *
 * Float to integer out of range (and NaN) is poison in LLVM, so that a wrong value could turn into a skipped
 * branch. The typed IR asks for what C compilers' code gives on x86 and NumPy therefore shows: narrow
 * integers go through the 32-bit conversion and are cut, u32 through the 64-bit one, u64 above 2**63 is
 * shifted down first; those conversions give the lowest value where the number does not fit. LLVM emits
 * exactly those instructions, scalar and vector, for a plain fptosi of 32 or 64 bits. What remains is to keep
 * LLVM from reasoning with the poison: `freeze` does, costs nothing and vectorises, while a comparison (or
 * llvm.fptosi.sat, which also means something else) costs two or three instructions an element. The price:
 * LLVM may fold a conversion of a constant that does not fit to any value, so constants are folded here. */
#include <math.h>

#include "lower/internal.h"

/* A bool is 0 or 1 also where the operation says signed. */
void hl_lower_cast(Emitter *e, Ref r, int opcode) {
    LLVMValueRef value = hl_lower_operand(e, r, 0);
    if (opcode == LLVMSIToFP && LLVMTypeOf(value) == e->m->i1) opcode = LLVMUIToFP;
    LLVMTypeRef to = e->m->scalar[hl_ins(e->f, r)->type->kind];
    hl_lower_set(e, r, LLVMBuildCast(e->b, (LLVMOpcode)opcode, value, to, ""));
}

static LLVMValueRef recast(Emitter *e, LLVMValueRef value, const Type *to) {
    LLVMTypeRef type = e->m->scalar[to->kind];
    if (LLVMTypeOf(value) == type) return value;
    if (to->kind == TY_PTR) return LLVMBuildIntToPtr(e->b, value, type, "");
    if (LLVMTypeOf(value) == e->m->ptr) return LLVMBuildPtrToInt(e->b, value, type, "");
    return LLVMBuildBitCast(e->b, value, type, "");
}

/* Same bits; also an array as one of another layout. */
void hl_lower_recast(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    uint32_t n;
    const Type **types = hl_lower_components(e->m, &ins->type, 1, &n);
    if (hl_lower_nparts(e, ins->args[0]) != n) {
        hl_lower_fail(e, "recast between types of different shape");
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        hl_lower_parts(e, r)[i] = recast(e, hl_lower_value(e, ins->args[0], i), types[i]);
}

/* ---- float to integer ------------------------------------------------------------------------ */

/* The x86 conversion of a constant to 32 or 64 bits. */
static LLVMValueRef convert_constant(LLVMTypeRef to, double x) {
    int64_t lowest = LLVMGetIntTypeWidth(to) == 32 ? INT32_MIN : INT64_MIN;
    double truncated = trunc(x), limit = -(double)lowest;
    bool fits = truncated >= -limit && truncated < limit;
    return LLVMConstInt(to, (uint64_t)(fits ? (int64_t)truncated : lowest), true);
}

/* cvttsd2si and its relatives: 32 or 64 bits, the lowest value where x does not fit. */
static LLVMValueRef convert(Emitter *e, LLVMValueRef x, LLVMTypeRef to) {
    if (LLVMIsAConstantFP(x)) {
        LLVMBool inexact;
        return convert_constant(to, LLVMConstRealGetDouble(x, &inexact));
    }
    return LLVMBuildFreeze(e->b, LLVMBuildFPToSI(e->b, x, to, ""), "");
}

/* x - 2**63 for what does not fit a signed integer, the highest bit put back afterwards. */
static LLVMValueRef convert_u64(Emitter *e, LLVMValueRef x) {
    Module *m = e->m;
    LLVMValueRef limit = LLVMConstReal(LLVMTypeOf(x), 0x1p63), low = hl_lower_i64(m, INT64_MIN);
    LLVMValueRef big = LLVMBuildFCmp(e->b, LLVMRealOGE, x, limit, "");
    LLVMValueRef shifted = LLVMBuildSelect(e->b, big, LLVMBuildFSub(e->b, x, limit, ""), x, "");
    LLVMValueRef bit = LLVMBuildSelect(e->b, big, low, hl_lower_i64(m, 0), "");
    return LLVMBuildXor(e->b, convert(e, shifted, m->i64), bit, "");
}

void hl_lower_float_to_int(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Type *type = hl_ins(e->f, r)->type;
    LLVMValueRef x = hl_lower_operand(e, r, 0);
    if (type->kind == TY_U64) {
        hl_lower_set(e, r, convert_u64(e, x));
        return;
    }
    bool wide = type->kind == TY_I64 || type->kind == TY_U32;
    LLVMValueRef value = convert(e, x, wide ? e->m->i64 : e->m->i32);
    LLVMTypeRef to = e->m->scalar[type->kind];
    hl_lower_set(e, r, LLVMTypeOf(value) == to ? value : LLVMBuildTrunc(e->b, value, to, ""));
}
