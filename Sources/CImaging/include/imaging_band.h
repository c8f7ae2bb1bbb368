/// JPEG tiles that lie side by side, of planes: what several of them show is transformed and coded once.
///
/// A band of MCU rows is coded from end to end, and noted where each tile begins and ends. A tile is then a header and the
/// bits between, as of a file that is cut without loss: only its first DC values are coded anew. The files are those that
/// libjpeg makes, byte for byte.
#ifndef SWATHLOG_IMAGING_BAND_H
#define SWATHLOG_IMAGING_BAND_H

#include "imaging_splice.h"

#if defined(__cplusplus)
extern "C" {
#endif

/// How the tiles are coded: any number of threads may use one.
typedef struct imaging_jpeg_coder imaging_jpeg_coder;

/// Quality is 1 to 100; the sampling is brightness samples for one colour sample along a row and a column, 1 or 2 each.
int imaging_jpeg_coder_open(
    int quality, int horizontal_sampling, int vertical_sampling, imaging_jpeg_coder **coder, imaging_failure *failure);

void imaging_jpeg_coder_close(imaging_jpeg_coder *coder);

/// Tiles of the same rows. Their spans are counted from the first sample of `planes` on, start at multiples of 8 times the
/// sampling, and are as long as a multiple of that; so is `height`.
typedef struct {
    const imaging_planes *planes;
    uint32_t height;
    const imaging_span *columns;
    size_t columns_count;
} imaging_band_request;

/// A coded band, reused from band to band by one thread.
typedef struct imaging_band imaging_band;

/// NULL when memory ends.
imaging_band *imaging_band_open(void);

void imaging_band_close(imaging_band *band);

/// Codes the tiles' planes in place of what the band held.
int imaging_band_code(
    imaging_band *band, const imaging_jpeg_coder *coder, const imaging_band_request *request, imaging_failure *failure);

/// Writes the tile of a column of the band that was coded as a JPEG file in place of what `out` held. `segments` are APPn
/// segments as they stand in a file.
int imaging_band_write(
    imaging_band *band, const imaging_jpeg_coder *coder, size_t column, const uint8_t *segments, size_t segments_count,
    imaging_buffer *out, imaging_failure *failure);

#if defined(__cplusplus)
}
#endif

#endif
