/*
 * drift: the table of what messages held that no profile knew (call/drift.h),
 * with the first place of each.
 *
 * It keeps DRIFT_KEEP of a provider and kind, the first that came; those
 * beyond are counted, not kept. Rows move in the transaction of the lines
 * that they count.
 */
#ifndef CALLTALLY_DB_DRIFT_H
#define CALLTALLY_DB_DRIFT_H

#include "call/drift.h"
#include "db/db.h"

enum { DRIFT_KEEP = 200 };

struct drift_row {
	struct drift drift;
	int64_t source_id;
};

struct drift_counts {
	int64_t fresh;		/* never seen before */
	int64_t left_out;	/* findings that were not kept */
};

/*
 * Adds n findings in the order of reading, within the caller's transaction;
 * the same thing may come several times. Adds to *counts.
 */
bool drift_put(struct db *, const struct drift_row *, size_t n,
    int64_t now_us, struct drift_counts *counts, struct err *);

/* Removes what the profiles know by now. */
bool drift_forget_known(struct db *, const struct profiles *, struct err *);

/* True when a row of list_drift is still news to the profiles. */
bool drift_row_is_news(const struct db_rows *, size_t row,
    const struct profiles *);

#endif
