/* What perf is told of compiled functions, where HOTLOOP_PERF is set.
 *
 * HOTLOOP_PERF=1 writes /tmp/perf-PID.map, a line for each function, which `perf report` reads. HOTLOOP_PERF=dump
 * writes jit-PID.dump into $JITDUMPDIR, or /tmp, with the code as well (perf's jitdump-specification.txt): `perf
 * record -k mono`, then `perf inject --jit`, and `perf annotate` shows instructions. perf finds the dump because
 * the process maps its first page as executable. Both files are appended to; code that was unloaded stays in them.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "load/internal.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int open_new(const char *path, int flags) {
    return open(path, O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
}

/* ---- the map --------------------------------------------------------------------------------- */

static void append_to_map(const LoadedCode *code) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
    int fd = open_new(path, O_WRONLY | O_APPEND);
    FILE *map = fd < 0 ? NULL : fdopen(fd, "a");
    if (!map && fd >= 0) close(fd);
    if (!map) return;
    for (size_t i = 0; i < code->nsymbols; i++) {
        const LoadedSymbol *s = &code->symbols[i];
        if (s->is_function) fprintf(map, "%zx %zx %s\n", (size_t)s->address, (size_t)s->nbytes, s->name);
    }
    fclose(map);
}

/* ---- the dump -------------------------------------------------------------------------------- */

typedef struct {
    uint32_t magic, version, nbytes, machine, padding, pid;
    uint64_t timestamp, flags;
} DumpHeader;

typedef struct {
    uint32_t id, nbytes;
    uint64_t timestamp;
    uint32_t pid, tid;
    uint64_t vma, address, code_nbytes, number;
} DumpLoad; /* then the name with its NUL, then the code */

enum { DUMP_MAGIC = 0x4A695444, DUMP_VERSION = 1, DUMP_X86_64 = 62, DUMP_LOAD = 0 };

/* The file of this process: a child of fork has one of its own. */
static struct {
    FILE *file;
    pid_t pid;
    uint64_t count;
} dump;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static FILE *open_dump(pid_t pid) {
    const char *folder = getenv("JITDUMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/jit-%ld.dump", folder && *folder ? folder : "/tmp", (long)pid);
    int fd = open_new(path, O_RDWR | O_TRUNC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");
    if (!file && fd >= 0) close(fd);
    if (!file) return NULL;
    DumpHeader header = {.magic = DUMP_MAGIC,
                         .version = DUMP_VERSION,
                         .nbytes = sizeof header,
                         .machine = DUMP_X86_64,
                         .pid = (uint32_t)pid,
                         .timestamp = now()};
    fwrite(&header, sizeof header, 1, file);
    fflush(file);
    /* Never unmapped: its being there is the message. */
    mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    return file;
}

static void dump_function(const LoadedSymbol *s) {
    size_t name_nbytes = strlen(s->name) + 1;
    DumpLoad record = {.id = DUMP_LOAD,
                       .nbytes = (uint32_t)(sizeof record + name_nbytes + s->nbytes),
                       .timestamp = now(),
                       .pid = (uint32_t)dump.pid,
                       .tid = (uint32_t)syscall(SYS_gettid),
                       .vma = (uint64_t)(uintptr_t)s->address,
                       .address = (uint64_t)(uintptr_t)s->address,
                       .code_nbytes = s->nbytes,
                       .number = dump.count++};
    fwrite(&record, sizeof record, 1, dump.file);
    fwrite(s->name, name_nbytes, 1, dump.file);
    fwrite(s->address, s->nbytes, 1, dump.file);
}

static void append_to_dump(const LoadedCode *code) {
    pid_t pid = getpid();
    if (dump.pid != pid) {
        dump.pid = pid;
        dump.file = open_dump(
            pid); /* the parent's stays open in the parent alone: nothing of ours is buffered in it */
    }
    if (!dump.file) return;
    for (size_t i = 0; i < code->nsymbols; i++)
        if (code->symbols[i].is_function) dump_function(&code->symbols[i]);
    fflush(dump.file);
}

/* ---- both ------------------------------------------------------------------------------------ */

void hl_load_tell_perf(const LoadedCode *code) {
    const char *wish = getenv("HOTLOOP_PERF");
    if (!wish || !*wish || strcmp(wish, "0") == 0) return;
    pthread_mutex_lock(&lock);
    if (strcmp(wish, "dump") == 0)
        append_to_dump(code);
    else
        append_to_map(code);
    pthread_mutex_unlock(&lock);
}
