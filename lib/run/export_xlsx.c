#include "run/export_xlsx.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "run/restate.h"
#include "run/export_xlsx_inner.h"

enum { WIDTH_MAX = 60, WIDTH_MIN = 6, FILTER_WIDTH = 3 };

/* Reports in the order of their sheets; a user's own ones come before the restatements. */
static const char *const order[] = {
	"assistant_total", "campaign_total", "assistant_daily",
	"campaign_daily", "assistant_campaign_daily", "hourly", "attempts",
	"insights", "credits_daily", "followups", NULL, RESTATEMENTS, "calls",
};

enum { ORDERS = sizeof(order) / sizeof(order[0]) };

/* How numbers of a column look, by the end of its name; the first that fits counts. */
static const struct {
	const char *end;
	enum xlsx_style style;
} looks[] = {
	{ "_rate", XLSX_RATE },
	{ "credits_per_success", XLSX_PRICE },
	{ "credits_used", XLSX_DECIMAL },
	{ "balance", XLSX_DECIMAL },
	{ "_seconds_avg", XLSX_SECONDS },
	{ "_seconds_p50", XLSX_SECONDS },
	{ "_seconds_p90", XLSX_SECONDS },
	{ "_seconds", XLSX_SECONDS },
};

/* ---- sheets ---- */

/* Makes the next page of a sheet; the lock is held, or there is one thread. */
static void
begin_part(struct sheet *s)
{
	struct export_xlsx *w = s->book;
	struct sheet_part *p = arena_alloc(&w->arena, sizeof(*p));
	size_t cap = w->part_cap == 0 ? 32 : 2 * w->part_cap;
	struct sheet_part **grown = w->part;

	if (w->parts == w->part_cap) {
		if ((grown = realloc(w->part, cap * sizeof(struct sheet_part *))) != NULL) {
			w->part = grown;
			w->part_cap = cap;
		}
	}
	if (p == NULL || grown == NULL) {
		w->failed = true;
		return;
	}
	*p = (struct sheet_part){ .sheet = s, .number = ++s->parts };
	xlsx_name(w->xlsx, str_of(s->report), p->number, p->name);
	p->page = xlsx_sheet(w->xlsx, p->name);
	w->part[w->parts++] = s->part = p;
}

/* The names of the columns, on top of a page. */
static void
put_header(struct sheet *s)
{
	struct xlsx *x = s->book->xlsx;

	for (size_t i = 0; i < s->columns; i++)
		xlsx_text(x, s->part->page, 0, (uint16_t)i,
		    str_of(s->column[i].name), XLSX_HEAD);
	s->part->rows = 1;
}

/* Before the first cell of a row: a page with room for it. */
static void
make_room(struct sheet *s)
{
	if (s->part != NULL && s->part->rows < s->book->sheet_rows)
		return;
	begin_part(s);
	if (!s->book->failed)
		put_header(s);
}

static enum xlsx_style
style_of(struct str name)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (str_ends(name, str_of(looks[i].end)))
			return looks[i].style;
	return XLSX_PLAIN;
}

static void
add_column(struct sheet *s, struct str name)
{
	size_t cap = s->column_cap == 0 ? 64 : 2 * s->column_cap;
	struct sheet_column *grown;

	if (s->columns == s->column_cap) {
		grown = realloc(s->column, cap * sizeof(*grown));
		if (grown == NULL) {
			s->book->failed = true;
			return;
		}
		s->column = grown;
		s->column_cap = cap;
	}
	s->column[s->columns] = (struct sheet_column){
		.name = arena_cstr(&s->book->arena, name),
		.style = style_of(name), .characters = name.n + FILTER_WIDTH,
	};
	if (s->column[s->columns].name == NULL)
		s->book->failed = true;
	else
		s->columns++;
	if (s->days != NULL)
		days_name(s->days, s->columns - 1, name);
}

/* ---- cells ---- */

static bool
is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '-' && s.p[i] != '.' &&
		    (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return true;
}

/* How many digits of a number count. */
static size_t
digits_of(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9' && (n > 0 || s.p[i] != '0'))
			n++;
	return n;
}

static void
put_text(struct sheet *s, struct str text)
{
	struct export_xlsx *w = s->book;

	if (!xlsx_text(w->xlsx, s->part->page, s->part->rows, (uint16_t)s->at,
	    text, XLSX_PLAIN))
		w->cut_texts++;
}

