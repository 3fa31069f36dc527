/* Private to the pass parallel_loops: webs of values. web.c grows them, choices.c and forks.c check them. */
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

static inline bool hl_web_has(const Web *w, Ref r) {
    return w->side[r] != SIDE_NONE;
}

/* Are all operands from `first` on members? */
static inline bool hl_web_has_all(const Web *w, const Ins *ins, uint32_t first) {
    for (uint32_t i = first; i < ins->nargs; i++)
        if (!hl_web_has(w, ins->args[i])) return false;
    return true;
}

static inline bool hl_web_is_comparison(const Ins *ins) {
    return ins->op >= OP_EQ && ins->op <= OP_FGE;
}

/* A store to the element that the web is of. */
static inline bool hl_web_is_own_store(const Web *w, Ref r) {
    return w->place && w->place[r] == w->number && hl_ins(w->p->f, r)->op == OP_ARRAY_STORE;
}

static inline Ref hl_web_stored_value(const Ins *store) {
    return store->args[store->nargs - 1];
}

/* ---- web.c ---- */

/* It is no reduction, because of this instruction: false. */
bool hl_web_blame(Web *w, Ref r);
/* The first update decides what reduction it is; is this one the same? */
bool hl_web_agree(Web *w, CarryKind kind, Ref r);
/* Does an instruction in the loop use the value for what happens in the loop? */
bool hl_web_counts_inside(const ParallelLoop *p, Ref use);
/* The web of a phi of the header; carry->kind says what reduction it is. */
Web *hl_web_of_carry(ParallelLoop *p, Carry *carry);
/* What reduction the loads and stores with a number are. *checked: the check that a sum fits the element, which a part cannot
 * do; 0: there is none. */
CarryKind hl_web_of_element(ParallelLoop *p, const uint32_t *place, uint32_t number, Ref *checked);

/* ---- choices.c ---- */

/* Can anyone tell that it has run? `depth` says how far into calls to look. */
bool hl_choice_is_seen(const Ins *ins, int depth);
/* True or False itself. */
bool hl_choice_is_truth(const Web *w, Ref r);
/* What a phi of the web, or a store to its element, chooses between, and by which condition; false: it is no such choice. */
bool hl_choice_of_phi(const Web *w, Ref r, Choice *out);
bool hl_choice_of_store(const Web *w, Ref store, Choice *out);
/* Is it part of a reduction? It agrees with the others, or is blamed. */
bool hl_choice_check(Web *w, Ref r);
bool hl_choice_check_store(Web *w, Ref store);

/* ---- forks.c ---- */

bool hl_forks_check(Web *w);

#endif
