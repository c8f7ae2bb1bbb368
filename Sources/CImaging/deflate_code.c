#include "deflate_code.h"

#include "huffman.h"

enum {
    /// Bytes that one stored block may hold.
    STORED = 65535,
    CODE_LENGTHS = 19,
};

static const uint8_t sent_order[CODE_LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
static const uint8_t sent_extra_bits[CODE_LENGTHS] = {[16] = 2, [17] = 3, [18] = 7};

int imaging_length_symbol(int length, int *extra_bits, int *extra) {
    if (length == IMAGING_LONGEST_MATCH) {
        *extra_bits = *extra = 0;
        return 285;
    }
    int rest = length - 3;
    *extra_bits = 0;
    while (rest >> *extra_bits >= 8) {
        *extra_bits += 1;
    }
    *extra = rest & ((1 << *extra_bits) - 1);
    return 257 + 4 * *extra_bits + (rest >> *extra_bits);
}

/// How many extra bits follow a symbol of the first code.
static int length_extra_bits(int symbol) {
    return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
}

/// Turns the code lengths into the symbols of RFC 1951, 3.2.7: repeats of the last (16) and of zeros (17, 18).
static void pack_lengths(imaging_block_code *code, const uint8_t *lengths, int total) {
    code->sent_count = 0;
    for (int at = 0; at < total;) {
        int same = 1;
        while (at + same < total && lengths[at + same] == lengths[at]) {
            same += 1;
        }
        uint8_t symbol = lengths[at], extra = 0;
        int taken = 1;
        if (symbol == 0 && same >= 11) {
            taken = same < 138 ? same : 138;
            symbol = 18;
            extra = (uint8_t)(taken - 11);
        } else if (symbol == 0 && same >= 3) {
            taken = same;
            symbol = 17;
            extra = (uint8_t)(taken - 3);
        } else if (at > 0 && lengths[at - 1] == symbol && same >= 3) {
            taken = same < 6 ? same : 6;
            symbol = 16;
            extra = (uint8_t)(taken - 3);
        }
        code->sent[code->sent_count] = symbol;
        code->sent_extra[code->sent_count++] = extra;
        at += taken;
    }
}

/// Plans how the code lengths are sent and returns the bits that this takes.
static uint64_t plan_head(imaging_block_code *code) {
    uint8_t lengths[IMAGING_LENGTH_SYMBOLS + IMAGING_DISTANCE_SYMBOLS];
    memcpy(lengths, code->lengths, (size_t)code->symbols);
    memcpy(lengths + code->symbols, code->distance_lengths, (size_t)code->distance_symbols);
    pack_lengths(code, lengths, code->symbols + code->distance_symbols);
    uint32_t counts[CODE_LENGTHS] = {0};
    for (int at = 0; at < code->sent_count; at++) {
        counts[code->sent[at]]++;
    }
    imaging_huffman_lengths(counts, CODE_LENGTHS, 7, code->sent_lengths);
    imaging_huffman_codes(code->sent_lengths, CODE_LENGTHS, code->sent_codes);
    code->sent_orders = CODE_LENGTHS;
    while (code->sent_orders > 4 && code->sent_lengths[sent_order[code->sent_orders - 1]] == 0) {
        code->sent_orders -= 1;
    }
    uint64_t bits = 3 + 5 + 5 + 4 + 3 * (uint64_t)code->sent_orders;
    for (int symbol = 0; symbol < CODE_LENGTHS; symbol++) {
        bits += (uint64_t)counts[symbol] * (code->sent_lengths[symbol] + sent_extra_bits[symbol]);
    }
    return bits;
}

/// One past the last symbol that occurs, but at least `least`.
static int used_symbols(const uint8_t *lengths, int all, int least) {
    while (all > least && lengths[all - 1] == 0) {
        all -= 1;
    }
    return all;
}

/// One distance alone takes one bit and no second code; none takes a code of no bits (RFC 1951, 3.2.7).
static void plan_distances(imaging_block_code *code, const uint32_t *counts) {
    int used = 0, last = 0;
    for (int symbol = 0; symbol < IMAGING_DISTANCE_SYMBOLS; symbol++) {
        used += counts[symbol] > 0;
        last = counts[symbol] > 0 ? symbol : last;
    }
    if (used > 1) {
        imaging_huffman_lengths(counts, IMAGING_DISTANCE_SYMBOLS, IMAGING_LONGEST_CODE, code->distance_lengths);
    } else {
        memset(code->distance_lengths, 0, sizeof code->distance_lengths);
        code->distance_lengths[last] = (uint8_t)used;
    }
    imaging_huffman_codes(code->distance_lengths, IMAGING_DISTANCE_SYMBOLS, code->distance_codes);
    code->distance_symbols = used_symbols(code->distance_lengths, IMAGING_DISTANCE_SYMBOLS, 1);
}

void imaging_plan_block(imaging_block_code *code, imaging_symbol_counts *counts) {
    counts->literals[IMAGING_END_OF_BLOCK] = 1;
    imaging_huffman_lengths(counts->literals, IMAGING_LENGTH_SYMBOLS, IMAGING_LONGEST_CODE, code->lengths);
    imaging_huffman_codes(code->lengths, IMAGING_LENGTH_SYMBOLS, code->codes);
    code->symbols = used_symbols(code->lengths, IMAGING_LENGTH_SYMBOLS, IMAGING_END_OF_BLOCK + 1);
    plan_distances(code, counts->distances);
    code->bits = plan_head(code);
    for (int symbol = 0; symbol < code->symbols; symbol++) {
        int bits = code->lengths[symbol] + length_extra_bits(symbol);
        code->bits += (uint64_t)counts->literals[symbol] * (uint64_t)bits;
    }
    for (int symbol = 0; symbol < code->distance_symbols; symbol++) {
        int bits = code->distance_lengths[symbol] + imaging_distance_extra_bits(symbol);
        code->bits += (uint64_t)counts->distances[symbol] * (uint64_t)bits;
    }
}

void imaging_write_head(imaging_bit_writer *writer, const imaging_block_code *code, int last) {
    imaging_put(writer, (uint64_t)last | 2 << 1, 3);
    imaging_put(writer, (uint64_t)code->symbols - 257, 5);
    imaging_put(writer, (uint64_t)code->distance_symbols - 1, 5);
    imaging_put(writer, (uint64_t)code->sent_orders - 4, 4);
    for (int at = 0; at < code->sent_orders; at++) {
        imaging_put(writer, code->sent_lengths[sent_order[at]], 3);
    }
    for (int at = 0; at < code->sent_count; at++) {
        uint8_t symbol = code->sent[at];
        imaging_put(writer, code->sent_codes[symbol], code->sent_lengths[symbol]);
        imaging_put(writer, code->sent_extra[at], sent_extra_bits[symbol]);
    }
}

void imaging_write_stored(imaging_bit_writer *writer, const uint8_t *bytes, size_t count, int last) {
    do {
        size_t part = count < STORED ? count : STORED;
        imaging_put(writer, last && part == count, 3);
        imaging_pad_to_byte(writer);
        imaging_put(writer, (uint64_t)part | (~(uint64_t)part & 0xFFFF) << 16, 32);
        memcpy(writer->next, bytes, part);
        writer->next += part;
        bytes += part;
        count -= part;
    } while (count > 0);
}

uint8_t *imaging_begin_stream(uint8_t *out) {
    // 32 KB window, no dictionary, fastest level: the check bits make 0x7801 a multiple of 31.
    out[0] = 0x78;
    out[1] = 0x01;
    return out + 2;
}

uint8_t *imaging_end_stream(imaging_bit_writer *writer, uint32_t adler) {
    imaging_pad_to_byte(writer);
    for (int shift = 24; shift >= 0; shift -= 8) {
        *writer->next++ = (uint8_t)(adler >> shift);
    }
    return writer->next;
}
