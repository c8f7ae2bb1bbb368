#include "jpeg_splice_coefficients.h"

#include <limits.h>
#include <stdlib.h>

static int start_reading(splice_coefficients *coefficients, uint64_t max_bytes, imaging_failure *failure) {
    imaging_jpeg_reader *reader = &coefficients->reader;
    if (setjmp(reader->errors.landing)) {
        return imaging_jpeg_reader_failed(reader, failure);
    }
    uint64_t needed = imaging_jpeg_coefficient_bytes(&reader->jpeg);
    if (needed > max_bytes) {
        char message[sizeof failure->message];
        snprintf(
            message, sizeof message,
            "cutting this JPEG without loss takes %llu bytes of memory, and the limit is %llu; save it as baseline "
            "JPEG with the standard's Huffman tables, or raise the limit",
            (unsigned long long)needed, (unsigned long long)max_bytes);
        return imaging_fail(failure, IMAGING_TOO_LARGE, -1, -1, message);
    }
    // All coefficients stay in memory at one place: threads read them by address.
    reader->jpeg.mem->max_memory_to_use = LONG_MAX;
    reader->jpeg.buffered_image = TRUE;
    (void)jpeg_start_decompress(&reader->jpeg);
    return IMAGING_OK;
}

int imaging_splice_coefficients_open(
    const uint8_t *bytes, size_t count, uint64_t max_bytes, int max_scans, splice_coefficients **result,
    imaging_failure *failure) {
    *result = NULL;
    splice_coefficients *coefficients = calloc(1, sizeof *coefficients);
    if (!coefficients) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the coefficients of a JPEG");
    }
    imaging_header header;
    int code = imaging_jpeg_reader_open(&coefficients->reader, bytes, count, &header, failure);
    coefficients->reader.max_scans = max_scans;
    if (!code) {
        code = start_reading(coefficients, max_bytes, failure);
    }
    if (code) {
        imaging_splice_coefficients_close(coefficients);
        return code;
    }
    *result = coefficients;
    return IMAGING_OK;
}

/// Notes where each row of blocks lies.
static int collect(splice_coefficients *coefficients, imaging_failure *failure) {
    imaging_jpeg_reader *reader = &coefficients->reader;
    j_decompress_ptr jpeg = &reader->jpeg;
    if (setjmp(reader->errors.landing)) {
        return imaging_jpeg_reader_failed(reader, failure);
    }
    jvirt_barray_ptr *arrays = jpeg_read_coefficients(jpeg);
    for (int index = 0; index < jpeg->num_components; index++) {
        JDIMENSION rows = jpeg->comp_info[index].height_in_blocks;
        coefficients->rows[index] = calloc(rows, sizeof(JBLOCKROW));
        if (!coefficients->rows[index]) {
            imaging_jpeg_abandon(reader, IMAGING_NO_MEMORY, "out of memory for the coefficients of a JPEG");
        }
        for (JDIMENSION row = 0; row < rows; row++) {
            coefficients->rows[index][row] =
                jpeg->mem->access_virt_barray((j_common_ptr)jpeg, arrays[index], row, 1, FALSE)[0];
        }
    }
    return IMAGING_OK;
}

/// The lowest and the highest DC and AC values.
typedef struct {
    int lowest_dc, highest_dc, lowest_ac, highest_ac;
} splice_extremes;

IMAGING_HOT static void find_extremes(const JBLOCK *blocks, JDIMENSION count, splice_extremes *extremes) {
    int lowest = 0, highest = 0;
    for (JDIMENSION block = 0; block < count; block++) {
        int dc = blocks[block][0];
        extremes->lowest_dc = dc < extremes->lowest_dc ? dc : extremes->lowest_dc;
        extremes->highest_dc = dc > extremes->highest_dc ? dc : extremes->highest_dc;
        for (int index = 1; index < DCTSIZE2; index++) {
            lowest = blocks[block][index] < lowest ? blocks[block][index] : lowest;
            highest = blocks[block][index] > highest ? blocks[block][index] : highest;
        }
    }
    extremes->lowest_ac = lowest < extremes->lowest_ac ? lowest : extremes->lowest_ac;
    extremes->highest_ac = highest > extremes->highest_ac ? highest : extremes->highest_ac;
}

/// Damage may give values that no 8-bit JPEG has and no tile can be coded with; no tile may find that out.
static int check_values(splice_coefficients *coefficients, imaging_failure *failure) {
    const struct jpeg_decompress_struct *jpeg = &coefficients->reader.jpeg;
    for (int index = 0; index < jpeg->num_components; index++) {
        splice_extremes found = {0};
        for (JDIMENSION row = 0; row < jpeg->comp_info[index].height_in_blocks; row++) {
            find_extremes(coefficients->rows[index][row], jpeg->comp_info[index].width_in_blocks, &found);
        }
        const int limit = (1 << SPLICE_AC_SIZE) - 1;
        if (found.highest_dc - found.lowest_dc > SPLICE_DC_LIMIT || found.lowest_dc < -SPLICE_DC_LIMIT
            || found.highest_dc > SPLICE_DC_LIMIT || found.lowest_ac < -limit || found.highest_ac > limit) {
            return imaging_fail(
                failure, IMAGING_CORRUPT, -1, -1, "a coefficient lies beyond what 8-bit samples give");
        }
    }
    return IMAGING_OK;
}

int imaging_splice_coefficients_absorb(splice_coefficients *coefficients, int *done, imaging_failure *failure) {
    int code = imaging_jpeg_take_scans(&coefficients->reader, done, failure);
    if (!code && *done && !coefficients->rows[0]) {
        code = collect(coefficients, failure);
        if (!code) {
            code = check_values(coefficients, failure);
        }
    }
    return code;
}

uint64_t imaging_splice_coefficients_trailing(const splice_coefficients *coefficients) {
    return coefficients->reader.source.bytes_in_buffer;
}

void imaging_splice_coefficients_close(splice_coefficients *coefficients) {
    if (coefficients) {
        imaging_jpeg_reader_close(&coefficients->reader);
        for (int index = 0; index < SPLICE_COMPONENTS; index++) {
            free(coefficients->rows[index]);
        }
        free(coefficients);
    }
}
