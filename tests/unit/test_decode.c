/*
 * Decoding: the seed providers' messages as they were published and as they
 * come, envelopes, archived answers, coercions, rejects, identities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/clock.h"
#include "call/decode.h"
#include "io/doc.h"

static struct profiles *set;
static struct decoder *decoder;
static struct arena arena;
static struct decode_warnings warnings;
static struct decode_out out;

/* Decodes n bytes, of which nothing may be kept. */
static enum decode_result
decode_bytes(const char *text, size_t n)
{
	char *line = calloc(1, n + DOC_PADDING_BYTES);
	enum decode_result result;

	memcpy(line, text, n);
	memset(&warnings, 0, sizeof(warnings));
	result = decode_line(decoder, (struct str){ line, n }, &arena, &warnings,
	    &out);
	free(line);
	return result;
}

static enum decode_result
decode(const char *text)
{
	return decode_bytes(text, strlen(text));
}

/* text with ' for ", %s filled in; in one of a few buffers in turn. */
__attribute__((format(printf, 1, 2))) static const char *
q(const char *fmt, ...)
{
	static char buffers[8][16 * 1024];
	static unsigned next;
	char *p = buffers[next++ % 8];
	va_list ap;

	va_start(ap, fmt);
	assert_true(vsnprintf(p, sizeof(buffers[0]), fmt, ap) <
	    (int)sizeof(buffers[0]));
	va_end(ap);
	for (char *c = p; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return p;
}

static const struct event *
event_of(const char *line)
{
	if (decode(line) != DECODED_EVENT)
		fail_msg("no event: %s %s: %s", out.message,
		    out.ignored_because ? out.ignored_because : "", line);
	return out.event;
}

static void
rejected(const char *line, enum reject_reason reason)
{
	assert_int_equal(decode(line), DECODED_REJECT);
	if (out.reason != reason)
		fail_msg("%s (%s), not %s: %s", reject_name[out.reason],
		    out.message, reject_name[reason], line);
	assert_string_not_equal(out.message, "");
}

static void
ignored(const char *line, const char *because)
{
	assert_int_equal(decode(line), DECODED_IGNORED);
	assert_string_equal(out.ignored_because, because);
}

static void
is_str(struct str s, const char *text)
{
	if (s.n != strlen(text) || memcmp(s.p, text, s.n) != 0)
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(s), text);
}

static void
has_text(const struct event *e, enum field f, const char *text)
{
	if (!event_states(e, f))
		fail_msg("%s is silent", field_info[f].profile_name);
	is_str(event_value(e, f)->text, text);
}

static void
has_num(const struct event *e, enum field f, int64_t num)
{
	if (!event_states(e, f))
		fail_msg("%s is silent", field_info[f].profile_name);
	assert_int_equal(event_value(e, f)->num, num);
}

static void
is_silent(const struct event *e, enum field f)
{
	if (event_states(e, f))
		fail_msg("%s is stated", field_info[f].profile_name);
}

/* A field that the event is silent about, because its value was bad. */
static void
is_dropped(const struct event *e, enum field f)
{
	is_silent(e, f);
	assert_int_equal(warnings.dropped[f], 1);
}

static int64_t
us(const char *text)
{
	int64_t t;

	assert_true(time_parse(str_of(text), &t));
	return t;
}

static void
has_status(const struct event *e, enum outcome outcome, const char *status)
{
	assert_int_equal(e->outcome, outcome);
	is_str(e->status, status);
}

static void
has_no_status(const struct event *e)
{
	assert_int_equal(e->outcome, OUTCOME_NONE);
	assert_null(e->status.p);
}

static struct id128
identity_of(const char *line)
{
	return event_of(line)->identity;
}

static void
same_event(const char *a, const char *b)
{
	struct id128 x = identity_of(a), y = identity_of(b);

	assert_int_equal(id128_cmp(&x, &y), 0);
}

static void
other_event(const char *a, const char *b)
{
	struct id128 x = identity_of(a), y = identity_of(b);

	assert_int_not_equal(id128_cmp(&x, &y), 0);
}

/* ------------------------------------------------------------ MiraiMinds */

#define MIRAI_PARTS \
	"'call':{'id':'call_123456','status':'initiate'," \
	"'startedAt':'2023-11-07T05:31:56Z','endedAt':'2023-11-07T05:31:57Z'," \
	"'recordingUrl':'<string>','detailUrl':'<detail>','durationSeconds':45}," \
	"'analysis':{'success':true,'summary':'User expressed interest.'," \
	"'requiredActions':['<string>']," \
	"'insights':{'interested':true,'callback_requested':true}}," \
	"'credits':{'used':1.5,'available':98.5}," \
	"'report':{'reAttemptCount':123,'rescheduledCount':12}"

static void
is_mirai_seed(const struct event *e)
{
	is_str(e->provider, "miraiminds");
	is_str(e->call_id, "call_123456");
	is_str(e->type, "call.initiate");
	assert_int_equal(e->kind, KIND_WEBHOOK);
	assert_int_equal(e->stage, 0);
	has_status(e, OUTCOME_QUEUED, "initiate");
	assert_int_equal(e->time_us, us("2023-11-07T05:31:56Z"));
	assert_true(e->time_stated);
	assert_int_equal(e->utc_day, 8712);
	has_text(e, FIELD_DIRECTION, "outbound");
	has_num(e, FIELD_STARTED_AT, us("2023-11-07T05:31:56Z"));
	has_num(e, FIELD_ENDED_AT, us("2023-11-07T05:31:57Z"));
	has_num(e, FIELD_DURATION, 45000);
	has_num(e, FIELD_SUCCESS, 1);
	has_num(e, FIELD_CREDITS_USED, 1500000);
	has_num(e, FIELD_CREDITS_AVAILABLE, 98500000);
	has_num(e, FIELD_REATTEMPTS, 123);
	has_num(e, FIELD_RESCHEDULES, 12);
	has_text(e, FIELD_RECORDING_URL, "<string>");
	has_text(e, FIELD_DETAIL_URL, "<detail>");
	has_text(e, FIELD_REQUIRED_ACTIONS, "[\"<string>\"]");
	has_text(e, FIELD_INSIGHTS,
	    "{\"callback_requested\":true,\"interested\":true}");
	has_text(e, FIELD_SUMMARY, "User expressed interest.");
	is_silent(e, FIELD_SENTIMENT);
	is_silent(e, FIELD_ASSISTANT_ID);
	is_silent(e, FIELD_VOICEMAIL);
}

static void
the_miraiminds_seed_counts_once_wherever_it_stands(void **state)
{
	(void)state;
	is_mirai_seed(event_of(q("{'event':{'type':'call.initiate','data':{"
	    MIRAI_PARTS "}," MIRAI_PARTS "}}")));
	is_mirai_seed(event_of(q("{'event':{'type':'call.initiate','data':{"
	    MIRAI_PARTS "}}}")));
	is_mirai_seed(event_of(q("{'event':{'type':'call.initiate',"
	    MIRAI_PARTS "}}")));
}

static const struct {
	const char *status;
	enum outcome outcome;
	uint16_t stage;
} mirai[] = {
	{ "initiate", OUTCOME_QUEUED, 0 },
	{ "in-progress", OUTCOME_IN_PROGRESS, 1 },
	{ "ended", OUTCOME_ENDED, 2 },
	{ "completed", OUTCOME_COMPLETED, 3 },
	{ "timeout", OUTCOME_TIMEOUT, 3 },
	{ "failed", OUTCOME_FAILED, 3 },
	{ "validation-failed", OUTCOME_INVALID, 3 },
	{ "busy", OUTCOME_BUSY, 3 },
	{ "no-answer", OUTCOME_NO_ANSWER, 3 },
	{ "skip", OUTCOME_SKIPPED, 3 },
	{ "rescheduled", OUTCOME_RESCHEDULED, 3 },
	{ "aborted", OUTCOME_ABORTED, 3 },
};

static void
every_miraiminds_status_counts_in_every_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mirai) / sizeof(mirai[0]); i++) {
		const struct event *e;

		e = event_of(q("{'event':{'type':'call.%s','data':{'call':{'id':1}}}}",
		    mirai[i].status));
		has_status(e, mirai[i].outcome, mirai[i].status);
		assert_int_equal(e->stage, mirai[i].stage);
		assert_int_equal(warnings.unknown_types, 0);
		e = event_of(q("{'event':{'type':'end-of-call','data':{'call':"
		    "{'id':1,'status':'%s'}}}}", mirai[i].status));
		has_status(e, mirai[i].outcome, mirai[i].status);
		assert_int_equal(e->stage, 4);
		e = event_of(q("{'event':{'type':'call.lifecycle-ended','data':"
		    "{'call':{'id':1},'report':{'finalStatus':'%s'}}}}",
		    mirai[i].status));
		has_status(e, mirai[i].outcome, mirai[i].status);
		assert_int_equal(e->stage, 5);
	}
}

