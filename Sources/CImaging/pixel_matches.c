#include "pixel_matches.h"

#include "for_each_size.h"
#include "support.h"

static inline uint64_t load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/// A hash of a word's first `count` bytes.
static inline uint32_t hash(uint64_t word, uint32_t count) {
    return (uint32_t)((word << (64 - 8 * count)) * 0x9E3779B97F4A7C15u >> (64 - IMAGING_KEY_BITS));
}

/// How many bytes from `from` on equal those from `earlier` on, at most `most`.
static inline uint32_t equal_bytes(const uint8_t *from, const uint8_t *earlier, uint32_t most) {
    uint32_t count = 0;
    while (count + 8 <= most && load(from + count) == load(earlier + count)) {
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
    uint32_t pixels, uint32_t long_key, const uint32_t size) {
    const uint32_t least = imaging_least_pixels(size), least_bytes = least * size;
    const uint64_t least_mask = UINT64_MAX >> (64 - 8 * least_bytes);
    const unsigned least_price = prices->least;
    // Where the last long match ends, and its distance: the next pixel's is the same match, less a pixel.
    const uint8_t *known_end = NULL;
    uint32_t known_distance = 0;
    const uint8_t *from = bytes + at, *const end = from + (size_t)pixels * size;
    for (imaging_candidate *candidate = span->candidates; from < end; from += size, at += size, candidate++) {
        uint64_t word = load(from);
        uint32_t near_key = hash(word, least_bytes), far_key = hash(word, long_key);
        // No place is ahead of this one, and an unused one is the stream's first byte: all of them can be read.
        uint32_t near = (uint16_t)(at - seen->nearest[near_key]), far = (uint16_t)(at - seen->longer[far_key]);
        seen->nearest[near_key] = (uint16_t)at;
        seen->longer[far_key] = (uint16_t)at;

        unsigned literal = 0;
        for (uint32_t channel = 0; channel < size; channel++) {
            literal += prices->literals[word >> 8 * channel & 255];
        }
        uint64_t differing = (load(from - near) ^ word) & least_mask;
        unsigned price = least_price + prices->distances[imaging_distance_class(near)];
        price += (unsigned)(differing != 0) * IMAGING_NO_MATCH;
        uint32_t rest = (uint32_t)(end - from);
        if (least == 1) {
            uint32_t match = price | near << 16;
            candidate->one = price < literal ? match : literal;
        } else {
            price = rest < least_bytes ? IMAGING_NO_MATCH : price;
            candidate->one = literal;
            candidate->least = price | near << 16;
        }

        differing = load(from - far) ^ word;
        uint32_t equal;
        if (differing != 0) {
            equal = (uint32_t)__builtin_ctzll(differing) / 8;
        } else {
            // Where the distance is 0 (a place seen 65,536 bytes ago), all is equal, at a price that is never paid.
            if (far != known_distance || from >= known_end) {
                known_distance = far;
                known_end = from + equal_bytes(from, from - far, rest);
            }
            equal = (uint32_t)(known_end - from);
            equal = equal < IMAGING_LONGEST_MATCH ? equal : IMAGING_LONGEST_MATCH;
        }
        uint64_t prices_of_both = prices->distances[imaging_distance_class(far)] * (uint64_t)0x10001;
        candidate->far = (prices->far[equal < rest ? equal : rest] + prices_of_both) | (uint64_t)far << 48;
    }
}

IMAGING_HOT void imaging_find_matches(
    imaging_match_span *span, imaging_seen *seen, const imaging_prices *prices, const uint8_t *bytes, size_t at,
    uint32_t pixels, uint32_t pixel_bytes) {
    uint32_t twice = 2 * imaging_least_pixels(pixel_bytes) * pixel_bytes;
    uint32_t long_key = seen->long_keys || twice > 8 ? 8 : twice;
    IMAGING_FOR_SIZE(pixel_bytes, find, span, seen, prices, bytes, at, pixels, long_key)
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
        uint32_t other = (far & 0xFFFF) + (least == 1 ? after_two : span->totals[pixel + 2 * least]);
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
