/* machine: LLVM's target, pass pipeline and ELF objects. Included by lower/; C API only, no C++.
 *
 * A Machine is what one compilation needs of LLVM; one thread uses it, several may be open at once. Order of
 * use:
 *
 *     Machine m;
 *     if (hl_machine_open(&m, NULL)) {
 *         LLVMModuleRef module = hl_machine_module(&m, "name");
 *         ... build IR; math functions through hl_machine_math_callee ...
 *         ok = hl_machine_optimise(&m, module) && (object = hl_machine_emit(&m, module, MACHINE_OBJECT));
 *     }
 *     hl_machine_close(&m);     the module is disposed of with its context; m.error is the reason on failure
 *
 * No function here aborts the process: what LLVM calls a fatal error becomes m.error too (see error.c).
 */
#ifndef HL_MACHINE_H
#define HL_MACHINE_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "base/base.h"

/* What a loop vectoriser said about one loop. */
typedef struct MachineRemark {
    char *file;
    char *text;
    int line, col; /* 0: the IR had no place */
    bool passed;   /* vectorised; else why not */
} MachineRemark;

typedef struct Machine {
    LLVMContextRef context;
    LLVMTargetMachineRef target;
    const struct MachineCpu *cpu;
    char *error; /* the first failure, NULL where none; freed by hl_machine_close */
    bool verify; /* check the IR before and after the passes (HOTLOOP_VERIFY; always in debug builds) */
    bool remarks_on;
    bool is_lost;   /* LLVM failed fatally; its objects are left alone */
    unsigned level; /* 0 nothing but what must be done, 1 scalar optimisations, 2 everything (default) */
    MachineRemark *remarks;
    size_t nremarks, remarks_cap;
} Machine;

typedef enum MachineOutput { MACHINE_OBJECT, MACHINE_ASM } MachineOutput;

/* ---- machine.c: one compilation ----------------------------------------------------------------- */

/* cpu_name NULL: this machine, or HOTLOOP_CPU_NAME and HOTLOOP_CPU_FEATURES. */
bool hl_machine_open(Machine *m, const char *cpu_name);
/* The same for code that hardly ever runs: level 0, and the code generator at its fastest, which takes a third
 * of the time. */
bool hl_machine_open_plain(Machine *m, const char *cpu_name);
void hl_machine_close(Machine *m);
/* Three lines: LLVM's version, the processor compiled for, its features. */
void hl_machine_describe(Text *text);
/* The level of the x86-64 ABI ("x86-64-v3") whose code is the same as this machine's but for scheduling; NULL: it has less, or
 * code is asked for another. */
const char *hl_machine_level(void);
/* An empty module with the target's triple and data layout; belongs to m.context. */
LLVMModuleRef hl_machine_module(Machine *m, const char *name);
/* The object or assembly text; NULL with m->error set. The module must have been through hl_machine_optimise.
 */
LLVMMemoryBufferRef hl_machine_emit(Machine *m, LLVMModuleRef module, MachineOutput output);
/* The module as text; free with LLVMDisposeMessage. */
char *hl_machine_print(LLVMModuleRef module);

/* ---- passes.c: the pipeline of passes.def, the runtime linked in, vector math resolved ---- */

bool hl_machine_optimise(Machine *m, LLVMModuleRef module);
/* For a function whose one call must not be inlined before or during the passes: after them it is. */
void hl_machine_inline_late(LLVMValueRef function);

/* ---- loops.c: requests about single loops ------------------------------------------------------- */

/* The property `name` for the loop that this branch closes; count 0: a property without a number. */
void hl_machine_request(LLVMContextRef context, LLVMValueRef branch, const char *name, unsigned count);

/* ---- vecmath.c: elementary functions that vectorise --------------------------------------------- */

/* The declaration to call for a function of ir/math.def (`op` is its name, "tanh"), as `double(double)` and
 * so on; its type in *type. Calls to it vectorise; what stays scalar becomes a libm call, or SLEEF's scalar
 * function where the same LLVM function also calls the vector one. fast: 3.5 ULP are good enough. */
LLVMValueRef hl_machine_math_callee(LLVMModuleRef module, const char *op, bool is_f32, bool fast,
                                    LLVMTypeRef *type);

/* ---- remarks.c: why a loop was vectorised or not; costs time, so off by default ----------------- */

/* Before hl_machine_optimise. Remarks need debug locations in the IR. */
void hl_machine_want_remarks(Machine *m);

#endif
