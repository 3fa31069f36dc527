/* asarray: np.array, np.asarray and their kin of arrays, numbers, tuples and lists, nested as deep as they come. What has a
 * list in it is filled by the prelude.
 *
 * The element type is what all leaves promote to, a Python number counting as int64, float64 or complex128. The shape
 * of a tuple is its length before the shape of its first item; that the others have the same is checked here where
 * types tell it, else when the array is made.
 */
#include "infer/internal.h"
#include "infer/known.h"

#include <string.h>

/* ---- what a tuple is as an array --------------------------------------------------------------------------------------- */

/* The number of axes, or -1 where items differ or are neither numbers nor arrays. */
static int axes_of(const Type *t) {
    if (t->kind == TY_ARRAY) return t->ndim;
    if (t->kind == TY_LIST) return axes_of(t->args[0]) < 0 ? -1 : axes_of(t->args[0]) + 1;
    if (t->kind == TY_BOTTOM) return 0;
    if (t->kind != TY_TUPLE) return hl_type_is_scalar(t) ? 0 : -1;
    int inner = t->nargs ? axes_of(t->args[0]) : 0;
    for (uint32_t i = 1; i < t->nargs; i++)
        if (axes_of(t->args[i]) != inner) return -1;
    return inner < 0 || inner == MAX_NDIM ? -1 : inner + 1;
}

static const Type *element_of(const Type *t) {
    if (t->kind == TY_ARRAY) return t->args[0];
    if (t->kind == TY_LIST) return element_of(t->args[0]);
    if (t->kind == TY_BOTTOM) return hl_type(TY_F64);
    if (t->kind != TY_TUPLE) return hl_type_storage(hl_type_unliteral(t));
    const Type *element = NULL;
    for (uint32_t i = 0; i < t->nargs; i++) {
        const Type *own = element_of(t->args[i]);
        element = element && own ? hl_type_promote(element, own) : own;
        if (!element) return NULL;
    }
    return t->nargs ? element : hl_type(TY_F64);
}

static void shape_of(Builder *b, Val v, Ref *shape) {
    if (v.type->kind == TY_ARRAY)
        for (int i = 0; i < v.type->ndim; i++)
            shape[i] = array_dim(b, v, i);
    if (v.type->kind != TY_TUPLE) return;
    shape[0] = const_i64(b, v.type->nargs);
    if (v.type->nargs) shape_of(b, v.parts[0], shape + 1);
}

/* Raises NumPy's error unless every part has this shape; `depth` axes lie outside. */
static void check_shape(Builder *b, Val v, const Ref *shape, const Ref *whole, int depth) {
    Ref own[MAX_NDIM];
    shape_of(b, v, own);
    int ndim = axes_of(v.type);
    for (int i = 0; i < ndim; i++) {
        if (own[i] == shape[i]) continue;
        Text text = {0};
        hl_text_printf(
            &text,
            "setting an array element with a sequence. The requested array has an inhomogeneous shape "
            "after %d dimensions. The detected shape was (",
            depth + i);
        for (int k = 0; k < depth + i; k++)
            hl_text_printf(&text, k ? ", %%ld" : "%%ld");
        hl_text_printf(&text, depth + i == 1 ? ",) + inhomogeneous part." : ") + inhomogeneous part.");
        check_with(b, compare(b, OP_EQ, own[i], shape[i]), "ValueError", text.data, whole,
                   (uint32_t)(depth + i));
        hl_text_free(&text);
    }
    for (uint32_t i = 0; v.type->kind == TY_TUPLE && i < v.type->nargs; i++)
        check_shape(b, v.parts[i], shape + 1, whole, depth + 1);
}

/* ---- making it ------------------------------------------------------------------------------------------------------------ */

static bool store_parts(Builder *b, Val out, Val v, Ref *place, int depth) {
    if (v.type->kind == TY_TUPLE) {
        for (uint32_t i = 0; i < v.type->nargs; i++) {
            place[depth] = const_i64(b, i);
            if (!store_parts(b, out, v.parts[i], place, depth + 1)) return false;
        }
        return true;
    }
    if (depth == out.type->ndim) return array_store(b, out, place, v);
    Val items[MAX_NDIM], none = literal(hl_type(TY_NONE));
    for (int i = 0; i < out.type->ndim; i++)
        items[i] = i < depth ? scalar(hl_type(TY_I64), place[i])
                             : composite(b, TY_SLICE, (Val[]){none, none, none}, 3);
    return array_assign(b, index_view(b, out, items, out.type->ndim), v);
}

