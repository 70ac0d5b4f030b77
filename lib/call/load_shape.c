#include "call/load.h"

static void
load_roots(struct loader *l, const struct conf *shape)
{
	struct conf c;

	l->roots = (struct texts){ NULL, 0 };
	if (!conf_member(shape, "roots", &c) || !conf_want_list(&c))
		return;
	l->roots = load_texts(l, &c);
	for (size_t i = 0; i < l->roots.n; i++) {
		struct conf item = conf_item(&c, i);

		if (!pointer_valid(l->roots.v[i]))
			conf_say(&item, "is no JSON Pointer");
	}
}

static void
load_kind(const struct conf *shape, enum event_kind *out)
{
	struct conf c;
	struct str s;

	if (!conf_need(shape, "kind", &c) || !conf_text(&c, &s))
		return;
	*out = event_kind_by_name(s);
	if (*out == KIND_COUNT || *out == KIND_OVERRIDE)
		conf_say(&c, "must be webhook, dispatch or detail");
}

static void
load_ignore(struct loader *l, const struct conf *list, struct shape *out)
{
	static const char *const known[] = { "because", "when", NULL };
	struct ignore *v;
	struct conf m;

	if (!conf_want_list(list) ||
	    (v = load_alloc(l, conf_count(list), sizeof(*v))) == NULL)
		return;
	for (size_t i = 0; i < conf_count(list); i++) {
		struct conf c = conf_item(list, i);

		if (!conf_want_object(&c))
			continue;
		conf_known(&c, known);
		if (conf_need(&c, "because", &m))
			v[i].because = load_cstr(l, &m);
		if (conf_need(&c, "when", &m))
			load_rules(l, &m, false, &v[i].when);
	}
	out->ignore = v;
	out->n_ignore = conf_count(list);
}

/* What the places of a field may be. */
static unsigned
field_may(enum field f)
{
	unsigned may = MAY_EACH | MAY_TYPES;

	switch (field_info[f].type) {
	case TYPE_TEXT:
	case TYPE_WORD:
		return may | MAY_CONST;
	case TYPE_MS:
		return may | MUST_UNIT;
	case TYPE_LIST:
	case TYPE_MAP:
		return may | IS_WHOLE;
	default:
		return may;
	}
}

static void
load_insight_keys(struct loader *l, const struct conf *map, struct shape *out)
{
	struct insight *v;
	struct conf c;
	void *at = NULL;
	size_t n = 0;

	if (!conf_want_object(map) ||
	    (v = load_alloc(l, conf_count(map), sizeof(*v))) == NULL)
		return;
	while (conf_next(map, &at, &c)) {
		v[n].name = arena_str(&l->set->arena, str_of(c.name));
		load_places(l, &c, MAY_TYPES | IS_WHOLE, &v[n++].places);
	}
	out->insight = v;
	out->n_insights = n;
}

/* A place of an object, or {"merge": places, "keys": {name: places}}. */
static void
load_insights(struct loader *l, const struct conf *c, struct shape *out,
    struct places *merge)
{
	static const char *const known[] = { "merge", "keys", NULL };
	struct conf m, k;

	if (!conf_is_object(c) || (!conf_member(c, "merge", &m) &&
	    !conf_member(c, "keys", &k))) {
		load_places(l, c, field_may(FIELD_INSIGHTS), merge);
		return;
	}
	conf_known(c, known);
	if (conf_member(c, "merge", &m))
		load_places(l, &m, MAY_TYPES | IS_WHOLE, merge);
	if (conf_member(c, "keys", &k))
		load_insight_keys(l, &k, out);
}

static void
load_field(struct loader *l, const struct conf *c, struct shape *out,
    struct places places[FIELD_COUNT], uint32_t *stated)
{
	enum field f = field_by_name(str_of(c->name));

	if (strcmp(c->name, "transcript") == 0) {
		load_places(l, c, MAY_EACH | MAY_TYPES | IS_WHOLE,
		    &out->transcript);
		return;
	}
	if (f == FIELD_COUNT) {
		conf_say(c, "there is no field of that name");
		return;
	}
	*stated |= UINT32_C(1) << f;
	if (f == FIELD_INSIGHTS)
		load_insights(l, c, out, &places[f]);
	else
		load_places(l, c, field_may(f), &places[f]);
}

/* Tells the trie from where a field may come, and the shape whether it may come from nowhere. */
static void
feed(struct loader *l, const struct places *places, enum field f,
    struct shape *out)
{
	for (size_t i = 0; i < places->n; i++) {
		const struct place *p = &places->v[i];

		for (size_t k = 0; k < p->at.n; k++)
			trie_feed(&l->set->trie, p->at.v[k], UINT32_C(1) << f);
		if (p->at.n == 0)
			out->constant |= UINT32_C(1) << f;
	}
}

