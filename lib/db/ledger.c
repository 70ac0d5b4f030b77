#include "db/ledger.h"

#include <stdlib.h>

#include "base/idset.h"
#include "embedded.h"

enum { SIZE_BITS = 1 << 16 };

/* Rows of sources, by name, then done_bytes descending. */
struct source_rows {
	struct arena arena;
	struct source_row *row;
	size_t n;
};

struct ledger {
	struct idset seen;		/* of name and raw bytes, of each finished source */
	unsigned char size_seen[SIZE_BITS / 8];	/* by a hash of name and raw size */
	struct source_rows named;	/* of the files that are looked at */
	struct source_rows open;	/* unfinished when the run began */
	const struct source_row **longest;	/* of open, by done_bytes descending */
	bool (*will_be_read)(const void *, struct str);
	const void *data;
};

/* One hash of a name and what belongs to it. */
static struct id128
name_hash(struct str name, const void *p, size_t n)
{
	struct id128 part[2] = { hash_bytes(name.p, name.n), hash_bytes(p, n) };

	return hash_bytes(part, sizeof(part));
}

static size_t
size_bit(struct str name, int64_t raw_bytes)
{
	struct id128 h = name_hash(name, &raw_bytes, sizeof(raw_bytes));

	return (size_t)(h.b[0] << 8 | h.b[1]);
}

bool
ledger_may_have(const struct ledger *l, struct str name, int64_t raw_bytes)
{
	size_t bit = size_bit(name, raw_bytes);

	return (l->size_seen[bit / 8] >> (bit % 8) & 1) != 0;
}

bool
ledger_has(const struct ledger *l, struct str name,
    const struct id128 *raw_hash)
{
	struct id128 h = name_hash(name, raw_hash->b, sizeof(raw_hash->b));

	return idset_has(&l->seen, &h);
}

static bool
add_finished(struct ledger *l, struct str name, int64_t raw_bytes,
    const struct id128 *raw_hash)
{
	struct id128 h = name_hash(name, raw_hash->b, sizeof(raw_hash->b));
	size_t bit = size_bit(name, raw_bytes);

	l->size_seen[bit / 8] |= (unsigned char)(1u << (bit % 8));
	return idset_add(&l->seen, &h);
}

static void
forget_finished(struct ledger *l)
{
	idset_free(&l->seen);
	memset(l->size_seen, 0, sizeof(l->size_seen));
}

static bool
load_finished(struct ledger *l, struct db *db, const struct str *names,
    size_t n, struct err *err)
{
	struct buf b = BUF_INIT(0);
	struct db_param p = db_text_array(&b, names, n);
	struct db_rows *rows = db_query(db, sql_get_finished_sources, &p, 1,
	    err);
	bool ok = rows != NULL;

	forget_finished(l);
	for (size_t i = 0; ok && i < db_rows_count(rows); i++) {
		struct id128 hash = db_get_uuid(rows, i, 2);

		ok = add_finished(l, db_get_text(rows, i, 0),
		    db_get_int(rows, i, 1), &hash) || err_nomem(err);
	}
	db_rows_free(rows);
	buf_free(&b);
	return ok;
}

static int
by_name(const void *pa, const void *pb)
{
	const struct source_row *a = pa, *b = pb;
	int c = str_cmp(a->name, b->name);

	return c != 0 ? c : (a->done_bytes < b->done_bytes) -
	    (a->done_bytes > b->done_bytes);
}

static int
by_length(const void *pa, const void *pb)
{
	const struct source_row *a = *(const struct source_row *const *)pa;
	const struct source_row *b = *(const struct source_row *const *)pb;

	return (a->done_bytes < b->done_bytes) - (a->done_bytes > b->done_bytes);
}

/* Takes the rows of a query instead of those before. */
static bool
keep_rows(struct source_rows *s, const struct db_rows *rows, struct err *err)
{
	size_t n = db_rows_count(rows);

	arena_reset(&s->arena);
	s->n = 0;
	s->row = arena_alloc(&s->arena, (n + 1) * sizeof(*s->row));
	if (s->row == NULL)
		return err_nomem(err);
	for (; s->n < n; s->n++) {
		struct source_row *r = &s->row[s->n];

		*r = source_row_get(rows, s->n, &s->arena);
		r->half_line = db_get_bool(rows, s->n, 11) ?
		    r->counts.lines : 0;
	}
	qsort(s->row, n, sizeof(*s->row), by_name);
	return !s->arena.failed || err_nomem(err);
}

/* What a file is called before it is compressed, or after. */
static struct str
other_name(struct arena *a, struct str name)
{
	char *p;

	if (str_ends(name, STR(".gz")))
		return (struct str){ name.p, name.n - 3 };
	if ((p = arena_alloc(a, name.n + 3)) == NULL)
		return (struct str){ NULL, 0 };
	memcpy(p, name.p, name.n);
	memcpy(p + name.n, ".gz", 3);
	return (struct str){ p, name.n + 3 };
}

