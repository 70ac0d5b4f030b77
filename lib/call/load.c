#include "call/load.h"

#include <stdlib.h>

void *
load_alloc(struct loader *l, size_t n, size_t size)
{
	void *p = arena_alloc(&l->set->arena, n * size);

	if (p != NULL)
		memset(p, 0, n * size);
	return p;
}

struct str
load_text(struct loader *l, const struct conf *c)
{
	struct str s;

	if (!conf_text(c, &s))
		return (struct str){ NULL, 0 };
	return arena_str(&l->set->arena, s);
}

const char *
load_cstr(struct loader *l, const struct conf *c)
{
	struct str s;

	return conf_text(c, &s) ? arena_cstr(&l->set->arena, s) : NULL;
}

const char *
load_member(struct loader *l, const struct conf *object, const char *name)
{
	struct conf c;

	return conf_member(object, name, &c) ? load_cstr(l, &c) : NULL;
}

struct texts
load_texts(struct loader *l, const struct conf *c)
{
	size_t n = conf_is_list(c) ? conf_count(c) : 1;
	struct str *v = load_alloc(l, n, sizeof(*v));

	if (v == NULL)
		return (struct texts){ NULL, 0 };
	if (!conf_is_list(c))
		v[0] = load_text(l, c);
	for (size_t i = 0; conf_is_list(c) && i < n; i++) {
		struct conf item = conf_item(c, i);

		v[i] = load_text(l, &item);
	}
	return (struct texts){ v, n };
}

/* A name that can be part of a key and of an environment variable. */
static bool
name_usable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '_' &&
		    s.p[i] != '-' && !(s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
	return s.n > 0;
}

static void
load_names(struct loader *l, const struct conf *root)
{
	struct profile *p = l->profile;
	struct conf c;

	if (conf_need(root, "provider", &c)) {
		p->name = load_text(l, &c);
		if (p->name.p != NULL && !name_usable(p->name))
			conf_say(&c, "must be of a-z, 0-9, \"_\" and \"-\"");
	}
	if (conf_need(root, "title", &c))
		p->title = load_text(l, &c);
	if (conf_member(root, "credits_unit", &c))
		p->credits_unit = load_text(l, &c);
}

/* How many types the stages of the list name. */
static size_t
count_types(const struct conf *list)
{
	size_t n = 0;

	for (size_t i = 0; i < conf_count(list); i++) {
		struct conf c = conf_item(list, i);

		n += conf_is_list(&c) ? conf_count(&c) : 1;
	}
	return n;
}

static bool
type_listed(const struct type_entry *v, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].name, name))
			return true;
	return false;
}

static void
load_types(struct loader *l, const struct conf *list)
{
	struct type_entry *v;
	size_t n = 0;

	if (!conf_want_list(list) ||
	    (v = load_alloc(l, count_types(list), sizeof(*v))) == NULL)
		return;
	for (size_t i = 0; i < conf_count(list); i++) {
		struct conf c = conf_item(list, i);
		struct texts names = load_texts(l, &c);

		for (size_t k = 0; k < names.n; k++) {
			if (type_listed(v, n, names.v[k]))
				conf_say(&c, "\"%.*s\" is listed twice",
				    STR_ARG(names.v[k]));
			v[n++] = (struct type_entry){ names.v[k], (uint16_t)i };
		}
	}
	l->profile->type = v;
	l->profile->n_types = n;
	l->profile->stages = (uint16_t)conf_count(list);
}

static void
load_outcome(const struct conf *c, enum outcome *out)
{
	struct str s;

	if (!conf_text(c, &s))
		return;
	*out = outcome_by_name(s);
	if (*out == OUTCOME_COUNT)
		conf_say(c, "\"%.*s\" is no outcome", STR_ARG(s));
}

/* An outcome's name, or {"outcome", "voicemail"}. */
static void
load_status_entry(struct loader *l, const struct conf *c,
    struct status_entry *out)
{
	static const char *const known[] = { "outcome", "voicemail", NULL };
	struct str name = arena_str(&l->set->arena, str_of(c->name));
	struct conf member;

