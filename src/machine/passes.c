/* From the IR that lower/ built to the IR that is emitted; the order of the steps is hl_machine_optimise.
 *
 * needs: a module of hl_machine_module, well formed. keeps: names and signatures of external functions.
 * gives: the runtime's small functions inlined, math functions with their real names, every function for
 * m->cpu.
 */
#include <llvm-c/Analysis.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "machine/internal.h"

typedef enum { NOWHERE, MODULE, CGSCC, FUNCTION, LOOP, LOOP_MSSA, LAST } Where;

typedef struct {
    unsigned level;
    Where where;
    const char *text;
} PassRow;

static const PassRow rows[] = {
#define PASS(level, where, text, purpose) {level, where, text},
#include "machine/passes.def"
};
enum { NROWS = sizeof rows / sizeof *rows, NLEVELS = 3 };

/* Between functions (inlining), then inside each, and what is left of the calls. */
typedef enum { BETWEEN, WITHIN, NSTAGES } Stage;

static char *pipelines[NLEVELS][NSTAGES];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- the table as LLVM's pipeline text ---------------------------------------------------------- */

/* Which managers are open for a pass of this kind, outermost first. */
static void open_managers(Text *text, Where where) {
    static const char *const names[] = {
        [NOWHERE] = "",
        [MODULE] = "",
        [LAST] = "",
        [CGSCC] = "cgscc(",
        [FUNCTION] = "function<eager-inv>(",
        [LOOP] = "function<eager-inv>(loop(",
        [LOOP_MSSA] = "function<eager-inv>(loop-mssa(",
    };
    hl_text_printf(text, "%s", names[where]);
}

static bool is_loop(Where where) {
    return where == LOOP || where == LOOP_MSSA;
}

static bool is_in_function(Where where) {
    return where == FUNCTION || is_loop(where);
}

static Stage stage_of(Where where) {
    return where == MODULE || where == CGSCC ? BETWEEN : WITHIN;
}

/* The text between a pass of kind `from` and one of kind `to`. */
static void change_managers(Text *text, Where from, Where to) {
    const char *comma = from == NOWHERE ? "" : ",";
    if (from == to) {
        hl_text_printf(text, "%s", comma);
    } else if (is_in_function(from) && is_in_function(to)) {
        hl_text_printf(text, "%s,%s", is_loop(from) ? ")" : "",
                       to == LOOP        ? "loop("
                       : to == LOOP_MSSA ? "loop-mssa("
                                         : "");
    } else {
        hl_text_printf(text, "%s%s%s", is_loop(from) ? ")" : "",
                       is_in_function(from) || from == CGSCC ? ")" : "", to == NOWHERE ? "" : comma);
        open_managers(text, to);
    }
}

static char *make_pipeline(unsigned level, Stage stage) {
    Text text = {0};
    Where last = NOWHERE;
    for (size_t i = 0; i < NROWS; i++) {
        if (rows[i].level > level || stage_of(rows[i].where) != stage) continue;
        change_managers(&text, last, rows[i].where);
        hl_text_printf(&text, "%s", rows[i].text);
        last = rows[i].where;
    }
    change_managers(&text, last, NOWHERE);
    return text.data;
}

static void make_pipelines(void) {
    for (unsigned level = 0; level < NLEVELS; level++)
        for (int stage = 0; stage < NSTAGES; stage++)
            pipelines[level][stage] = make_pipeline(level, (Stage)stage);
}

static const char *pipeline(unsigned level, Stage stage) {
    pthread_once(&once, make_pipelines);
    return pipelines[level < NLEVELS ? level : NLEVELS - 1][stage];
}

/* ---- steps -------------------------------------------------------------------------------------- */

static bool verify(Machine *m, LLVMModuleRef module, const char *when) {
    char *error = NULL;
    bool ok = !m->verify || !LLVMVerifyModule(module, LLVMReturnStatusAction, &error);
    if (!ok) hl_machine_fail(m, "broken LLVM IR %s: %s", when, error);
    if (error) LLVMDisposeMessage(error);
    return ok;
}

static void set_string_attribute(Machine *m, LLVMValueRef function, const char *kind, const char *value) {
    LLVMAttributeRef attribute =
        LLVMCreateStringAttribute(m->context, kind, (unsigned)strlen(kind), value, (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex, attribute);
}

/* Vectors as wide as the processor likes; the processor itself is in the target machine. */
static void prepare_vectors(Machine *m, LLVMModuleRef module) {
    char bits[16];
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f)) continue;
        bool has_math = hl_machine_math_is_called_in(f);
        hl_machine_choose_vectors(m, f);
        snprintf(bits, sizeof bits, "%u", has_math ? m->cpu->math_bits : m->cpu->vector_bits);
        set_string_attribute(m, f, "prefer-vector-width", bits);
    }
}

