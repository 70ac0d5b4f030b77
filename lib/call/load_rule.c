#include "call/load.h"

/* True when b is a, or lies in it. */
static bool
within(struct str a, struct str b)
{
	return str_starts(b, a) && (b.n == a.n || b.p[a.n] == '/');
}

/* Identity must not depend on a volatile member, so nothing else may either. */
static bool
reads_volatile(const struct loader *l, struct str pointer, bool whole)
{
	for (size_t i = 0; i < l->volatiles.n; i++)
		if (within(l->volatiles.v[i], pointer) ||
		    (whole && within(pointer, l->volatiles.v[i])))
			return true;
	return false;
}

bool
load_slot(struct loader *l, const struct conf *c, struct str pointer,
    uint16_t *slot)
{
	struct path path;

	if (!pointer_valid(pointer))
		return conf_say(c, "\"%.*s\" is no JSON Pointer",
		    STR_ARG(pointer));
	if (!path_make(&l->set->arena, pointer, &path))
		return false;
	if (!trie_add(&l->set->trie, &path, slot))
		return conf_say(c, "too many places, or out of memory");
	trie_know(&l->set->trie, *slot, l->shape, false);
	return true;
}

/* root, "/" and the relative place. */
static struct str
join(struct loader *l, struct str root, struct str place)
{
	char *p = load_alloc(l, root.n + 1 + place.n, 1);

	if (p == NULL)
		return (struct str){ NULL, 0 };
	if (root.n > 0)
		memcpy(p, root.p, root.n);
	p[root.n] = '/';
	memcpy(p + root.n + 1, place.p, place.n);
	return (struct str){ p, root.n + 1 + place.n };
}

static bool
is_relative(struct str place)
{
	return place.n > 0 && place.p[0] != '/';
}

/* Adds the slot of an alternative, as it stands under the r-th root, to v. */
static void
add_alternative(struct loader *l, const struct conf *c, struct str place,
    size_t r, bool whole, uint16_t *v, size_t *n)
{
	struct str pointer = place;

	if (is_relative(place) && l->roots.n == 0) {
		conf_say(c, "\"%.*s\" does not begin with \"/\", and the shape has no \"roots\"",
		    STR_ARG(place));
		return;
	}
	if (is_relative(place))
		pointer = join(l, l->roots.v[r], place);
	else if (r > 0)
		return;
	if (reads_volatile(l, pointer, whole)) {
		conf_say(c, "\"%.*s\" reads a volatile member",
		    STR_ARG(pointer));
	} else if (load_slot(l, c, pointer, &v[*n])) {
		trie_know(&l->set->trie, v[*n], l->shape, whole);
		++*n;
	}
}

struct slots
load_slots(struct loader *l, const struct conf *c, bool whole)
{
	size_t roots = l->roots.n ? l->roots.n : 1, n = 0;
	size_t findings = c->sink->findings;
	struct texts texts = load_texts(l, c);
	uint16_t *v = load_alloc(l, texts.n * roots, sizeof(*v));

	if (texts.n == 0 && texts.v != NULL)
		conf_say(c, "names no place");
	for (size_t r = 0; v != NULL && r < roots; r++) {
		for (size_t i = 0; i < texts.n; i++) {
			struct conf item = conf_is_list(c) ? conf_item(c, i) : *c;

			if (texts.v[i].p != NULL)
				add_alternative(l, &item, texts.v[i], r, whole,
				    v, &n);
		}
		if (c->sink->findings > findings)
			break;	/* said once is enough */
	}
	return (struct slots){ v, n };
}

static void
know(struct loader *l, const struct conf *c, struct str place)
{
	bool whole = str_ends(place, STR("/*"));
	struct str pointer = { place.p, place.n - (whole ? 2 : 0) };
	size_t roots = is_relative(pointer) ? l->roots.n : 1;
	uint16_t slot;

	if (roots == 0)
		conf_say(c, "\"%.*s\" does not begin with \"/\", and the shape has no \"roots\"",
		    STR_ARG(place));
	for (size_t r = 0; r < roots; r++)
		if (load_slot(l, c, is_relative(pointer) ?
		    join(l, l->roots.v[r], pointer) : pointer, &slot))
			trie_know(&l->set->trie, slot, l->shape, whole);
}

