/* Build step: reduces the runtime's bitcode to the functions that compiled code should have at hand to
 * inline.
 *
 *     inlinable IN.bc OUT.bc OUT.def
 *
 * Kept are the bodies of functions that are small and touch no mutable static variable (a copy of it in
 * compiled code would be another variable), nor through a static function they use. They become
 * available_externally: LLVM may inline them, and calls the one in libhotloop.so otherwise. All other bodies
 * are dropped, which makes the file quick to parse. What binds a function to the build's processor is
 * removed. OUT.def is a row INLINABLE(name) for each, so that the file is parsed only where it helps.
 */
#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_INSTRUCTIONS = 60, MAX_DEPTH = 16 };

static bool is_inlinable(LLVMValueRef function, int depth);

static bool is_static(LLVMValueRef global) {
    LLVMLinkage linkage = LLVMGetLinkage(global);
    return linkage == LLVMInternalLinkage || linkage == LLVMPrivateLinkage;
}

/* Can the loader find it? */
static bool is_reachable(LLVMValueRef global) {
    return !is_static(global) && LLVMGetVisibility(global) == LLVMDefaultVisibility;
}

/* May compiled code refer to this value? Looks through constant expressions. */
static bool may_refer_to(LLVMValueRef value, int depth) {
    if (depth > MAX_DEPTH) return false;
    if (LLVMIsAFunction(value))
        return is_reachable(value) || (is_static(value) && is_inlinable(value, depth + 1));
    if (LLVMIsAGlobalVariable(value)) {
        if (LLVMIsThreadLocal(value)) return false;
        return is_static(value) ? LLVMIsGlobalConstant(value) : is_reachable(value);
    }
    if (!LLVMIsAConstantExpr(value)) return true;
    for (int i = 0; i < LLVMGetNumOperands(value); i++)
        if (!may_refer_to(LLVMGetOperand(value, (unsigned)i), depth + 1)) return false;
    return true;
}

static bool instruction_is_movable(LLVMValueRef instruction, int depth) {
    if (LLVMIsACallInst(instruction) && LLVMIsAInlineAsm(LLVMGetCalledValue(instruction))) return false;
    for (int i = 0; i < LLVMGetNumOperands(instruction); i++) {
        LLVMValueRef operand = LLVMGetOperand(instruction, (unsigned)i);
        if (LLVMIsConstant(operand) && !may_refer_to(operand, depth)) return false;
    }
    return true;
}

static bool is_inlinable(LLVMValueRef function, int depth) {
    int count = 0;
    if (LLVMIsDeclaration(function) || depth > MAX_DEPTH) return false;
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
            if (++count > MAX_INSTRUCTIONS || !instruction_is_movable(i, depth)) return false;
    return true;
}

static void drop_body(LLVMValueRef function) {
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b; b = LLVMGetNextBasicBlock(b)) {
        LLVMValueRef i;
        while ((i = LLVMGetLastInstruction(b))) {
            if (LLVMGetTypeKind(LLVMTypeOf(i)) != LLVMVoidTypeKind)
                LLVMReplaceAllUsesWith(i, LLVMGetUndef(LLVMTypeOf(i)));
            LLVMInstructionEraseFromParent(i);
        }
    }
    while (LLVMGetFirstBasicBlock(function))
        LLVMDeleteBasicBlock(LLVMGetFirstBasicBlock(function));
}

static void unbind(LLVMValueRef function) {
    static const char *const names[] = {"target-cpu",      "target-features",
                                        "tune-cpu",        "min-legal-vector-width",
                                        "frame-pointer",   "stack-protector-buffer-size",
                                        "no-trapping-math"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        LLVMRemoveStringAttributeAtIndex(function, LLVMAttributeFunctionIndex, names[i],
                                         (unsigned)strlen(names[i]));
}

/* Decides for all functions first: dropping one body must not change the answer for another. */
static int reduce(LLVMModuleRef module) {
    enum { MAX_FUNCTIONS = 4096 };
    static LLVMValueRef dropped[MAX_FUNCTIONS];
    int ndropped = 0, nkept = 0;
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f)) continue;
        if (is_inlinable(f, 0))
            nkept++;
        else if (ndropped < MAX_FUNCTIONS)
            dropped[ndropped++] = f;
    }
    for (int i = 0; i < ndropped; i++)
        drop_body(dropped[i]);
    for (int i = 0; i < ndropped; i++)
        LLVMSetLinkage(dropped[i], LLVMExternalLinkage);
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        unbind(f);
        if (!LLVMIsDeclaration(f) && !is_static(f)) LLVMSetLinkage(f, LLVMAvailableExternallyLinkage);
    }
    return nkept;
}

static void delete_unused(LLVMModuleRef module) {
    for (LLVMValueRef f = LLVMGetFirstFunction(module), next; f; f = next) {
        next = LLVMGetNextFunction(f);
        if (LLVMIsDeclaration(f) && !LLVMGetFirstUse(f)) LLVMDeleteFunction(f);
    }
    for (LLVMValueRef g = LLVMGetFirstGlobal(module), next; g; g = next) {
        next = LLVMGetNextGlobal(g);
        if (!LLVMGetFirstUse(g))
            LLVMDeleteGlobal(g);
        else if (!is_static(g))
            LLVMSetInitializer(g, NULL);
    }
}

static bool write_names(LLVMModuleRef module, const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) return false;
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f) && !is_static(f)) fprintf(file, "INLINABLE(%s)\n", LLVMGetValueName(f));
    return fclose(file) == 0;
}

int main(int argc, char **argv) {
    LLVMMemoryBufferRef buffer;
    LLVMModuleRef module;
    char *error = NULL;
    if (argc != 4) return 2;
    LLVMContextRef context = LLVMContextCreate();
    if (LLVMCreateMemoryBufferWithContentsOfFile(argv[1], &buffer, &error) ||
        LLVMParseBitcodeInContext2(context, buffer, &module)) {
        fprintf(stderr, "inlinable: cannot read %s\n", argv[1]);
        return 1;
    }
    int nkept = reduce(module);
    delete_unused(module);
    bool failed = LLVMWriteBitcodeToFile(module, argv[2]) || !write_names(module, argv[3]);
    printf("inlinable: %d functions\n", nkept);
    return failed ? 1 : 0;
}
