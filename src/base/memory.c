/* memory: what the compiler allocates with, also when the system has nothing left.
 *
 * Thousands of places ask for a few bytes and could do nothing without them. So a request never fails: when calloc does,
 * the piece comes from a reserve, and the failure is counted. A compilation compares the count before and after each
 * stage and ends with a MemoryError (compile.c). The reserve costs address space only, until it is used; it is free
 * again when its last piece is given back. That it runs out within one stage is the only way to abort.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { RESERVE_NBYTES = 16 << 20, ALIGN = 16 };

static _Alignas(ALIGN) char reserve[RESERVE_NBYTES];
static size_t used, npieces; /* guarded by lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_RESERVE, lock)
static _Atomic uint64_t failures;

static bool is_reserve(const void *piece) {
    return (uintptr_t)piece - (uintptr_t)reserve < RESERVE_NBYTES;
}

static HL_COLD void *take(size_t nbytes) {
    atomic_fetch_add(&failures, 1);
    pthread_mutex_lock(&lock);
    if (nbytes > RESERVE_NBYTES - ALIGN - used) {
        fputs("hotloop: out of memory\n", stderr);
        abort();
    }
    char *piece = reserve + used;
    used += (nbytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    npieces++;
    pthread_mutex_unlock(&lock);
    return memset(piece, 0, nbytes);
}

static HL_COLD void give_back(void) {
    pthread_mutex_lock(&lock);
    if (--npieces == 0) used = 0;
    pthread_mutex_unlock(&lock);
}

void *hl_memory_alloc(size_t nbytes) {
    void *piece = calloc(1, nbytes);
    return piece ? piece : take(nbytes);
}

void *hl_memory_grow(void *piece, size_t old_nbytes, size_t nbytes) {
    void *grown = is_reserve(piece) ? NULL : realloc(piece, nbytes);
    if (grown) return grown;
    grown = take(nbytes);
    if (piece) memcpy(grown, piece, old_nbytes);
    hl_memory_free(piece);
    return grown;
}

void hl_memory_free(void *piece) {
    if (is_reserve(piece))
        give_back();
    else
        free(piece);
}

uint64_t hl_memory_failures(void) {
    return atomic_load(&failures);
}
