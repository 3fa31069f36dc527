/* Python's objects in compiled code: what is done to one is a call of the runtime, which hands it on to the dispatcher
 * (HlObjectApi). Operands and components travel in stack slots. The objects that the code was compiled with are numbered,
 * and so are the types it boxes and looks for: addresses differ from process to process. */
#include <stddef.h>
#include <string.h>

#include "lower/internal.h"

void hl_lower_object_const(Emitter *e, Ref r, int detail) {
    (void)detail;
    Module *m = e->m;
    LLVMValueRef number = hl_lower_i64(m, hl_ins(e->f, r)->aux.i);
    LLVMValueRef objects =
        LLVMBuildLoad2(e->b, m->ptr, hl_lower_ctx_field(e, offsetof(HlContext, objects), ""), "objects");
    LLVMValueRef slot = LLVMBuildInBoundsGEP2(e->b, m->ptr, objects, &number, 1, "");
    LLVMValueRef object = LLVMBuildLoad2(e->b, m->ptr, slot, "object");
    hl_lower_mark_private(m, objects);
    hl_lower_mark_private(m, object);
    hl_lower_set(e, r, object);
}

/* ---- stack slots ----------------------------------------------------------------------------- */

static LLVMValueRef slots(Emitter *e, uint32_t n) {
    return hl_lower_stack(e, LLVMArrayType2(e->m->i64, n ? n : 1), 8, "slots");
}

static LLVMValueRef slot_address(Emitter *e, LLVMValueRef first, uint32_t i) {
    LLVMValueRef index = hl_lower_i64(e->m, i);
    return LLVMBuildInBoundsGEP2(e->b, e->m->i64, first, &index, 1, "");
}

static LLVMValueRef number_of_type(Emitter *e, Ref r) {
    Compile *c = e->c;
    const char *text = hl_ins(e->f, r)->aux.name;
    uint32_t i = 0;
    while (i < c->types.len && c->types.data[i] != text)
        i++;
    if (i == c->types.len) hl_push(&c->arena, &c->types, text);
    return hl_lower_i64(e->m, i);
}

/* ---- operations ------------------------------------------------------------------------------ */

/* The operation with its operands in slots. */
static LLVMValueRef call_operation(Emitter *e, Ref r, RtId function) {
    const Ins *ins = hl_ins(e->f, r);
    LLVMBuildStore(e->b, LLVMConstInt(e->m->i32, (unsigned)ins->loc.line, 0),
                   hl_lower_ctx_field(e, offsetof(HlContext, line), "line"));
    LLVMValueRef first = slots(e, ins->nargs);
    for (uint32_t i = 0; i < ins->nargs; i++)
        LLVMBuildStore(e->b, hl_lower_operand(e, r, i), slot_address(e, first, i));
    LLVMValueRef args[] = {e->ctx, hl_lower_i64(e->m, ins->aux.i), first, hl_lower_i64(e->m, ins->nargs)};
    LLVMValueRef result = hl_lower_emit_call(e, hl_lower_rt_callee(e->m, function), args, 4);
    hl_lower_test_status(e);
    return result;
}

/* It clears the status. */
void hl_lower_catch(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_object_catch), &e->ctx, 1));
}

void hl_lower_operate(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, call_operation(e, r, RT_object_operate));
}

static LLVMValueRef is_true(Emitter *e, LLVMValueRef number) {
    return LLVMBuildICmp(e->b, LLVMIntNE, number, hl_lower_i64(e->m, 0), "");
}

void hl_lower_operate_test(Emitter *e, Ref r, int detail) {
    (void)detail;
    hl_lower_set(e, r, is_true(e, call_operation(e, r, RT_object_test)));
}

/* ---- boxing ---------------------------------------------------------------------------------- */

/* An int or a float, of which a loop may box many. */
static bool box_number(Emitter *e, Ref r, Ref value) {
    const char *text = hl_ins(e->f, r)->aux.name;
    bool is_int = !strcmp(text, "int");
    if (!is_int && strcmp(text, "float") != 0) return false;
    LLVMValueRef args[] = {e->ctx, hl_lower_value(e, value, 0)};
    const Callee *callee = hl_lower_rt_callee(e->m, is_int ? RT_object_box_int : RT_object_box_float);
    hl_lower_set(e, r, hl_lower_emit_call(e, callee, args, 2));
    hl_lower_test_status(e);
    return true;
}

/* The box takes over a reference to each array in the value. */
void hl_lower_box(Emitter *e, Ref r, int detail) {
    (void)detail;
    Ref value = hl_ins(e->f, r)->args[0];
    uint32_t n;
    if (box_number(e, r, value)) return;
    const Type **types = hl_lower_components(e->m, &hl_ins(e->f, value)->type, 1, &n);
    LLVMValueRef first = slots(e, n);
    for (uint32_t i = 0; i < n; i++)
        LLVMBuildStore(e->b, hl_lower_to_slot(e->m, e->b, hl_lower_value(e, value, i), types[i]),
                       slot_address(e, first, i));
    hl_lower_retain(e, value);
    LLVMValueRef args[] = {e->ctx, number_of_type(e, r), first};
    hl_lower_set(e, r, hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_object_box), args, 3));
    hl_lower_test_status(e);
}

void hl_lower_object_has(Emitter *e, Ref r, int detail) {
    (void)detail;
    LLVMValueRef args[] = {e->ctx, number_of_type(e, r), hl_lower_operand(e, r, 0)};
    hl_lower_set(e, r, is_true(e, hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_object_has), args, 3)));
}

void hl_lower_unbox(Emitter *e, Ref r, int detail) {
    (void)detail;
    uint32_t n;
    const Type **types = hl_lower_components(e->m, &hl_ins(e->f, r)->type, 1, &n);
    LLVMValueRef first = slots(e, n);
    LLVMValueRef args[] = {e->ctx, number_of_type(e, r), hl_lower_operand(e, r, 0), first};
    hl_lower_emit_call(e, hl_lower_rt_callee(e->m, RT_object_unbox), args, 4);
    hl_lower_test_status(e);
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef slot = LLVMBuildLoad2(e->b, e->m->i64, slot_address(e, first, i), "");
        hl_lower_parts(e, r)[i] = hl_lower_from_slot(e->m, e->b, slot, types[i]);
    }
}
