/* Parallel regions by themselves: which rounds run, whose error is raised, what an interrupt does.
 * test_thread_sanitizer.py runs this program under ThreadSanitizer as well, which must find nothing. */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/runtime.h"

enum { ROUNDS = 1000, NTHREADS = 4 };

/* OpenMP's library knows nothing of the sanitizer; only what it does itself is left out. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "race:libomp.so\nrace:libiomp5.so\n";
}

static int32_t eval_breaker;
static int polls;

static void no_poll(HlContext *ctx) {
    (void)ctx;
}

/* As a KeyboardInterrupt. */
static void interrupt(HlContext *ctx) {
    polls++;
    ctx->status = 1;
    ctx->error.kind = HL_ERROR_PYTHON;
}

static void open_context(HlContext *ctx) {
    memset(ctx, 0, sizeof *ctx);
    ctx->eval_breaker = &eval_breaker;
    ctx->poll = no_poll;
    ctx->has_gil = 1;
    ctx->streams = &hlrt_closed_streams;
}

/* What a loop in compiled code does between blocks of rounds. */
static bool polled(HlContext *ctx) {
    if (__atomic_load_n((const int32_t *)ctx->eval_breaker, __ATOMIC_RELAXED)) ctx->poll(ctx);
    return ctx->status != 0;
}

/* ---- each round once, parts in order ----------------------------------------------------------- */

static int32_t count_rounds(HlContext *ctx, int64_t part, int64_t from, int64_t to,
                            const uint64_t *captured) {
    int *rounds = (int *)captured[0];
    int64_t *firsts = (int64_t *)captured[1];
    assert(ctx->status == 0 && ctx->region);
    firsts[part] = from;
    for (int64_t i = from; i < to; i++)
        rounds[i]++;
    return 0;
}

static void test_rounds(int64_t count, int64_t parts) {
    static int rounds[ROUNDS];
    static int64_t firsts[ROUNDS + 1];
    HlContext ctx;
    open_context(&ctx);
    memset(rounds, 0, sizeof rounds);
    uint64_t captured[] = {(uint64_t)rounds, (uint64_t)firsts};
    firsts[parts] = count;
    assert(hlrt_parallel_run(&ctx, (void *)count_rounds, captured, count, parts) == 0);
    assert(!ctx.region && !ctx.status);
    for (int64_t i = 0; i < ROUNDS; i++)
        assert(rounds[i] == (i < count));
    for (int64_t part = 0; part < parts; part++)
        assert(firsts[part + 1] - firsts[part] >= count / parts &&
               firsts[part + 1] - firsts[part] <= count / parts + 1);
}

/* ---- errors ------------------------------------------------------------------------------------ */

/* Fails at each round from captured[0] on that is divisible by 7. */
static int32_t fail_from(HlContext *ctx, int64_t part, int64_t from, int64_t to, const uint64_t *captured) {
    (void)part;
    for (int64_t i = from; i < to; i++) {
        if (polled(ctx)) return 1;
        if (i < (int64_t)captured[0] || i % 7) continue;
        hlrt_raise_index(ctx, (uint64_t)(i + ROUNDS), 0, ROUNDS);
        return 1;
    }
    return 0;
}

static void test_lowest_error(int64_t first, int64_t parts) {
    HlContext ctx;
    open_context(&ctx);
    uint64_t captured[] = {(uint64_t)first};
    assert(hlrt_parallel_run(&ctx, (void *)fail_from, captured, ROUNDS, parts) == 1);
    assert(ctx.status == 1 && ctx.error.kind == HL_ERROR_INDEX);
    assert((int64_t)ctx.error.payload[0] == (first + 6) / 7 * 7);
}

/* ---- interrupts -------------------------------------------------------------------------------- */

static int32_t run_for_ever(HlContext *ctx, int64_t part, int64_t from, int64_t to,
                            const uint64_t *captured) {
    (void)from;
    (void)to;
    (void)captured;
    if (part == 0) __atomic_store_n(&eval_breaker, 1, __ATOMIC_RELAXED);
    while (part != 0 && !polled(ctx))
        ;
    return ctx->status;
}

