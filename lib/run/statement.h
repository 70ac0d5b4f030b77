/*
 * statement: what one report says of its days, compared with what it said before.
 *
 * A report with a column "day" of type date has statements. A row is told
 * from the others of its day by its key columns: those of the KEY line of
 * the report's comment; else its text columns before the first of another
 * type. Of rows with the same key the second and later ones are numbered. A
 * row's line is its plain CSV; rows are the same when their lines' hashes are.
 *
 * What was stated before is laid down by id in a temporary file before the
 * report runs, and passed as the report's rows come by id, too. Rows that come
 * out of that order wait, sorted, until the end (run/statement_late.h). The
 * rows that have changed go to a temporary file by id, with their lines.
 *
 * Memory: some 40 bytes a day, and a few MB, however many rows there are. Of
 * one thread at a time.
 */
#ifndef CALLTALLY_RUN_STATEMENT_H
#define CALLTALLY_RUN_STATEMENT_H

#include <stdint.h>

#include "base/hash.h"
#include "db/copy.h"
#include "io/sorter.h"
#include "run/dictionary.h"
#include "run/stated.h"

/* A row that has changed: it came, it went, or its line is another. */
struct stated_row {
	struct str id;		/* as run/rowid.h makes it */
	struct stated_version before;	/* how it was stated */
	struct id128 digest;	/* of its line */
	bool is_there;		/* in the file */
	uint64_t at;		/* of its line in the temporary file */
	uint32_t bytes;		/* of its line */
};

struct stated_day {
	char day[DAY_BYTES];	/* "" or YYYY-MM-DD */
	bool is_changed;	/* some row of it has */
	uint64_t rows;		/* that are in the file */
};

struct statement {
	/* What the caller fills in. */
	const char *report;
	struct report_doc doc;
	const char *zone;
	const char *from, *to;	/* window; NULL: open */
	bool changed_only;	/* all lines are kept, for statement_kept */
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
	struct stated_day *day;	/* ascending, "" first */
	size_t days, day_cap;
	uint64_t changes;

	struct stated stated;
	struct spool change;	/* the rows that have changed, by id */
	uint64_t rows;		/* of the file, so far */
	struct id128 sum;	/* of the lines that are in it, in its order */
	struct buf key, id;	/* of the row at hand or the last one; id with its number */
	uint32_t copies;	/* rows before it with the same key */
	struct buf last;	/* the last id that was in order */
	struct sorter late;	/* rows that were not */
	struct spool late_no;	/* their places in the file */
	uint64_t lates;
	struct sorter places;	/* by id of all rows, in the order of the file */
	struct spool kept;	/* all lines, with their days */
	struct spool_reader kept_in;
	struct spool_reader line_in;
};

/* Empties all but what the caller fills in; folder: for temporary files. Allocates nothing. */
void statement_init(struct statement *, const char *folder);
void statement_close(struct statement *);

/* Takes the columns of the report, and what was stated of its window before. */
bool statement_open(struct statement *, struct db *,
    const struct copy_column *, int columns, struct err *);
/* Takes the file's next row: its cells, and its line without end. */
bool statement_row(struct statement *, const struct str *cell, struct str line,
    struct err *);
/* Finds what has changed. */
bool statement_end(struct statement *, struct err *);

/* Whether it is one, and so belongs on record. */
static inline bool
statement_stands(const struct statement *s)
{
	return s->has_day && s->refused == NULL;
}

/* How many rows the file has. */
uint64_t statement_rows(const struct statement *);
/* With changed_only: the file's next line, borrowed until the next; false at the end, and on error. */
bool statement_kept(struct statement *, struct str *line, struct err *);
/* Whether the file's rows are in the order of their ids. */
static inline bool
statement_is_ordered(const struct statement *s)
{
	return s->lates == 0;
}

/* Where the file's rows are that are not in that order: the places by id, from 1, in the file's order. */
struct places {
	struct statement *s;
	struct day_end *end;	/* of each day */
};

bool places_begin(struct places *, struct statement *, struct err *);
void places_close(struct places *);
/* False at the end, and on error. */
bool places_next(struct places *, int64_t *place, struct err *);

/* The rows that have changed, by id, on their way. */
struct changes {
	struct spool_reader in;
	struct buf id;
	struct stated_row row;	/* the one at hand; its id is borrowed until the next */
};

void changes_begin(struct changes *, const struct statement *);
void changes_close(struct changes *);
/* False at the end, and on error. */
bool changes_next(struct changes *, struct err *);
/* Appends the line of a changed row that is in the file. */
bool statement_line(struct statement *, const struct stated_row *,
    struct buf *out, struct err *);

/* Whether that day has changed. */
bool statement_is_changed(const struct statement *, const char *day);

/* A day as the database takes it: "" is -infinity. */
static inline const char *
day_param(const char *day)
{
	return *day != '\0' ? day : "-infinity";
}

#endif
