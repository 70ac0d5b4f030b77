#include "run/restate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "run/restate_inner.h"

/* Each batch looks through all calls that changed; its lines are asked for by pieces. */
enum { BATCH_ROWS = 8192, PIECE_ROWS = 256 };

/* -- a line -- */

/* What brought the change of a cell: names come from lists, which are no source. */
static struct str
source_of(struct restate *r, const struct restated *v, struct str column)
{
	if (r->has_map && str_ends(column, STR("_name")))
		return STR("map");
	if (v->sources == 0)
		return buf_str(&r->commands);
	buf_reset(&r->source);
	(void)buf_puts(&r->source, v->source);
	if (v->sources > 1)
		(void)buf_printf(&r->source, " and %zu more", v->sources - 1);
	return buf_str(&r->source);
}

/* A key's value; quoted when it could be taken for more than that. */
static void
put_key_value(struct buf *out, struct str s)
{
	bool quote = s.n > 0 && (memchr(s.p, ';', s.n) != NULL ||
	    memchr(s.p, '"', s.n) != NULL);

	if (quote)
		(void)buf_putc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			(void)buf_putc(out, '"');
		(void)buf_putc(out, s.p[i]);
	}
	if (quote)
		(void)buf_putc(out, '"');
}

/* "provider=p;assistant_id=a1"; of rows with the same key also their number. */
static struct str
key_text(struct restate *r, const struct stated_row *row)
{
	struct str key = rowid_key(row->id);
	uint32_t number;

	buf_reset(&r->key);
	for (size_t i = 0; i < r->s->keys; i++) {
		if (i > 0)
			(void)buf_putc(&r->key, ';');
		(void)buf_puts(&r->key, restate_key_name(r, i));
		(void)buf_putc(&r->key, '=');
		put_key_value(&r->key, rowid_next_value(&key));
	}
	if ((number = rowid_number(key)) > 0)
		(void)buf_printf(&r->key, "%srow=%u", r->key.n > 0 ? ";" : "",
		    number);
	return buf_str(&r->key);
}

static const struct csvcell no_cell = { .s = { "", 0 } };

static void
put_line(struct restate *r, const struct restated *v, struct str column,
    const struct csvcell *was, const struct csvcell *is)
{
	csvout_text(&r->out, str_of(r->s->report));
	csvout_bare(&r->out, str_of(v->stated->day));
	csvout_text(&r->out, key_text(r, &v->row));
	csvout_text(&r->out, column);
	csvcell_put(&r->out, was);
	csvcell_put(&r->out, is);
	csvout_bare(&r->out, v->stated->at);
	csvout_text(&r->out, source_of(r, v, column));
	csvout_end_row(&r->out);
	r->rows++;
}

static bool
is_key(const struct restate *r, struct str column)
{
	for (size_t i = 0; i < r->s->keys; i++)
		if (str_eq(restate_key_name(r, i), column))
			return true;
	return str_eq(column, STR("day"));
}

/* -- a row -- */

/* The cell of a former line whose column has that name; NULL when there is none. */
static const struct csvcell *
cell_before(const struct restate *r, struct str name)
{
	for (size_t i = 0; i < r->was_names.n && i < r->was.n; i++)
		if (str_eq(r->was_names.cell[i].s, name))
			return &r->was.cell[i];
	return NULL;
}

/* Tells the cells of a row that is there now and was before. */
static void
tell_changed(struct restate *r, const struct restated *v)
{
	for (size_t i = 0; i < r->names.n && i < r->is.n; i++) {
		struct str name = r->names.cell[i].s;
		const struct csvcell *was = cell_before(r, name);
		const struct csvcell *is = &r->is.cell[i];

		if (was != NULL && !is_key(r, name) && !str_eq(was->s, is->s))
			put_line(r, v, name, was, is);
	}
}

/* Tells the cells of a row that came or went. */
static void
tell_whole(struct restate *r, const struct restated *v, bool came)
{
	const struct csvcells *names = came ? &r->names : &r->was_names;
	const struct csvcells *cells = came ? &r->is : &r->was;
	uint64_t before = r->rows;

	for (size_t i = 0; i < names->n && i < cells->n; i++) {
		const struct csvcell *c = &cells->cell[i];

		if (c->s.n > 0 && !is_key(r, names->cell[i].s))
			put_line(r, v, names->cell[i].s, came ? &no_cell : c,
			    came ? c : &no_cell);
	}
	if (r->rows == before)
		put_line(r, v, STR(""), &no_cell, &no_cell);
}

static bool
take_names(struct restate *r, struct str header, struct err *err)
{
	if (r->was_header.p == header.p)
		return true;
	r->was_header = header;
	return csvcells_take(&r->was_names, header, err);
}

