/* Preloaded: malloc, calloc, realloc and posix_memalign that fail at the n-th request made by hotloop's own code.
 *
 * Requests of libhotloop.so and of the extension module count, told by the address that called; those of Python, NumPy,
 * LLVM and libc itself pass. failing_malloc_arm(n, all) makes the n-th one from now fail, or it and all after it;
 * failing_malloc_count() says how many there were since. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(default)

void *__libc_malloc(size_t nbytes);
void *__libc_calloc(size_t n, size_t nbytes);
void *__libc_realloc(void *old, size_t nbytes);
void *__libc_memalign(size_t alignment, size_t nbytes);

typedef struct Range {
    uintptr_t low, high;
} Range;
static Range ranges[8];
static size_t nranges;
static atomic_long count, first;
static atomic_bool armed, fails_on;

static int note_library(struct dl_phdr_info *info, size_t size, void *user) {
    (void)size, (void)user;
    bool ours = strstr(info->dlpi_name, "libhotloop.so") || strstr(info->dlpi_name, "/_hotloop.");
    for (int i = 0; ours && i < info->dlpi_phnum && nranges < sizeof ranges / sizeof *ranges; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_LOAD || !(p->p_flags & PF_X)) continue;
        uintptr_t low = info->dlpi_addr + p->p_vaddr;
        ranges[nranges++] = (Range){low, low + p->p_memsz};
    }
    return 0;
}

void failing_malloc_arm(long n, int all) {
    if (!nranges) dl_iterate_phdr(note_library, NULL);
    count = 0;
    first = n;
    fails_on = all;
    armed = n > 0;
}

long failing_malloc_count(void) {
    return count;
}

static bool fails(const void *caller) {
    if (!armed) return false;
    bool ours = false;
    for (size_t i = 0; i < nranges; i++)
        ours |= (uintptr_t)caller - ranges[i].low < ranges[i].high - ranges[i].low;
    if (!ours) return false;
    long n = ++count;
    if (n != first && !(fails_on && n > first)) return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t nbytes) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(nbytes);
}

void *calloc(size_t n, size_t nbytes) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, nbytes);
}

void *realloc(void *old, size_t nbytes) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, nbytes);
}

int posix_memalign(void **result, size_t alignment, size_t nbytes) {
    if (fails(__builtin_return_address(0))) return ENOMEM;
    *result = __libc_memalign(alignment, nbytes);
    return *result ? 0 : ENOMEM;
}
