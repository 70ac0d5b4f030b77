/* value: parameters and results in PostgreSQL's binary form (big-endian). */
#include <assert.h>
#include <endian.h>
#include <limits.h>

#include "base/clock.h"
#include "db/conn.h"

/* 2000-01-01 in microseconds since 1970-01-01. */
#define PG_EPOCH_US INT64_C(946684800000000)

/* The server's infinities and what lies beside them stay what they are. */
int64_t
pg_time_of_us(int64_t us)
{
	int64_t t;

	return __builtin_sub_overflow(us, PG_EPOCH_US, &t) ? INT64_MIN : t;
}

int64_t
us_of_pg_time(int64_t t)
{
	int64_t us;

	if (t == INT64_MIN)		/* -infinity is not TIME_NONE */
		return INT64_MIN + 1;
	return __builtin_add_overflow(t, PG_EPOCH_US, &us) ? INT64_MAX : us;
}

struct db_param
db_null(void)
{
	return (struct db_param){ 0 };
}

struct db_param
db_text(struct str s)
{
	return (struct db_param){ .p = s.p, .n = s.n };
}

struct db_param
db_bytes(struct str s)
{
	return (struct db_param){ s.p, s.n, OID_BYTEA, true };
}

struct db_param
db_int8(int64_t v, struct db_slot *slot)
{
	uint64_t be = htobe64((uint64_t)v);

	memcpy(slot->b, &be, 8);
	return (struct db_param){ slot->b, 8, OID_INT8, true };
}

struct db_param
db_bool(bool v, struct db_slot *slot)
{
	slot->b[0] = v;
	return (struct db_param){ slot->b, 1, OID_BOOL, true };
}

struct db_param
db_uuid(const struct id128 *v)
{
	return (struct db_param){ v->b, sizeof(v->b), OID_UUID, true };
}

struct db_param
db_time(int64_t us, struct db_slot *slot)
{
	struct db_param p = db_int8(pg_time_of_us(us), slot);

	p.oid = OID_TIMESTAMPTZ;
	if (us == TIME_NONE)
		p.p = NULL;
	return p;
}

static void
put_be32(struct buf *out, uint32_t v)
{
	v = htobe32(v);
	(void)buf_put(out, &v, sizeof(v));
}

static void
put_be64(struct buf *out, uint64_t v)
{
	v = htobe64(v);
	(void)buf_put(out, &v, sizeof(v));
}

/* An array is its dimensions, a null flag, the type, and for each its size and bounds. */
static void
array_begin(struct buf *out, uint32_t element, size_t n, bool has_null)
{
	buf_reset(out);
	if (n > INT_MAX) {
		out->failed = true;
		return;
	}
	put_be32(out, n > 0);
	put_be32(out, has_null);
	put_be32(out, element);
	if (n > 0) {
		put_be32(out, (uint32_t)n);
		put_be32(out, 1);
	}
}

/* One that could not be built has an impossible size, on which the call fails. */
static struct db_param
array_end(const struct buf *out, unsigned oid)
{
	if (out->failed)
		return (struct db_param){ "", SIZE_MAX, oid, true };
	return (struct db_param){ out->p, out->n, oid, true };
}

struct db_param
db_uuid_array(struct buf *out, const struct id128 *ids, size_t n)
{
	array_begin(out, OID_UUID, n, false);
	for (size_t i = 0; i < n && !out->failed; i++) {
		put_be32(out, sizeof(ids[i].b));
		(void)buf_put(out, ids[i].b, sizeof(ids[i].b));
	}
	return array_end(out, OID_UUID_ARRAY);
}

struct db_param
db_int2_array(struct buf *out, const int16_t *v, size_t n)
{
	array_begin(out, OID_INT2, n, false);
	for (size_t i = 0; i < n && !out->failed; i++) {
		uint16_t be = htobe16((uint16_t)v[i]);

		put_be32(out, sizeof(be));
		(void)buf_put(out, &be, sizeof(be));
	}
	return array_end(out, OID_INT2_ARRAY);
}

struct db_param
db_int8_array(struct buf *out, const int64_t *v, size_t n)
{
	array_begin(out, OID_INT8, n, false);
	for (size_t i = 0; i < n && !out->failed; i++) {
		put_be32(out, 8);
		put_be64(out, (uint64_t)v[i]);
	}
	return array_end(out, OID_INT8_ARRAY);
}

struct db_param
db_time_array(struct buf *out, const int64_t *us, size_t n)
{
	bool has_null = false;

	for (size_t i = 0; i < n; i++)
		has_null |= us[i] == TIME_NONE;
	array_begin(out, OID_TIMESTAMPTZ, n, has_null);
	for (size_t i = 0; i < n && !out->failed; i++) {
		put_be32(out, us[i] == TIME_NONE ? UINT32_MAX : 8);
		if (us[i] != TIME_NONE)
			put_be64(out, (uint64_t)pg_time_of_us(us[i]));
	}
	return array_end(out, OID_TIMESTAMPTZ_ARRAY);
}

