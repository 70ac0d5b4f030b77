/*
 * JSON: what is read from a text is what it was made to say, its canonical
 * form depends on nothing else, and jansson reads the same.
 */
#include "property.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "call/pointer.h"
#include "fuzz/same_json.h"
#include "io/doc.h"

enum { DEPTH_MOST = 5, MEMBERS_MOST = 6, MUTATIONS_MOST = 3 };

/* A value as it was drawn. */
struct value {
	enum node_type type;
	bool flag;
	int64_t i;
	uint64_t u;
	double d;
	struct str text;
	size_t n;
	struct value **v;
	struct str *name;	/* of an object; names may come again */
};

static struct doc *
the_doc(void)
{
	static struct doc *doc;

	if (doc == NULL && (doc = doc_open()) == NULL)
		exit(70);
	return doc;
}

/* ---- drawing ---- */

/* Texts with what is hard about them; names among them that make pointers hard. */
static struct str
random_text(struct trial *t)
{
	static const char *const piece[] = {
		"a", "b", ".", "/", "~", "~0", "~1", "\"", "\\", "\n", "\x01", "\x1f",
		"\x7f", "\xc3\xa4", "\xe2\x80\xa8", "\xef\xbf\xbd", "\xef\xbb\xbf",
		"\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "0", "12", " ", "{", "}", "[",
		"]", ":", ",", "\xed\x9f\xbf", "\xee\x80\x80", "longer than a word",
	};
	char *p = trial_alloc(t, 256);
	uint32_t pieces = rng_below(&t->rng, 5);
	size_t n = 0;

	for (uint32_t i = 0; i < pieces; i++) {
		struct str s = str_of(piece[rng_below(&t->rng, COUNT(piece))]);

		memcpy(p + n, s.p, s.n);
		n += s.n;
		if (rng_chance(&t->rng, 30))
			p[n++] = '\0';
	}
	return (struct str){ p, n };
}

static int64_t
random_int(struct trial *t)
{
	static const int64_t edge[] = { 0, 1, -1, INT64_MAX, INT64_MIN, 1LL << 53 };

	return rng_chance(&t->rng, 300) ? edge[rng_below(&t->rng, 6)] :
	    (int64_t)rng_next(&t->rng) >> rng_below(&t->rng, 64);
}

static double
random_real(struct trial *t)
{
	uint64_t bits;
	double d;

	if (rng_chance(&t->rng, 300))
		return (double)random_int(t) / (double)(1 + rng_below(&t->rng, 1000));
	do {
		bits = rng_next(&t->rng);
		memcpy(&d, &bits, sizeof(d));
	} while ((bits >> 52 & 0x7ff) == 0x7ff);
	return d;
}

static struct value *
random_value(struct trial *t, int depth)
{
	struct value *v = trial_alloc(t, sizeof(*v));
	uint32_t kinds = depth < DEPTH_MOST ? 8 : 6;

	*v = (struct value){ .type = NODE_NULL + rng_below(&t->rng, kinds) };
	switch (v->type) {
	case NODE_BOOL:
		v->flag = rng_chance(&t->rng, 500);
		break;
	case NODE_INT:
		v->i = random_int(t);
		break;
	case NODE_UINT:
		v->u = rng_next(&t->rng) | UINT64_C(1) << 63;
		break;
	case NODE_REAL:
		v->d = random_real(t);
		break;
	case NODE_TEXT:
		v->text = random_text(t);
		break;
	case NODE_ARRAY:
	case NODE_OBJECT:
		v->n = rng_below(&t->rng, MEMBERS_MOST + 1);
		v->v = trial_alloc(t, (v->n + 1) * sizeof(*v->v));
		v->name = trial_alloc(t, (v->n + 1) * sizeof(*v->name));
		for (size_t i = 0; i < v->n; i++) {
			v->v[i] = random_value(t, depth + 1);
			v->name[i] = random_text(t);
		}
		break;
	default:
		break;
	}
	return v;
}

/* ---- writing, each time in another way ---- */

static void
put_space(struct trial *t, struct buf *out)
{
	while (rng_chance(&t->rng, 200))
		buf_putc(out, " \t\r\n"[rng_below(&t->rng, 4)]);
}

/* How many bytes the UTF-8 character at p has, and which one it is. */
static size_t
character(const char *p, unsigned *c)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] < 0x80)
		return *c = u[0], 1;
	if (u[0] < 0xe0)
		return *c = (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu), 2;
	if (u[0] < 0xf0)
		return *c = (u[0] & 0xfu) << 12 | (u[1] & 0x3fu) << 6 |
		    (u[2] & 0x3fu), 3;
	return *c = (u[0] & 7u) << 18 | (u[1] & 0x3fu) << 12 |
	    (u[2] & 0x3fu) << 6 | (u[3] & 0x3fu), 4;
}

