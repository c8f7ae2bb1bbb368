#ifndef SWATHLOG_CIMAGING_ADLER_H
#define SWATHLOG_CIMAGING_ADLER_H

#include <stddef.h>
#include <stdint.h>

/// Continues an Adler-32 checksum (RFC 1950, 8.2), which starts at 1; zlib's own is three times as slow here.
uint32_t imaging_adler32(uint32_t adler, const uint8_t *bytes, size_t count);

#endif
