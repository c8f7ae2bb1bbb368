#include "jpeg_splice.h"

#include <stdlib.h>
#include <string.h>

int imaging_splice_grid(
    const uint8_t *bytes, size_t count, uint32_t *mcu_width, uint32_t *mcu_height, imaging_failure *failure) {
    splice_frame frame;
    int code = imaging_splice_read_frame(bytes, count, &frame, failure);
    *mcu_width = frame.mcu_width;
    *mcu_height = frame.mcu_height;
    return code;
}

/// Copies spans after checking that each starts on the grid, and ends on it or with the image.
static imaging_span *copy_spans(const imaging_span *spans, size_t count, uint32_t length, uint32_t mcu) {
    imaging_span *copy = calloc(count, sizeof *copy);
    for (size_t index = 0; copy && index < count; index++) {
        const imaging_span span = spans[index];
        if (span.length == 0 || span.start >= length || span.length > length - span.start || span.start % mcu
            || (span.length % mcu && span.length != length - span.start)) {
            free(copy);
            return NULL;
        }
        copy[index] = span;
    }
    return copy;
}

static int take_request(imaging_splice *splice, const imaging_splice_request *request, imaging_failure *failure) {
    const splice_frame *frame = &splice->frame;
    splice->columns_count = request->columns_count;
    splice->rows_count = request->rows_count;
    splice->max_buffered_bytes = request->max_buffered_bytes;
    splice->max_scans = request->max_scans;
    if (request->columns_count > 0 && request->rows_count > 0) {
        splice->columns = copy_spans(request->columns, request->columns_count, frame->width, frame->mcu_width);
        splice->rows = copy_spans(request->rows, request->rows_count, frame->height, frame->mcu_height);
    }
    if (!splice->columns || !splice->rows) {
        char message[160];
        snprintf(
            message, sizeof message,
            "lossless tiles start at multiples of %u x %u pixels in this JPEG and end there or at its edge",
            frame->mcu_width, frame->mcu_height);
        return imaging_fail(failure, IMAGING_INVALID_SETTINGS, -1, -1, message);
    }
    return IMAGING_OK;
}

static int make_tables(imaging_splice *splice, imaging_failure *failure) {
    for (int place = 0; place < splice->frame.components; place++) {
        const splice_scan_component component = splice->frame.scan[place];
        splice_dc_table **dc = &splice->dc[component.dc];
        splice_ac_table **ac = &splice->ac[component.ac];
        if (!*dc && (*dc = malloc(sizeof **dc))) {
            imaging_splice_make_dc(&splice->frame.dc_tables[component.dc], *dc);
        }
        if (!*ac && (*ac = malloc(sizeof **ac))) {
            imaging_splice_make_ac(&splice->frame.ac_tables[component.ac], *ac);
        }
        if (!*dc || !*ac) {
            return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for Huffman tables");
        }
    }
    return IMAGING_OK;
}

static int open_coefficients(imaging_splice *splice, imaging_failure *failure) {
    return imaging_splice_coefficients_open(
        splice->bytes, splice->count, splice->max_buffered_bytes, splice->max_scans, &splice->coefficients,
        failure);
}

int imaging_splice_open(
    const uint8_t *bytes, size_t count, const imaging_splice_request *request, imaging_splice **result,
    imaging_failure *failure) {
    *result = NULL;
    imaging_splice *splice = calloc(1, sizeof *splice);
    if (!splice) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for cutting a JPEG");
    }
    splice->bytes = bytes;
    splice->count = count;
    int code = imaging_splice_read_frame(bytes, count, &splice->frame, failure);
    if (!code) {
        code = take_request(splice, request, failure);
    }
    if (!code) {
        code = splice->frame.can_splice ? make_tables(splice, failure) : open_coefficients(splice, failure);
    }
    if (code) {
        imaging_splice_close(splice);
        return code;
    }
    *result = splice;
    return IMAGING_OK;
}

/// Frees what only splicing needs.
static void drop_scan(imaging_splice *splice) {
    for (int number = 0; number < NUM_HUFF_TBLS; number++) {
        free(splice->dc[number]);
        free(splice->ac[number]);
        splice->dc[number] = NULL;
        splice->ac[number] = NULL;
    }
    free(splice->plain.bytes);
    free(splice->plain.restarts);
    memset(&splice->plain, 0, sizeof splice->plain);
    imaging_splice_free_index(&splice->index);
}

/// One part of the pass over the bits. Where it cannot vouch for the file, libjpeg is to judge it.
static int absorb_bits(imaging_splice *splice, int *done, imaging_failure *failure) {
    int unsure = 0;
    int code = IMAGING_OK;
    if (!splice->plain.bytes) {
        code = imaging_splice_make_plain(splice, failure);
        if (!code) {
            code = imaging_splice_make_index(splice, failure);
        }
    }
    if (!code) {
        code = imaging_splice_scan(splice, done, &unsure, failure);
    }
    if (!code && unsure) {
        *done = 0;
        drop_scan(splice);
        code = open_coefficients(splice, failure);
    }
    return code;
}

int imaging_splice_absorb(imaging_splice *splice, int *done, imaging_failure *failure) {
    *done = 0;
    if (!splice->coefficients) {
        return absorb_bits(splice, done, failure);
    }
    int code = imaging_splice_coefficients_absorb(splice->coefficients, done, failure);
    if (!code && *done) {
        splice->trailing_bytes = imaging_splice_coefficients_trailing(splice->coefficients);
    }
    return code;
}

uint64_t imaging_splice_trailing_bytes(const imaging_splice *splice) {
    return splice->trailing_bytes;
}

void imaging_splice_close(imaging_splice *splice) {
    if (splice) {
        drop_scan(splice);
        imaging_splice_coefficients_close(splice->coefficients);
        free(splice->columns);
        free(splice->rows);
        free(splice);
    }
}
