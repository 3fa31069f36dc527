/* Python's objects: compiled code asks for them here, and the dispatcher, which knows Python, does what is asked. */
#include "runtime/runtime.h"

int64_t hlrt_memory_changed(HlContext *ctx) {
    return ctx->changed;
}

#ifndef HL_BITCODE
#include <string.h>

static HlObjectApi api;

void hlrt_set_object_api(const HlObjectApi *given) {
    api = *given;
}

void hlrt_object_retain(HlContext *ctx, void *object) {
    if (object) api.retain(ctx, object);
}

void hlrt_object_release(HlContext *ctx, void *object) {
    if (object) api.release(ctx, object);
}

void hlrt_object_begin_region(HlContext *ctx) {
    if (api.begin_region) api.begin_region(ctx);
}

void hlrt_object_end_region(HlContext *ctx) {
    if (api.end_region) api.end_region(ctx);
}

void *hlrt_object_operate(HlContext *ctx, int64_t operation, void *operands, int64_t n) {
    return api.operate(ctx, operation, operands, n);
}

int64_t hlrt_object_test(HlContext *ctx, int64_t operation, void *operands, int64_t n) {
    return api.test(ctx, operation, operands, n);
}

void *hlrt_object_catch(HlContext *ctx) {
    return api.catch(ctx);
}

void *hlrt_object_box(HlContext *ctx, int64_t type, const void *slots) {
    return api.box(ctx, type, slots);
}

void *hlrt_object_box_int(HlContext *ctx, int64_t value) {
    return api.box_int(ctx, value);
}

void *hlrt_object_box_float(HlContext *ctx, double value) {
    return api.box_float(ctx, value);
}

int64_t hlrt_object_has(HlContext *ctx, int64_t type, void *object) {
    return api.has(ctx, type, object);
}

void hlrt_object_unbox(HlContext *ctx, int64_t type, void *object, void *slots) {
    api.unbox(ctx, type, object, slots);
}

void hlrt_exit_object(HlContext *ctx, void *object) {
    api.exit_object(ctx, object);
}

void hlrt_exit_int(HlContext *ctx, int64_t value) {
    api.exit_number(ctx, (uint64_t)value);
}

void hlrt_exit_float(HlContext *ctx, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    api.exit_number(ctx, bits);
}
#endif
