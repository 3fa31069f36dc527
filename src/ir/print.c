/* print: IR as text, which parse.c reads back to the same function.
 *
 *     func @axpy.1(a: float, x: array<f64,1,C>) -> float {
 *       .source "axpy.py" 12 "axpy"              file, first line, qualified name
 *       .options fastmath(nnan,nsz) unchecked    what differs from the defaults
 *       .flags external recursive cold small part
 *     b1:
 *       %1 = param 0 : f64 !12:9-12:10
 *       %5 = const.int 0 : i64
 *       jump b2
 *     b2 <- b1, b3:                              predecessors, in the order of the phis' operands
 *       %6 = phi %5, %9 : i64
 *       %7 = slt %6, %2 : b1
 *       branch %7, b3, b4
 *     b4 cold <- b2:
 *       raise ValueError "negative: %ld"(int) %6
 *     }
 *
 * An instruction is `value = operation aux operands : type flags !location`, without what there is none of.
 * An error is a class, a message and the types of its arguments. Values keep their numbers; instructions
 * without a result show none. Dropped blocks and deleted instructions leave a gap. Numbers do not depend on
 * the locale, floats are the shortest text that reads back equal, and no address is printed: constants that
 * are Python objects keep their name only. `;` starts a comment.
 */
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/internal.h"

/* ---- names and numbers --------------------------------------------------------------------------------- */

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* Words stand as they are when the parser can see where they end; all else is quoted. */
static void print_word(Text *out, const char *word, const char *extra) {
    size_t len = strlen(word), plain = 0;
    while (word[plain] && (strchr(LETTERS "0123456789", word[plain]) || strchr(extra, word[plain])))
        plain++;
    if (len && plain == len && strchr(LETTERS, word[0]))
        hl_text_append(out, word, len);
    else
        hl_text_quote(out, word, len);
}

static void print_finite(Text *out, double value) {
    char digits[40];
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) break;
    }
    hl_text_printf(out, "%s%s", digits, strpbrk(digits, ".e") ? "" : ".0");
}