static void
put_number(struct sheet *s, struct str number)
{
	enum xlsx_style style = s->column[s->at].style;
	char text[64];

	if (digits_of(number) > NUMBER_MAX_DIGITS || number.n >= sizeof(text)) {
		s->book->long_numbers++;
		put_text(s, number);
		return;
	}
	memcpy(text, number.p, number.n);
	text[number.n] = '\0';
	if (style == XLSX_PLAIN)
		style = memchr(number.p, '.', number.n) != NULL ?
		    XLSX_DECIMAL : XLSX_COUNT;
	xlsx_number(s->book->xlsx, s->part->page, s->part->rows,
	    (uint16_t)s->at, strtod(text, NULL), style);
}

/* What stands bare in the CSV: a day, a time, a boolean, else a number. */
static void
put_bare(struct sheet *s, struct str bare)
{
	struct xlsx *x = s->book->xlsx;
	struct lxw_worksheet *page = s->part->page;
	uint32_t row = s->part->rows;
	uint16_t at = (uint16_t)s->at;
	struct xlsx_time t;

	if (str_eq(bare, STR("true")) || str_eq(bare, STR("false")))
		xlsx_bool(x, page, row, at, bare.p[0] == 't');
	else if (read_day(bare, &t))
		xlsx_time(x, page, row, at, &t, XLSX_DAY);
	else if (read_day_time(bare, &t))
		xlsx_time(x, page, row, at, &t, XLSX_TIME);
	else if (is_number(bare))
		put_number(s, bare);
	else
		put_text(s, bare);
}

static void
put_cell(struct sheet *s, const struct csvcell *cell)
{
	struct sheet_column *c = &s->column[s->at];

	if (cell->s.n > c->characters)
		c->characters = cell->s.n;
	if (s->days != NULL)
		days_cell(s->days, s->at, cell->s);
	if (cell->s.n == 0)
		return;
	if (cell->text)
		put_text(s, cell->s);
	else
		put_bare(s, cell->s);
}

void
sheet_cell(struct sheet *s, const struct csvcell *cell)
{
	struct export_xlsx *w = s->book;

	(void)pthread_mutex_lock(&w->lock);
	if (!w->failed && !s->has_header) {
		add_column(s, cell->s);
	} else if (!w->failed) {
		if (s->at == 0)
			make_room(s);
		if (!w->failed && s->at < s->columns)
			put_cell(s, cell);
	}
	s->at++;
	(void)pthread_mutex_unlock(&w->lock);
}

void
sheet_end_row(struct sheet *s)
{
	struct export_xlsx *w = s->book;

	(void)pthread_mutex_lock(&w->lock);
	if (!s->has_header) {
		s->has_header = true;
		if (s->part != NULL)
			put_header(s);
	} else if (s->part != NULL) {
		s->part->rows++;
		if (s->days != NULL)
			days_end_row(s->days);
	}
	s->at = 0;
	(void)pthread_mutex_unlock(&w->lock);
}

/* ---- the whole ---- */

static size_t
rank(const char *report)
{
	size_t own = 0;

	for (size_t i = 0; i < ORDERS; i++) {
		if (order[i] == NULL)
			own = i;
		else if (strcmp(order[i], report) == 0)
			return i;
	}
	return own;
}

static bool
is_named(const struct export_options *o, const char *report)
{
	for (size_t i = 0; i < o->reports; i++)
		if (strcmp(o->report[i], report) == 0)
			return true;
	return o->reports == 0;
}

static bool
take_reports(struct export_xlsx *w, const struct report_set *set,
    struct err *err)
{
	w->sheets = set->n + 1;
	w->sheet = calloc(w->sheets, sizeof(*w->sheet));
	w->of_report = calloc(w->sheets, sizeof(struct sheet *));
	if (w->sheet == NULL || w->of_report == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < w->sheets; i++) {
		struct sheet *s = w->of_report[i] = &w->sheet[i];

		s->book = w;
		s->report = i < set->n ? set->report[i].name : RESTATEMENTS;
		s->eager = is_named(w->options, s->report);
		if (i < set->n && !report_doc_read(&s->doc, NULL,
		    &set->report[i], &w->arena, err))
			return false;
		if (strcmp(s->report, "assistant_daily") == 0)
			s->days = &w->days;
	}
	w->sheet[set->n].doc.sentence = STR("Published cells that have changed "
	    "since: what they were, what they are, and what brought it.");
	return true;
}

/* Makes the pages that are to be there in any case. */
static void
make_pages(struct export_xlsx *w)
{
	bool has_days = false;

	w->front = xlsx_sheet(w->xlsx, "about");
	for (size_t i = 0; i < w->sheets; i++)
		has_days = has_days || w->sheet[i].days != NULL;
	if (has_days)
		w->charts = xlsx_sheet(w->xlsx, CHARTS_NAME);
	for (size_t r = 0; r < ORDERS; r++)
		for (size_t i = 0; i < w->sheets; i++)
			if (w->sheet[i].eager && rank(w->sheet[i].report) == r)
				begin_part(&w->sheet[i]);
}

