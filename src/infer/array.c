/* array: making arrays and views, their attributes, whole-array assignment. */
#include "infer/internal.h"

#include <string.h>

Ref array_dim(Builder *b, Val array, int axis) {
    return op(b, OP_ARRAY_DIM, i64(), &array.ref, 1, (Aux){.i = axis});
}

Ref array_stride(Builder *b, Val array, int axis) {
    return op(b, OP_ARRAY_STRIDE, i64(), &array.ref, 1, (Aux){.i = axis});
}

Ref array_data(Builder *b, Val array) {
    return op1(b, OP_ARRAY_DATA, hl_type(TY_PTR), array.ref);
}

Ref array_size(Builder *b, Val array) {
    Ref size = const_i64(b, 1);
    for (int i = 0; i < array.type->ndim; i++)
        size = op2(b, OP_MUL, i64(), size, array_dim(b, array, i));
    return size;
}

Val array_view(Builder *b, Val base, const Type *type, Ref data, const Ref *shape, const Ref *strides) {
    Ref args[2 + 2 * MAX_NDIM] = {base.ref, data};
    memcpy(args + 2, shape, type->ndim * sizeof *shape);
    memcpy(args + 2 + type->ndim, strides, type->ndim * sizeof *strides);
    return scalar(type, op(b, OP_ARRAY_MAKE, type, args, 2 + 2u * type->ndim, (Aux){0}));
}

Val array_alloc(Builder *b, const Type *element, const Ref *shape, int ndim, int layout) {
    const Type *type = hl_type_array(element, ndim, layout, false, false);
    return scalar(type, op(b, OP_ARRAY_ALLOC, type, shape, (uint32_t)ndim, (Aux){0}));
}

Val array_element(Builder *b, Val array, const Ref *indices) {
    const Type *element = array.type->args[0];
    Ref args[1 + MAX_NDIM] = {array.ref};
    if (indices) memcpy(args + 1, indices, array.type->ndim * sizeof *indices);
    return scalar(element, op(b, OP_ARRAY_LOAD, element, args, 1u + array.type->ndim, (Aux){0}));
}

bool array_store(Builder *b, Val array, const Ref *indices, Val value) {
    if (value.type->kind == TY_ARRAY && value.type->ndim == 0) value = array_element(b, value, NULL);
    if (hl_type_is_tensor(value.type)) value = tensor_to_element(b, value, array.type->args[0]);
    value = to_element(b, value, array.type->args[0]);
    if (!ok(value)) return false;
    uint32_t n = array.type->ndim;
    Ref args[2 + MAX_NDIM] = {array.ref};
    if (n) memcpy(args + 1, indices, n * sizeof *indices);
    args[n + 1] = value.ref;
    op(b, OP_ARRAY_STORE, NULL, args, n + 2, (Aux){0});
    return true;
}

static void put_shape(Text *text, int ndim) {
    for (int i = 0; i < ndim; i++)
        hl_text_printf(text, i ? ",%%ld" : "(%%ld");
    hl_text_printf(text, ndim == 0 ? "()" : ndim == 1 ? ",)" : ")");
}

/* NumPy lets the value have more axes than the target as long as those in front have size 1: the view without them. */
static Val without_leading_axes(Builder *b, Val value, Val dst) {
    int extra = value.type->ndim - dst.type->ndim;
    Ref shape[MAX_NDIM], strides[MAX_NDIM], shown[2 * MAX_NDIM], ones = const_bool(b, true);
    for (int i = 0; i < value.type->ndim; i++) {
        shown[i] = shape[i] = array_dim(b, value, i), strides[i] = array_stride(b, value, i);
        if (i < extra)
            ones = op2(b, OP_AND, hl_type(TY_B1), ones, compare(b, OP_EQ, shape[i], const_i64(b, 1)));
    }
    for (int i = 0; i < dst.type->ndim; i++)
        shown[value.type->ndim + i] = array_dim(b, dst, i);
    Text text = {0};
    hl_text_printf(&text, "could not broadcast input array from shape ");
    put_shape(&text, value.type->ndim);
    hl_text_printf(&text, " into shape ");
    put_shape(&text, dst.type->ndim);
    check_with(b, ones, "ValueError", text.data, shown, value.type->ndim + dst.type->ndim);
    hl_text_free(&text);
    const Type *t = value.type;
    int layout = t->layout == LAYOUT_C ? LAYOUT_C : LAYOUT_A;
    const Type *type = hl_type_array(t->args[0], dst.type->ndim, layout, t->readonly, t->unaligned);
    return array_view(b, value, type, array_data(b, value), shape + extra, strides + extra);
}

static bool assign(Builder *b, Val dst, Val value, uint8_t flags) {
    if (dst.type->readonly) return ok(fail(b, DIAG_READONLY_ARRAY, hl_type_show(dst.type)));
    if (value.type->kind == TY_ARRAY && value.type->ndim > dst.type->ndim)
        value = without_leading_axes(b, value, dst);
    if (value.type->kind != TY_ARRAY) value = to_element(b, value, dst.type->args[0]);
    if (!ok(value)) return false;
    if (hl_type_is_complex(value.type->kind == TY_ARRAY ? value.type->args[0] : value.type) &&
        !hl_type_is_complex(dst.type->args[0]))
        return ok(cannot_store(b, dst.type->args[0], value.type));
    op_with(b, OP_EW_ASSIGN, NULL, (Ref[]){dst.ref, value.ref}, 2, (Aux){0}, flags);
    return true;
}

