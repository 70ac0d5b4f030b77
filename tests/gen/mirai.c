/*
 * mirai: the calls of MiraiMinds. One call id may be dialled several times;
 * the assistant is only in the dispatch log; analysis, credits and report
 * come apart from the call's end, in some bodies under `event` again.
 */
#include "call.h"

#include <stdio.h>

enum type { DISPATCH, INITIATE, IN_PROGRESS, ENDED, STATUS, END_OF_CALL, LIFECYCLE, ACTION };

/* Fixed type names; STATUS is "call." and what it ends with. */
static const char *const type_names[] = { NULL, "call.initiate", "call.in-progress",
	"call.ended", NULL, "end-of-call", "call.lifecycle-ended", "action" };

enum quirk {
	QUIRK_STRINGS = 1,	/* numbers and booleans in strings */
	QUIRK_REPEATED = 2,	/* keys repeated, the later ones wrong */
	QUIRK_ZERO_TIME = 4	/* a year 1 for "not yet" */
};

/* Where call, analysis, credits and report stand. */
enum echo { ECHO_NONE, ECHO_FULL, ECHO_SPLIT, ECHO_STALE };
enum part { PART_CALL = 1, PART_ANALYSIS = 2, PART_CREDITS = 4, PART_REPORT = 8, PART_ALL = 15 };

/* How an attempt, or the whole call, ends. */
static const struct ending {
	const char *status;
	const char *outcome;
	unsigned weight;
	bool answered;
	bool redial;		/* earlier attempts may have failed before it */
	bool terminal;
} endings[] = {
	{ "completed", "completed", 460, true, true, true },
	{ "timeout", "timeout", 30, true, true, true },
	{ "rescheduled", "rescheduled", 50, true, true, true },
	{ "no-answer", "no_answer", 160, false, true, true },
	{ "busy", "busy", 70, false, true, true },
	{ "failed", "failed", 50, false, true, true },
	{ "aborted", "aborted", 30, false, true, true },
	{ "validation-failed", "invalid", 35, false, false, true },
	{ "skip", "skipped", 35, false, false, true },
	{ "ended", "ended", 25, true, true, false },
	{ "in-progress", "in_progress", 20, true, true, false },
	{ "initiate", "queued", 20, false, false, false },
	{ "paused", "other", 8, false, false, false },
	{ NULL, "queued", 7, false, false, false },	/* the dispatch log alone knows it */
};

enum { RETRY_FROM = 2, RETRY_COUNT = 4 };	/* rescheduled ... failed */

/* A call while it is invented. */
struct life {
	struct call *c;
	struct rng *r;
	const struct ending *end;	/* of the attempt */
	int64_t dial_us;
	int64_t start_us;
	int64_t end_us;
	int64_t duration_ms;
	int attempt;
	int reattempts;
	int reschedules;
};

static enum echo
echo_of(const struct call *c)
{
	uint64_t x = call_number(c, 1) % 100;

	return x < 60 ? ECHO_NONE : x < 85 ? ECHO_FULL : x < 93 ? ECHO_SPLIT : ECHO_STALE;
}

/* The metadata of the request come back in each message. */
static bool
echoes_metadata(const struct call *c)
{
	return call_number(c, 2) % 100 < 60;
}

static bool
has_detail_url(const struct call *c)
{
	return call_number(c, 3) % 100 < 70;
}

void
mirai_detail_url(const struct call *c, char url[160])
{
	snprintf(url, 160, "https://voice.example.com/calls/%s", c->id);
}

bool
mirai_is_dispatch(const struct event *e)
{
	return e->type == DISPATCH;
}

