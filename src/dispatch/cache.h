/* The disk cache: one file per specialisation, found by its key. See key.c, cache.c, cachefile.c. */
#ifndef HL_DISPATCH_CACHE_H
#define HL_DISPATCH_CACHE_H

#include "dispatch/internal.h"
#include "dispatch/sha256.h"

/* key.c: false when there is no key (then nothing is cached); never leaves an exception. *arrays: a new list of the arrays
 * that are frozen in the code, or NULL. */
bool cache_key(const Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *asked,
               unsigned char key[SHA256_NBYTES], PyObject **arrays);

/* cache.c: where a specialisation's file is, or would be. */
typedef struct CachePlace {
    Text folder, name;
    size_t prefix_len; /* of the part of the name that all files of the function share */
    unsigned char key[SHA256_NBYTES];
    PyObject *arrays; /* what code from the cache returns where it returns a frozen array */
} CachePlace;
/* False: this function cannot be cached. Free the place in either case. */
bool cache_place(const Dispatcher *d, const Type *const *types, uint32_t nargs, const Type *asked,
                 CachePlace *place);
void cache_place_free(CachePlace *place);
/* Fills a fresh spec; one that it fails to fill is of no use afterwards. */
bool cache_load(const CachePlace *place, Spec *spec);
void cache_store(const CachePlace *place, const Spec *spec, const Compile *c);

/* cachefile.c: whole files, safely. */
typedef struct CacheFile {
    unsigned char *data; /* malloc'd */
    size_t nbytes;
} CacheFile;
/* False when the file is not there, not ours, writable by others or not what was written. */
bool cachefile_read(const char *path, CacheFile *file);
/* Under a temporary name, then renamed; nothing of it stays on failure. */
bool cachefile_write(const char *folder, const char *name, const unsigned char *data, size_t nbytes);
/* Makes the folder and its parents; false when files cannot be made in it. */
bool cachefile_make_folder(const char *folder);
/* Removes the oldest files that start with prefix, until at most `keep` are left. */
void cachefile_prune(const char *folder, const char *prefix, int keep);

#endif
