/*
 * export_xlsx_days: the days of a window in two charts.
 *
 * Sums the rows of assistant_daily by day, as they pass: counts are added,
 * rates are those of the sums. Rows without a day are only counted.
 */
#ifndef CALLTALLY_RUN_EXPORT_XLSX_DAYS_H
#define CALLTALLY_RUN_EXPORT_XLSX_DAYS_H

#include "io/csvout.h"
#include "io/xlsx.h"

enum {
	DAY_OUTCOMES = 15,
	DAY_NUMBERS = DAY_OUTCOMES + 5,	/* calls, attempted, connected, succeeded, not_succeeded */
	DAY_MAX_COLUMNS = 1664,		/* as PostgreSQL */
};

struct day_sum {
	struct xlsx_time day;
	int64_t number[DAY_NUMBERS];
};

struct days {
	struct day_sum *day;		/* ascending */
	size_t n, cap;
	struct day_sum row;		/* the one that passes */
	bool has_day;			/* the row has one */
	int role[DAY_MAX_COLUMNS];	/* of each column, from 1: the place of its number; -1: the day */
	int64_t calls_without_day;
	bool failed;			/* out of memory */
};

/* A column's name, and its cell in a row; columns from 0. */
void days_name(struct days *, size_t column, struct str name);
void days_cell(struct days *, size_t column, struct str cell);
void days_end_row(struct days *);
void days_close(struct days *);

/* Puts the table and its charts into a sheet of that name. */
void days_put(struct days *, struct xlsx *, struct lxw_worksheet *,
    const char *sheet);

/* Reads YYYY-MM-DD, or with a time of day "YYYY-MM-DD hh:mm:ss"; false when s is no such thing. */
bool read_day(struct str s, struct xlsx_time *);
bool read_day_time(struct str s, struct xlsx_time *);

#endif
