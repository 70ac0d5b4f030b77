#include <stdlib.h>

#include "base/sort.h"
#include "call/extract.h"

/* A member of the insights that the event states. */
struct member {
	struct str name;
	struct node value;
	size_t order;	/* of members with one name, the least counts */
};

static int
member_order(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;
	int c = doc_name_cmp(a->name, b->name);

	return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

/* The same escapes as node_canonical writes. */
static void
put_name(struct buf *out, struct str s, uint64_t *replaced)
{
	static const char plain[] = "\b\f\n\r\t\"\\", letter[] = "bfnrt\"\\";

	buf_putc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(plain, s.p[i]) : NULL;

		if (at != NULL)
			buf_printf(out, "\\%c", letter[at - plain]);
		else if (s.p[i] == '\0')
			*replaced += buf_put(out, "\xef\xbf\xbd", 3);
		else if ((unsigned char)s.p[i] < ' ')
			buf_printf(out, "\\u%04x", s.p[i]);
		else
			buf_putc(out, s.p[i]);
	}
	buf_putc(out, '"');
}

static void
put_members(struct buf *out, struct member *v, size_t n, uint64_t *replaced)
{
	size_t start = out->n;

	sort_short(v, n, sizeof(*v), member_order);
	buf_putc(out, '{');
	for (size_t i = 0; i < n; i++) {
		if ((i > 0 && doc_name_cmp(v[i].name, v[i - 1].name) == 0) ||
		    node_silent(v[i].value))
			continue;
		if (out->n > start + 1)
			buf_putc(out, ',');
		put_name(out, v[i].name, replaced);
		buf_putc(out, ':');
		(void)put_canonical(v[i].value, false, out, replaced);
	}
	buf_putc(out, '}');
}

static size_t
count_members(struct node object)
{
	struct node_iter it = node_iter(object);
	struct node value;
	struct str name;
	size_t n = 0;

	while (node_next(&it, &name, &value))
		n++;
	return n;
}

/* The members of the keys that are stated. Returns how many. */
static size_t
find_keys(const struct extraction *x, struct member *v)
{
	size_t n = 0;

	for (size_t i = 0; i < x->shape->n_insights; i++) {
		const struct insight *k = &x->shape->insight[i];
		struct node value;

		if (extract_find(x, &k->places, &value) == NULL)
			continue;
		v[n] = (struct member){ k->name, value, n };
		n++;
	}
	return n;
}

/* Both in one object; a key wins over a member of the same name. */
static void
put_both(struct extraction *x, struct node object)
{
	size_t most = x->shape->n_insights + count_members(object), n;
	struct member *v = malloc((most + 1) * sizeof(*v));
	struct node_iter it = node_iter(object);

	if (v == NULL) {
		x->text->failed = true;
		return;
	}
	n = find_keys(x, v);
	while (node_next(&it, &v[n].name, &v[n].value)) {
		v[n].order = n;
		n++;
	}
	put_members(x->text, v, n, &x->w->replaced);
	free(v);
}

void
extract_insights(struct extraction *x, const struct places *merge)
{
	static const struct node absent = { NULL, 0, NODE_ABSENT };
	struct piece *piece = &x->piece[FIELD_INSIGHTS];
	struct node object;

	if (extract_find(x, merge, &object) != NULL &&
	    object.type != NODE_OBJECT) {
		x->w->dropped[FIELD_INSIGHTS]++;
		object = absent;
	}
	piece->at = x->text->n;
	if (x->shape->n_insights > 0)
		put_both(x, object);
	else if (object.type == NODE_OBJECT)
		(void)put_canonical(object, true, x->text, &x->w->replaced);
	piece->n = x->text->n - piece->at;
	if (piece->n > 2)
		x->stated |= UINT32_C(1) << FIELD_INSIGHTS;
}
