/*
 * outlet: what the cells of a report pass on their way to its file.
 *
 * A hook of csvout, set between opening it and the row with the names. It
 * hides phone numbers, and gives each cell to the workbook's sheet beside the
 * file, and those of the restatements to the page. What a report is recorded
 * to have stated does not pass it.
 *
 * In the restatements the cells was and is are hidden as those of the column
 * that they are of, and so is each part of the key.
 */
#ifndef CALLTALLY_RUN_OUTLET_H
#define CALLTALLY_RUN_OUTLET_H

#include "io/csvout.h"
#include "run/export_xlsx.h"
#include "run/page_data.h"
#include "run/privacy.h"
#include "run/progress.h"

struct outlet {
	/* What the caller fills in. */
	enum phones phones;
	struct sheet *sheet;		/* NULL: none */
	struct page *page;		/* NULL: none, or no restatements */
	bool restates;			/* it is the restatements */
	struct progress *progress;	/* of the rows; NULL: nobody asks */

	struct csvout_hook hook;
	enum privacy *column;		/* of each */
	size_t columns, cap, at;
	bool has_names;
	enum privacy restated;		/* of the row's was and is */
	struct buf cell;		/* one on its way */
};

/* Puts it into the writer's way, which it must outlive. NULL: there is none. */
void outlet_set(struct outlet *, struct csvout *);
/* NULL is fine. False when memory ran out on the way. */
bool outlet_close(struct outlet *, struct err *);

#endif
