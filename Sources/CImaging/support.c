#include "support.h"

#include <stdio.h>
#include <stdlib.h>

int imaging_fail(imaging_failure *failure, imaging_code code, int64_t offset, int64_t row, const char *message) {
    if (failure) {
        failure->code = (int32_t)code;
        failure->offset = offset;
        failure->row = row;
        snprintf(failure->message, sizeof failure->message, "%s", message);
    }
    return (int)code;
}

int imaging_buffer_reserve(imaging_buffer *buffer, size_t extra) {
    if (extra > SIZE_MAX / 2 - buffer->count) {
        return 0;
    }
    size_t need = buffer->count + extra;
    if (need <= buffer->capacity) {
        return 1;
    }
    // Doubling keeps the number of moves logarithmic; 64 KB is what a small tile needs.
    size_t capacity = buffer->capacity < 65536 ? 65536 : buffer->capacity;
    while (capacity < need) {
        capacity *= 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (!data) {
        return 0;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return 1;
}

void imaging_buffer_free(imaging_buffer *buffer) {
    free(buffer->data);
    buffer->data = NULL;
    buffer->count = 0;
    buffer->capacity = 0;
}
