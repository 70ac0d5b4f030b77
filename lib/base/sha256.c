#include "base/sha256.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_X86 1
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t round_constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t
load_big(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* One round; the names are the standard's. d and h become the next e and a. */
static inline void
one_round(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e,
    uint32_t f, uint32_t g, uint32_t *h, uint32_t kw)
{
	uint32_t t1 = *h + kw + ((e & f) ^ (~e & g)) +
	    (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25));

	*d += t1;
	*h = t1 + ((a & b) ^ (a & c) ^ (b & c)) +
	    (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22));
}

void
sha256_blocks_plain(uint32_t state[8], const unsigned char *p, size_t blocks)
{
	uint32_t w[64], v[8];

	for (; blocks > 0; blocks--, p += SHA256_BLOCK_BYTES) {
		for (int t = 0; t < 16; t++)
			w[t] = load_big(p + 4 * t);
		for (int t = 16; t < 64; t++) {
			uint32_t x = w[t - 15], y = w[t - 2];

			w[t] = w[t - 16] + w[t - 7] +
			    (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) +
			    (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
		}
		memcpy(v, state, sizeof(v));
		/* The variables change places each round, not their values. */
		for (int t = 0; t < 64; t += 8)
#pragma GCC unroll 8
			for (int i = 0; i < 8; i++)
				one_round(v[-i & 7], v[(1 - i) & 7],
				    v[(2 - i) & 7], &v[(3 - i) & 7],
				    v[(4 - i) & 7], v[(5 - i) & 7],
				    v[(6 - i) & 7], &v[(7 - i) & 7],
				    w[t + i] + round_constant[t + i]);
		for (int i = 0; i < 8; i++)
			state[i] += v[i];
	}
}

#ifdef HAVE_X86
/* The instructions keep the state as ABEF and CDGH and do two rounds each. */
__attribute__((target("sha,sse4.1"))) static void
blocks_x86(uint32_t state[8], const unsigned char *p, size_t blocks)
{
	const __m128i big = _mm_set_epi64x(0x0c0d0e0f08090a0b,
	    0x0405060700010203);
	__m128i abcd = _mm_loadu_si128((const __m128i_u *)state);
	__m128i efgh = _mm_loadu_si128((const __m128i_u *)(state + 4));
	__m128i badc = _mm_shuffle_epi32(abcd, 0xb1);
	__m128i hgfe = _mm_shuffle_epi32(efgh, 0x1b);
	__m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
	__m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);

	for (; blocks > 0; blocks--, p += SHA256_BLOCK_BYTES) {
		__m128i old_abef = abef, old_cdgh = cdgh, w[4], kw;

		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(_mm_loadu_si128(
			    (const __m128i_u *)(p + 16 * i)), big);
		for (int i = 0; i < 16; i++) {
			__m128i *now = &w[i & 3];

			kw = _mm_add_epi32(*now, _mm_loadu_si128(
			    (const __m128i_u *)(round_constant + 4 * i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, kw);
			abef = _mm_sha256rnds2_epu32(abef, cdgh,
			    _mm_shuffle_epi32(kw, 0x0e));
			/* the words of four rounds from here on */
			*now = _mm_sha256msg2_epu32(_mm_add_epi32(
			    _mm_sha256msg1_epu32(*now, w[(i + 1) & 3]),
			    _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4)),
			    w[(i + 3) & 3]);
		}
		abef = _mm_add_epi32(abef, old_abef);
		cdgh = _mm_add_epi32(cdgh, old_cdgh);
	}
	hgfe = _mm_shuffle_epi32(abef, 0x1b);
	badc = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i_u *)state, _mm_blend_epi16(hgfe, badc, 0xf0));
	_mm_storeu_si128((__m128i_u *)(state + 4),
	    _mm_alignr_epi8(badc, hgfe, 8));
}

static int
have_instructions(void)
{
	unsigned a, b, c, d;

	return __builtin_cpu_supports("sse4.1") &&
	    __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}
#endif

void
sha256_init(struct sha256 *s)
{
	*s = (struct sha256){ .take_blocks = sha256_blocks_plain, .state = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	} };
#ifdef HAVE_X86
	if (have_instructions())
		s->take_blocks = blocks_x86;
#endif
}

void
sha256_add(struct sha256 *s, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t used = s->bytes % SHA256_BLOCK_BYTES;
	size_t room = SHA256_BLOCK_BYTES - used;

	s->bytes += n;
	if (used > 0 && n >= room) {
		memcpy(s->part + used, p, room);
		s->take_blocks(s->state, s->part, 1);
		p += room;
		n -= room;
		used = 0;
	}
	if (n >= SHA256_BLOCK_BYTES) {
		s->take_blocks(s->state, p, n / SHA256_BLOCK_BYTES);
		p += n - n % SHA256_BLOCK_BYTES;
		n %= SHA256_BLOCK_BYTES;
	}
	if (n > 0)
		memcpy(s->part + used, p, n);
}

void
sha256_digest(struct sha256 *s, unsigned char digest[SHA256_BYTES])
{
	uint64_t bits = s->bytes * 8;
	unsigned char tail[2 * SHA256_BLOCK_BYTES] = { 0x80 };
	size_t used = s->bytes % SHA256_BLOCK_BYTES;
	size_t zeros = (used < 56 ? 56 : 120) - used;

	for (int i = 0; i < 8; i++)
		tail[zeros + (size_t)i] = (unsigned char)(bits >> (56 - 8 * i));
	sha256_add(s, tail, zeros + 8);
	for (int i = 0; i < SHA256_BYTES; i++)
		digest[i] = (unsigned char)(s->state[i / 4] >>
		    (24 - 8 * (i % 4)));
}

void
sha256_end(struct sha256 *s, char hex[SHA256_HEX_BYTES])
{
	static const char digit[] = "0123456789abcdef";
	unsigned char digest[SHA256_BYTES];

	sha256_digest(s, digest);
	for (int i = 0; i < SHA256_BYTES; i++) {
		hex[2 * i] = digit[digest[i] >> 4];
		hex[2 * i + 1] = digit[digest[i] & 15];
	}
	hex[2 * SHA256_BYTES] = '\0';
}
