/* hlc: the middle and back of the compiler as a plain program: reads IR as text, needs no Python.
 *
 *     hlc FILE                         parse, verify, print
 *     hlc FILE --dump STAGE ...        print what a stage made: parse cleanup cfg typed opt llvm llvm_opt asm,
 *                                      or one pass of opt/passes.def by its name
 *     hlc FILE --run ENTRY [VALUE...]  compile, call the function with these values, print result and arrays
 *     --no-verify, --no-opt            leave a stage out
 *
 * FILE may be - for stdin. A value is written as its parameter's type asks: 3, -2.5, 0x1p-3, nan, True,
 * 1.5,2.5 (complex), (1,2.5) (a tuple), none. An array is SHAPE:SEED (100x50:7, elements from splitmix64:
 * floats in [0, 1), integers its low bits) or SHAPE@FILE (raw elements, C order). Results are printed so that
 * they read back equal. Exit code: 0, 1 for bad text or a failed compilation, 2 for bad usage, 3 when the
 * function raised.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "load/load.h"
#include "opt/opt.h"
#include "runtime/runtime.h"

enum { MAX_VALUES = 64, EXIT_BAD_INPUT = 1, EXIT_USAGE = 2, EXIT_RAISED = 3, STACK_LEFT = 6 << 20 };

typedef struct Options {
    const char *file, *entry;
    const char *dumps[16];
    const char *values[MAX_VALUES];
    int ndumps, nvalues;
    bool no_verify, no_opt;
} Options;

_Noreturn static void die(int code, const char *what, const char *detail) {
    fprintf(stderr, "hlc: %s%s\n", what, detail);
    exit(code);
}

/* ---- input --------------------------------------------------------------------------------------------- */

static Text read_file(const char *path) {
    Text text = {0};
    FILE *file = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    char chunk[4096];
    if (!file) die(EXIT_BAD_INPUT, "cannot open ", path);
    hl_text_append(&text, "", 0);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
        hl_text_append(&text, chunk, n);
    if (file != stdin) fclose(file);
    return text;
}

static void read_option(Options *options, char **argv, int argc, int *i) {
    const char *arg = argv[*i];
    bool has_value = !strcmp(arg, "--dump") || !strcmp(arg, "--run");
    if (has_value && ++*i == argc) die(EXIT_USAGE, "a word is missing behind ", arg);
    if (!strcmp(arg, "--dump") && options->ndumps < 16)
        options->dumps[options->ndumps++] = argv[*i];
    else if (!strcmp(arg, "--run"))
        options->entry = argv[*i];
    else if (!strcmp(arg, "--no-verify"))
        options->no_verify = true;
    else if (!strcmp(arg, "--no-opt"))
        options->no_opt = true;
    else if (!options->file)
        options->file = arg;
    else if (options->entry && options->nvalues < MAX_VALUES)
        options->values[options->nvalues++] = arg;
    else
        die(EXIT_USAGE, "what is ", arg);
}

static Options read_options(int argc, char **argv) {
    Options options = {0};
    for (int i = 1; i < argc; i++)
        read_option(&options, argv, argc, &i);
    if (!options.file)
        die(EXIT_USAGE, "usage: hlc FILE [--dump STAGE] [--no-verify] [--no-opt] [--run ENTRY VALUE...]", "");
    return options;
}

/* ---- stages -------------------------------------------------------------------------------------------- */

static void print_blocks(const char *word, const BlockId *blocks, uint32_t n) {
    printf(" %s", word);
    for (uint32_t i = 0; i < n; i++)
        printf("%sb%u", i ? "," : " ", blocks[i]);
    if (!n) printf(" -");
}

static void print_loop(const Loop *loop) {
    printf("  loop b%u depth %u", loop->header, loop->depth);
    if (loop->parent) printf(" in b%u", loop->parent->header);
    print_blocks("blocks", loop->blocks.data, loop->blocks.len);
    print_blocks("latches", loop->latches.data, loop->latches.len);
    print_blocks("exits", loop->exits.data, loop->exits.len);
    print_blocks("preheader", &loop->preheader, loop->preheader != 0);
    printf("\n");
}

static void print_cfg(const Func *f) {
    Arena arena = {0};
    const Cfg *cfg = hl_cfg_compute(&arena, f);
    printf("cfg @%s\n", f->name);
    for (uint32_t i = 0; i < cfg->nrpo; i++) {
        BlockId b = cfg->rpo[i];
        printf("  b%u", b);
        if (cfg->idom[b]) printf(" under b%u", cfg->idom[b]);
        if (cfg->loop_of[b]) printf(" loop b%u", cfg->loop_of[b]->header);
        printf("\n");
    }
    for (uint32_t i = 0; i < cfg->loops.len; i++)
        print_loop(cfg->loops.data[i]);
    hl_arena_free(&arena);
}

