/*
 * export_csv: the rows of one query as CSV.
 *
 * A column's type says how its cells look: numbers, days, times (cut to the
 * second) and booleans (true, false) are bare, all else is text.
 */
#ifndef CALLTALLY_RUN_EXPORT_CSV_H
#define CALLTALLY_RUN_EXPORT_CSV_H

#include <stdint.h>

#include "db/db.h"
#include "io/atomicfile.h"
#include "run/outlet.h"
#include "run/statement.h"

/*
 * Writes the file through the outlet (may be NULL), and fills the statement (may be NULL) with what it says.
 * With statement->changed_only only the rows of changed days are written;
 * *made is false when the report has no days, and then nothing is written.
 * *rows: how many there are, without the header.
 */
bool export_csv(struct db *, const char *sql, struct atomicfile *, bool plain,
    struct outlet *, struct statement *, uint64_t *rows, bool *made, struct err *);

/* Whether cells of a type are text: neither number, boolean, day nor time. */
bool export_is_text(unsigned oid);

#endif
