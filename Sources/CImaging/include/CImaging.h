/// The C side of the imaging engine.
///
/// Every function returns 0 or fills an `imaging_failure`. libjpeg and libpng report errors with longjmp: each call
/// here sets its own landing place, so that nothing ever unwinds past the caller. No call keeps a pointer to its
/// arguments, except that a decoder reads the file bytes that it was opened with until it is closed.
#ifndef SWATHLOG_CIMAGING_H
#define SWATHLOG_CIMAGING_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// What went wrong, in the words of this module.
typedef enum {
    IMAGING_OK = 0,
    IMAGING_TRUNCATED = 1,
    IMAGING_CORRUPT = 2,
    IMAGING_UNSUPPORTED = 3,
    IMAGING_NO_MEMORY = 4,
    IMAGING_ENCODE_FAILED = 5,
    IMAGING_INVALID_SETTINGS = 6,
    IMAGING_TOO_LARGE = 7,
} imaging_code;

/// Where and why a call failed; offset and row are -1 where unknown.
typedef struct {
    int32_t code;
    int64_t offset;
    int64_t row;
    char message[224];
} imaging_failure;

/// Growing bytes that an encoder writes to; reused from tile to tile, freed by imaging_buffer_free.
typedef struct {
    uint8_t *data;
    size_t count;
    size_t capacity;
} imaging_buffer;

void imaging_buffer_free(imaging_buffer *buffer);

/// The brightness and the two colours of an image, as JPEG has them: rows of 8-bit samples that lie `strides` bytes apart.
typedef struct {
    uint8_t *samples[3];
    size_t strides[3];
} imaging_planes;

/// What to encode: rows of 8-bit grey (1 channel) or RGB (3 channels) that lie `stride` bytes apart.
typedef struct {
    const uint8_t *pixels;
    size_t stride;
    uint32_t width, height;
    int32_t channels, quality;
    /// Brightness samples for one colour sample along a row and a column, 1 or 2 each; of RGB only.
    int32_t horizontal_sampling, vertical_sampling;
    /// APPn segments as they stand in a file (FF En, length, bytes). With an APP0 or APP1 among them no JFIF header is
    /// written, because EXIF wants to be the first segment.
    const uint8_t *segments;
    size_t segments_count;
} imaging_jpeg_request;

/// Encodes a baseline JPEG in place of what `out` held.
int imaging_jpeg_encode(const imaging_jpeg_request *request, imaging_buffer *out, imaging_failure *failure);

/// The files that can be decoded.
typedef enum {
    IMAGING_JPEG = 1,
    IMAGING_PNG = 2,
} imaging_format;

/// How the file stores its pixels.
typedef enum {
    IMAGING_MODEL_GREY = 1,
    IMAGING_MODEL_GREY_ALPHA = 2,
    IMAGING_MODEL_RGB = 3,
    IMAGING_MODEL_RGBA = 4,
    IMAGING_MODEL_PALETTE = 5,
    IMAGING_MODEL_YCBCR = 6,
    IMAGING_MODEL_CMYK = 7,
    IMAGING_MODEL_YCCK = 8,
} imaging_model;

/// What the header says. `channels` and `bit_depth` (8 or 16) are those of the decoded rows; 16-bit samples are big
/// endian, as in PNG.
typedef struct {
    uint32_t width;
    uint32_t height;
    int32_t channels;
    int32_t bit_depth;
    int32_t stored_bit_depth;
    int32_t progressive;
    int32_t model;
    /// Brightness samples for one colour sample along a row and a column, 1 or 2 each; 0 where the file has no such planes.
    int32_t horizontal_sampling, vertical_sampling;
    /// Memory that decoding takes beyond a few rows: a progressive JPEG's coefficients, an interlaced PNG's pixels.
    uint64_t buffered_bytes;
} imaging_header;

typedef struct imaging_decoder imaging_decoder;

