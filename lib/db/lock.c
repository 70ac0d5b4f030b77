/*
 * lock: the writer's lock, the watch over locks that a session holds, and tables.
 *
 * An advisory lock belongs to a server process. A pooler that gives each
 * transaction another process leaves the lock with one that may serve
 * anybody, so that two writers could both believe to have it. Therefore each
 * transaction of a session with a lock first asks its process whether it has
 * the lock and still knows the session by the name that it was given.
 */
#include "db/conn.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "embedded.h"

/*
 * "calltall" as a number: the key of the writer's advisory lock. The next one
 * is that of its second connection.
 */
#define WRITER_LOCK_KEY INT64_C(0x63616c6c74616c6c)
#define SECOND_LOCK_KEY (WRITER_LOCK_KEY + 1)

enum { LOCK_POLL_MS = 100 };

/* Whether the server process that answers now is the one that has the lock. */
static bool
check_guard(struct db *db, struct err *e)
{
	struct db_slot slot;
	struct db_param p[] = {
		db_int8(db->guard_key, &slot), db_text(str_of(db->guard)),
	};
	bool has;

	if (!db_query_bool(db, sql_has_lock, p, 2, &has, e))
		return false;
	return has || err_fail(e, "database %s: the lock of this session is "
	    "with another server process: a connection pooler moves sessions "
	    "about; connect to the server itself, or pool by session", db->name);
}

bool
db_guard(struct db *db, int64_t key, struct err *e)
{
	struct db_param name;
	struct id128 id;

	if (!id128_random(&id, e))
		return false;
	id128_text(&id, db->guard);
	name = db_text(str_of(db->guard));
	if (!db_run(db, sql_set_guard, &name, 1, NULL, e))
		return false;
	db->guard_key = key;
	return check_guard(db, e);
}

bool
db_lock_now(struct db *db, const char *sql, bool *got, struct err *e)
{
	struct db_param at_once = db_text(STR("1ms")), any = db_text(STR("0"));
	struct err refused = ERR_INIT;

	if (!db_run(db, sql_set_lock_timeout, &at_once, 1, NULL, e))
		return false;
	*got = db_exec(db, sql, &refused);
	if (*got)
		return db_run(db, sql_set_lock_timeout, &any, 1, NULL, e);
	if (refused.kind != ERR_AGAIN)
		return err_set(e, refused.kind, "%s", refused.text);
	db_rollback(db);
	return true;
}

bool
db_begin(struct db *db, struct err *e)
{
	if (!db_exec(db, "BEGIN", e))
		return false;
	if (db->guard_key == 0 || check_guard(db, e))
		return true;
	db_rollback(db);
	return false;
}

/* Tells who has the lock, as far as the server lets us see. */
static bool
held(struct db *db, int64_t key, int wait_s, struct err *e)
{
	struct db_slot slot;
	struct db_param p = db_int8(key, &slot);
	struct db_rows *rows;
	struct str app;
	char since[TIME_TEXT_BYTES];

	if ((rows = db_query(db, sql_find_lock_holder, &p, 1, e)) == NULL)
		return false;
	if (db_rows_count(rows) == 0)
		err_set(e, ERR_AGAIN, "database %s: another writer had the "
		    "lock for %d s", db->name, wait_s);
	else {
		app = db_get_text(rows, 0, 1);
		time_text(db_get_time(rows, 0, 2), since);
		err_set(e, ERR_AGAIN, "database %s: another writer has the "
		    "lock: server process %lld, '%.*s', connected since %s",
		    db->name, (long long)db_get_int(rows, 0, 0), STR_ARG(app),
		    since);
	}
	db_rows_free(rows);
	return false;
}

static bool
try_lock(struct db *db, int64_t key, bool *got, struct err *e)
{
	struct db_slot slot;
	struct db_param p = db_int8(key, &slot);

	return db_query_bool(db, sql_lock_writer, &p, 1, got, e);
}

static void
unlock(struct db *db, int64_t key)
{
	struct db_slot slot;
	struct db_param p = db_int8(key, &slot);
	struct err ignored = ERR_INIT;

	(void)db_run(db, sql_unlock_writer, &p, 1, NULL, &ignored);
}

/* The writer's lock is had when one that lost it has no second connection left, either. */
static bool
try_whole(struct db *db, int64_t key, bool *got, struct err *e)
{
	if (!try_lock(db, key, got, e))
		return false;
	if (!*got || key != WRITER_LOCK_KEY)
		return true;
	if (!try_lock(db, SECOND_LOCK_KEY, got, e))
		return false;
	unlock(db, *got ? SECOND_LOCK_KEY : WRITER_LOCK_KEY);
	return true;
}

static bool
wait_for_lock(struct db *db, int64_t key, int wait_s, struct err *e)
{
	const struct timespec pause = { .tv_nsec = LOCK_POLL_MS * 1000000L };
	int64_t until_us = clock_mono_us() + wait_s * INT64_C(1000000);
	bool got = false;

	for (;;) {
		if (!try_whole(db, key, &got, e))
			return false;
		if (got)
			return db_guard(db, key, e);
		if (clock_mono_us() >= until_us)
			return held(db, key, wait_s, e);
		if (nanosleep(&pause, NULL) != 0 && errno == EINTR)
			return err_set(e, ERR_AGAIN, "database %s: waiting "
			    "for another writer was interrupted", db->name);
	}
}

bool
db_lock_writer(struct db *db, int wait_s, struct err *e)
{
	return wait_for_lock(db, WRITER_LOCK_KEY, wait_s, e);
}

bool
db_lock_again(struct db *db, int64_t key, struct err *e)
{
	return wait_for_lock(db, key, 0, e);
}

void
db_unlock_writer(struct db *db)
{
	db->guard_key = 0;
	unlock(db, WRITER_LOCK_KEY);
}

bool
db_join_writer(struct db *db, struct err *e)
{
	bool got;

	if (!try_lock(db, SECOND_LOCK_KEY, &got, e))
		return false;
	if (!got)
		return err_set(e, ERR_AGAIN, "database %s: another writer has "
		    "the lock of the second connection", db->name);
	return db_guard(db, SECOND_LOCK_KEY, e);
}
