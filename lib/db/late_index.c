#include "db/late_index.h"

#include "embedded.h"

/* Longer than the server takes to send its own vacuum away. */
#define PATIENCE STR("2s")

struct late_indexes {
	bool there;
	bool may;	/* this session may make them */
	bool unchanged;
};

static bool
look(struct db *db, struct late_indexes *l, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_get_late_indexes, NULL, 0, err);

	if (rows == NULL)
		return false;
	*l = (struct late_indexes){
		.there = db_get_bool(rows, 0, 0),
		.may = db_get_bool(rows, 0, 1),
		.unchanged = db_get_bool(rows, 0, 2),
	};
	db_rows_free(rows);
	return true;
}

/* A server that crashes may have them again: no harm. */
static bool
remove_now(struct db *db, struct err *err)
{
	bool away;

	return db_begin(db, err) && db_exec(db, sql_set_commit_later, err) &&
	    db_lock_now(db, sql_remove_late_indexes, &away, err) &&
	    (!away || db_commit(db, err));
}

bool
late_indexes_remove(struct db *db, struct err *err)
{
	struct err own = ERR_INIT;
	struct late_indexes l;

	if (!look(db, &l, err))
		return false;
	if (!l.may || !l.unchanged || remove_now(db, &own))
		return true;
	db_rollback(db);
	/* Whatever else it was (a rule of the house against it), the load goes on with them. */
	return own.kind != ERR_LOST || err_set(err, own.kind, "%s", own.text);
}

/*
 * Each in a transaction of its own: none waits for a table while it has
 * another. Nor for the disk: what a crash takes away the next ingest makes.
 * Nobody waits for an index whose maker was killed: the server ends it.
 */
static bool
make(struct db *db, const char *sql, struct err *err)
{
	struct db_param limit = db_text(PATIENCE);

	if (db_begin(db, err) && db_exec(db, sql_set_commit_later, err) &&
	    db_exec(db, sql_set_connection_check, err) &&
	    db_run(db, sql_set_lock_timeout, &limit, 1, NULL, err) &&
	    db_exec(db, sql, err) && db_commit(db, err))
		return true;
	db_rollback(db);
	return false;
}

bool
late_indexes_make(struct db *db, struct err *err)
{
	struct late_indexes l;

	if (!look(db, &l, err))
		return false;
	return l.there || !l.may ||
	    (make(db, sql_create_call_day_at, err) &&
	    make(db, sql_create_credit_balance_event_time, err));
}
