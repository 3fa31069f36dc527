/* parse: reads what print.c writes (its head shows the form) and nothing else; bad text gives a message with
 * its line, never a crash, whatever it is.
 *
 * One pass over the text. Functions, blocks and values are made when they are first named, so calls, branches
 * and phis may look ahead; what was named but never given is an error at the end. The result is not verified:
 * it holds only Refs and blocks that exist, and hl_verify must be asked before anything relies on more (tests
 * of the verifier are written as text too). Instructions without a result get numbers above all values.
 */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ir/internal.h"

/* Numbers of values and blocks a text may use: those that were deleted leave gaps, but "%4000000000" must not
 * get as much memory. */
enum { NUMBERS_PER_CHAR = 8, NUMBERS_AT_LEAST = 4096 };

/* An operand or a target that must exist at the end. */
typedef struct Mention {
    uint32_t number;
    int line;
} Mention;

typedef struct FuncMention {
    Func *func;
    int line;
    bool defined;
} FuncMention;

typedef struct Parser {
    Arena *arena;
    Arena scratch;
    const char *p;
    int line;
    char *error; /* malloc'd, the first one */
    Map funcs;   /* interned name -> FuncMention */
    VEC(FuncMention *) mentioned;
    locale_t numbers;
    uint64_t numbers_left;

    /* the function being read */
    Func *f;
    BlockId block;
    VEC(Mention) values, blocks;
    VEC(Ins) unnumbered; /* instructions without a result; their places in blocks are 0 until the end */
} Parser;

/* ---- text ---------------------------------------------------------------------------------------------- */

static bool fail_at(Parser *in, int line, const char *what, const char *detail) {
    if (in->error) return false;
    Text text = {0};
    hl_text_printf(&text, "line %d: %s%s", line, what, detail);
    in->error = text.data;
    return false;
}

static bool fail(Parser *in, const char *what) {
    return fail_at(in, in->line, what, "");
}

/* "expected X before `rest of the line`" */
static bool expected(Parser *in, const char *what) {
    Text text = {0};
    hl_text_printf(&text, "%s, found ", what);
    size_t len = strcspn(in->p, "\n");
    if (*in->p)
        hl_text_quote(&text, in->p, len < 30 ? len : 30);
    else
        hl_text_printf(&text, "the end of the text");
    fail_at(in, in->line, "expected ", text.data);
    hl_text_free(&text);
    return false;
}

static void skip_blanks(Parser *in) {
    in->p += strspn(in->p, " \t\r");
    if (*in->p == ';') in->p += strcspn(in->p, "\n");
}

static void skip_lines(Parser *in) {
    for (skip_blanks(in); *in->p == '\n'; skip_blanks(in)) {
        in->p++;
        in->line++;
    }
}

static bool accept(Parser *in, const char *token) {
    skip_blanks(in);
    size_t len = strlen(token);
    if (strncmp(in->p, token, len)) return false;
    in->p += len;
    return true;
}

static bool expect(Parser *in, const char *token) {
    return accept(in, token) || expected(in, hl_arena_printf(&in->scratch, "`%s`", token));
}

static bool expect_end_of_line(Parser *in) {
    skip_blanks(in);
    if (*in->p && *in->p != '\n') return expected(in, "the end of the line");
    skip_lines(in);
    return true;
}

#define WORD_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789."

/* The word at the parser's position, "" if none; its end is passed. */
static const char *take_word(Parser *in) {
    skip_blanks(in);
    size_t len = strspn(in->p, WORD_CHARS);
    const char *word = hl_intern_n(in->p, len);
    in->p += len;
    return word;
}

/* Moves past this word when it is the next one. */
static bool accept_word(Parser *in, const char *word) {
    skip_blanks(in);
    size_t len = strlen(word);
    if (strncmp(in->p, word, len) || (in->p[len] && strchr(WORD_CHARS, in->p[len]))) return false;
    in->p += len;
    return true;
}

static bool take_string(Parser *in, Text *text) {
    skip_blanks(in);
    if (!hl_text_unquote(text, &in->p)) return expected(in, "a quoted text");
    return strlen(text->data) == text->len || fail(in, "a NUL in a quoted text");
}

