/// The forward half of JPEG's transform, for four blocks at a time: samples to quantised coefficients.
#ifndef SWATHLOG_CIMAGING_JPEG_BLOCKS_H
#define SWATHLOG_CIMAGING_JPEG_BLOCKS_H

#include "support.h"

enum {
    /// Blocks side by side: one row of each fills the widest registers there are with 16-bit samples.
    IMAGING_BLOCKS = 4,
    IMAGING_BLOCK_SIDE = 8,
    /// Any 4 bits of this number in a row, zeros behind it, are others (a de Bruijn sequence): the 4 bits from a size on
    /// are a place in a table of sizes, which takes no search for the highest bit.
    IMAGING_SIZE_PLACES = 0x09AF,
};

/// The place of a size, 0 to 15.
static inline uint32_t imaging_size_place(uint32_t size) {
    return (IMAGING_SIZE_PLACES << size & 0xFFFF) >> 12;
}

/// Quantised coefficients of four blocks, as they are coded (T.81, F.1.2): each by how many bits its magnitude takes, and
/// these bits, or for a negative value their complement. Laid out by vertical frequency, block and horizontal frequency.
typedef struct {
    uint16_t bits[IMAGING_BLOCK_SIDE][IMAGING_BLOCKS][IMAGING_BLOCK_SIDE];
    /// 16 times the number's place (`imaging_size_place`), which leaves room for a run of zeros.
    uint8_t size[IMAGING_BLOCK_SIDE][IMAGING_BLOCKS][IMAGING_BLOCK_SIDE];
    /// Which are not 0: by vertical frequency and block, a bit for each horizontal frequency, the lowest one first.
    uint8_t present[IMAGING_BLOCK_SIDE][IMAGING_BLOCKS];
    /// The first coefficient of each block, as it is.
    int16_t dc[IMAGING_BLOCKS];
} imaging_blocks;

/// Divides by the steps of a quantisation table, by way of reciprocals; laid out likewise.
typedef struct {
    uint16_t half[IMAGING_BLOCK_SIDE][IMAGING_BLOCKS][IMAGING_BLOCK_SIDE];
    uint16_t reciprocal[IMAGING_BLOCK_SIDE][IMAGING_BLOCKS][IMAGING_BLOCK_SIDE];
    uint16_t shift[IMAGING_BLOCK_SIDE][IMAGING_BLOCKS][IMAGING_BLOCK_SIDE];
} imaging_quantiser;

/// `steps` are the 64 values of a table, 1 to 255, row by row.
void imaging_make_quantiser(const uint16_t *steps, imaging_quantiser *quantiser);

/// Transforms `count` groups of four blocks, whose 8 rows of samples begin at `samples`, `stride` bytes apart.
void imaging_transform_blocks(
    const uint8_t *samples, size_t stride, size_t count, const imaging_quantiser *quantiser, imaging_blocks *out);

#endif
