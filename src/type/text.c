/* text: types as text. hl_type_print writes what hl_type_parse reads ("array<f64,2,C,ro>"); hl_type_show
 * writes what an error message says, in the words of Numba ("readonly array(float64, 2d, C)"). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "type/internal.h"

/* ---- printing ------------------------------------------------------------------------------------------ */

static void print_array(Text *out, const Type *t) {
    hl_text_printf(out, "array<%s,%d,%c%s%s>", hl_type_rows[t->args[0]->kind].text, t->ndim, t->layout,
                   t->readonly ? ",ro" : "", t->unaligned ? ",unaligned" : "");
}

static void print_name(Text *out, const Type *t, bool addresses) {
    size_t len = t->kind == TY_STR ? (size_t)t->value : strlen(t->name);
    hl_text_quote(out, t->name, len);
    if (addresses && t->object) hl_text_printf(out, ",0x%" PRIxPTR, (uintptr_t)t->object);
}

static void print(Text *out, const Type *t, bool addresses);

static void print_parts(Text *out, const Type *t, bool addresses) {
    for (uint32_t i = 0; i < t->nargs; i++) {
        if (i || t->name) hl_text_printf(out, ",");
        print(out, t->args[i], addresses);
    }
}

/* Is the word of this kind followed by <>? */
static bool has_parameters(TypeKind kind) {
    switch (hl_type_rows[kind].family) {
    case CLASS_SPECIAL:
    case CLASS_PY:
    case CLASS_NP: return false;
    case CLASS_REF: return true;
    case CLASS_LIT: return kind != TY_NONE && kind != TY_ELLIPSIS;
    case CLASS_AGG:
    case CLASS_ITER: return hl_type_rows[kind].nargs || hl_type_rows[kind].or_more;
    }
    return false;
}

static void print(Text *out, const Type *t, bool addresses) {
    if (t->kind == TY_ARRAY) {
        print_array(out, t);
        return;
    }
    hl_text_printf(out, "%s", hl_type_rows[t->kind].text);
    if (!has_parameters((TypeKind)t->kind)) return;
    hl_text_printf(out, "<");
    if (t->kind == TY_LIT_INT) hl_text_printf(out, "%" PRId64, t->value);
    if (t->kind == TY_LIT_BOOL) hl_text_printf(out, t->value ? "True" : "False");
    if (t->name) print_name(out, t, addresses);
    print_parts(out, t, addresses);
    hl_text_printf(out, ">");
}

void hl_type_print(Text *out, const Type *t) {
    print(out, t, true);
}

void hl_type_print_stable(Text *out, const Type *t) {
    print(out, t, false);
}

static const char *interned(Text *text) {
    const char *name = hl_intern_n(text->data, text->len);
    hl_text_free(text);
    return name;
}

const char *hl_type_text(const Type *t) {
    Text text = {0};
    hl_type_print(&text, t);
    return interned(&text);
}

/* ---- words for messages -------------------------------------------------------------------------------- */

static const char *const scalar_words[TY_COUNT] = {
    [TY_BOTTOM] = "unknown",
    [TY_UNDEF] = "undefined",
    [TY_NONE] = "none",
    [TY_BOOL] = "bool",
    [TY_INT] = "int64",
    [TY_FLOAT] = "float64",
    [TY_COMPLEX] = "complex128",
    [TY_B1] = "bool",
    [TY_I8] = "int8",
    [TY_I16] = "int16",
    [TY_I32] = "int32",
    [TY_I64] = "int64",
    [TY_U8] = "uint8",
    [TY_U16] = "uint16",
    [TY_U32] = "uint32",
    [TY_U64] = "uint64",
    [TY_F16] = "float16",
    [TY_F32] = "float32",
    [TY_F64] = "float64",
    [TY_C64] = "complex64",
    [TY_C128] = "complex128",
    [TY_PTR] = "voidptr",
    [TY_RNG] = "NumPyRandomGeneratorType",
    [TY_STR] = "str",
    [TY_TEXT] = "str",
    [TY_ELLIPSIS] = "ellipsis",
    [TY_RANGE] = "range_state_int64",
    [TY_RANGE_ITER] = "range_iter_int64",
    [TY_OBJECT] = "any object",
};

static const char *const wrapper_words[TY_COUNT] = {
    [TY_SLICE] = "slice",
    [TY_ENUMERATE] = "enumerate",
    [TY_ZIP] = "zip",
    [TY_REVERSED] = "reversed",
    [TY_MAP] = "map",
    [TY_ARRAY_ITER] = "iter",
    [TY_TUPLE_ITER] = "iter",
    [TY_ENUMERATE_ITER] = "enumerate",
    [TY_GENERATOR] = "generator",
    [TY_LIST] = "list",
    [TY_LIST_ITER] = "iter",
    [TY_SET] = "set",
    [TY_SET_ITER] = "iter",
    [TY_FLAT] = "flat",
    [TY_FLAGS] = "flags",
    [TY_NDINDEX] = "ndindex",
    [TY_NDINDEX_ITER] = "ndindex",
    [TY_FLAT_ITER] = "iter",
    [TY_ZIP_ITER] = "zip",
    [TY_REVERSED_ITER] = "reversed",
    [TY_MAP_ITER] = "map",
    [TY_OPTIONAL] = "OptionalType",
    [TY_TUPLE] = "Tuple",
    [TY_TENSOR_SCALAR] = "tensor",
};

