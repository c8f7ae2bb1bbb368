/// Looks for pixels that occurred before, and chooses among matches and literals.
#ifndef SWATHLOG_CIMAGING_PIXEL_MATCHES_H
#define SWATHLOG_CIMAGING_PIXEL_MATCHES_H

#include "prices.h"

enum {
    /// Pixels that are looked at together.
    IMAGING_SPAN = 1024,
    IMAGING_KEY_BITS = 14,
    /// Places behind a span's end that a choice may point at.
    IMAGING_SPAN_SLACK = 8,
};

/// Where each key stood last, by its hash: the lower 16 bits of its place in the stream. The bytes found there decide,
/// so that a stale or foreign place does no harm.
typedef struct {
    uint16_t nearest[1 << IMAGING_KEY_BITS];
    uint16_t longer[1 << IMAGING_KEY_BITS];
    /// Whether long matches are to be expected: `longer` then takes keys of 8 bytes in place of those of two matches of
    /// the least size, and matches are followed to their end.
    int is_smooth;
} imaging_seen;

/// What a pixel could be, and at what price; in packed words, since all of an image passes through here.
typedef struct {
    /// Price in the lower 16 bits, distance in the upper: of a literal pixel (distance 0), or of a match where that is
    /// one pixel long and cheaper.
    uint32_t one;
    /// Likewise, of a match of the least size where that is more than one pixel.
    uint32_t least;
    /// In 16 bits each, from the lowest on: the price of a match of twice the least size; the price and the pixels of
    /// the longest match; the distance of both.
    uint64_t far;
} imaging_candidate;

typedef struct {
    imaging_candidate candidates[IMAGING_SPAN];
    /// What was chosen: pixels above the lower 16 bits, which are the distance, 0 for a literal pixel.
    uint32_t choices[IMAGING_SPAN];
    uint32_t totals[IMAGING_SPAN + IMAGING_SPAN_SLACK];
} imaging_match_span;

static inline uint64_t imaging_load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/// A hash of a word's first `count` bytes.
static inline uint32_t imaging_hash(uint64_t word, uint32_t count) {
    return (uint32_t)((word << (64 - 8 * count)) * 0x9E3779B97F4A7C15u >> (64 - IMAGING_KEY_BITS));
}

/// How far back the pixel at `from`, `at` bytes into the stream and of 3 bytes or more, stood last; 0 where that is not
/// known or out of reach.
static inline uint32_t imaging_last_distance(
    imaging_seen *seen, const uint8_t *from, size_t at, const uint32_t size) {
    uint64_t word = imaging_load(from);
    uint16_t *place = &seen->nearest[imaging_hash(word, size)];
    // No place is ahead of this one, and an unused one is the stream's first byte: all of them can be read.
    uint32_t distance = (uint16_t)(at - *place);
    *place = (uint16_t)at;
    uint64_t differing = (imaging_load(from - distance) ^ word) << (64 - 8 * size);
    return differing == 0 && distance < IMAGING_WINDOW ? distance : 0;
}

/// Finds and prices the candidates of `pixels` (at most IMAGING_SPAN) pixels, of which the first stands at `bytes` +
/// `at`.
void imaging_find_matches(
    imaging_match_span *span, imaging_seen *seen, const imaging_prices *prices, const uint8_t *bytes, size_t at,
    uint32_t pixels, uint32_t pixel_bytes);

/// Chooses what makes the span cheapest altogether.
void imaging_choose_matches(imaging_match_span *span, uint32_t pixels, uint32_t pixel_bytes);

#endif
