#include "exercise.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "CDigests.h"
#include "deflate.h"

static void require(int held, const char *promise) {
    if (!held) {
        exercise_breach(promise);
    }
}

static void require_png(
    const exercise_image *image, size_t stride, imaging_png_compression compression, const imaging_buffer *profile,
    imaging_buffer *scratch, imaging_buffer *out) {
    imaging_failure failure;
    exercise_image again;
    const imaging_png_request request = {
        image->pixels, stride, image->width, image->height, image->channels, image->bit_depth, compression,
        profile->data, profile->count,
    };
    int code = imaging_png_encode(&request, scratch, out, &failure);
    require(code == 0, "an image that was decoded can be written as PNG");
    exercise_note(out->data, out->count);
    require(exercise_decode(IMAGING_PNG, out->data, out->count, 16, &again, &failure), "our own PNG can be decoded");
    require(again.width == image->width && again.height == image->height, "PNG keeps the size");
    require(again.channels == image->channels && again.bit_depth == image->bit_depth, "PNG keeps the samples' kind");
    for (uint32_t y = 0; y < image->height; y++) {
        require(
            memcmp(image->pixels + stride * y, again.pixels + again.row_bytes * y, again.row_bytes) == 0,
            "PNG keeps the pixels");
    }
    free(again.pixels);
}

/// A tile is a window of a strip, so its rows lie further apart than they are long.
static void encode_windows(const exercise_image *image, const uint8_t *bytes, size_t count, uint32_t choice) {
    // More takes zlib too long under sanitizers.
    enum { MOST_SMALL = 1 << 14 };
    imaging_buffer scratch = {0}, out = {0}, profile = {0};
    require_png(image, image->row_bytes, IMAGING_PNG_FAST, &profile, &scratch, &out);
    if ((uint64_t)image->width * image->height <= MOST_SMALL) {
        require_png(image, image->row_bytes, IMAGING_PNG_SMALL, &profile, &scratch, &out);
    }
    exercise_image window = *image;
    size_t pixel_bytes = image->row_bytes / image->width;
    uint32_t left = choice % image->width, top = choice / 7 % image->height;
    window.width -= left;
    window.height -= top;
    window.pixels += image->row_bytes * top + pixel_bytes * left;
    // Bytes that are no profile are carried all the same.
    size_t length = choice % (count + 1), room = imaging_png_profile_bound(length);
    profile.data = malloc(room);
    require(profile.data != NULL, "a profile fits the memory");
    profile.count = imaging_png_profile(bytes, length, profile.data, room);
    require(profile.count <= room && (profile.count > 0) == (length > 0), "a profile fits its bound");
    require_png(&window, image->row_bytes, IMAGING_PNG_BALANCED, &profile, &scratch, &out);
    require(imaging_png_profile(bytes, length, profile.data, profile.count / 2) == 0, "a profile needs its room");
    imaging_buffer_free(&profile);
    imaging_buffer_free(&scratch);
    imaging_buffer_free(&out);
}

static void encode_jpeg(const exercise_image *image, const uint8_t *bytes, size_t count, uint32_t choice) {
    imaging_buffer out = {0};
    imaging_failure failure;
    exercise_image again;
    int quality = (int)(choice % 100) + 1;
    // Segments of a file's own bytes are hardly ever segments; where they are, the file is as good as without.
    size_t offset = choice % (count + 1), length = count - offset < 300 ? count - offset : 300;
    imaging_jpeg_request request = {
        image->pixels, image->row_bytes, image->width, image->height, image->channels, quality, 2, 2,
        bytes + offset, length,
    };
    (void)imaging_jpeg_encode(&request, &out, &failure);
    request.segments = NULL;
    request.segments_count = 0;
    // 4:4:4, 4:2:2 and 4:2:0; of a grey image they are all the same.
    for (int sampling = 0; sampling < (image->channels == 1 ? 1 : 3); sampling++) {
        request.horizontal_sampling = sampling > 0 ? 2 : 1;
        request.vertical_sampling = sampling > 1 ? 2 : 1;
        int code = imaging_jpeg_encode(&request, &out, &failure);
        if (image->width > 65500 || image->height > 65500) {
            require(code == IMAGING_ENCODE_FAILED, "what JPEG cannot hold is refused");
            continue;
        }
        require(code == 0, "an image that was decoded can be written as JPEG");
        exercise_note(out.data, out.count);
        int decoded = exercise_decode(IMAGING_JPEG, out.data, out.count, 16, &again, &failure);
        require(decoded, "our own JPEG can be decoded");
        require(again.width == image->width && again.height == image->height, "JPEG keeps the size");
        free(again.pixels);
    }
    imaging_buffer_free(&out);
}

