#include "transform.h"

enum {
    /// A sixth of the colour circle, and full saturation.
    UNIT = 1 << 16,
    CIRCLE = 6 * UNIT,
};

/// The hue of a pixel in 0 to CIRCLE - 1, by the hexcone model (A. R. Smith, "Color gamut transform pairs", 1978).
TRANSFORM_INLINE int32_t hue_of(int32_t red, int32_t green, int32_t blue, int32_t most, int32_t spread) {
    if (spread == 0) {
        return 0;
    }
    int32_t sector = most == red ? 0 : most == green ? 2 : 4;
    int32_t difference = most == red ? green - blue : most == green ? blue - red : red - green;
    int32_t distance = difference < 0 ? -difference : difference;
    int32_t part = (int32_t)((((uint32_t)distance << 16) + (uint32_t)spread / 2) / (uint32_t)spread);
    int32_t hue = sector * UNIT + (difference < 0 ? -part : part);
    return hue < 0 ? hue + CIRCLE : hue;
}

TRANSFORM_INLINE int32_t clamp(int32_t value, int32_t most) {
    return value < 0 ? 0 : value > most ? most : value;
}

/// `value` less its part `saturation` * `share` (both of UNIT).
TRANSFORM_INLINE uint32_t less(uint32_t value, uint32_t saturation, uint32_t share) {
    uint64_t part = ((uint64_t)saturation * share + UNIT / 2) >> 16;
    return (uint32_t)(((uint64_t)value * (UNIT - part) + UNIT / 2) >> 16);
}

typedef struct {
    int32_t hue, saturation, value;
} hue_shift;

#define SAMPLE_BITS 8
#include "transform_hue_kernel.h"
#undef SAMPLE_BITS
#define SAMPLE_BITS 16
#include "transform_hue_kernel.h"
#undef SAMPLE_BITS

int imaging_shift_hue(
    uint8_t *samples, const imaging_shape *shape, int32_t hue, int32_t saturation, int32_t value,
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (code) {
        return code;
    }
    int fits = shape->channels >= 3 && hue >= 0 && hue < CIRCLE && saturation >= -UNIT && saturation <= UNIT
        && value >= -65535 && value <= 65535;
    if (!fits) {
        return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "a shift of hue is outside its range, or of grey");
    }
    const hue_shift shift = {.hue = hue, .saturation = saturation, .value = value};
    size_t pixels = (size_t)shape->width * shape->height;
    if (shape->bits == 8) {
        shift_hue8(samples, pixels, (size_t)shape->channels, shift);
    } else {
        shift_hue16(samples, pixels, (size_t)shape->channels, shift);
    }
    return IMAGING_OK;
}
