/* Runs the typed IR in tests/lower/<name>.ir: each file is lowered, compiled, loaded and called as its
 * comments say.
 *
 *     ;; run: 3 [2x2: 1 2 3 4]       arguments, by the types of the first function's parameters
 *     ;; gives: 7                    the result in the same notation, or "error ..." (show_error)
 *     ;; after: 3 [2x2: 1 2 3 8]     the arguments afterwards (optional)
 *     ;; has llvm_opt: <4 x double>  a text the dump of a stage contains; `hasnt` one that it does not
 *     ;; fails: ...                  what the compilation must say
 *
 * A value is a number, `re,im` for complex numbers, its parts one after the other for a tuple, `none` or
 * `some v` for an optional, `[2x3: ...]` for an array, its elements in the order of the indices whatever its
 * layout (an array of layout A gets a gap behind each element). After every run no allocation may be left, so
 * all arrays are released.
 */
#include <assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "load/load.h"
#include "lower/lower.h"
#include "runtime/runtime.h"

/* Arrays that no machine can hold are asked for; malloc is to refuse them under AddressSanitizer too. */
HL_API const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static int failures;
static const char *current_file;

static void complain(const char *what, const char *wanted, const char *got) {
    printf("%s: %s\n  wanted: %s\n  got:    %s\n", current_file, what, wanted, got);
    failures++;
}

/* ---- scalars as text ----------------------------------------------------------------------------- */

static void read_scalar(const char **text, const Type *type, void *out) {
    char *end;
    *text += strspn(*text, " ,");
    bool number = hl_type_is_float(type);
    double real = number ? strtod(*text, &end) : 0;
    int64_t integer = number                 ? 0
                      : type->kind == TY_U64 ? (int64_t)strtoull(*text, &end, 0)
                                             : strtoll(*text, &end, 0);
    float single = (float)real;
    if (end == *text) {
        printf("%s: no number at '%s'\n", current_file, *text);
        exit(1);
    }
    *text = end;
    if (type->kind == TY_F32) memcpy(out, &single, 4);
    if (type->kind == TY_F64) memcpy(out, &real, 8);
    if (!number) memcpy(out, &integer, (size_t)(hl_type_bits(type) + 7) / 8);
}

static void show_real(Text *out, double value) {
    char digits[40];
    if (fabs(value) < 1e15 && value == floor(value)) {
        hl_text_printf(out, "%s%.0f", signbit(value) ? "-" : "", fabs(value));
        return;
    }
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) break;
    }
    hl_text_printf(out, "%s", isnan(value) ? "nan" : digits);
}

static void show_float(Text *out, const Type *type, const void *at) {
    float single;
    double real;
    if (type->kind == TY_F32)
        memcpy(&single, at, sizeof single), real = single;
    else
        memcpy(&real, at, sizeof real);
    show_real(out, real);
}

static void show_integer(Text *out, const Type *type, const void *at) {
    uint64_t bits = 0;
    size_t nbytes = (size_t)(hl_type_bits(type) + 7) / 8;
    memcpy(&bits, at, nbytes);
    int unused = 64 - 8 * (int)nbytes;
    if (hl_type_is_signed(type))
        hl_text_printf(out, "%" PRId64, (int64_t)(bits << unused) >> unused);
    else
        hl_text_printf(out, "%" PRIu64, bits);
}

static void show_scalar(Text *out, const Type *type, const void *at) {
    (hl_type_is_float(type) ? show_float : show_integer)(out, type, at);
}

/* ---- values as slots: the uniform calling convention of the shim ------------------------------------ */

typedef struct Slots {
    uint64_t at[256];
    uint32_t n;
    HlContext *ctx;
} Slots;

static void read_scalar_slot(const char **text, const Type *type, Slots *to) {
    uint64_t bits = 0;
    read_scalar(text, type, &bits);
    if (hl_type_is_signed(type)) {
        int unused = 64 - hl_type_bits(type);
        bits = (uint64_t)((int64_t)(bits << unused) >> unused);
    }
    to->at[to->n++] = bits;
}

