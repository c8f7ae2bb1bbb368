/// The filters of PNG (PNG specification, 9), each a prediction that the pixels are sent as differences from.
#ifndef SWATHLOG_CIMAGING_PNG_FILTER_H
#define SWATHLOG_CIMAGING_PNG_FILTER_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    IMAGING_FILTER_NONE = 0,
    IMAGING_FILTER_SUB = 1,
    IMAGING_FILTER_UP = 2,
    IMAGING_FILTER_AVERAGE = 3,
    IMAGING_FILTER_PAETH = 4,
} imaging_png_filter;

/// Rows of an image before they are filtered.
typedef struct {
    const uint8_t *pixels;
    size_t stride;
    /// Bytes of a row, without anything between rows.
    size_t row_bytes;
    uint32_t height;
    size_t pixel_bytes;
} imaging_rows;

/// Filters one row to `out`: the filter byte, then row_bytes bytes.
void imaging_filter_row(const imaging_rows *rows, uint32_t y, imaging_png_filter filter, uint8_t *out);

/// Filters all rows to `out`, one behind the other.
void imaging_filter_rows(const imaging_rows *rows, imaging_png_filter filter, uint8_t *out);

/// Filters each row by whichever filter leaves the smallest sum of differences, which PNG (12.8) recommends. `spare`
/// has room for one filtered row.
void imaging_filter_rows_adaptively(const imaging_rows *rows, uint8_t *spare, uint8_t *out);

#endif
