/// Compressed metadata, inflated to bounded memory.
#ifndef SWATHLOG_IMAGING_INFLATE_H
#define SWATHLOG_IMAGING_INFLATE_H

#include "CImaging.h"

#if defined(__cplusplus)
extern "C" {
#endif

/// Inflates a whole zlib stream (RFC 1950) to `out`, which holds `capacity` bytes, and tells in `*written` how many it
/// gave. A stream that is cut short, damaged or larger than `capacity` fails; bytes behind the stream are no fault.
int imaging_inflate(
    const uint8_t *bytes, size_t count, uint8_t *out, size_t capacity, size_t *written, imaging_failure *failure);

#if defined(__cplusplus)
}
#endif

#endif
