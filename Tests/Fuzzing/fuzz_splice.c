#include "exercise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Lossless JPEG tiles: what can be cut can be decoded, and the other way round is no promise.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    exercise_splice(data, size);
    return 0;
}
