/*
 * copy_in: rows into a table, in COPY's binary form.
 *
 * A row is the number of its columns (2 bytes), then for each its length
 * (4 bytes, -1 for NULL) and its bytes, all big-endian. libpq in its blocking
 * mode sends a piece before it takes the next, so nothing piles up.
 */
#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/conn.h"
#include "db/copy.h"

enum {
	PIECE_BYTES = 256 * 1024,
	BUFFER_MAX_BYTES = 256 * 1024 * 1024,	/* one row with many long texts */
};

static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";	/* and a NUL */

bool
copy_in_begin(struct copy_in *c, struct db *db, const char *sql, struct err *e)
{
	PGresult *res;
	bool ok;

	*c = (struct copy_in){ .db = db, .buf = BUF_INIT(BUFFER_MAX_BYTES) };
	if (!memory_is_there(MEMORY_HEAP_BYTES, e))	/* see copy_out_start */
		return false;
	res = PQexec(db->conn, sql);
	ok = PQresultStatus(res) == PGRES_COPY_IN;
	if (!ok)
		db_fail(db, res, e);
	PQclear(res);
	if (ok && (!buf_reserve(&c->buf, PIECE_BYTES + PIECE_BYTES / 4) ||
	    !buf_put(&c->buf, header, sizeof(header))))
		ok = err_nomem(e);
	return ok;
}

/* The server may have ended the COPY with an error, or be gone. */
static bool
refused(struct copy_in *c, struct err *e)
{
	PGresult *res = PQgetResult(c->db->conn);

	db_fail(c->db, res, e);
	PQclear(res);
	return false;
}

static bool
send_piece(struct copy_in *c, struct err *e)
{
	if (c->buf.failed)
		return err_nomem(e);
	if (c->buf.n == 0)
		return true;
	if (PQputCopyData(c->db->conn, c->buf.p, (int)c->buf.n) != 1)
		return refused(c, e);
	c->bytes += c->buf.n;
	buf_reset(&c->buf);
	return true;
}

/* n bytes at the end of the buffer; NULL when memory ran out, which is told later. */
static inline char *
room(struct copy_in *c, size_t n)
{
	struct buf *b = &c->buf;
	char *p;

	if (b->cap - b->n < n && !buf_reserve(b, n))
		return NULL;
	p = b->p + b->n;
	b->n += n;
	return p;
}

/* Room for a column's length, which is filled in, and its n bytes. */
static inline char *
column(struct copy_in *c, size_t n)
{
	uint32_t be = htobe32((uint32_t)n);
	char *p;

	assert(c->missing > 0);
	c->missing--;
	if (n > INT_MAX) {
		c->buf.failed = true;
		return NULL;
	}
	if ((p = room(c, n + sizeof(be))) == NULL)
		return NULL;
	memcpy(p, &be, sizeof(be));
	return p + sizeof(be);
}

bool
copy_in_row(struct copy_in *c, int columns, struct err *e)
{
	uint16_t be = htobe16((uint16_t)columns);
	char *p;

	assert(c->missing == 0);
	if ((c->buf.n >= PIECE_BYTES || c->buf.failed) && !send_piece(c, e))
		return false;
	if ((p = room(c, sizeof(be))) == NULL)
		return err_nomem(e);
	memcpy(p, &be, sizeof(be));
	c->missing = columns;
	c->rows++;
	return true;
}

void
copy_in_nulls(struct copy_in *c, int columns)
{
	size_t n = (size_t)columns * sizeof(uint32_t);
	char *p;

	assert(c->missing >= columns);
	c->missing -= columns;
	if ((p = room(c, n)) != NULL)
		memset(p, 0xff, n);
}

void
copy_in_null(struct copy_in *c)
{
	copy_in_nulls(c, 1);
}

void
copy_in_bool(struct copy_in *c, bool v)
{
	char *p = column(c, 1);

	if (p != NULL)
		*p = v;
}

void
copy_in_int2(struct copy_in *c, int16_t v)
{
	uint16_t be = htobe16((uint16_t)v);
	char *p = column(c, sizeof(be));

	if (p != NULL)
		memcpy(p, &be, sizeof(be));
}

void
copy_in_int8(struct copy_in *c, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);
	char *p = column(c, sizeof(be));

	if (p != NULL)
		memcpy(p, &be, sizeof(be));
}

/* Days from 2000-01-01 to a day of the Gregorian calendar. */
static int32_t
day_number(int year, int month, int day)
{
	int y = year - (month <= 2), m = month + (month <= 2 ? 9 : -3);

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    1 - 730425;
}

void
copy_in_day(struct copy_in *c, const char *day)
{
	int y = 0, m = 0, d = 0;
	uint32_t be;
	char *p = column(c, sizeof(be));

	be = sscanf(day, "%4d-%2d-%2d", &y, &m, &d) == 3 ?
	    htobe32((uint32_t)day_number(y, m, d)) :
	    htobe32((uint32_t)INT32_MIN);
	if (p != NULL)
		memcpy(p, &be, sizeof(be));
}

void
copy_in_uuid(struct copy_in *c, const struct id128 *v)
{
	char *p = column(c, sizeof(v->b));

	if (p != NULL)
		memcpy(p, v->b, sizeof(v->b));
}

void
copy_in_time(struct copy_in *c, int64_t us)
{
	if (us == TIME_NONE)
		copy_in_null(c);
	else
		copy_in_int8(c, pg_time_of_us(us));
}

