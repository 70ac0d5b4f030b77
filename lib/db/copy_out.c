/*
 * copy_out: the rows of a query, in COPY's text form.
 *
 * A row is one line, its cells separated by tabs. Inside a cell tabs,
 * newlines and backslashes are escaped, so each of those bytes stands only
 * for itself; a cell that is \N alone is NULL.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "db/conn.h"
#include "db/copy.h"

enum { QUERY_MAX_BYTES = 1024 * 1024 };

/* Where the text that begins with quote at p ends: behind the closing one. */
static char *
skip_quoted(char *p, bool backslash)
{
	char quote = *p++;

	for (; *p != '\0'; p++) {
		if (backslash && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == quote)
			return p + 1;	/* a doubled one begins a text anew */
	}
	return p;
}

/* Behind a comment with others inside. */
static char *
skip_comment(char *p)
{
	int depth = 0;

	while (*p != '\0') {
		if (p[0] == '/' && p[1] == '*') {
			depth++;
			p += 2;
		} else if (p[0] == '*' && p[1] == '/') {
			p += 2;
			if (--depth == 0)
				return p;
		} else
			p++;
	}
	return p;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

/* Behind $tag$...$tag$; only behind the first $ when that opens none. */
static char *
skip_dollar(char *p)
{
	char *tag = p, *end = p + 1;
	size_t n;

	while (is_word(*end))
		end++;
	if (*end != '$' || (tag[1] >= '0' && tag[1] <= '9'))
		return p + 1;
	n = (size_t)(end - tag) + 1;
	for (p = tag + n; (p = strchr(p, '$')) != NULL; p++)
		if (strncmp(p, tag, n) == 0)
			return p + n;
	return tag + strlen(tag);
}

/* Behind the name or number at p, or the text that its last letter E makes special. */
static char *
skip_word(char *p)
{
	char *begin = p;

	while (is_word(*p) || *p == '$')
		p++;
	if (*p == '\'' && p - begin == 1 && (*begin == 'e' || *begin == 'E'))
		return skip_quoted(p, true);
	return p;
}

/*
 * Makes blanks of the semicolons of a statement, not those in texts, names
 * and comments. The server has parsed the query as one statement before, so
 * that any semicolon found is behind it.
 */
static void
blank_semicolons(char *p)
{
	while (*p != '\0') {
		if (*p == '\'' || *p == '"')
			p = skip_quoted(p, false);
		else if (p[0] == '-' && p[1] == '-')
			p += strcspn(p, "\r\n");
		else if (p[0] == '/' && p[1] == '*')
			p = skip_comment(p);
		else if (*p == '$')
			p = skip_dollar(p);
		else if (is_word(*p))
			p = skip_word(p);
		else if (*p++ == ';')
			p[-1] = ' ';
	}
}

/* Takes names and types of the columns from the description res. */
static bool
take_columns(struct copy_out *c, const PGresult *res, struct err *e)
{
	c->columns = PQnfields(res);
	if (PQnparams(res) > 0)
		return err_fail(e, "the query has parameters ($1), but "
		    "nothing fills them");
	if (c->columns == 0)
		return err_fail(e, "the query gives no columns");
	c->column = calloc((size_t)c->columns, sizeof(*c->column));
	c->cell = calloc((size_t)c->columns, sizeof(*c->cell));
	if (c->column == NULL || c->cell == NULL)
		return err_nomem(e);
	for (int i = 0; i < c->columns; i++) {
		c->column[i].oid = PQftype(res, i);
		c->column[i].name = strdup(PQfname(res, i));
		if (c->column[i].name == NULL)
			return err_nomem(e);
	}
	return true;
}

/* Has the server parse the query; an error in it is told here, not from inside COPY (...). */
static bool
describe(struct copy_out *c, const char *query, struct err *e)
{
	PGresult *res = PQprepare(c->db->conn, "", query, 0, NULL);
	bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;

	if (ok) {
		PQclear(res);
		res = PQdescribePrepared(c->db->conn, "");
		ok = PQresultStatus(res) == PGRES_COMMAND_OK;
	}
	ok = ok ? take_columns(c, res, e) : db_fail(c->db, res, e);
	PQclear(res);
	return ok;
}

bool
copy_out_start(struct copy_out *c, const char *query, struct err *e)
{
	PGresult *res;
	bool ok;

	(void)buf_puts(&c->sql, STR("COPY (\n"));
	(void)buf_puts(&c->sql, str_of(query));
	(void)buf_puts(&c->sql, STR("\n) TO STDOUT"));
	(void)buf_putc(&c->sql, '\0');
	if (c->sql.failed)
		return err_fail(e, "the query is too long, or out of memory");
	blank_semicolons(c->sql.p);
	/* libpq has no word for the want of memory when a COPY begins: it waits for ever. */
	if (!memory_is_there(MEMORY_HEAP_BYTES, e))
		return false;
	res = PQexec(c->db->conn, c->sql.p);
	ok = PQresultStatus(res) == PGRES_COPY_OUT;
	if (!ok)
		db_fail(c->db, res, e);
	PQclear(res);
	return ok;
}

bool
copy_out_describe(struct copy_out *c, struct db *db, const char *query,
    struct err *e)
{
	*c = (struct copy_out){ .db = db, .sql = BUF_INIT(QUERY_MAX_BYTES) };
	return describe(c, query, e);
}

bool
copy_out_begin(struct copy_out *c, struct db *db, const char *query,
    struct err *e)
{
	return copy_out_describe(c, db, query, e) &&
	    copy_out_start(c, query, e);
}

static char
unescape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'v':
		return '\v';
	default:
		return c;
	}
}

