/* Where the undefined symbols of compiled code are: runtime functions, libm and libc in the process, SLEEF in
 * its own shared library, which is opened when the first object asks for one of its functions, or before, and stays open.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load/load.h"
#include "runtime/runtime.h"

static pthread_once_t sleef_once = PTHREAD_ONCE_INIT, math_once = PTHREAD_ONCE_INIT;
static void *sleef, *math;

/* Opens the named library, first beside our own shared object (a wheel carries its copy), then as the system
 * finds it. */
static void *open_library(const char *name) {
    Dl_info info;
    char path[4096];
    if (dladdr((void *)hl_load_resolve, &info) && info.dli_fname) {
        const char *slash = strrchr(info.dli_fname, '/');
        int folder = slash ? (int)(slash - info.dli_fname) + 1 : 0;
        int length = snprintf(path, sizeof path, "%.*s%s", folder, info.dli_fname, name);
        bool is_there = length < (int)sizeof path && access(path, R_OK) == 0;
        void *library = is_there ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
        if (library) return library;
    }
    return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

static void open_sleef(void) {
    sleef = open_library("libsleef.so.3");
}

static void open_math(void) {
    math = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
}

void hl_load_open_sleef(void) {
    pthread_once(&sleef_once, open_sleef);
}

static void *find(pthread_once_t *once, void (*open)(void), void **library, const char *name) {
    pthread_once(once, open);
    return *library ? dlsym(*library, name) : NULL;
}

void *hl_load_resolve(void *user, const char *name) {
    (void)user;
    if (strncmp(name, "Sleef_", 6) == 0) return find(&sleef_once, open_sleef, &sleef, name);
    if (strncmp(name, "hlrt_", 5) == 0) return hlrt_resolve(name);
    void *address = find(&math_once, open_math, &math, name);
    return address ? address : dlsym(RTLD_DEFAULT, name);
}