bool array_assign(Builder *b, Val dst, Val value) {
    return assign(b, dst, value, 0);
}

/* The same where the result of a ufunc goes into an array it was given. */
bool array_output(Builder *b, Val dst, Val result) {
    return assign(b, dst, result, INS_OUT);
}

/* array[index] for an index in range: an element or the view of what lies behind the first axis. */
Val array_iter_item(Builder *b, Val array, Ref index) {
    const Type *t = array.type;
    return t->ndim == 1 ? array_element(b, array, &index) : array_part(b, array, index);
}

Val array_part(Builder *b, Val array, Ref index) {
    const Type *t = array.type;
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    for (int i = 1; i < t->ndim; i++)
        shape[i - 1] = array_dim(b, array, i), strides[i - 1] = array_stride(b, array, i);
    Ref offset = op2(b, OP_MUL, i64(), index, array_stride(b, array, 0));
    Ref data = op2(b, OP_PTR_ADD, hl_type(TY_PTR), array_data(b, array), offset);
    int layout = t->layout == LAYOUT_C ? LAYOUT_C : LAYOUT_A;
    const Type *type = hl_type_array(t->args[0], t->ndim - 1, layout, t->readonly, t->unaligned);
    return array_view(b, array, type, data, shape, strides);
}

/* ---- attributes --------------------------------------------------------------------------------------------------------- */

static Val transpose(Builder *b, Val array) {
    const Type *t = array.type;
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    for (int i = 0; i < t->ndim; i++)
        shape[i] = array_dim(b, array, t->ndim - 1 - i), strides[i] = array_stride(b, array, t->ndim - 1 - i);
    int swapped = t->layout == LAYOUT_C ? LAYOUT_F : t->layout == LAYOUT_F ? LAYOUT_C : LAYOUT_A;
    int layout = t->ndim < 2 ? t->layout : swapped;
    const Type *type = hl_type_array(t->args[0], t->ndim, layout, t->readonly, t->unaligned);
    return array_view(b, array, type, array_data(b, array), shape, strides);
}

static Val dims(Builder *b, Val array, bool strides) {
    Val items[MAX_NDIM];
    for (int i = 0; i < array.type->ndim; i++)
        items[i] = int_val(strides ? array_stride(b, array, i) : array_dim(b, array, i));
    return tuple_val(b, items, array.type->ndim);
}

/* The real or imaginary parts of a complex array, as a view. */
static Val part_view(Builder *b, Val array, bool imaginary) {
    const Type *t = array.type, *real = hl_type_real_of(t->args[0]);
    Ref shape[MAX_NDIM], strides[MAX_NDIM];
    for (int i = 0; i < t->ndim; i++)
        shape[i] = array_dim(b, array, i), strides[i] = array_stride(b, array, i);
    Ref data = array_data(b, array);
    if (imaginary) data = op2(b, OP_PTR_ADD, hl_type(TY_PTR), data, const_i64(b, hl_type_nbytes(real)));
    const Type *type = hl_type_array(real, t->ndim, LAYOUT_A, t->readonly, t->unaligned);
    return array_view(b, array, type, data, shape, strides);
}

static bool is(const char *name, const char *text) {
    return strcmp(name, text) == 0;
}

Val array_attribute(Builder *b, Val array, const char *name) {
    const Type *t = array.type;
    int nbytes = hl_type_nbytes(t->args[0]);
    if (is(name, "shape")) return dims(b, array, false);
    if (is(name, "strides")) return dims(b, array, true);
    if (is(name, "ndim")) return literal(hl_type_lit_int(t->ndim));
    if (is(name, "size")) return int_val(array_size(b, array));
    if (is(name, "itemsize")) return literal(hl_type_lit_int(nbytes));
    if (is(name, "nbytes")) return int_val(op2(b, OP_MUL, i64(), array_size(b, array), const_i64(b, nbytes)));
    if (is(name, "dtype")) return dtype_const(t->args[0]);
    if (is(name, "T")) return transpose(b, array);
    if (is(name, "flat")) return flat_of(b, array);
    if (is(name, "flags")) return composite(b, TY_FLAGS, &array, 1);
    if (is(name, "imag") && !hl_type_is_complex(t->args[0]))
        return call_known(b, "numpy.zeros_like", &array, 1);
    if (is(name, "real") && !hl_type_is_complex(t->args[0])) return array;
    if (hl_type_is_complex(t->args[0]) && (is(name, "real") || is(name, "imag")))
        return part_view(b, array, is(name, "imag"));
    return NO_VAL;
}

/* ---- frozen arrays --------------------------------------------------------------------------------------------------------- */

/* A global array: its data becomes constant data of the object, C contiguous. */
Val constant_array(Builder *b, const Ins *ins) {
    const Type *t = ins->type;
    if (ANALYSING(b)) return literal(t);
    int64_t shape[MAX_NDIM];
    const ConstData *data = b->c->host->array_data(b->c, ins->aux.object, shape);
    if (!data) return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "this global array");
    Ref args[1 + 2 * MAX_NDIM] = {op(b, OP_CONST_DATA, hl_type(TY_PTR), NULL, 0, (Aux){.data = data})};
    int64_t stride = hl_type_nbytes(t->args[0]);
    for (int i = t->ndim - 1; i >= 0; i--) {
        args[1 + i] = const_i64(b, shape[i]);
        args[1 + t->ndim + i] = const_i64(b, stride);
        stride *= shape[i];
    }
    return scalar(t, op(b, OP_ARRAY_CONST, t, args, 1 + 2u * t->ndim, (Aux){0}));
}
