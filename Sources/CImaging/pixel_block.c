#include "pixel_block.h"

#include "for_each_size.h"
#include "pixel_place.h"
#include "support.h"

void imaging_begin_block(imaging_pixel_block *block) {
    block->start = block->at;
    block->count = 0;
    memset(&block->counts, 0, sizeof block->counts);
    memset(block->length_counts, 0, sizeof block->length_counts);
    memset(block->distance_counts, 0, sizeof block->distance_counts);
}

void imaging_add_item(imaging_pixel_block *block, uint32_t bytes, uint32_t distance) {
    uint32_t place = imaging_place(distance);
    block->items[block->count++] = bytes << 16 | place;
    if (distance == 0) {
        block->counts.literals[block->bytes[block->at]]++;
    } else {
        block->length_counts[bytes]++;
        block->distance_counts[place & IMAGING_CLASS_MASK]++;
    }
    block->at += bytes;
}

/// Adds a literal pixel (distance 0) or a match, and returns where the next item goes. The caller counts the lengths.
/// Literals and matches take turns at random: so both are counted, the bytes of matches by 0, and what literals add to
/// the counts of matches is taken away at the end by `forget_literals`.
IMAGING_INLINE uint32_t *add_pixels(
    imaging_pixel_block *block, uint32_t *item, const uint8_t *bytes, uint32_t length, uint32_t distance,
    const uint32_t size) {
    uint32_t is_literal = distance == 0, place = imaging_place(distance);
    for (uint32_t channel = 0; channel < size; channel++) {
        block->counts.literals[bytes[channel]] += is_literal;
    }
    block->distance_counts[place & IMAGING_CLASS_MASK]++;
    if (size > 4) {
        *item = length / 2 << 16 | place;
        item += is_literal;
        length = is_literal ? length / 2 : length;
    }
    *item = length << 16 | place;
    return item + 1;
}

static void forget_literals(imaging_pixel_block *block, uint32_t literals, uint32_t size) {
    block->length_counts[size] -= literals;
    block->distance_counts[IMAGING_LITERAL & IMAGING_CLASS_MASK] -= literals;
}

IMAGING_INLINE void add_last(imaging_pixel_block *block, imaging_seen *seen, uint32_t pixels, const uint32_t size) {
    const uint8_t *bytes = block->bytes + block->at;
    uint32_t *item = block->items + block->count, literals = 0;
    size_t at = block->at;
    for (uint32_t pixel = 0; pixel < pixels; pixel++, bytes += size, at += size) {
        uint32_t distance = imaging_last_distance(seen, bytes, at, size);
        literals += distance == 0;
        item = add_pixels(block, item, bytes, size, distance, size);
    }
    block->length_counts[size] += pixels;
    forget_literals(block, literals, size);
    block->count = (uint32_t)(item - block->items);
    block->at = at;
}

IMAGING_HOT void imaging_add_last_pixels(imaging_pixel_block *block, imaging_seen *seen, uint32_t pixels) {
    IMAGING_FOR_SIZE(block->pixel_bytes, add_last, block, seen, pixels)
}

IMAGING_INLINE void add_chosen(
    imaging_pixel_block *block, const imaging_match_span *span, uint32_t pixels, const uint32_t size) {
    const uint8_t *bytes = block->bytes + block->at;
    uint32_t *item = block->items + block->count, literals = 0;
    for (uint32_t pixel = 0; pixel < pixels;) {
        uint32_t choice = span->choices[pixel], distance = choice & 0xFFFF, taken = choice >> 16;
        literals += distance == 0;
        block->length_counts[taken * size]++;
        item = add_pixels(block, item, bytes, taken * size, distance, size);
        bytes += taken * size;
        pixel += taken;
    }
    forget_literals(block, literals, size);
    block->count = (uint32_t)(item - block->items);
    block->at += (size_t)pixels * size;
}

IMAGING_HOT void imaging_add_choices(imaging_pixel_block *block, const imaging_match_span *span, uint32_t pixels) {
    IMAGING_FOR_SIZE(block->pixel_bytes, add_chosen, block, span, pixels)
}

void imaging_count_block(imaging_pixel_block *block) {
    for (int length = IMAGING_SHORTEST_MATCH; length <= IMAGING_LONGEST_MATCH; length++) {
        int extra_bits, extra;
        block->counts.literals[imaging_length_symbol(length, &extra_bits, &extra)] += block->length_counts[length];
    }
    for (uint32_t class = 0; class < IMAGING_DISTANCE_CLASSES; class++) {
        block->counts.distances[imaging_distance_symbol(imaging_class_start(class))] += block->distance_counts[class];
    }
}
