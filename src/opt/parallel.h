/* Private to the pass parallel_loops: what one parallel loop is made of.
 *
 * parallel_loops.c finds the loops and decides; carries.c says what each value carried from round to round is, web.c what
 * makes a reduction;
 * races.c looks for memory that rounds share; draws.c for random numbers; region.c builds the parallel form.
 */
#ifndef HL_OPT_PARALLEL_H
#define HL_OPT_PARALLEL_H

#include "opt/loops.h"

typedef enum CarryKind {
    CARRY_OTHER, /* the rounds cannot be told apart: the loop stays serial */
    CARRY_STEP,  /* grows by the same step in every round */
    CARRY_LAST,  /* written in every round, read only behind the loop */
    CARRY_SUM,   /* the rest are reductions */
    CARRY_PRODUCT,
    CARRY_AND,
    CARRY_OR,
    CARRY_XOR,
    CARRY_MIN,
    CARRY_MAX,
    CARRY_FOLLOWER, /* takes another value where a minimum or maximum does */
} CarryKind;

typedef struct Web Web; /* web.h */

/* condition ? yes : no, as a select or as two paths; one of the two is the carried value. */
typedef struct Choice {
    Ref condition, yes, no;
} Choice;

/* A phi of the loop's header. */
typedef struct Carry {
    Ref phi, init, next;
    CarryKind kind;
    Induction step;  /* of CARRY_STEP */
    Choice choice;   /* of CARRY_MIN and CARRY_MAX: the first update */
    Ref carried;     /* in it: the value before the update */
    Op op;           /* of CARRY_MIN and CARRY_MAX where it is an operation: else OP_COUNT */
    Ref blamed;      /* of CARRY_OTHER: the instruction that does not fit */
    Web *web;        /* of what may be a reduction */
    uint32_t leader; /* of CARRY_FOLLOWER: its number */
    Ref parts;       /* the array with the value of each part */
    Ref result;      /* what it is behind the loop */
} Carry;

/* An array from outside of which each part gets its own, combined behind the loop. */
typedef struct Shared {
    Ref base;
    CarryKind kind;
    bool scattered; /* which elements a round updates is not known */
    Ref size, parts;
} Shared;

typedef struct ParallelLoop {
    Compile *c;
    Func *f;
    Arena scratch;
    const Cfg *cfg;
    Loop loop;      /* with the blocks that only lead to a raise */
    bool *inside;   /* by block */
    BlockId exit;   /* where the loop ends */
    Ref count;      /* how many rounds */
    Ref left;       /* the phi that counts them down; 0 where the loop counts up to .count */
    Ref more;       /* the comparison that ends it */
    Ref cost;       /* steps of a round, where a small loop is to run in one part; else 0 */
    uint32_t entry; /* the preheader's place among the header's predecessors */
    VEC(Carry) carries;
    VEC(Shared) shared;
    uint32_t *first_use; /* by Ref: the users of r are uses[first_use[r]] to uses[first_use[r + 1] - 1] */
    Ref *uses;
} ParallelLoop;

/* ---- parallel_loops.c ---- */

/* The loop's blocks and its count; false for a loop that does not simply count its rounds. */
bool hl_parallel_open(ParallelLoop *p, const Loop *loop);
void hl_parallel_find_uses(ParallelLoop *p);
/* A value of the loop that is used behind it and cannot be had there; 0: none. */
Ref hl_parallel_find_leaving(const ParallelLoop *p);

/* ---- split_complex.c ---- */

/* Complex phis become two float phis each. */
void hl_split_complex(Func *f);

/* ---- rebound.c ---- */

/* Makes `s = s + row` an update of a copy of s. False: nothing was changed. */
bool hl_rebound_update_in_place(Compile *c, Func *f, const Cfg *cfg, const Loop *loop);

/* ---- inline_calls.c ---- */

/* Puts what functions that merely compute do in the place of their calls. */
void hl_parallel_inline_calls(ParallelLoop *p);

/* ---- carries.c ---- */

void hl_carries_find(ParallelLoop *p);
static inline bool hl_carry_is_reduction(const Carry *carry) {
    return carry->kind >= CARRY_SUM;
}
/* What the source calls a reduction of this kind. */
const char *hl_carry_word(CarryKind kind);
/* The value of a scalar type that a reduction of this kind leaves as it is. */
Ref hl_carry_neutral(CarryKind kind, HlEmitter *at, const Type *type);
/* One value for those of two parts, in order; totals and parts by the carry's number. */
Ref hl_carry_combine(const ParallelLoop *p, uint32_t number, HlEmitter *at, const Ref *totals,
                     const Ref *parts);

/* ---- races.c ---- */

/* Fills p->shared; false when rounds are in each other's way, and a warning says where. */
bool hl_races_check(ParallelLoop *p);
/* The reduction that a ufunc makes of arrays of an element type. */
CarryKind hl_races_kind_of_ufunc(UfuncId ufunc, const Type *element);
/* What the source calls an array. */
const char *hl_races_name(const ParallelLoop *p, Ref base);

/* ---- draws.c ---- */

/* The streams of random numbers that the loop draws from: bit 1 << HL_STREAM_*. */
uint32_t hl_loop_draws(const ParallelLoop *p);
/* Does it draw from a np.random.Generator? */
bool hl_loop_draws_from_generator(const ParallelLoop *p);

/* ---- region.c ---- */

/* Puts the parallel form in the place of the loop. */
void hl_region_build(ParallelLoop *p);

#endif
