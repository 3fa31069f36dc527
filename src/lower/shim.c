/* The way in from the dispatcher: one uniform C signature for every specialisation,
 *
 *     int32_t shim(HlContext *ctx, const uint64_t *args, uint64_t *result)
 *
 * where each machine component has one 8-byte slot: integers extended by their sign, b1 as 0 or 1, f32 in the
 * low half, pointers as they are. The arguments of exceptions travel in the same form. */
#include <string.h>

#include "lower/internal.h"

LLVMValueRef hl_lower_to_slot(const Module *m, LLVMBuilderRef b, LLVMValueRef value, const Type *type) {
    if (type->kind == TY_PTR) return LLVMBuildPtrToInt(b, value, m->i64, "");
    if (hl_type_is_float(type))
        value =
            LLVMBuildBitCast(b, value, LLVMIntTypeInContext(m->context, (unsigned)hl_type_bits(type)), "");
    if (hl_type_bits(type) == 64) return value;
    return LLVMBuildCast(b, hl_type_is_signed(type) ? LLVMSExt : LLVMZExt, value, m->i64, "");
}

LLVMValueRef hl_lower_from_slot(const Module *m, LLVMBuilderRef b, LLVMValueRef slot, const Type *type) {
    if (type->kind == TY_PTR) return LLVMBuildIntToPtr(b, slot, m->ptr, "");
    unsigned bits = (unsigned)hl_type_bits(type);
    if (bits < 64) slot = LLVMBuildTrunc(b, slot, LLVMIntTypeInContext(m->context, bits), "");
    return hl_type_is_float(type) ? LLVMBuildBitCast(b, slot, m->scalar[type->kind], "") : slot;
}

LLVMValueRef hl_lower_slot_address(const Module *m, LLVMBuilderRef b, LLVMValueRef slots, uint32_t i) {
    LLVMValueRef index = hl_lower_i64(m, i);
    return LLVMBuildInBoundsGEP2(b, m->i64, slots, &index, 1, "");
}

LLVMValueRef hl_lower_load_slot(const Module *m, LLVMBuilderRef b, LLVMValueRef slots, uint32_t i,
                                const Type *type) {
    bool pointer = type->kind == TY_PTR;
    LLVMValueRef slot =
        LLVMBuildLoad2(b, pointer ? m->ptr : m->i64, hl_lower_slot_address(m, b, slots, i), "");
    hl_lower_mark_private(m, slot);
    return pointer ? slot : hl_lower_from_slot(m, b, slot, type);
}

static bool takes_pointers(const Type *const *components, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (components[i]->kind == TY_PTR) return true;
    return false;
}

/* An entry that takes arrays is a function of its own during the passes: LLVM tells the memory a function allocates from
 * the memory behind its parameters, but not from memory behind pointers that were loaded. After them it becomes part of
 * the shim: a function less to generate code for. With line tables it stays one, because the shim has none. */
static void choose_inlining(const Module *m, const Func *f, LLVMValueRef entry, LLVMValueRef call,
                            bool takes_arrays) {
    bool stays = f->options.debug || m->c->explains;
    if (stays || takes_arrays)
        LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, hl_lower_attr(m, ATTR_NOINLINE, 0));
    if (!stays && takes_arrays) hl_machine_inline_late(entry);
}

static LLVMValueRef call_entry(Module *m, const Func *f, LLVMBuilderRef b, LLVMValueRef shim) {
    const Callee *entry = hl_map_get(&m->functions, (uintptr_t)f);
    uint32_t n;
    const Type **types = hl_lower_components(m, f->param_types, f->nparams, &n);
    LLVMValueRef *args = hl_new_array(&m->c->arena, LLVMValueRef, n + 1);
    args[0] = LLVMGetParam(shim, 0);
    for (uint32_t i = 0; i < n; i++)
        args[1 + i] = hl_lower_load_slot(m, b, LLVMGetParam(shim, 1), i, types[i]);
    LLVMValueRef call = LLVMBuildCall2(b, entry->type, entry->fn, args, n + 1, "");
    LLVMSetInstructionCallConv(call, LLVMFastCallConv);
    choose_inlining(m, f, entry->fn, call, takes_pointers(types, n));
    return call;
}

/* The slots are written in any case: nobody reads them after an error. */
static LLVMValueRef store_result(Module *m, const Func *f, LLVMBuilderRef b, LLVMValueRef slots,
                                 LLVMValueRef result) {
    uint32_t n;
    const Type **types = hl_lower_components(m, &f->result, 1, &n);
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef value = LLVMBuildExtractValue(b, result, i, "");
        LLVMValueRef bits = hl_lower_to_slot(m, b, value, types[i]);
        hl_lower_mark_private(m, LLVMBuildStore(b, bits, hl_lower_slot_address(m, b, slots, i)));
    }
    return LLVMBuildExtractValue(b, result, n, "status");
}

LLVMValueRef hl_lower_declare_shim(Module *m, const char *symbol) {
    LLVMTypeRef params[] = {m->ptr, m->ptr, m->ptr};
    LLVMValueRef shim = LLVMAddFunction(m->llvm, symbol, LLVMFunctionType(m->i32, params, 3, false));
    hl_lower_function_attrs(m, shim, false);
    hl_lower_ctx_attrs(m, shim);
    for (unsigned i = 1; i < 3; i++) {
        hl_lower_param_attr(m, shim, i, ATTR_NOALIAS, 0);
        hl_lower_param_attr(m, shim, i, ATTR_NOCAPTURE, 0);
        hl_lower_param_attr(m, shim, i, i == 1 ? ATTR_READONLY : ATTR_WRITEONLY, 0);
    }
    return shim;
}

void hl_lower_define_shim(Module *m, const Func *f, LLVMValueRef shim) {
    LLVMBuilderRef b = LLVMCreateBuilderInContext(m->context);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(m->context, shim, "entry"));
    LLVMValueRef result = call_entry(m, f, b, shim);
    LLVMBuildRet(b, store_result(m, f, b, LLVMGetParam(shim, 2), result));
    LLVMDisposeBuilder(b);
}
