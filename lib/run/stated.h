/*
 * stated: what was stated of a report's rows before, by id.
 *
 * The versions of the rows are read from the record of publications
 * (sql/schema/0006_published_parts.sql) into a temporary file, and passed
 * from there in the order of their ids, of each row the newest. Memory is
 * that of a sorter, and of a page of the record. The lines stay where they
 * are: a version tells the place.
 */
#ifndef CALLTALLY_RUN_STATED_H
#define CALLTALLY_RUN_STATED_H

#include "base/hash.h"
#include "db/db.h"
#include "io/sorter.h"
#include "run/rowid.h"

/* A version of a row. publication 0: it was never stated. */
struct stated_version {
	struct id128 digest;	/* of its line */
	int64_t publication;	/* the first that stated it so, */
	int64_t part;		/* in which part of the day, */
	uint32_t place;		/* and where in it, from 1 */
	uint32_t is_known;	/* it was stated; else it had gone, or never was */
};

struct stated {
	struct sorter sorter;
	bool has;		/* a version is at hand: */
	struct buf id;
	struct stated_version version;
	bool has_ahead;		/* what the sorter gave last is another row's: */
	struct str ahead_id, ahead_version;
};

/* folder: for temporary files. Allocates nothing. */
void stated_init(struct stated *, const char *folder);
void stated_close(struct stated *);
/*
 * Takes what publications up to the position stated of the series' days in
 * the window (NULL: open), and goes to the first row.
 */
bool stated_load(struct stated *, struct db *, int64_t series_id,
    int64_t position, const char *from, const char *to, struct err *);
/* Goes to the first row, again. */
bool stated_begin(struct stated *, struct err *);
/* Goes to the next row that was known; behind the last one has is false. */
bool stated_next(struct stated *, struct err *);
/* Tells that this part of the record is not as it was written. False. */
bool stated_damaged(struct err *, struct str day, int64_t publication,
    int64_t part, const char *what);
/* Whether the row at hand has that id. */
bool stated_is(const struct stated *, struct str id);

#endif
