#include "exercise.h"

#include <stdlib.h>
#include <string.h>

static void require(int held, const char *promise) {
    if (!held) {
        exercise_breach(promise);
    }
}

typedef struct {
    imaging_header header;
    /// Rows of brightness for one row of colours.
    uint32_t step;
    size_t widths[3], sizes[3];
    uint8_t *samples[3];
} planes;

/// Reads all rows; every strip of every plane is an allocation of its own, so that a row too many or too long is seen.
static int read_rows(imaging_decoder *decoder, planes *all, uint32_t most, imaging_failure *failure) {
    const uint32_t height = all->header.height;
    for (uint32_t y = 0, wanted = all->step; y < height; wanted = wanted % most + all->step) {
        uint32_t rows = height - y < wanted ? height - y : wanted;
        imaging_planes part;
        size_t bytes[3];
        for (int index = 0; index < 3; index++) {
            uint32_t lines = index == 0 ? rows : (rows + all->step - 1) / all->step;
            bytes[index] = all->widths[index] * lines;
            part.strides[index] = all->widths[index];
            part.samples[index] = malloc(bytes[index]);
            require(part.samples[index] != NULL, "a strip fits the memory");
        }
        int code = imaging_decoder_read_planes(decoder, &part, rows, failure);
        for (int index = 0; index < 3; index++) {
            uint32_t line = index == 0 ? y : y / all->step;
            if (code == 0) {
                memcpy(all->samples[index] + all->widths[index] * line, part.samples[index], bytes[index]);
            }
            free(part.samples[index]);
        }
        if (code) {
            return code;
        }
        y += rows;
    }
    return 0;
}

static void free_planes(planes *all) {
    for (int index = 0; index < 3; index++) {
        free(all->samples[index]);
    }
}

/// 1 with planes, which the caller frees; 0 with a code in `failure`, or without one where the file has no planes.
static int decode(
    const uint8_t *bytes, size_t count, uint32_t step, uint32_t most, planes *all, imaging_failure *failure) {
    imaging_decoder *decoder = NULL;
    memset(all, 0, sizeof *all);
    memset(failure, 0, sizeof *failure);
    if (imaging_decoder_open(IMAGING_JPEG, bytes, count, &decoder, &all->header, failure)) {
        return 0;
    }
    const imaging_header *header = &all->header;
    if (header->horizontal_sampling == 0 || exercise_exceeds_limits(header, failure)) {
        imaging_decoder_close(decoder);
        return 0;
    }
    require(header->horizontal_sampling <= 2 && header->vertical_sampling <= 2, "samples are halved or not");
    all->step = header->vertical_sampling == 2 ? 2 : step;
    for (int index = 0; index < 3; index++) {
        size_t across = index == 0 ? 1 : (size_t)header->horizontal_sampling, down = index == 0 ? 1 : all->step;
        all->widths[index] = (header->width + across - 1) / across;
        all->sizes[index] = all->widths[index] * ((header->height + down - 1) / down);
        all->samples[index] = calloc(1, all->sizes[index]);
        require(all->samples[index] != NULL, "an image within the limits fits the memory");
    }
    int code = imaging_decoder_start_planes(decoder, EXERCISE_SCANS, (int)all->step, failure);
    for (int done = 0; code == 0 && !done;) {
        code = imaging_decoder_absorb(decoder, &done, failure);
    }
    uint64_t trailing = 0;
    code = code ? code : read_rows(decoder, all, most, failure);
    code = code ? code : imaging_decoder_finish(decoder, &trailing, failure);
    imaging_decoder_close(decoder);
    if (code) {
        free_planes(all);
    }
    return code == 0;
}

/// Encodes the part from the middle that is whole MCUs, where there is one.
static void encode(const planes *all) {
    const uint32_t across = (uint32_t)all->header.horizontal_sampling, down = all->step;
    const uint32_t width = all->header.width / 2 / (8 * across) * 8 * across;
    const uint32_t height = all->header.height / 2 / (8 * down) * 8 * down;
    if (width == 0 || height == 0) {
        return;
    }
    const uint32_t x = (all->header.width - width) / 2 / across * across;
    const uint32_t y = (all->header.height - height) / 2 / down * down;
    imaging_planes window;
    for (int index = 0; index < 3; index++) {
        size_t skip = index == 0 ? x : x / across, line = index == 0 ? y : y / down;
        window.samples[index] = all->samples[index] + all->widths[index] * line + skip;
        window.strides[index] = all->widths[index];
    }
    imaging_buffer out = {0};
    imaging_failure failure;
    exercise_image again;
    imaging_jpeg_request request = {
        .planes = &window, .width = width, .height = height, .channels = 3, .quality = 80,
        .horizontal_sampling = (int32_t)across, .vertical_sampling = (int32_t)down,
    };
    require(imaging_jpeg_encode(&request, &out, &failure) == 0, "planes can be written as JPEG");
    exercise_note(out.data, out.count);
    require(exercise_decode(IMAGING_JPEG, out.data, out.count, 16, &again, &failure), "our own JPEG can be decoded");
    require(again.width == width && again.height == height, "JPEG keeps the size");
    free(again.pixels);
    request.width -= 1;
    require(imaging_jpeg_encode(&request, &out, &failure) != 0, "planes that are no whole MCUs are refused");
    imaging_buffer_free(&out);
}

void exercise_planes(const uint8_t *bytes, size_t count, int decoded) {
    for (uint32_t step = 1; step <= 2; step++) {
        planes one, other;
        imaging_failure failure, second;
        int got = decode(bytes, count, step, 2, &one, &failure);
        require(decode(bytes, count, step, 64, &other, &second) == got, "strips do not decide the outcome");
        if (!got) {
            require(!decoded || failure.code == 0, "what gives pixels gives planes, or has none");
            continue;
        }
        require(decoded, "what gives planes gives pixels");
        for (int index = 0; index < 3; index++) {
            require(memcmp(one.samples[index], other.samples[index], one.sizes[index]) == 0,
                    "strips do not decide the samples");
        }
        encode(&one);
        free_planes(&one);
        free_planes(&other);
    }
}