static void
a_type_that_is_no_status_states_none(void **state)
{
	static const char *const type[] = { "call.lifecycle-ended",
		"end-of-call", "action" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		has_no_status(event_of(q("{'event':{'type':'%s','data':"
		    "{'call':{'id':'c'}}}}", type[i])));
		assert_int_equal(warnings.unknown_statuses, 0);
		assert_int_equal(warnings.unknown_types, 0);
	}
}

static void
an_unknown_type_is_kept_and_counted_as_drift(void **state)
{
	const struct event *e = event_of(q(
	    "{'event':{'type':'call.teleported','data':{'call':{'id':'c'}}}}"));

	(void)state;
	has_status(e, OUTCOME_OTHER, "teleported");
	is_str(e->type, "call.teleported");
	assert_int_equal(e->stage, 7);
	assert_int_equal(warnings.unknown_types, 1);
	assert_int_equal(warnings.unknown_statuses, 1);
	e = event_of(q("{'event':{'type':'call.teleported','data':"
	    "{'call':{'id':'c','status':'ended'}}}}"));
	has_status(e, OUTCOME_ENDED, "ended");
	assert_int_equal(warnings.unknown_statuses, 0);
	e = event_of(q("{'event':{'type':'novel','data':{'call':{'id':'c'}}}}"));
	has_no_status(e);
}

static void
event_data_wins_over_event_field_by_field(void **state)
{
	const struct event *e = event_of(q("{'event':{'type':'end-of-call',"
	    "'data':{'call':{'id':'inner','durationSeconds':null},"
	    "'analysis':{'summary':'','insights':{}},'credits':{'used':2}},"
	    "'call':{'id':'outer','durationSeconds':7,'status':'busy'},"
	    "'analysis':{'summary':'outer','insights':{'a':1}},"
	    "'credits':{'used':3,'available':4}}}"));

	(void)state;
	is_str(e->call_id, "inner");
	has_num(e, FIELD_DURATION, 7000);
	has_text(e, FIELD_SUMMARY, "outer");
	has_text(e, FIELD_INSIGHTS, "{\"a\":1}");
	has_num(e, FIELD_CREDITS_USED, 2000000);
	has_num(e, FIELD_CREDITS_AVAILABLE, 4000000);
	has_status(e, OUTCOME_BUSY, "busy");
}

static void
miraiminds_event_time_depends_on_the_outcome(void **state)
{
	static const char line[] = "{'event':{'type':'call.%s','data':{'call':"
	    "{'id':1,'startedAt':'2026-02-06T23:59:59Z','endedAt':%s}}}}";
	int64_t started = us("2026-02-06T23:59:59Z");
	int64_t ended = us("2026-02-07T00:10:00Z");

	(void)state;
	for (size_t i = 0; i < sizeof(mirai) / sizeof(mirai[0]); i++) {
		bool over = mirai[i].outcome >= OUTCOME_ENDED;
		const struct event *e = event_of(q(line, mirai[i].status,
		    "'2026-02-07T00:10:00Z'"));

		assert_int_equal(e->time_us, over ? ended : started);
		assert_int_equal(e->utc_day, time_utc_day(e->time_us));
		e = event_of(q(line, mirai[i].status, "null"));
		assert_int_equal(e->time_us, started);
	}
	assert_int_equal(event_of(q(line, "busy", "'soon'"))->time_us, TIME_NONE);
	assert_int_equal(warnings.times_dropped, 1);
	assert_int_equal(out.event->utc_day, time_utc_day(started));
}

static void
miraiminds_sentiment_and_campaign_have_several_places(void **state)
{
	const struct event *e;
	static const char *const name[] = { "campaign", "campaign_id", "campaignId" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		e = event_of(q("{'metadata':{'%s':'spring'},'event':{'type':"
		    "'end-of-call','data':{'call':{'id':1},'analysis':{'insights':"
		    "{'sentiment':'NEGATIVE'}}}}}", name[i]));
		has_text(e, FIELD_CAMPAIGN_ID, "spring");
		has_text(e, FIELD_SENTIMENT, "negative");
		has_text(e, FIELD_INSIGHTS, "{\"sentiment\":\"NEGATIVE\"}");
	}
	e = event_of(q("{'event':{'type':'end-of-call','data':{'call':{'id':1},"
	    "'analysis':{'sentiment':'Positive','insights':{'sentiment':'x'}}}}}"));
	has_text(e, FIELD_SENTIMENT, "positive");
}

static void
an_action_without_a_call_is_ignored(void **state)
{
	(void)state;
	ignored(q("{'event':{'type':'action','data':{'action':'create_order'}}}"),
	    "action without a call id");
	ignored(q("{'body':{'event':{'type':'action','data':{}}}}"),
	    "action without a call id");
	is_str(event_of(q("{'event':{'type':'action','data':{'call':{'id':'c'}}}}"))
	    ->call_id, "c");
	assert_int_equal(out.event->stage, 6);
}

static void
the_dispatch_log_states_what_was_sent(void **state)
{
	const struct event *e = event_of(q("{'sentAt':'2026-03-01T15:00:00+05:30',"
	    "'workspace':'ws_1','request':{'phoneNumber':'+919876543210',"
	    "'assistant':'assistant_123','payload':{'id':'x'},"
	    "'metadata':{'campaignId':42},'priority':true,'callbackUrl':'https://x'},"
	    "'response':{'status':'initiate','callId':'call_9'}}"));

	(void)state;
	is_str(e->provider, "miraiminds");
	assert_int_equal(e->kind, KIND_DISPATCH);
	is_str(e->call_id, "call_9");
	assert_null(e->type.p);
	has_status(e, OUTCOME_QUEUED, "initiate");
	assert_int_equal(e->time_us, us("2026-03-01T09:30:00Z"));
	has_text(e, FIELD_TO_NUMBER, "+919876543210");
	has_text(e, FIELD_ASSISTANT_ID, "assistant_123");
	has_text(e, FIELD_WORKSPACE, "ws_1");
	has_text(e, FIELD_CAMPAIGN_ID, "42");
	has_text(e, FIELD_DIRECTION, "outbound");
	is_silent(e, FIELD_FROM_NUMBER);
}

static void
a_dispatch_without_a_call_is_ignored(void **state)
{
	(void)state;
	ignored(q("{'sentAt':'2026-03-01T15:00:00Z','request':{'assistant':'a'},"
	    "'response':{'error':{'code':'x'}}}"), "dispatch without a call id");
	ignored(q("{'sentAt':'2026-03-01T15:00:00Z','request':{'assistant':'a'},"
	    "'response':null}"), "dispatch without a call id");
	ignored(q("{'request':{'phoneNumber':'+1'},'response':{'callId':''}}"),
	    "dispatch without a call id");
	rejected(q("{'request':{'method':'GET'},'response':{'code':200}}"),
	    REJECT_NO_SHAPE);
}

/* ---------------------------------------------------------------- Whippy */

#define WHIPPY_CALL(status, updated, duration, analysis, attachments) \
	"'data':{'id':'d649233e-9127-4ae3-b90e-09611ed94868'," \
	"'delivery_status':'" status "','direction':'INBOUND','type':'call'," \
	"'mode':'ai','body':null,'from':'+13232139334','to':'+16314173625'," \
	"'created_at':'2024-10-31T12:54:40.379085Z'," \
	"'updated_at':'" updated "','channel_id':'95623f0a','campaign_id':null," \
	"'user_id':null,'metadata':{'type':'phone','duration':" duration "," \
	"'placeholders_data':{'last_name||sir':'Hessel'},'analysis':" analysis "," \
	"'agent_id':'c13abbed-2de9-45ec-85c3-54f5b340686c','llm_id':'02461131'}," \
	"'attachments':[" attachments "]},'api_version':'v1',"
#define WHIPPY_RECORDING \
	"{'agent_id':'c13abbed','content_type':'audio/x-wav'," \
	"'url':'https://example/calls/dba9f998/recording.wav'}"
#define WHIPPY_FILES \
	"{'content_type':'application/json','url':'https://example/transcript.json'}," \
	WHIPPY_RECORDING
#define WHIPPY_ANALYSIS \
	"{'agent_task_completion_rating':'Complete'," \
	"'call_completion_rating':'Complete','call_successful':true," \
	"'call_summary':'The user, Jack, said all.','custom_analysis_dat':{}," \
	"'in_voicemail':false,'user_sentiment':'Positive'}"

static const char whippy_started[] = "{" WHIPPY_CALL("call_in_progress",
    "2024-10-31T12:54:40.379085Z", "null", "null", "")
    "'event':'call.started','created_at':'2024-10-31T12:54:45.500770Z',"
    "'request_id':'0f08ac65-32a2-4b02-abbe-ad0b5a3dcd1e'%s}";
static const char whippy_ended[] = "{"
    WHIPPY_CALL("call_completed.agent_hangup", "2024-10-31T12:54:58.985468Z",
    "15848", "null", WHIPPY_FILES)
    "'event':'call.ended','created_at':'2024-10-31T12:55:04.316090Z',"
    "'request_id':'%s'}";
