/* openmp: finding LLVM's OpenMP library (libomp, or Intel's libiomp5, which is the same code).
 *
 * It survives fork; GCC's does not. Two copies in one process: the second one to start ends the process ("OMP: Error
 * #15"), unless KMP_DUPLICATE_LIB_OK is set. So a copy that is loaded already, by whatever package, is the one
 * that is used; else ours is opened, locally, and the variable set before, for packages imported later that bring
 * one of their own.
 *
 * It survives a fork by handlers that it registers when it starts, unless KMP_INIT_AT_FORK forbids it, as scikit-learn
 * does for the whole process: a child would wait for threads that it does not have. Our copy starts without that word; in
 * children of a process whose copy has started with it, parallel loops run in one part.
 */
#include "runtime/openmp.h"
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static HlOpenMp found;
static const HlOpenMp *volatile opened;

/* How LLVM's compilers describe a place in the source; the library wants one with the bit of its own calls. */
static const struct Place {
    int32_t reserved, flags, reserved2, reserved3;
    const char *text;
} place = {0, 2, 0, 22, ";unknown;unknown;0;0;;"};

static bool take_functions(void *library) {
    if (!library) return false;
    *(void **)&found.num_threads = dlsym(library, "omp_get_num_threads");
    *(void **)&found.global_number = dlsym(library, "__kmpc_global_thread_num");
    *(void **)&found.push_num_threads = dlsym(library, "__kmpc_push_num_threads");
    *(void **)&found.fork = dlsym(library, "__kmpc_fork_call");
    return found.num_threads && found.global_number && found.push_num_threads && found.fork;
}

static int try_loaded(struct dl_phdr_info *info, size_t size, void *done) {
    (void)size;
    const char *slash = strrchr(info->dlpi_name, '/'), *name = slash ? slash + 1 : info->dlpi_name;
    if (strncmp(name, "libomp", 6) && strncmp(name, "libiomp5", 8)) return 0;
    void *library = dlopen(info->dlpi_name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    return *(bool *)done = take_functions(library);
}

static bool is_forbidden(const char *setting) {
    return setting && *setting && (strchr("0fFnN", *setting) || strncasecmp(setting, "off", 3) == 0);
}

static void forget_in_child(void) {
    opened = NULL;
}

/* Lets the library read its settings with this one unset. */
static void start_with_handlers(void) {
    const char *setting = getenv("KMP_INIT_AT_FORK");
    char *kept = setting ? strdup(setting) : NULL;
    unsetenv("KMP_INIT_AT_FORK");
    found.global_number(&place);
    if (kept) setenv("KMP_INIT_AT_FORK", kept, 1);
    free(kept);
}

/* Beside our own library, where a wheel has it under a name of its own; then as the system finds it. */
static bool open_own(void) {
    Dl_info info;
    char path[4096];
    setenv("KMP_DUPLICATE_LIB_OK", "TRUE", 0);
    if (dladdr((void *)hlrt_openmp, &info) && info.dli_fname && strrchr(info.dli_fname, '/')) {
        int folder = (int)(strrchr(info.dli_fname, '/') - info.dli_fname) + 1;
        int length = snprintf(path, sizeof path, "%.*slibhotloop-omp.so", folder, info.dli_fname);
        if (length < (int)sizeof path && take_functions(dlopen(path, RTLD_NOW | RTLD_LOCAL))) return true;
    }
    static const char *const names[] = {"libomp.so.5", "/usr/lib/llvm-19/lib/libomp.so.5", "libomp.so"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (take_functions(dlopen(names[i], RTLD_NOW | RTLD_LOCAL))) return true;
    return false;
}

static void open_once(void) {
    bool done = false;
    dl_iterate_phdr(try_loaded, &done);
    if (done && is_forbidden(getenv("KMP_INIT_AT_FORK"))) pthread_atfork(NULL, NULL, forget_in_child);
    if (!done && open_own()) start_with_handlers();
    if (found.fork) opened = &found;
}

const HlOpenMp *hlrt_openmp(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_once);
    return opened;
}

const char *hlrt_threading_layer(void) {
    return opened ? "omp" : NULL;
}

void hlrt_openmp_fork(int32_t n, HlOpenMpTask task, void *argument) {
    const HlOpenMp *openmp = hlrt_openmp();
    openmp->push_num_threads(&place, openmp->global_number(&place), n);
    openmp->fork(&place, 1, task, argument);
}
#endif
