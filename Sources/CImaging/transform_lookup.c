#include "transform.h"

#define SAMPLE_BITS 8
#include "transform_lookup_kernel.h"
#undef SAMPLE_BITS
#define SAMPLE_BITS 16
#include "transform_lookup_kernel.h"
#undef SAMPLE_BITS

int imaging_lookup(
    const uint8_t *from, const imaging_shape *shape, const uint8_t *tables, int entry_bytes, uint8_t *to,
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (code) {
        return code;
    }
    size_t pixels = (size_t)shape->width * shape->height;
    if (shape->bits == 8) {
        lookup8(from, pixels, (size_t)shape->channels, tables, entry_bytes, to);
    } else {
        lookup16(from, pixels, (size_t)shape->channels, tables, entry_bytes, to);
    }
    return IMAGING_OK;
}

int imaging_count(
    const uint8_t *from, size_t stride, const imaging_shape *shape, int big_endian, uint64_t *counts,
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (code) {
        return code;
    }
    // The host's order needs no swap; samples of 8 bits have none.
    const uint16_t probe = 1;
    int host_is_big = *(const uint8_t *)&probe == 0;
    int swap = shape->bits == 16 && big_endian != host_is_big;
    for (uint32_t y = 0; y < shape->height; y++, from += stride) {
        if (shape->bits == 8) {
            count8(from, shape->width, (size_t)shape->channels, 0, counts);
        } else {
            count16(from, shape->width, (size_t)shape->channels, swap, counts);
        }
    }
    return IMAGING_OK;
}

IMAGING_HOT void imaging_swap_bytes(uint8_t *samples, size_t count) {
    transform_sample16 *words = (transform_sample16 *)samples;
    for (size_t at = 0; at < count; at++) {
        words[at] = (uint16_t)(words[at] << 8 | words[at] >> 8);
    }
}

void imaging_copy_channels(
    const uint8_t *from, int from_channels, uint8_t *to, int to_channels, int channels, int sample_bytes,
    size_t pixels) {
    size_t from_step = (size_t)from_channels * (size_t)sample_bytes;
    size_t to_step = (size_t)to_channels * (size_t)sample_bytes;
    size_t bytes = (size_t)channels * (size_t)sample_bytes;
    for (size_t pixel = 0; pixel < pixels; pixel++, from += from_step, to += to_step) {
        for (size_t at = 0; at < bytes; at++) {
            to[at] = from[at];
        }
    }
}
