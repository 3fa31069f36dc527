/* The C runtime as bitcode: its small functions are linked into a module that calls them, so that they
 * inline.
 *
 * runtime.bc lies beside the shared object; the build has reduced it to functions worth inlining, marked
 * available_externally (see src/machine/inlinable/): what is not inlined stays a call into libhotloop.so, no
 * code is duplicated, and functions with mutable statics are not in it. It is read once; a module that calls
 * one of its functions parses it lazily and links only what is called.
 */
#include <dlfcn.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/Linker.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "machine/internal.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static LLVMMemoryBufferRef bitcode;

static void read_bitcode(void) {
    Dl_info info;
    char path[4096];
    char *error = NULL;
    if (!dladdr((void *)hl_machine_link_runtime, &info) || !info.dli_fname) return;
    const char *slash = strrchr(info.dli_fname, '/');
    int folder = slash ? (int)(slash - info.dli_fname) + 1 : 0;
    if (snprintf(path, sizeof path, "%.*sruntime.bc", folder, info.dli_fname) >= (int)sizeof path) return;
    if (LLVMCreateMemoryBufferWithContentsOfFile(path, &bitcode, &error)) LLVMDisposeMessage(error);
}

static bool is_in_bitcode(const char *name) {
    static const char *const names[] = {
#define INLINABLE(name) #name,
#include "inlinable.def"
#undef INLINABLE
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* May a call of a function of the runtime inline? It is asked without the runtime, which takes time to parse. */
static bool has_calls(LLVMModuleRef module) {
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        if (LLVMIsDeclaration(f) && is_in_bitcode(LLVMGetValueName(f)) && hl_machine_may_inline(f))
            return true;
    return false;
}

bool hl_machine_link_runtime(Machine *m, LLVMModuleRef module) {
    if (!has_calls(module)) return true;
    pthread_once(&once, read_bitcode);
    if (!bitcode) return true;
    LLVMMemoryBufferRef view = LLVMCreateMemoryBufferWithMemoryRange(
        LLVMGetBufferStart(bitcode), LLVMGetBufferSize(bitcode), "runtime.bc", 0);
    LLVMModuleRef runtime = NULL;
    if (LLVMGetBitcodeModuleInContext2(m->context, view, &runtime)) {
        LLVMDisposeMemoryBuffer(view);
        return hl_machine_fail(m, "damaged runtime.bc");
    }
    if (LLVMLinkModules2(module, runtime)) return hl_machine_fail(m, "runtime.bc does not fit the module");
    return true;
}
