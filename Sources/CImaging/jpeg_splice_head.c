#include "jpeg_splice.h"

#include <string.h>

enum { APP0 = 0xE0, APP1 = 0xE1, APP14 = 0xEE, DHT = 0xC4, SOF0 = 0xC0, SOF1 = 0xC1, DQT = 0xDB, SOS = 0xDA };

const uint8_t imaging_zigzag[DCTSIZE2] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

static void put_byte(imaging_buffer *out, int byte) {
    out->data[out->count++] = (uint8_t)byte;
}

static void put_word(imaging_buffer *out, uint32_t word) {
    put_byte(out, (int)(word >> 8 & 0xFF));
    put_byte(out, (int)(word & 0xFF));
}

static void put_bytes(imaging_buffer *out, const void *bytes, size_t count) {
    memcpy(out->data + out->count, bytes, count);
    out->count += count;
}

/// Begins a segment of `count` bytes behind its length.
static void put_segment(imaging_buffer *out, int marker, size_t count) {
    put_byte(out, 0xFF);
    put_byte(out, marker);
    put_word(out, (uint32_t)count + 2);
}

/// Why a list of APPn segments is none, or NULL. `*exif` is 1 where EXIF is among them.
static const char *flaw_of(const uint8_t *segments, size_t count, int *exif) {
    size_t at = 0;
    *exif = 0;
    while (at < count) {
        const uint8_t *segment = segments + at;
        if (count - at < 4 || segment[0] != 0xFF || (segment[1] & 0xF0) != APP0) {
            return "a metadata segment is not APP0 to APP15";
        }
        size_t length = (size_t)segment[2] << 8 | segment[3];
        if (length < 2 || length > count - at - 2) {
            return "a metadata segment is longer than its bytes";
        }
        if (segment[1] == APP14 && length >= 7 && memcmp(segment + 4, "Adobe", 5) == 0) {
            return "Adobe's segment tells how colours are stored; only that of the source can be right";
        }
        *exif |= segment[1] == APP1 && length >= 7 && memcmp(segment + 4, "Exif", 5) == 0;
        at += length + 2;
    }
    return NULL;
}

/// JFIF without a thumbnail, which would show more than the tile.
static void put_jfif(const splice_colours *colours, imaging_buffer *out) {
    put_segment(out, APP0, 14);
    put_bytes(out, "JFIF", 5);
    put_bytes(out, colours->jfif_version, 2);
    put_byte(out, colours->density_unit);
    put_word(out, colours->density_x);
    put_word(out, colours->density_y);
    put_word(out, 0);
}

/// Adobe's segment (Adobe Technical Note 5116, section 18), with the transform that libjpeg saw in the source.
static void put_adobe(const splice_colours *colours, imaging_buffer *out) {
    put_segment(out, APP14, 12);
    put_bytes(out, "Adobe", 5);
    put_word(out, 100);
    put_word(out, 0);
    put_word(out, 0);
    put_byte(out, colours->space == JCS_YCbCr ? 1 : colours->space == JCS_YCCK ? 2 : 0);
}

int imaging_splice_write_segments(
    const splice_colours *colours, const uint8_t *segments, size_t count, imaging_buffer *out,
    imaging_failure *failure) {
    int exif;
    const char *flaw = flaw_of(segments, count, &exif);
    if (flaw) {
        return imaging_fail(failure, IMAGING_ENCODE_FAILED, -1, -1, flaw);
    }
    if (!imaging_buffer_reserve(out, count) || !imaging_buffer_reserve(out, count + 64)) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a tile's header");
    }
    if (colours->jfif && !exif) {
        put_jfif(colours, out);
    }
    if (count > 0) {
        put_bytes(out, segments, count);
    }
    if (colours->adobe) {
        put_adobe(colours, out);
    }
    return IMAGING_OK;
}

