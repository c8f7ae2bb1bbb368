/// Reading entropy-coded bits: DC differences are told, AC values only passed over.
#ifndef SWATHLOG_CIMAGING_JPEG_SPLICE_BITS_H
#define SWATHLOG_CIMAGING_JPEG_SPLICE_BITS_H

#include "jpeg_splice.h"

#include <string.h>

/// The next bits, the first one highest; at least 56 after splice_refill. Bits below those `held` are right as well.
typedef struct {
    const uint8_t *next;
    uint64_t window;
    uint32_t held;
} splice_reader;

/// Inside of IMAGING_HOT loops these must be compiled for the same processor as the loop.
#define SPLICE_INLINE static inline __attribute__((always_inline))

/// Where a close look left off: the next bit, and a DC difference or the place in the block.
typedef struct {
    uint64_t bit;
    int32_t difference;
    uint32_t at;
    splice_outcome outcome;
} splice_close_look;

/// One DC code at `bit`, for those that the look-up does not know.
splice_close_look imaging_splice_close_dc(const splice_dc_table *table, const uint8_t *bytes, uint64_t bit);

/// One AC code at `bit`, for the value at place `at` of a block; at the block's end, `at` becomes 64.
splice_close_look imaging_splice_close_ac(
    const splice_ac_table *table, const uint8_t *bytes, uint64_t bit, uint32_t at);

SPLICE_INLINE uint64_t splice_load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/// Loads without waiting for a count of whole bytes: those that were there already are loaded over themselves.
SPLICE_INLINE void splice_refill(splice_reader *reader) {
    reader->window |= splice_load(reader->next) >> reader->held;
    reader->next += (63 - reader->held) >> 3;
    reader->held |= 56;
}

SPLICE_INLINE void splice_take(splice_reader *reader, uint32_t bits) {
    reader->window <<= bits;
    reader->held -= bits;
}

SPLICE_INLINE splice_reader splice_read_from(const uint8_t *bytes, uint64_t bit) {
    splice_reader reader = {.next = bytes + (bit >> 3), .window = 0, .held = 0};
    splice_refill(&reader);
    splice_take(&reader, (uint32_t)(bit & 7));
    return reader;
}

SPLICE_INLINE uint64_t splice_bit(const splice_reader *reader, const uint8_t *bytes) {
    return (uint64_t)(reader->next - bytes) * 8 - reader->held;
}

/// The value of the `size` bits at the top of `window`: the lower half stands for negative ones (T.81, F.2.2.1).
SPLICE_INLINE int32_t splice_value(uint64_t window, uint32_t size) {
    int32_t value = (int32_t)(window >> 1 >> (63 - size));
    int32_t half = 1 << size >> 1;
    return value < half ? value - (1 << size) + 1 : value;
}

/// Reads a DC difference from a reader that was just refilled.
SPLICE_INLINE splice_outcome splice_pass_dc(
    const splice_dc_table *table, const uint8_t *bytes, splice_reader *reader, int32_t *difference) {
    uint32_t found = table->quick[reader->window >> (64 - SPLICE_DC_BITS)];
    if (__builtin_expect(found == 0, 0)) {
        splice_close_look look = imaging_splice_close_dc(table, bytes, splice_bit(reader, bytes));
        *reader = splice_read_from(bytes, look.bit);
        *difference = look.difference;
        return look.outcome;
    }
    *difference = splice_value(reader->window << (found >> 6 & 31), found >> 11);
    splice_take(reader, found & 63);
    return SPLICE_PASSED;
}

/// Passes over the 63 other values of a block. A look-up takes up to 23 bits, so that one fits after a DC difference
/// of up to 27, and two after each refill.
SPLICE_INLINE splice_outcome splice_pass_ac(
    const splice_ac_table *table, const uint8_t *bytes, splice_reader *reader) {
    uint32_t at = 1, found;
#define SPLICE_STEP                                                \
    found = table->quick[reader->window >> (64 - SPLICE_AC_BITS)]; \
    splice_take(reader, found & 63);                               \
    at += found >> 6;
    SPLICE_STEP
    for (;;) {
        while (at < 64) {
            splice_refill(reader);
            SPLICE_STEP
            if (at >= 64) {
                break;
            }
            SPLICE_STEP
        }
        if (__builtin_expect(at == 64 || (at > SPLICE_END_OF_BLOCK && at < SPLICE_END_OF_BLOCK + 64), 1)) {
            return SPLICE_PASSED;
        }
        // A long code, or the last look-up went beyond the block: look again at the first code that it saw.
        uint64_t bit = splice_bit(reader, bytes) - (found & 63);
        splice_close_look look = imaging_splice_close_ac(table, bytes, bit, at - (found >> 6));
        *reader = splice_read_from(bytes, look.bit);
        at = look.at;
        if (look.outcome != SPLICE_PASSED) {
            return look.outcome;
        }
    }
#undef SPLICE_STEP
}

#endif
