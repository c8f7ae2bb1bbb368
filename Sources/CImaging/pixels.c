#include "support.h"

#include <string.h>

/// One loop for each pixel size, so that the compiler sees a constant and copies a pixel with one or two moves.
#define GATHER(size)                                                             \
    for (uint32_t y = 0; y < height; y++, from += step_y, to += to_stride) {     \
        const uint8_t *pixel = from;                                             \
        uint8_t *out = to;                                                       \
        for (uint32_t x = 0; x < width; x++, pixel += step_x, out += size) {     \
            memcpy(out, pixel, size);                                            \
        }                                                                        \
    }                                                                            \
    return

void imaging_gather(
    const uint8_t *from, ptrdiff_t step_x, ptrdiff_t step_y, uint32_t width, uint32_t height, int pixel_bytes,
    uint8_t *to, size_t to_stride) {
    if (step_x == pixel_bytes) {
        for (uint32_t y = 0; y < height; y++, from += step_y, to += to_stride) {
            memcpy(to, from, (size_t)width * (size_t)pixel_bytes);
        }
        return;
    }
    switch (pixel_bytes) {
    case 1:
        GATHER(1);
    case 2:
        GATHER(2);
    case 3:
        GATHER(3);
    case 4:
        GATHER(4);
    case 6:
        GATHER(6);
    case 8:
        GATHER(8);
    }
}

/// The place inside of `count` that a place behind it shows: itself mirrored at the last one, which is not repeated.
static uint32_t reflected(uint32_t at, uint32_t count) {
    if (count == 1) {
        return 0;
    }
    uint32_t period = 2 * (count - 1);
    at %= period;
    return at < count ? at : period - at;
}

static uint32_t pad_source(imaging_pad pad, uint32_t at, uint32_t count) {
    return pad == IMAGING_PAD_REFLECT ? reflected(at, count) : count - 1;
}

void imaging_pad_tile(
    uint8_t *pixels, uint32_t width, uint32_t height, uint32_t valid_width, uint32_t valid_height, int pixel_bytes,
    imaging_pad pad, const uint8_t *fill) {
    if (valid_width == 0 || valid_height == 0) {
        return;
    }
    size_t size = (size_t)pixel_bytes, stride = width * size;
    for (uint32_t y = 0; y < valid_height; y++) {
        uint8_t *row = pixels + y * stride;
        for (uint32_t x = valid_width; x < width; x++) {
            const uint8_t *from = pad == IMAGING_PAD_CONSTANT ? fill : row + pad_source(pad, x, valid_width) * size;
            memcpy(row + x * size, from, size);
        }
    }
    for (uint32_t y = valid_height; y < height; y++) {
        uint8_t *row = pixels + y * stride;
        if (pad != IMAGING_PAD_CONSTANT) {
            memcpy(row, pixels + pad_source(pad, y, valid_height) * stride, stride);
            continue;
        }
        for (uint32_t x = 0; x < width; x++) {
            memcpy(row + x * size, fill, size);
        }
    }
}

void imaging_flatten(uint8_t *pixels, size_t count, int channels, int sample_bytes, const uint8_t *background) {
    const int colours = channels - 1;
    const uint8_t *from = pixels;
    uint8_t *to = pixels;
    for (; count > 0; count--) {
        if (sample_bytes == 1) {
            uint32_t alpha = from[colours];
            for (int channel = 0; channel < colours; channel++) {
                uint32_t sum = from[channel] * alpha + background[channel] * (255 - alpha);
                to[channel] = (uint8_t)((sum + 127) / 255);
            }
        } else {
            uint32_t alpha = (uint32_t)from[2 * colours] << 8 | from[2 * colours + 1];
            for (int channel = 0; channel < colours; channel++) {
                uint64_t colour = (uint64_t)from[2 * channel] << 8 | from[2 * channel + 1];
                uint64_t sum = colour * alpha + (uint64_t)background[channel] * 257 * (65535 - alpha);
                uint64_t level = (sum + 32767) / 65535;
                to[2 * channel] = (uint8_t)(level >> 8);
                to[2 * channel + 1] = (uint8_t)level;
            }
        }
        from += channels * sample_bytes;
        to += colours * sample_bytes;
    }
}

void imaging_count_levels(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, int sample_bytes,
    uint32_t *counts) {
    memset(counts, 0, (size_t)channels * 256 * sizeof *counts);
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *sample = pixels + y * stride;
        for (uint32_t x = 0; x < width; x++) {
            for (int channel = 0; channel < channels; channel++, sample += sample_bytes) {
                counts[channel * 256 + sample[0]]++;
            }
        }
    }
}

uint64_t imaging_count_empty(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, int sample_bytes, int alpha,
    const uint8_t *value) {
    size_t colour = (size_t)(alpha ? channels - 1 : channels) * (size_t)sample_bytes;
    size_t size = (size_t)channels * (size_t)sample_bytes;
    uint64_t count = 0;
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *pixel = pixels + y * stride;
        for (uint32_t x = 0; x < width; x++, pixel += size) {
            int clear = alpha;
            for (size_t at = colour; clear && at < size; at++) {
                clear = pixel[at] == 0;
            }
            count += (uint64_t)(clear || memcmp(pixel, value, colour) == 0);
        }
    }
    return count;
}
