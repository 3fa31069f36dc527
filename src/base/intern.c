/* intern: strings that are equal exactly when their pointers are. They live as long as the process; one mutex
 * guards the table, a hash set with linear probing. A string may hold NUL bytes; it is followed by one. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

typedef struct Entry {
    uint64_t hash;
    size_t len;
    const char *text;
} Entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
HL_GUARD_AT_FORK(HL_GUARDED_STRINGS, lock)
static Arena strings; /* never freed */
static Entry *entries;
static size_t nentries, capacity;

static uint64_t hash_bytes(const char *text, size_t len) {
    uint64_t hash = 0xcbf29ce484222325u ^ len;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

static Entry *find(Entry *table, size_t cap, uint64_t hash, const char *text, size_t len) {
    size_t i = hash & (cap - 1);
    for (; table[i].text; i = (i + 1) & (cap - 1))
        if (table[i].hash == hash && table[i].len == len && !memcmp(table[i].text, text, len)) break;
    return &table[i];
}

static void grow(void) {
    size_t cap = capacity ? capacity * 2 : 512;
    Entry *table = hl_new_array(&strings, Entry, cap);
    for (size_t i = 0; i < capacity; i++)
        if (entries[i].text) *find(table, cap, entries[i].hash, entries[i].text, entries[i].len) = entries[i];
    entries = table;
    capacity = cap;
}

static const char *copy(const char *text, size_t len) {
    char *data = hl_arena_alloc(&strings, len + 1);
    if (len) memcpy(data, text, len);
    return data;
}

const char *hl_intern_n(const char *text, size_t len) {
    uint64_t hash = hash_bytes(text, len);
    pthread_mutex_lock(&lock);
    if (nentries >= capacity / 4 * 3) grow();
    Entry *entry = find(entries, capacity, hash, text, len);
    if (!entry->text) {
        *entry = (Entry){hash, len, copy(text, len)};
        nentries++;
    }
    const char *interned = entry->text;
    pthread_mutex_unlock(&lock);
    return interned;
}

const char *hl_intern(const char *text) {
    return hl_intern_n(text, strlen(text));
}
