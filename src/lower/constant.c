/* Constants: literals of the typed IR, and constant data of the object (strings, error sites, function
 * descriptions, frozen arrays), each thing once per module. */
#include <string.h>

#include "lower/internal.h"

/* ---- values ---------------------------------------------------------------------------------- */

void hl_lower_const_int(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    hl_lower_set(e, r, LLVMConstInt(e->m->scalar[ins->type->kind], (uint64_t)ins->aux.i, true));
}

void hl_lower_const_float(Emitter *e, Ref r, int detail) {
    (void)detail;
    const Ins *ins = hl_ins(e->f, r);
    hl_lower_set(e, r, LLVMConstReal(e->m->scalar[ins->type->kind], ins->aux.f[0]));
}

/* Zero in every component: undef, the empty optional, and none, which has no component. */
void hl_lower_zero(Emitter *e, Ref r, int detail) {
    (void)detail;
    uint32_t n;
    const Type **types = hl_lower_components(e->m, &hl_ins(e->f, r)->type, 1, &n);
    for (uint32_t i = 0; i < n; i++)
        hl_lower_parts(e, r)[i] = LLVMConstNull(e->m->scalar[types[i]->kind]);
}

/* ---- data ------------------------------------------------------------------------------------ */

static LLVMValueRef add_data(Module *m, LLVMValueRef bytes, uint32_t align) {
    LLVMValueRef global = LLVMAddGlobal(m->llvm, LLVMTypeOf(bytes), "");
    LLVMSetInitializer(global, bytes);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(global, true);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    if (align) LLVMSetAlignment(global, align);
    return global;
}

/* Remembers `value` for `key` and gives it back. */
static LLVMValueRef remember(Module *m, const void *key, LLVMValueRef value) {
    hl_map_set(&m->c->arena, &m->constants, (uintptr_t)key, value);
    return value;
}

LLVMValueRef hl_lower_string(Module *m, const char *text) {
    if (!text) return LLVMConstNull(m->ptr);
    text = hl_intern(text);
    LLVMValueRef known = hl_map_get(&m->constants, (uintptr_t)text);
    if (known) return known;
    LLVMValueRef bytes = LLVMConstStringInContext2(m->context, text, strlen(text), false);
    return remember(m, text, add_data(m, bytes, 1));
}

void hl_lower_const_data(Emitter *e, Ref r, int detail) {
    (void)detail;
    const ConstData *data = hl_ins(e->f, r)->aux.data;
    LLVMValueRef known = hl_map_get(&e->m->constants, (uintptr_t)data);
    if (!known) {
        LLVMValueRef bytes = LLVMConstStringInContext2(e->m->context, data->bytes, data->nbytes, true);
        known = remember(e->m, data, add_data(e->m, bytes, data->align));
    }
    hl_lower_set(e, r, known);
}

/* ---- HlErrorSite and HlFuncInfo -------------------------------------------------------------- */

/* The place of a class that is no builtin in c->objects; -1 for a builtin. */
static int64_t class_index(Compile *c, const void *object) {
    if (!object) return -1;
    for (uint32_t i = 0; i < c->objects.len; i++)
        if (c->objects.data[i] == object) return i;
    hl_push(&c->arena, &c->objects, object);
    return c->objects.len - 1;
}

/* "int lit<3>": the types of the arguments as text. */
static LLVMValueRef argument_types(Module *m, const ErrorInfo *error) {
    if (!error->arg_types) return LLVMConstNull(m->ptr);
    Text text = {0};
    for (uint32_t i = 0; i < error->nargs; i++)
        hl_text_printf(&text, i ? " %s" : "%s", hl_type_text(error->arg_types[i]));
    LLVMValueRef string = hl_lower_string(m, text.data ? text.data : "");
    hl_text_free(&text);
    return string;
}

LLVMValueRef hl_lower_site(Module *m, const ErrorInfo *error) {
    LLVMValueRef known = hl_map_get(&m->constants, (uintptr_t)error);
    if (known) return known;
    LLVMValueRef fields[] = {
        hl_lower_string(m, error->class_name), hl_lower_i64(m, class_index(m->c, error->class_object)),
        hl_lower_string(m, error->message), argument_types(m, error), hl_lower_i32(m, (int32_t)error->nargs)};
    return remember(m, error, add_data(m, LLVMConstNamedStruct(m->site_type, fields, 5), 0));
}

const char *hl_lower_file(const Func *f) {
    static const char folder[] = "/hotloop/prelude/";
    const char *inside = f->prelude && f->file ? strstr(f->file, folder) : NULL;
    if (inside) return hl_arena_printf(f->arena, HL_PRELUDE_FILES "%s", inside + strlen(folder));
    return f->file ? f->file : "<text>";
}

LLVMValueRef hl_lower_func_info(Module *m, const Func *f) {
    LLVMValueRef fields[] = {hl_lower_string(m, f->qualname ? f->qualname : f->name),
                             hl_lower_string(m, hl_lower_file(f)), hl_lower_i32(m, f->first_line)};
    return add_data(m, LLVMConstNamedStruct(m->info_type, fields, 3), 0);
}
