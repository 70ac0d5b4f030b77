/*
 * statement_inner: what the sources of statements share.
 */
#ifndef CALLTALLY_RUN_STATEMENT_INNER_H
#define CALLTALLY_RUN_STATEMENT_INNER_H

#include "run/statement.h"

enum { WINDOW_BYTES = 64 * 1024 };

/* A row of the file, on its way. */
struct file_row {
	uint64_t no;		/* place in the file, from 1 */
	struct id128 digest;
	struct str line;
};

/*
 * Counts a row of the file in its day, and puts it among the changes when its
 * line is another than before. Rows come by id, those that went between them.
 */
bool statement_put(struct statement *, struct str id, const struct file_row *,
    const struct stated_version *before, struct err *);
/* A row that went. */
bool statement_put_gone(struct statement *, struct str id,
    const struct stated_version *before, struct err *);
/* Puts a change as it is, with its line; its day has one row more when it is there. */
bool statement_put_change(struct statement *, const struct stated_row *,
    struct str line, struct err *);
/* One row more of that id's day. */
bool statement_count(struct statement *, struct str id, struct err *);

/* Lets a row wait that is not behind those before it. */
bool statement_put_late(struct statement *, struct str key,
    const struct file_row *, struct err *);
/* Finds what the rows that have waited are, and what has changed with them. */
bool statement_take_late(struct statement *, struct err *);

#endif
