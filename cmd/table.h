/*
 * table: rows of a query for people, as aligned columns, and for programs,
 * as JSON objects, from one description of the columns.
 */
#ifndef CALLTALLY_CMD_TABLE_H
#define CALLTALLY_CMD_TABLE_H

#include "answer.h"
#include "db/db.h"

enum col_type {
	COL_TEXT,
	COL_INT,
	COL_TIME,
	COL_MICRO,
	COL_ID,
	COL_PLACE,	/* people only: a file at .at and its line behind it, "file:line" */
	COL_STATE,	/* a text that is coloured by what it says of a run */
};

/* Who sees a column. */
enum col_for { COL_ALL, COL_JSON, COL_PEOPLE };

struct col {
	const char *name;	/* of the JSON member; NULL ends a table */
	enum col_type type;
	int at;			/* which column of the query */
	enum col_for whom;
};

struct table {
	const struct db_rows *rows;
	const struct col *cols;
	/* Whether a row is shown; NULL: all are. */
	bool (*shown)(const struct db_rows *, size_t row, const void *data);
	const void *data;
};

/* How many rows are shown. */
size_t table_rows(const struct table *);

/* Puts an object for each row into a list. */
void table_answer(struct answer list, const struct table *);

/* Prints the rows under their headings, indented; nothing when there are none. */
bool table_say(const struct table *, struct err *);

#endif
