/* Private to the pass parallel_loops: webs of values, which web.c grows. */
#ifndef HL_OPT_WEB_H
#define HL_OPT_WEB_H

#include "opt/parallel.h"

/* What a member is of the value that is reduced. */
typedef enum Side { SIDE_NONE, SIDE_WHOLE, SIDE_REAL, SIDE_IMAG } Side;

struct Web {
    ParallelLoop *p;
    Carry *carry;
    uint8_t *side; /* by Ref: a Side; SIDE_NONE: it is no member */
    bool *test;    /* by Ref: compares a member with another value */
    VEC(Ref) members, tests;
    VEC(Ref) led; /* phis beside that take different values as a branch on the web decides */
    bool lax;     /* an extreme whose updates do not all read `x > m` */
    const uint32_t
        *place;      /* of an element's web, by Ref: the place that a load or store goes to, 0: another one */
    uint32_t number; /* the element's */
    Ref checked;     /* the check that a value of the web fits the element */
};

/* Does an instruction in the loop use the value for what happens in the loop? */
bool hl_web_counts_inside(const ParallelLoop *p, Ref use);
/* The web of a phi of the header; carry->kind says what reduction it is. */
Web *hl_web_of_carry(ParallelLoop *p, Carry *carry);
/* What reduction the loads and stores with a number are. *checked: the check that a sum fits the element, which a part cannot
 * do; 0: there is none. */
CarryKind hl_web_of_element(ParallelLoop *p, const uint32_t *place, uint32_t number, Ref *checked);

#endif
