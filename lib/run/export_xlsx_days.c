#include "run/export_xlsx_days.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/num.h"

enum {
	TABLE_ROW = 47,			/* below the charts */
	CHART_ROWS = 22,
	CHART_PIXELS = 420,
	GAP_MAX_DAYS = 4000,		/* a longer gap between two days is not filled */
	ROLE_DAY = -1,
	NUMBER_MAX = 1000 * 1000 * 1000,	/* a report of a user's own may say anything */
};

/* The order of the numbers; outcomes first. */
static const struct {
	const char *name;
	uint32_t rgb;
} number_info[DAY_NUMBERS] = {
	{ "completed", 0x009e73 },
	{ "transferred", 0x56b4e9 },
	{ "voicemail", 0xcc79a7 },
	{ "ended", 0x0072b2 },
	{ "timeout", 0x7b6ca8 },
	{ "no_answer", 0xe69f00 },
	{ "busy", 0xf0e442 },
	{ "failed", 0xd55e00 },
	{ "aborted", 0x8c510a },
	{ "invalid", 0x7f7f7f },
	{ "skipped", 0xbdbdbd },
	{ "rescheduled", 0x999933 },
	{ "queued", 0xd9d9d9 },
	{ "in_progress", 0x88ccee },
	{ "other", 0x000000 },
	{ "calls", 0 },
	{ "attempted", 0 },
	{ "connected", 0 },
	{ "succeeded", 0 },
	{ "not_succeeded", 0 },
};

enum number {
	CALLS = DAY_OUTCOMES, ATTEMPTED, CONNECTED, SUCCEEDED, NOT_SUCCEEDED
};

/* The columns of the table. */
enum {
	COLUMN_DAY, COLUMN_NUMBERS, COLUMN_CONNECT_RATE = COLUMN_NUMBERS +
	    DAY_NUMBERS, COLUMN_SUCCESS_RATE, COLUMNS
};

/* ---- days ---- */

/* Two or four digits. */
static bool
read_number(struct str s, size_t at, size_t n, int *out)
{
	*out = 0;
	for (size_t i = at; i < at + n; i++) {
		if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

static bool
read_date(struct str s, struct xlsx_time *t)
{
	*t = (struct xlsx_time){ 0 };
	return read_number(s, 0, 4, &t->year) && s.p[4] == '-' &&
	    read_number(s, 5, 2, &t->month) && s.p[7] == '-' &&
	    read_number(s, 8, 2, &t->day) && t->year >= 1900 &&
	    t->month >= 1 && t->month <= 12 && t->day >= 1 &&
	    t->day <= time_month_days(t->year, t->month);
}

bool
read_day(struct str s, struct xlsx_time *t)
{
	return s.n == strlen("YYYY-MM-DD") && read_date(s, t);
}

bool
read_day_time(struct str s, struct xlsx_time *t)
{
	return s.n == strlen("YYYY-MM-DD hh:mm:ss") && read_date(s, t) &&
	    s.p[10] == ' ' && read_number(s, 11, 2, &t->hour) &&
	    s.p[13] == ':' && read_number(s, 14, 2, &t->minute) &&
	    s.p[16] == ':' && read_number(s, 17, 2, &t->second);
}

static int
day_order(const struct xlsx_time *a, const struct xlsx_time *b)
{
	if (a->year != b->year)
		return a->year < b->year ? -1 : 1;
	if (a->month != b->month)
		return a->month < b->month ? -1 : 1;
	return (a->day > b->day) - (a->day < b->day);
}

static struct xlsx_time
day_after(struct xlsx_time t)
{
	if (t.day++ < time_month_days(t.year, t.month))
		return t;
	t.day = 1;
	if (t.month++ < 12)
		return t;
	t.month = 1;
	t.year++;
	return t;
}

/* ---- sums ---- */

void
days_name(struct days *d, size_t column, struct str name)
{
	if (column >= DAY_MAX_COLUMNS)
		return;
	d->role[column] = str_eq(name, STR("day")) ? ROLE_DAY : 0;
	for (int i = 0; i < DAY_NUMBERS; i++)
		if (str_eq(name, str_of(number_info[i].name)))
			d->role[column] = i + 1;
}

void
days_cell(struct days *d, size_t column, struct str cell)
{
	int role = column < DAY_MAX_COLUMNS ? d->role[column] : 0;
	int64_t n;

	if (role == ROLE_DAY)
		d->has_day = read_day(cell, &d->row.day);
	else if (role > 0 && num_int(cell, &n) && n >= 0 && n <= NUMBER_MAX)
		d->row.number[role - 1] = n;
}

/* The sums of the row's day; rows come by day, ascending. NULL without memory. */
static struct day_sum *
sum_of(struct days *d)
{
	struct day_sum *grown;
	size_t cap = d->cap == 0 ? 64 : 2 * d->cap;

	if (d->n > 0 && day_order(&d->day[d->n - 1].day, &d->row.day) == 0)
		return &d->day[d->n - 1];
	if (d->n == d->cap) {
		if ((grown = realloc(d->day, cap * sizeof(*grown))) == NULL)
			return NULL;
		d->day = grown;
		d->cap = cap;
	}
	d->day[d->n] = (struct day_sum){ .day = d->row.day };
	return &d->day[d->n++];
}

void
days_end_row(struct days *d)
{
	struct day_sum *sum;

	if (!d->has_day) {
		d->calls_without_day += d->row.number[CALLS];
	} else if ((sum = sum_of(d)) == NULL) {
		d->failed = true;
	} else {
		for (int i = 0; i < DAY_NUMBERS; i++)
			sum->number[i] += d->row.number[i];
	}
	d->row = (struct day_sum){ 0 };
	d->has_day = false;
}

void
days_close(struct days *d)
{
	free(d->day);
}

/* ---- the sheet ---- */

static void
put_head(struct xlsx *x, struct lxw_worksheet *page)
{
	xlsx_text(x, page, TABLE_ROW, COLUMN_DAY, STR("day"), XLSX_HEAD);
	for (int i = 0; i < DAY_NUMBERS; i++)
		xlsx_text(x, page, TABLE_ROW, (uint16_t)(COLUMN_NUMBERS + i),
		    str_of(number_info[i].name), XLSX_HEAD);
	xlsx_text(x, page, TABLE_ROW, COLUMN_CONNECT_RATE, STR("connect_rate"),
	    XLSX_HEAD);
	xlsx_text(x, page, TABLE_ROW, COLUMN_SUCCESS_RATE, STR("success_rate"),
	    XLSX_HEAD);
	xlsx_width(x, page, COLUMN_DAY, 12);
	for (int i = COLUMN_NUMBERS; i < COLUMNS; i++)
		xlsx_width(x, page, (uint16_t)i, 12.5);
}

/* A rate as the reports round it; nothing of nothing. */
static void
put_rate(struct xlsx *x, struct lxw_worksheet *page, uint32_t row,
    uint16_t column, int64_t part, int64_t whole)
{
	/* Half away from zero, in whole numbers: part <= whole. */
	int64_t scaled = whole > 0 ? (part * 20000 + whole) / (2 * whole) : 0;

	if (whole > 0)
		xlsx_number(x, page, row, column, (double)scaled / 10000,
		    XLSX_RATE);
}

static void
put_day(struct xlsx *x, struct lxw_worksheet *page, uint32_t row,
    const struct day_sum *d)
{
	const int64_t *n = d->number;

	xlsx_time(x, page, row, COLUMN_DAY, &d->day, XLSX_DAY);
	for (int i = 0; i < DAY_NUMBERS; i++)
		xlsx_number(x, page, row, (uint16_t)(COLUMN_NUMBERS + i),
		    (double)n[i], XLSX_COUNT);
	put_rate(x, page, row, COLUMN_CONNECT_RATE, n[CONNECTED], n[ATTEMPTED]);
	put_rate(x, page, row, COLUMN_SUCCESS_RATE, n[SUCCEEDED],
	    n[SUCCEEDED] + n[NOT_SUCCEEDED]);
}

/* The days between two rows, so that the charts keep time. */
static void
fill_gap(struct xlsx *x, struct lxw_worksheet *page, uint32_t *row,
    struct xlsx_time from, const struct xlsx_time *to)
{
	struct xlsx_time last = from;
	int days = 0;

	for (last = day_after(last); days <= GAP_MAX_DAYS &&
	    day_order(&last, to) < 0; last = day_after(last))
		days++;
	if (days > GAP_MAX_DAYS)
		return;
	for (; days > 0; days--) {
		from = day_after(from);
		put_day(x, page, (*row)++, &(struct day_sum){ .day = from });
	}
}

/* Whether any day has such a call. */
static bool
is_used(const struct days *d, int number)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->day[i].number[number] != 0)
			return true;
	return false;
}