/* A webhook; settled: its status makes endedAt the event's time. */
static struct event *
say(struct life *l, enum type type, const char *status, bool settled, int64_t sent_us)
{
	struct call *c = l->c;
	int64_t start_us = l->start_us, end_us = settled ? l->end_us : TIME_NONE;
	struct event *e = call_say(c, (int)type, status,
	    end_us != TIME_NONE ? end_us : start_us, sent_us + latency_us(l->r));

	e->start_us = start_us;
	e->end_us = end_us;
	e->attempt = l->attempt;
	call_began(c, start_us);
	call_ended(c, end_us);
	c->truth.direction = true;
	c->truth.detail_url = has_detail_url(c);
	if (echoes_metadata(c) && c->echoed_campaign != NOT_STATED)
		c->truth.campaign = c->echoed_campaign;
	return e;
}

/* A duration of zero does not take back an earlier one. */
static void
state_duration(struct call *c, struct event *e, int64_t ms)
{
	e->duration_ms = ms;
	if (ms > 0 || c->truth.duration_ms == NOT_STATED)
		c->truth.duration_ms = ms;
}

/* As with durations. */
static void
state_credits(struct call *c, struct event *e, int64_t micro)
{
	e->says |= SAYS_CREDITS;
	e->credits_micro = micro;
	if (micro > 0 || c->truth.credits_micro == NOT_STATED)
		c->truth.credits_micro = micro;
}

/* The counts only grow in the life of a call. */
static void
state_report(struct life *l, struct event *e)
{
	e->says |= SAYS_REPORT;
	e->reattempts = l->c->truth.reattempts = l->reattempts;
	e->reschedules = l->c->truth.reschedules = l->reschedules;
}

static void
state_recording(struct life *l, struct event *e)
{
	e->says |= SAYS_RECORDING;
	l->c->truth.recording = l->attempt;
}

/* When the attempt was over, also where no message says so. */
static int64_t
over_us(const struct life *l)
{
	return l->end_us != TIME_NONE ? l->end_us : l->dial_us;
}

/* The line of the dispatch log. */
static void
dispatch(struct life *l)
{
	struct call *c = l->c;
	int64_t us = l->dial_us - rng_span(l->r, 2, 900) * SECOND_US;

	call_say(c, DISPATCH, "initiate", us, us + latency_us(l->r));
	call_reach(c, "queued", "initiate");
	c->truth.assistant = c->assistant;
	c->truth.campaign = c->campaign;
	c->truth.workspace = c->assistant % WORKSPACES;
	c->truth.direction = c->truth.numbers = true;
}

/* call.initiate; the first one mostly knows no time yet. */
static void
initiate(struct life *l)
{
	int64_t start_us = l->start_us;

	l->start_us = l->attempt == 0 && rng_chance(l->r, 600) ? TIME_NONE : l->dial_us;
	say(l, INITIATE, "initiate", false, l->dial_us);
	call_reach(l->c, "queued", "initiate");
	l->start_us = start_us;
}

/* The status, left out now and then: the type says it too. */
static const char *
maybe(struct life *l, const char *status)
{
	return rng_chance(l->r, 30) ? NULL : status;
}

static void
in_progress(struct life *l)
{
	say(l, IN_PROGRESS, maybe(l, "in-progress"), false, l->start_us);
	call_reach(l->c, "in_progress", "in-progress");
}

/* call.ended: its duration is absent, zero or rough. */
static void
ended(struct life *l)
{
	struct event *e = say(l, ENDED, maybe(l, "ended"), true, l->end_us);
	uint32_t kind = rng_below(l->r, 3);

	call_reach(l->c, "ended", "ended");
	if (kind > 0)
		state_duration(l->c, e, kind == 1 ? 0 : l->duration_ms / 1000 * 1000);
}

/* An action during the call that names the call. */
static void
action(struct life *l)
{
	int64_t start_us = l->start_us;

	l->start_us = TIME_NONE;
	say(l, ACTION, NULL, false, start_us + 20 * SECOND_US);
	l->start_us = start_us;
}

/* The event of the terminal status. */
static void
conclude(struct life *l)
{
	struct event *e = say(l, STATUS, maybe(l, l->end->status), true,
	    over_us(l) + rng_span(l->r, 2, 60) * SECOND_US);

	e->name = l->end->status;
	call_settle(l->c, l->end->outcome, l->end->status);
	if (!l->end->answered) {
		if (rng_chance(l->r, 400))
			state_duration(l->c, e, 0);
		return;
	}
	state_duration(l->c, e, l->duration_ms);
	state_recording(l, e);
	if (l->end->outcome[0] == 'r' && rng_chance(l->r, 300))
		state_report(l, e);
}