static int64_t
time_of(const struct ledger_position *l)
{
	if (!l->has_run)
		return TIME_NONE;
	return l->finished_us != TIME_NONE ? l->finished_us : l->started_us;
}

static bool
open_all(struct export_xlsx *w, const struct report_set *set, struct err *err)
{
	const char *folder = w->options->out;

	if (!take_reports(w, set, err))
		return false;
	w->file = atomicfile_open(folder, WORKBOOK_NAME, err);
	if (w->file == NULL)
		return false;
	w->xlsx = xlsx_open(w->file, folder, time_of(w->position), err);
	if (w->xlsx == NULL)
		return false;
	make_pages(w);
	return w->failed ? err_nomem(err) : true;
}

struct export_xlsx *
export_xlsx_open(const struct export_options *o, const struct report_set *set,
    const struct ledger_position *position, struct sheet ***sheet,
    struct err *err)
{
	struct export_xlsx *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		err_nomem(err);
		return NULL;
	}
	w->options = o;
	w->position = position;
	w->sheet_rows = o->sheet_rows != 0 ? o->sheet_rows : SHEET_MAX_ROWS;
	(void)pthread_mutex_init(&w->lock, NULL);
	arena_init(&w->arena, 0);
	if (!open_all(w, set, err)) {
		export_xlsx_close(w);
		return NULL;
	}
	*sheet = w->of_report;
	return w;
}

struct sheet *
export_xlsx_restatements(struct export_xlsx *w)
{
	return &w->sheet[w->sheets - 1];
}

void
export_xlsx_close(struct export_xlsx *w)
{
	if (w == NULL)
		return;
	xlsx_close(w->xlsx);
	atomicfile_close(w->file);
	for (size_t i = 0; w->sheet != NULL && i < w->sheets; i++)
		free(w->sheet[i].column);
	free(w->sheet);
	free(w->of_report);
	free(w->part);
	days_close(&w->days);
	arena_close(&w->arena);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

/* Widths, filters and the fixed header of a page. */
static void
finish_part(struct export_xlsx *w, const struct sheet_part *p)
{
	const struct sheet *s = p->sheet;

	if (!s->has_header) {
		xlsx_text(w->xlsx, p->page, 0, 0, STR("Not written: it has no "
		    "days, and only changed days were asked for."), XLSX_PLAIN);
		return;
	}
	for (size_t i = 0; i < s->columns; i++) {
		size_t width = s->column[i].characters + 1;

		width = width < WIDTH_MIN ? WIDTH_MIN : width;
		xlsx_width(w->xlsx, p->page, (uint16_t)i,
		    (double)(width > WIDTH_MAX ? WIDTH_MAX : width));
	}
	xlsx_table(w->xlsx, p->page, p->rows, (uint16_t)s->columns);
}

bool
export_xlsx_write(struct export_xlsx *w, const char *zone, struct err *err)
{
	for (size_t i = 0; i < w->parts; i++)
		finish_part(w, w->part[i]);
	if (w->charts != NULL)
		days_put(&w->days, w->xlsx, w->charts, CHARTS_NAME);
	export_xlsx_put_front(w, zone);
	if (w->failed || w->days.failed)
		return err_nomem(err);
	return xlsx_write(w->xlsx, err) || err_add(err, WORKBOOK_NAME);
}

static bool
take_facts(const struct export_xlsx *w, struct export_file *f,
    struct export_workbook *facts, struct err *err)
{
	facts->sheet = calloc(w->parts + 1, sizeof(*facts->sheet));
	if (facts->sheet == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < w->parts; i++) {
		const struct sheet_part *p = w->part[i];
		struct export_sheet *s = &facts->sheet[facts->sheets++];

		(void)snprintf(s->name, sizeof(s->name), "%s", p->name);
		(void)snprintf(s->report, sizeof(s->report), "%s",
		    p->sheet->report);
		s->rows = p->rows > 0 ? p->rows - 1 : 0;
		s->number = p->number;
		f->rows += s->rows;
	}
	facts->cut_texts = w->cut_texts;
	facts->long_numbers = w->long_numbers;
	return true;
}

bool
export_xlsx_commit(struct export_xlsx *w, struct export_file *f,
    struct export_workbook *facts, struct err *err)
{
	(void)snprintf(f->name, sizeof(f->name), "%s", WORKBOOK_NAME);
	return take_facts(w, f, facts, err) &&
	    atomicfile_commit(w->file, f->sha256, &f->bytes, err);
}
