/// Huffman-only DEFLATE (RFC 1951) in a zlib stream (RFC 1950): for filtered photographs, whose sensor noise holds
/// next to no matches. Only long runs of zeros, which flat parts are filtered to, are matched.
#ifndef SWATHLOG_CIMAGING_DEFLATE_H
#define SWATHLOG_CIMAGING_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/// Room that a stream of `count` bytes may take, with the slack that the bit writer's whole-word stores need.
size_t imaging_deflate_bound(size_t count);

/// Writes a zlib stream of `bytes` to `out`, which has room for imaging_deflate_bound(count), and returns its size.
size_t imaging_deflate(const uint8_t *bytes, size_t count, uint8_t *out);

#endif
