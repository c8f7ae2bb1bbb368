/// The coefficients of a JPEG file whose bits are not spliced.
#ifndef SWATHLOG_CIMAGING_JPEG_SPLICE_COEFFICIENTS_H
#define SWATHLOG_CIMAGING_JPEG_SPLICE_COEFFICIENTS_H

#include "jpeg_splice.h"

/// libjpeg keeps the coefficients in arrays of its own, which live as long as its reader; nothing changes them once
/// all scans are there. Threads read them through `rows`, never through libjpeg.
struct splice_coefficients {
    imaging_jpeg_reader reader;
    JBLOCKROW *rows[SPLICE_COMPONENTS];
};

#endif