void exercise_encoders(const exercise_image *image, const uint8_t *bytes, size_t count) {
    uint32_t choice = (uint32_t)crc32_z(0, bytes, count);
    encode_windows(image, bytes, count, choice);
    if (image->bit_depth == 8 && (image->channels == 1 || image->channels == 3)) {
        encode_jpeg(image, bytes, count, choice);
    }
}

static void compress_bytes(const uint8_t *bytes, size_t count) {
    size_t room = imaging_deflate_bound(count);
    uint8_t *stream = malloc(room), *back = malloc(count + 1);
    require(stream != NULL && back != NULL, "a stream fits the memory");
    size_t length = imaging_deflate_literals(bytes, count, stream);
    require(length <= room, "a stream stays within its bound");
    exercise_note(stream, length);
    uLongf got = (uLongf)count + 1;
    require(uncompress(back, &got, stream, (uLong)length) == Z_OK && got == count, "zlib inflates our streams");
    require(count == 0 || memcmp(bytes, back, count) == 0, "a stream inflates to what went in");
    free(stream);
    free(back);
}

/// Inflates what is no stream, and a stream to room that is enough or a byte too small.
static void inflate_bytes(const uint8_t *bytes, size_t count) {
    imaging_failure failure;
    size_t written = 0, room = count < 4096 ? count + 1 : 4096;
    uint8_t *out = malloc(room);
    uLongf length = compressBound((uLong)count);
    uint8_t *stream = malloc(length);
    require(out != NULL && stream != NULL, "a stream fits the memory");
    (void)imaging_inflate(bytes, count, out, room, &written, &failure);
    require(written <= room, "inflating stays within its room");
    require(compress(stream, &length, bytes, (uLong)count) == Z_OK, "zlib compresses");
    int code = imaging_inflate(stream, length, out, room, &written, &failure);
    require((code == 0) == (count <= room), "what fits is inflated, and what does not is refused");
    require(code != 0 || (written == count && memcmp(out, bytes, count) == 0), "a stream inflates to what went in");
    free(out);
    free(stream);
}

/// Side by side or alone, a message has one digest.
static void digest_bytes(const uint8_t *bytes, size_t count) {
    enum { MESSAGES = 11 };
    const uint8_t *messages[MESSAGES];
    size_t counts[MESSAGES];
    uint8_t together[16 * MESSAGES], alone[16];
    for (size_t at = 0; at < MESSAGES; at++) {
        size_t start = count * at / MESSAGES / 2;
        messages[at] = bytes + start;
        counts[at] = (count - start) * (at + 1) / MESSAGES;
    }
    digests_md5(messages, counts, MESSAGES, together);
    exercise_note(together, sizeof together);
    for (size_t at = 0; at < MESSAGES; at++) {
        digests_md5(messages + at, counts + at, 1, alone);
        require(memcmp(alone, together + 16 * at, 16) == 0, "neighbours do not change a digest");
    }
}

void exercise_streams(const uint8_t *bytes, size_t count) {
    compress_bytes(bytes, count);
    inflate_bytes(bytes, count);
    digest_bytes(bytes, count);
}
