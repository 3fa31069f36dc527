/* Units of the prelude that were compiled when the package was built: prelude.objects, which lies beside the shared
 * object where there is one (tools/prelude_objects.py writes it).
 *
 *     "hotloop objects\0"                                  the file's name
 *     u64 number of entries
 *     { char level[16], digest[32]; u64 offset, nbytes }   in order of level and digest
 *     the objects
 *
 * level: the processors it was compiled for. The digest says all else that the code depends on, this build's lowering
 * included, so an entry that does not fit is one that nobody asks for.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lower/internal.h"

enum { LEVEL_NBYTES = 16, DIGEST_NBYTES = 32 };

typedef struct Key {
    char level[LEVEL_NBYTES], digest[DIGEST_NBYTES];
} Key;

typedef struct Entry {
    Key key;
    uint64_t offset, nbytes;
} Entry;

typedef struct Header {
    char name[16];
    uint64_t nentries;
} Header;

static const char name[16] = "hotloop objects";
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const unsigned char *file; /* NULL: there is none */
static size_t file_nbytes;
static const Entry *entries;
static uint64_t nentries;

static void map_file(const char *path) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size >= sizeof(Header);
    void *map = good ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    close(fd);
    if (map == MAP_FAILED) return;
    file = map;
    file_nbytes = (size_t)st.st_size;
}

static void open_file(void) {
    Dl_info info;
    Header header;
    Text path = {0};
    if (!dladdr((void *)hl_lower_shipped, &info) || !info.dli_fname) return;
    const char *slash = strrchr(info.dli_fname, '/');
    hl_text_printf(&path, "%.*sprelude.objects", slash ? (int)(slash - info.dli_fname) + 1 : 0,
                   info.dli_fname);
    map_file(path.data);
    hl_text_free(&path);
    if (!file) return;
    memcpy(&header, file, sizeof header);
    bool good = !memcmp(header.name, name, sizeof name) &&
                header.nentries <= (file_nbytes - sizeof header) / sizeof(Entry);
    nentries = good ? header.nentries : 0;
    entries = (const Entry *)(file + sizeof header);
}

static int compare(const void *key, const void *entry) {
    return memcmp(key, &((const Entry *)entry)->key, sizeof(Key));
}

const void *hl_lower_shipped(const char *level, const char *digest, size_t *nbytes) {
    Key key = {0};
    pthread_once(&once, open_file);
    if (!nentries || strlen(level) >= LEVEL_NBYTES || strlen(digest) != DIGEST_NBYTES) return NULL;
    memcpy(key.level, level, strlen(level));
    memcpy(key.digest, digest, DIGEST_NBYTES);
    const Entry *entry = bsearch(&key, entries, nentries, sizeof *entries, compare);
    if (!entry || entry->offset > file_nbytes || entry->nbytes > file_nbytes - entry->offset) return NULL;
    *nbytes = entry->nbytes;
    return file + entry->offset;
}