static const char whippy_analyzed[] = "{"
    WHIPPY_CALL("call_completed.agent_hangup", "2024-10-31T12:54:59.668935Z",
    "15848", WHIPPY_ANALYSIS, WHIPPY_FILES)
    "'event':'call.analyzed','created_at':'2024-10-31T12:55:04.409833Z',"
    "'request_id':'94a8faa2-25e7-432c-9d87-af78686ace48'}";

static void
is_whippy_call(const struct event *e, uint16_t stage)
{
	is_str(e->provider, "whippy");
	is_str(e->call_id, "d649233e-9127-4ae3-b90e-09611ed94868");
	assert_int_equal(e->kind, KIND_WEBHOOK);
	assert_int_equal(e->stage, stage);
	has_text(e, FIELD_ASSISTANT_ID, "c13abbed-2de9-45ec-85c3-54f5b340686c");
	has_text(e, FIELD_DIRECTION, "inbound");
	has_text(e, FIELD_FROM_NUMBER, "+13232139334");
	has_text(e, FIELD_TO_NUMBER, "+16314173625");
	has_num(e, FIELD_STARTED_AT, us("2024-10-31T12:54:40.379085Z"));
	is_silent(e, FIELD_ENDED_AT);
	is_silent(e, FIELD_CAMPAIGN_ID);
	is_silent(e, FIELD_CREDITS_USED);
}

static void
the_whippy_seed_started_is_no_json_as_published(void **state)
{
	const char *published = q(whippy_started, ",");
	const struct event *e;
	char place[32];

	(void)state;
	rejected(published, REJECT_NOT_JSON);
	(void)snprintf(place, sizeof(place), "at byte %zu", strlen(published) - 1);
	assert_non_null(strstr(out.message, place));
	e = event_of(q(whippy_started, ""));
	is_whippy_call(e, 0);
	has_status(e, OUTCOME_IN_PROGRESS, "call_in_progress");
	is_silent(e, FIELD_DURATION);
	is_silent(e, FIELD_RECORDING_URL);
	assert_int_equal(e->time_us, us("2024-10-31T12:54:45.500770Z"));
}

static void
the_whippy_seed_ended_states_milliseconds_and_the_recording(void **state)
{
	const struct event *e = event_of(q(whippy_ended, "r"));

	(void)state;
	is_whippy_call(e, 1);
	has_status(e, OUTCOME_COMPLETED, "call_completed.agent_hangup");
	has_num(e, FIELD_DURATION, 15848);
	has_text(e, FIELD_RECORDING_URL,
	    "https://example/calls/dba9f998/recording.wav");
	is_silent(e, FIELD_SUCCESS);
	is_silent(e, FIELD_VOICEMAIL);
	is_silent(e, FIELD_INSIGHTS);
}

static void
the_whippy_seed_analyzed_states_the_analysis(void **state)
{
	const struct event *e = event_of(q("%s", whippy_analyzed));

	(void)state;
	is_whippy_call(e, 2);
	has_num(e, FIELD_SUCCESS, 1);
	has_num(e, FIELD_VOICEMAIL, 0);
	has_text(e, FIELD_SENTIMENT, "positive");
	has_text(e, FIELD_SUMMARY, "The user, Jack, said all.");
	has_text(e, FIELD_INSIGHTS, "{\"agent_task_completion_rating\":\"Complete\","
	    "\"call_completion_rating\":\"Complete\"}");
	for (int f = 0; f < FIELD_COUNT; f++)
		assert_int_equal(warnings.dropped[f], 0);
}

