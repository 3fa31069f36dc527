/* SHA-256 (FIPS 180-4), for cache keys and checksums. */
#ifndef HL_BASE_SHA256_H
#define HL_BASE_SHA256_H

#include "base/base.h"
#include <stdint.h>

enum { SHA256_NBYTES = 32 };

typedef struct Sha256 {
    uint32_t state[8];
    uint64_t nbytes;
    unsigned char block[64];
} Sha256;

HL_API void hl_sha256_init(Sha256 *s);
HL_API void hl_sha256_add(Sha256 *s, const void *data, size_t nbytes);
HL_API void hl_sha256_end(Sha256 *s, unsigned char digest[SHA256_NBYTES]);

#endif
