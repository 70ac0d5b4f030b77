#include <stdio.h>

#include "base/clock.h"
#include "run/export_xlsx_inner.h"

enum { COLUMN_A, COLUMN_B, COLUMN_C, LINE_BYTES = 512 };

/* The sheet on its way. */
struct front {
	struct export_xlsx *w;
	uint32_t row;
};

static void
put(struct front *f, uint16_t column, struct str s, enum xlsx_style style)
{
	xlsx_text(f->w->xlsx, f->w->front, f->row, column, s, style);
}

static void
put_fact(struct front *f, const char *name, const char *value)
{
	put(f, COLUMN_A, str_of(name), XLSX_PLAIN);
	put(f, COLUMN_B, str_of(value), XLSX_PLAIN);
	f->row++;
}

static void
put_window(struct front *f)
{
	const struct export_options *o = f->w->options;
	char text[LINE_BYTES];

	if (o->from == NULL && o->to == NULL)
		(void)snprintf(text, sizeof(text), "all days");
	else if (o->from == NULL)
		(void)snprintf(text, sizeof(text), "up to %s", o->to);
	else if (o->to == NULL)
		(void)snprintf(text, sizeof(text), "from %s", o->from);
	else
		(void)snprintf(text, sizeof(text), "%s to %s, both inclusive",
		    o->from, o->to);
	if (o->changed_only)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "; of them only the days that changed since they were "
		    "published last");
	put_fact(f, "window", text);
}

/* "2026-03-01 09:30:00 UTC" */
static void
instant(int64_t us, char out[TIME_TEXT_BYTES])
{
	char text[TIME_TEXT_BYTES];

	time_text(us, text);
	(void)snprintf(out, TIME_TEXT_BYTES, "%.10s %.8s UTC", text, text + 11);
}

/* Up to when data was loaded: it does not change while nothing is loaded. */
static void
put_position(struct front *f)
{
	const struct ledger_position *l = f->w->position;
	char text[LINE_BYTES], at[TIME_TEXT_BYTES];

	if (!l->has_run) {
		put_fact(f, "data", "nothing was loaded yet");
		return;
	}
	instant(l->finished_us != TIME_NONE ? l->finished_us : l->started_us,
	    at);
	(void)snprintf(text, sizeof(text), "as loaded up to %s (%s, %s)", at,
	    l->command, l->state);
	put_fact(f, "data", text);
	(void)snprintf(text, sizeof(text), "%lld lines of %lld files, of them "
	    "%lld rejected; %lld files not finished", (long long)l->lines,
	    (long long)l->sources, (long long)l->rejected,
	    (long long)l->unfinished);
	put_fact(f, "ledger", text);
}

/* Where the workbook is not as the CSV files are. */
static void
put_differences(struct front *f)
{
	const struct export_xlsx *w = f->w;
	char text[LINE_BYTES];

	for (size_t i = 0; i < w->sheets; i++) {
		if (w->sheet[i].parts < 2)
			continue;
		(void)snprintf(text, sizeof(text), "%s has more rows than a "
		    "sheet holds (%u with the header): it goes on in the sheets "
		    "(2) to (%u)", w->sheet[i].report, w->sheet_rows,
		    w->sheet[i].parts);
		put_fact(f, "note", text);
	}
	if (w->cut_texts > 0) {
		(void)snprintf(text, sizeof(text), "%llu texts are longer than "
		    "a cell holds (%d characters) and were cut; the CSV files "
		    "have them whole", (unsigned long long)w->cut_texts,
		    CELL_MAX_UNITS);
		put_fact(f, "note", text);
	}
	if (w->long_numbers > 0) {
		(void)snprintf(text, sizeof(text), "%llu numbers have more than "
		    "%d digits and stand as text, because a spreadsheet would "
		    "round them", (unsigned long long)w->long_numbers,
		    NUMBER_MAX_DIGITS);
		put_fact(f, "note", text);
	}
}

/* The heads of a list, an empty row before them. */
static void
put_heads(struct front *f, struct str a, struct str b, struct str c)
{
	f->row++;
	put(f, COLUMN_A, a, XLSX_HEAD);
	put(f, COLUMN_B, b, XLSX_HEAD);
	put(f, COLUMN_C, c, XLSX_HEAD);
	f->row++;
}

static void
put_sheets(struct front *f)
{
	struct export_xlsx *w = f->w;

	put_heads(f, STR("sheet"), STR("rows"), STR("what it tells"));
	for (size_t i = 0; i < w->parts; i++, f->row++) {
		const struct sheet_part *p = w->part[i];

		xlsx_link(w->xlsx, w->front, f->row, COLUMN_A, p->name);
		xlsx_number(w->xlsx, w->front, f->row, COLUMN_B,
		    p->rows > 0 ? p->rows - 1 : 0, XLSX_COUNT);
		put(f, COLUMN_C, p->sheet->doc.sentence, XLSX_WRAPPED);
	}
}

static void
put_columns(struct front *f, struct sheet *s)
{
	if (s->told)
		return;
	s->told = true;
	for (size_t i = 0; i < s->doc.columns; i++, f->row++) {
		put(f, COLUMN_A, str_of(s->report), XLSX_PLAIN);
		put(f, COLUMN_B, s->doc.column[i].name, XLSX_PLAIN);
		put(f, COLUMN_C, s->doc.column[i].meaning, XLSX_WRAPPED);
	}
}

static void
put_dictionary(struct front *f)
{
	struct export_xlsx *w = f->w;

	put_heads(f, STR("report"), STR("column"), STR("what it means"));
	for (size_t i = 0; i < w->parts; i++)
		put_columns(f, w->part[i]->sheet);
}

void
export_xlsx_put_front(struct export_xlsx *w, const char *zone)
{
	struct front f = { .w = w };

	put(&f, COLUMN_A, STR("calltally: outcomes of calls"), XLSX_TITLE);
	f.row += 2;
	put_window(&f);
	put_fact(&f, "time zone", zone);
	if (w->options->phones != PHONES_FULL)
		put_fact(&f, "phone numbers", w->options->phones == PHONES_NONE ?
		    "left out" : "masked");
	put_position(&f);
	if (w->options->version != NULL)
		put_fact(&f, "calltally", w->options->version);
	if (w->charts != NULL && w->days.calls_without_day > 0)
		put_fact(&f, "note", "calls without any time have no day and are "
		    "not in the charts");
	put_differences(&f);
	put_sheets(&f);
	put_dictionary(&f);
	xlsx_fit(w->front);
	xlsx_width(w->xlsx, w->front, COLUMN_A, 28);
	xlsx_width(w->xlsx, w->front, COLUMN_B, 22);
	xlsx_width(w->xlsx, w->front, COLUMN_C, 90);
}
