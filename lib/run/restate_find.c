/*
 * What the database is asked about rows that are to be told: how their days
 * were stated last, what their lines were, which sources brought the change.
 */
#include <stdlib.h>

#include "call/event.h"
#include "embedded.h"
#include "run/restate_inner.h"

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

bool
restate_days(struct restate *r, struct err *err)
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

const struct day_statement *
restate_day(const struct restate *r, const struct stated_row *row)
{
	char day[DAY_BYTES];

	rowid_day(row->id, day);
	return r->days == 0 ? NULL : bsearch(day, r->day, r->days,
	    sizeof(*r->day), day_order);
}

/* -- what was -- */

/* The line of a row as it was stated; {NULL,0}: it was not. */
static bool
take_line(struct restate *r, struct restated *v, struct str line,
    struct err *err)
{
	const struct stated_version *before = &v->row.before;
	struct id128 digest;

	if (!before->is_known)
		return true;
	digest = hash_bytes(line.p, line.n);
	if (line.p == NULL || id128_cmp(&digest, &before->digest) != 0)
		return stated_damaged(err, str_of(v->stated->day),
		    before->publication, before->part,
		    "a line is not what its digest tells");
	v->was = arena_str(&r->piece, line);
	return !r->piece.failed || err_nomem(err);
}

bool
restate_lines(struct restate *r, struct restated *v, size_t n, struct err *err)
{
	struct str *day = arena_alloc(&r->piece, n * sizeof(*day));
	int64_t *place[3] = { 0 };
	struct buf array[4] = { 0 };
	struct db_slot slot;
	struct db_rows *rows;
	bool ok = true;

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
	for (size_t i = 0; ok && i < n && i < db_rows_count(rows); i++)
		ok = take_line(r, &v[i], db_get_text(rows, i, 0), err);
	db_rows_free(rows);
	return ok;
}

/* -- which source -- */

/* The row's key column of that name; {NULL,0} when there is none. */
static struct str
key_value(const struct restate *r, const struct stated_row *row,
    const char *name)
{
	struct str key = rowid_key(row->id);

	for (size_t i = 0; i < r->s->keys; i++) {
		struct str value = rowid_next_value(&key);

		if (str_eq(restate_key_name(r, i), str_of(name)))
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

bool
restate_sources(struct restate *r, struct restated *v, size_t n, struct err *err)
{
	bool calls = key_value(r, &v->row, "provider").p != NULL &&
	    key_value(r, &v->row, "call_id").p != NULL;

	return calls ? find_call_sources(r, v, n, err) :
	    find_group_sources(r, v, n, err);
}

/* -- what wrote -- */

bool
restate_commands(struct restate *r, int64_t since_us, struct err *err)
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
