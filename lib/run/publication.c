#include "run/publication.h"

#include <limits.h>
#include <stdlib.h>

#include "base/clock.h"
#include "embedded.h"
#include "run/paths.h"

/* The writer's key but for its last byte: "calltalp". */
#define PUBLISH_LOCK_KEY INT64_C(0x63616c6c74616c70)
#define PUBLISH_WAIT "600s"

/*
 * A part's lines are what a page of 8 KiB holds; a line that is longer is a
 * part of its own, which the server stores aside. An element of an array has
 * a head of 4 bytes and begins at a multiple of 4.
 */
enum { PART_ROWS = 64, PART_BYTES = 7900, ELEMENT_BYTES = 7 };

static bool
get_rights(struct publication *p, struct db *db, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_get_publish_rights, NULL, 0, err);

	if (rows == NULL)
		return false;
	p->may_read = db_get_bool(rows, 0, 0);
	p->may_write = p->may_read && db_get_bool(rows, 0, 1);
	db_rows_free(rows);
	return true;
}

/* Takes the lock, which outlives the transaction that it is taken in. */
static bool
lock(struct db *db, struct err *err)
{
	struct db_param wait = db_text(STR(PUBLISH_WAIT));
	struct db_slot slot;
	struct db_param key = db_int8(PUBLISH_LOCK_KEY, &slot);

	if (!db_begin(db, err))
		return false;
	if (db_run(db, sql_set_lock_timeout, &wait, 1, NULL, err) &&
	    db_run(db, sql_lock_publications, &key, 1, NULL, err) &&
	    db_commit(db, err))
		return db_guard(db, PUBLISH_LOCK_KEY, err);
	db_rollback(db);
	return err->kind != ERR_AGAIN ? false :
	    err_add(err, "another export is publishing");
}

/* A publication that was cut off: stated when its folder's manifest names it. */
static bool
settle(struct db *db, const struct db_rows *rows, size_t i, struct err *err)
{
	struct id128 id = db_get_uuid(rows, i, 1);
	struct db_slot slot;
	struct db_param p = db_int8(db_get_int(rows, i, 0), &slot);
	struct str folder = db_get_text(rows, i, 2);

	return db_run(db, export_manifest_names(folder, &id) ?
	    sql_confirm_publication : sql_remove_publication, &p, 1, NULL, err);
}

static bool
settle_pending(struct db *db, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_list_pending_publications, NULL,
	    0, err);
	bool ok = rows != NULL;

	for (size_t i = 0; ok && i < db_rows_count(rows); i++)
		ok = settle(db, rows, i, err);
	db_rows_free(rows);
	return ok;
}

bool
publication_open(struct publication *p, struct db *db, struct err *err)
{
	struct db_rows *rows;

	*p = (struct publication){ 0 };
	if (!get_rights(p, db, err))
		return false;
	if (p->may_write && (!lock(db, err) || !settle_pending(db, err)))
		return false;
	p->at_us = clock_now_us();
	if (!p->may_read)
		return true;
	rows = db_query(db, sql_get_publication_position, NULL, 0, err);
	if (rows == NULL)
		return false;
	p->position = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	return true;
}

static bool
add_publication(struct publication *p, struct db *db,
    const struct export_options *o, const char *zone,
    const struct ledger_position *l, struct err *err)
{
	char real[PATH_MAX];
	const char *folder = realpath(o->out, real) != NULL ? real : o->out;
	struct db_slot slot[7];
	struct db_param param[] = {
		db_int8(p->number, &slot[0]), db_uuid(&p->id),
		db_time(p->at_us, &slot[1]), db_text(str_of(zone)),
		db_text(str_of(o->from != NULL ? o->from : "")),
		db_text(str_of(o->to != NULL ? o->to : "")),
		db_bool(o->plain, &slot[2]), db_bool(o->changed_only, &slot[3]),
		db_text(str_of(folder)),
		l->has_run ? db_text(str_of(l->run_id)) : db_null(),
		db_int8(l->sources, &slot[4]), db_int8(l->lines, &slot[5]),
		db_int8(l->events, &slot[6]),
		db_text(str_of(phones_name[o->phones])),
	};

	return path_may_be_recorded(o->out, folder, err) &&
	    db_run(db, sql_add_publication, param, 14, NULL, err);
}

/* The series of a report that was not published before. */
static bool
add_series(struct statement *s, struct db *db, struct err *err)
{
	struct db_param p[] = {
		db_text(str_of(s->report)), db_text(str_of(s->zone)),
		db_text(str_of(buf_cstr(&s->key_names))),
	};
	struct db_rows *rows;

	if (s->series_id != 0)
		return true;
	if ((rows = db_query(db, sql_add_series, p, 3, err)) == NULL)
		return false;
	s->series_id = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	return true;
}

