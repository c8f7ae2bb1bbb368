// Included by transform_fill.c for SAMPLE_BITS 8 and 16.

static void TRANSFORM_NAME(fill)(
    uint8_t *bytes, const imaging_shape *shape, const imaging_window *window, uint32_t level) {
    size_t channels = (size_t)shape->channels;
    int colours = transform_colours(shape);
    for (uint32_t y = window->y; y < window->y + window->height; y++) {
        SAMPLE *pixel = (SAMPLE *)bytes + ((size_t)y * shape->width + window->x) * channels;
        for (uint32_t x = 0; x < window->width; x++, pixel += channels) {
            for (int colour = 0; colour < colours; colour++) {
                pixel[colour] = (SAMPLE)level;
            }
        }
    }
}
