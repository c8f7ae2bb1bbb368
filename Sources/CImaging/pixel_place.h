/// How an item tells its distance: by the class in 9 bits, then by how far beyond the class's least distance it is.
#ifndef SWATHLOG_CIMAGING_PIXEL_PLACE_H
#define SWATHLOG_CIMAGING_PIXEL_PLACE_H

#include "prices.h"

enum {
    IMAGING_CLASS_BITS = 9,
    IMAGING_CLASS_MASK = (1 << IMAGING_CLASS_BITS) - 1,
    IMAGING_PLACE_MASK = 0xFFFF,
    /// The place of literals: a distance of 32,768, which no search chooses.
    IMAGING_LITERAL = 0xFFFF,
};

/// Distance 0, which stands for literals, becomes IMAGING_LITERAL.
static inline uint32_t imaging_place(uint32_t distance) {
    uint32_t from_zero = (distance - 1) & (IMAGING_WINDOW - 1);
    uint32_t rest = from_zero < IMAGING_NEAR_DISTANCES ? 0 : from_zero % 128;
    return rest << IMAGING_CLASS_BITS | imaging_distance_class(from_zero);
}

#endif
