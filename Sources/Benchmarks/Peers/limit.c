// What the bare libraries need for JPEG tiles: limit TILE OVERLAP QUALITY WORKERS IMAGE...
//
// Each image is decoded once and every tile encoded, and libcrypto takes the digests that a dataset needs: SHA-256 of
// the image, SHA-256 and MD5 of each tile. Nothing is written, and buffers are kept from image to image: what is left
// is the libraries' own work. Prints one line of JSON.
// cc -O3 limit.c -o limit -ljpeg -lcrypto -lpthread

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <jpeglib.h>
#include <openssl/evp.h>

// The version is a bare token, 2.1.5, not a string.
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

enum { MOST_WORKERS = 64 };

typedef struct {
    unsigned char *data;
    size_t count, capacity;
} buffer;

typedef struct {
    JDIMENSION tile, overlap;
    int quality, image_count;
    char **images;
    atomic_int next_image;
} cutting;

/// One thread's libraries, buffers and sums.
typedef struct {
    pthread_t thread;
    cutting *shared;
    struct jpeg_compress_struct encoder;
    struct jpeg_error_mgr encoder_errors;
    EVP_MD_CTX *digest;
    buffer file, strip, encoded;
    uint64_t pixel_count, tiles, bytes;
} worker;

static void fail(const char *what, const char *of) {
    fprintf(stderr, "limit: %s: %s\n", of, what);
    exit(1);
}

static void reserve(buffer *space, size_t capacity) {
    if (capacity <= space->capacity) {
        return;
    }
    free(space->data);
    space->data = malloc(capacity);
    space->capacity = capacity;
    if (!space->data) {
        fail("out of memory", "buffer");
    }
}

static void read_file(const char *path, buffer *into) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        fail("cannot be opened", path);
    }
    long size = ftell(file);
    rewind(file);
    if (size <= 0) {
        fail("is empty", path);
    }
    reserve(into, (size_t)size);
    into->count = fread(into->data, 1, (size_t)size, file);
    if (into->count != (size_t)size) {
        fail("cannot be read", path);
    }
    fclose(file);
}

static void take_digest(worker *own, const EVP_MD *kind, const unsigned char *bytes, size_t count) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!EVP_DigestInit_ex(own->digest, kind, NULL) || !EVP_DigestUpdate(own->digest, bytes, count)
        || !EVP_DigestFinal_ex(own->digest, digest, NULL)) {
        fail("libcrypto took no digest", "digest");
    }
}

/// Reads the header of the file's bytes and starts to decode them to RGB.
static void start_decoder(struct jpeg_decompress_struct *decoder, struct jpeg_error_mgr *errors, const buffer *file) {
    decoder->err = jpeg_std_error(errors);
    jpeg_create_decompress(decoder);
    jpeg_mem_src(decoder, file->data, file->count);
    jpeg_read_header(decoder, TRUE);
    decoder->out_color_space = JCS_RGB;
    decoder->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(decoder);
}

/// Decodes into the strip, whose first row is the image's row `top`, up to the image's row `end`.
static void decode(
    struct jpeg_decompress_struct *decoder, unsigned char *strip, size_t stride, JDIMENSION top, JDIMENSION end) {
    while (decoder->output_scanline < end) {
        JSAMPROW row = strip + (decoder->output_scanline - top) * stride;
        jpeg_read_scanlines(decoder, &row, 1);
    }
}

/// Encodes one tile of the strip; libjpeg's defaults are 4:2:0 and the standard Huffman tables.
static void encode(worker *own, unsigned char *first, size_t stride) {
    const JDIMENSION tile = own->shared->tile;
    unsigned char *data = own->encoded.data;
    unsigned long count = own->encoded.capacity;
    jpeg_mem_dest(&own->encoder, &data, &count);
    own->encoder.image_width = tile;
    own->encoder.image_height = tile;
    own->encoder.input_components = 3;
    own->encoder.in_color_space = JCS_RGB;
    jpeg_set_defaults(&own->encoder);
    jpeg_set_quality(&own->encoder, own->shared->quality, TRUE);
    own->encoder.dct_method = JDCT_ISLOW;
    jpeg_start_compress(&own->encoder, TRUE);
    while (own->encoder.next_scanline < tile) {
        JSAMPROW row = first + own->encoder.next_scanline * stride;
        jpeg_write_scanlines(&own->encoder, &row, 1);
    }
    jpeg_finish_compress(&own->encoder);
    take_digest(own, EVP_sha256(), data, count);
    take_digest(own, EVP_md5(), data, count);
    own->tiles += 1;
    own->bytes += count;
    // libjpeg leaves a larger buffer to the caller where the first did not do.
    if (data != own->encoded.data) {
        free(data);
    }
}

