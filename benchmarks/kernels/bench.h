/* What the C side of every kernel includes: how a kernel is declared and how it is timed.
 *
 * KERNEL(result, name, (parameters), (arguments)) { body } defines the function and `name_repeat`, which
 * calls it `reps` times through a pointer the compiler cannot see through, so that no call is merged with
 * another, hoisted or dropped. ALLOCATING_KERNEL is for functions that return a block of memory: it is freed
 * after each call.
 */
#ifndef BENCH_H
#define BENCH_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WITH_REPS(...) (int64_t reps, __VA_ARGS__)

#define KERNEL(result, name, parameters, arguments)                                                          \
    result name parameters;                                                                                  \
    void name##_repeat WITH_REPS parameters {                                                                \
        result(*volatile opaque) parameters = name;                                                          \
        for (int64_t rep = 0; rep < reps; rep++)                                                             \
            opaque arguments;                                                                                \
    }                                                                                                        \
    result name parameters

#define ALLOCATING_KERNEL(result, name, parameters, arguments)                                               \
    result name parameters;                                                                                  \
    void name##_repeat WITH_REPS parameters {                                                                \
        result(*volatile opaque) parameters = name;                                                          \
        for (int64_t rep = 0; rep < reps; rep++)                                                             \
            free(opaque arguments);                                                                          \
    }                                                                                                        \
    result name parameters

#endif
