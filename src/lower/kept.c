/* Objects of units of the prelude, by digest, for as long as the process lives. Nothing is ever taken out: there are as
 * many as the functions and types that the process uses.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lower/internal.h"

typedef struct Kept {
    struct Kept *next;
    const char *digest; /* interned */
    size_t nbytes;
    unsigned char object[];
} Kept;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_UNITS, lock)
static Kept *all;

static const Kept *find(const char *digest) {
    const Kept *kept = all;
    while (kept && kept->digest != digest)
        kept = kept->next;
    return kept;
}

const void *hl_lower_kept(const char *digest, size_t *nbytes) {
    pthread_mutex_lock(&lock);
    const Kept *kept = find(hl_intern(digest));
    pthread_mutex_unlock(&lock);
    if (!kept) return NULL;
    *nbytes = kept->nbytes;
    return kept->object;
}

/* Without memory, or when another thread was quicker, nothing is kept. */
void hl_lower_keep(const char *digest, const void *object, size_t nbytes) {
    Kept *kept = malloc(sizeof *kept + nbytes);
    if (!kept) return;
    *kept = (Kept){.digest = hl_intern(digest), .nbytes = nbytes};
    memcpy(kept->object, object, nbytes);
    pthread_mutex_lock(&lock);
    bool is_new = !find(kept->digest);
    if (is_new) kept->next = all, all = kept;
    pthread_mutex_unlock(&lock);
    if (!is_new) free(kept);
}
