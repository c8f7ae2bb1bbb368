#include "CDigests.h"

#include <string.h>

/// Compiles the loop for newer processors too and picks at load time.
#if defined(DIGESTS_HOT)
// Whoever compiles has a say: without clones, to compare with.
#elif defined(__x86_64__) && defined(__linux__)
#define DIGESTS_HOT __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DIGESTS_HOT
#endif

/// MD5 (RFC 1321) of several messages at once. Each of its steps waits for the one before, so one message leaves a
/// processor mostly idle; eight, one in each lane of a vector, take hardly longer than one.
enum { LANES = 8, BLOCK_BYTES = 64 };

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

static const uint32_t sines[64] = {
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
};

static const uint8_t turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

#define LOW_WORDS(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH_WORDS(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define LOW_HALVES(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HIGH_HALVES(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

/// Reads 8 words of each message and turns them, so that words[i] holds word i of all messages.
static inline __attribute__((always_inline)) void load_words(
    const uint8_t *const *next, size_t offset, lanes *words) {
    lanes row[LANES], pair[LANES], quad[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        memcpy(&row[lane], next[lane] + offset, sizeof row[lane]);
    }
    for (int at = 0; at < LANES; at += 2) {
        pair[at] = LOW_WORDS(row[at], row[at + 1]);
        pair[at + 1] = HIGH_WORDS(row[at], row[at + 1]);
    }
    for (int at = 0; at < LANES; at += 4) {
        quad[at] = LOW_PAIRS(pair[at], pair[at + 2]);
        quad[at + 1] = HIGH_PAIRS(pair[at], pair[at + 2]);
        quad[at + 2] = LOW_PAIRS(pair[at + 1], pair[at + 3]);
        quad[at + 3] = HIGH_PAIRS(pair[at + 1], pair[at + 3]);
    }
    for (int at = 0; at < 4; at++) {
        words[at] = LOW_HALVES(quad[at], quad[at + 4]);
        words[at + 4] = HIGH_HALVES(quad[at], quad[at + 4]);
    }
}

/// One of the 64 steps; `round` and `step` are constants where this is unrolled. Vectors go by pointer, because by value
/// their size decides how they are passed.
static inline __attribute__((always_inline)) void take_step(
    int round, int step, lanes *a, const lanes *b, const lanes *c, const lanes *d, const lanes *words) {
    lanes mixed;
    int word;
    switch (round) {
    case 0:
        mixed = *d ^ (*b & (*c ^ *d));
        word = step;
        break;
    case 1:
        mixed = *c ^ (*d & (*b ^ *c));
        word = (5 * step + 1) & 15;
        break;
    case 2:
        mixed = *b ^ *c ^ *d;
        word = (3 * step + 5) & 15;
        break;
    default:
        mixed = *c ^ (*b | ~*d);
        word = (7 * step) & 15;
        break;
    }
    lanes sum = *a + words[word] + sines[16 * round + step] + mixed;
    int turn = turns[round][step & 3];
    *a = *b + (sum << turn | sum >> (32 - turn));
}

static inline __attribute__((always_inline)) void take_round(
    int round, lanes *a, lanes *b, lanes *c, lanes *d, const lanes *words) {
    for (int step = 0; step < 16; step += 4) {
        take_step(round, step, a, b, c, d, words);
        take_step(round, step + 1, d, a, b, c, words);
        take_step(round, step + 2, c, d, a, b, words);
        take_step(round, step + 3, b, c, d, a, words);
    }
}

/// Takes in `blocks` blocks of each of the eight messages and moves `next` on.
DIGESTS_HOT static void take_blocks(lanes *state, const uint8_t **next, size_t blocks) {
    lanes a = state[0], b = state[1], c = state[2], d = state[3];
    for (; blocks > 0; blocks--) {
        lanes words[16];
        load_words(next, 0, words);
        load_words(next, BLOCK_BYTES / 2, words + 8);
        lanes old_a = a, old_b = b, old_c = c, old_d = d;
        take_round(0, &a, &b, &c, &d, words);
        take_round(1, &a, &b, &c, &d, words);
        take_round(2, &a, &b, &c, &d, words);
        take_round(3, &a, &b, &c, &d, words);
        a += old_a;
        b += old_b;
        c += old_c;
        d += old_d;
        for (int lane = 0; lane < LANES; lane++) {
            next[lane] += BLOCK_BYTES;
        }
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
}

/// What one lane works on: a message's whole blocks where they lie, then its padded end.
typedef struct {
    int busy;
    size_t message;
    const uint8_t *next;
    size_t blocks;
    int end_blocks;
    uint8_t end[2 * BLOCK_BYTES];
} lane_work;

static void begin_message(lane_work *work, size_t message, const uint8_t *bytes, size_t count) {
    size_t rest = count % BLOCK_BYTES;
    work->busy = 1;
    work->message = message;
    work->next = bytes;
    work->blocks = count / BLOCK_BYTES;
    work->end_blocks = rest < BLOCK_BYTES - 8 ? 1 : 2;
    memset(work->end, 0, sizeof work->end);
    if (rest > 0) {
        memcpy(work->end, bytes + count - rest, rest);
    }
    work->end[rest] = 0x80;
    uint64_t bits = (uint64_t)count * 8;
    uint8_t *length = work->end + (size_t)work->end_blocks * BLOCK_BYTES - 8;
    for (int byte = 0; byte < 8; byte++) {
        length[byte] = (uint8_t)(bits >> 8 * byte);
    }
}

/// Moves on to the padded end when the whole blocks are done; 0 when that is done too.
static int has_blocks(lane_work *work) {
    if (work->blocks == 0 && work->end_blocks > 0) {
        work->next = work->end;
        work->blocks = (size_t)work->end_blocks;
        work->end_blocks = 0;
    }
    return work->blocks > 0;
}

static void store_digest(const lanes *state, int lane, uint8_t *digest) {
    for (int word = 0; word < 4; word++) {
        for (int byte = 0; byte < 4; byte++) {
            digest[4 * word + byte] = (uint8_t)(state[word][lane] >> 8 * byte);
        }
    }
}

void digests_md5(const uint8_t *const *messages, const size_t *counts, size_t count, uint8_t *digests) {
    static const uint32_t initial[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
    lane_work work[LANES];
    lanes state[4];
    memset(work, 0, sizeof work);
    memset(state, 0, sizeof state);
    size_t begun = 0;
    for (;;) {
        size_t blocks = SIZE_MAX;
        int busy_lane = -1;
        for (int lane = 0; lane < LANES; lane++) {
            if (work[lane].busy && !has_blocks(&work[lane])) {
                store_digest(state, lane, digests + 16 * work[lane].message);
                work[lane].busy = 0;
            }
            if (!work[lane].busy && begun < count) {
                begin_message(&work[lane], begun, messages[begun], counts[begun]);
                begun += 1;
                (void)has_blocks(&work[lane]);
                for (int word = 0; word < 4; word++) {
                    state[word][lane] = initial[word];
                }
            }
            if (work[lane].busy) {
                busy_lane = lane;
                blocks = work[lane].blocks < blocks ? work[lane].blocks : blocks;
            }
        }
        if (busy_lane < 0) {
            return;
        }
        // A lane without work runs along on another one's bytes; its result is never read.
        const uint8_t *next[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            next[lane] = work[lane].busy ? work[lane].next : work[busy_lane].next;
        }
        take_blocks(state, next, blocks);
        for (int lane = 0; lane < LANES; lane++) {
            if (work[lane].busy) {
                work[lane].next = next[lane];
                work[lane].blocks -= blocks;
            }
        }
    }
}
