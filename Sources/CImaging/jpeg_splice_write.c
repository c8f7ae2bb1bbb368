#include "jpeg_splice.h"

#include <string.h>

/// Appends entropy-coded bytes with a zero after each FF (T.81, B.1.1.5), and the end of the image.
static int put_stuffed(const imaging_buffer *plain, imaging_buffer *out) {
    if (plain->count > SIZE_MAX / 4 || !imaging_buffer_reserve(out, 2 * plain->count + 2)) {
        return 0;
    }
    const uint8_t *from = plain->data, *end = plain->data + plain->count;
    uint8_t *to = out->data + out->count;
    const uint8_t *found;
    while (from < end && (found = memchr(from, 0xFF, (size_t)(end - from)))) {
        size_t count = (size_t)(found + 1 - from);
        memcpy(to, from, count);
        to += count;
        *to++ = 0;
        from = found + 1;
    }
    memcpy(to, from, (size_t)(end - from));
    to += end - from;
    *to++ = 0xFF;
    *to++ = 0xD9;
    out->count = (size_t)(to - out->data);
    return 1;
}

int imaging_splice_write_file(
    const splice_frame *frame, uint32_t width, uint32_t height, const uint8_t *segments, size_t segments_count,
    const imaging_buffer *plain, imaging_buffer *out, imaging_failure *failure) {
    static const uint8_t start_of_image[] = {0xFF, 0xD8};
    out->count = 0;
    if (!imaging_buffer_reserve(out, sizeof start_of_image)) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a tile");
    }
    memcpy(out->data, start_of_image, sizeof start_of_image);
    out->count = sizeof start_of_image;
    int code = imaging_splice_write_segments(&frame->colours, segments, segments_count, out, failure);
    if (!code) {
        code = imaging_splice_write_head(frame, width, height, out, failure);
    }
    if (!code && !put_stuffed(plain, out)) {
        code = imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a tile");
    }
    return code;
}

int imaging_splice_write(
    const imaging_splice *splice, size_t column, size_t row, const uint8_t *segments, size_t segments_count,
    imaging_buffer *scratch, imaging_buffer *out, imaging_failure *failure) {
    if (column >= splice->columns_count || row >= splice->rows_count) {
        return imaging_fail(failure, IMAGING_INVALID_SETTINGS, -1, -1, "there is no such tile");
    }
    scratch->count = 0;
    out->count = 0;
    const uint32_t width = splice->columns[column].length, height = splice->rows[row].length;
    if (!splice->coefficients) {
        int code = imaging_splice_join(splice, column, row, scratch, failure);
        return code ? code
                    : imaging_splice_write_file(
                          &splice->frame, width, height, segments, segments_count, scratch, out, failure);
    }
    int code = imaging_splice_write_segments(&splice->frame.colours, segments, segments_count, scratch, failure);
    if (!code) {
        code = imaging_splice_coefficients_write(
            splice->coefficients, &splice->frame, splice->columns[column], splice->rows[row], scratch, out, failure);
    }
    return code;
}