/* The caller's part ends at once; it is interrupted while it waits, and calls the others off. */
static void test_interrupt(void) {
    HlContext ctx;
    open_context(&ctx);
    ctx.poll = interrupt;
    polls = 0;
    __atomic_store_n(&eval_breaker, 0, __ATOMIC_RELAXED);
    assert(hlrt_parallel_run(&ctx, (void *)run_for_ever, NULL, ROUNDS, NTHREADS) == 1);
    assert(ctx.error.kind == HL_ERROR_PYTHON && polls == 1);
    __atomic_store_n(&eval_breaker, 0, __ATOMIC_RELAXED);
}

/* ---- regions inside, and several at once ------------------------------------------------------- */

static int32_t open_inner(HlContext *ctx, int64_t part, int64_t from, int64_t to, const uint64_t *captured) {
    (void)part;
    (void)from;
    (void)to;
    assert(hlrt_parallel_parts(ctx, ROUNDS, 0) == 1);
    assert(hlrt_num_threads(ctx) == NTHREADS);
    assert(hlrt_thread_id(ctx) < NTHREADS);
    _Atomic(int64_t) *sum = (_Atomic(int64_t) *)captured[0];
    atomic_fetch_add(sum, to - from);
    return 0;
}

static void *run_regions(void *unused) {
    HlContext ctx;
    open_context(&ctx);
    hlrt_set_num_threads(&ctx, NTHREADS);
    for (int i = 0; i < 50; i++) {
        _Atomic(int64_t) sum = 0;
        uint64_t captured[] = {(uint64_t)&sum};
        int64_t parts = hlrt_parallel_parts(&ctx, ROUNDS, 0);
        assert(hlrt_parallel_run(&ctx, (void *)open_inner, captured, ROUNDS, parts) == 0 && sum == ROUNDS);
    }
    return unused;
}

static void test_regions_at_once(void) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert(pthread_create(&threads[i], NULL, run_regions, NULL) == 0);
    for (int i = 0; i < 3; i++)
        assert(pthread_join(threads[i], NULL) == 0);
}

/* ---- settings ---------------------------------------------------------------------------------- */

static void test_settings(void) {
    HlContext ctx;
    open_context(&ctx);
    assert(hlrt_max_threads() == NTHREADS && hlrt_num_threads(&ctx) == NTHREADS);
    hlrt_set_num_threads(&ctx, NTHREADS + 1);
    assert(ctx.status && ctx.error.payload[0] == NTHREADS);
    ctx.status = 0;
    hlrt_set_num_threads(&ctx, 2);
    assert(!ctx.status && hlrt_parallel_parts(&ctx, ROUNDS, 0) == 2 && hlrt_parallel_parts(&ctx, 1, 0) == 1);
    assert(hlrt_parallel_parts(&ctx, 1000, 1000) == 2);
    assert(hlrt_parallel_parts(&ctx, 1000, 1) == 1 && hlrt_parallel_parts(&ctx, INT64_MAX, 1) == 2);
    assert(hlrt_set_chunk_size(&ctx, 300) == 0 && hlrt_parallel_parts(&ctx, ROUNDS, 0) == 4);
    assert(hlrt_set_chunk_size(&ctx, 0) == 300);
    hlrt_set_num_threads(&ctx, NTHREADS);
}

int main(void) {
    setenv("HOTLOOP_NUM_THREADS", "4", 1);
    test_settings();
    int64_t counts[] = {2, 3, 4, 5, 7, 100, ROUNDS}, parts[] = {1, 2, 3, 4, 9};
    for (int i = 0; i < 7; i++)
        for (int k = 0; k < 5 && parts[k] <= counts[i]; k++)
            if (parts[k] > 1) test_rounds(counts[i], parts[k]);
    for (int64_t first = 0; first < 900; first += 37)
        test_lowest_error(first, 2 + first % 5);
    for (int i = 0; i < 5; i++)
        test_interrupt();
    test_regions_at_once();
    puts("parallel regions are right");
    return 0;
}
