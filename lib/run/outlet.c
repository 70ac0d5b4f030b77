#include "run/outlet.h"

#include <stddef.h>
#include <stdlib.h>

/* The columns of restatements.csv that are not hidden by their names. */
enum { KEY = 2, COLUMN, WAS, IS };

static void
take_name(struct outlet *o, struct str name)
{
	size_t cap = o->cap == 0 ? 64 : 2 * o->cap;
	enum privacy *grown;

	if (o->columns == o->cap) {
		if ((grown = realloc(o->column, cap * sizeof(*grown))) == NULL) {
			o->cell.failed = true;
			return;
		}
		o->column = grown;
		o->cap = cap;
	}
	o->column[o->columns++] = privacy_of_column(name);
}

/* What the cell at hand may hold; of unknown columns the worst. */
static enum privacy
privacy_of(struct outlet *o, struct str s)
{
	if (o->restates && o->at == COLUMN)
		o->restated = privacy_of_column(s);
	if (o->restates && (o->at == WAS || o->at == IS))
		return o->restated;
	return o->at < o->columns ? o->column[o->at] : PRIVACY_NUMBER;
}

/* The length of a key's value at the start of s, which may be quoted. */
static size_t
value_bytes(struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == ';' && !quoted)
			return i;
	}
	return s.n;
}

/* Takes "name=value" from the start of a key, and appends it hidden. */
static void
hide_part(struct outlet *o, struct str *key)
{
	const char *equals = memchr(key->p, '=', key->n);
	size_t n = equals != NULL ? (size_t)(equals - key->p) : 0;
	struct str name = { key->p, n };
	struct str value = str_from(*key, n + (equals != NULL));

	value.n = value_bytes(value);
	buf_put(&o->cell, key->p, n + (equals != NULL));
	privacy_put(&o->cell, privacy_of_column(name), value, o->phones);
	*key = str_from(*key, n + (equals != NULL) + value.n);
}

/* "provider=p;call_id=c": each value as a cell of its column. */
static void
hide_key(struct outlet *o, struct str key)
{
	while (key.n > 0) {
		hide_part(o, &key);
		if (key.n > 0) {
			buf_putc(&o->cell, ';');
			key = str_from(key, 1);
		}
	}
}

/* Numbers of free text are text; a bare cell is one only where it is a phone number. */
static void
hide(struct outlet *o, struct csvcell *cell)
{
	bool key = o->restates && o->at == KEY;
	enum privacy p = privacy_of(o, cell->s);

	if (cell->s.n == 0 || p == PRIVACY_NONE || o->cell.failed ||
	    (!cell->text && p != PRIVACY_NUMBER))
		return;
	buf_reset(&o->cell);
	if (key)
		hide_key(o, cell->s);
	else
		privacy_put(&o->cell, p, cell->s, o->phones);
	*cell = (struct csvcell){ buf_str(&o->cell), true };
}

static void
take_cell(struct csvout_hook *hook, struct csvcell *cell)
{
	struct outlet *o = (struct outlet *)((char *)hook -
	    offsetof(struct outlet, hook));

	if (!o->has_names)
		take_name(o, cell->s);
	else if (o->phones != PHONES_FULL)
		hide(o, cell);
	o->at++;
	if (o->sheet != NULL)
		sheet_cell(o->sheet, cell);
	if (o->page != NULL)
		page_restated_cell(o->page, cell);
}

static void
take_end(struct csvout_hook *hook)
{
	struct outlet *o = (struct outlet *)((char *)hook -
	    offsetof(struct outlet, hook));

	o->has_names = true;
	o->at = 0;
	if (o->sheet != NULL)
		sheet_end_row(o->sheet);
	if (o->page != NULL)
		page_restated_end(o->page);
}

void
outlet_set(struct outlet *o, struct csvout *out)
{
	if (o == NULL || (o->sheet == NULL && o->page == NULL &&
	    o->phones == PHONES_FULL))
		return;
	o->hook = (struct csvout_hook){ take_cell, take_end };
	out->hook = &o->hook;
}

bool
outlet_close(struct outlet *o, struct err *err)
{
	bool failed = o != NULL && o->cell.failed;

	if (o == NULL)
		return true;
	free(o->column);
	buf_free(&o->cell);
	o->column = NULL;
	o->columns = o->cap = 0;
	return failed ? err_nomem(err) : true;
}