/* The sentiment stands in the analysis or among the insights. */
static struct analysis
draw_analysis(struct rng *r)
{
	const unsigned ratings = 1u << INSIGHT_AGENT_RATING | 1u << INSIGHT_CALL_RATING;
	const unsigned sentiment = 1u << INSIGHT_SENTIMENT;
	struct analysis a = analysis_draw(r, ~(ratings | sentiment));

	if (a.sentiment != NOT_STATED && rng_chance(r, 700))
		a.insights |= sentiment;
	return a;
}

/* end-of-call: analysis and credits, some weeks late. */
static void
end_of_call(struct life *l, const char *status)
{
	int64_t wait_us = rng_span(l->r, 20, 180) * SECOND_US;
	struct event *e = say(l, END_OF_CALL, status, true,
	    l->end_us + (l->c->late ? late_us(l->r) : wait_us));

	e->says |= SAYS_ANALYSIS;
	e->analysis = draw_analysis(l->r);
	call_analyzed(l->c, &e->analysis);
	if (rng_chance(l->r, 700))
		state_duration(l->c, e, l->duration_ms);
	if (rng_chance(l->r, 950))
		state_credits(l->c, e, l->duration_ms * 25);
	if (rng_chance(l->r, 500))
		state_recording(l, e);
}

/* An attempt that somebody answers. */
static void
answered(struct life *l)
{
	const char *status = l->end->status;
	bool on_the_way = !l->end->terminal, analysed = rng_chance(l->r, 900);

	if (rng_chance(l->r, l->attempt == 0 ? 900 : 500))
		initiate(l);
	if (on_the_way && status[0] == 'i') {
		in_progress(l);
		return;
	}
	if (rng_chance(l->r, 920))
		in_progress(l);
	if (rng_chance(l->r, 50))
		action(l);
	if (on_the_way || rng_chance(l->r, 900))
		ended(l);
	if (on_the_way)
		status = "ended";
	else if (!analysed || rng_chance(l->r, 960))
		conclude(l);
	else
		call_settle(l->c, l->end->outcome, status);	/* end-of-call says it */
	if (analysed)
		end_of_call(l, l->c->truth.recording == l->attempt && rng_chance(l->r, 200) ?
		    "ended" : status);
}

/* An attempt that nobody answers, or that is never made. */
static void
unanswered(struct life *l)
{
	bool never = l->end->status[0] == 's' || l->end->status[0] == 'v';

	if (never)
		l->start_us = l->end_us = TIME_NONE;
	if (!never && rng_chance(l->r, l->attempt == 0 ? 900 : 500))
		initiate(l);
	if (l->end->status[0] == 'a' && rng_chance(l->r, 500))
		l->start_us = TIME_NONE;
	conclude(l);
}

/* A status that nobody knows; any that is known says more. */
static void
unheard_of(struct life *l)
{
	struct event *e = say(l, STATUS, l->end->status, false, l->dial_us);

	e->name = l->end->status;
	if (l->c->truth.status == NULL)
		call_reach(l->c, l->end->outcome, l->end->status);
}

/* The times of an attempt. */
static void
draw_times(struct life *l)
{
	int64_t ring_us = rng_span(l->r, 3, 28) * SECOND_US;
	int64_t s = l->end->status[0] == 't' ? 600 : rng_span(l->r, 4, 70) * rng_span(l->r, 1, 7);
	int64_t quarters = rng_chance(l->r, 150) ? rng_span(l->r, 1, 3) : 0;

	l->duration_ms = l->end->answered ? s * 1000 + quarters * 250 : 0;
	l->start_us = l->end->answered ? l->dial_us + ring_us : l->dial_us;
	l->end_us = l->end->answered ? l->start_us + (s + (quarters > 0)) * SECOND_US :
	    l->dial_us + ring_us;
}

