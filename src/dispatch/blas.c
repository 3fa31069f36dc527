/* NumPy's own BLAS and LAPACK, for matrix products and np.linalg: found among the libraries of the process when compiled code first
 * needs it. */
#include "dispatch/internal.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* How libraries name Fortran's functions, best first, and their integers' size. */
static const struct {
    const char *format;
    int int_nbytes;
} namings[] = {{"scipy_%s_64_", 8}, {"%s_64_", 8}, {"scipy_%s_", 4}, {"%s_", 4}};

static const char *const libraries[] = {"openblas", "mkl_rt", "flexiblas", "libblas"};

static void *symbol(void *library, const char *format, const char *function) {
    char name[64];
    snprintf(name, sizeof name, format, function);
    return dlsym(library, name);
}

/* The routine of one name for each element type. */
static void find_routine(void *library, const char *format, const char *of_real, const char *of_complex,
                         void **out) {
    static const char letters[] = "sdcz";
    for (int kind = 0; kind < 4; kind++) {
        char name[32];
        snprintf(name, sizeof name, "%c%s", letters[kind], kind < 2 ? of_real : of_complex);
        out[kind] = symbol(library, format, name);
    }
}

static void take_lapack(void *library, const char *format, int int_nbytes) {
    HlLapack lapack = {.int_nbytes = int_nbytes};
#define LAPACK(name, real, complex) find_routine(library, format, real, complex, lapack.name);
#include "runtime/lapack.def"
#undef LAPACK
    hlrt_set_lapack(&lapack);
}

static bool take_functions(void *library, const char *format, int int_nbytes) {
    HlBlas blas = {
        .dgemm = symbol(library, format, "dgemm"),
        .sgemm = symbol(library, format, "sgemm"),
        .zgemm = symbol(library, format, "zgemm"),
        .cgemm = symbol(library, format, "cgemm"),
        .dgemv = symbol(library, format, "dgemv"),
        .sgemv = symbol(library, format, "sgemv"),
        .zgemv = symbol(library, format, "zgemv"),
        .cgemv = symbol(library, format, "cgemv"),
        .int_nbytes = int_nbytes,
    };
    if (!blas.dgemm) return false;
    hlrt_set_blas(&blas);
    take_lapack(library, format, int_nbytes);
    return true;
}

static bool is_blas(const char *path) {
    const char *name = strrchr(path, '/');
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if (strstr(name ? name : path, libraries[i])) return true;
    return false;
}

/* The library stays open for good: its functions are in use. */
static int look_at(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size;
    (void)unused;
    void *library =
        info->dlpi_name && is_blas(info->dlpi_name) ? dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    for (size_t i = 0; library && i < sizeof namings / sizeof *namings; i++)
        if (take_functions(library, namings[i].format, namings[i].int_nbytes)) return 1;
    return 0;
}

static void find_blas(void) {
    dl_iterate_phdr(look_at, NULL);
}

void *blas_resolve(void *user, const char *name) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!strncmp(name, "hlrt_gemm", 9) || !strncmp(name, "hlrt_lapack", 11)) pthread_once(&once, find_blas);
    return hl_load_resolve(user, name);
}
