/*
 * explain: from a row of a report to the calls behind it, and from each call
 * to the event and the line that decided what it counts as.
 *
 * The row is looked up in the report itself, by any of its columns; what
 * stands behind it is asked from report_call (sql/query/explain_cell.sql).
 * Both are compared: a value that its calls do not make is told as such.
 * All at one moment; nothing is written.
 */
#ifndef CALLTALLY_RUN_EXPLAIN_H
#define CALLTALLY_RUN_EXPLAIN_H

#include "base/arena.h"
#include "base/err.h"
#include "call/event.h"
#include "call/profile.h"
#include "db/db.h"

struct explain_options {
	const struct profiles *profiles;
	const char *report;
	const char *day;		/* NULL: not given; "": the empty day */
	const char *from, *to, *tz;	/* as for an export; NULL: open, UTC */
	const char *const *key;		/* "column=value" */
	size_t keys;
	const char *column;		/* NULL: all of the row */
	int64_t limit;			/* of calls to list */
	bool raw;			/* with the original lines */
	size_t max_line_bytes;		/* 0: as ingest */
};

/* A cell of the row. {NULL,0}: empty. */
struct explain_cell {
	struct str name, text;
};

/* A column that is made of calls. */
struct explain_column {
	struct str name;
	struct str cell;		/* what the report says */
	struct str value;		/* what the calls make */
	bool agrees;
	struct str numerator;		/* the measure; of a sum the only one */
	int64_t numerator_calls;
	struct str numerator_sum;
	struct str denominator;		/* {NULL,0}: it is a sum */
	int64_t denominator_calls;
	struct str denominator_sum;
};

enum explain_raw {
	RAW_NOT_ASKED,
	RAW_FOUND,
	RAW_GONE,		/* the file is not there any more, or was standard input */
	RAW_CHANGED,		/* the line does not tell this event any more */
};

/* What decided a part of a call. */
struct explain_decider {
	struct str what;		/* "outcome", a field, "first_event_at" */
	struct str value;		/* {NULL,0}: no event says anything */
	bool free_text;			/* it may hold phone numbers */
	const struct event *event;	/* NULL: none */
	struct str file;
	enum explain_raw raw_state;
	struct str raw;
};

struct explain_call {
	struct str provider, call_id;
	struct str numerator;		/* what it gives; {NULL,0}: nothing */
	struct str denominator;
	struct explain_decider *decider;
	size_t deciders;
};

struct explanation {
	struct arena arena;		/* owns all */
	struct explain_cell *cell;
	size_t cells;
	struct explain_column *column;
	size_t columns;
	int64_t calls_total;		/* behind the row */
	struct explain_call *call;	/* at most limit of those behind the column */
	size_t calls;
	bool agrees;			/* every column does */
};

/* ERR_USAGE for a report, a column or a key that there is not. Free in any case. */
bool explain_run(const struct explain_options *, struct db *,
    struct explanation *, struct err *);
void explanation_free(struct explanation *);

#endif
