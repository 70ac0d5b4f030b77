#include "io/csvout.h"

#include <csv.h>
#include <stdlib.h>

static void
put(struct csvout *c, struct str s)
{
	if (c->file != NULL)
		atomicfile_put(c->file, s.p, s.n);
	else
		(void)buf_put(c->text, s.p, s.n);
}

void
csvout_open(struct csvout *c, struct atomicfile *file, bool plain)
{
	*c = (struct csvout){ .file = file, .plain = plain };
	if (!plain)
		put(c, STR("\xef\xbb\xbf"));
}

void
csvout_open_text(struct csvout *c, struct buf *text, bool plain)
{
	*c = (struct csvout){ .text = text, .plain = plain };
	if (!plain)
		put(c, STR("\xef\xbb\xbf"));
}

bool
csvout_close(struct csvout *c, struct err *err)
{
	free(c->cell);
	c->cell = NULL;
	c->cell_cap = 0;
	return c->failed ? err_nomem(err) : true;
}

static void
begin_cell(struct csvout *c)
{
	if (c->row_started)
		put(c, STR(","));
	c->row_started = true;
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

static void
put_text(struct csvout *c, struct str s)
{
	size_t need = 2 * s.n + 3, n;	/* all doubled, quotes, guard */
	bool guard;

	if (s.n == 0)
		return;
	if (c->cell_cap < need) {
		char *p = realloc(c->cell, 2 * need);

		if (p == NULL) {
			c->failed = true;
			return;
		}
		c->cell = p;
		c->cell_cap = 2 * need;
	}
	guard = !c->plain && is_formula(s);
	n = csv_write(c->cell + guard, c->cell_cap - guard, s.p, s.n);
	if (guard) {
		c->cell[0] = '"';
		c->cell[1] = '\'';
	}
	put(c, (struct str){ c->cell, n + guard });
}

static void
put_cell(struct csvout *c, struct csvcell cell)
{
	if (c->hook != NULL)
		c->hook->cell(c->hook, &cell);
	begin_cell(c);
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
	if (c->hook != NULL)
		c->hook->end_row(c->hook);
}