/* A word or a quoted text without NUL; NULL with an error. */
static const char *take_name(Parser *in) {
    skip_blanks(in);
    if (*in->p != '"') {
        const char *word = take_word(in);
        return *word ? word : (expected(in, "a name"), NULL);
    }
    Text text = {0};
    const char *name = take_string(in, &text) ? hl_intern(text.data) : NULL;
    hl_text_free(&text);
    return name;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take_int(Parser *in, int64_t *value) {
    skip_blanks(in);
    char *end = (char *)in->p;
    errno = 0;
    if (*in->p == '-' || is_digit(*in->p)) *value = strtoll(in->p, &end, 10);
    if (end == in->p || !is_digit(end[-1])) return expected(in, "an integer");
    in->p = end;
    return errno != ERANGE || fail(in, "the number is too large");
}

static bool take_int32(Parser *in, int32_t *value) {
    int64_t wide;
    if (!take_int(in, &wide)) return false;
    *value = (int32_t)wide;
    return wide == *value || fail(in, "the number is too large");
}

/* The number behind % or b. */
static bool take_number(Parser *in, uint32_t *number) {
    int64_t wide;
    if (!is_digit(*in->p)) return expected(in, "a number");
    if (!take_int(in, &wide)) return false;
    if (wide < 1 || wide > INT32_MAX) return fail(in, "the number is out of range");
    *number = (uint32_t)wide;
    return true;
}

/* Takes n new numbers out of what the text may use. */
static bool spend_numbers(Parser *in, uint64_t n) {
    if (n > in->numbers_left) return fail(in, "the number is too large for this text");
    in->numbers_left -= n;
    return true;
}

static bool take_float(Parser *in, double *value) {
    skip_blanks(in);
    char *end;
    if (!strncmp(in->p, "nan:0x", 6)) {
        uint64_t bits = strtoull(in->p + 4, &end, 16);
        memcpy(value, &bits, sizeof bits);
    } else {
        *value = strtod_l(in->p, &end, in->numbers);
    }
    if (end == in->p || strchr(" \n", *in->p)) return expected(in, "a floating-point number");
    in->p = end;
    return true;
}

static const Type *take_type(Parser *in) {
    skip_blanks(in);
    const Type *t = hl_type_parse(&in->p);
    if (!t) expected(in, "a type");
    return t;
}

/* ---- things named before they are given ---------------------------------------------------------------- */

static FuncMention *mention_func(Parser *in, const char *name) {
    FuncMention *mention = hl_map_get(&in->funcs, (uintptr_t)name);
    if (mention) return mention;
    mention = hl_new(&in->scratch, FuncMention);
    *mention = (FuncMention){hl_func_new(in->arena, name), in->line, false};
    hl_map_set(&in->scratch, &in->funcs, (uintptr_t)name, mention);
    hl_push(&in->scratch, &in->mentioned, mention);
    return mention;
}

static bool take_func(Parser *in, FuncMention **mention) {
    if (!expect(in, "@")) return false;
    const char *name = take_name(in);
    if (name) *mention = mention_func(in, name);
    return name != NULL;
}

static bool take_block(Parser *in, BlockId *b) {
    uint32_t have = in->f->blocks.len;
    if (!expect(in, "b") || !take_number(in, b) || !spend_numbers(in, *b < have ? 0 : *b + 1 - have))
        return false;
    while (in->f->blocks.len <= *b)
        hl_block_new(in->f);
    hl_push(&in->scratch, &in->blocks, ((Mention){*b, in->line}));
    return true;
}

static bool take_value(Parser *in, Ref *r) {
    uint32_t have = in->f->ins.len;
    if (!expect(in, "%") || !take_number(in, r) || !spend_numbers(in, *r < have ? 0 : *r + 1 - have))
        return false;
    while (in->f->ins.len <= *r)
        hl_push(in->arena, &in->f->ins, (Ins){.op = OP_COUNT});
    return true;
}

/* ---- aux ----------------------------------------------------------------------------------------------- */

/* The place of the next word in a list of n; n with an error when it is not there. */
#define TAKE_ROW(in, rows, n, what) take_row(in, (const char *)&(rows)[0].name, sizeof(rows)[0], n, what)
static int64_t take_row(Parser *in, const char *first_name, size_t stride, int64_t n, const char *what) {
    const char *at = (skip_blanks(in), in->p), *word = take_word(in);
    for (int64_t i = 0; i < n; i++)
        if (!strcmp(word, *(const char *const *)(const void *)(first_name + (size_t)i * stride))) return i;
    in->p = at;
    expected(in, what);
    return n;
}

static bool parse_int_aux(Parser *in, Ins *ins) {
    const char *const *words = hl_int_words((Op)ins->op);
    if (!words) return take_int(in, &ins->aux.i);
    for (int64_t i = 0; words[i]; i++) {
        ins->aux.i = i;
        if (accept_word(in, words[i])) return true;
    }
    return expected(in, "an operator");
}

static bool parse_error_types(Parser *in, ErrorInfo *error) {
    VEC(const Type *) types = {0};
    while (!accept(in, ")")) {
        if (types.len && !expect(in, ",")) return false;
        const Type *t = take_type(in);
        if (!t) return false;
        hl_push(in->arena, &types, t);
    }
    error->arg_types = types.data;
    error->nargs = types.len;
    return true;
}

static bool parse_error_aux(Parser *in, Ins *ins) {
    ErrorInfo *error = hl_new(in->arena, ErrorInfo);
    ins->aux.error = error;
    error->class_name = take_name(in);
    if (!error->class_name) return false;
    if (accept(in, "(")) return parse_error_types(in, error);
    Text message = {0};
    bool found = take_string(in, &message);
    if (found) error->message = hl_arena_strdup(in->arena, message.data);
    hl_text_free(&message);
    if (!found) return false;
    return accept(in, "(") ? parse_error_types(in, error) : true;
}

static int hex_value(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool parse_data_aux(Parser *in, Ins *ins) {
    ConstData *data = hl_new(in->arena, ConstData);
    ins->aux.data = data;
    int32_t align;
    if (!accept_word(in, "align")) return expected(in, "`align`");
    if (!take_int32(in, &align) || !expect(in, "0x")) return false;
    if (align < 1 || align > 4096 || (align & (align - 1)))
        return fail(in, "the alignment is no power of two");
    size_t ndigits = strspn(in->p, "0123456789abcdef");
    if (ndigits % 2) return fail(in, "half a byte");
    unsigned char *bytes = hl_arena_alloc(in->arena, ndigits / 2);
    for (size_t i = 0; i < ndigits / 2; i++)
        bytes[i] = (unsigned char)(hex_value(in->p[2 * i]) * 16 + hex_value(in->p[2 * i + 1]));
    in->p += ndigits;
    *data = (ConstData){bytes, ndigits / 2, (uint32_t)align};
    return true;
}

/* The text of a py.const's value: what it is depends on the type, which stands behind it. */
typedef struct ValueText {
    const char *start, *end;
} ValueText;

static ValueText pass_const_value(Parser *in) {
    skip_blanks(in);
    ValueText value = {in->p, in->p + strspn(in->p, WORD_CHARS "+-,:")};
    if (value.end > value.start && value.end[-1] == ':') value.end--;
    in->p = value.end;
    return value;
}

/* Reads the value now that the type is known: a number, or two, or none. */
static bool parse_const_value(Parser *in, Ins *ins, ValueText value) {
    const Type *t = ins->type;
    const char *after = in->p;
    bool good = true;
    in->p = value.start;
    if (!t || !hl_type_is_scalar(t) || hl_type_is_literal(t))
        good = true;
    else if (hl_type_is_float(t))
        good = take_float(in, &ins->aux.f[0]);
    else if (hl_type_is_complex(t))
        good = take_float(in, &ins->aux.f[0]) && expect(in, ",") && take_float(in, &ins->aux.f[1]);
    else
        good = take_int(in, &ins->aux.i);
    if (good && in->p != value.end) good = expected(in, "the end of the constant");
    in->p = after;
    return good;
}

static bool parse_aux(Parser *in, Ins *ins) {
    FuncMention *callee;
    switch ((enum OpAux)hl_op_info((Op)ins->op)->aux) {
    case AUX_NONE:
    case AUX_CALL:
    case AUX_CONST:
    case AUX_OBJECT: return true;
    case AUX_INT: return parse_int_aux(in, ins);
    case AUX_FLOAT: return take_float(in, &ins->aux.f[0]);
    case AUX_NAME: return (ins->aux.name = take_name(in)) != NULL;
    case AUX_FUNC:
        if (!take_func(in, &callee)) return false;
        ins->aux.func = callee->func;
        return true;
    case AUX_RT: return (ins->aux.i = TAKE_ROW(in, hl_rt_infos, RT_COUNT, "a runtime function")) != RT_COUNT;
    case AUX_MATH:
        return (ins->aux.i = TAKE_ROW(in, hl_math_infos, MATH_COUNT, "a function of math.def")) != MATH_COUNT;
    case AUX_UFUNC: return (ins->aux.i = TAKE_ROW(in, hl_ufunc_infos, UFUNC_COUNT, "a ufunc")) != UFUNC_COUNT;
    case AUX_FOREIGN:
        return (ins->aux.i = TAKE_ROW(in, hl_foreign_infos, FOREIGN_COUNT, "a foreign operation")) !=
               FOREIGN_COUNT;
    case AUX_ERROR: return parse_error_aux(in, ins);
    case AUX_DATA: return parse_data_aux(in, ins);
    }
    return true;
}

/* ---- instructions -------------------------------------------------------------------------------------- */

typedef VEC(Ref) RefList;
typedef VEC(const char *) NameList;

static bool at_operand(Parser *in) {
    skip_blanks(in);
    return *in->p == '%';
}

/* %1, %2, name=%3: as many as there are. A `b` behind the last comma is a branch target. */
static bool parse_operands(Parser *in, const Ins *ins, RefList *operands, NameList *keywords) {
    bool named = ins->op == OP_PY_CALL;
    if (!at_operand(in)) return true;
    do {
        const char *name = NULL;
        if (!at_operand(in) && ins->op == OP_BRANCH) break;
        if (!at_operand(in) && named && operands->len && (!(name = take_name(in)) || !expect(in, "=")))
            return false;
        if (!name && keywords->len) return fail(in, "a positional value behind a keyword");
        Ref r;
        if (!take_value(in, &r)) return false;
        if (name) hl_push(in->arena, keywords, name);
        hl_push(&in->scratch, &in->values, ((Mention){r, in->line}));
        hl_push(in->arena, operands, r);
    } while (accept(in, ","));
    return true;
}

static void set_operands(Parser *in, Ins *ins, const RefList *operands, const NameList *keywords) {
    ins->args = operands->data;
    ins->nargs = operands->len;
    if (ins->op != OP_PY_CALL) return;
    CallInfo *call = hl_new(in->arena, CallInfo);
    uint32_t npos = operands->len ? operands->len - 1 - keywords->len : 0;
    *call = (CallInfo){npos, keywords->len, keywords->data};
    ins->aux.call = call;
}

static bool parse_targets(Parser *in, const Ins *ins) {
    uint8_t n = ins->op == OP_JUMP ? 1 : ins->op == OP_BRANCH ? 2 : 0;
    for (uint8_t s = 0; s < n; s++) {
        BlockId to;
        if (s && !expect(in, ",")) return false;
        if (!take_block(in, &to)) return false;
        hl_block(in->f, in->block)->succs[s] = to;
        hl_block(in->f, in->block)->nsuccs = s + 1;
    }
    return true;
}

static void parse_flags(Parser *in, Ins *ins) {
    for (bool again = true; again;) {
        again = false;
        for (int bit = 0; hl_flag_words[bit]; bit++) {
            if (!accept_word(in, hl_flag_words[bit])) continue;
            ins->flags |= (uint8_t)(1 << bit);
            again = true;
        }
    }
}

static bool parse_loc(Parser *in, Loc *loc) {
    if (!accept(in, "!")) return true;
    return take_int32(in, &loc->line) && expect(in, ":") && take_int32(in, &loc->col) && expect(in, "-") &&
           take_int32(in, &loc->end_line) && expect(in, ":") && take_int32(in, &loc->end_col);
}

static bool parse_op(Parser *in, Ins *ins) {
    const char *at = (skip_blanks(in), in->p), *word = take_word(in);
    for (int op = 0; op < OP_COUNT; op++) {
        if (strcmp(word, hl_op_info((Op)op)->text)) continue;
        ins->op = (uint16_t)op;
        return true;
    }
    in->p = at;
    return expected(in, "an operation");
}

/* Everything behind "%7 =". */
static bool parse_rest(Parser *in, Ins *ins) {
    ValueText value = {0};
    RefList operands = {0};
    NameList keywords = {0};
    bool is_const = hl_op_info((Op)ins->op)->aux == AUX_CONST;
    if (is_const) value = pass_const_value(in);
    if (!parse_aux(in, ins)) return false;
    if (!parse_operands(in, ins, &operands, &keywords)) return false;
    set_operands(in, ins, &operands, &keywords);
    if (!parse_targets(in, ins)) return false;
    if (accept(in, ":") && !(ins->type = take_type(in))) return false;
    if (is_const && !parse_const_value(in, ins, value)) return false;
    parse_flags(in, ins);
    return parse_loc(in, &ins->loc) && expect_end_of_line(in);
}

static void place_unnumbered(Parser *in, const Ins *ins) {
    hl_push(&in->scratch, &in->unnumbered, *ins);
    hl_push(in->arena, &hl_block(in->f, in->block)->ins, 0);
}

static bool parse_ins(Parser *in) {
    Ref r = 0;
    Ins ins = {.block = in->block};
    int line = in->line;
    if (at_operand(in) && !(take_value(in, &r) && expect(in, "="))) return false;
    if (!parse_op(in, &ins)) return false;
    bool has_result = hl_op_info((Op)ins.op)->result == VALUE;
    if (has_result != (r != 0))
        return fail(in, has_result ? "the result is not named" : "there is no result to name");
    if (!parse_rest(in, &ins)) return false;
    if (!r) {
        place_unnumbered(in, &ins);
        return true;
    }
    if (hl_ins(in->f, r)->op != OP_COUNT) return fail_at(in, line, "this value is given twice", "");
    *hl_ins(in->f, r) = ins;
    hl_append(in->f, in->block, r);
    return true;
}

/* ---- blocks and functions ------------------------------------------------------------------------------ */

/* "b3 cold brief piece parallel <- b1, b2:"; in->block stays 0 for "}". */
static bool parse_label(Parser *in) {
    BlockId pred;
    if (!take_block(in, &in->block)) return false;
    Block *block = hl_block(in->f, in->block);
    if (block->ins.len || block->preds.len) return fail(in, "this block is given twice");
    block->cold = accept_word(in, "cold");
    block->brief = accept_word(in, "brief");
    block->piece = accept_word(in, "piece");
    block->parallel = accept_word(in, "parallel");
    if (accept(in, "<-")) {
        do {
            if (!take_block(in, &pred)) return false;
            hl_add_pred(in->f, in->block, pred);
        } while (accept(in, ","));
    }
    return expect(in, ":") && expect_end_of_line(in);
}

static bool at_label(const Parser *in) {
    return in->p[0] == 'b' && is_digit(in->p[1]);
}

static bool parse_body(Parser *in) {
    in->block = 0;
    while (!accept(in, "}")) {
        if (!*in->p) return expected(in, "`}`");
        if (at_label(in)) {
            if (!parse_label(in)) return false;
        } else if (!in->block) {
            return expected(in, "a block");
        } else if (!parse_ins(in)) {
            return false;
        }
    }
    return expect_end_of_line(in);
}

static bool parse_params(Parser *in, Func *f) {
    VEC(const Type *) types = {0};
    VEC(const char *) names = {0};
    while (!accept(in, ")")) {
        if (names.len && !expect(in, ",")) return false;
        const char *name = take_name(in);
        const Type *t = NULL;
        if (!name || (accept(in, ":") && !(t = take_type(in)))) return false;
        hl_push(in->arena, &names, name);
        if (t) hl_push(in->arena, &types, t);
    }
    if (types.len && types.len != names.len) return fail(in, "a parameter without a type beside typed ones");
    f->nparams = names.len;
    f->param_names = names.data;
    f->param_types = types.data;
    return true;
}

static bool parse_source(Parser *in, Func *f) {
    const char *file = take_name(in), *qualname = NULL;
    if (!file || !take_int32(in, &f->first_line) || !(qualname = take_name(in))) return false;
    f->file = *file ? file : NULL;
    f->qualname = qualname;
    return true;
}

static bool parse_fastmath(Parser *in, Func *f) {
    if (!expect(in, "(")) return false;
    do {
        int bit = 0;
        while (hl_fastmath_words[bit] && !accept_word(in, hl_fastmath_words[bit]))
            bit++;
        if (!hl_fastmath_words[bit]) return expected(in, "a fastmath flag");
        f->options.fastmath |= 1u << bit;
    } while (accept(in, ","));
    return expect(in, ")");
}

static bool at_end_of_line(Parser *in) {
    skip_blanks(in);
    return !*in->p || *in->p == '\n';
}

static bool parse_options(Parser *in, Func *f) {
    while (!at_end_of_line(in)) {
        int i = 0;
        if (accept_word(in, "fastmath")) {
            if (!parse_fastmath(in, f)) return false;
            continue;
        }
        while (hl_option_words[i].word && !accept_word(in, hl_option_words[i].word))
            i++;
        if (!hl_option_words[i].word) return expected(in, "an option");
        *hl_option_bool(&f->options, i) = !hl_option_words[i].usual;
    }
    return true;
}

static bool parse_func_flags(Parser *in, Func *f) {
    while (!at_end_of_line(in)) {
        if (accept_word(in, "external"))
            f->external = true;
        else if (accept_word(in, "recursive"))
            f->recursive = true;
        else if (accept_word(in, "cold"))
            f->cold = true;
        else if (accept_word(in, "small"))
            f->small = true;
        else if (accept_word(in, "part"))
            f->part = true;
        else
            return expected(in, "`external`, `recursive`, `cold`, `small` or `part`");
    }
    return true;
}

static bool parse_attributes(Parser *in, Func *f) {
    for (;;) {
        bool good;
        if (accept_word(in, ".source"))
            good = parse_source(in, f);
        else if (accept_word(in, ".options"))
            good = parse_options(in, f);
        else if (accept_word(in, ".flags"))
            good = parse_func_flags(in, f);
        else
            return true;
        if (!good || !expect_end_of_line(in)) return false;
    }
}

/* Instructions without a result, in the order of the text, take the numbers above the values. */
static void number_the_rest(Parser *in) {
    Func *f = in->f;
    Ref next = f->ins.len;
    for (uint32_t i = 0; i < in->unnumbered.len; i++)
        hl_push(in->arena, &f->ins, in->unnumbered.data[i]);
    uint32_t *place = hl_new_array(&in->scratch, uint32_t, f->blocks.len);
    for (Ref r = next; r < f->ins.len; r++) {
        BlockId b = hl_ins(f, r)->block;
        Ref *refs = hl_block(f, b)->ins.data;
        while (refs[place[b]])
            place[b]++;
        refs[place[b]] = r;
    }
}

static bool check_mentions(Parser *in) {
    for (uint32_t i = 0; i < in->values.len; i++) {
        Mention m = in->values.data[i];
        if (hl_ins(in->f, m.number)->op == OP_COUNT)
            return fail_at(in, m.line,
                           "this value is never given: ", hl_arena_printf(&in->scratch, "%%%u", m.number));
    }
    for (uint32_t i = 0; i < in->blocks.len; i++) {
        Mention m = in->blocks.data[i];
        if (is_empty_block(in->f, m.number))
            return fail_at(in, m.line, "this block has no instructions: ",
                           hl_arena_printf(&in->scratch, "b%u", m.number));
    }
    return true;
}

static bool parse_func(Parser *in, FuncList *funcs) {
    FuncMention *mention;
    if (!take_func(in, &mention)) return false;
    if (mention->defined) return fail(in, "this function is given twice");
    mention->defined = true;
    Func *f = in->f = mention->func;
    in->values.len = in->blocks.len = in->unnumbered.len = 0;
    if (!expect(in, "(") || !parse_params(in, f)) return false;
    if (accept(in, "->") && !(f->result = take_type(in))) return false;
    if (!expect(in, "{") || !expect_end_of_line(in) || !parse_attributes(in, f) || !parse_body(in))
        return false;
    hl_push(in->arena, funcs, f);
    if (!check_mentions(in)) return false;
    number_the_rest(in);
    return true;
}

static bool parse_module(Parser *in, FuncList *funcs) {
    for (skip_lines(in); *in->p; skip_lines(in)) {
        if (!accept_word(in, "func")) return expected(in, "`func`");
        if (!parse_func(in, funcs)) return false;
    }
    for (uint32_t i = 0; i < in->mentioned.len; i++) {
        const FuncMention *m = in->mentioned.data[i];
        if (!m->defined) return fail_at(in, m->line, "this function is never given: @", m->func->name);
    }
    return true;
}

bool hl_parse_module(Arena *arena, const char *text, FuncList *funcs, char **error) {
    Parser in = {.arena = arena, .p = text, .line = 1};
    in.numbers_left = NUMBERS_AT_LEAST + NUMBERS_PER_CHAR * (uint64_t)strlen(text);
    in.numbers = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    bool good = parse_module(&in, funcs);
    freelocale(in.numbers);
    hl_arena_free(&in.scratch);
    *error = in.error;
    return good;
}
