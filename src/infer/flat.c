/* flat: a.flat, the elements of an array in C order, whatever its layout.
 *
 * Of an array in C order it is the view with one axis; else the place of an element is computed from its number. NumPy's
 * object also remembers how far it has been iterated; this one does not, so a loop over it compiles only where it is
 * used for nothing else.
 */
#include "infer/internal.h"

Val flat_of(Builder *b, Val array) {
    const Type *t = array.type;
    if (t->layout == LAYOUT_C && t->ndim != 1) {
        Ref size = array_size(b, array), stride = const_i64(b, hl_type_nbytes(t->args[0]));
        t = hl_type_array(t->args[0], 1, LAYOUT_C, t->readonly, t->unaligned);
        array = array_view(b, array, t, array_data(b, array), &size, &stride);
    }
    return composite(b, TY_FLAT, &array, 1);
}

Ref flat_size(Builder *b, Val flat) {
    return array_size(b, flat.parts[0]);
}

/* The index for each axis of element number i. */
static void unravel(Builder *b, Val array, Ref i, Ref *indices) {
    for (int axis = array.type->ndim - 1; axis > 0; axis--) {
        Ref n =
            op2(b, OP_SMAX, i64(), array_dim(b, array, axis), const_i64(b, 1)); /* also where it is hoisted */
        indices[axis] = op2(b, OP_UREM, i64(), i, n);
        i = op2(b, OP_UDIV, i64(), i, n);
    }
    indices[0] = i;
}

/* An index of the flat array, wrapped once; an IndexError when outside. */
static Ref checked(Builder *b, Val flat, Val index) {
    Ref i = index_of(b, index), size = flat_size(b, flat), zero = const_i64(b, 0);
    Ref wrapped = op_select(b, i64(), compare(b, OP_SLT, i, zero), op2(b, OP_ADD, i64(), i, size), i);
    if (b->instance->options.boundscheck)
        check_with(b, compare(b, OP_ULT, wrapped, size), "IndexError",
                   "index %ld is out of bounds for size %ld", (Ref[]){i, size}, 2);
    return wrapped;
}

Val flat_item(Builder *b, Val flat, Ref i) {
    Ref indices[MAX_NDIM];
    unravel(b, flat.parts[0], i, indices);
    return array_element(b, flat.parts[0], indices);
}

Val flat_getitem(Builder *b, Val flat, Val index) {
    return flat_item(b, flat, checked(b, flat, index));
}

bool flat_setitem(Builder *b, Val flat, Val index, Val value) {
    Ref indices[MAX_NDIM];
    if (flat.parts[0].type->readonly)
        return ok(fail(b, DIAG_READONLY_ARRAY, hl_type_show(flat.parts[0].type)));
    unravel(b, flat.parts[0], checked(b, flat, index), indices);
    return array_store(b, flat.parts[0], indices, value);
}