static void
draw(const struct days *d, struct xlsx *x, struct lxw_worksheet *page,
    const char *sheet, uint32_t last_row)
{
	struct xlsx_series outcome[DAY_OUTCOMES];
	static const struct xlsx_series rate[] = {
		{ COLUMN_CONNECT_RATE, 0x0072b2, false },
		{ COLUMN_SUCCESS_RATE, 0xd55e00, true },
	};
	struct xlsx_chart c = {
		.type = XLSX_STACKED_COLUMNS, .title = "Calls a day by outcome",
		.sheet = sheet, .first_row = TABLE_ROW + 1,
		.last_row = last_row, .label_column = COLUMN_DAY,
		.series = outcome, .at_row = 1, .height = CHART_PIXELS,
	};

	for (int i = 0; i < DAY_OUTCOMES; i++)
		if (is_used(d, i))
			outcome[c.n++] = (struct xlsx_series){
				(uint16_t)(COLUMN_NUMBERS + i),
				number_info[i].rgb, false,
			};
	if (c.n > 0)
		xlsx_draw(x, page, &c);
	c.type = XLSX_LINES;
	c.title = "Connect rate and success rate a day";
	c.percent = true;
	c.series = rate;
	c.n = sizeof(rate) / sizeof(rate[0]);
	c.at_row = 1 + CHART_ROWS;
	xlsx_draw(x, page, &c);
}

void
days_put(struct days *d, struct xlsx *x, struct lxw_worksheet *page,
    const char *sheet)
{
	uint32_t row = TABLE_ROW + 1;

	if (d->n == 0) {
		xlsx_text(x, page, 0, 0, STR("There is no day with calls to draw."),
		    XLSX_PLAIN);
		return;
	}
	xlsx_text(x, page, 0, 0, STR("The days of assistant_daily, all assistants "
	    "together; the numbers are below the charts."), XLSX_PLAIN);
	xlsx_fit(page);
	put_head(x, page);
	for (size_t i = 0; i < d->n; i++) {
		if (i > 0)
			fill_gap(x, page, &row, d->day[i - 1].day,
			    &d->day[i].day);
		put_day(x, page, row++, &d->day[i]);
	}
	draw(d, x, page, sheet, row - 1);
}
