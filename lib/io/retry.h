/*
 * retry: when to try again. Pure: clock and chance are the caller's.
 */
#ifndef CALLTALLY_IO_RETRY_H
#define CALLTALLY_IO_RETRY_H

#include <stdint.h>

#include "base/str.h"

struct retry_policy {
	int attempts;		/* of one request in one run, the first one counted */
	int64_t base_ms;	/* the wait after the first failure is below this, */
	int64_t cap_ms;		/* doubled with each further one up to this */
	int64_t max_requests;	/* of a run; 0: no limit */
	int64_t max_ms;		/* of a run; 0: no limit */
};

/* A Retry-After beyond this counts as this. */
#define RETRY_AFTER_MAX_MS (INT64_C(7) * 86400 * 1000)

/*
 * Exponential backoff with full jitter: anything from 0 to the bound that
 * belongs to so many failures (from 1), as random, 64 even bits, has it.
 */
int64_t retry_delay_ms(const struct retry_policy *, int failures, uint64_t random);

/*
 * Reads the value of a Retry-After header: seconds, or an HTTP-date in any of
 * its three forms, against now_us, the sender's clock where it is known. A
 * moment that is over is 0. False when it is neither.
 */
bool retry_after(struct str value, int64_t now_us, int64_t *wait_ms);

/*
 * "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" or
 * "Sun Nov  6 08:49:37 1994", as UTC microseconds; dates outside of
 * 2000 .. 2099 become the nearest instant inside. now_us settles the century
 * of two digits.
 */
bool http_date(struct str text, int64_t now_us, int64_t *us);

#endif
