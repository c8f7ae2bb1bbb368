#include "jpeg_blocks.h"

#include <string.h>

/// One row of four blocks, or one coefficient of each of their rows.
typedef int16_t lanes __attribute__((vector_size(64)));
typedef uint16_t unsigned_lanes __attribute__((vector_size(64)));
typedef uint32_t unsigned_wide_lanes __attribute__((vector_size(128)));
typedef uint8_t bytes_of_row __attribute__((vector_size(32)));
typedef int32_t pairs __attribute__((vector_size(64)));
typedef uint32_t unsigned_pairs __attribute__((vector_size(64)));
typedef int64_t quads __attribute__((vector_size(64)));

/// Inside of IMAGING_HOT functions these must be compiled for the same processor.
#define BLOCKS_INLINE static inline __attribute__((always_inline))

/// Values in turn from one vector and the other, from the lower half of each eight 16-bit lanes or from the upper.
#define LOW16(a, b) \
    __builtin_shufflevector( \
        a, b, 0, 32, 1, 33, 2, 34, 3, 35, 8, 40, 9, 41, 10, 42, 11, 43, 16, 48, 17, 49, 18, 50, 19, 51, 24, 56, 25, \
        57, 26, 58, 27, 59)
#define HIGH16(a, b) \
    __builtin_shufflevector( \
        a, b, 4, 36, 5, 37, 6, 38, 7, 39, 12, 44, 13, 45, 14, 46, 15, 47, 20, 52, 21, 53, 22, 54, 23, 55, 28, 60, 29, \
        61, 30, 62, 31, 63)
#define LOW32(a, b) \
    ((lanes)__builtin_shufflevector((pairs)(a), (pairs)(b), 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29))
#define HIGH32(a, b) \
    ((lanes)__builtin_shufflevector((pairs)(a), (pairs)(b), 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31))
#define LOW64(a, b) ((lanes)__builtin_shufflevector((quads)(a), (quads)(b), 0, 8, 2, 10, 4, 12, 6, 14))
#define HIGH64(a, b) ((lanes)__builtin_shufflevector((quads)(a), (quads)(b), 1, 9, 3, 11, 5, 13, 7, 15))

/// Turns rows into columns, in each of the four blocks.
BLOCKS_INLINE void transpose(lanes *rows) {
    lanes a0 = LOW16(rows[0], rows[1]), a1 = HIGH16(rows[0], rows[1]);
    lanes a2 = LOW16(rows[2], rows[3]), a3 = HIGH16(rows[2], rows[3]);
    lanes a4 = LOW16(rows[4], rows[5]), a5 = HIGH16(rows[4], rows[5]);
    lanes a6 = LOW16(rows[6], rows[7]), a7 = HIGH16(rows[6], rows[7]);
    lanes b0 = LOW32(a0, a2), b1 = HIGH32(a0, a2), b2 = LOW32(a1, a3), b3 = HIGH32(a1, a3);
    lanes b4 = LOW32(a4, a6), b5 = HIGH32(a4, a6), b6 = LOW32(a5, a7), b7 = HIGH32(a5, a7);
    rows[0] = LOW64(b0, b4);
    rows[1] = HIGH64(b0, b4);
    rows[2] = LOW64(b1, b5);
    rows[3] = HIGH64(b1, b5);
    rows[4] = LOW64(b2, b6);
    rows[5] = HIGH64(b2, b6);
    rows[6] = LOW64(b3, b7);
    rows[7] = HIGH64(b3, b7);
}

enum {
    /// Fractional bits of the constants, and of what the first pass leaves to the second.
    CONSTANT_BITS = 13,
    PASS_BITS = 2,
};

/// The part of the transform that takes products, of every other lane: six results of six inputs, to be divided by
/// 2^shift.
BLOCKS_INLINE void rotate(const pairs *in, const int shift, pairs *out) {
    const pairs even = in[0], odd = in[1], d0 = in[2], d1 = in[3], d2 = in[4], d3 = in[5];
    // Each result takes the half of the divisor, which rounds it, from one of two terms.
    const pairs turned = (even + odd) * 4433 + (1 << (shift - 1));
    out[0] = turned + even * 6270;
    out[1] = turned - odd * 15137;
    const pairs outer = (d0 + d3) * 7373, inner = (d1 + d2) * 20995, left = d1 + d3, right = d0 + d2;
    const pairs all = (left + right) * 9633 + (1 << (shift - 1));
    const pairs first = all - left * 16069, second = all - right * 3196;
    out[2] = d0 * 12299 - outer + second;
    out[3] = d1 * 25172 - inner + first;
    out[4] = d2 * 16819 - inner + second;
    out[5] = d3 * 2446 - outer + first;
}

