#include "io/csvline.h"

#include <stdlib.h>

enum { FIRST_CELLS = 64 };

/* The length of the quoted cell at s, with both quotes. */
static size_t
quoted_bytes(struct str s, bool *doubled)
{
	size_t i = 1;

	*doubled = false;
	for (; i < s.n; i++) {
		if (s.p[i] != '"')
			continue;
		if (i + 1 == s.n || s.p[i + 1] != '"')
			return i + 1;
		*doubled = true;
		i++;
	}
	return s.n;
}

static struct str
undouble(struct str s, size_t rest, struct buf *scratch)
{
	size_t begin;

	/* Room for all that may follow: cells must not move while they are borrowed. */
	if (!buf_reserve(scratch, rest))
		return (struct str){ s.p, 0 };
	begin = scratch->n;
	for (size_t i = 0; i < s.n; i++) {
		(void)buf_putc(scratch, s.p[i]);
		i += s.p[i] == '"';
	}
	return (struct str){ scratch->p + begin, scratch->n - begin };
}

static size_t
bare_bytes(struct str s)
{
	const char *comma = s.n > 0 ? memchr(s.p, ',', s.n) : NULL;

	return comma != NULL ? (size_t)(comma - s.p) : s.n;
}

bool
csvline_next(struct str *rest, struct csvcell *cell, struct buf *scratch)
{
	struct str s = *rest;
	bool doubled = false;
	size_t n;

	if (s.p == NULL)
		return false;
	cell->text = s.n > 0 && s.p[0] == '"';
	n = cell->text ? quoted_bytes(s, &doubled) : bare_bytes(s);
	cell->s = cell->text ? (struct str){ s.p + 1, n - 2 } :
	    (struct str){ s.p, n };
	if (doubled)
		cell->s = undouble(cell->s, s.n, scratch);
	*rest = n < s.n ? str_from(s, n + 1) : (struct str){ NULL, 0 };
	return true;
}

static bool
add_cell(struct csvcells *c, const struct csvcell *cell)
{
	if (c->n == c->cap) {
		size_t cap = c->cap == 0 ? FIRST_CELLS : 2 * c->cap;
		struct csvcell *grown = realloc(c->cell, cap * sizeof(*grown));

		if (grown == NULL)
			return false;
		c->cell = grown;
		c->cap = cap;
	}
	c->cell[c->n++] = *cell;
	return true;
}

bool
csvcells_take(struct csvcells *c, struct str line, struct err *err)
{
	struct csvcell cell;

	buf_reset(&c->scratch);
	c->n = 0;
	while (csvline_next(&line, &cell, &c->scratch))
		if (!add_cell(c, &cell))
			return err_nomem(err);
	return !c->scratch.failed || err_nomem(err);
}

void
csvcells_free(struct csvcells *c)
{
	free(c->cell);
	buf_free(&c->scratch);
	*c = (struct csvcells){ .n = 0 };
}

void
csvline_put(struct csvout *out, struct str line, struct buf *scratch)
{
	struct csvcell cell;

	buf_reset(scratch);
	while (csvline_next(&line, &cell, scratch))
		csvcell_put(out, &cell);
	csvout_end_row(out);
}
