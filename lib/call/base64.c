#include "call/base64.h"

#include <stdint.h>

static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Text without the white space and padding at its end. */
static struct str
without_padding(struct str s)
{
	while (s.n > 0 && (is_space(s.p[s.n - 1]) || s.p[s.n - 1] == '='))
		s.n--;
	return s;
}

bool
base64_decode(struct str text, struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0;

	text = without_padding(text);
	if (!buf_reserve(out, text.n / 4 * 3 + 3))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int v = digit_value(text.p[i]);

		if (is_space(text.p[i]))
			continue;
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out->p[out->n++] = (char)(bits >> have & 0xff);
	}
	return have < 6;	/* one digit alone is no byte */
}

bool
base64_encode(const unsigned char *p, size_t n, struct buf *out)
{
	static const char digit[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t bits = (uint32_t)p[i] << 16;

		bits |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		bits |= i + 2 < n ? p[i + 2] : 0;
		buf_putc(out, digit[bits >> 18]);
		buf_putc(out, digit[bits >> 12 & 63]);
		buf_putc(out, i + 1 < n ? digit[bits >> 6 & 63] : '=');
		buf_putc(out, i + 2 < n ? digit[bits & 63] : '=');
	}
	return !out->failed;
}
