#include "png_compress.h"

#include <string.h>
#include <zlib.h>

#include "deflate.h"

enum {
    /// Rows that a filter is tried on.
    SAMPLE_ROWS = 16,
    /// Bytes behind the filtered rows, zeros, that the search for matches may read.
    SLACK = 16,
    /// Eighths of a bit that a byte of a photograph takes at least; smooth ones leave less.
    PHOTOGRAPH = 20,
    /// The same, below which it is worth looking for matches though that takes twice as long.
    SMOOTH_PHOTOGRAPH = 18,
    /// The same for all but drawings, which are nearly all zeros and so meet the literals' own limit of one bit.
    DRAWING = 9,
};

/// Parts of the scratch buffer.
typedef struct {
    imaging_pixel_workspace *workspace;
    /// All filtered rows and the slack.
    uint8_t *filtered;
    /// Room for one more stream.
    uint8_t *stream;
    uint8_t *row;
} compress_memory;

static int divide(imaging_buffer *scratch, const imaging_rows *rows, compress_memory *memory) {
    size_t row = rows->row_bytes + 1, all = row * rows->height, workspace = imaging_pixel_workspace_size();
    size_t stream = imaging_deflate_bound(all);
    scratch->count = 0;
    if (!imaging_buffer_reserve(scratch, workspace + all + SLACK + stream + row)) {
        return 0;
    }
    memory->workspace = (imaging_pixel_workspace *)(void *)scratch->data;
    memory->filtered = scratch->data + workspace;
    memory->stream = memory->filtered + all + SLACK;
    memory->row = memory->stream + stream;
    return 1;
}

/// Compresses the first `count` of the filtered rows by matching pixels.
static size_t match_pixels(
    const imaging_rows *rows, uint32_t count, imaging_match_effort effort, const compress_memory *memory,
    uint8_t *out) {
    const imaging_filtered_rows filtered = {
        memory->filtered, rows->row_bytes + 1, count, (uint32_t)rows->pixel_bytes,
    };
    memset(memory->filtered + filtered.row_bytes * count, 0, SLACK);
    return imaging_deflate_pixels(&filtered, effort, memory->workspace, out);
}

/// Literals alone, which suit photographs; matches are tried too where literals can't get any smaller.
static size_t compress_fast(const imaging_rows *rows, const compress_memory *memory, uint8_t *out) {
    const size_t all = (rows->row_bytes + 1) * rows->height;
    imaging_filter_rows(rows, IMAGING_FILTER_PAETH, memory->filtered);
    size_t literals = imaging_deflate_literals(memory->filtered, all, out);
    if (literals * 64 >= all * SMOOTH_PHOTOGRAPH) {
        return literals;
    }
    imaging_match_effort effort = literals * 64 < all * DRAWING ? IMAGING_MATCH_THOROUGHLY : IMAGING_MATCH_LAST_PIXELS;
    imaging_filter_rows(rows, IMAGING_FILTER_UP, memory->filtered);
    size_t matched = match_pixels(rows, rows->height, effort, memory, memory->stream);
    if (matched >= literals) {
        return literals;
    }
    memcpy(out, memory->stream, matched);
    return matched;
}

/// What suits a tile.
typedef struct {
    imaging_png_filter filter;
    /// Whether literals alone are best; otherwise, how to match.
    int is_literal;
    imaging_match_effort effort;
} compress_plan;

/// Filters rows from the middle of the image, as a sample of it.
static uint32_t filter_sample(const imaging_rows *rows, imaging_png_filter filter, const compress_memory *memory) {
    uint32_t count = rows->height < SAMPLE_ROWS ? rows->height : SAMPLE_ROWS, first = (rows->height - count) / 2;
    for (uint32_t y = 0; y < count; y++) {
        imaging_filter_row(rows, first + y, filter, memory->filtered + y * (rows->row_bytes + 1));
    }
    return count;
}

