/* known: the table of known.def, looked up by name. */
#include "infer/internal.h"
#include "infer/known.h"

#include <stdlib.h>
#include <string.h>

typedef struct Known {
    const char *name;
    Handler handler;
    int64_t data;
} Known;

static const Known table[] = {
#define KNOWN(name, handler, data) {name, handler, data},
#include "infer/known.def"
#undef KNOWN
};

Handler known_handler(const char *name, int64_t *data) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) {
            *data = table[i].data;
            return table[i].handler;
        }
    return NULL;
}
