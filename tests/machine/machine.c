/* machine/ from IR text to running code: vector math and its remainders, the runtime's bitcode, errors as
 * text, remarks. */
#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load/load.h"
#include "machine/machine.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                          \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

/* The module of this text, with the target's triple and layout. */
static LLVMModuleRef parse(Machine *m, const char *text) {
    char *error = NULL;
    LLVMModuleRef empty = hl_machine_module(m, "empty"), module;
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "test");
    if (LLVMParseIRInContext(m->context, buffer, &module, &error)) fprintf(stderr, "%s\n", error);
    CHECK(!error);
    LLVMSetTarget(module, LLVMGetTarget(empty));
    LLVMSetDataLayout(module, LLVMGetDataLayoutStr(empty));
    LLVMDisposeModule(empty);
    return module;
}

static void optimise(Machine *m, LLVMModuleRef module) {
    if (!hl_machine_optimise(m, module)) fprintf(stderr, "%s\n", m->error);
    CHECK(!m->error);
}

/* The optimised module as assembly text (malloc'd). */
static char *assembly(Machine *m, LLVMModuleRef module) {
    LLVMMemoryBufferRef buffer = hl_machine_emit(m, module, MACHINE_ASM);
    CHECK(buffer);
    char *text = strndup(LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
    LLVMDisposeMemoryBuffer(buffer);
    return text;
}

static LoadedCode *load(Machine *m, LLVMModuleRef module) {
    char error[256] = "";
    LLVMMemoryBufferRef object = hl_machine_emit(m, module, MACHINE_OBJECT);
    CHECK(object);
    LoadedCode *code = hl_load_object(LLVMGetBufferStart(object), LLVMGetBufferSize(object), hl_load_resolve,
                                      NULL, error, sizeof error);
    if (!code) fprintf(stderr, "%s\n", error);
    CHECK(code);
    LLVMDisposeMemoryBuffer(object);
    return code;
}

/* ---- vector math -------------------------------------------------------------------------------- */

static const char tanh_loop[] =
    "declare double @hl.math.tanh.f64(double) memory(none) nounwind willreturn\n"
    "define void @map(ptr noalias %x, ptr noalias %out, i64 %n) {\n"
    "entry:\n  %any = icmp sgt i64 %n, 0\n  br i1 %any, label %loop, label %done\n"
    "loop:\n  %i = phi i64 [0, %entry], [%next, %loop]\n"
    "  %p = getelementptr inbounds double, ptr %x, i64 %i\n  %v = load double, ptr %p\n"
    "  %t = call double @hl.math.tanh.f64(double %v)\n"
    "  %q = getelementptr inbounds double, ptr %out, i64 %i\n  store double %t, ptr %q\n"
    "  %next = add nuw nsw i64 %i, 1\n  %more = icmp slt i64 %next, %n\n  br i1 %more, label %loop, label "
    "%done\n"
    "done:\n  ret void\n}\n"
    "define double @one(double %x) {\n  %t = call double @hl.math.tanh.f64(double %x)\n  ret double %t\n}\n";

typedef void (*Map1)(const double *x, double *out, int64_t n);

/* Bit-equal to SLEEF's scalar function wherever an element falls, in the vector body or the remainder. */
static void check_map(Map1 map, double (*scalar)(double)) {
    double x[41], out[42];
    for (int i = 0; i < 41; i++)
        x[i] = (i - 20) * 0.37 + 1e-3;
    for (int64_t n = 0; n <= 41; n++) {
        for (int i = 0; i < 42; i++)
            out[i] = -7;
        map(x, out, n);
        for (int i = 0; i < n; i++) {
            double expected = scalar(x[i]);
            CHECK(memcmp(&out[i], &expected, sizeof expected) == 0);
        }
        CHECK(out[n] == -7);
    }
}

static int count_calls(LLVMModuleRef module, const char *what) {
    int n = 0;
    char *text = hl_machine_print(module);
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        n++;
    LLVMDisposeMessage(text);
    return n;
}

/* Loops with math calls are not interleaved: one call of each width, the second one in the remainder. */
static void check_vector_calls(LLVMModuleRef module) {
    static const char *const widths[] = {"call <2 x", "call <4 x", "call <8 x"};
    int calls = 0;
    for (int i = 0; i < 3; i++) {
        int n = count_calls(module, widths[i]);
        CHECK(n <= 1);
        calls += n;
    }
    CHECK(calls == 1 || calls == 2);
    CHECK(count_calls(module, "call <") == calls);
}

static void vector_math(const char *cpu, const char *features, const char *vector_name,
                        const char *scalar_name) {
    Machine m;
    setenv("HOTLOOP_CPU_FEATURES", features, 1);
    CHECK(hl_machine_open(&m, cpu));
    LLVMModuleRef module = parse(&m, tanh_loop);
    optimise(&m, module);
    check_vector_calls(module);
    char *text = assembly(&m, module);
    CHECK(strstr(text, vector_name));
    CHECK(strstr(text, "tanh@PLT"));
    CHECK(!strstr(text, "hl.math"));
    free(text);
    LoadedCode *code = load(&m, module);
    double (*scalar)(double) = (double (*)(double))(uintptr_t)hl_load_resolve(NULL, scalar_name);
    check_map((Map1)(uintptr_t)hl_load_symbol(code, "map"), scalar);
    double (*one)(double) = (double (*)(double))(uintptr_t)hl_load_symbol(code, "one");
    CHECK(one(0.4) == tanh(0.4));
    hl_load_free(code);
    hl_machine_close(&m);
    unsetenv("HOTLOOP_CPU_FEATURES");
}

/* Every function of the table has all the forms the table and vecforms.def name, in the library. */
static void all_forms_exist(void) {
    static const struct {
        const char *op, *precise, *fast;
        unsigned nargs;
    } rows[] = {
#define VECMATH(op, nargs, libm, precise, fast, scalar) {#op, precise, fast, nargs},
#include "machine/vecmath.def"
    };
    static const struct {
        unsigned bits;
        const char *family, *ending;
    } forms[] = {
#define VECFORM(needed, bits, family, ending) {bits, family, ending},
#include "machine/vecforms.def"
        {0, "finz", "purecfma"},
        {0, "cinz", "purec"},
    };
    char name[128];
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
            for (int kind = 0; kind < 4; kind++) {
                const char *accuracy = kind & 1 ? rows[r].fast : rows[r].precise;
                unsigned bits = kind & 2 ? 32 : 64;
                if (!accuracy) continue;
                snprintf(name, sizeof name, "Sleef_%s_%s%c%u_%s%s", forms[f].family,
                         strcmp(rows[r].op, "gamma") == 0 ? "tgamma" : rows[r].op, kind & 2 ? 'f' : 'd',
                         forms[f].bits ? forms[f].bits / bits : 1, accuracy, forms[f].ending);
                if (!hl_load_resolve(NULL, name)) fprintf(stderr, "%s is missing\n", name);
                CHECK(hl_load_resolve(NULL, name));
            }
}

static void *compile_some(void *unused) {
    (void)unused;
    for (int i = 0; i < 10; i++) {
        Machine m;
        double x[3] = {0.1, 0.2, 0.3}, out[3];
        CHECK(hl_machine_open(&m, NULL));
        LLVMModuleRef module = parse(&m, tanh_loop);
        optimise(&m, module);
        LoadedCode *code = load(&m, module);
        ((Map1)(uintptr_t)hl_load_symbol(code, "map"))(x, out, 3);
        CHECK(fabs(out[2] - tanh(0.3)) < 1e-15);
        hl_load_free(code);
        hl_machine_close(&m);
    }
    return NULL;
}

static void threads_compile_at_once(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, compile_some, NULL) == 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void callee(void) {
    Machine m;
    LLVMTypeRef type;
    CHECK(hl_machine_open(&m, NULL));
    LLVMModuleRef module = hl_machine_module(&m, "callee");
    LLVMValueRef precise = hl_machine_math_callee(module, "atan2", true, false, &type);
    CHECK(precise && LLVMCountParamTypes(type) == 2 &&
          LLVMGetTypeKind(LLVMGetReturnType(type)) == LLVMFloatTypeKind);
    CHECK(precise == hl_machine_math_callee(module, "atan2", true, false, &type));
    CHECK(precise != hl_machine_math_callee(module, "atan2", true, true, &type));
    CHECK(!hl_machine_math_callee(module, "no_such_function", false, false, &type));
    hl_machine_close(&m);
}

/* A strict sum must keep its order: the loop over SLEEF is not vectorised, and the sum has the bits of a
 * plain loop. */
#define SUM(add)                                                                                             \
    "define double @sum(ptr %x, i64 %n) {\nentry:\n  br label %loop\n"                                       \
    "loop:\n  %i = phi i64 [0, %entry], [%next, %loop]\n  %s = phi double [0.0, %entry], [%t, %loop]\n"      \
    "  %p = getelementptr inbounds double, ptr %x, i64 %i\n  %v = load double, ptr %p\n"                     \
    "  %t = " add " double %s, %v\n"                                                                         \
    "  %next = add nuw nsw i64 %i, 1\n  %more = icmp slt i64 %next, %n\n"                                    \
    "  br i1 %more, label %loop, label %done\n"                                                              \
    "done:\n  ret double %t\n}\n"

static void order_is_kept(void) {
    Machine m;
    double x[1000], expected = 0;
    for (int i = 0; i < 1000; i++)
        x[i] = 1.0 / (i + 1) * (i % 3 ? 1 : -1e8);
    for (int i = 0; i < 1000; i++)
        expected += x[i];
    CHECK(hl_machine_open(&m, NULL));
    LLVMModuleRef module = parse(&m, SUM("fadd"));
    optimise(&m, module);
    LoadedCode *code = load(&m, module);
    double got = ((double (*)(const double *, int64_t))(uintptr_t)hl_load_symbol(code, "sum"))(x, 1000);
    CHECK(memcmp(&got, &expected, sizeof got) == 0);
    hl_load_free(code);
    hl_machine_close(&m);
}

/* A sum that may be reordered has a chain of additions in each of four vectors, twice as many as other loops. */
static void fast_sum_has_four_chains(void) {
    Machine m;
    CHECK(hl_machine_open(&m, NULL));
    LLVMModuleRef module = parse(&m, SUM("fadd fast"));
    optimise(&m, module);
    CHECK(count_calls(module, "x double> [ zeroinitializer") == 4);
    hl_machine_close(&m);
}

/* ---- the runtime's bitcode --------------------------------------------------------------------- */

/* Small functions inline, so nothing calls them; larger ones stay calls into the library, and both work. */
static const char runtime_calls[] =
    "declare void @hlrt_retain(ptr)\ndeclare double @hlrt_npy_mod(double, double)\n"
    "declare ptr @hlrt_alloc_1d(ptr, i64, i64, i64)\n"
    "define double @use(ptr %block, double %x, double %y) {\n  call void @hlrt_retain(ptr %block)\n"
    "  %m = call double @hlrt_npy_mod(double %x, double %y)\n  ret double %m\n}\n"
    "define ptr @allocate(ptr %ctx, i64 %n) {\n"
    "  %b = call ptr @hlrt_alloc_1d(ptr %ctx, i64 12, i64 1, i64 %n)\n  ret ptr %b\n}\n";

static void runtime_inlines(void) {
    Machine m;
    int64_t block[8] = {1};
    CHECK(hl_machine_open(&m, NULL));
    LLVMModuleRef module = parse(&m, runtime_calls);
    optimise(&m, module);
    char *text = assembly(&m, module);
    CHECK(!strstr(text, "hlrt_retain"));
    CHECK(strstr(text, "hlrt_alloc"));
    free(text);
    LoadedCode *code = load(&m, module);
    double (*use)(void *, double, double) =
        (double (*)(void *, double, double))(uintptr_t)hl_load_symbol(code, "use");
    CHECK(use(block, -7, 3) == 2 && block[0] == 2);
    CHECK(!hl_load_symbol(code, "hlrt_npy_mod"));
    hl_load_free(code);
    hl_machine_close(&m);
}

/* ---- failures and remarks ----------------------------------------------------------------------- */

static void errors_are_text(void) {
    Machine m;
    CHECK(hl_machine_open(&m, NULL));
    m.verify = true;
    LLVMModuleRef module = parse(&m, "define i32 @f() {\n  ret i32 0\n}\n");
    LLVMInstructionEraseFromParent(
        LLVMGetLastInstruction(LLVMGetFirstBasicBlock(LLVMGetFirstFunction(module))));
    CHECK(!hl_machine_optimise(&m, module));
    CHECK(m.error && strstr(m.error, "broken LLVM IR from lowering"));
    hl_machine_close(&m);
}

/* What LLVM calls fatal ends later compilations, not the process. */
static void fail_fatally(void) {
    Machine m;
    CHECK(hl_machine_open(&m, NULL));
    LLVMModuleRef module =
        parse(&m, "declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n"
                  "define i32 @f() {\n  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n  ret i32 %t\n}\n");
    bool ok = hl_machine_optimise(&m, module) && hl_machine_emit(&m, module, MACHINE_OBJECT);
    CHECK(!ok && m.error && strstr(m.error, "LLVM: Cannot select"));
    hl_machine_close(&m);
    CHECK(!hl_machine_open(&m, NULL));
    CHECK(m.error && strstr(m.error, "earlier compilation"));
    hl_machine_close(&m);
}

/* In a child: LLVM is not usable afterwards, and what it held is lost. */
static void fatal_errors_are_text(void) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        fail_fatally();
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static const char with_places[] =
    "define void @scale(ptr %x, i64 %n) !dbg !4 {\nentry:\n  br label %loop\n"
    "loop:\n  %i = phi i64 [0, %entry], [%next, %loop]\n"
    "  %p = getelementptr inbounds double, ptr %x, i64 %i\n  %v = load double, ptr %p, !dbg !5\n"
    "  %w = fmul double %v, 3.0, !dbg !5\n  store double %w, ptr %p, !dbg !5\n"
    "  %next = add nuw nsw i64 %i, 1, !dbg !5\n  %more = icmp slt i64 %next, %n, !dbg !5\n"
    "  br i1 %more, label %loop, label %done, !dbg !5\ndone:\n  ret void, !dbg !5\n}\n"
    "!llvm.dbg.cu = !{!0}\n!llvm.module.flags = !{!2}\n"
    "!0 = distinct !DICompileUnit(language: DW_LANG_Python, file: !1, emissionKind: LineTablesOnly)\n"
    "!1 = !DIFile(filename: \"loops.py\", directory: \"/\")\n!2 = !{i32 2, !\"Debug Info Version\", i32 3}\n"
    "!3 = !DISubroutineType(types: !{})\n"
    "!4 = distinct !DISubprogram(name: \"scale\", file: !1, line: 10, type: !3, unit: !0, spFlags: "
    "DISPFlagDefinition)\n"
    "!5 = !DILocation(line: 12, column: 9, scope: !4)\n";

static void remarks(void) {
    Machine m;
    CHECK(hl_machine_open(&m, NULL));
    optimise(&m, parse(&m, with_places));
    CHECK(m.nremarks == 0);
    hl_machine_close(&m);
    CHECK(hl_machine_open(&m, NULL));
    hl_machine_want_remarks(&m);
    optimise(&m, parse(&m, with_places));
    CHECK(m.nremarks == 1 && m.remarks[0].passed && m.remarks[0].line == 12 && m.remarks[0].col == 9);
    CHECK(strstr(m.remarks[0].text, "vectorized loop (vectorization width: 4"));
    CHECK(strcmp(m.remarks[0].file, "loops.py") == 0 || strcmp(m.remarks[0].file, "/loops.py") == 0);
    hl_machine_close(&m);
}

int main(void) {
    if (__builtin_cpu_supports("avx512f"))
        vector_math(NULL, "", "Sleef_finz_tanhd", "Sleef_finz_tanhd1_u10purecfma");
    if (__builtin_cpu_supports("avx2"))
        vector_math("haswell", "+avx,+avx2,+fma", "Sleef_finz_tanhd4_u10avx2",
                    "Sleef_finz_tanhd1_u10purecfma");
    vector_math("x86-64", "", "Sleef_cinz_tanhd2_u10sse2", "Sleef_cinz_tanhd1_u10purec");
    all_forms_exist();
    threads_compile_at_once();
    callee();
    order_is_kept();
    fast_sum_has_four_chains();
    runtime_inlines();
    errors_are_text();
    remarks();
    fatal_errors_are_text();
    return 0;
}
