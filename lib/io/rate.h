/*
 * rate: a token bucket. Pure: the clock is the caller's.
 *
 * A bucket that is asked to keep to N a second fills a tenth slower and holds
 * at most a twentieth of N (one token at least): so that no second, wherever
 * it begins and however the network delays single requests, holds more than
 * N. It starts empty. A hold keeps everything back until a moment, whatever
 * the tokens say (Retry-After). Times are microseconds of any one clock;
 * steps back give no tokens.
 */
#ifndef CALLTALLY_IO_RATE_H
#define CALLTALLY_IO_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	int64_t fill;		/* millionths of a token, a second */
	int64_t depth;		/* the most that it holds, in millionths */
	int64_t tokens;		/* in millionths */
	int64_t at_us;		/* when tokens was right */
	int64_t not_before_us;
};

/* rate_milli: requests a second, times 1000; above 0, at most 10^9. */
void rate_init(struct rate *, int64_t rate_milli, int64_t now_us);

/* How long until a request may go: 0 is now. */
int64_t rate_wait_us(struct rate *, int64_t now_us);

/* Takes a token; to be called only when rate_wait_us was 0. */
void rate_take(struct rate *);

/* Nothing may go before until_us; an earlier hold does not shorten a later one. */
void rate_hold(struct rate *, int64_t until_us);

#endif
