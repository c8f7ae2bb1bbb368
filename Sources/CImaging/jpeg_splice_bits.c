#include "jpeg_splice_bits.h"

/// The bits of the code that `word`'s upper 16 begin with, and its symbol; 0 where there is none.
static uint32_t find_code(const splice_code *code, uint64_t word, uint32_t *symbol) {
    const uint32_t look = (uint32_t)(word >> 48);
    for (uint32_t length = 1; length <= 16; length++) {
        if (look < code->beyond[length]) {
            *symbol = code->symbols[(code->base[length] + (int32_t)(look >> (16 - length))) & 0xFF];
            return length;
        }
    }
    return 0;
}

splice_close_look imaging_splice_close_dc(const splice_dc_table *table, const uint8_t *bytes, uint64_t bit) {
    splice_close_look look = {.bit = bit, .outcome = SPLICE_PASSED};
    uint64_t window = splice_read_from(bytes, bit).window;
    uint32_t size = 0;
    uint32_t length = find_code(&table->code, window, &size);
    if (length == 0 || size >= SPLICE_DC_CATEGORIES) {
        look.outcome = SPLICE_UNSURE;
        return look;
    }
    look.difference = splice_value(window << length, size);
    look.bit += length + size;
    return look;
}

splice_close_look imaging_splice_close_ac(
    const splice_ac_table *table, const uint8_t *bytes, uint64_t bit, uint32_t at) {
    splice_close_look look = {.bit = bit, .at = at, .outcome = SPLICE_PASSED};
    uint32_t symbol = 0;
    uint32_t length = find_code(&table->code, splice_read_from(bytes, bit).window, &symbol);
    uint32_t run = symbol >> 4, size = symbol & 15;
    int legal = symbol == 0 || (size <= SPLICE_AC_SIZE && (size > 0 || run == 15) && at + run <= 63);
    if (length == 0 || !legal) {
        look.outcome = SPLICE_UNSURE;
        return look;
    }
    look.bit += length + size;
    look.at = symbol == 0 ? 64 : at + run + 1;
    return look;
}
