#include "jpeg_splice_coefficients.h"

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
    const splice_coefficients *coefficients;
    const splice_frame *frame;
    imaging_span column, row;
    jpeg_scan_info scans[SPLICE_COMPONENTS];
    jvirt_barray_ptr arrays[SPLICE_COMPONENTS];
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

static void point_at_free_space(j_compress_ptr jpeg) {
    encode_destination *destination = (encode_destination *)jpeg->dest;
    if (!imaging_buffer_reserve(destination->out, 32768)) {
        encode_errors *errors = (encode_errors *)jpeg->err;
        errors->code = IMAGING_NO_MEMORY;
        snprintf(errors->message, sizeof errors->message, "out of memory for the encoded JPEG");
        longjmp(errors->landing, 1);
    }
    destination->base.next_output_byte = destination->out->data + destination->out->count;
    destination->base.free_in_buffer = destination->out->capacity - destination->out->count;
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

/// Each component keeps the quantisation it was sent with, and shares it with those that it shared it with. A file of
/// several scans may have changed a table in between, so that one number stood for two.
static void set_quantisation(encode_state *state, int index) {
    j_compress_ptr jpeg = &state->jpeg;
    const jpeg_component_info *sent = state->coefficients->reader.jpeg.comp_info;
    const JQUANT_TBL *table = sent[index].quant_table;
    int same = 0;
    while (sent[same].quant_tbl_no != sent[index].quant_tbl_no
           || memcmp(sent[same].quant_table->quantval, table->quantval, sizeof table->quantval) != 0) {
        same += 1;
    }
    jpeg->comp_info[index].quant_tbl_no = same;
    if (!jpeg->quant_tbl_ptrs[index]) {
        jpeg->quant_tbl_ptrs[index] = jpeg_alloc_quant_table((j_common_ptr)jpeg);
    }
    *jpeg->quant_tbl_ptrs[index] = *table;
    jpeg->quant_tbl_ptrs[index]->sent_table = FALSE;
}

static void set_components(encode_state *state) {
    for (int index = 0; index < state->jpeg.num_components; index++) {
        state->jpeg.comp_info[index].h_samp_factor = state->frame->horizontal[index];
        state->jpeg.comp_info[index].v_samp_factor = state->frame->vertical[index];
        set_quantisation(state, index);
    }
}

/// An MCU has at most 10 blocks (T.81, B.2.3); components that do not fit one get scans of their own.
static void set_scans(encode_state *state) {
    int blocks = 0;
    for (int index = 0; index < state->frame->components; index++) {
        blocks += state->frame->horizontal[index] * state->frame->vertical[index];
        state->scans[index] =
            (jpeg_scan_info){.comps_in_scan = 1, .component_index = {index}, .Ss = 0, .Se = DCTSIZE2 - 1};
    }
    if (blocks > C_MAX_BLOCKS_IN_MCU) {
        state->jpeg.scan_info = state->scans;
        state->jpeg.num_scans = state->frame->components;
    }
}

static void set_parameters(encode_state *state) {
    j_compress_ptr jpeg = &state->jpeg;
    jpeg->image_width = state->column.length;
    jpeg->image_height = state->row.length;
    jpeg->input_components = state->frame->components;
    jpeg->in_color_space = state->frame->colours.space;
    jpeg_set_defaults(jpeg);
    jpeg_set_colorspace(jpeg, state->frame->colours.space);
    set_components(state);
    set_scans(state);
    jpeg->optimize_coding = TRUE;
    jpeg->write_JFIF_header = FALSE;
    jpeg->write_Adobe_marker = FALSE;
}

static JDIMENSION blocks_of(uint32_t pixels, int factor, uint32_t mcu) {
    // The MCU's side is 8 pixels for each of the largest factor, so this rounds up to the component's own blocks.
    return (JDIMENSION)(((uint64_t)pixels * (uint32_t)factor + mcu - 1) / mcu);
}

/// Arrays of whole MCUs, which libjpeg makes when writing begins.
static void request_arrays(encode_state *state) {
    j_compress_ptr jpeg = &state->jpeg;
    for (int index = 0; index < jpeg->num_components; index++) {
        const int across = state->frame->horizontal[index], down = state->frame->vertical[index];
        JDIMENSION width = blocks_of(state->column.length, across, state->frame->mcu_width) + 3;
        JDIMENSION height = blocks_of(state->row.length, down, state->frame->mcu_height) + 3;
        state->arrays[index] = jpeg->mem->request_virt_barray(
            (j_common_ptr)jpeg, JPOOL_IMAGE, TRUE, width, height, (JDIMENSION)down);
    }
}

static void copy_blocks(encode_state *state) {
    j_compress_ptr jpeg = &state->jpeg;
    for (int index = 0; index < jpeg->num_components; index++) {
        const int across = state->frame->horizontal[index], down = state->frame->vertical[index];
        const JDIMENSION width = blocks_of(state->column.length, across, state->frame->mcu_width);
        const JDIMENSION height = blocks_of(state->row.length, down, state->frame->mcu_height);
        const JDIMENSION left = state->column.start / state->frame->mcu_width * (JDIMENSION)across;
        const JDIMENSION top = state->row.start / state->frame->mcu_height * (JDIMENSION)down;
        for (JDIMENSION row = 0; row < height; row++) {
            JBLOCKARRAY to =
                jpeg->mem->access_virt_barray((j_common_ptr)jpeg, state->arrays[index], row, 1, TRUE);
            const JBLOCK *from = state->coefficients->rows[index][top + row] + left;
            memcpy(to[0], from, width * sizeof *from);
        }
    }
}

static void write_segments(j_compress_ptr jpeg, const imaging_buffer *segments) {
    for (size_t at = 0; at < segments->count;) {
        const uint8_t *segment = segments->data + at;
        size_t length = (size_t)segment[2] << 8 | segment[3];
        jpeg_write_marker(jpeg, segment[1], segment + 4, (unsigned int)(length - 2));
        at += length + 2;
    }
}

/// Runs between setjmp and longjmp; the state lives in the caller's frame, so no local of this one is lost.
static int run_encode(encode_state *state, const imaging_buffer *segments) {
    if (setjmp(state->errors.landing)) {
        return 0;
    }
    j_compress_ptr jpeg = &state->jpeg;
    jpeg_create_compress(jpeg);
    jpeg->dest = &state->destination.base;
    set_parameters(state);
    request_arrays(state);
    jpeg_write_coefficients(jpeg, state->arrays);
    write_segments(jpeg, segments);
    copy_blocks(state);
    jpeg_finish_compress(jpeg);
    return 1;
}

int imaging_splice_coefficients_write(
    const splice_coefficients *coefficients, const splice_frame *frame, imaging_span column, imaging_span row,
    const imaging_buffer *segments, imaging_buffer *out, imaging_failure *failure) {
    encode_state state;
    memset(&state, 0, sizeof state);
    state.jpeg.err = jpeg_std_error(&state.errors.base);
    state.errors.base.error_exit = fail_encode;
    state.errors.base.emit_message = ignore_message;
    state.destination.out = out;
    state.destination.base.init_destination = point_at_free_space;
    state.destination.base.empty_output_buffer = grow_output;
    state.destination.base.term_destination = end_output;
    state.coefficients = coefficients;
    state.frame = frame;
    state.column = column;
    state.row = row;
    int written = run_encode(&state, segments);
    jpeg_destroy_compress(&state.jpeg);
    if (!written) {
        return imaging_fail(failure, state.errors.code, -1, -1, state.errors.message);
    }
    return IMAGING_OK;
}
