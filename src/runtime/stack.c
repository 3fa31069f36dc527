/* stack: where a thread's stack must not grow beyond. */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <pthread.h>

enum { STACK_RESERVE = 256 << 10 };

static __thread char *limit; /* NULL until it has been looked up */

static HL_COLD char *find_limit(void) {
    pthread_attr_t attributes;
    void *low = NULL;
    size_t nbytes = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &low, &nbytes);
        pthread_attr_destroy(&attributes);
    }
    size_t reserve = nbytes / 4 < STACK_RESERVE ? nbytes / 4 : STACK_RESERVE;
    return (char *)low + reserve + 1;
}

char *hlrt_stack_limit(void) {
    if (!limit) limit = find_limit();
    return limit;
}
#endif
