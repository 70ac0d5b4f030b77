#include "db/passage.h"

#include <endian.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/conn.h"
#include "embedded.h"

/* An element of get_passages.sql's value, in network byte order. */
struct known {
	struct id128 digest;
	uint64_t ignored;
	uint64_t last_at;	/* as the server counts; least: none */
	uint16_t loud[PASSAGE_LOUD_MAX];
};
_Static_assert(sizeof(struct known) == 64, "as get_passages.sql packs it");
_Static_assert(sizeof(((struct known *)0)->loud) == 32,
    "as put_passages.sql unpacks it");

struct passages {
	struct db_rows *rows;	/* hold what is known */
	struct str known;	/* struct known, by digest; of any alignment */
};

/* The columns of put_passages, as arrays. */
struct columns {
	struct id128 *digest;
	int64_t *source_id, *line, *lines, *ignored, *last_us;
	uint16_t (*loud)[PASSAGE_LOUD_MAX];	/* big-endian */
};

static void
fill_columns(struct columns *c, size_t i, const struct passage_row *r)
{
	c->digest[i] = r->digest;
	c->source_id[i] = r->source_id;
	c->line[i] = r->line;
	c->lines[i] = r->lines;
	c->ignored[i] = r->is.ignored;
	c->last_us[i] = r->is.last_us;
	for (int k = 0; k < PASSAGE_LOUD_MAX; k++)
		c->loud[i][k] = htobe16((uint16_t)r->is.loud[k]);
}

static bool
columns_make(struct columns *c, struct arena *a, const struct passage_row *row,
    size_t n)
{
	c->digest = arena_alloc(a, n * sizeof(*c->digest));
	c->source_id = arena_alloc(a, n * sizeof(*c->source_id));
	c->line = arena_alloc(a, n * sizeof(*c->line));
	c->lines = arena_alloc(a, n * sizeof(*c->lines));
	c->ignored = arena_alloc(a, n * sizeof(*c->ignored));
	c->last_us = arena_alloc(a, n * sizeof(*c->last_us));
	c->loud = arena_alloc(a, n * sizeof(*c->loud));
	for (size_t i = 0; !a->failed && i < n; i++)
		fill_columns(c, i, &row[i]);
	return !a->failed;
}

bool
passages_put(struct db *db, const struct passage_row *row, size_t n,
    int64_t now_us, struct err *err)
{
	enum { ARRAYS = 6 };
	struct buf b[ARRAYS] = { 0 };
	struct db_slot slot;
	struct columns c;
	struct arena a;
	bool ok = false;

	if (n == 0)
		return true;
	arena_init(&a, 0);
	if (columns_make(&c, &a, row, n)) {
		struct db_param p[] = {
			db_uuid_array(&b[0], c.digest, n),
			db_int8_array(&b[1], c.source_id, n),
			db_int8_array(&b[2], c.line, n),
			db_int8_array(&b[3], c.lines, n),
			db_int8_array(&b[4], c.ignored, n),
			db_time_array(&b[5], c.last_us, n),
			db_bytes((struct str){ (const char *)c.loud,
			    n * sizeof(*c.loud) }),
			db_time(now_us, &slot),
		};

		ok = db_run(db, sql_put_passages, p, ARRAYS + 2, NULL, err);
	} else {
		err_nomem(err);
	}
	for (int i = 0; i < ARRAYS; i++)
		buf_free(&b[i]);
	arena_close(&a);
	return ok;
}

bool
passages_forget(struct db *db, struct err *err)
{
	return db_exec(db, sql_remove_passages, err);
}

struct passages *
passages_load(struct db *db, size_t room_bytes, struct err *err)
{
	struct passages *p = calloc(1, sizeof(*p));
	size_t room = room_bytes / PASSAGE_BYTES;
	struct db_slot slot;
	struct db_param max = db_int8(room < PASSAGES_MAX ? (int64_t)room :
	    PASSAGES_MAX, &slot);

	if (p == NULL) {
		err_nomem(err);
		return NULL;
	}
	if ((p->rows = db_query(db, sql_get_passages, &max, 1, err)) == NULL) {
		passages_free(p);
		return NULL;
	}
	p->known = db_get_text(p->rows, 0, 0);
	return p;
}

void
passages_free(struct passages *p)
{
	if (p == NULL)
		return;
	db_rows_free(p->rows);
	free(p);
}

static int
find_order(const void *digest, const void *known)
{
	return memcmp(digest, known, sizeof(struct id128));
}

bool
passages_find(const struct passages *p, const struct id128 *digest,
    struct passage *is)
{
	const char *at = p->known.n == 0 ? NULL : bsearch(digest, p->known.p,
	    p->known.n / sizeof(struct known), sizeof(struct known), find_order);
	struct known k;
	int64_t last_at;

	if (at == NULL)
		return false;
	memcpy(&k, at, sizeof(k));
	last_at = (int64_t)be64toh(k.last_at);
	is->ignored = (int64_t)be64toh(k.ignored);
	is->last_us = last_at == INT64_MIN ? TIME_NONE : us_of_pg_time(last_at);
	for (int i = 0; i < PASSAGE_LOUD_MAX; i++)
		is->loud[i] = (int16_t)be16toh(k.loud[i]);
	return true;
}
