#include "db/pull_state.h"

#include "base/clock.h"
#include "embedded.h"

enum { CHOICE_PARAMS = 6 };

static void
choice_params(const struct pull_choice *c, struct db_param p[CHOICE_PARAMS],
    struct db_slot slot[CHOICE_PARAMS])
{
	p[0] = db_text(c->provider);
	p[1] = db_time(c->since_us, &slot[1]);
	p[2] = db_time(c->grace_us, &slot[2]);
	p[3] = db_time(c->now_us, &slot[3]);
	p[4] = db_time(c->begun_us, &slot[4]);
	p[5] = db_bool(c->with_url, &slot[5]);
}

static struct pull_row
read_row(const struct db_rows *rows, size_t i, struct arena *a)
{
	struct pull_row r = {
		.key = db_get_uuid(rows, i, 0),
		.call_id = arena_str(a, db_get_text(rows, i, 1)),
		.day_us = db_get_time(rows, i, 2),
		.terminal = db_get_bool(rows, i, 4),
		.held = db_get_bool(rows, i, 5),
		.analyzed = db_get_bool(rows, i, 6),
		.tries = db_get_int(rows, i, 7),
		.of_walk = db_get_bool(rows, i, 8),
	};

	if (!db_is_null(rows, i, 3))
		r.detail_url = arena_str(a, db_get_text(rows, i, 3));
	return r;
}

/* Takes all rows over into the arena, and frees them. */
static bool
read_rows(struct db_rows *rows, struct arena *a, struct pull_row **out,
    size_t *n, struct err *err)
{
	if (rows == NULL)
		return false;
	*n = db_rows_count(rows);
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	for (size_t i = 0; *out != NULL && i < *n; i++)
		(*out)[i] = read_row(rows, i, a);
	db_rows_free(rows);
	return !a->failed || err_nomem(err);
}

bool
pull_find(struct db *db, const struct pull_choice *c, size_t limit,
    struct arena *a, struct pull_row **rows, size_t *n, struct err *err)
{
	struct db_param p[CHOICE_PARAMS + 2];
	struct db_slot slot[CHOICE_PARAMS], limit_slot;

	choice_params(c, p, slot);
	p[CHOICE_PARAMS] = db_uuid(&c->walk);
	p[CHOICE_PARAMS + 1] = db_int8((int64_t)limit, &limit_slot);
	return read_rows(db_query(db, sql_find_pull_calls, p, CHOICE_PARAMS + 2,
	    err), a, rows, n, err);
}

bool
pull_find_one(struct db *db, const struct pull_choice *c,
    const struct id128 *key, struct arena *a, struct pull_row **rows,
    size_t *n, struct err *err)
{
	struct db_slot slot[2];
	struct db_param p[] = { db_uuid(key), db_time(c->begun_us, &slot[0]),
	    db_bool(c->with_url, &slot[1]) };

	return read_rows(db_query(db, sql_find_pull_call, p, 3, err), a, rows,
	    n, err);
}

bool
pull_count(struct db *db, const struct pull_choice *c, int64_t *due,
    int64_t *without_url, struct err *err)
{
	struct db_param p[CHOICE_PARAMS];
	struct db_slot slot[CHOICE_PARAMS];
	struct db_rows *rows;

	choice_params(c, p, slot);
	rows = db_query(db, sql_count_pull_calls, p, CHOICE_PARAMS, err);
	if (rows == NULL)
		return false;
	*due = db_get_int(rows, 0, 0);
	*without_url = db_get_int(rows, 0, 1);
	db_rows_free(rows);
	return true;
}

/* The columns of put_pull_calls, as arrays. */
struct columns {
	struct id128 *key;
	struct str *text[4];	/* call_id, state, error_code, body */
	int64_t *tries;
	int64_t *time[2];	/* next_try, asked */
	int16_t *status;
};

static bool
make_columns(struct columns *c, struct arena *a,
    const struct pull_state_row *row, size_t n)
{
	static const char *const state[] = { "due", "done", "gone" };

	c->key = arena_alloc(a, n * sizeof(*c->key));
	c->tries = arena_alloc(a, n * sizeof(*c->tries));
	c->status = arena_alloc(a, n * sizeof(*c->status));
	for (int i = 0; i < 4; i++)
		c->text[i] = arena_alloc(a, n * sizeof(struct str));
	for (int i = 0; i < 2; i++)
		c->time[i] = arena_alloc(a, n * sizeof(int64_t));
	for (size_t i = 0; !a->failed && i < n; i++) {
		c->key[i] = row[i].key;
		c->tries[i] = row[i].tries;
		c->status[i] = row[i].status;
		c->text[0][i] = row[i].call_id;
		c->text[1][i] = str_of(state[row[i].state]);
		c->text[2][i] = row[i].error_code;
		c->text[3][i] = row[i].body;
		c->time[0][i] = row[i].next_try_us;
		c->time[1][i] = row[i].asked_us;
	}
	return !a->failed;
}

