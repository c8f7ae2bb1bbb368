#include "jpeg_coder.h"

#include <stdlib.h>

/// Numbers the codes as T.81 does (C.2); a symbol is a run of zeros and a size (F.1.2.2.1).
static void make_ac(const JHUFF_TBL *codes, coder_ac_table *table) {
    uint32_t word = 0;
    int place = 0;
    for (uint32_t length = 1; length <= 16; length++, word <<= 1) {
        for (int index = 0; index < codes->bits[length]; index++, word++, place++) {
            const uint32_t run = codes->huffval[place] >> 4, size = codes->huffval[place] & 15;
            // No value of 8-bit samples is larger, nor would it find room.
            if (size <= SPLICE_AC_SIZE) {
                table->entry[imaging_size_place(size) * CODER_RUNS + run] =
                    word << size << CODER_LENGTH_BITS | (length + size);
            }
        }
    }
}

static void make_order(imaging_jpeg_coder *coder) {
    for (int scanned = 0; scanned < DCTSIZE2; scanned++) {
        const int row = imaging_zigzag[scanned] / IMAGING_BLOCK_SIDE;
        const int column = imaging_zigzag[scanned] % IMAGING_BLOCK_SIDE;
        coder->place[scanned] = (uint8_t)(row * IMAGING_BLOCKS * IMAGING_BLOCK_SIDE + column);
        for (int present = 0; present < 256; present++) {
            coder->scanned[row][present] |= (uint64_t)(present >> column & 1) << scanned;
        }
    }
}

int imaging_jpeg_coder_open(
    int quality, int horizontal_sampling, int vertical_sampling, imaging_jpeg_coder **result,
    imaging_failure *failure) {
    const imaging_jpeg_request request = {
        .width = 16, .height = 16, .channels = 3, .quality = quality,
        .horizontal_sampling = horizontal_sampling, .vertical_sampling = vertical_sampling,
    };
    *result = NULL;
    if (quality < 1 || quality > 100 || horizontal_sampling < 1 || horizontal_sampling > 2 || vertical_sampling < 1
        || vertical_sampling > 2) {
        return imaging_fail(failure, IMAGING_INVALID_SETTINGS, -1, -1, "no JPEG is of this quality and sampling");
    }
    imaging_jpeg_coder *coder = calloc(1, sizeof *coder);
    if (!coder) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the tables of JPEG tiles");
    }
    int code = imaging_jpeg_describe(&request, &coder->frame, failure);
    if (code) {
        imaging_jpeg_coder_close(coder);
        return code;
    }
    for (int number = 0; number < 2; number++) {
        imaging_make_quantiser(coder->frame.quant_tables[number].quantval, &coder->quantiser[number]);
        imaging_splice_make_dc(&coder->frame.dc_tables[number], &coder->dc[number]);
        make_ac(&coder->frame.ac_tables[number], &coder->ac[number]);
    }
    make_order(coder);
    *result = coder;
    return IMAGING_OK;
}

void imaging_jpeg_coder_close(imaging_jpeg_coder *coder) {
    free(coder);
}
