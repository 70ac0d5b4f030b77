#include "truth.h"

#include <inttypes.h>
#include <string.h>

/* The event's time: what its body states, else its earliest receipt. */
static int64_t
event_time(const struct event *e)
{
	return e->at_us != TIME_NONE ? e->at_us : e->receipt_us;
}

static int64_t
first_event(const struct call *c)
{
	int64_t first_us = TIME_NONE;

	for (int i = 0; i < c->events; i++) {
		int64_t us = event_time(&c->event[i]);

		if (us != TIME_NONE && (first_us == TIME_NONE || us < first_us))
			first_us = us;
	}
	return first_us;
}

static int64_t
last_event(const struct call *c)
{
	int64_t last_us = TIME_NONE;	/* less than any */

	for (int i = 0; i < c->events; i++)
		if (event_time(&c->event[i]) > last_us)
			last_us = event_time(&c->event[i]);
	return last_us;
}

/* A cell for a number that may not be stated. */
static void
put_number(struct text *t, int64_t value)
{
	if (value != NOT_STATED)
		text_int(t, value);
}

static void
put_bool(struct text *t, int value)
{
	if (value != NOT_STATED)
		text_puts(t, value ? "true" : "false");
}

static void
put_provider(struct text *t, const struct call *c)
{
	text_cell(t, provider_names[c->provider]);
}

static void
put_call_id(struct text *t, const struct call *c)
{
	text_cell(t, c->id);
}

static void
put_assistant(struct text *t, const struct call *c)
{
	char id[ID_MAX];

	if (c->truth.assistant == NOT_STATED)
		return;
	words_assistant_id(id, c->provider, c->truth.assistant);
	text_cell(t, id);
}

static void
put_campaign(struct text *t, const struct call *c)
{
	char id[ID_MAX];

	if (c->truth.campaign == NOT_STATED)
		return;
	words_campaign_id(id, c->provider, c->truth.campaign);
	text_cell(t, id);
}

static void
put_outcome(struct text *t, const struct call *c)
{
	text_cell(t, c->truth.outcome);
}

static void
put_voicemail(struct text *t, const struct call *c)
{
	put_bool(t, c->truth.voicemail);
}

static void
put_duration(struct text *t, const struct call *c)
{
	put_number(t, c->truth.duration_ms);
}

static void
put_success(struct text *t, const struct call *c)
{
	put_bool(t, c->truth.success);
}

static void
put_sentiment(struct text *t, const struct call *c)
{
	if (c->truth.sentiment != NOT_STATED)
		text_cell(t, sentiment_names[c->truth.sentiment]);
}

static void
put_credits(struct text *t, const struct call *c)
{
	put_number(t, c->truth.credits_micro);
}

static void
put_reattempts(struct text *t, const struct call *c)
{
	put_number(t, c->truth.reattempts);
}

static void
put_reschedules(struct text *t, const struct call *c)
{
	put_number(t, c->truth.reschedules);
}

static void
put_events(struct text *t, const struct call *c)
{
	text_int(t, c->events);
}

static void
put_workspace(struct text *t, const struct call *c)
{
	if (c->truth.workspace != NOT_STATED)
		text_cell(t, words_workspace(c->truth.workspace));
}

static void
put_direction(struct text *t, const struct call *c)
{
	if (c->truth.direction)
		text_cell(t, c->inbound ? "inbound" : "outbound");
}

static void
put_from(struct text *t, const struct call *c)
{
	if (c->truth.numbers)
		text_cell(t, c->from);
}

static void
put_to(struct text *t, const struct call *c)
{
	if (c->truth.numbers)
		text_cell(t, c->to);
}

static void
put_status(struct text *t, const struct call *c)
{
	if (c->truth.status != NULL)
		text_cell(t, c->truth.status);
}

static void
put_started(struct text *t, const struct call *c)
{
	when_cell(t, c->truth.started_us);
}

static void
put_ended(struct text *t, const struct call *c)
{
	when_cell(t, c->truth.ended_us);
}

static void
put_first(struct text *t, const struct call *c)
{
	when_cell(t, first_event(c));
}

static void
put_last(struct text *t, const struct call *c)
{
	when_cell(t, last_event(c));
}

/* A text made by one of the writers, as a cell. */
static void
put_made(struct text *t, struct text *made)
{
	text_char(made, '\0');
	text_cell(t, made->p);
	made->n = 0;
}

static void
put_summary(struct text *t, const struct call *c)
{
	static struct text made;

	if (!c->truth.summary)
		return;
	words_summary(&made, c->truth.summary_seed,
	    (c->spelling & (SPELL_BROKEN | SPELL_NUL)) != 0);
	put_made(t, &made);
}

