#include "png_compress.h"

#include <string.h>
#include <zlib.h>

#include "deflate.h"

enum {
    /// The signature, the chunks IHDR, iCCP (beside its body), IDAT (likewise) and IEND.
    OVERHEAD = 8 + 25 + 12 + 12 + 12,
    /// Half of what a chunk may hold: room for any growth.
    LARGEST = 1 << 30,
};

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

/// Writes what comes before the pixels and returns where they go.
static uint8_t *put_header(uint8_t *to, const imaging_png_request *request) {
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const uint8_t colour_type[5] = {0, 0, 4, 2, 6};
    memcpy(to, signature, sizeof signature);
    uint8_t *chunk = to + sizeof signature;
    uint8_t *header = put_word(put_word(chunk + 8, request->width), request->height);
    header[0] = (uint8_t)request->bit_depth;
    header[1] = colour_type[request->channels];
    header[2] = header[3] = header[4] = 0;
    chunk = put_chunk(chunk, "IHDR", 13);
    if (request->profile_count > 0) {
        memcpy(chunk + 8, request->profile, request->profile_count);
        chunk = put_chunk(chunk, "iCCP", request->profile_count);
    }
    return chunk;
}

int imaging_png_encode(
    const imaging_png_request *request, imaging_buffer *scratch, imaging_buffer *out, imaging_failure *failure) {
    int channels = request->channels, depth = request->bit_depth;
    if (channels < 1 || channels > 4 || (depth != 8 && depth != 16) || request->width == 0 || request->height == 0) {
        return imaging_fail(failure, IMAGING_ENCODE_FAILED, -1, -1, "PNG takes 1 to 4 channels of 8 or 16 bits");
    }
    size_t pixel_bytes = (size_t)channels * (size_t)(depth / 8);
    uint64_t row_bytes = (uint64_t)request->width * pixel_bytes;
    if (row_bytes > LARGEST || (row_bytes + 1) * request->height > LARGEST) {
        return imaging_fail(failure, IMAGING_ENCODE_FAILED, -1, -1, "a tile holds more than 1 GB; make it smaller");
    }
    if (request->profile_count > LARGEST) {
        return imaging_fail(failure, IMAGING_ENCODE_FAILED, -1, -1, "a colour profile holds more than 1 GB");
    }
    const imaging_rows rows = {request->pixels, request->stride, (size_t)row_bytes, request->height, pixel_bytes};
    size_t count = ((size_t)row_bytes + 1) * request->height;
    out->count = 0;
    if (!imaging_buffer_reserve(out, imaging_deflate_bound(count) + request->profile_count + OVERHEAD)) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for an encoded tile");
    }
    uint8_t *chunk = put_header(out->data, request);
    size_t size = imaging_compress_rows(&rows, request->compression, scratch, chunk + 8);
    if (size == 0) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for an encoded tile");
    }
    chunk = put_chunk(chunk, "IDAT", size);
    chunk = put_chunk(chunk, "IEND", 0);
    out->count = (size_t)(chunk - out->data);
    return IMAGING_OK;
}

size_t imaging_png_profile_bound(size_t count) {
    return count > LARGEST ? 0 : compressBound((uLong)count) + 32;
}

size_t imaging_png_profile(const uint8_t *profile, size_t count, uint8_t *chunk, size_t capacity) {
    // PNG, 11.3.2.3: a name, a zero byte, compression method 0, the compressed profile.
    static const char name[] = "ICC profile";
    if (count == 0 || count > LARGEST || capacity < sizeof name + 1) {
        return 0;
    }
    memcpy(chunk, name, sizeof name);
    chunk[sizeof name] = 0;
    uLongf size = (uLongf)(capacity - sizeof name - 1);
    if (compress2(chunk + sizeof name + 1, &size, profile, (uLong)count, 9) != Z_OK) {
        return 0;
    }
    return sizeof name + 1 + size;
}
