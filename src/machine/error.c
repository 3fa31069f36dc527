/* LLVM's failures as text.
 *
 * Ordinary ones arrive as diagnostics of the context (machine.c passes them on) or as results. Fatal ones
 * (report_fatal_error: a construct the code generator cannot select, memory exhausted) call a handler and end
 * the process when it returns. A Python process must not end for that, so the handler jumps back to the guard
 * of the running step. LLVM's state is then unknown: the compilation's context is abandoned, not freed, and
 * every later compilation is refused, so that functions run in the interpreter. It is the one longjmp of the
 * project, and it crosses LLVM's frames only.
 */
#include <llvm-c/ErrorHandling.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine/internal.h"

typedef struct {
    jmp_buf place;
    Machine *machine;
} Guard;

static _Thread_local Guard *current;
static atomic_bool is_broken;

bool hl_machine_fail(Machine *m, const char *format, ...) {
    if (m->error) return false;
    Text text = {0};
    va_list args;
    va_start(args, format);
    hl_text_vprintf(&text, format, args);
    va_end(args);
    m->error = text.data;
    return false;
}

static void handle_fatal_error(const char *reason) {
    if (!current) return;
    atomic_store(&is_broken, true);
    hl_machine_fail(current->machine, "LLVM: %s", reason);
    longjmp(current->place, 1);
}

void hl_machine_install_handlers(void) {
    LLVMInstallFatalErrorHandler(handle_fatal_error);
}

bool hl_machine_is_usable(Machine *m) {
    if (!atomic_load(&is_broken)) return true;
    return hl_machine_fail(m, "LLVM failed in an earlier compilation and is not used again");
}

bool hl_machine_guard(Machine *m, bool (*step)(Machine *m, void *argument), void *argument) {
    Guard guard = {.machine = m}, *outer = current;
    bool ok = false;
    if (!hl_machine_is_usable(m)) return false;
    current = &guard;
    if (setjmp(guard.place) == 0)
        ok = step(m, argument);
    else
        m->is_lost = true;
    current = outer;
    return ok;
}
