#include "jpeg_reader.h"

#include "jpeg_planes.h"

#include <stdlib.h>

typedef struct {
    imaging_decoder base;
    imaging_jpeg_reader reader;
    /// One row of CMYK, for files that are converted here; NULL for all others.
    uint8_t *ink_row;
    /// Of a decoder that gives planes.
    imaging_jpeg_plane_reader planes;
} jpeg_decoder;

/// Runs below the caller's setjmp.
static void begin(jpeg_decoder *decoder, int max_scans) {
    j_decompress_ptr jpeg = &decoder->reader.jpeg;
    decoder->reader.max_scans = max_scans;
    jpeg->dct_method = JDCT_ISLOW;
    // Smoothing would paint over scans that are missing; the reader refuses those instead.
    jpeg->do_block_smoothing = FALSE;
    jpeg->buffered_image = jpeg_has_multiple_scans(jpeg);
}

static int jpeg_start(imaging_decoder *base, int max_scans, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr jpeg = &decoder->reader.jpeg;
    if (setjmp(decoder->reader.errors.landing)) {
        return imaging_jpeg_reader_failed(&decoder->reader, failure);
    }
    begin(decoder, max_scans);
    if (jpeg->out_color_space == JCS_CMYK) {
        decoder->ink_row = malloc((size_t)jpeg->image_width * 4);
        if (!decoder->ink_row) {
            imaging_jpeg_abandon(&decoder->reader, IMAGING_NO_MEMORY, "out of memory for a row of CMYK");
        }
    }
    (void)jpeg_start_decompress(jpeg);
    return IMAGING_OK;
}

static int jpeg_start_planes(
    imaging_decoder *base, int max_scans, int vertical_sampling, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr jpeg = &decoder->reader.jpeg;
    if (setjmp(decoder->reader.errors.landing)) {
        return imaging_jpeg_reader_failed(&decoder->reader, failure);
    }
    begin(decoder, max_scans);
    jpeg->raw_data_out = TRUE;
    (void)jpeg_start_decompress(jpeg);
    if (!imaging_jpeg_planes_begin(&decoder->planes, jpeg, vertical_sampling)) {
        imaging_jpeg_abandon(&decoder->reader, IMAGING_NO_MEMORY, "out of memory for a few rows of planes");
    }
    return IMAGING_OK;
}

static int jpeg_read_planes(
    imaging_decoder *base, const imaging_planes *out, uint32_t rows, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    if (setjmp(decoder->reader.errors.landing)) {
        return imaging_jpeg_reader_failed(&decoder->reader, failure);
    }
    if (!imaging_jpeg_planes_read(&decoder->planes, &decoder->reader.jpeg, out, rows)) {
        imaging_jpeg_abandon(&decoder->reader, IMAGING_TRUNCATED, "the decoder gave no more rows");
    }
    return IMAGING_OK;
}

static int jpeg_absorb(imaging_decoder *base, int *done, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr jpeg = &decoder->reader.jpeg;
    *done = 1;
    if (!jpeg->buffered_image || decoder->reader.scans_done) {
        return IMAGING_OK;
    }
    int code = imaging_jpeg_take_scans(&decoder->reader, done, failure);
    if (code || !*done) {
        return code;
    }
    if (setjmp(decoder->reader.errors.landing)) {
        return imaging_jpeg_reader_failed(&decoder->reader, failure);
    }
    (void)jpeg_start_output(jpeg, jpeg->input_scan_number);
    return IMAGING_OK;
}

/// Ink to light: Adobe's files store ink inverted, others as it is; either way light is what both inks let through.
static void convert_inks(const uint8_t *ink, uint8_t *out, uint32_t width, int inverted) {
    const uint32_t flip = inverted ? 0 : 255;
    for (uint32_t x = 0; x < width; x++) {
        uint32_t key = ink[4 * x + 3] ^ flip;
        for (uint32_t channel = 0; channel < 3; channel++) {
            out[3 * x + channel] = (uint8_t)(((ink[4 * x + channel] ^ flip) * key + 127) / 255);
        }
    }
}

static int jpeg_read(
    imaging_decoder *base, uint8_t *out, size_t stride, uint32_t rows, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr jpeg = &decoder->reader.jpeg;
    if (setjmp(decoder->reader.errors.landing)) {
        return imaging_jpeg_reader_failed(&decoder->reader, failure);
    }
    JDIMENSION first = jpeg->output_scanline;
    if (rows > jpeg->output_height - first) {
        imaging_jpeg_abandon(&decoder->reader, IMAGING_CORRUPT, "asked for more rows than the image has");
    }
    while (jpeg->output_scanline - first < rows) {
        JDIMENSION at = jpeg->output_scanline - first;
        JDIMENSION got;
        if (decoder->ink_row) {
            JSAMPROW row = decoder->ink_row;
            got = jpeg_read_scanlines(jpeg, &row, 1);
            if (got == 1) {
                convert_inks(decoder->ink_row, out + at * stride, jpeg->image_width, jpeg->saw_Adobe_marker);
            }
        } else {
            JSAMPROW lines[16];
            JDIMENSION wanted = rows - at < 16 ? rows - at : 16;
            for (JDIMENSION line = 0; line < wanted; line++) {
                lines[line] = out + (at + line) * stride;
            }
            got = jpeg_read_scanlines(jpeg, lines, wanted);
        }
        if (got == 0) {
            imaging_jpeg_abandon(&decoder->reader, IMAGING_TRUNCATED, "the decoder gave no more rows");
        }
    }
    return IMAGING_OK;
}

static int jpeg_finish(imaging_decoder *base, uint64_t *trailing_bytes, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    if (setjmp(decoder->reader.errors.landing)) {
        return imaging_jpeg_reader_failed(&decoder->reader, failure);
    }
    if (decoder->reader.jpeg.buffered_image) {
        (void)jpeg_finish_output(&decoder->reader.jpeg);
    }
    (void)jpeg_finish_decompress(&decoder->reader.jpeg);
    *trailing_bytes = decoder->reader.source.bytes_in_buffer;
    return IMAGING_OK;
}

static void jpeg_close(imaging_decoder *base) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    imaging_jpeg_reader_close(&decoder->reader);
    free(decoder->ink_row);
    imaging_jpeg_planes_end(&decoder->planes);
    free(decoder);
}

static const imaging_decoder_methods jpeg_methods = {
    .start = jpeg_start,
    .start_planes = jpeg_start_planes,
    .absorb = jpeg_absorb,
    .read = jpeg_read,
    .read_planes = jpeg_read_planes,
    .finish = jpeg_finish,
    .close = jpeg_close,
};

int imaging_jpeg_open(
    const uint8_t *bytes, size_t count, imaging_decoder **result, imaging_header *header, imaging_failure *failure) {
    *result = NULL;
    jpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a JPEG decoder");
    }
    decoder->base.methods = &jpeg_methods;
    decoder->base.bytes = bytes;
    decoder->base.count = count;
    int code = imaging_jpeg_reader_open(&decoder->reader, bytes, count, header, failure);
    if (code) {
        jpeg_close(&decoder->base);
        return code;
    }
    *result = &decoder->base;
    return IMAGING_OK;
}