/// The discrete cosine transform of eight vectors, scaled by the root of 8: Loeffler, Ligtenberg and Moschytz,
/// Practical Fast 1-D DCT Algorithms with 11 Multiplications (1989), with the 12 multiplications that keep every path
/// to one. Constants and roundings are those of libjpeg's `islow`, so that all coefficients are.
BLOCKS_INLINE void transform(lanes *x, const int pass) {
    const int shift = pass == 1 ? CONSTANT_BITS - PASS_BITS : CONSTANT_BITS + PASS_BITS;
    const lanes s0 = x[0] + x[7], s1 = x[1] + x[6], s2 = x[2] + x[5], s3 = x[3] + x[4];
    const lanes sum0 = s0 + s3, sum1 = s1 + s2;
    const lanes in[6] = {s0 - s3, s1 - s2, x[0] - x[7], x[1] - x[6], x[2] - x[5], x[3] - x[4]};
    pairs lower_in[6], upper_in[6], lower[6], upper[6];
    for (int index = 0; index < 6; index++) {
        lower_in[index] = (pairs)((unsigned_pairs)in[index] << 16) >> 16;
        upper_in[index] = (pairs)in[index] >> 16;
    }
    rotate(lower_in, shift, lower);
    rotate(upper_in, shift, upper);
    static const int place[6] = {2, 6, 1, 3, 5, 7};
    for (int index = 0; index < 6; index++) {
        const unsigned_pairs low = (unsigned_pairs)lower[index] >> shift;
        const unsigned_pairs high = (unsigned_pairs)upper[index] << (16 - shift);
        x[place[index]] = (lanes)((low & 0xFFFF) | (high & 0xFFFF0000));
    }
    if (pass == 1) {
        x[0] = (sum0 + sum1) << PASS_BITS;
        x[4] = (sum0 - sum1) << PASS_BITS;
    } else {
        x[0] = (sum0 + sum1 + (1 << (PASS_BITS - 1))) >> PASS_BITS;
        x[4] = (sum0 - sum1 + (1 << (PASS_BITS - 1))) >> PASS_BITS;
    }
}

/// A bit for each lane that is not 0, the first one lowest.
BLOCKS_INLINE void note_present(const unsigned_lanes *values, uint8_t *present) {
#if defined(__clang__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    typedef _Bool flags __attribute__((ext_vector_type(32)));
    flags found = __builtin_convertvector(*values != 0, flags);
    memcpy(present, &found, IMAGING_BLOCKS);
#else
    for (int block = 0; block < IMAGING_BLOCKS; block++) {
        present[block] = 0;
        for (int column = 0; column < IMAGING_BLOCK_SIDE; column++) {
            present[block] |= (uint8_t)(((*values)[IMAGING_BLOCK_SIDE * block + column] != 0) << column);
        }
    }
#endif
}

/// Rounds a row to the nearest steps, halves away from 0, and splits what that gives into sizes and bits.
BLOCKS_INLINE void quantise(const lanes *values, const imaging_quantiser *quantiser, int row, imaging_blocks *out) {
    unsigned_lanes half, reciprocal, shift;
    memcpy(&half, quantiser->half[row], sizeof half);
    memcpy(&reciprocal, quantiser->reciprocal[row], sizeof reciprocal);
    memcpy(&shift, quantiser->shift[row], sizeof shift);
    const lanes sign = *values >> 15;
    const unsigned_lanes size = (unsigned_lanes)((*values ^ sign) - sign) + half;
    const unsigned_wide_lanes product = __builtin_convertvector(size, unsigned_wide_lanes)
        * __builtin_convertvector(reciprocal, unsigned_wide_lanes);
    const unsigned_lanes magnitude = __builtin_convertvector(product >> 16, unsigned_lanes) >> shift;
    // As many ones as the magnitude has bits.
    unsigned_lanes ones = magnitude | magnitude >> 1;
    ones |= ones >> 2;
    ones |= ones >> 4;
    ones |= ones >> 8;
    const unsigned_lanes bits = magnitude ^ (ones & (unsigned_lanes)sign);
    memcpy(out->bits[row], &bits, sizeof bits);
    const unsigned_lanes place = (ones + 1) * IMAGING_SIZE_PLACES >> 8 & 0xF0;
    const bytes_of_row narrow = __builtin_convertvector(place, bytes_of_row);
    memcpy(out->size[row], &narrow, sizeof narrow);
    note_present(&magnitude, out->present[row]);
    if (row == 0) {
        const lanes signed_values = ((lanes)magnitude ^ sign) - sign;
        for (int block = 0; block < IMAGING_BLOCKS; block++) {
            out->dc[block] = signed_values[IMAGING_BLOCK_SIDE * block];
        }
    }
}

IMAGING_HOT void imaging_transform_blocks(
    const uint8_t *samples, size_t stride, size_t count, const imaging_quantiser *quantiser, imaging_blocks *out) {
    for (size_t group = 0; group < count; group++) {
        lanes rows[IMAGING_BLOCK_SIDE];
        for (int row = 0; row < IMAGING_BLOCK_SIDE; row++) {
            bytes_of_row loaded;
            memcpy(&loaded, samples + stride * (size_t)row + sizeof loaded * group, sizeof loaded);
            rows[row] = __builtin_convertvector(loaded, lanes) - 128;
        }
        // Along the rows first, as libjpeg does: the order shows in the roundings.
        transpose(rows);
        transform(rows, 1);
        transpose(rows);
        transform(rows, 2);
        for (int row = 0; row < IMAGING_BLOCK_SIDE; row++) {
            quantise(&rows[row], quantiser, row, &out[group]);
        }
    }
}

void imaging_make_quantiser(const uint16_t *steps, imaging_quantiser *quantiser) {
    for (int place = 0; place < IMAGING_BLOCK_SIDE * IMAGING_BLOCK_SIDE; place++) {
        // The transform's results are 8 times too large.
        const uint32_t step = (uint32_t)steps[place] * 8;
        // Quotients of values below 2^14 are exact by a reciprocal of `bits` more bits, rounded up: what it is too large
        // by is less than the step.
        uint32_t bits = 32 - (uint32_t)__builtin_clz(step - 1);
        uint32_t reciprocal = ((1u << (14 + bits)) + step - 1) / step;
        for (int block = 0; block < IMAGING_BLOCKS; block++) {
            const int row = place / IMAGING_BLOCK_SIDE, column = place % IMAGING_BLOCK_SIDE;
            quantiser->half[row][block][column] = (uint16_t)(step / 2);
            quantiser->reciprocal[row][block][column] = (uint16_t)reciprocal;
            // The first 16 are those below the upper half of a product.
            quantiser->shift[row][block][column] = (uint16_t)(14 + bits - 16);
        }
    }
}
