/*
 * late_index: two indexes that a large first load makes at its end.
 *
 * calltally.call_day_at and calltally.credit_balance_event_time serve only
 * who reads; to make them of all rows at once takes less than to add each row
 * to them, and while they are away a question takes longer, no more. Who was
 * killed in between leaves them away: the next ingest makes them at its end,
 * and so does init.
 *
 * All of it is for the writer, with no transaction open on any connection.
 */
#ifndef CALLTALLY_DB_LATE_INDEX_H
#define CALLTALLY_DB_LATE_INDEX_H

#include "db/db.h"

/*
 * Takes them away; or does not, where this session could not make them again,
 * where somebody has one of the tables, where one is not as the schema made
 * it, or where the server does not want it. False only when the server is lost.
 */
bool late_indexes_remove(struct db *, struct err *);

/*
 * Makes those that are missing, if this session may. Fails with ERR_AGAIN
 * when somebody writes to the tables for seconds.
 */
bool late_indexes_make(struct db *, struct err *);

#endif
