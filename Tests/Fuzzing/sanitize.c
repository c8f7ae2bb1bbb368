/// Walks over a directory of seed files: each as it is, cut off in many places, and damaged many times from a seed.
///
///     sanitize DIRECTORY MUTATIONS [SEED]
///
/// One line at the end counts what was tried. A sanitizer's finding, a broken promise or a file that takes more than
/// 5 seconds ends the process, after the seed's name and number, which give the same bytes again.
#include <dirent.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exercise.h"
#include "mutate.h"

enum { LONGEST_SECONDS = 5, CUTS = 40, MOST_SEEDS = 200 };

typedef struct {
    char name[256];
    uint8_t *bytes;
    size_t count;
} seed_file;

/// What is being tried, for the handler of a signal; only ever written by the one thread.
static char trying[400];

static void tell_and_end(int signal_number) {
    static const char slow[] = "more than 5 seconds: ", crashed[] = "while trying ";
    const char *why = signal_number == SIGALRM ? slow : crashed;
    (void)!write(STDERR_FILENO, why, strlen(why));
    (void)!write(STDERR_FILENO, trying, strlen(trying));
    (void)!write(STDERR_FILENO, "\n", 1);
    _exit(1);
}

/// Called by the sanitizers before they end the process.
static void tell_what_was_tried(void) {
    fprintf(stderr, "while trying %s\n", trying);
}

static int read_seed(const char *directory, const char *name, seed_file *seed) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) {
        return 0;
    }
    FILE *file = fopen(path, "rb");
    if (!file) {
        return 0;
    }
    snprintf(seed->name, sizeof seed->name, "%s", name);
    seed->count = (size_t)status.st_size;
    seed->bytes = malloc(seed->count);
    int whole = seed->bytes && fread(seed->bytes, 1, seed->count, file) == seed->count;
    fclose(file);
    return whole;
}

static int by_name(const void *one, const void *other) {
    return strcmp(((const seed_file *)one)->name, ((const seed_file *)other)->name);
}

/// All files of a directory, sorted, so that the numbers mean the same everywhere.
static size_t read_seeds(const char *path, seed_file *seeds) {
    size_t found = 0;
    DIR *directory = opendir(path);
    if (!directory) {
        return 0;
    }
    for (struct dirent *entry = readdir(directory); entry && found < MOST_SEEDS; entry = readdir(directory)) {
        found += (size_t)read_seed(path, entry->d_name, &seeds[found]);
    }
    closedir(directory);
    qsort(seeds, found, sizeof *seeds, by_name);
    return found;
}

/// Tries a copy that ends where the file ends, so that reading one byte too many is seen.
static int try_bytes(const uint8_t *bytes, size_t count) {
    uint8_t *exact = malloc(count ? count : 1);
    if (!exact) {
        exercise_breach("a small file fits the memory");
    }
    memcpy(exact, bytes, count);
    alarm(LONGEST_SECONDS);
    int pixels = exercise_file(exact, count);
    exercise_streams(exact, count);
    alarm(0);
    free(exact);
    return pixels;
}

int main(int count, char **words) {
    static seed_file seeds[MOST_SEEDS];
    if (count < 3) {
        fprintf(stderr, "usage: sanitize DIRECTORY MUTATIONS [SEED]\n");
        return 2;
    }
    size_t found = read_seeds(words[1], seeds), mutations = strtoul(words[2], NULL, 10), tried = 0, pixels = 0;
    uint64_t first = count > 3 ? strtoull(words[3], NULL, 10) : 1;
    if (found == 0) {
        fprintf(stderr, "no seed files in %s\n", words[1]);
        return 2;
    }
    __sanitizer_set_death_callback(tell_what_was_tried);
    signal(SIGALRM, tell_and_end);
    signal(SIGABRT, tell_and_end);
    for (size_t at = 0; at < found; at++) {
        snprintf(trying, sizeof trying, "%s", seeds[at].name);
        if (!try_bytes(seeds[at].bytes, seeds[at].count) && strncmp(seeds[at].name, "odd-", 4) != 0) {
            exercise_breach("a seed that is not odd gives pixels");
        }
        for (size_t cut = 0; cut < CUTS; cut++) {
            snprintf(trying, sizeof trying, "%s, cut %zu", seeds[at].name, cut);
            (void)try_bytes(seeds[at].bytes, seeds[at].count * cut / CUTS);
        }
        tried += 1 + CUTS;
    }
    for (size_t round = 0; round < mutations; round++) {
        const seed_file *seed = &seeds[round % found];
        uint64_t state = first << 32 | round;
        size_t capacity = 2 * seed->count + 8192;
        uint8_t *bytes = malloc(capacity);
        if (!bytes) {
            exercise_breach("a small file fits the memory");
        }
        memcpy(bytes, seed->bytes, seed->count);
        snprintf(trying, sizeof trying, "%s, seed %llu, mutation %zu", seed->name, (unsigned long long)first, round);
        pixels += (size_t)try_bytes(bytes, mutate_file(&state, bytes, seed->count, capacity));
        free(bytes);
        tried += 1;
    }
    for (size_t at = 0; at < found; at++) {
        free(seeds[at].bytes);
    }
    printf("%zu files of %zu seeds tried, %zu mutations gave pixels and %zu a reason; what was made: %08x\n", tried, found,
           pixels, mutations - pixels, exercise_digest());
    return 0;
}