static void parse(Compile *c, const char *text) {
    char *error;
    if (!hl_parse_module(&c->arena, text, &c->functions, &error)) die(EXIT_BAD_INPUT, error, "");
}

/* A function whose result type is known is in the typed form. */
static void verify(Compile *c) {
    for (uint32_t i = 0; i < c->functions.len; i++) {
        const Func *f = c->functions.data[i];
        const char *problem = hl_verify(f, f->result != NULL);
        if (problem) die(EXIT_BAD_INPUT, problem, "");
    }
}

static void print_functions(const Compile *c) {
    Text text = {0};
    hl_print_module(&text, &c->functions);
    if (text.len) fputs(text.data, stdout);
    hl_text_free(&text);
}

static const Backend *backend(void) {
    char *error = NULL;
    const Backend *opened = hl_backend(&error);
    if (!opened) die(EXIT_BAD_INPUT, error, "");
    return opened;
}

static void stop_on_error(const Compile *c, bool done) {
    if (!done) die(EXIT_BAD_INPUT, c->diag.set ? c->diag.text : "failed", "");
}

/* Stages of the middle that only a dump asks for. */
/* One pass of opt/passes.def over every function, also those it adds. */
static bool dump_pass(Compile *c, const char *stage) {
    if (!hl_opt_has_pass(stage)) return false;
    for (uint32_t i = 0; i < c->functions.len; i++)
        stop_on_error(c, hl_opt_run(c, c->functions.data[i], stage));
    print_functions(c);
    return true;
}

static bool dump_middle(Compile *c, const char *stage) {
    if (dump_pass(c, stage)) return true;
    bool cleanup = !strcmp(stage, "cleanup"), cfg = !strcmp(stage, "cfg");
    if (strcmp(stage, "parse") && !cleanup && !cfg) return false;
    for (uint32_t i = 0; i < c->functions.len; i++) {
        if (cleanup) hl_cleanup(c->functions.data[i]);
        if (cfg) print_cfg(c->functions.data[i]);
    }
    if (!cfg) print_functions(c);
    return true;
}

static DumpStage stage_of(const char *word) {
    for (int s = 0; s < DUMP_COUNT; s++)
        if (!strcmp(hl_dump_word((DumpStage)s), word)) return (DumpStage)s;
    die(EXIT_USAGE, "no such stage: ", word);
}

static void optimise(Compile *c, const Options *options) {
    if (c->dump >> DUMP_TYPED & 1) hl_print_module(&c->dumps[DUMP_TYPED], &c->functions);
    if (!options->no_opt) stop_on_error(c, hl_optimise(c));
    if (!options->no_verify) verify(c);
    if (c->dump >> DUMP_OPT & 1) hl_print_module(&c->dumps[DUMP_OPT], &c->functions);
}

/* Runs as many stages as the dumps and --run need. */
static void run_stages(Compile *c, const Options *options) {
    bool is_more = options->entry != NULL;
    if (!options->ndumps && !is_more) print_functions(c);
    for (int i = 0; i < options->ndumps; i++) {
        if (dump_middle(c, options->dumps[i])) continue;
        c->dump |= 1u << stage_of(options->dumps[i]);
        is_more = true;
    }
    if (!is_more) return;
    optimise(c, options);
    if (options->entry || c->dump >> DUMP_LLVM) stop_on_error(c, backend()->emit(c));
    for (int s = 0; s < DUMP_COUNT; s++)
        if (c->dumps[s].len) fputs(c->dumps[s].data, stdout);
}

/* ---- values as 8-byte slots ---------------------------------------------------------------------------- */

typedef struct Slots {
    uint64_t *next;
    const char *p; /* the value's text */
} Slots;

static void bad_value(const Type *t, const char *text) {
    fprintf(stderr, "hlc: a value of type %s cannot be read from: %s\n", hl_type_text(t), text);
    exit(EXIT_USAGE);
}

static bool accept(Slots *in, const char *word) {
    size_t len = strlen(word);
    if (strncmp(in->p, word, len)) return false;
    in->p += len;
    return true;
}

static void put_float(uint64_t *slot, const Type *t, double value) {
    float narrow = (float)value;
    *slot = 0;
    if (t->kind == TY_F32)
        memcpy(slot, &narrow, sizeof narrow);
    else
        memcpy(slot, &value, sizeof value);
}