static void
feed_fields(struct loader *l, struct shape *out)
{
	for (size_t i = 0; i < out->n_fields; i++)
		feed(l, &out->field[i].places, out->field[i].field, out);
	for (size_t i = 0; i < out->n_insights; i++)
		feed(l, &out->insight[i].places, FIELD_INSIGHTS, out);
}

static void
load_fields(struct loader *l, const struct conf *map, struct shape *out)
{
	struct places places[FIELD_COUNT] = { { NULL, 0 } };
	struct field_places *v;
	uint32_t stated = 0;
	struct conf c;
	void *at = NULL;

	if (!conf_want_object(map))
		return;
	while (conf_next(map, &at, &c))
		load_field(l, &c, out, places, &stated);
	if ((v = load_alloc(l, FIELD_COUNT, sizeof(*v))) == NULL)
		return;
	for (int f = 0; f < FIELD_COUNT; f++)
		if (stated >> f & 1u)
			v[out->n_fields++] = (struct field_places){
				(enum field)f, places[f] };
	out->field = v;
	feed_fields(l, out);
}

/* What tells the event apart from its fields. */
static void
load_head(struct loader *l, const struct conf *c, struct shape *out)
{
	struct conf m;

	if (conf_need(c, "match", &m))
		load_rule_sets(l, &m, &out->match);
	if (conf_member(c, "ignore", &m))
		load_ignore(l, &m, out);
	if (conf_member(c, "type", &m))
		load_places(l, &m, 0, &out->type);
	if (conf_member(c, "call_id", &m))
		load_places(l, &m, 0, &out->call_id);
	else if (out->kind != KIND_DETAIL)
		conf_say(c, "\"call_id\" is missing");
	if (conf_member(c, "status", &m)) {
		load_places(l, &m, MAY_TYPES | MAY_TYPE_AFTER, &out->status);
		if (out->status.n > STATUS_PLACES_MAX)
			conf_say(&m, "more than %d places", STATUS_PLACES_MAX);
	}
	if (!conf_member(c, "event_time", &m))
		return;
	if (out->kind == KIND_DETAIL)
		conf_say(&m, "the time of a detail is when it was fetched");
	load_places(l, &m, MAY_TYPES | MAY_ENDED, &out->event_time);
}

/*
 * Its own bit while there are any. All shapes know the volatile members, and
 * the receipt time that an archive may have put beside the others.
 */
static void
take_bit(struct loader *l, const struct conf *c, struct shape *out)
{
	static const char *const receipt[] = { "/received_at", "/receivedAt" };
	unsigned n = l->set->shapes++;
	uint16_t slot;

	l->shape = out->bit = UINT64_C(1) << (n < 63 ? n : 63);
	for (size_t i = 0; i < l->profile->volatiles.n; i++)
		trie_know(&l->set->trie, l->profile->volatiles.v[i], l->shape,
		    false);
	for (size_t i = 0; i < sizeof(receipt) / sizeof(receipt[0]); i++)
		(void)load_slot(l, c, str_of(receipt[i]), &slot);
}

static void
load_shape(struct loader *l, const struct conf *c, struct shape *out)
{
	static const char *const known[] = { "name", "kind", "roots", "match",
	    "ignore", "type", "call_id", "status", "event_time", "fields",
	    "known", NULL };
	struct conf m;

	*out = (struct shape){ .profile = l->profile, .kind = KIND_WEBHOOK };
	if (!conf_want_object(c))
		return;
	conf_known(c, known);
	take_bit(l, c, out);
	if (conf_need(c, "name", &m))
		out->name = load_cstr(l, &m);
	load_kind(c, &out->kind);
	load_roots(l, c);
	load_head(l, c, out);
	if (conf_need(c, "fields", &m))
		load_fields(l, &m, out);
	if (conf_member(c, "known", &m))
		load_known(l, &m);
}

void
load_shapes(struct loader *l, const struct conf *list)
{
	struct shape *v;

	if (!conf_want_list(list) ||
	    (v = load_alloc(l, conf_count(list), sizeof(*v))) == NULL)
		return;
	if (conf_count(list) == 0)
		conf_say(list, "has no shape");
	for (size_t i = 0; i < conf_count(list); i++) {
		struct conf c = conf_item(list, i);

		load_shape(l, &c, &v[i]);
	}
	l->profile->shape = v;
	l->profile->n_shapes = conf_count(list);
}
