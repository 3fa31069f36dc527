/* The LLVM module as a whole: its types, the attributes and metadata everybody uses, and the declarations of
 * the C functions compiled code calls, whose signatures are read from runtime/runtime.def.
 *
 * Alias information. Two TBAA types: "data" is the memory behind ptr and array values, "private" is what only
 * compiled code and the runtime use (fields of the context, argument slots). Array data is one type for all
 * elements, because NumPy views reinterpret memory. Code that comes in from the runtime's bitcode has clang's
 * own TBAA tree, which LLVM takes to alias everything here.
 */
#include <stdio.h>
#include <string.h>

#include "lower/internal.h"

/* ---- types ----------------------------------------------------------------------------------- */

static LLVMTypeRef scalar_type(const Module *m, TypeKind kind, int bits) {
    switch (kind) {
    case TY_F16: return LLVMHalfTypeInContext(m->context);
    case TY_F32: return LLVMFloatTypeInContext(m->context);
    case TY_F64: return m->f64;
    default: return LLVMIntTypeInContext(m->context, (unsigned)bits);
    }
}

static void make_types(Module *m) {
    m->i1 = LLVMInt1TypeInContext(m->context);
    m->i8 = LLVMInt8TypeInContext(m->context);
    m->i32 = LLVMInt32TypeInContext(m->context);
    m->i64 = LLVMInt64TypeInContext(m->context);
    m->f64 = LLVMDoubleTypeInContext(m->context);
    m->ptr = LLVMPointerTypeInContext(m->context, 0);
    m->nothing = LLVMVoidTypeInContext(m->context);
    for (TypeKind kind = TY_B1; kind <= TY_F64; kind++)
        m->scalar[kind] = scalar_type(m, kind, hl_type_bits(hl_type(kind)));
    m->scalar[TY_PTR] = m->ptr;
    LLVMTypeRef site[] = {m->ptr, m->i64, m->ptr, m->ptr, m->i32};
    LLVMTypeRef info[] = {m->ptr, m->ptr, m->i32};
    m->site_type = LLVMStructTypeInContext(m->context, site, 5, false);
    m->info_type = LLVMStructTypeInContext(m->context, info, 3, false);
}

LLVMTypeRef hl_lower_memory_type(const Module *m, const Type *scalar) {
    return scalar->kind == TY_B1 ? m->i8 : m->scalar[scalar->kind];
}

LLVMValueRef hl_lower_i64(const Module *m, int64_t value) {
    return LLVMConstInt(m->i64, (uint64_t)value, true);
}

LLVMValueRef hl_lower_i32(const Module *m, int32_t value) {
    return LLVMConstInt(m->i32, (uint64_t)value, true);
}

const Type **hl_lower_components(Module *m, const Type *const *types, uint32_t n, uint32_t *count) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += hl_type_ncomponents(types[i]);
    const Type **out = hl_new_array(&m->c->arena, const Type *, total + 1);
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        hl_type_components(types[i], out + at);
        at += hl_type_ncomponents(types[i]);
    }
    *count = total;
    return out;
}

/* ---- attributes and metadata ----------------------------------------------------------------- */

static void find_attributes(Module *m) {
    static const char *const names[] = {
#define ATTR(name, text) text,
#include "attributes.def"
#undef ATTR
    };
    for (int i = 0; i < ATTR_COUNT; i++)
        m->attr_kind[i] = LLVMGetEnumAttributeKindForName(names[i], strlen(names[i]));
}

LLVMAttributeRef hl_lower_attr(const Module *m, AttrId attr, uint64_t value) {
    return LLVMCreateEnumAttribute(m->context, m->attr_kind[attr], value);
}

void hl_lower_fn_attr(const Module *m, LLVMValueRef fn, AttrId attr) {
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, hl_lower_attr(m, attr, 0));
}

/* LLVM counts every call in a function against inlining it, those of cold functions too: a draw of a random number, whose
 * two ways out for errors make up a quarter of that, stayed a call in the loop that draws. */
void hl_lower_mark_cold(const Module *m, LLVMValueRef fn) {
    static const char cost[] = "call-inline-cost";
    hl_lower_fn_attr(m, fn, ATTR_COLD);
    hl_lower_fn_attr(m, fn, ATTR_NOINLINE);
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(m->context, cost, sizeof cost - 1, "0", 1));
}

void hl_lower_param_attr(const Module *m, LLVMValueRef fn, unsigned param, AttrId attr, uint64_t value) {
    LLVMAddAttributeAtIndex(fn, param + 1, hl_lower_attr(m, attr, value));
}

static LLVMMetadataRef md_string(const Module *m, const char *text) {
    return LLVMMDStringInContext2(m->context, text, strlen(text));
}

static LLVMMetadataRef md_int(LLVMValueRef value) {
    return LLVMValueAsMetadata(value);
}

static LLVMMetadataRef md_node(const Module *m, LLVMMetadataRef *items, size_t n) {
    return LLVMMDNodeInContext2(m->context, items, n);
}

/* The access tag of a new TBAA type directly under root. */
static LLVMValueRef tbaa_tag(const Module *m, LLVMMetadataRef root, const char *name) {
    LLVMMetadataRef zero = md_int(hl_lower_i64(m, 0));
    LLVMMetadataRef type = md_node(m, (LLVMMetadataRef[]){md_string(m, name), root, zero}, 3);
    return LLVMMetadataAsValue(m->context, md_node(m, (LLVMMetadataRef[]){type, type, zero}, 3));
}

static LLVMValueRef branch_weights(const Module *m, int32_t yes, int32_t no) {
    LLVMMetadataRef weights[] = {md_string(m, "branch_weights"), md_int(hl_lower_i32(m, yes)),
                                 md_int(hl_lower_i32(m, no))};
    return LLVMMetadataAsValue(m->context, md_node(m, weights, 3));
}

