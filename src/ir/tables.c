/* tables: the rows of ops.def, math.def, ufuncs.def and runtime.def as arrays indexed by their enumerators.
 */
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

const UfuncInfo hl_ufunc_infos[UFUNC_COUNT] = {
#define UFUNC(name, nin, kernel) {#name, nin},
#include "ir/ufuncs.def"
#undef UFUNC
};

const OpInfo *hl_op_info(Op op) {
    return &infos[op];
}
