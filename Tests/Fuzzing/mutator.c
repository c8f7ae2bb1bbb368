#include <string.h>

#include "mutate.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/// Called by libFuzzer for each new input: its own changes or those that know of segments and chunks. Both leave half
/// of the PNGs with right CRCs, without which no change would get any further.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
    uint64_t state = seed;
    if (mutate_next(&state) & 1) {
        return mutate_file(&state, data, size, max_size);
    }
    size_t count = LLVMFuzzerMutate(data, size, max_size);
    if (mutate_next(&state) & 1) {
        mutate_repair_png(data, count);
    }
    return count;
}
