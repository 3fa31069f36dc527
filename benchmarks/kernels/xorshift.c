/* Xorshift with popcount, as in xorshift.py: the loop in C. */
#include "bench.h"

KERNEL(uint64_t, xorshift_c, (uint64_t state, int64_t count), (state, count)) {
    uint64_t total = 0;
    for (int64_t i = 0; i < count; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t bits = state - ((state >> 1) & 0x5555555555555555);
        bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333);
        bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F;
        total += (bits * 0x0101010101010101) >> 56;
    }
    return total;
}
