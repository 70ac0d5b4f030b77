#include "run/export_csv.h"

#include <stdlib.h>

#include "db/copy.h"
#include "io/csvline.h"

enum {
	FLOAT_TEXT_BYTES = 512,	/* 1e308 and 5e-324 have some 330 characters */
	TELL_ROWS = 256,	/* the progress is moved by so many */
};

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

bool
export_is_text(unsigned oid)
{
	return cell_of(oid) == CELL_TEXT;
}

static void
put_header(struct csvout *out, const struct copy_out *in)
{
	for (int i = 0; i < in->columns; i++)
		csvout_text(out, str_of(in->column[i].name));
	csvout_end_row(out);
}

/* One report on its way: its rows, how they look, and where they go. */
struct flow {
	struct copy_out in;
	enum cell *cell;	/* one a column */
	struct csvout out;
	struct statement *statement;	/* NULL: none */
	struct csvout line_out;
	struct buf line;
	uint64_t rows;
	struct progress *progress;	/* NULL: nobody asks */
};

static void
put_row(struct flow *f, struct csvout *out)
{
	for (int i = 0; i < f->in.columns; i++)
		put_cell(out, f->cell[i], f->in.cell[i]);
}

/* The row at hand as a line of plain CSV. */
static struct str
plain_line(struct flow *f)
{
	buf_reset(&f->line);
	f->line_out.row_started = false;
	put_row(f, &f->line_out);
	return buf_str(&f->line);
}

static bool
state_row(struct flow *f, struct str line, struct err *err)
{
	if (f->line.failed)
		return err_nomem(err);
	return statement_row(f->statement, f->in.cell, line, err);
}

/* Writes a row, and tells the statement: mostly its line is what the file gets. */
static bool
take_row(struct flow *f, struct err *err)
{
	put_row(f, &f->out);
	if (f->statement != NULL && !state_row(f, f->out.is_altered ?
	    plain_line(f) : csvout_row(&f->out), err))
		return false;
	csvout_end_row(&f->out);
	if (++f->rows % TELL_ROWS == 0)
		progress_step(f->progress, 0, TELL_ROWS);
	return true;
}

static bool
take_rows(struct flow *f, struct err *err)
{
	bool later = f->statement != NULL && f->statement->changed_only;
	bool ok, end = false;

	while ((ok = copy_out_next(&f->in, &end, err)) && !end)
		if (!(later ? state_row(f, plain_line(f), err) :
		    take_row(f, err)))
			return false;
	progress_step(f->progress, 0, f->rows % TELL_ROWS);
	return ok;
}

/* Writes the rows of changed days, which the statement has kept. */
static bool
put_changed(struct flow *f, struct err *err)
{
	struct buf scratch = BUF_INIT(0);
	struct str line;
	bool ok = true;

	for (; ok && statement_kept(f->statement, &line, err); f->rows++) {
		csvline_put(&f->out, line, &scratch);
		ok = !scratch.failed || err_nomem(err);
	}
	buf_free(&scratch);
	return err->kind == ERR_NONE;
}

static bool
take_cells(struct flow *f, struct err *err)
{
	f->cell = calloc((size_t)f->in.columns, sizeof(*f->cell));
	if (f->cell == NULL)
		return err_nomem(err);
	for (int i = 0; i < f->in.columns; i++)
		f->cell[i] = cell_of(f->in.column[i].oid);
	return true;
}

/* Asks the report for its columns, and the statement what it knows of them. */
static bool
prepare(struct flow *f, struct db *db, const char *sql, struct err *err)
{
	if (!copy_out_describe(&f->in, db, sql, err) || !take_cells(f, err))
		return false;
	if (f->statement == NULL)
		return true;
	csvout_open_text(&f->line_out, &f->line, true);
	return statement_open(f->statement, db, f->in.column, f->in.columns,
	    err);
}

static bool
flow(struct flow *f, struct db *db, const char *sql, bool *made,
    struct err *err)
{
	bool later = f->statement != NULL && f->statement->changed_only;

	if (!prepare(f, db, sql, err))
		return false;
	*made = !later || f->statement->has_day;
	if (f->statement != NULL && !f->statement->has_day)
		f->statement = NULL;
	if (!*made)
		return true;
	if (!copy_out_start(&f->in, sql, err))
		return false;
	put_header(&f->out, &f->in);
	return take_rows(f, err) && (f->statement == NULL ||
	    statement_end(f->statement, err)) && (!later || put_changed(f, err));
}

bool
export_csv(struct db *db, const char *sql, struct atomicfile *file, bool plain,
    struct outlet *outlet, struct statement *statement, uint64_t *rows,
    bool *made, struct err *err)
{
	struct flow f = { .statement = statement,
	    .progress = outlet != NULL ? outlet->progress : NULL };
	struct err line_err = ERR_INIT;
	bool ok;

	csvout_open(&f.out, file, plain);
	outlet_set(outlet, &f.out);
	ok = flow(&f, db, sql, made, err);
	*rows = f.rows;
	copy_out_close(&f.in);
	(void)csvout_close(&f.line_out, &line_err);
	free(f.cell);
	buf_free(&f.line);
	ok = csvout_close(&f.out, err) && ok;
	ok = outlet_close(outlet, err) && ok;
	return ok && (line_err.kind == ERR_NONE || err_nomem(err));
}
