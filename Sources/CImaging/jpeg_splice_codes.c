#include "jpeg_splice.h"

#include <string.h>

/// Look-ups of one symbol while a table is made: its code's bits, 8, and the symbol, 8; 0 where no code fits.
typedef uint16_t splice_single;

static int symbols_of(const JHUFF_TBL *table) {
    int symbols = 0;
    for (int length = 1; length <= 16; length++) {
        symbols += table->bits[length];
    }
    return symbols;
}

int imaging_splice_complete(JHUFF_TBL *table) {
    const int symbols = symbols_of(table);
    uint32_t room = 1 << 16;
    for (int length = 1; length <= 16; length++) {
        room -= (uint32_t)table->bits[length] << (16 - length);
    }
    int added = 0;
    for (int category = 0; category < SPLICE_DC_CATEGORIES; category++) {
        if (memchr(table->huffval, category, (size_t)symbols)) {
            continue;
        }
        if (symbols + added == 256) {
            return 0;
        }
        table->huffval[symbols + added++] = (UINT8)category;
    }
    // The code of all ones stays free (T.81, Annex C.2).
    if (added > 0 && ((uint32_t)added + 1 > room || table->bits[16] + added > 255)) {
        return 0;
    }
    table->bits[16] = (UINT8)(table->bits[16] + added);
    return 1;
}

/// Numbers the codes as T.81 does (C.2) and notes the short ones in `single`, which looks up `bits` bits.
static void make_code(const JHUFF_TBL *table, splice_code *code, splice_single *single, int bits) {
    uint32_t word = 0;
    int32_t place = 0;
    memset(single, 0, sizeof *single << bits);
    memcpy(code->symbols, table->huffval, sizeof code->symbols);
    for (int length = 1; length <= 16; length++) {
        code->base[length] = place - (int32_t)word;
        for (int index = 0; index < table->bits[length]; index++, word++, place++) {
            for (uint32_t fill = 0; length <= bits && fill < 1u << (bits - length); fill++) {
                single[(word << (bits - length)) + fill] = (splice_single)(length | table->huffval[place] << 8);
            }
        }
        code->beyond[length] = word << (16 - length);
        word <<= 1;
    }
}

void imaging_splice_make_dc(const JHUFF_TBL *table, splice_dc_table *made) {
    splice_single single[1 << SPLICE_DC_BITS];
    memset(made, 0, sizeof *made);
    make_code(table, &made->code, single, SPLICE_DC_BITS);
    for (int look = 0; look < 1 << SPLICE_DC_BITS; look++) {
        int length = single[look] & 0xFF;
        int size = single[look] >> 8;
        if (length && size < SPLICE_DC_CATEGORIES) {
            made->quick[look] = (uint16_t)((length + size) | length << 6 | size << 11);
        }
    }
    uint32_t word = 0;
    int place = 0;
    for (int length = 1; length <= 16; length++, word <<= 1) {
        for (int index = 0; index < table->bits[length]; index++, word++, place++) {
            int category = table->huffval[place];
            if (category < SPLICE_DC_CATEGORIES && !made->length[category]) {
                made->word[category] = (uint16_t)word;
                made->length[category] = (uint8_t)length;
            }
        }
    }
}

/// All whole codes that `look` shows; the value bits of the last one may lie beyond it.
static uint16_t quick_ac(const splice_single *single, uint32_t look) {
    uint32_t bits = 0, steps = 0;
    while (bits < SPLICE_AC_BITS) {
        splice_single found = single[look << bits & ((1u << SPLICE_AC_BITS) - 1)];
        uint32_t length = found & 0xFF, symbol = found >> 8;
        uint32_t run = symbol >> 4, size = symbol & 15;
        if (!length || bits + length > SPLICE_AC_BITS) {
            break;
        }
        if (symbol == 0) {
            return (uint16_t)((bits + length) | (steps + SPLICE_END_OF_BLOCK) << 6);
        }
        if (size > SPLICE_AC_SIZE || (size == 0 && run != 15) || steps + run + 1 > 63) {
            break;
        }
        bits += length + size;
        steps += run + 1;
    }
    return (uint16_t)(bits | (steps ? steps : SPLICE_LOOK_CLOSER) << 6);
}

void imaging_splice_make_ac(const JHUFF_TBL *table, splice_ac_table *made) {
    splice_single single[1 << SPLICE_AC_BITS];
    make_code(table, &made->code, single, SPLICE_AC_BITS);
    for (uint32_t look = 0; look < 1u << SPLICE_AC_BITS; look++) {
        made->quick[look] = quick_ac(single, look);
    }
}
