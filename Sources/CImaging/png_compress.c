#include "png_compress.h"

#include <string.h>
#include <zlib.h>

#include "deflate.h"

enum {
    /// Rows that a filter is tried on.
    SAMPLE_ROWS = 16,
    /// Bytes behind the filtered rows, zeros, that the search for matches may read.
    SLACK = 16,
    /// Eighths of a bit that a byte takes at least where literals do; less is left by drawings, which are nearly all zeros
    /// and so meet the literals' own limit of one bit.
    PHOTOGRAPH = 9,
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
static size_t match_pixels(const imaging_rows *rows, uint32_t count, const compress_memory *memory, uint8_t *out) {
    const imaging_filtered_rows filtered = {
        memory->filtered, rows->row_bytes + 1, count, (uint32_t)rows->pixel_bytes,
    };
    memset(memory->filtered + filtered.row_bytes * count, 0, SLACK);
    return imaging_deflate_pixels(&filtered, memory->workspace, out);
}

/// Literals alone, which suit photographs; matches are tried too where literals can't get any smaller.
static size_t compress_fast(const imaging_rows *rows, const compress_memory *memory, uint8_t *out) {
    const size_t all = (rows->row_bytes + 1) * rows->height;
    imaging_filter_rows(rows, IMAGING_FILTER_PAETH, memory->filtered);
    size_t literals = imaging_deflate_literals(memory->filtered, all, out);
    if (literals * 64 >= all * PHOTOGRAPH) {
        return literals;
    }
    imaging_filter_rows(rows, IMAGING_FILTER_UP, memory->filtered);
    size_t matched = match_pixels(rows, rows->height, memory, memory->stream);
    if (matched >= literals) {
        return literals;
    }
    memcpy(out, memory->stream, matched);
    return matched;
}

/// Chooses by trial on rows from the middle. Up keeps the differences of a pixel's channels alike, where a JPEG file has
/// stored the colours more coarsely than the brightness, and so makes pixels match; Average suits pixels that were
/// scaled, turned or never compressed.
static imaging_png_filter choose_filter(const imaging_rows *rows, const compress_memory *memory, uint8_t *out) {
    static const imaging_png_filter filters[] = {IMAGING_FILTER_UP, IMAGING_FILTER_AVERAGE};
    uint32_t count = rows->height < SAMPLE_ROWS ? rows->height : SAMPLE_ROWS, first = (rows->height - count) / 2;
    size_t least = SIZE_MAX;
    imaging_png_filter chosen = filters[0];
    for (size_t at = 0; at < sizeof filters / sizeof filters[0]; at++) {
        for (uint32_t y = 0; y < count; y++) {
            imaging_filter_row(rows, first + y, filters[at], memory->filtered + y * (rows->row_bytes + 1));
        }
        size_t size = match_pixels(rows, count, memory, out);
        chosen = size < least ? filters[at] : chosen;
        least = size < least ? size : least;
    }
    return chosen;
}

/// Compresses the filtered rows with zlib at its highest level, where that gives fewer than `most` bytes. Returns how many,
/// `most` where it does not, 0 when memory ends.
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
    stream.avail_out = (uInt)(most - 1);
    int status = deflate(&stream, Z_FINISH);
    size_t size = status == Z_STREAM_END ? stream.total_out : most;
    deflateEnd(&stream);
    return size;
}

/// Takes the smallest of three: matched pixels, and zlib with the same filter and with one chosen for each row.
static size_t compress_small(
    const imaging_rows *rows, imaging_png_filter filter, const compress_memory *memory, uint8_t *out) {
    size_t least = match_pixels(rows, rows->height, memory, out);
    const size_t all = (rows->row_bytes + 1) * rows->height;
    for (int adaptive = 0; adaptive < 2; adaptive++) {
        if (adaptive) {
            imaging_filter_rows_adaptively(rows, memory->row, memory->filtered);
        } else {
            imaging_filter_rows(rows, filter, memory->filtered);
        }
        size_t most = least < all ? least : all, size = compress_hard(rows, memory, most);
        if (size == 0) {
            return 0;
        }
        if (size < most) {
            memcpy(out, memory->stream, size);
            least = size;
        }
    }
    return least;
}

size_t imaging_compress_rows(
    const imaging_rows *rows, imaging_png_compression compression, imaging_buffer *scratch, uint8_t *out) {
    compress_memory memory;
    if (!divide(scratch, rows, &memory)) {
        return 0;
    }
    if (compression == IMAGING_PNG_FAST) {
        return compress_fast(rows, &memory, out);
    }
    imaging_png_filter filter = choose_filter(rows, &memory, out);
    imaging_filter_rows(rows, filter, memory.filtered);
    if (compression == IMAGING_PNG_BALANCED) {
        return match_pixels(rows, rows->height, &memory, out);
    }
    return compress_small(rows, filter, &memory, out);
}
