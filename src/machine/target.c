/* Processors as LLVM sees them, and target machines kept for reuse.
 *
 * LLVM is set up once. A target machine costs as much as compiling a small function (it builds tables for the
 * processor's features), is not thread-safe and is not changed by being used: so each compilation takes an
 * idle one or makes one, and gives it back. The small PIC code model keeps to the few relocations that load/
 * knows.
 */
#include <ctype.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "machine/internal.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_TARGET, lock)
static MachineCpu *cpus;
static char *triple;
static LLVMTargetRef target;
static char *_Atomic layout;

/* A vector loop works on two vectors at a time where LLVM would take four: as fast on every kernel, a third less
 * code to compile, and a remainder of 7 doubles at most where there were 15 (loops.c has the exceptions).
 *
 * An innermost loop begins at a multiple of 32 bytes (2 ** 5). At a multiple of 16, as LLVM has it, one small loop in four
 * lies across two lines of the cache and takes two cycles a round to fetch: Floyd-Warshall and k-means took up to 1.9 and
 * 1.35 times as long, depending on what stood before the loop.
 *
 * Whether arrays overlap is asked before each inner loop, not once before the loop around it of all that the rounds of that
 * one touch together: row i and row k of one matrix are apart, row k and all rows are not. Floyd-Warshall and an elimination by
 * rows take a third of the time so, a matrix product of 64 1.1 times as long, and all of them are less code.
 *
 * Where a loop takes several rounds at a time, those left over come first: bubble sort takes 0.87 of the time so, k-means 0.95. A
 * failed index check is a way out that is foreseen, so that one test ends four rounds: a filter takes 0.87 of the time, a
 * run-length encoding 0.75.
 *
 * Loop strength reduction runs before the code generator, where it is of use (strength.c). */
static void set_global_options(void) {
    static const char *const options[] = {"hotloop",
                                          "-force-target-max-vector-interleave=2",
                                          "-x86-experimental-pref-innermost-loop-alignment=5",
                                          "-hoist-runtime-checks=false",
                                          "-unroll-runtime-epilog=false",
                                          "-unroll-runtime-other-exit-predictable",
                                          "-disable-lsr"};
    LLVMParseCommandLineOptions(sizeof options / sizeof *options, options, NULL);
}

static void initialise(void) {
    set_global_options();
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    hl_machine_install_handlers();
    triple = LLVMGetDefaultTargetTriple();
    char *error = NULL;
    if (LLVMGetTargetFromTriple(triple, &target, &error)) LLVMDisposeMessage(error);
}

void hl_machine_init(void) {
    pthread_once(&once, initialise);
}

const char *hl_machine_triple(void) {
    return triple;
}

/* Is "+name" in the comma-separated list? */
static bool has_feature(const char *features, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(features, name); at; at = strstr(at + 1, name))
        if (at > features && at[-1] == '+' && (at[length] == ',' || at[length] == 0)) return true;
    return false;
}

/* Vector width for loops of plain arithmetic and for loops that call SLEEF. With AVX-512, plain loops take
 * 256 bits: on Zen 4, which runs a 512-bit operation in two halves, axpy, Jacobi and matrix products take the
 * same time or up to 7 % less so; Intel's processors before Sapphire Rapids lower their clock for 512.
 * SLEEF's 512-bit functions take 0.45 to 0.75 of the time of the 256-bit ones on the same Zen 4 (fewer
 * instructions, tables in registers). */
static void choose_widths(MachineCpu *cpu) {
    cpu->vector_bits = cpu->has_avx ? 256 : 128;
    cpu->math_bits = cpu->has_avx512 ? 512 : cpu->vector_bits;
}

