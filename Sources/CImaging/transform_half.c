#include "transform.h"

/// Adds half of the last kept place, less one where that place is even: a tie goes to the even neighbour.
TRANSFORM_INLINE uint32_t round_away(uint32_t value, uint32_t dropped_bits) {
    return (value + (1U << (dropped_bits - 1)) - 1 + (value >> dropped_bits & 1)) >> dropped_bits;
}

/// IEEE 754-2019, 3.4: binary32 has 8 exponent bits with bias 127 and 23 fraction bits, binary16 5, 15 and 10.
static uint16_t half(uint32_t bits) {
    uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
        return (uint16_t)(sign | 0x7E00);
    }
    // 65,520 and more lie nearer to 2^16, which is infinity.
    if (magnitude >= 0x477FF000) {
        return (uint16_t)(sign | 0x7C00);
    }
    // From 2^-14 on the exponent is only moved; a carry out of the fraction raises it as it should.
    if (magnitude >= 0x38800000) {
        return (uint16_t)(sign | round_away(magnitude - (112U << 23), 13));
    }
    // Below that halves lie 2^-24 apart; up to 2^-25 zero is nearest or even.
    uint32_t exponent = magnitude >> 23;
    if (exponent < 102) {
        return (uint16_t)sign;
    }
    uint32_t fraction = (magnitude & 0x7FFFFF) | 0x800000;
    return (uint16_t)(sign | round_away(fraction, 126 - exponent));
}

void imaging_halves(const uint32_t *floats, size_t count, uint16_t *halves) {
    for (size_t at = 0; at < count; at++) {
        halves[at] = half(floats[at]);
    }
}