/* The names and what else the files may be called, if nobody reads such a file. */
static struct str *
names_to_ask(const struct ledger *l, struct arena *a, const struct str *names,
    size_t n, size_t *asked)
{
	struct str *ask = arena_alloc(a, (2 * n + 1) * sizeof(*ask));

	*asked = 0;
	for (size_t i = 0; !a->failed && i < n; i++) {
		struct str other = other_name(a, names[i]);

		ask[(*asked)++] = names[i];
		if (!l->will_be_read(l->data, other))
			ask[(*asked)++] = other;
	}
	return a->failed ? NULL : ask;
}

static bool
load_named(struct ledger *l, struct db *db, const struct str *names, size_t n,
    struct err *err)
{
	struct buf b = BUF_INIT(0);
	struct db_rows *rows = NULL;
	struct arena a;
	struct db_param p;
	struct str *ask;
	size_t asked;
	bool ok;

	arena_init(&a, 0);
	if ((ask = names_to_ask(l, &a, names, n, &asked)) != NULL) {
		p = db_text_array(&b, ask, asked);
		rows = db_query(db, sql_get_named_sources, &p, 1, err);
	} else {
		err_nomem(err);
	}
	ok = rows != NULL && keep_rows(&l->named, rows, err);
	db_rows_free(rows);
	buf_free(&b);
	arena_close(&a);
	return ok;
}

static bool
load_open(struct ledger *l, struct db *db, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_get_open_sources, NULL, 0, err);
	struct source_rows *s = &l->open;
	bool ok = rows != NULL && keep_rows(s, rows, err);

	db_rows_free(rows);
	if (!ok)
		return false;
	l->longest = arena_alloc(&s->arena, (s->n + 1) * sizeof(*l->longest));
	if (l->longest == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		l->longest[i] = &s->row[i];
	qsort(l->longest, s->n, sizeof(*l->longest), by_length);
	return true;
}

struct ledger *
ledger_empty(struct err *err)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		err_nomem(err);
		return NULL;
	}
	arena_init(&l->named.arena, 0);
	arena_init(&l->open.arena, 0);
	return l;
}

struct ledger *
ledger_open(struct db *db, struct err *err)
{
	struct ledger *l = ledger_empty(err);

	if (l == NULL || load_open(l, db, err))
		return l;
	ledger_free(l);
	return NULL;
}

static void
mark_taken(struct source_rows *s, int64_t source_id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].source_id == source_id)
			s->row[i].taken = true;
}

/* What was taken stays so, under whatever name it is found again. */
static void
keep_taken(struct ledger *l)
{
	for (size_t i = 0; i < l->open.n; i++)
		if (l->open.row[i].taken)
			mark_taken(&l->named, l->open.row[i].source_id);
}

bool
ledger_look(struct ledger *l, struct db *db, const struct str *names,
    size_t n, bool (*will_be_read)(const void *data, struct str name),
    const void *data, struct err *err)
{
	l->will_be_read = will_be_read;
	l->data = data;
	if (!load_finished(l, db, names, n, err) ||
	    !load_named(l, db, names, n, err))
		return false;
	keep_taken(l);
	return true;
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	forget_finished(l);
	arena_close(&l->named.arena);
	arena_close(&l->open.arena);
	free(l);
}

/* The first row of that name among those of the files; NULL when there is none. */
static const struct source_row *
first_of_name(const struct ledger *l, struct str name)
{
	const struct source_row *row = l->named.row;
	size_t lo = 0, hi = l->named.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (str_cmp(row[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->named.n && str_eq(row[lo].name, name) ? &row[lo] : NULL;
}

/* Adds the rows of that name to the n in out; returns how many there are then. */
static size_t
add_of_name(const struct ledger *l, struct str name,
    const struct source_row **out, size_t n, size_t cap)
{
	const struct source_row *r = first_of_name(l, name);
	const struct source_row *end = l->named.row + l->named.n;

	for (; r != NULL && r < end && str_eq(r->name, name) && n < cap; r++)
		if (!r->taken)
			out[n++] = r;
	return n;
}

size_t
ledger_candidates(struct ledger *l, struct str name,
    const struct source_row **out, size_t cap)
{
	struct str other;
	size_t n;

	if (l->named.n == 0 && l->open.n == 0)
		return 0;
	other = other_name(&l->named.arena, name);
	n = add_of_name(l, name, out, 0, cap);
	if (!l->will_be_read(l->data, other))
		n = add_of_name(l, other, out, n, cap);
	for (size_t i = 0; i < l->open.n && n < cap; i++) {
		const struct source_row *r = l->longest[i];

		/* Every file begins with nothing. */
		if (!r->taken && r->done_bytes > 0 &&
		    !str_eq(r->name, name) && !str_eq(r->name, other))
			out[n++] = r;
	}
	return n;
}

bool
ledger_knows_start(const struct ledger *l, struct str name)
{
	const struct source_row *longest = first_of_name(l, name);

	return longest != NULL && longest->done_bytes > 0;
}

void
ledger_take(struct ledger *l, const struct source_row *row)
{
	int64_t id = row->source_id;

	mark_taken(&l->named, id);
	mark_taken(&l->open, id);
}
