/*
 * export_xlsx_inner: what the sources of the workbook share.
 */
#ifndef CALLTALLY_RUN_EXPORT_XLSX_INNER_H
#define CALLTALLY_RUN_EXPORT_XLSX_INNER_H

#include <pthread.h>

#include "base/arena.h"
#include "run/export_xlsx.h"
#include "run/export_xlsx_days.h"

/* What a spreadsheet shows of one sheet; a report may have several. */
struct sheet_part {
	struct lxw_worksheet *page;
	char name[XLSX_NAME_BYTES];
	uint32_t rows;			/* with the header */
	unsigned number;		/* of the report's pages, from 1 */
	struct sheet *sheet;
};

/* A column of a report. */
struct sheet_column {
	char *name;
	enum xlsx_style style;		/* of its numbers; XLSX_PLAIN: by the number */
	size_t characters;		/* of its widest cell */
};

struct sheet {
	struct export_xlsx *book;
	const char *report;
	struct report_doc doc;
	bool eager;			/* it is there even when it has no row */
	struct sheet_column *column;
	size_t columns, column_cap;
	struct sheet_part *part;	/* the one being filled; NULL: none */
	unsigned parts;
	bool has_header;
	bool told;			/* its columns are in the dictionary */
	size_t at;			/* the next cell's column */
	struct days *days;		/* summed up from it; NULL: not from this one */
};

struct export_xlsx {
	const struct export_options *options;
	const struct ledger_position *position;
	uint32_t sheet_rows;
	struct atomicfile *file;
	struct xlsx *xlsx;
	struct lxw_worksheet *front;
	struct lxw_worksheet *charts;	/* NULL: assistant_daily is not among the reports */
	struct sheet *sheet;		/* those of the set, the restatements' behind them */
	size_t sheets;
	struct sheet **of_report;
	struct sheet_part **part;	/* as they were made; each is the arena's */
	size_t parts, part_cap;
	struct days days;
	uint64_t cut_texts, long_numbers;
	struct arena arena;
	bool failed;			/* out of memory */
	pthread_mutex_t lock;		/* of all of it while the sheets are filled */
};

/* export_xlsx_front.c: fills the first sheet, from top to bottom. */
void export_xlsx_put_front(struct export_xlsx *, const char *zone);

#define CHARTS_NAME "charts"

#endif
