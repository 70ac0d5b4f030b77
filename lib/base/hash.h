/*
 * hash: 128-bit content hashes (XXH3), the only user of xxhash.
 *
 * A struct id128 holds the hash in canonical (big-endian) byte order, so
 * that memcmp order, the order of a PostgreSQL uuid and the order of its
 * text are the same on every machine.
 */
#ifndef CALLTALLY_BASE_HASH_H
#define CALLTALLY_BASE_HASH_H

#include <endian.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct id128 {
	unsigned char b[16];
};

enum { ID128_TEXT_BYTES = 37 };		/* a uuid's text and its NUL */

struct id128 hash_bytes(const void *, size_t n);
/* Its low bits are as good as all of them. */
uint64_t hash_word(const void *, size_t n);
/* Of a list: from that of what comes before, and that of the next element. */
struct id128 hash_join(const struct id128 *before, const struct id128 *next);

/* Its eight bytes from at on, as a number that sorts like them. */
static inline uint64_t
id128_word(const struct id128 *id, size_t at)
{
	uint64_t w;

	memcpy(&w, id->b + at, sizeof(w));
	return be64toh(w);
}

static inline int
id128_cmp(const struct id128 *a, const struct id128 *b)
{
	uint64_t x = id128_word(a, 0), y = id128_word(b, 0);

	if (x == y) {
		x = id128_word(a, 8);
		y = id128_word(b, 8);
	}
	return (x > y) - (x < y);
}

/* Writes the uuid form, lower case, terminated. */
void id128_text(const struct id128 *, char out[ID128_TEXT_BYTES]);

/* Reads the uuid form; false when s is none. */
bool id128_parse(struct str s, struct id128 *out);

/* A random one, for run ids. */
bool id128_random(struct id128 *out, struct err *);

/* A hash over a stream. hash_stream_open returns NULL when out of memory. */
struct hash_stream;
struct hash_stream *hash_stream_open(void);
void hash_stream_close(struct hash_stream *);
void hash_stream_reset(struct hash_stream *);
void hash_stream_add(struct hash_stream *, const void *, size_t n);
/* The hash of all that was added so far; more may be added afterwards. */
struct id128 hash_stream_digest(const struct hash_stream *);

#endif
