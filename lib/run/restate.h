/*
 * restate: restatements.csv, the published cells that an export changes.
 *
 * Of each row that is not as it was stated last, the cells that differ, by
 * the names of their columns; a column that was not there then is not told.
 * A row that came or went has a line for each cell that is not empty, but for
 * the key. Only days count that the last publication to state them had in its
 * window, and that were over then. was and is look as they do in their report.
 *
 * source: of the sources that speak of the row's calls and were read since,
 * the first by name, and how many there are besides; else the commands that
 * have written since, as "map" for a name. In the zone of the export.
 */
#ifndef CALLTALLY_RUN_RESTATE_H
#define CALLTALLY_RUN_RESTATE_H

#include "db/db.h"
#include "io/atomicfile.h"
#include "run/outlet.h"
#include "run/statement.h"

#define RESTATEMENTS "restatements"	/* not a report's name */

/*
 * Writes the file of these statements, which are ordered by report, through
 * the outlet (may be NULL). The connection sees the export's snapshot. *rows: without the header.
 */
bool restate_write(struct db *, struct statement *const *, size_t n,
    struct atomicfile *, bool plain, struct outlet *, uint64_t *rows,
    struct err *);

#endif
