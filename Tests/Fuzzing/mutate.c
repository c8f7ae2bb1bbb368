#include "mutate.h"

#include <string.h>
#include <zlib.h>

uint64_t mutate_next(uint64_t *state) {
    uint64_t word = *state += 0x9E3779B97F4A7C15u;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
}

static size_t below(uint64_t *state, size_t limit) {
    return limit ? (size_t)(mutate_next(state) % limit) : 0;
}

static uint32_t word_at(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// MARK: - Parts of a file

enum { MOST_PARTS = 64 };

/// A segment or chunk, or the coded pixels behind an SOS segment; `field` is where its length stands.
typedef struct {
    size_t start, count, field, field_bytes;
} part;

static int is_png(const uint8_t *bytes, size_t count) {
    return count > 8 && bytes[0] == 0x89 && bytes[1] == 'P';
}

static size_t find_chunks(const uint8_t *bytes, size_t count, part *parts) {
    size_t found = 0;
    for (size_t at = 8; found < MOST_PARTS && count - at >= 12 && at < count;) {
        uint64_t whole = (uint64_t)word_at(bytes + at) + 12;
        size_t size = whole < count - at ? (size_t)whole : count - at;
        parts[found++] = (part){at, size, at, 4};
        at += size;
    }
    return found;
}

static size_t find_segments(const uint8_t *bytes, size_t count, part *parts) {
    size_t found = 0, at = 2;
    while (found < MOST_PARTS && at + 4 <= count) {
        size_t start = at;
        if (bytes[at] == 0xFF && bytes[at + 1] != 0 && (bytes[at + 1] & 0xF8) != 0xD0) {
            size_t size = 2 + ((size_t)bytes[at + 2] << 8 | bytes[at + 3]);
            at = size < count - at ? at + size : count;
        } else {
            while (at + 1 < count && (bytes[at] != 0xFF || bytes[at + 1] == 0 || (bytes[at + 1] & 0xF8) == 0xD0)) {
                at += 1;
            }
            at += at + 1 >= count;
        }
        parts[found++] = (part){start, at - start, start + 2, 2};
    }
    return found;
}

// MARK: - Damage

typedef struct {
    uint64_t *state;
    uint8_t *bytes;
    size_t count, capacity;
} damaged;

static void erase(damaged *file, size_t start, size_t count) {
    memmove(file->bytes + start, file->bytes + start + count, file->count - start - count);
    file->count -= count;
}

static void insert(damaged *file, size_t at, const uint8_t *from, size_t count) {
    uint8_t copy[4096];
    count = count < sizeof copy ? count : sizeof copy;
    count = count < file->capacity - file->count ? count : file->capacity - file->count;
    memcpy(copy, from, count);
    memmove(file->bytes + at + count, file->bytes + at, file->count - at);
    memcpy(file->bytes + at, copy, count);
    file->count += count;
}

/// Numbers at which checks go wrong: nothing, one, the largest of each width, and their neighbours.
static void write_extreme(damaged *file, size_t at, size_t width) {
    static const uint32_t extremes[] = {
        0, 1, 2, 3, 7, 8, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000,
        0xFFFFFFFE, 0xFFFFFFFF,
    };
    uint32_t value = extremes[below(file->state, sizeof extremes / sizeof *extremes)];
    for (size_t byte = 0; byte < width && at + byte < file->count; byte++) {
        file->bytes[at + byte] = (uint8_t)(value >> 8 * (width - 1 - byte));
    }
}

static void damage_bytes(damaged *file, size_t way) {
    size_t at = below(file->state, file->count), length = 1 + below(file->state, 40);
    length = length < file->count - at ? length : file->count - at;
    switch (way) {
    case 0:
        file->bytes[at] ^= (uint8_t)(1u << below(file->state, 8));
        break;
    case 1:
        file->bytes[at] = (uint8_t)mutate_next(file->state);
        break;
    case 2:
        write_extreme(file, at, (size_t)1 << below(file->state, 3));
        break;
    case 3:
        file->count = at + 1;
        break;
    case 4:
        erase(file, at, length < file->count ? length : 0);
        break;
    case 5:
        insert(file, below(file->state, file->count), file->bytes + at, length);
        break;
    default: {
        size_t kind = below(file->state, 64), size = below(file->state, 20);
        uint8_t marker[4] = {0xFF, (uint8_t)(0xC0 + kind), 0, (uint8_t)size};
        insert(file, at, marker, way == 6 ? 2 : 4);
        break;
    }
    }
}

static void damage_part(damaged *file, size_t way) {
    part parts[MOST_PARTS];
    size_t found = is_png(file->bytes, file->count) ? find_chunks(file->bytes, file->count, parts)
                                                    : find_segments(file->bytes, file->count, parts);
    if (found == 0) {
        return;
    }
    part one = parts[below(file->state, found)], other = parts[below(file->state, found)];
    switch (way) {
    case 0:
        erase(file, one.start, one.count);
        break;
    case 1:
        insert(file, other.start, file->bytes + one.start, one.count);
        break;
    case 2:
        // A swap: a copy of the one goes before the other, then the one itself goes.
        insert(file, other.start, file->bytes + one.start, one.count);
        if (other.start > one.start) {
            erase(file, one.start, one.count);
        }
        break;
    case 3:
        write_extreme(file, one.field, one.field_bytes);
        break;
    default: {
        // A field inside, such as a size, a sampling factor, a table's number.
        size_t inside = below(file->state, 16), width = below(file->state, 3);
        write_extreme(file, one.field + one.field_bytes + inside, (size_t)1 << width);
        break;
    }
    }
}

void mutate_repair_png(uint8_t *bytes, size_t count) {
    if (!is_png(bytes, count)) {
        return;
    }
    for (size_t at = 8; at + 12 <= count;) {
        uint32_t length = word_at(bytes + at);
        if (length > count - at - 12) {
            return;
        }
        uLong crc = crc32_z(0, bytes + at + 4, (size_t)length + 4);
        for (size_t byte = 0; byte < 4; byte++) {
            bytes[at + 8 + length + byte] = (uint8_t)(crc >> (24 - 8 * byte));
        }
        at += 12 + (size_t)length;
    }
}

size_t mutate_file(uint64_t *state, uint8_t *bytes, size_t count, size_t capacity) {
    damaged file = {state, bytes, count, capacity};
    // Most files are damaged once: more often, and hardly one gets far into a decoder.
    size_t times = below(state, 2) ? 1 : 1 + below(state, 4);
    for (size_t time = 0; time < times && file.count > 16; time++) {
        size_t way = below(state, 18);
        // Truncation ends most files early, so it is rarer than the others.
        if (way < 8) {
            damage_bytes(&file, way == 3 && below(state, 3) ? 0 : way);
        } else {
            damage_part(&file, (way - 8) / 2);
        }
    }
    if (mutate_next(state) & 1) {
        mutate_repair_png(file.bytes, file.count);
    }
    return file.count;
}
