/* reduce: sums and the like of all elements.
 *
 * What is reduced along axes, or into an array, is the prelude's alone. A reduction of all elements of an operation of
 * whole arrays is a call that opt/ may open: it says with the called function what joins the results for parts, so that
 * the operation's elements can be reduced block by block, without an array for all of them.
 */
#include "infer/internal.h"
#include "infer/known.h"

typedef struct ReductionRow {
    UfuncId combine;
    const char *name,
        *whole; /* the prelude's functions: with all arguments, and of all elements of an array */
} ReductionRow;

static const ReductionRow rows[] = {{UFUNC_add, "numpy.sum", "numpy.sum.whole"},
                                    {UFUNC_minimum, "numpy.min", "numpy.min.whole"},
                                    {UFUNC_maximum, "numpy.max", "numpy.max.whole"},
                                    {UFUNC_logical_or, "numpy.any", "numpy.any.whole"},
                                    {UFUNC_logical_and, "numpy.all", "numpy.all.whole"}};

static const ReductionRow *row_of(int64_t combine) {
    const ReductionRow *row = rows;
    while (row->combine != combine)
        row++;
    return row;
}

static bool is_operation(Builder *b, Val array) {
    return !ANALYSING(b) && hl_ins(b->f, array.ref)->op == OP_EW;
}

/* NumPy adds float16 in float32 from end to end. */
static bool can_be_cut(const ReductionRow *row, const Type *element) {
    return row->combine != UFUNC_add || element->kind != TY_F16;
}

static void note_reduction(Builder *b, const ReductionRow *row, const void *function, Val array) {
    FuncOptions options = prelude_options(b);
    if (options.debug) return;
    const Type *element = array.type->args[0], *vector = hl_type_array(element, 1, LAYOUT_C, false, false);
    Instance *whole = instance_find(b->c, function, &array.type, 1, &options);
    Instance *part = instance_find(b->c, function, &vector, 1, &options);
    part->prelude = true;
    if (can_be_cut(row, element) && instance_result(b->c, part) && instance_emit(b->c, part))
        whole->typed->reduction = (Reduction){row->combine, part->typed};
}

static Val reduce_whole(Builder *b, const ReductionRow *row, Val array) {
    const void *function = b->c->host->prelude(b->c, row->whole);
    if (!function) return fail(b, DIAG_NO_OVERLOAD, row->name, hl_type_show(array.type));
    Val result = call_prelude(b, function, &(Args){.pos = &array, .npos = 1});
    if (ok(result) && is_operation(b, array)) note_reduction(b, row, function, array);
    return result;
}

static bool is_one_array(const Args *args) {
    return args->npos == 1 && !args->nkw && args->pos[0].type->kind == TY_ARRAY &&
           args->pos[0].type->ndim > 0;
}

static Val call_general(Builder *b, const char *name, const Args *args) {
    const void *function = b->c->host->prelude(b->c, name);
    return function ? call_prelude(b, function, args) : fail(b, DIAG_NO_OVERLOAD, name, "these arguments");
}

Val numpy_reduce(Builder *b, const Args *args, int64_t combine) {
    const ReductionRow *row = row_of(combine);
    return is_one_array(args) ? reduce_whole(b, row, args->pos[0]) : call_general(b, row->name, args);
}

/* Of float64, float32 and complex numbers the sum, divided. */
Val numpy_mean(Builder *b, const Args *args, int64_t data) {
    (void)data;
    const Type *element = is_one_array(args) ? args->pos[0].type->args[0] : NULL;
    bool plain =
        element && (hl_type_is_float(element) || hl_type_is_complex(element)) && element->kind != TY_F16;
    if (!plain) return call_general(b, "numpy.mean", args);
    Val total = reduce_whole(b, row_of(UFUNC_add), args->pos[0]);
    return ok(total) ? ufunc(b, UFUNC_divide, (Val[]){total, int_val(array_size(b, args->pos[0]))}, 2)
                     : total;
}
