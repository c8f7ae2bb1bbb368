#include "transform.h"

int imaging_check_shape(const imaging_shape *shape, imaging_failure *failure) {
    int fits = shape->width >= 1 && shape->width <= 65536 && shape->height >= 1 && shape->height <= 65536
        && shape->channels >= 1 && shape->channels <= 4 && (shape->bits == 8 || shape->bits == 16);
    if (!fits) {
        return imaging_fail(
            failure, IMAGING_UNSUPPORTED, -1, -1, "a tile to transform has 1 to 65,536 pixels a side of 8 or 16 bits");
    }
    return IMAGING_OK;
}

int imaging_check_window(const imaging_shape *shape, const imaging_window *window, imaging_failure *failure) {
    int fits = window->width >= 1 && window->height >= 1 && window->width <= shape->width
        && window->height <= shape->height && window->x <= shape->width - window->width
        && window->y <= shape->height - window->height;
    if (!fits) {
        return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "a window does not lie in its tile");
    }
    return IMAGING_OK;
}