/* A NaN keeps its sign and payload: its bits are shown unless it is the usual one. */
void hl_print_float(Text *out, double value) {
    static const uint64_t usual_nan = 0x7ff8000000000000u;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (isnan(value) && bits != usual_nan)
        hl_text_printf(out, "nan:0x%016" PRIx64, bits);
    else if (!isfinite(value))
        hl_text_printf(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    else
        print_finite(out, value);
}

/* ---- aux ----------------------------------------------------------------------------------------------- */

static void print_const(Text *out, const Ins *ins) {
    const Type *t = ins->type;
    if (!t || !hl_type_is_scalar(t) || hl_type_is_literal(t)) return;
    hl_text_printf(out, " ");
    if (!hl_type_is_float(t) && !hl_type_is_complex(t)) {
        hl_text_printf(out, "%" PRId64, ins->aux.i);
        return;
    }
    hl_print_float(out, ins->aux.f[0]);
    if (!hl_type_is_complex(t)) return;
    hl_text_printf(out, ",");
    hl_print_float(out, ins->aux.f[1]);
}

static void print_int(Text *out, const Ins *ins) {
    const char *const *words = hl_int_words((Op)ins->op);
    int64_t known = 0; /* words before aux; in broken IR there may be none for it */
    while (words && known < ins->aux.i && words[known])
        known++;
    if (words && known == ins->aux.i && words[known])
        hl_text_printf(out, " %s", words[known]);
    else
        hl_text_printf(out, " %" PRId64, ins->aux.i);
}

static void print_error(Text *out, const ErrorInfo *error) {
    hl_text_printf(out, " ");
    print_word(out, error->class_name, ".");
    if (error->message) {
        hl_text_printf(out, " ");
        hl_text_quote(out, error->message, strlen(error->message));
        if (!error->nargs || !error->arg_types) return;
    }
    hl_text_printf(out, "(");
    for (uint32_t i = 0; i < error->nargs; i++) {
        if (i) hl_text_printf(out, ", ");
        hl_type_print_stable(out, error->arg_types[i]);
    }
    hl_text_printf(out, ")");
}

static void print_data(Text *out, const ConstData *data) {
    hl_text_printf(out, " align %u 0x", data->align);
    const unsigned char *bytes = data->bytes;
    for (size_t i = 0; i < data->nbytes; i++)
        hl_text_printf(out, "%02x", bytes[i]);
}

static void print_aux(Text *out, const Ins *ins) {
    switch ((enum OpAux)hl_op_info((Op)ins->op)->aux) {
    case AUX_NONE:
    case AUX_CALL:
    case AUX_OBJECT: return;
    case AUX_CONST: print_const(out, ins); return;
    case AUX_INT: print_int(out, ins); return;
    case AUX_FLOAT:
        hl_text_printf(out, " ");
        hl_print_float(out, ins->aux.f[0]);
        return;
    case AUX_NAME:
        hl_text_printf(out, " ");
        print_word(out, ins->aux.name, "");
        return;
    case AUX_FUNC:
        hl_text_printf(out, " @");
        print_word(out, ins->aux.func->name, ".");
        return;
    case AUX_RT: hl_text_printf(out, " %s", hl_rt_infos[ins->aux.i].name); return;
    case AUX_MATH: hl_text_printf(out, " %s", hl_math_infos[ins->aux.i].name); return;
    case AUX_UFUNC: hl_text_printf(out, " %s", hl_ufunc_infos[ins->aux.i].name); return;
    case AUX_FOREIGN: hl_text_printf(out, " %s", hl_foreign_infos[ins->aux.i].name); return;
    case AUX_ERROR: print_error(out, ins->aux.error); return;
    case AUX_DATA: print_data(out, ins->aux.data); return;
    }
}

/* ---- instructions -------------------------------------------------------------------------------------- */

static void print_operands(Text *out, const Ins *ins) {
    const CallInfo *call = ins->op == OP_PY_CALL ? ins->aux.call : NULL;
    uint32_t first_keyword = call ? ins->nargs - call->nkw : ins->nargs;
    for (uint32_t i = 0; i < ins->nargs; i++) {
        hl_text_printf(out, i ? ", " : " ");
        if (i >= first_keyword) {
            print_word(out, call->kwnames[i - first_keyword], "");
            hl_text_printf(out, "=");
        }
        hl_text_printf(out, "%%%u", ins->args[i]);
    }
}

static void print_targets(Text *out, const Block *block, const Ins *ins) {
    if (ins->op != OP_JUMP && ins->op != OP_BRANCH) return;
    for (uint32_t s = 0; s < block->nsuccs; s++)
        hl_text_printf(out, "%sb%u", s || ins->nargs ? ", " : " ", block->succs[s]);
}

static void print_flags(Text *out, const Ins *ins) {
    for (int bit = 0; hl_flag_words[bit]; bit++)
        if (ins->flags >> bit & 1) hl_text_printf(out, " %s", hl_flag_words[bit]);
}

static void print_ins(Text *out, const Func *f, const Block *block, Ref r) {
    const Ins *ins = hl_ins(f, r);
    const OpInfo *info = hl_op_info((Op)ins->op);
    hl_text_printf(out, "  ");
    if (info->result == VALUE) hl_text_printf(out, "%%%u = ", r);
    hl_text_printf(out, "%s", info->text);
    print_aux(out, ins);
    print_operands(out, ins);
    print_targets(out, block, ins);
    if (ins->type) {
        hl_text_printf(out, " : ");
        hl_type_print_stable(out, ins->type);
    }
    print_flags(out, ins);
    const Loc *at = &ins->loc;
    if (at->line || at->col || at->end_line || at->end_col)
        hl_text_printf(out, " !%d:%d-%d:%d", at->line, at->col, at->end_line, at->end_col);
    hl_text_printf(out, "\n");
}

static void print_block(Text *out, const Func *f, BlockId b) {
    const Block *block = hl_block(f, b);
    hl_text_printf(out, "b%u%s%s%s%s", b, block->cold ? " cold" : "", block->brief ? " brief" : "",
                   block->piece ? " piece" : "", block->parallel ? " parallel" : "");
    for (uint32_t i = 0; i < block->preds.len; i++)
        hl_text_printf(out, "%s b%u", i ? "," : " <-", block->preds.data[i]);
    hl_text_printf(out, ":\n");
    for (uint32_t i = 0; i < block->ins.len; i++)
        print_ins(out, f, block, block->ins.data[i]);
}

/* ---- functions ----------------------------------------------------------------------------------------- */

static void print_params(Text *out, const Func *f) {
    for (uint32_t i = 0; i < f->nparams; i++) {
        if (i) hl_text_printf(out, ", ");
        print_word(out, f->param_names ? f->param_names[i] : "_", "");
        if (!f->param_types) continue;
        hl_text_printf(out, ": ");
        hl_type_print_stable(out, f->param_types[i]);
    }
}

static void print_head(Text *out, const Func *f) {
    hl_text_printf(out, "func @");
    print_word(out, f->name, ".");
    hl_text_printf(out, "(");
    print_params(out, f);
    hl_text_printf(out, ")");
    if (f->result) {
        hl_text_printf(out, " -> ");
        hl_type_print_stable(out, f->result);
    }
    hl_text_printf(out, " {\n");
}

static void print_source(Text *out, const Func *f) {
    const char *file = f->file ? f->file : "", *qualname = f->qualname ? f->qualname : f->name;
    if (!*file && !f->first_line && !strcmp(qualname, f->name)) return;
    hl_text_printf(out, "  .source ");
    hl_text_quote(out, file, strlen(file));
    hl_text_printf(out, " %d ", f->first_line);
    hl_text_quote(out, qualname, strlen(qualname));
    hl_text_printf(out, "\n");
}

static void print_fastmath(Text *out, uint32_t fastmath) {
    hl_text_printf(out, " fastmath(");
    const char *comma = "";
    for (int bit = 0; hl_fastmath_words[bit]; bit++) {
        if (!(fastmath >> bit & 1)) continue;
        hl_text_printf(out, "%s%s", comma, hl_fastmath_words[bit]);
        comma = ",";
    }
    hl_text_printf(out, ")");
}

static void print_options(Text *out, const Func *f) {
    Text words = {0};
    if (f->options.fastmath) print_fastmath(&words, f->options.fastmath);
    for (int i = 0; hl_option_words[i].word; i++)
        if (*hl_option_bool((FuncOptions *)&f->options, i) != hl_option_words[i].usual)
            hl_text_printf(&words, " %s", hl_option_words[i].word);
    if (words.len) hl_text_printf(out, "  .options%s\n", words.data);
    hl_text_free(&words);
}

static void print_func_flags(Text *out, const Func *f) {
    if (!f->external && !f->recursive && !f->cold && !f->small && !f->part) return;
    hl_text_printf(out, "  .flags%s%s%s%s%s\n", f->external ? " external" : "",
                   f->recursive ? " recursive" : "", f->cold ? " cold" : "", f->small ? " small" : "",
                   f->part ? " part" : "");
}

void hl_print_func(Text *out, const Func *f) {
    locale_t numbers = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), before = uselocale(numbers);
    print_head(out, f);
    print_source(out, f);
    print_options(out, f);
    print_func_flags(out, f);
    for (BlockId b = 1; b < f->blocks.len; b++)
        if (!is_empty_block(f, b)) print_block(out, f, b);
    hl_text_printf(out, "}\n");
    uselocale(before);
    freelocale(numbers);
}

void hl_print_module(Text *out, const FuncList *funcs) {
    for (uint32_t i = 0; i < funcs->len; i++) {
        if (i) hl_text_printf(out, "\n");
        hl_print_func(out, funcs->data[i]);
    }
}
