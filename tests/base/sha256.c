/* SHA-256: the standard's examples, and both ways to add a block give the same state. */
#include "../../src/base/sha256.c"

#include <assert.h>
#include <stdio.h>

static void check(const char *text, size_t times, const char *expected) {
    unsigned char digest[SHA256_NBYTES];
    char hex[2 * SHA256_NBYTES + 1];
    Sha256 s;
    hl_sha256_init(&s);
    for (size_t i = 0; i < times; i++)
        hl_sha256_add(&s, text, strlen(text));
    hl_sha256_end(&s, digest);
    for (int i = 0; i < SHA256_NBYTES; i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
    assert(!strcmp(hex, expected));
}

static void compare_ways(void) {
    uint32_t plain[8], fast[8], random = 1;
    unsigned char block[64];
    memcpy(plain, initial, sizeof plain);
    memcpy(fast, initial, sizeof fast);
    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 64; i++)
            block[i] = (unsigned char)((random = random * 1664525 + 1013904223) >> 24);
        add_block_plainly(plain, block);
        if (is_fast())
            add_block_fast(fast, block);
        else
            memcpy(fast, plain, sizeof fast);
        assert(!memcmp(plain, fast, sizeof plain));
    }
}

int main(void) {
    check("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check("aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    compare_ways();
    return 0;
}
