/* Altered and truncated objects: the loader may refuse or accept them, it must not read or write outside.
 * Meant to run under AddressSanitizer; also checks that some alterations are refused, and that a good object
 * still loads afterwards. The code of what was accepted is not run: the cache's checksum guards that.
 */
#include "testing.h"

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static double outer(double x) {
    return x;
}

static void *resolve(void *user, const char *name) {
    (void)user;
    return strlen(name) < 4096 ? (void *)outer : NULL;
}

/* Bytes in a block of just their size, so that one byte too far is seen. */
static bool try_load(const uint8_t *bytes, size_t nbytes) {
    char error[128] = "";
    uint8_t *exact = malloc(nbytes ? nbytes : 1);
    memcpy(exact, bytes, nbytes);
    LoadedCode *code = hl_load_object(exact, nbytes, resolve, NULL, error, sizeof error);
    free(exact);
    CHECK(code || error[0]);
    hl_load_free(code);
    return code != NULL;
}

static void alter(uint8_t *bytes, size_t nbytes) {
    static const uint64_t values[] = {
        0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xffffffff, 0x7fffffffffffffff, UINT64_MAX};
    size_t width = (size_t)1 << (next_random() % 4);
    size_t headers = nbytes > 2048 ? nbytes - 2048 : 0;
    size_t at = next_random() % 2 ? next_random() % nbytes : headers + next_random() % (nbytes - headers);
    uint64_t value = next_random() % 3 ? values[next_random() % 9] : next_random();
    memcpy(bytes + at, &value, width <= nbytes - at ? width : nbytes - at);
}

static void altered(Sample sample, int rounds) {
    uint8_t *copy = malloc(sample.nbytes);
    int accepted = 0;
    for (int round = 0; round < rounds; round++) {
        memcpy(copy, sample.bytes, sample.nbytes);
        for (uint64_t n = 1 + next_random() % 4; n > 0; n--)
            alter(copy, sample.nbytes);
        accepted += try_load(copy, sample.nbytes);
    }
    free(copy);
    printf("%d of %d altered objects accepted\n", accepted, rounds);
    CHECK(accepted < rounds * 9 / 10);
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 20000;
    static const char *const names[] = {"sample", "undefined", "constructor", "absolute"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Sample sample = read_sample(names[i]);
        for (size_t nbytes = 0; nbytes < sample.nbytes; nbytes++)
            CHECK(!try_load(sample.bytes, nbytes));
        altered(sample, rounds / (i ? 10 : 1));
        free(sample.bytes);
    }
    Sample sample = read_sample("sample");
    CHECK(try_load(sample.bytes, sample.nbytes));
    free(sample.bytes);
    return 0;
}