static void
every_whippy_status_maps(void **state)
{
	static const struct {
		const char *status;
		enum outcome outcome;
		int voicemail;
	} want[] = {
		{ "call_in_progress", OUTCOME_IN_PROGRESS, -1 },
		{ "call_completed", OUTCOME_COMPLETED, -1 },
		{ "call_completed.agent_hangup", OUTCOME_COMPLETED, -1 },
		{ "call_completed.user_hangup", OUTCOME_COMPLETED, -1 },
		{ "Call_Completed.Call_Transfer", OUTCOME_TRANSFERRED, -1 },
		{ "call_completed.voicemail_reached", OUTCOME_COMPLETED, 1 },
		{ "call_completed.dial_no_answer", OUTCOME_NO_ANSWER, -1 },
		{ "call_completed.dial_busy", OUTCOME_BUSY, -1 },
		{ "call_completed.dial_failed", OUTCOME_FAILED, -1 },
		{ "call_completedly", OUTCOME_OTHER, -1 },
		{ "delivered", OUTCOME_OTHER, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct event *e = event_of(q("{'event':'call.ended','data':"
		    "{'id':'x','delivery_status':'%s'}}", want[i].status));

		has_status(e, want[i].outcome, want[i].status);
		if (want[i].voicemail < 0)
			is_silent(e, FIELD_VOICEMAIL);
		else
			has_num(e, FIELD_VOICEMAIL, want[i].voicemail);
	}
}

static void
voicemail_is_true_when_either_place_says_so(void **state)
{
	static const char line[] = "{'event':'call.analyzed','data':{'id':'x',"
	    "'delivery_status':'%s','metadata':{'analysis':{'in_voicemail':%s}}}}";
	static const char reached[] = "call_completed.voicemail_reached";
	static const char hangup[] = "call_completed.agent_hangup";

	(void)state;
	has_num(event_of(q(line, reached, "false")), FIELD_VOICEMAIL, 1);
	has_num(event_of(q(line, reached, "true")), FIELD_VOICEMAIL, 1);
	has_num(event_of(q(line, hangup, "true")), FIELD_VOICEMAIL, 1);
	has_num(event_of(q(line, hangup, "false")), FIELD_VOICEMAIL, 0);
	is_silent(event_of(q(line, hangup, "null")), FIELD_VOICEMAIL);
}

static void
custom_analysis_may_be_spelt_either_way(void **state)
{
	static const char line[] = "{'event':'call.analyzed','data':{'id':'x',"
	    "'metadata':{'analysis':{%s,'call_completion_rating':'%s'}}}}";

	(void)state;
	has_text(event_of(q(line, "'custom_analysis_data':{'z':1,'a':null,"
	    "'b':{'y':[1.50,'\\u00e9']}},'custom_analysis_dat':{'not':1}", "Complete")),
	    FIELD_INSIGHTS, "{\"b\":{\"y\":[1.5,\"\xc3\xa9\"]},"
	    "\"call_completion_rating\":\"Complete\",\"z\":1}");
	has_text(event_of(q(line, "'custom_analysis_dat':{'q\\\"':true,'\\u0001':0}", "")),
	    FIELD_INSIGHTS, "{\"\\u0001\":0,\"q\\\"\":true}");
	has_text(event_of(q(line, "'custom_analysis_dat':{'call_completion_rating':'mine'}",
	    "Partial")), FIELD_INSIGHTS, "{\"call_completion_rating\":\"Partial\"}");
	is_silent(event_of(q(line, "'custom_analysis_dat':{'a':''}", "")),
	    FIELD_INSIGHTS);
	has_text(event_of(q(line, "'custom_analysis_data':'words'", "C")),
	    FIELD_INSIGHTS, "{\"call_completion_rating\":\"C\"}");
	assert_int_equal(warnings.dropped[FIELD_INSIGHTS], 1);
}

static void
the_whippy_shape_of_2023_has_the_update_as_its_time(void **state)
{
	const struct event *e = event_of(q("{'event':'call.ended','data':{'id':'x',"
	    "'delivery_status':'call_completed.user_hangup','user_id':42,"
	    "'created_at':'2023-05-01T10:00:00','updated_at':'2023-05-01T10:05:00'},"
	    "'request_id':'r'}"));

	(void)state;
	assert_int_equal(e->time_us, us("2023-05-01T10:05:00Z"));
	assert_true(e->time_stated);
	is_silent(e, FIELD_ASSISTANT_ID);
}

static void
whippy_events_of_no_call_are_ignored(void **state)
{
	(void)state;
	ignored(q("{'event':'message.received','data':{'id':'m','body':'hi'}}"),
	    "not an event of a call");
	ignored(q("{'event':'callback','data':{'id':'m'}}"), "not an event of a call");
}

/* ------------------------------------------------------------- MiniVoice */

#define MINI(event, status) "{'event':'" event "'," \
	"'created_at':'2026-05-29T12:10:00Z','call':{'id':'call_123'," \
	"'customer_id':'cust_123','application_id':'app_123','status':" status "," \
	"'direction':'inbound','from':'+15551230001','to':'+15551230002'},"

static void
the_minivoice_seed_is_read(void **state)
{
	const struct event *e = event_of(q(MINI("call.completed", "'completed'")
	    "'variables':{},'data':{}}"));

	(void)state;
	is_str(e->provider, "minivoice");
	is_str(e->call_id, "call_123");
	is_str(e->type, "call.completed");
	has_status(e, OUTCOME_COMPLETED, "completed");
	assert_int_equal(e->time_us, us("2026-05-29T12:10:00Z"));
	has_num(e, FIELD_ENDED_AT, e->time_us);
	is_silent(e, FIELD_STARTED_AT);
	has_text(e, FIELD_ASSISTANT_ID, "app_123");
	has_text(e, FIELD_DIRECTION, "inbound");
	has_text(e, FIELD_FROM_NUMBER, "+15551230001");
	has_text(e, FIELD_TO_NUMBER, "+15551230002");
	is_silent(e, FIELD_CAMPAIGN_ID);
}

static void
every_minivoice_status_counts(void **state)
{
	static const struct {
		const char *status;
		enum outcome outcome;
	} want[] = {
		{ "created", OUTCOME_QUEUED }, { "queued", OUTCOME_QUEUED },
		{ "initiated", OUTCOME_QUEUED }, { "dialing", OUTCOME_QUEUED },
		{ "ringing", OUTCOME_QUEUED }, { "answered", OUTCOME_IN_PROGRESS },
		{ "in_progress", OUTCOME_IN_PROGRESS },
		{ "in-progress", OUTCOME_IN_PROGRESS },
		{ "completed", OUTCOME_COMPLETED }, { "failed", OUTCOME_FAILED },
		{ "busy", OUTCOME_BUSY }, { "no_answer", OUTCOME_NO_ANSWER },
		{ "no-answer", OUTCOME_NO_ANSWER }, { "canceled", OUTCOME_ABORTED },
		{ "on_hold", OUTCOME_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		has_status(event_of(q("{'event':'recording.started','call':"
		    "{'id':1,'status':'%s'}}", want[i].status)),
		    want[i].outcome, want[i].status);
		has_status(event_of(q("{'event':'call.%s','call':{'id':1}}",
		    want[i].status)), want[i].outcome, want[i].status);
	}
	/* the published call.created says in_progress */
	has_status(event_of(q(MINI("call.created", "'in_progress'") "'data':{}}")),
	    OUTCOME_IN_PROGRESS, "in_progress");
	has_no_status(event_of(q("{'event':'call.gathered','call':{'id':1}}")));
	assert_int_equal(warnings.unknown_types, 0);
}

static void
minivoice_times_come_from_the_events(void **state)
{
	int64_t t = us("2026-05-29T12:10:00Z");

	(void)state;
	event_of(q(MINI("call.created", "null") "'data':{}}"));
	has_num(out.event, FIELD_STARTED_AT, t);
	is_silent(out.event, FIELD_ENDED_AT);
	event_of(q(MINI("call.failed", "null") "'data':{}}"));
	has_num(out.event, FIELD_ENDED_AT, t);
	is_silent(out.event, FIELD_STARTED_AT);
	event_of(q(MINI("call.answered", "null") "'data':{}}"));
	is_silent(out.event, FIELD_STARTED_AT);
	is_silent(out.event, FIELD_ENDED_AT);
}

static void
minivoice_duration_is_never_a_recordings(void **state)
{
	(void)state;
	event_of(q(MINI("call.completed", "null") "'data':{'duration':61}}"));
	has_num(out.event, FIELD_DURATION, 61000);
	event_of(q("{'event':'call.completed','call':{'id':1,"
	    "'duration_seconds':'5'},'data':{'duration':61}}"));
	has_num(out.event, FIELD_DURATION, 5000);
	event_of(q(MINI("recording.completed", "null") "'data':{'duration':61,"
	    "'url':'https://r/2','recording_url':'https://r/1'}}"));
	is_silent(out.event, FIELD_DURATION);
	has_text(out.event, FIELD_RECORDING_URL, "https://r/1");
	event_of(q(MINI("call.gathered", "null") "'data':{'url':'https://r/2'}}"));
	is_silent(out.event, FIELD_RECORDING_URL);
}

static void
minivoice_campaign_may_be_in_variables_or_metadata(void **state)
{
	(void)state;
	event_of(q(MINI("call.created", "null")
	    "'variables':{'campaign_id':7},'metadata':{'campaign':'m'}}"));
	has_text(out.event, FIELD_CAMPAIGN_ID, "7");
	event_of(q(MINI("call.created", "null")
	    "'variables':{'campaign':''},'metadata':{'campaignId':'m'}}"));
	has_text(out.event, FIELD_CAMPAIGN_ID, "m");
}

static void
minivoice_ai_events_state_the_analysis(void **state)
{
	(void)state;
	event_of(q(MINI("ai.completed", "'completed'") "'data':{'summary':"
	    "{'status':'completed','summary':'short','sentiment':'mixed',"
	    "'action_items':['Review','',null]},'score':{'total_score':17},"
	    "'topics':[{'topic':'Billing'}]}}"));
	has_text(out.event, FIELD_SUMMARY, "short");
	has_text(out.event, FIELD_SENTIMENT, "unknown");
	has_text(out.event, FIELD_REQUIRED_ACTIONS, "[\"Review\"]");
	has_text(out.event, FIELD_INSIGHTS, "{\"score\":{\"total_score\":17},"
	    "\"topics\":[{\"topic\":\"Billing\"}]}");
	assert_int_equal(warnings.unknown_types, 1);
	event_of(q(MINI("ai.summary", "null") "'data':{'summary':'flat',"
	    "'sentiment':'neutral','action_items':'Call back'}}"));
	has_text(out.event, FIELD_SUMMARY, "flat");
	has_text(out.event, FIELD_SENTIMENT, "neutral");
	has_text(out.event, FIELD_REQUIRED_ACTIONS, "[\"Call back\"]");
	event_of(q(MINI("ai.summary", "null") "'data':{'summary':{'status':'x'}}}"));
	is_silent(out.event, FIELD_SUMMARY);
	assert_int_equal(warnings.dropped[FIELD_SUMMARY], 0);
}

/* ------------------------------------------------------ archived answers */

#define ARCHIVED(provider, id, body) "{'fetched_at':'2026-06-01T02:00:00Z'," \
	"'provider':'" provider "','kind':'detail','call_id':" id ",'body':" body "}"

static void
an_archived_call_of_minivoice_is_read(void **state)
{
	const struct event *e = event_of(q(ARCHIVED("minivoice", "'call_123'",
	    "{'id':'call_123','status':'completed','direction':'outbound',"
	    "'created_at':'2026-05-29T12:00:00Z','from':'+1','to':'+2'}")));

	(void)state;
	assert_int_equal(e->kind, KIND_DETAIL);
	assert_int_equal(e->time_us, us("2026-06-01T02:00:00Z"));
	assert_false(e->time_stated);
	has_num(e, FIELD_STARTED_AT, us("2026-05-29T12:00:00Z"));
	assert_int_equal(e->utc_day, time_utc_day(us("2026-05-29T12:00:00Z")));
	has_status(e, OUTCOME_COMPLETED, "completed");
	has_text(e, FIELD_DIRECTION, "outbound");
	assert_int_equal(warnings.unknown_types, 0);
	has_status(event_of(q(ARCHIVED("minivoice", "'c'",
	    "{'data':{'id':'c','status':'busy'}}"))), OUTCOME_BUSY, "busy");
}

#define MINI_AI "{'call':{'id':'call_123','status':'completed'," \
	"'duration_seconds':180},'transcription':{'status':'completed'}," \
	"'summary':{'status':'failed','summary':'short','outcome':'follow_up'," \
	"'sentiment':'neutral','action_items':['Review invoice']}," \
	"'score':{'percentage':85},'topics':[{'topic':'B'}]}"

static void
an_archived_analysis_of_minivoice_is_read(void **state)
{
	static const char *const line[] = {
		ARCHIVED("minivoice", "'call_123'", MINI_AI),
		ARCHIVED("minivoice", "'call_123'", "{'data':" MINI_AI "}"),
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct event *e = event_of(q("%s", line[i]));

		has_status(e, OUTCOME_COMPLETED, "completed");
		has_num(e, FIELD_DURATION, 180000);
		has_text(e, FIELD_SUMMARY, "short");
		has_text(e, FIELD_SENTIMENT, "neutral");
		has_text(e, FIELD_REQUIRED_ACTIONS, "[\"Review invoice\"]");
		has_text(e, FIELD_INSIGHTS,
		    "{\"score\":{\"percentage\":85},\"topics\":[{\"topic\":\"B\"}]}");
		is_silent(e, FIELD_SUCCESS);
	}
}

#define MIRAI_DETAIL "'call':{'id':'c1','status':'completed'," \
	"'startedAt':'2026-05-29T12:00:00Z'},'assistantId':'a1'," \
	"'metadata':{'campaign':'k'},'analysis':{'success':'true'}"

static void
an_archived_answer_of_miraiminds_may_be_wrapped_or_bare(void **state)
{
	static const char *const line[] = {
		ARCHIVED("miraiminds", "'c1'", "{" MIRAI_DETAIL "}"),
		ARCHIVED("miraiminds", "'c1'", "{'event':{" MIRAI_DETAIL "}}"),
		ARCHIVED("miraiminds", "'c1'", "{'event':{'type':"
		    "'call.completed','data':{" MIRAI_DETAIL "}}}"),
		ARCHIVED("miraiminds", "'c1'", "{'data':{" MIRAI_DETAIL "}}"),
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct event *e = event_of(q("%s", line[i]));

		assert_int_equal(e->kind, KIND_DETAIL);
		has_status(e, OUTCOME_COMPLETED, "completed");
		has_text(e, FIELD_ASSISTANT_ID, "a1");
		has_text(e, FIELD_CAMPAIGN_ID, "k");
		has_text(e, FIELD_DIRECTION, "outbound");
		has_num(e, FIELD_SUCCESS, 1);
	}
}

static void
an_archived_message_of_whippy_is_read(void **state)
{
	const struct event *e = event_of(q(ARCHIVED("whippy", "'w1'",
	    "{'id':'w1','type':'call','delivery_status':'call_completed.dial_busy',"
	    "'direction':'OUTBOUND','campaign_id':'k','metadata':{'duration':1500,"
	    "'agent_id':'a'},'attachments':[" WHIPPY_RECORDING "]}")));

	(void)state;
	has_status(e, OUTCOME_BUSY, "call_completed.dial_busy");
	has_num(e, FIELD_DURATION, 1500);
	has_text(e, FIELD_CAMPAIGN_ID, "k");
	has_text(e, FIELD_RECORDING_URL,
	    "https://example/calls/dba9f998/recording.wav");
	ignored(q(ARCHIVED("whippy", "'w1'",
	    "{'id':'w1','type':'sms','delivery_status':'delivered'}")),
	    "a message that is no call");
}

/* Two calls may have the same analysis, word for word. */
static void
an_answer_that_names_no_call_is_of_the_one_asked_for(void **state)
{
	static const char one[] = ARCHIVED("whippy", "'w1'", WHIPPY_ANALYSIS);
	static const char two[] = ARCHIVED("whippy", "'w2'", WHIPPY_ANALYSIS);

	(void)state;
	is_str(event_of(q(one))->call_id, "w1");
	has_text(out.event, FIELD_SENTIMENT, "positive");
	has_num(out.event, FIELD_VOICEMAIL, 0);
	other_event(q(one), q(two));
	same_event(q(one), q(one));
}

static void
an_answer_of_another_call_is_rejected(void **state)
{
	(void)state;
	rejected(q(ARCHIVED("minivoice", "'c1'", "{'id':'c2','status':'busy'}")),
	    REJECT_BAD_DETAIL);
	rejected(q(ARCHIVED("acme", "'c1'", "{'id':'c1','status':'busy'}")),
	    REJECT_BAD_DETAIL);
	rejected(q(ARCHIVED("whippy", "null", WHIPPY_ANALYSIS)),
	    REJECT_NO_CALL_ID);
	is_str(event_of(q(ARCHIVED("minivoice", "7", "{'id':7,'status':'busy'}")))
	    ->call_id, "7");
	is_str(event_of(q(ARCHIVED("minivoice", "null", "{'id':'c2','status':'busy'}")))
	    ->call_id, "c2");
}

static void
an_archived_error_is_rejected_as_such(void **state)
{
	(void)state;
	rejected(q(ARCHIVED("minivoice", "'c'",
	    "{'error':{'code':'call_not_found','message':'no'}}")),
	    REJECT_ERROR_BODY);
	rejected(q(ARCHIVED("minivoice", "'c'", "{'hello':1}")), REJECT_NO_SHAPE);
	rejected(q(ARCHIVED("minivoice", "'c'", "[1]")), REJECT_NO_SHAPE);
	rejected(q(ARCHIVED("minivoice", "'c'", "'<html>'")), REJECT_NO_SHAPE);
}

static void
an_archived_answer_may_be_text_and_in_an_envelope(void **state)
{
	const struct event *e = event_of(q("{'payload':{'provider':'minivoice',"
	    "'kind':'detail','call_id':'c','body':"
	    "'{\\u0022id\\u0022:\\u0022c\\u0022,\\u0022status\\u0022:\\u0022busy\\u0022}'},"
	    "'received_at':'2026-06-02T00:00:00Z'}"));

	(void)state;
	has_status(e, OUTCOME_BUSY, "busy");
	assert_int_equal(e->time_us, us("2026-06-02T00:00:00Z"));
}

/* Details without an archive's frame are nobody's. */
static void
a_bare_answer_is_no_event(void **state)
{
	(void)state;
	rejected(q("{'id':'call_123','status':'completed','direction':'outbound',"
	    "'from':'+15551230001','to':'+15551230002'}"), REJECT_NO_SHAPE);
}

/* ------------------------------------------------------------- envelopes */

#define INNER "{'event':{'type':'call.busy','data':{'call':{'id':'c'}}}}"

/* text as a JSON text, quotes and all. */
static const char *
as_text(const char *json)
{
	static char buffers[4][16 * 1024];
	static unsigned next;
	char *start = buffers[next++ % 4], *o = start;

	*o++ = '"';
	for (; *json != '\0'; json++) {
		if (*json == '"' || *json == '\\')
			*o++ = '\\';
		*o++ = *json;
	}
	*o++ = '"';
	*o = '\0';
	return start;
}

static const char *
as_base64(const char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char buffers[4][4096];
	static unsigned next;
	char *start = buffers[next++ % 4], *o = start;
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < n ? (unsigned char)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			*o++ = i + k > n ? '=' : digits[v >> (18 - 6 * k) & 63];
	}
	*o = '\0';
	return start;
}

static void
a_message_is_found_in_every_envelope(void **state)
{
	static const char *const name[] = { "body", "payload", "rawBody", "data" };
	const char *inner = q(INNER);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		same_event(inner, q("{'x':1,'%s':%s}", name[i], inner));
		same_event(inner, q("{'%s':%s}", name[i], as_text(inner)));
		same_event(inner, q("{'isBase64Encoded':true,'%s':'%s'}",
		    name[i], as_base64(inner)));
		same_event(inner, q("{'isBase64Encoded':true,'%s':%s}",
		    name[i], as_text(inner)));
	}
	rejected(q("{'body':'%s'}", as_base64(inner)), REJECT_NO_SHAPE);
	rejected(q("{'isBase64Encoded':false,'body':'%s'}", as_base64(inner)),
	    REJECT_NO_SHAPE);
	rejected(q("{'isBase64Encoded':true,'body':'!%s'}", as_base64(inner)),
	    REJECT_NO_SHAPE);
	rejected(q("{'message':%s}", inner), REJECT_NO_SHAPE);
}

