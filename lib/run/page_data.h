/*
 * page_data: what the page shows, as one JSON object.
 *
 * The numbers come from the reports themselves: each query of sql/page is put
 * around the text of a built-in report (":assistant_total" on a line of its
 * own), or reads the views that these read. A section of the page is
 * {columns, rows, total}; of more than PAGE_ROWS rows the first are given,
 * and total says how many there are. Texts that others wrote are cut, and
 * phone numbers in them masked: the page has none.
 */
#ifndef CALLTALLY_RUN_PAGE_DATA_H
#define CALLTALLY_RUN_PAGE_DATA_H

#include "db/db.h"
#include "io/csvout.h"
#include "run/export_manifest.h"

enum {
	PAGE_ROWS = 3000,
	PAGE_RESTATED_ROWS = 1000,
	PAGE_TEXT_BYTES = 400,
	PAGE_DATA_MAX_BYTES = 64 * 1024 * 1024,
};

/* What an export knows when it writes its page. */
struct page {
	const struct export_options *options;
	const char *zone;	/* its proper name */
	int64_t at_us;		/* of the snapshot */
	const struct ledger_position *ledger;
	/* What page_restated_... have taken. */
	struct buf names, restated;	/* JSON: of the first row, and of the first ones behind it */
	uint64_t lines;			/* rows, the names included */
	size_t column;			/* of the row at hand */
	bool is_built_in;		/* its report */
};

/* Take restatements.csv, its names first: the next cell, and the end of a row. */
void page_restated_cell(struct page *, const struct csvcell *);
void page_restated_end(struct page *);
/* Frees what was taken. */
void page_free(struct page *);

/*
 * Appends the object. The connection has the export's transaction open; its
 * window is another one afterwards.
 */
bool page_data(struct buf *, struct db *, const struct page *, struct err *);

#endif
