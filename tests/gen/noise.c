#include "noise.h"

#include <string.h>

/* A message of a call that does not exist, to be spoilt. */
static void
some_message(struct text *t, const struct world *w, uint64_t number)
{
	static struct call c;

	call_plan(&c, w, number);
	call_write(&c, (int)(number % (uint64_t)c.events), 0, t);
}

/* The message ends too early. */
static void
write_truncated(struct text *t, const struct world *w, uint64_t number)
{
	some_message(t, w, number);
	t->n = 1 + mix64(number) % (t->n - 1);
}

/* A byte in the message that is no UTF-8. */
static void
write_bad_utf8(struct text *t, const struct world *w, uint64_t number)
{
	static const char *const bad[] = { "\xff", "\xc3(", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80" };
	struct text whole = { 0 };
	size_t at;

	some_message(&whole, w, number);
	at = 2 + mix64(number) % (whole.n - 3);
	text_put(t, whole.p, at);
	text_puts(t, bad[number % COUNT(bad)]);
	text_put(t, whole.p + at, whole.n - at);
	text_free(&whole);
}

/* An integer beyond 64 bits in a message that is good otherwise. */
static void
write_huge(struct text *t, const struct world *w, uint64_t number)
{
	struct text whole = { 0 };

	some_message(&whole, w, number);
	text_puts(t, number % 2 ? "{\"sequence\":123456789012345678901234567890," :
	    "{\"sequence\":-99999999999999999999999,");
	text_put(t, whole.p + 1, whole.n - 1);
	text_free(&whole);
}

/* A bare array of a message. */
static void
write_array(struct text *t, const struct world *w, uint64_t number)
{
	text_char(t, '[');
	if (number % 4)
		some_message(t, w, number);
	text_char(t, ']');
}

/* A message and more after it. */
static void
write_trailing(struct text *t, const struct world *w, uint64_t number)
{
	some_message(t, w, number);
	text_puts(t, number % 2 ? " ok" : "{}");
}

/* One envelope more than is opened. */
static void
write_too_deep(struct text *t, const struct world *w, uint64_t number)
{
	for (int i = 0; i < 4; i++)
		text_puts(t, "{\"body\":");
	some_message(t, w, number);
	text_puts(t, "}}}}");
}

/* A message of a Whippy conversation, not of a call. */
static void
write_whippy_message(struct text *t, const struct world *w, uint64_t number)
{
	char id[ID_MAX];

	(void)w;
	words_uuid(id, mix64(number), mix64(number + 7));
	json_open(t, NULL, '{');
	json_open(t, "data", '{');
	json_str(t, "id", id);
	json_str(t, "type", "sms");
	json_str(t, "delivery_status", "delivered");
	json_str(t, "body", words_person(number));
	json_str(t, "created_at", "2026-03-03T12:00:00.000001Z");
	json_close(t, '}');
	json_str(t, "event", number % 2 ? "message.received" : "message.created");
	json_str(t, "created_at", "2026-03-03T12:00:00.100000Z");
	json_str(t, "request_id", id);
	json_close(t, '}');
}

/* A MiraiMinds action that names no call. */
static void
write_action(struct text *t, const struct world *w, uint64_t number)
{
	(void)w;
	text_puts(t, number % 2 ? "{\"event\":{\"type\":\"action\",\"data\":{"
	    "\"action\":\"send_whatsapp\",\"reason\":\"missing_address\"}}}" :
	    "{\"metadata\":{\"order_ref\":\"ORD-001\"},\"event\":{\"type\":\"action\",\"data\":{"
	    "\"action\":\"create_order\",\"payload\":{\"phone\":\"+15550109988\","
	    "\"cartTotal\":150.00}}}}");
}

/* A request that no call came of. */
static void
write_failed_dispatch(struct text *t, const struct world *w, uint64_t number)
{
	(void)w;
	text_puts(t, "{\"sentAt\":\"2026-03-03T12:00:00Z\",\"workspace\":\"ws_retail\","
	    "\"request\":{\"phoneNumber\":\"+919999900000\",\"assistant\":\"asst_1\"},");
	text_puts(t, number % 2 ? "\"response\":{\"status\":\"failed\",\"callId\":null}}" :
	    "\"response\":{\"message\":\"too many requests\"}}");
}

/* number picks one of n texts. */
static void
write_one_of(struct text *t, const char *const *list, size_t n, uint64_t number)
{
	text_puts(t, list[mix64(number) % n]);
}

static void
write_blank(struct text *t, const struct world *w, uint64_t number)
{
	static const char *const list[] = { "", " ", "\t\t", "   \t", " \r" };

	(void)w;
	write_one_of(t, list, COUNT(list), number);
}

static void
write_no_json(struct text *t, const struct world *w, uint64_t number)
{
	static const char *const list[] = {
		"2026-03-03T12:00:00Z INFO hook: worker restarted",
		"<html><head><title>502 Bad Gateway</title></head></html>",
		"{'event': 'call.ended'}", "{event:1}", "{\"a\":1,}", "{\"a\":NaN}",
		"event=call.completed&call_id=123", "{\"a\":01}", "{", "\"", "nul",
		"{\"event\":\"call.ended\" \"data\":{}}", "\x01", "-",
	};

	(void)w;
	write_one_of(t, list, COUNT(list), number);
}

static void
write_scalar(struct text *t, const struct world *w, uint64_t number)
{
	static const char *const list[] = { "null", "true", "42", "-1.5e3", "\"ok\"", "\"\"" };

	(void)w;
	write_one_of(t, list, COUNT(list), number);
}

static void
write_error(struct text *t, const struct world *w, uint64_t number)
{
	static const char *const list[] = {
		"{\"error\":{\"code\":\"invalid_request\",\"message\":\"a field is missing\"}}",
		"{\"error\":{\"code\":\"call_not_found\",\"message\":\"no such call\"}}",
		"{\"status\":\"error\",\"message\":\"Account rate limited\"}",
		"{\"message\":\"Unauthorized\",\"statusCode\":401}",
	};

	(void)w;
	write_one_of(t, list, COUNT(list), number);
}

static void
write_unknown_shape(struct text *t, const struct world *w, uint64_t number)
{
	static const char *const list[] = {
		"{}", "{\"ping\":true}", "{\"CallSid\":\"CA1\",\"CallStatus\":\"completed\"}",
		"{\"message\":{\"type\":\"end-of-call-report\",\"call\":{\"id\":\"v1\"}}}",
		"{\"call_id\":\"b1\",\"call_length\":1.5,\"completed\":true}",
		"{\"type\":\"post_call_transcription\",\"event_timestamp\":1764807451,"
		    "\"data\":{\"conversation_id\":\"conv_1\",\"status\":\"done\"}}",
		"{\"received_at\":\"2026-03-03T12:00:00Z\",\"body\":\"not json\"}",
		"{\"received_at\":\"2026-03-03T12:00:00Z\",\"body\":\"!!!!\","
		    "\"isBase64Encoded\":true}",
		"{\"received_at\":\"2026-03-03T12:00:00Z\",\"body\":null}",
		"{\"body\":[1,2,3]}",
	};

	(void)w;
	write_one_of(t, list, COUNT(list), number);
}

static void
write_no_call_id(struct text *t, const struct world *w, uint64_t number)
{
	static const char *const list[] = {
		"{\"event\":{\"type\":\"call.completed\",\"data\":{\"call\":{\"status\":"
		    "\"completed\"}}}}",
		"{\"event\":{\"type\":\"end-of-call\",\"data\":{\"call\":{\"id\":null}}}}",
		"{\"data\":{\"id\":null,\"type\":\"call\"},\"event\":\"call.ended\","
		    "\"request_id\":\"r1\"}",
		"{\"event\":\"call.completed\",\"created_at\":\"2026-03-03T12:00:00Z\","
		    "\"call\":{\"id\":\"\",\"status\":\"completed\"},\"data\":{}}",
		"{\"event\":\"call.completed\",\"created_at\":\"2026-03-03T12:00:00Z\","
		    "\"call\":{\"call_id\":\"r1\"},\"variables\":{},\"data\":{}}",
	};

	(void)w;
	write_one_of(t, list, COUNT(list), number);
}

static const struct {
	void (*write)(struct text *, const struct world *, uint64_t number);
	bool ignored;
	unsigned weight;
} kinds[] = {
	{ write_no_json, false, 12 },
	{ write_truncated, false, 14 },
	{ write_bad_utf8, false, 10 },
	{ write_huge, false, 8 },
	{ write_array, false, 6 },
	{ write_scalar, false, 6 },
	{ write_error, false, 8 },
	{ write_unknown_shape, false, 12 },
	{ write_no_call_id, false, 8 },
	{ write_trailing, false, 6 },
	{ write_too_deep, false, 4 },
	{ write_blank, true, 14 },
	{ write_whippy_message, true, 14 },
	{ write_action, true, 10 },
	{ write_failed_dispatch, true, 8 },
};

int
noise_draw(struct rng *r)
{
	unsigned weight[COUNT(kinds)];

	for (size_t i = 0; i < COUNT(kinds); i++)
		weight[i] = kinds[i].weight;
	return (int)rng_weighted(r, weight, COUNT(kinds));
}

bool
noise_is_ignored(int kind)
{
	return kinds[kind].ignored;
}

void
noise_write(struct text *t, int kind, const struct world *w, uint64_t number)
{
	kinds[kind].write(t, w, number);
}