static void
put_escape(struct trial *t, struct buf *out, unsigned c)
{
	const char *how = rng_chance(&t->rng, 500) ? "\\u%04x" : "\\u%04X";

	if (c >= 0x10000) {
		put_escape(t, out, 0xd800 + ((c - 0x10000) >> 10));
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_printf(out, how, c);
#pragma GCC diagnostic pop
}

static void
put_text(struct trial *t, struct buf *out, struct str s)
{
	unsigned c;

	buf_putc(out, '"');
	for (size_t i = 0, n; i < s.n; i += n) {
		n = character(s.p + i, &c);
		if (c < ' ' || c == '"' || c == '\\' || rng_chance(&t->rng, 100))
			put_escape(t, out, c);
		else
			buf_put(out, s.p + i, n);
	}
	buf_putc(out, '"');
}

static void put_value(struct trial *, struct buf *, const struct value *);

static void
put_members(struct trial *t, struct buf *out, const struct value *v)
{
	bool object = v->type == NODE_OBJECT;

	buf_putc(out, object ? '{' : '[');
	put_space(t, out);
	for (size_t i = 0; i < v->n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_space(t, out);
		if (object) {
			put_text(t, out, v->name[i]);
			put_space(t, out);
			buf_putc(out, ':');
		}
		put_value(t, out, v->v[i]);
	}
	buf_putc(out, object ? '}' : ']');
}

static void
put_value(struct trial *t, struct buf *out, const struct value *v)
{
	put_space(t, out);
	switch (v->type) {
	case NODE_BOOL:
		buf_puts(out, str_of(v->flag ? "true" : "false"));
		break;
	case NODE_INT:
		buf_printf(out, "%lld", (long long)v->i);
		break;
	case NODE_UINT:
		buf_printf(out, "%llu", (unsigned long long)v->u);
		break;
	case NODE_REAL:
		buf_printf(out, rng_chance(&t->rng, 500) ? "%.17e" : "%.18E", v->d);
		break;
	case NODE_TEXT:
		put_text(t, out, v->text);
		break;
	case NODE_ARRAY:
	case NODE_OBJECT:
		put_members(t, out, v);
		break;
	default:
		buf_puts(out, STR("null"));
	}
	put_space(t, out);
}

static struct str
write_value(struct trial *t, const struct value *v)
{
	struct buf out = BUF_INIT(0);
	struct str s;

	put_value(t, &out, v);
	s = trial_padded(t, buf_str(&out));
	buf_free(&out);
	return s;
}

/* ---- comparing ---- */

static bool is_value(struct trial *, struct node, const struct value *);

/* The value of the first member of that name. */
static const struct value *
first_of_name(const struct value *v, struct str name)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->name[i], name))
			return v->v[i];
	return NULL;
}

/* The node at a pointer of one step, escaped as RFC 6901 asks. */
static bool
points_to(struct trial *t, struct node n, struct str name, struct node want)
{
	struct buf text = BUF_INIT(0);
	struct path path;
	struct node is;

	buf_putc(&text, '/');
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '~' || name.p[i] == '/')
			buf_puts(&text, str_of(name.p[i] == '~' ? "~0" : "~1"));
		else
			buf_putc(&text, name.p[i]);
	CHECK(t, pointer_valid(buf_str(&text)) &&
	    path_make(&t->arena, buf_str(&text), &path), "no pointer");
	buf_free(&text);
	is = path_get(&path, n);
	CHECK(t, is.type == want.type && is.at == want.at,
	    "a pointer leads elsewhere: %.*s", STR_ARG(name));
	return true;
}

