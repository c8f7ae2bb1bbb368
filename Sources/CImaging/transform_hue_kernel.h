// Included by transform_hue.c for SAMPLE_BITS 8 and 16.

TRANSFORM_INLINE void TRANSFORM_NAME(shift_pixel)(SAMPLE *pixel, hue_shift shift) {
    int32_t red = pixel[0], green = pixel[1], blue = pixel[2];
    int32_t most = red > green ? red : green, least = red < green ? red : green;
    most = most > blue ? most : blue;
    least = least < blue ? least : blue;
    int32_t spread = most - least;
    int32_t hue = hue_of(red, green, blue, most, spread) + shift.hue;
    hue = hue >= CIRCLE ? hue - CIRCLE : hue;
    uint32_t full = most > 0 ? (uint32_t)most : 1;
    int32_t saturation = (int32_t)((((uint32_t)spread << 16) + full / 2) / full);
    uint32_t shifted = (uint32_t)clamp(saturation + shift.saturation, UNIT);
    uint32_t value = (uint32_t)clamp(most + shift.value, SAMPLE_MAX);
    uint32_t share = (uint32_t)hue & (UNIT - 1);
    SAMPLE high = (SAMPLE)value, low = (SAMPLE)less(value, shifted, UNIT);
    SAMPLE falling = (SAMPLE)less(value, shifted, share), rising = (SAMPLE)less(value, shifted, UNIT - share);
    const SAMPLE turns[6][3] = {
        {high, rising, low}, {falling, high, low}, {low, high, rising},
        {low, falling, high}, {rising, low, high}, {high, low, falling},
    };
    const SAMPLE *turn = turns[hue >> 16];
    pixel[0] = turn[0];
    pixel[1] = turn[1];
    pixel[2] = turn[2];
}

static void TRANSFORM_NAME(shift_hue)(uint8_t *samples, size_t pixels, size_t channels, hue_shift shift) {
    SAMPLE *pixel = (SAMPLE *)samples;
    for (size_t at = 0; at < pixels; at++, pixel += channels) {
        TRANSFORM_NAME(shift_pixel)(pixel, shift);
    }
}
