/* What the two files of objects share: values that are Python's objects. */
#ifndef HL_INFER_OBJECTS_H
#define HL_INFER_OBJECTS_H

#include "infer/internal.h"

static inline const Type *object_type(void) {
    return hl_type(TY_OBJECT);
}

static inline Val object_val(Ref ref) {
    return scalar(object_type(), ref);
}

Val no_object(Builder *b); /* where there is none yet, as NULL */
/* A tuple (or what `id` says) of the objects of its parts; iterators as the tuples of theirs. */
Val box_parts(Builder *b, ForeignId id, Val v);
/* Does compiled code know it by name: a ufunc, a built-in? */
bool is_known_by_name(const Builder *b, const Type *type);
/* The type of what is known when compiling, as a global or a module's attribute; NULL when it is not. */
const Type *known_object(Compile *c, const Func *u, Ref r);

/* py.observe (observe.c): the object, then the frame's values, then for each local whether it is bound. */
Val observe(Builder *b, Ref r, const Ins *ins, const Val *args);

#endif
