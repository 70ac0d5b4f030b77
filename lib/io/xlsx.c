#include "io/xlsx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <xlsxwriter.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/memory.h"
#include "io/zipcheck.h"

/* Without a time of its own a workbook says 2000-01-01; the library would say now. */
enum { NO_TIME_S = 946684800, CHART_WIDTH = 1100, PAPER_A4 = 9, COLUMN_GAP = 40 };

/* More than the library takes for a sheet, and for all of the end; of a cell and the row before it MEMORY_HEAP_BYTES. */
enum { SHEET_BYTES = 1024 * 1024, WRITE_BYTES = 4 * 1024 * 1024 };

struct xlsx {
	struct atomicfile *file;
	lxw_workbook *book;		/* NULL once it was written */
	lxw_format *style[XLSX_STYLES];
	struct buf text;		/* a cell on its way */
	struct err err;			/* the first failure */
};

static const char *const number_format[XLSX_STYLES] = {
	[XLSX_COUNT] = "#,##0",
	[XLSX_DECIMAL] = "#,##0.00####",
	[XLSX_SECONDS] = "#,##0.0##",
	[XLSX_PRICE] = "#,##0.0000",
	[XLSX_RATE] = "0.0%",
	[XLSX_DAY] = "yyyy-mm-dd",
	[XLSX_TIME] = "yyyy-mm-dd hh:mm:ss",
};

static void
check(struct xlsx *x, lxw_error e)
{
	if (e != LXW_NO_ERROR)
		err_fail(&x->err, "%s", lxw_strerror(e));
}

/* Whether the sheet may be written to. Without memory the library crashes, or leaves a cell out. */
static bool
can_put(struct xlsx *x, const struct lxw_worksheet *s)
{
	return s != NULL && x->err.kind == ERR_NONE &&
	    memory_is_there(MEMORY_HEAP_BYTES, &x->err);
}

static bool
make_styles(struct xlsx *x)
{
	for (int i = 0; i < XLSX_STYLES; i++) {
		if ((x->style[i] = workbook_add_format(x->book)) == NULL)
			return false;
		format_set_align(x->style[i], LXW_ALIGN_VERTICAL_TOP);
		if (number_format[i] != NULL)
			format_set_num_format(x->style[i], number_format[i]);
	}
	format_set_bold(x->style[XLSX_TITLE]);
	format_set_font_size(x->style[XLSX_TITLE], 16);
	format_set_bold(x->style[XLSX_HEAD]);
	format_set_bg_color(x->style[XLSX_HEAD], 0xdce6f1);
	format_set_bottom(x->style[XLSX_HEAD], LXW_BORDER_THIN);
	format_set_text_wrap(x->style[XLSX_WRAPPED]);
	format_set_indent(x->style[XLSX_WRAPPED], 1);
	format_set_font_color(x->style[XLSX_LINK], 0x0563c1);
	format_set_underline(x->style[XLSX_LINK], LXW_UNDERLINE_SINGLE);
	/* Numbered now: else the first cell to use one would, whichever thread's it is. */
	for (int i = 0; i < XLSX_STYLES; i++)
		(void)lxw_format_get_xf_index(x->style[i]);
	return true;
}

static bool
open_book(struct xlsx *x, const char *folder, int64_t created_us)
{
	char tmpdir[4096], title[] = "calltally";
	lxw_workbook_options options = { .constant_memory = 1, .tmpdir = tmpdir };
	lxw_doc_properties said = {
		.title = title,
		.created = created_us == TIME_NONE ? NO_TIME_S :
		    (time_t)(created_us / 1000000),
	};

	(void)snprintf(tmpdir, sizeof(tmpdir), "%s", folder);
	x->book = workbook_new_opt(atomicfile_path(x->file), &options);
	return x->book != NULL && make_styles(x) &&
	    workbook_set_properties(x->book, &said) == LXW_NO_ERROR;
}

struct xlsx *
xlsx_open(struct atomicfile *file, const char *folder, int64_t created_us,
    struct err *err)
{
	struct xlsx *x = calloc(1, sizeof(*x));

	if (x != NULL) {
		x->file = file;
		if (memory_is_there(SHEET_BYTES, err) &&
		    open_book(x, folder, created_us))
			return x;
	}
	err_nomem(err);
	xlsx_close(x);
	return NULL;
}

