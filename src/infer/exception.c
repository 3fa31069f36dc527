/* exception: exceptions as values, raising them, and what handlers do with one that was caught.
 *
 * The value of a call of an exception class is its arguments, which only `raise` takes. A caught exception is Python's
 * object, in functions without other objects too: what handlers do with it are operations of ir/foreign.def.
 */
#include "infer/internal.h"
#include "runtime/runtime.h"

#include <string.h>

/* ---- as values, and raising them ------------------------------------------------------------------------------------- */

Val exception_value(Builder *b, Val class_, const Args *args) {
    if (args->nkw)
        return fail(b, DIAG_BAD_ARGUMENTS, "an exception takes no keyword arguments in compiled code");
    Val *items = hl_new_array(&b->c->arena, Val, args->npos + 1);
    items[0] = class_;
    for (uint32_t i = 0; i < args->npos; i++)
        items[i + 1] = args->pos[i];
    Val tuple = tuple_val(b, items, args->npos + 1);
    Val *part = hl_new(&b->c->arena, Val);
    *part = tuple;
    return (Val){.type = hl_type_method(tuple.type, "exception"), .parts = part};
}

/* How the dispatcher shows a value of this type: as an integer, or as Python shows a float; 0: not at all. */
static char conversion_of(const Type *t) {
    if (t->kind == TY_FLOAT || t->kind == TY_F64) return 'f';
    return t->kind == TY_U64 ? 'u' : is_index(t) ? 'd' : 0;
}

/* The format with the conversion of each value's type in place of %s, and of %d for an integer; NULL where there is
 * another one, or not one for each value. */
static char *typed_format(Builder *b, const char *text, Val values) {
    char *result = hl_arena_strdup(&b->c->arena, text);
    uint32_t n = 0;
    for (char *p = strchr(result, '%'); p; p = strchr(p + 2, '%')) {
        if (p[1] == '%') continue;
        char conversion = n < values.type->nargs ? conversion_of(values.type->args[n++]) : 0;
        if (!conversion || (p[1] != 's' && (p[1] != 'd' || conversion == 'f'))) return NULL;
        p[1] = conversion;
    }
    return n == values.type->nargs ? result : NULL;
}

Val format_text(Builder *b, Val text, Val values) {
    if (values.type->kind != TY_TUPLE) values = tuple_val(b, &values, 1);
    const char *format = typed_format(b, text.type->name, values);
    if (!format) return fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "this formatting of a string");
    Val *part = hl_new(&b->c->arena, Val);
    *part = convert(b, values, hl_type_unliteral(values.type));
    const char *name = hl_arena_printf(&b->c->arena, "format:%s", format);
    return (Val){.type = hl_type_method(part->type, hl_intern(name)), .parts = part};
}

static bool is_formatted(const Type *t) {
    return t->kind == TY_METHOD && strncmp(t->name, "format:", 7) == 0;
}

bool is_exception_class(Builder *b, Val v) {
    return v.type->kind == TY_OBJECT_CONST && b->c->host->is_exception_class(b->c, v.type->object);
}

static const char *class_name(const char *canonical) {
    return strncmp(canonical, "builtins.", 9) == 0 ? hl_intern(canonical + 9) : canonical;
}

static bool has_run_time_form(const Type *t) {
    return hl_type_is_scalar(t) || t->kind == TY_TUPLE || t->kind == TY_NONE || t->kind == TY_STR ||
           (t->kind == TY_TEXT && !hl_type_item_refs(t));
}

/* (class, "text %s" % values) as (class, values...) and the text; any other exception as it is, and NULL. */
static Val with_values(Builder *b, Val tuple, const char **message) {
    *message = NULL;
    if (tuple.type->nargs != 2 || !is_formatted(tuple.type->args[1])) return tuple;
    *message = hl_intern(tuple.type->args[1]->name + 7);
    return tuple_concat(b, tuple_val(b, tuple.parts, 1), tuple.parts[1].parts[0]);
}

static bool too_many_components(const ErrorInfo *error) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < error->nargs; i++)
        n += hl_type_ncomponents(error->arg_types[i]);
    return n > 2 * HL_MAX_ERROR_ARGS;
}

/* The operation on these values as objects. */
static Val on_objects(Builder *b, ForeignId id, const Val *values, uint32_t n) {
    Val operands[2];
    for (uint32_t i = 0; i < n; i++) {
        operands[i] = exception_object(b, values[i]);
        if (!ok(operands[i])) return NO_VAL;
    }
    return object_operation(b, id, operands, n);
}

