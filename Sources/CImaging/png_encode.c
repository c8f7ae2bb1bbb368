#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "deflate.h"

enum { PNG_OVERHEAD = 8 + 25 + 12 + 12, FILTER_PAETH = 4 };

static inline uint8_t paeth(int16_t left, int16_t above, int16_t corner) {
    int16_t from_left = (int16_t)(above - corner);
    int16_t from_above = (int16_t)(left - corner);
    int16_t from_corner = (int16_t)(from_left + from_above);
    from_left = (int16_t)(from_left < 0 ? -from_left : from_left);
    from_above = (int16_t)(from_above < 0 ? -from_above : from_above);
    from_corner = (int16_t)(from_corner < 0 ? -from_corner : from_corner);
    int16_t vertical = from_above <= from_corner ? above : corner;
    return (uint8_t)(from_left <= from_above && from_left <= from_corner ? left : vertical);
}

/// The Paeth filter (PNG, 9.4) of one row below another. It reads unfiltered bytes only, so no step waits for the one
/// before and the compiler does 8 or 16 bytes at a time.
IMAGING_HOT static void filter_row(
    const uint8_t *restrict row, const uint8_t *restrict above, size_t count, size_t pixel_bytes,
    uint8_t *restrict out) {
    *out++ = FILTER_PAETH;
    for (size_t at = 0; at < pixel_bytes; at++) {
        out[at] = (uint8_t)(row[at] - above[at]);
    }
    const uint8_t *restrict left = row;
    const uint8_t *restrict corner = above;
    row += pixel_bytes;
    above += pixel_bytes;
    out += pixel_bytes;
    for (size_t at = 0; at < count - pixel_bytes; at++) {
        out[at] = (uint8_t)(row[at] - paeth(left[at], above[at], corner[at]));
    }
}

/// The first row has nothing above it: Paeth then predicts from the left.
static void filter_first_row(const uint8_t *row, size_t count, size_t pixel_bytes, uint8_t *out) {
    *out++ = FILTER_PAETH;
    memcpy(out, row, pixel_bytes);
    for (size_t at = pixel_bytes; at < count; at++) {
        out[at] = (uint8_t)(row[at] - row[at - pixel_bytes]);
    }
}

static uint8_t *put_word(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
    return to + 4;
}

/// Completes a chunk whose `count` data bytes stand at `chunk` + 8: length and name before, CRC behind.
static uint8_t *put_chunk(uint8_t *chunk, const char *name, size_t count) {
    put_word(chunk, (uint32_t)count);
    memcpy(chunk + 4, name, 4);
    uLong crc = crc32_z(crc32_z(0, NULL, 0), chunk + 4, count + 4);
    return put_word(chunk + 8 + count, (uint32_t)crc);
}

int imaging_png_encode(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, int bit_depth,
    imaging_buffer *scratch, imaging_buffer *out, imaging_failure *failure) {
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const uint8_t colour_type[5] = {0, 0, 4, 2, 6};
    if (channels < 1 || channels > 4 || (bit_depth != 8 && bit_depth != 16) || width == 0 || height == 0) {
        return imaging_fail(failure, IMAGING_ENCODE_FAILED, -1, -1, "PNG takes 1 to 4 channels of 8 or 16 bits");
    }
    size_t pixel_bytes = (size_t)channels * (size_t)(bit_depth / 8);
    uint64_t row_bytes = (uint64_t)width * pixel_bytes;
    // One IDAT chunk holds the stream, and a chunk ends at 2^31 - 1 bytes; half of that leaves room for any growth.
    if (row_bytes > (1u << 30) || (row_bytes + 1) * height > (1u << 30)) {
        return imaging_fail(failure, IMAGING_ENCODE_FAILED, -1, -1, "a tile holds more than 1 GB; make it smaller");
    }
    size_t count = (size_t)(row_bytes + 1) * height;
    scratch->count = 0;
    out->count = 0;
    if (!imaging_buffer_reserve(scratch, count)
        || !imaging_buffer_reserve(out, imaging_deflate_bound(count) + PNG_OVERHEAD)) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for an encoded tile");
    }
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *row = pixels + (size_t)y * stride;
        uint8_t *to = scratch->data + (size_t)y * (size_t)(row_bytes + 1);
        if (y == 0) {
            filter_first_row(row, (size_t)row_bytes, pixel_bytes, to);
        } else {
            filter_row(row, row - stride, (size_t)row_bytes, pixel_bytes, to);
        }
    }
    memcpy(out->data, signature, sizeof signature);
    uint8_t *chunk = out->data + sizeof signature;
    uint8_t *header = put_word(put_word(chunk + 8, width), height);
    header[0] = (uint8_t)bit_depth;
    header[1] = colour_type[channels];
    header[2] = header[3] = header[4] = 0;
    chunk = put_chunk(chunk, "IHDR", 13);
    chunk = put_chunk(chunk, "IDAT", imaging_deflate(scratch->data, count, chunk + 8));
    chunk = put_chunk(chunk, "IEND", 0);
    out->count = (size_t)(chunk - out->data);
    return IMAGING_OK;
}