/* Forgets a workbook that was not written: the library leaves files open. */
static void
drop_book(lxw_workbook *book)
{
	lxw_worksheet *sheet;

	STAILQ_FOREACH(sheet, book->worksheets, list_pointers)
		if (sheet->optimize_tmpfile != NULL)
			(void)fclose(sheet->optimize_tmpfile);
	lxw_workbook_free(book);
}

void
xlsx_close(struct xlsx *x)
{
	if (x == NULL)
		return;
	if (x->book != NULL)
		drop_book(x->book);
	buf_free(&x->text);
	free(x);
}

/* Whether the temporary files of the sheets have all that was put: the library does not ask. */
static bool
sheets_are_whole(lxw_workbook *book)
{
	lxw_worksheet *sheet;
	bool ok = true;

	STAILQ_FOREACH(sheet, book->worksheets, list_pointers) {
		FILE *f = sheet->optimize_tmpfile;

		/* The last row, which would wait for the end. */
		lxw_worksheet_write_single_row(sheet);
		ok = fflush(f) == 0 && ferror(f) == 0 && ok;
	}
	return ok;
}

bool
xlsx_write(struct xlsx *x, struct err *err)
{
	lxw_workbook *book = x->book;

	if (x->err.kind != ERR_NONE)
		return err_set(err, x->err.kind, "%s", x->err.text);
	if (!sheets_are_whole(book))
		return err_fail(err, "a sheet in it was cut off: is a disk full?");
	if (!memory_is_there(WRITE_BYTES, err))
		return false;
	x->book = NULL;
	errno = 0;
	check(x, workbook_close(book));
	if (x->err.kind != ERR_NONE && errno != 0)
		return err_sys(err, errno, "%s", x->err.text);
	if (x->err.kind != ERR_NONE)
		return err_fail(err, "%s", x->err.text);
	return zip_check(atomicfile_path(x->file), err) &&
	    atomicfile_adopt(x->file, err);
}

/* ---- sheets ---- */

struct lxw_worksheet *
xlsx_sheet(struct xlsx *x, const char *name)
{
	lxw_worksheet *sheet = NULL;

	if (x->err.kind != ERR_NONE || !memory_is_there(SHEET_BYTES, &x->err))
		return NULL;
	errno = 0;
	sheet = workbook_add_worksheet(x->book, name);
	if (sheet == NULL)
		err_sys(&x->err, errno != 0 ? errno : EINVAL,
		    "cannot make the sheet \"%s\"", name);
	return sheet;
}

/* The length of the first character of s in bytes and in units of UTF-16. */
static size_t
character(struct str s, unsigned *units)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	*units = n == 4 ? 2 : 1;
	return n < s.n ? n : s.n;
}

/* The longest start of s of so many units, in bytes. */
static size_t
bytes_of_units(struct str s, unsigned most)
{
	size_t n = 0;
	unsigned units;

	while (n < s.n) {
		size_t more = character(str_from(s, n), &units);

		if (units > most)
			break;
		most -= units;
		n += more;
	}
	return n;
}

/* Copies a wanted name without what may not be in one. */
static size_t
put_name(char *out, struct str wanted, unsigned most)
{
	size_t n = bytes_of_units(wanted, most);

	memcpy(out, wanted.p, n);
	for (size_t i = 0; i < n; i++)
		if (strchr("[]:*?/\\", out[i]) != NULL ||
		    (unsigned char)out[i] < ' ' ||
		    (out[i] == '\'' && (i == 0 || i + 1 == n)))
			out[i] = '_';
	return n;
}

void
xlsx_name(struct xlsx *x, struct str wanted, unsigned number,
    char out[XLSX_NAME_BYTES])
{
	char suffix[16] = "";
	unsigned most = SHEET_NAME_MAX_UNITS;
	size_t n;

	if (str_eq_nocase(wanted, STR("history")))	/* Excel's own */
		wanted = STR("history_");
	for (;; number++) {
		if (number > 1)
			most = SHEET_NAME_MAX_UNITS - (unsigned)snprintf(suffix,
			    sizeof(suffix), " (%u)", number);
		n = put_name(out, wanted, most);
		memcpy(out + n, suffix, strlen(suffix) + 1);
		if (x->book == NULL || workbook_validate_sheet_name(x->book,
		    out) != LXW_ERROR_SHEETNAME_ALREADY_USED)
			return;
	}
}

