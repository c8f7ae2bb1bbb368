#include "jpeg_splice_bits.h"
#include "jpeg_splice_writer.h"

static void pass_block(const imaging_splice *splice, int place, splice_reader *reader) {
    int32_t difference;
    splice_refill(reader);
    (void)splice_pass_dc(splice->dc[splice->frame.scan[place].dc], splice->plain.bytes, reader, &difference);
    (void)splice_pass_ac(splice->ac[splice->frame.scan[place].ac], splice->plain.bytes, reader);
}

/// Appends whole MCUs, [begin, end), whose DC values the file counts from `from` and the tile from `level`: the first
/// difference of each component is coded anew, for which imaging_splice_complete and check_levels saw to it that there
/// is a code; all other bits are kept. The scan checked them.
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
            imaging_splice_copy_bits(writer, bytes, begin, code);
            imaging_splice_put_difference(writer, splice->dc[component.dc], difference + from[place] - level[place]);
            begin = splice_bit(&block, bytes);
        }
        for (int passed = 0; place < last && passed < component.blocks; passed++) {
            pass_block(splice, place, &reader);
        }
    }
    imaging_splice_copy_bits(writer, bytes, begin, end);
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
        if (!imaging_splice_reserve_bits(writer, end - begin)) {
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
    imaging_splice_end_bits(&writer);
    return IMAGING_OK;
}
