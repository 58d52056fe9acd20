#ifndef FM_SHA256_H
#define FM_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { FM_DIGEST_BYTES = 32 };

/* SHA-256, FIPS 180-4 section 6.2. `data` may be NULL where `length` is 0. Its working memory is erased. */
void fm_sha256(const uint8_t* data, size_t length, uint8_t digest[FM_DIGEST_BYTES]);

#endif
