#include "support.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/// libjpeg hands out pointers to these first members, so each must stay the first of its struct.
typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf landing;
    imaging_code code;
    char message[JMSG_LENGTH_MAX];
} decode_errors;

typedef struct {
    imaging_decoder base;
    struct jpeg_decompress_struct jpeg;
    struct jpeg_source_mgr source;
    decode_errors errors;
    int max_scans;
    int scans_done;
    /// One row of CMYK, for files that are converted here; NULL for all others.
    uint8_t *ink_row;
} jpeg_decoder;

static imaging_code code_of(int message) {
    switch (message) {
    case JERR_OUT_OF_MEMORY:
        return IMAGING_NO_MEMORY;
    case JERR_INPUT_EOF:
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
        return IMAGING_TRUNCATED;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
        return IMAGING_UNSUPPORTED;
    default:
        return IMAGING_CORRUPT;
    }
}

static void fail_decode(j_common_ptr jpeg) {
    decode_errors *errors = (decode_errors *)jpeg->err;
    errors->code = code_of(errors->base.msg_code);
    errors->base.format_message(jpeg, errors->message);
    longjmp(errors->landing, 1);
}

static void abandon(jpeg_decoder *decoder, imaging_code code, const char *reason) {
    decoder->errors.code = code;
    snprintf(decoder->errors.message, sizeof decoder->errors.message, "%s", reason);
    longjmp(decoder->errors.landing, 1);
}

/// libjpeg patches over damage and warns; here a damaged file is refused, so all but notes on metadata are errors.
static void judge_message(j_common_ptr jpeg, int level) {
    if (level >= 0) {
        return;
    }
    switch (jpeg->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
        return;
    default:
        fail_decode(jpeg);
    }
}

static void keep_still(j_decompress_ptr jpeg) {
    (void)jpeg;
}

/// The whole file lies in memory, so wanting more than that means that the file is cut off.
static boolean refuse_more_input(j_decompress_ptr jpeg) {
    ERREXIT(jpeg, JERR_INPUT_EOF);
    return FALSE;
}

static void skip_input(j_decompress_ptr jpeg, long count) {
    if (count <= 0) {
        return;
    }
    if ((size_t)count > jpeg->src->bytes_in_buffer) {
        jpeg->src->next_input_byte += jpeg->src->bytes_in_buffer;
        jpeg->src->bytes_in_buffer = 0;
        ERREXIT(jpeg, JERR_INPUT_EOF);
    }
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= (size_t)count;
}

static int failed(jpeg_decoder *decoder, imaging_failure *failure) {
    int64_t offset = (int64_t)(decoder->base.count - decoder->source.bytes_in_buffer);
    int64_t row = -1;
    // The row means nothing before the first one is asked for.
    if (decoder->jpeg.output_scanline > 0) {
        row = (int64_t)decoder->jpeg.output_scanline;
    }
    return imaging_fail(failure, decoder->errors.code, offset, row, decoder->errors.message);
}

static void describe(jpeg_decoder *decoder, imaging_header *header) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    if (jpeg->arith_code) {
        abandon(decoder, IMAGING_UNSUPPORTED, "arithmetic-coded JPEG");
    }
    memset(header, 0, sizeof *header);
    header->width = jpeg->image_width;
    header->height = jpeg->image_height;
    header->bit_depth = 8;
    header->stored_bit_depth = jpeg->data_precision;
    header->progressive = jpeg->progressive_mode ? 1 : 0;
    header->channels = 3;
    switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE:
        header->model = IMAGING_MODEL_GREY;
        header->channels = 1;
        jpeg->out_color_space = JCS_GRAYSCALE;
        break;
    case JCS_RGB:
    case JCS_YCbCr:
        header->model = jpeg->jpeg_color_space == JCS_RGB ? IMAGING_MODEL_RGB : IMAGING_MODEL_YCBCR;
        jpeg->out_color_space = JCS_RGB;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        header->model = jpeg->jpeg_color_space == JCS_CMYK ? IMAGING_MODEL_CMYK : IMAGING_MODEL_YCCK;
        jpeg->out_color_space = JCS_CMYK;
        break;
    default:
        abandon(decoder, IMAGING_UNSUPPORTED, "JPEG with an unknown colour model");
    }
    if (jpeg_has_multiple_scans(jpeg)) {
        for (int index = 0; index < jpeg->num_components; index++) {
            // Coefficients are kept for whole MCUs, at most 3 blocks beyond the component's own on each axis.
            uint64_t across = (uint64_t)jpeg->comp_info[index].width_in_blocks + 3;
            uint64_t down = (uint64_t)jpeg->comp_info[index].height_in_blocks + 3;
            header->buffered_bytes += across * down * DCTSIZE2 * sizeof(JCOEF);
        }
    }
}

