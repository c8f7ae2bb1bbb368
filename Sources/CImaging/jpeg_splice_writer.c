#include "jpeg_splice_writer.h"

#include "jpeg_splice_bits.h"

/// Copies bytes that lie `shift` bits off the byte grid.
IMAGING_HOT static void copy_shifted(
    uint8_t *restrict to, const uint8_t *restrict from, size_t count, unsigned shift) {
    for (size_t at = 0; at < count; at++) {
        to[at] = (uint8_t)(((uint32_t)from[at] << 8 | from[at + 1]) << shift >> 8);
    }
}

/// Appends at most 32 bits, those at the bottom of `value`. There is room.
static void put_bits(splice_writer *writer, uint32_t value, uint32_t count) {
    uint8_t *at = writer->out->data + (writer->bits >> 3);
    uint64_t shifted = (uint64_t)value << (64 - count - (writer->bits & 7));
    uint64_t present = (uint64_t)(writer->bits & 7 ? *at : 0) << 56;
    for (int byte = 0; byte < 8; byte++) {
        at[byte] = (uint8_t)((present | shifted) >> (56 - 8 * byte));
    }
    writer->bits += count;
}

int imaging_splice_reserve_bits(splice_writer *writer, uint64_t bits) {
    writer->out->count = (size_t)(writer->bits / 8);
    // The differences, what is left of two bytes, and a word's slack.
    return imaging_buffer_reserve(writer->out, (size_t)(bits / 8) + 64);
}

void imaging_splice_copy_bits(splice_writer *writer, const uint8_t *bytes, uint64_t begin, uint64_t end) {
    uint32_t gap = (uint32_t)(-writer->bits & 7);
    uint64_t head = end - begin < gap ? end - begin : gap;
    if (head > 0) {
        put_bits(writer, (uint32_t)(splice_read_from(bytes, begin).window >> (64 - head)), (uint32_t)head);
        begin += head;
    }
    size_t whole = (size_t)((end - begin) / 8);
    copy_shifted(writer->out->data + (writer->bits >> 3), bytes + (begin >> 3), whole, (unsigned)(begin & 7));
    writer->bits += (uint64_t)whole * 8;
    begin += (uint64_t)whole * 8;
    if (begin < end) {
        uint32_t rest = (uint32_t)(end - begin);
        put_bits(writer, (uint32_t)(splice_read_from(bytes, begin).window >> (64 - rest)), rest);
    }
}

void imaging_splice_put_difference(splice_writer *writer, const splice_dc_table *table, int32_t difference) {
    uint32_t magnitude = (uint32_t)(difference < 0 ? -difference : difference);
    uint32_t size = magnitude ? 32 - (uint32_t)__builtin_clz(magnitude) : 0;
    uint32_t value = (uint32_t)(difference < 0 ? difference - 1 : difference) & ((1u << size) - 1);
    put_bits(writer, (uint32_t)table->word[size] << size | value, table->length[size] + size);
}

void imaging_splice_end_bits(splice_writer *writer) {
    uint32_t gap = (uint32_t)(-writer->bits & 7);
    if (gap > 0) {
        put_bits(writer, (1u << gap) - 1, gap);
    }
    writer->out->count = (size_t)(writer->bits / 8);
}
