#include "jpeg_coder.h"

#include <string.h>

#include <jerror.h>

/// libjpeg hands out pointers to these first members, so each must stay the first of its struct.
typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf landing;
    imaging_code code;
    char message[JMSG_LENGTH_MAX];
} encode_errors;

typedef struct {
    struct jpeg_destination_mgr base;
    imaging_buffer *out;
} encode_destination;

typedef struct {
    struct jpeg_compress_struct jpeg;
    encode_errors errors;
    encode_destination destination;
} encode_state;

static void fail_encode(j_common_ptr jpeg) {
    encode_errors *errors = (encode_errors *)jpeg->err;
    errors->code = errors->base.msg_code == JERR_OUT_OF_MEMORY ? IMAGING_NO_MEMORY : IMAGING_ENCODE_FAILED;
    errors->base.format_message(jpeg, errors->message);
    longjmp(errors->landing, 1);
}

static void ignore_message(j_common_ptr jpeg, int level) {
    (void)jpeg;
    (void)level;
}

static void abandon(j_compress_ptr jpeg, imaging_code code, const char *reason) {
    encode_errors *errors = (encode_errors *)jpeg->err;
    errors->code = code;
    snprintf(errors->message, sizeof errors->message, "%s", reason);
    longjmp(errors->landing, 1);
}

static void point_at_free_space(j_compress_ptr jpeg) {
    encode_destination *destination = (encode_destination *)jpeg->dest;
    if (!imaging_buffer_reserve(destination->out, 32768)) {
        abandon(jpeg, IMAGING_NO_MEMORY, "out of memory for the encoded JPEG");
    }
    destination->base.next_output_byte = destination->out->data + destination->out->count;
    destination->base.free_in_buffer = destination->out->capacity - destination->out->count;
}

static void start_output(j_compress_ptr jpeg) {
    ((encode_destination *)jpeg->dest)->out->count = 0;
    point_at_free_space(jpeg);
}

/// libjpeg asks for more room only when all of the room is used, and says so by this call alone.
static boolean grow_output(j_compress_ptr jpeg) {
    encode_destination *destination = (encode_destination *)jpeg->dest;
    destination->out->count = destination->out->capacity;
    point_at_free_space(jpeg);
    return TRUE;
}

static void end_output(j_compress_ptr jpeg) {
    encode_destination *destination = (encode_destination *)jpeg->dest;
    destination->out->count = destination->out->capacity - destination->base.free_in_buffer;
}

static void write_segments(j_compress_ptr jpeg, const imaging_jpeg_request *request) {
    size_t at = 0;
    while (at < request->segments_count) {
        const uint8_t *segment = request->segments + at;
        size_t left = request->segments_count - at;
        if (left < 4 || segment[0] != 0xFF || (segment[1] & 0xF0) != 0xE0) {
            abandon(jpeg, IMAGING_ENCODE_FAILED, "a metadata segment is not APP0 to APP15");
        }
        size_t length = (size_t)segment[2] << 8 | segment[3];
        if (length < 2 || length > left - 2) {
            abandon(jpeg, IMAGING_ENCODE_FAILED, "a metadata segment is longer than its bytes");
        }
        jpeg_write_marker(jpeg, segment[1], segment + 4, (unsigned int)(length - 2));
        at += length + 2;
    }
}

/// EXIF (APP1) wants to be the first segment, and a JFIF header (APP0) of the caller's takes the place of libjpeg's.
static int keeps_own_header(const imaging_jpeg_request *request) {
    size_t at = 0;
    while (request->segments_count - at >= 4) {
        if (request->segments[at + 1] <= 0xE1) {
            return 0;
        }
        size_t length = (size_t)request->segments[at + 2] << 8 | request->segments[at + 3];
        if (length > request->segments_count - at - 2) {
            return 1;
        }
        at += length + 2;
    }
    return 1;
}

static void configure(j_compress_ptr jpeg, const imaging_jpeg_request *request) {
    jpeg->image_width = request->width;
    jpeg->image_height = request->height;
    jpeg->input_components = request->channels;
    jpeg->in_color_space = request->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, request->quality, TRUE);
    if (request->channels == 3) {
        jpeg->comp_info[0].h_samp_factor = request->horizontal_sampling;
        jpeg->comp_info[0].v_samp_factor = request->vertical_sampling;
    }
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->write_JFIF_header = (boolean)keeps_own_header(request);
}

