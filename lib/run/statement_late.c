/*
 * What of a report's rows was not in the order of their ids. The rows that
 * were have been held against what was stated before, and what no row had
 * been found for counts as gone. Now the rest, sorted, is laid beside these
 * changes and beside what was stated, and changes it: a row that went may be
 * there after all, and rows with the key of one that was there are numbered
 * behind it. Which row has which place in the file comes out of it, too.
 */
#include <stdlib.h>

#include "run/statement_inner.h"

struct late_head {
	uint64_t no;
	struct id128 digest;
};

bool
statement_put_late(struct statement *s, struct str key,
    const struct file_row *f, struct err *err)
{
	struct late_head head = { f->no, f->digest };
	struct buf value = BUF_INIT(0);
	bool ok;

	(void)buf_put(&value, &head, sizeof(head));
	(void)buf_puts(&value, f->line);
	ok = value.failed ? err_nomem(err) :
	    sorter_put(&s->late, key, buf_str(&value), err) &&
	    spool_put(&s->late_no, &f->no, sizeof(f->no), err);
	buf_free(&value);
	s->lates++;
	return ok;
}

struct merge {
	struct statement *s;
	struct spool old;	/* the changes without the late rows, */
	struct changes change;	/* of which this one is next */
	bool has_change;
	bool has_late;		/* the next late row: */
	struct str late_key, late_value;
	struct spool_reader late_no;
	uint64_t next_late_no;	/* 0: there is none */
	uint64_t no;		/* of the last row that was in order */
	uint64_t place;		/* by id, of the last row */
	struct buf key, id;
};

static bool
next_change(struct merge *m, struct err *err)
{
	m->has_change = changes_next(&m->change, err);
	return err->kind == ERR_NONE;
}

static bool
next_late(struct merge *m, struct err *err)
{
	m->has_late = sorter_next(&m->s->late, &m->late_key, &m->late_value,
	    err);
	return err->kind == ERR_NONE;
}

static bool
next_late_no(struct merge *m, struct err *err)
{
	m->next_late_no = 0;
	return m->late_no.at == m->s->late_no.bytes || spool_read(&m->late_no,
	    &m->next_late_no, sizeof(m->next_late_no), err);
}

/* The place in the file of the next row that was in order. */
static bool
next_no(struct merge *m, struct err *err)
{
	while (++m->no == m->next_late_no)
		if (!next_late_no(m, err))
			return false;
	return true;
}

/* The next row by id is the file's row no. */
static bool
put_place(struct merge *m, uint64_t no, struct err *err)
{
	unsigned char key[SORTER_NUMBER_BYTES];

	m->place++;
	return sorter_put(&m->s->places, sorter_number(no, key), (struct str){
	    (char *)&m->place, sizeof(m->place) }, err);
}

static bool
is_change(const struct merge *m, struct str id)
{
	return m->has_change && str_eq(m->change.row.id, id);
}

/* Moves behind the id, where it is next. */
static bool
pass(struct merge *m, struct str id, struct err *err)
{
	bool change = is_change(m, id), stated = stated_is(&m->s->stated, id);

	return (!stated || stated_next(&m->s->stated, err)) &&
	    (!change || next_change(m, err));
}

/* Takes the id as it came out without the late rows. */
static bool
take_as_it_was(struct merge *m, struct str id, struct err *err)
{
	const struct stated_row *r = &m->change.row;
	bool is_there = !is_change(m, id) || r->is_there;
	struct str line;

	if (!is_change(m, id)) {
		if (!statement_count(m->s, id, err))
			return false;
	} else {
		m->change.in.at = r->at;
		if (!spool_take(&m->change.in, r->bytes, &line, err) ||
		    !statement_put_change(m->s, r, line, err))
			return false;
	}
	return (!is_there || (next_no(m, err) && put_place(m, m->no, err))) &&
	    pass(m, id, err);
}

/* The next late row has this id. */
static bool
take_late_row(struct merge *m, struct str id, struct err *err)
{
	static const struct stated_version never;
	const struct stated_version *before = is_change(m, id) ?
	    &m->change.row.before : &never;
	struct late_head head;
	struct file_row f;

	memcpy(&head, m->late_value.p, sizeof(head));
	f = (struct file_row){
		head.no, head.digest, str_from(m->late_value, sizeof(head)),
	};
	return statement_put(m->s, id, &f, before, err) &&
	    put_place(m, f.no, err) && pass(m, id, err) && next_late(m, err);
}

