/* operators: the functions of module `operator`, which do what the operators of the language do. */
#include "infer/internal.h"
#include "infer/known.h"

static Val truth_value(Builder *b, Val v) {
    return ok(v) ? truth(b, v) : NO_VAL;
}

Val operator_binary(Builder *b, const Args *args, int64_t selector) {
    Val v[2];
    return bind(b, "the operator", "a, b", args, v) ? binary(b, (BinaryOp)selector, v[0], v[1]) : NO_VAL;
}

Val operator_inplace(Builder *b, const Args *args, int64_t selector) {
    Val v[2];
    return bind(b, "the operator", "a, b", args, v) ? inplace(b, (BinaryOp)selector, v[0], v[1]) : NO_VAL;
}

Val operator_unary(Builder *b, const Args *args, int64_t selector) {
    Val v;
    return bind(b, "the operator", "a", args, &v) ? unary(b, (UnaryOp)selector, v) : NO_VAL;
}

Val operator_compare(Builder *b, const Args *args, int64_t selector) {
    Val v[2];
    return bind(b, "the operator", "a, b", args, v) ? compare_values(b, (CompareOp)selector, v[0], v[1])
                                                    : NO_VAL;
}

Val operator_is(Builder *b, const Args *args, int64_t selector) {
    Val v[2];
    return bind(b, "the operator", "a, b", args, v) ? is_same(b, v[0], v[1], selector != 0) : NO_VAL;
}

Val operator_truth(Builder *b, const Args *args, int64_t selector) {
    (void)selector;
    Val v;
    return bind(b, "operator.truth", "a", args, &v) ? truth_value(b, v) : NO_VAL;
}

Val operator_contains(Builder *b, const Args *args, int64_t selector) {
    (void)selector;
    Val v[2];
    return bind(b, "operator.contains", "a, b", args, v) ? contains(b, v[1], v[0], false) : NO_VAL;
}

Val operator_getitem(Builder *b, const Args *args, int64_t selector) {
    (void)selector;
    Val v[2];
    return bind(b, "operator.getitem", "a, b", args, v) ? getitem(b, v[0], v[1]) : NO_VAL;
}

Val operator_setitem(Builder *b, const Args *args, int64_t selector) {
    (void)selector;
    Val v[3];
    bool done = bind(b, "operator.setitem", "a, b, c", args, v) && setitem(b, v[0], v[1], v[2]);
    return done ? literal(hl_type(TY_NONE)) : NO_VAL;
}
