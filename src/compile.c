/* compile: the list of stages, from a Python function (or IR as text) to an ELF object.
 *
 * Begin reading at hl_compile. A stage either succeeds or leaves c->diag set, and then nothing later runs.
 * After each stage that changes the IR every function is verified, in debug builds and with HOTLOOP_VERIFY=1,
 * and its text is kept where somebody asked for it: through Compile.dump, or with
 * HOTLOOP_DUMP=bytecode,cfg,ssa,typed,opt,llvm,llvm_opt,asm, which also prints it to stderr
 * (HOTLOOP_DUMP_FUNC=name: only compilations of that function).
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "load/load.h"

/* ---- errors -------------------------------------------------------------------------------------------- */

bool hl_error(Compile *c, const Func *f, Loc loc, DiagId id, ...) {
    va_list args;
    va_start(args, id);
    hl_diag_vset(&c->arena, &c->diag, id, f ? f->file : NULL, f ? f->qualname : NULL, loc, args);
    va_end(args);
    return false;
}

Diagnostic *hl_warn(Compile *c, const Func *f, Loc loc, DiagId id, ...) {
    Diagnostic *warning = hl_new(&c->arena, Diagnostic);
    va_list args;
    va_start(args, id);
    hl_diag_vset(&c->arena, warning, id, f ? f->file : NULL, f ? f->qualname : NULL, loc, args);
    va_end(args);
    hl_push(&c->arena, &c->warnings, warning);
    return warning;
}

/* ---- dumps --------------------------------------------------------------------------------------------- */

static const char *const stage_words[DUMP_COUNT] = {
    [DUMP_BYTECODE] = "bytecode", [DUMP_CFG] = "cfg",           [DUMP_SSA] = "ssa",
    [DUMP_TYPED] = "typed",       [DUMP_PARALLEL] = "parallel", [DUMP_OPT] = "opt",
    [DUMP_LLVM] = "llvm",         [DUMP_LLVM_OPT] = "llvm_opt", [DUMP_ASM] = "asm",
};

const char *hl_dump_word(DumpStage stage) {
    return stage_words[stage];
}

/* The stages named in HOTLOOP_DUMP, a bit for each. */
static uint32_t stages_wanted(void) {
    const char *p = getenv("HOTLOOP_DUMP");
    uint32_t wanted = 0;
    while (p && *p) {
        size_t len = strcspn(p, ",");
        for (int s = 0; s < DUMP_COUNT; s++)
            if (strlen(stage_words[s]) == len && !strncmp(p, stage_words[s], len)) wanted |= 1u << s;
        p += len + (p[len] == ',');
    }
    return wanted;
}

static bool is_wanted_func(const Compile *c) {
    const char *name = getenv("HOTLOOP_DUMP_FUNC");
    if (!name || !*name || !c->functions.len) return true;
    const Func *entry = c->functions.data[0];
    return !strcmp(name, entry->qualname) || !strcmp(name, entry->name);
}

static void print_dumps(const Compile *c, uint32_t wanted) {
    if (!wanted || !is_wanted_func(c)) return;
    const char *name = c->functions.len ? c->functions.data[0]->qualname : "?";
    for (int s = 0; s < DUMP_COUNT; s++)
        if (wanted >> s & 1 && c->dumps[s].len)
            fprintf(stderr, "; %s of %s\n%s\n", stage_words[s], name, c->dumps[s].data);
}

/* ---- after a stage ------------------------------------------------------------------------------------- */

static bool verifies(void) {
#ifndef NDEBUG
    return true;
#else
    const char *value = getenv("HOTLOOP_VERIFY");
    return value && *value && *value != '0';
#endif
}

static bool verify_all(Compile *c, const char *after) {
    for (uint32_t i = 0; i < c->functions.len; i++) {
        const Func *f = c->functions.data[i];
        const char *problem = hl_verify(f, true);
        if (!problem) continue;
        const char *text = hl_arena_printf(&c->arena, "after %s: %s", after, problem);
        return hl_error(c, f, (Loc){.line = f->first_line}, DIAG_INTERNAL, text);
    }
    return true;
}

/* What was made since the compilation began may lie in the reserve for want of memory: then it ends here. */
static bool has_memory(Compile *c) {
    c->no_memory = hl_memory_failures() != c->memory_failures;
    return !c->no_memory || hl_error(c, NULL, (Loc){0}, DIAG_INTERNAL, "out of memory");
}

/* Keeps the text of a stage and checks what it left behind. */
static bool finish_stage(Compile *c, DumpStage stage) {
    if (c->dump >> stage & 1) hl_print_module(&c->dumps[stage], &c->functions);
    return has_memory(c) && (!verifies() || verify_all(c, stage_words[stage]));
}

