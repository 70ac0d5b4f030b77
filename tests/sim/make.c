#include "make.h"

#include <stdlib.h>
#include <string.h>

enum { SPACING_S = 11, WORDS = 5 };

/* What is told of one made call, whatever the provider. */
struct made {
	uint64_t rng;
	int64_t start_us;
	unsigned duration_ms;
	unsigned finding;	/* an index of summaries and sentiments */
	char caller[20];
	char callee[20];
	char assistant[24];
	char campaign[24];	/* "": none */
};

static const char *const summaries[WORDS] = {
	"Wants a quote by e-mail.", "Asked to be called back in the evening.",
	"Line 1\nline 2, with \"quotes\".", "-5% was not enough.",
	"Gr\xc3\xbc\xc3\x9f Gott: alles gekl\xc3\xa4rt.",
};

static const char *const sentiments[WORDS] = {
	"Positive", "Neutral", "Negative", "Unknown", "Positive",
};

static const char *const voice_sentiments[WORDS] = {
	"positive", "neutral", "negative", "mixed", "positive",
};

static const struct whippy_end {
	const char *status;
	bool talked;
	bool voicemail;
} whippy_ends[] = {
	{ "call_completed.agent_hangup", true, false },
	{ "call_completed.user_hangup", true, false },
	{ "call_completed.call_transfer", true, false },
	{ "call_completed.voicemail_reached", true, true },
	{ "call_completed.dial_no_answer", false, false },
	{ "call_completed.dial_busy", false, false },
	{ "call_completed.dial_failed", false, false },
};

enum { WHIPPY_ENDS = sizeof(whippy_ends) / sizeof(whippy_ends[0]) };

static const struct voice_end {
	const char *status;
	const char *event;
	bool talked;
} voice_ends[] = {
	{ "completed", "call.completed", true },
	{ "completed", "call.completed", true },
	{ "no_answer", "call.failed", false },
	{ "busy", "call.failed", false },
	{ "failed", "call.failed", false },
	{ "canceled", "call.failed", false },
};

enum { VOICE_ENDS = sizeof(voice_ends) / sizeof(voice_ends[0]) };

/* Draws what the next call is about. */
static struct made
draw(struct maker *m)
{
	struct made d = { .rng = rng_start(m->seed, m->made) };
	uint64_t a = rng_next(&d.rng), b = rng_next(&d.rng);

	d.start_us = m->epoch_us + (int64_t)m->made * SPACING_S * SECOND_US;
	d.duration_ms = 5000 + (unsigned)(a % 235000);
	d.finding = (unsigned)(b % WORDS);
	(void)snprintf(d.caller, sizeof(d.caller), "+1555%07u",
	    (unsigned)(a >> 32) % 10000000);
	(void)snprintf(d.callee, sizeof(d.callee), "+9198%08u",
	    (unsigned)(b >> 32) % 100000000);
	(void)snprintf(d.assistant, sizeof(d.assistant), "assistant_%u",
	    (unsigned)(rng_next(&d.rng) % 7));
	if (rng_next(&d.rng) % 5 != 0)
		(void)snprintf(d.campaign, sizeof(d.campaign), "campaign_%u",
		    (unsigned)(rng_next(&d.rng) % 4));
	m->made++;
	return d;
}

/* The campaign as a member of metadata; an empty object for none. */
static json_t *
metadata_json(const struct made *d)
{
	return d->campaign[0] != '\0' ?
	    json_pack("{s:s}", "campaign", d->campaign) : json_object();
}

/* A time of the call as JSON. */
static json_t *
moment(const struct made *d, int64_t after_us, bool micros)
{
	char buf[TIME_TEXT_MAX];

	return json_string(time_text(buf, d->start_us + after_us, micros));
}

/* Takes a webhook into the dump, unless it is lost. */
static void
tell(const struct maker *m, json_t *webhook, uint64_t key, bool first)
{
	char *line = json_dumps(webhook, JSON_COMPACT);

	if (line == NULL)
		abort();
	if (first || !coin(key ^ m->seed, m->lose_percent))
		out_line(m->dump, line);
	free(line);
	json_decref(webhook);
}

/* Makes a MiraiMinds call: an initiate whose life is over. */
static void
make_miraiminds(struct maker *m)
{
	struct made d = draw(m);
	json_t *request = json_pack("{s:s, s:s, s:s, s:{s:s}, s:o}",
	    "phoneNumber", d.callee, "assistant", d.assistant,
	    "callbackUrl", "https://example.com/webhooks/call-events",
	    "payload", "id", "made", "metadata", metadata_json(&d));

	(void)life_begin(m->lives, request, "ws_sim", false);
	json_decref(request);
}

