/* How compiled code records an error: into the context, without the GIL; the dispatcher makes the exception
 * of it. */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <string.h>

static void record(HlContext *ctx, HlErrorKind kind) {
    ctx->status = 1;
    ctx->error.kind = kind;
    ctx->error.nframes = 0;
    ctx->error.npayload = 0;
}

void hlrt_raise(HlContext *ctx, const HlErrorSite *site, const uint64_t *payload, int64_t npayload) {
    record(ctx, HL_ERROR_RAISE);
    ctx->error.site = site;
    if (npayload > 2 * HL_MAX_ERROR_ARGS) npayload = 2 * HL_MAX_ERROR_ARGS;
    if (npayload <= 0) return;
    ctx->error.npayload = (int32_t)npayload;
    memcpy(ctx->error.payload, payload, (size_t)npayload * sizeof *payload);
}

/* wrapped: index + size, modulo 2 ** 64 */
void hlrt_raise_index(HlContext *ctx, uint64_t wrapped, int64_t axis, int64_t size) {
    record(ctx, HL_ERROR_INDEX);
    ctx->error.payload[0] = wrapped - (uint64_t)size;
    ctx->error.payload[1] = (uint64_t)axis;
    ctx->error.payload[2] = (uint64_t)size;
}

void hlrt_raise_recursion(HlContext *ctx) {
    record(ctx, HL_ERROR_RECURSION);
}

/* frames is a ring: of a deep recursion the outermost HL_MAX_TRACEBACK frames stay, and nframes counts all.
 */
void hlrt_traceback(HlContext *ctx, const HlFuncInfo *func, int32_t line) {
    HlError *error = &ctx->error;
    if (error->nframes++ == HL_FRAME_IS_THERE) return;
    error->frames[(uint32_t)(error->nframes - 1) % HL_MAX_TRACEBACK] = (HlFrame){func, line};
}

void hlrt_raise_at(HlContext *ctx, const HlErrorSite *site, const uint64_t *payload, int64_t npayload,
                   const HlFuncInfo *func, int32_t line) {
    hlrt_raise(ctx, site, payload, npayload);
    hlrt_traceback(ctx, func, line);
}

void hlrt_raise_index_at(HlContext *ctx, uint64_t wrapped, int64_t axis, int64_t size, const HlFuncInfo *func,
                         int32_t line) {
    hlrt_raise_index(ctx, wrapped, axis, size);
    hlrt_traceback(ctx, func, line);
}

/* Keeps all general registers (LLVM's preserve_most), so that the loops that call it need not save theirs. */
__attribute__((no_caller_saved_registers, target("general-regs-only"))) void hlrt_poll(HlContext *ctx) {
    ctx->poll(ctx);
}
#endif