static double get_float(const uint64_t *slot, const Type *t) {
    float narrow;
    double value;
    memcpy(&narrow, slot, sizeof narrow);
    memcpy(&value, slot, sizeof value);
    return t->kind == TY_F32 ? (double)narrow : value;
}

static void read_scalar(Slots *in, const Type *t) {
    char *end = (char *)in->p;
    if (t->kind == TY_B1 && (accept(in, "True") || accept(in, "False"))) {
        *in->next++ = in->p[-2] == 'u';
        return;
    }
    if (hl_type_is_float(t))
        put_float(in->next++, t, strtod(in->p, &end));
    else if (hl_type_is_unsigned(t))
        *in->next++ = strtoull(in->p, &end, 10);
    else
        *in->next++ = (uint64_t)strtoll(in->p, &end, 10);
    if (end == in->p) bad_value(t, in->p);
    in->p = end;
}

/* ---- arrays -------------------------------------------------------------------------------------------- */

static HlContext context;

/* Bytes between elements along each axis, and their sum for one whole array. Layout A leaves every second
 * place empty. */
static int64_t set_strides(const Type *t, const int64_t *shape, int64_t *strides) {
    int64_t step = hl_type_nbytes(t->args[0]) * (t->layout == LAYOUT_A ? 2 : 1);
    for (int k = 0; k < t->ndim; k++) {
        int axis = t->layout == LAYOUT_F ? k : t->ndim - 1 - k;
        strides[axis] = step;
        step *= shape[axis];
    }
    return step;
}

static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static double random_double(uint64_t *state) {
    return (double)(splitmix64(state) >> 11) * 0x1p-53;
}

static void random_element(char *element, const Type *t, uint64_t *state) {
    int nparts = hl_type_is_complex(t) ? 2 : 1, nbytes = hl_type_nbytes(t) / nparts;
    for (int part = 0; part < nparts; part++, element += nbytes) {
        uint64_t slot;
        if (hl_type_is_float(t) || nparts == 2)
            put_float(&slot, hl_type_real_of(t), random_double(state));
        else
            slot = splitmix64(state) & (t->kind == TY_B1 ? 1 : UINT64_MAX);
        memcpy(element, &slot, (size_t)nbytes);
    }
}

/* Calls `visit` with each element's address, in C order. */
typedef void Visit(char *element, void *with);
static void for_each(const Type *t, char *data, const int64_t *shape, const int64_t *strides, Visit *visit,
                     void *with) {
    int64_t index[MAX_NDIM] = {0}, count = 1;
    for (int k = 0; k < t->ndim; k++)
        count *= shape[k];
    for (int64_t i = 0; i < count; i++) {
        char *element = data;
        for (int k = 0; k < t->ndim; k++)
            element += index[k] * strides[k];
        visit(element, with);
        for (int k = t->ndim - 1; k >= 0 && ++index[k] == shape[k]; k--)
            index[k] = 0;
    }
}

typedef struct Filler {
    const Type *element;
    uint64_t state;
    FILE *file;
} Filler;

static void fill_element(char *element, void *with) {
    Filler *filler = with;
    size_t nbytes = (size_t)hl_type_nbytes(filler->element);
    if (!filler->file)
        random_element(element, filler->element, &filler->state);
    else if (fread(element, nbytes, 1, filler->file) != 1)
        die(EXIT_USAGE, "the file of an array is too short", "");
}

/* SHAPE:SEED or SHAPE@FILE. The memory starts with its HlBlock; one reference is ours. */
static void read_array(Slots *in, const Type *t) {
    const char *text = in->p;
    int64_t *shape = (int64_t *)in->next + 2, *strides = shape + t->ndim;
    for (int k = 0; k < t->ndim; k++) {
        char *end;
        shape[k] = strtoll(in->p, &end, 10);
        if (end == in->p || shape[k] < 0 || (k && in->p[-1] != 'x')) bad_value(t, text);
        in->p = end + (*end == 'x');
    }
    Filler filler = {.element = t->args[0]};
    if (accept(in, "@"))
        filler.file = fopen(in->p, "rb");
    else if (!accept(in, ":"))
        bad_value(t, text);
    else
        filler.state = strtoull(in->p, NULL, 10);
    in->p += strlen(in->p);
    HlBlock *block = hlrt_alloc(&context, set_strides(t, shape, strides));
    if (!block) die(EXIT_USAGE, "no memory for an array", "");
    in->next[0] = (uint64_t)(uintptr_t)block;
    in->next[1] = (uint64_t)(uintptr_t)(block + 1);
    memset(block + 1, 0, (size_t)block->nbytes);
    for_each(t, (char *)(block + 1), shape, strides, fill_element, &filler);
    if (filler.file) fclose(filler.file);
    in->next += 2 + 2 * t->ndim;
}

