/*
 * text: a growing text and the JSON that is written into it.
 *
 * Owns its memory; text_free releases it. Without memory the program ends:
 * this is a tool, not a library. Commas are put by looking at the byte
 * before; a key of NULL writes an element of an array.
 */
#ifndef GEN_TEXT_H
#define GEN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How strings are spelt. */
enum {
	SPELL_ASCII = 1,	/* all beyond ASCII as \u escapes */
	SPELL_BROKEN = 2,	/* U+FFFD as the lone surrogate that it came from */
	SPELL_NUL = 4		/* U+FFFD as the NUL that it came from */
};

struct text {
	char *p;
	size_t n;
	size_t cap;
	unsigned spelling;
};

/* Ends the program: prints "gen: " and the message to stderr, exit 1. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void text_free(struct text *);
void text_put(struct text *, const void *, size_t);
void text_puts(struct text *, const char *);
void text_char(struct text *, char);
void text_int(struct text *, int64_t);

/* value / 10^places, without trailing zeros. */
void text_decimal(struct text *, int64_t value, unsigned places);

/* A CSV cell: quoted, empty when s is. No comma is put. */
void text_cell(struct text *, const char *s);

void json_key(struct text *, const char *key);
void json_open(struct text *, const char *key, char bracket);
void json_close(struct text *, char bracket);
void json_raw(struct text *, const char *key, const char *json);
void json_nothing(struct text *, const char *key);
/* NULL gives null. */
void json_str(struct text *, const char *key, const char *value);
void json_strn(struct text *, const char *key, const char *value, size_t n);
void json_int(struct text *, const char *key, int64_t value);
void json_bool(struct text *, const char *key, bool value);
void json_decimal(struct text *, const char *key, int64_t value, unsigned places);

#endif
