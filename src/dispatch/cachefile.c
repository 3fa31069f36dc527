/* Whole files of the cache: read only when nobody else can have made or changed them, written under a
 * temporary name.
 *
 * A file counts when it is a regular file that belongs to this user (or root), is not writable by group or
 * others, and its checksum is right. A reader therefore sees a complete file or none, whatever other
 * processes do at the same time. There is no fsync: a file that a crash left incomplete has a wrong checksum
 * and is rebuilt.
 */
#include "dispatch/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_NBYTES = 256 << 20 };

static const char magic[8] = "hotloop1";

/* ---- reading ----------------------------------------------------------------------------------------- */

static bool is_safe(const struct stat *st) {
    bool ours = st->st_uid == geteuid() || st->st_uid == 0;
    return S_ISREG(st->st_mode) && ours && !(st->st_mode & (S_IWGRP | S_IWOTH)) && st->st_size <= MAX_NBYTES;
}

static bool read_all(int fd, unsigned char *data, size_t nbytes) {
    while (nbytes) {
        ssize_t got = read(fd, data, nbytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        data += got;
        nbytes -= (size_t)got;
    }
    return true;
}

static void checksum(const unsigned char *data, size_t nbytes, unsigned char digest[SHA256_NBYTES]) {
    Sha256 hash;
    hl_sha256_init(&hash);
    hl_sha256_add(&hash, data, nbytes);
    hl_sha256_end(&hash, digest);
}

enum { HEADER = sizeof magic + SHA256_NBYTES };

/* Takes the header off; data moves to the front. */
static bool check_header(CacheFile *file) {
    unsigned char digest[SHA256_NBYTES];
    if (file->nbytes < HEADER || memcmp(file->data, magic, sizeof magic)) return false;
    checksum(file->data + HEADER, file->nbytes - HEADER, digest);
    if (memcmp(file->data + sizeof magic, digest, sizeof digest)) return false;
    file->nbytes -= HEADER;
    memmove(file->data, file->data + HEADER, file->nbytes);
    return true;
}

bool cachefile_read(const char *path, CacheFile *file) {
    struct stat st;
    *file = (CacheFile){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    bool good = fstat(fd, &st) == 0 && is_safe(&st);
    if (good) *file = (CacheFile){malloc((size_t)st.st_size + 1), (size_t)st.st_size};
    good = good && file->data && read_all(fd, file->data, file->nbytes) && check_header(file);
    close(fd);
    if (good) return true;
    free(file->data);
    *file = (CacheFile){0};
    return false;
}

/* ---- writing ----------------------------------------------------------------------------------------- */

static bool write_all(int fd, const void *data, size_t nbytes) {
    const char *p = data;
    while (nbytes) {
        ssize_t put = write(fd, p, nbytes);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        p += put;
        nbytes -= (size_t)put;
    }
    return true;
}

static bool write_file(const char *path, const unsigned char *data, size_t nbytes) {
    unsigned char digest[SHA256_NBYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) return false;
    checksum(data, nbytes, digest);
    bool good = fchmod(fd, 0644) == 0 && write_all(fd, magic, sizeof magic) &&
                write_all(fd, digest, sizeof digest) && write_all(fd, data, nbytes);
    return close(fd) == 0 && good;
}

bool cachefile_write(const char *folder, const char *name, const unsigned char *data, size_t nbytes) {
    static atomic_uint counter;
    Text temporary = {0}, path = {0};
    hl_text_printf(&temporary, "%s/.%s.%ld.%u.tmp", folder, name, (long)getpid(),
                   atomic_fetch_add(&counter, 1));
    hl_text_printf(&path, "%s/%s", folder, name);
    bool good = write_file(temporary.data, data, nbytes) && rename(temporary.data, path.data) == 0;
    if (!good) unlink(temporary.data);
    hl_text_free(&temporary);
    hl_text_free(&path);
    return good;
}

/* ---- folders ----------------------------------------------------------------------------------------- */

bool cachefile_make_folder(const char *folder) {
    if (access(folder, W_OK | X_OK) == 0) return true;
    char *path = strdup(folder);
    for (char *slash = path ? strchr(path + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0777);
        *slash = '/';
    }
    bool good = path && (mkdir(path, 0777) == 0 || errno == EEXIST) && access(path, W_OK | X_OK) == 0;
    free(path);
    return good;
}

typedef struct Found {
    char *path;
    struct timespec time;
} Found;

static int newest_first(const void *a, const void *b) {
    const struct timespec *x = &((const Found *)a)->time, *y = &((const Found *)b)->time;
    if (x->tv_sec != y->tv_sec) return x->tv_sec < y->tv_sec ? 1 : -1;
    return x->tv_nsec < y->tv_nsec ? 1 : x->tv_nsec > y->tv_nsec ? -1 : 0;
}

/* The files that start with prefix: all paths in the arena. */
static uint32_t find_files(Arena *arena, const char *folder, const char *prefix, Found **found) {
    VEC(Found) files = {0};
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct stat st;
        if (strncmp(entry->d_name, prefix, strlen(prefix))) continue;
        char *path = hl_arena_printf(arena, "%s/%s", folder, entry->d_name);
        if (stat(path, &st) == 0) hl_push(arena, &files, ((Found){path, st.st_mtim}));
    }
    if (dir) closedir(dir);
    *found = files.data;
    return files.len;
}

void cachefile_prune(const char *folder, const char *prefix, int keep) {
    Arena arena = {0};
    Found *files;
    uint32_t n = find_files(&arena, folder, prefix, &files);
    if (n > (uint32_t)keep) qsort(files, n, sizeof *files, newest_first);
    for (uint32_t i = (uint32_t)keep; i < n; i++)
        unlink(files[i].path);
    hl_arena_free(&arena);
}
