#include "run/restate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "call/event.h"
#include "embedded.h"
#include "io/csvline.h"

/* Each batch looks through all calls that changed; its lines are asked for by pieces. */
enum { BATCH_ROWS = 8192, PIECE_ROWS = 256 };

/* How a day was stated last. */
struct day_statement {
	char day[DAY_BYTES];
	int64_t at_us;
	struct str at;		/* local, cut to the second */
	struct str columns;	/* the header */
};

/* A row that is to be told, and what is found out of it. */
struct restated {
	struct stated_row row;	/* its id is in the batch */
	const struct day_statement *stated;
	struct str was;		/* its line; {NULL,0}: it came */
	struct str source;
	size_t sources;
};

struct restate {
	struct db *db;
	struct csvout out;
	uint64_t rows;
	struct statement *s;	/* the one at hand */
	struct day_statement *day;
	size_t days;
	struct arena arena;	/* of one statement */
	struct arena batch, piece;
	struct restated *row;	/* BATCH_ROWS of them */
	struct csvcells names, was_names, was, is;
	struct str was_header;	/* of which was_names are */
	struct buf line, key, source;
	int64_t commands_since_us;	/* of which the next two are */
	struct buf commands;
	bool has_map;
};

/* -- days -- */

static int
day_order(const void *a, const void *b)
{
	return strcmp(a, ((const struct day_statement *)b)->day);
}

static bool
take_day(struct restate *r, const struct db_rows *rows, size_t i)
{
	struct day_statement *d = &r->day[r->days++];
	struct str day = db_get_text(rows, i, 0);

	memcpy(d->day, day.p, day.n);
	d->day[day.n] = '\0';
	d->at_us = db_get_time(rows, i, 1);
	d->at = arena_str(&r->arena, db_get_text(rows, i, 2));
	d->columns = arena_str(&r->arena, db_get_text(rows, i, 3));
	return !r->arena.failed;
}

/* Finds how the statement's changed days were stated; those that count, ascending. */
static bool
take_days(struct restate *r, struct err *err)
{
	const struct statement *s = r->s;
	struct str *day = arena_alloc(&r->arena, (s->days + 1) * sizeof(*day));
	struct buf array = BUF_INIT(0);
	struct db_slot slot[2];
	struct db_rows *rows;
	bool ok = true;
	size_t n = 0;

	r->day = arena_alloc(&r->arena, (s->days + 1) * sizeof(*r->day));
	r->days = 0;
	if (r->arena.failed)
		return err_nomem(err);
	for (size_t i = 0; i < s->days; i++)
		if (s->day[i].is_changed && *s->day[i].day != '\0')
			day[n++] = str_of(s->day[i].day);
	rows = db_query(r->db, sql_get_day_statements, (struct db_param[]){
	    db_int8(s->series_id, &slot[0]), db_int8(s->position, &slot[1]),
	    db_text_array(&array, day, n) }, 3, err);
	buf_free(&array);
	if (rows == NULL)
		return false;
	for (size_t i = 0; ok && i < db_rows_count(rows); i++)
		ok = take_day(r, rows, i) || err_nomem(err);
	db_rows_free(rows);
	return ok;
}

static const struct day_statement *
find_day(const struct restate *r, const struct stated_row *row)
{
	char day[DAY_BYTES];

	rowid_day(row->id, day);
	return r->days == 0 ? NULL : bsearch(day, r->day, r->days,
	    sizeof(*r->day), day_order);
}

/* -- what was -- */

static bool
get_lines(struct restate *r, struct restated *v, size_t n, struct err *err)
{
	struct str *day = arena_alloc(&r->piece, n * sizeof(*day));
	int64_t *place[3] = { 0 };
	struct buf array[4] = { 0 };
	struct db_slot slot;
	struct db_rows *rows;

	for (size_t i = 0; i < 3; i++)
		place[i] = arena_alloc(&r->piece, n * sizeof(*place[i]));
	if (r->piece.failed)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		day[i] = str_of(v[i].stated->day);
		place[0][i] = v[i].row.before.publication;
		place[1][i] = v[i].row.before.part;
		place[2][i] = v[i].row.before.place;
	}
	rows = db_query(r->db, sql_get_published_lines, (struct db_param[]){
	    db_int8(r->s->series_id, &slot),
	    db_text_array(&array[0], day, n),
	    db_int8_array(&array[1], place[0], n),
	    db_int8_array(&array[2], place[1], n),
	    db_int8_array(&array[3], place[2], n) }, 5, err);
	for (size_t i = 0; i < 4; i++)
		buf_free(&array[i]);
	if (rows == NULL)
		return false;
	for (size_t i = 0; i < n && i < db_rows_count(rows); i++)
		if (!db_is_null(rows, i, 0))
			v[i].was = arena_str(&r->piece, db_get_text(rows, i, 0));
	db_rows_free(rows);
	return r->piece.failed ? err_nomem(err) : true;
}

/* -- which source -- */

/* The name of the statement's key column i. */
static struct str
key_name(const struct restate *r, size_t i)
{
	return r->names.cell[r->s->key_column[i]].s;
}

