/* Private to the pass expand_arrays: fuse.c decides, shape.c does sizes, alias.c compares memory, expand.c makes the loops. */
#ifndef HL_OPT_EXPAND_H
#define HL_OPT_EXPAND_H

#include "opt/internal.h"

typedef struct Expand {
    HlEmitter at;
    Func *f;
    Arena scratch;
    uint32_t nins;  /* Func.ins.len when the pass began: the tables below end there */
    Ref *root;      /* by ew: the instruction in whose loop it is computed; itself: it becomes an array */
    VEC(Ref) order; /* every ew and ew.assign, and reductions of an ew, each after its operands */
    VEC(Ref) sizes; /* every array.dim of an ew */
    Map shapes;     /* array value -> its sizes (Ref[ndim]) */
    Ref *output;    /* by ew: the array its result goes into as part of the same operation; or 0 */
    Ref *replaced;  /* by ew: the array it became */
} Expand;

/* ---- fuse.c ---- */

/* Fills root, order and output. */
void hl_expand_plan(Expand *x);

/* ---- shape.c ---- */

/* The sizes of an array value, each a Ref that stands where the array does: equal Refs are equal sizes. */
const Ref *hl_expand_shape(Expand *x, Ref array);
/* The broadcast shape of an ew, checked at x->at. */
void hl_expand_broadcast(Expand *x, Ref ew);
/* Checks at x->at that the value of an ew.assign can be broadcast to its target. */
void hl_expand_check_assign(Expand *x, Ref assign);
/* The product of the sizes. */
Ref hl_expand_total(Expand *x, const Ref *shape, int ndim);
Ref hl_expand_and(Expand *x, Ref a, Ref b); /* 0: nothing to ask */

/* ---- reduction.c ---- */

/* Makes the reduction of an ew at x->at. */
void hl_expand_reduction(Expand *x, Ref reduction);

/* ---- alias.c ---- */

/* May a loop read these arrays element by element while it writes `target`? Emits the test, 0 when it always may.
 * Sizes that stretch are no matter of this. */
Ref hl_expand_independent(Expand *x, const Ref *sources, uint32_t n, Ref target);

#endif
