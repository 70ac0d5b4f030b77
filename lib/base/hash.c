#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

struct hash_stream {
	XXH3_state_t *state;
};

static struct id128
canonical(XXH128_hash_t h)
{
	XXH128_canonical_t c;
	struct id128 id;

	XXH128_canonicalFromHash(&c, h);
	memcpy(id.b, c.digest, sizeof(id.b));
	return id;
}

struct id128
hash_bytes(const void *p, size_t n)
{
	return canonical(XXH3_128bits(p, n));
}

uint64_t
hash_word(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

struct id128
hash_join(const struct id128 *before, const struct id128 *next)
{
	const struct id128 both[2] = { *before, *next };

	return hash_bytes(both, sizeof(both));
}

void
id128_text(const struct id128 *id, char out[ID128_TEXT_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	char *o = out;

	for (size_t i = 0; i < sizeof(id->b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*o++ = '-';
		*o++ = hex[id->b[i] >> 4];
		*o++ = hex[id->b[i] & 15];
	}
	*o = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
id128_parse(struct str s, struct id128 *out)
{
	size_t at = 0;

	if (s.n != ID128_TEXT_BYTES - 1)
		return false;
	for (size_t i = 0; i < sizeof(out->b); i++) {
		int hi, lo;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && s.p[at++] != '-')
			return false;
		hi = hex_digit(s.p[at++]);
		lo = hex_digit(s.p[at++]);
		if (hi < 0 || lo < 0)
			return false;
		out->b[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

bool
id128_random(struct id128 *out, struct err *err)
{
	return getrandom(out->b, sizeof(out->b), 0) ==
	    (ssize_t)sizeof(out->b) ||
	    err_fail(err, "the system gives no random numbers");
}

struct hash_stream *
hash_stream_open(void)
{
	struct hash_stream *h = malloc(sizeof(*h));

	if (h == NULL)
		return NULL;
	if ((h->state = XXH3_createState()) == NULL) {
		free(h);
		return NULL;
	}
	hash_stream_reset(h);
	return h;
}

void
hash_stream_close(struct hash_stream *h)
{
	if (h == NULL)
		return;
	XXH3_freeState(h->state);
	free(h);
}

void
hash_stream_reset(struct hash_stream *h)
{
	XXH3_128bits_reset(h->state);
}

void
hash_stream_add(struct hash_stream *h, const void *p, size_t n)
{
	XXH3_128bits_update(h->state, p, n);
}

struct id128
hash_stream_digest(const struct hash_stream *h)
{
	return canonical(XXH3_128bits_digest(h->state));
}