static void put_quantisation(const splice_frame *frame, imaging_buffer *out) {
    unsigned written = 0;
    for (int index = 0; index < frame->components; index++) {
        const int number = frame->quantisation[index];
        if (written >> number & 1) {
            continue;
        }
        written |= 1u << number;
        put_segment(out, DQT, frame->wide_quantisation ? 129 : 65);
        put_byte(out, frame->wide_quantisation << 4 | number);
        for (int place = 0; place < DCTSIZE2; place++) {
            uint16_t value = frame->quant_tables[number].quantval[imaging_zigzag[place]];
            if (frame->wide_quantisation) {
                put_word(out, value);
            } else {
                put_byte(out, value);
            }
        }
    }
}

/// Decoders guess the colour model of a file without Adobe's segment by these: R, G and B stand for RGB.
static int identifier_of(const splice_frame *frame, int index) {
    return frame->colours.space == JCS_RGB ? "RGB"[index] : index + 1;
}

/// Baseline where its rules are kept: tables 0 and 1, 8-bit quantisation (T.81, table B.4).
static int marker_of(const splice_frame *frame) {
    int baseline = !frame->wide_quantisation;
    for (int place = 0; place < frame->components; place++) {
        baseline = baseline && frame->scan[place].dc < 2 && frame->scan[place].ac < 2;
    }
    return baseline ? SOF0 : SOF1;
}

static void put_frame(const splice_frame *frame, uint32_t width, uint32_t height, imaging_buffer *out) {
    put_segment(out, marker_of(frame), 6 + 3 * (size_t)frame->components);
    put_byte(out, 8);
    put_word(out, height);
    put_word(out, width);
    put_byte(out, frame->components);
    for (int index = 0; index < frame->components; index++) {
        put_byte(out, identifier_of(frame, index));
        put_byte(out, frame->horizontal[index] << 4 | frame->vertical[index]);
        put_byte(out, frame->quantisation[index]);
    }
}

static void put_code(const JHUFF_TBL *table, int class, int number, imaging_buffer *out) {
    size_t symbols = 0;
    for (int length = 1; length <= 16; length++) {
        symbols += table->bits[length];
    }
    put_segment(out, DHT, 17 + symbols);
    put_byte(out, class << 4 | number);
    put_bytes(out, table->bits + 1, 16);
    put_bytes(out, table->huffval, symbols);
}

static void put_codes(const splice_frame *frame, imaging_buffer *out) {
    unsigned dc = 0, ac = 0;
    for (int place = 0; place < frame->components; place++) {
        const splice_scan_component *component = &frame->scan[place];
        if (!(dc >> component->dc & 1)) {
            put_code(&frame->dc_tables[component->dc], 0, component->dc, out);
        }
        if (!(ac >> component->ac & 1)) {
            put_code(&frame->ac_tables[component->ac], 1, component->ac, out);
        }
        dc |= 1u << component->dc;
        ac |= 1u << component->ac;
    }
}

static void put_scan(const splice_frame *frame, imaging_buffer *out) {
    put_segment(out, SOS, 4 + 2 * (size_t)frame->components);
    put_byte(out, frame->components);
    for (int place = 0; place < frame->components; place++) {
        put_byte(out, identifier_of(frame, frame->scan[place].index));
        put_byte(out, frame->scan[place].dc << 4 | frame->scan[place].ac);
    }
    put_byte(out, 0);
    put_byte(out, DCTSIZE2 - 1);
    put_byte(out, 0);
}

int imaging_splice_write_head(
    const splice_frame *frame, uint32_t width, uint32_t height, imaging_buffer *out, imaging_failure *failure) {
    // 4 quantisation tables of 133 bytes, 8 codes of up to 277, frame and scan of less than 64.
    if (!imaging_buffer_reserve(out, 4096)) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a tile's header");
    }
    put_quantisation(frame, out);
    put_frame(frame, width, height, out);
    put_codes(frame, out);
    put_scan(frame, out);
    return IMAGING_OK;
}