/* Unescapes the cell that begins at *p in place; *p moves to what ends it. */
static struct str
take_cell(char **p)
{
	char *begin = *p, *from, *to;

	if (begin[0] == '\\' && begin[1] == 'N') {
		*p += 2;
		return (struct str){ NULL, 0 };
	}
	from = to = begin + strcspn(begin, "\\\t\n");
	while (*from != '\t' && *from != '\n' && *from != '\0') {
		if (*from != '\\' || from[1] == '\0')
			*to++ = *from++;
		else {
			*to++ = unescape(from[1]);
			from += 2;
		}
	}
	*p = from;
	return (struct str){ begin, (size_t)(to - begin) };
}

static bool
take_row(struct copy_out *c, struct err *e)
{
	char *p = c->row;

	for (int i = 0; i < c->columns; i++) {
		c->cell[i] = take_cell(&p);
		if (*p++ != (i + 1 < c->columns ? '\t' : '\n'))
			return err_fail(e, "database %s: COPY sent a row that "
			    "has not %d columns", c->db->name, c->columns);
	}
	return true;
}

bool
copy_out_next(struct copy_out *c, bool *end, struct err *e)
{
	PGresult *res;
	bool ok = true;
	int n;

	PQfreemem(c->row);
	c->row = NULL;
	*end = false;
	n = PQgetCopyData(c->db->conn, &c->row, 0);
	if (n > 0)
		return take_row(c, e);
	*end = true;
	res = PQgetResult(c->db->conn);
	if (n < -1 || PQresultStatus(res) != PGRES_COMMAND_OK)
		ok = db_fail(c->db, res, e);
	PQclear(res);
	db_drain(c->db);
	return ok;
}

void
copy_out_close(struct copy_out *c)
{
	if (c->db != NULL && PQtransactionStatus(c->db->conn) == PQTRANS_ACTIVE) {
		db_cancel(c->db);
		db_drain(c->db);
	}
	for (int i = 0; c->column != NULL && i < c->columns; i++)
		free((char *)(uintptr_t)c->column[i].name);
	free(c->column);
	free(c->cell);
	PQfreemem(c->row);
	buf_free(&c->sql);
	*c = (struct copy_out){ 0 };
}
