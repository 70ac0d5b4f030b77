#include "run/export_page.h"

#include "call/base64.h"
#include "embedded.h"

/* Where the data stands in the template; the other places are texts of the program. */
#define DATA_SLOT "data"

/* A place "{{name}}" of the template, and what goes there. */
struct slot {
	const char *name;
	const char *text;
	bool hash;	/* the text's, as the policy names it */
};

static const struct slot slots[] = {
	{ "style", page_css, false },
	{ "style-hash", page_css, true },
	{ "chart", page_chart, false },
	{ "chart-hash", page_chart, true },
	{ "script", page_js, false },
	{ "script-hash", page_js, true },
};

static void
put(struct atomicfile *f, struct str s)
{
	atomicfile_put(f, s.p, s.n);
}

/* 'sha256-...' of an element's text. */
static bool
put_hash(struct atomicfile *f, struct str text)
{
	unsigned char digest[SHA256_BYTES];
	struct buf b = BUF_INIT(0);
	struct sha256 hash;
	bool ok;

	sha256_init(&hash);
	sha256_add(&hash, text.p, text.n);
	sha256_digest(&hash, digest);
	(void)buf_puts(&b, STR("'sha256-"));
	(void)base64_encode(digest, sizeof(digest), &b);
	ok = buf_putc(&b, '\'');
	put(f, buf_str(&b));
	buf_free(&b);
	return ok;
}

/*
 * What a byte of JSON becomes inside of a script element: nothing there can
 * be taken for markup. Such bytes stand in texts only, where they may be
 * escaped. *n: how many bytes it stands for, 0: as it is.
 */
static const char *
escape(struct str json, size_t *n)
{
	*n = 1;
	switch (json.p[0]) {
	case '<':
		return "\\u003c";
	case '>':
		return "\\u003e";
	case '&':
		return "\\u0026";
	}
	*n = 3;
	if (str_starts(json, STR("\xe2\x80\xa8")))
		return "\\u2028";
	if (str_starts(json, STR("\xe2\x80\xa9")))
		return "\\u2029";
	*n = 0;
	return NULL;
}

static void
put_json(struct atomicfile *f, struct str json)
{
	size_t begin = 0, n;

	for (size_t i = 0; i < json.n; i++) {
		const char *s = escape(str_from(json, i), &n);

		if (s == NULL)
			continue;
		atomicfile_put(f, json.p + begin, i - begin);
		put(f, str_of(s));
		begin = i + n;
		i = begin - 1;
	}
	atomicfile_put(f, json.p + begin, json.n - begin);
}

/* Puts what belongs in the place of that name. */
static bool
put_slot(struct atomicfile *f, struct str name, struct str data,
    struct err *err)
{
	if (str_eq(name, STR(DATA_SLOT))) {
		put_json(f, data);
		return true;
	}
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		const struct slot *s = &slots[i];

		if (!str_eq(name, str_of(s->name)))
			continue;
		if (s->hash)
			return put_hash(f, str_of(s->text)) || err_nomem(err);
		put(f, str_of(s->text));
		return true;
	}
	return err_fail(err, "page: no place is named %.*s", STR_ARG(name));
}

static bool
put_template(struct atomicfile *f, struct str data, struct err *err)
{
	const char *at = page_html, *open, *close;

	while ((open = strstr(at, "{{")) != NULL &&
	    (close = strstr(open, "}}")) != NULL) {
		struct str name = { open + 2, (size_t)(close - open) - 2 };

		atomicfile_put(f, at, (size_t)(open - at));
		if (!put_slot(f, name, data, err))
			return false;
		at = close + 2;
	}
	put(f, str_of(at));
	return true;
}

bool
export_page(struct db *db, const struct page *p, struct atomicfile *f,
    struct err *err)
{
	struct buf data = BUF_INIT(PAGE_DATA_MAX_BYTES);
	bool ok = page_data(&data, db, p, err);

	if (ok && (data.failed || p->names.failed || p->restated.failed))
		ok = err_nomem(err);
	ok = ok && put_template(f, buf_str(&data), err);
	buf_free(&data);
	return ok;
}