/* An id in the form of a uuid; the caller frees it. */
static char *
uuid(uint64_t *rng)
{
	uint64_t a = rng_next(rng), b = rng_next(rng);

	return mem_fmt("%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(a >> 32),
	    (unsigned)(a & 0xffff), (unsigned)(a >> 16) & 0xfff,
	    (unsigned)(b >> 48) & 0xfff,
	    (unsigned long long)(b & UINT64_C(0xffffffffffff)));
}

/* What Whippy's analysis says; a new reference. */
static json_t *
whippy_analysis(const struct made *d, const struct whippy_end *end)
{
	return json_pack("{s:b, s:s, s:s, s:b, s:s, s:{s:b, s:i}}",
	    "call_successful", d->finding == 0 || d->finding == 4,
	    "call_summary", summaries[d->finding],
	    "user_sentiment", sentiments[d->finding],
	    "in_voicemail", end->voicemail,
	    "call_completion_rating", "Complete",
	    "custom_analysis_data", "callback_requested", d->finding == 1,
	    "seats", (int)(d->duration_ms % 9));
}

/* The attachments of a call: the recording, and the analysis where it is one. */
static json_t *
whippy_files(const char *id, bool analysis)
{
	char *wav = mem_fmt("{{sim}}/organization_sim/calls/%s/recording.wav", id);
	char *json = mem_fmt("{{sim}}/organization_sim/calls/%s/analysis.json", id);
	json_t *v = json_pack("[{s:s, s:s}]", "content_type", "audio/x-wav",
	    "url", wav);

	if (analysis)
		(void)json_array_append_new(v, json_pack("{s:s, s:s}",
		    "content_type", "application/json", "url", json));
	free(wav);
	free(json);
	return v;
}

/* The message that a Whippy call is, before its end; a new reference. */
static json_t *
whippy_message(struct made *d, const char *id)
{
	char *conversation = uuid(&d->rng), *contact = uuid(&d->rng);
	json_t *v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o,"
	    " s:s, s:s, s:o, s:{s:s, s:n, s:n, s:s}, s:[]}",
	    "id", id, "delivery_status", "call_in_progress",
	    "direction", d->duration_ms % 3 == 0 ? "INBOUND" : "OUTBOUND",
	    "type", "call", "mode", "ai", "from", d->caller, "to", d->callee,
	    "created_at", moment(d, 379085, true),
	    "updated_at", moment(d, 379085, true),
	    "conversation_id", conversation, "contact_id", contact,
	    "campaign_id", d->campaign[0] != '\0' ? json_string(d->campaign) :
	    json_null(), "metadata", "type", "phone", "duration", "analysis",
	    "agent_id", d->assistant, "attachments");

	free(conversation);
	free(contact);
	return v;
}

/* Wraps a state of the message into a webhook; a new reference. */
static json_t *
whippy_webhook(struct made *d, json_t *message, const char *event, int64_t after_us)
{
	char *id = uuid(&d->rng);
	json_t *copy = json_deep_copy(message);
	json_t *v = json_pack("{s:o, s:s, s:s, s:o, s:s}", "data", copy,
	    "api_version", "v1", "event", event,
	    "created_at", moment(d, after_us, true), "request_id", id);

	free(id);
	return v;
}

/* Brings a message to the call's end. */
static void
whippy_hangup(const struct made *d, json_t *message,
    const struct whippy_end *end, const char *id, bool analysis_file)
{
	json_t *metadata = json_object_get(message, "metadata");

	(void)json_object_set_new(message, "delivery_status",
	    json_string(end->status));
	(void)json_object_set_new(message, "updated_at",
	    moment(d, (d->duration_ms + 3000) * INT64_C(1000), true));
	(void)json_object_set_new(metadata, "duration",
	    end->talked ? json_integer(d->duration_ms) : json_null());
	(void)json_object_set_new(message, "attachments",
	    end->talked ? whippy_files(id, analysis_file) : json_array());
}

/*
 * Makes a Whippy call. Of the analysed ones a third tells by webhook, a third
 * in the list of messages, a third in a file of its own only.
 */
