#include "transform.h"

#include <stdlib.h>

/// Where a stretched pixel lies between two of the window.
typedef struct {
    uint32_t first, second;
    uint32_t weight;
} place;

/// Pixel centres map to pixel centres: position = (at + 1/2) * window / full - 1/2, held inside the window. In whole
/// numbers: the numerator of that over 2 * full, rounded to the grid of the weights.
TRANSFORM_INLINE place find_place(uint32_t at, uint32_t window, uint32_t full, uint32_t start, int weight_bits) {
    int64_t numerator = (2 * (int64_t)at + 1) * window - full;
    if (numerator < 0) {
        numerator = 0;
    }
    uint64_t position = (((uint64_t)numerator << weight_bits) + full) / (2 * (uint64_t)full);
    uint32_t first = (uint32_t)(position >> weight_bits);
    if (first >= window - 1) {
        return (place){start + window - 1, start + window - 1, 0};
    }
    return (place){start + first, start + first + 1, (uint32_t)position & ((1U << weight_bits) - 1)};
}

#define SAMPLE_BITS 8
#define SUM uint32_t
#include "transform_stretch_kernel.h"
#undef SAMPLE_BITS
#undef SUM
#define SAMPLE_BITS 16
#define SUM uint64_t
#include "transform_stretch_kernel.h"
#undef SAMPLE_BITS
#undef SUM

static void stretch_row(const uint8_t *from, const imaging_shape *shape, const place *columns, uint32_t *row) {
    if (shape->bits == 8) {
        stretch_row8(from, shape, columns, row);
    } else {
        stretch_row16(from, shape, columns, row);
    }
}

/// Stretches with two rows of scratch and a place for each column.
static void stretch(
    const uint8_t *from, const imaging_shape *shape, const imaging_window *window, uint32_t *rows, place *columns,
    uint8_t *to) {
    int weight_bits = shape->bits == 8 ? TRANSFORM_WEIGHT_BITS8 : TRANSFORM_WEIGHT_BITS16;
    size_t length = (size_t)shape->width * (size_t)shape->channels;
    uint32_t *held[2] = {rows, rows + length};
    uint32_t above = UINT32_MAX, below = UINT32_MAX;
    for (uint32_t x = 0; x < shape->width; x++) {
        columns[x] = find_place(x, window->width, shape->width, window->x, weight_bits);
    }
    size_t row_bytes = length * (size_t)(shape->bits / 8);
    for (uint32_t y = 0; y < shape->height; y++, to += row_bytes) {
        place row = find_place(y, window->height, shape->height, window->y, weight_bits);
        // Going down, what was below comes to lie above; a row is stretched once.
        if (row.first == below && row.first != above) {
            uint32_t *moved = held[0];
            held[0] = held[1];
            held[1] = moved;
            above = below;
            below = UINT32_MAX;
        }
        if (row.first != above) {
            stretch_row(from + row.first * row_bytes, shape, columns, held[0]);
            above = row.first;
        }
        if (row.second != below) {
            stretch_row(from + row.second * row_bytes, shape, columns, held[1]);
            below = row.second;
        }
        if (shape->bits == 8) {
            mix8(held[0], held[1], row.weight, length, to);
        } else {
            mix16(held[0], held[1], row.weight, length, to);
        }
    }
}

int imaging_stretch(
    const uint8_t *from, const imaging_shape *shape, const imaging_window *window, uint8_t *to,
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (!code) {
        code = imaging_check_window(shape, window, failure);
    }
    if (code) {
        return code;
    }
    size_t length = (size_t)shape->width * (size_t)shape->channels;
    uint32_t *rows = malloc(2 * length * sizeof *rows);
    place *columns = malloc(shape->width * sizeof *columns);
    if (rows && columns) {
        stretch(from, shape, window, rows, columns, to);
    } else {
        code = imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "no memory for two rows of a tile");
    }
    free(rows);
    free(columns);
    return code;
}