typedef struct View {
    uint64_t *slots; /* owner, data, shape, strides */
    const Type *type, *part;
    int64_t nparts, count;
} View;

static View view_of(uint64_t *slots, const Type *type) {
    View v = {slots, type, hl_type_real_of(type->args[0]), 1, 1};
    v.nparts = hl_type_is_complex(type->args[0]) ? 2 : 1;
    for (int i = 0; i < type->ndim; i++)
        v.count *= (int64_t)slots[2 + i];
    return v;
}

/* The address of the n-th element in the order of the indices. */
static char *element(const View *v, int64_t n) {
    char *at = (char *)(uintptr_t)v->slots[1];
    for (int axis = v->type->ndim; axis-- > 0;) {
        int64_t size = (int64_t)v->slots[2 + axis];
        at += n % size * (int64_t)v->slots[2 + v->type->ndim + axis];
        n /= size;
    }
    return at;
}

static void set_strides(uint64_t *slots, const Type *type, int64_t *nbytes) {
    bool strided = type->layout == LAYOUT_A;
    int64_t step = hl_type_nbytes(type->args[0]) * (strided ? 2 : 1) + (type->unaligned ? 1 : 0);
    for (int i = 0; i < type->ndim; i++) {
        int axis = type->layout == LAYOUT_F ? i : type->ndim - 1 - i;
        slots[2 + type->ndim + axis] = (uint64_t)step;
        step *= (int64_t)slots[2 + axis];
    }
    *nbytes = step + 1;
}

static void read_array(const char **text, const Type *type, Slots *to) {
    uint64_t *slots = to->at + to->n;
    to->n += 2 + 2u * type->ndim;
    *text += strspn(*text, " [x");
    for (int i = 0; i < type->ndim; i++, *text += strspn(*text, "x"))
        slots[2 + i] = strtoull(*text, (char **)text, 10);
    *text += strspn(*text, ":");
    int64_t nbytes;
    set_strides(slots, type, &nbytes);
    HlBlock *block = hlrt_alloc(to->ctx, nbytes);
    slots[0] = (uint64_t)(uintptr_t)block;
    slots[1] = (uint64_t)(uintptr_t)(block + 1) + type->unaligned;
    View v = view_of(slots, type);
    for (int64_t i = 0; i < v.count * v.nparts; i++)
        read_scalar(text, v.part, element(&v, i / v.nparts) + i % v.nparts * hl_type_nbytes(v.part));
    *text += strspn(*text, " ");
    assert(**text == ']');
    ++*text;
}

static void read_value(const char **text, const Type *type, Slots *to) {
    *text += strspn(*text, " ");
    if (type->kind == TY_ARRAY) {
        read_array(text, type, to);
    } else if (type->kind == TY_TUPLE) {
        for (uint32_t i = 0; i < type->nargs; i++)
            read_value(text, type->args[i], to);
    } else if (type->kind == TY_OPTIONAL) {
        bool some = !strncmp(*text, "some", 4);
        *text += 4;
        to->at[to->n] = some;
        memset(to->at + to->n + 1, 0, 8 * (hl_type_ncomponents(type) - 1));
        if (some)
            to->n++, read_value(text, type->args[0], to);
        else
            to->n += hl_type_ncomponents(type);
    } else {
        const Type *parts[2] = {NULL};
        hl_type_components(type, parts);
        for (uint32_t i = 0; i < hl_type_ncomponents(type); i++)
            read_scalar_slot(text, parts[i], to);
    }
}

