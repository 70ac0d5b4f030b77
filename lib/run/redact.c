#include "run/redact.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/quote.h"

void
redactor_init(struct redactor *r)
{
	*r = (struct redactor){ 0 };
}

void
redactor_free(struct redactor *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->needle[i].p != NULL)
			explicit_bzero(r->needle[i].p, r->needle[i].cap);
		buf_free(&r->needle[i]);
	}
	free(r->needle);
	redactor_init(r);
}

/* Takes a needle over; one that is there already is dropped. */
static bool
add(struct redactor *r, struct buf *b)
{
	struct buf *grown;
	bool known = b->failed;

	for (size_t i = 0; i < r->n && !known; i++)
		known = str_eq(buf_str(&r->needle[i]), buf_str(b));
	if (known || (grown = realloc(r->needle, (r->n + 1) *
	    sizeof(*grown))) == NULL) {
		bool ok = known && !b->failed;

		if (b->p != NULL)
			explicit_bzero(b->p, b->cap);
		buf_free(b);
		return ok;
	}
	r->needle = grown;
	r->needle[r->n++] = *b;
	return true;
}

static void
put_html(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&': buf_puts(b, STR("&amp;")); break;
		case '<': buf_puts(b, STR("&lt;")); break;
		case '>': buf_puts(b, STR("&gt;")); break;
		case '"': buf_puts(b, STR("&quot;")); break;
		case '\'': buf_puts(b, STR("&#39;")); break;
		default: buf_putc(b, s.p[i]);
		}
}

/* As some JSON writers do it: "/" escaped, and all beyond ASCII left alone. */
static void
put_json_slashes(struct buf *b, struct str s)
{
	struct buf plain = BUF_INIT(0);

	quote_json(&plain, s);
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '/')
			buf_putc(b, '\\');
		buf_putc(b, plain.p[i]);
	}
	if (plain.p != NULL)
		explicit_bzero(plain.p, plain.cap);
	buf_free(&plain);
}

static void
lower_escapes(struct buf *b)
{
	for (size_t i = 0; i + 2 < b->n; i++)
		if (b->p[i] == '%') {
			b->p[i + 1] = (char)tolower((unsigned char)b->p[i + 1]);
			b->p[i + 2] = (char)tolower((unsigned char)b->p[i + 2]);
		}
}

bool
redactor_add(struct redactor *r, struct str secret)
{
	enum { FORMS = 6 };
	struct buf form[FORMS] = { 0 };
	bool ok = true;

	if (secret.n < REDACT_MIN_BYTES)
		return true;
	buf_puts(&form[0], secret);
	quote_json(&form[1], secret);
	put_json_slashes(&form[2], secret);
	quote_url(&form[3], secret);
	quote_url(&form[4], secret);
	lower_escapes(&form[4]);
	put_html(&form[5], secret);
	for (int i = 0; i < FORMS; i++)
		ok = add(r, &form[i]) && ok;
	return ok;
}

/* The first needle that text has at or behind p; its place in *at. */
static const struct buf *
first(const struct redactor *r, struct str text, size_t *at)
{
	const struct buf *best = NULL;

	for (size_t i = 0; i < r->n; i++) {
		const struct buf *b = &r->needle[i];
		const char *p = memmem(text.p, text.n, b->p, b->n);

		if (p == NULL)
			continue;
		if (best == NULL || (size_t)(p - text.p) < *at ||
		    ((size_t)(p - text.p) == *at && b->n > best->n)) {
			best = b;
			*at = (size_t)(p - text.p);
		}
	}
	return best;
}

bool
redactor_finds(const struct redactor *r, struct str text)
{
	size_t at;

	return text.n > 0 && first(r, text, &at) != NULL;
}

bool
redact(const struct redactor *r, struct buf *out, struct str text)
{
	const struct buf *b;
	size_t at;

	while (text.n > 0 && (b = first(r, text, &at)) != NULL) {
		buf_put(out, text.p, at);
		buf_puts(out, STR("***"));
		text = str_from(text, at + b->n);
	}
	return buf_puts(out, text);
}
