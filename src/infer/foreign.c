/* foreign: calls of Python objects from compiled code, with boxed arguments and no result: print. */
#include <string.h>

#include "infer/internal.h"
#include "infer/known.h"

/* Has a value of this type an object that Python code can look at? */
static bool has_object(const Type *t) {
    switch ((TypeKind)t->kind) {
    case TY_NONE:
    case TY_STR:
    case TY_RANGE:
    case TY_ARRAY: return true;
    case TY_TUPLE:
    case TY_LIST:
    case TY_SET:
    case TY_TEXT:
    case TY_OPTIONAL: break;
    default: return hl_type_is_scalar(t) || t->kind == TY_BOTTOM;
    }
    for (uint32_t i = 0; i < t->nargs; i++)
        if (!has_object(t->args[i])) return false;
    return hl_type_ncomponents(t) <= MAX_ITEM_SLOTS;
}

/* "sep end": the keyword names as the site has them. */
static const char *joined_names(Builder *b, const Args *args) {
    const char *names = NULL;
    for (uint32_t i = 0; i < args->nkw; i++)
        names = names ? hl_arena_printf(&b->c->arena, "%s %s", names, args->kwnames[i]) : args->kwnames[i];
    return names ? hl_intern(names) : NULL;
}

/* Calls the object of this name. */
static Val call_foreign(Builder *b, const char *name, const Args *args) {
    uint32_t n = args->npos + args->nkw, count = 0;
    ErrorInfo *site = hl_new(&b->c->arena, ErrorInfo);
    Ref *refs = hl_new_array(&b->c->arena, Ref, n + 1);
    *site = (ErrorInfo){.class_name = hl_intern(name),
                        .message = joined_names(b, args),
                        .arg_types = hl_new_array(&b->c->arena, const Type *, n + 1),
                        .nargs = n};
    for (uint32_t i = 0; i < n; i++) {
        Val v = i < args->npos ? args->pos[i] : args->kw[i - args->npos];
        if (!hl_type_is_literal(v.type)) v = convert(b, v, hl_type_unliteral(v.type));
        if (!ok(v)) return NO_VAL;
        if (!has_object(v.type)) return fail(b, DIAG_NO_OVERLOAD, name, hl_type_show(v.type));
        site->arg_types[i] = v.type;
        if (!hl_type_is_literal(v.type)) refs[count++] = pack(b, v);
    }
    op(b, OP_FOREIGN, NULL, refs, count, (Aux){.error = site});
    return literal(hl_type(TY_NONE));
}

Val builtin_print(Builder *b, const Args *args, int64_t data) {
    (void)data;
    for (uint32_t i = 0; i < args->nkw; i++)
        if (strcmp(args->kwnames[i], "sep") && strcmp(args->kwnames[i], "end") &&
            strcmp(args->kwnames[i], "flush"))
            return fail(b, DIAG_BAD_ARGUMENTS,
                        hl_arena_printf(&b->c->arena, "print has no compiled keyword argument `%s`",
                                        args->kwnames[i]));
    return call_foreign(b, "print", args);
}
