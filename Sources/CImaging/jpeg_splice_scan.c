#include "jpeg_splice_bits.h"

enum { END_OF_IMAGE = 0xD9, MCUS_A_CALL = 16384 };

/// Passes over `count` MCUs from `position` on. On failure the position is that of the MCU that failed.
///
/// DC values can't overflow: a row has at most 8,192 MCUs, of 4 blocks of a component, and starts within the limit.
IMAGING_HOT static splice_outcome pass_mcus(
    const imaging_splice *splice, splice_position *position, uint32_t count) {
    const uint8_t *bytes = splice->plain.bytes;
    splice_reader reader = splice_read_from(bytes, position->bit);
    for (uint32_t mcu = 0; mcu < count; mcu++) {
        for (int place = 0; place < splice->frame.components; place++) {
            const splice_scan_component component = splice->frame.scan[place];
            const splice_dc_table *dc = splice->dc[component.dc];
            const splice_ac_table *ac = splice->ac[component.ac];
            int32_t level = position->level[place];
            int32_t lowest = position->lowest[place], highest = position->highest[place];
            for (int block = 0; block < component.blocks; block++) {
                int32_t difference;
                splice_refill(&reader);
                splice_outcome outcome = splice_pass_dc(dc, bytes, &reader, &difference);
                if (outcome == SPLICE_PASSED) {
                    outcome = splice_pass_ac(ac, bytes, &reader);
                }
                if (__builtin_expect(outcome != SPLICE_PASSED, 0)) {
                    // What lies beyond the last bit tells nothing: bits are missing.
                    return splice_bit(&reader, bytes) > position->limit ? SPLICE_NO_BITS : outcome;
                }
                level += difference;
                lowest = level < lowest ? level : lowest;
                highest = level > highest ? level : highest;
            }
            position->level[place] = level;
            position->lowest[place] = lowest;
            position->highest[place] = highest;
        }
        uint64_t bit = splice_bit(&reader, bytes);
        if (__builtin_expect(bit > position->limit, 0)) {
            return SPLICE_NO_BITS;
        }
        position->bit = bit;
    }
    return SPLICE_PASSED;
}

/// Tiles code differences between any two DC values of a column; all must be such that 8-bit JPEG has a code for them.
static splice_outcome check_levels(const imaging_splice *splice) {
    const splice_position *position = &splice->position;
    for (int place = 0; place < splice->frame.components; place++) {
        int32_t lowest = position->lowest[place], highest = position->highest[place];
        if (lowest < -SPLICE_DC_LIMIT || highest > SPLICE_DC_LIMIT || highest - lowest > SPLICE_DC_LIMIT) {
            return SPLICE_UNSURE;
        }
    }
    return SPLICE_PASSED;
}

static void note_levels(const imaging_splice *splice, int16_t *level) {
    for (int place = 0; place < SPLICE_COMPONENTS; place++) {
        level[place] = (int16_t)splice->position.level[place];
    }
}

static uint64_t end_of_interval(const imaging_splice *splice) {
    size_t passed = splice->position.restarts_passed;
    return passed < splice->plain.restarts_count ? splice->plain.restarts[passed].begin
                                                 : (uint64_t)splice->plain.count * 8;
}

/// Less than a byte may be left over before a marker (T.81, F.1.2.3); how libjpeg takes more depends on its buffers.
static splice_outcome check_rest(const splice_position *position) {
    return position->limit - position->bit < 8 ? SPLICE_PASSED : SPLICE_UNSURE;
}

/// Goes on behind the next restart marker, where DC values are counted from 0 again.
static splice_outcome pass_restart(imaging_splice *splice) {
    splice_position *position = &splice->position;
    if (position->restarts_passed == splice->plain.restarts_count) {
        return SPLICE_NO_BITS;
    }
    splice_restart *restart = &splice->plain.restarts[position->restarts_passed];
    splice_outcome outcome = check_rest(position);
    restart->end = position->bit;
    note_levels(splice, restart->level);
    for (int place = 0; place < SPLICE_COMPONENTS; place++) {
        position->level[place] = 0;
    }
    position->restarts_passed += 1;
    position->bit = restart->begin;
    position->limit = end_of_interval(splice);
    return outcome;
}

