/* The way from compiled code to a Python object: whoever runs compiled code says how it is called. */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
static HlForeign foreign;

void hlrt_set_foreign(HlForeign call) {
    foreign = call;
}

void hlrt_foreign_call(HlContext *ctx, const void *site, const void *slots) {
    static const HlErrorSite nobody = {"RuntimeError", -1, "there is no Python here to call", NULL, 0};
    if (foreign)
        foreign(ctx, site, slots);
    else
        hlrt_raise(ctx, &nobody, NULL, 0);
}
#endif
