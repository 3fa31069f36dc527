/* Private to the pass expand_arrays: one loop nest, dst[i, j, ...] = value. */
#ifndef HL_OPT_NEST_H
#define HL_OPT_NEST_H

#include "opt/expand.h"

/* An array that a loop reads or writes. */
typedef struct Leaf {
    Ref array; /* as the operands name it */
    Ref view;  /* what it is in the function now */
    const Ref *sizes;
    int ndim;
    Ref strides[MAX_NDIM]; /* by axis of the loop, but the fastest: bytes; 0: the index does not matter */
    Ref row;               /* view of one axis, or of none in a loop without axes */
} Leaf;

typedef struct Nest {
    Expand *x;
    Ref group; /* operations with this root are computed in the loop */
    Ref value;
    Leaf dst;
    const Ref *shape; /* of the loops: dst's */
    int ndim, fastest;
    bool flat; /* all elements are one row ... */
    Ref fits;  /* ... when this holds; 0: always */
    VEC(Leaf) leaves;
    Ref index[MAX_NDIM];
    Ref length, place; /* of a row; in it */
    Map elements;      /* operation or array -> its element, in the body */
} Nest;

Nest hl_nest_open(Expand *x, Ref group, Ref value, Ref dst);
/* Emits it at x->at. */
void hl_nest_emit(Nest *n);
/* Is this operation computed in the loop? */
bool hl_nest_is_inner(const Nest *n, Ref r);
/* Can its elements be numbered: a vector, or arrays of one shape and order without gaps? *fits is what must hold for it
 * at run time; 0: nothing. */
bool hl_nest_is_vector(const Nest *n, Ref *fits);
/* The array read under this name, or NULL. */
Leaf *hl_nest_leaf(const Nest *n, Ref array);

/* ---- reduction.c ---- */

/* How many elements the first half has. */
Ref hl_reduction_first_half(HlEmitter *at, Ref count, bool is_complex);

/* ---- share.c ---- */

/* The call g(args) at x->at, or several of them by several threads. args: start, count, ... */
Ref hl_reduction_call(const Nest *n, const Reduction *reduction, Func *g, const Ref *args, uint32_t nargs,
                      bool is_complex);

#endif
