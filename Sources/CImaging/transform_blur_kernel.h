// Included by transform_blur.c for SAMPLE_BITS 8 and 16. Between the directions values have 16 bits: 8-bit samples keep
// 8 binary places, which the second direction drops.

enum { TRANSFORM_NAME(KEPT) = 16 - SAMPLE_BITS };

IMAGING_HOT static void TRANSFORM_NAME(narrow)(const uint32_t *sums, size_t count, uint32_t dropped, uint16_t *out) {
    for (size_t at = 0; at < count; at++) {
        out[at] = (uint16_t)((sums[at] + (1U << (dropped - 1))) >> dropped);
    }
}

IMAGING_HOT static void TRANSFORM_NAME(finish)(const uint32_t *sums, size_t count, SAMPLE *out) {
    const uint32_t dropped = BLUR_BITS + TRANSFORM_NAME(KEPT);
    for (size_t at = 0; at < count; at++) {
        out[at] = (SAMPLE)((sums[at] + (1U << (dropped - 1))) >> dropped);
    }
}

static void TRANSFORM_NAME(pad)(const SAMPLE *row, const blur_work *work) {
    uint16_t *out = work->padded;
    size_t channels = work->channels;
    for (int64_t x = -(int64_t)work->radius; x < (int64_t)work->width + work->radius; x++) {
        const SAMPLE *pixel = row + (size_t)transform_reflect(x, work->width) * channels;
        for (size_t channel = 0; channel < channels; channel++) {
            *out++ = pixel[channel];
        }
    }
}

static void TRANSFORM_NAME(blur)(const uint8_t *from, const blur_work *work, const uint16_t **rows, uint8_t *to) {
    const SAMPLE *samples = (const SAMPLE *)from;
    SAMPLE *out = (SAMPLE *)to;
    size_t length = (size_t)work->width * work->channels, channels = work->channels;
    uint32_t sums[GROUP];
    for (size_t y = 0; y < work->height; y++) {
        TRANSFORM_NAME(pad)(samples + y * length, work);
        rows[0] = work->padded + work->radius * channels;
        for (uint32_t distance = 1; distance <= work->radius; distance++) {
            rows[2 * distance - 1] = rows[0] - distance * channels;
            rows[2 * distance] = rows[0] + distance * channels;
        }
        for (size_t start = 0; start < length; start += GROUP) {
            size_t count = length - start < GROUP ? length - start : GROUP;
            add_up(rows, work->weights, work->radius, start, count, sums);
            TRANSFORM_NAME(narrow)(sums, count, BLUR_BITS - TRANSFORM_NAME(KEPT), work->across + y * length + start);
        }
    }
    for (int64_t y = 0; y < work->height; y++) {
        rows[0] = work->across + (size_t)y * length;
        for (int64_t distance = 1; distance <= work->radius; distance++) {
            rows[2 * distance - 1] = work->across + (size_t)transform_reflect(y - distance, work->height) * length;
            rows[2 * distance] = work->across + (size_t)transform_reflect(y + distance, work->height) * length;
        }
        for (size_t start = 0; start < length; start += GROUP) {
            size_t count = length - start < GROUP ? length - start : GROUP;
            add_up(rows, work->weights, work->radius, start, count, sums);
            TRANSFORM_NAME(finish)(sums, count, out + (size_t)y * length + start);
        }
    }
}
