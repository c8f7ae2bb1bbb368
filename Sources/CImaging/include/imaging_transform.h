/// What is done to the pixels of a tile between cutting and encoding.
///
/// Samples are packed row by row in native byte order. Nothing here uses floating point: whatever needs it hands in
/// tables and fixed-point numbers, so that every processor gives the same bytes. Included by CImaging.h.
#ifndef SWATHLOG_IMAGING_TRANSFORM_H
#define SWATHLOG_IMAGING_TRANSFORM_H

/// The pixels of a tile: 1 to 65,536 a side, 1 to 4 channels (with 2 and 4 the last is alpha) of 8 or 16 bits.
typedef struct {
    uint32_t width;
    uint32_t height;
    int32_t channels;
    int32_t bits;
} imaging_shape;

/// Turns and mirrors: like imaging_gather, but walks in blocks, so that reading down columns stays in the cache.
void imaging_turn(
    const uint8_t *from, ptrdiff_t step_x, ptrdiff_t step_y, uint32_t width, uint32_t height, int pixel_bytes,
    uint8_t *to);

/// Replaces each sample by its entry (1, 2 or 4 bytes) in its channel's table; the tables of 2^bits entries follow each
/// other. `to` may be `from` where an entry is as long as a sample.
int imaging_lookup(
    const uint8_t *from, const imaging_shape *shape, const uint8_t *tables, int entry_bytes, uint8_t *to,
    imaging_failure *failure);

/// Adds the samples of rows `stride` bytes apart to `counts`, 2^bits a channel. `big_endian` is for 16 bits as PNG has
/// them.
int imaging_count(
    const uint8_t *from, size_t stride, const imaging_shape *shape, int big_endian, uint64_t *counts,
    imaging_failure *failure);

/// Swaps the bytes of each 16-bit sample, in place.
void imaging_swap_bytes(uint8_t *samples, size_t count);

/// Halves (IEEE binary16) nearest to 32-bit floats given by their bits, ties to even; NaN stays NaN.
void imaging_halves(const uint32_t *floats, size_t count, uint16_t *halves);

/// Turns the tile around its middle, bilinear, reflecting at the border without repeating its pixels. `cosine` and
/// `sine` are of the angle (counter-clockwise), times 2^32.
int imaging_rotate(
    const uint8_t *from, const imaging_shape *shape, int64_t cosine, int64_t sine, uint8_t *to,
    imaging_failure *failure);

/// The part of a tile that is stretched over all of it.
typedef struct {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
} imaging_window;

/// Stretches a window over the whole tile, bilinear between pixel centres; nothing outside the window is read.
int imaging_stretch(
    const uint8_t *from, const imaging_shape *shape, const imaging_window *window, uint8_t *to,
    imaging_failure *failure);

/// Blurs rows, then columns. `weights` holds the centre's weight and those of 1 to `radius` pixels to either side; the
/// centre and twice the others make 65,536. Reflects like imaging_rotate.
int imaging_blur(
    const uint8_t *from, const imaging_shape *shape, const uint32_t *weights, uint32_t radius, uint8_t *to,
    imaging_failure *failure);

/// Shifts hue, saturation and value of RGB or RGBA in place. `hue` in sixths of the circle times 65,536 (0 to 393,215),
/// `saturation` in 1/65,536 of full saturation, `value` in levels.
int imaging_shift_hue(
    uint8_t *samples, const imaging_shape *shape, int32_t hue, int32_t saturation, int32_t value,
    imaging_failure *failure);

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
void imaging_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/// Adds noise in place, not to alpha. Sample i takes the 16 bits number i % 8 of the Philox block of counter i / 8: 15
/// bits choose an entry of `amounts` (levels), the highest its sign.
int imaging_add_noise(
    uint8_t *samples, const imaging_shape *shape, const uint32_t key[2], const int32_t amounts[32768],
    imaging_failure *failure);

/// Sets all samples of a window but alpha to `level`, in place.
int imaging_fill(
    uint8_t *samples, const imaging_shape *shape, const imaging_window *window, uint32_t level,
    imaging_failure *failure);

/// Copies `channels` samples of each pixel, from pixels of `from_channels` to pixels of `to_channels`.
void imaging_copy_channels(
    const uint8_t *from, int from_channels, uint8_t *to, int to_channels, int channels, int sample_bytes,
    size_t pixels);

#endif
