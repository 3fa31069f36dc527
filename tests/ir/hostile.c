/* Broken text must give a message or a function, never a crash: the input of every golden file, cut short at
 * each place and altered a few thousand times. What still parses must print to text that prints the same;
 * what the verifier lets through must stay valid when cleaned up. Run under AddressSanitizer this also looks
 * for overruns. */
#include <assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/ir.h"

static int nparsed, nrejected, nvalid;

static char *print(const FuncList *funcs) {
    Text text = {0};
    hl_text_append(&text, "", 0);
    hl_print_module(&text, funcs);
    return text.data;
}

static void check_reads_back(const char *printed) {
    Arena arena = {0};
    FuncList funcs = {0};
    char *error = NULL;
    if (!hl_parse_module(&arena, printed, &funcs, &error)) {
        fprintf(stderr, "%s\nin:\n%s\n", error, printed);
        abort();
    }
    char *again = print(&funcs);
    if (strcmp(printed, again)) {
        fprintf(stderr, "printed:\n%s\nread back:\n%s\n", printed, again);
        abort();
    }
    free(again);
    hl_arena_free(&arena);
}

static void check_stays_valid(const FuncList *funcs) {
    for (uint32_t i = 0; i < funcs->len; i++) {
        Func *f = funcs->data[i];
        if (hl_verify(f, f->result != NULL)) continue;
        nvalid++;
        hl_cleanup(f);
        const char *problem = hl_verify(f, f->result != NULL);
        if (!problem) continue;
        fprintf(stderr, "after the clean-up: %s\n", problem);
        abort();
    }
}

static void try_text(const char *text) {
    Arena arena = {0};
    FuncList funcs = {0};
    char *error = NULL;
    if (hl_parse_module(&arena, text, &funcs, &error)) {
        nparsed++;
        char *printed = print(&funcs);
        check_reads_back(printed);
        check_stays_valid(&funcs);
        free(printed);
    } else {
        nrejected++;
        assert(error && !strncmp(error, "line ", 5));
        free(error);
    }
    hl_arena_free(&arena);
}

static uint32_t random_number(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

/* Another number where one stands: mostly still text of the right form, with other edges and operands. */
static void alter_digit(char *text, size_t at) {
    size_t start = at + strcspn(text + at, "0123456789");
    if (text[start]) text[start] = (char)('0' + random_number() % 10);
}

/* Replaces, removes, doubles or moves something. */
static char *alter(const char *text) {
    static const char pieces[] = "%b:!-\"<>(){}=,. \n0123456789aifx\\\x80";
    size_t len = strlen(text), at = random_number() % len, n = random_number() % 12 + 1,
           from = random_number() % len;
    char *altered = malloc(len + 16);
    memcpy(altered, text, len + 1);
    if (n > len - at) n = len - at;
    switch (random_number() % 8) {
    case 0: altered[at] = pieces[random_number() % (sizeof pieces - 1)]; break;
    case 1: memmove(altered + at, altered + at + n, len - at - n + 1); break;
    case 2: memmove(altered + at + n, altered + at, len - at + 1); break;
    case 3:
        memmove(altered + at, text + from,
                from + n < len          ? n
                : len - from > len - at ? len - at
                                        : len - from);
        break;
    default: alter_digit(altered, at);
    }
    return altered;
}

static void try_all(const char *text, int nrounds) {
    for (size_t end = 0; end <= strlen(text); end++) {
        char *cut = strndup(text, end);
        try_text(cut);
        free(cut);
    }
    for (int round = 0; round < nrounds; round++) {
        char *once = alter(text), *twice = alter(once);
        try_text(once);
        try_text(twice);
        free(once);
        free(twice);
    }
}

static char *read_whole(const char *path) {
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    assert(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

/* Between the first line and the expected output. */
static char *golden_input(const char *path) {
    char *text = read_whole(path), *end = strstr(text, "---\n"), *start = strchr(text, '\n');
    assert(start && end);
    *end = 0;
    return start + 1;
}

static void try_files(const char *pattern, char *read(const char *path), int nrounds) {
    glob_t files;
    assert(glob(pattern, 0, NULL, &files) == 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        try_all(read(files.gl_pathv[i]), nrounds);
    globfree(&files);
}

int main(void) {
    try_files("tests/ir/*.golden", golden_input, 600);
    try_files("tests/lower/*.ir", read_whole, 200);
    printf("%d parsed, %d of their functions valid, %d rejected\n", nparsed, nvalid, nrejected);
    return nparsed > 1000 && nvalid > 500 && nrejected > 1000 ? 0 : 1;
}
