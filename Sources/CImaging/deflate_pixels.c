#include "deflate.h"

#include "adler.h"
#include "for_each_size.h"
#include "pixel_matches.h"
#include "support.h"

enum {
    /// Literals and matches that a block holds.
    ITEMS = 40960,
    /// Bytes after which a block ends: the next one's prices are learnt from this one's counts.
    BLOCK = 96 * 1024,
    /// The first block's prices are a guess, so it is short.
    FIRST_BLOCK = 24 * 1024,
    /// Blocks of this many bytes an item hold few short matches; longer keys find the long ones.
    LONG_KEY_BYTES = 5,
    DISTANCE_MASK = 0xFFFF,
};

struct imaging_pixel_workspace {
    imaging_seen seen;
    imaging_match_span span;
    imaging_prices prices;
    imaging_symbol_counts counts;
    /// Counted by length and distance class, and added to `counts` at the block's end.
    uint32_t length_counts[IMAGING_LONGEST_MATCH + 1], distance_counts[IMAGING_DISTANCE_CLASSES];
    imaging_block_code code;
    /// Bytes covered above the lower 16 bits, which are the distance, 0 for literals.
    uint32_t items[ITEMS];
    /// The codes of bytes and of lengths with their extra bits, above their count in the lowest 6 bits.
    uint32_t literal_codes[256], length_codes[IMAGING_LONGEST_MATCH + 1];
    /// By distance class: the code's length in 4 bits, the number of extra bits in 4, then the code.
    uint32_t distance_codes[IMAGING_DISTANCE_CLASSES];
};

typedef struct {
    const imaging_filtered_rows *rows;
    imaging_pixel_workspace *work;
    imaging_bit_writer writer;
    uint32_t adler;
    size_t block_start;
    size_t at;
    size_t items;
    /// Rows that equal the one above them, not yet written.
    size_t repeated;
} deflater;

size_t imaging_pixel_workspace_size(void) {
    return sizeof(imaging_pixel_workspace);
}

// MARK: - Items

static void add_item(deflater *state, uint32_t bytes, uint32_t distance) {
    imaging_pixel_workspace *work = state->work;
    work->items[state->items++] = bytes << 16 | distance;
    if (distance == 0) {
        work->counts.literals[state->rows->bytes[state->at]]++;
    } else {
        work->length_counts[bytes]++;
        work->distance_counts[imaging_distance_class(distance - 1)]++;
    }
    state->at += bytes;
}

/// Takes over what was chosen for a span. Literals and matches take turns at random here too: so both are counted, one of
/// them by 0.
IMAGING_INLINE void take(deflater *state, uint32_t pixels, const uint32_t size) {
    imaging_pixel_workspace *work = state->work;
    const uint8_t *bytes = state->rows->bytes + state->at;
    uint32_t *item = work->items + state->items;
    for (uint32_t pixel = 0; pixel < pixels;) {
        uint32_t choice = work->span.choices[pixel], distance = choice & DISTANCE_MASK, taken = choice >> 16;
        uint32_t is_match = distance != 0, is_literal = !is_match, length = taken * size;
        for (uint32_t channel = 0; channel < size; channel++) {
            work->counts.literals[bytes[channel]] += is_literal;
        }
        work->length_counts[length] += is_match;
        work->distance_counts[imaging_distance_class(distance - is_match)] += is_match;
        if (size > 4) {
            // A literal pixel is two items, so that one store writes an item.
            *item = length / 2 << 16;
            item += is_literal;
            length = is_match ? length : length / 2;
        }
        *item++ = length << 16 | distance;
        bytes += taken * size;
        pixel += taken;
    }
    state->items = (size_t)(item - work->items);
    state->at += (size_t)pixels * size;
}

IMAGING_HOT static void take_choices(deflater *state, uint32_t pixels) {
    IMAGING_FOR_SIZE(state->rows->pixel_bytes, take, state, pixels)
}

// MARK: - Blocks

