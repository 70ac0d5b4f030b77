/*
 * The fold: a function of the set of events, whatever their order, and the
 * one that the contract tells, which is written here once more, another way:
 * not event after event, but field after field.
 */
#include "property.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "call/differ.h"
#include "call/fold.h"

enum { EVENTS_MOST = 12, KEYS = 6 };

/* Names in byte order of what they spell, as canonical JSON writes them. */
static const char *const key_name[KEYS] = {
	"\\u001f", "\\\"", "A", "\\\\", "a", "\xc3\xa4",
};
static const char *const key_value[] = {
	"1", "2.5", "\"}\"", "\"\\\"\"", "{\"c\":[\",\"]}", "[{\"d\":2}]", "true",
};

/* An event, and what its insights say key by key. */
struct said {
	struct event *event;
	const char *insight[KEYS];	/* NULL: not said */
};

static const char *
one_of(struct trial *t, const char *const *v, uint32_t n)
{
	return v[rng_below(&t->rng, n)];
}

static struct str
print_insights(struct trial *t, const char *const insight[KEYS])
{
	char *p = trial_alloc(t, 256);
	size_t n = 0;

	for (int k = 0; k < KEYS; k++)
		if (insight[k] != NULL)
			n += (size_t)snprintf(p + n, 256 - n, "%c\"%s\":%s",
			    n == 0 ? '{' : ',', key_name[k], insight[k]);
	n += (size_t)snprintf(p + n, 256 - n, n == 0 ? "{}" : "}");
	return (struct str){ p, n };
}

static struct str
random_insights(struct trial *t, struct said *s)
{
	int sure = (int)rng_below(&t->rng, KEYS);	/* silence is in no event */

	for (int k = 0; k < KEYS; k++)
		if (k == sure || rng_chance(&t->rng, 300))
			s->insight[k] = one_of(t, key_value, COUNT(key_value));
	return print_insights(t, s->insight);
}

/* A few values for each field, so that events collide, tie and contradict. */
static union value
random_value(struct trial *t, enum field f, struct said *s)
{
	static const char *const text[] = { "a", "b", "c" };
	static const char *const list[] = { "[\"x\"]", "[\"y\",{\"z\":[1,2]}]" };
	static const int64_t edge[] = { 0, 1, 2, INT64_MAX };

	switch (field_info[f].type) {
	case TYPE_LIST:
		return (union value){ .text = str_of(one_of(t, list, 2)) };
	case TYPE_MAP:
		return (union value){ .text = random_insights(t, s) };
	case TYPE_BOOL:
		return (union value){ .num = rng_below(&t->rng, 2) };
	case TYPE_TIME:
		return (union value){ .num = TIME_MIN + rng_below(&t->rng, 5) };
	case TYPE_MS:
	case TYPE_MICRO:
	case TYPE_COUNT:
		return (union value){ .num = edge[rng_below(&t->rng, 4)] };
	default:
		return (union value){ .text = str_of(one_of(t, text, 3)) };
	}
}

/* Most fields silent, few times, stages and outcomes, and identities that begin alike. */
static void
random_event(struct trial *t, struct said *s)
{
	static const char *const status[] = { "s1", "s2", "s3" };
	uint32_t stated = (uint32_t)(rng_next(&t->rng) & rng_next(&t->rng)) &
	    ((UINT32_C(1) << FIELD_COUNT) - 1);
	struct event *e = event_alloc(&t->arena, stated);
	size_t at = 0;

	*s = (struct said){ .event = e };
	for (size_t i = rng_below(&t->rng, 2) * 8; i < sizeof(e->identity.b); i++)
		e->identity.b[i] = (unsigned char)rng_next(&t->rng);
	e->provider = STR("p");
	e->call_id = STR("c");
	e->kind = (uint8_t)rng_below(&t->rng, KIND_COUNT);
	e->time_us = rng_chance(&t->rng, 250) ? TIME_NONE :
	    TIME_MIN + rng_below(&t->rng, 4);
	e->stage = (uint16_t)rng_below(&t->rng, 3);
	e->outcome = (uint8_t)rng_below(&t->rng, OUTCOME_COUNT);
	if (e->outcome != OUTCOME_NONE)
		e->status = str_of(one_of(t, status, 3));
	for (enum field f = 0; f < FIELD_COUNT; f++)
		if (event_states(e, f))
			e->v[at++] = random_value(t, f, s);
}

/* ---- the contract once more ---- */

static int
level_of(const struct event *e)
{
	return e->kind == KIND_OVERRIDE ? 2 : e->kind == KIND_DISPATCH ? 0 : 1;
}

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* True when a stands behind b. */
static bool
is_later(const struct event *a, const struct event *b)
{
	int c = compare(level_of(a), level_of(b));

	if (c == 0)
		c = compare(a->time_us, b->time_us);
	if (c == 0)
		c = compare(a->stage, b->stage);
	if (c == 0)
		c = compare(outcome_rank((enum outcome)a->outcome),
		    outcome_rank((enum outcome)b->outcome));
	if (c == 0)
		c = memcmp(a->identity.b, b->identity.b, sizeof(a->identity.b));
	return c > 0;
}

/* How good an event is for the outcome: terminal ones before ranks. */
static int
outcome_class(const struct event *e)
{
	enum outcome o = (enum outcome)e->outcome;

	return outcome_terminal(o) ? 10 : outcome_rank(o);
}