bool raise_value(Builder *b, Val v) {
    bool is_instance = v.type->kind == TY_OBJECT_CONST && !is_exception_class(b, v);
    if (v.type->kind == TY_OBJECT || is_instance) return ok(on_objects(b, FOREIGN_RAISE, &v, 1));
    Val tuple = is_exception_class(b, v) ? tuple_val(b, &v, 1) : v.type->kind == TY_METHOD ? v.parts[0] : v;
    if (tuple.type->kind != TY_TUPLE || tuple.type->nargs == 0 || !is_exception_class(b, tuple.parts[0]))
        return ok(
            fail(b, DIAG_UNSUPPORTED_CONSTRUCT, "raising anything but an exception class or a call of one"));
    const char *message;
    tuple = with_values(b, tuple, &message);
    uint32_t n = tuple.type->nargs - 1, count = 0;
    ErrorInfo *error = hl_new(&b->c->arena, ErrorInfo);
    Ref *refs = hl_new_array(&b->c->arena, Ref, n + 1);
    /* The prelude's classes are found by their names: its code is not of one compilation. */
    *error = (ErrorInfo){.class_name = class_name(tuple.type->args[0]->name),
                         .class_object = b->instance->prelude ? NULL : tuple.type->args[0]->object,
                         .message = message,
                         .arg_types = hl_new_array(&b->c->arena, const Type *, n + 1),
                         .nargs = n};
    for (uint32_t i = 0; i < n; i++) {
        const Type *type = error->arg_types[i] = tuple.type->args[i + 1];
        if (!has_run_time_form(type))
            return ok(fail(b, DIAG_NO_OVERLOAD, "an exception", hl_type_show(type)));
        if (!hl_type_is_literal(type)) refs[count++] = pack(b, tuple.parts[i + 1]);
    }
    if (too_many_components(error))
        return ok(fail(b, DIAG_BAD_ARGUMENTS, "an exception with so many arguments is not compiled"));
    op(b, OP_RAISE, NULL, refs, count, (Aux){.error = error});
    return true;
}

/* ---- handlers ------------------------------------------------------------------------------------------------------------ */

/* An exception value as the object it stands for; anything else as it is boxed. */
Val exception_object(Builder *b, Val v) {
    if (v.type->kind != TY_METHOD || strcmp(v.type->name, "exception") != 0) return box_value(b, v);
    Val tuple = v.parts[0];
    Val *operands = hl_new_array(&b->c->arena, Val, tuple.type->nargs + 1);
    for (uint32_t i = 0; i < tuple.type->nargs; i++) {
        operands[i] = box_value(b, tuple.parts[i]);
        if (!ok(operands[i])) return NO_VAL;
    }
    return object_operation(b, FOREIGN_CALL, operands, tuple.type->nargs);
}

static Val never(Val done) {
    return ok(done) ? literal(hl_type(TY_BOTTOM)) : NO_VAL;
}

static Val matches(Builder *b, const Val *values) {
    Val operands[] = {box_value(b, values[0]), box_value(b, values[1])};
    return ok(operands[0]) && ok(operands[1]) ? object_test(b, FOREIGN_EXC_MATCH, operands, 2) : NO_VAL;
}

static Val pop_except(Builder *b, const Val *before) {
    return ok(on_objects(b, FOREIGN_POP_EXCEPT, before, 1)) ? literal(hl_type(TY_NONE)) : NO_VAL;
}

static Val poll(Builder *b) {
    op(b, OP_POLL, NULL, NULL, 0, (Aux){0});
    return literal(hl_type(TY_NONE));
}

Val exception_instruction(Builder *b, const Ins *ins, const Val *args) {
    switch ((int)ins->op) {
    case OP_PY_FAILED: return b->may_fail ? bool_val(0) : literal(hl_type_lit_bool(false));
    case OP_PY_CATCH:
        return scalar(hl_type(TY_OBJECT), op(b, OP_CATCH, hl_type(TY_OBJECT), NULL, 0, (Aux){0}));
    case OP_PY_PUSH_EXC: return on_objects(b, FOREIGN_PUSH_EXC, args, 1);
    case OP_PY_POP_EXCEPT: return pop_except(b, args);
    case OP_PY_EXC_MATCH: return matches(b, args);
    case OP_PY_THROW: return raise_value(b, args[0]) ? literal(hl_type(TY_BOTTOM)) : NO_VAL;
    case OP_PY_THROW_FROM: return never(on_objects(b, FOREIGN_RAISE_FROM, args, 2));
    case OP_PY_THROW_AGAIN: return never(object_operation(b, FOREIGN_RAISE_AGAIN, NULL, 0));
    case OP_PY_RERAISE: return never(on_objects(b, FOREIGN_RERAISE, args, 1));
    case OP_PY_POLL: return poll(b);
    default: return fail(b, DIAG_INTERNAL, "no instruction of a handler");
    }
}
