/// What the blocks of a DEFLATE stream (RFC 1951) begin and end with, whoever chose their matches.
#ifndef SWATHLOG_CIMAGING_DEFLATE_CODE_H
#define SWATHLOG_CIMAGING_DEFLATE_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "bit_writer.h"

enum {
    IMAGING_END_OF_BLOCK = 256,
    IMAGING_LENGTH_SYMBOLS = 286,
    IMAGING_DISTANCE_SYMBOLS = 30,
    IMAGING_SHORTEST_MATCH = 3,
    IMAGING_LONGEST_MATCH = 258,
    IMAGING_WINDOW = 32768,
    /// Four codes and the 7 bits left over fit 64 bits, so a writer stores once for four literals.
    IMAGING_LONGEST_CODE = 14,
};

/// How often each symbol occurs in a block.
typedef struct {
    /// Literals, the end of the block and match lengths.
    uint32_t literals[IMAGING_LENGTH_SYMBOLS];
    uint32_t distances[IMAGING_DISTANCE_SYMBOLS];
} imaging_symbol_counts;

/// The Huffman codes of a block.
typedef struct {
    uint8_t lengths[IMAGING_LENGTH_SYMBOLS];
    uint16_t codes[IMAGING_LENGTH_SYMBOLS];
    uint8_t distance_lengths[IMAGING_DISTANCE_SYMBOLS];
    uint16_t distance_codes[IMAGING_DISTANCE_SYMBOLS];
    /// The code lengths as DEFLATE sends them: symbols 0 to 18 with their extra bits.
    uint8_t sent[IMAGING_LENGTH_SYMBOLS + IMAGING_DISTANCE_SYMBOLS];
    uint8_t sent_extra[IMAGING_LENGTH_SYMBOLS + IMAGING_DISTANCE_SYMBOLS];
    int sent_count;
    uint8_t sent_lengths[19];
    uint16_t sent_codes[19];
    int sent_orders;
    int symbols, distance_symbols;
    /// Of the whole block, from its first bit to the end-of-block code.
    uint64_t bits;
} imaging_block_code;

/// The symbol of a match length (3 to 258), and how many extra bits hold `*extra`.
int imaging_length_symbol(int length, int *extra_bits, int *extra);

/// How many extra bits follow a distance symbol.
static inline int imaging_distance_extra_bits(int symbol) {
    return symbol < 4 ? 0 : symbol / 2 - 1;
}

/// The symbol of a distance (1 to 32,768), counted from 0: `distance` - 1 goes in.
static inline int imaging_distance_symbol(uint32_t from_zero) {
    int highest = 31 - __builtin_clz(from_zero | 1);
    int large = 2 * highest + (int)(from_zero >> (highest - (highest > 0)) & 1);
    return from_zero < 2 ? (int)from_zero : large;
}

/// Makes the codes of a block and measures it to the bit, so that a stored block can be chosen before a byte is
/// written. Counts one end of block, which the caller need not.
void imaging_plan_block(imaging_block_code *code, imaging_symbol_counts *counts);

/// Writes the block's head: its kind and its codes.
void imaging_write_head(imaging_bit_writer *writer, const imaging_block_code *code, int last);

/// Writes bytes as stored blocks.
void imaging_write_stored(imaging_bit_writer *writer, const uint8_t *bytes, size_t count, int last);

/// Writes the two bytes that a zlib stream (RFC 1950) begins with, and its checksum behind the last bits. Return where
/// the writer goes on.
uint8_t *imaging_begin_stream(uint8_t *out);
uint8_t *imaging_end_stream(imaging_bit_writer *writer, uint32_t adler);

#endif