/* The number of axes is that of the types; NumPy's, where a list of lists is empty, is not. */
static Val from_lists(Builder *b, Val v, const Type *element) {
    if (v.type->kind == TY_LIST && axes_of(v.type) > 1) {
        Ref some = compare(b, OP_NE, list_length(b, v), const_i64(b, 0));
        check(b, some, "?ValueError", "an empty list of lists is an array of one axis");
    }
    return call_known(b, "numpy.array.lists",
                      (Val[]){v, literal(hl_type_lit_int(axes_of(v.type))), dtype_const(element)}, 3);
}

static Val from_parts(Builder *b, const char *who, Val v, const Type *element) {
    Ref shape[MAX_NDIM], place[MAX_NDIM];
    int ndim = axes_of(v.type);
    if (!element) element = element_of(v.type);
    if (ndim < 0 || !element) return fail(b, DIAG_NO_OVERLOAD, who, hl_type_show(v.type));
    if (hl_type_holds_list(v.type)) return from_lists(b, v, element);
    shape_of(b, v, shape);
    check_shape(b, v, shape, shape, 0);
    Val out = array_alloc(b, element, shape, ndim, LAYOUT_C);
    return ok(out) && store_parts(b, out, v, place, 0) ? out : NO_VAL;
}

Val as_array(Builder *b, Val v) {
    if (!ok(v)) return v;
    if ((v.type->kind != TY_LIST && v.type->kind != TY_TUPLE) || axes_of(v.type) < 1 || !element_of(v.type))
        return v;
    return from_parts(b, "np.asarray", v, NULL);
}

Val as_stored(Builder *b, Val v, const Type *element) {
    bool sequence = ok(v) && (v.type->kind == TY_LIST || v.type->kind == TY_TUPLE);
    return sequence && axes_of(v.type) > 0 ? from_parts(b, "assignment to a slice", v, element) : v;
}

bool is_array_like(const char *parameter) {
    static const char *const names[] = {
#define ARRAY_LIKE(name) #name,
#include "infer/array_like.def"
#undef ARRAY_LIKE
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(parameter, names[i]) == 0) return true;
    return false;
}

/* ---- the functions ----------------------------------------------------------------------------------------------------------- */

static bool is_true(Val v) {
    return !ok(v) || (v.type->kind == TY_LIT_BOOL && v.type->value);
}

Val numpy_array(Builder *b, const Args *args, int64_t data) {
    (void)data;
    Val v[5];
    if (!bind(b, "np.array", "object, dtype=, copy=, order=, ndmin=", args, v)) return NO_VAL;
    const Type *element = dtype_argument(b, v[1], NULL);
    if (b->c->diag.set) return NO_VAL;
    int64_t ndmin = 0;
    if (ok(v[4]) && !lit_int_value(v[4], &ndmin)) return fail(b, DIAG_NOT_CONSTANT, "ndmin");
    if (!is_true(v[2])) return fail(b, DIAG_BAD_ARGUMENTS, "np.array is compiled for copy=True");
    int layout = order_argument(b, v[3], 0);
    Val out = v[0];
    if (out.type->kind != TY_ARRAY) {
        if (layout == LAYOUT_F)
            return fail(b, DIAG_BAD_ARGUMENTS, "np.array of a tuple is compiled for order='C'");
        out = from_parts(b, "np.array", v[0], element);
    } else {
        out = copy_as(b, out, element ? element : out.type->args[0], layout ? layout : kept_layout(out));
    }
    if (!ok(out) || out.type->ndim >= ndmin) return out;
    Val items[MAX_NDIM + 1];
    for (int64_t i = 0; i < ndmin - out.type->ndim; i++)
        items[i] = literal(hl_type(TY_NONE));
    items[ndmin - out.type->ndim] = literal(hl_type(TY_ELLIPSIS));
    return getitem(b, out, tuple_val(b, items, (uint32_t)(ndmin - out.type->ndim) + 1));
}

Val numpy_asarray(Builder *b, const Args *args, int64_t contiguous) {
    Val v[2];
    if (!bind(b, "np.asarray", "a, dtype=", args, v)) return NO_VAL;
    const Type *element = dtype_argument(b, v[1], NULL);
    if (b->c->diag.set) return NO_VAL;
    if (v[0].type->kind != TY_ARRAY) {
        if (contiguous && axes_of(v[0].type) == 0) v[0] = tuple_val(b, v, 1);
        return from_parts(b, "np.asarray", v[0], element);
    }
    if (!element) element = v[0].type->args[0];
    if (element == v[0].type->args[0] && (!contiguous || v[0].type->layout == LAYOUT_C)) return v[0];
    return copy_as(b, v[0], element, contiguous ? LAYOUT_C : kept_layout(v[0]));
}
