#include "run/statement.h"

#include <stdlib.h>

#include "embedded.h"
#include "io/csvout.h"
#include "run/export_csv.h"
#include "run/statement_inner.h"

enum { DATE_OID = 1082, FIRST_DAYS = 32 };

void
statement_init(struct statement *s, const char *folder)
{
	s->day_column = -1;
	stated_init(&s->stated, folder);
	spool_init(&s->change, folder);
	sorter_init(&s->late, folder);
	spool_init(&s->late_no, folder);
	sorter_init(&s->places, folder);
	spool_init(&s->kept, folder);
	spool_reader_init(&s->kept_in, &s->kept, 0, WINDOW_BYTES);
	spool_reader_init(&s->line_in, &s->change, 0, WINDOW_BYTES);
}

void
statement_close(struct statement *s)
{
	free(s->key_column);
	free(s->day);
	buf_free(&s->key_names);
	buf_free(&s->header);
	buf_free(&s->key);
	buf_free(&s->id);
	buf_free(&s->last);
	spool_reader_close(&s->kept_in);
	spool_reader_close(&s->line_in);
	stated_close(&s->stated);
	spool_close(&s->change);
	sorter_close(&s->late);
	spool_close(&s->late_no);
	sorter_close(&s->places);
	spool_close(&s->kept);
}

/* -- the columns -- */

static int
find_column(const struct copy_column *c, int n, struct str name)
{
	for (int i = 0; i < n; i++)
		if (str_eq(str_of(c[i].name), name))
			return i;
	return -1;
}

static void
add_key(struct statement *s, const struct copy_column *c, int i)
{
	if (i == s->day_column)
		return;
	if (s->keys > 0)
		(void)buf_putc(&s->key_names, ',');
	(void)buf_puts(&s->key_names, str_of(c[i].name));
	s->key_column[s->keys++] = i;
}

