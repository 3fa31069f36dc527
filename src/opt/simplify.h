/* Private to the pass simplify. */
#ifndef HL_OPT_SIMPLIFY_H
#define HL_OPT_SIMPLIFY_H

#include "opt/internal.h"

typedef enum FoldKind { FOLD_NOTHING, FOLD_VALUE, FOLD_CONSTANT } FoldKind;
typedef struct Folded {
    FoldKind kind;
    Ref value;
    int64_t constant; /* of the instruction's type */
} Folded;

/* What an instruction is equal to, its operands being simplified already. */
Folded hl_fold(const Func *f, const Ins *ins);

#endif
