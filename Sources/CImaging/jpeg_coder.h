/// How the tiles of one image are coded as JPEG: made once, then read by any number of threads.
#ifndef SWATHLOG_CIMAGING_JPEG_CODER_H
#define SWATHLOG_CIMAGING_JPEG_CODER_H

#include "jpeg_blocks.h"
#include "jpeg_splice.h"

enum {
    CODER_SIZES = 16,
    CODER_RUNS = 16,
    /// The lower bits of a code's entry: how many bits code and value take, 26 at most.
    CODER_LENGTH_BITS = 6,
    /// The symbol of 16 zeros (T.81, F.1.2.2.1), with a size of 0.
    CODER_LONG_RUN = 15,
};

/// A Huffman code for AC values, by the place of their size and the zeros before them: the code, with zeros in place of
/// the value's bits, above how many bits the two take. Size and run of 0 are the end of the block.
typedef struct {
    uint32_t entry[CODER_SIZES * CODER_RUNS];
} coder_ac_table;

struct imaging_jpeg_coder {
    /// The header of its files, and the tables that they hold: brightness has the first of each, colours have the second.
    splice_frame frame;
    imaging_quantiser quantiser[2];
    splice_dc_table dc[2];
    coder_ac_table ac[2];
    /// By vertical frequency and the bits of `imaging_blocks.present`: those bits in the order of the scan.
    uint64_t scanned[IMAGING_BLOCK_SIDE][256];
    /// Where in the arrays of `imaging_blocks` the first block has the coefficients, in the order of the scan.
    uint8_t place[DCTSIZE2];
};

/// Tells what header and tables libjpeg gives the files that a request asks for.
int imaging_jpeg_describe(const imaging_jpeg_request *request, splice_frame *frame, imaging_failure *failure);

#endif
