#include "wrap.h"

#include <string.h>

#include "when.h"

/* How an envelope holds what is in it. */
enum carry { AS_OBJECT, AS_TEXT, AS_BASE64, AS_TEXT_NOT_BASE64 };

/* inner: form of the envelope within, 0 for none. */
static const struct form {
	const char *received;	/* name of the time; NULL: none */
	const char *member;
	enum carry carry;
	enum time_style style;
	int inner;
	unsigned weight;
} forms[] = {
	{ NULL, NULL, AS_OBJECT, TIME_Z, 0, 0 },
	{ "received_at", "body", AS_OBJECT, TIME_MILLI, 0, 30 },
	{ "received_at", "body", AS_TEXT, TIME_MILLI, 0, 25 },
	{ "receivedAt", "body", AS_BASE64, TIME_MICRO, 0, 15 },
	{ "receivedAt", "payload", AS_OBJECT, TIME_EPOCH_MS, 0, 8 },
	{ "received_at", "rawBody", AS_TEXT, TIME_OFFSET, 0, 6 },
	{ "received_at", "data", AS_OBJECT, TIME_EPOCH, 0, 4 },
	{ NULL, "body", AS_BASE64, TIME_Z, 0, 4 },
	{ NULL, "body", AS_TEXT_NOT_BASE64, TIME_Z, 0, 4 },
	{ "received_at", "body", AS_TEXT, TIME_Z, 10, 2 },	/* two deep */
	{ NULL, "payload", AS_OBJECT, TIME_Z, 0, 1 },
	{ "receivedAt", "payload", AS_OBJECT, TIME_Z, 9, 1 },	/* three deep */
};

int
wrap_draw(struct rng *r)
{
	unsigned weight[COUNT(forms)];

	for (size_t i = 0; i < COUNT(forms); i++)
		weight[i] = forms[i].weight;
	return (int)rng_weighted(r, weight, COUNT(forms));
}

bool
wrap_states_receipt(int form)
{
	return forms[form].received != NULL;
}

static void
put_base64(struct text *t, const unsigned char *p, size_t n)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t left = (uint32_t)(n - i), v = (uint32_t)p[i] << 16;
		char quad[4];

		v |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		v |= left > 2 ? p[i + 2] : 0;
		quad[0] = digit[v >> 18];
		quad[1] = digit[v >> 12 & 63];
		quad[2] = left > 1 ? digit[v >> 6 & 63] : '=';
		quad[3] = left > 2 ? digit[v & 63] : '=';
		text_put(t, quad, sizeof(quad));
	}
}

/* The member with the message. */
static void
put_carried(struct text *t, const struct form *f, const struct text *message)
{
	switch (f->carry) {
	case AS_OBJECT:
		json_key(t, f->member);
		text_put(t, message->p, message->n);
		break;
	case AS_BASE64:
		json_bool(t, "isBase64Encoded", true);
		json_key(t, f->member);
		text_char(t, '"');
		put_base64(t, (const unsigned char *)message->p, message->n);
		text_char(t, '"');
		break;
	case AS_TEXT_NOT_BASE64:
		json_bool(t, "isBase64Encoded", false);
		json_strn(t, f->member, message->p, message->n);
		break;
	default:
		json_strn(t, f->member, message->p, message->n);
	}
}

/* One envelope. */
static void
put_envelope(struct text *t, const struct form *f, int64_t us, const struct text *message)
{
	json_open(t, NULL, '{');
	if (f->received != NULL)
		json_time(t, f->received, us, f->style);
	json_raw(t, "headers", "{\"content-type\":\"application/json\",\"user-agent\":\"hook/2\"}");
	put_carried(t, f, message);
	json_close(t, '}');
}

void
wrap_write(struct text *t, int form, int64_t us, const struct text *message)
{
	struct text inner = { 0 };

	if (form == 0) {
		text_put(t, message->p, message->n);
		return;
	}
	wrap_write(&inner, forms[form].inner, us, message);
	put_envelope(t, &forms[form], us, &inner);
	text_free(&inner);
}

/* Where a string's closing quote is; i is at the opening one. */
static size_t
string_end(const struct text *m, size_t i)
{
	for (i++; m->p[i] != '"'; i++)
		if (m->p[i] == '\\')
			i++;
	return i;
}

/* None to three blanks. */
static void
put_blanks(struct text *t, struct rng *r)
{
	static const char blank[] = " \t  ";
	uint32_t n = rng_below(r, 4);

	for (uint32_t i = 0; i < n; i++)
		text_char(t, blank[rng_below(r, 4)]);
}

void
wrap_respace(struct text *t, const struct text *m, struct rng *r)
{
	put_blanks(t, r);
	for (size_t i = 0; i < m->n; i++) {
		bool structural = strchr("{}[],:", m->p[i]) != NULL;
		size_t end = m->p[i] == '"' ? string_end(m, i) : i;

		if (structural)
			put_blanks(t, r);
		text_put(t, m->p + i, end - i + 1);
		if (structural)
			put_blanks(t, r);
		i = end;
	}
}