/// Chooses by trial on a sample. Up keeps the differences of a pixel's channels alike, where a JPEG file has stored the
/// colours more coarsely than the brightness, and so makes pixels match; Average suits pixels that were scaled or
/// turned since. Noise of each channel for itself, which no JPEG file leaves, is best left to literals.
static compress_plan choose_plan(const imaging_rows *rows, const compress_memory *memory, uint8_t *out) {
    static const imaging_png_filter filters[] = {IMAGING_FILTER_UP, IMAGING_FILTER_AVERAGE};
    size_t count = filter_sample(rows, IMAGING_FILTER_PAETH, memory), bytes = count * (rows->row_bytes + 1);
    size_t least = imaging_deflate_literals(memory->filtered, bytes, out);
    compress_plan plan = {IMAGING_FILTER_PAETH, 1, IMAGING_MATCH_QUICKLY};
    if (least * 64 < bytes * PHOTOGRAPH) {
        least = SIZE_MAX;
        plan.effort = IMAGING_MATCH_THOROUGHLY;
    }
    for (size_t at = 0; at < sizeof filters / sizeof filters[0]; at++) {
        uint32_t sample = filter_sample(rows, filters[at], memory);
        size_t size = match_pixels(rows, sample, plan.effort, memory, out);
        if (size < least) {
            least = size;
            plan.filter = filters[at];
            plan.is_literal = 0;
        }
    }
    return plan;
}

static size_t compress_balanced(const imaging_rows *rows, const compress_memory *memory, uint8_t *out) {
    compress_plan plan = choose_plan(rows, memory, out);
    imaging_filter_rows(rows, plan.filter, memory->filtered);
    if (plan.is_literal) {
        return imaging_deflate_literals(memory->filtered, (rows->row_bytes + 1) * rows->height, out);
    }
    return match_pixels(rows, rows->height, plan.effort, memory, out);
}

/// Compresses the filtered rows with zlib at its highest level, where that gives fewer than `most` bytes. Returns how
/// many, `most` where it does not, 0 when memory ends.
static size_t compress_hard(const imaging_rows *rows, const compress_memory *memory, size_t most) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        return 0;
    }
    // All rows are at most 1 GB, so both counts fit.
    stream.next_in = memory->filtered;
    stream.avail_in = (uInt)((rows->row_bytes + 1) * rows->height);
    stream.next_out = memory->stream;
    // Both areas have room for imaging_deflate_bound, which `most` is within.
    stream.avail_out = (uInt)(most - 1);
    int status = deflate(&stream, Z_FINISH);
    size_t size = status == Z_STREAM_END ? stream.total_out : most;
    deflateEnd(&stream);
    return size;
}

/// Takes the smallest of four: a thorough search, what `balanced` does, and zlib with the filter of that and with one
/// chosen for each row.
static size_t compress_small(const imaging_rows *rows, const compress_memory *memory, uint8_t *out) {
    size_t least = compress_balanced(rows, memory, out);
    size_t size = match_pixels(rows, rows->height, IMAGING_MATCH_THOROUGHLY, memory, memory->stream);
    for (int adaptive = 0; adaptive < 2; adaptive++) {
        if (size < least) {
            memcpy(out, memory->stream, size);
            least = size;
        }
        if (adaptive) {
            imaging_filter_rows_adaptively(rows, memory->row, memory->filtered);
        }
        size = compress_hard(rows, memory, least);
        if (size == 0) {
            return 0;
        }
    }
    if (size < least) {
        memcpy(out, memory->stream, size);
        least = size;
    }
    return least;
}

size_t imaging_compress_rows(
    const imaging_rows *rows, imaging_png_compression compression, imaging_buffer *scratch, uint8_t *out) {
    compress_memory memory;
    if (!divide(scratch, rows, &memory)) {
        return 0;
    }
    switch (compression) {
    case IMAGING_PNG_FAST:
        return compress_fast(rows, &memory, out);
    case IMAGING_PNG_BALANCED:
        return compress_balanced(rows, &memory, out);
    case IMAGING_PNG_SMALL:
        return compress_small(rows, &memory, out);
    }
    return 0;
}