static bool
are_members(struct trial *t, struct node n, const struct value *v)
{
	struct node_iter it = node_iter(n);
	struct node value, member;
	struct str name;
	size_t i = 0;

	for (; node_next(&it, &name, &value); i++) {
		CHECK(t, i < v->n, "too many members");
		if (!is_value(t, value, v->v[i]))
			return false;
		if (v->type == NODE_ARRAY)
			continue;
		CHECK(t, str_eq(name, v->name[i]), "another name");
		member = node_member(n, name);
		if (!is_value(t, member, first_of_name(v, name)) ||
		    !points_to(t, n, name, member))
			return false;
	}
	CHECK(t, i == v->n, "too few members");
	return true;
}

static bool
is_value(struct trial *t, struct node n, const struct value *v)
{
	double d = v->type == NODE_REAL ? node_real(n) : 0;

	CHECK(t, n.type == v->type, "type %d, wanted %d", (int)n.type,
	    (int)v->type);
	switch (v->type) {
	case NODE_BOOL:
		CHECK(t, node_bool(n) == v->flag, "flag");
		return true;
	case NODE_INT:
		CHECK(t, node_int(n) == v->i, "%lld", (long long)v->i);
		return true;
	case NODE_UINT:
		CHECK(t, node_uint(n) == v->u, "%llu", (unsigned long long)v->u);
		return true;
	case NODE_REAL:
		CHECK(t, memcmp(&d, &v->d, sizeof(d)) == 0, "%a, wanted %a", d, v->d);
		return true;
	case NODE_TEXT:
		CHECK(t, str_eq(node_text(n), v->text), "text %.*s",
		    STR_ARG(v->text));
		return true;
	case NODE_ARRAY:
	case NODE_OBJECT:
		return are_members(t, n, v);
	default:
		return true;
	}
}

static bool
parse(struct trial *t, struct str text, struct node *root)
{
	enum doc_status s = doc_parse(the_doc(), text.p, text.n, root);

	CHECK(t, s == DOC_OK, "refused (%d): %.*s", (int)s, STR_ARG(text));
	return true;
}

/* ---- properties ---- */

static bool
a_document_says_what_was_written(struct trial *t)
{
	const struct value *v = random_value(t, 0);
	struct node root;

	return parse(t, write_value(t, v), &root) && is_value(t, root, v);
}

/* The canonical form of a text, in the arena. */
static bool
canonical(struct trial *t, struct str text, struct str *out)
{
	struct buf b = BUF_INIT(0);
	struct node root;

	if (!parse(t, text, &root))
		return false;
	CHECK(t, node_canonical(root, false, &b), "no memory");
	*out = trial_padded(t, buf_str(&b));
	buf_free(&b);
	return true;
}

/* Puts members into another order, but those with one name, all the way down. */
static void
shuffle_members(struct trial *t, struct value *v)
{
	for (size_t i = 0; i < v->n; i++)
		shuffle_members(t, v->v[i]);
	for (size_t i = 0; v->type == NODE_OBJECT && i + 1 < v->n; i++) {
		struct value *value = v->v[i];
		struct str name = v->name[i];

		if (rng_chance(&t->rng, 500) || str_eq(name, v->name[i + 1]))
			continue;
		v->v[i] = v->v[i + 1];
		v->name[i] = v->name[i + 1];
		v->v[i + 1] = value;
		v->name[i + 1] = name;
	}
}

static bool
the_canonical_form_is_one(struct trial *t)
{
	struct value *v = random_value(t, 0);
	struct str first, again, other;

	if (!canonical(t, write_value(t, v), &first) ||
	    !canonical(t, first, &again))
		return false;
	CHECK(t, str_eq(first, again), "not its own: %.*s", STR_ARG(first));
	shuffle_members(t, v);
	if (!canonical(t, write_value(t, v), &other))
		return false;
	CHECK(t, str_eq(first, other), "another: %.*s and %.*s", STR_ARG(first),
	    STR_ARG(other));
	return true;
}

