/* The loader: maps a relocatable ELF object, as LLVM emits it, and makes it callable. Knows nothing of LLVM.
 *
 * Fresh code and code from the disk cache come in through the same call. Everything here is thread-safe.
 */
#ifndef HL_LOAD_H
#define HL_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

typedef struct LoadedCode LoadedCode;

/* Gives the address of an undefined symbol, NULL where it is not known. */
typedef void *(*HlResolve)(void *user, const char *name);

/* load.c: one object, or several that call each other, one behind the other. NULL and a text in error when one cannot be
 * loaded. Only copies of the objects' bytes are kept. */
HL_API LoadedCode *hl_load_object(const void *elf, size_t nbytes, HlResolve resolve, void *user, char *error,
                                  size_t error_size);
HL_API void *hl_load_symbol(const LoadedCode *code, const char *name);
HL_API size_t hl_load_nbytes(const LoadedCode *code);
HL_API void hl_load_free(LoadedCode *code);

/* resolve.c: an HlResolve for what compiled code calls: SLEEF, libm, libc, hlrt_ functions. The user argument
 * is unused. */
HL_API void *hl_load_resolve(void *user, const char *name);
/* Opens SLEEF, which takes 0.3 ms, ahead of the first object that asks for it. */
HL_API void hl_load_open_sleef(void);

/* debugger.c: registers later objects with GDB (else only where HOTLOOP_DEBUGINFO is set). */
HL_API void hl_load_debug_objects(bool on);

#endif
