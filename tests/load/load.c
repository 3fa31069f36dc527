/* Loads sample objects and runs them; objects that must be refused are refused with the right text. */
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "testing.h"

static int outer_value = 99;
static double (*far_outer)(double);

static void *resolve(void *user, const char *name) {
    ++*(int *)user;
    if (strcmp(name, "outer") == 0) return (void *)far_outer;
    if (strcmp(name, "outer_value") == 0) return &outer_value;
    return NULL;
}

/* A copy of `double outer(double x) { return x + x; }` at a chosen place in the address space. */
static double (*make_outer(uintptr_t where))(double) {
    static const uint8_t code[] = {0xf2, 0x0f, 0x58, 0xc0, 0xc3};
    uint8_t *page = mmap((void *)where, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    memcpy(page, code, sizeof code);
    CHECK(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
    return (double (*)(double))(uintptr_t)page;
}

#define SYMBOL(code, type, name) ((type)(uintptr_t)hl_load_symbol(code, name))

static void run_sample(uintptr_t where) {
    char error[256] = "";
    int asked = 0;
    far_outer = make_outer(where);
    Sample sample = read_sample("sample");
    LoadedCode *code = hl_load_object(sample.bytes, sample.nbytes, resolve, &asked, error, sizeof error);
    if (!code) fprintf(stderr, "%s\n", error);
    CHECK(code);
    memset(sample.bytes, 0xee, sample.nbytes);
    free(sample.bytes);
    CHECK(asked == 3);
    CHECK(hl_load_nbytes(code) >= 4096 && hl_load_nbytes(code) <= 8 * 4096);
    CHECK(SYMBOL(code, double (*)(unsigned), "from_table")(2) == 3.5);
    CHECK(SYMBOL(code, int (*)(void), "next_count")() == 41);
    CHECK(SYMBOL(code, int (*)(void), "next_count")() == 42);
    CHECK(SYMBOL(code, int (*)(unsigned), "through_pointer")(1) == 2);
    CHECK(SYMBOL(code, double (*)(double), "call_out")(3) == 7);
    CHECK(SYMBOL(code, int (*)(void), "read_out")() == 99);
    CHECK(SYMBOL(code, int (*)(void), "has_weak")() == 0);
    CHECK(SYMBOL(code, double (*)(unsigned, double), "keep")(999, 2.5) == 0);
    CHECK(SYMBOL(code, double (*)(unsigned, double), "keep")(999, 0) == 2.5);
    static const int chosen[] = {1, 43, 34, -97, 64, 99, 192, 2, -1};
    for (int i = 0; i < 9; i++)
        CHECK(SYMBOL(code, int (*)(int), "choose")(i) == chosen[i]);
    CHECK(hl_load_symbol(code, "no_such_symbol") == NULL);
    CHECK(hl_load_symbol(code, "counter") == NULL);
    hl_load_free(code);
    munmap((void *)(uintptr_t)far_outer, 4096);
}

/* Two objects, one behind the other, that call each other until 99, which is outer_value, or 100 is passed. */
static void pair_calls_itself(void) {
    char error[256] = "";
    int asked = 0;
    Sample pair = read_sample("pair_one"), two = read_sample("pair_two");
    size_t one_nbytes = pair.nbytes;
    memcpy(pair.bytes + pair.nbytes, two.bytes, two.nbytes);
    pair.nbytes += two.nbytes;
    LoadedCode *code = hl_load_object(pair.bytes, pair.nbytes, resolve, &asked, error, sizeof error);
    CHECK(code && asked == 1);
    CHECK(SYMBOL(code, int (*)(int), "count_up")(0) == -99);
    CHECK(SYMBOL(code, int (*)(int), "count_down")(102) == 101);
    hl_load_free(code);
    CHECK(!hl_load_object(pair.bytes, one_nbytes, resolve, &asked, error, sizeof error));
    CHECK(strcmp(error, "undefined symbol count_down") == 0);
    CHECK(!hl_load_object(pair.bytes, one_nbytes + 100, resolve, &asked, error, sizeof error));
    CHECK(strstr(error, "past the end"));
    memcpy(pair.bytes + pair.nbytes, two.bytes, two.nbytes);
    asked = 0;
    code = hl_load_object(pair.bytes, pair.nbytes + two.nbytes, resolve, &asked, error, sizeof error);
    CHECK(code && asked == 2);
    CHECK(SYMBOL(code, int (*)(int), "count_up")(0) == -99);
    hl_load_free(code);
    free(pair.bytes);
    free(two.bytes);
}

static void refused(const char *name, const char *reason) {
    char error[256] = "";
    int asked = 0;
    Sample sample = read_sample(name);
    if (hl_load_object(sample.bytes, sample.nbytes, resolve, &asked, error, sizeof error))
        snprintf(error, sizeof error, "loaded");
    free(sample.bytes);
    if (strcmp(error, reason) != 0) fprintf(stderr, "%s: \"%s\" but expected \"%s\"\n", name, error, reason);
    CHECK(strcmp(error, reason) == 0);
}

/* Is any page of this process writable and executable? */
static bool has_writable_code(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    bool found = false;
    while (fgets(line, sizeof line, maps)) {
        char *rights = strchr(line, ' ');
        if (rights && strncmp(rights + 1, "rwx", 3) == 0) found = true;
    }
    fclose(maps);
    return found;
}

static void maps_are_kept_apart(void) {
    char error[256];
    int asked = 0;
    Sample sample = read_sample("sample");
    LoadedCode *code = hl_load_object(sample.bytes, sample.nbytes, resolve, &asked, error, sizeof error);
    CHECK(code);
    CHECK(!has_writable_code());
    free(sample.bytes);
    hl_load_free(code);
}

static void *load_many(void *unused) {
    (void)unused;
    for (int i = 0; i < 200; i++) {
        char error[256];
        int asked = 0;
        Sample sample = read_sample("sample");
        LoadedCode *code = hl_load_object(sample.bytes, sample.nbytes, resolve, &asked, error, sizeof error);
        CHECK(code && SYMBOL(code, int (*)(void), "next_count")() == 41);
        free(sample.bytes);
        hl_load_free(code);
    }
    return NULL;
}

static void many_threads(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, load_many, NULL) == 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

/* perf's map names the functions; GDB's list holds the object while it is loaded. */
static void observers(void) {
    extern struct {
        uint32_t version, action;
        void *relevant, *first;
    } __jit_debug_descriptor;
    char error[256], path[64], text[8192] = "";
    int asked = 0;
    setenv("HOTLOOP_PERF", "1", 1);
    hl_load_debug_objects(true);
    Sample sample = read_sample("sample");
    LoadedCode *code = hl_load_object(sample.bytes, sample.nbytes, resolve, &asked, error, sizeof error);
    free(sample.bytes);
    CHECK(code && __jit_debug_descriptor.version == 1 && __jit_debug_descriptor.first);
    hl_load_free(code);
    CHECK(!__jit_debug_descriptor.first);
    hl_load_debug_objects(false);
    unsetenv("HOTLOOP_PERF");
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
    FILE *map = fopen(path, "r");
    CHECK(map && fread(text, 1, sizeof text - 1, map) > 0);
    fclose(map);
    unlink(path);
    CHECK(strstr(text, " from_table\n") && strstr(text, " choose\n"));
}

static void resolves(void) {
    double (*resolved)(double) =
        (double (*)(double))(uintptr_t)hl_load_resolve(NULL, "Sleef_finz_tanhd1_u10purecfma");
    CHECK(resolved);
    if (__builtin_cpu_supports("fma")) CHECK(resolved(0.5) > 0.46211 && resolved(0.5) < 0.46212);
    CHECK(hl_load_resolve(NULL, "tanh") && hl_load_resolve(NULL, "memcpy"));
    CHECK(!hl_load_resolve(NULL, "Sleef_nothing") && !hl_load_resolve(NULL, "hlrt_nothing"));
}

int main(void) {
    run_sample(0);
    run_sample((uintptr_t)1 << 40);
    pair_calls_itself();
    maps_are_kept_apart();
    many_threads();
    observers();
    resolves();
    refused("undefined", "undefined symbol nowhere_to_be_found");
    refused("thread_local", "relocation R_X86_64_TLSGD (19) in section .text is not supported");
    refused("constructor", "section .init_array: constructors");
    refused("absolute", "relocation R_X86_64_32S against .data does not reach its target");
    refused("gotoff", "relocation R_X86_64_GOTOFF64 (25) in section .text is not supported");
    return 0;
}