/* The row's key column of that name; {NULL,0} when there is none. */
static struct str
key_value(const struct restate *r, const struct stated_row *row,
    const char *name)
{
	struct str key = rowid_key(row->id);

	for (size_t i = 0; i < r->s->keys; i++) {
		struct str value = rowid_next_value(&key);

		if (str_eq(key_name(r, i), str_of(name)))
			return value;
	}
	return (struct str){ NULL, 0 };
}

static bool
take_sources(struct restate *r, struct restated *v, size_t n,
    struct db_rows *rows, struct err *err)
{
	if (rows == NULL)
		return false;
	for (size_t i = 0; i < n && i < db_rows_count(rows); i++) {
		v[i].sources = (size_t)db_get_int(rows, i, 1);
		if (v[i].sources > 0)
			v[i].source = arena_str(&r->batch,
			    db_get_text(rows, i, 0));
	}
	db_rows_free(rows);
	return r->batch.failed ? err_nomem(err) : true;
}

static struct db_param
since_array(struct restate *r, const struct restated *v, size_t n,
    struct buf *array)
{
	int64_t *us = arena_alloc(&r->batch, n * sizeof(*us));

	for (size_t i = 0; us != NULL && i < n; i++)
		us[i] = v[i].stated->at_us;
	return db_time_array(array, us, us != NULL ? n : 0);
}

static bool
find_call_sources(struct restate *r, struct restated *v, size_t n,
    struct err *err)
{
	struct id128 *key = arena_alloc(&r->batch, n * sizeof(*key));
	struct buf array[2] = { 0 };
	struct db_rows *rows;

	if (key == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		key[i] = event_call_key(key_value(r, &v[i].row, "provider"),
		    key_value(r, &v[i].row, "call_id"));
	rows = db_query(r->db, sql_find_call_sources, (struct db_param[]){
	    db_uuid_array(&array[0], key, n),
	    since_array(r, v, n, &array[1]) }, 2, err);
	buf_free(&array[0]);
	buf_free(&array[1]);
	return take_sources(r, v, n, rows, err);
}

static bool
find_group_sources(struct restate *r, struct restated *v, size_t n,
    struct err *err)
{
	static const char *const name[] = {
		"provider", "assistant_id", "campaign_id", "workspace",
	};
	enum { NAMES = sizeof(name) / sizeof(name[0]) };
	struct buf array[NAMES + 2] = { 0 };
	struct db_param p[NAMES + 2];
	struct str *text = arena_alloc(&r->batch, n * sizeof(*text));
	struct db_rows *rows;

	if (text == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		text[i] = str_of(v[i].stated->day);
	p[0] = db_text_array(&array[0], text, n);
	for (size_t k = 0; k < NAMES; k++) {
		for (size_t i = 0; i < n; i++)
			text[i] = key_value(r, &v[i].row, name[k]);
		p[k + 1] = db_text_array(&array[k + 1], text, n);
	}
	p[NAMES + 1] = since_array(r, v, n, &array[NAMES + 1]);
	rows = db_query(r->db, sql_find_group_sources, p, NAMES + 2, err);
	for (size_t k = 0; k < NAMES + 2; k++)
		buf_free(&array[k]);
	return take_sources(r, v, n, rows, err);
}

static bool
find_sources(struct restate *r, struct restated *v, size_t n, struct err *err)
{
	bool calls = key_value(r, &v->row, "provider").p != NULL &&
	    key_value(r, &v->row, "call_id").p != NULL;

	return calls ? find_call_sources(r, v, n, err) :
	    find_group_sources(r, v, n, err);
}

/* Which commands have written since the row was stated. */
static bool
get_commands(struct restate *r, int64_t since_us, struct err *err)
{
	struct db_slot slot;
	struct db_param p = db_time(since_us, &slot);
	struct db_rows *rows;

	if (r->commands_since_us == since_us)
		return true;
	rows = db_query(r->db, sql_get_commands_since, &p, 1, err);
	if (rows == NULL)
		return false;
	buf_reset(&r->commands);
	(void)buf_puts(&r->commands, db_get_text(rows, 0, 0));
	r->has_map = db_get_bool(rows, 0, 1);
	r->commands_since_us = since_us;
	db_rows_free(rows);
	return true;
}

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

/* -- lines -- */

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
		(void)buf_puts(&r->key, key_name(r, i));
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
		if (str_eq(key_name(r, i), column))
			return true;
	return str_eq(column, STR("day"));
}

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
	if (!get_commands(r, v->stated->at_us, err) ||
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

static bool
tell_piece(struct restate *r, struct restated *v, size_t n, struct err *err)
{
	bool ok = get_lines(r, v, n, err);

	for (size_t i = 0; ok && i < n; i++)
		ok = tell(r, &v[i], err);
	arena_reset(&r->piece);
	return ok;
}

static bool
tell_batch(struct restate *r, size_t n, struct err *err)
{
	bool ok = n == 0 || find_sources(r, r->row, n, err);

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
		d = find_day(r, &c->row);
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

	if (!take_days(r, err) ||
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
