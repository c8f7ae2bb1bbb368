/// A JPEG's brightness and colours as libjpeg gives them, an MCU row at a time, handed on in any number of rows.
#ifndef SWATHLOG_CIMAGING_JPEG_PLANES_H
#define SWATHLOG_CIMAGING_JPEG_PLANES_H

#include "support.h"

#include <stdio.h>

#include <jpeglib.h>

typedef struct {
    /// One MCU row of the three planes, in one allocation, for rows that are not asked for a whole MCU row at a time.
    imaging_planes own;
    /// Bytes of a row that are the image's.
    size_t widths[3];
    /// Rows of brightness in an MCU row, and for one row of colours: in the file, and as they are handed on.
    uint32_t mcu_rows, stored_step, step;
    /// The next row of brightness, and those that are decoded.
    uint32_t next, decoded, height;
} imaging_jpeg_plane_reader;

/// Gets ready after jpeg_start_decompress, for colours sampled `vertical_sampling` rows apart; 0 when memory ends.
int imaging_jpeg_planes_begin(imaging_jpeg_plane_reader *planes, j_decompress_ptr jpeg, int vertical_sampling);

/// Hands on `rows` rows of brightness and the rows of colours that begin with them; 0 when there are no more. Errors of
/// libjpeg jump to the landing of its caller.
int imaging_jpeg_planes_read(
    imaging_jpeg_plane_reader *planes, j_decompress_ptr jpeg, const imaging_planes *out, uint32_t rows);

void imaging_jpeg_planes_end(imaging_jpeg_plane_reader *planes);

#endif
