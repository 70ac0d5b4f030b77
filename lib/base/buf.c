#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT(b->max_bytes);
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

bool
buf_reserve(struct buf *b, size_t n)
{
	size_t want, cap;
	char *p;

	if (b->cap - b->n >= n)
		return true;
	want = b->n + n;
	if (want < n || (b->max_bytes != 0 && want > b->max_bytes)) {
		b->failed = true;
		return false;
	}
	cap = b->cap < SIZE_MAX / 2 && b->cap * 2 > want ? b->cap * 2 : want;
	if (cap < 64)
		cap = 64;
	if (b->max_bytes != 0 && cap > b->max_bytes)
		cap = b->max_bytes;
	if ((p = realloc(b->p, cap)) == NULL) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

bool
buf_put(struct buf *b, const void *p, size_t n)
{
	if (!buf_reserve(b, n))
		return false;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	return true;
}

bool
buf_putc(struct buf *b, char c)
{
	return buf_put(b, &c, 1);
}

bool
buf_puts(struct buf *b, struct str s)
{
	return buf_put(b, s.p, s.n);
}

bool
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !buf_reserve(b, (size_t)n + 1)) {
		b->failed = true;
		return false;
	}
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
	return true;
}

const char *
buf_cstr(struct buf *b)
{
	if (!buf_reserve(b, 1))
		return "";
	b->p[b->n] = '\0';
	return b->p;
}
