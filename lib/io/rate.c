#include "io/rate.h"

enum { TOKEN = 1000000 };

#define SECOND_US INT64_C(1000000)
/* A rest so long fills any bucket that fills at all; it keeps products in range. */
#define REST_MAX_US (1000000 * SECOND_US)

void
rate_init(struct rate *r, int64_t rate_milli, int64_t now_us)
{
	*r = (struct rate){
		.fill = rate_milli * (TOKEN / 1000) / 10 * 9,
		.depth = rate_milli * (TOKEN / 1000) / 20,
		.at_us = now_us,
		.not_before_us = INT64_MIN,
	};
	if (r->fill < 1)
		r->fill = 1;
	if (r->depth < TOKEN)
		r->depth = TOKEN;
}

/* Adds what came in since. */
static void
refill(struct rate *r, int64_t now_us)
{
	int64_t rest = now_us - r->at_us, got;

	if (rest <= 0) {
		if (rest < 0)
			r->at_us = now_us;
		return;
	}
	if (rest > SECOND_US && r->fill >= r->depth) {
		got = r->depth;
	} else {
		if (rest > REST_MAX_US)
			rest = REST_MAX_US;
		got = rest * r->fill / SECOND_US;
	}
	/* Less than a millionth: it is counted with the next rest. */
	if (got == 0)
		return;
	r->tokens = got < r->depth - r->tokens ? r->tokens + got : r->depth;
	r->at_us = now_us;
}

int64_t
rate_wait_us(struct rate *r, int64_t now_us)
{
	int64_t wait;

	refill(r, now_us);
	wait = r->tokens >= TOKEN ? 0 :
	    (TOKEN - r->tokens) * SECOND_US / r->fill + 1;
	if (r->not_before_us > now_us && r->not_before_us - now_us > wait)
		wait = r->not_before_us - now_us;
	return wait;
}

void
rate_take(struct rate *r)
{
	r->tokens -= TOKEN;
}

void
rate_hold(struct rate *r, int64_t until_us)
{
	if (until_us > r->not_before_us)
		r->not_before_us = until_us;
}
