/// Digests of many messages, and of short ones.
#ifndef SWATHLOG_CDIGESTS_H
#define SWATHLOG_CDIGESTS_H

#include <stddef.h>
#include <stdint.h>

/// The MD5 digests, 16 bytes each, of `count` messages; several at once, so that eight cost little more than one.
void digests_md5(const uint8_t *const *messages, const size_t *counts, size_t count, uint8_t *digests);

/// Whether this processor has instructions for SHA-256, without which `digests_sha256` can't be called.
int digests_has_sha256(void);

/// The SHA-256 digest of a message, 32 bytes.
void digests_sha256(const uint8_t *message, size_t count, uint8_t *digest);

#endif