static bool
tell(struct restate *r, const struct restated *v, struct err *err)
{
	bool is = v->row.is_there, was = v->was.p != NULL;

	buf_reset(&r->line);
	if (!restate_commands(r, v->stated->at_us, err) ||
	    !take_names(r, v->stated->columns, err) ||
	    (was && !csvcells_take(&r->was, v->was, err)) ||
	    (is && (!statement_line(r->s, &v->row, &r->line, err) ||
	    !csvcells_take(&r->is, buf_str(&r->line), err))))
		return false;
	if (was && is)
		tell_changed(r, v);
	else
		tell_whole(r, v, is);
	return true;
}

/* -- all rows -- */

static bool
tell_piece(struct restate *r, struct restated *v, size_t n, struct err *err)
{
	bool ok = restate_lines(r, v, n, err);

	for (size_t i = 0; ok && i < n; i++)
		ok = tell(r, &v[i], err);
	arena_reset(&r->piece);
	return ok;
}

static bool
tell_batch(struct restate *r, size_t n, struct err *err)
{
	bool ok = n == 0 || restate_sources(r, r->row, n, err);

	for (size_t i = 0; ok && i < n; i += PIECE_ROWS)
		ok = tell_piece(r, r->row + i,
		    n - i < PIECE_ROWS ? n - i : PIECE_ROWS, err);
	arena_reset(&r->batch);
	return ok;
}

/* Takes the next change that counts; false at the end, and on error. */
static bool
take_change(struct restate *r, struct changes *c, struct restated *v,
    struct err *err)
{
	const struct day_statement *d = NULL;

	while (d == NULL && changes_next(c, err))
		d = restate_day(r, &c->row);
	if (d == NULL)
		return false;
	*v = (struct restated){ .row = c->row, .stated = d };
	v->row.id = arena_str(&r->batch, c->row.id);
	return !r->batch.failed || err_nomem(err);
}

static bool
tell_changes(struct restate *r, struct changes *c, struct err *err)
{
	size_t n;

	do {
		for (n = 0; n < BATCH_ROWS &&
		    take_change(r, c, &r->row[n], err); n++)
			;
		if (err->kind != ERR_NONE || !tell_batch(r, n, err))
			return false;
	} while (n == BATCH_ROWS);
	return true;
}

static bool
tell_statement(struct restate *r, struct err *err)
{
	struct changes c;
	bool ok;

	if (!restate_days(r, err) ||
	    !csvcells_take(&r->names, buf_str(&r->s->header), err))
		return false;
	r->was_header = (struct str){ NULL, 0 };
	changes_begin(&c, r->s);
	ok = tell_changes(r, &c, err);
	changes_close(&c);
	return ok;
}

static void
put_header(struct csvout *out)
{
	static const char *const name[] = {
		"report", "day", "key", "column", "was", "is", "published_at",
		"source",
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		csvout_text(out, str_of(name[i]));
	csvout_end_row(out);
}

static bool
tell_all(struct restate *r, struct statement *const *s, size_t n,
    struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		r->s = s[i];
		if (s[i]->series_id != 0 && s[i]->changes > 0 &&
		    !tell_statement(r, err))
			return false;
		arena_reset(&r->arena);
	}
	return true;
}

bool
restate_write(struct db *db, struct statement *const *s, size_t n,
    struct atomicfile *file, bool plain, struct outlet *outlet, uint64_t *rows,
    struct err *err)
{
	struct restate r = { .db = db, .commands_since_us = TIME_NONE };
	bool ok;

	csvout_open(&r.out, file, plain);
	outlet_set(outlet, &r.out);
	put_header(&r.out);
	arena_init(&r.arena, 0);
	arena_init(&r.batch, 0);
	arena_init(&r.piece, 0);
	r.row = calloc(BATCH_ROWS, sizeof(*r.row));
	ok = r.row != NULL ? tell_all(&r, s, n, err) : err_nomem(err);
	if (ok && (r.key.failed || r.source.failed || r.commands.failed))
		ok = err_nomem(err);
	*rows = r.rows;
	free(r.row);
	csvcells_free(&r.names);
	csvcells_free(&r.was_names);
	csvcells_free(&r.was);
	csvcells_free(&r.is);
	buf_free(&r.line);
	buf_free(&r.key);
	buf_free(&r.source);
	buf_free(&r.commands);
	arena_close(&r.arena);
	arena_close(&r.batch);
	arena_close(&r.piece);
	ok = outlet_close(outlet, err) && ok;
	return csvout_close(&r.out, err) && ok;
}
