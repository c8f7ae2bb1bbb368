/// Puts hostile bytes through the C side of the imaging engine, for sanitizers and fuzzers to watch.
///
/// What goes wrong without a sanitizer's notice (a failure without a reason, pixels that differ from strip to strip, a
/// stream that does not inflate to what went in) ends the process with a message too.
#ifndef SWATHLOG_FUZZING_EXERCISE_H
#define SWATHLOG_FUZZING_EXERCISE_H

#include <stddef.h>
#include <stdint.h>

#include "CImaging.h"

/// Pixels as a decoder gave them, row by row.
typedef struct {
    uint32_t width, height;
    int channels, bit_depth;
    size_t row_bytes;
    uint8_t *pixels;
} exercise_image;

/// Small limits, as a user would set them: what asks for more is refused before anything is allocated.
enum { EXERCISE_PIXELS = 1 << 20, EXERCISE_BUFFER = 16 << 20, EXERCISE_SCANS = 40 };

/// Ends the process: the engine broke a promise.
_Noreturn void exercise_breach(const char *promise);

/// Adds what the engine made to a digest of all that it made, by which two builds of it are compared.
void exercise_note(const void *bytes, size_t count);
uint32_t exercise_digest(void);

/// The format that the first bytes speak of; 0 where it is none that is decoded.
imaging_format exercise_format(const uint8_t *bytes, size_t count);

/// 1 where an image is larger than the limits, with an empty failure.
int exercise_exceeds_limits(const imaging_header *header, imaging_failure *failure);

/// Decodes a file in strips of up to `strip` rows. 1 with pixels, which the caller frees; 0 with a reason.
int exercise_decode(
    imaging_format format, const uint8_t *bytes, size_t count, uint32_t strip, exercise_image *image,
    imaging_failure *failure);

/// Decodes a JPEG's planes in strips of different heights, which must agree, and codes tiles of them, which must be
/// libjpeg's. `decoded` is whether the file gave pixels: then it gives planes, where it has any.
void exercise_planes(const uint8_t *bytes, size_t count, int decoded);

/// Turns, pads, flattens and counts an image, as is done to what becomes a tile.
void exercise_tiles(const exercise_image *image, const uint8_t *bytes, size_t count);

/// Encodes an image in every way, and decodes what that gave. `bytes` choose the settings.
void exercise_encoders(const exercise_image *image, const uint8_t *bytes, size_t count);

/// Puts an image through every kernel of the transforms, with numbers that are right or not.
void exercise_transforms(const exercise_image *image, const uint8_t *bytes, size_t count);

/// Compresses, inflates and digests bytes that are no pixels.
void exercise_streams(const uint8_t *bytes, size_t count);

/// Cuts lossless tiles of a JPEG, each of which must be a sound file; of what is none, nothing.
void exercise_splice(const uint8_t *bytes, size_t count);

/// Decodes in two ways that must agree, then transforms and encodes. 1 where the file gave pixels.
int exercise_file(const uint8_t *bytes, size_t count);

#endif