static void
put_actions(struct text *t, const struct call *c)
{
	static struct text made;

	if (c->truth.actions == 0)
		return;
	json_open(&made, NULL, '[');
	for (unsigned i = 0; i < ACTIONS; i++)
		if (c->truth.actions >> i & 1)
			json_str(&made, NULL, action_names[i]);
	json_close(&made, ']');
	put_made(t, &made);
}

static void
put_insights(struct text *t, const struct call *c)
{
	static struct text made;

	if (c->truth.insights == 0)
		return;
	json_open(&made, NULL, '{');
	for (enum insight i = 0; i < INSIGHTS; i++)
		if (c->truth.insights >> i & 1)
			words_insight(&made, i, c->truth.insight_seed[i]);
	json_close(&made, '}');
	put_made(t, &made);
}

static void
put_recording(struct text *t, const struct call *c)
{
	char url[160];

	if (c->truth.recording == NOT_STATED)
		return;
	call_recording_url(c, c->truth.recording, url);
	text_cell(t, url);
}

static void
put_detail_url(struct text *t, const struct call *c)
{
	char url[160];

	if (!c->truth.detail_url)
		return;
	mirai_detail_url(c, url);
	text_cell(t, url);
}

/* The columns, named as calltally's calls.csv names them where they mean the same. */
static const struct {
	const char *name;
	void (*put)(struct text *, const struct call *);
} columns[] = {
	{ "provider", put_provider },
	{ "call_id", put_call_id },
	{ "assistant_id", put_assistant },
	{ "campaign_id", put_campaign },
	{ "outcome", put_outcome },
	{ "voicemail", put_voicemail },
	{ "duration_ms", put_duration },
	{ "success", put_success },
	{ "sentiment", put_sentiment },
	{ "credits_micro", put_credits },
	{ "reattempts", put_reattempts },
	{ "reschedules", put_reschedules },
	{ "events", put_events },
	{ "workspace", put_workspace },
	{ "direction", put_direction },
	{ "from_number", put_from },
	{ "to_number", put_to },
	{ "status", put_status },
	{ "started_at", put_started },
	{ "ended_at", put_ended },
	{ "first_event_at", put_first },
	{ "last_event_at", put_last },
	{ "summary", put_summary },
	{ "required_actions", put_actions },
	{ "insights", put_insights },
	{ "recording_url", put_recording },
	{ "detail_url", put_detail_url },
};

void
truth_header(FILE *f)
{
	for (size_t i = 0; i < COUNT(columns); i++)
		fprintf(f, "%s%s", i > 0 ? "," : "", columns[i].name);
	fputc('\n', f);
}

void
truth_row(FILE *f, const struct call *c)
{
	static struct text row;

	row.n = 0;
	for (size_t i = 0; i < COUNT(columns); i++) {
		if (i > 0)
			text_char(&row, ',');
		columns[i].put(&row, c);
	}
	text_char(&row, '\n');
	fwrite(row.p, 1, row.n, f);
}

void
truth_counts(FILE *f, const struct counts *n)
{
	fprintf(f, "{\"files\": %" PRIu64 ", \"lines\": %" PRIu64 ", \"events\": %" PRIu64
	    ", \"duplicates\": %" PRIu64 ", \"rejected\": %" PRIu64 ", \"ignored\": %" PRIu64
	    ", \"calls\": %" PRIu64 "}\n", n->files, n->lines, n->events, n->duplicates,
	    n->rejected, n->ignored, n->calls);
}

/* A list of the names of one dimension; those without a name are left out. */
static void
write_list(FILE *f, const char *column, int n, const char *(*name)(int),
    void (*id_of)(char *, enum provider, int))
{
	struct text t = { 0 };
	char id[ID_MAX];

	fprintf(f, "provider,%s,name\n", column);
	for (enum provider p = 0; p < PROVIDERS; p++)
		for (int i = 0; i < n; i++) {
			if (name(i) == NULL)
				continue;
			id_of(id, p, i);
			text_cell(&t, provider_names[p]);
			text_char(&t, ',');
			text_cell(&t, id);
			text_char(&t, ',');
			text_cell(&t, name(i));
			text_char(&t, '\n');
		}
	fwrite(t.p, 1, t.n, f);
	text_free(&t);
}

void
truth_assistants(FILE *f)
{
	write_list(f, "assistant_id", ASSISTANTS, words_assistant_name, words_assistant_id);
}

void
truth_campaigns(FILE *f)
{
	write_list(f, "campaign_id", CAMPAIGNS, words_campaign_name, words_campaign_id);
}