/// MCUs from `mcu` of the row on without an edge or a restart marker between them.
static uint32_t mcus_until_next(const imaging_splice *splice, uint32_t mcu, uint32_t stop) {
    const splice_frame *frame = &splice->frame;
    uint32_t count = stop - mcu;
    if (frame->restart_interval > 0) {
        uint64_t passed = (uint64_t)splice->position.row * frame->mcus_across + mcu;
        uint64_t left = frame->restart_interval - passed % frame->restart_interval;
        count = left < count ? (uint32_t)left : count;
    }
    return count;
}

/// Passes over MCUs of the current row, up to `stop`.
static splice_outcome pass_until(imaging_splice *splice, uint32_t *mcu, uint32_t stop) {
    const splice_frame *frame = &splice->frame;
    while (*mcu < stop) {
        uint64_t passed = (uint64_t)splice->position.row * frame->mcus_across + *mcu;
        splice_outcome outcome = SPLICE_PASSED;
        if (frame->restart_interval > 0 && passed > 0 && passed % frame->restart_interval == 0) {
            outcome = pass_restart(splice);
        }
        uint32_t count = mcus_until_next(splice, *mcu, stop);
        if (outcome == SPLICE_PASSED) {
            outcome = pass_mcus(splice, &splice->position, count);
        }
        if (outcome == SPLICE_PASSED) {
            outcome = check_levels(splice);
        }
        if (outcome != SPLICE_PASSED) {
            return outcome;
        }
        *mcu += count;
    }
    return SPLICE_PASSED;
}

/// Passes over an MCU row and notes where tiles are cut.
static splice_outcome pass_row(imaging_splice *splice) {
    const splice_index *index = &splice->index;
    splice_cut *cuts = index->cuts + (size_t)splice->position.row * index->edges_count;
    uint32_t mcu = 0;
    for (size_t edge = 0; edge < index->edges_count; edge++) {
        splice_outcome outcome = pass_until(splice, &mcu, index->edges[edge]);
        if (outcome != SPLICE_PASSED) {
            return outcome;
        }
        cuts[edge].bit = splice->position.bit;
        note_levels(splice, cuts[edge].level);
    }
    return pass_until(splice, &mcu, splice->frame.mcus_across);
}

/// Nothing but the end of the image may follow the last MCU; what else libjpeg allows there is for it to judge.
static splice_outcome check_end(const imaging_splice *splice) {
    if (splice->position.restarts_passed < splice->plain.restarts_count
        || splice->plain.end_marker != END_OF_IMAGE) {
        return SPLICE_UNSURE;
    }
    return check_rest(&splice->position);
}

static int fail_scan(const imaging_splice *splice, imaging_failure *failure) {
    int64_t offset = imaging_splice_offset(splice, splice->position.limit);
    int64_t row = (int64_t)splice->position.row * splice->frame.mcu_height;
    return imaging_fail(failure, IMAGING_TRUNCATED, offset, row, "a marker stands where pixels are missing");
}

int imaging_splice_scan(imaging_splice *splice, int *done, int *unsure, imaging_failure *failure) {
    splice_position *position = &splice->position;
    if (position->row == 0) {
        position->limit = end_of_interval(splice);
    }
    uint32_t rows = MCUS_A_CALL / splice->frame.mcus_across + 1;
    splice_outcome outcome = SPLICE_PASSED;
    while (outcome == SPLICE_PASSED && rows > 0 && position->row < splice->frame.mcus_down) {
        outcome = pass_row(splice);
        if (outcome == SPLICE_PASSED) {
            position->row += 1;
            rows -= 1;
        }
    }
    *done = outcome == SPLICE_PASSED && position->row == splice->frame.mcus_down;
    if (*done) {
        outcome = check_end(splice);
    }
    *unsure = outcome == SPLICE_UNSURE;
    splice->trailing_bytes = splice->count - splice->plain.end_offset - 2;
    return outcome == SPLICE_PASSED || *unsure ? IMAGING_OK : fail_scan(splice, failure);
}
