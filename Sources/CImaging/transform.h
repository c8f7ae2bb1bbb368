/// What the transforms share; each kernel is written once in a header and included for 8 and for 16 bits.
#ifndef SWATHLOG_CIMAGING_TRANSFORM_H
#define SWATHLOG_CIMAGING_TRANSFORM_H

#include "support.h"

/// Bits of a bilinear weight by bits of a sample. With 11, as in OpenCV's resize, 8-bit samples fit 32 bits after both
/// directions; with 16, samples of 16 bits do after one.
enum {
    TRANSFORM_WEIGHT_BITS8 = 11,
    TRANSFORM_WEIGHT_BITS16 = 16,
};

/// Arrays of bytes promise no alignment, and hold what others see as bytes.
typedef uint8_t transform_sample8;
typedef uint16_t __attribute__((aligned(1), may_alias)) transform_sample16;
typedef uint32_t __attribute__((aligned(1), may_alias)) transform_word;

#define TRANSFORM_JOIN_TOKENS(base, bits) base##bits
#define TRANSFORM_JOIN(base, bits) TRANSFORM_JOIN_TOKENS(base, bits)
/// A kernel's name or type for the bits that it is being compiled for.
#define TRANSFORM_NAME(base) TRANSFORM_JOIN(base, SAMPLE_BITS)
#define SAMPLE TRANSFORM_NAME(transform_sample)
#define WEIGHT_BITS TRANSFORM_NAME(TRANSFORM_WEIGHT_BITS)
#define WEIGHT_ONE (1U << WEIGHT_BITS)
#define SAMPLE_MAX ((1 << SAMPLE_BITS) - 1)

/// A helper that has to become part of each version of a hot loop.
#define TRANSFORM_INLINE static inline __attribute__((always_inline))

/// Fails on a shape that the fixed-point arithmetic does not cover.
int imaging_check_shape(const imaging_shape *shape, imaging_failure *failure);

/// Fails on a window that does not lie in the tile.
int imaging_check_window(const imaging_shape *shape, const imaging_window *window, imaging_failure *failure);

TRANSFORM_INLINE size_t transform_samples(const imaging_shape *shape) {
    return (size_t)shape->width * shape->height * (size_t)shape->channels;
}

/// Channels without alpha.
TRANSFORM_INLINE int transform_colours(const imaging_shape *shape) {
    return shape->channels - (shape->channels % 2 == 0);
}

/// Mirrors an index at the first and last of `count` samples until it is one of them: -1 is 1, `count` is `count` - 2.
TRANSFORM_INLINE int64_t transform_reflect(int64_t index, int64_t count) {
    if (index >= 0 && index < count) {
        return index;
    }
    if (count == 1) {
        return 0;
    }
    int64_t period = 2 * (count - 1);
    index %= period;
    index += index < 0 ? period : 0;
    return index < count ? index : period - index;
}

#endif
