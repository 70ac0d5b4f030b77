#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
die(const char *fmt, ...)
{
	va_list ap;

	fputs("gen: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void
text_free(struct text *t)
{
	free(t->p);
	*t = (struct text){ 0 };
}

/* Makes room for n more bytes. */
static void
reserve(struct text *t, size_t n)
{
	size_t cap = t->cap ? t->cap : 4096;

	if (t->cap - t->n >= n)
		return;
	while (cap - t->n < n)
		cap *= 2;
	t->p = realloc(t->p, cap);
	if (t->p == NULL)
		die("out of memory");
	t->cap = cap;
}

void
text_put(struct text *t, const void *p, size_t n)
{
	reserve(t, n);
	if (n > 0)
		memcpy(t->p + t->n, p, n);
	t->n += n;
}

void
text_puts(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

void
text_char(struct text *t, char c)
{
	text_put(t, &c, 1);
}

void
text_int(struct text *t, int64_t value)
{
	char buf[24], *p = buf + sizeof(buf);
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--p = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		*--p = '-';
	text_put(t, p, (size_t)(buf + sizeof(buf) - p));
}

void
text_decimal(struct text *t, int64_t value, unsigned places)
{
	int64_t unit = 1, rest;

	for (unsigned i = 0; i < places; i++)
		unit *= 10;
	text_int(t, value / unit);
	rest = value % unit;
	if (rest == 0)
		return;
	text_char(t, '.');
	while (rest > 0) {
		unit /= 10;
		text_char(t, (char)('0' + rest / unit));
		rest %= unit;
	}
}

void
text_cell(struct text *t, const char *s)
{
	if (*s == '\0')
		return;
	text_char(t, '"');
	for (; *s; s++) {
		if (*s == '"')
			text_char(t, '"');
		text_char(t, *s);
	}
	text_char(t, '"');
}

/* \uXXXX */
static void
put_escape(struct text *t, unsigned unit)
{
	static const char hex[] = "0123456789abcdef";
	char esc[6] = { '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15],
	    hex[unit >> 4 & 15], hex[unit & 15] };

	text_put(t, esc, sizeof(esc));
}

/* Reads one code point of good UTF-8; returns its length. */
static size_t
code_point(const unsigned char *s, uint32_t *cp)
{
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	*cp = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*cp = *cp << 6 | (s[i] & 0x3fu);
	return n;
}

/* One code point beyond ASCII, as the text's spelling wants it; returns its length. */
static size_t
put_wide(struct text *t, const char *s)
{
	uint32_t cp;
	size_t n = code_point((const unsigned char *)s, &cp);

	if (cp == 0xfffd && (t->spelling & SPELL_BROKEN)) {
		put_escape(t, 0xd83d);
	} else if (cp == 0xfffd && (t->spelling & SPELL_NUL)) {
		put_escape(t, 0);
	} else if ((t->spelling & SPELL_ASCII) == 0) {
		text_put(t, s, n);
	} else if (cp < 0x10000) {
		put_escape(t, cp);
	} else {
		put_escape(t, 0xd800 + ((cp - 0x10000) >> 10));
		put_escape(t, 0xdc00 + ((cp - 0x10000) & 0x3ff));
	}
	return n;
}

/* One ASCII byte that a JSON string cannot hold as it is. */
static void
put_special(struct text *t, char c)
{
	static const char special[] = "\"\\\n\r\t", name[] = "\"\\nrt";
	const char *at = strchr(special, c);

	if (at == NULL) {
		put_escape(t, (unsigned char)c);
		return;
	}
	text_char(t, '\\');
	text_char(t, name[at - special]);
}

/* The inside of a JSON string, plain stretches copied whole. */
static void
put_quoted(struct text *t, const char *s, size_t n)
{
	size_t from = 0, i = 0;

	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			i++;
			continue;
		}
		text_put(t, s + from, i - from);
		if (c >= 0x80)
			i += put_wide(t, s + i);
		else
			put_special(t, s[i++]);
		from = i;
	}
	text_put(t, s + from, i - from);
}

void
json_key(struct text *t, const char *key)
{
	char last = t->n > 0 ? t->p[t->n - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		text_char(t, ',');
	if (key == NULL)
		return;
	text_char(t, '"');
	text_puts(t, key);
	text_put(t, "\":", 2);
}

void
json_open(struct text *t, const char *key, char bracket)
{
	json_key(t, key);
	text_char(t, bracket);
}

void
json_close(struct text *t, char bracket)
{
	text_char(t, bracket);
}

void
json_raw(struct text *t, const char *key, const char *json)
{
	json_key(t, key);
	text_puts(t, json);
}

void
json_nothing(struct text *t, const char *key)
{
	json_raw(t, key, "null");
}

void
json_strn(struct text *t, const char *key, const char *value, size_t n)
{
	json_key(t, key);
	text_char(t, '"');
	put_quoted(t, value, n);
	text_char(t, '"');
}

void
json_str(struct text *t, const char *key, const char *value)
{
	if (value == NULL)
		json_nothing(t, key);
	else
		json_strn(t, key, value, strlen(value));
}

void
json_int(struct text *t, const char *key, int64_t value)
{
	json_key(t, key);
	text_int(t, value);
}

void
json_bool(struct text *t, const char *key, bool value)
{
	json_raw(t, key, value ? "true" : "false");
}

void
json_decimal(struct text *t, const char *key, int64_t value, unsigned places)
{
	json_key(t, key);
	text_decimal(t, value, places);
}
