/// What the parts of the lossless tile cutter share.
#ifndef SWATHLOG_CIMAGING_JPEG_SPLICE_H
#define SWATHLOG_CIMAGING_JPEG_SPLICE_H

#include "jpeg_reader.h"

enum {
    SPLICE_COMPONENTS = 4,
    /// Bits that a look-up of AC codes sees at once, and of DC codes.
    SPLICE_AC_BITS = 13,
    SPLICE_DC_BITS = 10,
    /// DC differences of 8-bit samples take 0 to 11 bits, AC values up to 10 (T.81, F.1.2.1 and F.1.2.2).
    SPLICE_DC_CATEGORIES = 12,
    SPLICE_AC_SIZE = 10,
    /// The largest DC difference that these categories hold.
    SPLICE_DC_LIMIT = 2047,
    /// What a look-up of AC codes leads by, beyond the block's 64 places, where the block ends there, and where only a
    /// closer look helps.
    SPLICE_END_OF_BLOCK = 128,
    SPLICE_LOOK_CLOSER = 512,
    /// Readable bytes behind the bits. The end is looked for after each MCU, and one of ten blocks (T.81, B.2.3),
    /// whose 64 values take up to 27 bits each, is 2,160 bytes.
    SPLICE_PADDING = 4096,
};

/// A canonical Huffman code (T.81, Annex C), for single look-ups.
typedef struct {
    /// The first 16-bit word, read from the left, that is beyond all codes of up to so many bits.
    uint32_t beyond[17];
    /// Added to a code of so many bits this gives the place of its symbol.
    int32_t base[17];
    uint8_t symbols[256];
} splice_code;

/// Looks up a DC code: the bits of code and difference, 6; the code's bits, 5; the difference's, 4. 0: not that short.
typedef struct {
    uint16_t quick[1 << SPLICE_DC_BITS];
    splice_code code;
    /// The code of each category, for writing.
    uint16_t word[SPLICE_DC_CATEGORIES];
    uint8_t length[SPLICE_DC_CATEGORIES];
} splice_dc_table;

/// Looks up as many AC codes as the bits show: how many bits they take with their values, 6; how far they lead, 10.
typedef struct {
    uint16_t quick[1 << SPLICE_AC_BITS];
    splice_code code;
} splice_ac_table;

/// A component as its place in the scan tells.
typedef struct {
    uint8_t index;
    uint8_t blocks;
    uint8_t dc, ac;
} splice_scan_component;

/// What the file's header says of colours besides its components.
typedef struct {
    J_COLOR_SPACE space;
    int jfif, adobe;
    uint8_t jfif_version[2];
    uint8_t density_unit;
    uint16_t density_x, density_y;
} splice_colours;

/// What the header says. Only a file that can be spliced has `scan` and what follows.
typedef struct {
    uint32_t width, height;
    uint32_t mcu_width, mcu_height;
    int components;
    int horizontal[SPLICE_COMPONENTS], vertical[SPLICE_COMPONENTS];
    splice_colours colours;
    int can_splice;
    splice_scan_component scan[SPLICE_COMPONENTS];
    uint8_t quantisation[SPLICE_COMPONENTS];
    uint32_t mcus_across, mcus_down;
    uint32_t restart_interval;
    size_t scan_offset;
    int wide_quantisation;
    JQUANT_TBL quant_tables[NUM_QUANT_TBLS];
    JHUFF_TBL dc_tables[NUM_HUFF_TBLS], ac_tables[NUM_HUFF_TBLS];
} splice_frame;

/// A place where tiles begin or end in an MCU row: the bit, and the DC values before it.
typedef struct {
    uint64_t bit;
    int16_t level[SPLICE_COMPONENTS];
} splice_cut;

/// A restart marker: where the bits before it end, where those after it begin, and the DC values before it.
typedef struct {
    uint64_t end, begin;
    int16_t level[SPLICE_COMPONENTS];
} splice_restart;

/// The entropy-coded bytes without stuffing and markers, SPLICE_PADDING bytes of ones behind them.
typedef struct {
    uint8_t *bytes;
    size_t count;
    splice_restart *restarts;
    size_t restarts_count, restarts_capacity;
    /// The marker that ends them, and where it stands in the file.
    uint8_t end_marker;
    size_t end_offset;
} splice_plain;

/// How far the pass over the bits has come.
typedef struct {
    uint64_t bit;
    uint64_t limit;
    size_t restarts_passed;
    int32_t level[SPLICE_COMPONENTS];
    int32_t lowest[SPLICE_COMPONENTS], highest[SPLICE_COMPONENTS];
    uint32_t row;
} splice_position;

