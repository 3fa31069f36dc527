/* What the files of type/ share: the rows of types.def as data. */
#ifndef HL_TYPE_INTERNAL_H
#define HL_TYPE_INTERNAL_H

#include "type/type.h"

typedef enum TypeClass {
    CLASS_SPECIAL,
    CLASS_PY,
    CLASS_NP,
    CLASS_LIT,
    CLASS_AGG,
    CLASS_ITER,
    CLASS_REF
} TypeClass;

typedef struct TypeRow {
    const char *text;
    TypeClass family;
    int bits;
    uint32_t nints, nargs;
    bool or_more; /* than nargs */
} TypeRow;
extern const TypeRow hl_type_rows[TY_COUNT];

static inline TypeClass family_of(const Type *t) {
    return hl_type_rows[t->kind].family;
}

#endif