void
copy_in_text(struct copy_in *c, struct str s)
{
	char *p;

	if (s.p == NULL)
		copy_in_null(c);
	else if ((p = column(c, s.n)) != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
}

enum { ARRAY_HEAD_WORDS = 5 };

/* What an array begins with; how many bytes. See array_begin in value.c for the form. */
static size_t
array_head(uint32_t head[ARRAY_HEAD_WORDS], uint32_t element, size_t n,
    bool has_null)
{
	head[0] = htobe32(n > 0);
	head[1] = htobe32(has_null);
	head[2] = htobe32(element);
	head[3] = htobe32((uint32_t)n);
	head[4] = htobe32(1);
	return (n > 0 ? ARRAY_HEAD_WORDS : 3) * sizeof(head[0]);
}

/* Begins an array of n elements that have so many bytes in all; NULL when memory ran out. */
static char *
array(struct copy_in *c, uint32_t element, size_t n, bool has_null, size_t bytes)
{
	uint32_t head[ARRAY_HEAD_WORDS];
	size_t head_bytes = array_head(head, element, n, has_null);
	char *p = column(c, head_bytes + n * sizeof(uint32_t) + bytes);

	if (p == NULL)
		return NULL;
	memcpy(p, head, head_bytes);
	return p + head_bytes;
}

/* Puts an element, NULL when from is; returns where the next one goes. */
static char *
element(char *p, const void *from, size_t n)
{
	uint32_t be = from != NULL ? htobe32((uint32_t)n) : UINT32_MAX;

	memcpy(p, &be, sizeof(be));
	p += sizeof(be);
	if (from == NULL)
		return p;
	if (n > 0)
		memcpy(p, from, n);
	return p + n;
}

void
copy_in_int2_array(struct copy_in *c, const int16_t *v, size_t n)
{
	char *p = array(c, OID_INT2, n, false, n * sizeof(*v));

	assert(n <= INT16_MAX);
	for (size_t i = 0; p != NULL && i < n; i++) {
		uint16_t be = htobe16((uint16_t)v[i]);

		p = element(p, &be, sizeof(be));
	}
}

bool
copy_in_int8_list(struct copy_in *c, size_t n, copy_in_next_int8 *next,
    void *arg, struct err *e)
{
	struct { uint32_t bytes; unsigned char v[sizeof(int64_t)]; } one = {
		.bytes = htobe32(sizeof(one.v)),
	};
	uint32_t head[ARRAY_HEAD_WORDS], bytes;
	size_t head_bytes = array_head(head, OID_INT8, n, false);

	assert(c->missing > 0);
	c->missing--;
	if (n > (INT_MAX - head_bytes) / sizeof(one))
		return err_fail(e, "database %s: %zu numbers are more than a "
		    "row can hold", c->db->name, n);
	bytes = htobe32((uint32_t)(head_bytes + n * sizeof(one)));
	(void)buf_put(&c->buf, &bytes, sizeof(bytes));
	(void)buf_put(&c->buf, head, head_bytes);
	for (size_t i = 0; i < n; i++) {
		int64_t v = 0;
		uint64_t be;

		if ((c->buf.n >= PIECE_BYTES && !send_piece(c, e)) ||
		    !next(arg, &v, e))
			return false;
		be = htobe64((uint64_t)v);
		memcpy(one.v, &be, sizeof(be));
		(void)buf_put(&c->buf, &one, sizeof(one));
	}
	return true;
}

void
copy_in_text_array(struct copy_in *c, const struct str *v, size_t n)
{
	bool has_null = false;
	size_t bytes = 0;
	char *p;

	for (size_t i = 0; i < n; i++) {
		has_null |= v[i].p == NULL;
		bytes += v[i].n;
	}
	p = array(c, OID_TEXT, n, has_null, bytes);
	for (size_t i = 0; p != NULL && i < n; i++)
		p = element(p, v[i].p, v[i].n);
}

void
copy_in_uuid_array(struct copy_in *c, const struct id128 *const *v, size_t n)
{
	size_t has = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		has += v[i] != NULL;
	p = array(c, OID_UUID, n, has < n, has * sizeof(v[0]->b));
	for (size_t i = 0; p != NULL && i < n; i++)
		p = element(p, v[i], sizeof(v[i]->b));
}

static bool
check_end(struct copy_in *c, struct err *e)
{
	PGresult *res = PQgetResult(c->db->conn);
	uint64_t rows;
	bool ok = true;

	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		ok = db_fail(c->db, res, e);
	else if ((rows = strtoull(PQcmdTuples(res), NULL, 10)) != c->rows)
		ok = err_fail(e, "database %s: COPY took %llu rows of %llu",
		    c->db->name, (unsigned long long)rows,
		    (unsigned long long)c->rows);
	PQclear(res);
	db_drain(c->db);
	return ok;
}

bool
copy_in_end(struct copy_in *c, struct err *e)
{
	const uint16_t trailer = UINT16_MAX;
	bool ok;

	assert(c->missing == 0);
	(void)buf_put(&c->buf, &trailer, sizeof(trailer));
	ok = send_piece(c, e);
	if (ok && PQputCopyEnd(c->db->conn, NULL) != 1)
		ok = refused(c, e);
	ok = ok && check_end(c, e);
	copy_in_abort(c);	/* also what is left of one that failed */
	return ok;
}

void
copy_in_abort(struct copy_in *c)
{
	if (c->db != NULL && PQtransactionStatus(c->db->conn) == PQTRANS_ACTIVE)
		db_drain(c->db);
	buf_free(&c->buf);
	c->missing = 0;
	c->db = NULL;
}
