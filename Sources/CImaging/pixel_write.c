#include "for_each_size.h"
#include "pixel_block.h"
#include "pixel_place.h"
#include "support.h"

/// The codes of a block, ready to be joined to whole items.
typedef struct {
    /// Of bytes, and of lengths with their extra bits, above their count in the lowest 6 bits.
    uint32_t literals[256], lengths[IMAGING_LONGEST_MATCH + 1];
    /// By distance class: the code and the extra bits in the upper half, with a hole in them for what the item adds;
    /// where the hole begins above the lowest 8 bits, which are the count.
    uint64_t distances[IMAGING_DISTANCE_CLASSES];
} item_codes;

enum { COUNT_BITS = 6, COUNT_MASK = (1 << COUNT_BITS) - 1 };

static void prepare(item_codes *codes, const imaging_block_code *code) {
    for (int byte = 0; byte < 256; byte++) {
        codes->literals[byte] = (uint32_t)code->codes[byte] << COUNT_BITS | code->lengths[byte];
    }
    for (int length = IMAGING_SHORTEST_MATCH; length <= IMAGING_LONGEST_MATCH; length++) {
        int extra_bits, extra;
        int symbol = imaging_length_symbol(length, &extra_bits, &extra);
        uint32_t bits = code->codes[symbol] | (uint32_t)extra << code->lengths[symbol];
        codes->lengths[length] = bits << COUNT_BITS | (uint32_t)(code->lengths[symbol] + extra_bits);
    }
    for (uint32_t class = 0; class < IMAGING_DISTANCE_CLASSES; class++) {
        uint32_t start = imaging_class_start(class);
        int symbol = imaging_distance_symbol(start);
        unsigned code_bits = code->distance_lengths[symbol];
        unsigned extra_bits = (unsigned)imaging_distance_extra_bits(symbol);
        uint64_t extra = start & ((1u << extra_bits) - 1);
        uint64_t bits = code->distance_codes[symbol] | extra << code_bits;
        codes->distances[class] = bits << 32 | code_bits << 8 | (code_bits + extra_bits);
    }
}

/// Joins the codes of a literal and of a match for each item and writes one of them: which of the two is as good as
/// random, and a wrong guess would cost the processor more.
IMAGING_INLINE void write_items(
    imaging_bit_writer *to, const imaging_pixel_block *block, const item_codes *codes, const uint32_t size) {
    const uint32_t piece = size > 4 ? size / 2 : size;
    imaging_bit_writer writer = *to;
    const uint8_t *bytes = block->bytes + block->start;
    const uint32_t *const end = block->items + block->count;
    for (const uint32_t *item = block->items; item < end; item++) {
        uint32_t place = *item & IMAGING_PLACE_MASK, length = *item >> 16;
        if (piece > 1 && __builtin_expect(length == 1, 0)) {
            // A row's filter byte: no match is as short.
            imaging_put(&writer, codes->literals[*bytes] >> COUNT_BITS, codes->literals[*bytes] & COUNT_MASK);
            bytes += 1;
            continue;
        }
        uint64_t literal = 0;
        uint32_t literal_count = 0;
        for (uint32_t channel = 0; channel < piece; channel++) {
            // Added up, codes leave the sum of their counts in the lowest 6 bits.
            uint32_t code = codes->literals[bytes[channel]];
            literal |= (uint64_t)(code >> COUNT_BITS) << (literal_count & COUNT_MASK);
            literal_count += code;
        }
        uint32_t of_length = codes->lengths[length];
        uint64_t of_distance = codes->distances[place & IMAGING_CLASS_MASK];
        uint64_t match = of_distance >> 32 | (uint64_t)(place >> IMAGING_CLASS_BITS) << (of_distance >> 8 & COUNT_MASK);
        match = of_length >> COUNT_BITS | match << (of_length & COUNT_MASK);
        uint32_t match_count = of_length + (uint32_t)of_distance;
        int is_literal = place == IMAGING_LITERAL;
        imaging_put(&writer, is_literal ? literal : match, (is_literal ? literal_count : match_count) & COUNT_MASK);
        bytes += length;
    }
    *to = writer;
}

IMAGING_HOT static void write_all(
    imaging_bit_writer *writer, const imaging_pixel_block *block, const item_codes *codes) {
    IMAGING_FOR_SIZE(block->pixel_bytes, write_items, writer, block, codes)
}

void imaging_write_block(imaging_bit_writer *writer, const imaging_pixel_block *block, const imaging_block_code *code) {
    item_codes codes;
    prepare(&codes, code);
    write_all(writer, block, &codes);
}
