#include "prices.h"

enum {
    /// No code is shorter than a bit.
    LEAST = 1 * IMAGING_BIT,
    /// For a symbol that has not occurred yet.
    UNSEEN = 13 * IMAGING_BIT,
    UNSEEN_DISTANCE = 8 * IMAGING_BIT,
};

/// The binary logarithm in sixteenths, by squaring: each square's carry is the next bit of the fraction. `value` is not
/// 0.
static unsigned logarithm(uint32_t value) {
    unsigned whole = 31 - (unsigned)__builtin_clz(value);
    uint64_t fraction = (uint64_t)value << (31 - whole);
    unsigned result = whole;
    for (int bit = 0; bit < 4; bit++) {
        fraction = fraction * fraction >> 31;
        unsigned carry = (unsigned)(fraction >> 32);
        fraction >>= carry;
        result = 2 * result + carry;
    }
    return result;
}

static uint16_t price(uint32_t count, uint32_t total, unsigned unseen) {
    unsigned bits = count == 0 ? unseen : logarithm(total) - logarithm(count);
    return (uint16_t)(bits < LEAST ? LEAST : bits > unseen ? unseen : bits);
}

static uint32_t sum(const uint32_t *counts, int symbols) {
    uint32_t total = 0;
    for (int symbol = 0; symbol < symbols; symbol++) {
        total += counts[symbol];
    }
    return total;
}

static void set_distances(imaging_prices *prices, const uint16_t *of_symbols) {
    const uint32_t steps = sizeof prices->distances / sizeof prices->distances[0];
    for (uint32_t step = 0; step < steps; step++) {
        // Ranges begin and end at such steps, but for the first: there the middle stands for all.
        uint32_t distance = step * IMAGING_PRICED_TOGETHER + IMAGING_PRICED_TOGETHER / 2;
        int symbol = imaging_distance_symbol((distance - 1) & (IMAGING_WINDOW - 1));
        uint32_t bits = of_symbols[symbol] + (unsigned)imaging_distance_extra_bits(symbol) * IMAGING_BIT;
        bits = distance < IMAGING_WINDOW ? bits : IMAGING_NO_MATCH;
        prices->distances[step] = bits | bits << 16;
    }
}

/// Tabulates what the search asks for, once the lengths have their prices.
static void set_matches(imaging_prices *prices, uint32_t pixel_bytes) {
    const uint32_t least = imaging_least_pixels(pixel_bytes);
    prices->least = prices->lengths[least * pixel_bytes];
    for (uint32_t equal = 0; equal <= IMAGING_LONGEST_MATCH; equal++) {
        uint32_t pixels = equal / pixel_bytes;
        uint64_t two = pixels >= 2 * least ? prices->lengths[2 * least * pixel_bytes] : IMAGING_NO_MATCH;
        uint64_t longest = pixels > 2 * least ? prices->lengths[pixels * pixel_bytes] : IMAGING_NO_MATCH;
        // Where there is none, three pixels: the search then reads a total that was stored a while ago.
        uint64_t taken = pixels > 2 * least ? pixels : 3;
        prices->far[equal] = two | longest << 16 | taken << 32;
    }
}

unsigned imaging_guess_prices(imaging_prices *prices, const uint8_t *bytes, size_t count, uint32_t pixel_bytes) {
    uint32_t counts[256] = {0};
    for (size_t at = 0; at < count; at++) {
        counts[bytes[at]]++;
    }
    uint64_t all = 0;
    for (int byte = 0; byte < 256; byte++) {
        prices->literals[byte] = price(counts[byte], (uint32_t)count, UNSEEN);
        all += (uint64_t)counts[byte] * prices->literals[byte];
    }
    memset(prices->lengths, 0, sizeof prices->lengths);
    for (uint32_t length = IMAGING_SHORTEST_MATCH; length <= IMAGING_LONGEST_MATCH; length++) {
        // Most matches are one pixel long, then two; about as in photographs.
        int extra_bits, extra;
        imaging_length_symbol((int)length, &extra_bits, &extra);
        int halves = length <= pixel_bytes ? 6 : length <= 2 * pixel_bytes ? 9 : 14;
        prices->lengths[length] = (uint16_t)((halves + 2 * extra_bits) * IMAGING_BIT / 2);
    }
    uint16_t distances[IMAGING_DISTANCE_SYMBOLS];
    for (int symbol = 0; symbol < IMAGING_DISTANCE_SYMBOLS; symbol++) {
        distances[symbol] = 4 * IMAGING_BIT;
    }
    set_distances(prices, distances);
    set_matches(prices, pixel_bytes);
    return (unsigned)(all / count);
}

void imaging_learn_prices(imaging_prices *prices, const imaging_symbol_counts *counts, uint32_t pixel_bytes) {
    uint32_t total = sum(counts->literals, IMAGING_LENGTH_SYMBOLS);
    for (int byte = 0; byte < 256; byte++) {
        prices->literals[byte] = price(counts->literals[byte], total, UNSEEN);
    }
    for (int length = IMAGING_SHORTEST_MATCH; length <= IMAGING_LONGEST_MATCH; length++) {
        int extra_bits, extra;
        int symbol = imaging_length_symbol(length, &extra_bits, &extra);
        unsigned bits = price(counts->literals[symbol], total, UNSEEN);
        prices->lengths[length] = (uint16_t)(bits + (unsigned)extra_bits * IMAGING_BIT);
    }
    uint16_t distances[IMAGING_DISTANCE_SYMBOLS];
    uint32_t matches = sum(counts->distances, IMAGING_DISTANCE_SYMBOLS);
    for (int symbol = 0; symbol < IMAGING_DISTANCE_SYMBOLS; symbol++) {
        distances[symbol] = price(counts->distances[symbol], matches, UNSEEN_DISTANCE);
    }
    set_distances(prices, distances);
    set_matches(prices, pixel_bytes);
}
