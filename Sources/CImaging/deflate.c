#include "deflate.h"

#include <string.h>

#include "adler.h"
#include "huffman.h"
#include "support.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the bit writer stores whole words and needs a little-endian machine"
#endif

enum {
    /// Bytes that one stored block may hold.
    STORED = 65535,
    /// Bytes a block: a table costs about 100 bytes, and photographs change their statistics slowly.
    BLOCK = 3 * STORED,
    LITERALS = 256,
    END_OF_BLOCK = 256,
    LENGTH_SYMBOLS = 286,
    CODE_LENGTHS = 19,
    /// Four codes and the 7 bits left over fit 64 bits, so the writer stores once for four symbols.
    LONGEST_CODE = 14,
    /// Bytes that are looked at together in the search for zeros.
    GROUP = 32,
    SHORTEST_MATCH = 3,
    LONGEST_MATCH = 258,
    /// The bit writer stores 8 bytes at a time, however few count.
    SLACK = 16,
};

typedef struct {
    uint64_t bits;
    int count;
    uint8_t *next;
} bit_writer;

/// Appends up to 32 bits; fewer than 8 are pending between calls.
static inline void put(bit_writer *writer, uint32_t value, int count) {
    writer->bits |= (uint64_t)value << writer->count;
    writer->count += count;
    memcpy(writer->next, &writer->bits, 8);
    writer->next += writer->count >> 3;
    writer->bits >>= writer->count & ~7;
    writer->count &= 7;
}

static inline void pad_to_byte(bit_writer *writer) {
    put(writer, 0, (8 - writer->count) & 7);
}

size_t imaging_deflate_bound(size_t count) {
    // A block is stored where a code would make it longer: 5 bytes for each started 65,535 then, and 1 for the bits
    // around it. 6 bytes are the stream's own.
    return count + 6 * (count / STORED + 1) + 6 + SLACK;
}

// MARK: - Tokens

static inline int is_zero_group(const uint8_t *bytes) {
    uint64_t words[GROUP / 8];
    memcpy(words, bytes, sizeof words);
    return (words[0] | words[1] | words[2] | words[3]) == 0;
}

/// Zero bytes in a row; none where `length` is 0.
typedef struct {
    size_t start, length;
} zero_run;

/// The next run of zeros that fills 32 bytes of the block's 32-byte groups: shorter ones cost the processor more in
/// wrong guesses than they save, and filtered pixels repeat no other byte.
static inline zero_run next_run(const uint8_t *bytes, size_t from, size_t count) {
    for (size_t at = (from + GROUP - 1) / GROUP * GROUP; at + GROUP <= count; at += GROUP) {
        if (!is_zero_group(bytes + at)) {
            continue;
        }
        size_t end = at + GROUP;
        while (end < count && bytes[end] == 0) {
            end += 1;
        }
        return (zero_run){at, end - at};
    }
    return (zero_run){count, 0};
}

/// How much of a run's rest one match takes, 0 when too little is left for one.
static inline int match_length(size_t rest) {
    return rest < SHORTEST_MATCH ? 0 : rest < LONGEST_MATCH ? (int)rest : LONGEST_MATCH;
}

