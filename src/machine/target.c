/* The host as LLVM sees it, set up once for the process. */
#include <llvm-c/Target.h>
#include <pthread.h>

#include "machine/machine.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialise(void) {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
}

void hl_machine_init(void) {
    pthread_once(&once, initialise);
}
