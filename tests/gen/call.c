#include "call.h"

#include <stdio.h>
#include <string.h>

/* Purposes of random streams. */
enum { STREAM_PLAN = 1, STREAM_OWN = 100 };

const char *const provider_names[PROVIDERS] = { "miraiminds", "whippy", "minivoice" };
const char *const sentiment_names[SENTIMENTS] = { "positive", "neutral", "negative",
	"unknown" };
const char *const action_names[ACTIONS] = { "create-order", "send-whatsapp",
	"send-email" };

static const struct {
	void (*plan)(struct call *, struct rng *);
	void (*write)(const struct call *, const struct event *, unsigned copy,
	    struct text *);
} provider_code[PROVIDERS] = {
	{ mirai_plan, mirai_write },
	{ whippy_plan, whippy_write },
	{ mini_plan, mini_write },
};

/* How busy an hour is, by the local time of those who are called. */
static const unsigned hour_weight[24] = {
	1, 1, 0, 0, 0, 1, 3, 8, 20, 38, 46, 44,
	30, 28, 38, 42, 40, 36, 28, 20, 12, 6, 3, 2,
};
/* Monday to Sunday, in permille of the busiest day. */
static const uint32_t day_permille[7] = { 900, 1000, 980, 950, 850, 320, 150 };
/* Offset of those who are called, in minutes: India, New York, Berlin. */
static const int offset_minutes[PROVIDERS] = { 330, -300, 60 };

/* A day of the window; weekends are thin. */
static int64_t
draw_day(const struct world *w, struct rng *r)
{
	int64_t day_us;

	for (int tries = 0; tries < 100; tries++) {
		day_us = w->start_us + rng_span(r, 0, w->days - 1) * DAY_US;
		if (rng_chance(r, day_permille[when_weekday(day_us) - 1]))
			break;
	}
	return day_us;
}

/* A time within the window, to the second, by the hours in which people are called. */
static int64_t
draw_time(const struct world *w, enum provider p, struct rng *r)
{
	int64_t hour = (int64_t)rng_weighted(r, hour_weight, COUNT(hour_weight));
	int64_t of_day = hour * 3600 + rng_below(r, 3600) - offset_minutes[p] * 60;
	int64_t day_us = draw_day(w, r);

	return day_us + (of_day + 86400) % 86400 * SECOND_US;
}

/* An index below n, the first ones more often. */
static int
draw_skewed(struct rng *r, uint32_t n)
{
	uint32_t a = rng_below(r, n), b = rng_below(r, n);

	return (int)(a < b ? a : b);
}

/* Nothing is stated yet. */
static struct truth
truth_none(void)
{
	struct truth t = { .outcome = "other", .voicemail = NOT_STATED };

	t.success = t.sentiment = NOT_STATED;
	t.duration_ms = t.credits_micro = NOT_STATED;
	t.reattempts = t.reschedules = NOT_STATED;
	t.assistant = t.campaign = t.workspace = t.recording = NOT_STATED;
	t.started_us = t.ended_us = TIME_NONE;
	return t;
}

void
call_plan(struct call *c, const struct world *w, uint64_t number)
{
	struct rng r = rng_for(w->seed, number, STREAM_PLAN);

	c->world = w;
	c->number = number;
	c->seed = rng_next(&r);
	c->provider = (enum provider)rng_weighted(&r, w->weight, PROVIDERS);
	c->at_us = draw_time(w, c->provider, &r);
	c->late = rng_chance(&r, w->late_permille);
	c->quirks = c->spelling = 0;
	c->times = TIME_Z;
	c->inbound = false;
	c->assistant = draw_skewed(&r, ASSISTANTS);
	c->campaign = rng_chance(&r, 880) ? draw_skewed(&r, CAMPAIGNS) : NOT_STATED;
	c->echoed_campaign = c->campaign;
	c->events = 0;
	c->truth = truth_none();
	provider_code[c->provider].plan(c, &r);
}

void
call_write(const struct call *c, int i, unsigned copy, struct text *t)
{
	t->spelling = c->spelling;
	provider_code[c->provider].write(c, &c->event[i], copy, t);
	t->spelling = 0;
}

bool
call_is_dispatch(const struct call *c, int i)
{
	return c->provider == MIRAI && mirai_is_dispatch(&c->event[i]);
}

