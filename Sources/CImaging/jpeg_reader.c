#include "jpeg_reader.h"

#include <string.h>

#include <jerror.h>

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

static void fail_reading(j_common_ptr jpeg) {
    imaging_jpeg_errors *errors = (imaging_jpeg_errors *)jpeg->err;
    errors->code = code_of(errors->base.msg_code);
    errors->base.format_message(jpeg, errors->message);
    longjmp(errors->landing, 1);
}

_Noreturn void imaging_jpeg_abandon(imaging_jpeg_reader *reader, imaging_code code, const char *reason) {
    reader->errors.code = code;
    snprintf(reader->errors.message, sizeof reader->errors.message, "%s", reason);
    longjmp(reader->errors.landing, 1);
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
        fail_reading(jpeg);
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

int imaging_jpeg_reader_failed(imaging_jpeg_reader *reader, imaging_failure *failure) {
    int64_t offset = (int64_t)(reader->count - reader->source.bytes_in_buffer);
    int64_t row = -1;
    // The row means nothing before the first one is asked for.
    if (reader->jpeg.output_scanline > 0) {
        row = (int64_t)reader->jpeg.output_scanline;
    }
    return imaging_fail(failure, reader->errors.code, offset, row, reader->errors.message);
}

uint64_t imaging_jpeg_coefficient_bytes(const struct jpeg_decompress_struct *jpeg) {
    uint64_t bytes = 0;
    for (int index = 0; index < jpeg->num_components; index++) {
        // Coefficients are kept for whole MCUs, at most 3 blocks beyond the component's own on each axis.
        uint64_t across = (uint64_t)jpeg->comp_info[index].width_in_blocks + 3;
        uint64_t down = (uint64_t)jpeg->comp_info[index].height_in_blocks + 3;
        bytes += across * down * DCTSIZE2 * sizeof(JCOEF);
    }
    return bytes;
}

/// Planes are had where the colours are no finer than the brightness, and sampled alike.
static void describe_sampling(j_decompress_ptr jpeg, imaging_header *header) {
    const jpeg_component_info *components = jpeg->comp_info;
    if (jpeg->jpeg_color_space != JCS_YCbCr || jpeg->num_components != 3) {
        return;
    }
    for (int index = 1; index < 3; index++) {
        if (components[index].h_samp_factor != 1 || components[index].v_samp_factor != 1) {
            return;
        }
    }
    if (components[0].h_samp_factor <= 2 && components[0].v_samp_factor <= 2) {
        header->horizontal_sampling = components[0].h_samp_factor;
        header->vertical_sampling = components[0].v_samp_factor;
    }
}

static void describe(imaging_jpeg_reader *reader, imaging_header *header) {
    j_decompress_ptr jpeg = &reader->jpeg;
    if (jpeg->arith_code) {
        imaging_jpeg_abandon(reader, IMAGING_UNSUPPORTED, "arithmetic-coded JPEG");
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
        imaging_jpeg_abandon(reader, IMAGING_UNSUPPORTED, "JPEG with an unknown colour model");
    }
    describe_sampling(jpeg, header);
    if (jpeg_has_multiple_scans(jpeg)) {
        header->buffered_bytes = imaging_jpeg_coefficient_bytes(jpeg);
    }
}

int imaging_jpeg_reader_open(
    imaging_jpeg_reader *reader, const uint8_t *bytes, size_t count, imaging_header *header,
    imaging_failure *failure) {
    memset(reader, 0, sizeof *reader);
    reader->count = count;
    reader->jpeg.err = jpeg_std_error(&reader->errors.base);
    reader->errors.base.error_exit = fail_reading;
    reader->errors.base.emit_message = judge_message;
    reader->source.next_input_byte = bytes;
    reader->source.bytes_in_buffer = count;
    reader->source.init_source = keep_still;
    reader->source.fill_input_buffer = refuse_more_input;
    reader->source.skip_input_data = skip_input;
    reader->source.resync_to_restart = jpeg_resync_to_restart;
    reader->source.term_source = keep_still;
    if (setjmp(reader->errors.landing)) {
        return imaging_jpeg_reader_failed(reader, failure);
    }
    jpeg_create_decompress(&reader->jpeg);
    reader->jpeg.src = &reader->source;
    (void)jpeg_read_header(&reader->jpeg, TRUE);
    describe(reader, header);
    return IMAGING_OK;
}

void imaging_jpeg_reader_close(imaging_jpeg_reader *reader) {
    jpeg_destroy_decompress(&reader->jpeg);
}

/// A file whose later scans were cut off may still end in EOI; its components are then not refined to the last bit.
static void require_all_scans(imaging_jpeg_reader *reader) {
    j_decompress_ptr jpeg = &reader->jpeg;
    for (int component = 0; component < jpeg->num_components; component++) {
        if (!jpeg->comp_info[component].quant_table) {
            imaging_jpeg_abandon(reader, IMAGING_TRUNCATED, "the file ends before every colour component was sent");
        }
        if (!jpeg->coef_bits) {
            continue;
        }
        for (int coefficient = 0; coefficient < DCTSIZE2; coefficient++) {
            if (jpeg->coef_bits[component][coefficient] != 0) {
                imaging_jpeg_abandon(reader, IMAGING_TRUNCATED, "the file ends before its last progressive scans");
            }
        }
    }
}

/// Each scan costs a pass over all blocks, however few bytes it has, so a large image is allowed fewer: 2^26 blocks
/// take a second or two. Encoders write 6 to 12 scans; 16 are always allowed.
static int scans_allowed(const struct jpeg_decompress_struct *jpeg, int max_scans) {
    uint64_t blocks = 1;
    for (int index = 0; index < jpeg->num_components; index++) {
        blocks += (uint64_t)jpeg->comp_info[index].width_in_blocks * jpeg->comp_info[index].height_in_blocks;
    }
    uint64_t affordable = (UINT64_C(1) << 26) / blocks;
    affordable = affordable < 16 ? 16 : affordable;
    return max_scans > 0 && affordable < (uint64_t)max_scans ? (int)affordable : max_scans;
}

int imaging_jpeg_take_scans(imaging_jpeg_reader *reader, int *done, imaging_failure *failure) {
    j_decompress_ptr jpeg = &reader->jpeg;
    *done = reader->scans_done;
    if (reader->scans_done) {
        return IMAGING_OK;
    }
    if (setjmp(reader->errors.landing)) {
        return imaging_jpeg_reader_failed(reader, failure);
    }
    const int most = scans_allowed(jpeg, reader->max_scans);
    for (int step = 0; step < 64; step++) {
        int status = jpeg_consume_input(jpeg);
        if (jpeg->input_scan_number > most) {
            imaging_jpeg_abandon(
                reader, IMAGING_CORRUPT, "more scans than any encoder writes; the file is made to waste time");
        }
        if (status == JPEG_REACHED_EOI) {
            require_all_scans(reader);
            reader->scans_done = 1;
            *done = 1;
            return IMAGING_OK;
        }
    }
    return IMAGING_OK;
}
