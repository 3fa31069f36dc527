/* text: strings that are made of values where Python sees them: printed, raised or returned.
 *
 * Compiled code has no strings of its own. An f-string is a value of type text<format,T...>: a format for str.format and
 * the values it is made of, which boxing puts together. A constant string is a literal.
 */
#include <string.h>

#include "infer/internal.h"
#include "infer/known.h"

bool is_text(const Type *t) {
    return t->kind == TY_STR || t->kind == TY_TEXT;
}

static bool has_text(const Type *t) {
    if (t->kind == TY_TUPLE || t->kind == TY_OPTIONAL || t->kind == TY_LIST || t->kind == TY_SET) {
        for (uint32_t i = 0; i < t->nargs; i++)
            if (!has_text(t->args[i])) return false;
        return true;
    }
    return hl_type_is_scalar(t) || is_text(t) || t->kind == TY_NONE || t->kind == TY_RANGE ||
           t->kind == TY_ARRAY;
}

static Val make(Builder *b, const char *format, const Val *parts, uint32_t n) {
    const Type **types = hl_new_array(&b->c->arena, const Type *, n + 1);
    Val *copy = hl_new_array(&b->c->arena, Val, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = convert(b, parts[i], hl_type_unliteral(parts[i].type));
        if (!ok(copy[i])) return NO_VAL;
        types[i] = copy[i].type;
    }
    return (Val){.type = hl_type_text_of(format, types, n), .parts = copy};
}

Val text_of(Builder *b, Val v, int64_t conversion, Val spec) {
    if (!ok(v)) return v;
    const char *who = conversion == 's' ? "str" : conversion == 'r' ? "repr" : "format";
    if (!has_text(v.type)) return fail(b, DIAG_NO_OVERLOAD, who, hl_type_show(v.type));
    if (ok(spec) && spec.type->kind != TY_STR) return fail(b, DIAG_NOT_CONSTANT, "the format of a value");
    if (v.type->kind == TY_STR && !ok(spec) && (conversion == 0 || conversion == 's')) return v;
    Text format = {0};
    hl_text_printf(&format, "{");
    if (conversion) hl_text_printf(&format, "!%c", (char)conversion);
    if (ok(spec) && spec.type->value) hl_text_printf(&format, ":%s", spec.type->name);
    hl_text_printf(&format, "}");
    Val text = make(b, hl_arena_strdup(&b->c->arena, format.data), &v, 1);
    hl_text_free(&format);
    return text;
}

/* A constant string as part of a format. */
static void append_escaped(Text *format, const Type *string) {
    for (int64_t i = 0; i < string->value; i++) {
        char c = string->name[i];
        hl_text_append(format, &c, 1);
        if (c == '{' || c == '}') hl_text_append(format, &c, 1);
    }
}

static Val join_constants(const Val *parts, uint32_t n) {
    Text text = {0};
    hl_text_append(&text, "", 0);
    for (uint32_t i = 0; i < n; i++)
        hl_text_append(&text, parts[i].type->name, (size_t)parts[i].type->value);
    Val joined = literal(hl_type_str(text.data, text.len));
    hl_text_free(&text);
    return joined;
}

Val text_join(Builder *b, const Val *parts, uint32_t n) {
    Text format = {0};
    uint32_t count = 0;
    bool constant = true;
    for (uint32_t i = 0; i < n; i++) {
        if (!ok(parts[i])) return NO_VAL;
        count += parts[i].type->nargs;
        constant &= parts[i].type->kind == TY_STR;
    }
    if (constant) return join_constants(parts, n);
    Val *values = hl_new_array(&b->c->arena, Val, count + 1);
    count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const Type *t = parts[i].type;
        if (t->kind == TY_STR)
            append_escaped(&format, t);
        else
            hl_text_append(&format, t->name, strlen(t->name));
        for (uint32_t k = 0; k < t->nargs; k++)
            values[count++] = parts[i].parts[k];
    }
    Val text = make(b, hl_arena_strdup(&b->c->arena, format.data), values, count);
    hl_text_free(&format);
    return text;
}

/* str(x), repr(x) */
Val text_str(Builder *b, const Args *args, int64_t conversion) {
    Val v;
    if (!bind(b, conversion ? "repr" : "str", "object=", args, &v)) return NO_VAL;
    if (!ok(v)) return literal(hl_type_str("", 0));
    return text_of(b, v, conversion ? conversion : 's', NO_VAL);
}