static void make_metadata(Module *m) {
    m->tbaa_kind = LLVMGetMDKindIDInContext(m->context, "tbaa", 4);
    m->scope_kind = LLVMGetMDKindIDInContext(m->context, "alias.scope", 11);
    m->noalias_kind = LLVMGetMDKindIDInContext(m->context, "noalias", 7);
    m->prof_kind = LLVMGetMDKindIDInContext(m->context, "prof", 4);
    LLVMMetadataRef root = md_node(m, (LLVMMetadataRef[]){md_string(m, "hotloop")}, 1);
    m->tbaa_data = tbaa_tag(m, root, "data");
    m->tbaa_private = tbaa_tag(m, root, "private");
    m->tbaa_list = tbaa_tag(m, root, "list");
    m->likely = branch_weights(m, 1 << 20, 1);
    m->unlikely = branch_weights(m, 1, 1 << 20);
}

/* The first successor is the usual one. */
void hl_lower_mark_likely(const Module *m, LLVMValueRef branch) {
    LLVMSetMetadata(branch, m->prof_kind, m->likely);
}

void hl_lower_mark_data(const Module *m, LLVMValueRef access) {
    LLVMSetMetadata(access, m->tbaa_kind, m->tbaa_data);
}

void hl_lower_mark_list(const Module *m, LLVMValueRef access) {
    LLVMSetMetadata(access, m->tbaa_kind, m->tbaa_list);
}

void hl_lower_mark_private(const Module *m, LLVMValueRef access) {
    LLVMSetMetadata(access, m->tbaa_kind, m->tbaa_private);
}

/* ---- the functions compiled code calls ------------------------------------------------------- */

const RtRow hl_lower_rt_rows[] = {
#define RT(name, result, args, effects, meaning) {"hlrt_" #name, result, args, effects},
#include "runtime/runtime.def"
#undef RT
};

enum { MAX_RT_ARGUMENTS = 16 };

/* "ctx i64 c128" to LLVM types, and back how many. */
static unsigned parse_types(const Module *m, const char *text, LLVMTypeRef *out) {
    unsigned n = 0;
    for (;;) {
        text += strspn(text, " ");
        if (!*text) return n;
        if (!strncmp(text, "ctx", 3)) {
            out[n++] = m->ptr;
            text += 3;
            continue;
        }
        const Type *parts[2], *type = hl_type_parse(&text);
        hl_type_components(type, parts);
        for (uint32_t i = 0; i < hl_type_ncomponents(type); i++)
            out[n++] = m->scalar[parts[i]->kind];
    }
}

/* One scalar comes back as itself, two as the struct C returns in registers. */
static LLVMTypeRef result_type(const Module *m, const char *text) {
    LLVMTypeRef parts[MAX_RT_ARGUMENTS];
    unsigned n = parse_types(m, text, parts);
    return n == 0 ? m->nothing : n == 1 ? parts[0] : LLVMStructTypeInContext(m->context, parts, n, false);
}

static Callee *declare(Module *m, Callee *slot, const char *symbol, const char *result,
                       const char *arguments) {
    if (slot->fn) return slot;
    LLVMTypeRef types[MAX_RT_ARGUMENTS];
    unsigned n = parse_types(m, arguments, types);
    slot->type = LLVMFunctionType(result_type(m, result), types, n, false);
    slot->fn = LLVMAddFunction(m->llvm, symbol, slot->type);
    hl_lower_fn_attr(m, slot->fn, ATTR_NOUNWIND);
    return slot;
}

Callee *hl_lower_rt_callee(Module *m, RtId id) {
    const RtRow *row = &hl_lower_rt_rows[id];
    return declare(m, &m->rt[id], row->symbol, row->result, row->arguments);
}

Callee *hl_lower_helper(Module *m, Callee *slot, const char *name, const char *arguments) {
    if (slot->fn) return slot;
    declare(m, slot, name, "", arguments);
    hl_lower_mark_cold(m, slot->fn);
    return slot;
}

LLVMValueRef hl_lower_intrinsic(Module *m, IntrinsicId id, const Type *type) {
    static const char *const names[] = {
#define INTRINSIC(name, text) text,
#include "intrinsics.def"
#undef INTRINSIC
    };
    LLVMValueRef *slot = &m->intrinsic[id][type->kind];
    if (!*slot) {
        unsigned number = LLVMLookupIntrinsicID(names[id], strlen(names[id]));
        *slot = LLVMGetIntrinsicDeclaration(m->llvm, number, &m->scalar[type->kind], 1);
    }
    return *slot;
}

LLVMValueRef hl_lower_ctx_field(Emitter *e, size_t offset, const char *name) {
    LLVMValueRef index = hl_lower_i64(e->m, (int64_t)offset);
    return LLVMBuildInBoundsGEP2(e->b, e->m->i8, e->ctx, &index, 1, name);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Names cost time; they are kept only when somebody will read the text. */
static bool names_wanted(const Compile *c) {
    return c->dump & (1u << DUMP_LLVM | 1u << DUMP_LLVM_OPT);
}

void hl_lower_module_open(Module *m, Compile *c, const Unit *unit, Machine *machine, bool cold) {
    *m = (Module){.c = c,
                  .unit = unit,
                  .cold = cold,
                  .context = machine->context,
                  .llvm = hl_machine_module(machine, cold ? "hotloop.cold" : "hotloop")};
    LLVMContextSetDiscardValueNames(m->context, !names_wanted(c));
    make_types(m);
    find_attributes(m);
    make_metadata(m);
    hl_lower_debug_open(m);
}
