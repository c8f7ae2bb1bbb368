/// Writing entropy-coded bits behind each other, before bytes are stuffed.
#ifndef SWATHLOG_CIMAGING_JPEG_SPLICE_WRITER_H
#define SWATHLOG_CIMAGING_JPEG_SPLICE_WRITER_H

#include "jpeg_splice.h"

/// Bits behind those that `out` holds; the last byte's lower bits are 0 until they are filled.
typedef struct {
    imaging_buffer *out;
    uint64_t bits;
} splice_writer;

/// Makes room for that many bits and four new DC differences of at most 27 each; 0 when memory ends.
int imaging_splice_reserve_bits(splice_writer *writer, uint64_t bits);

/// Appends the bits [begin, end) of `bytes`, behind which 8 more bytes can be read. There is room.
void imaging_splice_copy_bits(splice_writer *writer, const uint8_t *bytes, uint64_t begin, uint64_t end);

/// Codes a DC difference, for which the table has a code. There is room.
void imaging_splice_put_difference(splice_writer *writer, const splice_dc_table *table, int32_t difference);

/// Fills the last byte with ones (T.81, F.1.2.3) and says in `out` how many there are.
void imaging_splice_end_bits(splice_writer *writer);

#endif
