// Included by transform_lookup.c for SAMPLE_BITS 8 and 16.

/// One loop for each number of channels, so that the compiler unrolls a pixel.
#define LOOKUP(entry)                                                                       \
    do {                                                                                    \
        const entry *table = (const entry *)tables;                                         \
        entry *out = (entry *)to;                                                           \
        for (size_t pixel = 0; pixel < pixels; pixel++, samples += channels, out += channels) { \
            for (size_t channel = 0; channel < channels; channel++) {                       \
                out[channel] = table[(channel << SAMPLE_BITS) + samples[channel]];          \
            }                                                                               \
        }                                                                                   \
    } while (0)

TRANSFORM_INLINE void TRANSFORM_NAME(lookup_channels)(
    const uint8_t *from, size_t pixels, const size_t channels, const uint8_t *tables, int entry_bytes, uint8_t *to) {
    const SAMPLE *samples = (const SAMPLE *)from;
    switch (entry_bytes) {
    case 1:
        LOOKUP(transform_sample8);
        return;
    case 2:
        LOOKUP(transform_sample16);
        return;
    case 4:
        LOOKUP(transform_word);
        return;
    }
}

#undef LOOKUP

static void TRANSFORM_NAME(lookup)(
    const uint8_t *from, size_t pixels, size_t channels, const uint8_t *tables, int entry_bytes, uint8_t *to) {
    switch (channels) {
    case 1:
        TRANSFORM_NAME(lookup_channels)(from, pixels, 1, tables, entry_bytes, to);
        return;
    case 2:
        TRANSFORM_NAME(lookup_channels)(from, pixels, 2, tables, entry_bytes, to);
        return;
    case 3:
        TRANSFORM_NAME(lookup_channels)(from, pixels, 3, tables, entry_bytes, to);
        return;
    case 4:
        TRANSFORM_NAME(lookup_channels)(from, pixels, 4, tables, entry_bytes, to);
        return;
    }
}

static void TRANSFORM_NAME(count)(
    const uint8_t *from, size_t pixels, size_t channels, int swap, uint64_t *counts) {
    const SAMPLE *samples = (const SAMPLE *)from;
    for (size_t pixel = 0; pixel < pixels; pixel++, samples += channels) {
        for (size_t channel = 0; channel < channels; channel++) {
            uint32_t level = samples[channel];
            level = swap ? (level << 8 | level >> 8) & 0xFFFF : level;
            counts[(channel << SAMPLE_BITS) + level]++;
        }
    }
}
