/*
 * table: rows of a query for people, as aligned columns, and for programs,
 * as JSON objects, from one description of the columns.
 */
#ifndef CALLTALLY_CMD_TABLE_H
#define CALLTALLY_CMD_TABLE_H

#include "answer.h"
#include "db/db.h"

enum col_type { COL_TEXT, COL_INT, COL_TIME, COL_MICRO, COL_ID };

struct col {
	const char *name;	/* of the JSON member; NULL ends a table */
	enum col_type type;
	int at;			/* which column of the query */
	bool json_only;
};

/* Puts an object for each row into a list. */
void table_answer(struct answer list, const struct db_rows *,
    const struct col *);

/* Prints the rows under their headings, indented; nothing when there are none. */
bool table_say(const struct db_rows *, const struct col *, struct err *);

#endif
