/*
 * migrate: the schema's numbered, forward-only steps (sql/schema).
 *
 * All that are missing are applied in one transaction under a lock, each
 * recorded with its number, name and checksum (of its text, base/hash.h) in
 * calltally.migration, which the first one makes with the schema. A database
 * whose record has an unknown number, a gap or another checksum is refused.
 * Of two at once the second waits, and finds nothing missing.
 */
#ifndef CALLTALLY_DB_MIGRATE_H
#define CALLTALLY_DB_MIGRATE_H

#include "db/db.h"

/* Brings the schema up to date; *applied (may be NULL): how many steps were done. */
bool migrate(struct db *, int *applied, struct err *);

/* *none: the database has no record of any step, so nothing of ours is in it. */
bool migrate_finds_none(struct db *, bool *none, struct err *);

/* Only checks: ERR_FAILED saying "run calltally init" when steps are missing. */
bool migrate_check(struct db *, struct err *);

#endif
