#include "jpeg_splice.h"

#include <stdlib.h>
#include <string.h>

static int by_value(const void *left, const void *right) {
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static uint32_t first_mcu(const splice_frame *frame, imaging_span column) {
    return column.start / frame->mcu_width;
}

/// The MCU after the last one; a span that ends at the image's edge may end inside of an MCU.
static uint32_t end_mcu(const splice_frame *frame, imaging_span column) {
    return (column.start + column.length + frame->mcu_width - 1) / frame->mcu_width;
}

static uint32_t place_of(const splice_index *index, uint32_t mcu) {
    const uint32_t *found = bsearch(&mcu, index->edges, index->edges_count, sizeof mcu, by_value);
    return found ? (uint32_t)(found - index->edges) : 0;
}

static void sort_edges(imaging_splice *splice) {
    splice_index *index = &splice->index;
    for (size_t column = 0; column < splice->columns_count; column++) {
        index->edges[2 * column] = first_mcu(&splice->frame, splice->columns[column]);
        index->edges[2 * column + 1] = end_mcu(&splice->frame, splice->columns[column]);
    }
    qsort(index->edges, 2 * splice->columns_count, sizeof *index->edges, by_value);
    for (size_t edge = 0; edge < 2 * splice->columns_count; edge++) {
        if (index->edges_count == 0 || index->edges[index->edges_count - 1] != index->edges[edge]) {
            index->edges[index->edges_count++] = index->edges[edge];
        }
    }
    for (size_t column = 0; column < splice->columns_count; column++) {
        index->first[column] = place_of(index, first_mcu(&splice->frame, splice->columns[column]));
        index->last[column] = place_of(index, end_mcu(&splice->frame, splice->columns[column]));
    }
}

int imaging_splice_make_index(imaging_splice *splice, imaging_failure *failure) {
    splice_index *index = &splice->index;
    index->edges = calloc(splice->columns_count, 2 * sizeof *index->edges);
    index->first = calloc(splice->columns_count, sizeof *index->first);
    index->last = calloc(splice->columns_count, sizeof *index->last);
    if (index->edges && index->first && index->last) {
        sort_edges(splice);
        // At most 8,192 rows of 8,193 edges: the product fits. Rows are touched only as the bits for them are found.
        index->cuts = calloc(splice->frame.mcus_down, index->edges_count * sizeof *index->cuts);
    }
    if (!index->cuts) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the index of a JPEG");
    }
    return IMAGING_OK;
}
