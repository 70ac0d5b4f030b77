#include "table.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/num.h"
#include "say.h"
#include "style.h"

enum { MICRO_PLACES = 6, COLUMNS_MAX = 16 };

static bool
is_shown(const struct table *t, size_t row)
{
	return t->shown == NULL || t->shown(t->rows, row, t->data);
}

size_t
table_rows(const struct table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < db_rows_count(t->rows); i++)
		n += is_shown(t, i);
	return n;
}

static void
answer_cell(struct answer row, const struct db_rows *rows, size_t i,
    const struct col *c)
{
	struct id128 id;

	if (db_is_null(rows, i, c->at)) {
		answer_text(row, c->name, (struct str){ NULL, 0 });
		return;
	}
	switch (c->type) {
	case COL_INT:
		answer_int(row, c->name, db_get_int(rows, i, c->at));
		break;
	case COL_TIME:
		answer_time(row, c->name, db_get_time(rows, i, c->at));
		break;
	case COL_MICRO:
		answer_scaled(row, c->name, db_get_int(rows, i, c->at),
		    MICRO_PLACES);
		break;
	case COL_ID:
		id = db_get_uuid(rows, i, c->at);
		answer_id(row, c->name, &id);
		break;
	default:
		answer_text(row, c->name, db_get_text(rows, i, c->at));
	}
}

void
table_answer(struct answer list, const struct table *t)
{
	for (size_t i = 0; i < db_rows_count(t->rows); i++) {
		struct answer row;

		if (!is_shown(t, i))
			continue;
		row = answer_object(list, NULL);
		for (const struct col *c = t->cols; c->name != NULL; c++)
			if (c->whom != COL_PEOPLE)
				answer_cell(row, t->rows, i, c);
	}
}

/* To the second: people need no microseconds here. */
static void
put_time(FILE *f, int64_t us)
{
	char text[TIME_TEXT_BYTES];

	time_text(us, text);
	fprintf(f, "%.10s %.8s", text, text + 11);
}

static void
put_place(FILE *f, const struct db_rows *rows, size_t i, int at)
{
	say_text(f, db_get_text(rows, i, at));
	if (!db_is_null(rows, i, at + 1))
		fprintf(f, ":%lld", (long long)db_get_int(rows, i, at + 1));
}

static void
put_cell(FILE *f, const struct db_rows *rows, size_t i, const struct col *c)
{
	char text[NUM_TEXT_BYTES];

	if (db_is_null(rows, i, c->at)) {
		putc('-', f);
		return;
	}
	switch (c->type) {
	case COL_INT:
		fputs(say_count(db_get_int(rows, i, c->at), text), f);
		break;
	case COL_TIME:
		put_time(f, db_get_time(rows, i, c->at));
		break;
	case COL_MICRO:
		num_scaled_text(db_get_int(rows, i, c->at), MICRO_PLACES, text);
		fputs(text, f);
		break;
	case COL_PLACE:
		put_place(f, rows, i, c->at);
		break;
	default:
		say_text(f, db_get_text(rows, i, c->at));
	}
}

static void
put_heading(FILE *f, const char *name)
{
	for (; *name != '\0'; name++)
		putc(*name == '_' ? ' ' : *name, f);
}

/* Writes all cells, each with a NUL behind it: the headings, then row by row. */
static void
put_cells(FILE *f, const struct table *t)
{
	for (const struct col *c = t->cols; c->name != NULL; c++) {
		if (c->whom == COL_JSON)
			continue;
		put_heading(f, c->name);
		putc('\0', f);
	}
	for (size_t i = 0; i < db_rows_count(t->rows); i++)
		for (const struct col *c = t->cols; c->name != NULL; c++) {
			if (c->whom == COL_JSON || !is_shown(t, i))
				continue;
			put_cell(f, t->rows, i, c);
			putc('\0', f);
		}
}

/* Characters, as far as a terminal is concerned. */
static int
width_of(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* The columns that people see. */
struct layout {
	const struct col *col[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	int n;
};

static struct layout
layout_of(const struct col *cols, const char *cell, size_t rows)
{
	struct layout l = { .n = 0 };

	for (; cols->name != NULL && l.n < COLUMNS_MAX; cols++)
		if (cols->whom != COL_JSON)
			l.col[l.n++] = cols;
	for (size_t i = 0; i < rows; i++)
		for (int c = 0; c < l.n; c++, cell += strlen(cell) + 1)
			if (width_of(cell) > l.width[c])
				l.width[c] = width_of(cell);
	return l;
}

static enum style
style_of(const struct col *c, const char *cell, bool heading)
{
	if (heading)
		return STYLE_HEADING;
	if (c->type != COL_STATE)
		return STYLE_PLAIN;
	if (strcmp(cell, "failed") == 0)
		return STYLE_BAD;
	return strcmp(cell, "done") == 0 ? STYLE_GOOD : STYLE_CAUTION;
}

/* Prints a cell in its column; text stands left, numbers right, the last is not padded. */
static const char *
print_cell(const struct layout *l, int c, const char *cell, bool heading)
{
	enum style style = style_of(l->col[c], cell, heading);
	bool right = l->col[c]->type == COL_INT || l->col[c]->type == COL_MICRO;
	int pad = l->width[c] - width_of(cell);

	printf("  %*s%s%s%s%*s", right ? pad : 0, "",
	    style != STYLE_PLAIN ? style_mark(stdout, style) : "", cell,
	    style != STYLE_PLAIN ? style_mark(stdout, STYLE_PLAIN) : "",
	    right || c + 1 == l->n ? 0 : pad, "");
	return cell + strlen(cell) + 1;
}

bool
table_say(const struct table *t, struct err *err)
{
	size_t lines = table_rows(t) + 1, bytes;
	struct layout l;
	const char *cell;
	char *text;
	FILE *f;

	if (lines == 1)
		return true;
	if ((f = open_memstream(&text, &bytes)) == NULL)
		return err_nomem(err);
	put_cells(f, t);
	if (fclose(f) != 0) {
		free(text);
		return err_nomem(err);
	}
	l = layout_of(t->cols, text, lines);
	cell = text;
	for (size_t i = 0; i < lines; i++) {
		for (int c = 0; c < l.n; c++)
			cell = print_cell(&l, c, cell, i == 0);
		putchar('\n');
	}
	free(text);
	return true;
}