static void add_up_counts(imaging_pixel_workspace *work) {
    for (int length = IMAGING_SHORTEST_MATCH; length <= IMAGING_LONGEST_MATCH; length++) {
        int extra_bits, extra;
        work->counts.literals[imaging_length_symbol(length, &extra_bits, &extra)] += work->length_counts[length];
    }
    for (uint32_t class = 0; class < IMAGING_DISTANCE_CLASSES; class++) {
        work->counts.distances[imaging_distance_symbol(imaging_class_start(class))] += work->distance_counts[class];
    }
}

static void prepare_codes(imaging_pixel_workspace *work) {
    const imaging_block_code *code = &work->code;
    for (int byte = 0; byte < 256; byte++) {
        work->literal_codes[byte] = (uint32_t)code->codes[byte] << 6 | code->lengths[byte];
    }
    for (int length = IMAGING_SHORTEST_MATCH; length <= IMAGING_LONGEST_MATCH; length++) {
        int extra_bits, extra;
        int symbol = imaging_length_symbol(length, &extra_bits, &extra);
        uint32_t bits = code->codes[symbol] | (uint32_t)extra << code->lengths[symbol];
        work->length_codes[length] = bits << 6 | (uint32_t)(code->lengths[symbol] + extra_bits);
    }
    for (uint32_t class = 0; class < IMAGING_DISTANCE_CLASSES; class++) {
        int symbol = imaging_distance_symbol(imaging_class_start(class));
        uint32_t extra_bits = (uint32_t)imaging_distance_extra_bits(symbol);
        work->distance_codes[class] =
            code->distance_lengths[symbol] | extra_bits << 4 | (uint32_t)code->distance_codes[symbol] << 8;
    }
}

IMAGING_INLINE void write(deflater *state, const uint32_t size) {
    const imaging_pixel_workspace *work = state->work;
    const uint32_t piece = size > 4 ? size / 2 : size;
    imaging_bit_writer writer = state->writer;
    const uint8_t *bytes = state->rows->bytes + state->block_start;
    const uint32_t *const end = work->items + state->items;
    for (const uint32_t *item = work->items; item < end; item++) {
        uint32_t distance = *item & DISTANCE_MASK, length = *item >> 16;
        if (__builtin_expect(length < piece, 0)) {
            imaging_put(&writer, work->literal_codes[*bytes] >> 6, work->literal_codes[*bytes] & 63);
            bytes += 1;
            continue;
        }
        uint64_t literal = 0;
        unsigned literal_count = 0;
        for (uint32_t channel = 0; channel < piece; channel++) {
            uint32_t code = work->literal_codes[bytes[channel]];
            literal |= (uint64_t)(code >> 6) << (literal_count & 63);
            literal_count += code;
        }
        uint32_t from_zero = (distance - 1) & (IMAGING_WINDOW - 1);
        uint32_t of_length = work->length_codes[length];
        uint32_t of_distance = work->distance_codes[imaging_distance_class(from_zero)];
        unsigned code_bits = of_distance & 15, extra_bits = of_distance >> 4 & 15;
        uint64_t match = of_distance >> 8 | (uint64_t)(from_zero & ((1u << extra_bits) - 1)) << code_bits;
        match = of_length >> 6 | match << (of_length & 63);
        unsigned match_count = of_length + code_bits + extra_bits;
        uint64_t bits = distance ? match : literal;
        unsigned count = distance ? match_count : literal_count;
        imaging_put(&writer, bits, count & 63);
        bytes += length;
    }
    state->writer = writer;
}

IMAGING_HOT static void write_items(deflater *state) {
    IMAGING_FOR_SIZE(state->rows->pixel_bytes, write, state)
}

static void clear_counts(imaging_pixel_workspace *work) {
    memset(&work->counts, 0, sizeof work->counts);
    memset(work->length_counts, 0, sizeof work->length_counts);
    memset(work->distance_counts, 0, sizeof work->distance_counts);
}