	*out = (struct status_entry){ .key = name };
	if (str_ends(name, STR(".*"))) {
		out->prefix = true;
		out->key.n -= 2;
	}
	if (!conf_is_object(c)) {
		load_outcome(c, &out->outcome);
		return;
	}
	conf_known(c, known);
	if (conf_need(c, "outcome", &member))
		load_outcome(&member, &out->outcome);
	if (conf_member(c, "voicemail", &member))
		conf_flag(&member, &out->voicemail);
}

/* Exact keys first, then prefixes, the longest first. */
static int
status_order(const void *pa, const void *pb)
{
	const struct status_entry *a = pa, *b = pb;

	if (a->prefix != b->prefix)
		return a->prefix ? 1 : -1;
	if (a->key.n != b->key.n)
		return a->key.n > b->key.n ? -1 : 1;
	return str_cmp(a->key, b->key);
}

static void
load_status(struct loader *l, const struct conf *map)
{
	struct status_entry *v;
	struct conf c;
	void *at = NULL;
	size_t n = 0;

	if (!conf_want_object(map) ||
	    (v = load_alloc(l, conf_count(map), sizeof(*v))) == NULL)
		return;
	while (conf_next(map, &at, &c)) {
		load_status_entry(l, &c, &v[n++]);
		for (size_t i = 0; i + 1 < n; i++)
			if (v[i].prefix == v[n - 1].prefix &&
			    str_eq_nocase(v[i].key, v[n - 1].key))
				conf_say(&c, "stands twice but for its case");
	}
	qsort(v, n, sizeof(*v), status_order);
	l->profile->status = v;
	l->profile->n_status = n;
}

static bool
sentiment_valid(struct str s)
{
	return str_eq(s, STR("positive")) || str_eq(s, STR("neutral")) ||
	    str_eq(s, STR("negative")) || str_eq(s, STR("unknown"));
}

static void
load_sentiment(struct loader *l, const struct conf *map)
{
	struct sentiment_entry *v;
	struct conf c;
	void *at = NULL;
	size_t n = 0;

	if (!conf_want_object(map) ||
	    (v = load_alloc(l, conf_count(map), sizeof(*v))) == NULL)
		return;
	while (conf_next(map, &at, &c)) {
		v[n].key = arena_str(&l->set->arena, str_of(c.name));
		v[n].value = load_text(l, &c);
		if (v[n].value.p != NULL && !sentiment_valid(v[n].value))
			conf_say(&c, "must be positive, neutral, negative or unknown");
		n++;
	}
	l->profile->sentiment = v;
	l->profile->n_sentiment = n;
}

static void
load_volatile(struct loader *l, const struct conf *list)
{
	struct texts texts;
	uint16_t *v;

	if (!conf_want_list(list))
		return;
	if (conf_count(list) > VOLATILE_MAX) {
		conf_say(list, "more than %d places", VOLATILE_MAX);
		return;
	}
	texts = load_texts(l, list);
	if ((v = load_alloc(l, texts.n, sizeof(*v))) == NULL)
		return;
	for (size_t i = 0; i < texts.n; i++) {
		struct conf c = conf_item(list, i);

		if (texts.v[i].n == 0)
			conf_say(&c, "must name a member");
		else
			load_slot(l, &c, texts.v[i], &v[i]);
	}
	l->profile->volatiles = (struct slots){ v, texts.n };
	l->volatiles = texts;
}

static void
load_parts(struct loader *l, const struct conf *root)
{
	struct conf c;

	load_names(l, root);
	if (conf_need(root, "types", &c))
		load_types(l, &c);
	if (conf_need(root, "status", &c))
		load_status(l, &c);
	if (conf_member(root, "sentiment", &c))
		load_sentiment(l, &c);
	if (conf_member(root, "volatile", &c))
		load_volatile(l, &c);
	if (conf_need(root, "shapes", &c))
		load_shapes(l, &c);
	if (conf_member(root, "api", &c))
		load_api(l, &c);
}

void
load_profile(struct profiles *set, const struct conf *root, struct str source,
    struct profile *out)
{
	static const char *const known[] = { "provider", "title",
	    "credits_unit", "types", "status", "sentiment", "volatile",
	    "shapes", "api", NULL };
	struct loader l = { .set = set, .profile = out };

	*out = (struct profile){ .name = STR(""), .title = STR(""),
	    .credits_unit = STR("") };
	out->source_text = arena_str(&set->arena, source);
	if (!conf_want_object(root))
		return;
	conf_known(root, known);
	load_parts(&l, root);
}
