/*
 * Statements: what has changed of a report, held in temporary files and found
 * by merging, is what a plain comparison of all its rows with all that was
 * stated finds, in whatever order the rows come.
 */
#include "property.h"

#include <stdio.h>
#include <stdlib.h>

#include "run/statement.h"

enum { ROWS_MOST = 200, IDS_MOST = 2 * ROWS_MOST + 200, LONG_BYTES = 70000 };

static const char folder[] = "/tmp";

/* -- a sorter -- */

struct record {
	struct str key;
	size_t no;
};

static int
record_order(const void *pa, const void *pb)
{
	const struct record *a = pa, *b = pb;
	int c = str_cmp(a->key, b->key);

	return c != 0 ? c : (a->no > b->no) - (a->no < b->no);
}

static struct str
some_key(struct trial *t)
{
	size_t n = rng_below(&t->rng, 4);
	char *p = trial_alloc(t, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = "ab\x01\xff"[rng_below(&t->rng, 4)];
	return (struct str){ p, n };
}

static bool
all_come_in_order(struct trial *t, struct sorter *s, const struct record *r,
    size_t n)
{
	struct err err = ERR_INIT;
	struct str key, value;
	size_t no;

	CHECK(t, sorter_begin(s, &err), "%s", err.text);
	for (size_t i = 0; i < n; i++) {
		CHECK(t, sorter_next(s, &key, &value, &err), "record %zu of "
		    "%zu is not there: %s", i, n, err.text);
		CHECK(t, value.n >= sizeof(no), "record %zu is cut", i);
		memcpy(&no, value.p, sizeof(no));
		CHECK(t, str_eq(key, r[i].key) && no == r[i].no,
		    "record %zu is another", i);
	}
	CHECK(t, !sorter_next(s, &key, &value, &err) && err.kind == ERR_NONE,
	    "more than was put");
	return true;
}

static bool
records_come_by_key(struct trial *t)
{
	size_t n = rng_below(&t->rng, 400);
	struct record *r = trial_alloc(t, (n + 1) * sizeof(*r));
	char *value = trial_alloc(t, LONG_BYTES);
	struct err err = ERR_INIT;
	struct sorter s;
	bool ok;

	sorter_init(&s, folder);
	s.memory_bytes = 1 + rng_below(&t->rng, 2000);
	memset(value, 'v', LONG_BYTES);
	for (size_t i = 0; i < n; i++)
		r[i] = (struct record){ some_key(t), i };
	if (rng_chance(&t->rng, 300))
		qsort(r, n, sizeof(*r), record_order);
	for (size_t i = 0; i < n; i++) {
		size_t bytes = rng_chance(&t->rng, 10) ? LONG_BYTES : 40;

		r[i].no = i;
		memcpy(value, &i, sizeof(i));
		CHECK(t, sorter_put(&s, r[i].key, (struct str){ value, bytes },
		    &err), "%s", err.text);
	}
	qsort(r, n, sizeof(*r), record_order);
	ok = all_come_in_order(t, &s, r, n) && all_come_in_order(t, &s, r, n);
	sorter_close(&s);
	return ok;
}

/* -- the plain comparison -- */

struct row {
	struct str cell[4];	/* day, a, b, n */
	struct str line;
	struct str key, id;
};

/* An id, how it was stated, and the row that has it. */
struct known {
	struct str id;
	bool was;
	struct id128 digest;
	int64_t publication;
	const struct row *row;	/* NULL: it is not in the file */
};

struct model {
	struct row row[ROWS_MOST];
	size_t rows;
	size_t keys;		/* 0, 1, 2 */
	struct known known[IDS_MOST];
	size_t n;
};

static struct str
numbered(struct trial *t, const char *text, size_t n)
{
	char *p = trial_alloc(t, 128);

	(void)snprintf(p, 128, "%s%08zu", text, n);
	return str_of(p);
}

static struct known *
known_of(struct model *m, struct str id)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->known[i].id, id))
			return &m->known[i];
	m->known[m->n] = (struct known){ .id = id };
	return &m->known[m->n++];
}

static bool
has_changed(const struct known *k)
{
	struct id128 digest;

	if (k->row == NULL || !k->was)
		return k->row != NULL || k->was;
	digest = hash_bytes(k->row->line.p, k->row->line.n);
	return id128_cmp(&digest, &k->digest) != 0;
}

static bool
is_changed_day(const struct model *m, struct str day)
{
	for (size_t i = 0; i < m->n; i++)
		if (has_changed(&m->known[i]) && str_starts(m->known[i].id, day) &&
		    m->known[i].id.p[day.n] == '\x01')
			return true;
	return false;
}

static int
known_order(const void *a, const void *b)
{
	return str_cmp(((const struct known *)a)->id,
	    ((const struct known *)b)->id);
}

/* -- a case -- */