static int jpeg_read_head(jpeg_decoder *decoder, imaging_header *header, imaging_failure *failure) {
    if (setjmp(decoder->errors.landing)) {
        return failed(decoder, failure);
    }
    jpeg_create_decompress(&decoder->jpeg);
    decoder->jpeg.src = &decoder->source;
    (void)jpeg_read_header(&decoder->jpeg, TRUE);
    describe(decoder, header);
    return IMAGING_OK;
}

/// Each scan costs a pass over all blocks, however few bytes it has, so a large image is allowed fewer: 2^27 blocks
/// take a second or two. Encoders write 6 to 12 scans; 32 are always allowed.
static int scans_allowed(j_decompress_ptr jpeg, int max_scans) {
    uint64_t blocks = 1;
    for (int index = 0; index < jpeg->num_components; index++) {
        blocks += (uint64_t)jpeg->comp_info[index].width_in_blocks * jpeg->comp_info[index].height_in_blocks;
    }
    uint64_t affordable = (UINT64_C(1) << 27) / blocks;
    affordable = affordable < 32 ? 32 : affordable;
    return max_scans > 0 && affordable < (uint64_t)max_scans ? (int)affordable : max_scans;
}

static int jpeg_start(imaging_decoder *base, int max_scans, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr jpeg = &decoder->jpeg;
    if (setjmp(decoder->errors.landing)) {
        return failed(decoder, failure);
    }
    decoder->max_scans = scans_allowed(jpeg, max_scans);
    jpeg->dct_method = JDCT_ISLOW;
    // Smoothing would paint over scans that are missing; absorb refuses those instead.
    jpeg->do_block_smoothing = FALSE;
    jpeg->buffered_image = jpeg_has_multiple_scans(jpeg);
    if (jpeg->out_color_space == JCS_CMYK) {
        decoder->ink_row = malloc((size_t)jpeg->image_width * 4);
        if (!decoder->ink_row) {
            abandon(decoder, IMAGING_NO_MEMORY, "out of memory for a row of CMYK");
        }
    }
    (void)jpeg_start_decompress(jpeg);
    return IMAGING_OK;
}

/// A file whose later scans were cut off may still end in EOI; its components are then not refined to the last bit.
static void require_all_scans(jpeg_decoder *decoder) {
    j_decompress_ptr jpeg = &decoder->jpeg;
    for (int component = 0; component < jpeg->num_components; component++) {
        if (!jpeg->comp_info[component].quant_table) {
            abandon(decoder, IMAGING_TRUNCATED, "the file ends before every colour component was sent");
        }
        if (!jpeg->coef_bits) {
            continue;
        }
        for (int coefficient = 0; coefficient < DCTSIZE2; coefficient++) {
            if (jpeg->coef_bits[component][coefficient] != 0) {
                abandon(decoder, IMAGING_TRUNCATED, "the file ends before its last progressive scans");
            }
        }
    }
}

static int jpeg_absorb(imaging_decoder *base, int *done, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr jpeg = &decoder->jpeg;
    *done = 0;
    if (!jpeg->buffered_image || decoder->scans_done) {
        *done = 1;
        return IMAGING_OK;
    }
    if (setjmp(decoder->errors.landing)) {
        return failed(decoder, failure);
    }
    for (int step = 0; step < 64; step++) {
        int status = jpeg_consume_input(jpeg);
        if (jpeg->input_scan_number > decoder->max_scans) {
            abandon(decoder, IMAGING_CORRUPT, "more scans than any encoder writes; the file is made to waste time");
        }
        if (status == JPEG_REACHED_EOI) {
            require_all_scans(decoder);
            (void)jpeg_start_output(jpeg, jpeg->input_scan_number);
            decoder->scans_done = 1;
            *done = 1;
            return IMAGING_OK;
        }
    }
    return IMAGING_OK;
}

