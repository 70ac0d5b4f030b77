#include "io/csvout.h"

#include <csv.h>

/* Where a row is put together: in the caller's text, or here until it is whole. */
static struct buf *
target(struct csvout *c)
{
	return c->file != NULL ? &c->row : c->text;
}

static void
put(struct csvout *c, struct str s)
{
	(void)buf_put(target(c), s.p, s.n);
}

void
csvout_open(struct csvout *c, struct atomicfile *file, bool plain)
{
	*c = (struct csvout){ .file = file, .plain = plain };
	if (!plain)
		atomicfile_put(file, "\xef\xbb\xbf", 3);
}

void
csvout_open_text(struct csvout *c, struct buf *text, bool plain)
{
	*c = (struct csvout){ .text = text, .plain = plain };
	if (!plain)
		put(c, STR("\xef\xbb\xbf"));
}

/* Gives the file what there is of a row. */
static void
put_row(struct csvout *c)
{
	c->failed |= c->row.failed;
	atomicfile_put(c->file, c->row.p, c->row.n);
	buf_reset(&c->row);
}

bool
csvout_close(struct csvout *c, struct err *err)
{
	if (c->file != NULL)
		put_row(c);
	buf_free(&c->row);
	return c->failed ? err_nomem(err) : true;
}

struct str
csvout_row(const struct csvout *c)
{
	return buf_str(&c->row);
}

/* Whether a spreadsheet may take s for a formula. */
static bool
is_formula(struct str s)
{
	if (memchr("=+-@\t\r", s.p[0], 6) == NULL)
		return false;
	if (s.p[0] != '+' || s.n == 1)
		return true;
	for (size_t i = 1; i < s.n; i++)	/* "+" and digits: a phone number */
		if (s.p[i] < '0' || s.p[i] > '9')
			return true;
	return false;
}

/* Quotes a text that has no quotes itself, or leaves that to libcsv. */
static size_t
quote(char *to, size_t cap, struct str s)
{
	if (memchr(s.p, '"', s.n) != NULL)
		return csv_write(to, cap, s.p, s.n);
	to[0] = '"';
	memcpy(to + 1, s.p, s.n);
	to[s.n + 1] = '"';
	return s.n + 2;
}

static void
put_text(struct csvout *c, struct str s)
{
	struct buf *b = target(c);
	size_t need = 2 * s.n + 3;	/* all doubled, quotes, guard */
	bool guard;
	char *to;

	if (s.n == 0 || !buf_reserve(b, need))
		return;
	to = b->p + b->n;
	guard = !c->plain && is_formula(s);
	b->n += quote(to + guard, need - guard, s) + guard;
	if (guard) {
		to[0] = '"';
		to[1] = '\'';
		c->is_altered = true;
	}
}

static void
put_cell(struct csvout *c, struct csvcell cell)
{
	if (c->hook != NULL) {
		c->hook->cell(c->hook, &cell);
		c->is_altered = true;
	}
	if (c->row_started)
		put(c, STR(","));
	c->row_started = true;
	if (cell.text)
		put_text(c, cell.s);
	else
		put(c, cell.s);
}

void
csvout_text(struct csvout *c, struct str s)
{
	put_cell(c, (struct csvcell){ s, true });
}

void
csvout_bare(struct csvout *c, struct str s)
{
	put_cell(c, (struct csvcell){ s, false });
}

void
csvout_end_row(struct csvout *c)
{
	put(c, c->plain ? STR("\n") : STR("\r\n"));
	c->row_started = false;
	c->is_altered = false;
	if (c->file != NULL)
		put_row(c);
	if (c->hook != NULL)
		c->hook->end_row(c->hook);
}
