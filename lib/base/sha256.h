/*
 * sha256: SHA-256 (FIPS 180-4) of a stream, for the manifest of an export and
 * the policy of its page.
 *
 * Uses the processor's own instructions where it has them. No function
 * fails; nothing is allocated.
 */
#ifndef CALLTALLY_BASE_SHA256_H
#define CALLTALLY_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX_BYTES = 65, SHA256_BLOCK_BYTES = 64 };

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	void (*take_blocks)(uint32_t state[8], const unsigned char *, size_t blocks);
	unsigned char part[SHA256_BLOCK_BYTES];	/* of a block that is not full */
};

void sha256_init(struct sha256 *);
void sha256_add(struct sha256 *, const void *, size_t n);
/* What take_blocks is where the processor has no instructions for it. */
void sha256_blocks_plain(uint32_t state[8], const unsigned char *, size_t blocks);
/* Ends it and gives the hash; or in hex, terminated. */
void sha256_digest(struct sha256 *, unsigned char digest[SHA256_BYTES]);
void sha256_end(struct sha256 *, char hex[SHA256_HEX_BYTES]);

#endif
