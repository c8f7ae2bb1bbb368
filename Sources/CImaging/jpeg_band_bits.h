/// Entropy coding of a band's blocks (T.81, F.1.2), as fast as it goes: this is where the time of JPEG tiles is spent.
#ifndef SWATHLOG_CIMAGING_JPEG_BAND_BITS_H
#define SWATHLOG_CIMAGING_JPEG_BAND_BITS_H

#include "jpeg_coder.h"

#include <string.h>

/// Inside of IMAGING_HOT functions these must be compiled for the same processor.
#define BAND_INLINE static inline __attribute__((always_inline))

/// Bits on their way to `next`: the last of `bits`. How many are in the lowest 6 bits of `count` alone, so that a code's
/// entry can be added to it as it is; after a flush fewer than 8.
typedef struct {
    uint64_t bits;
    uint32_t count;
    uint8_t *next;
} band_writer;

/// Writes all whole bytes, and always as many: a branch would be guessed wrong too often. There is room.
BAND_INLINE void band_flush(band_writer *writer) {
    // Of no bits, what is written does not count.
    uint64_t word = writer->bits << (-writer->count & 63);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(writer->next, &word, sizeof word);
    writer->next += writer->count >> 3 & 7;
    writer->count &= 7;
}

/// Adds a code and the value's bits, up to 56 between two flushes.
BAND_INLINE void band_add(band_writer *writer, uint32_t entry, uint32_t value) {
    writer->bits = writer->bits << (entry & 63) | (entry >> CODER_LENGTH_BITS | value);
    writer->count += entry;
}

BAND_INLINE void band_add_dc(band_writer *writer, const splice_dc_table *table, int32_t difference) {
    const uint32_t magnitude = (uint32_t)(difference < 0 ? -difference : difference);
    const uint32_t size = 31 - (uint32_t)__builtin_clz(magnitude << 1 | 1);
    // The lower bits of the value, or of one less than it where it is negative (T.81, F.1.2.1.1).
    const uint32_t value = (uint32_t)(difference + (difference >> 31)) & ((1u << size) - 1);
    band_add(writer, (uint32_t)table->word[size] << size << CODER_LENGTH_BITS | (table->length[size] + size), value);
}

/// The AC values of a block that are left to add: a bit for each place of the scan from `at` on that holds one.
typedef struct {
    uint64_t present;
    const uint8_t *at;
    const uint16_t *bits;
    const uint8_t *sizes;
} band_values;

/// Adds the next value, and the zeros before it. It takes 26 bits at most.
BAND_INLINE void band_add_value(band_writer *writer, const coder_ac_table *table, band_values *left) {
    uint32_t run = (uint32_t)__builtin_ctzll(left->present);
    left->present = left->present >> run >> 1;
    left->at += run;
    while (__builtin_expect(run >= CODER_RUNS, 0)) {
        band_flush(writer);
        band_add(writer, table->entry[CODER_LONG_RUN], 0);
        run -= CODER_RUNS;
    }
    band_add(writer, table->entry[left->sizes[*left->at] + run], left->bits[*left->at]);
    left->at += 1;
}

/// Adds the AC values of the block at `place` of its group, behind its DC difference, and flushes.
BAND_INLINE void band_add_values(
    band_writer *writer, const imaging_jpeg_coder *coder, const coder_ac_table *table, const imaging_blocks *group,
    uint32_t place) {
    uint64_t present = 0;
    for (int row = 0; row < IMAGING_BLOCK_SIDE; row++) {
        present |= coder->scanned[row][group->present[row][place]];
    }
    band_values left = {present >> 1, coder->place + 1, group->bits[0][place], group->size[0][place]};
    while (left.present) {
        band_add_value(writer, table, &left);
        band_flush(writer);
        if (!left.present) {
            break;
        }
        // Two fit between two flushes, or one behind a DC difference.
        band_add_value(writer, table, &left);
    }
    if (left.at < coder->place + DCTSIZE2) {
        band_add(writer, table->entry[0], 0);
    }
    band_flush(writer);
}

/// The place behind the bits so far.
BAND_INLINE uint64_t band_bit(const band_writer *writer, const uint8_t *bytes) {
    return (uint64_t)(writer->next - bytes) * 8 + (writer->count & 63);
}

#endif
