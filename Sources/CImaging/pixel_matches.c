#include "pixel_matches.h"

#include "for_each_size.h"
#include "support.h"

/// How many bytes from `from` on equal those from `earlier` on, at most `most`.
static inline uint32_t equal_bytes(const uint8_t *from, const uint8_t *earlier, uint32_t most) {
    uint32_t count = 0;
    while (count + 8 <= most && imaging_load(from + count) == imaging_load(earlier + count)) {
        count += 8;
    }
    while (count < most && from[count] == earlier[count]) {
        count += 1;
    }
    return count;
}

/// Whether there is a match is a coin's toss in a photograph, which no processor can guess: so no branch asks, and what
/// is out of reach or differs only gets a price that is never paid.
IMAGING_INLINE void find(
    imaging_match_span *span, imaging_seen *seen, const imaging_prices *prices, const uint8_t *bytes, size_t at,
    uint32_t pixels, const int is_smooth, const uint32_t size) {
    const uint32_t least = imaging_least_pixels(size), least_bytes = least * size;
    const uint32_t long_key = is_smooth || 2 * least_bytes > 8 ? 8 : 2 * least_bytes;
    const uint64_t least_mask = UINT64_MAX >> (64 - 8 * least_bytes);
    const unsigned least_price = prices->least;
    // Where the last long match ends, and its distance: the next pixel's is the same match, less a pixel.
    const uint8_t *known_end = NULL;
    uint32_t known_distance = 0;
    const uint8_t *from = bytes + at, *const end = from + (size_t)pixels * size;
    for (imaging_candidate *candidate = span->candidates; from < end; from += size, at += size, candidate++) {
        uint64_t word = imaging_load(from);
        uint32_t near_key = imaging_hash(word, least_bytes), far_key = imaging_hash(word, long_key);
        // No place is ahead of this one, and an unused one is the stream's first byte: all of them can be read.
        uint32_t near = (uint16_t)(at - seen->nearest[near_key]), far = (uint16_t)(at - seen->longer[far_key]);
        seen->nearest[near_key] = (uint16_t)at;
        seen->longer[far_key] = (uint16_t)at;

        unsigned literal = 0;
        for (uint32_t channel = 0; channel < size; channel++) {
            literal += prices->literals[word >> 8 * channel & 255];
        }
        uint64_t differing = (imaging_load(from - near) ^ word) & least_mask;
        unsigned price = least_price + (uint16_t)prices->distances[near / IMAGING_PRICED_TOGETHER];
        price += (unsigned)(differing != 0) * IMAGING_NO_MATCH;
        uint32_t rest = (uint32_t)(end - from);
        if (least == 1) {
            uint32_t match = price | near << 16;
            candidate->one = price < literal ? match : literal;
        } else {
            price = rest < least_bytes || near == 0 ? IMAGING_NO_MATCH : price;
            candidate->one = literal;
            candidate->least = price | near << 16;
        }

        // A match out of reach could be so long that no price keeps it from being chosen; and a place of 65,536 bytes
        // ago looks like this one, whose bytes are all equal.
        differing = (imaging_load(from - far) ^ word) | (far - 1 >= IMAGING_WINDOW - 1);
        uint32_t equal = differing == 0 ? 8 : (uint32_t)__builtin_ctzll(differing) / 8;
        if (is_smooth && differing == 0) {
            if (far != known_distance || from >= known_end) {
                known_distance = far;
                known_end = from + equal_bytes(from, from - far, rest);
            }
            equal = (uint32_t)(known_end - from);
            equal = equal < IMAGING_LONGEST_MATCH ? equal : IMAGING_LONGEST_MATCH;
        }
        uint64_t packed = prices->far[equal < rest ? equal : rest] + prices->distances[far / IMAGING_PRICED_TOGETHER];
        candidate->far = packed | (uint64_t)far << 48;
    }
}

IMAGING_HOT void imaging_find_matches(
    imaging_match_span *span, imaging_seen *seen, const imaging_prices *prices, const uint8_t *bytes, size_t at,
    uint32_t pixels, uint32_t pixel_bytes) {
    if (seen->is_smooth) {
        IMAGING_FOR_SIZE(pixel_bytes, find, span, seen, prices, bytes, at, pixels, 1)
    } else {
        IMAGING_FOR_SIZE(pixel_bytes, find, span, seen, prices, bytes, at, pixels, 0)
    }
}

// MARK: - The cheapest choice

/// From the span's end backwards: the cheapest way from a pixel on is its cheapest choice and the cheapest way from
/// there. The last totals stay in registers, as most choices are one or two pixels long.
IMAGING_INLINE void choose(imaging_match_span *span, uint32_t pixels, const uint32_t size) {
    const uint32_t least = imaging_least_pixels(size);
    memset(span->totals + pixels, 0, IMAGING_SPAN_SLACK * sizeof span->totals[0]);
    uint32_t after_one = 0, after_two = 0;
    for (uint32_t pixel = pixels; pixel-- > 0;) {
        const imaging_candidate *candidate = &span->candidates[pixel];
        uint64_t far = candidate->far;
        uint32_t taken = far >> 32 & 0xFFFF, distance = (uint32_t)(far >> 48);
        uint32_t total = (far >> 16 & 0xFFFF) + span->totals[pixel + taken];
        uint32_t other = (uint32_t)(far & 0xFFFF) + (least == 1 ? after_two : span->totals[pixel + 2 * least]);
        taken = other < total ? 2 * least : taken;
        total = other < total ? other : total;
        uint32_t choice = taken << 16 | distance;
        if (least > 1) {
            other = (candidate->least & 0xFFFF) + span->totals[pixel + least];
            choice = other < total ? least << 16 | candidate->least >> 16 : choice;
            total = other < total ? other : total;
        }
        // Last, because it waits for the pixel before.
        uint32_t one = candidate->one, one_choice = 1u << 16 | one >> 16;
        other = (one & 0xFFFF) + after_one;
        choice = other <= total ? one_choice : choice;
        total = other <= total ? other : total;
        span->totals[pixel] = total;
        span->choices[pixel] = choice;
        after_two = after_one;
        after_one = total;
    }
}

IMAGING_HOT void imaging_choose_matches(imaging_match_span *span, uint32_t pixels, uint32_t pixel_bytes) {
    IMAGING_FOR_SIZE(pixel_bytes, choose, span, pixels)
}