/* One dial, from its initiate to its end. */
static void
attempt(struct life *l, const struct ending *end)
{
	l->end = end;
	if (end->status == NULL)
		return;
	draw_times(l);
	if (end->outcome[0] == 'r')
		l->reschedules++;
	if (end->answered)
		answered(l);
	else if (end->terminal)
		unanswered(l);
	else if (end->outcome[0] == 'q')
		initiate(l);
	else
		unheard_of(l);
}

/* Dials that failed before the last one. */
static void
earlier_attempts(struct life *l)
{
	uint32_t n = rng_chance(l->r, 300) ? 1 + (uint32_t)rng_chance(l->r, 280) : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct ending *end = &endings[RETRY_FROM + rng_below(l->r, RETRY_COUNT)];
		bool again = end->answered;

		attempt(l, end);
		if (!again)
			l->reattempts++;
		l->dial_us = l->end_us + rng_span(l->r, again ? 7200 : 300, again ? 86400 : 3600) *
		    SECOND_US;
		l->attempt++;
	}
}

/* call.lifecycle-ended: the report, and a final status that is the last word. */
static void
lifecycle_ended(struct life *l)
{
	const char *status = l->end->status, *final = status;
	struct event *e = say(l, LIFECYCLE, status, true,
	    over_us(l) + rng_span(l->r, 60, 900) * SECOND_US);

	if (l->reattempts > 0 && l->end->outcome[0] == 'n' && rng_chance(l->r, 150))
		final = "failed";
	if (final != status || rng_chance(l->r, 750))
		e->final = final;
	if (final != status)
		call_settle(l->c, "failed", "failed");
	state_report(l, e);
	if (rng_chance(l->r, 500))
		state_duration(l->c, e, l->duration_ms);
	if (!l->end->answered && rng_chance(l->r, 400))
		state_credits(l->c, e, 0);
	else if (l->end->answered && rng_chance(l->r, 150))
		state_credits(l->c, e, l->duration_ms * 25);
}

/* How this call's messages are spelt. */
static void
draw_quirks(struct call *c, struct rng *r)
{
	static const unsigned style_weight[TIME_STYLES] = { 860, 60, 0, 40, 15, 10, 15 };

	c->times = (enum time_style)rng_weighted(r, style_weight, TIME_STYLES);
	c->quirks = (rng_chance(r, 15) ? QUIRK_STRINGS : 0u) |
	    (rng_chance(r, 10) ? QUIRK_REPEATED : 0u) |
	    (rng_chance(r, 15) ? QUIRK_ZERO_TIME : 0u);
	c->spelling = (rng_chance(r, 80) ? SPELL_ASCII : 0u) |
	    (rng_chance(r, 4) ? SPELL_BROKEN : rng_chance(r, 4) ? SPELL_NUL : 0u);
	if (c->campaign != NOT_STATED && rng_chance(r, 20))
		c->echoed_campaign = (c->campaign + 1) % CAMPAIGNS;
}

/* Id and number of the call. */
static void
draw_names(struct call *c, struct rng *r)
{
	unsigned long long x = mix64(c->number + c->world->seed * 1000003);

	if (rng_chance(r, 700))
		snprintf(c->id, sizeof(c->id), "call_%016llx", x);
	else
		snprintf(c->id, sizeof(c->id), "c_%08llx-%04llx-%04llx", x >> 32,
		    x >> 16 & 0xffff, x & 0xffff);
	snprintf(c->to, sizeof(c->to), "+9199999%05u", rng_below(r, 100000));
	c->from[0] = '\0';
}

static const struct ending *
draw_ending(struct rng *r)
{
	unsigned weight[COUNT(endings)];

	for (size_t i = 0; i < COUNT(endings); i++)
		weight[i] = endings[i].weight;
	return &endings[rng_weighted(r, weight, COUNT(endings))];
}

