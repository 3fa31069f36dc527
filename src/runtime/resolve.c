/* Names to addresses of everything compiled code may refer to in this library. */
#include "runtime/runtime.h"

#ifndef HL_BITCODE
#include <string.h>

typedef void (*AnyFunction)(void);
typedef struct Symbol {
    const char *name;
    AnyFunction function;
} Symbol;

#define SYMBOL(name) {"hlrt_" #name, (AnyFunction)hlrt_##name},
static const Symbol symbols[] = {
#define RT(name, result, args, effects, meaning) SYMBOL(name)
#include "runtime/runtime.def"
#undef RT
    SYMBOL(raise_at) SYMBOL(raise_index_at) SYMBOL(raise_recursion) SYMBOL(traceback) SYMBOL(poll)
        SYMBOL(alloc) SYMBOL(free_block) SYMBOL(random_u32_slow) SYMBOL(random_u64_slow)
            SYMBOL(random_double_slow) SYMBOL(random_gauss_slow) SYMBOL(list_reserve)};
#undef SYMBOL

void *hlrt_resolve(const char *name) {
    if (strncmp(name, "hlrt_", 5)) return NULL;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (!strcmp(symbols[i].name, name)) return (void *)symbols[i].function;
    return NULL;
}
#endif
