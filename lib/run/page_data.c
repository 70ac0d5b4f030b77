#include "run/page_data.h"

#include <stdio.h>

#include "base/phones.h"
#include "db/copy.h"
#include "embedded.h"
#include "run/dictionary.h"
#include "run/page_json.h"

enum { PAGE_SQL_MAX_BYTES = 256 * 1024 };

/* The text of the embedded file of that name; NULL when there is none. */
static const char *
find(const struct embedded *list, struct str name)
{
	for (; list->name != NULL; list++)
		if (str_eq(str_of(list->name), name))
			return list->text;
	return NULL;
}

/* Puts the report that a line ":name" of the query stands for in its place. */
static bool
compose(struct buf *out, const char *sql, struct err *err)
{
	const char *at = strstr(sql, "\n:");
	const char *report;
	size_t n;

	if (at == NULL)
		return buf_puts(out, str_of(sql)) || err_nomem(err);
	n = strcspn(at + 2, "\n");
	report = find(embedded_reports, (struct str){ at + 2, n });
	if (report == NULL)
		return err_fail(err, "no report is named %.*s", (int)n, at + 2);
	(void)buf_put(out, sql, (size_t)(at + 1 - sql));
	(void)buf_puts(out, str_of(report));
	(void)buf_puts(out, str_of(at + 2 + n));
	return !out->failed || err_nomem(err);
}

/* Whether a type's text is a number of JSON. */
static bool
is_number(unsigned oid)
{
	return oid == 20 || oid == 21 || oid == 23 || oid == 1700;	/* int8, int2, int4, numeric */
}

/* The first bytes of a text, at a character's end. */
static struct str
cut(struct str s)
{
	if (s.n > PAGE_TEXT_BYTES)
		s.n = str_utf8_bytes((struct str){ s.p, PAGE_TEXT_BYTES });
	return s;
}

/* A text, cut, with what may be phone numbers hidden: no page has them whole. */
static void
put_words(struct buf *b, struct str s, enum phones phones)
{
	struct buf text = BUF_INIT(0);

	if (phones != PHONES_FULL && s.n > 0) {
		phones_put_text(&text, s, phones);
		s = buf_str(&text);
	}
	page_text(b, NULL, cut(s));
	b->failed = b->failed || text.failed;
	buf_free(&text);
}

static void
put_columns(struct buf *b, const struct copy_out *in)
{
	page_open(b, "columns", '[');
	for (int i = 0; i < in->columns; i++)
		page_text(b, NULL, str_of(in->column[i].name));
	page_close(b, ']');
}

static void
put_row(struct buf *b, const struct copy_out *in, enum phones phones)
{
	page_open(b, NULL, '[');
	for (int i = 0; i < in->columns; i++) {
		if (is_number(in->column[i].oid))
			page_raw(b, NULL, in->cell[i]);
		else
			put_words(b, in->cell[i], str_eq(STR("value"),
			    str_of(in->column[i].name)) ? phones :
			    PHONES_FULL);
	}
	page_close(b, ']');
}

static bool
put_rows(struct buf *b, struct copy_out *in, enum phones phones,
    struct err *err)
{
	int64_t total = 0;
	bool ok, end = false;

	put_columns(b, in);
	page_open(b, "rows", '[');
	for (; (ok = copy_out_next(in, &end, err)) && !end; total++)
		if (total < PAGE_ROWS)
			put_row(b, in, phones);
	page_close(b, ']');
	page_int(b, "total", total);
	return ok;
}

static enum phones
phones_of_page(const struct page *p)
{
	return p->options->phones == PHONES_NONE ? PHONES_NONE : PHONES_MASKED;
}

/* Puts the answer to one query of sql/page under a name. */
static bool
put_section(struct buf *b, struct db *db, const char *name,
    const char *page_sql, enum phones phones, struct err *err)
{
	struct buf sql = BUF_INIT(PAGE_SQL_MAX_BYTES);
	struct copy_out in = { .db = NULL };
	bool ok;

	page_open(b, name, '{');
	ok = compose(&sql, page_sql, err) &&
	    copy_out_begin(&in, db, buf_cstr(&sql), err) &&
	    put_rows(b, &in, phones, err);
	page_close(b, '}');
	copy_out_close(&in);
	buf_free(&sql);
	return ok || err_add(err, "page, %s", name);
}

static bool
put_sections(struct buf *b, struct db *db, enum phones phones,
    struct err *err)
{
	for (const struct embedded *e = embedded_page; e->name != NULL; e++)
		if (!put_section(b, db, e->name, e->text, phones, err))
			return false;
	return true;
}

/* Where the calls of a window begin: a comparison with half of one misleads. */
static bool
put_first_day(struct buf *b, struct db *db, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_get_first_day, NULL, 0, err);

	if (rows == NULL)
		return false;
	page_text(b, "first", db_get_text(rows, 0, 0));
	db_rows_free(rows);
	return true;
}

/* The totals of the window before; null when this one is open. */
static bool
put_before(struct buf *b, struct db *db, struct str from, struct str to,
    struct err *err)
{
	struct db_param p[] = { db_text(from), db_text(to) };
	bool ok;

	if (from.p == NULL) {
		page_text(b, "before", from);
		return true;
	}
	page_open(b, "before", '{');
	page_text(b, "from", from);
	page_text(b, "to", to);
	ok = db_run(db, sql_set_window_before, p, 2, NULL, err) &&
	    put_first_day(b, db, err) &&
	    put_section(b, db, "totals", find(embedded_page, STR("totals")),
	    PHONES_MASKED, err);
	page_close(b, '}');
	return ok;
}

