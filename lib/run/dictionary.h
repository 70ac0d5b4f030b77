/*
 * dictionary: what a report's header comment says of it.
 *
 * The comment lines on top of a report's SQL are its documentation: first a
 * sentence, then a line a column, "-- name: meaning", until an empty comment
 * line or the SQL. A line indented by more than one blank goes on with the
 * one above. "-- a ... b: ..., as in REPORT" stands for the columns from a to
 * b of that report. "-- KEY: a, b" names the columns that tell the rows of a
 * day apart.
 */
#ifndef CALLTALLY_RUN_DICTIONARY_H
#define CALLTALLY_RUN_DICTIONARY_H

#include "base/arena.h"
#include "run/export_report.h"

struct doc_column {
	struct str name, meaning;
};

struct report_doc {
	struct str sentence;
	struct str *key;	/* names; NULL: there is no KEY line */
	size_t keys;
	struct doc_column *column;
	size_t columns;
};

/*
 * Reads the comment of a report; all texts are in the arena. set: where other
 * reports' columns are found; NULL: they are not looked for.
 */
bool report_doc_read(struct report_doc *, const struct report_set *,
    const struct report *, struct arena *, struct err *);

#endif
