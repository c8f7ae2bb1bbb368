/// From rows of pixels to the stream of a PNG's IDAT chunk.
#ifndef SWATHLOG_CIMAGING_PNG_COMPRESS_H
#define SWATHLOG_CIMAGING_PNG_COMPRESS_H

#include "png_filter.h"
#include "support.h"

/// Filters and compresses rows to `out`, which has room for imaging_deflate_bound of all filtered rows. `scratch` is
/// working memory, kept for the next call. Returns the stream's size, 0 when memory ends.
size_t imaging_compress_rows(
    const imaging_rows *rows, imaging_png_compression compression, imaging_buffer *scratch, uint8_t *out);

#endif
