/*
 * Lines of dumps, envelopes of any content.
 */
#include "fuzz.h"

#include "base/quote.h"
#include "call/decode.h"
#include "call/differ.h"
#include "call/fold.h"
#include "io/doc.h"

enum { EVENTS_MOST = 64 };

/* Events of one call fold to the same, forward and backward. */
static void
must_fold(const struct event **e, size_t n, struct arena *a)
{
	const struct event *other[EVENTS_MOST];
	struct err err = ERR_INIT;
	struct call x, y;

	for (size_t i = 0; i < n; i++)
		other[i] = e[n - 1 - i];
	MUST(fold(e, n, a, &x, &err) && fold(other, n, a, &y, &err));
	MUST(call_diff(&x, &y) == 0);
	if ((x.stated >> FIELD_INSIGHTS & 1u) != 0)
		must_be_canonical(x.v[FIELD_INSIGHTS].text, '{');
}

static int
by_call(const void *pa, const void *pb)
{
	const struct event *const *a = pa, *const *b = pb;

	return id128_cmp(&(*a)->key, &(*b)->key);
}

void
fuzz_lines(struct str input)
{
	const struct event *event[EVENTS_MOST];
	size_t n = 0;
	struct arena a;

	arena_init(&a, 0);
	while (input.n > 0 && n < EVENTS_MOST) {
		const char *lf = memchr(input.p, '\n', input.n);
		size_t line = lf != NULL ? (size_t)(lf - input.p) : input.n;

		event[n] = decode_twice((struct str){ input.p, line }, &a);
		n += event[n] != NULL;
		input = str_from(input, line + (lf != NULL));
	}
	qsort(event, n, sizeof(struct event *), by_call);
	for (size_t i = 0, k; i < n; i += k) {
		for (k = 1; i + k < n && by_call(&event[i], &event[i + k]) == 0; k++)
			;
		must_fold(event + i, k, &a);
	}
	arena_close(&a);
}

/* ---- envelopes ---- */

static const char base64_digit[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
put_base64(struct buf *b, struct str s)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < s.n; i++) {
		bits = bits << 8 | (unsigned char)s.p[i];
		for (have += 8; have >= 6; have -= 6)
			buf_putc(b, base64_digit[bits >> (have - 6) & 63]);
	}
	if (have > 0)
		buf_putc(b, base64_digit[bits << (6 - have) & 63]);
}

/* The message as an object, as text, as base64, in the member that how tells. */
static void
put_envelope(struct buf *b, unsigned how, struct str message)
{
	static const char *const member[] = { "body", "payload", "rawBody", "data" };

	buf_printf(b, "{\"received_at\":\"2026-03-0%uT09:00:00Z\","
	    "\"isBase64Encoded\":%s,\"%s\":", 1 + how % 8,
	    how / 4 % 3 == 2 ? "true" : "false", member[how % 4]);
	if (how / 4 % 3 == 0) {
		buf_puts(b, message);
	} else {
		buf_putc(b, '"');
		if (how / 4 % 3 == 1)
			(void)quote_json(b, message);
		else
			put_base64(b, message);
		buf_putc(b, '"');
	}
	buf_putc(b, '}');
}

/*
 * The first byte tells the envelope, the rest is in it, or is all of it. An
 * event is the same as the message gives alone, but for the receipt.
 */
void
fuzz_envelopes(struct str input)
{
	const uint64_t receipt = UINT64_C(1) << EVENT_TIME;
	const struct event *bare, *wrapped;
	struct buf b = BUF_INIT(0);
	struct arena a;

	if (input.n == 0)
		return;
	arena_init(&a, 0);
	bare = decode_twice(str_from(input, 1), &a);
	put_envelope(&b, (unsigned char)input.p[0], str_from(input, 1));
	wrapped = decode_twice(buf_str(&b), &a);
	if (bare != NULL && wrapped != NULL) {
		MUST(id128_cmp(&bare->identity, &wrapped->identity) == 0);
		MUST((event_diff(bare, wrapped) & ~receipt) == 0);
	}
	buf_free(&b);
	arena_close(&a);
}
