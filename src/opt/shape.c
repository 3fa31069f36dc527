/* shape: sizes of arrays, broadcasting, and the errors of shapes that do not fit.
 *
 * Shapes are aligned at their last axes; a size of 1 stretches. A size is a Ref that stands beside the array it belongs
 * to, so that comparing Refs answers most questions when compiling and only the rest is asked at run time.
 */
#include "opt/expand.h"

#include <string.h>

static const Type *i64(void) {
    return hl_type(TY_I64);
}

static const Type *b1(void) {
    return hl_type(TY_B1);
}

Ref hl_expand_and(Expand *x, Ref a, Ref b) {
    return !a ? b : !b ? a : hl_opt_op2(&x->at, OP_AND, b1(), a, b);
}

static Ref either(Expand *x, Ref a, Ref b) {
    return hl_opt_op2(&x->at, OP_OR, b1(), a, b);
}

static Ref is_one(Expand *x, Ref size) {
    return hl_opt_compare(&x->at, OP_EQ, size, hl_opt_i64(&x->at, 1));
}

/* ---- sizes of a value ---------------------------------------------------------------------------------------------------- */

/* simplify puts it behind the array; if it is not there, nothing has asked for it. */
static Ref dim_beside(Expand *x, Ref array, int axis) {
    Ref dim = hl_opt_part_behind(x->f, array, OP_ARRAY_DIM, axis);
    if (dim) return dim;
    dim = hl_ins_new(x->f, OP_ARRAY_DIM, i64(), &array, 1, (Aux){.i = axis}, hl_ins(x->f, array)->loc);
    hl_opt_insert_behind(x->f, array, dim);
    return dim;
}

/* Sizes that are operands of what made the array; NULL when they are not. */
static const Ref *known_sizes(Expand *x, Ref array) {
    const Ins *ins = hl_ins(x->f, array);
    switch ((Op)ins->op) {
    case OP_ARRAY_ALLOC: return ins->args;
    case OP_ARRAY_MAKE: return ins->args + 2;
    case OP_ARRAY_CONST: return ins->args + 1;
    case OP_RECAST: return hl_expand_shape(x, ins->args[0]);
    default: return NULL;
    }
}

const Ref *hl_expand_shape(Expand *x, Ref array) {
    Ref *shape = hl_map_get(&x->shapes, array);
    if (shape) return shape;
    int ndim = hl_ins(x->f, array)->type->ndim;
    shape = hl_new_array(&x->scratch, Ref, ndim + 1);
    const Ref *known = known_sizes(x, array);
    for (int axis = 0; axis < ndim; axis++)
        shape[axis] = known ? known[axis] : dim_beside(x, array, axis);
    hl_map_set(&x->scratch, &x->shapes, array, shape);
    return shape;
}

Ref hl_expand_total(Expand *x, const Ref *shape, int ndim) {
    Ref total = shape[0];
    for (int i = 1; i < ndim; i++) {
        total = hl_opt_op2(&x->at, OP_MUL, i64(), total, shape[i]);
        hl_ins(x->f, total)->flags |= INS_NSW | INS_NUW;
    }
    return total;
}

/* ---- errors ------------------------------------------------------------------------------------------------------------------ */

/* "(3,)", "(2,3)", each size a %ld whose value becomes an operand. */
static void show_shape(Text *text, int ndim) {
    hl_text_printf(text, "(");
    for (int i = 0; i < ndim; i++)
        hl_text_printf(text, i ? ",%%ld" : "%%ld");
    hl_text_printf(text, ndim == 1 ? ",)" : ")");
}

/* The condition must hold, else ValueError(message) with the sizes of these arrays. Takes the text. */
static void check_shapes(Expand *x, Ref condition, Text *message, const Ref *arrays, uint32_t narrays) {
    Ref args[1 + 3 * MAX_NDIM] = {condition};
    uint32_t n = 1;
    for (uint32_t k = 0; k < narrays; k++) {
        int ndim = hl_ins(x->f, arrays[k])->type->ndim;
        const Ref *shape = hl_expand_shape(x, arrays[k]);
        for (int i = 0; i < ndim; i++)
            args[n++] = shape[i];
    }
    ErrorInfo *error = hl_new(x->f->arena, ErrorInfo);
    *error = (ErrorInfo){
        .class_name = hl_intern("ValueError"), .message = hl_intern(message->data), .nargs = n - 1};
    error->arg_types = hl_new_array(x->f->arena, const Type *, n);
    for (uint32_t i = 0; i < error->nargs; i++)
        error->arg_types[i] = hl_type(TY_INT);
    hl_text_free(message);
    hl_opt_ins(&x->at, OP_CHECK, NULL, args, n, (Aux){.error = error});
}

