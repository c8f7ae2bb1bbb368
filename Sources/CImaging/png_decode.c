#include "support.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

/// More than any chunk that is read here needs; larger ones are refused before they are allocated.
static const png_alloc_size_t largest_chunk = 64u << 20;

typedef struct {
    imaging_decoder base;
    png_structp png;
    png_infop info;
    jmp_buf landing;
    size_t at;
    imaging_code code;
    char message[200];
    /// Whether the system refused memory: libpng reports that as it reports damage.
    int is_out_of_memory;
    png_uint_32 width, height, next_row;
    size_t row_bytes;
    /// All pixels of an interlaced file, whose rows are complete only after the last pass; NULL for all others.
    uint8_t *canvas;
    int passes, pass;
    png_uint_32 pass_row;
} png_decoder;

static void abandon(png_decoder *decoder, imaging_code code, const char *reason) {
    decoder->code = code;
    snprintf(decoder->message, sizeof decoder->message, "%s", reason);
    longjmp(decoder->landing, 1);
}

static void fail_decode(png_structp png, png_const_charp message) {
    png_decoder *decoder = png_get_error_ptr(png);
    abandon(decoder, decoder->is_out_of_memory ? IMAGING_NO_MEMORY : IMAGING_CORRUPT, message);
}

static png_voidp allocate(png_structp png, png_alloc_size_t size) {
    png_decoder *decoder = png_get_mem_ptr(png);
    void *memory = malloc(size);
    if (!memory) {
        decoder->is_out_of_memory = 1;
    }
    return memory;
}

static void release(png_structp png, png_voidp memory) {
    (void)png;
    free(memory);
}

/// libpng's warnings that remain (benign errors are errors here) speak of metadata, which the pixels do not use.
static void ignore_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep out, size_t count) {
    png_decoder *decoder = png_get_io_ptr(png);
    if (count > decoder->base.count - decoder->at) {
        decoder->at = decoder->base.count;
        abandon(decoder, IMAGING_TRUNCATED, "the file ends inside a PNG chunk");
    }
    memcpy(out, decoder->base.bytes + decoder->at, count);
    decoder->at += count;
}

static int failed(png_decoder *decoder, imaging_failure *failure) {
    int64_t row = decoder->next_row > 0 ? (int64_t)decoder->next_row : -1;
    return imaging_fail(failure, decoder->code, (int64_t)decoder->at, row, decoder->message);
}

static int model_of(int colour_type) {
    switch (colour_type) {
    case PNG_COLOR_TYPE_GRAY:
        return IMAGING_MODEL_GREY;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return IMAGING_MODEL_GREY_ALPHA;
    case PNG_COLOR_TYPE_PALETTE:
        return IMAGING_MODEL_PALETTE;
    case PNG_COLOR_TYPE_RGB:
        return IMAGING_MODEL_RGB;
    default:
        return IMAGING_MODEL_RGBA;
    }
}

static void describe(png_decoder *decoder, imaging_header *header) {
    png_structp png = decoder->png;
    int colour_type = png_get_color_type(png, decoder->info);
    memset(header, 0, sizeof *header);
    header->width = decoder->width = png_get_image_width(png, decoder->info);
    header->height = decoder->height = png_get_image_height(png, decoder->info);
    header->stored_bit_depth = png_get_bit_depth(png, decoder->info);
    header->bit_depth = header->stored_bit_depth == 16 ? 16 : 8;
    header->model = model_of(colour_type);
    header->progressive = png_get_interlace_type(png, decoder->info) != PNG_INTERLACE_NONE;
    int colour = colour_type & PNG_COLOR_MASK_COLOR;
    int alpha = (colour_type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, decoder->info, PNG_INFO_tRNS);
    header->channels = (colour ? 3 : 1) + (alpha ? 1 : 0);
    uint64_t pixel_bytes = (uint64_t)header->channels * (uint64_t)(header->bit_depth / 8);
    if (pixel_bytes * header->width > SIZE_MAX / 2) {
        abandon(decoder, IMAGING_UNSUPPORTED, "PNG rows longer than memory");
    }
    decoder->row_bytes = (size_t)(pixel_bytes * header->width);
    if (header->progressive) {
        // Saturates; the caller compares it with a limit.
        uint64_t row = decoder->row_bytes;
        header->buffered_bytes = row > UINT64_MAX / header->height ? UINT64_MAX : row * header->height;
    }
}

