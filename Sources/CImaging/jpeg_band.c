#include "jpeg_band.h"
#include "jpeg_band_bits.h"

#include <stdlib.h>
#include <string.h>

enum {
    /// MCUs that are transformed together: their coefficients stay in the nearest cache until they are coded.
    CHUNK_MCUS = 8,
    /// Groups of four blocks in those, for brightness and colours of 4:2:0.
    CHUNK_GROUPS = 12,
    /// The longest codes of a block: 11 + 11 bits of a DC difference, 63 times 16 + 10 of an AC value.
    BLOCK_BYTES = 208,
    CHUNK_BYTES = CHUNK_MCUS * 6 * BLOCK_BYTES,
};

imaging_band *imaging_band_open(void) {
    return calloc(1, sizeof(imaging_band));
}

static void empty(imaging_band *band) {
    imaging_splice_free_index(&band->index);
    free(band->columns);
    free(band->cuts);
    band->columns = NULL;
    band->columns_count = 0;
    band->cuts = NULL;
}

void imaging_band_close(imaging_band *band) {
    if (band) {
        empty(band);
        imaging_buffer_free(&band->bits);
        imaging_buffer_free(&band->joined);
        free(band);
    }
}

/// Whether all tiles are made of whole MCUs.
static int is_whole(const imaging_band_request *request, const splice_frame *frame) {
    int whole = request->columns_count > 0 && request->height > 0 && request->height % frame->mcu_height == 0
        && request->height <= JPEG_MAX_DIMENSION;
    for (size_t column = 0; whole && column < request->columns_count; column++) {
        const imaging_span span = request->columns[column];
        whole = span.length > 0 && span.length <= JPEG_MAX_DIMENSION && span.start % frame->mcu_width == 0
            && span.length % frame->mcu_width == 0 && span.start <= JPEG_MAX_DIMENSION;
    }
    return whole;
}

static int take_request(
    imaging_band *band, const splice_frame *frame, const imaging_band_request *request, imaging_failure *failure) {
    if (!is_whole(request, frame)) {
        return imaging_fail(failure, IMAGING_ENCODE_FAILED, -1, -1, "planes that are no whole number of MCUs");
    }
    band->columns = calloc(request->columns_count, sizeof *band->columns);
    if (band->columns
        && imaging_splice_make_edges(request->columns, request->columns_count, frame->mcu_width, &band->index)) {
        memcpy(band->columns, request->columns, request->columns_count * sizeof *band->columns);
        band->columns_count = request->columns_count;
        band->height = request->height;
        band->rows = request->height / frame->mcu_height;
        band->cuts = calloc(band->rows, band->index.edges_count * sizeof *band->cuts);
    }
    return band->cuts ? IMAGING_OK
                      : imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the edges of tiles");
}

/// Transforms the blocks of one row of blocks. What lies beyond the last block is not read.
static void transform_row(
    const uint8_t *samples, size_t stride, uint32_t blocks, const imaging_quantiser *quantiser, imaging_blocks *out) {
    uint8_t padded[IMAGING_BLOCK_SIDE][IMAGING_BLOCKS * IMAGING_BLOCK_SIDE] = {{0}};
    const size_t groups = blocks / IMAGING_BLOCKS, left = blocks % IMAGING_BLOCKS;
    imaging_transform_blocks(samples, stride, groups, quantiser, out);
    if (left > 0) {
        for (size_t row = 0; row < IMAGING_BLOCK_SIDE; row++) {
            memcpy(padded[row], samples + stride * row + groups * sizeof padded[row], left * IMAGING_BLOCK_SIDE);
        }
        imaging_transform_blocks(padded[0], sizeof padded[0], 1, quantiser, out + groups);
    }
}

/// Coefficients of some MCUs, and where each component's begin.
typedef struct {
    imaging_blocks groups[CHUNK_GROUPS];
    const imaging_blocks *rows[BAND_COMPONENTS][2];
} band_chunk;

/// Transforms `count` MCUs of a row from MCU `first` on, and fetches those that come two chunks later into the cache.
static void transform_chunk(
    const imaging_jpeg_coder *coder, const imaging_planes *planes, uint32_t row, uint32_t first, uint32_t count,
    band_chunk *chunk) {
    imaging_blocks *out = chunk->groups;
    for (int index = 0; index < BAND_COMPONENTS; index++) {
        const uint32_t across = (uint32_t)coder->frame.horizontal[index], down = (uint32_t)coder->frame.vertical[index];
        const size_t stride = planes->strides[index];
        for (uint32_t line = 0; line < down; line++) {
            const uint8_t *samples = planes->samples[index]
                + stride * IMAGING_BLOCK_SIDE * ((size_t)row * down + line)
                + (size_t)first * across * IMAGING_BLOCK_SIDE;
            const size_t chunk_bytes = (size_t)CHUNK_MCUS * across * IMAGING_BLOCK_SIDE;
            imaging_prefetch_rows(samples + 2 * chunk_bytes, stride, chunk_bytes, IMAGING_BLOCK_SIDE);
            chunk->rows[index][line] = out;
            transform_row(
                samples, stride, count * across, &coder->quantiser[coder->frame.quantisation[index]], out);
            out += (count * across + IMAGING_BLOCKS - 1) / IMAGING_BLOCKS;
        }
    }
}