static bool all_alike(const Type *t) {
    for (uint32_t i = 1; i < t->nargs; i++)
        if (hl_type_show(t->args[i]) != hl_type_show(t->args[0])) return false;
    return t->nargs > 0;
}

static void show_parts(Text *out, const Type *t) {
    hl_text_printf(out, "%s(", wrapper_words[t->kind]);
    for (uint32_t i = 0; i < t->nargs; i++)
        hl_text_printf(out, "%s%s", i ? ", " : "", hl_type_show(t->args[i]));
    hl_text_printf(out, ")");
}

static void show_named(Text *out, const Type *t) {
    hl_text_printf(out, "%.*s(", (int)strcspn(t->name, ":"), t->name);
    for (uint32_t i = 0; i < t->nargs && !all_alike(t); i++)
        hl_text_printf(out, "%s%s", i ? ", " : "", hl_type_show(t->args[i]));
    if (all_alike(t)) hl_text_printf(out, "%s x %u", hl_type_show(t->args[0]), t->nargs);
    hl_text_printf(out, ")");
}

static void show_array(Text *out, const Type *t, const char *word) {
    hl_text_printf(out, "%s%s%s(%s, %dd, %c)", t->unaligned ? "unaligned " : "",
                   t->readonly ? "readonly " : "", word, hl_type_show(t->args[0]), t->ndim, t->layout);
}

/* "module:numpy" is module numpy, "numpy.dtype:f64" dtype(float64). */
static void show_constant(Text *out, const char *name) {
    const char *colon = strchr(name, ':'), *element = colon ? colon + 1 : NULL;
    if (!colon)
        hl_text_printf(out, "%s", name);
    else if (!strncmp(name, "numpy.dtype:", 12))
        hl_text_printf(out, "dtype(%s)", hl_type_show(hl_type_parse(&element)));
    else
        hl_text_printf(out, "%.*s %s", (int)(colon - name), name, colon + 1);
}

static void show(Text *out, const Type *t) {
    if (t->kind == TY_SET || t->kind == TY_SET_ITER)
        hl_text_printf(out, "%s(%s)", wrapper_words[t->kind],
                       hl_type_show(t->kind == TY_SET ? hl_type_key_of(t) : t->args[0]));
    else if (scalar_words[t->kind])
        hl_text_printf(out, "%s", scalar_words[t->kind]);
    else if (hl_type_is_literal(t) && hl_type_unliteral(t) != t)
        show(out, hl_type_unliteral(t));
    else if (t->kind == TY_OBJECT_CONST && !strncmp(t->name, "object:", 7))
        hl_text_printf(out, "%s %s", hl_article(t->name + 7), t->name + 7);
    else if (t->kind == TY_ARRAY)
        show_array(out, t, "array");
    else if (t->kind == TY_TENSOR)
        show_array(out, t->args[0], "tensor");
    else if (t->kind == TY_TUPLE && t->name)
        show_named(out, t);
    else if (t->kind == TY_TUPLE && all_alike(t))
        hl_text_printf(out, "UniTuple(%s x %u)", hl_type_show(t->args[0]), t->nargs);
    else if (t->kind == TY_OBJECT_CONST)
        show_constant(out, t->name);
    else if (t->kind == TY_CLOSURE)
        hl_text_printf(out, "%s", t->name);
    else if (t->kind == TY_METHOD)
        hl_text_printf(out, "method `%s` of %s", t->name, hl_type_show(t->args[0]));
    else
        show_parts(out, t);
}

const char *hl_type_show(const Type *t) {
    Text text = {0};
    show(&text, t);
    return interned(&text);
}

/* ---- parsing ------------------------------------------------------------------------------------------- */

enum { MAX_DEPTH = 64 }; /* of types inside types, so that no text can exhaust the stack */

typedef struct Parser {
    const char *p;
    int depth;
} Parser;

static bool accept(Parser *in, const char *token) {
    size_t len = strlen(token);
    if (strncmp(in->p, token, len)) return false;
    in->p += len;
    return true;
}

static bool parse_name(Parser *in, Text *name) {
    return hl_text_unquote(name, &in->p) && name->data;
}

static bool parse_int(Parser *in, int64_t *value) {
    char *end;
    *value = strtoll(in->p, &end, 10);
    bool found = end != in->p;
    in->p = end;
    return found;
}

static const Type *parse(Parser *in);

static const Type *parse_literal(Parser *in) {
    int64_t value;
    if (accept(in, "True>")) return hl_type_lit_bool(true);
    if (accept(in, "False>")) return hl_type_lit_bool(false);
    return parse_int(in, &value) && accept(in, ">") ? hl_type_lit_int(value) : NULL;
}