/// The next start after `start`; the last tile is moved inwards to end with the image.
static JDIMENSION next_start(JDIMENSION start, JDIMENSION length, const cutting *job) {
    JDIMENSION last = length - job->tile;
    JDIMENSION next = start + job->tile - job->overlap;
    return start == last ? length : next < last ? next : last;
}

/// Holds one row of tiles at a time: it stays in the cache, and costs less than the whole image would.
static void cut(worker *own, const char *path) {
    const cutting *job = own->shared;
    struct jpeg_decompress_struct decoder;
    struct jpeg_error_mgr errors;
    read_file(path, &own->file);
    take_digest(own, EVP_sha256(), own->file.data, own->file.count);
    start_decoder(&decoder, &errors, &own->file);
    JDIMENSION width = decoder.output_width, height = decoder.output_height;
    if (width < job->tile || height < job->tile) {
        fail("is smaller than a tile", path);
    }
    size_t stride = (size_t)width * 3;
    reserve(&own->strip, stride * job->tile);
    JDIMENSION top = 0;
    for (JDIMENSION y = 0; y < height; y = next_start(y, height, job)) {
        size_t passed = (y - top) * stride;
        memmove(own->strip.data, own->strip.data + passed, stride * job->tile - passed);
        top = y;
        decode(&decoder, own->strip.data, stride, top, y + job->tile);
        for (JDIMENSION x = 0; x < width; x = next_start(x, width, job)) {
            encode(own, own->strip.data + (size_t)x * 3, stride);
        }
    }
    jpeg_finish_decompress(&decoder);
    jpeg_destroy_decompress(&decoder);
    own->pixel_count += (uint64_t)width * height;
}

static void *work(void *argument) {
    worker *own = argument;
    own->encoder.err = jpeg_std_error(&own->encoder_errors);
    jpeg_create_compress(&own->encoder);
    own->digest = EVP_MD_CTX_new();
    reserve(&own->encoded, (size_t)own->shared->tile * own->shared->tile * 3 + 65536);
    int image;
    while ((image = atomic_fetch_add(&own->shared->next_image, 1)) < own->shared->image_count) {
        cut(own, own->shared->images[image]);
    }
    jpeg_destroy_compress(&own->encoder);
    EVP_MD_CTX_free(own->digest);
    free(own->file.data);
    free(own->strip.data);
    free(own->encoded.data);
    return NULL;
}

static double wall_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_seconds(const struct rusage *used) {
    return (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec)
        + (double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1e6;
}

static long number(const char *text, long least, long most) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*end || end == text || value < least || value > most) {
        fail("is not a number in its range", text);
    }
    return value;
}

/// Starts the threads, waits for them and adds up what they did.
static worker run(cutting *shared, long worker_count) {
    static worker workers[MOST_WORKERS];
    worker sum = {0};
    for (long index = 0; index < worker_count; index++) {
        workers[index].shared = shared;
        if (pthread_create(&workers[index].thread, NULL, work, &workers[index]) != 0) {
            fail("cannot be started", "thread");
        }
    }
    for (long index = 0; index < worker_count; index++) {
        pthread_join(workers[index].thread, NULL);
        sum.pixel_count += workers[index].pixel_count;
        sum.tiles += workers[index].tiles;
        sum.bytes += workers[index].bytes;
    }
    return sum;
}

int main(int count, char **arguments) {
    if (count < 6) {
        fail("TILE OVERLAP QUALITY WORKERS IMAGE...", "usage");
    }
    cutting shared = {.images = arguments + 5, .image_count = count - 5};
    shared.tile = (JDIMENSION)number(arguments[1], 16, 4096);
    shared.overlap = (JDIMENSION)number(arguments[2], 0, (long)shared.tile - 1);
    shared.quality = (int)number(arguments[3], 1, 100);
    long worker_count = number(arguments[4], 1, MOST_WORKERS);

    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    double start = wall_seconds();
    worker sum = run(&shared, worker_count);
    double wall = wall_seconds() - start;
    getrusage(RUSAGE_SELF, &after);
    printf(
        "{\"mode\":\"jpeg\",\"images\":%d,\"megapixels\":%.3f,\"wall\":%.4f,\"cpu\":%.4f,\"rss_mb\":%.1f,"
        "\"tiles\":%llu,\"bytes\":%llu,\"libjpeg\":\"%s\"}\n",
        shared.image_count, (double)sum.pixel_count / 1e6, wall, cpu_seconds(&after) - cpu_seconds(&before),
        (double)after.ru_maxrss / 1024, (unsigned long long)sum.tiles, (unsigned long long)sum.bytes,
#ifdef LIBJPEG_TURBO_VERSION
        "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION));
#else
        "libjpeg " TEXT(JPEG_LIB_VERSION));
#endif
    return 0;
}
