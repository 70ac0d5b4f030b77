#include "run/export_asof.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/cursor.h"
#include "embedded.h"
#include "io/csvline.h"
#include "io/sorter.h"
#include "run/export_manifest.h"
#include "run/export_session.h"
#include "run/outlet.h"
#include "run/publication.h"

/* One file of the publication. */
struct past_file {
	struct atomicfile *file;
	char name[128];
	int64_t series_id;
	struct str columns;	/* borrowed from the list */
	int64_t stated_rows;
	bool has_order;
	bool has_digest;
	struct id128 digest;	/* of the whole */
	uint64_t rows;
};

struct past {
	struct db *db;
	const char *folder;	/* that the files go to */
	char zone[ZONE_BYTES];
	int64_t number;
	struct id128 id;
	int64_t at_us;
	bool plain, changed_only;
	enum phones phones_then;
	enum phones phones;	/* as then, or as is asked for now, where that hides more */
	char from[16], to[16];	/* as the database tells them, infinite ones too */
	struct db_rows *list;
	struct past_file *file;
	size_t files;
};

/* The rows of a file on their way: the newest version of each comes last. */
struct past_rows {
	struct csvout out;
	struct buf scratch;
	struct buf id, line;	/* of the version at hand: day and key, and its text */
	bool has_line;		/* else the row had gone */
	uint64_t n;
	struct id128 sum;	/* of the lines so far, in the file's order */
	struct past_order *order;	/* NULL: the file is in that order */
};

/* Lines on their way into the order of a file of its own. */
struct past_order {
	struct cursor places;	/* of the rows in the file, by day and key */
	bool lacking;		/* a row has none */
	struct sorter sorter;
};

/* Of the file as a whole. */
static bool
damaged(const struct past *p, const char *what, struct err *err)
{
	return err_fail(err, "the record of what was published has been "
	    "damaged: publication %lld: %s", (long long)p->number, what);
}

static void
copy_text(char *out, size_t cap, struct str s)
{
	(void)snprintf(out, cap, "%.*s", STR_ARG(s));
}

static bool
take_publication(struct past *p, const struct db_rows *rows, const char *when,
    struct err *err)
{
	char phones[16];

	if (db_rows_count(rows) == 0)
		return err_fail(err, "nothing was published in %s up to %.60s",
		    p->zone, when);
	p->number = db_get_int(rows, 0, 0);
	p->id = db_get_uuid(rows, 0, 1);
	p->at_us = db_get_time(rows, 0, 2);
	p->plain = db_get_bool(rows, 0, 3);
	p->changed_only = db_get_bool(rows, 0, 4);
	copy_text(p->from, sizeof(p->from), db_get_text(rows, 0, 5));
	copy_text(p->to, sizeof(p->to), db_get_text(rows, 0, 6));
	copy_text(phones, sizeof(phones), db_get_text(rows, 0, 7));
	p->phones = p->phones_then = phones_of(phones);
	return true;
}

/* Whether it was the instant that the database could not read. */
static bool
bad_instant(const char *when, const struct err *refused, struct err *err)
{
	if (refused->kind != ERR_FAILED)
		return err_set(err, refused->kind, "%s", refused->text);
	return err_set(err, ERR_USAGE, "--as-of: \"%.60s\" is no time "
	    "(2026-03-01, 2026-03-01 09:30, 2026-03-01T09:30:00Z)", when);
}

static bool
find_publication(struct past *p, const struct export_options *o,
    const char *when, struct err *err)
{
	struct str *name = calloc(o->reports + 1, sizeof(*name));
	struct buf array = BUF_INIT(0);
	struct err refused = ERR_INIT;
	struct db_rows *rows;
	bool ok;

	if (name == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < o->reports; i++)
		name[i] = str_of(o->report[i]);
	rows = db_query(p->db, sql_find_publication_as_of, (struct db_param[]){
	    db_text(str_of(p->zone)), db_text(str_of(when)),
	    db_text_array(&array, name, o->reports) }, 3, &refused);
	free(name);
	buf_free(&array);
	if (rows == NULL)
		return bad_instant(when, &refused, err);
	ok = take_publication(p, rows, when, err);
	if (p->phones < o->phones)
		p->phones = o->phones;
	db_rows_free(rows);
	return ok;
}

static bool
is_wanted(const struct export_options *o, struct str name)
{
	for (size_t i = 0; i < o->reports; i++)
		if (str_eq(str_of(o->report[i]), name))
			return true;
	return o->reports == 0;
}

