// Included by transform_rotate.c for SAMPLE_BITS 8 and 16; SUM holds a sample times both weights.

TRANSFORM_INLINE void TRANSFORM_NAME(blend)(
    const SAMPLE *top, const SAMPLE *bottom, size_t left, size_t right, uint32_t across, uint32_t down,
    const int channels, SAMPLE *out) {
    for (int channel = 0; channel < channels; channel++, left++, right++) {
        SUM upper = top[left] * (WEIGHT_ONE - across) + top[right] * across;
        SUM lower = bottom[left] * (WEIGHT_ONE - across) + bottom[right] * across;
        SUM sum = upper * (WEIGHT_ONE - down) + lower * down;
        out[channel] = (SAMPLE)((sum + ((SUM)1 << (2 * WEIGHT_BITS - 1))) >> (2 * WEIGHT_BITS));
    }
}

TRANSFORM_INLINE void TRANSFORM_NAME(rotate_channels)(
    const uint8_t *from, const rotation *turn, const int channels, uint8_t *to) {
    const SAMPLE *samples = (const SAMPLE *)from;
    SAMPLE *out = (SAMPLE *)to;
    const int64_t width = turn->width, height = turn->height;
    const size_t stride = (size_t)width * (size_t)channels;
    for (int64_t row = 0; row < height; row++) {
        // Twice the distance from the middle is whole; the other half of the 33rd place is in the middle's own.
        int64_t across = 1 - width, down = 2 * row + 1 - height;
        int64_t x = turn->cosine * across - turn->sine * down + ((width - 1) * ((int64_t)1 << 32));
        int64_t y = turn->sine * across + turn->cosine * down + ((height - 1) * ((int64_t)1 << 32));
        for (int64_t column = 0; column < width; column++, out += channels) {
            int64_t at_x = on_grid(x, WEIGHT_BITS), at_y = on_grid(y, WEIGHT_BITS);
            int64_t left = at_x >> WEIGHT_BITS, top = at_y >> WEIGHT_BITS;
            int64_t right = left + 1, bottom = top + 1;
            if (left < 0 || right >= width || top < 0 || bottom >= height) {
                left = transform_reflect(left, width);
                right = transform_reflect(right, width);
                top = transform_reflect(top, height);
                bottom = transform_reflect(bottom, height);
            }
            TRANSFORM_NAME(blend)(
                samples + (size_t)top * stride, samples + (size_t)bottom * stride, (size_t)(left * channels),
                (size_t)(right * channels), (uint32_t)(at_x & (WEIGHT_ONE - 1)), (uint32_t)(at_y & (WEIGHT_ONE - 1)),
                channels, out);
            x += 2 * turn->cosine;
            y += 2 * turn->sine;
        }
    }
}

static void TRANSFORM_NAME(rotate)(const uint8_t *from, const rotation *turn, int channels, uint8_t *to) {
    switch (channels) {
    case 1:
        TRANSFORM_NAME(rotate_channels)(from, turn, 1, to);
        return;
    case 2:
        TRANSFORM_NAME(rotate_channels)(from, turn, 2, to);
        return;
    case 3:
        TRANSFORM_NAME(rotate_channels)(from, turn, 3, to);
        return;
    case 4:
        TRANSFORM_NAME(rotate_channels)(from, turn, 4, to);
        return;
    }
}
