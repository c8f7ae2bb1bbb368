#include "jpeg_splice.h"

#include <string.h>

static void note_components(const struct jpeg_decompress_struct *jpeg, splice_frame *frame) {
    frame->width = jpeg->image_width;
    frame->height = jpeg->image_height;
    frame->components = jpeg->num_components;
    uint32_t across = 1, down = 1;
    for (int index = 0; index < frame->components; index++) {
        const jpeg_component_info *component = &jpeg->comp_info[index];
        // The blocks of a lone component are not interleaved, whatever its factors say (T.81, A.2.2).
        frame->horizontal[index] = frame->components == 1 ? 1 : component->h_samp_factor;
        frame->vertical[index] = frame->components == 1 ? 1 : component->v_samp_factor;
        across = (uint32_t)frame->horizontal[index] > across ? (uint32_t)frame->horizontal[index] : across;
        down = (uint32_t)frame->vertical[index] > down ? (uint32_t)frame->vertical[index] : down;
    }
    frame->mcu_width = across * DCTSIZE;
    frame->mcu_height = down * DCTSIZE;
}

static void note_colours(const struct jpeg_decompress_struct *jpeg, splice_colours *colours) {
    colours->space = jpeg->jpeg_color_space;
    colours->jfif = jpeg->saw_JFIF_marker;
    colours->adobe = jpeg->saw_Adobe_marker;
    colours->jfif_version[0] = jpeg->JFIF_major_version;
    colours->jfif_version[1] = jpeg->JFIF_minor_version;
    colours->density_unit = jpeg->density_unit;
    colours->density_x = jpeg->X_density;
    colours->density_y = jpeg->Y_density;
}

/// Copies the tables that the scan uses; libjpeg has checked that they are there and make sense.
static void note_tables(const struct jpeg_decompress_struct *jpeg, splice_frame *frame) {
    for (int place = 0; place < frame->components; place++) {
        const jpeg_component_info *component = jpeg->cur_comp_info[place];
        frame->scan[place] = (splice_scan_component){
            .index = (uint8_t)component->component_index,
            .blocks = (uint8_t)component->MCU_blocks,
            .dc = (uint8_t)component->dc_tbl_no,
            .ac = (uint8_t)component->ac_tbl_no,
        };
        frame->quantisation[component->component_index] = (uint8_t)component->quant_tbl_no;
        frame->quant_tables[component->quant_tbl_no] = *jpeg->quant_tbl_ptrs[component->quant_tbl_no];
        frame->dc_tables[component->dc_tbl_no] = *jpeg->dc_huff_tbl_ptrs[component->dc_tbl_no];
        frame->ac_tables[component->ac_tbl_no] = *jpeg->ac_huff_tbl_ptrs[component->ac_tbl_no];
        for (int index = 0; index < DCTSIZE2; index++) {
            if (frame->quant_tables[component->quant_tbl_no].quantval[index] > 255) {
                frame->wide_quantisation = 1;
            }
        }
    }
}

/// Tiles need every DC category, for their new first values; a table may be too full for that.
static int complete_tables(splice_frame *frame) {
    for (int place = 0; place < frame->components; place++) {
        if (!imaging_splice_complete(&frame->dc_tables[frame->scan[place].dc])) {
            return 0;
        }
    }
    return 1;
}

/// One sequential scan of all components, checked by libjpeg's own start of decoding, which reads no pixels.
static void note_scan(imaging_jpeg_reader *reader, size_t count, splice_frame *frame) {
    j_decompress_ptr jpeg = &reader->jpeg;
    if (jpeg_has_multiple_scans(jpeg)) {
        return;
    }
    (void)jpeg_start_decompress(jpeg);
    frame->mcus_across = jpeg->MCUs_per_row;
    frame->mcus_down = jpeg->MCU_rows_in_scan;
    frame->restart_interval = jpeg->restart_interval;
    frame->scan_offset = count - reader->source.bytes_in_buffer;
    note_tables(jpeg, frame);
    frame->can_splice = complete_tables(frame);
}

static int read_frame(imaging_jpeg_reader *reader, size_t count, splice_frame *frame, imaging_failure *failure) {
    if (setjmp(reader->errors.landing)) {
        return imaging_jpeg_reader_failed(reader, failure);
    }
    if (reader->jpeg.num_components > SPLICE_COMPONENTS) {
        imaging_jpeg_abandon(reader, IMAGING_UNSUPPORTED, "JPEG with more than 4 components");
    }
    note_components(&reader->jpeg, frame);
    note_colours(&reader->jpeg, &frame->colours);
    note_scan(reader, count, frame);
    return IMAGING_OK;
}

int imaging_splice_read_frame(
    const uint8_t *bytes, size_t count, splice_frame *frame, imaging_failure *failure) {
    imaging_jpeg_reader reader;
    imaging_header header;
    memset(frame, 0, sizeof *frame);
    int code = imaging_jpeg_reader_open(&reader, bytes, count, &header, failure);
    if (!code) {
        code = read_frame(&reader, count, frame, failure);
    }
    imaging_jpeg_reader_close(&reader);
    return code;
}
