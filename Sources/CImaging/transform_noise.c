#include "transform.h"

enum {
    /// Blocks made at once, one in each lane of a vector.
    LANES = 16,
    /// 16-bit numbers of a block.
    NUMBERS = 8,
    GROUP = LANES * NUMBERS,
};

/// Ten rounds on LANES counters side by side; the constants are those of the paper's Philox4x32.
TRANSFORM_INLINE void philox_rounds(uint32_t words[4][LANES], const uint32_t key[2], const int lanes) {
    uint32_t first_key = key[0], second_key = key[1];
    for (int round = 0; round < 10; round++) {
        for (int lane = 0; lane < lanes; lane++) {
            uint64_t first = (uint64_t)words[0][lane] * 0xD2511F53, second = (uint64_t)words[2][lane] * 0xCD9E8D57;
            words[0][lane] = (uint32_t)(second >> 32) ^ words[1][lane] ^ first_key;
            words[1][lane] = (uint32_t)second;
            words[2][lane] = (uint32_t)(first >> 32) ^ words[3][lane] ^ second_key;
            words[3][lane] = (uint32_t)first;
        }
        first_key += 0x9E3779B9;
        second_key += 0xBB67AE85;
    }
}

void imaging_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t words[4][LANES];
    for (int word = 0; word < 4; word++) {
        words[word][0] = counter[word];
    }
    philox_rounds(words, key, 1);
    for (int word = 0; word < 4; word++) {
        out[word] = words[word][0];
    }
}

/// The 128 numbers of 16 blocks from `block` on, in the order of the samples that take them.
IMAGING_HOT static void make_numbers(uint64_t block, const uint32_t key[2], uint16_t numbers[GROUP]) {
    uint32_t words[4][LANES];
    for (int lane = 0; lane < LANES; lane++) {
        words[0][lane] = (uint32_t)(block + (uint64_t)lane);
        words[1][lane] = (uint32_t)((block + (uint64_t)lane) >> 32);
        words[2][lane] = 0;
        words[3][lane] = 0;
    }
    philox_rounds(words, key, LANES);
    for (int lane = 0; lane < LANES; lane++) {
        for (int word = 0; word < 4; word++) {
            numbers[lane * NUMBERS + 2 * word] = (uint16_t)words[word][lane];
            numbers[lane * NUMBERS + 2 * word + 1] = (uint16_t)(words[word][lane] >> 16);
        }
    }
}

#define SAMPLE_BITS 8
#include "transform_noise_kernel.h"
#undef SAMPLE_BITS
#define SAMPLE_BITS 16
#include "transform_noise_kernel.h"
#undef SAMPLE_BITS

int imaging_add_noise(
    uint8_t *samples, const imaging_shape *shape, const uint32_t key[2], const int32_t amounts[32768],
    imaging_failure *failure) {
    int code = imaging_check_shape(shape, failure);
    if (code) {
        return code;
    }
    if (shape->bits == 8) {
        add_noise8(samples, shape, key, amounts);
    } else {
        add_noise16(samples, shape, key, amounts);
    }
    return IMAGING_OK;
}