/* -- the dictionary -- */

static void
put_doc(struct buf *b, const struct report *report,
    const struct report_doc *doc)
{
	page_open(b, NULL, '{');
	page_text(b, "report", str_of(report->name));
	page_text(b, "text", doc->sentence);
	page_open(b, "columns", '[');
	for (size_t i = 0; i < doc->columns; i++) {
		page_open(b, NULL, '[');
		page_text(b, NULL, doc->column[i].name);
		page_text(b, NULL, doc->column[i].meaning);
		page_close(b, ']');
	}
	page_close(b, ']');
	page_close(b, '}');
}

static bool
put_docs(struct buf *b, const struct report_set *set, struct arena *arena,
    struct err *err)
{
	struct report_doc doc;

	page_open(b, "dictionary", '[');
	for (size_t i = 0; i < set->n; i++) {
		if (!report_doc_read(&doc, NULL, &set->report[i], arena, err))
			return false;
		put_doc(b, &set->report[i], &doc);
	}
	page_close(b, ']');
	return true;
}

/* Reports of the user's that stand for built-in ones: not what the page shows. */
static void
put_replaced(struct buf *b, const struct report_set *set)
{
	page_open(b, "replaced", '[');
	for (size_t i = 0; i < set->n; i++) {
		const char *built_in = find(embedded_reports,
		    str_of(set->report[i].name));

		if (built_in != NULL && strcmp(built_in, set->report[i].sql) != 0)
			page_text(b, NULL, str_of(set->report[i].name));
	}
	page_close(b, ']');
}

static bool
put_dictionary(struct buf *b, const char *folder, struct err *err)
{
	struct report_set set;
	struct arena arena;
	bool ok;

	if (!report_set_load(&set, folder, NULL, 0, err))
		return false;
	arena_init(&arena, 0);
	ok = put_docs(b, &set, &arena, err);
	put_replaced(b, &set);
	arena_close(&arena);
	report_set_free(&set);
	return ok;
}

/* -- what was restated -- */

enum { RESTATED_REPORT = 0, RESTATED_KEY = 2 };	/* columns of the file */

/* Whether a restated cell may hold phone numbers. The keys of built-in reports are ids. */
static bool
is_spoken(const struct page *p, const struct csvcell *c)
{
	return c->text && (p->column != RESTATED_KEY || !p->is_built_in);
}

void
page_restated_cell(struct page *p, const struct csvcell *c)
{
	struct buf *b = p->lines == 0 ? &p->names : &p->restated;

	if (p->lines > PAGE_RESTATED_ROWS)
		return;
	if (p->column == 0)
		page_open(b, NULL, '[');
	if (p->column == RESTATED_REPORT)
		p->is_built_in = find(embedded_reports, c->s) != NULL;
	put_words(b, c->s, is_spoken(p, c) ? phones_of_page(p) :
	    PHONES_FULL);
	p->column++;
}

void
page_restated_end(struct page *p)
{
	if (p->column > 0)
		page_close(p->lines == 0 ? &p->names : &p->restated, ']');
	p->lines++;
	p->column = 0;
}

void
page_free(struct page *p)
{
	buf_free(&p->names);
	buf_free(&p->restated);
}

static void
put_restated(struct buf *b, const struct page *p)
{
	page_open(b, "restated", '{');
	page_raw(b, "columns", buf_str(&p->names));
	page_open(b, "rows", '[');
	(void)buf_puts(b, buf_str(&p->restated));
	page_close(b, ']');
	page_int(b, "total", (int64_t)p->lines - 1);
	page_close(b, '}');
}

/* -- the head line -- */

static void
put_ledger(struct buf *b, const struct ledger_position *l)
{
	page_open(b, "ledger", '{');
	page_int(b, "sources", l->sources);
	page_int(b, "unfinished", l->unfinished);
	page_int(b, "lines", l->lines);
	page_int(b, "events", l->events);
	page_int(b, "duplicates", l->duplicates);
	page_int(b, "rejected", l->rejected);
	page_int(b, "ignored", l->ignored);
	page_text(b, "run", str_of(l->has_run ? l->command : NULL));
	page_text(b, "state", str_of(l->has_run ? l->state : NULL));
	page_close(b, '}');
}

static void
put_head(struct buf *b, const struct page *p, struct str at, struct str today)
{
	page_text(b, "version", str_of(p->options->version));
	page_text(b, "from", str_of(p->options->from));
	page_text(b, "to", str_of(p->options->to));
	page_text(b, "zone", str_of(p->zone));
	page_text(b, "at", at);
	page_text(b, "today", today);
	put_ledger(b, p->ledger);
}

bool
page_data(struct buf *b, struct db *db, const struct page *p, struct err *err)
{
	struct db_slot slot;
	struct db_param at = db_time(p->at_us, &slot);
	struct db_rows *times = db_query(db, sql_get_page_times, &at, 1, err);
	bool ok = times != NULL;

	if (!ok)
		return false;
	page_open(b, NULL, '{');
	put_head(b, p, db_get_text(times, 0, 0), db_get_text(times, 0, 1));
	ok = put_sections(b, db, phones_of_page(p), err) &&
	    put_before(b, db, db_get_text(times, 0, 2),
	    db_get_text(times, 0, 3), err) &&
	    put_dictionary(b, p->options->reports_folder, err);
	put_restated(b, p);
	page_close(b, '}');
	db_rows_free(times);
	return ok;
}
