#include "support.h"

#include <limits.h>
#include <zlib.h>

#include "imaging_inflate.h"

static int explain(int code, int is_full, imaging_failure *failure) {
    if (code == Z_MEM_ERROR) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory to inflate metadata");
    }
    if (code == Z_OK || code == Z_BUF_ERROR) {
        return is_full ? imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "a compressed block is larger than its limit")
                       : imaging_fail(failure, IMAGING_TRUNCATED, -1, -1, "a compressed block ends too early");
    }
    return imaging_fail(failure, IMAGING_CORRUPT, -1, -1, "a compressed block is damaged");
}

int imaging_inflate(
    const uint8_t *bytes, size_t count, uint8_t *out, size_t capacity, size_t *written, imaging_failure *failure) {
    *written = 0;
    // zlib counts in unsigned int.
    if (count > UINT_MAX || capacity > UINT_MAX) {
        return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "a compressed block is larger than 4 GB");
    }
    // zlib refuses a null pointer even for no bytes.
    uint8_t nothing = 0;
    z_stream stream = {0};
    stream.next_in = count > 0 ? (Bytef *)bytes : &nothing;
    stream.avail_in = (uInt)count;
    stream.next_out = capacity > 0 ? out : &nothing;
    stream.avail_out = (uInt)capacity;
    if (inflateInit(&stream) != Z_OK) {
        return explain(Z_MEM_ERROR, 0, failure);
    }
    int code = inflate(&stream, Z_FINISH);
    int is_full = stream.avail_out == 0;
    *written = capacity - stream.avail_out;
    inflateEnd(&stream);
    return code == Z_STREAM_END ? IMAGING_OK : explain(code, is_full, failure);
}
