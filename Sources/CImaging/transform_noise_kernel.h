// Included by transform_noise.c for SAMPLE_BITS 8 and 16.

static void TRANSFORM_NAME(add_noise)(
    uint8_t *bytes, const imaging_shape *shape, const uint32_t key[2], const int32_t *amounts) {
    SAMPLE *samples = (SAMPLE *)bytes;
    uint16_t numbers[GROUP];
    size_t count = transform_samples(shape);
    // Alpha takes its number too, so that a sample's number does not depend on what is skipped; 0 marks no alpha.
    size_t alpha = shape->channels % 2 == 0 ? (size_t)shape->channels : 0;
    for (size_t start = 0; start < count; start += GROUP) {
        make_numbers(start / NUMBERS, key, numbers);
        size_t group = count - start < GROUP ? count - start : GROUP;
        for (size_t at = 0; at < group; at++) {
            int64_t amount = amounts[numbers[at] & 0x7FFF];
            int64_t level = samples[start + at] + (numbers[at] & 0x8000 ? -amount : amount);
            level = level < 0 ? 0 : level > SAMPLE_MAX ? SAMPLE_MAX : level;
            int is_alpha = alpha > 0 && (start + at) % alpha == alpha - 1;
            samples[start + at] = is_alpha ? samples[start + at] : (SAMPLE)level;
        }
    }
}
