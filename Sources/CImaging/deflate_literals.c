#include "deflate.h"

#include <string.h>

#include "adler.h"
#include "deflate_code.h"
#include "support.h"

enum {
    /// Bytes a block: a table costs about 100 bytes, and photographs change their statistics slowly.
    BLOCK = 3 * 65535,
    LITERALS = 256,
    /// Bytes that are looked at together in the search for zeros.
    GROUP = 32,
};

size_t imaging_deflate_bound(size_t count) {
    // A block is stored where a code would make it longer: 5 bytes for each started 65,535 then, and 1 for the bits
    // around it. No block but the last is smaller than 16 KB. 6 bytes are the stream's own.
    return count + 6 * (count / 16384 + 2) + 6 + IMAGING_BIT_SLACK;
}

// MARK: - Runs of zeros

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
    return rest < IMAGING_SHORTEST_MATCH ? 0 : rest < IMAGING_LONGEST_MATCH ? (int)rest : IMAGING_LONGEST_MATCH;
}

/// Counts how often each byte occurs and returns how many 8-byte words are all zero. Four tables, because one counter
/// that is hit twice in a row would wait for itself.
IMAGING_HOT static size_t count_bytes(const uint8_t *bytes, size_t count, uint32_t *counts) {
    uint32_t tables[4][LITERALS];
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
    for (int byte = 0; byte < LITERALS; byte++) {
        counts[byte] = tables[0][byte] + tables[1][byte] + tables[2][byte] + tables[3][byte];
    }
    return zero_words;
}

/// Moves the zeros that matches take over from the literals' counts to the matches'.
static void count_matches(const uint8_t *bytes, size_t count, imaging_symbol_counts *counts) {
    for (zero_run run = next_run(bytes, 0, count); run.length > 0;
         run = next_run(bytes, run.start + run.length, count)) {
        // The first zero is a literal, which the matches then repeat.
        size_t rest = run.length - 1;
        for (int length = match_length(rest); length > 0; length = match_length(rest)) {
            int extra_bits, extra;
            counts->literals[imaging_length_symbol(length, &extra_bits, &extra)]++;
            counts->literals[0] -= (uint32_t)length;
            counts->distances[0]++;
            rest -= (size_t)length;
        }
    }
}

// MARK: - Writing

typedef struct {
    imaging_block_code code;
    /// The literals' codes above their lengths, which take the lowest 6 bits: added up, four of them leave the sum of
    /// the lengths there, and a shift by such a word shifts by its lowest 6 bits.
    uint32_t literals[LITERALS];
} literal_code;

enum { LENGTH_BITS = 6, LENGTH_MASK = (1 << LENGTH_BITS) - 1 };

/// The hot loop: four table look-ups make one store.
IMAGING_HOT static void write_literals(
    imaging_bit_writer *writer, const literal_code *code, const uint8_t *bytes, size_t count) {
    const uint32_t *table = code->literals;
    uint64_t bits = writer->bits;
    unsigned pending = writer->count;
    uint8_t *next = writer->next;
    size_t at = 0;
    for (; at + 4 <= count; at += 4) {
        uint32_t a = table[bytes[at]], b = table[bytes[at + 1]], c = table[bytes[at + 2]], d = table[bytes[at + 3]];
        uint64_t first = a >> LENGTH_BITS | (uint64_t)(b >> LENGTH_BITS) << (a & LENGTH_MASK);
        uint64_t second = c >> LENGTH_BITS | (uint64_t)(d >> LENGTH_BITS) << (c & LENGTH_MASK);
        bits |= (first | second << ((a + b) & LENGTH_MASK)) << pending;
        pending += (a + b + c + d) & LENGTH_MASK;
        memcpy(next, &bits, 8);
        next += pending >> 3;
        bits >>= pending & 56;
        pending &= 7;
    }
    writer->bits = bits;
    writer->count = pending;
    writer->next = next;
    for (; at < count; at++) {
        imaging_put(writer, code->code.codes[bytes[at]], code->code.lengths[bytes[at]]);
    }
}

static void write_runs(imaging_bit_writer *writer, const literal_code *code, const uint8_t *bytes, size_t count) {
    size_t at = 0;
    for (zero_run run = next_run(bytes, 0, count); run.length > 0;
         run = next_run(bytes, run.start + run.length, count)) {
        write_literals(writer, code, bytes + at, run.start + 1 - at);
        at = run.start + 1;
        size_t end = run.start + run.length;
        for (int length = match_length(end - at); length > 0; length = match_length(end - at)) {
            int extra_bits, extra;
            int symbol = imaging_length_symbol(length, &extra_bits, &extra);
            imaging_put(writer, code->code.codes[symbol], code->code.lengths[symbol]);
            // The extra bits, then the distance code: one zero bit.
            imaging_put(writer, (uint64_t)extra, (unsigned)extra_bits + 1);
            at += (size_t)length;
        }
    }
    write_literals(writer, code, bytes + at, count - at);
}

static void write_block(imaging_bit_writer *writer, const uint8_t *bytes, size_t count, int last) {
    imaging_symbol_counts counts = {0};
    // Noise has no runs; flat parts (masks, borders, skies blown out) are filtered to zeros.
    if (count_bytes(bytes, count, counts.literals) > 0) {
        count_matches(bytes, count, &counts);
    }
    literal_code code;
    imaging_plan_block(&code.code, &counts);
    if (code.code.bits / 8 >= count) {
        imaging_write_stored(writer, bytes, count, last);
        return;
    }
    for (int byte = 0; byte < LITERALS; byte++) {
        code.literals[byte] = (uint32_t)code.code.codes[byte] << LENGTH_BITS | code.code.lengths[byte];
    }
    imaging_write_head(writer, &code.code, last);
    if (counts.distances[0] > 0) {
        write_runs(writer, &code, bytes, count);
    } else {
        write_literals(writer, &code, bytes, count);
    }
    imaging_put(writer, code.code.codes[IMAGING_END_OF_BLOCK], code.code.lengths[IMAGING_END_OF_BLOCK]);
}

size_t imaging_deflate_literals(const uint8_t *bytes, size_t count, uint8_t *out) {
    imaging_bit_writer writer = {.next = imaging_begin_stream(out)};
    uint32_t adler = 1;
    size_t at = 0;
    do {
        size_t part = count - at < BLOCK ? count - at : BLOCK;
        write_block(&writer, bytes + at, part, at + part == count);
        // The block is in the cache now, which makes the checksum cheap.
        adler = imaging_adler32(adler, bytes + at, part);
        at += part;
    } while (at < count);
    return (size_t)(imaging_end_stream(&writer, adler) - out);
}
