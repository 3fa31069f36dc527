/* thread: a helper beside a Python thread. Signals are for threads that Python knows; those of a fault go to the thread
 * that is at fault. */
#include <signal.h>

#include "base/base.h"

bool hl_thread_start(pthread_t *thread, void *(*run)(void *), void *argument) {
    sigset_t mine, before;
    sigfillset(&mine);
    const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&mine, faults[i]);
    pthread_sigmask(SIG_BLOCK, &mine, &before);
    bool started = pthread_create(thread, NULL, run, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}