static MachineCpu *make_cpu(const char *name, const char *features) {
    MachineCpu *cpu = calloc(1, sizeof *cpu);
    cpu->name = strdup(name);
    cpu->features = strdup(features);
    cpu->has_avx = has_feature(features, "avx");
    cpu->has_avx2 = has_feature(features, "avx2");
    cpu->has_fma = has_feature(features, "fma");
    cpu->has_avx512 = has_feature(features, "avx512f") && has_feature(features, "avx512dq") &&
                      has_feature(features, "avx512vl") && has_feature(features, "avx512bw");
    choose_widths(cpu);
    return cpu;
}

static MachineCpu *make_host_cpu(void) {
    char *name = LLVMGetHostCPUName(), *features = LLVMGetHostCPUFeatures();
    MachineCpu *cpu = make_cpu(name, features);
    LLVMDisposeMessage(name);
    LLVMDisposeMessage(features);
    return cpu;
}

/* wanted: a name for LLVM with no features beyond its own; NULL or "": this machine. */
MachineCpu *hl_machine_cpu(const char *wanted) {
    const char *features = getenv("HOTLOOP_CPU_FEATURES");
    if (!wanted) wanted = getenv("HOTLOOP_CPU_NAME");
    bool is_host = !wanted || !*wanted || strcmp(wanted, "host") == 0;
    pthread_mutex_lock(&lock);
    MachineCpu *cpu = cpus;
    while (cpu && !(is_host ? cpu->is_host : !cpu->is_host && strcmp(cpu->name, wanted) == 0))
        cpu = cpu->next;
    if (!cpu) {
        cpu = is_host ? make_host_cpu() : make_cpu(wanted, features ? features : "");
        cpu->is_host = is_host;
        cpu->next = cpus;
        cpus = cpu;
    }
    pthread_mutex_unlock(&lock);
    return cpu;
}

const char *hl_machine_level(void) {
    if (!hl_machine_cpu(NULL)->is_host) return NULL;
    if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
    return __builtin_cpu_supports("x86-64-v3") ? "x86-64-v3" : NULL;
}

static LLVMTargetMachineRef take_idle(MachineCpu *cpu, bool fast) {
    pthread_mutex_lock(&lock);
    LLVMTargetMachineRef machine = cpu->idle[fast].n ? cpu->idle[fast].machines[--cpu->idle[fast].n] : NULL;
    pthread_mutex_unlock(&lock);
    return machine;
}

bool hl_machine_take_target(Machine *m) {
    MachineCpu *cpu = (MachineCpu *)m->cpu;
    bool fast = m->level == 0;
    if (!m->target) m->target = take_idle(cpu, fast);
    if (!m->target && target)
        m->target = LLVMCreateTargetMachine(target, triple, cpu->name, cpu->features,
                                            fast ? LLVMCodeGenLevelNone : LLVMCodeGenLevelDefault,
                                            LLVMRelocPIC, LLVMCodeModelSmall);
    return m->target || hl_machine_fail(m, "LLVM has no code generator for %s", triple);
}

/* Only the first module needs a target machine for it. */
const char *hl_machine_layout(Machine *m) {
    if (layout || !hl_machine_take_target(m)) return layout;
    LLVMTargetDataRef data = LLVMCreateTargetDataLayout(m->target);
    char *text = LLVMCopyStringRepOfTargetData(data), *none = NULL;
    LLVMDisposeTargetData(data);
    if (!atomic_compare_exchange_strong(&layout, &none, text)) LLVMDisposeMessage(text);
    return layout;
}

void hl_machine_give_target(Machine *m) {
    MachineCpu *cpu = (MachineCpu *)m->cpu;
    bool fast = m->level == 0;
    pthread_mutex_lock(&lock);
    bool is_kept = cpu->idle[fast].n < sizeof cpu->idle[fast].machines / sizeof *cpu->idle[fast].machines;
    if (is_kept) cpu->idle[fast].machines[cpu->idle[fast].n++] = m->target;
    pthread_mutex_unlock(&lock);
    if (!is_kept) LLVMDisposeTargetMachine(m->target);
}