static void
base64_of_every_length_is_read(void **state)
{
	(void)state;
	for (int pad = 0; pad < 5; pad++) {
		const char *inner = q("{'event':{'type':'call.busy','data':"
		    "{'call':{'id':'%.*s'}}}}", pad + 1, "abcdef");
		const char *text = as_base64(inner);
		int n = (int)strcspn(text, "=");

		same_event(inner, q("{'isBase64Encoded':true,'body':'%s'}", text));
		same_event(inner, q("{'isBase64Encoded':'true','body':'%.*s'}",
		    n, text));
	}
}

static void
envelopes_are_opened_three_deep(void **state)
{
	const char *inner = q(INNER);
	const char *three = q("{'data':{'body':%s}}",
	    as_text(q("{'rawBody':%s}", as_text(inner))));

	(void)state;
	same_event(inner, three);
	rejected(q("{'payload':%s}", three), REJECT_NO_SHAPE);
	rejected(q("{'payload':%s}", as_text(three)), REJECT_NO_SHAPE);
}

static void
the_first_match_wins_depth_first(void **state)
{
	(void)state;
	event_of(q("{'data':" INNER ",'body':{'body':{'event':{'type':'call.ended',"
	    "'data':{'call':{'id':'deep'}}}}}}"));
	is_str(out.event->call_id, "deep");
	/* as it stands beats whatever is inside */
	event_of(q("{'event':{'type':'call.busy','data':{'call':{'id':'top'}}},"
	    "'body':" INNER "}"));
	is_str(out.event->call_id, "top");
	/* the first match wins, even one that says nothing */
	ignored(q("{'body':{'event':'sms.sent','data':{}},'payload':" INNER "}"),
	    "not an event of a call");
}

static void
the_receipt_time_is_the_innermost_valid_one(void **state)
{
	int64_t one = us("2026-01-01T00:00:01Z"), two = us("2026-01-01T00:00:02Z");

	(void)state;
	event_of(q("{'body':" INNER ",'received_at':'2026-01-01T00:00:01Z'}"));
	assert_int_equal(out.event->time_us, one);
	assert_false(out.event->time_stated);
	assert_int_equal(out.event->utc_day, EVENT_UTC_DAY_NONE);
	event_of(q("{'body':" INNER ",'receivedAt':1767225602000}"));
	assert_int_equal(out.event->time_us, two);
	event_of(q("{'body':{'body':" INNER ",'received_at':'2026-01-01T00:00:01Z'},"
	    "'received_at':'2026-01-01T00:00:02Z'}"));
	assert_int_equal(out.event->time_us, one);
	event_of(q("{'body':{'body':" INNER ",'received_at':'whenever'},"
	    "'received_at':'2026-01-01T00:00:02Z'}"));
	assert_int_equal(out.event->time_us, two);
	assert_int_equal(warnings.times_dropped, 1);
	event_of(q("{'received_at':'2026-01-01T00:00:01Z','event':{'type':'call.busy',"
	    "'data':{'call':{'id':'c'}}}}"));
	assert_int_equal(out.event->time_us, TIME_NONE);
}

