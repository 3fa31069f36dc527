/* The backend of compile.h: the typed functions of a compilation to one or two LLVM modules, through machine/'s
 * passes, to as many ELF objects, one behind the other. `emit` is the list of steps.
 *
 * Why two: functions that hardly ever run, the checked copies of loops, need no good code, and LLVM's code
 * generator is three times as fast when it may make bad code; but that is a property of a whole module.
 */
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

static void declare_all(Module *m) {
    for (uint32_t i = 0; i < m->c->functions.len; i++)
        hl_lower_declare(m, m->c->functions.data[i]);
}

static bool define_all(Module *m) {
    bool done = true;
    for (uint32_t i = 0; i < m->c->functions.len && done; i++)
        if (hl_lower_is_here(m, m->c->functions.data[i])) done = hl_lower_define(m, m->c->functions.data[i]);
    hl_lower_debug_close(m);
    return done;
}

/* The shim comes first so that nothing else takes its name. */
static bool lower_first(Module *m) {
    LLVMValueRef shim = hl_lower_declare_shim(m, m->c->entry_symbol);
    declare_all(m);
    hl_lower_define_shim(m, m->c->functions.data[0], shim);
    return define_all(m);
}

static bool lower_second(Module *m) {
    declare_all(m);
    return define_all(m);
}

static bool needs_second(const Module *first) {
    const FuncList *all = &first->c->functions;
    for (uint32_t i = 0; i < all->len; i++)
        if (!hl_lower_is_here(first, all->data[i])) return true;
    return false;
}

static bool keep_asm(Compile *c, Machine *machine, LLVMModuleRef llvm) {
    LLVMMemoryBufferRef text = hl_machine_emit(machine, llvm, MACHINE_ASM);
    if (!text) return false;
    hl_text_append(&c->dumps[DUMP_ASM], LLVMGetBufferStart(text), LLVMGetBufferSize(text));
    LLVMDisposeMemoryBuffer(text);
    return true;
}

/* Appends to c->object. */
static bool emit_object(Compile *c, Machine *machine, LLVMModuleRef llvm) {
    LLVMMemoryBufferRef object = hl_machine_emit(machine, llvm, MACHINE_OBJECT);
    if (!object) return false;
    size_t nbytes = LLVMGetBufferSize(object);
    unsigned char *all = realloc(c->object, c->object_nbytes + nbytes);
    if (all) {
        memcpy(all + c->object_nbytes, LLVMGetBufferStart(object), nbytes);
        c->object = all;
        c->object_nbytes += nbytes;
    }
    LLVMDisposeMemoryBuffer(object);
    return all != NULL;
}

/* The object and the texts somebody asked for. Emission changes the module, so assembly is made of a copy. */
static bool generate(Compile *c, Machine *machine, LLVMModuleRef llvm) {
    LLVMModuleRef copy = c->dump >> DUMP_ASM & 1 ? LLVMCloneModule(llvm) : NULL;
    bool done = emit_object(c, machine, llvm) && (!copy || keep_asm(c, machine, copy));
    if (copy && !machine->is_lost) LLVMDisposeModule(copy);
    return done;
}

static bool finish(Compile *c, Machine *machine, LLVMModuleRef llvm) {
    keep_text(c, DUMP_LLVM, llvm);
    if (!hl_machine_optimise(machine, llvm)) return machine_failed(c, machine);
    keep_text(c, DUMP_LLVM_OPT, llvm);
    return generate(c, machine, llvm) || machine_failed(c, machine);
}

static bool emit_second(Compile *c) {
    Machine machine;
    Module m;
    bool done = hl_machine_open_plain(&machine, c->cpu) || machine_failed(c, &machine);
    if (done) {
        hl_lower_module_open(&m, c, &machine, true);
        done = lower_second(&m) && finish(c, &machine, m.llvm);
    }
    hl_machine_close(&machine);
    return done;
}

static bool emit_with(Compile *c, Machine *machine) {
    Module m;
    hl_lower_module_open(&m, c, machine, false);
    if (!lower_first(&m) || !finish(c, machine, m.llvm)) return false;
    return !needs_second(&m) || emit_second(c);
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
