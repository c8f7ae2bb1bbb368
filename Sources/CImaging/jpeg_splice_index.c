#include "jpeg_splice.h"

#include <stdlib.h>
#include <string.h>

static int by_value(const void *left, const void *right) {
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static uint32_t first_mcu(uint32_t mcu_width, imaging_span column) {
    return column.start / mcu_width;
}

/// The MCU after the last one; a span that ends at the image's edge may end inside of an MCU.
static uint32_t end_mcu(uint32_t mcu_width, imaging_span column) {
    return (column.start + column.length + mcu_width - 1) / mcu_width;
}

static uint32_t place_of(const splice_index *index, uint32_t mcu) {
    const uint32_t *found = bsearch(&mcu, index->edges, index->edges_count, sizeof mcu, by_value);
    return found ? (uint32_t)(found - index->edges) : 0;
}

static void sort_edges(const imaging_span *columns, size_t columns_count, uint32_t mcu_width, splice_index *index) {
    for (size_t column = 0; column < columns_count; column++) {
        index->edges[2 * column] = first_mcu(mcu_width, columns[column]);
        index->edges[2 * column + 1] = end_mcu(mcu_width, columns[column]);
    }
    qsort(index->edges, 2 * columns_count, sizeof *index->edges, by_value);
    for (size_t edge = 0; edge < 2 * columns_count; edge++) {
        if (index->edges_count == 0 || index->edges[index->edges_count - 1] != index->edges[edge]) {
            index->edges[index->edges_count++] = index->edges[edge];
        }
    }
    for (size_t column = 0; column < columns_count; column++) {
        index->first[column] = place_of(index, first_mcu(mcu_width, columns[column]));
        index->last[column] = place_of(index, end_mcu(mcu_width, columns[column]));
    }
}

int imaging_splice_make_edges(
    const imaging_span *columns, size_t columns_count, uint32_t mcu_width, splice_index *index) {
    index->edges = calloc(columns_count, 2 * sizeof *index->edges);
    index->first = calloc(columns_count, sizeof *index->first);
    index->last = calloc(columns_count, sizeof *index->last);
    if (!index->edges || !index->first || !index->last) {
        return 0;
    }
    sort_edges(columns, columns_count, mcu_width, index);
    return 1;
}

void imaging_splice_free_index(splice_index *index) {
    free(index->edges);
    free(index->first);
    free(index->last);
    free(index->cuts);
    memset(index, 0, sizeof *index);
}

int imaging_splice_make_index(imaging_splice *splice, imaging_failure *failure) {
    splice_index *index = &splice->index;
    if (imaging_splice_make_edges(splice->columns, splice->columns_count, splice->frame.mcu_width, index)) {
        // At most 8,192 rows of 8,193 edges: the product fits. Rows are touched only as the bits for them are found.
        index->cuts = calloc(splice->frame.mcus_down, index->edges_count * sizeof *index->cuts);
    }
    if (!index->cuts) {
        return imaging_fail(failure, IMAGING_NO_MEMORY, -1, -1, "out of memory for the index of a JPEG");
    }
    return IMAGING_OK;
}
