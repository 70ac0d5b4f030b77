/*
 * export_xlsx: calltally.xlsx, the reports of an export as sheets of one file.
 *
 * It is made of the cells that go to the CSV files, as they pass (run/outlet.h),
 * so it has their values: days, times, numbers and booleans as such, all else
 * as text. A number of more than NUMBER_MAX_DIGITS digits is text, too,
 * because a spreadsheet would round it. A report with more rows than a sheet
 * holds goes on in "NAME (2)". The first sheet tells what the file is, where
 * it had to differ from the CSV, and what the columns mean; the second draws
 * the days, as sums of assistant_daily.
 *
 * The bytes depend on the rows, the window, the zone and the ledger's
 * position, not on the clock. Sheets may be filled by several threads.
 */
#ifndef CALLTALLY_RUN_EXPORT_XLSX_H
#define CALLTALLY_RUN_EXPORT_XLSX_H

#include "io/csvout.h"
#include "io/xlsx.h"
#include "run/dictionary.h"
#include "run/export_manifest.h"

#define WORKBOOK_NAME "calltally.xlsx"

enum { SHEET_MIN_ROWS = 2 };

struct export_xlsx;
struct sheet;

/*
 * Begins one for the export: with first sheets, and then a sheet for each of
 * the reports in an order of its own. sheet_rows: of the options. *sheet: an
 * array of them, in the order of the set. All stay the workbook's.
 */
struct export_xlsx *export_xlsx_open(const struct export_options *,
    const struct report_set *, const struct ledger_position *,
    struct sheet ***sheet, struct err *);
void export_xlsx_close(struct export_xlsx *);		/* NULL is fine */

/* The sheet of the restatements; made if it is to be there, else with its first row. */
struct sheet *export_xlsx_restatements(struct export_xlsx *);

/* The cells of a report, row by row; the first row has the names of the columns. */
void sheet_cell(struct sheet *, const struct csvcell *);
void sheet_end_row(struct sheet *);

/* Writes it under its temporary name. zone: its proper name. */
bool export_xlsx_write(struct export_xlsx *, const char *zone, struct err *);
/* Gives it its name, and fills in what the result and the manifest say of it. */
bool export_xlsx_commit(struct export_xlsx *, struct export_file *,
    struct export_workbook *, struct err *);

#endif
