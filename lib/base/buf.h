/*
 * buf: a growing byte buffer with a maximum.
 *
 * Owns its memory; buf_free releases it. When memory or max_bytes runs out,
 * the put is dropped, the function returns false, and buf->failed stays set
 * until buf_reset, so a caller may check once after many puts. The content
 * is not terminated unless buf_cstr is asked for.
 */
#ifndef CALLTALLY_BASE_BUF_H
#define CALLTALLY_BASE_BUF_H

#include "base/str.h"

struct buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max_bytes;	/* 0: none */
	bool failed;
};

#define BUF_INIT(max) { .max_bytes = (max) }

void buf_free(struct buf *);

/* Empties it and keeps the memory. */
void buf_reset(struct buf *);

/* Makes room for n more bytes. */
bool buf_reserve(struct buf *, size_t n);
bool buf_put(struct buf *, const void *, size_t n);
bool buf_putc(struct buf *, char c);
bool buf_puts(struct buf *, struct str s);
bool buf_printf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The content, terminated; "" when there is none or memory ran out. */
const char *buf_cstr(struct buf *);

/* The content as a slice, valid until the next put. */
static inline struct str
buf_str(const struct buf *b)
{
	struct str all = { b->p, b->n };

	return all;
}

#endif
