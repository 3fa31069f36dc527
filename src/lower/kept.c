/* Objects of units of the prelude, by digest and processor, for as long as the process lives. Nothing is ever taken out: there are as
 * many as the functions and types that the process uses.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lower/internal.h"

typedef struct Kept {
    struct Kept *next;
    const char *digest, *machine; /* interned */
    size_t nbytes;
    unsigned char object[];
} Kept;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_UNITS, lock)
static Kept *all;

static const char *this_machine(void) {
    Text text = {0};
    hl_machine_describe(&text);
    const char *machine = hl_intern(text.data);
    hl_text_free(&text);
    return machine;
}

static const Kept *find(const char *digest, const char *machine) {
    const Kept *kept = all;
    while (kept && (kept->digest != digest || kept->machine != machine))
        kept = kept->next;
    return kept;
}

static const Kept *first(void) {
    pthread_mutex_lock(&lock);
    const Kept *kept = all;
    pthread_mutex_unlock(&lock);
    return kept;
}

const void *hl_lower_kept(const char *digest, size_t *nbytes) {
    const char *machine = this_machine(), *known = hl_intern(digest);
    pthread_mutex_lock(&lock);
    const Kept *kept = find(known, machine);
    pthread_mutex_unlock(&lock);
    if (!kept) return NULL;
    *nbytes = kept->nbytes;
    return kept->object;
}

/* Without memory, or when another thread was quicker, nothing is kept. */
void hl_lower_keep(const char *digest, const void *object, size_t nbytes) {
    Kept *kept = malloc(sizeof *kept + nbytes);
    if (!kept) return;
    *kept = (Kept){.digest = hl_intern(digest), .machine = this_machine(), .nbytes = nbytes};
    memcpy(kept->object, object, nbytes);
    pthread_mutex_lock(&lock);
    bool is_new = !find(kept->digest, kept->machine);
    if (is_new) kept->next = all, all = kept;
    pthread_mutex_unlock(&lock);
    if (!is_new) free(kept);
}

void hl_lower_list_kept(UnitTaker take, void *user) {
    const char *machine = this_machine();
    for (const Kept *kept = first(); kept; kept = kept->next)
        if (kept->machine == machine) take(user, kept->digest, kept->object, kept->nbytes);
}