/* ---- broadcasting -------------------------------------------------------------------------------------------------------------- */

/* Two sizes of one axis as one; *good gets what must hold for it. */
static Ref join_sizes(Expand *x, Ref a, Ref b, Ref *good) {
    if (a == b || hl_opt_is_int(x->f, b, 1)) return a;
    if (hl_opt_is_int(x->f, a, 1)) return b;
    Ref a_stretches = is_one(x, a), equal = hl_opt_compare(&x->at, OP_EQ, a, b);
    Ref fits = either(x, equal, either(x, a_stretches, is_one(x, b)));
    *good = hl_expand_and(x, *good, fits);
    return hl_opt_select(&x->at, i64(), a_stretches, b, a);
}

/* Joins the sizes of an operand, aligned at the last axis, into shape. */
static void join_operand(Expand *x, Ref *shape, int ndim, Ref operand, Ref *good) {
    int own = hl_ins(x->f, operand)->type->ndim;
    const Ref *sizes = hl_expand_shape(x, operand);
    for (int i = 0; i < own; i++) {
        Ref *size = &shape[ndim - own + i];
        *size = *size ? join_sizes(x, *size, sizes[i], good) : sizes[i];
    }
}

/* A given output takes part in the broadcast; that it would have to stretch is found out later. */
static void join_output(Expand *x, const Ref *shape, int ndim, Ref output, Ref *good) {
    Ref *joined = hl_new_array(&x->scratch, Ref, ndim + 1);
    memcpy(joined, shape, (size_t)ndim * sizeof *joined);
    if (hl_ins(x->f, output)->type->ndim <= ndim) join_operand(x, joined, ndim, output, good);
}

void hl_expand_broadcast(Expand *x, Ref ew) {
    Ins ins = *hl_ins(x->f, ew);
    int ndim = ins.type->ndim;
    Ref *shape = hl_new_array(&x->scratch, Ref, ndim + 1), good = 0, arrays[4] = {0};
    uint32_t narrays = 0;
    for (uint32_t i = 0; i < ins.nargs; i++) {
        if (hl_ins(x->f, ins.args[i])->type->kind != TY_ARRAY) continue;
        arrays[narrays++] = ins.args[i];
        join_operand(x, shape, ndim, ins.args[i], &good);
    }
    hl_map_set(&x->scratch, &x->shapes, ew, shape);
    if (x->output[ew]) join_output(x, shape, ndim, arrays[narrays++] = x->output[ew], &good);
    if (!good) return;
    Text text = {0};
    hl_text_printf(&text, "operands could not be broadcast together with shapes ");
    for (uint32_t i = 0; i < ins.nargs; i++) {
        show_shape(&text, hl_ins(x->f, ins.args[i])->type->ndim); /* of a number: () */
        hl_text_printf(&text, " ");
    }
    if (x->output[ew]) {
        show_shape(&text, hl_ins(x->f, x->output[ew])->type->ndim);
        hl_text_printf(&text, " ");
    }
    check_shapes(x, good, &text, arrays, narrays);
}

static void check_pair(Expand *x, Ref good, const char *what, Ref first, const char *and, Ref second) {
    Ref arrays[2] = {first, second};
    Text text = {0};
    hl_text_printf(&text, "%s", what);
    show_shape(&text, hl_ins(x->f, first)->type->ndim);
    hl_text_printf(&text, "%s", and);
    show_shape(&text, hl_ins(x->f, second)->type->ndim);
    check_shapes(x, good, &text, arrays, 2);
}

void hl_expand_check_assign(Expand *x, Ref assign) {
    Ref dst = hl_ins(x->f, assign)->args[0], value = hl_ins(x->f, assign)->args[1], good = 0;
    const Type *from = hl_ins(x->f, value)->type, *to = hl_ins(x->f, dst)->type;
    if (from->kind != TY_ARRAY) return;
    const Ref *sizes = hl_expand_shape(x, value), *target = hl_expand_shape(x, dst) + to->ndim - from->ndim;
    for (int i = 0; i < from->ndim; i++) {
        if (sizes[i] == target[i] || hl_opt_is_int(x->f, sizes[i], 1)) continue;
        Ref equal = hl_opt_compare(&x->at, OP_EQ, sizes[i], target[i]);
        good = hl_expand_and(x, good, either(x, equal, is_one(x, sizes[i])));
    }
    if (!good) return;
    if (hl_ins(x->f, assign)->flags & INS_OUT)
        check_pair(x, good, "non-broadcastable output operand with shape ", dst,
                   " doesn't match the broadcast shape ", value);
    else
        check_pair(x, good, "could not broadcast input array from shape ", value, " into shape ", dst);
}
