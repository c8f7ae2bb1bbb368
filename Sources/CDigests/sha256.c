#include "CDigests.h"

/// SHA-256 (FIPS 180-4) by the instructions that x86 processors have for it, of a message that lies in one piece.
///
/// A library's context is allocated, filled, copied and freed for each message, which for the hundred bytes of a tree's
/// node costs more than its hash. Elsewhere, and on processors without the instructions, the library is used.
#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

enum { BLOCK_BYTES = 64 };

static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};

int digests_has_sha256(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) {
        return 0;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

/// The state lies in two vectors as the instructions want it: a, b, e, f and c, d, g, h.
typedef struct {
    __m128i abef, cdgh;
} halves;

__attribute__((target("sha,sse4.1,ssse3"))) static void take_blocks(
    halves *state, const uint8_t *next, size_t blocks) {
    const __m128i swap = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    __m128i abef = state->abef, cdgh = state->cdgh;
    for (; blocks > 0; blocks--, next += BLOCK_BYTES) {
        const __m128i old_abef = abef, old_cdgh = cdgh;
        // words[group % 4] has four words of the message, then four of its schedule in place of those 16 before.
        __m128i words[4];
#pragma clang loop unroll(full)
        for (int group = 0; group < 16; group++) {
            __m128i *word = &words[group & 3];
            if (group < 4) {
                *word = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(next + 16 * group)), swap);
            } else {
                const __m128i last = words[(group + 3) & 3];
                const __m128i seventh = _mm_alignr_epi8(last, words[(group + 2) & 3], 4);
                const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*word, words[(group + 1) & 3]), seventh);
                *word = _mm_sha256msg2_epu32(sum, last);
            }
            const __m128i rounds = _mm_add_epi32(*word, _mm_load_si128((const __m128i *)(constants + 4 * group)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, rounds);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(rounds, 0x0E));
        }
        abef = _mm_add_epi32(abef, old_abef);
        cdgh = _mm_add_epi32(cdgh, old_cdgh);
    }
    state->abef = abef;
    state->cdgh = cdgh;
}

__attribute__((target("sha,sse4.1,ssse3"))) void digests_sha256(
    const uint8_t *message, size_t count, uint8_t *digest) {
    halves state = {
        _mm_set_epi32((int)0x6A09E667, (int)0xBB67AE85, 0x510E527F, (int)0x9B05688C),
        _mm_set_epi32(0x3C6EF372, (int)0xA54FF53A, 0x1F83D9AB, 0x5BE0CD19),
    };
    const size_t rest = count % BLOCK_BYTES;
    take_blocks(&state, message, count / BLOCK_BYTES);
    uint8_t end[2 * BLOCK_BYTES] = {0};
    const size_t end_bytes = rest < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    if (rest > 0) {
        memcpy(end, message + count - rest, rest);
    }
    end[rest] = 0x80;
    const uint64_t bits = __builtin_bswap64((uint64_t)count * 8);
    memcpy(end + end_bytes - 8, &bits, 8);
    take_blocks(&state, end, end_bytes / BLOCK_BYTES);
    const __m128i abef = _mm_shuffle_epi32(state.abef, 0x1B);
    const __m128i cdgh = _mm_shuffle_epi32(state.cdgh, 0xB1);
    const __m128i swap = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    const __m128i first = _mm_blend_epi16(abef, cdgh, 0xF0), second = _mm_alignr_epi8(cdgh, abef, 8);
    _mm_storeu_si128((__m128i *)digest, _mm_shuffle_epi8(first, swap));
    _mm_storeu_si128((__m128i *)(digest + 16), _mm_shuffle_epi8(second, swap));
}

#else

int digests_has_sha256(void) { return 0; }

void digests_sha256(const uint8_t *message, size_t count, uint8_t *digest) {
    (void)message;
    (void)count;
    (void)digest;
}

#endif
