/// DEFLATE (RFC 1951) in zlib streams (RFC 1950), for the filtered rows of photographs. The same bytes give the same
/// stream on every machine.
#ifndef SWATHLOG_CIMAGING_DEFLATE_H
#define SWATHLOG_CIMAGING_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/// Filtered rows as PNG has them: a filter byte, then whole pixels. 16 more bytes behind the last row can be read.
typedef struct {
    const uint8_t *bytes;
    /// Bytes of a row, the filter byte included.
    size_t row_bytes;
    uint32_t rows;
    /// 1, 2, 3, 4, 6 or 8.
    uint32_t pixel_bytes;
} imaging_filtered_rows;

/// Room that a stream of `count` bytes may take, with the slack that the bit writer's whole-word stores need.
size_t imaging_deflate_bound(size_t count);

/// Writes Huffman codes without matches: sensor noise repeats next to nothing. Only long runs of zeros, which flat
/// parts are filtered to, are matched. `out` has room for imaging_deflate_bound(count); returns the stream's size.
size_t imaging_deflate_literals(const uint8_t *bytes, size_t count, uint8_t *out);

/// What imaging_deflate_pixels works in; too large for a stack.
typedef struct imaging_pixel_workspace imaging_pixel_workspace;
size_t imaging_pixel_workspace_size(void);

typedef enum {
    /// Each pixel is matched with the last one like it, if there is any in reach. Blocks that follow ones with little
    /// noise are searched thoroughly all the same.
    IMAGING_MATCH_QUICKLY = 0,
    /// Longer matches are looked for too, and what is cheapest altogether is chosen.
    IMAGING_MATCH_THOROUGHLY = 1,
    /// Each pixel is matched with the last one like it, and no block is searched thoroughly; not of pixels of 1 or 2 bytes.
    IMAGING_MATCH_LAST_PIXELS = 2,
} imaging_match_effort;

/// Matches whole pixels: the channels of a photograph vary together, so that most pixels have the same differences as
/// one seen shortly before. `out` has room for imaging_deflate_bound of all rows.
size_t imaging_deflate_pixels(
    const imaging_filtered_rows *rows, imaging_match_effort effort, imaging_pixel_workspace *workspace, uint8_t *out);

#endif
