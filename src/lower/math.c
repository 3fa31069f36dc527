/* Elementary functions: machine/ knows which C or vector function each is. */
#include "lower/internal.h"

enum { FASTMATH_AFN = 32 };

void hl_lower_math(Emitter *e, Ref r, int detail) {
    (void)detail;
    static const char *const names[] = {
#define MATH(name, nargs, c_name) #name,
#include "ir/math.def"
#undef MATH
    };
    const Ins *ins = hl_ins(e->f, r);
    bool fast = ins->flags & INS_FAST && e->f->options.fastmath & FASTMATH_AFN;
    Callee callee = {0};
    callee.fn =
        hl_machine_math_callee(e->m->llvm, names[ins->aux.i], ins->type->kind == TY_F32, fast, &callee.type);
    LLVMValueRef args[2];
    for (uint32_t i = 0; i < ins->nargs; i++)
        args[i] = hl_lower_operand(e, r, i);
    hl_lower_set(e, r, hl_lower_fast(e, r, hl_lower_emit_call(e, &callee, args, ins->nargs)));
}