/* ---- reading and printing values ----------------------------------------------------------------------- */

static void read_value(Slots *in, const Type *t) {
    const Type *storage = hl_type_storage(t);
    if (hl_type_ncomponents(t) == 0) {
        in->p += strcspn(in->p, ",)");
    } else if (t->kind == TY_ARRAY) {
        read_array(in, t);
    } else if (t->kind == TY_TUPLE) {
        if (!accept(in, "(")) bad_value(t, in->p);
        for (uint32_t i = 0; i < t->nargs; i++) {
            if (i && !accept(in, ",")) bad_value(t, in->p);
            read_value(in, t->args[i]);
        }
        if (!accept(in, ")")) bad_value(t, in->p);
    } else if (hl_type_is_complex(storage)) {
        read_scalar(in, hl_type_real_of(storage));
        if (!accept(in, ",")) bad_value(t, in->p);
        read_scalar(in, hl_type_real_of(storage));
    } else {
        if (!hl_type_is_np(storage) || storage->kind == TY_F16) bad_value(t, in->p);
        read_scalar(in, storage);
    }
}

static void print_float(double value) {
    Text text = {0};
    hl_print_float(&text, value);
    fputs(text.data, stdout);
    hl_text_free(&text);
}

static void print_scalar(const uint64_t *slot, const Type *t) {
    if (hl_type_is_float(t))
        print_float(get_float(slot, t));
    else if (t->kind == TY_B1)
        fputs(*slot & 1 ? "True" : "False", stdout);
    else if (hl_type_is_unsigned(t))
        printf("%" PRIu64, *slot);
    else
        printf("%" PRId64, (int64_t)*slot);
}

static void print_element(char *element, void *with) {
    const Type *t = with;
    int nparts = hl_type_is_complex(t) ? 2 : 1, nbytes = hl_type_nbytes(t) / nparts;
    putchar(' ');
    for (int part = 0; part < nparts; part++, element += nbytes) {
        uint64_t slot = 0;
        memcpy(&slot, element, (size_t)nbytes);
        if (hl_type_is_signed(t))
            slot = (uint64_t)((int64_t)(slot << (64 - 8 * nbytes)) >> (64 - 8 * nbytes));
        if (part) putchar(',');
        print_scalar(&slot, hl_type_real_of(t));
    }
}

static void print_array(const uint64_t *slots, const Type *t) {
    const int64_t *shape = (const int64_t *)slots + 2;
    printf("%s ", hl_type_text(t));
    for (int k = 0; k < t->ndim; k++)
        printf("%s%" PRId64, k ? "x" : "", shape[k]);
    printf(":");
    for_each(t, (char *)(uintptr_t)slots[1], shape, shape + t->ndim, print_element, (void *)t->args[0]);
}

/* Prints the value at these slots; the slots behind it. */
static const uint64_t *print_value(const uint64_t *slots, const Type *t) {
    const Type *storage = hl_type_storage(t);
    if (t->kind == TY_TUPLE) {
        for (uint32_t i = 0; i < t->nargs; i++) {
            fputs(i ? ", " : "(", stdout);
            slots = print_value(slots, t->args[i]);
        }
        fputs(t->nargs ? ")" : "()", stdout);
        return slots;
    }
    if (t->kind == TY_OPTIONAL && !*slots)
        fputs("none", stdout);
    else if (t->kind == TY_OPTIONAL)
        print_value(slots + 1, t->args[0]);
    else if (t->kind == TY_ARRAY)
        print_array(slots, t);
    else if (hl_type_ncomponents(t) == 0 || !hl_type_is_np(storage))
        fputs(hl_type_text(t), stdout);
    else
        print_scalar(slots, hl_type_real_of(storage));
    if (hl_type_is_complex(storage)) {
        putchar(',');
        print_scalar(slots + 1, hl_type_real_of(storage));
    }
    return slots + hl_type_ncomponents(t);
}

/* ---- running ------------------------------------------------------------------------------------------- */

typedef int32_t Shim(HlContext *ctx, const uint64_t *args, uint64_t *result);

static void *resolve(void *user, const char *name) {
    void *address = hl_load_resolve(user, name);
    return address ? address : backend()->resolve(name);
}

static void no_poll(HlContext *ctx) {
    (void)ctx;
}

