#include "jpeg_splice_bits.h"

/// Bits behind those that `out` holds; the last byte's lower bits are 0 until they are filled.
typedef struct {
    imaging_buffer *out;
    uint64_t bits;
} splice_writer;

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

/// Appends the bits [begin, end) of `bytes`. There is room.
static void copy_bits(splice_writer *writer, const uint8_t *bytes, uint64_t begin, uint64_t end) {
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

/// Codes a DC difference; imaging_splice_complete and check_levels saw to it that there is a code.
static void put_difference(splice_writer *writer, const splice_dc_table *table, int32_t difference) {
    uint32_t magnitude = (uint32_t)(difference < 0 ? -difference : difference);
    uint32_t size = magnitude ? 32 - (uint32_t)__builtin_clz(magnitude) : 0;
    uint32_t value = (uint32_t)(difference < 0 ? difference - 1 : difference) & ((1u << size) - 1);
    put_bits(writer, (uint32_t)table->word[size] << size | value, table->length[size] + size);
}

static void pass_block(const imaging_splice *splice, int place, splice_reader *reader) {
    int32_t difference;
    splice_refill(reader);
    (void)splice_pass_dc(splice->dc[splice->frame.scan[place].dc], splice->plain.bytes, reader, &difference);
    (void)splice_pass_ac(splice->ac[splice->frame.scan[place].ac], splice->plain.bytes, reader);
}

/// Appends whole MCUs, [begin, end), whose DC values the file counts from `from` and the tile from `level`: the first
/// difference of each component is coded anew, all other bits are kept. These bits were checked by the scan.
static void put_piece(
    const imaging_splice *splice, splice_writer *writer, uint64_t begin, uint64_t end, const int16_t *from,
    const int16_t *level) {
    const uint8_t *bytes = splice->plain.bytes;
    splice_reader reader = splice_read_from(bytes, begin);
    const int last = splice->frame.components - 1;
    for (int place = 0; place <= last; place++) {
        const splice_scan_component component = splice->frame.scan[place];
        splice_reader block = reader;
        splice_refill(&block);
        int32_t difference;
        uint64_t code = splice_bit(&block, bytes);
        (void)splice_pass_dc(splice->dc[component.dc], bytes, &block, &difference);
        if (from[place] != level[place]) {
            copy_bits(writer, bytes, begin, code);
            put_difference(writer, splice->dc[component.dc], difference + from[place] - level[place]);
            begin = splice_bit(&block, bytes);
        }
        for (int passed = 0; place < last && passed < component.blocks; passed++) {
            pass_block(splice, place, &reader);
        }
    }
    copy_bits(writer, bytes, begin, end);
}

/// Room for a piece: its bits, and for each component's new difference 27 bits at most, and a word's slack.
static int reserve_piece(splice_writer *writer, uint64_t begin, uint64_t end) {
    writer->out->count = (size_t)(writer->bits / 8);
    return imaging_buffer_reserve(writer->out, (size_t)((end - begin) / 8) + 64);
}

/// Appends an MCU row of a column, in one piece or, where restart markers stand in it, in several. `level` are the DC
/// values before it in the tile, and then after it.
static int put_row(
    const imaging_splice *splice, size_t column, uint32_t row, splice_writer *writer, int16_t *level) {
    static const int16_t zero[SPLICE_COMPONENTS] = {0};
    const splice_index *index = &splice->index;
    const splice_cut *cuts = index->cuts + (size_t)row * index->edges_count;
    const splice_cut *first = &cuts[index->first[column]], *last = &cuts[index->last[column]];
    const uint64_t start = (uint64_t)row * splice->frame.mcus_across;
    const uint64_t stop = start + index->edges[index->last[column]];
    const uint64_t interval = splice->frame.restart_interval;
    uint64_t mcu = start + index->edges[index->first[column]];
    uint64_t begin = first->bit;
    const int16_t *from = first->level;
    if (interval > 0 && mcu > 0 && mcu % interval == 0) {
        begin = splice->plain.restarts[mcu / interval - 1].begin;
        from = zero;
    }
    while (mcu < stop) {
        uint64_t next = interval > 0 ? (mcu / interval + 1) * interval : stop;
        const splice_restart *restart = next < stop ? &splice->plain.restarts[next / interval - 1] : NULL;
        uint64_t end = restart ? restart->end : last->bit;
        if (!reserve_piece(writer, begin, end)) {
            return 0;
        }
        put_piece(splice, writer, begin, end, from, level);
        memcpy(level, restart ? restart->level : last->level, sizeof restart->level);
        begin = restart ? restart->begin : end;
        from = zero;
        mcu = next;
    }
    return 1;
}

int imaging_splice_join(
    const imaging_splice *splice, size_t column, size_t row, imaging_buffer *out, imaging_failure *failure) {
    const imaging_span span = splice->rows[row];
    const uint32_t height = splice->frame.mcu_height;
    const uint32_t stop = (span.start + span.length + height - 1) / height;
    splice_writer writer = {.out = out, .bits = 0};
    int16_t level[SPLICE_COMPONENTS] = {0};
    for (uint32_t mcu_row = span.start / height; mcu_row < stop; mcu_row++) {
        if (!put_row(splice, column, mcu_row, &writer, level)) {
            return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the bits of a tile");
        }
    }
    // The last byte is filled with ones (T.81, F.1.2.3).
    uint32_t gap = (uint32_t)(-writer.bits & 7);
    if (gap > 0) {
        put_bits(&writer, (1u << gap) - 1, gap);
    }
    out->count = (size_t)(writer.bits / 8);
    return IMAGING_OK;
}
