/* What debuggers know of functions compiled with debug=True (DWARF): a subprogram each, a line and column on
 * every instruction, and the locals. When the report asks, all functions have the lines, for LLVM's remarks.
 *
 * A function with debug=True is not optimised (function.c), so a breakpoint is met on every line and a local is
 * where it is said to be: in a stack slot, 8 bytes for each machine component, which `bind` writes at each
 * assignment. A local with values of types that have no common one is several variables of one name.
 */
#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "lower/internal.h"

enum { SLOT = 8, DW_ATE_BOOLEAN = 2, DW_ATE_FLOAT = 4, DW_ATE_SIGNED = 5, DW_ATE_UNSIGNED = 7 };

struct Debug {
    LLVMDIBuilderRef builder;
    LLVMMetadataRef signature; /* an empty one */
    LLVMMetadataRef file, pointer, nothing;
};

struct Variable {
    Variable *next;
    const char *name; /* interned */
    const Type *type;
    LLVMValueRef slot;
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
    d->file = file_of(d, m->unit->root->file);
    static const char producer[] = "hotloop";
    LLVMDIBuilderCreateCompileUnit(d->builder, LLVMDWARFSourceLanguagePython, d->file, producer,
                                   strlen(producer), true, "", 0, 0, "", 0, LLVMDWARFEmissionFull, 0, false,
                                   false, "", 0, "", 0);
    d->signature = LLVMDIBuilderCreateSubroutineType(d->builder, d->file, NULL, 0, LLVMDIFlagZero);
    d->nothing = LLVMDIBuilderCreateExpression(d->builder, NULL, 0);
    add_flag(m, "Debug Info Version", (int32_t)LLVMDebugMetadataVersion());
    add_flag(m, "Dwarf Version", 4);
}

void hl_lower_debug_function(Module *m, const Func *f, LLVMValueRef fn) {
    if (!m->debug || (!f->options.debug && !m->c->explains)) return;
    const char *name = f->qualname ? f->qualname : f->name;
    LLVMMetadataRef file = file_of(m->debug, f->file);
    unsigned line = (unsigned)f->first_line;
    LLVMMetadataRef subprogram =
        LLVMDIBuilderCreateFunction(m->debug->builder, file, name, strlen(name), NULL, 0, file, line,
                                    m->debug->signature, true, true, line, LLVMDIFlagZero, true);
    LLVMSetSubprogram(fn, subprogram);
    if (!f->options.debug) return;
    /* GDB finds the end of the prologue, where the parameters are in their places, by it. */
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(m->context, "frame-pointer", 13, "all", 3));
}

/* Line 0, of what no line of the source asks for, is passed over by debuggers. */
static LLVMMetadataRef location(const Emitter *e, Loc loc, LLVMMetadataRef scope) {
    unsigned column = loc.line ? (unsigned)loc.col + 1 : 0;
    return LLVMDIBuilderCreateDebugLocation(e->m->context, (unsigned)loc.line, column, scope, NULL);
}

void hl_lower_debug_at(Emitter *e, Loc loc) {
    LLVMMetadataRef scope = e->m->debug ? LLVMGetSubprogram(e->self->fn) : NULL;
    if (scope) LLVMSetCurrentDebugLocation2(e->b, location(e, loc, scope));
}

/* What is done once at the start is no part of the line that needs it. */
void hl_lower_debug_prologue(const Emitter *e) {
    LLVMValueRef ins = e->m->debug ? LLVMGetFirstInstruction(e->prologue) : NULL;
    for (; ins; ins = LLVMGetNextInstruction(ins))
        LLVMInstructionSetDebugLoc(ins, NULL);
}

void hl_lower_debug_close(Module *m) {
    if (!m->debug) return;
    LLVMDIBuilderFinalize(m->debug->builder);
    LLVMDisposeDIBuilder(m->debug->builder);
}

/* ---- types ----------------------------------------------------------------------------------- */

