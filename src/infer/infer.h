/* infer: untyped SSA and argument types to typed SSA.
 *
 * Two walks over each function run the same handlers. The first (analyse.c) is a fixed point: handlers get operand types
 * and give a result type, nothing is emitted. The second (specialise.c) walks the reachable blocks once with the final
 * types and the handlers emit typed operations. One handler therefore holds all there is to know of an operation, and a
 * type rule cannot drift from the code it stands for.
 *
 * hl_infer itself is declared in compile.h; what opt/ needs of the handlers is declared here.
 */
#ifndef HL_INFER_H
#define HL_INFER_H

#include "compile.h"

/* A place to emit typed operations at, for passes that expand whole-array operations. */
typedef struct HlEmitter {
    Compile *c;
    Func *f;
    BlockId block; /* new instructions go to its end */
    Loc loc;
} HlEmitter;

/* One element of a ufunc: operands are storage scalars of types `types`; the result is of element type `result`. */
HL_API Ref hl_infer_ufunc_element(HlEmitter *at, UfuncId ufunc, const Ref *operands, const Type *const *types,
                                  uint32_t nargs, const Type *result);

#endif
