"""Xorshift with popcount: how many bits are set in all numbers of Marsaglia's generator; 64-bit unsigned."""

import numpy as np

SIZES = (10_000, 1_000_000)
C_RESULT = "u8"

ONE, TWO, FOUR, SEVEN, THIRTEEN, SEVENTEEN, TOP = map(np.uint64, (1, 2, 4, 7, 13, 17, 56))
PAIRS = np.uint64(0x5555555555555555)
NIBBLES = np.uint64(0x3333333333333333)
BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)
SUM = np.uint64(0x0101010101010101)


def xorshift(state, count):
    total = np.uint64(0)
    for _ in range(count):
        state ^= state << THIRTEEN
        state ^= state >> SEVEN
        state ^= state << SEVENTEEN
        bits = state - ((state >> ONE) & PAIRS)
        bits = (bits & NIBBLES) + ((bits >> TWO) & NIBBLES)
        bits = (bits + (bits >> FOUR)) & BYTES
        total += (bits * SUM) >> TOP
    return total


def arguments(size):
    return np.uint64(88172645463325252), size


def c_arguments(state, count):
    return state, count
