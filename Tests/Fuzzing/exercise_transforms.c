#include "exercise.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "mutate.h"

/// A copy of an image's samples that each kernel works on, and the numbers that it is given: right, or at random.
typedef struct {
    imaging_shape shape;
    size_t size, samples;
    const uint8_t *from;
    uint8_t *to;
    uint64_t state;
} transformed;

static void require(int held, const char *promise) {
    if (!held) {
        exercise_breach(promise);
    }
}

static void require_end(int code, const imaging_failure *failure) {
    require(code == 0 || failure->message[0] != 0, "a transform that fails says why");
}

static uint32_t below(transformed *tile, uint32_t limit) {
    return (uint32_t)(mutate_next(&tile->state) % limit);
}

/// Windows inside, at the edges, and now and then outside.
static imaging_window choose_window(transformed *tile) {
    uint32_t x = below(tile, tile->shape.width), y = below(tile, tile->shape.height);
    imaging_window window = {x, y, 1, 1};
    window.width += below(tile, tile->shape.width - window.x);
    window.height += below(tile, tile->shape.height - window.y);
    if (below(tile, 8) == 0) {
        window.width = (uint32_t)mutate_next(&tile->state);
    }
    return window;
}

static void resample(transformed *tile) {
    imaging_failure failure;
    memset(&failure, 0, sizeof failure);
    static const int64_t one = INT64_C(1) << 32;
    int64_t angles[][2] = {{one, 0}, {0, -one}, {one * 7 / 10, one * 7 / 10}, {one * 2, 0}, {INT64_MIN, INT64_MAX}};
    int64_t *angle = angles[below(tile, 5)];
    require_end(imaging_rotate(tile->from, &tile->shape, angle[0], angle[1], tile->to, &failure), &failure);
    imaging_window window = choose_window(tile);
    require_end(imaging_stretch(tile->from, &tile->shape, &window, tile->to, &failure), &failure);
    uint32_t weights[9] = {65536}, radius = below(tile, 9);
    for (uint32_t at = 1; at <= radius; at++) {
        weights[at] = below(tile, 3000);
        weights[0] -= 2 * weights[at];
    }
    require_end(imaging_blur(tile->from, &tile->shape, weights, radius, tile->to, &failure), &failure);
}

static void change_in_place(transformed *tile) {
    imaging_failure failure;
    memset(&failure, 0, sizeof failure);
    memcpy(tile->to, tile->from, tile->size);
    imaging_window window = choose_window(tile);
    uint32_t level = below(tile, 2) ? UINT32_MAX : below(tile, 256);
    require_end(imaging_fill(tile->to, &tile->shape, &window, level, &failure), &failure);
    int32_t shifts[] = {0, 1, 196608, 393215, INT32_MAX, INT32_MIN, -65536, 65536};
    int32_t hue = shifts[below(tile, 8)], saturation = shifts[below(tile, 8)], value = shifts[below(tile, 8)];
    require_end(imaging_shift_hue(tile->to, &tile->shape, hue, saturation, value, &failure), &failure);
    static int32_t amounts[32768];
    for (size_t at = 0; at < 32768; at += 1024) {
        int32_t amount = shifts[below(tile, 8)];
        amounts[at + below(tile, 1024)] = amount;
    }
    uint32_t low = below(tile, UINT32_MAX), high = below(tile, UINT32_MAX);
    const uint32_t key[2] = {low, high};
    require_end(imaging_add_noise(tile->to, &tile->shape, key, amounts, &failure), &failure);
    if (tile->shape.bits == 16) {
        imaging_swap_bytes(tile->to, tile->samples);
    }
}

static void count_and_look_up(transformed *tile) {
    imaging_failure failure;
    memset(&failure, 0, sizeof failure);
    size_t levels = (size_t)tile->shape.channels << tile->shape.bits, entry = (size_t)1 << below(tile, 3), sum = 0;
    uint64_t *counts = calloc(levels, sizeof *counts);
    uint8_t *tables = calloc(levels, entry), *to = malloc(tile->samples * entry);
    require(counts && tables && to, "tables fit the memory");
    size_t stride = tile->size / tile->shape.height;
    int big_endian = (int)below(tile, 2);
    int code = imaging_count(tile->from, stride, &tile->shape, big_endian, counts, &failure);
    require_end(code, &failure);
    for (size_t level = 0; code == 0 && level < levels; level++) {
        sum += counts[level];
    }
    require(code != 0 || sum == tile->samples, "every sample is counted once");
    require_end(imaging_lookup(tile->from, &tile->shape, tables, (int)entry, to, &failure), &failure);
    free(counts);
    free(tables);
    free(to);
}

void exercise_transforms(const exercise_image *image, const uint8_t *bytes, size_t count) {
    transformed tile = {
        .shape = {image->width, image->height, image->channels, image->bit_depth},
        .size = image->row_bytes * image->height,
        .from = image->pixels,
        .state = crc32_z(0, bytes, count),
    };
    tile.samples = tile.size / (size_t)(image->bit_depth / 8);
    tile.to = malloc(tile.size);
    require(tile.to != NULL, "a transformed image fits the memory");
    resample(&tile);
    change_in_place(&tile);
    count_and_look_up(&tile);
    free(tile.to);
}
