#include "support.h"

#include <string.h>

/// One loop for each pixel size, so that the compiler sees a constant and copies a pixel with one or two moves.
#define GATHER(size)                                                        \
    for (uint32_t y = 0; y < height; y++, from += step_y) {                 \
        const uint8_t *pixel = from;                                        \
        for (uint32_t x = 0; x < width; x++, pixel += step_x, to += size) { \
            memcpy(to, pixel, size);                                        \
        }                                                                   \
    }                                                                       \
    return

void imaging_gather(
    const uint8_t *from, ptrdiff_t step_x, ptrdiff_t step_y, uint32_t width, uint32_t height, int pixel_bytes,
    uint8_t *to) {
    switch (pixel_bytes) {
    case 1:
        GATHER(1);
    case 2:
        GATHER(2);
    case 3:
        GATHER(3);
    case 4:
        GATHER(4);
    case 6:
        GATHER(6);
    case 8:
        GATHER(8);
    }
}
