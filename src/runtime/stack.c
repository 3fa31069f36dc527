/* stack: where a thread's stack must not grow beyond. */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

enum { STACK_RESERVE = 256 << 10 };

static __thread char *limit; /* NULL until it has been looked up */

extern void *__libc_stack_end; /* glibc: where the first thread's stack begins */

/* The first thread's stack may grow as far as its limit says. For it the C library would read the process's whole
 * memory map, which takes as long as loading a function. Are we on it? A forked child's first thread may be on
 * another's. */
static bool find_first_stack(char **low, size_t *nbytes) {
    struct rlimit stack;
    char *end = __libc_stack_end, *here = __builtin_frame_address(0);
    if (getrlimit(RLIMIT_STACK, &stack) || stack.rlim_cur >= (uintptr_t)end)
        return false; /* or without limit */
    *nbytes = stack.rlim_cur;
    *low = end - *nbytes;
    return here > *low && here < end && gettid() == getpid();
}

static bool find_stack(char **low, size_t *nbytes) {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes)) return false;
    pthread_attr_getstack(&attributes, (void **)low, nbytes);
    pthread_attr_destroy(&attributes);
    return true;
}

static HL_COLD char *find_limit(void) {
    char *low = NULL;
    size_t nbytes = 0;
    if (!find_first_stack(&low, &nbytes) && !find_stack(&low, &nbytes)) return NULL;
    size_t reserve = nbytes / 4 < STACK_RESERVE ? nbytes / 4 : STACK_RESERVE;
    return low + reserve + 1;
}

char *hlrt_stack_limit(void) {
    if (!limit) limit = find_limit();
    return limit;
}
#endif
