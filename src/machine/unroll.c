/* Which loops to unroll.
 *
 * LLVM's unroller takes every small loop on processors with a large buffer for decoded loops, eight times,
 * which doubles the time of code generation; loops that are vectorised, wait for memory or for a chain of
 * additions gain nothing from it (measured on fourteen kernels: see docs/machine.md). What does gain, 4 %, is
 * a loop of a few integer operations in registers, as of a random generator: there the counting is a good
 * part of the work. Those loops get "llvm.loop.unroll.count", and a short second pipeline runs where there
 * are any.
 */
#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "machine/internal.h"

enum { MAX_INSTRUCTIONS = 24, UNROLL_COUNT = 4 };

/* Calls count only as intrinsics with a result: popcount, minimum; not memcpy. */
static bool stays_in_registers(LLVMValueRef instruction) {
    LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(instruction));
    if (LLVMIsALoadInst(instruction) || LLVMIsAStoreInst(instruction) || LLVMIsAAtomicRMWInst(instruction))
        return false;
    if (!LLVMIsACallInst(instruction)) return kind != LLVMVectorTypeKind;
    return kind != LLVMVoidTypeKind && LLVMGetIntrinsicID(LLVMGetCalledValue(instruction)) != 0;
}

static bool is_float_operation(LLVMValueRef instruction) {
    LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(instruction));
    return kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind;
}

/* A block that is a whole loop, small, of integers, with nothing said about its unrolling yet. */
static bool is_register_loop(LLVMBasicBlockRef block, unsigned loop_kind) {
    LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
    if (!end || !LLVMIsABranchInst(end) || !LLVMIsConditional(end) || LLVMGetMetadata(end, loop_kind))
        return false;
    if (LLVMGetSuccessor(end, 0) != block && LLVMGetSuccessor(end, 1) != block) return false;
    int count = 0;
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
        if (++count > MAX_INSTRUCTIONS || !stays_in_registers(i) || is_float_operation(i)) return false;
    return true;
}

/* distinct !{itself, !{!"llvm.loop.unroll.count", i32 n}} */
static LLVMMetadataRef unroll_request(LLVMContextRef context) {
    static const char name[] = "llvm.loop.unroll.count";
    LLVMValueRef count = LLVMConstInt(LLVMInt32TypeInContext(context), UNROLL_COUNT, 0);
    LLVMMetadataRef property[2] = {LLVMMDStringInContext2(context, name, sizeof name - 1),
                                   LLVMValueAsMetadata(count)};
    LLVMMetadataRef self = LLVMTemporaryMDNode(context, NULL, 0);
    LLVMMetadataRef parts[2] = {self, LLVMMDNodeInContext2(context, property, 2)};
    LLVMMetadataRef node = LLVMMDNodeInContext2(context, parts, 2);
    LLVMMetadataReplaceAllUsesWith(self, node);
    return node;
}

bool hl_machine_mark_register_loops(Machine *m, LLVMModuleRef module) {
    bool found = false;
    unsigned kind = LLVMGetMDKindIDInContext(m->context, "llvm.loop", strlen("llvm.loop"));
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b)) {
            if (!is_register_loop(b, kind)) continue;
            LLVMValueRef end = LLVMGetBasicBlockTerminator(b);
            LLVMSetMetadata(end, kind, LLVMMetadataAsValue(m->context, unroll_request(m->context)));
            found = true;
        }
    return found;
}
