/* What the two files of ufuncs share: the rows of ir/ufuncs.def, and one element. */
#ifndef HL_INFER_UFUNC_H
#define HL_INFER_UFUNC_H

#include "infer/internal.h"

/* Which types it takes and gives. */
typedef enum UfuncFamily {
    FAMILY_arith,
    FAMILY_math,
    FAMILY_integer,
    FAMILY_count,
    FAMILY_compare,
    FAMILY_logic,
    FAMILY_test,
    FAMILY_where,
    FAMILY_cast
} UfuncFamily;

typedef struct UfuncRow {
    const char *name;
    uint32_t nin;
    UfuncFamily family;
} UfuncRow;
extern const UfuncRow ufunc_rows[UFUNC_COUNT];

static inline const Type *np(TypeKind kind) {
    return hl_type(kind);
}

static inline bool is_bool(const Type *t) {
    return t->kind == TY_B1;
}

/* ufunc_element.c: x are numbers of the types `in`, one for each input. */
Ref ufunc_element(Builder *b, UfuncId u, const Type *const *in, const Ref *x);

#endif
