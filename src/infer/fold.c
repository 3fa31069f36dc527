/* fold: what Python computes when compiling: its functions of text, and the methods of constant strings, of constants.
 *
 * Compiled code has no strings of its own; float("inf"), ord("A") and "spam".upper() need none.
 */
#include "infer/internal.h"
#include "infer/known.h"

static bool is_constant(const Val *v) {
    return v->type->kind == TY_STR || v->type->kind == TY_LIT_INT || v->type->kind == TY_LIT_BOOL ||
           v->type->kind == TY_NONE;
}

Val fold_constants(Builder *b, const char *name, const Args *args) {
    const Type **types = hl_new_array(&b->c->arena, const Type *, args->npos + 1);
    bool constant_args = args->nkw == 0;
    for (uint32_t i = 0; i < args->npos; i++) {
        constant_args &= is_constant(&args->pos[i]);
        types[i] = args->pos[i].type;
    }
    HostValue value = {0};
    if (constant_args && b->c->host->fold) value = b->c->host->fold(b->c, name, types, args->npos);
    if (value.type) return constant(b, value);
    return fail(b, DIAG_NO_OVERLOAD, name, args->npos ? hl_type_show(types[0]) : "");
}

Val fold_builtin(Builder *b, const Args *args, int64_t which) {
    static const char *const names[] = {"ord", "chr", "bin", "oct", "hex", "ascii"};
    return fold_constants(b, names[which], args);
}