static bool
next_place(void *places, int64_t *place, struct err *err)
{
	return places_next(places, place, err) || (err->kind == ERR_NONE &&
	    err_fail(err, "rows of a report have no place"));
}

/* Puts the places of the file's rows where they are not in the order of their ids. */
static bool
put_order(struct copy_in *in, struct statement *s, struct err *err)
{
	struct places places;
	bool ok;

	if (statement_is_ordered(s)) {
		copy_in_null(in);
		return true;
	}
	ok = places_begin(&places, s, err) && copy_in_int8_list(in,
	    statement_rows(s), next_place, &places, err);
	places_close(&places);
	return ok;
}

struct id128
publication_digest(const struct id128 *sum, struct str columns, bool plain,
    enum phones phones)
{
	struct id128 header = hash_bytes(columns.p, columns.n);
	struct id128 looks = hash_bytes(phones_name[phones],
	    strlen(phones_name[phones]));

	header = hash_join(sum, &header);
	looks.b[0] ^= plain;
	return hash_join(&header, &looks);
}

static bool
put_report(struct copy_in *in, const struct publication *p,
    const struct export_options *o, struct statement *s, struct err *err)
{
	struct id128 digest = publication_digest(&s->sum,
	    buf_str(&s->header), o->plain, o->phones);

	if (!copy_in_row(in, 6, err))
		return false;
	copy_in_int8(in, s->series_id);
	copy_in_int8(in, p->number);
	copy_in_int8(in, (int64_t)statement_rows(s));
	copy_in_text(in, buf_str(&s->header));
	if (!put_order(in, s, err))
		return false;
	copy_in_uuid(in, &digest);
	return true;
}

/* The report's file. */
static bool
put_file(const struct publication *p, struct db *db,
    const struct export_options *o, struct statement *s, struct err *err)
{
	struct copy_in in;
	bool ok = copy_in_begin(&in, db, sql_copy_published_reports, err) &&
	    put_report(&in, p, o, s, err) && copy_in_end(&in, err);

	if (!ok)
		copy_in_abort(&in);
	return ok;
}

/* A part of a day's changes, as a row of the record holds it. */
struct part {
	struct statement *s;
	struct changes in;	/* its row is the first one of the next part */
	bool has_row;
	char day[DAY_BYTES];
	int64_t no;		/* 0, 1, 2 of the day; -1: there was none yet */
	bool wants_lines;
	struct arena arena;
	struct stated_row row[PART_ROWS];	/* ids are in the arena, */
	struct str line[PART_ROWS];	/* and these: {NULL,0}: the row went */
	size_t n;
};

/* Takes the change at hand into the part. */
static bool
take_row(struct part *p, struct err *err)
{
	const struct stated_row *r = &p->in.row;
	struct str line;

	p->row[p->n] = *r;
	p->row[p->n].id = arena_str(&p->arena, r->id);
	p->line[p->n] = (struct str){ NULL, 0 };
	if (p->wants_lines && r->is_there) {
		p->in.in.at = r->at;
		if (!spool_take(&p->in.in, r->bytes, &line, err))
			return false;
		p->line[p->n] = arena_str(&p->arena, line);
	}
	p->n++;
	if (p->arena.failed)
		return err_nomem(err);
	p->has_row = changes_next(&p->in, err);
	return err->kind == ERR_NONE;
}

/* Whether the change at hand is still of the part's day, and has room. */
static bool
belongs(const struct part *p, size_t bytes)
{
	char day[DAY_BYTES];

	if (!p->has_row || p->n == PART_ROWS ||
	    (p->n > 0 && bytes + p->in.row.bytes + ELEMENT_BYTES > PART_BYTES))
		return false;
	rowid_day(p->in.row.id, day);
	return strcmp(p->day, day) == 0;
}

/* Moves on to the next part of the statement; n is 0 behind the last. */
static bool
next_part(struct part *p, struct err *err)
{
	char day[DAY_BYTES];
	size_t bytes = 0;

	arena_reset(&p->arena);
	p->n = 0;
	if (!p->has_row)
		return true;
	rowid_day(p->in.row.id, day);
	p->no = p->no >= 0 && strcmp(p->day, day) == 0 ? p->no + 1 : 0;
	memcpy(p->day, day, sizeof(day));
	while (belongs(p, bytes)) {
		bytes += p->in.row.bytes + ELEMENT_BYTES;
		if (!take_row(p, err))
			return false;
	}
	return true;
}

