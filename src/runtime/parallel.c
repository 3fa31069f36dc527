/* parallel: the rounds of a loop, cut into parts and run by the threads of an OpenMP team.
 *
 * In: a body that runs the rounds [from, to) of part number `part`. Out: all parts have run, or the error of the
 * lowest round that failed is in the caller's context. Which rounds make a part depends on their number and on the
 * settings only, never on who runs them, so what is made of the parts in order is the same in every run.
 *
 * Thread t begins with part t, which keeps a thread at its piece of the arrays from one region to the next; parts
 * beyond the team are taken as threads get free. The caller works as thread 0, with its own context, and looks for
 * Ctrl-C while it waits; the others have contexts of their own, whose eval breaker is the region's alarm: when a part
 * fails, the parts behind it stop at their next poll. Parts before it go on, for their error would be the one to
 * raise. Regions inside a region run in one part.
 *
 * Everything that passes between threads goes through the atomics here, so ThreadSanitizer sees the order without
 * knowing OpenMP's library.
 */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/openmp.h"

enum {
    MAX_THREADS = 4096,
    PARTS_PER_THREAD = 256, /* at most, when the chunk size is set */
    LEAST_WORK = 200000,    /* steps: what a region must hold so that starting it pays */
};

typedef struct HlRegion {
    HlBody body;
    const uint64_t *captured;
    int64_t count, nparts;
    int32_t nthreads; /* that the region may use */
    int32_t chunk_size;
    HlContext *caller;
    _Atomic(int64_t) next;   /* parts taken beyond the first of each thread */
    _Atomic(int64_t) failed; /* the lowest part that failed; nparts: none; -1: interrupted */
    _Atomic(int32_t) left;   /* threads that are done, the caller not counted */
    _Atomic(int32_t) alarm;  /* not 0: something failed */
    _Atomic(int32_t) recording;
    HlStreams random; /* the seeds of the parts, where they draw random numbers */
    HlError error;    /* of part `failed` */
} HlRegion;

typedef struct Worker {
    HlContext ctx; /* must be first: poll gets its address */
    int64_t part;
} Worker;

/* ---- settings of a Python thread --------------------------------------------------------------------- */

static __thread int32_t chosen_threads; /* 0: as many as there may be */
static __thread int32_t chosen_chunk_size;

/* Processors this process may use. */
static int32_t count_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
    return 1;
}

static int32_t read_max_threads(void) {
    const char *names[] = {"HOTLOOP_NUM_THREADS", "NUMBA_NUM_THREADS"};
    for (int i = 0; i < 2; i++) {
        const char *text = getenv(names[i]);
        char *end;
        long n = text ? strtol(text, &end, 10) : 0;
        if (text && end != text && !*end && n >= 1 && n <= MAX_THREADS) return (int32_t)n;
    }
    return count_processors();
}

int64_t hlrt_max_threads(void) {
    static _Atomic(int32_t) known;
    int32_t n = atomic_load_explicit(&known, memory_order_relaxed);
    if (n) return n;
    n = read_max_threads();
    atomic_store_explicit(&known, n, memory_order_relaxed);
    return n;
}

int64_t hlrt_num_threads(HlContext *ctx) {
    if (ctx && ctx->region) return ctx->region->nthreads;
    return chosen_threads ? chosen_threads : hlrt_max_threads();
}

int64_t hlrt_thread_id(HlContext *ctx) {
    return ctx->thread;
}

int64_t hlrt_chunk_size(HlContext *ctx) {
    return ctx && ctx->region ? ctx->region->chunk_size : chosen_chunk_size;
}

void hlrt_set_num_threads(HlContext *ctx, int64_t n) {
    static const HlErrorSite wrong = {"ValueError", -1, "The number of threads must be between 1 and %ld",
                                      "int", 1};
    uint64_t most = (uint64_t)hlrt_max_threads();
    if (n >= 1 && (uint64_t)n <= most)
        chosen_threads = (int32_t)n;
    else
        hlrt_raise(ctx, &wrong, &most, 1);
}

