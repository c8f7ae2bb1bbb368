#include "support.h"

int imaging_decoder_open(
    imaging_format format, const uint8_t *bytes, size_t count, imaging_decoder **decoder, imaging_header *header,
    imaging_failure *failure) {
    switch (format) {
    case IMAGING_JPEG:
        return imaging_jpeg_open(bytes, count, decoder, header, failure);
    case IMAGING_PNG:
        return imaging_png_open(bytes, count, decoder, header, failure);
    }
    return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "this format has no decoder");
}

int imaging_decoder_start(imaging_decoder *decoder, int max_scans, imaging_failure *failure) {
    return decoder->methods->start(decoder, max_scans, failure);
}

int imaging_decoder_start_planes(
    imaging_decoder *decoder, int max_scans, int vertical_sampling, imaging_failure *failure) {
    if (!decoder->methods->start_planes) {
        return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "this format has no planes");
    }
    return decoder->methods->start_planes(decoder, max_scans, vertical_sampling, failure);
}

int imaging_decoder_absorb(imaging_decoder *decoder, int *done, imaging_failure *failure) {
    return decoder->methods->absorb(decoder, done, failure);
}

int imaging_decoder_read(
    imaging_decoder *decoder, uint8_t *out, size_t stride, uint32_t rows, imaging_failure *failure) {
    return decoder->methods->read(decoder, out, stride, rows, failure);
}

int imaging_decoder_read_planes(
    imaging_decoder *decoder, const imaging_planes *out, uint32_t rows, imaging_failure *failure) {
    if (!decoder->methods->read_planes) {
        return imaging_fail(failure, IMAGING_UNSUPPORTED, -1, -1, "this format has no planes");
    }
    return decoder->methods->read_planes(decoder, out, rows, failure);
}

int imaging_decoder_finish(imaging_decoder *decoder, uint64_t *trailing_bytes, imaging_failure *failure) {
    return decoder->methods->finish(decoder, trailing_bytes, failure);
}

void imaging_decoder_close(imaging_decoder *decoder) {
    if (decoder) {
        decoder->methods->close(decoder);
    }
}