static void show_array(Text *out, const Type *type, uint64_t *slots) {
    View v = view_of(slots, type);
    hl_text_printf(out, "[");
    for (int i = 0; i < type->ndim; i++)
        hl_text_printf(out, i ? "x%" PRIu64 : "%" PRIu64, slots[2 + i]);
    hl_text_printf(out, ":");
    for (int64_t i = 0; i < v.count * v.nparts; i++) {
        hl_text_printf(out, i % v.nparts ? "," : " ");
        show_scalar(out, v.part, element(&v, i / v.nparts) + i % v.nparts * hl_type_nbytes(v.part));
    }
    hl_text_printf(out, "]");
}

/* Shows the value in slots and returns the slots behind it. */
static uint64_t *show_value(Text *out, const Type *type, uint64_t *slots) {
    const Type *parts[2] = {NULL};
    if (type->kind == TY_ARRAY) {
        show_array(out, type, slots);
    } else if (type->kind == TY_TUPLE) {
        for (uint32_t i = 0, shown = 0; i < type->nargs; i++) {
            if (hl_type_ncomponents(type->args[i]) && shown++) hl_text_printf(out, " ");
            slots = show_value(out, type->args[i], slots);
        }
        return slots;
    } else if (type->kind == TY_OPTIONAL) {
        hl_text_printf(out, slots[0] ? "some " : "none");
        if (slots[0]) show_value(out, type->args[0], slots + 1);
    } else {
        uint32_t n = hl_type_ncomponents(type);
        if (n <= 2) hl_type_components(type, parts);
        for (uint32_t i = 0; i < n; i++) {
            if (i) hl_text_printf(out, ",");
            show_scalar(out, parts[i], slots + i);
        }
    }
    return slots + hl_type_ncomponents(type);
}

static void release_value(const Type *type, uint64_t *slots) {
    if (type->kind == TY_ARRAY) hlrt_release((void *)(uintptr_t)slots[0]);
    if (type->kind == TY_OPTIONAL && slots[0]) release_value(type->args[0], slots + 1);
    if (type->kind != TY_TUPLE) return;
    for (uint32_t i = 0; i < type->nargs; slots += hl_type_ncomponents(type->args[i++]))
        release_value(type->args[i], slots);
}

/* ---- errors ------------------------------------------------------------------------------------------ */

static void show_payload(Text *out, const HlError *error) {
    const char *types = error->site->arg_types;
    uint64_t slots[2 * HL_MAX_ERROR_ARGS];
    memcpy(slots, error->payload, sizeof slots);
    uint64_t *next = slots;
    for (const Type *type; types && *types && (type = hl_type_parse(&types));) {
        hl_text_printf(out, " %s", hl_type_text(type));
        if (hl_type_ncomponents(type)) hl_text_printf(out, "="), next = show_value(out, type, next);
        types += strspn(types, " ");
    }
    const char *message = error->site->message;
    for (uint64_t *slot = slots; message && (message = strchr(message, '%')); message += 2)
        hl_text_printf(out, " %" PRId64, (int64_t)*slot++);
}

/* "error ValueError "text" at f:3 main:12" with the innermost frame first. */
static void show_error(Text *out, const HlContext *ctx) {
    const HlError *error = &ctx->error;
    switch ((HlErrorKind)error->kind) {
    case HL_ERROR_NONE: hl_text_printf(out, "error none"); break;
    case HL_ERROR_RAISE:
        hl_text_printf(out, "error %s", error->site->class_name);
        if (error->site->message) hl_text_printf(out, " \"%s\"", error->site->message);
        show_payload(out, error);
        break;
    case HL_ERROR_INDEX:
        hl_text_printf(out, "error index %" PRId64 " axis %" PRId64 " size %" PRId64,
                       (int64_t)error->payload[0], (int64_t)error->payload[1], (int64_t)error->payload[2]);
        break;
    case HL_ERROR_MEMORY: hl_text_printf(out, "error memory"); break;
    case HL_ERROR_RECURSION: hl_text_printf(out, "error recursion"); break;
    case HL_ERROR_OBJECT:
    case HL_ERROR_PYTHON: hl_text_printf(out, "error python"); break;
    }
    if (error->nframes > 4) {
        hl_text_printf(out, " at many");
        return;
    }
    for (int32_t i = 0; i < error->nframes; i++)
        hl_text_printf(out, "%s %s:%d", i ? "" : " at", error->frames[i].func->qualname,
                       error->frames[i].line);
}

