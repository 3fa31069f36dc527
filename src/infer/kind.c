/* kind: what kind a number has with CPython where its type does not tell.
 *
 * Numbers of two types meet in the wider one, which makes little difference to arithmetic. To Python's code it does: `0.5 in l`
 * is not `np.float64(0.5) in l`, and a list can be multiplied by 2, not by 2.0. So in a function that works on objects the value
 * carries a TypeKind beside (Val.kind), a phi of its own where paths meet, which box_value makes an object of. What comes of
 * such values alone, as x + 1, has one too. Where nobody asks, nothing is left of them.
 */
#include "infer/internal.h"

#include <string.h>

bool may_have_kind(const Builder *b, const Type *type) {
    return b->instance->may_ask && hl_type_is_scalar(type) && !NUMBA(b);
}

static Ref const_kind(Builder *b, TypeKind kind) {
    return const_i64(b, kind);
}

static Ref larger(Builder *b, Ref x, Ref y) {
    return op2(b, OP_SMAX, hl_type(TY_I64), x, y);
}

bool has_kind_beside(Val v, const Type *type) {
    return v.kind || hl_type_unliteral(v.type) != hl_type_unliteral(type);
}

Ref kind_of(Builder *b, Val v) {
    return v.kind ? v.kind : const_kind(b, (TypeKind)hl_type_unliteral(v.type)->kind);
}

Val kind_of_choice(Builder *b, Val result, Ref condition, Val yes, Val no) {
    if (!ok(result) || !may_have_kind(b, result.type)) return result;
    if (!has_kind_beside(yes, result.type) && !has_kind_beside(no, result.type)) return result;
    result.kind =
        ANALYSING(b) ? 1 : op_select(b, hl_type(TY_I64), condition, kind_of(b, yes), kind_of(b, no));
    return result;
}

/* The lowest kind that the operation gives for Python's numbers, from which on it gives that of its operands; BOTTOM: another. */
static TypeKind lowest_result(const Ins *ins, const Val *args) {
    switch ((int)ins->op) {
    case OP_PY_BINARY:
    case OP_PY_INPLACE:
        if (ins->aux.i == BIN_TRUEDIV) return TY_FLOAT;
        return ins->aux.i >= BIN_AND && ins->aux.i <= BIN_XOR ? TY_BOOL : TY_INT;
    case OP_PY_UNARY: return ins->aux.i == UN_NOT ? TY_BOTTOM : TY_INT;
    case OP_PY_CALL:
        return args[0].type->kind == TY_OBJECT_CONST && !strcmp(args[0].type->name, "builtins.abs")
                   ? TY_INT
                   : TY_BOTTOM;
    default: return TY_BOTTOM;
    }
}

/* Can all operands be Python's numbers, and does the type of one not tell? */
static bool are_open(const Val *args, uint32_t n) {
    bool any = false;
    for (uint32_t i = 0; i < n; i++) {
        if (!args[i].kind && !hl_type_is_py(args[i].type)) return false;
        any |= args[i].kind != 0;
    }
    return any;
}

Val kind_of_result(Builder *b, const Ins *ins, const Val *args, Val v) {
    bool is_test = ins->op == OP_PY_COMPARE;
    uint32_t first = ins->op == OP_PY_CALL;
    TypeKind lowest = lowest_result(ins, args);
    if (!ok(v) || !may_have_kind(b, v.type) || (lowest == TY_BOTTOM && !is_test)) return v;
    if (!are_open(args + first, ins->nargs - first)) return v;
    if (ANALYSING(b)) {
        v.kind = 1;
        return v;
    }
    Ref kind = kind_of(b, args[first]);
    for (uint32_t i = first + 1; i < ins->nargs; i++)
        kind = larger(b, kind, kind_of(b, args[i]));
    Ref is_python = compare(b, OP_SLE, kind, const_kind(b, TY_COMPLEX));
    Ref python = is_test ? const_kind(b, TY_BOOL) : larger(b, kind, const_kind(b, lowest));
    v.kind = op_select(b, hl_type(TY_I64), is_python, python, const_kind(b, (TypeKind)v.type->kind));
    return v;
}

Val with_kind(Builder *b, Val v) {
    Val parts[] = {int_val(v.kind), (Val){.type = v.type, .ref = v.ref}};
    return composite(b, TY_NUMBER, parts, 2);
}
