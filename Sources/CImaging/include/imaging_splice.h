/// Lossless JPEG tiles: the entropy-coded bits of a file, cut and joined without decoding them to pixels.
///
/// Most files (one scan of Huffman codes) are spliced: one pass over the bits notes where each MCU row of each tile
/// begins, and a tile is a new header, those bits, and a new first DC value for each row. All others go through their
/// coefficients, which are coded anew. Either way no coefficient changes.
#ifndef SWATHLOG_IMAGING_SPLICE_H
#define SWATHLOG_IMAGING_SPLICE_H

#include "CImaging.h"

#if defined(__cplusplus)
extern "C" {
#endif

/// Pixels along one axis.
typedef struct {
    uint32_t start;
    uint32_t length;
} imaging_span;

/// What is cut, and what that may take. The spans are those of the stored image; each starts on the MCU grid and ends
/// on it or at the image's edge.
typedef struct {
    const imaging_span *columns;
    size_t columns_count;
    const imaging_span *rows;
    size_t rows_count;
    /// Memory for the coefficients of a file that cannot be spliced.
    uint64_t max_buffered_bytes;
    int max_scans;
} imaging_splice_request;

typedef struct imaging_splice imaging_splice;

/// Reads the size of an MCU, which tiles must keep to, from the header.
int imaging_splice_grid(
    const uint8_t *bytes, size_t count, uint32_t *mcu_width, uint32_t *mcu_height, imaging_failure *failure);

/// Reads the header. `bytes` must stay in place until imaging_splice_absorb is done.
int imaging_splice_open(
    const uint8_t *bytes, size_t count, const imaging_splice_request *request, imaging_splice **splice,
    imaging_failure *failure);

/// Takes in and checks a part of the image; `*done` is 1 when the whole file is checked and tiles can be written. The
/// caller may stop between two calls.
int imaging_splice_absorb(imaging_splice *splice, int *done, imaging_failure *failure);

/// Bytes after the end of the image.
uint64_t imaging_splice_trailing_bytes(const imaging_splice *splice);

/// Writes the tile of a column and a row as a JPEG file in place of what `out` held. `segments` holds APPn segments
/// as they stand in a file (FF En, length, bytes); with EXIF among them the JFIF header is left out, because EXIF
/// wants to be the first segment. `scratch` is for the call's own use. Any number of threads may write at once.
int imaging_splice_write(
    const imaging_splice *splice, size_t column, size_t row, const uint8_t *segments, size_t segments_count,
    imaging_buffer *scratch, imaging_buffer *out, imaging_failure *failure);

void imaging_splice_close(imaging_splice *splice);

#if defined(__cplusplus)
}
#endif

#endif