static void
a_stated_time_beats_the_receipt(void **state)
{
	(void)state;
	event_of(q("{'received_at':'2026-06-01T00:00:00Z','body':%s}",
	    q(MINI("call.created", "null") "'data':{}}")));
	assert_int_equal(out.event->time_us, us("2026-05-29T12:10:00Z"));
	assert_true(out.event->time_stated);
}

/* ------------------------------------------------------------- coercions */

#define CALL(members) "{'event':{'type':'end-of-call','data':" \
	"{'call':{'id':'c'," members "}}}}"
#define PARTS(members) "{'event':{'type':'end-of-call','data':" \
	"{'call':{'id':'c'}," members "}}}"

static void
durations_and_credits_are_numbers_or_numeric_text(void **state)
{
	(void)state;
	has_num(event_of(q(CALL("'durationSeconds':'45.5'"))), FIELD_DURATION, 45500);
	has_num(event_of(q(CALL("'durationSeconds':0"))), FIELD_DURATION, 0);
	is_dropped(event_of(q(CALL("'durationSeconds':-1"))), FIELD_DURATION);
	is_dropped(event_of(q(CALL("'durationSeconds':'45s'"))), FIELD_DURATION);
	is_dropped(event_of(q(CALL("'durationSeconds':true"))), FIELD_DURATION);
	is_dropped(event_of(q(CALL("'durationSeconds':1e300"))), FIELD_DURATION);
	is_dropped(event_of(q(CALL("'durationSeconds':9223372036854775807"))),
	    FIELD_DURATION);
	is_dropped(event_of(q(CALL("'durationSeconds':18446744073709551615"))),
	    FIELD_DURATION);
	is_dropped(event_of(q(CALL("'durationSeconds':{'s':1}"))), FIELD_DURATION);
	has_num(event_of(q(PARTS("'credits':{'used':'0.1234565'}"))),
	    FIELD_CREDITS_USED, 123457);
	has_num(event_of(q(PARTS("'credits':{'used':2}"))), FIELD_CREDITS_USED,
	    2000000);
	is_dropped(event_of(q(PARTS("'credits':{'used':-0.5}"))),
	    FIELD_CREDITS_USED);
	has_num(event_of(q(PARTS("'credits':{'available':-0.5}"))),
	    FIELD_CREDITS_AVAILABLE, -500000);
}

static void
counts_are_whole_and_not_negative(void **state)
{
	(void)state;
	has_num(event_of(q(PARTS("'report':{'reAttemptCount':0}"))),
	    FIELD_REATTEMPTS, 0);
	has_num(event_of(q(PARTS("'report':{'reAttemptCount':'3'}"))),
	    FIELD_REATTEMPTS, 3);
	has_num(event_of(q(PARTS("'report':{'reAttemptCount':2.0}"))),
	    FIELD_REATTEMPTS, 2);
	is_dropped(event_of(q(PARTS("'report':{'reAttemptCount':2.5}"))),
	    FIELD_REATTEMPTS);
	is_dropped(event_of(q(PARTS("'report':{'reAttemptCount':-1}"))),
	    FIELD_REATTEMPTS);
	is_dropped(event_of(q(PARTS("'report':{'reAttemptCount':'-1'}"))),
	    FIELD_REATTEMPTS);
	is_dropped(event_of(q(PARTS("'report':{'reAttemptCount':[1]}"))),
	    FIELD_REATTEMPTS);
}

static void
booleans_may_be_text_in_any_case(void **state)
{
	(void)state;
	has_num(event_of(q(PARTS("'analysis':{'success':false}"))), FIELD_SUCCESS, 0);
	has_num(event_of(q(PARTS("'analysis':{'success':'True'}"))), FIELD_SUCCESS, 1);
	has_num(event_of(q(PARTS("'analysis':{'success':'FALSE'}"))), FIELD_SUCCESS, 0);
	is_dropped(event_of(q(PARTS("'analysis':{'success':1}"))), FIELD_SUCCESS);
	is_dropped(event_of(q(PARTS("'analysis':{'success':'yes'}"))), FIELD_SUCCESS);
}

static void
times_may_have_offsets_or_be_epochs(void **state)
{
	int64_t t = us("2026-03-01T09:30:00Z");

	(void)state;
	has_num(event_of(q(CALL("'endedAt':'2026-03-01T15:00:00+05:30'"))),
	    FIELD_ENDED_AT, t);
	has_num(event_of(q(CALL("'endedAt':'2026-03-01 09:30:00'"))),
	    FIELD_ENDED_AT, t);
	has_num(event_of(q(CALL("'endedAt':1772357400"))), FIELD_ENDED_AT, t);
	has_num(event_of(q(CALL("'endedAt':1772357400000"))), FIELD_ENDED_AT, t);
	has_num(event_of(q(CALL("'endedAt':'1772357400'"))), FIELD_ENDED_AT, t);
	has_num(event_of(q(CALL("'endedAt':1772357400.25"))), FIELD_ENDED_AT,
	    t + 250000);
	is_dropped(event_of(q(CALL("'endedAt':'2026-03-01'"))), FIELD_ENDED_AT);
	is_dropped(event_of(q(CALL("'endedAt':0"))), FIELD_ENDED_AT);
	is_dropped(event_of(q(CALL("'endedAt':'1999-12-31T23:59:59Z'"))),
	    FIELD_ENDED_AT);
	is_dropped(event_of(q(CALL("'endedAt':true"))), FIELD_ENDED_AT);
}

static void
text_comes_from_text_or_whole_numbers(void **state)
{
	(void)state;
	has_text(event_of(q(PARTS("'analysis':{'summary':12}"))), FIELD_SUMMARY, "12");
	has_text(event_of(q(PARTS("'analysis':{'summary':18446744073709551615}"))),
	    FIELD_SUMMARY, "18446744073709551615");
	is_dropped(event_of(q(PARTS("'analysis':{'summary':1.5}"))), FIELD_SUMMARY);
	is_dropped(event_of(q(PARTS("'analysis':{'summary':['x']}"))), FIELD_SUMMARY);
	is_dropped(event_of(q(PARTS("'analysis':{'summary':true}"))), FIELD_SUMMARY);
	has_text(event_of(q(PARTS("'analysis':{'summary':' '}"))), FIELD_SUMMARY, " ");
}

static void
lists_and_maps_are_canonical(void **state)
{
	(void)state;
	has_text(event_of(q(PARTS("'analysis':{'requiredActions':'send-email'}"))),
	    FIELD_REQUIRED_ACTIONS, "[\"send-email\"]");
	has_text(event_of(q(PARTS("'analysis':{'requiredActions':[null,{'b':1, 'a' : ''}]}"))),
	    FIELD_REQUIRED_ACTIONS, "[{\"a\":\"\",\"b\":1}]");
	is_silent(event_of(q(PARTS("'analysis':{'requiredActions':['',null]}"))),
	    FIELD_REQUIRED_ACTIONS);
	assert_int_equal(warnings.dropped[FIELD_REQUIRED_ACTIONS], 0);
	is_dropped(event_of(q(PARTS("'analysis':{'requiredActions':{'a':1}}"))),
	    FIELD_REQUIRED_ACTIONS);
	is_dropped(event_of(q(PARTS("'analysis':{'insights':[1]}"))), FIELD_INSIGHTS);
	is_dropped(event_of(q(PARTS("'analysis':{'insights':'x'}"))), FIELD_INSIGHTS);
	has_text(event_of(q(PARTS("'analysis':{'insights':{'b':0,'a':{},'c':null,'B':false}}"))),
	    FIELD_INSIGHTS, "{\"B\":false,\"b\":0}");
	is_silent(event_of(q(PARTS("'analysis':{'insights':{'a':[],'b':null}}"))),
	    FIELD_INSIGHTS);
}

static void
a_sentiment_of_no_map_is_unknown_and_silence_is_none(void **state)
{
	(void)state;
	has_text(event_of(q(PARTS("'analysis':{'sentiment':'Furious'}"))),
	    FIELD_SENTIMENT, "unknown");
	has_text(event_of(q(PARTS("'analysis':{'sentiment':0.8}"))),
	    FIELD_SENTIMENT, "unknown");
	is_silent(event_of(q(PARTS("'analysis':{'sentiment':''}"))), FIELD_SENTIMENT);
	is_dropped(event_of(q(PARTS("'analysis':{'sentiment':{'label':'x'}}"))),
	    FIELD_SENTIMENT);
}

/* Of several places the first that is not silent decides, good or bad. */
static void
a_bad_value_is_not_looked_for_elsewhere(void **state)
{
	(void)state;
	is_dropped(event_of(q("{'event':{'type':'end-of-call','data':{'call':"
	    "{'id':'c','durationSeconds':'long'}},'call':{'durationSeconds':7}}}")),
	    FIELD_DURATION);
}

