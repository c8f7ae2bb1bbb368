#include "support.h"

#include <stdio.h>

#include <jpeglib.h>
#include <zlib.h>

#define TEXT(words) TEXT_OF(words)
#define TEXT_OF(words) #words

const char *imaging_jpeg_library(void) {
#ifdef LIBJPEG_TURBO_VERSION
    return "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION);
#else
    return "libjpeg " TEXT(JPEG_LIB_VERSION);
#endif
}

const char *imaging_zlib_library(void) {
    return zlibVersion();
}
