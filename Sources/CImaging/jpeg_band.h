/// What the coding and the writing of a band of JPEG tiles share.
#ifndef SWATHLOG_CIMAGING_JPEG_BAND_H
#define SWATHLOG_CIMAGING_JPEG_BAND_H

#include "jpeg_coder.h"

enum { BAND_COMPONENTS = 3 };

/// A place where tiles begin or end in an MCU row.
typedef struct {
    /// The first bit of the MCU there, which the end of the row lacks.
    uint64_t bit;
    /// The DC values before it.
    int16_t level[BAND_COMPONENTS];
    /// The DC values of its first blocks; where their codes begin, counted from `bit`, and how many bits these have.
    int16_t first[BAND_COMPONENTS];
    uint16_t code[BAND_COMPONENTS];
    uint8_t length[BAND_COMPONENTS];
} band_cut;

struct imaging_band {
    /// Rows of MCUs, one after the other, entropy-coded and unstuffed; SPLICE_PADDING bytes can be read behind them.
    imaging_buffer bits;
    /// Where the tiles of each column begin and end.
    splice_index index;
    imaging_span *columns;
    size_t columns_count;
    uint32_t height;
    /// Of each MCU row one for each edge.
    band_cut *cuts;
    uint32_t rows;
    /// The bits of one tile.
    imaging_buffer joined;
};

#endif
