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

/* *rows: how many there are, without the header. */
bool export_csv(struct db *, const char *sql, struct atomicfile *, bool plain,
    uint64_t *rows, struct err *);

#endif