/* ---- the backend --------------------------------------------------------------------------------------- */

/* The path of libhotloop-llvm.so: it lies beside the library this code is in. */
static char *backend_path(void) {
    static const char name[] = "libhotloop-llvm.so";
    Dl_info info;
    Text path = {0};
    if (!dladdr(&stage_words, &info) || !info.dli_fname) return strdup(name);
    const char *slash = strrchr(info.dli_fname, '/');
    if (slash) hl_text_append(&path, info.dli_fname, (size_t)(slash - info.dli_fname) + 1);
    hl_text_printf(&path, "%s", name);
    return path.data;
}

static const Backend *open_backend(char **error) {
    char *path = backend_path();
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    hl_memory_free(path);
    const Backend *(*get)(void) = NULL;
    if (library) *(void **)&get = dlsym(library, "hl_llvm_backend");
    if (get) return get();
    if (error) *error = (char *)hl_intern(dlerror());
    return NULL;
}

static pthread_mutex_t backend_lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_BACKEND, backend_lock)

const Backend *hl_backend(char **error) {
    static const Backend *backend;
    pthread_mutex_lock(&backend_lock);
    if (!backend) backend = open_backend(error);
    const Backend *opened = backend;
    pthread_mutex_unlock(&backend_lock);
    return opened;
}

static bool calls_math(const Compile *c) {
    for (uint32_t i = 0; i < c->functions.len; i++) {
        const Func *f = c->functions.data[i];
        for (Ref r = 1; r < f->ins.len; r++)
            if (hl_ins(f, r)->op == OP_MATH) return true;
    }
    return false;
}

static void *open_sleef(void *unused) {
    (void)unused;
    hl_load_open_sleef();
    return NULL;
}

/* The first code that may call SLEEF has it opened while it is made, on a thread of its own. */
static bool emit_beside_sleef(Compile *c, const Backend *backend) {
    static atomic_flag asked = ATOMIC_FLAG_INIT;
    pthread_t thread;
    bool opens =
        calls_math(c) && !atomic_flag_test_and_set(&asked) && hl_thread_start(&thread, open_sleef, NULL);
    bool good = backend->emit(c);
    if (opens) pthread_join(thread, NULL);
    return good;
}

static bool emit(Compile *c) {
    char *error = NULL;
    const Backend *backend = hl_backend(&error);
    if (!backend) return hl_error(c, NULL, (Loc){0}, DIAG_INTERNAL, error);
    hl_fork_hold();
    bool good = emit_beside_sleef(c, backend);
    hl_fork_release();
    return good && has_memory(c);
}

/* ---- the stages ---------------------------------------------------------------------------------------- */

/* Ends a compilation: whatever dumps there are are shown, whether it succeeded or not. */
static bool end(Compile *c, bool done) {
    print_dumps(c, stages_wanted());
    return done;
}

static bool optimise(Compile *c) {
    return finish_stage(c, DUMP_TYPED) && hl_optimise(c) && finish_stage(c, DUMP_OPT);
}

bool hl_compile_front(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                      const FuncOptions *options) {
    c->dump |= stages_wanted();
    c->memory_failures = hl_memory_failures();
    c->binds = options->debug;
    bool done = hl_infer(c, function, args, nargs, options) && optimise(c);
    return done || (has_memory(c), end(c, false));
}

bool hl_compile_back(Compile *c) {
    return end(c, emit(c));
}

bool hl_compile(Compile *c, const void *function, const Type *const *args, uint32_t nargs,
                const FuncOptions *options) {
    return hl_compile_front(c, function, args, nargs, options) && hl_compile_back(c);
}

/* Text is not trusted: it is always verified. */
static bool parse(Compile *c, const char *text) {
    char *error = NULL;
    bool good = hl_parse_module(&c->arena, text, &c->functions, &error);
    if (!good) hl_error(c, NULL, (Loc){0}, DIAG_INTERNAL, error);
    hl_memory_free(error);
    if (good && !c->functions.len)
        return hl_error(c, NULL, (Loc){0}, DIAG_INTERNAL, "the text holds no function");
    return good && verify_all(c, "parsing");
}

bool hl_compile_text(Compile *c, const char *text) {
    c->dump |= stages_wanted();
    c->memory_failures = hl_memory_failures();
    return end(c, parse(c, text) && optimise(c) && emit(c));
}

void hl_compile_free(Compile *c) {
    for (int s = 0; s < DUMP_COUNT; s++)
        hl_text_free(&c->dumps[s]);
    hl_text_free(&c->remarks);
    free(c->object);
    hl_arena_free(&c->arena);
    *c = (Compile){0};
}
