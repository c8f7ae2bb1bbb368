#include "exercise.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void require(int held, const char *promise) {
    if (!held) {
        exercise_breach(promise);
    }
}

/// One of the eight ways to stand an image upright: where to begin, and how to go on.
typedef struct {
    const uint8_t *from;
    ptrdiff_t step_x, step_y;
    uint32_t width, height;
} way;

static way choose_way(const exercise_image *image, int number) {
    ptrdiff_t row = (ptrdiff_t)image->row_bytes, pixel = row / (ptrdiff_t)image->width;
    ptrdiff_t last_row = row * (ptrdiff_t)(image->height - 1);
    const uint8_t *from = image->pixels + (number & 1 ? row - pixel : 0) + (number & 2 ? last_row : 0);
    ptrdiff_t step_x = number & 1 ? -pixel : pixel, step_y = number & 2 ? -row : row;
    if (number & 4) {
        return (way){from, step_y, step_x, image->height, image->width};
    }
    return (way){from, step_x, step_y, image->width, image->height};
}

/// Both ways of copying must agree, and begin and end with the right pixel.
static void turn(const exercise_image *image) {
    size_t size = image->row_bytes * image->height, pixel = image->row_bytes / image->width;
    uint8_t *gathered = malloc(size), *turned = malloc(size);
    require(gathered && turned, "a turned image fits the memory");
    for (int number = 0; number < 8; number++) {
        way to = choose_way(image, number);
        imaging_gather(
            to.from, to.step_x, to.step_y, to.width, to.height, (int)pixel, gathered, pixel * to.width);
        imaging_turn(to.from, to.step_x, to.step_y, to.width, to.height, (int)pixel, turned);
        const uint8_t *last =
            to.from + to.step_x * (ptrdiff_t)(to.width - 1) + to.step_y * (ptrdiff_t)(to.height - 1);
        require(memcmp(gathered, to.from, pixel) == 0, "a turn begins with its first pixel");
        require(memcmp(gathered + size - pixel, last, pixel) == 0, "a turn ends with its last pixel");
        require(memcmp(gathered, turned, size) == 0, "both ways to turn give the same");
    }
    free(gathered);
    free(turned);
}

/// Pads a tile of which a part is the image's, down to one pixel.
static void pad(const exercise_image *image, uint32_t choice) {
    size_t size = image->row_bytes * image->height, pixel = image->row_bytes / image->width;
    uint8_t *tile = malloc(size), *fill = calloc(1, pixel);
    require(tile && fill, "a padded tile fits the memory");
    memcpy(tile, image->pixels, size);
    uint32_t width = choice % image->width + 1, height = choice / 5 % image->height + 1;
    imaging_pad way = (imaging_pad)(choice % 3);
    imaging_pad_tile(tile, image->width, image->height, width, height, (int)pixel, way, fill);
    for (uint32_t y = 0; y < height; y++) {
        size_t start = image->row_bytes * y;
        require(memcmp(tile + start, image->pixels + start, pixel * width) == 0, "padding keeps the image's pixels");
    }
    free(tile);
    free(fill);
}

static void flatten_and_count(const exercise_image *image, const uint8_t background[4]) {
    const int sample = image->bit_depth / 8, alpha = image->channels == 2 || image->channels == 4;
    const size_t pixels = (size_t)image->width * image->height;
    uint32_t counts[4 * 256], sum = 0;
    imaging_count_levels(
        image->pixels, image->row_bytes, image->width, image->height, image->channels, sample, counts);
    for (int level = 0; level < 256 * image->channels; level++) {
        sum += counts[level];
    }
    require(sum == pixels * (size_t)image->channels, "every sample is counted once");
    uint64_t empty = imaging_count_empty(
        image->pixels, image->row_bytes, image->width, image->height, image->channels, sample, alpha, image->pixels);
    require(empty >= 1 && empty <= pixels, "the first pixel is like itself");
    if (alpha) {
        uint8_t *flat = malloc(image->row_bytes * image->height);
        require(flat != NULL, "a flat image fits the memory");
        memcpy(flat, image->pixels, image->row_bytes * image->height);
        imaging_flatten(flat, pixels, image->channels, sample, background);
        free(flat);
    }
}

/// Any four bytes are the bits of some float.
static void halve(const exercise_image *image) {
    size_t count = image->row_bytes * image->height / 4;
    uint32_t *floats = malloc(count * 4 + 4);
    uint16_t *halves = malloc(count * 2 + 2);
    require(floats && halves, "halves fit the memory");
    memcpy(floats, image->pixels, count * 4);
    imaging_halves(floats, count, halves);
    for (size_t at = 0; at < count; at++) {
        require(floats[at] >> 31 == (uint32_t)halves[at] >> 15, "halves keep their sign");
    }
    free(floats);
    free(halves);
}

void exercise_tiles(const exercise_image *image, const uint8_t *bytes, size_t count) {
    uint32_t choice = (uint32_t)crc32_z(0, bytes, count);
    const uint8_t background[4] = {(uint8_t)choice, (uint8_t)(choice >> 8), 255, 0};
    turn(image);
    pad(image, choice);
    flatten_and_count(image, background);
    halve(image);
}
