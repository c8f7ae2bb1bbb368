/// PNG files.
#ifndef SWATHLOG_IMAGING_PNG_H
#define SWATHLOG_IMAGING_PNG_H

/// How much work goes into a PNG file's size.
typedef enum {
    /// Paeth filter, Huffman codes without matches; with matches of whole pixels where there is little noise.
    IMAGING_PNG_FAST = 0,
    /// One filter for all rows, by trial; matches of whole pixels.
    IMAGING_PNG_BALANCED = 1,
    /// The smallest of that and of zlib's highest level over two choices of filters. The bytes depend on zlib's
    /// version.
    IMAGING_PNG_SMALL = 2,
} imaging_png_compression;

/// What to encode. The pixels are rows that lie `stride` bytes apart, of 1 to 4 channels of 8 or 16 (big endian) bits.
typedef struct {
    const uint8_t *pixels;
    size_t stride;
    uint32_t width, height;
    int32_t channels, bit_depth;
    imaging_png_compression compression;
    /// The body of an iCCP chunk, as imaging_png_profile makes it; none where the count is 0.
    const uint8_t *profile;
    size_t profile_count;
} imaging_png_request;

/// Encodes a PNG file in place of what `out` held. `scratch` is working memory and is kept for the next call.
int imaging_png_encode(
    const imaging_png_request *request, imaging_buffer *scratch, imaging_buffer *out, imaging_failure *failure);

/// Room for the iCCP chunk of a colour profile of `count` bytes; 0 where it is too large.
size_t imaging_png_profile_bound(size_t count);

/// Writes the body of the iCCP chunk that holds an ICC profile, and returns its size; 0 for none, or when memory or
/// room ends.
size_t imaging_png_profile(const uint8_t *profile, size_t count, uint8_t *chunk, size_t capacity);

#endif
