/// libjpeg reading a file that lies in memory, by the rules of this module: damage is an error and never patched over.
/// The decoder of pixels and the cutter of lossless tiles both read through it, so that they judge files alike.
#ifndef SWATHLOG_CIMAGING_JPEG_READER_H
#define SWATHLOG_CIMAGING_JPEG_READER_H

#include "support.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

/// libjpeg hands out a pointer to the first member, so it must stay the first.
typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf landing;
    imaging_code code;
    char message[JMSG_LENGTH_MAX];
} imaging_jpeg_errors;

/// Lives at one place from imaging_jpeg_reader_open to imaging_jpeg_reader_close: libjpeg keeps pointers into it.
typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_source_mgr source;
    imaging_jpeg_errors errors;
    size_t count;
    int max_scans;
    int scans_done;
} imaging_jpeg_reader;

/// Reads the header. Whatever comes of it, imaging_jpeg_reader_close follows.
int imaging_jpeg_reader_open(
    imaging_jpeg_reader *reader, const uint8_t *bytes, size_t count, imaging_header *header,
    imaging_failure *failure);

void imaging_jpeg_reader_close(imaging_jpeg_reader *reader);

/// Jumps to `errors.landing`, as libjpeg's own errors do; whoever calls libjpeg sets that landing first.
_Noreturn void imaging_jpeg_abandon(imaging_jpeg_reader *reader, imaging_code code, const char *reason);

/// What a landing returns: fills `failure` with the error that led there.
int imaging_jpeg_reader_failed(imaging_jpeg_reader *reader, imaging_failure *failure);

/// Memory for all coefficients of the image.
uint64_t imaging_jpeg_coefficient_bytes(const struct jpeg_decompress_struct *jpeg);

/// Takes in a part of a file that was started with `buffered_image`; `*done` is 1 when all scans are there, complete.
int imaging_jpeg_take_scans(imaging_jpeg_reader *reader, int *done, imaging_failure *failure);

#endif
