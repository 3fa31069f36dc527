/* What the loop vectoriser says: "vectorized loop (vectorization width: 4, interleaved count: 2)", "loop not
 * vectorized: value that could not be identified as reduction is used outside the loop".
 *
 * LLVM reports remarks only where command-line flags ask for them, and the flags are the process's. So the
 * first compilation that wants remarks sets them for good; the others just do not collect. A description
 * reads "FILE:LINE:COL: TEXT".
 */
#include <llvm-c/Support.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "machine/internal.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_flags(void) {
    static const char *const flags[] = {"hotloop", "-pass-remarks=loop-vectorize",
                                        "-pass-remarks-missed=loop-vectorize",
                                        "-pass-remarks-analysis=loop-vectorize"};
    LLVMParseCommandLineOptions(sizeof flags / sizeof *flags, flags, NULL);
}

void hl_machine_want_remarks(Machine *m) {
    pthread_once(&once, set_flags);
    m->remarks_on = true;
}

/* The number in front of the colon at *end; *end moves to the colon before the number. */
static bool number_before(const char *start, const char **end, int *number) {
    const char *at = *end;
    while (at > start && at[-1] >= '0' && at[-1] <= '9')
        at--;
    if (at == *end || at == start || at[-1] != ':') return false;
    *number = atoi(at);
    *end = at - 1;
    return true;
}

static const char *parse_place(const char *description, MachineRemark *remark) {
    const char *text = strstr(description, ": ");
    const char *end = text;
    if (!text) return description;
    if (number_before(description, &end, &remark->col) && number_before(description, &end, &remark->line))
        remark->file = strndup(description, (size_t)(end - description));
    return text + 2;
}

void hl_machine_add_remark(Machine *m, const char *description) {
    if (m->nremarks == m->remarks_cap) {
        size_t cap = m->remarks_cap ? 2 * m->remarks_cap : 8;
        MachineRemark *remarks = realloc(m->remarks, cap * sizeof *remarks);
        if (!remarks) return;
        m->remarks = remarks;
        m->remarks_cap = cap;
    }
    MachineRemark *remark = &m->remarks[m->nremarks++];
    *remark = (MachineRemark){0};
    const char *text = parse_place(description, remark);
    remark->passed = strncmp(text, "vectorized", strlen("vectorized")) == 0;
    remark->text = strdup(text);
}

void hl_machine_free_remarks(Machine *m) {
    for (size_t i = 0; i < m->nremarks; i++) {
        free(m->remarks[i].file);
        free(m->remarks[i].text);
    }
    free(m->remarks);
}