/// Ink to light: Adobe's files store ink inverted, others as it is; either way light is what both inks let through.
static void convert_inks(const uint8_t *ink, uint8_t *out, uint32_t width, int inverted) {
    const uint32_t flip = inverted ? 0 : 255;
    for (uint32_t x = 0; x < width; x++) {
        uint32_t key = ink[4 * x + 3] ^ flip;
        for (uint32_t channel = 0; channel < 3; channel++) {
            out[3 * x + channel] = (uint8_t)(((ink[4 * x + channel] ^ flip) * key + 127) / 255);
        }
    }
}

static int jpeg_read(
    imaging_decoder *base, uint8_t *out, size_t stride, uint32_t rows, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    j_decompress_ptr jpeg = &decoder->jpeg;
    if (setjmp(decoder->errors.landing)) {
        return failed(decoder, failure);
    }
    JDIMENSION first = jpeg->output_scanline;
    if (rows > jpeg->output_height - first) {
        abandon(decoder, IMAGING_CORRUPT, "asked for more rows than the image has");
    }
    while (jpeg->output_scanline - first < rows) {
        JDIMENSION at = jpeg->output_scanline - first;
        JDIMENSION got;
        if (decoder->ink_row) {
            JSAMPROW row = decoder->ink_row;
            got = jpeg_read_scanlines(jpeg, &row, 1);
            if (got == 1) {
                convert_inks(decoder->ink_row, out + at * stride, jpeg->image_width, jpeg->saw_Adobe_marker);
            }
        } else {
            JSAMPROW lines[16];
            JDIMENSION wanted = rows - at < 16 ? rows - at : 16;
            for (JDIMENSION line = 0; line < wanted; line++) {
                lines[line] = out + (at + line) * stride;
            }
            got = jpeg_read_scanlines(jpeg, lines, wanted);
        }
        if (got == 0) {
            abandon(decoder, IMAGING_TRUNCATED, "the decoder gave no more rows");
        }
    }
    return IMAGING_OK;
}

static int jpeg_finish(imaging_decoder *base, uint64_t *trailing_bytes, imaging_failure *failure) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    if (setjmp(decoder->errors.landing)) {
        return failed(decoder, failure);
    }
    if (decoder->jpeg.buffered_image) {
        (void)jpeg_finish_output(&decoder->jpeg);
    }
    (void)jpeg_finish_decompress(&decoder->jpeg);
    *trailing_bytes = decoder->source.bytes_in_buffer;
    return IMAGING_OK;
}

static void jpeg_close(imaging_decoder *base) {
    jpeg_decoder *decoder = (jpeg_decoder *)base;
    jpeg_destroy_decompress(&decoder->jpeg);
    free(decoder->ink_row);
    free(decoder);
}

static const imaging_decoder_methods jpeg_methods = {
    .start = jpeg_start, .absorb = jpeg_absorb, .read = jpeg_read, .finish = jpeg_finish, .close = jpeg_close,
};

int imaging_jpeg_open(
    const uint8_t *bytes, size_t count, imaging_decoder **result, imaging_header *header, imaging_failure *failure) {
    *result = NULL;
    jpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a JPEG decoder");
    }
    decoder->base.methods = &jpeg_methods;
    decoder->base.bytes = bytes;
    decoder->base.count = count;
    decoder->jpeg.err = jpeg_std_error(&decoder->errors.base);
    decoder->errors.base.error_exit = fail_decode;
    decoder->errors.base.emit_message = judge_message;
    decoder->source.next_input_byte = bytes;
    decoder->source.bytes_in_buffer = count;
    decoder->source.init_source = keep_still;
    decoder->source.fill_input_buffer = refuse_more_input;
    decoder->source.skip_input_data = skip_input;
    decoder->source.resync_to_restart = jpeg_resync_to_restart;
    decoder->source.term_source = keep_still;
    int code = jpeg_read_head(decoder, header, failure);
    if (code) {
        jpeg_close(&decoder->base);
        return code;
    }
    *result = &decoder->base;
    return IMAGING_OK;
}
