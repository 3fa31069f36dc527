/* SHA-256 (FIPS 180-4), for cache keys and checksums. */
#ifndef HL_DISPATCH_SHA256_H
#define HL_DISPATCH_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_NBYTES = 32 };

typedef struct Sha256 {
    uint32_t state[8];
    uint64_t nbytes;
    unsigned char block[64];
} Sha256;

void sha256_init(Sha256 *s);
void sha256_add(Sha256 *s, const void *data, size_t nbytes);
void sha256_end(Sha256 *s, unsigned char digest[SHA256_NBYTES]);

#endif