/// Reads the header only. `bytes` must stay in place until imaging_decoder_close.
int imaging_decoder_open(
    imaging_format format, const uint8_t *bytes, size_t count, imaging_decoder **decoder, imaging_header *header,
    imaging_failure *failure);

/// Allocates what decoding takes. `max_scans` stops JPEG files that send their scans again and again.
int imaging_decoder_start(imaging_decoder *decoder, int max_scans, imaging_failure *failure);

/// The same for planes in place of pixels, which saves changing colours back and forth. `vertical_sampling` is the file's,
/// or 2 where that is 1: then two rows of colours become one.
int imaging_decoder_start_planes(
    imaging_decoder *decoder, int max_scans, int vertical_sampling, imaging_failure *failure);

/// Takes in a part of a file whose rows are complete only at its end; `*done` is 1 when rows can be read. Others are
/// done at once. The caller may stop between two calls.
int imaging_decoder_absorb(imaging_decoder *decoder, int *done, imaging_failure *failure);

/// Decodes the next `rows` rows to `out`, `stride` bytes apart. The caller reads no more rows than the image has.
int imaging_decoder_read(
    imaging_decoder *decoder, uint8_t *out, size_t stride, uint32_t rows, imaging_failure *failure);

/// Decodes the next `rows` rows of brightness, and the rows of colours that begin with them, of a decoder that was started
/// for planes.
int imaging_decoder_read_planes(
    imaging_decoder *decoder, const imaging_planes *out, uint32_t rows, imaging_failure *failure);

/// Reads to the end of the image after the last row, checks it, and tells how many bytes follow.
int imaging_decoder_finish(imaging_decoder *decoder, uint64_t *trailing_bytes, imaging_failure *failure);

void imaging_decoder_close(imaging_decoder *decoder);

/// Copies width x height pixels of `pixel_bytes` (1, 2, 3, 4, 6 or 8) to rows `to_stride` bytes apart. The first pixel is
/// read at `from`, the next of a row `step_x` bytes on, the first of the next row `step_y` bytes on; both may be negative.
void imaging_gather(
    const uint8_t *from, ptrdiff_t step_x, ptrdiff_t step_y, uint32_t width, uint32_t height, int pixel_bytes,
    uint8_t *to, size_t to_stride);

/// What stands in a tile beyond the edge of its image.
typedef enum {
    IMAGING_PAD_CONSTANT = 0,
    /// The last pixel of the row or column, again and again.
    IMAGING_PAD_EDGE = 1,
    /// The pixels before the last one, backwards, without the last one itself.
    IMAGING_PAD_REFLECT = 2,
} imaging_pad;

/// Fills a packed tile of width x height pixels right of `valid_width` and below `valid_height`. `fill` is one pixel, for
/// IMAGING_PAD_CONSTANT.
void imaging_pad_tile(
    uint8_t *pixels, uint32_t width, uint32_t height, uint32_t valid_width, uint32_t valid_height, int pixel_bytes,
    imaging_pad pad, const uint8_t *fill);

/// Lays packed pixels whose last channel is alpha on a background of channels - 1 levels of 8 bits, in place: the result has
/// one channel less. 16-bit samples are big endian.
void imaging_flatten(uint8_t *pixels, size_t count, int channels, int sample_bytes, const uint8_t *background);

/// Counts the levels of each channel, 256 counts a channel; of 16-bit samples (big endian) the upper 8 bits.
void imaging_count_levels(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, int sample_bytes,
    uint32_t *counts);

/// Counts the pixels whose colours are those of the pixel `value`, or whose last channel is 0 where `alpha` is 1.
uint64_t imaging_count_empty(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, int sample_bytes, int alpha,
    const uint8_t *value);

#include "imaging_png.h"

#include "imaging_transform.h"

/// The libjpeg that this was built with, by its name and version.
const char *imaging_jpeg_library(void);

/// The version of the zlib that is in use.
const char *imaging_zlib_library(void);

#if defined(__cplusplus)
}
#endif

#include "imaging_band.h"
#include "imaging_inflate.h"
#include "imaging_splice.h"

#endif
