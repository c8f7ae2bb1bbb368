#include "jpeg_splice.h"

#include <stdlib.h>
#include <string.h>

enum { RESTART_0 = 0xD0, RESTART_7 = 0xD7 };

/// The marker behind the FF at `at`, past any number of fill bytes (T.81, B.1.1.2); `*next` is the byte after it. -1
/// where the file ends.
static int marker_at(const uint8_t *bytes, size_t count, size_t at, size_t *next) {
    while (at < count && bytes[at] == 0xFF) {
        at += 1;
    }
    *next = at + 1;
    return at < count ? bytes[at] : -1;
}

static int add_restart(splice_plain *plain) {
    if (plain->restarts_count == plain->restarts_capacity) {
        size_t capacity = plain->restarts_capacity ? plain->restarts_capacity * 2 : 64;
        if (capacity > SIZE_MAX / sizeof(splice_restart)) {
            return 0;
        }
        splice_restart *restarts = realloc(plain->restarts, capacity * sizeof *restarts);
        if (!restarts) {
            return 0;
        }
        plain->restarts = restarts;
        plain->restarts_capacity = capacity;
    }
    plain->restarts[plain->restarts_count] = (splice_restart){.begin = (uint64_t)plain->count * 8};
    plain->restarts_count += 1;
    return 1;
}

/// How many restart markers the image has room for: one between each two intervals of MCUs.
static size_t most_restarts(const splice_frame *frame) {
    uint64_t mcus = (uint64_t)frame->mcus_across * frame->mcus_down;
    return frame->restart_interval > 0 && mcus > 0 ? (size_t)((mcus - 1) / frame->restart_interval) : 0;
}

/// Copies bytes up to the first marker that is no restart in its turn, or one too many.
static int copy_plain(imaging_splice *splice, imaging_failure *failure) {
    splice_plain *plain = &splice->plain;
    const size_t most = most_restarts(&splice->frame);
    size_t at = splice->frame.scan_offset;
    for (;;) {
        const uint8_t *found = memchr(splice->bytes + at, 0xFF, splice->count - at);
        size_t stop = found ? (size_t)(found - splice->bytes) : splice->count;
        memcpy(plain->bytes + plain->count, splice->bytes + at, stop - at);
        plain->count += stop - at;
        size_t next;
        int marker = marker_at(splice->bytes, splice->count, stop, &next);
        if (marker < 0) {
            return imaging_fail(
                failure, IMAGING_TRUNCATED, (int64_t)splice->count, -1, "the file ends before its image does");
        }
        if (marker == 0) {
            plain->bytes[plain->count++] = 0xFF;
        } else if (
            plain->restarts_count < most && marker >= RESTART_0 && marker <= RESTART_7
            && (size_t)(marker - RESTART_0) == plain->restarts_count % 8) {
            if (!add_restart(plain)) {
                return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for restart markers");
            }
        } else {
            plain->end_marker = (uint8_t)marker;
            plain->end_offset = next - 2;
            return IMAGING_OK;
        }
        at = next;
    }
}

int imaging_splice_make_plain(imaging_splice *splice, imaging_failure *failure) {
    splice_plain *plain = &splice->plain;
    size_t most = splice->count - splice->frame.scan_offset;
    plain->bytes = most < SIZE_MAX - SPLICE_PADDING ? malloc(most + SPLICE_PADDING) : NULL;
    if (!plain->bytes) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the bits of a JPEG");
    }
    int code = copy_plain(splice, failure);
    if (!code) {
        memset(plain->bytes + plain->count, 0xFF, SPLICE_PADDING);
    }
    return code;
}

int64_t imaging_splice_offset(const imaging_splice *splice, uint64_t bit) {
    const uint64_t wanted = bit / 8;
    uint64_t passed = 0;
    size_t at = splice->frame.scan_offset;
    while (at < splice->plain.end_offset) {
        if (splice->bytes[at] != 0xFF) {
            if (passed++ == wanted) {
                return (int64_t)at;
            }
            at += 1;
            continue;
        }
        size_t next;
        int marker = marker_at(splice->bytes, splice->count, at, &next);
        if (marker == 0 && passed++ == wanted) {
            return (int64_t)at;
        }
        at = next;
    }
    return (int64_t)splice->plain.end_offset;
}