static void end_block(deflater *state, int last) {
    imaging_pixel_workspace *work = state->work;
    const uint8_t *bytes = state->rows->bytes + state->block_start;
    size_t count = state->at - state->block_start;
    add_up_counts(work);
    imaging_plan_block(&work->code, &work->counts);
    if (work->code.bits / 8 >= count) {
        imaging_write_stored(&state->writer, bytes, count, last);
    } else {
        prepare_codes(work);
        imaging_write_head(&state->writer, &work->code, last);
        write_items(state);
        imaging_put(
            &state->writer, work->code.codes[IMAGING_END_OF_BLOCK], work->code.lengths[IMAGING_END_OF_BLOCK]);
    }
    state->adler = imaging_adler32(state->adler, bytes, count);
    imaging_learn_prices(&work->prices, &work->counts, state->rows->pixel_bytes);
    work->seen.long_keys = count >= LONG_KEY_BYTES * state->items;
    clear_counts(work);
    state->block_start = state->at;
    state->items = 0;
}

/// Ends the block where it is long enough, or where `items` more have no room.
static void make_room(deflater *state, size_t items) {
    size_t count = state->at - state->block_start, most = state->block_start == 0 ? FIRST_BLOCK : BLOCK;
    if (count >= most || state->items + items > ITEMS) {
        end_block(state, 0);
    }
}

// MARK: - Rows

/// Writes the rows that equal the one above as matches a row back, the cheapest way to say flat or repeated.
static void flush_repeated(deflater *state) {
    size_t rest = state->repeated * state->rows->row_bytes;
    state->repeated = 0;
    while (rest > 0) {
        // What is left over must be none, or long enough for a match.
        size_t most = IMAGING_LONGEST_MATCH;
        size_t part = rest <= most ? rest : rest - most < IMAGING_SHORTEST_MATCH ? most - 3 : most;
        make_room(state, 1);
        add_item(state, (uint32_t)part, (uint32_t)state->rows->row_bytes);
        rest -= part;
    }
}

static int repeats_last_row(const deflater *state, const uint8_t *row) {
    size_t count = state->rows->row_bytes;
    int can_match = row > state->rows->bytes && count >= IMAGING_SHORTEST_MATCH && count <= IMAGING_WINDOW;
    return can_match && memcmp(row, row - count, count) == 0;
}

static void add_row(deflater *state) {
    imaging_pixel_workspace *work = state->work;
    const uint32_t size = state->rows->pixel_bytes;
    make_room(state, 1);
    add_item(state, 1, 0);
    size_t pixels = (state->rows->row_bytes - 1) / size;
    while (pixels > 0) {
        uint32_t part = pixels < IMAGING_SPAN ? (uint32_t)pixels : IMAGING_SPAN;
        make_room(state, 2 * (size_t)part);
        imaging_find_matches(&work->span, &work->seen, &work->prices, state->rows->bytes, state->at, part, size);
        imaging_choose_matches(&work->span, part, size);
        take_choices(state, part);
        pixels -= part;
    }
}

size_t imaging_deflate_pixels(const imaging_filtered_rows *rows, imaging_pixel_workspace *workspace, uint8_t *out) {
    deflater state = {
        .rows = rows, .work = workspace, .writer = {.next = imaging_begin_stream(out)}, .adler = 1,
    };
    memset(&workspace->seen, 0, sizeof workspace->seen);
    clear_counts(workspace);
    size_t count = rows->row_bytes * rows->rows, sample = count < FIRST_BLOCK ? count : FIRST_BLOCK;
    imaging_guess_prices(&workspace->prices, rows->bytes, sample, rows->pixel_bytes);
    for (uint32_t y = 0; y < rows->rows; y++) {
        if (repeats_last_row(&state, rows->bytes + y * rows->row_bytes)) {
            state.repeated += 1;
        } else {
            flush_repeated(&state);
            add_row(&state);
        }
    }
    flush_repeated(&state);
    end_block(&state, 1);
    return (size_t)(imaging_end_stream(&state.writer, state.adler) - out);
}
