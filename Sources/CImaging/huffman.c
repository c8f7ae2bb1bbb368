#include "huffman.h"

/// Sorts the symbols that occur by rising count, equal counts by symbol, so that the result is the same everywhere:
/// byte by byte from the lowest, each pass keeping the order of the one before.
static int sort_symbols(const uint32_t *counts, int symbols, int16_t *sorted) {
    int16_t passed[IMAGING_MAX_SYMBOLS];
    uint32_t greatest = 0;
    int used = 0;
    for (int symbol = 0; symbol < symbols; symbol++) {
        if (counts[symbol] > 0) {
            sorted[used++] = (int16_t)symbol;
            greatest = counts[symbol] > greatest ? counts[symbol] : greatest;
        }
    }
    for (int shift = 0; shift < 32 && greatest >> shift > 0; shift += 8) {
        int16_t places[257] = {0};
        for (int at = 0; at < used; at++) {
            passed[at] = sorted[at];
            places[(counts[sorted[at]] >> shift & 255) + 1] += 1;
        }
        for (int byte = 0; byte < 256; byte++) {
            places[byte + 1] = (int16_t)(places[byte + 1] + places[byte]);
        }
        for (int at = 0; at < used; at++) {
            sorted[places[counts[passed[at]] >> shift & 255]++] = passed[at];
        }
    }
    return used;
}

/// Builds the Huffman tree over sorted leaves with two queues (leaves, and inner nodes in the order they are made,
/// which is by weight) and turns it into depths. Returns the greatest depth.
static int measure_depths(const uint32_t *counts, const int16_t *sorted, int used, uint8_t *lengths) {
    uint64_t weight[2 * IMAGING_MAX_SYMBOLS];
    int16_t parent[2 * IMAGING_MAX_SYMBOLS];
    int16_t depth[2 * IMAGING_MAX_SYMBOLS];
    for (int leaf = 0; leaf < used; leaf++) {
        weight[leaf] = counts[sorted[leaf]];
    }
    int leaf = 0, inner = used, end = used;
    const int nodes = 2 * used - 1;
    while (end < nodes) {
        uint64_t sum = 0;
        for (int child = 0; child < 2; child++) {
            int take_leaf = leaf < used && (inner == end || weight[leaf] <= weight[inner]);
            int node = take_leaf ? leaf++ : inner++;
            sum += weight[node];
            parent[node] = (int16_t)end;
        }
        weight[end++] = sum;
    }
    depth[nodes - 1] = 0;
    int deepest = 0;
    for (int node = nodes - 2; node >= 0; node--) {
        depth[node] = (int16_t)(depth[parent[node]] + 1);
        if (node < used) {
            lengths[sorted[node]] = (uint8_t)depth[node];
            deepest = depth[node] > deepest ? depth[node] : deepest;
        }
    }
    return deepest;
}

void imaging_huffman_lengths(const uint32_t *counts, int symbols, int limit, uint8_t *lengths) {
    uint32_t scaled[IMAGING_MAX_SYMBOLS] = {0};
    int16_t sorted[IMAGING_MAX_SYMBOLS];
    for (int symbol = 0; symbol < symbols; symbol++) {
        lengths[symbol] = 0;
        scaled[symbol] = counts[symbol];
    }
    int used = sort_symbols(scaled, symbols, sorted);
    for (int symbol = 0; used < 2 && symbol < symbols; symbol++) {
        if (scaled[symbol] == 0) {
            scaled[symbol] = 1;
            used = sort_symbols(scaled, symbols, sorted);
        }
    }
    // Halving evens the counts out; at the latest when all are 1 the tree is flat. The order stays sorted, as halving
    // never swaps two counts.
    while (measure_depths(scaled, sorted, used, lengths) > limit) {
        for (int symbol = 0; symbol < symbols; symbol++) {
            scaled[symbol] = (scaled[symbol] + 1) / 2;
        }
    }
}

void imaging_huffman_codes(const uint8_t *lengths, int symbols, uint16_t *codes) {
    uint32_t of_length[16] = {0}, next[16] = {0};
    for (int symbol = 0; symbol < symbols; symbol++) {
        of_length[lengths[symbol]] += 1;
    }
    of_length[0] = 0;
    for (int length = 1; length < 16; length++) {
        next[length] = (next[length - 1] + of_length[length - 1]) << 1;
    }
    for (int symbol = 0; symbol < symbols; symbol++) {
        uint32_t code = next[lengths[symbol]]++, reversed = 0;
        for (int bit = 0; bit < lengths[symbol]; bit++) {
            reversed = reversed << 1 | ((code >> bit) & 1);
        }
        codes[symbol] = (uint16_t)reversed;
    }
}
