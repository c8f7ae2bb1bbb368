/// What the C files share and Swift does not see.
#ifndef SWATHLOG_CIMAGING_SUPPORT_H
#define SWATHLOG_CIMAGING_SUPPORT_H

#include "CImaging.h"

/// Compiles a hot loop for newer processors too and picks at load time; the arithmetic is of whole numbers, so that every
/// version gives the same bytes.
#if defined(IMAGING_HOT)
// Whoever compiles has a say: without clones, to compare with.
#elif defined(__x86_64__) && defined(__linux__)
#define IMAGING_HOT __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define IMAGING_HOT
#endif

/// Fetches rows of a tile into the cache before their turn. They lie far apart in a strip, and processors foresee only
/// what lies side by side: it makes JPEG tiles some per cent faster. Nothing is read, so it may lie beyond what there is.
static inline void imaging_prefetch_rows(const uint8_t *first, size_t stride, size_t row_bytes, size_t rows) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t at = 0; at < row_bytes; at += 64) {
            __builtin_prefetch((const void *)((uintptr_t)first + row * stride + at));
        }
    }
}

/// Fills `failure` (which may be NULL) and returns its code.
int imaging_fail(imaging_failure *failure, imaging_code code, int64_t offset, int64_t row, const char *message);

/// Makes room for `extra` more bytes; 0 when memory or size_t ends.
int imaging_buffer_reserve(imaging_buffer *buffer, size_t extra);

/// A decoder of one format; each begins with this.
struct imaging_decoder {
    const struct imaging_decoder_methods *methods;
    const uint8_t *bytes;
    size_t count;
};

typedef struct imaging_decoder_methods {
    int (*start)(imaging_decoder *, int max_scans, imaging_failure *);
    int (*absorb)(imaging_decoder *, int *done, imaging_failure *);
    int (*read)(imaging_decoder *, uint8_t *out, size_t stride, uint32_t rows, imaging_failure *);
    /// Both NULL for formats without planes.
    int (*start_planes)(imaging_decoder *, int max_scans, int vertical_sampling, imaging_failure *);
    int (*read_planes)(imaging_decoder *, const imaging_planes *out, uint32_t rows, imaging_failure *);
    int (*finish)(imaging_decoder *, uint64_t *trailing_bytes, imaging_failure *);
    void (*close)(imaging_decoder *);
} imaging_decoder_methods;

int imaging_jpeg_open(
    const uint8_t *bytes, size_t count, imaging_decoder **decoder, imaging_header *header, imaging_failure *failure);
int imaging_png_open(
    const uint8_t *bytes, size_t count, imaging_decoder **decoder, imaging_header *header, imaging_failure *failure);

#endif
