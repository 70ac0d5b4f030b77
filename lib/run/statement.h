/*
 * statement: what one report says of its days, compared with what it said before.
 *
 * A report with a column "day" of type date has statements. A row is told
 * from the others of its day by its key columns: those of the KEY line of
 * the report's comment; else its text columns before the first of another
 * type. Of rows with the same key the second and later ones are numbered. A
 * row's line is its plain CSV; rows are the same when their lines' hashes are.
 *
 * Memory: some 150 bytes and the key for each row, stated now or before;
 * lines that changed lie in an unnamed temporary file. Of one thread at a
 * time.
 */
#ifndef CALLTALLY_RUN_STATEMENT_H
#define CALLTALLY_RUN_STATEMENT_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/hash.h"
#include "db/copy.h"
#include "run/dictionary.h"

enum { DAY_BYTES = 11, PUBLISHED_PAGE_PARTS = 1000 };

/* Between the parts of an id: below all that a text may have. */
#define KEY_SEPARATOR '\x01'

struct stated_row {
	struct str id;		/* day, separator, values of the key columns with separators between */
	struct id128 digest;	/* of the line that was stated before */
	uint64_t no;		/* place in the file, from 1; 0: it is not there (any more) */
	uint64_t at;		/* of the new line in the temporary file */
	int64_t publication;	/* which stated it before, in which part of the day, */
	int64_t part;
	uint32_t place;		/* and where in it, from 1 */
	uint32_t bytes;		/* of the new line */
	uint32_t copies;	/* rows behind this one with the same key */
	bool known;		/* it was stated before */
	bool same;		/* and its line is as before */
	bool left_out;		/* of the file: nothing of its day has changed */
};

struct statement {
	/* What the caller fills in. */
	const char *report;
	struct report_doc doc;
	const char *zone;
	const char *from, *to;	/* window; NULL: open */
	bool changed_only;	/* all lines are kept, for statement_put_changed */
	int64_t position;	/* the last publication to compare with */

	bool has_day;		/* the report has statements at all */
	const char *refused;	/* why this one is none; NULL: it is one */
	int64_t series_id;	/* 0: never published before */
	int columns;
	int day_column;
	int *key_column;
	size_t keys;
	struct buf key_names;	/* "a,b" */
	struct buf header;	/* as plain CSV, without its end */
	struct stated_row *row;
	size_t rows, row_cap;
	uint32_t *slot;		/* hash table of places in row, from 1 */
	size_t slots;
	uint64_t file_rows;
	bool unsorted;		/* the file's rows are not in the order of their ids */
	struct str last_id;
	struct stated_row **change;	/* by id, once statement_end was called */
	size_t changes;
	char (*day)[DAY_BYTES];	/* of the changes, ascending; "" first */
	size_t days;
	FILE *lines;
	uint64_t lines_bytes;
	struct buf window;	/* what was read of the lines last, */
	uint64_t window_at;	/* from where on */
	struct arena arena;
	struct buf id;
};

/* Empties all but what the caller fills in; allocates nothing. */
void statement_init(struct statement *);
void statement_close(struct statement *);

/* Takes the columns of the report, and what was stated of its window before. */
bool statement_open(struct statement *, struct db *,
    const struct copy_column *, int columns, struct err *);
/* Takes the file's next row: its cells, and its line without end. */
bool statement_row(struct statement *, const struct str *cell, struct str line,
    struct err *);
/* Finds what has changed. */
bool statement_end(struct statement *, struct err *);

/* The rows of the file, in its order; in the arena. NULL without memory. */
struct stated_row **statement_file(struct statement *, size_t *n);
/*
 * Their places by id, in the file's order, from 1; *place (in the arena) is
 * NULL where that is the same.
 */
bool statement_places(struct statement *, int64_t **place, size_t *n,
    struct err *);

/* Puts the line of a changed row that is in the file; with changed_only, of any. */
bool statement_line(struct statement *, const struct stated_row *,
    struct buf *out, struct err *);

/* The two parts of a row's id; day is "" or YYYY-MM-DD, terminated. */
void stated_day(const struct stated_row *, char day[DAY_BYTES]);
struct str stated_key(const struct stated_row *);
bool stated_is_same_day(const struct stated_row *, const struct stated_row *);
static inline bool
stated_is_changed(const struct stated_row *r)
{
	return r->no > 0 ? !r->same : r->known;
}

/* A day as the database takes it: "" is -infinity. */
static inline const char *
day_param(const char *day)
{
	return *day != '\0' ? day : "-infinity";
}

#endif
