/* fork: the child of a fork finds our locks free, whatever other threads were doing.
 *
 * Only the thread that forks lives on in the child, so a lock that another one holds would stay taken for ever, and what
 * it guards would stay half changed. Before a fork all guarded locks are therefore taken, outermost first, and given
 * back after it in both processes. A new lock: a row of HlGuarded in base.h at its place in the order, and
 * HL_GUARD_AT_FORK beside its definition.
 *
 * LLVM and the C++ and unwinding libraries below it have locks and one-time initialisations that we cannot take: while one of
 * them works, a fork waits (hl_fork_hold).
 */
#include <pthread.h>

#include "base/base.h"

static pthread_mutex_t *guarded[HL_NGUARDED];
static uint32_t generation;

/* Held for reading where a fork has to wait, for writing while one goes on. */
static pthread_rwlock_t working = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static void take_all(void) {
    pthread_rwlock_wrlock(&working);
    for (int i = 0; i < HL_NGUARDED; i++)
        if (guarded[i]) pthread_mutex_lock(guarded[i]);
}

static void free_guarded(void) {
    for (int i = HL_NGUARDED; i-- > 0;)
        if (guarded[i]) pthread_mutex_unlock(guarded[i]);
}

static void free_all(void) {
    free_guarded();
    pthread_rwlock_unlock(&working);
}

/* The lock knows its owner by a number that the child's thread has not. */
static void free_all_in_child(void) {
    generation++;
    free_guarded();
    working = (pthread_rwlock_t)PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
}

void hl_fork_hold(void) {
    pthread_rwlock_rdlock(&working);
}

void hl_fork_release(void) {
    pthread_rwlock_unlock(&working);
}

__attribute__((constructor)) static void install(void) {
    pthread_atfork(take_all, free_all, free_all_in_child);
}

void hl_fork_guard(HlGuarded place, pthread_mutex_t *lock) {
    guarded[place] = lock;
}

uint32_t hl_fork_generation(void) {
    return generation;
}
