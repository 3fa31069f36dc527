/* Large blocks by themselves: threads that allocate and free at once never share one.
 * test_thread_sanitizer.py runs this program under ThreadSanitizer as well, which must find nothing. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/runtime.h"

enum { NTHREADS = 4, ROUNDS = 400, HELD = 6 };

static const int64_t SIZES[] = {HL_LARGE_FROM, 200000, 200001, 300000, 1 << 20, 3000000};

static uint64_t next_random(uint64_t *state) {
    return *state = *state * 6364136223846793005u + 1442695040888963407u;
}

/* Both ends of a block say whose it is. */
static void mark(HlBlock *block, char mark) {
    assert(((uintptr_t)(block + 1) & 4095) == 2048);
    char *data = (char *)(block + 1);
    data[0] = data[block->nbytes - 1] = mark;
}

static void drop(HlBlock **block, char mark) {
    if (!*block) return;
    const char *data = (const char *)(*block + 1);
    assert(data[0] == mark && data[(*block)->nbytes - 1] == mark);
    hlrt_release(*block);
    *block = NULL;
}

static void *allocate_and_free(void *number) {
    HlContext ctx;
    memset(&ctx, 0, sizeof ctx);
    HlBlock *held[HELD] = {NULL};
    char own = *(const char *)number;
    uint64_t state = (uint64_t)own;
    for (int round = 0; round < ROUNDS; round++) {
        HlBlock **block = &held[(next_random(&state) >> 33) % HELD];
        drop(block, own);
        *block = hlrt_alloc(&ctx, SIZES[(next_random(&state) >> 33) % (sizeof SIZES / sizeof *SIZES)]);
        mark(*block, own);
    }
    for (int i = 0; i < HELD; i++)
        drop(&held[i], own);
    return NULL;
}

int main(void) {
    char numbers[NTHREADS];
    pthread_t threads[NTHREADS];
    for (int i = 0; i < NTHREADS; i++) {
        numbers[i] = (char)(i + 1);
        assert(pthread_create(&threads[i], NULL, allocate_and_free, &numbers[i]) == 0);
    }
    for (int i = 0; i < NTHREADS; i++)
        pthread_join(threads[i], NULL);
    assert(hlrt_live_blocks() == 0);
    hlrt_drop_kept();
    puts("large blocks are right");
}