static LLVMMetadataRef scalar_type(const Debug *d, const Type *t) {
    int encoding = hl_type_is_boolean(t)  ? DW_ATE_BOOLEAN
                   : hl_type_is_float(t)  ? DW_ATE_FLOAT
                   : hl_type_is_signed(t) ? DW_ATE_SIGNED
                                          : DW_ATE_UNSIGNED;
    const char *name = hl_type_show(t);
    return LLVMDIBuilderCreateBasicType(d->builder, name, strlen(name), 8 * (uint64_t)hl_type_nbytes(t),
                                        (unsigned)encoding, LLVMDIFlagZero);
}

/* A structure being listed. */
typedef struct Struct {
    const Debug *d;
    Arena *arena;
    VEC(LLVMMetadataRef) members;
} Struct;

static void add_member(Struct *s, const char *name, LLVMMetadataRef type, uint64_t nbytes, uint64_t offset) {
    LLVMMetadataRef member =
        LLVMDIBuilderCreateMemberType(s->d->builder, s->d->file, name, strlen(name), s->d->file, 0,
                                      8 * nbytes, 0, 8 * offset, LLVMDIFlagZero, type);
    hl_push(s->arena, &s->members, member);
}

static LLVMMetadataRef finish(const Struct *s, const Type *t, uint64_t nbytes) {
    const char *name = hl_type_show(t);
    return LLVMDIBuilderCreateStructType(s->d->builder, s->d->file, name, strlen(name), s->d->file, 0,
                                         8 * nbytes, 0, LLVMDIFlagZero, NULL, s->members.data, s->members.len,
                                         0, NULL, "", 0);
}

/* `step` bytes from one part to the other: in a slot, or in an array. */
static LLVMMetadataRef complex_type(Struct *s, const Type *t, uint64_t step) {
    const Type *real = hl_type_real_of(t);
    uint64_t nbytes = (uint64_t)hl_type_nbytes(real);
    add_member(s, "real", scalar_type(s->d, real), nbytes, 0);
    add_member(s, "imag", scalar_type(s->d, real), nbytes, step);
    return finish(s, t, 2 * step);
}

static LLVMMetadataRef pointer_type(const Debug *d, LLVMMetadataRef to) {
    return LLVMDIBuilderCreatePointerType(d->builder, to, 64, 0, 0, "", 0);
}

static LLVMMetadataRef element_type(const Debug *d, Arena *arena, const Type *t) {
    Struct s = {d, arena, {0}};
    return hl_type_is_complex(t) ? complex_type(&s, t, (uint64_t)hl_type_nbytes(t) / 2) : scalar_type(d, t);
}

static LLVMMetadataRef integers(const Debug *d, uint32_t n) {
    LLVMMetadataRef range = LLVMDIBuilderGetOrCreateSubrange(d->builder, 0, n);
    return LLVMDIBuilderCreateArrayType(d->builder, 64 * (uint64_t)n, 0, scalar_type(d, hl_type(TY_I64)),
                                        &range, 1);
}

/* The owner, which comes first, is nobody's business. */
static LLVMMetadataRef array_type(Struct *s, const Type *t) {
    uint32_t n = t->ndim;
    add_member(s, "data", pointer_type(s->d, element_type(s->d, s->arena, t->args[0])), SLOT, SLOT);
    if (n) add_member(s, "shape", integers(s->d, n), SLOT * n, 2 * SLOT);
    if (n) add_member(s, "strides", integers(s->d, n), SLOT * n, (2 + n) * SLOT);
    return finish(s, t, (2 + 2 * (uint64_t)n) * SLOT);
}

static LLVMMetadataRef type_of(const Debug *d, Arena *arena, const Type *t);

static LLVMMetadataRef parts_type(Struct *s, const Type *t) {
    uint64_t at = hl_lower_parts_start(t);
    if (at) add_member(s, "present", scalar_type(s->d, hl_type(TY_B1)), 1, 0);
    for (uint32_t i = 0; i < t->nargs; i++) {
        uint64_t n = hl_type_ncomponents(t->args[i]);
        const char *name = at && t->kind == TY_OPTIONAL ? "value" : hl_arena_printf(s->arena, "_%u", i);
        if (n) add_member(s, name, type_of(s->d, s->arena, t->args[i]), n * SLOT, at * SLOT);
        at += n;
    }
    return finish(s, t, at * SLOT);
}