void
mirai_plan(struct call *c, struct rng *r)
{
	struct life l = { .c = c, .r = r, .dial_us = c->at_us };
	const struct ending *end = draw_ending(r);

	l.start_us = l.end_us = TIME_NONE;
	draw_names(c, r);
	draw_quirks(c, r);
	if (end->status == NULL || rng_chance(r, 940))
		dispatch(&l);
	if (end->redial)
		earlier_attempts(&l);
	attempt(&l, end);
	if (end->terminal && end->outcome[0] != 'r' && rng_chance(r, 850))
		lifecycle_ended(&l);
}

/* A number, in a string where the quirk says so. */
static void
json_number(struct text *t, const char *key, const struct call *c, int64_t value,
    unsigned places)
{
	struct text raw = { 0 };

	if ((c->quirks & QUIRK_STRINGS) == 0) {
		json_decimal(t, key, value, places);
		return;
	}
	text_decimal(&raw, value, places);
	json_strn(t, key, raw.p, raw.n);
	text_free(&raw);
}

/* What a shop keeps with an order. */
static void
write_order(const struct call *c, struct text *t)
{
	uint64_t x = call_number(c, 7);

	json_open(t, "order", '{');
	json_int(t, "ref", (int64_t)(x % 100000000));
	json_str(t, "store", "https://shop.example.com/in/hi");
	json_str(t, "item", words_product(x));
	json_decimal(t, "total", (int64_t)(x % 900000) + 9900, 2);
	json_str(t, "currency", "INR");
	json_str(t, "ship_to", words_city(x));
	json_raw(t, "tags", "[\"cart\",\"returning customer\",\"cod, prepaid\"]");
	json_close(t, '}');
}

/* Metadata that the request carries and the messages may echo. */
static void
write_metadata(const struct call *c, int campaign, struct text *t)
{
	static const char *const keys[] = { "campaign", "campaign_id", "campaignId" };
	char id[ID_MAX];

	json_open(t, "metadata", '{');
	json_int(t, "customer_id", (int64_t)(call_number(c, 4) % 1000000));
	json_str(t, "customer", words_person(call_number(c, 5)));
	if (campaign != NOT_STATED) {
		words_campaign_id(id, MIRAI, campaign);
		json_str(t, keys[c->seed % 3], id);
	}
	json_str(t, "source", "shopify");
	write_order(c, t);
	json_close(t, '}');
}

/* The cart that the assistant talks about. */
static void
write_payload(const struct call *c, struct text *t)
{
	uint64_t x = call_number(c, 6);

	json_open(t, "payload", '{');
	json_key(t, "id");
	text_puts(t, "\"gid://shopify/AbandonedCheckout/");
	text_int(t, (int64_t)(x >> 20));
	text_char(t, '"');
	json_str(t, "abandonedCheckoutUrl",
	    "https://shop.example.com/checkouts/ac/recover?key=sample_recovery_key&locale=en-IN");
	json_open(t, "customer", '{');
	json_str(t, "firstName", words_person(call_number(c, 5)));
	json_nothing(t, "email");
	json_str(t, "phone", c->to);
	json_close(t, '}');
	json_raw(t, "discountCodes", "[]");
	json_raw(t, "totalPriceSet", "{\"shopMoney\":{\"amount\":\"1895.0\"}}");
	json_raw(t, "taxLines", "[{\"rate\":0.05,\"ratePercentage\":5,\"source\":null,"
	    "\"title\":\"IGST\",\"price\":\"90.24\"}]");
	json_open(t, "lineItems", '[');
	json_open(t, NULL, '{');
	json_str(t, "title", words_product(x));
	json_int(t, "quantity", (int64_t)(x % 4) + 1);
	json_close(t, '}');
	json_close(t, ']');
	json_open(t, "shippingAddress", '{');
	json_str(t, "city", words_city(x));
	json_str(t, "country", "India");
	json_close(t, '}');
	json_close(t, '}');
}