/* ---- one run ------------------------------------------------------------------------------------------- */

typedef int32_t Shim(HlContext *ctx, const uint64_t *args, uint64_t *result);

static int32_t eval_breaker;
static int polls;

/* The third poll ends the loop, as a KeyboardInterrupt does. */
static void poll(HlContext *ctx) {
    if (++polls < 3) return;
    ctx->status = 1;
    ctx->error.kind = HL_ERROR_PYTHON;
    ctx->error.nframes = 0;
}

static HlContext new_context(void) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    polls = 0;
    return (HlContext){.eval_breaker = &eval_breaker,
                       .poll = poll,
                       .stack_limit = (char *)(here - 200000),
                       .streams = &hlrt_closed_streams};
}

typedef struct Wanted {
    const char *run, *gives, *after;
} Wanted;

static void expect(const char *what, const char *wanted, Text *got) {
    if (wanted && strcmp(wanted, got->data ? got->data : ""))
        complain(what, wanted, got->data ? got->data : "");
    hl_text_free(got);
}

static void run_once(const Func *f, Shim *shim, const Wanted *wanted) {
    int64_t live = hlrt_live_blocks();
    HlContext ctx = new_context();
    Slots args = {.ctx = &ctx};
    uint64_t result[256] = {0};
    const char *text = wanted->run;
    eval_breaker = strstr(text, "interrupted") != NULL;
    for (uint32_t i = 0; i < f->nparams; i++)
        read_value(&text, f->param_types[i], &args);
    int32_t status = shim(&ctx, args.at, result);
    Text shown = {0}, after = {0};
    if (status)
        show_error(&shown, &ctx);
    else
        show_value(&shown, f->result, result);
    expect(wanted->run, wanted->gives, &shown);
    uint64_t *slots = args.at;
    for (uint32_t i = 0; i < f->nparams; i++) {
        if (i) hl_text_printf(&after, " ");
        slots = show_value(&after, f->param_types[i], slots);
    }
    expect("arguments after the run", wanted->after, &after);
    if (!status) release_value(f->result, result);
    slots = args.at;
    for (uint32_t i = 0; i < f->nparams; slots += hl_type_ncomponents(f->param_types[i++]))
        release_value(f->param_types[i], slots);
    if (hlrt_live_blocks() != live) complain(wanted->run, "no allocation left", "some left");
}

/* ---- one file ------------------------------------------------------------------------------------------ */

/* The text behind ";; key: " on this line, its end cut off; NULL when the line is another. */
static char *behind(char *line, const char *key) {
    size_t len = strlen(key);
    if (strncmp(line, ";; ", 3) || strncmp(line + 3, key, len) || line[3 + len] != ':') return NULL;
    char *text = line + 3 + len + 1;
    return text + strspn(text, " ");
}

static DumpStage stage_named(const char *name, size_t len) {
    if (!strncmp(name, "llvm", len) && len == 4) return DUMP_LLVM;
    if (!strncmp(name, "llvm_opt", len)) return DUMP_LLVM_OPT;
    assert(!strncmp(name, "asm", len));
    return DUMP_ASM;
}

/* "has llvm_opt: text" and "hasnt llvm_opt: text" */
static void check_pattern(const Compile *c, const char *line) {
    bool wanted = !strncmp(line, ";; has ", 7);
    if (!wanted && strncmp(line, ";; hasnt ", 9)) return;
    const char *stage = strchr(line + 3, ' ') + 1, *colon = strchr(stage, ':');
    const Text *dump = &c->dumps[stage_named(stage, (size_t)(colon - stage))];
    bool found = dump->data && strstr(dump->data, colon + 2);
    if (found != wanted) complain(wanted ? "a dump should have" : "a dump should not have", line, dump->data);
}

