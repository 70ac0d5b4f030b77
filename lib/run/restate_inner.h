/*
 * restate_inner: what the files of restatements share; for them only.
 */
#ifndef CALLTALLY_RUN_RESTATE_INNER_H
#define CALLTALLY_RUN_RESTATE_INNER_H

#include "io/csvline.h"
#include "run/restate.h"

/* How a day was stated last. */
struct day_statement {
	char day[DAY_BYTES];
	int64_t at_us;
	struct str at;		/* local, cut to the second */
	struct str columns;	/* the header */
};

/* A row that is to be told, and what is found out of it. */
struct restated {
	struct stated_row row;	/* its id is in the batch */
	const struct day_statement *stated;
	struct str was;		/* its line; {NULL,0}: it came */
	struct str source;
	size_t sources;
};

struct restate {
	struct db *db;
	struct statement *s;	/* the one at hand */
	struct csvcells names;	/* its columns */
	struct arena arena;	/* of one statement */
	struct arena batch, piece;

	/* What is found. */
	struct day_statement *day;	/* ascending */
	size_t days;
	struct restated *row;	/* of a batch */
	int64_t commands_since_us;	/* of which the next two are */
	struct buf commands;
	bool has_map;

	/* What is told. */
	struct csvout out;
	uint64_t rows;
	struct str was_header;	/* of which was_names are */
	struct csvcells was_names, was, is;
	struct buf line, key, source;
};

/* The name of the statement's key column i. */
static inline struct str
restate_key_name(const struct restate *r, size_t i)
{
	return r->names.cell[r->s->key_column[i]].s;
}

/* Finds how the statement's changed days were stated; those that count, ascending. */
bool restate_days(struct restate *, struct err *);
/* How the row's day was stated; NULL: it does not count. */
const struct day_statement *restate_day(const struct restate *,
    const struct stated_row *);
/* Finds the lines of n rows as they were. */
bool restate_lines(struct restate *, struct restated *, size_t n, struct err *);
/* Finds the sources that n rows' changes came from. */
bool restate_sources(struct restate *, struct restated *, size_t n,
    struct err *);
/* Finds which commands have written since then. */
bool restate_commands(struct restate *, int64_t since_us, struct err *);

#endif
