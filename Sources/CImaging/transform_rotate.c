#include "transform.h"

/// What a rotation needs to know of each pixel: 33 binary places, because the middle of a tile is a whole or a half.
typedef struct {
    int64_t cosine, sine;
    uint32_t width, height;
} rotation;

/// A position of 33 binary places rounded to as many as a weight has.
TRANSFORM_INLINE int64_t on_grid(int64_t position, int weight_bits) {
    int dropped = 33 - weight_bits;
    return (position + ((int64_t)1 << (dropped - 1))) >> dropped;
}

#define SAMPLE_BITS 8
#define SUM uint32_t
#include "transform_rotate_kernel.h"
#undef SAMPLE_BITS
#undef SUM
#define SAMPLE_BITS 16
#define SUM uint64_t
#include "transform_rotate_kernel.h"
#undef SAMPLE_BITS
#undef SUM

int imaging_rotate(
    const uint8_t *from, const imaging_shape *shape, int64_t cosine, int64_t sine, uint8_t *to,
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (code) {
        return code;
    }
    const int64_t one = (int64_t)1 << 32;
    if (cosine < -one || cosine > one || sine < -one || sine > one) {
        return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "an angle's sine or cosine is beyond one");
    }
    const rotation turn = {.cosine = cosine, .sine = sine, .width = shape->width, .height = shape->height};
    if (shape->bits == 8) {
        rotate8(from, &turn, shape->channels, to);
    } else {
        rotate16(from, &turn, shape->channels, to);
    }
    return IMAGING_OK;
}
