/*
 * str: text as a borrowed slice.
 *
 * A struct str owns nothing; it lives as long as the bytes that it points to
 * (an arena, a buffer, a literal). It may hold any byte, NUL included, and
 * is not terminated. {NULL, 0} is "no text"; {"", 0} is the empty text.
 */
#ifndef CALLTALLY_BASE_STR_H
#define CALLTALLY_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A slice of a string literal. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* For printf: "%.*s" with STR_ARG(s). */
#define STR_ARG(s) (int)(s).n, (s).n ? (s).p : ""

/* A slice of a C string, which must outlive it. NULL gives no text. */
static inline struct str
str_of(const char *s)
{
	struct str all = { s, s ? strlen(s) : 0 };

	return all;
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Byte order, a shorter text before a longer one that begins with it. */
static inline int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n &&
	    (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && (suffix.n == 0 ||
	    memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* The rest of s from offset n on; n must not be past its end. */
static inline struct str
str_from(struct str s, size_t n)
{
	struct str rest = { s.p + n, s.n - n };

	return rest;
}

/* Equal when ASCII letters are compared without case. */
bool str_eq_nocase(struct str a, struct str b);

/* How many bytes of s are whole, valid UTF-8, from its start on. */
size_t str_utf8_bytes(struct str s);

/* s without white space (JSON's four and VT, FF) at both ends. */
struct str str_trim(struct str s);

#endif
