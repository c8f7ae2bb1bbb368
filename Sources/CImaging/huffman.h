/// Length-limited canonical Huffman codes as DEFLATE numbers them (RFC 1951, 3.2.2).
#ifndef SWATHLOG_CIMAGING_HUFFMAN_H
#define SWATHLOG_CIMAGING_HUFFMAN_H

#include <stdint.h>

enum { IMAGING_MAX_SYMBOLS = 286 };

/// Code lengths for up to 286 symbols, none longer than `limit`; symbols that do not occur get 0. At least two symbols
/// get a code, because an incomplete code is an error to many decoders.
void imaging_huffman_lengths(const uint32_t *counts, int symbols, int limit, uint8_t *lengths);

/// The codes of these lengths, bits reversed, ready for a writer that fills bytes from the lowest bit.
void imaging_huffman_codes(const uint8_t *lengths, int symbols, uint16_t *codes);

#endif