void
xlsx_width(struct xlsx *x, struct lxw_worksheet *s, uint16_t column,
    double characters)
{
	if (can_put(x, s))
		check(x, worksheet_set_column(s, column, column, characters,
		    NULL));
}

void
xlsx_table(struct xlsx *x, struct lxw_worksheet *s, uint32_t rows,
    uint16_t columns)
{
	if (!can_put(x, s))
		return;
	worksheet_freeze_panes(s, 1, 0);
	worksheet_set_landscape(s);
	worksheet_set_paper(s, PAPER_A4);
	check(x, worksheet_repeat_rows(s, 0, 0));
	if (rows > 0 && columns > 0)
		check(x, worksheet_autofilter(s, 0, 0, rows - 1,
		    (lxw_col_t)(columns - 1)));
}

void
xlsx_fit(struct lxw_worksheet *s)
{
	if (s == NULL)
		return;
	worksheet_set_landscape(s);
	worksheet_set_paper(s, PAPER_A4);
	worksheet_fit_to_pages(s, 1, 0);
}

/* ---- cells ---- */

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
	    (c >= 'a' && c <= 'f');
}

/* "_x0041_", which a spreadsheet would read as "A". */
static bool
looks_escaped(struct str s)
{
	return s.n >= 7 && s.p[0] == '_' && s.p[1] == 'x' && is_hex(s.p[2]) &&
	    is_hex(s.p[3]) && is_hex(s.p[4]) && is_hex(s.p[5]) && s.p[6] == '_';
}

/* The two characters that XML cannot hold, and the library does not know. */
static bool
is_no_xml(struct str s)
{
	return s.n >= 3 && memcmp(s.p, "\xef\xbf", 2) == 0 &&
	    ((unsigned char)s.p[2] == 0xbe || (unsigned char)s.p[2] == 0xbf);
}

/* Puts s into x->text as the library is to get it. */
static const char *
take_text(struct xlsx *x, struct str s)
{
	struct buf *b = &x->text;

	buf_reset(b);
	for (size_t i = 0; i < s.n; i++) {
		struct str rest = str_from(s, i);

		if (looks_escaped(rest)) {
			(void)buf_puts(b, STR("_x005F_"));
		} else if (is_no_xml(rest)) {
			(void)buf_printf(b, "_xFFF%c_",
			    (unsigned char)s.p[i + 2] == 0xbe ? 'E' : 'F');
			i += 2;
		} else {
			(void)buf_putc(b, s.p[i]);
		}
	}
	if (b->failed)
		err_nomem(&x->err);
	return buf_cstr(b);
}

