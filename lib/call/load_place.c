#include "call/load.h"

static void
load_unit(const struct conf *c, unsigned may, enum unit *out)
{
	struct conf m;
	struct str s;

	if (!conf_member(c, "unit", &m)) {
		if (may & MUST_UNIT)
			conf_say(c, "\"unit\" is missing: ms, s or min");
		return;
	}
	if (!(may & MUST_UNIT))
		conf_say(&m, "this field has no unit");
	else if (!conf_text(&m, &s))
		return;
	else if (str_eq(s, STR("ms")))
		*out = UNIT_MS;
	else if (str_eq(s, STR("s")))
		*out = UNIT_S;
	else if (str_eq(s, STR("min")))
		*out = UNIT_MIN;
	else
		conf_say(&m, "must be ms, s or min");
}

static void
load_each(struct loader *l, const struct conf *c, const struct conf *each,
    struct place *out)
{
	struct conf m;

	out->kind = PLACE_EACH;
	out->at = load_slots(l, each, false);
	if (conf_member(c, "when", &m))
		load_rules(l, &m, true, &out->rules);
	if (conf_need(c, "at", &m))
		load_path(l, &m, &out->path);
}

static void
load_when(const struct conf *m, unsigned may, struct place *out)
{
	struct str s;

	if (!(may & MAY_ENDED))
		conf_say(m, "may stand here only beside \"each\"");
	else if (conf_text(m, &s) && !str_eq(s, STR("ended_or_terminal")))
		conf_say(m, "must be ended_or_terminal");
	else
		out->when_ended = true;
}

/* Which of the members that make the kind of a place is there; *m is it. */
static enum place_kind
place_kind(const struct conf *c, struct conf *m)
{
	if (conf_member(c, "const", m))
		return PLACE_CONST;
	if (conf_member(c, "each", m))
		return PLACE_EACH;
	if (conf_member(c, "type_after", m))
		return PLACE_TYPE_AFTER;
	(void)conf_need(c, "at", m);
	return PLACE_AT;
}

static bool
kind_may(const struct conf *m, enum place_kind kind, unsigned may)
{
	static const unsigned needs[] = {
		[PLACE_CONST] = MAY_CONST, [PLACE_EACH] = MAY_EACH,
		[PLACE_TYPE_AFTER] = MAY_TYPE_AFTER,
	};

	if (kind == PLACE_AT || (may & needs[kind]) != 0)
		return true;
	return conf_say(m, "cannot stand here");
}

/* What makes the kind of the place. */
static void
load_kind(struct loader *l, const struct conf *c, unsigned may,
    struct place *out)
{
	struct conf m, when;

	out->kind = place_kind(c, &m);
	if (m.value == NULL || !kind_may(&m, out->kind, may))
		return;
	if (out->kind == PLACE_EACH) {
		load_each(l, c, &m, out);
		return;
	}
	if (conf_member(c, "when", &when))
		load_when(&when, may, out);
	if (out->kind == PLACE_AT)
		out->at = load_slots(l, &m, (may & IS_WHOLE) != 0);
	else
		out->text = load_text(l, &m);
}

static void
load_place_object(struct loader *l, const struct conf *c, unsigned may,
    struct place *out)
{
	static const char *const known[] = { "at", "is", "types", "unit",
	    "const", "each", "when", "type_after", NULL };
	struct conf m;

	conf_known(c, known);
	load_kind(l, c, may, out);
	load_unit(c, may, &out->unit);
	if (conf_member(c, "is", &m))
		load_is(&m, &out->is);
	if (!conf_member(c, "types", &m))
		return;
	if (!(may & MAY_TYPES))
		conf_say(&m, "cannot stand here");
	out->types = load_texts(l, &m);
}

/* A pointer, a list of alternatives, or an object. */
static void
load_place(struct loader *l, const struct conf *c, unsigned may,
    struct place *out)
{
	if (conf_is_object(c)) {
		load_place_object(l, c, may, out);
	} else if (!conf_is_text(c) && !conf_is_list(c)) {
		conf_say(c, "must be a place: a JSON Pointer, a list of them, or an object");
	} else {
		out->at = load_slots(l, c, (may & IS_WHOLE) != 0);
		if (may & MUST_UNIT)
			conf_say(c, "needs a \"unit\": {\"at\": ..., \"unit\": \"s\"}");
	}
}

void
load_places(struct loader *l, const struct conf *c, unsigned may,
    struct places *out)
{
	size_t n = conf_is_list(c) ? conf_count(c) : 1;
	struct place *v = load_alloc(l, n, sizeof(*v));

	if (v == NULL)
		return;
	if (n == 0)
		conf_say(c, "names no place");
	for (size_t i = 0; i < n; i++) {
		struct conf item = conf_is_list(c) ? conf_item(c, i) : *c;

		load_place(l, &item, may, &v[i]);
	}
	*out = (struct places){ v, n };
}