static bool
open_files(struct past *p, const struct export_options *o, struct err *err)
{
	struct db_slot slot;
	struct db_param number = db_int8(p->number, &slot);
	size_t n;

	p->list = db_query(p->db, sql_list_published_reports, &number, 1, err);
	if (p->list == NULL)
		return false;
	n = db_rows_count(p->list);
	if ((p->file = calloc(n + 1, sizeof(*p->file))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		struct past_file *f = &p->file[p->files];
		struct str name = db_get_text(p->list, i, 1);

		if (!is_wanted(o, name))
			continue;
		f->series_id = db_get_int(p->list, i, 0);
		f->columns = db_get_text(p->list, i, 2);
		f->stated_rows = db_get_int(p->list, i, 3);
		f->has_order = db_get_bool(p->list, i, 4);
		f->has_digest = !db_is_null(p->list, i, 5);
		f->digest = db_get_uuid(p->list, i, 5);
		(void)snprintf(f->name, sizeof(f->name), "%.*s.csv",
		    STR_ARG(name));
		if ((f->file = atomicfile_open(o->out, f->name, err)) == NULL)
			return false;
		p->files++;
	}
	return true;
}

/* The place in the file of the next row by day and key. */
static bool
next_place(struct past_rows *r, uint64_t *no, struct err *err)
{
	struct cursor *c = &r->order->places;

	*no = r->n;
	if (c->ended || db_get_int(c->rows, c->at, 0) != (int64_t)r->n) {
		r->order->lacking = true;
		return true;
	}
	*no = (uint64_t)db_get_int(c->rows, c->at, 1);
	return cursor_next(c, err);
}

/* Lets the line at hand wait for its place. */
static bool
put_aside(struct past_rows *r, struct err *err)
{
	unsigned char key[SORTER_NUMBER_BYTES];
	uint64_t no = 0;

	return next_place(r, &no, err) && sorter_put(&r->order->sorter,
	    sorter_number(no, key), buf_str(&r->line), err);
}

static void
put_line(struct past_rows *r, struct str line)
{
	struct id128 digest = hash_bytes(line.p, line.n);

	r->sum = hash_join(&r->sum, &digest);
	csvline_put(&r->out, line, &r->scratch);
}

/* Gives the version at hand, the newest of its row, to the file. */
static bool
put_version(struct past_rows *r, struct err *err)
{
	if (r->id.failed || r->line.failed)
		return err_nomem(err);
	if (!r->has_line)
		return true;
	r->n++;
	if (r->order != NULL)
		return put_aside(r, err);
	put_line(r, buf_str(&r->line));
	return true;
}

/* Whether key, digest and line go together. */
static bool
check_version(const struct db_rows *rows, size_t i, struct err *err)
{
	struct str line = db_get_text(rows, i, 2);
	struct id128 is = hash_bytes(line.p, line.n);
	struct id128 was = db_get_uuid(rows, i, 3);
	const char *what = NULL;

	if (db_is_null(rows, i, 1) ||
	    db_is_null(rows, i, 2) != db_is_null(rows, i, 3))
		what = "its keys, digests and lines do not go together";
	else if (line.p != NULL && id128_cmp(&is, &was) != 0)
		what = "a line is not what its digest tells";
	return what == NULL || stated_damaged(err, db_get_text(rows, i, 0),
	    db_get_int(rows, i, 4), db_get_int(rows, i, 5), what);
}

/* Takes a version: of the row at hand, or of the next one. */
static bool
take_version(struct past_rows *r, const struct db_rows *rows, size_t i,
    struct err *err)
{
	struct str day = db_get_text(rows, i, 0), key = db_get_text(rows, i, 1);
	struct str id = buf_str(&r->id);
	bool same = id.n == day.n + 1 + key.n && str_starts(id, day) &&
	    str_eq(str_from(id, day.n + 1), key);

	if (!check_version(rows, i, err) || (!same && !put_version(r, err)))
		return false;
	buf_reset(&r->id);
	(void)buf_puts(&r->id, day);
	(void)buf_putc(&r->id, '/');
	(void)buf_puts(&r->id, key);
	buf_reset(&r->line);
	r->has_line = !db_is_null(rows, i, 2);
	if (r->has_line)
		(void)buf_puts(&r->line, db_get_text(rows, i, 2));
	return true;
}

static bool
open_lines(struct past *p, const struct past_file *f, struct cursor *lines,
    struct err *err)
{
	struct db_slot slot[3];
	struct db_param param[] = {
		db_int8(f->series_id, &slot[0]), db_text(str_of(p->from)),
		db_text(str_of(p->to)), db_int8(p->number, &slot[1]),
		db_bool(p->changed_only, &slot[2]),
	};

	return cursor_open(lines, p->db, sql_declare_published_lines, param, 5,
	    sql_fetch_published_lines, err);
}

static bool
take_rows(struct past *p, const struct past_file *f, struct past_rows *r,
    struct err *err)
{
	struct cursor c;
	bool ok = open_lines(p, f, &c, err);

	while (ok && !c.ended)
		ok = take_version(r, c.rows, c.at, err) && cursor_next(&c, err);
	cursor_close(&c);
	return ok && put_version(r, err);
}

/* Writes the lines that were put aside. */
static bool
put_in_order(struct past_rows *r, struct err *err)
{
	struct str key, line;

	if (!sorter_begin(&r->order->sorter, err))
		return false;
	while (sorter_next(&r->order->sorter, &key, &line, err))
		put_line(r, line);
	return err->kind == ERR_NONE;
}

static bool
open_order(struct past *p, const struct past_file *f, struct past_order *o,
    struct err *err)
{
	struct db_slot slot[2];
	struct db_param param[] = {
		db_int8(f->series_id, &slot[0]), db_int8(p->number, &slot[1]),
	};

	return cursor_open(&o->places, p->db, sql_declare_row_order, param, 2,
	    sql_fetch_row_order, err);
}

static bool
check_count(const struct past *p, const struct past_file *f,
    const struct past_rows *r, struct err *err)
{
	char what[80];

	if ((int64_t)r->n == f->stated_rows)
		return true;
	(void)snprintf(what, sizeof(what), "of its %lld rows %llu are there",
	    (long long)f->stated_rows, (unsigned long long)r->n);
	return damaged(p, what, err);
}

/* Whether the file is what was published, as a whole. */
static bool
check_file(const struct past *p, const struct past_file *f,
    const struct past_rows *r, struct err *err)
{
	struct id128 is = publication_digest(&r->sum, f->columns, p->plain,
	    p->phones_then);

	return check_count(p, f, r, err) &&
	    (!f->has_digest || id128_cmp(&is, &f->digest) == 0 ||
	    damaged(p, "the file's digest tells other rows, another order, "
	    "header or dialect", err));
}

/* Writes the file's rows, in its own order if it has one. */
static bool
put_rows(struct past *p, const struct past_file *f, struct past_rows *r,
    struct err *err)
{
	struct past_order order = { .lacking = false };
	bool ok;

	if (!f->has_order)
		return take_rows(p, f, r, err);
	sorter_init(&order.sorter, p->folder);
	r->order = &order;
	ok = open_order(p, f, &order, err) && take_rows(p, f, r, err) &&
	    check_count(p, f, r, err) &&
	    ((order.places.ended && !order.lacking) || damaged(p,
	    "row_order has not the places of its rows", err)) &&
	    put_in_order(r, err);
	cursor_close(&order.places);
	sorter_close(&order.sorter);
	r->order = NULL;
	return ok;
}

static bool
write_file(struct past *p, struct past_file *f, struct err *err)
{
	struct past_rows r = { .n = 0 };
	struct outlet outlet = { .phones = p->phones };
	bool ok;

	csvout_open(&r.out, f->file, p->plain);
	outlet_set(&outlet, &r.out);
	csvline_put(&r.out, f->columns, &r.scratch);
	ok = put_rows(p, f, &r, err) && check_file(p, f, &r, err) &&
	    db_exec(p->db, sql_close_cursors, err);
	f->rows = r.n;
	if (ok && r.scratch.failed)
		ok = err_nomem(err);
	buf_free(&r.scratch);
	buf_free(&r.id);
	buf_free(&r.line);
	ok = outlet_close(&outlet, err) && ok;
	return csvout_close(&r.out, err) && ok;
}

static bool
commit_files(struct past *p, const struct export_options *o,
    struct export_result *result, struct err *err)
{
	result->file = calloc(p->files + 1, sizeof(*result->file));
	if (result->file == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < p->files; i++) {
		struct export_file *f = &result->file[result->files++];

		(void)snprintf(f->name, sizeof(f->name), "%s", p->file[i].name);
		f->rows = p->file[i].rows;
		if (!atomicfile_commit(p->file[i].file, f->sha256, &f->bytes,
		    err))
			return err_add(err, "%s", o->out);
	}
	return true;
}

static bool
write_manifest(const struct past *p, const struct export_options *o,
    const struct export_result *result, struct err *err)
{
	struct manifest_publication m = {
		.is_published = true, .id = p->id, .number = p->number,
		.at_us = p->at_us,
	};
	struct export_options then = *o;

	then.plain = p->plain;
	then.phones = p->phones;
	then.changed_only = p->changed_only;
	then.from = strcmp(p->from, "-infinity") == 0 ? NULL : p->from;
	then.to = strcmp(p->to, "infinity") == 0 ? NULL : p->to;
	return export_manifest(&then, p->zone, &m, NULL, result, err);
}

static bool
run(struct past *p, const struct export_options *o, const char *when,
    struct export_result *result, struct err *err)
{
	if ((p->db = db_open(o->conninfo, err)) == NULL ||
	    !db_exec(p->db, sql_begin_export, err) ||
	    !export_set_zone(p->db, o->tz, p->zone, err) ||
	    !find_publication(p, o, when, err) ||
	    !export_make_folder(o->out, err) || !open_files(p, o, err))
		return false;
	for (size_t i = 0; i < p->files; i++)
		if (!write_file(p, &p->file[i], err))
			return err_add(err, "%s", p->file[i].name);
	return commit_files(p, o, result, err) &&
	    write_manifest(p, o, result, err);
}

bool
export_as_of(const struct export_options *o, const char *when,
    struct export_result *result, int64_t *at_us, struct err *err)
{
	struct past p = { .folder = o->out, .at_us = TIME_NONE };
	bool ok;

	*result = (struct export_result){ 0 };
	ok = run(&p, o, when, result, err);
	*at_us = p.at_us;
	for (size_t i = 0; i < p.files; i++)
		atomicfile_close(p.file[i].file);
	free(p.file);
	db_rows_free(p.list);
	db_close(p.db);
	return ok;
}
