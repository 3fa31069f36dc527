/* The backend of compile.h: the typed functions of a compilation to one or two LLVM modules, through machine/'s
 * passes, to as many ELF objects, one behind the other. `emit` is the list of steps.
 *
 * Why two: functions that hardly ever run, the checked copies of loops, need no good code, and LLVM's code
 * generator is three times as fast when it may make bad code; but that is a property of a whole module. And the second is
 * made on a thread of its own, while the first goes through its passes.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lower/internal.h"

/* One module and what comes of it. */
typedef struct Part {
    Compile *c;
    Machine machine;
    Module module;
    LLVMMemoryBufferRef object;
    Text dumps[DUMP_COUNT];
    pthread_t thread;
    bool has_thread, is_done;
} Part;

static bool machine_failed(Compile *c, const Machine *machine) {
    const Func *entry = c->functions.len ? c->functions.data[0] : NULL;
    return hl_error(c, entry, (Loc){0}, DIAG_INTERNAL, machine->error ? machine->error : "LLVM failed");
}

/* ---- lowering -------------------------------------------------------------------------------- */

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

/* ---- passes and emission, which leave the Compile alone ---------------------------------------- */

static void keep_text(Part *part, DumpStage stage) {
    if (!(part->c->dump >> stage & 1)) return;
    char *text = hl_machine_print(part->module.llvm);
    hl_text_append(&part->dumps[stage], text, strlen(text));
    LLVMDisposeMessage(text);
}

static bool keep_asm(Part *part, LLVMModuleRef llvm) {
    LLVMMemoryBufferRef text = hl_machine_emit(&part->machine, llvm, MACHINE_ASM);
    if (!text) return false;
    hl_text_append(&part->dumps[DUMP_ASM], LLVMGetBufferStart(text), LLVMGetBufferSize(text));
    LLVMDisposeMemoryBuffer(text);
    return true;
}

/* The object and the texts somebody asked for. Emission changes the module, so assembly is made of a copy. */
static bool generate(Part *part) {
    LLVMModuleRef llvm = part->module.llvm,
                  copy = part->c->dump >> DUMP_ASM & 1 ? LLVMCloneModule(llvm) : NULL;
    part->object = hl_machine_emit(&part->machine, llvm, MACHINE_OBJECT);
    bool done = part->object && (!copy || keep_asm(part, copy));
    if (copy && !part->machine.is_lost) LLVMDisposeModule(copy);
    return done;
}

static void *finish(void *argument) {
    Part *part = argument;
    keep_text(part, DUMP_LLVM);
    if (!hl_machine_optimise(&part->machine, part->module.llvm)) return NULL;
    keep_text(part, DUMP_LLVM_OPT);
    part->is_done = generate(part);
    return NULL;
}

/* On a thread of its own where the system has one to give. Signals are for threads that Python knows; those of a fault go
 * to the thread that is at fault. */
static void start_part(Part *part) {
    sigset_t mine, before;
    sigfillset(&mine);
    const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&mine, faults[i]);
    pthread_sigmask(SIG_BLOCK, &mine, &before);
    part->has_thread = pthread_create(&part->thread, NULL, finish, part) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void wait_for_part(Part *part) {
    if (part->has_thread)
        pthread_join(part->thread, NULL);
    else
        finish(part);
}

/* ---- a part from its beginning to its end ------------------------------------------------------ */

static bool open_part(Part *part, Compile *c, bool cold) {
    *part = (Part){.c = c};
    bool done =
        cold ? hl_machine_open_plain(&part->machine, c->cpu) : hl_machine_open(&part->machine, c->cpu);
    if (done) hl_lower_module_open(&part->module, c, &part->machine, cold);
    return done || machine_failed(c, &part->machine);
}

static bool keep_object(Compile *c, LLVMMemoryBufferRef object) {
    size_t nbytes = LLVMGetBufferSize(object);
    unsigned char *all = realloc(c->object, c->object_nbytes + nbytes);
    if (!all) return false;
    memcpy(all + c->object_nbytes, LLVMGetBufferStart(object), nbytes);
    c->object = all;
    c->object_nbytes += nbytes;
    return true;
}

/* Its texts and its object behind those of the part before. */
static bool collect(Part *part) {
    Compile *c = part->c;
    for (int s = 0; s < DUMP_COUNT; s++)
        hl_text_append(&c->dumps[s], part->dumps[s].data, part->dumps[s].len);
    return (part->is_done && keep_object(c, part->object)) || machine_failed(c, &part->machine);
}

static void close_part(Part *part) {
    for (int s = 0; s < DUMP_COUNT; s++)
        hl_text_free(&part->dumps[s]);
    if (part->object && !part->machine.is_lost) LLVMDisposeMemoryBuffer(part->object);
    hl_machine_close(&part->machine);
}

static bool emit_first(Part *first) {
    if (!lower_first(&first->module)) return false;
    finish(first);
    return collect(first);
}

/* What hardly ever runs is done meanwhile. Lowering shares the Compile, so it comes before. */
static bool emit_both(Part *first) {
    Part second;
    bool done = open_part(&second, first->c, true) && lower_second(&second.module);
    if (done) {
        start_part(&second);
        done = emit_first(first);
        wait_for_part(&second);
        done = done && collect(&second);
    }
    close_part(&second);
    return done;
}

static void keep_remarks(Compile *c, const Machine *machine) {
    for (size_t i = 0; i < machine->nremarks; i++) {
        const MachineRemark *r = &machine->remarks[i];
        hl_text_printf(&c->remarks, "%d:%d:%s: %s\n", r->line, r->col, r->file ? r->file : "", r->text);
    }
}

static bool emit(Compile *c) {
    Part first;
    if (!c->entry_symbol)
        c->entry_symbol = hl_intern(hl_arena_printf(&c->arena, "%s.entry", c->functions.data[0]->name));
    bool done = open_part(&first, c, false);
    if (done && c->explains) hl_machine_want_remarks(&first.machine);
    if (done) done = needs_second(&first.module) ? emit_both(&first) : emit_first(&first);
    keep_remarks(c, &first.machine);
    close_part(&first);
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