static void run_lines(Compile *c, Shim *shim, char **lines, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        check_pattern(c, lines[i]);
        Wanted wanted = {.run = behind(lines[i], "run")};
        if (!wanted.run) continue;
        wanted.gives = i + 1 < n ? behind(lines[i + 1], "gives") : NULL;
        wanted.after = i + 2 < n ? behind(lines[i + 2], "after") : NULL;
        assert(wanted.gives);
        run_once(c->functions.data[0], shim, &wanted);
    }
}

static const char *wanted_failure(char **lines, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (behind(lines[i], "fails")) return behind(lines[i], "fails");
    return NULL;
}

static void *resolve(void *user, const char *name) {
    void *address = hlrt_resolve(name);
    return address ? address : hl_load_resolve(user, name);
}

static void run_object(Compile *c, char **lines, uint32_t n) {
    char error[256] = "";
    LoadedCode *code = hl_load_object(c->object, c->object_nbytes, resolve, NULL, error, sizeof error);
    if (!code) {
        complain("loading", "no error", error);
        return;
    }
    Shim *shim;
    void *symbol = hl_load_symbol(code, c->entry_symbol);
    memcpy(&shim, &symbol, sizeof shim);
    run_lines(c, shim, lines, n);
    hl_load_free(code);
}

static bool parse_and_verify(Compile *c, const char *source) {
    char *error = NULL;
    if (!hl_parse_module(&c->arena, source, &c->functions, &error)) {
        complain("parsing", "no error", error);
        return false;
    }
    for (uint32_t i = 0; i < c->functions.len; i++) {
        const char *violation = hl_verify(c->functions.data[i], true);
        if (violation) complain("typed IR", "valid", violation);
        if (violation) return false;
    }
    return true;
}

static void compile_and_run(Compile *c, const char *source, char **lines, uint32_t n) {
    if (!parse_and_verify(c, source)) return;
    bool done = hl_llvm_backend()->emit(c);
    const char *failure = wanted_failure(lines, n), *got = done ? "no error" : c->diag.text;
    if (failure ? strcmp(got, failure) : !done) complain("compiling", failure ? failure : "no error", got);
    if (done) run_object(c, lines, n);
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    assert(file);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(size + 1);
    assert(fread(text, 1, size, file) == size);
    text[size] = 0;
    fclose(file);
    return text;
}

static void run_file(const char *path) {
    char *source = read_file(path), *copy = strdup(source), *lines[1000];
    uint32_t n = 0;
    for (char *line = strtok(copy, "\n"); line && n < 1000; line = strtok(NULL, "\n"))
        lines[n++] = line;
    Compile c = {.dump = 1u << DUMP_LLVM | 1u << DUMP_LLVM_OPT | 1u << DUMP_ASM};
    current_file = path;
    int before = failures;
    compile_and_run(&c, source, lines, n);
    if (failures > before && getenv("HOTLOOP_TEST_SHOW")) printf("%s\n", c.dumps[DUMP_LLVM].data);
    for (int i = 0; i < DUMP_COUNT; i++)
        hl_text_free(&c.dumps[i]);
    free(c.object);
    hl_arena_free(&c.arena);
    free(copy);
    free(source);
}

static int is_ir(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && !strcmp(dot, ".ir");
}

/* All files, or those named on the command line. */
int main(int argc, char **argv) {
    static const char folder[] = "tests/lower";
    struct dirent **entries = NULL;
    int n = argc > 1 ? 0 : scandir(folder, &entries, is_ir, alphasort);
    if (argc == 1 && n <= 0) return puts("no files in tests/lower; run in the root of the repository"), 1;
    for (int i = 0; i < n; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        run_file(path);
        free(entries[i]);
    }
    free(entries);
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    return failures != 0;
}