static void
model_outcome(const struct said *s, size_t n, struct call *c)
{
	const struct event *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct event *e = s[i].event;
		int d = e->outcome == OUTCOME_NONE ? -1 : best == NULL ? 1 :
		    outcome_class(e) - outcome_class(best);

		if (d > 0 || (d == 0 && is_later(e, best)))
			best = e;
	}
	c->outcome = best != NULL ? (enum outcome)best->outcome : OUTCOME_OTHER;
	c->status = best != NULL ? best->status : (struct str){ NULL, 0 };
}

/* Whether e's value of f is to be taken rather than has's. */
static bool
is_better(enum field f, const struct event *e, const struct event *has)
{
	int64_t is = event_value(e, f)->num, was = event_value(has, f)->num;

	switch (field_info[f].merge) {
	case MERGE_EARLIEST:
		return is < was;
	case MERGE_LATEST:
	case MERGE_GREATEST:
		return is > was;
	case MERGE_POSITIVE:
		return (is > 0) != (was > 0) ? is > 0 : is_later(e, has);
	default:
		return is_later(e, has);
	}
}

static void
model_field(const struct said *s, size_t n, enum field f, struct call *c)
{
	const struct event *best = NULL;

	if (field_info[f].merge == MERGE_NONE)
		return;
	for (size_t i = 0; i < n; i++)
		if (event_states(s[i].event, f) &&
		    (best == NULL || is_better(f, s[i].event, best)))
			best = s[i].event;
	if (best == NULL)
		return;
	c->v[f] = *event_value(best, f);
	c->stated |= UINT32_C(1) << f;
}

static void
model_insights(struct trial *t, const struct said *s, size_t n, struct call *c)
{
	const char *insight[KEYS] = { NULL };

	for (int k = 0; k < KEYS; k++) {
		const struct event *best = NULL;

		for (size_t i = 0; i < n; i++)
			if (s[i].insight[k] != NULL &&
			    (best == NULL || is_later(s[i].event, best))) {
				best = s[i].event;
				insight[k] = s[i].insight[k];
			}
	}
	if ((c->stated >> FIELD_INSIGHTS & 1u) != 0)
		c->v[FIELD_INSIGHTS].text = print_insights(t, insight);
}

static void
model_times(const struct said *s, size_t n, struct call *c)
{
	c->first_event_us = c->last_event_us = TIME_NONE;
	for (size_t i = 0; i < n; i++) {
		const struct event *e = s[i].event;

		if (e->kind != KIND_WEBHOOK && e->kind != KIND_DISPATCH)
			continue;
		c->events++;
		if (e->time_us == TIME_NONE)
			continue;
		if (e->time_us > c->last_event_us)
			c->last_event_us = e->time_us;
		if (c->first_event_us == TIME_NONE || e->time_us < c->first_event_us)
			c->first_event_us = e->time_us;
	}
}

static struct call
model(struct trial *t, const struct said *s, size_t n)
{
	struct call c = { .events = 0 };

	model_outcome(s, n, &c);
	model_times(s, n, &c);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		model_field(s, n, f, &c);
	model_insights(t, s, n, &c);
	return c;
}

/* ---- properties ---- */

static const char *
first_difference(uint64_t diff)
{
	return diff == 0 ? "nothing" : call_part_name[__builtin_ctzll(diff)];
}

static bool
fold_is_what_the_contract_says_in_any_order(struct trial *t)
{
	size_t n = 1 + rng_below(&t->rng, EVENTS_MOST);
	struct said said[EVENTS_MOST];
	const struct event *e[EVENTS_MOST];
	struct err err = ERR_INIT;
	struct call want, is;
	uint64_t diff;

	for (size_t i = 0; i < n; i++) {
		random_event(t, &said[i]);
		e[i] = said[i].event;
	}
	want = model(t, said, n);
	for (int times = 0; times < 3; times++) {
		trial_shuffle(t, e, n, sizeof(*e));
		CHECK(t, fold(e, n, &t->arena, &is, &err), "%s", err.text);
		diff = call_diff(&want, &is);
		CHECK(t, diff == 0 && is.stated == want.stated, "%s differs",
		    first_difference(diff));
	}
	return true;
}

/* An event that states nothing and is first in the order moves the count alone. */
static bool
silence_changes_nothing(struct trial *t)
{
	size_t n = 1 + rng_below(&t->rng, EVENTS_MOST - 1);
	const struct event *e[EVENTS_MOST];
	struct said said;
	struct err err = ERR_INIT;
	struct call without, with;
	uint64_t diff;

	for (size_t i = 0; i < n; i++) {
		random_event(t, &said);
		e[i] = said.event;
	}
	CHECK(t, fold(e, n, &t->arena, &without, &err), "%s", err.text);
	random_event(t, &said);
	said.event->outcome = OUTCOME_NONE;
	said.event->stated = 0;
	said.event->kind = KIND_DETAIL;
	e[n] = said.event;
	CHECK(t, fold(e, n + 1, &t->arena, &with, &err), "%s", err.text);
	diff = call_diff(&without, &with);
	CHECK(t, diff == 0, "%s differs", first_difference(diff));
	return true;
}

const struct property fold_properties[] = {
	{ "the fold is what the contract says, in any order",
	    fold_is_what_the_contract_says_in_any_order, 1 },
	{ "silence changes nothing", silence_changes_nothing, 1 },
	{ NULL, NULL, 1 },
};
