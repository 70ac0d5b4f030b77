#include "io/csvin.h"

#include <csv.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "io/gzin.h"

enum { PIECE_BYTES = 64 * 1024 };

struct reader {
	const char *path;
	csvin_fn fn;
	void *data;
	struct err *err;
	bool failed;
	int64_t line;		/* that is being parsed */
	int64_t row_line;	/* where the row that is being parsed begins */
	size_t columns;		/* of the header; 0: not seen yet */
	struct buf text;	/* the row's cells, one behind the other */
	size_t *ends;		/* where each of them ends in text */
	struct str *cells;
	size_t n, cap;
};

static void
fail_at(struct reader *r, int64_t line, const char *what)
{
	r->failed = true;
	err_fail(r->err, "%s:%" PRId64 ": %s", r->path, line, what);
}

static bool
grow_cells(struct reader *r)
{
	size_t cap = r->cap > 0 ? 2 * r->cap : 16;
	size_t *ends = realloc(r->ends, cap * sizeof(*ends));
	struct str *cells;

	if (ends == NULL)
		return false;
	r->ends = ends;
	if ((cells = realloc(r->cells, cap * sizeof(*cells))) == NULL)
		return false;
	r->cells = cells;
	r->cap = cap;
	return true;
}

/* libcsv's callback for a cell. */
static void
on_cell(void *p, size_t n, void *data)
{
	struct reader *r = data;

	if (r->failed)
		return;
	if ((r->n == r->cap && !grow_cells(r)) || !buf_put(&r->text, p, n)) {
		r->failed = true;
		err_nomem(r->err);
		return;
	}
	r->ends[r->n++] = r->text.n;
}

/* Gives the row to the caller, unless all its cells are empty. */
static void
give_row(struct reader *r)
{
	struct csvin_row row = { r->row_line, r->n, r->cells };
	bool is_header = r->columns == 0;

	if (r->text.n == 0)
		return;
	for (size_t i = 0; i < r->n; i++) {
		size_t start = i > 0 ? r->ends[i - 1] : 0;

		r->cells[i] = (struct str){ r->text.p + start,
			r->ends[i] - start };
	}
	if (is_header) {
		r->columns = r->n;
	} else if (r->n != r->columns) {
		r->failed = true;
		err_fail(r->err, "%s:%" PRId64 ": %zu cells, but the header "
		    "has %zu", r->path, r->row_line, r->n, r->columns);
		return;
	}
	if (!r->fn(r->data, &row, is_header, r->err)) {
		r->failed = true;
		err_add(r->err, "%s:%" PRId64, r->path, r->row_line);
	}
}

/* libcsv's callback for the end of a row. */
static void
on_row(int end, void *data)
{
	struct reader *r = data;

	(void)end;
	if (!r->failed)
		give_row(r);
	r->n = 0;
	buf_reset(&r->text);
}

/* The bytes of the first line of s, with its LF, CR or both. */
static size_t
line_bytes(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			return i + 1;
		if (s.p[i] == '\r')
			return i + 1 < s.n && s.p[i + 1] == '\n' ? i + 2 : i + 1;
	}
	return s.n;
}

/* NUL and bad UTF-8 are told before anything is given to the caller. */
static bool
check_bytes(struct reader *r, struct str s)
{
	const char *nul = memchr(s.p, '\0', s.n);
	size_t good = str_utf8_bytes(s), at, n;
	int64_t line = 0;

	if (nul == NULL && good == s.n)
		return true;
	at = nul != NULL && (size_t)(nul - s.p) < good ?
	    (size_t)(nul - s.p) : good;
	for (size_t done = 0; done <= at; done += n, line++)
		n = line_bytes(str_from(s, done));
	fail_at(r, line, at == good ? "not UTF-8" : "a NUL byte");
	return false;
}

/*
 * libcsv does not tell where it is: it is given a line at a time, and a row
 * begins where its parser is between rows (its state 0).
 */
static void
parse(struct reader *r, struct csv_parser *parser, struct str s)
{
	while (s.n > 0 && !r->failed) {
		size_t n = line_bytes(s);

		r->line++;
		if (parser->pstate == 0)
			r->row_line = r->line;
		if (csv_parse(parser, s.p, n, on_cell, on_row, r) != n &&
		    !r->failed)
			fail_at(r, r->line, csv_error(parser) == CSV_EPARSE ?
			    "a quote where none may be" :
			    csv_strerror(csv_error(parser)));
		s = str_from(s, n);
	}
	if (!r->failed &&
	    csv_fini(parser, on_cell, on_row, r) != 0 && !r->failed)
		fail_at(r, r->row_line, "a quoted cell without an end");
	if (!r->failed && r->columns == 0)
		fail_at(r, 1, "no header");
}

/* The whole file, which must not be damaged gzip or longer than max_bytes. */
static bool
read_whole(const char *path, size_t max_bytes, struct buf *out, struct err *err)
{
	struct gzin *in = gzin_open(path, err);
	bool ok = false;
	size_t n;

	if (in == NULL)
		return false;
	do {
		if (!buf_reserve(out, PIECE_BYTES)) {
			err_nomem(err);
			goto out;
		}
		if (!gzin_read(in, out->p + out->n, PIECE_BYTES, &n, err))
			goto out;
		out->n += n;
		if (out->n > max_bytes) {
			err_fail(err, "%s: larger than %zu bytes", path,
			    max_bytes);
			goto out;
		}
	} while (n > 0);
	ok = gzin_damage(in) == NULL ||
	    err_fail(err, "%s: %s", path, gzin_damage(in));
out:
	gzin_close(in);
	return ok;
}

bool
csvin_read(const char *path, size_t max_bytes, csvin_fn fn, void *data,
    struct err *err)
{
	struct reader r = { .fn = fn, .data = data, .err = err,
		.path = strcmp(path, "-") == 0 ? "standard input" : path };
	struct buf whole = BUF_INIT(0);
	struct csv_parser parser;
	struct str s;

	if (!read_whole(path, max_bytes, &whole, err)) {
		buf_free(&whole);
		return false;
	}
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		buf_free(&whole);
		return err_nomem(err);
	}
	s = buf_str(&whole);
	if (str_starts(s, STR("\xef\xbb\xbf")))
		s = str_from(s, 3);
	if (check_bytes(&r, s))
		parse(&r, &parser, s);
	csv_free(&parser);
	buf_free(&r.text);
	free(r.ends);
	free(r.cells);
	buf_free(&whole);
	return !r.failed;
}