/* The type of a stack slot, that has components. */
static LLVMMetadataRef type_of(const Debug *d, Arena *arena, const Type *t) {
    Struct s = {d, arena, {0}};
    if (hl_type_is_complex(t)) return complex_type(&s, t, SLOT);
    if (hl_type_is_scalar(t)) return scalar_type(d, t);
    if (t->kind == TY_ARRAY) return array_type(&s, t);
    return t->nargs ? parts_type(&s, t) : pointer_type(d, NULL);
}

/* ---- variables ------------------------------------------------------------------------------- */

/* The number of the parameter of this name, from 1; 0: it is none, or its first value has another type. */
static unsigned parameter_number(const Emitter *e, const char *name) {
    for (const Variable *v = e->variables; v; v = v->next)
        if (v->name == name) return 0;
    for (uint32_t i = 0; i < e->f->nparams; i++)
        if (e->f->param_names && e->f->param_names[i] == name) return i + 1;
    return 0;
}

static void declare(Emitter *e, const Variable *v, LLVMMetadataRef scope) {
    const Debug *d = e->m->debug;
    LLVMMetadataRef type = type_of(d, &e->c->arena, v->type), file = file_of(d, e->f->file), variable;
    unsigned line = (unsigned)e->f->first_line, number = parameter_number(e, v->name);
    size_t len = strlen(v->name);
    if (number)
        variable = LLVMDIBuilderCreateParameterVariable(d->builder, scope, v->name, len, number, file, line,
                                                        type, true, LLVMDIFlagZero);
    else
        variable = LLVMDIBuilderCreateAutoVariable(d->builder, scope, v->name, len, file, line, type, true,
                                                   LLVMDIFlagZero, 0);
    LLVMDIBuilderInsertDeclareRecordAtEnd(d->builder, v->slot, variable, d->nothing,
                                          location(e, (Loc){.line = e->f->first_line}, scope), e->prologue);
}

/* A slot begins as zeros. */
static LLVMValueRef make_slot(Emitter *e, uint32_t n, const char *name) {
    LLVMTypeRef type = LLVMArrayType2(e->m->i64, n);
    LLVMValueRef slot = hl_lower_stack(e, type, SLOT, name);
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    hl_lower_at(e, e->prologue);
    LLVMBuildStore(e->b, LLVMConstNull(type), slot);
    hl_lower_at(e, here);
    return slot;
}

static Variable *variable(Emitter *e, const char *name, const Type *type, LLVMMetadataRef scope) {
    for (Variable *v = e->variables; v; v = v->next)
        if (v->name == name && v->type == type) return v;
    Variable *v = hl_new(&e->c->arena, Variable);
    *v = (Variable){e->variables, name, type, make_slot(e, hl_type_ncomponents(type), name)};
    declare(e, v, scope);
    e->variables = v;
    return v;
}

void hl_lower_bind(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMMetadataRef scope = e->m->debug ? LLVMGetSubprogram(e->self->fn) : NULL;
    Ref value = hl_ins(e->f, r)->args[0];
    uint32_t n = hl_lower_nparts(e, value);
    if (!scope || !n) return;
    const Variable *v = variable(e, hl_ins(e->f, r)->aux.name, hl_ins(e->f, value)->type, scope);
    const Type **kinds = hl_new_array(&e->c->arena, const Type *, n);
    hl_type_components(v->type, kinds);
    if (!hl_ins(e->f, r)->loc.line)
        LLVMSetCurrentDebugLocation2(e->b, NULL); /* a parameter, where debuggers skip */
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef index = hl_lower_i64(e->m, i), part = hl_lower_value(e, value, i);
        LLVMValueRef place = LLVMBuildInBoundsGEP2(e->b, e->m->i64, v->slot, &index, 1, "");
        if (kinds[i]->kind == TY_B1) part = LLVMBuildZExt(e->b, part, e->m->i8, "");
        LLVMBuildStore(e->b, part, place);
    }
}
