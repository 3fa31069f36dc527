/* hl_compile_text: the stages in order from text to an object, what they keep and print, and how each kind of bad text
 * ends. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"

static const char twice[] = "func @twice(x: int) -> int {\n"
                            "b1:\n"
                            "  %1 = param 0 : i64\n"
                            "  %2 = add %1, %1 : i64\n"
                            "  return %2\n"
                            "}\n";

static void test_object(void) {
    Compile c = {.dump = 1u << DUMP_TYPED | 1u << DUMP_ASM};
    assert(hl_compile_text(&c, twice) && !c.diag.set);
    assert(c.object_nbytes > 64 && !memcmp(c.object, "\177ELF", 4));
    assert(!strcmp(c.dumps[DUMP_TYPED].data, twice));
    assert(strstr(c.dumps[DUMP_ASM].data, c.entry_symbol) && !c.dumps[DUMP_OPT].len);
    hl_compile_free(&c);
    assert(!c.object && !c.dumps[DUMP_ASM].data);
}

static void expect_error(const char *text, const char *message) {
    Compile c = {0};
    assert(!hl_compile_text(&c, text) && c.diag.set && !c.object);
    if (!strstr(c.diag.text, message)) {
        fprintf(stderr, "%s\nis not: %s\n", c.diag.text, message);
        abort();
    }
    hl_compile_free(&c);
}

static void test_errors(void) {
    expect_error("", "the text holds no function");
    expect_error("func @f(\n", "line 1: expected a name");
    expect_error("func @f(x: int) -> int {\nb1:\n  %1 = param 0 : f64\n  return %1\n}\n",
                 "after parsing: @f: b1: %1 = param: the parameter has another type");
}

/* What a compilation prints to stderr with these settings. */
static char *printed_with(const char *stages, const char *function) {
    static char text[1 << 16];
    FILE *file = tmpfile();
    int real = dup(STDERR_FILENO);
    assert(file && real >= 0);
    setenv("HOTLOOP_DUMP", stages, 1);
    setenv("HOTLOOP_DUMP_FUNC", function, 1);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    Compile c = {0};
    bool done = hl_compile_text(&c, twice);
    fflush(stderr);
    dup2(real, STDERR_FILENO);
    close(real);
    hl_compile_free(&c);
    assert(done);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static void test_dumps(void) {
    char *text = printed_with("typed,llvm", "");
    assert(!strncmp(text, "; typed of twice\nfunc @twice", 27) && strstr(text, "; llvm of twice\n"));
    assert(!strstr(text, "; opt of") && !strstr(text, "; asm of"));
    assert(strstr(printed_with("asm", "twice"), "; asm of twice\n"));
    assert(!*printed_with("asm", "other"));
}

int main(void) {
    test_object();
    test_errors();
    test_dumps();
    return 0;
}
