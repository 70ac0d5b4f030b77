#include "run/stated.h"

#include "embedded.h"

enum { PAGE_PARTS = 256 };	/* of some 5 KB */

void
stated_init(struct stated *s, const char *folder)
{
	*s = (struct stated){ .has = false };
	sorter_init(&s->sorter, folder);
}

void
stated_close(struct stated *s)
{
	sorter_close(&s->sorter);
	buf_free(&s->id);
}

/* -- from the database -- */

bool
stated_damaged(struct err *err, struct str day, int64_t publication,
    int64_t part, const char *what)
{
	return err_fail(err, "the record of what was published has been "
	    "damaged: day \"%.*s\", publication %lld, part %lld: %s",
	    STR_ARG(day), (long long)publication, (long long)part, what);
}

/* Gives the next row of a part; false at the end, and, not *whole, when there are more of the one than of the other. */
static bool
next_row(struct db_array *keys, struct db_array *digests, struct str *key,
    struct str *digest, bool *whole)
{
	bool has_key = db_array_next(keys, key);
	bool has_digest = db_array_next(digests, digest);

	*whole = has_key == has_digest && (!has_key || key->p != NULL);
	return has_key && *whole;
}

/* Puts the versions of a part, whose place is told but for each one's own. */
static bool
put_part(struct stated *s, const struct db_rows *rows, size_t i,
    struct err *err)
{
	struct db_array keys = db_get_array(rows, i, 3);
	struct db_array digests = db_get_array(rows, i, 4);
	struct str day = db_get_text(rows, i, 0), key, digest;
	bool whole;
	struct stated_version v = {
		.publication = db_get_int(rows, i, 1),
		.part = db_get_int(rows, i, 2),
	};

	if (str_eq(day, STR("-infinity")))
		day = STR("");
	while (next_row(&keys, &digests, &key, &digest, &whole)) {
		rowid_set(&s->id, day, key);
		v.place++;
		v.is_known = digest.n == sizeof(v.digest.b);
		if (v.is_known)
			memcpy(v.digest.b, digest.p, digest.n);
		if (s->id.failed)
			return err_nomem(err);
		if (!sorter_put(&s->sorter, buf_str(&s->id), (struct str){
		    (const char *)&v, sizeof(v) }, err))
			return false;
	}
	return whole || stated_damaged(err, day, v.publication, v.part,
	    "its keys and digests do not go together");
}

/* Where in the record the next page begins: behind this part. */
struct place {
	char day[DAY_BYTES + 5];
	int64_t publication, part;
};

static void
move_on(struct place *p, const struct db_rows *rows, size_t i)
{
	struct str day = db_get_text(rows, i, 0);

	memcpy(p->day, day.p, day.n);
	p->day[day.n] = '\0';
	p->publication = db_get_int(rows, i, 1);
	p->part = db_get_int(rows, i, 2);
}

/* What is asked for: a series up to a publication, in a window. */
struct asked {
	int64_t series_id, position;
	const char *from, *to;
};

/* Takes a page of parts; *n: how many. */
static bool
load_page(struct stated *s, struct db *db, const struct asked *a,
    struct place *place, size_t *n, struct err *err)
{
	struct db_slot slot[5];
	struct db_param p[] = {
		db_int8(a->series_id, &slot[0]),
		db_text(str_of(a->from != NULL ? a->from : "")),
		db_text(str_of(a->to != NULL ? a->to : "")),
		db_int8(a->position, &slot[1]),
		db_text(str_of(place->day)),
		db_int8(place->publication, &slot[2]),
		db_int8(place->part, &slot[3]),
		db_int8(PAGE_PARTS, &slot[4]),
	};
	struct db_rows *rows = db_query(db, sql_list_published, p, 8, err);
	bool ok = rows != NULL;

	*n = ok ? db_rows_count(rows) : 0;
	for (size_t i = 0; ok && i < *n; i++)
		ok = put_part(s, rows, i, err);
	if (*n > 0)
		move_on(place, rows, *n - 1);
	db_rows_free(rows);
	return ok;
}

bool
stated_load(struct stated *s, struct db *db, int64_t series_id,
    int64_t position, const char *from, const char *to, struct err *err)
{
	struct asked asked = { series_id, position, from, to };
	struct place place = { .day = "-infinity" };
	size_t n = PAGE_PARTS;

	while (n == PAGE_PARTS)
		if (!load_page(s, db, &asked, &place, &n, err))
			return false;
	return stated_begin(s, err);
}

/* -- row by row -- */

static bool
look_ahead(struct stated *s, struct err *err)
{
	s->has_ahead = sorter_next(&s->sorter, &s->ahead_id, &s->ahead_version,
	    err);
	return err->kind == ERR_NONE;
}

/* Takes the next row's versions, of which the last counts. */
static bool
take_row(struct stated *s, struct err *err)
{
	buf_reset(&s->id);
	if (!buf_puts(&s->id, s->ahead_id))
		return err_nomem(err);
	do {
		memcpy(&s->version, s->ahead_version.p, sizeof(s->version));
		if (!look_ahead(s, err))
			return false;
	} while (s->has_ahead && str_eq(s->ahead_id, buf_str(&s->id)));
	return true;
}

bool
stated_next(struct stated *s, struct err *err)
{
	do {
		s->has = s->has_ahead;
		if (s->has && !take_row(s, err))
			return false;
	} while (s->has && !s->version.is_known);
	return true;
}

bool
stated_begin(struct stated *s, struct err *err)
{
	return sorter_begin(&s->sorter, err) && look_ahead(s, err) &&
	    stated_next(s, err);
}

bool
stated_is(const struct stated *s, struct str id)
{
	return s->has && str_eq(buf_str(&s->id), id);
}
