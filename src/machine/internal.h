/* Private to machine/. */
#ifndef HL_MACHINE_INTERNAL_H
#define HL_MACHINE_INTERNAL_H

#include <setjmp.h>

#include "machine/machine.h"

/* A processor code is made for; lives as long as the process. */
typedef struct MachineCpu {
    struct MachineCpu *next;
    char *name, *features;
    bool is_host;
    bool has_avx, has_avx2, has_fma, has_avx512;
    unsigned vector_bits,
        math_bits; /* what "prefer-vector-width" asks for: plain functions, those with vector math */
    struct {
        LLVMTargetMachineRef machines[4];
        unsigned n;
    } idle[2]; /* that optimise; that are fast */
} MachineCpu;

/* Fast forms a math function can take on a processor, widest first. */
enum { MAX_VECTOR_FORMS = 3 };

/* error.c: false with m->error set (the first failure is kept). */
bool hl_machine_fail(Machine *m, const char *format, ...) HL_PRINTF(2, 3);
/* Runs step(m, argument); a fatal error inside LLVM makes it false. After such an error LLVM is not entered
 * again. */
bool hl_machine_guard(Machine *m, bool (*step)(Machine *m, void *argument), void *argument);
void hl_machine_install_handlers(void);
bool hl_machine_is_usable(Machine *m);

/* target.c */
void hl_machine_init(void);
const char *hl_machine_triple(void);
MachineCpu *hl_machine_cpu(const char *name);
/* m->target, if it has none yet. */
bool hl_machine_take_target(Machine *m);
/* The data layout, as text; NULL with m->error set. */
const char *hl_machine_layout(Machine *m);
void hl_machine_give_target(Machine *m);

/* passes.c: is it called where nothing forbids that it is inlined? */
bool hl_machine_may_inline(LLVMValueRef function);

/* runtime.c */
bool hl_machine_link_runtime(Machine *m, LLVMModuleRef module);

/* loops.c: before the passes, how many vectors at a time; after them, loops to unroll (false where there are
 * none). */
void hl_machine_choose_vectors(Machine *m, LLVMValueRef function);
bool hl_machine_mark_scalar_loops(Machine *m, LLVMModuleRef module);

/* strength.c */
bool hl_machine_gains_by_strength_reduction(Machine *m, LLVMValueRef function);

/* vecmath.c: before and after the passes. */
void hl_machine_math_prepare(Machine *m, LLVMModuleRef module);
uint32_t hl_machine_math_calls_in_block(LLVMBasicBlockRef block);
bool hl_machine_math_is_called_in(LLVMValueRef function);
void hl_machine_math_finish(Machine *m, LLVMModuleRef module);

/* remarks.c */
void hl_machine_add_remark(Machine *m, const char *description);
void hl_machine_free_remarks(Machine *m);

#endif
