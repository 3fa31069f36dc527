/* What LLVM asks of zlib and zstd, answered "not here".
 *
 * LLVM can compress debug sections and profiles; we never ask it to. Linked against the real libraries,
 * opening libhotloop-llvm.so would load two more shared objects and the wheel would have to carry them. The
 * functions below have the libraries' own signatures (zlib 1.2, zstd 1.5) and report failure, except crc32,
 * which LLVM calls for build ids.
 */
#include <stddef.h>
#include <stdint.h>

unsigned long compressBound(unsigned long nbytes);
int compress2(unsigned char *to, unsigned long *to_nbytes, const unsigned char *from, unsigned long nbytes,
              int level);
int uncompress(unsigned char *to, unsigned long *to_nbytes, const unsigned char *from, unsigned long nbytes);
unsigned long crc32(unsigned long crc, const unsigned char *data, unsigned nbytes);
size_t ZSTD_compressBound(size_t nbytes);
size_t ZSTD_compress2(void *context, void *to, size_t capacity, const void *from, size_t nbytes);
size_t ZSTD_decompress(void *to, size_t capacity, const void *from, size_t nbytes);
size_t ZSTD_CCtx_setParameter(void *context, int parameter, int value);
void *ZSTD_createCCtx(void);
size_t ZSTD_freeCCtx(void *context);
unsigned ZSTD_isError(size_t code);
const char *ZSTD_getErrorName(size_t code);

enum { Z_BUF_ERROR = -5 };
static const size_t zstd_error = (size_t)-1;

unsigned long compressBound(unsigned long nbytes) {
    return nbytes;
}

int compress2(unsigned char *to, unsigned long *to_nbytes, const unsigned char *from, unsigned long nbytes,
              int level) {
    (void)to, (void)to_nbytes, (void)from, (void)nbytes, (void)level;
    return Z_BUF_ERROR;
}

int uncompress(unsigned char *to, unsigned long *to_nbytes, const unsigned char *from, unsigned long nbytes) {
    (void)to, (void)to_nbytes, (void)from, (void)nbytes;
    return Z_BUF_ERROR;
}

unsigned long crc32(unsigned long crc, const unsigned char *data, unsigned nbytes) {
    uint32_t c = ~(uint32_t)crc;
    for (unsigned i = 0; i < nbytes; i++) {
        c ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            c = (c >> 1) ^ (0xEDB88320u & -(c & 1));
    }
    return ~c;
}

size_t ZSTD_compressBound(size_t nbytes) {
    return nbytes;
}

size_t ZSTD_compress2(void *context, void *to, size_t capacity, const void *from, size_t nbytes) {
    (void)context, (void)to, (void)capacity, (void)from, (void)nbytes;
    return zstd_error;
}

size_t ZSTD_decompress(void *to, size_t capacity, const void *from, size_t nbytes) {
    (void)to, (void)capacity, (void)from, (void)nbytes;
    return zstd_error;
}

size_t ZSTD_CCtx_setParameter(void *context, int parameter, int value) {
    (void)context, (void)parameter, (void)value;
    return zstd_error;
}

void *ZSTD_createCCtx(void) {
    return NULL;
}

size_t ZSTD_freeCCtx(void *context) {
    (void)context;
    return 0;
}

unsigned ZSTD_isError(size_t code) {
    return code == zstd_error;
}

const char *ZSTD_getErrorName(size_t code) {
    (void)code;
    return "compression is not available";
}