int64_t hlrt_set_chunk_size(HlContext *ctx, int64_t n) {
    static const HlErrorSite wrong = {"ValueError", -1, "chunksize must be greater than or equal to zero",
                                      NULL, 0};
    int64_t before = chosen_chunk_size;
    if (n < 0)
        hlrt_raise(ctx, &wrong, NULL, 0);
    else
        chosen_chunk_size = n > INT32_MAX ? INT32_MAX : (int32_t)n;
    return before;
}

/* ---- parts ------------------------------------------------------------------------------------------- */

int64_t hlrt_parallel_parts(HlContext *ctx, int64_t count, int64_t cost) {
    if (ctx->region || count <= 1) return 1;
    if (cost && count < LEAST_WORK / cost) return 1;
    int64_t threads = hlrt_num_threads(ctx), chunk = chosen_chunk_size, parts = threads;
    if (chunk) parts = (count - 1) / chunk + 1;
    if (chunk && parts > threads * PARTS_PER_THREAD) parts = threads * PARTS_PER_THREAD;
    if (threads == 1 && !chunk) return 1;
    if (parts > count) parts = count;
    return hlrt_openmp() ? parts : 1;
}

/* The first round of a part: the first count % nparts parts have one round more than the others. */
static int64_t start_of(const HlRegion *region, int64_t part) {
    int64_t size = region->count / region->nparts, larger = region->count % region->nparts;
    return part * size + (part < larger ? part : larger);
}

/* ---- errors ------------------------------------------------------------------------------------------ */