/* Whether a row of that id was in the file, in its order. */
static bool
was_there(const struct merge *m, struct str id)
{
	return is_change(m, id) ? m->change.row.is_there :
	    stated_is(&m->s->stated, id);
}

/* Takes all rows of the next late row's key: first those that were in order. */
static bool
take_key(struct merge *m, struct err *err)
{
	bool more = true, ok = true;

	buf_reset(&m->key);
	(void)buf_puts(&m->key, m->late_key);
	for (uint32_t n = 1; ok && more; n++) {
		buf_reset(&m->id);
		(void)buf_puts(&m->id, buf_str(&m->key));
		if (n > 1)
			rowid_put_number(&m->id, n);
		if (m->key.failed || m->id.failed)
			return err_nomem(err);
		if (was_there(m, buf_str(&m->id)))
			ok = take_as_it_was(m, buf_str(&m->id), err);
		else if (m->has_late && str_eq(m->late_key, buf_str(&m->key)))
			ok = take_late_row(m, buf_str(&m->id), err);
		else
			more = false;
	}
	return ok;
}

/* The least id among changes and what was stated; false when there is none. */
static bool
least(struct merge *m, struct str *id)
{
	const struct stated *b = &m->s->stated;

	*id = m->has_change ? m->change.row.id : buf_str(&b->id);
	if (m->has_change && b->has && str_cmp(buf_str(&b->id), *id) < 0)
		*id = buf_str(&b->id);
	return m->has_change || b->has;
}

static bool
take_all(struct merge *m, struct err *err)
{
	struct str id;
	bool ok = true;

	while (ok && (least(m, &id) || m->has_late)) {
		if (m->has_late && (!least(m, &id) ||
		    str_cmp(m->late_key, id) <= 0)) {
			ok = take_key(m, err);
			continue;
		}
		buf_reset(&m->id);
		ok = buf_puts(&m->id, id) ?
		    take_as_it_was(m, buf_str(&m->id), err) : err_nomem(err);
	}
	return ok;
}

static bool
begin(struct merge *m, struct err *err)
{
	struct statement *s = m->s;

	m->old = s->change;
	spool_init(&s->change, m->old.folder);
	s->changes = 0;
	s->days = 0;
	changes_begin(&m->change, s);
	m->change.in.spool = &m->old;
	spool_reader_init(&m->late_no, &s->late_no, 0, WINDOW_BYTES);
	return spool_end(&s->late_no, err) && next_late_no(m, err) &&
	    sorter_begin(&s->late, err) && next_late(m, err) &&
	    stated_begin(&s->stated, err) && next_change(m, err);
}

bool
statement_take_late(struct statement *s, struct err *err)
{
	struct merge m = { .s = s };
	bool ok = begin(&m, err) && take_all(&m, err) &&
	    spool_end(&s->change, err);

	changes_close(&m.change);
	spool_reader_close(&m.late_no);
	spool_close(&m.old);
	buf_free(&m.key);
	buf_free(&m.id);
	return ok;
}

/* -- places -- */

/* Days with the rows up to their end, and how many of these are left out. */
struct day_end {
	uint64_t rows, left_out;
};

static struct day_end *
day_ends(const struct statement *s)
{
	struct day_end *end = calloc(s->days + 1, sizeof(*end)), sum = { 0, 0 };

	for (size_t i = 0; end != NULL && i < s->days; i++) {
		sum.rows += s->day[i].rows;
		if (!s->day[i].is_changed)
			sum.left_out += s->day[i].rows;
		end[i] = sum;
	}
	return end;
}

/* The place by id among the rows that are not left out; 0: it is. */
static int64_t
place_in_file(const struct statement *s, const struct day_end *end,
    uint64_t place)
{
	size_t from = 0, to = s->days;

	if (!s->changed_only)
		return (int64_t)place;
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (end[middle].rows < place)
			from = middle + 1;
		else
			to = middle;
	}
	return s->day[from].is_changed ?
	    (int64_t)(place - end[from].left_out) : 0;
}

bool
places_begin(struct places *p, struct statement *s, struct err *err)
{
	*p = (struct places){ .s = s, .end = day_ends(s) };
	return p->end == NULL ? err_nomem(err) : sorter_begin(&s->places, err);
}

void
places_close(struct places *p)
{
	free(p->end);
}

bool
places_next(struct places *p, int64_t *place, struct err *err)
{
	struct str key, value;
	uint64_t at;

	*place = 0;
	while (*place == 0) {
		if (!sorter_next(&p->s->places, &key, &value, err))
			return false;
		memcpy(&at, value.p, sizeof(at));
		*place = place_in_file(p->s, p->end, at);
	}
	return true;
}
