// Included by transform_stretch.c for SAMPLE_BITS 8 and 16; SUM holds a sample times both weights.

TRANSFORM_INLINE void TRANSFORM_NAME(stretch_channels)(
    const uint8_t *from, uint32_t width, const uint32_t channels, const place *columns, uint32_t *row) {
    const SAMPLE *samples = (const SAMPLE *)from;
    for (uint32_t x = 0; x < width; x++, row += channels) {
        const SAMPLE *left = samples + (size_t)columns[x].first * channels;
        const SAMPLE *right = samples + (size_t)columns[x].second * channels;
        uint32_t weight = columns[x].weight;
        for (uint32_t channel = 0; channel < channels; channel++) {
            row[channel] = left[channel] * (WEIGHT_ONE - weight) + right[channel] * weight;
        }
    }
}

static void TRANSFORM_NAME(stretch_row)(
    const uint8_t *from, const imaging_shape *shape, const place *columns, uint32_t *row) {
    switch (shape->channels) {
    case 1:
        TRANSFORM_NAME(stretch_channels)(from, shape->width, 1, columns, row);
        return;
    case 2:
        TRANSFORM_NAME(stretch_channels)(from, shape->width, 2, columns, row);
        return;
    case 3:
        TRANSFORM_NAME(stretch_channels)(from, shape->width, 3, columns, row);
        return;
    case 4:
        TRANSFORM_NAME(stretch_channels)(from, shape->width, 4, columns, row);
        return;
    }
}

IMAGING_HOT static void TRANSFORM_NAME(mix)(
    const uint32_t *above, const uint32_t *below, uint32_t weight, size_t count, uint8_t *to) {
    SAMPLE *out = (SAMPLE *)to;
    for (size_t at = 0; at < count; at++) {
        SUM sum = (SUM)above[at] * (WEIGHT_ONE - weight) + (SUM)below[at] * weight;
        out[at] = (SAMPLE)((sum + ((SUM)1 << (2 * WEIGHT_BITS - 1))) >> (2 * WEIGHT_BITS));
    }
}