struct event *
call_say(struct call *c, int type, const char *status, int64_t at_us, int64_t sent_us)
{
	struct event *e;

	if (c->events == EVENTS_MAX)
		die("call %llu has too many events", (unsigned long long)c->number);
	e = &c->event[c->events++];
	*e = (struct event){ .type = type, .status = status };
	e->at_us = at_us;
	e->sent_us = sent_us;
	e->start_us = e->end_us = e->receipt_us = TIME_NONE;
	e->duration_ms = e->credits_micro = NOT_STATED;
	return e;
}

void
call_reach(struct call *c, const char *outcome, const char *status)
{
	if (c->truth.settled)
		return;
	c->truth.outcome = outcome;
	c->truth.status = status;
}

void
call_settle(struct call *c, const char *outcome, const char *status)
{
	c->truth.settled = true;
	c->truth.outcome = outcome;
	c->truth.status = status;
}

void
call_began(struct call *c, int64_t us)
{
	if (c->truth.started_us == TIME_NONE)
		c->truth.started_us = us;
}

void
call_ended(struct call *c, int64_t us)
{
	if (us != TIME_NONE)
		c->truth.ended_us = us;
}

struct analysis
analysis_draw(struct rng *r, unsigned insights)
{
	struct analysis a = { .seed = rng_next(r) };

	a.success = rng_chance(r, 950) ? rng_chance(r, 580) : NOT_STATED;
	a.sentiment = rng_chance(r, 800) ? (int)rng_below(r, SENTIMENTS) : NOT_STATED;
	a.summary = rng_chance(r, 930);
	if (rng_chance(r, 250))
		a.actions = rng_below(r, 1u << ACTIONS);
	if (rng_chance(r, 850))
		a.insights = (unsigned)rng_next(r) & (unsigned)rng_next(r) & insights &
		    ((1u << INSIGHTS) - 1);
	return a;
}

/* An insight that says nothing: no analysis is changed by it. */
static void
write_silence(struct text *t, const struct analysis *a)
{
	static const char *const silence[] = { "null", "\"\"", "[]", "{}" };

	if (a->insights >> INSIGHT_NPS & 1 || a->seed % 20 != 0)
		return;
	json_raw(t, words_insight_name(INSIGHT_NPS), silence[a->seed / 20 % COUNT(silence)]);
}

/* The seed of an insight; that of the sentiment picks the analysis's sentiment. */
static uint64_t
insight_seed(const struct analysis *a, enum insight i)
{
	if (i == INSIGHT_SENTIMENT)
		return (uint64_t)a->sentiment;
	return mix64(a->seed + (uint64_t)i);
}

void
call_analyzed(struct call *c, const struct analysis *a)
{
	struct truth *t = &c->truth;

	if (a->success != NOT_STATED)
		t->success = a->success;
	if (a->sentiment != NOT_STATED)
		t->sentiment = a->sentiment;
	if (a->summary) {
		t->summary = true;
		t->summary_seed = a->seed;
	}
	if (a->actions != 0)
		t->actions = a->actions;
	t->insights |= a->insights;
	for (enum insight i = 0; i < INSIGHTS; i++)
		if (a->insights >> i & 1)
			t->insight_seed[i] = insight_seed(a, i);
}

uint64_t
call_number(const struct call *c, uint64_t purpose)
{
	return mix64(c->seed + STREAM_OWN + purpose);
}

int64_t
latency_us(struct rng *r)
{
	return rng_span(r, 150, 3000) * 1000;
}

int64_t
late_us(struct rng *r)
{
	return rng_span(r, 14 * 86400, 35 * 86400) * SECOND_US;
}

void
json_summary(struct text *t, const char *key, const struct call *c, uint64_t seed)
{
	static struct text raw;

	raw.n = 0;
	words_summary(&raw, seed, (c->spelling & (SPELL_BROKEN | SPELL_NUL)) != 0);
	json_strn(t, key, raw.p, raw.n);
}

void
json_insights(struct text *t, const struct analysis *a, unsigned which)
{
	for (enum insight i = 0; i < INSIGHTS; i++)
		if (a->insights & which & 1u << i)
			words_insight(t, i, insight_seed(a, i));
	if (which >> INSIGHT_NPS & 1)
		write_silence(t, a);
}

void
call_recording_url(const struct call *c, int attempt, char url[160])
{
	uint64_t x = call_number(c, 10 + (uint64_t)attempt);

	snprintf(url, 160, "https://recordings.%s.example.com/org_%08x/%016llx/recording.wav",
	    provider_names[c->provider], (unsigned)mix64((uint64_t)c->assistant + 1) & 0xfffffff,
	    (unsigned long long)x);
}
