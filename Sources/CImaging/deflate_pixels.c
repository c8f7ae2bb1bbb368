#include "deflate.h"

#include "adler.h"
#include "pixel_block.h"

enum {
    /// Bytes after which a block ends: the next one is searched with what was learnt from it.
    BLOCK = 96 * 1024,
    /// The first block is searched by guess, so it is short.
    FIRST_BLOCK = 24 * 1024,
    /// Eighths of a bit for each byte below which long matches are to be expected; a camera's noise takes more.
    SMOOTH = 20,
};

struct imaging_pixel_workspace {
    imaging_seen seen;
    imaging_match_span span;
    imaging_prices prices;
    imaging_pixel_block block;
};

typedef struct {
    const imaging_filtered_rows *rows;
    imaging_pixel_workspace *work;
    imaging_bit_writer writer;
    uint32_t adler;
    /// Rows that equal the one above them, not yet added.
    size_t repeated;
    /// Whether all blocks are searched thoroughly, and whether this one is.
    int is_always_thorough, is_thorough;
    /// Whether no block may be searched thoroughly.
    int is_never_thorough;
} deflater;

size_t imaging_pixel_workspace_size(void) {
    return sizeof(imaging_pixel_workspace);
}

// MARK: - Blocks

/// Sets the next block's search by what this one was like.
static void learn(deflater *state, const imaging_block_code *code, const uint8_t *bytes, size_t count) {
    imaging_pixel_workspace *work = state->work;
    int was_thorough = state->is_thorough;
    work->seen.is_smooth = code->bits * 8 < count * SMOOTH;
    state->is_thorough = (work->seen.is_smooth && !state->is_never_thorough) || state->is_always_thorough;
    if (state->is_thorough && was_thorough) {
        imaging_learn_prices(&work->prices, &work->block.counts, state->rows->pixel_bytes);
    } else if (state->is_thorough) {
        imaging_guess_prices(&work->prices, bytes, count, state->rows->pixel_bytes);
    }
}

static void end_block(deflater *state, int last) {
    imaging_pixel_block *block = &state->work->block;
    const uint8_t *bytes = block->bytes + block->start;
    size_t count = block->at - block->start;
    imaging_block_code code;
    imaging_count_block(block);
    imaging_plan_block(&code, &block->counts);
    if (code.bits / 8 >= count) {
        imaging_write_stored(&state->writer, bytes, count, last);
    } else {
        imaging_write_head(&state->writer, &code, last);
        imaging_write_block(&state->writer, block, &code);
        imaging_put(&state->writer, code.codes[IMAGING_END_OF_BLOCK], code.lengths[IMAGING_END_OF_BLOCK]);
    }
    state->adler = imaging_adler32(state->adler, bytes, count);
    learn(state, &code, bytes, count);
    imaging_begin_block(block);
}

/// Ends the block where it is long enough, or where `items` more have no room.
static void make_room(deflater *state, uint32_t items) {
    const imaging_pixel_block *block = &state->work->block;
    size_t most = block->start == 0 ? FIRST_BLOCK : BLOCK;
    if (block->at - block->start >= most || block->count + items > IMAGING_BLOCK_ITEMS) {
        end_block(state, 0);
    }
}

// MARK: - Rows

/// Adds the rows that equal the one above as matches a row back.
static void add_repeated(deflater *state) {
    const size_t row = state->rows->row_bytes;
    size_t rest = state->repeated * row;
    state->repeated = 0;
    while (rest > 0) {
        // What is left over must be none, or long enough for a match.
        size_t most = IMAGING_LONGEST_MATCH;
        size_t part = rest <= most ? rest : rest - most < IMAGING_SHORTEST_MATCH ? most - IMAGING_SHORTEST_MATCH : most;
        make_room(state, 1);
        imaging_add_item(&state->work->block, (uint32_t)part, (uint32_t)row);
        rest -= part;
    }
}

/// Whether a row equals the one above and is not one value throughout, which is said in fewer bits by matches within
/// it.
static int repeats_last_row(const deflater *state, const uint8_t *row) {
    size_t count = state->rows->row_bytes;
    int can_match = row > state->rows->bytes && count >= IMAGING_SHORTEST_MATCH && count < IMAGING_WINDOW;
    return can_match && memcmp(row, row - count, count) == 0 && memcmp(row + 1, row + 2, count - 2) != 0;
}

static void add_row(deflater *state) {
    imaging_pixel_workspace *work = state->work;
    imaging_pixel_block *block = &work->block;
    const uint32_t size = state->rows->pixel_bytes;
    make_room(state, 1);
    imaging_add_item(block, 1, 0);
    size_t pixels = (state->rows->row_bytes - 1) / size;
    while (pixels > 0) {
        uint32_t part = pixels < IMAGING_SPAN ? (uint32_t)pixels : IMAGING_SPAN;
        make_room(state, IMAGING_PIXEL_ITEMS * part);
        if (state->is_thorough) {
            imaging_find_matches(&work->span, &work->seen, &work->prices, block->bytes, block->at, part, size);
            imaging_choose_matches(&work->span, part, size);
            imaging_add_choices(block, &work->span, part);
        } else {
            imaging_add_last_pixels(block, &work->seen, part);
        }
        pixels -= part;
    }
}

static void begin(deflater *state, imaging_match_effort effort) {
    imaging_pixel_workspace *work = state->work;
    const imaging_filtered_rows *rows = state->rows;
    memset(&work->seen, 0, sizeof work->seen);
    work->block.bytes = rows->bytes;
    work->block.at = 0;
    work->block.pixel_bytes = rows->pixel_bytes;
    imaging_begin_block(&work->block);
    // Pixels of 1 or 2 bytes are too short for a match, and several together are not alike often enough to match them
    // whatever that costs.
    state->is_always_thorough = effort == IMAGING_MATCH_THOROUGHLY || rows->pixel_bytes < IMAGING_SHORTEST_MATCH;
    state->is_thorough = state->is_always_thorough;
    state->is_never_thorough = effort == IMAGING_MATCH_LAST_PIXELS;
    if (state->is_thorough) {
        size_t all = rows->row_bytes * rows->rows, count = all < FIRST_BLOCK ? all : FIRST_BLOCK;
        unsigned price = imaging_guess_prices(&work->prices, rows->bytes, count, rows->pixel_bytes);
        work->seen.is_smooth = price * 8 < SMOOTH * IMAGING_BIT;
    }
}

size_t imaging_deflate_pixels(
    const imaging_filtered_rows *rows, imaging_match_effort effort, imaging_pixel_workspace *workspace, uint8_t *out) {
    deflater state = {.rows = rows, .work = workspace, .writer = {.next = imaging_begin_stream(out)}, .adler = 1};
    begin(&state, effort);
    for (uint32_t y = 0; y < rows->rows; y++) {
        if (repeats_last_row(&state, rows->bytes + y * rows->row_bytes)) {
            state.repeated += 1;
        } else {
            add_repeated(&state);
            add_row(&state);
        }
    }
    add_repeated(&state);
    end_block(&state, 1);
    return (size_t)(imaging_end_stream(&state.writer, state.adler) - out);
}
