/*
 * copy: COPY in and out.
 *
 * In: binary rows, built in a buffer and sent in pieces of 256 KiB; memory is
 * that and the largest row. The caller begins a row with its number of
 * columns and puts exactly that many, in order; running out of memory is told
 * by the next row or the end. Out: text rows of a query, unescaped in place;
 * memory is one row. The connection does nothing else between begin and
 * end, abort or close.
 */
#ifndef CALLTALLY_DB_COPY_H
#define CALLTALLY_DB_COPY_H

#include "db/db.h"

struct copy_in {
	struct db *db;
	struct buf buf;
	uint64_t rows;
	uint64_t bytes;		/* sent so far */
	int missing;		/* columns that the row begun still lacks */
};

/* sql: "COPY t (...) FROM STDIN (FORMAT binary)". */
bool copy_in_begin(struct copy_in *, struct db *, const char *sql, struct err *);
bool copy_in_row(struct copy_in *, int columns, struct err *);	/* sends when the buffer is full */
void copy_in_null(struct copy_in *);
void copy_in_nulls(struct copy_in *, int columns);
void copy_in_bool(struct copy_in *, bool);
void copy_in_int2(struct copy_in *, int16_t);
void copy_in_int8(struct copy_in *, int64_t);
/* A date as YYYY-MM-DD; "" is -infinity. */
void copy_in_day(struct copy_in *, const char *day);
void copy_in_uuid(struct copy_in *, const struct id128 *);
void copy_in_time(struct copy_in *, int64_t us);		/* TIME_NONE: NULL */
void copy_in_text(struct copy_in *, struct str s);		/* text, json, bytea; {NULL,0}: NULL */
void copy_in_int2_array(struct copy_in *, const int16_t *, size_t n);
void copy_in_text_array(struct copy_in *, const struct str *, size_t n);	/* {NULL,0}: a NULL element */
void copy_in_uuid_array(struct copy_in *, const struct id128 *const *, size_t n);	/* NULL: the same */
/*
 * An array of n numbers that next gives one by one, false on error; sent as
 * it comes, so that n takes no memory. False on error, also of next.
 */
typedef bool copy_in_next_int8(void *arg, int64_t *, struct err *);
bool copy_in_int8_list(struct copy_in *, size_t n, copy_in_next_int8 *next,
    void *arg, struct err *);
/* Ends the COPY and checks the server's answer; nothing of it is left in any case. */
bool copy_in_end(struct copy_in *, struct err *);
/* Gives up: the transaction is to be rolled back. Safe after begin, whatever failed, and after end. */
void copy_in_abort(struct copy_in *);

/* A column of a query that is copied out. */
struct copy_column {
	const char *name;
	unsigned oid;		/* type */
};

struct copy_out {
	struct db *db;
	int columns;
	struct copy_column *column;	/* names and types, from a description of the query */
	struct str *cell;		/* of the current row; {NULL,0} is NULL */
	char *row;
	struct buf sql;
};

/*
 * query: one SELECT without parameters (embedded text or a user's report
 * file; it may end with semicolons and comments). After an error, too, the
 * caller closes.
 */
bool copy_out_begin(struct copy_out *, struct db *, const char *query, struct err *);
/* The same in two steps: the first gives the columns, the second starts it. */
bool copy_out_describe(struct copy_out *, struct db *, const char *query, struct err *);
bool copy_out_start(struct copy_out *, const char *query, struct err *);
/* The next row in copy_out->cell (borrowed until the next call); *end at the end. */
bool copy_out_next(struct copy_out *, bool *end, struct err *);
void copy_out_close(struct copy_out *);

#endif