/* A line of the dispatch log. */
static void
write_dispatch(const struct call *c, const struct event *e, struct text *t)
{
	char id[ID_MAX];

	words_assistant_id(id, MIRAI, c->assistant);
	json_open(t, NULL, '{');
	json_time(t, "sentAt", e->at_us, TIME_MILLI);
	json_str(t, "workspace", words_workspace(c->assistant % WORKSPACES));
	json_open(t, "request", '{');
	json_str(t, "phoneNumber", c->to);
	json_str(t, "assistant", id);
	write_payload(c, t);
	write_metadata(c, c->campaign, t);
	json_bool(t, "priority", c->seed % 10 == 0);
	json_str(t, "callbackUrl", "https://hooks.example.com/webhooks/call-events");
	json_close(t, '}');
	json_open(t, "response", '{');
	json_str(t, "status", e->status);
	json_str(t, "callId", c->id);
	json_close(t, '}');
	json_close(t, '}');
}

/* endedAt: null until the end, with the quirk a year that is none. */
static void
write_end(const struct call *c, const struct event *e, struct text *t)
{
	if (e->end_us == TIME_NONE && (c->quirks & QUIRK_ZERO_TIME))
		json_str(t, "endedAt", "0001-01-01T00:00:00Z");
	else
		json_time(t, "endedAt", e->end_us, c->times);
}

static void
write_urls(const struct call *c, const struct event *e, struct text *t)
{
	char url[160];

	call_recording_url(c, e->attempt, url);
	json_str(t, "recordingUrl", e->says & SAYS_RECORDING ? url : NULL);
	mirai_detail_url(c, url);
	if (has_detail_url(c))
		json_str(t, "detailUrl", url);
}

static void
write_duration(const struct call *c, const struct event *e, bool stale, struct text *t)
{
	if (e->duration_ms == NOT_STATED)
		json_nothing(t, "durationSeconds");
	else
		json_number(t, "durationSeconds", c, stale ? 45000 : e->duration_ms, 3);
}

/* Stale: contradicts what the other copy states, and states nothing else. */
static void
write_call(const struct call *c, const struct event *e, bool stale, struct text *t)
{
	json_open(t, "call", '{');
	json_str(t, "id", c->id);
	if (e->type != ACTION) {
		json_str(t, "status", stale && e->status != NULL ? "initiate" : e->status);
		json_time(t, "startedAt", e->start_us, c->times);
		write_end(c, e, t);
		write_urls(c, e, t);
		write_duration(c, e, stale, t);
	}
	if ((c->quirks & QUIRK_REPEATED) && e->status != NULL)
		json_str(t, "status", "failed");
	if ((c->quirks & QUIRK_REPEATED) && e->duration_ms != NOT_STATED)
		json_int(t, "durationSeconds", 9999);
	json_close(t, '}');
}

/* Silence in one of its forms, or the actions that are due. */
static void
write_actions(const struct analysis *a, struct text *t)
{
	if (a->actions == 0 && a->seed % 3 == 0)
		return;
	json_open(t, "requiredActions", '[');
	for (unsigned i = 0; i < ACTIONS; i++)
		if (a->actions >> i & 1)
			json_str(t, NULL, action_names[i]);
	json_close(t, ']');
}

static void
write_success(const struct call *c, const struct analysis *a, bool stale, struct text *t)
{
	bool success = (a->success == 1) != stale;

	if (a->success == NOT_STATED)
		json_nothing(t, "success");
	else if (c->quirks & QUIRK_STRINGS)
		json_str(t, "success", success ? "true" : "false");
	else
		json_bool(t, "success", success);
}

static void
write_analysis(const struct call *c, const struct event *e, bool stale, struct text *t)
{
	static const char *const raw[] = { "positive", "neutral", "negative", "mixed" };
	const struct analysis *a = &e->analysis;

	json_open(t, "analysis", '{');
	write_success(c, a, stale, t);
	if (!a->summary)
		json_str(t, "summary", a->seed % 2 ? "" : NULL);
	else if (stale)
		json_str(t, "summary", "User expressed interest but requested a callback later.");
	else
		json_summary(t, "summary", c, a->seed);
	write_actions(a, t);
	json_open(t, "insights", '{');
	json_insights(t, a, ~0u);
	json_close(t, '}');
	if (a->sentiment != NOT_STATED && !(a->insights >> INSIGHT_SENTIMENT & 1))
		json_str(t, "sentiment", raw[a->sentiment]);
	json_close(t, '}');
}

