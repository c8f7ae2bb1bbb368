/// What symbols are expected to cost, so that a match can be weighed against literals before the codes exist.
#ifndef SWATHLOG_CIMAGING_PRICES_H
#define SWATHLOG_CIMAGING_PRICES_H

#include "deflate_code.h"

enum {
    /// Prices are in sixteenths of a bit: Huffman codes are whole bits, but a code's length is a guess here.
    IMAGING_BIT = 16,
    /// Above every price of three pixels, the most that is weighed at such a price; twice this fits 16 bits.
    IMAGING_NO_MATCH = 0x4000,
    /// Distances are told apart one by one up to here, then in steps of 128, in which no symbol's range ends.
    IMAGING_NEAR_DISTANCES = 256,
    IMAGING_DISTANCE_CLASSES = IMAGING_NEAR_DISTANCES + IMAGING_WINDOW / 128,
    /// Prices of distances are told apart in steps of this, which is close enough and quickly found.
    IMAGING_PRICED_TOGETHER = 32,
};

typedef struct {
    uint16_t literals[256];
    /// By length, the extra bits included.
    uint16_t lengths[IMAGING_LONGEST_MATCH + 1];
    /// Of a match of the least size: one pixel, or as many as make 3 bytes.
    uint16_t least;
    /// By distance / IMAGING_PRICED_TOGETHER, in both halves of the word; out of reach beyond the window.
    uint32_t distances[65536 / IMAGING_PRICED_TOGETHER];
    /// By the number of equal bytes, in 16 bits each from the lowest on: what a match of twice the least size costs,
    /// what the longest costs, and how many pixels this takes.
    uint64_t far[IMAGING_LONGEST_MATCH + 1];
} imaging_prices;

/// How many pixels a match of the least size takes.
static inline uint32_t imaging_least_pixels(uint32_t pixel_bytes) {
    return pixel_bytes == 1 ? 3 : pixel_bytes == 2 ? 2 : 1;
}

/// The class of `distance` - 1.
static inline uint32_t imaging_distance_class(uint32_t from_zero) {
    uint32_t far = IMAGING_NEAR_DISTANCES + from_zero / 128;
    return from_zero < IMAGING_NEAR_DISTANCES ? from_zero : far;
}

/// The least distance of a class, less 1.
static inline uint32_t imaging_class_start(uint32_t class) {
    return class < IMAGING_NEAR_DISTANCES ? class : (class - IMAGING_NEAR_DISTANCES) * 128;
}

/// Prices for the first block of a stream, from its bytes alone. Returns what a byte costs as a literal on average.
unsigned imaging_guess_prices(imaging_prices *prices, const uint8_t *bytes, size_t count, uint32_t pixel_bytes);

/// Prices for a block whose neighbour had these counts.
void imaging_learn_prices(imaging_prices *prices, const imaging_symbol_counts *counts, uint32_t pixel_bytes);

#endif
