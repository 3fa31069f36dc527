/* fork: the child of a fork finds our locks free, whatever other threads were doing.
 *
 * Only the thread that forks lives on in the child, so a lock that another one holds would stay taken for ever, and what
 * it guards would stay half changed. Before a fork all guarded locks are therefore taken, outermost first, and given
 * back after it in both processes. A new lock: a row of HlGuarded in base.h at its place in the order, and
 * HL_GUARD_AT_FORK beside its definition.
 */
#include <pthread.h>

#include "base/base.h"

static pthread_mutex_t *guarded[HL_NGUARDED];
static uint32_t generation;

static void take_all(void) {
    for (int i = 0; i < HL_NGUARDED; i++)
        if (guarded[i]) pthread_mutex_lock(guarded[i]);
}

static void free_all(void) {
    for (int i = HL_NGUARDED; i-- > 0;)
        if (guarded[i]) pthread_mutex_unlock(guarded[i]);
}

static void free_all_in_child(void) {
    generation++;
    free_all();
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
