/* One compilation: context, modules, emission of objects and assembly. */
#include <llvm-c/Target.h>
#include <stdlib.h>
#include <string.h>

#include "machine/internal.h"

static void handle_diagnostic(LLVMDiagnosticInfoRef info, void *user) {
    Machine *m = user;
    char *text = LLVMGetDiagInfoDescription(info);
    LLVMDiagnosticSeverity severity = LLVMGetDiagInfoSeverity(info);
    if (severity == LLVMDSError) hl_machine_fail(m, "LLVM: %s", text);
    if (severity == LLVMDSRemark && m->remarks_on) hl_machine_add_remark(m, text);
    LLVMDisposeMessage(text);
}

static bool open_at(Machine *m, const char *cpu_name, unsigned level) {
    *m = (Machine){.level = level};
    hl_machine_init();
    if (!hl_machine_is_usable(m)) return false;
    m->cpu = hl_machine_cpu(cpu_name);
    if (!hl_machine_layout(m)) return false;
    m->context = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(m->context, handle_diagnostic, m);
    m->verify = getenv("HOTLOOP_VERIFY") != NULL;
#ifndef NDEBUG
    m->verify = true;
#endif
    return true;
}

bool hl_machine_open(Machine *m, const char *cpu_name) {
    return open_at(m, cpu_name, 2);
}

bool hl_machine_open_plain(Machine *m, const char *cpu_name) {
    return open_at(m, cpu_name, 0);
}

/* After a fatal error nothing of LLVM's is touched again. */
void hl_machine_close(Machine *m) {
    if (m->context && !m->is_lost) LLVMContextDispose(m->context);
    if (m->target && !m->is_lost) hl_machine_give_target(m);
    hl_machine_free_remarks(m);
    hl_memory_free(m->error);
    *m = (Machine){0};
}

void hl_machine_describe(Text *text) {
    unsigned major, minor, patch;
    LLVMGetVersion(&major, &minor, &patch);
    hl_machine_init();
    const MachineCpu *cpu = hl_machine_cpu(NULL);
    hl_text_printf(text, "%u.%u.%u\n%s\n%s\n", major, minor, patch, cpu->name, cpu->features);
}

LLVMModuleRef hl_machine_module(Machine *m, const char *name) {
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext(name, m->context);
    LLVMSetTarget(module, hl_machine_triple());
    LLVMSetDataLayout(module, hl_machine_layout(m));
    return module;
}

typedef struct {
    LLVMModuleRef module;
    LLVMCodeGenFileType type;
    LLVMMemoryBufferRef buffer;
} Emission;

static bool emit(Machine *m, void *argument) {
    Emission *e = argument;
    char *error = NULL;
    if (!hl_machine_take_target(m)) return false;
    if (!LLVMTargetMachineEmitToMemoryBuffer(m->target, e->module, e->type, &error, &e->buffer))
        return !m->error;
    hl_machine_fail(m, "LLVM: %s", error);
    LLVMDisposeMessage(error);
    return false;
}

LLVMMemoryBufferRef hl_machine_emit(Machine *m, LLVMModuleRef module, MachineOutput output) {
    Emission e = {.module = module, .type = output == MACHINE_ASM ? LLVMAssemblyFile : LLVMObjectFile};
    if (hl_machine_guard(m, emit, &e)) return e.buffer;
    if (e.buffer && !m->is_lost) LLVMDisposeMemoryBuffer(e.buffer);
    return NULL;
}

char *hl_machine_print(LLVMModuleRef module) {
    return LLVMPrintModuleToString(module);
}
