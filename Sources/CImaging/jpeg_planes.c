#include "jpeg_planes.h"

#include <stdlib.h>
#include <string.h>

int imaging_jpeg_planes_begin(imaging_jpeg_plane_reader *planes, j_decompress_ptr jpeg, int vertical_sampling) {
    const jpeg_component_info *components = jpeg->comp_info;
    planes->mcu_rows = (uint32_t)jpeg->max_v_samp_factor * DCTSIZE;
    planes->stored_step = (uint32_t)jpeg->max_v_samp_factor;
    planes->step = (uint32_t)vertical_sampling;
    planes->height = jpeg->image_height;
    size_t sizes[3];
    for (int index = 0; index < 3; index++) {
        // libjpeg writes whole blocks.
        planes->own.strides[index] = (size_t)components[index].width_in_blocks * DCTSIZE;
        planes->widths[index] = components[index].downsampled_width;
        sizes[index] = planes->own.strides[index] * (size_t)components[index].v_samp_factor * DCTSIZE;
    }
    planes->own.samples[0] = calloc(1, sizes[0] + sizes[1] + sizes[2]);
    if (!planes->own.samples[0]) {
        return 0;
    }
    planes->own.samples[1] = planes->own.samples[0] + sizes[0];
    planes->own.samples[2] = planes->own.samples[1] + sizes[1];
    return 1;
}

void imaging_jpeg_planes_end(imaging_jpeg_plane_reader *planes) {
    free(planes->own.samples[0]);
    planes->own.samples[0] = NULL;
}

/// Decodes the next MCU row to rows of `to`.
static int decode(imaging_jpeg_plane_reader *planes, j_decompress_ptr jpeg, const imaging_planes *to) {
    JSAMPROW rows[3][2 * DCTSIZE];
    JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
    for (int index = 0; index < 3; index++) {
        int count = jpeg->comp_info[index].v_samp_factor * DCTSIZE;
        for (int row = 0; row < count; row++) {
            rows[index][row] = to->samples[index] + to->strides[index] * (size_t)row;
        }
    }
    if (jpeg_read_raw_data(jpeg, arrays, planes->mcu_rows) == 0) {
        return 0;
    }
    planes->decoded += planes->mcu_rows;
    return 1;
}

/// Whether MCU rows can be decoded to where they are wanted: whole blocks have room there, and the colours are the file's.
static int has_room(const imaging_jpeg_plane_reader *planes, const imaging_planes *out) {
    int room = planes->step == planes->stored_step;
    for (int index = 0; index < 3; index++) {
        room = room && planes->own.strides[index] <= out->strides[index];
    }
    return room;
}

/// The mean of two rows; halves go up and down in turns, as libjpeg's own do, so that a colour does not drift.
IMAGING_HOT static void mean(const uint8_t *one, const uint8_t *other, size_t count, uint8_t *out) {
    for (size_t at = 0; at < count; at++) {
        out[at] = (uint8_t)((one[at] + other[at] + (at & 1)) >> 1);
    }
}

/// Hands on the colours of the brightness row `within` the MCU row.
static void copy_colours(
    const imaging_jpeg_plane_reader *planes, uint32_t within, const imaging_planes *out, uint32_t line) {
    for (int index = 1; index < 3; index++) {
        const uint8_t *from = planes->own.samples[index] + planes->own.strides[index] * (within / planes->stored_step);
        uint8_t *to = out->samples[index] + out->strides[index] * line;
        // The image's last row may have no second one.
        int has_second = planes->next + planes->stored_step < planes->height;
        if (planes->step > planes->stored_step && has_second) {
            mean(from, from + planes->own.strides[index], planes->widths[index], to);
        } else {
            memcpy(to, from, planes->widths[index]);
        }
    }
}

/// Hands on one row of brightness, and the row of colours that begins with it, if one does.
static void copy_row(
    const imaging_jpeg_plane_reader *planes, const imaging_planes *out, uint32_t row, uint32_t line) {
    const uint32_t within = planes->next % planes->mcu_rows;
    memcpy(
        out->samples[0] + out->strides[0] * row, planes->own.samples[0] + planes->own.strides[0] * within,
        planes->widths[0]);
    if (planes->next % planes->step == 0) {
        copy_colours(planes, within, out, line);
    }
}

int imaging_jpeg_planes_read(
    imaging_jpeg_plane_reader *planes, j_decompress_ptr jpeg, const imaging_planes *out, uint32_t rows) {
    if (rows > planes->height - planes->next) {
        return 0;
    }
    const uint32_t mcu_rows = planes->mcu_rows;
    const int direct = has_room(planes, out);
    uint32_t row = 0, line = 0;
    while (row < rows) {
        if (direct && planes->next == planes->decoded && rows - row >= mcu_rows) {
            imaging_planes to = *out;
            for (int index = 0; index < 3; index++) {
                to.samples[index] += out->strides[index] * (index == 0 ? row : line);
            }
            if (!decode(planes, jpeg, &to)) {
                return 0;
            }
            planes->next += mcu_rows;
            row += mcu_rows;
            line += mcu_rows / planes->step;
            continue;
        }
        if (planes->next == planes->decoded && !decode(planes, jpeg, &planes->own)) {
            return 0;
        }
        copy_row(planes, out, row, line);
        line += planes->next % planes->step == 0;
        planes->next += 1;
        row += 1;
    }
    return 1;
}
