#include "transform.h"

#include <stdlib.h>

enum {
    /// Bits of a weight: a 16-bit value times the sum of all weights still fits 32 bits, with the half for rounding.
    BLUR_BITS = 16,
    /// Sums kept at a time; they stay in the level 1 cache while all weights are added up.
    GROUP = 512,
};

/// What both directions need.
typedef struct {
    uint32_t width, height, channels, radius;
    const uint32_t *weights;
    /// One row with its reflected borders, and the whole tile blurred along its rows.
    uint16_t *padded, *across;
} blur_work;

/// Adds up rows (or shifted copies of one) by weight: `rows` has the centre, then the two neighbours of each distance.
IMAGING_HOT static void add_up(
    const uint16_t *const *rows, const uint32_t *weights, uint32_t radius, size_t start, size_t count,
    uint32_t *sums) {
    const uint16_t *centre = rows[0] + start;
    for (size_t at = 0; at < count; at++) {
        sums[at] = centre[at] * weights[0];
    }
    for (uint32_t distance = 1; distance <= radius; distance++) {
        const uint16_t *before = rows[2 * distance - 1] + start, *after = rows[2 * distance] + start;
        uint32_t weight = weights[distance];
        for (size_t at = 0; at < count; at++) {
            sums[at] += ((uint32_t)before[at] + after[at]) * weight;
        }
    }
}

#define SAMPLE_BITS 8
#include "transform_blur_kernel.h"
#undef SAMPLE_BITS
#define SAMPLE_BITS 16
#include "transform_blur_kernel.h"
#undef SAMPLE_BITS

static int check_weights(const uint32_t *weights, uint32_t radius, imaging_failure *failure) {
    uint64_t sum = weights[0];
    for (uint32_t distance = 1; distance <= radius && radius <= 65536; distance++) {
        sum += 2 * (uint64_t)weights[distance];
    }
    if (radius > 65536 || sum != 1 << BLUR_BITS) {
        return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "the weights of a blur do not make 65,536");
    }
    return IMAGING_OK;
}

int imaging_blur(
    const uint8_t *from, const imaging_shape *shape, const uint32_t *weights, uint32_t radius, uint8_t *to,
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (!code) {
        code = check_weights(weights, radius, failure);
    }
    if (code) {
        return code;
    }
    size_t channels = (size_t)shape->channels;
    uint16_t *padded = malloc(((size_t)shape->width + 2 * (size_t)radius) * channels * sizeof *padded);
    uint16_t *across = malloc(transform_samples(shape) * sizeof *across);
    const uint16_t **rows = malloc((2 * (size_t)radius + 1) * sizeof *rows);
    const blur_work work = {
        .width = shape->width, .height = shape->height, .channels = (uint32_t)shape->channels, .radius = radius,
        .weights = weights, .padded = padded, .across = across,
    };
    if (!padded || !across || !rows) {
        code = imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "no memory to blur a tile");
    } else if (shape->bits == 8) {
        blur8(from, &work, rows, to);
    } else {
        blur16(from, &work, rows, to);
    }
    free(padded);
    free(across);
    free(rows);
    return code;
}