static void
the_first_of_repeated_members_counts(void **state)
{
	(void)state;
	event_of(q("{'event':{'type':'call.busy','type':'call.ended','data':{'call':"
	    "{'id':'one','id':'two'}},'data':{'call':{'status':'failed'},"
	    "'analysis':{'summary':'second'}}}}"));
	is_str(out.event->call_id, "one");
	is_str(out.event->type, "call.busy");
	has_status(out.event, OUTCOME_BUSY, "busy");
	is_silent(out.event, FIELD_SUMMARY);
}

static void
nuls_and_lone_surrogates_are_replaced_and_counted(void **state)
{
	(void)state;
	has_text(event_of(q(PARTS("'analysis':{'summary':'a\\u0000b\\u0000'}"))),
	    FIELD_SUMMARY, "a\xef\xbf\xbd" "b\xef\xbf\xbd");
	assert_int_equal(warnings.replaced, 2);
	has_text(event_of(q(PARTS("'analysis':{'summary':'a\\ud800b\\ud83d\\ude00'}"))),
	    FIELD_SUMMARY, "a\xef\xbf\xbd" "b\xf0\x9f\x98\x80");
	assert_int_equal(warnings.replaced, 1);
	has_text(event_of(q(PARTS("'analysis':{'insights':{'k':['\\u0000']}}"))),
	    FIELD_INSIGHTS, "{\"k\":[\"\xef\xbf\xbd\"]}");
	assert_int_equal(warnings.replaced, 1);
	has_text(event_of(q("{'body':%s}",
	    as_text(q(PARTS("'analysis':{'summary':'\\udc00'}"))))),
	    FIELD_SUMMARY, "\xef\xbf\xbd");
	assert_int_equal(warnings.replaced, 1);
	is_str(event_of(q(CALL("'x':1") "  "))->call_id, "c");
	is_str(event_of(q("{'event':{'type':'call.\\u0000','data':"
	    "{'call':{'id':'i\\u0000'}}}}"))->call_id, "i\xef\xbf\xbd");
	is_str(out.event->type, "call.\xef\xbf\xbd");
	is_str(out.event->status, "\xef\xbf\xbd");
}

/* --------------------------------------------------- rejects and ignored */

static void
what_is_no_json_is_rejected_with_its_place(void **state)
{
	(void)state;
	rejected("{\"a\":}", REJECT_NOT_JSON);
	assert_non_null(strstr(out.message, "byte"));
	rejected("{\"a\":\"\\x\"}", REJECT_NOT_JSON);
	rejected("{", REJECT_NOT_JSON);
	rejected("hello", REJECT_NOT_JSON);
	rejected("{\"a\":\"\xff\"}", REJECT_BAD_UTF8);
	rejected("{\"a\":123456789012345678901234567890}", REJECT_NUMBER_RANGE);
	assert_int_equal(decode_bytes("{\"a\":\"\0\"}", 8), DECODED_REJECT);
	assert_int_equal(out.reason, REJECT_NOT_JSON);
}

static void
what_is_nested_too_deep_is_rejected(void **state)
{
	static char text[8192];

	(void)state;
	memset(text, '[', 4000);
	memset(text + 4000, ']', 4000);
	rejected(text, REJECT_TOO_DEEP);
}

static void
blank_lines_are_ignored(void **state)
{
	(void)state;
	ignored("", "blank");
	ignored(" \t\r", "blank");
	ignored("\v\f", "blank");
}

static void
what_no_profile_knows_is_rejected(void **state)
{
	(void)state;
	rejected("[{\"event\":1}]", REJECT_NOT_OBJECT);
	rejected("42", REJECT_NOT_OBJECT);
	rejected("null", REJECT_NOT_OBJECT);
	rejected("{}", REJECT_NO_SHAPE);
	rejected(q("{'event':'call.started'}"), REJECT_NO_SHAPE);
	rejected(q("{'event':{'data':{'call':{'id':1}}}}"), REJECT_NO_SHAPE);
	rejected(q("{'event':'','data':{'id':1}}"), REJECT_NO_SHAPE);
	/* other platforms: flat, under message, under conversation_id */
	rejected(q("{'call_id':'x','status':'completed','answered_by':'human'}"),
	    REJECT_NO_SHAPE);
	rejected(q("{'message':{'type':'end-of-call-report','call':{'id':'x'}}}"),
	    REJECT_NO_SHAPE);
	rejected(q("{'type':'post_call_transcription','event_timestamp':1,"
	    "'data':{'conversation_id':'x','status':'done'}}"), REJECT_NO_SHAPE);
}

static void
what_names_no_call_is_rejected(void **state)
{
	char id[CALL_ID_MAX_BYTES + 2];

	(void)state;
	rejected(q("{'event':{'type':'call.busy','data':{}}}"), REJECT_NO_CALL_ID);
	rejected(q("{'event':{'type':'call.busy','data':{'call':{'id':''}}}}"),
	    REJECT_NO_CALL_ID);
	rejected(q("{'event':{'type':'call.busy','data':{'call':{'id':1.5}}}}"),
	    REJECT_NO_CALL_ID);
	rejected(q("{'event':{'type':'call.busy','data':{'call':{'id':{'a':1}}}}}"),
	    REJECT_NO_CALL_ID);
	rejected(q("{'event':'call.ended','data':{'delivery_status':'x'}}"),
	    REJECT_NO_CALL_ID);
	rejected(q("{'event':'call.ended','call':{'call_id':'x'}}"),
	    REJECT_NO_CALL_ID);
	memset(id, 'x', sizeof(id));
	id[CALL_ID_MAX_BYTES + 1] = '\0';
	rejected(q("{'event':{'type':'call.busy','data':{'call':{'id':'%s'}}}}", id),
	    REJECT_NO_CALL_ID);
	assert_non_null(strstr(out.message, "1024"));
	id[CALL_ID_MAX_BYTES] = '\0';
	is_str(event_of(q("{'event':{'type':'call.busy','data':{'call':{'id':'%s'}}}}",
	    id))->call_id, id);
	is_str(event_of(q("{'event':{'type':'call.busy','data':{'call':{'id':-7}}}}"))
	    ->call_id, "-7");
}

static void
error_bodies_are_rejected_at_any_depth(void **state)
{
	(void)state;
	rejected(q("{'error':{'code':'invalid_request','message':'example request "
	    "is missing a required field'}}"), REJECT_ERROR_BODY);
	rejected(q("{'statusCode':404,'body':%s}",
	    as_text(q("{'error':{'code':'x'}}"))), REJECT_ERROR_BODY);
	rejected(q("{'error':'text'}"), REJECT_NO_SHAPE);
	rejected(q("{'error':{}}"), REJECT_NO_SHAPE);
	event_of(q("{'error':{'code':'x'},'body':" INNER "}"));
}

static void
messages_name_members_but_no_phone_numbers(void **state)
{
	(void)state;
	rejected(q("{'alpha':1,'+919876543210':2,'\\n\\u00e9':3,'123456':4}"),
	    REJECT_NO_SHAPE);
	assert_non_null(strstr(out.message, "alpha"));
	assert_non_null(strstr(out.message, "123456)"));
	assert_null(strstr(out.message, "9876543"));
	assert_null(strstr(out.message, "\n"));
	for (const char *c = out.message; *c != '\0'; c++)
		assert_true(*c >= ' ' && *c <= '~');
	rejected("{\"a\":\"call +919876543210 now\",}", REJECT_NOT_JSON);
	assert_null(strstr(out.message, "9876543"));
}

static void
a_message_is_cut_to_its_size(void **state)
{
	char text[4096] = "{";

	(void)state;
	for (int i = 0; i < 100; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s\"member_%d\":1", i ? "," : "", i);
	strcat(text, "}");
	rejected(text, REJECT_NO_SHAPE);
	assert_true(strlen(out.message) < DECODE_MESSAGE_BYTES);
}

/* -------------------------------------------------------------- identity */

static void
a_respaced_copy_is_the_same_event(void **state)
{
	(void)state;
	same_event(q(INNER), q(" { 'event' :\t{ 'type':'call.busy' , 'data':"
	    "{'call':{'id':'\\u0063'}}}} \r"));
}

static void
a_copy_with_another_volatile_member_is_the_same_event(void **state)
{
	(void)state;
	same_event(q(whippy_ended, "one"), q(whippy_ended, "two"));
	same_event(q(whippy_ended, "one"),
	    q("{'received_at':1767225602,'body':%s}", q(whippy_ended, "three")));
	same_event(q("{'event':'call.ended','data':{'id':'x'}}"),
	    q("{'event':'call.ended','request_id':{'deep':[1]},'data':{'id':'x'}}"));
}