static int png_read_head(png_decoder *decoder, imaging_header *header, imaging_failure *failure) {
    if (setjmp(decoder->landing)) {
        return failed(decoder, failure);
    }
    decoder->png = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, decoder, fail_decode, ignore_warning, decoder, allocate, release);
    if (!decoder->png || !(decoder->info = png_create_info_struct(decoder->png))) {
        abandon(decoder, IMAGING_NO_MEMORY, "out of memory for a PNG decoder");
    }
    png_structp png = decoder->png;
    png_set_read_fn(png, decoder, read_bytes);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_benign_errors(png, 0);
    // The caller has checked the size against its own limits, which libpng's of a million a side would undercut.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, largest_chunk);
    png_set_chunk_cache_max(png, 16);
    // Pass over (but check the CRC of) every chunk that says nothing about the pixels: IHDR, PLTE, tRNS, IDAT and IEND
    // are what remains.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, decoder->info);
    describe(decoder, header);
    return IMAGING_OK;
}

static int png_start(imaging_decoder *base, int max_scans, imaging_failure *failure) {
    (void)max_scans;
    png_decoder *decoder = (png_decoder *)base;
    if (setjmp(decoder->landing)) {
        return failed(decoder, failure);
    }
    png_set_expand(decoder->png);
    decoder->passes = png_set_interlace_handling(decoder->png);
    png_read_update_info(decoder->png, decoder->info);
    if (png_get_rowbytes(decoder->png, decoder->info) != decoder->row_bytes) {
        abandon(decoder, IMAGING_CORRUPT, "the rows are not as long as the header says");
    }
    if (decoder->passes > 1) {
        if (decoder->row_bytes > SIZE_MAX / decoder->height) {
            abandon(decoder, IMAGING_NO_MEMORY, "out of memory for an interlaced PNG");
        }
        decoder->canvas = calloc(decoder->height, decoder->row_bytes);
        if (!decoder->canvas) {
            abandon(decoder, IMAGING_NO_MEMORY, "out of memory for an interlaced PNG");
        }
    }
    return IMAGING_OK;
}

static int png_absorb(imaging_decoder *base, int *done, imaging_failure *failure) {
    png_decoder *decoder = (png_decoder *)base;
    *done = 0;
    if (setjmp(decoder->landing)) {
        return failed(decoder, failure);
    }
    for (int step = 0; step < 512; step++) {
        if (!decoder->canvas || decoder->pass == decoder->passes) {
            *done = 1;
            return IMAGING_OK;
        }
        png_read_row(decoder->png, decoder->canvas + decoder->row_bytes * decoder->pass_row, NULL);
        decoder->pass_row += 1;
        if (decoder->pass_row == decoder->height) {
            decoder->pass_row = 0;
            decoder->pass += 1;
        }
    }
    return IMAGING_OK;
}

static int png_read(imaging_decoder *base, uint8_t *out, size_t stride, uint32_t rows, imaging_failure *failure) {
    png_decoder *decoder = (png_decoder *)base;
    if (setjmp(decoder->landing)) {
        return failed(decoder, failure);
    }
    if (rows > decoder->height - decoder->next_row) {
        abandon(decoder, IMAGING_CORRUPT, "asked for more rows than the image has");
    }
    for (uint32_t row = 0; row < rows; row++) {
        uint8_t *to = out + (size_t)row * stride;
        if (decoder->canvas) {
            memcpy(to, decoder->canvas + decoder->row_bytes * decoder->next_row, decoder->row_bytes);
        } else {
            png_read_row(decoder->png, to, NULL);
        }
        decoder->next_row += 1;
    }
    return IMAGING_OK;
}

static int png_finish(imaging_decoder *base, uint64_t *trailing_bytes, imaging_failure *failure) {
    png_decoder *decoder = (png_decoder *)base;
    if (setjmp(decoder->landing)) {
        return failed(decoder, failure);
    }
    png_read_end(decoder->png, NULL);
    *trailing_bytes = decoder->base.count - decoder->at;
    return IMAGING_OK;
}

static void png_close(imaging_decoder *base) {
    png_decoder *decoder = (png_decoder *)base;
    png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    free(decoder->canvas);
    free(decoder);
}

static const imaging_decoder_methods png_methods = {
    .start = png_start, .absorb = png_absorb, .read = png_read, .finish = png_finish, .close = png_close,
};

int imaging_png_open(
    const uint8_t *bytes, size_t count, imaging_decoder **result, imaging_header *header, imaging_failure *failure) {
    *result = NULL;
    png_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for a PNG decoder");
    }
    decoder->base.methods = &png_methods;
    decoder->base.bytes = bytes;
    decoder->base.count = count;
    int code = png_read_head(decoder, header, failure);
    if (code) {
        png_close(&decoder->base);
        return code;
    }
    *result = &decoder->base;
    return IMAGING_OK;
}
