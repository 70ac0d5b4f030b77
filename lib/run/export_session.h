/*
 * export_session: a connection that is ready to run reports.
 *
 * It has a transaction open that sees one snapshot, the window, the zone and
 * the names that reports use, and changes nothing once export_protect was
 * called. Several connections can share the first one's snapshot while its
 * transaction is open.
 */
#ifndef CALLTALLY_RUN_EXPORT_SESSION_H
#define CALLTALLY_RUN_EXPORT_SESSION_H

#include "db/db.h"
#include "run/export.h"

enum { SNAPSHOT_BYTES = 64, ZONE_BYTES = 256 };

/* Makes the last folder of the path, durably, if it is not there. */
bool export_make_folder(const char *path, struct err *);

/* Sets the zone of the open transaction; NULL is UTC. Its proper name goes to zone. */
bool export_set_zone(struct db *, const char *tz, char zone[ZONE_BYTES],
    struct err *);

/*
 * Takes all that the built-in reports read, and with record what a comparison
 * reads; then begins with a snapshot of its own, whose name goes to snapshot,
 * the zone's proper name to zone.
 */
bool export_begin(struct db *, const struct export_options *, bool record,
    char snapshot[SNAPSHOT_BYTES], char zone[ZONE_BYTES], struct err *);

/*
 * Begins with the snapshot of another connection, unless somebody wants to
 * have one of these tables for himself: then *joined is false, and nothing is
 * begun.
 */
bool export_join(struct db *, const struct export_options *, bool record,
    const char *snapshot, bool *joined, struct err *);

/*
 * Computes the rollups into a temporary table, which then stands for the
 * view. Where no temporary table may be made the reports compute them, and
 * all of this connection join and group by hash.
 */
bool export_make_rollup(struct db *, struct err *);

/* From here on nothing can be changed. */
bool export_protect(struct db *, struct err *);

#endif
