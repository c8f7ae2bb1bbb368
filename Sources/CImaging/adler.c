#include "adler.h"

#include "support.h"

enum {
    MODULUS = 65521,
    GROUP = 64,
    /// Groups until a 32-bit sum could overflow: 5,552 bytes is zlib's bound for that (NMAX), 86 groups lie below.
    GROUPS = 86,
};

/// The second sum adds up the first one after each byte. Over a group of 64 that is 64 times the first sum before it,
/// and each byte as often as there are bytes from it to the group's end: two sums that no step waits for.
IMAGING_HOT uint32_t imaging_adler32(uint32_t adler, const uint8_t *bytes, size_t count) {
    uint32_t first = adler & 0xFFFF, second = adler >> 16;
    while (count >= GROUP) {
        size_t groups = count / GROUP < GROUPS ? count / GROUP : GROUPS;
        count -= groups * GROUP;
        for (; groups > 0; groups--, bytes += GROUP) {
            uint32_t sum = 0, weighted = 0;
            for (uint32_t at = 0; at < GROUP; at++) {
                sum += bytes[at];
                weighted += (uint32_t)((int16_t)(GROUP - at) * (int16_t)bytes[at]);
            }
            second += GROUP * first + weighted;
            first += sum;
        }
        first %= MODULUS;
        second %= MODULUS;
    }
    for (; count > 0; count--, bytes++) {
        first += *bytes;
        second += first;
    }
    return second % MODULUS << 16 | first % MODULUS;
}