static void
make_whippy(struct maker *m)
{
	struct made d = draw(m);
	const struct whippy_end *end = &whippy_ends[rng_next(&d.rng) %
	    WHIPPY_ENDS];
	uint64_t key = rng_next(&d.rng);
	unsigned told = (unsigned)(key % 3);
	int64_t end_us = (d.duration_ms + 4000) * INT64_C(1000);
	char *id = uuid(&d.rng);
	json_t *message = whippy_message(&d, id);
	json_t *analysis = end->talked ? whippy_analysis(&d, end) : NULL;

	tell(m, whippy_webhook(&d, message, "call.started", 5000), key, true);
	whippy_hangup(&d, message, end, id, told == 2);
	tell(m, whippy_webhook(&d, message, "call.ended", end_us), key + 1, false);
	if (analysis != NULL && told != 2)
		(void)json_object_set(json_object_get(message, "metadata"),
		    "analysis", analysis);
	if (analysis != NULL && told == 0)
		tell(m, whippy_webhook(&d, message, "call.analyzed",
		    end_us + 94000), key + 2, false);
	(void)calls_add(m->calls, P_WHIPPY, id, message, NULL,
	    told == 2 ? analysis : NULL);
	json_decref(analysis);
	json_decref(message);
	free(id);
}

/* What MiniVoice's /ai answers; a new reference. */
static json_t *
voice_ai(const struct made *d, const char *id)
{
	bool follow = d->finding == 1;

	return json_pack("{s:{s:{s:s, s:i}, s:{s:s, s:s, s:s, s:o},"
	    " s:{s:i, s:i, s:i}, s:[s]}}", "data", "call", "id", id,
	    "duration_seconds", (int)(d->duration_ms / 1000), "summary",
	    "summary", summaries[d->finding],
	    "sentiment", voice_sentiments[d->finding],
	    "outcome", follow ? "follow_up_needed" : "resolved",
	    "action_items", follow ? json_pack("[s]", "call back") :
	    json_array(), "score", "total_score", 40 + (int)d->finding * 10,
	    "max_score", 100, "percentage", 40 + (int)d->finding * 10,
	    "topics", "pricing");
}

/* What MiniVoice says of the call itself; a new reference. */
static json_t *
voice_call(const struct made *d, const char *id, const char *status)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", id,
	    "customer_id", "cust_sim", "application_id", d->assistant,
	    "status", status, "direction",
	    d->duration_ms % 3 == 0 ? "inbound" : "outbound",
	    "from", d->caller, "to", d->callee);
}

/* One of MiniVoice's webhooks; a new reference. */
static json_t *
voice_webhook(const struct made *d, const char *id, const char *event,
    const char *status, int64_t after_us)
{
	char *key = mem_fmt("%s:%s", id, event);
	json_t *v = json_pack("{s:s, s:o, s:o, s:o, s:{s:s}}", "event", event,
	    "created_at", moment(d, after_us, false),
	    "call", voice_call(d, id, status), "variables", metadata_json(d),
	    "data", "event_key", key);

	free(key);
	return v;
}

/* A MiniVoice id: dots and all; the caller frees it. */
static char *
voice_id(const struct made *d, size_t number)
{
	char at[TIME_TEXT_MAX];

	(void)time_text(at, d->start_us, false);
	return mem_fmt("call_%.4s%.2s%.2sT%.2s%.2s%.2s.%09zu", at, at + 5, at + 8,
	    at + 11, at + 14, at + 17, number);
}

/* Makes a MiniVoice call. */
static void
make_minivoice(struct maker *m)
{
	struct made d = draw(m);
	const struct voice_end *end = &voice_ends[rng_next(&d.rng) % VOICE_ENDS];
	uint64_t key = rng_next(&d.rng);
	char *id = voice_id(&d, m->made);
	int64_t end_us = end->talked ? d.duration_ms * INT64_C(1000) : SECOND_US;
	json_t *detail = voice_call(&d, id, end->status);
	json_t *ai = end->talked ? voice_ai(&d, id) : NULL;

	(void)json_object_set_new(detail, "created_at", moment(&d, 0, false));
	(void)json_object_set_new(detail, "dialing_at", moment(&d, 1, false));
	(void)json_object_set_new(detail, "metadata", metadata_json(&d));
	tell(m, voice_webhook(&d, id, "call.created", "dialing", 0), key, true);
	tell(m, voice_webhook(&d, id, end->event, end->status, end_us), key + 1,
	    false);
	(void)calls_add(m->calls, P_MINIVOICE, id, detail, ai, NULL);
	json_decref(detail);
	json_decref(ai);
	free(id);
}

void
make_calls(struct maker *m, enum provider p, size_t n)
{
	static const enum provider turn[] = { P_MIRAIMINDS, P_WHIPPY,
	    P_MINIVOICE };

	for (size_t i = 0; i < n; i++) {
		switch (p == PROVIDER_COUNT ? turn[i % 3] : p) {
		case P_MIRAIMINDS:
			make_miraiminds(m);
			break;
		case P_WHIPPY:
			make_whippy(m);
			break;
		default:
			make_minivoice(m);
			break;
		}
	}
}
