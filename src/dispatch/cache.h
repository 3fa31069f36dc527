/* The disk cache: one file per specialisation, found by its key. See key.c, cache.c, cachefile.c. */
#ifndef HL_DISPATCH_CACHE_H
#define HL_DISPATCH_CACHE_H

#include "dispatch/internal.h"
#include "base/sha256.h"

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
/* The folder of the function's files; None when none can be made. */
PyObject *cache_folder(const Dispatcher *d);
/* Fills a fresh spec; one that it fails to fill is of no use afterwards. */
bool cache_load(const CachePlace *place, Dispatcher *d, Spec *spec);
void cache_store(const CachePlace *place, const Dispatcher *d, const Spec *spec, const Compile *c);

/* cachefields.c: the content, fields that are each a length and bytes. Taking gives NULL or false where no such field is next. */
typedef struct Reader {
    const unsigned char *p, *end;
} Reader;
void put_field(Text *out, const void *data, size_t nbytes);
void put_text(Text *out, const char *text);
const void *take_field(Reader *in, size_t *nbytes);
bool take_into(Reader *in, void *to, size_t nbytes); /* of exactly that size */
/* A new array of n items and room for one more; NULL also where n is more than the content can hold. */
void *take_array(Reader *in, uint32_t n, size_t item);
const char *take_text(Reader *in);
const Type *take_type(Reader *in);
/* An address in a type's text means nothing to another process. */
bool has_address(const Type *type);

/* continuation.c: makes a loaded spec one that uses objects; what was seen at its places. */
bool continuation_prepare(Dispatcher *d, Spec *spec);
void continuation_put_seen(Text *out, const Dispatcher *d);
bool continuation_take_seen(Reader *in, Dispatcher *d);

/* cacheobjects.c: the objects, types and places of code that uses Python's objects. */
bool cache_put_objects(Text *out, const Dispatcher *d, const Spec *spec);
bool cache_take_objects(Reader *in, Dispatcher *d, Spec *spec);

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
