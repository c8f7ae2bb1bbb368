/// A block of literals and matches of whole pixels, from its search to its bits.
#ifndef SWATHLOG_CIMAGING_PIXEL_BLOCK_H
#define SWATHLOG_CIMAGING_PIXEL_BLOCK_H

#include "pixel_matches.h"

enum {
    /// Literals and matches that a block holds.
    IMAGING_BLOCK_ITEMS = 40960,
    /// Items that one pixel may take: a literal pixel of 6 or 8 bytes is two, so that one store writes an item.
    IMAGING_PIXEL_ITEMS = 2,
};

typedef struct {
    /// All filtered rows; the block covers those from `start` to `at`.
    const uint8_t *bytes;
    size_t start, at;
    uint32_t pixel_bytes;
    uint32_t count;
    /// Bytes covered above the lower 16 bits, which tell the distance by its class and the rest.
    uint32_t items[IMAGING_BLOCK_ITEMS];
    imaging_symbol_counts counts;
    /// Counted by length and distance class, and added to `counts` at the block's end.
    uint32_t length_counts[IMAGING_LONGEST_MATCH + 1], distance_counts[IMAGING_DISTANCE_CLASSES];
} imaging_pixel_block;

/// Starts a block where the last one ended.
void imaging_begin_block(imaging_pixel_block *block);

/// Adds one literal byte (distance 0), or one match at a distance below the window's end.
void imaging_add_item(imaging_pixel_block *block, uint32_t bytes, uint32_t distance);

/// Adds pixels of 3 bytes or more, each matched with the last one like it.
void imaging_add_last_pixels(imaging_pixel_block *block, imaging_seen *seen, uint32_t pixels);

/// Adds what was chosen for a span.
void imaging_add_choices(imaging_pixel_block *block, const imaging_match_span *span, uint32_t pixels);

/// Completes `counts`.
void imaging_count_block(imaging_pixel_block *block);

/// Writes the items, without the block's head and end.
void imaging_write_block(imaging_bit_writer *writer, const imaging_pixel_block *block, const imaging_block_code *code);

#endif
