/* Private to runtime/: the few functions of OpenMP's library that regions need. */
#ifndef HL_RUNTIME_OPENMP_H
#define HL_RUNTIME_OPENMP_H

#include <stdint.h>

/* Runs as every thread of a team: global and team number (0: who called), the argument. */
typedef void (*HlOpenMpTask)(int32_t *global, int32_t *thread, void *argument);

typedef struct HlOpenMp {
    int (*num_threads)(void); /* of the team this thread is in */
    int32_t (*global_number)(const void *place);
    void (*push_num_threads)(const void *place, int32_t global, int32_t n);
    void (*fork)(const void *place, int32_t nargs, HlOpenMpTask task, ...);
} HlOpenMp;

/* The library, opened at the first call; NULL when there is none. */
const HlOpenMp *hlrt_openmp(void);
/* Returns when a team of at most n threads has run the task. */
void hlrt_openmp_fork(int32_t n, HlOpenMpTask task, void *argument);

#endif