static void write_rows(j_compress_ptr jpeg, const imaging_jpeg_request *request) {
    enum { BATCH = 16 };
    const size_t row_bytes = (size_t)request->width * (size_t)request->channels;
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW rows[BATCH];
        size_t left = jpeg->image_height - jpeg->next_scanline, count = left < BATCH ? left : BATCH;
        const uint8_t *first = request->pixels + (size_t)jpeg->next_scanline * request->stride;
        for (size_t row = 0; row < count; row++) {
            rows[row] = (JSAMPROW)(uintptr_t)(first + row * request->stride);
        }
        if (left > count) {
            size_t next = left - count < BATCH ? left - count : BATCH;
            imaging_prefetch_rows(first + count * request->stride, request->stride, row_bytes, next);
        }
        jpeg_write_scanlines(jpeg, rows, (JDIMENSION)count);
    }
}

/// Runs between setjmp and longjmp; the state lives in the caller's frame, so no local of this one is lost.
static int run_encode(encode_state *state, const imaging_jpeg_request *request) {
    if (setjmp(state->errors.landing)) {
        return 0;
    }
    j_compress_ptr jpeg = &state->jpeg;
    jpeg_create_compress(jpeg);
    jpeg->dest = &state->destination.base;
    configure(jpeg, request);
    jpeg_start_compress(jpeg, TRUE);
    write_segments(jpeg, request);
    write_rows(jpeg, request);
    jpeg_finish_compress(jpeg);
    return 1;
}

static void begin(encode_state *state) {
    memset(state, 0, sizeof *state);
    state->jpeg.err = jpeg_std_error(&state->errors.base);
    state->errors.base.error_exit = fail_encode;
    state->errors.base.emit_message = ignore_message;
}

int imaging_jpeg_encode(const imaging_jpeg_request *request, imaging_buffer *out, imaging_failure *failure) {
    encode_state state;
    begin(&state);
    state.destination.out = out;
    state.destination.base.init_destination = start_output;
    state.destination.base.empty_output_buffer = grow_output;
    state.destination.base.term_destination = end_output;
    int written = run_encode(&state, request);
    jpeg_destroy_compress(&state.jpeg);
    if (!written) {
        return imaging_fail(failure, state.errors.code, -1, -1, state.errors.message);
    }
    return IMAGING_OK;
}

/// Notes what libjpeg would write into the header of a file.
static void note_frame(const struct jpeg_compress_struct *jpeg, splice_frame *frame) {
    memset(frame, 0, sizeof *frame);
    frame->components = jpeg->num_components;
    frame->mcu_width = (uint32_t)jpeg->comp_info[0].h_samp_factor * DCTSIZE;
    frame->mcu_height = (uint32_t)jpeg->comp_info[0].v_samp_factor * DCTSIZE;
    frame->colours = (splice_colours){
        .space = jpeg->jpeg_color_space,
        .jfif = jpeg->write_JFIF_header,
        .jfif_version = {jpeg->JFIF_major_version, jpeg->JFIF_minor_version},
        .density_unit = jpeg->density_unit,
        .density_x = jpeg->X_density,
        .density_y = jpeg->Y_density,
    };
    for (int index = 0; index < frame->components; index++) {
        const jpeg_component_info *component = &jpeg->comp_info[index];
        frame->horizontal[index] = component->h_samp_factor;
        frame->vertical[index] = component->v_samp_factor;
        frame->scan[index] = (splice_scan_component){
            .index = (uint8_t)index,
            .blocks = (uint8_t)(component->h_samp_factor * component->v_samp_factor),
            .dc = (uint8_t)component->dc_tbl_no,
            .ac = (uint8_t)component->ac_tbl_no,
        };
        frame->quantisation[index] = (uint8_t)component->quant_tbl_no;
        frame->quant_tables[component->quant_tbl_no] = *jpeg->quant_tbl_ptrs[component->quant_tbl_no];
        frame->dc_tables[component->dc_tbl_no] = *jpeg->dc_huff_tbl_ptrs[component->dc_tbl_no];
        frame->ac_tables[component->ac_tbl_no] = *jpeg->ac_huff_tbl_ptrs[component->ac_tbl_no];
    }
}

static int run_describe(encode_state *state, const imaging_jpeg_request *request, splice_frame *frame) {
    if (setjmp(state->errors.landing)) {
        return 0;
    }
    jpeg_create_compress(&state->jpeg);
    configure(&state->jpeg, request);
    note_frame(&state->jpeg, frame);
    return 1;
}

int imaging_jpeg_describe(const imaging_jpeg_request *request, splice_frame *frame, imaging_failure *failure) {
    encode_state state;
    begin(&state);
    int described = run_describe(&state, request, frame);
    jpeg_destroy_compress(&state.jpeg);
    if (!described) {
        return imaging_fail(failure, state.errors.code, -1, -1, state.errors.message);
    }
    return IMAGING_OK;
}