static const Type *parse_array(Parser *in) {
    const Type *element = parse(in);
    int64_t ndim;
    if (!element || !hl_type_is_np(element) || !accept(in, ",") || !parse_int(in, &ndim) || !accept(in, ","))
        return NULL;
    int layout = *in->p;
    if (ndim < 0 || ndim > MAX_NDIM || !layout || !strchr("CFA", layout)) return NULL;
    in->p++;
    bool readonly = accept(in, ",ro"), unaligned = accept(in, ",unaligned");
    return accept(in, ">") ? hl_type_array(element, (int)ndim, layout, readonly, unaligned) : NULL;
}

/* ,0x7f.. when there is one. */
static const void *parse_address(Parser *in) {
    if (strncmp(in->p, ",0x", 3)) return NULL;
    char *end;
    const void *object = (const void *)(uintptr_t)strtoull(in->p + 1, &end, 16);
    in->p = end;
    return object;
}

static const Type *parse_const(Parser *in, const char *name) {
    const void *object = parse_address(in);
    return accept(in, ">") ? hl_type_const(object, name) : NULL;
}

/* A closure, a text, or a named tuple. */
static const Type *parse_closure(Parser *in, const char *name, TypeKind kind) {
    Arena scratch = {0};
    VEC(const Type *) parts = {0};
    const void *object = parse_address(in);
    const Type *part, *t = NULL;
    while (accept(in, ",") && (part = parse(in)))
        hl_push(&scratch, &parts, part);
    if (accept(in, ">"))
        t = kind == TY_TEXT    ? hl_type_text_of(name, parts.data, parts.len)
            : kind == TY_TUPLE ? parts.len ? hl_type_named(name, object, parts.data, parts.len) : NULL
                               : hl_type_closure(object, name, parts.data, parts.len);
    hl_arena_free(&scratch);
    return t;
}

static const Type *parse_method(Parser *in, const char *name) {
    const Type *self = accept(in, ",") ? parse(in) : NULL;
    return self && accept(in, ">") ? hl_type_method(self, name) : NULL;
}

/* str, const and method: a quoted name first. */
static const Type *parse_named(Parser *in, TypeKind kind) {
    Text name = {0};
    const Type *t = NULL;
    if (parse_name(in, &name)) {
        if (kind == TY_METHOD)
            t = parse_method(in, name.data);
        else if (kind == TY_CLOSURE || kind == TY_TEXT || kind == TY_TUPLE)
            t = parse_closure(in, name.data, kind);
        else if (kind == TY_OBJECT_CONST)
            t = parse_const(in, name.data);
        else
            t = accept(in, ">") ? hl_type_str(name.data, name.len) : NULL;
    }
    hl_text_free(&name);
    return t;
}

static bool right_count(TypeKind kind, uint32_t nargs) {
    const TypeRow *row = &hl_type_rows[kind];
    return nargs == row->nargs || (row->or_more && nargs > row->nargs);
}

static const Type *parse_parts(Parser *in, TypeKind kind) {
    Arena scratch = {0};
    VEC(const Type *) parts = {0};
    const Type *part = NULL;
    while (*in->p != '>' && (part = parse(in))) {
        hl_push(&scratch, &parts, part);
        if (!accept(in, ",")) break;
    }
    const Type *t = NULL;
    bool fits = right_count(kind, parts.len) && (kind != TY_TENSOR || parts.data[0]->kind == TY_ARRAY);
    if ((part || !parts.len) && accept(in, ">") && fits)
        t = kind == TY_OPTIONAL ? hl_type_optional(parts.data[0]) : hl_type_make(kind, parts.data, parts.len);
    hl_arena_free(&scratch);
    return t;
}

static const Type *parse_parameters(Parser *in, TypeKind kind) {
    switch (kind) {
    case TY_LIT_INT: return parse_literal(in);
    case TY_ARRAY: return parse_array(in);
    case TY_STR:
    case TY_OBJECT_CONST:
    case TY_CLOSURE:
    case TY_TEXT:
    case TY_METHOD: return parse_named(in, kind);
    default: return kind == TY_TUPLE && *in->p == '"' ? parse_named(in, kind) : parse_parts(in, kind);
    }
}

/* The kind whose word starts at the parser's position, TY_COUNT if none. */
static TypeKind parse_kind(Parser *in) {
    size_t len = strspn(in->p, "abcdefghijklmnopqrstuvwxyz_0123456789");
    int kind = 0;
    while (kind < TY_COUNT &&
           (strlen(hl_type_rows[kind].text) != len || strncmp(hl_type_rows[kind].text, in->p, len)))
        kind++;
    in->p += len;
    return (TypeKind)kind;
}

static const Type *parse(Parser *in) {
    if (in->depth == MAX_DEPTH) return NULL;
    in->depth++;
    TypeKind kind = parse_kind(in);
    const Type *t = NULL;
    if (kind != TY_COUNT && has_parameters(kind))
        t = accept(in, "<") ? parse_parameters(in, kind) : NULL;
    else if (kind != TY_COUNT)
        t = hl_type(kind);
    in->depth--;
    return t;
}

const Type *hl_type_parse(const char **text) {
    Parser in = {*text, 0};
    const Type *t = parse(&in);
    if (t) *text = in.p;
    return t;
}
