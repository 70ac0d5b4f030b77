/*
 * conn: what the files of lib/db share about a connection; for them only.
 *
 * The one header that shows libpq. struct db is opened in connect.c and used
 * in db.c and copy_in.c, copy_out.c.
 */
#ifndef CALLTALLY_DB_CONN_H
#define CALLTALLY_DB_CONN_H

#include <libpq-fe.h>

#include "db/db.h"

enum {
	DB_NAME_BYTES = 512,
	DB_PARAMS_MAX = 64,
};

struct db {
	PGconn *conn;
	PGcancel *cancel;	/* of its own, so that any thread may use it */
	struct buf text;	/* the terminated text parameters of one statement */
	char *conninfo;		/* to open it again; may hold a password */
	int64_t guard_key;	/* of the lock that db_begin looks after; 0: none */
	char guard[ID128_TEXT_BYTES];	/* tells this session from all others */
	char name[DB_NAME_BYTES];
};

struct db_rows {
	PGresult *res;
};

/* Types of pg_type.h, fixed for ever. */
enum db_oid {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_NAME = 19,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_OID = 26,
	OID_JSON = 114,
	OID_INT2_ARRAY = 1005,
	OID_TEXT_ARRAY = 1009,
	OID_INT8_ARRAY = 1016,
	OID_VARCHAR = 1043,
	OID_TIMESTAMPTZ = 1184,
	OID_TIMESTAMPTZ_ARRAY = 1185,
	OID_UUID = 2950,
	OID_UUID_ARRAY = 2951,
};

/* Instants on the wire count from 2000-01-01. */
int64_t pg_time_of_us(int64_t us);
int64_t us_of_pg_time(int64_t t);

/* Whether a later try may succeed where SQLSTATE state ("" or 5 bytes) was given. */
bool db_state_is_temporary(const char *state);
/* Whether it says that the server is gone, or not there yet. */
bool db_state_is_loss(const char *state);

/* Connects a struct db that has nothing but its conninfo; PQfinish is the caller's also after false. */
bool db_connect(struct db *, struct err *);

/*
 * Refuses a pooler that gives each transaction another server process: locks
 * and settings of a session mean nothing there, and would be left behind in
 * processes that serve others. To be asked before anything is set.
 */
bool db_refuse_pooler(struct db *, struct err *);

/* Text of libpq on one line: white space folded, none at the ends. */
void db_one_line(const char *text, char *out, size_t n);

/*
 * Records what went wrong: the server's answer res, or, when it is NULL or
 * holds no error, what libpq says. Returns false. Does not clear res.
 */
bool db_fail(struct db *, const PGresult *res, struct err *);

/* Takes the lock that a session had before; ERR_AGAIN when somebody else has it now. */
bool db_lock_again(struct db *, int64_t key, struct err *);

/* Takes and drops all results that are still to come, ending any COPY. */
void db_drain(struct db *);

#endif
