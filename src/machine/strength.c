/* Which functions loop strength reduction is worth its time for: a tenth of the time of compiling them.
 *
 * It makes of a multiplication in each round an addition. x86 adds a base, an index times 1, 2, 4 or 8 and a constant in
 * the address itself, so that a loop over arrays of one dimension gains nothing from it (a product of sparse rows loses a twentieth to the
 * additions). What gains is an index that takes a multiplication, as that of a row, and elements
 * that are wider than 8 bytes. In the remainder of a vector loop neither matters.
 *
 * needs: a function after the passes. LLVM's own run of it, in the code generator, is off (target.c).
 */
#include <llvm-c/Core.h>
#include <string.h>

#include "machine/internal.h"

enum { MAX_DEPTH = 6, WIDEST_SCALE = 8 };

/* What is known of an index. */
enum { CONSTANT = 0, VARIES = 1, MULTIPLIES = 2 };

static unsigned nature(LLVMValueRef value, int depth) {
    if (!LLVMIsAInstruction(value)) return CONSTANT;
    if (depth == 0) return VARIES | MULTIPLIES;
    switch ((int)LLVMGetInstructionOpcode(value)) {
    case LLVMPHI: return VARIES;
    case LLVMSExt:
    case LLVMZExt:
    case LLVMTrunc:
    case LLVMShl: return nature(LLVMGetOperand(value, 0), depth - 1);
    case LLVMAdd:
    case LLVMSub:
    case LLVMOr:
    case LLVMMul: {
        unsigned both =
            nature(LLVMGetOperand(value, 0), depth - 1) | nature(LLVMGetOperand(value, 1), depth - 1);
        return both & VARIES && LLVMGetInstructionOpcode(value) == LLVMMul ? both | MULTIPLIES : both;
    }
    default: return CONSTANT;
    }
}

static uint64_t scale_of(LLVMTypeRef element) {
    switch ((int)LLVMGetTypeKind(element)) {
    case LLVMIntegerTypeKind: return LLVMGetIntTypeWidth(element) / 8;
    case LLVMHalfTypeKind: return 2;
    case LLVMFloatTypeKind: return 4;
    case LLVMDoubleTypeKind:
    case LLVMPointerTypeKind: return 8;
    default: return 2 * WIDEST_SCALE;
    }
}

static uint64_t shift_of(LLVMValueRef index) {
    bool shifts = LLVMIsAInstruction(index) && LLVMGetInstructionOpcode(index) == LLVMShl;
    LLVMValueRef by = shifts ? LLVMGetOperand(index, 1) : NULL;
    return !by ? 0 : LLVMIsAConstantInt(by) ? LLVMConstIntGetZExtValue(by) : WIDEST_SCALE;
}

static bool is_vector(LLVMValueRef value) {
    return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind;
}

/* Does the address change in a way that no address of x86 can tell? */
static bool gains(LLVMValueRef gep) {
    if (is_vector(gep) || LLVMGetNumOperands(gep) != 2) return false;
    LLVMValueRef index = LLVMGetOperand(gep, 1);
    unsigned what = nature(index, MAX_DEPTH);
    bool is_wide = scale_of(LLVMGetGEPSourceElementType(gep)) << (shift_of(index) & 31) > WIDEST_SCALE;
    return what & MULTIPLIES || (what & VARIES && is_wide);
}

static bool says(LLVMValueRef property, const char *name) {
    LLVMValueRef first;
    unsigned length;
    if (!LLVMIsAMDNode(property) || LLVMGetMDNodeNumOperands(property) == 0) return false;
    LLVMGetMDNodeOperands(property, &first);
    const char *text = first && LLVMIsAMDString(first) ? LLVMGetMDString(first, &length) : NULL;
    return text && length == strlen(name) && !memcmp(text, name, length);
}

static bool is_vectorised(LLVMValueRef end, unsigned kind) {
    LLVMValueRef loop = LLVMGetMetadata(end, kind), parts[8];
    unsigned n = loop ? (unsigned)LLVMGetMDNodeNumOperands(loop) : 0;
    if (n == 0 || n > sizeof parts / sizeof *parts) return false;
    LLVMGetMDNodeOperands(loop, parts);
    for (unsigned i = 1; i < n; i++)
        if (parts[i] && says(parts[i], "llvm.loop.isvectorized")) return true;
    return false;
}

static bool has_vectors(LLVMBasicBlockRef block) {
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
        if (is_vector(i)) return true;
    return false;
}

/* The block that a loop of one block is entered from; NULL: from several. */
static LLVMBasicBlockRef entered_from(LLVMBasicBlockRef loop) {
    LLVMBasicBlockRef from = NULL;
    for (LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(loop)); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        LLVMBasicBlockRef block = LLVMIsATerminatorInst(user) ? LLVMGetInstructionParent(user) : loop;
        if (block == loop) continue;
        if (from) return NULL;
        from = block;
    }
    return from;
}

/* Are there too few rounds for a vector, or did vectors not take all? Another test asks whether the vector loop may run. */
static bool tests_count(LLVMValueRef end) {
    LLVMValueRef test = LLVMIsConditional(end) ? LLVMGetCondition(end) : NULL;
    if (!test || !LLVMIsAICmpInst(test)) return false;
    bool is_constant = LLVMIsAConstantInt(LLVMGetOperand(test, 1));
    LLVMIntPredicate predicate = LLVMGetICmpPredicate(test);
    return is_constant ? predicate == LLVMIntULT : predicate == LLVMIntEQ;
}

/* Is it the loop that takes what a vector loop leaves? Where it also stands in for that loop it may be long. */
static bool is_remainder(LLVMBasicBlockRef block, unsigned kind) {
    LLVMBasicBlockRef before = is_vectorised(LLVMGetBasicBlockTerminator(block), kind) && !has_vectors(block)
                                   ? entered_from(block)
                                   : NULL;
    if (!before) return false;
    for (LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(before)); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (LLVMIsATerminatorInst(user) && !(LLVMIsABranchInst(user) && tests_count(user))) return false;
    }
    return true;
}

bool hl_machine_gains_by_strength_reduction(Machine *m, LLVMValueRef function) {
    unsigned kind = LLVMGetMDKindIDInContext(m->context, "llvm.loop", strlen("llvm.loop"));
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b; b = LLVMGetNextBasicBlock(b)) {
        if (is_remainder(b, kind)) continue;
        for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
            if (LLVMIsAGetElementPtrInst(i) && gains(i)) return true;
    }
    return false;
}
