/* What the loader's test programs share: reading a sample object, failing with a line. */
#ifndef TESTING_H
#define TESTING_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/load.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                          \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

typedef struct {
    uint8_t *bytes;
    size_t nbytes;
} Sample;

static inline Sample read_sample(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.o", HL_TEST_OBJECTS, name);
    FILE *file = fopen(path, "rb");
    CHECK(file);
    Sample sample = {.bytes = malloc(1 << 20)};
    sample.nbytes = fread(sample.bytes, 1, 1 << 20, file);
    fclose(file);
    return sample;
}

#endif