/// Codes a component's blocks of one MCU, number `mcu` of its chunk.
BAND_INLINE void put_blocks(
    band_writer *writer, const imaging_jpeg_coder *coder, const band_chunk *chunk, uint32_t mcu, int index,
    int16_t *level, band_cut *cut, const uint8_t *bytes) {
    const splice_scan_component component = coder->frame.scan[index];
    const uint32_t across = (uint32_t)coder->frame.horizontal[index], down = (uint32_t)coder->frame.vertical[index];
    for (uint32_t line = 0; line < down; line++) {
        for (uint32_t column = mcu * across; column < (mcu + 1) * across; column++) {
            const imaging_blocks *group = chunk->rows[index][line] + column / IMAGING_BLOCKS;
            const uint32_t place = column % IMAGING_BLOCKS;
            const int16_t dc = group->dc[place];
            const uint64_t before = band_bit(writer, bytes);
            band_add_dc(writer, &coder->dc[component.dc], dc - *level);
            if (__builtin_expect(cut != NULL, 0)) {
                cut->first[index] = dc;
                cut->code[index] = (uint16_t)(before - cut->bit);
                cut->length[index] = (uint8_t)(band_bit(writer, bytes) - before);
                cut = NULL;
            }
            *level = dc;
            band_add_values(writer, coder, &coder->ac[component.ac], group, place);
        }
    }
}

/// Codes one MCU. Where tiles begin or end before it, `cut` notes what they need.
BAND_INLINE void put_mcu(
    band_writer *writer, const imaging_jpeg_coder *coder, const band_chunk *chunk, uint32_t mcu, int16_t *level,
    band_cut *cut, const uint8_t *bytes) {
    for (int index = 0; index < BAND_COMPONENTS; index++) {
        put_blocks(writer, coder, chunk, mcu, index, &level[index], cut, bytes);
    }
}

/// How far the coding of a row has come.
typedef struct {
    band_writer writer;
    int16_t level[BAND_COMPONENTS];
    /// The cut of the next edge.
    band_cut *cut;
    const uint32_t *edge;
} band_position;

static void note_cut(band_position *position, const uint8_t *bytes) {
    position->cut->bit = band_bit(&position->writer, bytes);
    memcpy(position->cut->level, position->level, sizeof position->level);
    position->cut += 1;
    position->edge += 1;
}

IMAGING_HOT static void put_chunk(
    const imaging_jpeg_coder *coder, const band_chunk *chunk, uint32_t first, uint32_t count, const uint8_t *bytes,
    band_position *position) {
    band_writer writer = position->writer;
    for (uint32_t mcu = 0; mcu < count; mcu++) {
        band_cut *cut = NULL;
        if (first + mcu == *position->edge) {
            cut = position->cut;
            position->writer = writer;
            note_cut(position, bytes);
        }
        put_mcu(&writer, coder, chunk, mcu, position->level, cut, bytes);
    }
    position->writer = writer;
}

/// Makes room for a chunk and what may be read behind it; 0 when memory ends.
static int reserve_chunk(imaging_buffer *bits, band_writer *writer) {
    size_t written = bits->data ? (size_t)(writer->next - bits->data) : 0;
    bits->count = written;
    int reserved = imaging_buffer_reserve(bits, CHUNK_BYTES + SPLICE_PADDING);
    writer->next = reserved ? bits->data + written : NULL;
    return reserved;
}

static int code_row(
    imaging_band *band, const imaging_jpeg_coder *coder, const imaging_planes *planes, uint32_t row,
    band_position *position) {
    band_chunk chunk;
    const uint32_t end = band->index.edges[band->index.edges_count - 1];
    position->cut = band->cuts + (size_t)row * band->index.edges_count;
    position->edge = band->index.edges;
    for (uint32_t mcu = 0; mcu < end; mcu += CHUNK_MCUS) {
        const uint32_t count = end - mcu < CHUNK_MCUS ? end - mcu : CHUNK_MCUS;
        if (!reserve_chunk(&band->bits, &position->writer)) {
            return 0;
        }
        transform_chunk(coder, planes, row, mcu, count, &chunk);
        put_chunk(coder, &chunk, mcu, count, band->bits.data, position);
    }
    note_cut(position, band->bits.data);
    return 1;
}

int imaging_band_code(
    imaging_band *band, const imaging_jpeg_coder *coder, const imaging_band_request *request, imaging_failure *failure) {
    if (!band) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a band of tiles");
    }
    empty(band);
    int code = take_request(band, &coder->frame, request, failure);
    band_position position = {.writer = {.next = band->bits.data}};
    for (uint32_t row = 0; !code && row < band->rows; row++) {
        if (!code_row(band, coder, request->planes, row, &position)) {
            code = imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the bits of tiles");
        }
    }
    if (code) {
        empty(band);
        return code;
    }
    return IMAGING_OK;
}
