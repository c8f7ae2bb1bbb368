#include "exercise.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SPANS = 40, LARGEST_BUFFER = 16 << 20, LARGEST_SCANS = 40 };

typedef struct {
    imaging_span columns[MOST_SPANS], rows[MOST_SPANS];
    imaging_splice_request request;
} cutting;

static void require(int held, const char *promise) {
    if (!held) {
        exercise_breach(promise);
    }
}

/// The whole axis first, then parts of `mcus` MCUs that overlap by half.
static size_t plan_axis(uint32_t length, uint32_t mcu, uint32_t mcus, imaging_span *spans) {
    size_t count = 0;
    uint32_t step = mcu * (mcus / 2 + 1), part = mcu * mcus;
    spans[count++] = (imaging_span){0, length};
    for (uint32_t start = 0; start < length && count < MOST_SPANS; start += step) {
        spans[count++] = (imaging_span){start, part < length - start ? part : length - start};
    }
    return count;
}

static int plan(const uint8_t *bytes, size_t count, const imaging_header *header, cutting *plan) {
    imaging_failure failure;
    uint32_t mcu_width = 0, mcu_height = 0;
    memset(&failure, 0, sizeof failure);
    if (imaging_splice_grid(bytes, count, &mcu_width, &mcu_height, &failure)) {
        require(failure.message[0] != 0, "a grid that cannot be read has a reason");
        return 0;
    }
    require(mcu_width >= 8 && mcu_width <= 32, "an MCU is 1 to 4 blocks wide");
    require(mcu_height >= 8 && mcu_height <= 32, "an MCU is 1 to 4 blocks high");
    plan->request.columns = plan->columns;
    plan->request.rows = plan->rows;
    plan->request.columns_count = plan_axis(header->width, mcu_width, 1 + (uint32_t)(count % 3), plan->columns);
    plan->request.rows_count = plan_axis(header->height, mcu_height, 1 + (uint32_t)(count % 2), plan->rows);
    plan->request.max_buffered_bytes = LARGEST_BUFFER;
    plan->request.max_scans = LARGEST_SCANS;
    return 1;
}

/// Writes a tile, which must be a sound file of the span's size; the whole image's must have the source's pixels.
static void write_tile(
    const imaging_splice *splice, const cutting *plan, size_t column, size_t row, const exercise_image *source,
    imaging_buffer *scratch, imaging_buffer *out) {
    // An orientation as EXIF has it, and the beginning of a colour profile.
    static const uint8_t segments[] =
        "\xFF\xE1\x00\x22" "Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
        "\xFF\xE2\x00\x10" "ICC_PROFILE\0\x01\x01";
    imaging_failure failure;
    exercise_image tile;
    size_t length = (column + row) % 2 ? sizeof segments - 1 : 0;
    int code = imaging_splice_write(splice, column, row, segments, length, scratch, out, &failure);
    require(code == 0, "a file that was checked can be cut");
    exercise_note(out->data, out->count);
    int decoded = exercise_decode(IMAGING_JPEG, out->data, out->count, 16, &tile, &failure);
    require(decoded, "a lossless tile can be decoded");
    require(tile.width == plan->columns[column].length, "a tile has its column's width");
    require(tile.height == plan->rows[row].length, "a tile has its row's height");
    require(tile.channels == source->channels, "a tile has the source's channels");
    if (column == 0 && row == 0) {
        require(memcmp(tile.pixels, source->pixels, source->row_bytes * source->height) == 0, "no pixel changes");
    }
    free(tile.pixels);
}

static void write_tiles(const imaging_splice *splice, const cutting *plan, const uint8_t *bytes, size_t count) {
    imaging_buffer scratch = {0}, out = {0};
    imaging_failure failure;
    exercise_image source;
    require(imaging_splice_trailing_bytes(splice) <= count, "no more bytes follow the image than the file has");
    require(
        exercise_decode(IMAGING_JPEG, bytes, count, 16, &source, &failure), "a file that can be cut can be decoded");
    // Bytes of the file are hardly ever segments; they are refused, or the tile is as good as without.
    size_t offset = count / 3, length = count - offset < 300 ? count - offset : 300;
    (void)imaging_splice_write(splice, 0, 0, bytes + offset, length, &scratch, &out, &failure);
    for (size_t row = 0; row < plan->request.rows_count; row++) {
        for (size_t column = 0; column < plan->request.columns_count; column++) {
            write_tile(splice, plan, column, row, &source, &scratch, &out);
        }
    }
    free(source.pixels);
    imaging_buffer_free(&scratch);
    imaging_buffer_free(&out);
}

void exercise_splice(const uint8_t *bytes, size_t count) {
    imaging_decoder *decoder = NULL;
    imaging_header header;
    imaging_failure failure;
    cutting *cut = calloc(1, sizeof *cut);
    imaging_splice *splice = NULL;
    require(cut != NULL, "a plan fits the memory");
    memset(&failure, 0, sizeof failure);
    // As the caller does: the limits are for what the header claims.
    int code = imaging_decoder_open(IMAGING_JPEG, bytes, count, &decoder, &header, &failure);
    imaging_decoder_close(decoder);
    if (code == 0 && (uint64_t)header.width * header.height <= 1 << 16 && plan(bytes, count, &header, cut)) {
        code = imaging_splice_open(bytes, count, &cut->request, &splice, &failure);
        for (int done = 0; code == 0 && !done;) {
            code = imaging_splice_absorb(splice, &done, &failure);
        }
        if (code == 0) {
            write_tiles(splice, cut, bytes, count);
        }
        require(code == 0 || failure.message[0] != 0, "a file that cannot be cut has a reason");
        imaging_splice_close(splice);
    }
    free(cut);
}