static struct str
some_value(struct trial *t)
{
	static const char *const value[] = {
		"", "a", "b", "ab", "a\x01", "a\x02", "\xff",
	};

	return str_of(value[rng_below(&t->rng, COUNT(value))]);
}

static struct str
some_line(struct trial *t)
{
	struct str line = numbered(t, "line ", rng_below(&t->rng, 2));
	char *p;

	if (!rng_chance(&t->rng, 2))
		return line;
	p = trial_alloc(t, LONG_BYTES);
	memset(p, '.', LONG_BYTES);
	return (struct str){ p, LONG_BYTES };
}

static struct str
some_day(struct trial *t)
{
	static const char *const day[] = { "", "2026-03-01", "2026-03-02" };

	return str_of(day[rng_below(&t->rng, COUNT(day))]);
}

/* What an id is made of: a separator in a value becomes the character behind it. */
static struct str
key_of(struct trial *t, const struct model *m, const struct str *cell)
{
	char key[64], *p;
	size_t from = cell[0].n + 1;
	int n = snprintf(key, sizeof(key), "%s\x01%s%s%s", cell[0].p,
	    m->keys > 0 ? cell[1].p : "", m->keys > 1 ? "\x03" : "",
	    m->keys > 1 ? cell[2].p : "");

	for (p = key + from; p < key + n; p++)
		if (*p == '\x01')
			*p = '\x02';
	for (p = key + from; m->keys > 1 && p < key + n; p++)
		if (*p == '\x03')
			*p = '\x01';
	return str_of(arena_cstr(&t->arena, str_of(key)));
}

static struct str
copy_of(struct trial *t, struct str key, size_t n)
{
	char copy[80];

	if (n < 2)
		return key;
	(void)snprintf(copy, sizeof(copy), "%s\x01#", key.p);
	return numbered(t, copy, n);
}

static void
make_row(struct trial *t, const struct model *m, struct row *r)
{
	*r = (struct row){ .cell = { some_day(t), some_value(t), some_value(t),
	    STR("7") }, .line = some_line(t) };
	r->key = key_of(t, m, r->cell);
}

static int
row_order(const void *pa, const void *pb)
{
	return str_cmp(((const struct row *)pa)->key,
	    ((const struct row *)pb)->key);
}

static void
make_rows(struct trial *t, struct model *m)
{
	m->rows = rng_below(&t->rng, rng_chance(&t->rng, 200) ? ROWS_MOST : 12);
	m->keys = rng_below(&t->rng, 3);
	for (size_t i = 0; i < m->rows; i++)
		make_row(t, m, &m->row[i]);
	if (rng_chance(&t->rng, 500))
		qsort(m->row, m->rows, sizeof(*m->row), row_order);
	if (m->rows > 1 && rng_chance(&t->rng, 300)) {
		struct row r = m->row[0];

		m->row[0] = m->row[m->rows - 1];
		m->row[m->rows - 1] = r;
	}
}

/* States rows of the kind that the report has, some again, some no more. */
static bool
state_before(struct trial *t, struct model *m, struct statement *s)
{
	size_t publications = rng_below(&t->rng, 4);
	struct err err = ERR_INIT;

	for (size_t p = 1; p <= publications; p++)
		for (size_t i = rng_below(&t->rng, 30); i-- > 0;) {
			struct row r;
			struct known *k;
			struct stated_version v = {
				.publication = (int64_t)p,
				.is_known = rng_chance(&t->rng, 800),
			};

			make_row(t, m, &r);
			k = known_of(m, copy_of(t, r.key,
			    1 + rng_below(&t->rng, 3)));
			if (k->publication == v.publication)
				continue;
			v.digest = hash_bytes(r.line.p, r.line.n);
			k->was = v.is_known;
			k->digest = v.digest;
			k->publication = v.publication;
			CHECK(t, sorter_put(&s->stated.sorter, k->id,
			    (struct str){ (char *)&v, sizeof(v) }, &err), "%s",
			    err.text);
		}
	CHECK(t, stated_begin(&s->stated, &err), "%s", err.text);
	return true;
}

/* Finds the rows' ids, and sorts all that is known. */
static void
compare(struct trial *t, struct model *m)
{
	for (size_t i = 0; i < m->rows; i++) {
		struct row *r = &m->row[i];
		size_t before = 0;

		for (size_t k = 0; k < i; k++)
			before += str_eq(m->row[k].key, r->key);
		r->id = copy_of(t, r->key, before + 1);
		known_of(m, r->id)->row = r;
	}
	qsort(m->known, m->n, sizeof(*m->known), known_order);
}

/* -- what comes out -- */

