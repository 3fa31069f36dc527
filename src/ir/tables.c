/* tables: the rows of ops.def, math.def, ufuncs.def, runtime.def as arrays; the words of the text form. */
#include "ir/internal.h"

static const OpInfo infos[OP_COUNT] = {
#define OP(name, text, nargs, result, aux, effects, meaning) {text, nargs, result, AUX_##aux, effects},
#include "ir/ops.def"
#undef OP
};

const RtInfo hl_rt_infos[RT_COUNT] = {
#define RT(name, result, args, effects, meaning) {#name, result, args, effects},
#include "runtime/runtime.def"
#undef RT
};

const MathInfo hl_math_infos[MATH_COUNT] = {
#define MATH(name, nargs, c_name) {#name, nargs},
#include "ir/math.def"
#undef MATH
};

const ForeignInfo hl_foreign_infos[FOREIGN_COUNT] = {
#define FOREIGN(name, text, meaning) {text, NULL},
#define FOREIGN_ONLY(name, text, words, meaning) {text, words},
#include "ir/foreign.def"
#undef FOREIGN
};

const UfuncInfo hl_ufunc_infos[UFUNC_COUNT] = {
#define UFUNC(name, nin, kernel) {#name, nin},
#include "ir/ufuncs.def"
#undef UFUNC
};

bool hl_rt_fails(RtId id) {
    return hl_rt_infos[id].effects == RAISE;
}

const char *hl_foreign_words(ForeignId id) {
    return hl_foreign_infos[id].words;
}

const OpInfo *hl_op_info(Op op) {
    return &infos[op];
}

/* ---- words of the text form ---------------------------------------------------------------------------- */

const char *const hl_flag_words[] = {"nsw", "nuw",    "inbounds", "fast", "guarded",
                                     "out", "serial", "object",   NULL};

const char *const hl_fastmath_words[] = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc", NULL};

const OptionWord hl_option_words[] = {
    {"unchecked", offsetof(FuncOptions, boundscheck), true},
    {"numpy_errors", offsetof(FuncOptions, numpy_errors), false},
    {"numba_semantics", offsetof(FuncOptions, numba_semantics), false},
    {"nogil", offsetof(FuncOptions, nogil), false},
    {"inline", offsetof(FuncOptions, inline_always), false},
    {"debug", offsetof(FuncOptions, debug), false},
    {"parallel", offsetof(FuncOptions, parallel), false},
    {NULL, 0, false},
};

const char *const *hl_int_words(Op op) {
    static const char *const binary[] = {"add",    "sub",    "mul", "truediv", "floordiv", "mod",    "pow",
                                         "lshift", "rshift", "and", "or",      "xor",      "matmul", NULL};
    static const char *const unary[] = {"neg", "pos", "invert", "not", NULL};
    static const char *const compare[] = {"lt", "le", "eq", "ne", "gt", "ge", NULL};
    if (op == OP_PY_BINARY || op == OP_PY_INPLACE) return binary;
    if (op == OP_PY_UNARY) return unary;
    return op == OP_PY_COMPARE ? compare : NULL;
}
