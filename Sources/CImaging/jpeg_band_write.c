#include "jpeg_band.h"
#include "jpeg_splice_writer.h"

#include <string.h>

/// Appends an MCU row of a tile. `level` are the DC values before it in the tile: where the band has others there, the
/// differences to them are coded anew.
static int put_row(
    const imaging_jpeg_coder *coder, const uint8_t *bytes, const band_cut *first, const band_cut *last,
    const int16_t *level, splice_writer *writer) {
    uint64_t begin = first->bit;
    if (!imaging_splice_reserve_bits(writer, last->bit - begin)) {
        return 0;
    }
    for (int index = 0; index < BAND_COMPONENTS; index++) {
        if (first->level[index] != level[index]) {
            const uint64_t code = first->bit + first->code[index];
            imaging_splice_copy_bits(writer, bytes, begin, code);
            imaging_splice_put_difference(
                writer, &coder->dc[coder->frame.scan[index].dc], first->first[index] - level[index]);
            begin = code + first->length[index];
        }
    }
    imaging_splice_copy_bits(writer, bytes, begin, last->bit);
    return 1;
}

static int join(imaging_band *band, const imaging_jpeg_coder *coder, size_t column) {
    static const int16_t zero[BAND_COMPONENTS] = {0};
    splice_writer writer = {.out = &band->joined, .bits = 0};
    const int16_t *level = zero;
    for (uint32_t row = 0; row < band->rows; row++) {
        const band_cut *cuts = band->cuts + (size_t)row * band->index.edges_count;
        const band_cut *first = &cuts[band->index.first[column]], *last = &cuts[band->index.last[column]];
        if (!put_row(coder, band->bits.data, first, last, level, &writer)) {
            return 0;
        }
        level = last->level;
    }
    imaging_splice_end_bits(&writer);
    return 1;
}

int imaging_band_write(
    imaging_band *band, const imaging_jpeg_coder *coder, size_t column, const uint8_t *segments, size_t segments_count,
    imaging_buffer *out, imaging_failure *failure) {
    if (column >= band->columns_count) {
        return imaging_fail(failure, IMAGING_INVALID_SETTINGS, -1, -1, "there is no such tile");
    }
    if (!join(band, coder, column)) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the bits of a tile");
    }
    return imaging_splice_write_file(
        &coder->frame, band->columns[column].length, band->height, segments, segments_count, &band->joined, out, failure);
}