static bool
is_same(struct trial *t, struct statement *s, const struct known *k,
    const struct stated_row *r)
{
	struct buf line = BUF_INIT(0);
	struct err err = ERR_INIT;

	CHECK(t, str_eq(r->id, k->id), "the change of \"%.*s\" is one of "
	    "\"%.*s\"", STR_ARG(k->id), STR_ARG(r->id));
	CHECK(t, r->is_there == (k->row != NULL), "is there: %d", r->is_there);
	CHECK(t, r->before.is_known == k->was, "was known: %u",
	    r->before.is_known);
	CHECK(t, !k->was || r->before.publication == k->publication,
	    "stated by another");
	if (k->row == NULL)
		return true;
	CHECK(t, statement_line(s, r, &line, &err), "%s", err.text);
	CHECK(t, str_eq(buf_str(&line), k->row->line), "it has another line");
	buf_free(&line);
	return true;
}

static bool
changes_are_right(struct trial *t, struct statement *s, const struct model *m)
{
	struct err err = ERR_INIT;
	struct changes c;
	uint64_t n = 0;

	changes_begin(&c, s);
	for (size_t i = 0; i < m->n; i++) {
		if (!has_changed(&m->known[i]))
			continue;
		n++;
		CHECK(t, changes_next(&c, &err), "the change of \"%.*s\" is "
		    "missing: %s", STR_ARG(m->known[i].id), err.text);
		if (!is_same(t, s, &m->known[i], &c.row))
			return false;
	}
	CHECK(t, !changes_next(&c, &err), "a change of \"%.*s\"",
	    STR_ARG(c.row.id));
	CHECK(t, s->changes == n, "%llu changes", (unsigned long long)s->changes);
	changes_close(&c);
	return true;
}

/* The file has all rows, or those of changed days; their places are those by id. */
static bool
file_is_right(struct trial *t, struct statement *s, struct model *m)
{
	struct err err = ERR_INIT;
	struct places places;
	int64_t place, want;
	struct str line;
	size_t rows = 0;
	bool ordered = true;

	CHECK(t, places_begin(&places, s, &err), "%s", err.text);
	for (size_t i = 0; i < m->rows; i++) {
		ordered &= i == 0 || str_cmp(m->row[i - 1].id, m->row[i].id) < 0;
		if (s->changed_only && !is_changed_day(m, m->row[i].cell[0]))
			continue;
		CHECK(t, !s->changed_only || statement_kept(s, &line, &err),
		    "row %zu is not kept: %s", i, err.text);
		CHECK(t, !s->changed_only || str_eq(line, m->row[i].line),
		    "row %zu is another", i);
		want = 1;
		for (size_t k = 0; k < m->rows; k++)
			want += str_cmp(m->row[k].id, m->row[i].id) < 0 &&
			    (!s->changed_only ||
			    is_changed_day(m, m->row[k].cell[0]));
		CHECK(t, statement_is_ordered(s) ||
		    places_next(&places, &place, &err), "row %zu has no place",
		    i);
		CHECK(t, statement_is_ordered(s) || place == want,
		    "row %zu is at %lld", i, (long long)place);
		rows++;
	}
	CHECK(t, ordered == statement_is_ordered(s), "ordered: %d", ordered);
	CHECK(t, !places_next(&places, &place, &err), "more places than rows");
	CHECK(t, statement_rows(s) == rows, "%llu rows",
	    (unsigned long long)statement_rows(s));
	CHECK(t, !s->changed_only || !statement_kept(s, &line, &err),
	    "more is kept");
	places_close(&places);
	return true;
}

static bool
what_changes_is_found_by_merging(struct trial *t)
{
	static const struct copy_column column[3][4] = {
		{ { "day", 1082 }, { "n", 20 }, { "a", 25 }, { "b", 25 } },
		{ { "day", 1082 }, { "a", 25 }, { "n", 20 }, { "b", 25 } },
		{ { "day", 1082 }, { "a", 25 }, { "b", 25 }, { "n", 20 } },
	};
	struct model *m = trial_alloc(t, sizeof(*m));
	struct statement s = { .changed_only = rng_chance(&t->rng, 400) };
	struct err err = ERR_INIT;
	bool ok;

	memset(m, 0, sizeof(*m));
	make_rows(t, m);
	statement_init(&s, folder);
	s.late.memory_bytes = s.places.memory_bytes =
	    s.stated.sorter.memory_bytes = 1 + rng_below(&t->rng, 500);
	CHECK(t, statement_open(&s, NULL, column[m->keys], 4, &err), "%s",
	    err.text);
	if (!state_before(t, m, &s))
		return false;
	compare(t, m);
	for (size_t i = 0; i < m->rows; i++)
		CHECK(t, statement_row(&s, m->row[i].cell, m->row[i].line,
		    &err), "%s", err.text);
	CHECK(t, statement_end(&s, &err), "%s", err.text);
	ok = changes_are_right(t, &s, m) && file_is_right(t, &s, m);
	statement_close(&s);
	return ok;
}

const struct property statement_properties[] = {
	{ "records come by key", records_come_by_key, 4 },
	{ "what changes is found by merging", what_changes_is_found_by_merging,
	    1 },
	{ NULL, NULL, 1 },
};
