/// Seeded damage to JPEG and PNG files: a seed and a round always give the same bytes.
#ifndef SWATHLOG_FUZZING_MUTATE_H
#define SWATHLOG_FUZZING_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/// SplitMix64.
uint64_t mutate_next(uint64_t *state);

/// Damages a file in place in one to four ways and returns its new size, at most `capacity`.
size_t mutate_file(uint64_t *state, uint8_t *bytes, size_t count, size_t capacity);

/// Makes the CRC of every whole PNG chunk right, so that damage is not found by it.
void mutate_repair_png(uint8_t *bytes, size_t count);

#endif
