/// Bits in the order of DEFLATE (RFC 1951, 3.1.1): each byte is filled from its lowest bit.
#ifndef SWATHLOG_CIMAGING_BIT_WRITER_H
#define SWATHLOG_CIMAGING_BIT_WRITER_H

#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the bit writer stores whole words and needs a little-endian machine"
#endif

/// The writer stores 8 bytes at a time, however few count: the room behind the last byte.
enum { IMAGING_BIT_SLACK = 16 };

typedef struct {
    uint64_t bits;
    /// Fewer than 8 are pending between calls.
    unsigned count;
    uint8_t *next;
} imaging_bit_writer;

/// Appends up to 56 bits; those of `value` above `count` are 0.
static inline void imaging_put(imaging_bit_writer *writer, uint64_t value, unsigned count) {
    writer->bits |= value << writer->count;
    writer->count += count;
    memcpy(writer->next, &writer->bits, 8);
    writer->next += writer->count >> 3;
    writer->bits >>= writer->count & 56;
    writer->count &= 7;
}

static inline void imaging_pad_to_byte(imaging_bit_writer *writer) {
    imaging_put(writer, 0, (8 - writer->count) & 7);
}

#endif
