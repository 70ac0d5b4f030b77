#include "call/shape.h"

size_t
profiles_count(const struct profiles *set)
{
	return set->n;
}

const struct profile *
profiles_at(const struct profiles *set, size_t i)
{
	return &set->profile[i];
}

const struct profile *
profiles_find(const struct profiles *set, struct str provider)
{
	for (size_t i = 0; i < set->n; i++)
		if (str_eq(set->profile[i].name, provider))
			return &set->profile[i];
	return NULL;
}

struct str
profile_name(const struct profile *p)
{
	return p->name;
}

struct str
profile_title(const struct profile *p)
{
	return p->title;
}

struct str
profile_credits_unit(const struct profile *p)
{
	return p->credits_unit;
}

struct str
profile_source_text(const struct profile *p)
{
	return p->source_text;
}

const struct profile_api *
profile_api(const struct profile *p)
{
	return p->api;
}

const struct type_entry *
profile_type(const struct profile *p, struct str type)
{
	for (size_t i = 0; i < p->n_types; i++)
		if (str_eq(p->type[i].name, type))
			return &p->type[i];
	return NULL;
}

uint16_t
profile_stage(const struct profile *p, struct str type)
{
	const struct type_entry *t = profile_type(p, type);

	return t != NULL ? t->stage : p->stages;
}

/* True when raw is key, or with dots allowed, key and a dot and anything. */
static bool
status_fits(const struct status_entry *s, struct str raw)
{
	if (!s->prefix)
		return raw.n == s->key.n && str_eq_nocase(raw, s->key);
	return raw.n >= s->key.n &&
	    (raw.n == s->key.n || raw.p[s->key.n] == '.') &&
	    str_eq_nocase((struct str){ raw.p, s->key.n }, s->key);
}

const struct status_entry *
profile_status(const struct profile *p, struct str raw)
{
	for (size_t i = 0; i < p->n_status; i++)
		if (status_fits(&p->status[i], raw))
			return &p->status[i];
	return NULL;
}

struct str
profile_sentiment(const struct profile *p, struct str raw)
{
	for (size_t i = 0; i < p->n_sentiment; i++)
		if (str_eq_nocase(raw, p->sentiment[i].key))
			return p->sentiment[i].value;
	return STR("unknown");
}

bool
type_fits(struct str pattern, struct str type)
{
	struct str stem = pattern;

	if (!str_ends(pattern, STR(".*")))
		return str_eq(pattern, type);
	stem.n -= 2;
	return str_starts(type, stem) &&
	    (type.n == stem.n || type.p[stem.n] == '.');
}
