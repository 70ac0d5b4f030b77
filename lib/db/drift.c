#include "db/drift.h"

#include <stdlib.h>

#include "base/arena.h"
#include "embedded.h"

/* The columns of put_drift, as arrays. */
struct columns {
	struct str *text[4];	/* provider, shape, kind, name */
	int64_t *num[4];	/* source_id, line, event_time, lines */
};

static bool
columns_open(struct columns *c, struct arena *a, size_t n)
{
	for (int i = 0; i < 4; i++) {
		c->text[i] = arena_alloc(a, n * sizeof(struct str));
		c->num[i] = arena_alloc(a, n * sizeof(int64_t));
	}
	return !a->failed;
}

static void
fill(struct columns *c, size_t i, const struct drift_row *r)
{
	c->text[0][i] = r->drift.provider;
	c->text[1][i] = r->drift.shape;
	c->text[2][i] = str_of(drift_kind_name[r->drift.kind]);
	c->text[3][i] = r->drift.name;
	c->num[0][i] = r->source_id;
	c->num[1][i] = r->drift.line;
	c->num[2][i] = r->drift.time_us;
	c->num[3][i] = r->drift.lines;
}

static bool
put(struct db *db, const struct columns *c, size_t n, int64_t now_us,
    struct drift_counts *counts, struct err *err)
{
	struct buf b[8] = { 0 };
	struct db_slot slot[2];
	struct db_param p[] = {
		db_text_array(&b[0], c->text[0], n),
		db_text_array(&b[1], c->text[1], n),
		db_text_array(&b[2], c->text[2], n),
		db_text_array(&b[3], c->text[3], n),
		db_int8_array(&b[4], c->num[0], n),
		db_int8_array(&b[5], c->num[1], n),
		db_time_array(&b[6], c->num[2], n),
		db_int8_array(&b[7], c->num[3], n),
		db_time(now_us, &slot[0]),
		db_int8(DRIFT_KEEP, &slot[1]),
	};
	struct db_rows *rows = db_query(db, sql_put_drift, p, 10, err);

	if (rows != NULL) {
		counts->fresh += db_get_int(rows, 0, 0);
		counts->left_out += db_get_int(rows, 0, 1);
	}
	db_rows_free(rows);
	for (int i = 0; i < 8; i++)
		buf_free(&b[i]);
	return rows != NULL;
}

bool
drift_put(struct db *db, const struct drift_row *row, size_t n,
    int64_t now_us, struct drift_counts *counts, struct err *err)
{
	struct columns c;
	struct arena a;
	bool ok;

	if (n == 0)
		return true;
	arena_init(&a, 0);
	if ((ok = columns_open(&c, &a, n))) {
		for (size_t i = 0; i < n; i++)
			fill(&c, i, &row[i]);
		ok = put(db, &c, n, now_us, counts, err);
	} else {
		err_nomem(err);
	}
	arena_close(&a);
	return ok;
}

bool
drift_row_is_news(const struct db_rows *rows, size_t row,
    const struct profiles *profiles)
{
	enum drift_kind kind = drift_kind_by_name(db_get_text(rows, row, 2));

	return kind == DRIFT_KINDS || !drift_is_known(profiles,
	    db_get_text(rows, row, 0), db_get_text(rows, row, 1), kind,
	    db_get_text(rows, row, 3));
}

static bool
forget(struct db *db, const struct db_rows *rows, size_t row, struct err *err)
{
	struct db_param p[4];

	for (int i = 0; i < 4; i++)
		p[i] = db_text(db_get_text(rows, row, i));
	return db_run(db, sql_remove_drift, p, 4, NULL, err);
}

bool
drift_forget_known(struct db *db, const struct profiles *profiles,
    struct err *err)
{
	struct db_rows *rows = db_query(db, sql_list_drift, NULL, 0, err);
	bool ok = rows != NULL;

	for (size_t i = 0; ok && i < db_rows_count(rows); i++)
		if (!drift_row_is_news(rows, i, profiles))
			ok = forget(db, rows, i, err);
	db_rows_free(rows);
	return ok;
}
