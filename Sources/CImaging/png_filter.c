#include "png_filter.h"

#include <string.h>

#include "support.h"

/// Rows between the one that is filtered and the one that is fetched into the cache.
enum { AHEAD = 4 };

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

// Each of these reads unfiltered bytes only, so that no step waits for the one before and the compiler does many bytes
// at a time.

IMAGING_HOT static void subtract(
    const uint8_t *restrict row, const uint8_t *restrict from, size_t count, uint8_t *restrict out) {
    for (size_t at = 0; at < count; at++) {
        out[at] = (uint8_t)(row[at] - from[at]);
    }
}

IMAGING_HOT static void subtract_average(
    const uint8_t *restrict row, const uint8_t *restrict left, const uint8_t *restrict above, size_t count,
    uint8_t *restrict out) {
    for (size_t at = 0; at < count; at++) {
        out[at] = (uint8_t)(row[at] - (uint8_t)(((uint16_t)left[at] + above[at]) / 2));
    }
}

IMAGING_HOT static void subtract_paeth(
    const uint8_t *restrict row, const uint8_t *restrict left, const uint8_t *restrict above,
    const uint8_t *restrict corner, size_t count, uint8_t *restrict out) {
    for (size_t at = 0; at < count; at++) {
        out[at] = (uint8_t)(row[at] - paeth(left[at], above[at], corner[at]));
    }
}

/// The first row has nothing above it: Up changes nothing then, and Paeth predicts from the left.
static void filter_first_row(const imaging_rows *rows, imaging_png_filter filter, uint8_t *out) {
    const uint8_t *row = rows->pixels;
    const size_t first = rows->pixel_bytes, rest = rows->row_bytes - first;
    memcpy(out, row, rows->row_bytes);
    switch (filter) {
    case IMAGING_FILTER_NONE:
    case IMAGING_FILTER_UP:
        break;
    case IMAGING_FILTER_SUB:
    case IMAGING_FILTER_PAETH:
        subtract(row + first, row, rest, out + first);
        break;
    case IMAGING_FILTER_AVERAGE:
        for (size_t at = first; at < rows->row_bytes; at++) {
            out[at] = (uint8_t)(row[at] - row[at - first] / 2);
        }
        break;
    }
}

void imaging_filter_row(const imaging_rows *rows, uint32_t y, imaging_png_filter filter, uint8_t *out) {
    *out++ = (uint8_t)filter;
    if (y == 0) {
        filter_first_row(rows, filter, out);
        return;
    }
    const uint8_t *row = rows->pixels + (size_t)y * rows->stride, *above = row - rows->stride;
    const size_t first = rows->pixel_bytes, rest = rows->row_bytes - first;
    switch (filter) {
    case IMAGING_FILTER_NONE:
        memcpy(out, row, rows->row_bytes);
        break;
    case IMAGING_FILTER_SUB:
        memcpy(out, row, first);
        subtract(row + first, row, rest, out + first);
        break;
    case IMAGING_FILTER_UP:
        subtract(row, above, rows->row_bytes, out);
        break;
    case IMAGING_FILTER_AVERAGE:
        for (size_t at = 0; at < first; at++) {
            out[at] = (uint8_t)(row[at] - above[at] / 2);
        }
        subtract_average(row + first, row, above + first, rest, out + first);
        break;
    case IMAGING_FILTER_PAETH:
        subtract(row, above, first, out);
        subtract_paeth(row + first, row, above + first, above, rest, out + first);
        break;
    }
}

void imaging_filter_rows(const imaging_rows *rows, imaging_png_filter filter, uint8_t *out) {
    for (uint32_t y = 0; y < rows->height; y++) {
        if (y + AHEAD < rows->height) {
            imaging_prefetch_rows(rows->pixels + (y + AHEAD) * rows->stride, rows->stride, rows->row_bytes, 1);
        }
        imaging_filter_row(rows, y, filter, out + (size_t)y * (rows->row_bytes + 1));
    }
}

/// The sum of the differences' sizes, as signed bytes.
IMAGING_HOT static uint64_t sum_differences(const uint8_t *bytes, size_t count) {
    uint64_t sum = 0;
    for (size_t at = 0; at < count;) {
        size_t end = count - at < 65536 ? count : at + 65536;
        uint32_t part = 0;
        for (; at < end; at++) {
            part += (uint8_t)(bytes[at] < 128 ? bytes[at] : 256 - bytes[at]);
        }
        sum += part;
    }
    return sum;
}

void imaging_filter_rows_adaptively(const imaging_rows *rows, uint8_t *spare, uint8_t *out) {
    for (uint32_t y = 0; y < rows->height; y++, out += rows->row_bytes + 1) {
        uint64_t least = UINT64_MAX;
        for (int filter = IMAGING_FILTER_NONE; filter <= IMAGING_FILTER_PAETH; filter++) {
            imaging_filter_row(rows, y, (imaging_png_filter)filter, spare);
            uint64_t sum = sum_differences(spare + 1, rows->row_bytes);
            if (sum < least) {
                least = sum;
                memcpy(out, spare, rows->row_bytes + 1);
            }
        }
    }
}
