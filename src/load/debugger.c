/* What debuggers are told: GDB's JIT interface.
 *
 * GDB reads a list of in-memory objects from __jit_debug_descriptor and puts a breakpoint into
 * __jit_debug_register_code; both names are its protocol (GDB manual, "JIT Compilation Interface"). An entry
 * is a copy of the object with the section headers' addresses set to where the sections were mapped. It is
 * made for objects with debug information (debug=True), and when HOTLOOP_DEBUGINFO is set or
 * hl_load_debug_objects(true) was called.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "load/internal.h"

struct DebugEntry {
    DebugEntry *next;
    DebugEntry *previous;
    uint8_t *object;
    uint64_t nbytes;
};

typedef struct {
    uint32_t version;
    uint32_t action;
    DebugEntry *relevant;
    DebugEntry *first;
} DebugDescriptor;

enum { JIT_NOACTION, JIT_REGISTER, JIT_UNREGISTER };

HL_API extern DebugDescriptor __jit_debug_descriptor;
HL_API void __jit_debug_register_code(void);

DebugDescriptor __jit_debug_descriptor = {.version = 1};
void __attribute__((noinline)) __jit_debug_register_code(void) {
    __asm__ volatile("" ::: "memory");
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_DEBUGGER, lock)
static atomic_bool is_wanted;

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value && strcmp(value, "0") != 0;
}

void hl_load_debug_objects(bool on) {
    atomic_store(&is_wanted, on);
}

static void tell_debugger(uint32_t action, DebugEntry *entry) {
    __jit_debug_descriptor.action = action;
    __jit_debug_descriptor.relevant = entry;
    __jit_debug_register_code();
    __jit_debug_descriptor.action = JIT_NOACTION;
    __jit_debug_descriptor.relevant = NULL;
}

/* The object's bytes with each mapped section's address in its header. */
static uint8_t *copy_with_addresses(const Loading *l) {
    const Object *o = &l->object;
    uint8_t *copy = malloc(o->nbytes);
    if (!copy) return NULL;
    memcpy(copy, o->bytes, o->nbytes);
    Elf64_Ehdr header;
    memcpy(&header, copy, sizeof header);
    for (uint32_t i = 0; i < o->nsections; i++) {
        if (!l->sections[i].is_loaded) continue;
        Elf64_Shdr section = o->sections[i];
        section.sh_addr = (uint64_t)(uintptr_t)l->base + l->sections[i].offset;
        memcpy(copy + header.e_shoff + i * sizeof section, &section, sizeof section);
    }
    return copy;
}

static bool has_debug_information(const Object *o) {
    for (uint32_t i = 0; i < o->nsections; i++)
        if (strcmp(hl_load_section_name(o, i), ".debug_info") == 0) return true;
    return false;
}

DebugEntry *hl_load_debug_add(const Loading *l) {
    if (!has_debug_information(&l->object) && !atomic_load(&is_wanted) && !is_set("HOTLOOP_DEBUGINFO"))
        return NULL;
    DebugEntry *entry = calloc(1, sizeof *entry);
    uint8_t *copy = copy_with_addresses(l);
    if (!entry || !copy) {
        free(entry);
        free(copy);
        return NULL;
    }
    entry->object = copy;
    entry->nbytes = l->object.nbytes;
    pthread_mutex_lock(&lock);
    entry->next = __jit_debug_descriptor.first;
    if (entry->next) entry->next->previous = entry;
    __jit_debug_descriptor.first = entry;
    tell_debugger(JIT_REGISTER, entry);
    pthread_mutex_unlock(&lock);
    return entry;
}

void hl_load_debug_remove(DebugEntry *entry) {
    if (!entry) return;
    pthread_mutex_lock(&lock);
    if (entry->previous)
        entry->previous->next = entry->next;
    else
        __jit_debug_descriptor.first = entry->next;
    if (entry->next) entry->next->previous = entry->previous;
    tell_debugger(JIT_UNREGISTER, entry);
    pthread_mutex_unlock(&lock);
    free(entry->object);
    free(entry);
}
