/*
 * db: a PostgreSQL connection; lib/db is the only user of libpq.
 *
 * Statements are the embedded texts of sql/ and take values only as
 * parameters. A struct db belongs to one thread. On opening, the session is
 * made plain (sql/query/set_session.sql): client_encoding UTF8, DateStyle
 * ISO, TimeZone UTC, IntervalStyle postgres, bytea_output hex, no statement
 * or idle timeout, and a search_path of pg_catalog alone, so that all SQL
 * names its schema. Durability is the server's. Notices are dropped. A server
 * that is not UTF8 or older than 15 is refused.
 *
 * Errors tell the server's message on one line, SQLSTATE and a password-free
 * name of the database, but not the row at fault (it may hold phone
 * numbers). A connection that cannot be had or was lost and a server that is
 * starting up or shutting down are ERR_LOST; a full server, lock timeouts,
 * deadlocks and serialisation failures ERR_AGAIN; a wrong password, role or
 * database name is ERR_FAILED, a connection string that is none ERR_USAGE.
 *
 * Limits: DB_PARAMS_MAX (64) parameters a statement, 1 GiB each.
 */
#ifndef CALLTALLY_DB_DB_H
#define CALLTALLY_DB_DB_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

struct db;
struct db_rows;

/* Whether libpq finds a password in it, in whatever spelling; false also when it is no connection string. */
bool db_has_password(const char *conninfo);

/*
 * conninfo: a libpq connection string or URI, "" for libpq's environment.
 * Waits 10 s for each host, unless connect_timeout says otherwise. NULL on
 * error; else the caller closes it.
 */
struct db *db_open(const char *conninfo, struct err *);
void db_close(struct db *);
/*
 * Opens the connection anew where its server went away, and takes the lock
 * again that it had (db_lock_writer, db_guard); what was set or open in the
 * old session is gone. After false only db_reopen and db_close are right.
 */
bool db_reopen(struct db *, struct err *);
/* "host=... dbname=... user=..." without any secret, for messages; borrowed. */
const char *db_name(const struct db *);

/* A parameter. NULL p is SQL NULL. */
struct db_param {
	const void *p;
	size_t n;		/* bytes; of text parameters too (need not be terminated) */
	unsigned oid;		/* 0: let the server infer; set for binary ones */
	bool binary;
};

struct db_param db_text(struct str s);			/* {NULL,0}: SQL NULL */
struct db_param db_null(void);
/* These keep their bytes in *slot, which must live until the call is done. */
struct db_slot { unsigned char b[16]; };
struct db_param db_int8(int64_t v, struct db_slot *slot);
struct db_param db_bool(bool v, struct db_slot *slot);
struct db_param db_uuid(const struct id128 *v);
struct db_param db_time(int64_t us, struct db_slot *slot);	/* TIME_NONE: SQL NULL */
struct db_param db_bytes(struct str s);			/* bytea */

/*
 * Arrays, built in *out (reset first; its bytes are the parameter's) as
 * binary one-dimensional arrays. One that memory or the buffer's maximum did
 * not suffice for makes the call fail that it is given to.
 */
struct db_param db_uuid_array(struct buf *out, const struct id128 *ids, size_t n);
struct db_param db_int2_array(struct buf *out, const int16_t *v, size_t n);
struct db_param db_int8_array(struct buf *out, const int64_t *v, size_t n);
/* TIME_NONE is a NULL element. */
struct db_param db_time_array(struct buf *out, const int64_t *us, size_t n);
struct db_param db_text_array(struct buf *out, const struct str *v, size_t n);

/* Runs one or more statements without parameters and rows. */
bool db_exec(struct db *, const char *sql, struct err *);
/* Runs one statement with parameters; *affected (may be NULL) rows changed. */
bool db_run(struct db *, const char *sql, const struct db_param *, int n,
    uint64_t *affected, struct err *);
/* The same with rows, in binary form; NULL on error; the caller frees them. */
struct db_rows *db_query(struct db *, const char *sql,
    const struct db_param *, int n, struct err *);
/* Runs a query of one row whose first column is a boolean. */
bool db_query_bool(struct db *, const char *sql, const struct db_param *,
    int n, bool *, struct err *);
void db_rows_free(struct db_rows *);

size_t db_rows_count(const struct db_rows *);
int db_rows_columns(const struct db_rows *);
bool db_is_null(const struct db_rows *, size_t row, int col);
/*
 * Values by the column's type; another type, or a place outside the result,
 * is a bug. NULL gives 0, false, {NULL,0}, TIME_NONE. Text is borrowed from
 * the rows.
 */
int64_t db_get_int(const struct db_rows *, size_t row, int col);	/* int2, int4, int8 */
bool db_get_bool(const struct db_rows *, size_t row, int col);
struct id128 db_get_uuid(const struct db_rows *, size_t row, int col);
int64_t db_get_time(const struct db_rows *, size_t row, int col);	/* timestamptz -> us */
struct str db_get_text(const struct db_rows *, size_t row, int col);	/* text, json, bytea */
/* Elements of an int2[]; at most cap are put into out; returns how many there are. */
size_t db_get_int2_array(const struct db_rows *, size_t row, int col, int16_t *out, size_t cap);

/* The elements of a text[] or uuid[] on their way; borrowed from the rows. */
struct db_array {
	struct str rest;
	size_t n;		/* elements still to come */
};
/* NULL is an empty one. */
struct db_array db_get_array(const struct db_rows *, size_t row, int col);
/* False at the end. The bytes of the next element; {NULL,0} is NULL. */
bool db_array_next(struct db_array *, struct str *);

/*
 * Runs statements that lock tables in the open transaction, unless somebody
 * has them, or waits for them, for himself: then *got is false, and the
 * transaction is rolled back.
 */
bool db_lock_now(struct db *, const char *sql, bool *got, struct err *);

/* With a lock that is looked after (db_guard), it also makes sure that this session still has it. */
bool db_begin(struct db *, struct err *);
/*
 * False also when the transaction had failed and the server rolled it back.
 * When the connection is lost before the answer comes, the transaction may
 * have been committed or not, and the error says so.
 */
bool db_commit(struct db *, struct err *);
/* Rolls back whatever is open, a COPY included; errors are of no interest. */
void db_rollback(struct db *);

/*
 * The writer lock of this database, held until it is given back or the
 * connection ends; waits at most wait_s seconds, then ERR_AGAIN naming the
 * holder. A signal that is caught ends the waiting, too. Not to be taken
 * twice by one connection.
 */
bool db_lock_writer(struct db *, int wait_s, struct err *);
void db_unlock_writer(struct db *);

/*
 * For a second connection of the one that has the writer lock: as long as it
 * is open nobody else gets the lock, even if the first connection is lost.
 */
bool db_join_writer(struct db *, struct err *);

/*
 * From now on each db_begin makes sure that its transaction runs in the server
 * process that took the advisory lock key for this session, and nobody else's
 * session shares it: behind a pooler that moves sessions about, no promise
 * that hangs on the lock is broken. Done by db_lock_writer for its own.
 */
bool db_guard(struct db *, int64_t key, struct err *);

/* Asks the server to cancel what runs; may be called from another thread or a signal's aftermath. */
void db_cancel(struct db *);

/* Cuts off the connection that another thread waits at: there it is lost. */
void db_cut(struct db *);

#endif