bool hl_machine_may_inline(LLVMValueRef function) {
    unsigned kind = LLVMGetEnumAttributeKindForName("noinline", strlen("noinline"));
    if (LLVMGetEnumAttributeAtIndex(function, LLVMAttributeFunctionIndex, kind)) return false;
    for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (!LLVMIsACallInst(user) || !LLVMGetCallSiteEnumAttribute(user, LLVMAttributeFunctionIndex, kind))
            return true;
    }
    return false;
}

static bool has_inlinable_calls(LLVMModuleRef module) {
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        if (!LLVMIsDeclaration(f) && hl_machine_may_inline(f)) return true;
    return false;
}

static bool run_passes(Machine *m, LLVMModuleRef module, const char *text) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMPassBuilderOptionsSetLoopInterleaving(options, 1);
    LLVMPassBuilderOptionsSetLoopVectorization(options, 1);
    LLVMPassBuilderOptionsSetSLPVectorization(options, 1);
    LLVMPassBuilderOptionsSetLoopUnrolling(options, 1);
    LLVMErrorRef error = text && *text ? LLVMRunPasses(module, text, m->target, options) : NULL;
    LLVMDisposePassBuilderOptions(options);
    if (!error) return !m->error;
    char *message = LLVMGetErrorMessage(error);
    hl_machine_fail(m, "LLVM: %s", message);
    LLVMDisposeErrorMessage(message);
    return false;
}

/* What a round loads or stores and the next one loads stays in a register in these loops, which are not vectors. */
static bool unroll_scalar_loops(Machine *m, LLVMModuleRef module) {
    static const char text[] = "function<eager-inv>(gvn,loop-unroll<O3;no-runtime>,"
                               "instcombine<max-iterations=1;no-verify-fixpoint>,simplifycfg)";
    if (m->level < 2 || !hl_machine_mark_scalar_loops(m, module)) return true;
    return run_passes(m, module, text);
}

static bool reduce_strength(Machine *m, LLVMModuleRef module) {
    bool gains = false;
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f && m->level > 1; f = LLVMGetNextFunction(f))
        gains |= hl_machine_gains_by_strength_reduction(m, f);
    return !gains || run_passes(m, module, "function<eager-inv>(loop(loop-reduce))");
}

/* ---- functions inlined after the passes ---------------------------------------------------------- */

static const char late[] = "inline-late";

void hl_machine_inline_late(LLVMValueRef function) {
    LLVMContextRef context = LLVMGetModuleContext(LLVMGetGlobalParent(function));
    LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(context, late, sizeof late - 1, "", 0));
}

/* The only call of a function that nobody outside the module calls, or NULL. */
static LLVMValueRef only_call(LLVMValueRef function) {
    LLVMUseRef use = LLVMGetFirstUse(function);
    if (!use || LLVMGetNextUse(use) || LLVMGetLinkage(function) != LLVMInternalLinkage) return NULL;
    LLVMValueRef user = LLVMGetUser(use);
    return LLVMIsACallInst(user) && LLVMGetCalledValue(user) == function ? user : NULL;
}

/* After the first stage nothing else inlines, so that the last pass takes these. */
static void mark_late(Machine *m, LLVMModuleRef module) {
    unsigned never = LLVMGetEnumAttributeKindForName("noinline", strlen("noinline"));
    unsigned always = LLVMGetEnumAttributeKindForName("alwaysinline", strlen("alwaysinline"));
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        if (!LLVMGetStringAttributeAtIndex(f, LLVMAttributeFunctionIndex, late, sizeof late - 1)) continue;
        LLVMValueRef call = only_call(f);
        if (!call) continue;
        LLVMRemoveCallSiteEnumAttribute(call, LLVMAttributeFunctionIndex, never);
        LLVMAddAttributeAtIndex(f, LLVMAttributeFunctionIndex,
                                LLVMCreateEnumAttribute(m->context, always, 0));
    }
}

static bool optimise(Machine *m, void *argument) {
    LLVMModuleRef module = argument;
    if (!hl_machine_take_target(m) || !verify(m, module, "from lowering")) return false;
    if (m->level > 0 && !hl_machine_link_runtime(m, module)) return false;
    hl_machine_math_prepare(m, module);
    if (has_inlinable_calls(module) && !run_passes(m, module, pipeline(m->level, BETWEEN))) return false;
    if (m->level > 0) prepare_vectors(m, module);
    mark_late(m, module);
    if (!run_passes(m, module, pipeline(m->level, WITHIN))) return false;
    if (!unroll_scalar_loops(m, module) || !reduce_strength(m, module)) return false;
    hl_machine_math_finish(m, module);
    return verify(m, module, "after the passes");
}

bool hl_machine_optimise(Machine *m, LLVMModuleRef module) {
    return hl_machine_guard(m, optimise, module);
}
