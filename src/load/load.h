/* The loader: maps a relocatable ELF object, as LLVM emits it, and makes it callable. Knows nothing of LLVM. */
#ifndef HL_LOAD_H
#define HL_LOAD_H

#include <stddef.h>

typedef struct LoadedCode LoadedCode;
typedef void *(*HlResolve)(void *user, const char *name);

#endif