/*
 * The balance falls with time alone, so that messages of the same second
 * agree on it.
 */
static int64_t
balance_cents(const struct call *c, const struct event *e)
{
	int64_t at_us = e->at_us == TIME_NONE ? c->at_us : e->at_us;
	int64_t cents = 90000000 - (at_us - c->world->start_us) / SECOND_US / 4;

	return cents > 0 ? cents : 0;
}

static void
write_credits(const struct call *c, const struct event *e, bool stale, struct text *t)
{
	json_open(t, "credits", '{');
	json_number(t, "used", c, stale ? 123 * SECOND_US : e->credits_micro, 6);
	json_number(t, "available", c, balance_cents(c, e), 2);
	json_close(t, '}');
}

static void
write_report(const struct event *e, bool stale, struct text *t)
{
	json_open(t, "report", '{');
	json_int(t, "reAttemptCount", stale ? 123 : e->reattempts);
	json_int(t, "rescheduledCount", stale ? 123 : e->reschedules);
	if (e->final != NULL)
		json_str(t, "finalStatus", e->final);
	json_close(t, '}');
}

/* Those of the wanted parts that the event has. */
static void
write_parts(const struct call *c, const struct event *e, unsigned parts, bool stale,
    struct text *t)
{
	if (parts & PART_CALL)
		write_call(c, e, stale, t);
	if ((parts & PART_ANALYSIS) && (e->says & SAYS_ANALYSIS))
		write_analysis(c, e, stale, t);
	if ((parts & PART_CREDITS) && (e->says & SAYS_CREDITS))
		write_credits(c, e, stale, t);
	if ((parts & PART_REPORT) && (e->says & SAYS_REPORT))
		write_report(e, stale, t);
}

/* What an action asks for; never the same twice in a call. */
static void
write_action(const struct call *c, const struct event *e, struct text *t)
{
	json_str(t, "action", c->seed % 2 ? "create-order" : "send-whatsapp");
	json_open(t, "payload", '{');
	json_str(t, "phone", c->to);
	json_str(t, "paymentMode", "cod");
	json_decimal(t, "cartTotal", (int64_t)(c->seed % 90000) + 1000 + e->attempt, 2);
	json_close(t, '}');
}

static void
write_type(const struct event *e, struct text *t)
{
	char name[40];

	snprintf(name, sizeof(name), "call.%s", e->type == STATUS ? e->name : "");
	json_str(t, "type", e->type == STATUS ? name : type_names[e->type]);
}

/* `data`, then what stands under `event` again or instead. */
static void
write_event(const struct call *c, const struct event *e, struct text *t)
{
	enum echo echo = echo_of(c);
	unsigned inside = echo == ECHO_SPLIT ? PART_CALL | PART_ANALYSIS : PART_ALL;
	unsigned outside = echo == ECHO_NONE ? 0 : echo == ECHO_SPLIT ?
	    PART_CREDITS | PART_REPORT : PART_ALL;

	json_open(t, "event", '{');
	write_type(e, t);
	json_open(t, "data", '{');
	write_parts(c, e, inside, false, t);
	if (e->type == ACTION)
		write_action(c, e, t);
	json_close(t, '}');
	write_parts(c, e, outside, echo == ECHO_STALE, t);
	json_close(t, '}');
}

void
mirai_write(const struct call *c, const struct event *e, unsigned copy, struct text *t)
{
	(void)copy;	/* a retry is the same to the byte */
	if (e->type == DISPATCH) {
		write_dispatch(c, e, t);
		return;
	}
	json_open(t, NULL, '{');
	if (echoes_metadata(c))
		write_metadata(c, c->echoed_campaign, t);
	write_event(c, e, t);
	json_close(t, '}');
}