/// The MCU columns where tiles begin or end, rising; and for each tile column which of them.
typedef struct {
    uint32_t *edges;
    size_t edges_count;
    uint32_t *first, *last;
    /// Cuts of all MCU rows, `edges_count` each.
    splice_cut *cuts;
} splice_index;

typedef struct splice_coefficients splice_coefficients;

struct imaging_splice {
    const uint8_t *bytes;
    size_t count;
    imaging_span *columns, *rows;
    size_t columns_count, rows_count;
    uint64_t max_buffered_bytes;
    int max_scans;
    uint64_t trailing_bytes;
    splice_frame frame;
    /// By table number; NULL where the scan has no use for it.
    splice_dc_table *dc[NUM_HUFF_TBLS];
    splice_ac_table *ac[NUM_HUFF_TBLS];
    splice_plain plain;
    splice_position position;
    splice_index index;
    /// Of a file that is not spliced.
    splice_coefficients *coefficients;
};

/// How a look at some bits ended.
typedef enum {
    SPLICE_PASSED = 0,
    /// The bits ended before the MCU did.
    SPLICE_NO_BITS,
    /// Not as T.81 wants it, but libjpeg may still read it: even a wrong code, far enough from the end of its input.
    SPLICE_UNSURE,
} splice_outcome;

/// The order in which files hold a block's values (T.81, A.3.6), as places row by row.
extern const uint8_t imaging_zigzag[DCTSIZE2];

/// Reads the header with libjpeg, by the decoder's rules.
int imaging_splice_read_frame(
    const uint8_t *bytes, size_t count, splice_frame *frame, imaging_failure *failure);

/// Adds the DC categories that a table lacks, as codes of 16 bits; the codes that it has stay. Returns 0 where there is
/// no room.
int imaging_splice_complete(JHUFF_TBL *table);

void imaging_splice_make_dc(const JHUFF_TBL *table, splice_dc_table *made);
void imaging_splice_make_ac(const JHUFF_TBL *table, splice_ac_table *made);

/// Fills `splice->plain`.
int imaging_splice_make_plain(imaging_splice *splice, imaging_failure *failure);

/// Where a bit of `splice->plain` lies in the file.
int64_t imaging_splice_offset(const imaging_splice *splice, uint64_t bit);

/// Fills all of an index but its cuts; 0 when memory ends.
int imaging_splice_make_edges(
    const imaging_span *columns, size_t columns_count, uint32_t mcu_width, splice_index *index);

void imaging_splice_free_index(splice_index *index);

int imaging_splice_make_index(imaging_splice *splice, imaging_failure *failure);

/// Passes over some MCU rows. `*unsure` is 1 where only libjpeg can tell whether the file is whole.
int imaging_splice_scan(imaging_splice *splice, int *done, int *unsure, imaging_failure *failure);

/// Appends the APPn segments that a tile begins with, after checking those of the caller.
int imaging_splice_write_segments(
    const splice_colours *colours, const uint8_t *segments, size_t count, imaging_buffer *out,
    imaging_failure *failure);

/// Appends tables, frame and scan header.
int imaging_splice_write_head(
    const splice_frame *frame, uint32_t width, uint32_t height, imaging_buffer *out, imaging_failure *failure);

/// Writes a whole file in place of what `out` held: segments, head, the entropy-coded bytes `plain`, stuffed.
int imaging_splice_write_file(
    const splice_frame *frame, uint32_t width, uint32_t height, const uint8_t *segments, size_t segments_count,
    const imaging_buffer *plain, imaging_buffer *out, imaging_failure *failure);

/// Joins the bits of a tile in place of what `out` held, unstuffed.
int imaging_splice_join(
    const imaging_splice *splice, size_t column, size_t row, imaging_buffer *out, imaging_failure *failure);

int imaging_splice_coefficients_open(
    const uint8_t *bytes, size_t count, uint64_t max_bytes, int max_scans, splice_coefficients **result,
    imaging_failure *failure);
int imaging_splice_coefficients_absorb(splice_coefficients *coefficients, int *done, imaging_failure *failure);
uint64_t imaging_splice_coefficients_trailing(const splice_coefficients *coefficients);
void imaging_splice_coefficients_close(splice_coefficients *coefficients);

/// Codes the coefficients of a window as a JPEG file behind what `out` holds; `segments` are written as they are.
int imaging_splice_coefficients_write(
    const splice_coefficients *coefficients, const splice_frame *frame, imaging_span column, imaging_span row,
    const imaging_buffer *segments, imaging_buffer *out, imaging_failure *failure);

#endif
