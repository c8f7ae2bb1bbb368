#include "exercise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// The C calls as they are, without the checks that Swift makes before them.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)exercise_file(data, size);
    exercise_streams(data, size);
    return 0;
}