static bool
take_keys(struct statement *s, const struct copy_column *c, struct err *err)
{
	const struct report_doc *doc = &s->doc;
	size_t most = doc->keys > (size_t)s->columns ? doc->keys :
	    (size_t)s->columns;

	if ((s->key_column = calloc(most, sizeof(int))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < doc->keys; i++) {
		int at = find_column(c, s->columns, doc->key[i]);

		if (at < 0)
			return err_fail(err, "its KEY line names \"%.*s\", "
			    "which is no column", STR_ARG(doc->key[i]));
		add_key(s, c, at);
	}
	for (int i = 0; doc->key == NULL && i < s->columns; i++) {
		if (i != s->day_column && !export_is_text(c[i].oid))
			break;
		add_key(s, c, i);
	}
	return true;
}

static void
put_header(struct statement *s, const struct copy_column *c)
{
	struct csvout out;
	struct err ignored = ERR_INIT;

	csvout_open_text(&out, &s->header, true);
	for (int i = 0; i < s->columns; i++)
		csvout_text(&out, str_of(c[i].name));
	s->header.failed |= !csvout_close(&out, &ignored);
}

/* -- what was stated before -- */

static bool
find_series(struct statement *s, struct db *db, struct err *err)
{
	struct db_param p[] = {
		db_text(str_of(s->report)), db_text(str_of(s->zone)),
		db_text(str_of(buf_cstr(&s->key_names))),
	};
	struct db_rows *rows = db_query(db, sql_get_series, p, 3, err);

	if (rows == NULL)
		return false;
	if (db_rows_count(rows) > 0)
		s->series_id = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	return true;
}

bool
statement_open(struct statement *s, struct db *db, const struct copy_column *c,
    int columns, struct err *err)
{
	s->columns = columns;
	s->day_column = find_column(c, columns, STR("day"));
	s->has_day = s->day_column >= 0 && c[s->day_column].oid == DATE_OID;
	if (!s->has_day)
		return true;
	if (!take_keys(s, c, err))
		return false;
	put_header(s, c);
	if (s->header.failed || s->key_names.failed)
		return err_nomem(err);
	if (s->position == 0)
		return true;
	return find_series(s, db, err) && (s->series_id == 0 ||
	    stated_load(&s->stated, db, s->series_id, s->position, s->from,
	    s->to, err));
}

/* -- days and changes -- */

/* The id's day, which is the last one or a new one behind it; NULL without memory. */
static struct stated_day *
day_of(struct statement *s, struct str id, struct err *err)
{
	size_t cap = s->day_cap == 0 ? FIRST_DAYS : 2 * s->day_cap;
	struct stated_day *grown;
	char day[DAY_BYTES];

	rowid_day(id, day);
	if (s->days > 0 && strcmp(s->day[s->days - 1].day, day) == 0)
		return &s->day[s->days - 1];
	if (s->days == s->day_cap) {
		if ((grown = realloc(s->day, cap * sizeof(*grown))) == NULL) {
			err_nomem(err);
			return NULL;
		}
		s->day = grown;
		s->day_cap = cap;
	}
	s->day[s->days] = (struct stated_day){ .rows = 0 };
	memcpy(s->day[s->days].day, day, sizeof(day));
	return &s->day[s->days++];
}

static int
day_order(const void *a, const void *b)
{
	return strcmp(a, ((const struct stated_day *)b)->day);
}

bool
statement_is_changed(const struct statement *s, const char *day)
{
	const struct stated_day *d = s->days == 0 ? NULL :
	    bsearch(day, s->day, s->days, sizeof(*s->day), day_order);

	return d != NULL && d->is_changed;
}

/* A change in the temporary file: this, its id, its line. */
struct change_head {
	struct stated_version before;
	struct id128 digest;
	uint32_t id_bytes, line_bytes;
	uint64_t is_there;
};

bool
statement_count(struct statement *s, struct str id, struct err *err)
{
	struct stated_day *d = day_of(s, id, err);

	if (d != NULL)
		d->rows++;
	return d != NULL;
}

bool
statement_put_change(struct statement *s, const struct stated_row *row,
    struct str line, struct err *err)
{
	struct stated_day *d = day_of(s, row->id, err);
	struct change_head head = {
		row->before, row->digest, (uint32_t)row->id.n,
		(uint32_t)line.n, row->is_there,
	};

	if (d == NULL)
		return false;
	d->is_changed = true;
	d->rows += row->is_there;
	s->changes++;
	return spool_put(&s->change, &head, sizeof(head), err) &&
	    spool_put(&s->change, row->id.p, row->id.n, err) &&
	    spool_put(&s->change, line.p, line.n, err);
}

bool
statement_put(struct statement *s, struct str id, const struct file_row *f,
    const struct stated_version *before, struct err *err)
{
	struct stated_row row = {
		.id = id, .before = *before, .digest = f->digest,
		.is_there = true,
	};

	if (before->is_known && id128_cmp(&before->digest, &f->digest) == 0)
		return statement_count(s, id, err);
	return statement_put_change(s, &row, f->line, err);
}

bool
statement_put_gone(struct statement *s, struct str id,
    const struct stated_version *before, struct err *err)
{
	struct stated_row row = { .id = id, .before = *before };

	return statement_put_change(s, &row, STR(""), err);
}

/* -- what is stated now -- */

/* Whether a cell can be a day of the window; "" can where that is open. */
static bool
is_in_window(const struct statement *s, struct str day)
{
	char text[DAY_BYTES];

	if (day.n == 0)
		return s->from == NULL && s->to == NULL;
	if (day.n != DAY_BYTES - 1 || day.p[4] != '-')
		return false;
	memcpy(text, day.p, day.n);
	text[day.n] = '\0';
	return (s->from == NULL || strcmp(text, s->from) >= 0) &&
	    (s->to == NULL || strcmp(text, s->to) <= 0);
}

/* Passes what was stated of rows before that id, or of all: they went. */
static bool
pass_gone(struct statement *s, const struct str *id, struct err *err)
{
	struct stated *b = &s->stated;

	while (b->has && (id == NULL || str_cmp(buf_str(&b->id), *id) < 0))
		if (!statement_put_gone(s, buf_str(&b->id), &b->version, err) ||
		    !stated_next(b, err))
			return false;
	return true;
}

/* Whether the row at hand is to be before the last one that was in order. */
static bool
is_late(const struct statement *s)
{
	return str_cmp(buf_str(&s->id), buf_str(&s->last)) < 0;
}

/* Takes a row that is behind all before it. */
static bool
take_row(struct statement *s, struct str id, const struct file_row *f,
    struct err *err)
{
	struct stated_version before = { .publication = 0 };

	buf_reset(&s->last);
	if (!buf_puts(&s->last, id))
		return err_nomem(err);
	if (!pass_gone(s, &id, err))
		return false;
	if (stated_is(&s->stated, id)) {
		before = s->stated.version;
		if (!stated_next(&s->stated, err))
			return false;
	}
	return statement_put(s, id, f, &before, err);
}

/* Makes the row's id: of a key that the row before had, with its number. */
static bool
make_id(struct statement *s, const struct str *cell)
{
	rowid_make(&s->id, cell[s->day_column], cell, s->key_column, s->keys);
	if (s->last.n > 0 && str_eq(buf_str(&s->id), buf_str(&s->key))) {
		rowid_put_number(&s->id, ++s->copies);
		return !s->id.failed;
	}
	if (is_late(s))
		return !s->id.failed;
	s->copies = 1;
	buf_reset(&s->key);
	return buf_puts(&s->key, buf_str(&s->id)) && !s->id.failed;
}

/* A line that is kept: this, and the line. */
struct kept_head {
	char day[DAY_BYTES + 1];
	uint32_t line_bytes;
};

static bool
keep(struct statement *s, struct str day, struct str line, struct err *err)
{
	struct kept_head head = { .line_bytes = (uint32_t)line.n };

	if (day.n > 0)
		memcpy(head.day, day.p, day.n);
	return spool_put(&s->kept, &head, sizeof(head), err) &&
	    spool_put(&s->kept, line.p, line.n, err);
}

bool
statement_row(struct statement *s, const struct str *cell, struct str line,
    struct err *err)
{
	struct file_row f = { .line = line };

	if (!is_in_window(s, cell[s->day_column]))
		s->refused = "it has rows of days outside of the window";
	if (s->refused != NULL && !s->changed_only)
		return true;
	if (s->refused != NULL)
		return err_fail(err, "%s: what has changed cannot be told",
		    s->refused);
	f.digest = hash_bytes(line.p, line.n);
	f.no = ++s->rows;
	if (!make_id(s, cell))
		return err_nomem(err);
	if (!s->changed_only)
		s->sum = hash_join(&s->sum, &f.digest);
	else if (!keep(s, cell[s->day_column], line, err))
		return false;
	return is_late(s) ? statement_put_late(s, buf_str(&s->id), &f, err) :
	    take_row(s, buf_str(&s->id), &f, err);
}

bool
statement_end(struct statement *s, struct err *err)
{
	if (!statement_stands(s))
		return true;
	return pass_gone(s, NULL, err) && spool_end(&s->change, err) &&
	    (s->lates == 0 || statement_take_late(s, err)) &&
	    spool_end(&s->kept, err);
}

/* -- what has come of it -- */

uint64_t
statement_rows(const struct statement *s)
{
	uint64_t n = 0;

	if (!s->changed_only)
		return s->rows;
	for (size_t i = 0; i < s->days; i++)
		if (s->day[i].is_changed)
			n += s->day[i].rows;
	return n;
}

bool
statement_kept(struct statement *s, struct str *line, struct err *err)
{
	struct kept_head head;
	struct id128 digest;

	while (s->kept_in.at < s->kept.bytes) {
		if (!spool_read(&s->kept_in, &head, sizeof(head), err) ||
		    !spool_take(&s->kept_in, head.line_bytes, line, err))
			return false;
		if (!statement_is_changed(s, head.day))
			continue;
		digest = hash_bytes(line->p, line->n);
		s->sum = hash_join(&s->sum, &digest);
		return true;
	}
	return false;
}

void
changes_begin(struct changes *c, const struct statement *s)
{
	*c = (struct changes){ .id = BUF_INIT(0) };
	spool_reader_init(&c->in, &s->change, 0, WINDOW_BYTES);
}

void
changes_close(struct changes *c)
{
	spool_reader_close(&c->in);
	buf_free(&c->id);
}

bool
changes_next(struct changes *c, struct err *err)
{
	struct change_head head;
	struct str id;

	if (c->in.at >= c->in.spool->bytes)
		return false;
	if (!spool_read(&c->in, &head, sizeof(head), err) ||
	    !spool_take(&c->in, head.id_bytes, &id, err))
		return false;
	buf_reset(&c->id);
	if (!buf_puts(&c->id, id))
		return err_nomem(err);
	c->row = (struct stated_row){
		.id = buf_str(&c->id), .before = head.before,
		.digest = head.digest, .is_there = head.is_there,
		.at = c->in.at, .bytes = head.line_bytes,
	};
	c->in.at += head.line_bytes;
	return true;
}

bool
statement_line(struct statement *s, const struct stated_row *r, struct buf *out,
    struct err *err)
{
	struct str line;

	s->line_in.at = r->at;
	if (!spool_take(&s->line_in, r->bytes, &line, err))
		return false;
	return buf_puts(out, line) || err_nomem(err);
}
