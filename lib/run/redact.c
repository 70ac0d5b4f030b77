#include "run/redact.h"

#include <stdlib.h>

enum { SIGN_BYTES = 4 };

void
redactor_init(struct redactor *r)
{
	*r = (struct redactor){ .n = 0 };
}

static void
wipe(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	buf_free(b);
}

void
redactor_free(struct redactor *r)
{
	for (size_t i = 0; i < r->n; i++)
		wipe(&r->needle[i]);
	free(r->needle);
	redactor_init(r);
}

/* Takes b over. */
static bool
add(struct redactor *r, struct buf *b)
{
	struct buf *grown = b->failed ? NULL :
	    realloc(r->needle, (r->n + 1) * sizeof(*grown));

	if (grown == NULL) {
		wipe(b);
		return false;
	}
	r->needle = grown;
	r->needle[r->n++] = *b;
	return true;
}

/* U+0000 to U+10FFFF as UTF-8; returns its length. */
static size_t
put_utf8(uint32_t c, char out[SIGN_BYTES])
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[n] | c);
	return n;
}

bool
redactor_add(struct redactor *r, struct str secret)
{
	struct buf plain = BUF_INIT(0), twice = BUF_INIT(0);
	char sign[SIGN_BYTES];

	if (secret.n < REDACT_MIN_BYTES)
		return true;
	buf_puts(&plain, secret);
	for (size_t i = 0; i < secret.n; i++)
		buf_put(&twice, sign, put_utf8((unsigned char)secret.p[i],
		    sign));
	if (twice.n == plain.n)
		wipe(&twice);
	else if (!add(r, &twice)) {
		wipe(&plain);
		return false;
	}
	return add(r, &plain);
}

/* ---- one sign, as somebody wrote it ---- */

struct sign {
	char b[SIGN_BYTES];
	size_t n;	/* bytes that it means; 0: none */
	size_t length;	/* bytes that it is written with */
};

static int
digit(char c, uint32_t base)
{
	int v = c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;

	return v < (int)base ? v : -1;
}

/* A number of at most max digits at the start of s; returns its length. */
static size_t
number(struct str s, uint32_t base, size_t max, uint32_t *out)
{
	size_t n = 0;

	for (*out = 0; n < s.n && n < max && digit(s.p[n], base) >= 0; n++)
		*out = *out * base + (uint32_t)digit(s.p[n], base);
	return n;
}

static struct sign
sign_of(uint32_t c, size_t length)
{
	struct sign s = { .length = length };

	if (c < 0x110000)
		s.n = put_utf8(c, s.b);
	return s;
}

/* \uXXXX, in pairs where need be. */
static struct sign
json_number(struct str s)
{
	uint32_t high, low;

	if (number(str_from(s, 2), 16, 4, &high) != 4)
		return (struct sign){ .n = 0 };
	if (high >= 0xd800 && high < 0xdc00 && s.n >= 12 && s.p[6] == '\\' &&
	    s.p[7] == 'u' && number(str_from(s, 8), 16, 4, &low) == 4 &&
	    low >= 0xdc00 && low < 0xe000)
		return sign_of(0x10000 + ((high - 0xd800) << 10) +
		    (low - 0xdc00), 12);
	return sign_of(high, 6);
}

static struct sign
json_sign(struct str s)
{
	static const char letter[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *at;

	if (s.n < 2)
		return (struct sign){ .n = 0 };
	if (s.p[1] == 'u')
		return json_number(s);
	at = s.p[1] != '\0' ? strchr(letter, s.p[1]) : NULL;
	return sign_of((unsigned char)(at != NULL ? meant[at - letter] :
	    s.p[1]), 2);
}

static struct sign
html_sign(struct str s)
{
	static const struct { const char *text; char c; } names[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' },
	};
	bool hex = s.n > 3 && (s.p[2] == 'x' || s.p[2] == 'X');
	size_t from = hex ? 3 : 2, n;
	uint32_t c;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_starts(s, str_of(names[i].text)))
			return sign_of((unsigned char)names[i].c,
			    strlen(names[i].text));
	if (s.n < 4 || s.p[1] != '#')
		return (struct sign){ .n = 0 };
	n = number(str_from(s, from), hex ? 16 : 10, 7, &c);
	if (n == 0 || from + n >= s.n || s.p[from + n] != ';')
		return (struct sign){ .n = 0 };
	return sign_of(c, from + n + 1);
}

/* The escape at the start of s; n is 0 when there is none. */
static struct sign
escape(struct str s)
{
	uint32_t c;

	switch (s.p[0]) {
	case '\\':
		return json_sign(s);
	case '&':
		return html_sign(s);
	case '+':
		return sign_of(' ', 1);
	case '%':
		if (number(str_from(s, 1), 16, 2, &c) == 2)
			return (struct sign){ { (char)(unsigned char)c }, 1, 3 };
		/* FALLTHROUGH */
	default:
		return (struct sign){ .n = 0 };
	}
}

/* How many bytes at the start of text spell the whole needle; 0: they do not. */
static size_t
spelled(struct str text, struct str needle)
{
	size_t at = 0;

	while (needle.n > 0) {
		struct str rest = str_from(text, at);
		struct sign s;
		size_t more;

		if (rest.n == 0)
			return 0;
		s = escape(rest);
		if (s.n > 0 && s.n <= needle.n &&
		    memcmp(s.b, needle.p, s.n) == 0) {
			if (rest.p[0] != needle.p[0]) {
				at += s.length;
				needle = str_from(needle, s.n);
				continue;
			}
			/* It may be an escape, or the sign itself. */
			if (needle.n == s.n)
				return at + s.length;
			more = spelled(str_from(rest, s.length),
			    str_from(needle, s.n));
			if (more > 0)
				return at + s.length + more;
		}
		if (rest.p[0] != needle.p[0])
			return 0;
		at++;
		needle = str_from(needle, 1);
	}
	return at;
}

static bool
may_begin(char c, char needle)
{
	return c == needle || c == '\\' || c == '&' || c == '%' || c == '+';
}

/* The length of the longest needle that text begins with; 0: of none. */
static size_t
longest(const struct redactor *r, struct str text)
{
	size_t best = 0, n;

	for (size_t i = 0; i < r->n; i++) {
		struct str needle = buf_str(&r->needle[i]);

		if (may_begin(text.p[0], needle.p[0]) &&
		    (n = spelled(text, needle)) > best)
			best = n;
	}
	return best;
}

/* The first of all needles in text, the longest where several begin; its length, 0: none. */
static size_t
first(const struct redactor *r, struct str text, size_t *at)
{
	size_t n = 0;

	for (*at = 0; *at < text.n; ++*at)
		if ((n = longest(r, str_from(text, *at))) > 0)
			break;
	return n;
}

bool
redactor_finds(const struct redactor *r, struct str text)
{
	size_t at;

	return first(r, text, &at) > 0;
}

bool
redact(const struct redactor *r, struct buf *out, struct str text)
{
	size_t at, n;

	while ((n = first(r, text, &at)) > 0) {
		buf_put(out, text.p, at);
		buf_puts(out, STR("***"));
		text = str_from(text, at + n);
	}
	return buf_puts(out, text);
}
