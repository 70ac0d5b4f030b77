#include "base/quote.h"

static void
put_hex(struct buf *b, const char *prefix, unsigned char c, const char *digits)
{
	buf_puts(b, str_of(prefix));
	buf_putc(b, digits[c >> 4]);
	buf_putc(b, digits[c & 15]);
}

bool
quote_json(struct buf *b, struct str s)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		const char *at = c != 0 ? strchr(from, c) : NULL;

		if (at != NULL) {
			buf_putc(b, '\\');
			buf_putc(b, to[at - from]);
		} else if (c < 0x20) {
			put_hex(b, "\\u00", c, "0123456789abcdef");
		} else {
			buf_putc(b, (char)c);
		}
	}
	return !b->failed;
}

static bool
is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static bool
is_hex(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
	    (c >= 'a' && c <= 'f');
}

static void
put_escaped(struct buf *b, struct str s, const char *stays, bool escapes)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool escape = escapes && c == '%' && i + 2 < s.n &&
		    is_hex((unsigned char)s.p[i + 1]) &&
		    is_hex((unsigned char)s.p[i + 2]);

		if (is_word(c) || escape ||
		    (c != 0 && strchr(stays, c) != NULL))
			buf_putc(b, (char)c);
		else
			put_hex(b, "%", c, "0123456789ABCDEF");
	}
}

bool
quote_url(struct buf *b, struct str s)
{
	put_escaped(b, s, "-._~", false);
	return !b->failed;
}

bool
quote_path(struct buf *b, struct str s)
{
	put_escaped(b, s, "/-._~!$&'()*+,;=:@", true);
	return !b->failed;
}