struct db_param
db_text_array(struct buf *out, const struct str *v, size_t n)
{
	bool has_null = false;

	for (size_t i = 0; i < n; i++)
		has_null |= v[i].p == NULL;
	array_begin(out, OID_TEXT, n, has_null);
	for (size_t i = 0; i < n && !out->failed; i++) {
		if (v[i].n > INT_MAX)
			out->failed = true;
		put_be32(out, v[i].p == NULL ? UINT32_MAX : (uint32_t)v[i].n);
		if (v[i].p != NULL)
			(void)buf_puts(out, v[i]);
	}
	return array_end(out, OID_TEXT_ARRAY);
}

size_t
db_rows_count(const struct db_rows *r)
{
	return (size_t)PQntuples(r->res);
}

int
db_rows_columns(const struct db_rows *r)
{
	return PQnfields(r->res);
}

/* The bytes of a value; {NULL,0} when it is NULL. Outside the result is a bug. */
static struct str
value(const struct db_rows *r, size_t row, int col)
{
	assert(row < db_rows_count(r) && col >= 0 && col < PQnfields(r->res));
	if (PQgetisnull(r->res, (int)row, col))
		return (struct str){ NULL, 0 };
	return (struct str){ PQgetvalue(r->res, (int)row, col),
	    (size_t)PQgetlength(r->res, (int)row, col) };
}

static uint64_t
be_uint(const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

bool
db_is_null(const struct db_rows *r, size_t row, int col)
{
	return value(r, row, col).p == NULL;
}

int64_t
db_get_int(const struct db_rows *r, size_t row, int col)
{
	struct str s = value(r, row, col);

	switch (PQftype(r->res, col)) {
	case OID_INT2:
		return s.p ? (int16_t)be_uint(s.p, 2) : 0;
	case OID_INT4:
		return s.p ? (int32_t)be_uint(s.p, 4) : 0;
	case OID_INT8:
		return s.p ? (int64_t)be_uint(s.p, 8) : 0;
	}
	assert(false && "db_get_int: the column is no integer");
	return 0;
}

bool
db_get_bool(const struct db_rows *r, size_t row, int col)
{
	struct str s = value(r, row, col);

	assert(PQftype(r->res, col) == OID_BOOL);
	return s.p != NULL && s.p[0] != 0;
}

struct id128
db_get_uuid(const struct db_rows *r, size_t row, int col)
{
	struct str s = value(r, row, col);
	struct id128 id = { { 0 } };

	assert(PQftype(r->res, col) == OID_UUID);
	if (s.n == sizeof(id.b))
		memcpy(id.b, s.p, sizeof(id.b));
	return id;
}

int64_t
db_get_time(const struct db_rows *r, size_t row, int col)
{
	struct str s = value(r, row, col);

	assert(PQftype(r->res, col) == OID_TIMESTAMPTZ);
	return s.p ? us_of_pg_time((int64_t)be_uint(s.p, 8)) : TIME_NONE;
}

struct str
db_get_text(const struct db_rows *r, size_t row, int col)
{
	switch (PQftype(r->res, col)) {
	case OID_TEXT:
	case OID_VARCHAR:
	case OID_NAME:
	case OID_JSON:
	case OID_BYTEA:
		return value(r, row, col);
	}
	assert(false && "db_get_text: the column is no text");
	return (struct str){ NULL, 0 };
}

/* Its form is that of array_begin, then the size and the bytes of each element. */
static struct db_array
array_of(struct str s)
{
	if (s.n < 20 || be_uint(s.p, 4) != 1)
		return (struct db_array){ { NULL, 0 }, 0 };
	return (struct db_array){ str_from(s, 20), be_uint(s.p + 12, 4) };
}

bool
db_array_next(struct db_array *a, struct str *element)
{
	uint64_t n = a->rest.n >= 4 ? be_uint(a->rest.p, 4) : 0;

	if (a->n == 0 || a->rest.n < 4)
		return false;
	a->n--;
	a->rest = str_from(a->rest, 4);
	*element = (struct str){ NULL, 0 };
	if (n == UINT32_MAX)
		return true;
	if (n > a->rest.n)
		return false;
	*element = (struct str){ a->rest.p, n };
	a->rest = str_from(a->rest, n);
	return true;
}

struct db_array
db_get_array(const struct db_rows *r, size_t row, int col)
{
	assert(PQftype(r->res, col) == OID_TEXT_ARRAY ||
	    PQftype(r->res, col) == OID_UUID_ARRAY);
	return array_of(value(r, row, col));
}

size_t
db_get_int2_array(const struct db_rows *r, size_t row, int col, int16_t *out,
    size_t cap)
{
	struct db_array a = array_of(value(r, row, col));
	struct str element;
	size_t n = 0;

	assert(PQftype(r->res, col) == OID_INT2_ARRAY);
	for (; db_array_next(&a, &element); n++)
		if (n < cap)
			out[n] = element.n == 2 ?
			    (int16_t)be_uint(element.p, 2) : 0;
	return n;
}
