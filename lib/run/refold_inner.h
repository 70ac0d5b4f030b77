/*
 * refold_inner: what the files of refold share; for them only.
 */
#ifndef CALLTALLY_RUN_REFOLD_INNER_H
#define CALLTALLY_RUN_REFOLD_INNER_H

#include "db/ledger.h"
#include "db/store.h"
#include "run/refold.h"

struct refold {
	const struct refold_options *opt;
	struct db *db;
	struct store *store;
	struct run_row row;
	struct refold_result *result;
};

/* The stored events in the order of the lines that they came from. */
struct placed {
	struct db *db;		/* a connection of its own */
	struct db_rows *rows;
	size_t at;
	bool ended;
};

/* Reads a source again that is in reach at path; p stands at or before its events. */
bool refold_source(struct refold *, const struct source_row *, const char *path,
    struct placed *p, struct err *);

/* Makes sure that a row is there, or that there are no more. */
bool placed_fill(struct placed *, struct err *);

#endif
