#include "answer.h"

#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"

/* All that a double keeps of a decimal number. */
enum { REAL_DIGITS = 15 };

void
answer_open(struct answer_root *r)
{
	r->failed = false;
	r->top = (struct answer){ json_object(), &r->failed };
	if (r->top.at == NULL)
		r->failed = true;
}

void
answer_free(struct answer_root *r)
{
	json_decref(r->top.at);
	r->top.at = NULL;
}

bool
answer_print(struct answer_root *r, struct err *err)
{
	/* A terminal may obey what is no ASCII (U+009B begins a sequence). */
	size_t ascii = isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0;

	/* A stream that fails is found out by main, once for all output. */
	if (!r->failed) {
		(void)json_dumpf(r->top.at, stdout, ascii |
		    JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
		putchar('\n');
	}
	answer_free(r);
	return r->failed ? err_nomem(err) : true;
}

/* Puts a new value, which it takes over; returns it, or NULL. */
static json_t *
put(struct answer a, const char *name, json_t *v)
{
	int bad;

	if (v == NULL || a.at == NULL) {
		json_decref(v);
		*a.failed = true;
		return NULL;
	}
	bad = name == NULL ? json_array_append_new(a.at, v) :
	    json_object_set_new(a.at, name, v);
	if (bad)
		*a.failed = true;
	return bad ? NULL : v;
}

void
answer_int(struct answer a, const char *name, int64_t v)
{
	put(a, name, json_integer(v));
}

void
answer_bool(struct answer a, const char *name, bool v)
{
	put(a, name, json_boolean(v));
}

void
answer_real(struct answer a, const char *name, double v)
{
	put(a, name, json_real(v));
}

/* A JSON string of s with what is no UTF-8 replaced. */
static json_t *
mended(struct str s)
{
	struct buf b = BUF_INIT(0);
	json_t *v = NULL;

	while (s.n > 0) {
		size_t n = str_utf8_bytes(s);

		buf_put(&b, s.p, n);
		s = str_from(s, n);
		if (s.n > 0) {
			buf_puts(&b, STR("\xef\xbf\xbd"));
			s = str_from(s, 1);
		}
	}
	if (!b.failed)
		v = json_stringn(buf_cstr(&b), b.n);
	buf_free(&b);
	return v;
}

void
answer_text(struct answer a, const char *name, struct str s)
{
	if (s.p == NULL)
		put(a, name, json_null());
	else
		put(a, name, mended(s));
}

void
answer_id(struct answer a, const char *name, const struct id128 *id)
{
	char text[ID128_TEXT_BYTES];

	id128_text(id, text);
	answer_text(a, name, str_of(text));
}

void
answer_time(struct answer a, const char *name, int64_t us)
{
	char text[TIME_TEXT_BYTES];

	if (us == TIME_NONE) {
		put(a, name, json_null());
		return;
	}
	time_text(us, text);
	answer_text(a, name, str_of(text));
}

void
answer_scaled(struct answer a, const char *name, int64_t v, unsigned places)
{
	char text[NUM_TEXT_BYTES];

	num_scaled_text(v, places, text);
	answer_json(a, name, str_of(text));
}

void
answer_json(struct answer a, const char *name, struct str json)
{
	json_t *v = json_loadb(json.p, json.n, JSON_DECODE_ANY | JSON_ALLOW_NUL,
	    NULL);

	/* What is no JSON after all is shown as the text that it is. */
	put(a, name, v != NULL ? v : mended(json));
}

struct answer
answer_object(struct answer a, const char *name)
{
	return (struct answer){ put(a, name, json_object()), a.failed };
}

struct answer
answer_list(struct answer a, const char *name)
{
	return (struct answer){ put(a, name, json_array()), a.failed };
}