static bool
hash_of(struct trial *t, struct str text, struct id128 *out)
{
	struct buf scratch = BUF_INIT(0);
	struct node root;

	if (!parse(t, text, &root))
		return false;
	*out = node_hash(root, NULL, 0, &scratch);
	buf_free(&scratch);
	return true;
}

static bool
the_hash_does_not_see_white_space_and_escapes(struct trial *t)
{
	struct value *v = random_value(t, 0);
	struct id128 a, b;

	if (!hash_of(t, write_value(t, v), &a) || !hash_of(t, write_value(t, v), &b))
		return false;
	CHECK(t, id128_cmp(&a, &b) == 0, "another hash");
	return true;
}

static bool
agrees(struct trial *t, struct str text)
{
	char why[256] = "";

	CHECK(t, same_json(text, why, sizeof(why)) != NOT_SAME, "%s: %.*s", why,
	    STR_ARG(text));
	return true;
}

/* Bytes that make another text of one, often a broken one. */
static struct str
mutated(struct trial *t, struct str text)
{
	static const char bytes[] = "\"\\{}[],:0123456789-+.eEu \xef\xbb\xbf\xc0\x80\xed\xa0\xf5\0\n";
	char *p = trial_alloc(t, text.n + 1);
	size_t n = text.n;

	memcpy(p, text.p, n);
	for (uint32_t i = 1 + rng_below(&t->rng, MUTATIONS_MOST); i > 0 && n > 0; i--) {
		size_t at = rng_next(&t->rng) % n;

		if (rng_chance(&t->rng, 300))
			memmove(p + at, p + at + 1, --n - at);
		else
			p[at] = bytes[rng_below(&t->rng, sizeof(bytes) - 1)];
	}
	return trial_padded(t, (struct str){ p, n });
}

static bool
jansson_reads_the_same(struct trial *t)
{
	struct str text = write_value(t, random_value(t, 1));

	return agrees(t, text) && agrees(t, mutated(t, text)) &&
	    agrees(t, mutated(t, text));
}

/* Numbers as others write them: "1e400", "0.1000", "-0", "18446744073709551616". */
static struct str
random_number(struct trial *t)
{
	char *p = trial_alloc(t, 64);
	struct rng *r = &t->rng;
	int n = 0;

	n += snprintf(p + n, 64, "%s%.0llu", rng_chance(r, 300) ? "-" : "",
	    rng_chance(r, 200) ? 0 : (unsigned long long)
	    (rng_next(r) >> rng_below(r, 64)));
	if (p[n - 1 + (n == 0)] < '0' || n == 0)
		n += snprintf(p + n, 8, "0");
	if (rng_chance(r, 100))
		n += snprintf(p + n, 16, "%u", rng_below(r, 1000));
	if (rng_chance(r, 400))
		n += snprintf(p + n, 24, ".%u", rng_below(r, 100000));
	if (rng_chance(r, 400))
		n += snprintf(p + n, 16, "%c%s%u", "eE"[rng_below(r, 2)],
		    rng_chance(r, 500) ? "-" : rng_chance(r, 500) ? "+" : "",
		    rng_below(r, rng_chance(r, 500) ? 20 : 400));
	return trial_padded(t, (struct str){ p, (size_t)n });
}

static bool
jansson_reads_the_same_numbers(struct trial *t)
{
	struct str number = random_number(t);

	return agrees(t, number) && agrees(t, mutated(t, number));
}

const struct property json_properties[] = {
	{ "a document says what was written", a_document_says_what_was_written, 1 },
	{ "the canonical form is one", the_canonical_form_is_one, 1 },
	{ "the hash does not see white space and escapes",
	    the_hash_does_not_see_white_space_and_escapes, 1 },
	{ "jansson reads the same", jansson_reads_the_same, 1 },
	{ "jansson reads the same numbers", jansson_reads_the_same_numbers, 1 },
	{ NULL, NULL, 1 },
};