/// The symbol of a match length and its extra bits (RFC 1951, 3.2.5).
static inline int length_symbol(int length, int *extra_bits, int *extra) {
    if (length == LONGEST_MATCH) {
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

/// Counts how often each byte occurs and returns how many 8-byte words are all zero. Four tables, because one counter
/// that is hit twice in a row would wait for itself.
IMAGING_HOT static size_t count_bytes(const uint8_t *bytes, size_t count, uint32_t *counts) {
    uint32_t tables[4][256];
    memset(tables, 0, sizeof tables);
    size_t zero_words = 0, at = 0;
    for (; at + 8 <= count; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, 8);
        zero_words += word == 0;
        tables[0][word & 255]++;
        tables[1][word >> 8 & 255]++;
        tables[2][word >> 16 & 255]++;
        tables[3][word >> 24 & 255]++;
        tables[0][word >> 32 & 255]++;
        tables[1][word >> 40 & 255]++;
        tables[2][word >> 48 & 255]++;
        tables[3][word >> 56]++;
    }
    for (; at < count; at++) {
        tables[0][bytes[at]]++;
    }
    for (int byte = 0; byte < 256; byte++) {
        counts[byte] = tables[0][byte] + tables[1][byte] + tables[2][byte] + tables[3][byte];
    }
    return zero_words;
}

/// Moves the zeros that matches take over from the literals' counts to the matches', and returns the extra bits that
/// these take, their one distance bit included.
static uint64_t count_matches(const uint8_t *bytes, size_t count, uint32_t *counts) {
    uint64_t extra_sum = 0;
    for (zero_run run = next_run(bytes, 0, count); run.length > 0;
         run = next_run(bytes, run.start + run.length, count)) {
        // The first zero is a literal, which the matches then repeat.
        size_t rest = run.length - 1;
        for (int length = match_length(rest); length > 0; length = match_length(rest)) {
            int extra_bits, extra;
            counts[length_symbol(length, &extra_bits, &extra)]++;
            counts[0] -= (uint32_t)length;
            extra_sum += (uint64_t)extra_bits + 1;
            rest -= (size_t)length;
        }
    }
    return extra_sum;
}

// MARK: - One block

typedef struct {
    uint8_t lengths[LENGTH_SYMBOLS + 1];
    uint16_t codes[LENGTH_SYMBOLS];
    /// The literals' codes in the upper bits, their lengths in the lowest 8.
    uint32_t literals[LITERALS];
    int symbols;
    int runs;
    /// The code lengths as DEFLATE sends them: symbols 0 to 18 with their extra bits.
    uint8_t sent[LENGTH_SYMBOLS + 1], sent_extra[LENGTH_SYMBOLS + 1];
    int sent_count;
    uint8_t sent_lengths[CODE_LENGTHS];
    uint16_t sent_codes[CODE_LENGTHS];
    uint64_t bits;
} block_code;

static const uint8_t sent_order[CODE_LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
static const uint8_t sent_extra_bits[CODE_LENGTHS] = {[16] = 2, [17] = 3, [18] = 7};

/// Turns the code lengths into the symbols of RFC 1951, 3.2.7: repeats of the last (16) and of zeros (17, 18).
static void pack_lengths(block_code *code, int total) {
    code->sent_count = 0;
    for (int at = 0; at < total;) {
        int same = 1;
        while (at + same < total && code->lengths[at + same] == code->lengths[at]) {
            same += 1;
        }
        uint8_t symbol = code->lengths[at], extra = 0;
        int taken = 1;
        if (symbol == 0 && same >= 11) {
            taken = same < 138 ? same : 138;
            symbol = 18;
            extra = (uint8_t)(taken - 11);
        } else if (symbol == 0 && same >= 3) {
            taken = same;
            symbol = 17;
            extra = (uint8_t)(taken - 3);
        } else if (at > 0 && code->lengths[at - 1] == symbol && same >= 3) {
            taken = same < 6 ? same : 6;
            symbol = 16;
            extra = (uint8_t)(taken - 3);
        }
        code->sent[code->sent_count] = symbol;
        code->sent_extra[code->sent_count++] = extra;
        at += taken;
    }
}

/// Makes the codes of a block and measures it to the bit, so that a stored block can be chosen before a byte is
/// written.
static void plan_block(block_code *code, const uint8_t *bytes, size_t count) {
    uint32_t counts[LENGTH_SYMBOLS] = {0};
    uint64_t extra = 0;
    size_t zero_words = count_bytes(bytes, count, counts);
    // Noise has no runs; flat parts (masks, borders, skies blown out) are filtered to zeros.
    if (zero_words > 0) {
        extra = count_matches(bytes, count, counts);
    }
    // Each match has at least the distance's bit.
    code->runs = extra > 0;
    counts[END_OF_BLOCK] = 1;
    code->symbols = code->runs ? LENGTH_SYMBOLS : END_OF_BLOCK + 1;
    imaging_huffman_lengths(counts, code->symbols, LONGEST_CODE, code->lengths);
    imaging_huffman_codes(code->lengths, code->symbols, code->codes);
    for (int byte = 0; byte < LITERALS; byte++) {
        code->literals[byte] = (uint32_t)code->codes[byte] << 8 | code->lengths[byte];
    }
    // One distance code: of one bit where runs use it, of none where there are none.
    code->lengths[code->symbols] = code->runs ? 1 : 0;
    pack_lengths(code, code->symbols + 1);

    uint32_t sent_counts[CODE_LENGTHS] = {0};
    for (int at = 0; at < code->sent_count; at++) {
        sent_counts[code->sent[at]]++;
    }
    imaging_huffman_lengths(sent_counts, CODE_LENGTHS, 7, code->sent_lengths);
    imaging_huffman_codes(code->sent_lengths, CODE_LENGTHS, code->sent_codes);

    code->bits = 3 + 5 + 5 + 4 + 3 * CODE_LENGTHS + extra;
    for (int symbol = 0; symbol < CODE_LENGTHS; symbol++) {
        code->bits += (uint64_t)sent_counts[symbol] * (code->sent_lengths[symbol] + sent_extra_bits[symbol]);
    }
    for (int symbol = 0; symbol < code->symbols; symbol++) {
        code->bits += (uint64_t)counts[symbol] * code->lengths[symbol];
    }
}

static void write_header(bit_writer *writer, const block_code *code, int last) {
    put(writer, (uint32_t)last | 2 << 1, 3);
    put(writer, (uint32_t)code->symbols - 257, 5);
    put(writer, 0, 5);
    put(writer, CODE_LENGTHS - 4, 4);
    for (int at = 0; at < CODE_LENGTHS; at++) {
        put(writer, code->sent_lengths[sent_order[at]], 3);
    }
    for (int at = 0; at < code->sent_count; at++) {
        uint8_t symbol = code->sent[at];
        put(writer, code->sent_codes[symbol], code->sent_lengths[symbol]);
        put(writer, code->sent_extra[at], sent_extra_bits[symbol]);
    }
}

/// The hot loop: four table look-ups make one store.
IMAGING_HOT static void write_literals(bit_writer *writer, const block_code *code, const uint8_t *bytes, size_t count) {
    const uint32_t *table = code->literals;
    uint64_t bits = writer->bits;
    unsigned pending = (unsigned)writer->count;
    uint8_t *next = writer->next;
    size_t at = 0;
    for (; at + 4 <= count; at += 4) {
        uint32_t a = table[bytes[at]], b = table[bytes[at + 1]], c = table[bytes[at + 2]], d = table[bytes[at + 3]];
        unsigned length_a = a & 255, length_c = c & 255;
        uint64_t first = (uint64_t)(a >> 8) | (uint64_t)(b >> 8) << length_a;
        uint64_t second = (uint64_t)(c >> 8) | (uint64_t)(d >> 8) << length_c;
        unsigned length_first = length_a + (b & 255), length_second = length_c + (d & 255);
        bits |= (first | second << length_first) << pending;
        pending += length_first + length_second;
        memcpy(next, &bits, 8);
        next += pending >> 3;
        bits >>= pending & 56;
        pending &= 7;
    }
    writer->bits = bits;
    writer->count = (int)pending;
    writer->next = next;
    for (; at < count; at++) {
        put(writer, code->codes[bytes[at]], code->lengths[bytes[at]]);
    }
}

static void write_runs(bit_writer *writer, const block_code *code, const uint8_t *bytes, size_t count) {
    size_t at = 0;
    for (zero_run run = next_run(bytes, 0, count); run.length > 0;
         run = next_run(bytes, run.start + run.length, count)) {
        write_literals(writer, code, bytes + at, run.start + 1 - at);
        at = run.start + 1;
        size_t end = run.start + run.length;
        for (int length = match_length(end - at); length > 0; length = match_length(end - at)) {
            int extra_bits, extra;
            int symbol = length_symbol(length, &extra_bits, &extra);
            put(writer, code->codes[symbol], code->lengths[symbol]);
            // The extra bits, then the distance code: one zero bit.
            put(writer, (uint32_t)extra, extra_bits + 1);
            at += (size_t)length;
        }
    }
    write_literals(writer, code, bytes + at, count - at);
}

static void write_stored(bit_writer *writer, const uint8_t *bytes, size_t count, int last) {
    do {
        size_t part = count < STORED ? count : STORED;
        put(writer, (uint32_t)(last && part == count), 3);
        pad_to_byte(writer);
        put(writer, (uint32_t)part | ~(uint32_t)part << 16, 32);
        memcpy(writer->next, bytes, part);
        writer->next += part;
        bytes += part;
        count -= part;
    } while (count > 0);
}

size_t imaging_deflate(const uint8_t *bytes, size_t count, uint8_t *out) {
    bit_writer writer = {0, 0, out + 2};
    // 32 KB window, no dictionary, fastest level: the check bits make 0x7801 a multiple of 31.
    out[0] = 0x78;
    out[1] = 0x01;
    uint32_t adler = 1;
    size_t at = 0;
    do {
        size_t part = count - at < BLOCK ? count - at : BLOCK;
        int last = at + part == count;
        block_code code;
        plan_block(&code, bytes + at, part);
        // The block is in the cache now, which makes the checksum cheap.
        adler = imaging_adler32(adler, bytes + at, part);
        if (code.bits / 8 >= part) {
            write_stored(&writer, bytes + at, part, last);
        } else {
            write_header(&writer, &code, last);
            if (code.runs) {
                write_runs(&writer, &code, bytes + at, part);
            } else {
                write_literals(&writer, &code, bytes + at, part);
            }
            put(&writer, code.codes[END_OF_BLOCK], code.lengths[END_OF_BLOCK]);
        }
        at += part;
    } while (at < count);
    pad_to_byte(&writer);
    for (int shift = 24; shift >= 0; shift -= 8) {
        *writer.next++ = (uint8_t)(adler >> shift);
    }
    return (size_t)(writer.next - out);
}
