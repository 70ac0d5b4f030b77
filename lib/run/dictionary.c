#include "run/dictionary.h"

enum { COLUMNS_MAX = 1664 };	/* PostgreSQL's own limit */

/* A line of the comment: what is behind "--" and one blank. */
struct doc_line {
	struct str s;
	bool goes_on;		/* with the line above */
};

/* Takes the next comment line from *rest; false where the comment ends. */
static bool
take_line(struct str *rest, struct doc_line *line)
{
	const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
	struct str s = { rest->p, end != NULL ? (size_t)(end - rest->p) : rest->n };

	if (!str_starts(s, STR("--")))
		return false;
	*rest = str_from(*rest, s.n + (end != NULL));
	s = str_from(s, 2);
	line->goes_on = str_starts(s, STR("  ")) || str_starts(s, STR("\t"));
	line->s = str_trim(s);
	return true;
}

/* Splits "name: meaning". */
static bool
split(struct str s, struct doc_column *c)
{
	const char *colon = s.n > 0 ? memchr(s.p, ':', s.n) : NULL;
	size_t n = colon != NULL ? (size_t)(colon - s.p) : 0;

	if (n == 0)
		return false;
	c->name = str_trim((struct str){ s.p, n });
	c->meaning = str_trim(str_from(s, n + 1));
	return true;
}

/* "a b" with one blank between. */
static struct str
join(struct arena *a, struct str head, struct str tail)
{
	char *p = arena_alloc(a, head.n + tail.n + 1);

	if (p == NULL)
		return head;
	memcpy(p, head.p, head.n);
	p[head.n] = ' ';
	memcpy(p + head.n + 1, tail.p, tail.n);
	return (struct str){ p, head.n + 1 + tail.n };
}

static void
take_keys(struct report_doc *doc, struct str list, struct arena *a)
{
	size_t most = list.n / 2 + 1;

	doc->key = arena_alloc(a, most * sizeof(*doc->key));
	while (doc->key != NULL && list.n > 0) {
		const char *comma = memchr(list.p, ',', list.n);
		size_t n = comma != NULL ? (size_t)(comma - list.p) : list.n;
		struct str name = str_trim((struct str){ list.p, n });

		list = str_from(list, n + (comma != NULL));
		if (name.n > 0)
			doc->key[doc->keys++] = name;
	}
}

static struct str
last_word(struct str s)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] != ' ')
		n--;
	return str_from(s, n);
}

static const struct report *
find(const struct report_set *set, struct str name)
{
	for (size_t i = 0; set != NULL && i < set->n; i++)
		if (str_eq(str_of(set->report[i].name), name))
			return &set->report[i];
	return NULL;
}

static bool read_doc(struct report_doc *, const struct report_set *,
    const struct report *, int depth, struct arena *, struct err *);

static bool
add(struct report_doc *doc, const struct doc_column *c, struct err *err)
{
	if (doc->columns == COLUMNS_MAX)
		return err_fail(err, "the comment tells more than %d columns",
		    COLUMNS_MAX);
	doc->column[doc->columns++] = *c;
	return true;
}

/* Puts the columns from first to last of the report that the meaning names. */
static bool
expand(struct report_doc *doc, const struct doc_column *c, struct str first,
    struct str last, const struct report_set *set, int depth, struct arena *a,
    struct err *err)
{
	struct str name = last_word(c->meaning);
	const struct report *other = find(set, name);
	struct report_doc from;
	bool in = false;

	if (other == NULL || depth > 1)
		return add(doc, c, err);
	if (!read_doc(&from, set, other, depth + 1, a, err))
		return false;
	for (size_t i = 0; i < from.columns; i++) {
		in = in || str_eq(from.column[i].name, first);
		if (in && !add(doc, &from.column[i], err))
			return false;
		if (in && str_eq(from.column[i].name, last))
			return true;
	}
	return err_fail(err, "its comment tells \"%.*s\", which %.*s has not",
	    STR_ARG(c->name), STR_ARG(name));
}

static bool
take_column(struct report_doc *doc, const struct doc_column *c,
    const struct report_set *set, int depth, struct arena *a, struct err *err)
{
	const char *dots = memmem(c->name.p, c->name.n, " ... ", 5);
	size_t n = dots != NULL ? (size_t)(dots - c->name.p) : 0;

	if (str_eq(c->name, STR("KEY"))) {
		take_keys(doc, c->meaning, a);
		return true;
	}
	if (dots == NULL)
		return add(doc, c, err);
	return expand(doc, c, (struct str){ c->name.p, n },
	    str_from(c->name, n + 5), set, depth, a, err);
}

/* The lines below the sentence, each with those that go on with it. */
static bool
read_columns(struct report_doc *doc, struct str rest,
    const struct report_set *set, int depth, struct arena *a, struct err *err)
{
	struct doc_line line, next;
	struct doc_column c;
	bool more = take_line(&rest, &line);

	while (more && line.s.n > 0) {
		struct str s = line.s;

		while ((more = take_line(&rest, &next)) && next.goes_on &&
		    next.s.n > 0)
			s = join(a, s, next.s);
		if (split(s, &c) && !take_column(doc, &c, set, depth, a, err))
			return false;
		line = next;
	}
	return true;
}

static bool
read_doc(struct report_doc *doc, const struct report_set *set,
    const struct report *r, int depth, struct arena *a, struct err *err)
{
	struct str rest = str_of(r->sql), before;
	struct doc_line line;

	*doc = (struct report_doc){ .sentence = STR("") };
	doc->column = arena_alloc(a, COLUMNS_MAX * sizeof(*doc->column));
	if (doc->column == NULL)
		return err_nomem(err);
	if (!take_line(&rest, &line))
		return true;
	doc->sentence = line.s;
	while (before = rest, take_line(&rest, &line) && line.goes_on)
		doc->sentence = join(a, doc->sentence, line.s);
	return read_columns(doc, before, set, depth, a, err);
}

bool
report_doc_read(struct report_doc *doc, const struct report_set *set,
    const struct report *r, struct arena *a, struct err *err)
{
	if (!read_doc(doc, set, r, 0, a, err))
		return err_add(err, "%s", r->origin);
	return a->failed ? err_nomem(err) : true;
}