static bool
put_place(struct copy_in *in, const struct publication *p,
    const struct part *part, int columns, struct err *err)
{
	if (!copy_in_row(in, columns, err))
		return false;
	copy_in_int8(in, part->s->series_id);
	copy_in_day(in, part->day);
	copy_in_int8(in, p->number);
	copy_in_int8(in, part->no);
	return true;
}

/* Puts the part's keys and digests; that of a row that went is NULL. */
static bool
put_keys(struct copy_in *in, const struct publication *p,
    const struct part *part, struct err *err)
{
	struct str key[PART_ROWS];
	const struct id128 *digest[PART_ROWS];

	for (size_t i = 0; i < part->n; i++) {
		const struct stated_row *r = &part->row[i];

		key[i] = rowid_key(r->id);
		digest[i] = r->is_there ? &r->digest : NULL;
	}
	if (!put_place(in, p, part, 6, err))
		return false;
	copy_in_text_array(in, key, part->n);
	copy_in_uuid_array(in, digest, part->n);
	return true;
}

static bool
put_lines(struct copy_in *in, const struct publication *p,
    const struct part *part, struct err *err)
{
	if (!put_place(in, p, part, 5, err))
		return false;
	copy_in_text_array(in, part->line, part->n);
	return true;
}

typedef bool put_part(struct copy_in *, const struct publication *,
    const struct part *, struct err *);

/* Copies something of a statement's parts into a table. */
static bool
put_parts(struct part *part, const struct publication *p, struct copy_in *in,
    put_part *put, struct err *err)
{
	bool ok;

	changes_begin(&part->in, part->s);
	part->no = -1;
	part->has_row = changes_next(&part->in, err);
	ok = err->kind == ERR_NONE;
	while (ok && (ok = next_part(part, err)) && part->n > 0)
		ok = put(in, p, part, err);
	changes_close(&part->in);
	return ok;
}

static bool
put_table(const struct publication *p, struct db *db, const char *sql,
    put_part *put, struct statement *s, struct err *err)
{
	struct part part = { .s = s, .wants_lines = put == put_lines };
	struct copy_in in;
	bool ok;

	arena_init(&part.arena, 0);
	ok = copy_in_begin(&in, db, sql, err) &&
	    put_parts(&part, p, &in, put, err) && copy_in_end(&in, err);
	if (!ok)
		copy_in_abort(&in);
	arena_close(&part.arena);
	return ok;
}

static bool
add(const struct publication *p, struct db *db,
    const struct export_options *o, struct statement *s, struct err *err)
{
	return add_series(s, db, err) && put_file(p, db, o, s, err) &&
	    (s->changes == 0 ||
	    (put_table(p, db, sql_copy_published, put_keys, s, err) &&
	    put_table(p, db, sql_copy_published_lines, put_lines, s, err)));
}

/* What has failed leaves nothing behind. */
static bool
give_up(struct publication *p, struct db *db, struct err *err)
{
	if (p->is_open)
		db_rollback(db);
	p->is_open = false;
	return err_add(err, "recording what is published");
}

/* Begins the transaction with its tables; is_open is false when they are not to be had now. */
static bool
take_tables(struct publication *p, struct db *db, bool wait, struct err *err)
{
	if (!(p->is_open = db_begin(db, err)))
		return false;
	return wait ? db_exec(db, sql_lock_publishing, err) :
	    db_lock_now(db, sql_lock_publishing, &p->is_open, err);
}

bool
publication_begin(struct publication *p, struct db *db,
    const struct export_options *o, const char *zone,
    const struct ledger_position *l, bool wait, struct err *err)
{
	if (p->is_open)
		return true;
	if (!id128_random(&p->id, err))
		return false;
	if (!take_tables(p, db, wait, err))
		return give_up(p, db, err);
	if (!p->is_open)
		return true;
	p->number = p->position + 1;
	return add_publication(p, db, o, zone, l, err) ||
	    give_up(p, db, err);
}

bool
publication_add(struct publication *p, struct db *db,
    const struct export_options *o, struct statement *s, struct err *err)
{
	return add(p, db, o, s, err) || give_up(p, db, err);
}

bool
publication_commit(struct publication *p, struct db *db, struct err *err)
{
	if (!p->is_open)
		return true;
	if (!db_commit(db, err))
		return give_up(p, db, err);
	p->is_open = false;
	return true;
}

bool
publication_confirm(const struct publication *p, struct db *db,
    struct err *err)
{
	struct db_slot slot;
	struct db_param number = db_int8(p->number, &slot);

	if (p->number == 0 || db_run(db, sql_confirm_publication, &number, 1,
	    NULL, err))
		return true;
	return err_add(err, "the files are written, and the next export will "
	    "settle that they are published");
}
