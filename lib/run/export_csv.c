#include "run/export_csv.h"

#include <stdlib.h>

#include "db/copy.h"
#include "io/csvout.h"

enum { FLOAT_TEXT_BYTES = 512 };	/* 1e308 and 5e-324 have some 330 characters */

enum cell {
	CELL_TEXT,
	CELL_BARE,	/* as PostgreSQL writes it */
	CELL_FLOAT,
	CELL_BOOL,
	CELL_TIME,
};

/* How cells of a type look, by its number in PostgreSQL's catalogue. */
static enum cell
cell_of(unsigned oid)
{
	switch (oid) {
	case 16:	/* boolean */
		return CELL_BOOL;
	case 20:	/* bigint */
	case 21:	/* smallint */
	case 23:	/* integer */
	case 26:	/* oid */
	case 1082:	/* date */
	case 1700:	/* numeric */
		return CELL_BARE;
	case 700:	/* real */
	case 701:	/* double precision */
		return CELL_FLOAT;
	case 1114:	/* timestamp */
	case 1184:	/* timestamptz */
		return CELL_TIME;
	default:
		return CELL_TEXT;
	}
}

/* "2026-03-01 09:30:00.5+05:30" without what is behind the seconds. */
static struct str
cut_time(struct str s)
{
	const char *blank = memchr(s.p, ' ', s.n);
	size_t n;

	if (blank == NULL)
		return s;
	n = (size_t)(blank - s.p) + 1;
	while (n < s.n && (s.p[n] == ':' || (s.p[n] >= '0' && s.p[n] <= '9')))
		n++;
	return (struct str){ s.p, n };
}

/* The digits of a number "-1.5e-07" and where its point stands among them. */
struct digits {
	char p[32];
	long n, point;
};

/* False when s is not of that form: it has no exponent, or too many digits. */
static bool
take_digits(struct str s, struct digits *d)
{
	size_t i = 0;

	*d = (struct digits){ .point = -1 };
	for (; i < s.n && s.p[i] != 'e'; i++) {
		if (s.p[i] == '.')
			d->point = d->n;
		else if (d->n == sizeof(d->p))
			return false;
		else
			d->p[d->n++] = s.p[i];
	}
	if (d->point < 0)
		d->point = d->n;
	if (i == s.n)
		return false;
	d->point += strtol(s.p + i + 1, NULL, 10);
	return labs(d->point) < FLOAT_TEXT_BYTES - 64;
}

/* A number without exponent; s itself when it has none. */
static struct str
plain_float(struct str s, char out[FLOAT_TEXT_BYTES])
{
	bool minus = s.n > 0 && s.p[0] == '-';
	struct digits d;
	size_t n = 0;

	if (!take_digits(str_from(s, minus), &d))
		return s;
	if (minus)
		out[n++] = '-';
	for (long i = d.point < 1 ? d.point - 1 : 0;
	    i < d.n || i < d.point; i++) {
		if (i == d.point)
			out[n++] = '.';
		out[n++] = i >= 0 && i < d.n ? d.p[i] : '0';
	}
	return (struct str){ out, n };
}

/* A bare cell; what is no number after all (NaN, infinity) is text. */
static void
put_bare(struct csvout *out, struct str s)
{
	if (s.n > 0 && (s.p[s.n - 1] < '0' || s.p[s.n - 1] > '9'))
		csvout_text(out, s);
	else
		csvout_bare(out, s);
}

static void
put_cell(struct csvout *out, enum cell cell, struct str s)
{
	char text[FLOAT_TEXT_BYTES];

	if (s.n == 0 || cell == CELL_TEXT)
		csvout_text(out, s);
	else if (cell == CELL_BOOL)
		csvout_bare(out, s.p[0] == 't' ? STR("true") : STR("false"));
	else if (cell == CELL_TIME)
		put_bare(out, cut_time(s));
	else if (cell == CELL_FLOAT)
		put_bare(out, plain_float(s, text));
	else
		put_bare(out, s);
}

static void
put_header(struct csvout *out, const struct copy_out *in)
{
	for (int i = 0; i < in->columns; i++)
		csvout_text(out, str_of(in->column[i].name));
	csvout_end_row(out);
}

static bool
put_rows(struct csvout *out, struct copy_out *in, uint64_t *rows,
    struct err *err)
{
	enum cell *cell = calloc((size_t)in->columns, sizeof(*cell));
	bool ok, end = false;

	if (cell == NULL)
		return err_nomem(err);
	for (int i = 0; i < in->columns; i++)
		cell[i] = cell_of(in->column[i].oid);
	while ((ok = copy_out_next(in, &end, err)) && !end) {
		for (int i = 0; i < in->columns; i++)
			put_cell(out, cell[i], in->cell[i]);
		csvout_end_row(out);
		++*rows;
	}
	free(cell);
	return ok;
}

bool
export_csv(struct db *db, const char *sql, struct atomicfile *file, bool plain,
    uint64_t *rows, struct err *err)
{
	struct csvout out;
	struct copy_out in;
	bool ok;

	*rows = 0;
	csvout_open(&out, file, plain);
	ok = copy_out_begin(&in, db, sql, err);
	if (ok) {
		put_header(&out, &in);
		ok = put_rows(&out, &in, rows, err);
	}
	copy_out_close(&in);
	return csvout_close(&out, err) && ok;
}
