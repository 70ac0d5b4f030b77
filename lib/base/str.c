#include "base/str.h"

static unsigned char
lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool
str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

/* The length of the UTF-8 sequence at the start of s, n > 0; 0: not valid. */
static size_t
sequence_bytes(const unsigned char *s, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t want;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	want = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	/* Not longer than needed, no surrogate, not beyond U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (n < want || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < want; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

size_t
str_utf8_bytes(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t at = 0, n;

	for (; at < s.n; at += n)
		if ((n = sequence_bytes(p + at, s.n - at)) == 0)
			break;
	return at;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = str_from(s, 1);
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}
