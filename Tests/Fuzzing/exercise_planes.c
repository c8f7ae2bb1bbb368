#include "exercise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

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

/// What libjpeg makes of the same planes; the caller frees it.
static unsigned char *encode_by_libjpeg(
    const imaging_planes *window, const planes *all, uint32_t left, uint32_t width, uint32_t height, int quality,
    unsigned long *count) {
    const uint32_t across = (uint32_t)all->header.horizontal_sampling, down = all->step;
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *file = NULL;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &file, count);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_YCbCr;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg.raw_data_in = TRUE;
    jpeg.dct_method = JDCT_ISLOW;
    jpeg.comp_info[0].h_samp_factor = (int)across;
    jpeg.comp_info[0].v_samp_factor = (int)down;
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < height) {
        JSAMPROW rows[3][2 * DCTSIZE];
        JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
        for (int index = 0; index < 3; index++) {
            uint32_t lines = index == 0 ? down * DCTSIZE : DCTSIZE, x = index == 0 ? left : left / across;
            uint32_t y = index == 0 ? jpeg.next_scanline : jpeg.next_scanline / down;
            for (uint32_t line = 0; line < lines; line++) {
                rows[index][line] = window->samples[index] + window->strides[index] * (y + line) + x;
            }
        }
        jpeg_write_raw_data(&jpeg, arrays, down * DCTSIZE);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return file;
}

/// Codes tiles that lie over each other in any way; each must be the file that libjpeg makes.
static void code_band(const imaging_planes *window, const planes *all, uint32_t width, uint32_t height, int quality) {
    const uint32_t mcu = 8 * (uint32_t)all->header.horizontal_sampling, mcus = width / mcu;
    const imaging_span columns[] = {
        {0, width}, {0, (mcus + 1) / 2 * mcu}, {mcus / 3 * mcu, (mcus - mcus / 3) * mcu}, {(mcus - 1) * mcu, mcu},
    };
    enum { COLUMNS = sizeof columns / sizeof *columns };
    imaging_failure failure;
    imaging_jpeg_coder *coder = NULL;
    imaging_band *band = imaging_band_open();
    imaging_buffer out = {0};
    exercise_image again;
    require(band != NULL, "a band fits the memory");
    require(
        imaging_jpeg_coder_open(quality, all->header.horizontal_sampling, (int)all->step, &coder, &failure) == 0,
        "JPEG has all qualities");
    imaging_band_request request = {window, height, columns, COLUMNS};
    // The second time in the first one's memory.
    for (int time = 0; time < 2; time++) {
        require(imaging_band_code(band, coder, &request, &failure) == 0, "planes can be coded as JPEG");
    }
    for (size_t column = 0; column < COLUMNS; column++) {
        unsigned long count = 0;
        unsigned char *file = encode_by_libjpeg(
            window, all, columns[column].start, columns[column].length, height, quality, &count);
        require(imaging_band_write(band, coder, column, NULL, 0, &out, &failure) == 0, "a tile can be written");
        require(out.count == count && memcmp(out.data, file, count) == 0, "our JPEG is libjpeg's");
        free(file);
    }
    exercise_note(out.data, out.count);
    require(exercise_decode(IMAGING_JPEG, out.data, out.count, 16, &again, &failure), "our own JPEG can be decoded");
    require(again.width == mcu && again.height == height, "JPEG keeps the size");
    free(again.pixels);
    require(imaging_band_write(band, coder, COLUMNS, NULL, 0, &out, &failure) != 0, "a tile that is not there is refused");
    request.height -= 1;
    require(imaging_band_code(band, coder, &request, &failure) != 0, "planes that are no whole MCUs are refused");
    require(imaging_band_write(band, coder, 0, NULL, 0, &out, &failure) != 0, "what was not coded has no tiles");
    imaging_buffer_free(&out);
    imaging_band_close(band);
    imaging_jpeg_coder_close(coder);
}

/// Encodes the part from the middle that is whole MCUs, where there is one. `choice` sets the quality.
static void encode(const planes *all, uint32_t choice) {
    const uint32_t across = (uint32_t)all->header.horizontal_sampling, down = all->step;
    const uint32_t width = all->header.width / (8 * across) * 8 * across;
    const uint32_t height = all->header.height / (8 * down) * 8 * down;
    if (width == 0 || height == 0) {
        return;
    }
    const uint32_t x = (all->header.width - width) / 2 / across * across;
    const uint32_t y = (all->header.height - height) / 2 / down * down;
    imaging_planes window;
    for (int index = 0; index < 3; index++) {
        // As many samples as the tiles show, and not one more.
        const size_t left = index == 0 ? x : x / across, top = index == 0 ? y : y / down;
        const size_t row = index == 0 ? width : width / across, rows = index == 0 ? height : height / down;
        window.strides[index] = row;
        window.samples[index] = malloc(row * rows);
        require(window.samples[index] != NULL, "a part of an image fits the memory");
        for (size_t line = 0; line < rows; line++) {
            memcpy(
                window.samples[index] + row * line, all->samples[index] + all->widths[index] * (top + line) + left, row);
        }
    }
    code_band(&window, all, width, height, (int)(choice % 100) + 1);
    for (int index = 0; index < 3; index++) {
        free(window.samples[index]);
    }
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
        encode(&one, (uint32_t)count + step);
        free_planes(&one);
        free_planes(&other);
    }
}