static void open_context(void) {
    static const volatile int32_t nothing_waits;
    context.eval_breaker = &nothing_waits;
    context.poll = no_poll;
    context.streams = &hlrt_closed_streams;
    context.stack_limit = (char *)((uintptr_t)__builtin_frame_address(0) - STACK_LEFT);
}

/* The first function is the entry of the object. */
static void put_entry_first(Compile *c, const char *name) {
    for (uint32_t i = 0; i < c->functions.len; i++) {
        Func *f = c->functions.data[i];
        if (strcmp(f->name, name)) continue;
        c->functions.data[i] = c->functions.data[0];
        c->functions.data[0] = f;
        f->external = true;
        return;
    }
    die(EXIT_USAGE, "no such function: ", name);
}

static void print_error(const HlError *error) {
    printf("raised ");
    if (error->kind == HL_ERROR_RAISE) {
        printf("%s", error->site->class_name);
        if (error->site->message) printf(": %s", error->site->message);
    } else if (error->kind == HL_ERROR_INDEX) {
        printf("IndexError: index %" PRId64 " axis %" PRId64 " size %" PRId64, (int64_t)error->payload[0],
               (int64_t)error->payload[1], (int64_t)error->payload[2]);
    } else {
        fputs(error->kind == HL_ERROR_MEMORY ? "MemoryError" : "RecursionError", stdout);
    }
    for (int i = 0; i < error->nframes; i++)
        printf(" [%s:%d]", error->frames[i].func->qualname, error->frames[i].line);
    printf("\n");
}

static void print_arrays(const uint64_t *slots, const Func *f) {
    for (uint32_t i = 0; i < f->nparams; i++) {
        if (f->param_types[i]->kind == TY_ARRAY) {
            printf("%s = ", f->param_names[i]);
            print_value(slots, f->param_types[i]);
            printf("\n");
            hlrt_release((void *)(uintptr_t)slots[0]);
        }
        slots += hl_type_ncomponents(f->param_types[i]);
    }
}

static void release_result(const uint64_t *slots, const Type *t) {
    if (t->kind == TY_ARRAY) hlrt_release((void *)(uintptr_t)slots[0]);
    for (uint32_t i = 0; t->kind == TY_TUPLE && i < t->nargs; i++) {
        release_result(slots, t->args[i]);
        slots += hl_type_ncomponents(t->args[i]);
    }
    if (t->kind == TY_OPTIONAL && slots[0]) release_result(slots + 1, t->args[0]);
}

static uint64_t *read_values(Arena *arena, const Func *f, const Options *options) {
    uint32_t nslots = 1;
    if ((uint32_t)options->nvalues != f->nparams)
        die(EXIT_USAGE, "another number of values than parameters of ", f->name);
    for (uint32_t i = 0; i < f->nparams; i++)
        nslots += hl_type_ncomponents(f->param_types[i]);
    uint64_t *slots = hl_new_array(arena, uint64_t, nslots);
    Slots in = {slots, NULL};
    for (uint32_t i = 0; i < f->nparams; i++) {
        in.p = options->values[i];
        read_value(&in, f->param_types[i]);
        if (*in.p) bad_value(f->param_types[i], options->values[i]);
    }
    return slots;
}

static int run(Compile *c, const Options *options) {
    char error[512] = "";
    const Func *f = c->functions.data[0];
    LoadedCode *code = hl_load_object(c->object, c->object_nbytes, resolve, NULL, error, sizeof error);
    if (!code) die(EXIT_BAD_INPUT, error, "");
    Shim *shim;
    *(void **)&shim = hl_load_symbol(code, c->entry_symbol);
    if (!shim) die(EXIT_BAD_INPUT, "the object lacks ", c->entry_symbol);
    open_context();
    uint64_t *args = read_values(&c->arena, f, options);
    uint64_t *result = hl_new_array(&c->arena, uint64_t, hl_type_ncomponents(f->result) + 1);
    bool raised = shim(&context, args, result) != 0;
    if (raised) {
        print_error(&context.error);
    } else {
        print_value(result, f->result);
        printf("\n");
        release_result(result, f->result);
    }
    print_arrays(args, f);
    printf("live %" PRId64 "\n", hlrt_live_blocks());
    hl_load_free(code);
    return raised ? EXIT_RAISED : 0;
}

int main(int argc, char **argv) {
    Options options = read_options(argc, argv);
    Text text = read_file(options.file);
    Compile c = {0};
    parse(&c, text.data);
    hl_text_free(&text);
    if (options.entry) put_entry_first(&c, options.entry);
    if (!options.no_verify) verify(&c);
    run_stages(&c, &options);
    int code = options.entry ? run(&c, &options) : 0;
    hl_compile_free(&c);
    return code;
}
