/*
 * xlsx: a workbook for spreadsheets, written through to an atomic file.
 *
 * Sheets are filled row by row, downwards, each in a temporary file beside
 * the workbook, so that memory does not grow with the rows. Several sheets
 * may be filled in turn, by one thread at a time. What is written as text is
 * text in the spreadsheet, never a formula or a link.
 *
 * A cell holds CELL_MAX_UNITS of UTF-16; a longer text is cut, which is
 * counted. Errors on the way are kept and told by xlsx_write, so that puts
 * need not be checked one by one. Wraps libxlsxwriter, which must be seen
 * nowhere else. It does not tell when its temporary files could not be
 * written; so xlsx_write asks those of the sheets, and reads the whole workbook
 * again.
 */
#ifndef CALLTALLY_IO_XLSX_H
#define CALLTALLY_IO_XLSX_H

#include <stdint.h>

#include "io/atomicfile.h"

enum {
	SHEET_MAX_ROWS = 1048576,
	SHEET_MAX_COLUMNS = 16384,
	SHEET_NAME_MAX_UNITS = 31,
	CELL_MAX_UNITS = 32767,
	NUMBER_MAX_DIGITS = 15,		/* a spreadsheet's numbers have no more */
};

enum xlsx_style {
	XLSX_PLAIN,
	XLSX_TITLE,
	XLSX_HEAD,
	XLSX_WRAPPED,
	XLSX_COUNT,		/* 1,234 */
	XLSX_DECIMAL,		/* 1,234.50 and up to 6 places */
	XLSX_SECONDS,		/* 1,234.5 */
	XLSX_PRICE,		/* 1,234.5000 */
	XLSX_RATE,		/* 12.3% */
	XLSX_DAY,		/* 2026-03-01 */
	XLSX_TIME,		/* 2026-03-01 09:30:00 */
	XLSX_LINK,
	XLSX_STYLES
};

/* A local date and time of the years 1900 to 9999. */
struct xlsx_time {
	int year, month, day, hour, minute, second;
};

enum xlsx_chart_type { XLSX_STACKED_COLUMNS, XLSX_LINES };

/* A column of numbers in a chart; its name is the text of the row above the first. */
struct xlsx_series {
	uint16_t column;
	uint32_t rgb;
	bool dashed;		/* of lines */
};

/* A chart over rows of one sheet, put into the same sheet. */
struct xlsx_chart {
	enum xlsx_chart_type type;
	const char *title;
	const char *sheet;
	uint32_t first_row, last_row;
	uint16_t label_column;
	bool percent;			/* the values go from 0 to 1 */
	const struct xlsx_series *series;
	size_t n;
	uint32_t at_row;		/* its upper left corner */
	uint16_t at_column;
	uint32_t height;		/* pixels */
};

struct xlsx;
struct lxw_worksheet;	/* the library's, opaque: one sheet */

/*
 * A workbook that says it was made at that time; TIME_NONE: it does not say
 * when. The file and the folder, in which temporary files are made, stay the
 * caller's. NULL on error.
 */
struct xlsx *xlsx_open(struct atomicfile *, const char *folder,
    int64_t created_us, struct err *);
/* Writes the workbook into the file, which is then ready to be committed. */
bool xlsx_write(struct xlsx *, struct err *);
void xlsx_close(struct xlsx *);		/* NULL is fine */

/*
 * A new sheet behind the others. The name must be one that xlsx_name made.
 * NULL when it could not be made: the puts below then do nothing.
 */
struct lxw_worksheet *xlsx_sheet(struct xlsx *, const char *name);

enum { XLSX_NAME_BYTES = 4 * SHEET_NAME_MAX_UNITS + 1 };

/*
 * What a sheet of that name and number may be called: "calls", "calls (2)";
 * as close to it as a spreadsheet allows, and not like one that there is.
 */
void xlsx_name(struct xlsx *, struct str wanted, unsigned number,
    char out[XLSX_NAME_BYTES]);

/* Cells; row and column count from 0. False when the text had to be cut. */
bool xlsx_text(struct xlsx *, struct lxw_worksheet *, uint32_t row,
    uint16_t column, struct str, enum xlsx_style);
void xlsx_number(struct xlsx *, struct lxw_worksheet *, uint32_t row,
    uint16_t column, double, enum xlsx_style);
void xlsx_bool(struct xlsx *, struct lxw_worksheet *, uint32_t row,
    uint16_t column, bool);
void xlsx_time(struct xlsx *, struct lxw_worksheet *, uint32_t row,
    uint16_t column, const struct xlsx_time *, enum xlsx_style);
/* A link to the sheet of that name. */
void xlsx_link(struct xlsx *, struct lxw_worksheet *, uint32_t row,
    uint16_t column, const char *sheet);

void xlsx_width(struct xlsx *, struct lxw_worksheet *, uint16_t column,
    double characters);
/* The first row stays in sight and has filters; rows: all of them. */
void xlsx_table(struct xlsx *, struct lxw_worksheet *, uint32_t rows,
    uint16_t columns);
/* On paper it is as wide as a page. */
void xlsx_fit(struct lxw_worksheet *);
void xlsx_draw(struct xlsx *, struct lxw_worksheet *, const struct xlsx_chart *);

#endif
