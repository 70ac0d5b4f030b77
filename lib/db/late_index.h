/*
 * late_index: two indexes that a large first load makes at its end.
 *
 * calltally.call_day_at and calltally.credit_balance_event_time serve only
 * who reads; to make them of all rows at once takes less than to add each row
 * to them, and while they are away a question takes longer, no more. Who was
 * killed in between leaves them away: each run of a writer makes what is
 * missing at its begin, and so does init.
 *
 * All of it is for the writer, with no transaction open on any connection.
 */
#ifndef CALLTALLY_DB_LATE_INDEX_H
#define CALLTALLY_DB_LATE_INDEX_H

#include "db/db.h"

/*
 * Takes them away; *away: that was done. It is not where this session could
 * not make them again, where somebody has one of the tables, where an
 * administrator moved or changed one, or where the server does not want it.
 */
bool late_indexes_remove(struct db *, bool *away, struct err *);

/* Makes those that are missing, and waits for who writes to the tables. */
bool late_indexes_make(struct db *, struct err *);

/*
 * The same at a begin, for one question where none is missing. Where this
 * session may not, or somebody writes to the tables for seconds, it is left to
 * the next run.
 */
bool late_indexes_mend(struct db *, struct err *);

#endif
