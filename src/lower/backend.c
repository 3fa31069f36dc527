/* The backend of compile.h: all typed functions of a compilation to one LLVM module, through machine/'s
 * passes, to an ELF object. `emit` is the list of steps. */
#include <stdlib.h>
#include <string.h>

#include "lower/internal.h"

static bool machine_failed(Compile *c, const Machine *machine) {
    const Func *entry = c->functions.len ? c->functions.data[0] : NULL;
    return hl_error(c, entry, (Loc){0}, DIAG_INTERNAL, machine->error ? machine->error : "LLVM failed");
}

static void keep_text(Compile *c, DumpStage stage, LLVMModuleRef llvm) {
    if (!(c->dump >> stage & 1)) return;
    char *text = hl_machine_print(llvm);
    hl_text_append(&c->dumps[stage], text, strlen(text));
    LLVMDisposeMessage(text);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static bool define_all(Module *m) {
    for (uint32_t i = 0; i < m->c->functions.len; i++)
        if (!hl_lower_define(m, m->c->functions.data[i])) return false;
    return true;
}

/* The shim comes first so that nothing else takes its name. */
static bool lower_all(Module *m) {
    Compile *c = m->c;
    LLVMValueRef shim = hl_lower_declare_shim(m, c->entry_symbol);
    for (uint32_t i = 0; i < c->functions.len; i++)
        hl_lower_declare(m, c->functions.data[i]);
    hl_lower_define_shim(m, c->functions.data[0], shim);
    bool done = define_all(m);
    hl_lower_debug_close(m);
    return done;
}

static bool keep_asm(Compile *c, Machine *machine, LLVMModuleRef llvm) {
    LLVMMemoryBufferRef text = hl_machine_emit(machine, llvm, MACHINE_ASM);
    if (!text) return false;
    hl_text_append(&c->dumps[DUMP_ASM], LLVMGetBufferStart(text), LLVMGetBufferSize(text));
    LLVMDisposeMemoryBuffer(text);
    return true;
}

static bool emit_object(Compile *c, Machine *machine, LLVMModuleRef llvm) {
    LLVMMemoryBufferRef object = hl_machine_emit(machine, llvm, MACHINE_OBJECT);
    if (!object) return false;
    c->object_nbytes = LLVMGetBufferSize(object);
    c->object = malloc(c->object_nbytes);
    if (c->object) memcpy(c->object, LLVMGetBufferStart(object), c->object_nbytes);
    LLVMDisposeMemoryBuffer(object);
    return c->object != NULL;
}

/* The object and the texts somebody asked for. Emission changes the module, so assembly is made of a copy. */
static bool generate(Compile *c, Machine *machine, LLVMModuleRef llvm) {
    LLVMModuleRef copy = c->dump >> DUMP_ASM & 1 ? LLVMCloneModule(llvm) : NULL;
    bool done = emit_object(c, machine, llvm) && (!copy || keep_asm(c, machine, copy));
    if (copy && !machine->is_lost) LLVMDisposeModule(copy);
    return done;
}

static bool emit_with(Compile *c, Machine *machine) {
    Module m;
    hl_lower_module_open(&m, c, machine);
    if (!lower_all(&m)) return false;
    keep_text(c, DUMP_LLVM, m.llvm);
    if (!hl_machine_optimise(machine, m.llvm)) return machine_failed(c, machine);
    keep_text(c, DUMP_LLVM_OPT, m.llvm);
    return generate(c, machine, m.llvm) || machine_failed(c, machine);
}

static void keep_remarks(Compile *c, const Machine *machine) {
    for (size_t i = 0; i < machine->nremarks; i++) {
        const MachineRemark *r = &machine->remarks[i];
        hl_text_printf(&c->remarks, "%d:%d:%s: %s\n", r->line, r->col, r->file ? r->file : "", r->text);
    }
}

static bool emit(Compile *c) {
    Machine machine;
    if (!c->entry_symbol) c->entry_symbol = hl_intern("hotloop_entry");
    bool done = hl_machine_open(&machine, c->cpu);
    if (done && c->explains) hl_machine_want_remarks(&machine);
    done = done ? emit_with(c, &machine) : machine_failed(c, &machine);
    keep_remarks(c, &machine);
    hl_machine_close(&machine);
    return done;
}

/* Every symbol compiled code refers to is known to the loader. */
static void *resolve(const char *name) {
    (void)name;
    return NULL;
}

const Backend *hl_llvm_backend(void) {
    static const Backend backend = {emit, resolve, hl_machine_describe};
    return &backend;
}
