/*
 * event_row: events and calls as rows: binary COPY in, query results back.
 *
 * The columns are those of sql/query/copy_events.sql, copy_calls.sql and
 * get_call_events.sql, which follow the table of fields (call/field.h).
 */
#ifndef CALLTALLY_DB_EVENT_ROW_H
#define CALLTALLY_DB_EVENT_ROW_H

#include "call/event.h"
#include "call/fold.h"
#include "call/profile.h"
#include "db/copy.h"

/* Puts an event as a row of copy_events. */
bool event_row_put(struct copy_in *, const struct event *, struct err *);

/*
 * Reads a row of get_call_events into the arena. provider and call_id are
 * not in the row; they are borrowed and must outlive the event. NULL on error.
 */
struct event *event_row_get(const struct db_rows *, size_t row,
    const struct profiles *, struct str provider, struct str call_id,
    struct arena *, struct err *);

/* The value of a field in column col, which is not NULL; its text in the arena. */
union value field_row_get(const struct db_rows *rows, size_t row, int col,
    enum field f, struct arena *);

/* Puts a call as a row of copy_calls. */
bool call_row_put(struct copy_in *, const struct call *,
    const struct id128 *run_id, const int16_t *utc_day, size_t utc_days,
    struct err *);

/* The days in column col of a call's row, in the arena, with room for one more. NULL: no memory. */
int16_t *utc_days_get(const struct db_rows *, size_t row, int col,
    struct arena *, size_t *n);
/* Puts a day into its place in an ascending list of n that has room for it, once. */
void utc_days_add(int16_t *utc_day, size_t *n, int16_t day);

#endif
