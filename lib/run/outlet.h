/*
 * outlet: what the cells of a report pass on their way to its file.
 *
 * A hook of csvout, set between opening it and the row with the names. It
 * gives each cell to the workbook's sheet beside the file, and those of the
 * restatements to the page. What a report is recorded to have stated does not
 * pass it.
 */
#ifndef CALLTALLY_RUN_OUTLET_H
#define CALLTALLY_RUN_OUTLET_H

#include "io/csvout.h"
#include "run/export_xlsx.h"
#include "run/page_data.h"

struct outlet {
	struct csvout_hook hook;
	struct sheet *sheet;	/* NULL: none */
	struct page *page;	/* NULL: none, or no restatements */
};

/* Puts it into the writer's way; it must outlive the writer. NULL: nothing is. */
void outlet_set(struct outlet *, struct csvout *);

#endif
