/* Private to the pass refcounts: owners.c says which values own memory and which refer to it, refcounts.c where it is released. */
#ifndef HL_OPT_COUNTS_H
#define HL_OPT_COUNTS_H

#include "opt/internal.h"

typedef uint64_t Word;

/* Sets are bit sets over roots, `nwords` words each; NULL is the empty set. */
typedef struct Owners {
    Func *f;
    Arena scratch;
    Cfg *cfg;
    VEC(Ref) roots;   /* the values that own a reference from where they stand */
    uint32_t *number; /* by Ref: place in roots, from 1; 0: no root */
    uint32_t nwords, nins;
    Word **refers; /* by Ref: the roots whose memory the value refers to */
} Owners;

/* Fills everything; the tables hold for the instructions there are when it returns. */
void hl_owners_find(Owners *o, Func *f);
/* The root whose one reference this value stands for; 0: it stands for several, or for something borrowed. */
Ref hl_owners_exact(const Owners *o, Ref value);
/* Memory without an owner: constant data, no value. */
bool hl_owners_is_null(const Func *f, Ref value);
/* Does a value of this type refer to counted memory? */
bool hl_owners_holds_counted(const Type *t);

static inline bool hl_set_has(const Word *set, uint32_t i) {
    return set && set[i / 64] >> (i % 64) & 1;
}
static inline void hl_set_add(Word *set, uint32_t i) {
    set[i / 64] |= (Word)1 << (i % 64);
}
static inline void hl_set_drop(Word *set, uint32_t i) {
    set[i / 64] &= ~((Word)1 << (i % 64));
}

#endif