void
load_known(struct loader *l, const struct conf *list)
{
	struct texts texts;

	if (!conf_want_list(list))
		return;
	texts = load_texts(l, list);
	for (size_t i = 0; i < texts.n; i++) {
		struct conf item = conf_item(list, i);

		if (texts.v[i].p != NULL)
			know(l, &item, texts.v[i]);
	}
}

void
load_path(struct loader *l, const struct conf *c, struct path *out)
{
	struct str text = load_text(l, c);

	if (text.p == NULL)
		return;
	if (!pointer_valid(text))
		conf_say(c, "\"%.*s\" is no JSON Pointer", STR_ARG(text));
	else
		(void)path_make(&l->set->arena, text, out);
}

void
load_is(const struct conf *c, enum rule_is *out)
{
	static const char *const name[] = {
		[IS_TEXT] = "text", [IS_OBJECT] = "object",
		[IS_ARRAY] = "array", [IS_NUMBER] = "number",
		[IS_BOOL] = "bool", [IS_STATED] = "stated",
		[IS_SILENT] = "silent",
	};
	struct str s;

	if (!conf_text(c, &s))
		return;
	for (int i = IS_TEXT; i <= IS_SILENT; i++) {
		if (str_eq(s, str_of(name[i]))) {
			*out = (enum rule_is)i;
			return;
		}
	}
	conf_say(c, "must be text, object, array, number, bool, stated or silent");
}

static void
load_rule_conditions(struct loader *l, const struct conf *c, struct rule *out)
{
	struct conf m;
	size_t n = 0;

	if (conf_member(c, "is", &m) && ++n)
		load_is(&m, &out->is);
	if (conf_member(c, "equals", &m) && ++n)
		out->one_of = load_texts(l, &m);
	if (conf_member(c, "one_of", &m) && ++n) {
		if (out->one_of.n > 0)
			conf_say(&m, "stands beside \"equals\"");
		out->one_of = load_texts(l, &m);
	}
	if (conf_member(c, "prefix", &m) && ++n)
		out->prefix = load_text(l, &m);
	if (conf_member(c, "not", &m))
		conf_flag(&m, &out->negate);
	if (n == 0)
		conf_say(c, "asks nothing: \"is\", \"equals\", \"one_of\" or \"prefix\" is missing");
}

static void
load_rule(struct loader *l, const struct conf *c, bool of_element,
    struct rule *out)
{
	static const char *const known[] = { "at", "is", "equals", "one_of",
	    "prefix", "not", NULL };
	struct conf at;

	if (!conf_want_object(c))
		return;
	conf_known(c, known);
	if (conf_need(c, "at", &at)) {
		if (of_element)
			load_path(l, &at, &out->path);
		else
			out->at = load_slots(l, &at, false);
	}
	load_rule_conditions(l, c, out);
}

void
load_rules(struct loader *l, const struct conf *list, bool of_element,
    struct rules *out)
{
	struct rule *v;

	if (!conf_want_list(list))
		return;
	if (conf_count(list) == 0)
		conf_say(list, "has no rule");
	v = load_alloc(l, conf_count(list), sizeof(*v));
	for (size_t i = 0; v != NULL && i < conf_count(list); i++) {
		struct conf c = conf_item(list, i);

		load_rule(l, &c, of_element, &v[i]);
		*out = (struct rules){ v, i + 1 };
	}
}

/* True when the list's first element is itself a list. */
static bool
is_list_of_lists(const struct conf *list)
{
	struct conf first;

	if (!conf_is_list(list) || conf_count(list) == 0)
		return false;
	first = conf_item(list, 0);
	return conf_is_list(&first);
}

void
load_rule_sets(struct loader *l, const struct conf *list,
    struct rule_sets *out)
{
	bool nested = is_list_of_lists(list);
	size_t n = nested ? conf_count(list) : 1;
	struct rules *v = load_alloc(l, n, sizeof(*v));

	if (v == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct conf c = nested ? conf_item(list, i) : *list;

		load_rules(l, &c, false, &v[i]);
	}
	*out = (struct rule_sets){ v, n };
}
