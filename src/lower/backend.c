/* The backend of compile.h: the typed functions of a compilation in units, each unit to one or two LLVM modules, through
 * machine/'s passes, to as many ELF objects, all one behind the other. `emit` is the list of steps.
 *
 * The objects of a unit of the prelude are kept for the process (kept.c), so that its functions are compiled once, and
 * those of common calls come with the package (shipped.c). Each
 * compilation takes a copy: what it loads, and what its cache file holds, is complete.
 *
 * Why two modules: functions that hardly ever run, the checked copies of loops, need no good code, and LLVM's code
 * generator is three times as fast when it may make bad code; but that is a property of a whole module. And the second is
 * made on a thread of its own, while the first goes through its passes.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lower/internal.h"

/* One module and what comes of it. */
typedef struct Part {
    Compile *c;
    const Unit *unit;
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
    const FuncList *own = &m->unit->functions, *outside = &m->unit->outside;
    for (uint32_t i = 0; i < own->len; i++)
        hl_lower_declare(m, own->data[i], false);
    for (uint32_t i = 0; i < outside->len; i++)
        hl_lower_declare(m, outside->data[i], true);
}

static bool define_all(Module *m) {
    const FuncList *own = &m->unit->functions;
    bool done = true;
    for (uint32_t i = 0; i < own->len && done; i++)
        if (hl_lower_is_here(m, own->data[i])) done = hl_lower_define(m, own->data[i]);
    hl_lower_debug_close(m);
    return done;
}

static bool lower(Module *m) {
    declare_all(m);
    return define_all(m);
}

/* The shim, of the function asked for, comes first so that nothing else takes its name. */
static bool lower_with_shim(Module *m) {
    LLVMValueRef shim = hl_lower_declare_shim(m, m->c->entry_symbol);
    declare_all(m);
    hl_lower_define_shim(m, m->unit->root, shim);
    return define_all(m);
}

static bool needs_second(const Module *first) {
    const FuncList *own = &first->unit->functions;
    for (uint32_t i = 0; i < own->len; i++)
        if (!hl_lower_is_here(first, own->data[i])) return true;
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

/* On a thread of its own where the system has one to give. */
static void start_part(Part *part) {
    part->has_thread = hl_thread_start(&part->thread, finish, part);
}

static void wait_for_part(Part *part) {
    if (part->has_thread)
        pthread_join(part->thread, NULL);
    else
        finish(part);
}

/* ---- a part from its beginning to its end ------------------------------------------------------ */

static bool open_part(Part *part, Compile *c, const Unit *unit, bool cold) {
    *part = (Part){.c = c, .unit = unit};
    bool done =
        cold ? hl_machine_open_plain(&part->machine, c->cpu) : hl_machine_open(&part->machine, c->cpu);
    if (done) hl_lower_module_open(&part->module, c, unit, &part->machine, cold);
    return done || machine_failed(c, &part->machine);
}

static bool append_object(Compile *c, const void *object, size_t nbytes) {
    unsigned char *all = realloc(c->object, c->object_nbytes + nbytes);
    if (!all) return false;
    memcpy(all + c->object_nbytes, object, nbytes);
    c->object = all;
    c->object_nbytes += nbytes;
    return true;
}

/* Its texts and its object behind those of the part before. */
static bool collect(Part *part) {
    Compile *c = part->c;
    for (int s = 0; s < DUMP_COUNT; s++)
        hl_text_append(&c->dumps[s], part->dumps[s].data, part->dumps[s].len);
    bool done =
        part->is_done && append_object(c, LLVMGetBufferStart(part->object), LLVMGetBufferSize(part->object));
    return done || machine_failed(c, &part->machine);
}

static void close_part(Part *part) {
    for (int s = 0; s < DUMP_COUNT; s++)
        hl_text_free(&part->dumps[s]);
    if (part->object && !part->machine.is_lost) LLVMDisposeMemoryBuffer(part->object);
    hl_machine_close(&part->machine);
}

static bool emit_first(Part *first) {
    if (!(first->unit->digest ? lower(&first->module) : lower_with_shim(&first->module))) return false;
    finish(first);
    return collect(first);
}

/* What hardly ever runs is done meanwhile. Lowering shares the Compile, so it comes before. */
static bool emit_both(Part *first) {
    Part second;
    bool done = open_part(&second, first->c, first->unit, true) && lower(&second.module);
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

static bool emit_unit(Compile *c, const Unit *unit) {
    Part first;
    bool done = open_part(&first, c, unit, false);
    if (done && c->explains) hl_machine_want_remarks(&first.machine);
    if (done) done = needs_second(&first.module) ? emit_both(&first) : emit_first(&first);
    keep_remarks(c, &first.machine);
    close_part(&first);
    return done;
}

/* ---- all units ------------------------------------------------------------------------------- */

/* Does somebody read how the code was made? Then it is made, and with line numbers, which others have no use for. */
static bool is_watched(const Compile *c) {
    return c->explains || c->cpu || c->dump & (1u << DUMP_LLVM | 1u << DUMP_LLVM_OPT | 1u << DUMP_ASM);
}

/* From an earlier compilation, or from the package. */
static const void *find_object(Compile *c, const Unit *unit, size_t *nbytes) {
    const void *object = hl_lower_kept(unit->digest, nbytes);
    const char *level = object ? NULL : hl_machine_level();
    if (object) c->units_kept++;
    if (level) object = hl_lower_shipped(level, unit->digest, nbytes);
    if (level && object) c->units_shipped++;
    return object;
}

/* A unit of the prelude. */
static bool take_or_emit(Compile *c, const Unit *unit) {
    size_t start = c->object_nbytes, nbytes;
    bool watched = is_watched(c);
    const void *object = watched ? NULL : find_object(c, unit, &nbytes);
    if (object) return append_object(c, object, nbytes);
    if (!emit_unit(c, unit)) return false;
    c->units_compiled++;
    if (!watched) hl_lower_keep(unit->digest, c->object + start, c->object_nbytes - start);
    return true;
}

static bool emit(Compile *c) {
    if (!c->entry_symbol)
        c->entry_symbol = hl_intern(hl_arena_printf(&c->arena, "%s.entry", c->functions.data[0]->name));
    UnitList units = hl_lower_units(c);
    bool done = emit_unit(c, units.data[0]);
    for (uint32_t i = 1; i < units.len && done; i++)
        done = take_or_emit(c, units.data[i]);
    return done;
}

/* Every symbol compiled code refers to is known to the loader. */
static void *resolve(const char *name) {
    (void)name;
    return NULL;
}

const Backend *hl_llvm_backend(void) {
    static const Backend backend = {emit, resolve, hl_machine_describe, hl_lower_list_kept};
    return &backend;
}
