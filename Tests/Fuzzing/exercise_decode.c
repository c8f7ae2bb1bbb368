#include "exercise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static uint32_t digest;

void exercise_note(const void *bytes, size_t count) {
    digest = (uint32_t)crc32_z(digest, bytes, count);
}

uint32_t exercise_digest(void) {
    return digest;
}

void exercise_breach(const char *promise) {
    fprintf(stderr, "broken promise: %s\n", promise);
    abort();
}

static void require(int held, const char *promise) {
    if (!held) {
        exercise_breach(promise);
    }
}

imaging_format exercise_format(const uint8_t *bytes, size_t count) {
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    if (count >= 2 && bytes[0] == 0xFF && bytes[1] == 0xD8) {
        return IMAGING_JPEG;
    }
    return count >= sizeof png && memcmp(bytes, png, sizeof png) == 0 ? IMAGING_PNG : 0;
}

/// A reason is a code, words, and a place that is in the file or unknown.
static int refuse(int code, const imaging_failure *failure, size_t count) {
    require(code >= IMAGING_TRUNCATED && code <= IMAGING_ENCODE_FAILED, "a failure has a known code");
    require(failure->code == code, "the code is in the failure");
    require(memchr(failure->message, 0, sizeof failure->message) != NULL, "the message ends");
    require(failure->message[0] != 0, "the message has words");
    require(failure->offset >= -1 && failure->offset <= (int64_t)count, "the offset lies in the file");
    require(failure->row >= -1, "the row lies in the image");
    return 0;
}

int exercise_exceeds_limits(const imaging_header *header, imaging_failure *failure) {
    require(header->channels >= 1 && header->channels <= 4, "an image has 1 to 4 channels");
    require(header->bit_depth == 8 || header->bit_depth == 16, "samples have 8 or 16 bits");
    if ((uint64_t)header->width * header->height <= EXERCISE_PIXELS && header->buffered_bytes <= EXERCISE_BUFFER) {
        return 0;
    }
    memset(failure, 0, sizeof *failure);
    return 1;
}

/// Reads all rows; every strip is an allocation of its own, so that a row too many or too long is seen.
static int read_rows(imaging_decoder *decoder, exercise_image *image, uint32_t strip, imaging_failure *failure) {
    uint32_t wanted = 1;
    for (uint32_t y = 0; y < image->height;) {
        uint32_t rows = image->height - y < wanted ? image->height - y : wanted;
        size_t size = image->row_bytes * rows;
        uint8_t *part = malloc(size);
        require(part != NULL, "a strip fits the memory");
        int code = imaging_decoder_read(decoder, part, image->row_bytes, rows, failure);
        if (code == 0) {
            memcpy(image->pixels + image->row_bytes * y, part, size);
        }
        free(part);
        if (code) {
            return code;
        }
        y += rows;
        wanted = wanted % strip + 1;
    }
    return 0;
}

static int read_image(imaging_decoder *decoder, exercise_image *image, uint32_t strip, size_t count,
                      imaging_failure *failure) {
    int code = imaging_decoder_start(decoder, EXERCISE_SCANS, failure);
    for (int done = 0; code == 0 && !done;) {
        code = imaging_decoder_absorb(decoder, &done, failure);
    }
    if (code == 0) {
        code = read_rows(decoder, image, strip, failure);
    }
    uint64_t trailing = 0;
    if (code == 0) {
        code = imaging_decoder_finish(decoder, &trailing, failure);
        require(trailing <= count, "no more bytes follow the image than the file has");
    }
    return code;
}

int exercise_decode(
    imaging_format format, const uint8_t *bytes, size_t count, uint32_t strip, exercise_image *image,
    imaging_failure *failure) {
    imaging_decoder *decoder = NULL;
    imaging_header header;
    memset(failure, 0, sizeof *failure);
    memset(image, 0, sizeof *image);
    int code = imaging_decoder_open(format, bytes, count, &decoder, &header, failure);
    if (code) {
        require(decoder == NULL, "a decoder that failed to open is gone");
        return refuse(code, failure, count);
    }
    if (exercise_exceeds_limits(&header, failure)) {
        imaging_decoder_close(decoder);
        return 0;
    }
    image->width = header.width;
    image->height = header.height;
    image->channels = header.channels;
    image->bit_depth = header.bit_depth;
    image->row_bytes = (size_t)header.width * (size_t)header.channels * (size_t)(header.bit_depth / 8);
    image->pixels = calloc(image->height, image->row_bytes);
    require(image->pixels != NULL, "an image within the limits fits the memory");
    code = read_image(decoder, image, strip, count, failure);
    imaging_decoder_close(decoder);
    if (code) {
        free(image->pixels);
        image->pixels = NULL;
        return refuse(code, failure, count);
    }
    exercise_note(image->pixels, image->row_bytes * image->height);
    return 1;
}

int exercise_file(const uint8_t *bytes, size_t count) {
    imaging_format format = exercise_format(bytes, count);
    if (!format) {
        // The decoders must cope with what the caller would not give them.
        format = count & 1 ? IMAGING_PNG : IMAGING_JPEG;
    }
    if (format == IMAGING_JPEG) {
        exercise_splice(bytes, count);
    }
    exercise_image image, again;
    imaging_failure failure, other;
    int decoded = exercise_decode(format, bytes, count, 7, &image, &failure);
    require(exercise_decode(format, bytes, count, 64, &again, &other) == decoded, "strips do not decide the outcome");
    if (format == IMAGING_JPEG) {
        exercise_planes(bytes, count, decoded);
    }
    if (!decoded) {
        require(failure.code == other.code, "strips do not decide the reason");
        return 0;
    }
    require(memcmp(image.pixels, again.pixels, image.row_bytes * image.height) == 0, "strips do not decide the pixels");
    free(again.pixels);
    exercise_tiles(&image, bytes, count);
    exercise_transforms(&image, bytes, count);
    exercise_encoders(&image, bytes, count);
    free(image.pixels);
    return 1;
}
