#include "transform.h"

#include <string.h>

/// Pixels a side of a block: its rows and columns of up to 8 bytes a pixel lie in a level 1 cache together, also where
/// a row's length puts all of a column into a few of the cache's sets.
enum { BLOCK = 32 };

TRANSFORM_INLINE void turn(
    const uint8_t *from, ptrdiff_t step_x, ptrdiff_t step_y, uint32_t width, uint32_t height, size_t pixel_bytes,
    uint8_t *to) {
    for (uint32_t top = 0; top < height; top += BLOCK) {
        uint32_t bottom = height - top < BLOCK ? height : top + BLOCK;
        for (uint32_t left = 0; left < width; left += BLOCK) {
            uint32_t right = width - left < BLOCK ? width : left + BLOCK;
            for (uint32_t y = top; y < bottom; y++) {
                const uint8_t *pixel = from + (ptrdiff_t)y * step_y + (ptrdiff_t)left * step_x;
                uint8_t *out = to + ((size_t)y * width + left) * pixel_bytes;
                for (uint32_t x = left; x < right; x++, pixel += step_x, out += pixel_bytes) {
                    memcpy(out, pixel, pixel_bytes);
                }
            }
        }
    }
}

void imaging_turn(
    const uint8_t *from, ptrdiff_t step_x, ptrdiff_t step_y, uint32_t width, uint32_t height, int pixel_bytes,
    uint8_t *to) {
    // Each case gives the loop a constant, so that a pixel is copied with one or two moves.
    switch (pixel_bytes) {
    case 1:
        turn(from, step_x, step_y, width, height, 1, to);
        return;
    case 2:
        turn(from, step_x, step_y, width, height, 2, to);
        return;
    case 3:
        turn(from, step_x, step_y, width, height, 3, to);
        return;
    case 4:
        turn(from, step_x, step_y, width, height, 4, to);
        return;
    case 6:
        turn(from, step_x, step_y, width, height, 6, to);
        return;
    case 8:
        turn(from, step_x, step_y, width, height, 8, to);
        return;
    }
}