static void
another_body_is_another_event(void **state)
{
	(void)state;
	other_event(q(INNER),
	    q("{'event':{'type':'call.busy','data':{'call':{'id':'d'}}}}"));
	other_event(q(INNER),
	    q("{'event':{'type':'call.busy','data':{'call':{'id':'c','x':null}}}}"));
	/* request_id counts where the profile does not call it volatile */
	other_event(q("{'event':{'type':'call.busy','data':{'call':{'id':'c'}}},"
	    "'request_id':1}"), q(INNER));
}

/* The same bytes mean something else as another kind. */
static void
kind_is_part_of_the_identity(void **state)
{
	(void)state;
	other_event(q(INNER), q(ARCHIVED("miraiminds", "'c'", INNER)));
}

static void
nothing_of_a_line_is_needed_after_it(void **state)
{
	const struct event *first = event_of(q("%s", whippy_analyzed));

	(void)state;
	event_of(q(whippy_ended, "r"));
	is_whippy_call(first, 2);
	has_text(first, FIELD_SUMMARY, "The user, Jack, said all.");
}

static void
a_very_long_line_is_decoded_like_any_other(void **state)
{
	size_t n = 3 * 1024 * 1024;
	char *text = malloc(n + 256);
	int head = snprintf(text, 256, "%s",
	    "{\"event\":{\"type\":\"call.busy\",\"data\":{\"call\":{\"id\":\"c\"}}},\"pad\":\"");

	(void)state;
	memset(text + head, 'x', n);
	memcpy(text + (size_t)head + n, "\"}", 3);
	is_str(event_of(text)->call_id, "c");
	is_str(event_of(q(INNER))->call_id, "c");
	free(text);
}

/* ------------------------------------------------------------- overrides */

static struct event *
override(const char *provider, const char *id, const char *assistant,
    const char *campaign, int64_t t)
{
	return decode_override(set, &arena, str_of(provider), str_of(id),
	    str_of(assistant), str_of(campaign), t);
}

static void
an_override_states_what_its_cells_do(void **state)
{
	struct event *e = override("whippy", "w1", "", "spring", 5);

	(void)state;
	assert_int_equal(e->kind, KIND_OVERRIDE);
	assert_int_equal(e->utc_day, EVENT_UTC_DAY_OVERRIDE);
	assert_int_equal(e->time_us, 5);
	assert_true(e->time_stated);
	assert_ptr_equal(e->profile, profiles_find(set, STR("whippy")));
	is_silent(e, FIELD_ASSISTANT_ID);
	has_text(e, FIELD_CAMPAIGN_ID, "spring");
	has_no_status(e);
	e = override("unheard-of", "w1", "a", "k", 5);
	assert_null(e->profile);
	is_str(e->provider, "unheard-of");
	has_text(e, FIELD_ASSISTANT_ID, "a");
	has_text(e, FIELD_CAMPAIGN_ID, "k");
}

static void
an_override_is_known_by_what_it_says(void **state)
{
	struct event *a = override("whippy", "w1", "x", "", 5);
	struct event *b = override("whippy", "w1", "x", "", 6);
	struct event *c = override("whippy", "w1", "", "x", 5);
	struct id128 key = event_call_key(STR("whippy"), STR("w1"));

	(void)state;
	assert_int_equal(id128_cmp(&a->identity, &b->identity), 0);
	assert_int_not_equal(id128_cmp(&a->identity, &c->identity), 0);
	assert_int_equal(id128_cmp(&a->key, &key), 0);
}

/* ---------------------------------------------------------------- memory */

static void
memory_that_runs_out_is_told_and_not_fatal(void **state)
{
	char line[512] = "";
	struct arena small;

	(void)state;
	strcat(line, q(INNER));
	arena_init(&small, 16);
	assert_int_equal(decode_line(decoder, str_of(line), &small, &warnings,
	    &out), DECODED_NO_MEMORY);
	arena_close(&small);
	event_of(q(INNER));
}

static int
setup(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	arena_init(&arena, 0);
	set = profiles_load(NULL, &err);
	if (set == NULL)
		return 1;
	decoder = decoder_open(set);
	return decoder == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	decoder_close(decoder);
	profiles_free(set);
	arena_close(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_miraiminds_seed_counts_once_wherever_it_stands),
		cmocka_unit_test(every_miraiminds_status_counts_in_every_place),
		cmocka_unit_test(a_type_that_is_no_status_states_none),
		cmocka_unit_test(an_unknown_type_is_kept_and_counted_as_drift),
		cmocka_unit_test(event_data_wins_over_event_field_by_field),
		cmocka_unit_test(miraiminds_event_time_depends_on_the_outcome),
		cmocka_unit_test(miraiminds_sentiment_and_campaign_have_several_places),
		cmocka_unit_test(an_action_without_a_call_is_ignored),
		cmocka_unit_test(the_dispatch_log_states_what_was_sent),
		cmocka_unit_test(a_dispatch_without_a_call_is_ignored),
		cmocka_unit_test(the_whippy_seed_started_is_no_json_as_published),
		cmocka_unit_test(the_whippy_seed_ended_states_milliseconds_and_the_recording),
		cmocka_unit_test(the_whippy_seed_analyzed_states_the_analysis),
		cmocka_unit_test(every_whippy_status_maps),
		cmocka_unit_test(voicemail_is_true_when_either_place_says_so),
		cmocka_unit_test(custom_analysis_may_be_spelt_either_way),
		cmocka_unit_test(the_whippy_shape_of_2023_has_the_update_as_its_time),
		cmocka_unit_test(whippy_events_of_no_call_are_ignored),
		cmocka_unit_test(the_minivoice_seed_is_read),
		cmocka_unit_test(every_minivoice_status_counts),
		cmocka_unit_test(minivoice_times_come_from_the_events),
		cmocka_unit_test(minivoice_duration_is_never_a_recordings),
		cmocka_unit_test(minivoice_campaign_may_be_in_variables_or_metadata),
		cmocka_unit_test(minivoice_ai_events_state_the_analysis),
		cmocka_unit_test(an_archived_call_of_minivoice_is_read),
		cmocka_unit_test(an_archived_analysis_of_minivoice_is_read),
		cmocka_unit_test(an_archived_answer_of_miraiminds_may_be_wrapped_or_bare),
		cmocka_unit_test(an_archived_message_of_whippy_is_read),
		cmocka_unit_test(an_answer_that_names_no_call_is_of_the_one_asked_for),
		cmocka_unit_test(an_answer_of_another_call_is_rejected),
		cmocka_unit_test(an_archived_error_is_rejected_as_such),
		cmocka_unit_test(an_archived_answer_may_be_text_and_in_an_envelope),
		cmocka_unit_test(a_bare_answer_is_no_event),
		cmocka_unit_test(a_message_is_found_in_every_envelope),
		cmocka_unit_test(base64_of_every_length_is_read),
		cmocka_unit_test(envelopes_are_opened_three_deep),
		cmocka_unit_test(the_first_match_wins_depth_first),
		cmocka_unit_test(the_receipt_time_is_the_innermost_valid_one),
		cmocka_unit_test(a_stated_time_beats_the_receipt),
		cmocka_unit_test(durations_and_credits_are_numbers_or_numeric_text),
		cmocka_unit_test(counts_are_whole_and_not_negative),
		cmocka_unit_test(booleans_may_be_text_in_any_case),
		cmocka_unit_test(times_may_have_offsets_or_be_epochs),
		cmocka_unit_test(text_comes_from_text_or_whole_numbers),
		cmocka_unit_test(lists_and_maps_are_canonical),
		cmocka_unit_test(a_sentiment_of_no_map_is_unknown_and_silence_is_none),
		cmocka_unit_test(a_bad_value_is_not_looked_for_elsewhere),
		cmocka_unit_test(the_first_of_repeated_members_counts),
		cmocka_unit_test(nuls_and_lone_surrogates_are_replaced_and_counted),
		cmocka_unit_test(what_is_no_json_is_rejected_with_its_place),
		cmocka_unit_test(what_is_nested_too_deep_is_rejected),
		cmocka_unit_test(blank_lines_are_ignored),
		cmocka_unit_test(what_no_profile_knows_is_rejected),
		cmocka_unit_test(what_names_no_call_is_rejected),
		cmocka_unit_test(error_bodies_are_rejected_at_any_depth),
		cmocka_unit_test(messages_name_members_but_no_phone_numbers),
		cmocka_unit_test(a_message_is_cut_to_its_size),
		cmocka_unit_test(a_respaced_copy_is_the_same_event),
		cmocka_unit_test(a_copy_with_another_volatile_member_is_the_same_event),
		cmocka_unit_test(another_body_is_another_event),
		cmocka_unit_test(kind_is_part_of_the_identity),
		cmocka_unit_test(nothing_of_a_line_is_needed_after_it),
		cmocka_unit_test(a_very_long_line_is_decoded_like_any_other),
		cmocka_unit_test(an_override_states_what_its_cells_do),
		cmocka_unit_test(an_override_is_known_by_what_it_says),
		cmocka_unit_test(memory_that_runs_out_is_told_and_not_fatal),
	};

	return cmocka_run_group_tests_name("decode", tests, setup, teardown);
}