bool
pull_put(struct db *db, struct str provider, const struct pull_state_row *row,
    size_t n, const struct id128 *run_id, struct err *err)
{
	enum { ARRAYS = 9 };
	struct buf b[ARRAYS] = { 0 };
	struct columns c;
	struct arena a;
	bool ok;

	if (n == 0)
		return true;
	arena_init(&a, 0);
	ok = make_columns(&c, &a, row, n) || err_nomem(err);
	if (ok) {
		struct db_param p[] = {
			db_text(provider),
			db_uuid_array(&b[0], c.key, n),
			db_text_array(&b[1], c.text[0], n),
			db_text_array(&b[2], c.text[1], n),
			db_int8_array(&b[3], c.tries, n),
			db_time_array(&b[4], c.time[0], n),
			db_int2_array(&b[5], c.status, n),
			db_text_array(&b[6], c.text[2], n),
			db_text_array(&b[7], c.text[3], n),
			db_uuid(run_id),
			db_time_array(&b[8], c.time[1], n),
		};

		for (int i = 0; ok && i < ARRAYS; i++)
			ok = !b[i].failed || err_nomem(err);
		ok = ok && db_run(db, sql_put_pull_calls, p,
		    (int)(sizeof(p) / sizeof(p[0])), NULL, err);
	}
	for (int i = 0; i < ARRAYS; i++)
		buf_free(&b[i]);
	arena_close(&a);
	return ok;
}

bool
pull_forgive(struct db *db, struct str provider, const struct id128 *run_id,
    struct err *err)
{
	struct db_param p[] = { db_uuid(run_id), db_text(provider) };

	return db_run(db, sql_forgive_pull_calls, p, 2, NULL, err);
}

bool
pull_get_bucket(struct db *db, struct str provider, struct str host,
    struct pull_bucket_row *out, bool *found, struct err *err)
{
	struct db_param p[] = { db_text(provider), db_text(host) };
	struct db_rows *rows = db_query(db, sql_get_pull_bucket, p, 2, err);

	if (rows == NULL)
		return false;
	*found = db_rows_count(rows) > 0;
	if (*found)
		*out = (struct pull_bucket_row){
			.tokens = db_get_int(rows, 0, 0),
			.at_us = db_get_time(rows, 0, 1),
			.not_before_us = db_get_time(rows, 0, 2),
			.in_use = db_get_bool(rows, 0, 3),
		};
	db_rows_free(rows);
	return true;
}

bool
pull_put_bucket(struct db *db, struct str provider, struct str host,
    const struct pull_bucket_row *row, struct err *err)
{
	struct db_slot slot[4];
	struct db_param p[] = {
		db_text(provider), db_text(host),
		db_int8(row->tokens, &slot[0]), db_time(row->at_us, &slot[1]),
		db_time(row->not_before_us, &slot[2]),
		db_bool(row->in_use, &slot[3]),
	};

	return db_run(db, sql_put_pull_bucket, p, 6, NULL, err);
}

bool
pull_get_cursor(struct db *db, struct str provider, int64_t not_before_us,
    struct arena *a, struct pull_cursor_row *out, bool *found, struct err *err)
{
	struct db_slot slot;
	struct db_param p[] = { db_text(provider),
	    db_time(not_before_us, &slot) };
	struct db_rows *rows = db_query(db, sql_get_pull_cursor, p, 2, err);

	if (rows == NULL)
		return false;
	*found = db_rows_count(rows) > 0;
	if (*found)
		*out = (struct pull_cursor_row){
			.walk = db_get_uuid(rows, 0, 0),
			.cursor = arena_str(a, db_get_text(rows, 0, 1)),
			.after_us = db_get_time(rows, 0, 2),
			.before_us = db_get_time(rows, 0, 3),
		};
	db_rows_free(rows);
	return !a->failed || err_nomem(err);
}

bool
pull_put_cursor(struct db *db, struct str provider,
    const struct pull_cursor_row *row, int64_t now_us, struct err *err)
{
	struct db_slot slot[3];
	struct db_param p[] = {
		db_text(provider), db_uuid(&row->walk), db_text(row->cursor),
		db_time(row->after_us, &slot[0]),
		db_time(row->before_us, &slot[1]), db_time(now_us, &slot[2]),
	};

	return db_run(db, sql_put_pull_cursor, p, 6, NULL, err);
}

bool
pull_remove_cursor(struct db *db, struct str provider, struct err *err)
{
	struct db_param p = db_text(provider);

	return db_run(db, sql_remove_pull_cursor, &p, 1, NULL, err);
}

bool
pull_get_sources(struct db *db, const struct str *name, size_t n,
    struct pull_source *out, struct err *err)
{
	struct buf b = BUF_INIT(0);
	struct db_param p = db_text_array(&b, name, n);
	struct db_rows *rows = db_query(db, sql_get_sources_read, &p, 1, err);

	for (size_t i = 0; i < n; i++)
		out[i] = (struct pull_source){ .finished_bytes = -1 };
	for (size_t r = 0; rows != NULL && r < db_rows_count(rows); r++)
		for (size_t i = 0; i < n; i++) {
			if (!str_eq(name[i], db_get_text(rows, r, 0)))
				continue;
			if (db_get_bool(rows, r, 1) &&
			    db_get_int(rows, r, 2) > out[i].finished_bytes)
				out[i].finished_bytes = db_get_int(rows, r, 2);
			if (db_get_int(rows, r, 3) > out[i].done_bytes)
				out[i].done_bytes = db_get_int(rows, r, 3);
		}
	buf_free(&b);
	db_rows_free(rows);
	return rows != NULL;
}
