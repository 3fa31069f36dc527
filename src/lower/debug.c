/* Line tables (DWARF) for functions compiled with debug=True, and for all when the report asks: a subprogram each and a location on every
 * instruction, so that debuggers, perf and LLVM's remarks can name the Python line. No variables, no types.
 */
#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "lower/internal.h"

struct Debug {
    LLVMDIBuilderRef builder;
    LLVMMetadataRef signature; /* an empty one */
};

static bool wanted(const Compile *c) {
    if (c->explains) return true;
    for (uint32_t i = 0; i < c->functions.len; i++)
        if (c->functions.data[i]->options.debug) return true;
    return false;
}

static LLVMMetadataRef file_of(const Debug *d, const char *path) {
    if (!path) path = "<text>";
    return LLVMDIBuilderCreateFile(d->builder, path, strlen(path), "", 0);
}

static void add_flag(const Module *m, const char *name, int32_t value) {
    LLVMMetadataRef flag = LLVMValueAsMetadata(hl_lower_i32(m, value));
    LLVMAddModuleFlag(m->llvm, LLVMModuleFlagBehaviorWarning, name, strlen(name), flag);
}

void hl_lower_debug_open(Module *m) {
    if (!wanted(m->c)) return;
    m->debug = hl_new(&m->c->arena, Debug);
    Debug *d = m->debug;
    d->builder = LLVMCreateDIBuilder(m->llvm);
    LLVMMetadataRef file = file_of(d, m->c->functions.data[0]->file);
    static const char producer[] = "hotloop";
    LLVMDIBuilderCreateCompileUnit(d->builder, LLVMDWARFSourceLanguagePython, file, producer,
                                   strlen(producer), true, "", 0, 0, "", 0, LLVMDWARFEmissionLineTablesOnly,
                                   0, false, false, "", 0, "", 0);
    d->signature = LLVMDIBuilderCreateSubroutineType(d->builder, file, NULL, 0, LLVMDIFlagZero);
    add_flag(m, "Debug Info Version", (int32_t)LLVMDebugMetadataVersion());
    add_flag(m, "Dwarf Version", 4);
}

void hl_lower_debug_function(Module *m, const Func *f, LLVMValueRef fn) {
    if (!m->debug || (!f->options.debug && !m->c->explains)) return;
    const char *name = f->qualname ? f->qualname : f->name;
    LLVMMetadataRef file = file_of(m->debug, f->file);
    unsigned line = (unsigned)f->first_line;
    LLVMMetadataRef subprogram =
        LLVMDIBuilderCreateFunction(m->debug->builder, file, name, strlen(name), f->name, strlen(f->name),
                                    file, line, m->debug->signature, true, true, line, LLVMDIFlagZero, true);
    LLVMSetSubprogram(fn, subprogram);
}

void hl_lower_debug_at(Emitter *e, Loc loc) {
    LLVMMetadataRef scope = e->m->debug ? LLVMGetSubprogram(e->self->fn) : NULL;
    if (!scope) return;
    unsigned line = (unsigned)(loc.line ? loc.line : e->f->first_line), column = (unsigned)loc.col + 1;
    LLVMSetCurrentDebugLocation2(e->b,
                                 LLVMDIBuilderCreateDebugLocation(e->m->context, line, column, scope, NULL));
}

void hl_lower_debug_close(Module *m) {
    if (!m->debug) return;
    LLVMDIBuilderFinalize(m->debug->builder);
    LLVMDisposeDIBuilder(m->debug->builder);
}
