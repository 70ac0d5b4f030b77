/*
 * cursor: the rows of a cursor of the database, asked for some at a time.
 *
 * Within the caller's transaction, which ends the cursor. From cursor_open on
 * a row is at hand, rows and at tell where, unless ended; what was read of
 * it is borrowed until the next one.
 */
#ifndef CALLTALLY_DB_CURSOR_H
#define CALLTALLY_DB_CURSOR_H

#include "db/db.h"

struct cursor {
	struct db *db;
	const char *fetch;	/* the statement that gives the next rows */
	struct db_rows *rows;
	size_t at;
	bool ended;
};

/* declare and its n parameters make the cursor. Close in any case. */
bool cursor_open(struct cursor *, struct db *, const char *declare,
    const struct db_param *, int n, const char *fetch, struct err *);
/* Goes to the next row; not to be asked for behind the end. */
bool cursor_next(struct cursor *, struct err *);
void cursor_close(struct cursor *);

#endif