/* Writes through the library's own door, which counts an escape as its letters. */
static bool
put_text(struct xlsx *x, struct lxw_worksheet *s, uint32_t row,
    uint16_t column, struct str text, enum xlsx_style style)
{
	const char *p = take_text(x, text);
	lxw_error e = can_put(x, s) ? worksheet_write_string(s, row, column, p,
	    x->style[style]) : LXW_NO_ERROR;

	if (e == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
		return false;
	check(x, e);
	return true;
}

bool
xlsx_text(struct xlsx *x, struct lxw_worksheet *s, uint32_t row,
    uint16_t column, struct str text, enum xlsx_style style)
{
	static const char end[] = " ...";
	const unsigned kept = CELL_MAX_UNITS - (sizeof(end) - 1);
	struct buf cut = BUF_INIT(0);
	size_t n = bytes_of_units(text, CELL_MAX_UNITS);

	if (s == NULL || (n == text.n && put_text(x, s, row, column, text,
	    style)))
		return true;
	for (unsigned units = kept; units > 0; units /= 2) {
		buf_reset(&cut);
		(void)buf_put(&cut, text.p, bytes_of_units(text, units));
		(void)buf_puts(&cut, STR(" ..."));
		if (cut.failed || put_text(x, s, row, column, buf_str(&cut),
		    style))
			break;
	}
	if (cut.failed)
		err_nomem(&x->err);
	buf_free(&cut);
	return false;
}

void
xlsx_number(struct xlsx *x, struct lxw_worksheet *s, uint32_t row,
    uint16_t column, double number, enum xlsx_style style)
{
	if (can_put(x, s))
		check(x, worksheet_write_number(s, row, column, number,
		    x->style[style]));
}

void
xlsx_bool(struct xlsx *x, struct lxw_worksheet *s, uint32_t row,
    uint16_t column, bool is)
{
	if (can_put(x, s))
		check(x, worksheet_write_boolean(s, row, column, is,
		    x->style[XLSX_PLAIN]));
}

void
xlsx_time(struct xlsx *x, struct lxw_worksheet *s, uint32_t row,
    uint16_t column, const struct xlsx_time *t, enum xlsx_style style)
{
	lxw_datetime when = {
		t->year, t->month, t->day, t->hour, t->minute, t->second,
	};

	if (can_put(x, s))
		check(x, worksheet_write_datetime(s, row, column, &when,
		    x->style[style]));
}

void
xlsx_link(struct xlsx *x, struct lxw_worksheet *s, uint32_t row,
    uint16_t column, const char *sheet)
{
	struct buf url = BUF_INIT(0);

	if (!can_put(x, s))
		return;
	(void)buf_puts(&url, STR("internal:'"));
	for (const char *p = sheet; *p != '\0'; p++) {
		(void)buf_putc(&url, *p);
		if (*p == '\'')
			(void)buf_putc(&url, *p);
	}
	(void)buf_puts(&url, STR("'!A1"));
	check(x, url.failed ? LXW_ERROR_MEMORY_MALLOC_FAILED :
	    worksheet_write_url_opt(s, row, column, buf_cstr(&url),
	    x->style[XLSX_LINK], sheet, NULL));
	buf_free(&url);
}

/* ---- charts ---- */

static void
add_series(lxw_chart *chart, const struct xlsx_chart *c,
    const struct xlsx_series *s)
{
	lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
	lxw_chart_fill fill = { .color = s->rgb };
	lxw_chart_line line = {
		.color = s->rgb, .width = 2.25f,
		.dash_type = s->dashed ? LXW_CHART_LINE_DASH_DASH :
		    LXW_CHART_LINE_DASH_SOLID,
	};

	if (series == NULL)
		return;
	chart_series_set_name_range(series, c->sheet, c->first_row - 1,
	    s->column);
	chart_series_set_categories(series, c->sheet, c->first_row,
	    c->label_column, c->last_row, c->label_column);
	chart_series_set_values(series, c->sheet, c->first_row, s->column,
	    c->last_row, s->column);
	if (c->type == XLSX_LINES)
		chart_series_set_line(series, &line);
	else
		chart_series_set_fill(series, &fill);
}

static void
set_axes(lxw_chart *chart, const struct xlsx_chart *c)
{
	lxw_chart_line faint = { .color = 0xd9d9d9, .width = 0.75f };
	lxw_chart_font upright = { .rotation = -45 };

	chart_axis_set_num_format(chart->x_axis, "yyyy-mm-dd");
	chart_axis_set_num_font(chart->x_axis, &upright);
	chart_axis_set_num_format(chart->y_axis, c->percent ? "0%" : "#,##0");
	chart_axis_major_gridlines_set_line(chart->y_axis, &faint);
	chart_axis_set_min(chart->y_axis, 0);
	if (c->percent)
		chart_axis_set_max(chart->y_axis, 1);
}

void
xlsx_draw(struct xlsx *x, struct lxw_worksheet *s, const struct xlsx_chart *c)
{
	lxw_chart_options options = {
		.x_scale = CHART_WIDTH / 480.0, .y_scale = c->height / 288.0,
	};
	lxw_chart *chart;

	if (!can_put(x, s))
		return;
	chart = workbook_add_chart(x->book, c->type == XLSX_LINES ?
	    LXW_CHART_LINE : LXW_CHART_COLUMN_STACKED);
	if (chart == NULL) {
		err_nomem(&x->err);
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		add_series(chart, c, &c->series[i]);
	chart_title_set_name(chart, c->title);
	chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
	if (c->type == XLSX_STACKED_COLUMNS)
		chart_set_series_gap(chart, COLUMN_GAP);
	set_axes(chart, c);
	check(x, worksheet_insert_chart_opt(s, c->at_row, c->at_column, chart,
	    &options));
}
