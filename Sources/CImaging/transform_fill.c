#include "transform.h"

#define SAMPLE_BITS 8
#include "transform_fill_kernel.h"
#undef SAMPLE_BITS
#define SAMPLE_BITS 16
#include "transform_fill_kernel.h"
#undef SAMPLE_BITS

int imaging_fill(
    uint8_t *samples, const imaging_shape *shape, const imaging_window *window, uint32_t level,
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (!code) {
        code = imaging_check_window(shape, window, failure);
    }
    if (code) {
        return code;
    }
    if (shape->bits == 8) {
        fill8(samples, shape, window, level);
    } else {
        fill16(samples, shape, window, level);
    }
    return IMAGING_OK;
}