static void wait_a_moment(uint32_t *spins) {
    if (++*spins < 1000)
        __builtin_ia32_pause();
    else if (*spins < 3000)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

static void *exception_of(const HlError *error) {
    return error->kind == HL_ERROR_OBJECT ? (void *)(uintptr_t)error->payload[0] : NULL;
}

/* Part number `part` (-1: an interrupt) failed: its error is kept where no lower part's is, and later parts
 * are called off. */
static void record_failure(HlRegion *region, int64_t part, HlContext *ctx) {
    const HlError *error = &ctx->error;
    uint32_t spins = 0;
    void *lost = exception_of(error);
    while (atomic_exchange_explicit(&region->recording, 1, memory_order_acquire))
        wait_a_moment(&spins);
    int64_t before = atomic_load_explicit(&region->failed, memory_order_relaxed);
    if (part < before) {
        lost = before < region->nparts ? exception_of(&region->error) : NULL;
        region->error = *error;
        atomic_store_explicit(&region->failed, part, memory_order_relaxed);
    }
    atomic_store_explicit(&region->recording, 0, memory_order_release);
    atomic_store_explicit(&region->alarm, 1, memory_order_release);
    hlrt_object_release(ctx, lost);
}

static bool is_called_off(const HlRegion *region, int64_t part) {
    return part > atomic_load_explicit(&region->failed, memory_order_relaxed);
}

/* A stopped part has status 1 and no error. */
static void poll_alarm(HlContext *ctx) {
    if (!is_called_off(ctx->region, ((Worker *)ctx)->part)) return;
    ctx->status = 1;
    ctx->error.kind = HL_ERROR_NONE;
}

/* ---- the threads ------------------------------------------------------------------------------------- */

static int32_t run_body(HlRegion *region, HlContext *ctx, int64_t part) {
    int64_t from = start_of(region, part), to = start_of(region, part + 1);
    if (!region->random.in_parts) return region->body(ctx, part, from, to, region->captured);
    HlPartStreams own; /* set where it is drawn from */
    HlStreams *before = ctx->streams;
    hlrt_random_part(&own, &region->random, part);
    ctx->streams = &own.streams;
    int32_t status = region->body(ctx, part, from, to, region->captured);
    ctx->streams = before;
    return status;
}

static void run_part(HlRegion *region, HlContext *ctx, int64_t part) {
    if (is_called_off(region, part) || !run_body(region, ctx, part)) return;
    if (ctx->error.kind == HL_ERROR_PYTHON)
        record_failure(region, -1, ctx);
    else if (ctx->error.kind != HL_ERROR_NONE)
        record_failure(region, part, ctx);
}

static int64_t next_part(HlRegion *region, int32_t team) {
    return team + atomic_fetch_add_explicit(&region->next, 1, memory_order_acq_rel);
}

static void work(HlRegion *region, int32_t thread, int32_t team) {
    Worker worker; /* room for an error, which nobody clears: only the fields in front are set */
    worker.ctx.eval_breaker = (const volatile int32_t *)&region->alarm;
    worker.ctx.has_gil = 0;
    worker.ctx.poll = poll_alarm;
    worker.ctx.stack_limit = hlrt_stack_limit();
    worker.ctx.streams = &hlrt_closed_streams;
    worker.ctx.region = region;
    worker.ctx.thread = thread;
    worker.ctx.changed = 0;
    worker.ctx.objects = region->caller->objects;
    for (int64_t part = thread; part < region->nparts; part = next_part(region, team)) {
        worker.part = part;
        worker.ctx.status = 0;
        run_part(region, &worker.ctx, part);
    }
    atomic_fetch_add_explicit(&region->left, 1, memory_order_acq_rel);
}

/* Signals are the caller's business, and other Python threads may wait for the GIL. */
static void wait_for_workers(HlRegion *region, int32_t team) {
    HlContext *ctx = region->caller;
    uint32_t spins = 0;
    while (atomic_load_explicit(&region->left, memory_order_acquire) < team - 1) {
        wait_a_moment(&spins);
        if (ctx->status || !*ctx->eval_breaker) continue;
        ctx->poll(ctx);
        if (ctx->status) record_failure(region, -1, ctx);
    }
}

static void work_as_caller(HlRegion *region, int32_t team) {
    HlContext *ctx = region->caller;
    for (int64_t part = 0; part < region->nparts && !ctx->status; part = next_part(region, team))
        run_part(region, ctx, part);
    wait_for_workers(region, team);
}

static void run_thread(int32_t *global, int32_t *thread, HlRegion *region) {
    (void)global;
    (void)atomic_load_explicit(&region->next, memory_order_acquire);
    int32_t team = hlrt_openmp()->num_threads();
    if (*thread)
        work(region, *thread, team);
    else
        work_as_caller(region, team);
}

HlContext *hlrt_caller(HlContext *ctx) {
    return ctx->region ? ctx->region->caller : ctx;
}

/* ---- the region -------------------------------------------------------------------------------------- */

/* They are for one region. Closed streams are nobody's to write to. */
static void forget_seeds(HlContext *ctx) {
    if (ctx->streams->in_parts) ctx->streams->in_parts = 0;
}

static void open_region(HlRegion *region, HlContext *ctx) {
    atomic_init(&region->failed, region->nparts);
    atomic_init(&region->left, 0);
    atomic_init(&region->alarm, 0);
    atomic_init(&region->recording, 0);
    region->nthreads = (int32_t)hlrt_num_threads(ctx);
    region->chunk_size = chosen_chunk_size;
    region->caller = ctx;
    region->random = *ctx->streams;
    forget_seeds(ctx);
    atomic_store_explicit(&region->next, 0, memory_order_release);
    ctx->region = region;
    ctx->thread = 0;
}

static void close_region(HlRegion *region, HlContext *ctx) {
    ctx->region = NULL;
    if (atomic_load_explicit(&region->failed, memory_order_relaxed) == region->nparts) return;
    ctx->status = 1;
    ctx->error = region->error;
}

int64_t hlrt_parallel_run(HlContext *ctx, const void *body, const void *captured, int64_t count,
                          int64_t parts) {
    if (parts <= 1 || ctx->region) {
        forget_seeds(ctx);
        return ((HlBody)body)(ctx, 0, 0, count, captured);
    }
    HlRegion region; /* the error in it stays uninitialised */
    region.body = (HlBody)body;
    region.captured = captured;
    region.count = count;
    region.nparts = parts;
    hlrt_object_begin_region(ctx);
    open_region(&region, ctx);
    int32_t threads = parts < region.nthreads ? (int32_t)parts : region.nthreads;
    if (threads > 1 && hlrt_openmp())
        hlrt_openmp_fork(threads, (HlOpenMpTask)run_thread, &region);
    else
        work_as_caller(&region, 1);
    close_region(&region, ctx);
    hlrt_object_end_region(ctx);
    return ctx->status;
}
#endif
