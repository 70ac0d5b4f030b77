/*
 * stats: the counts that tests ask for, and the request log.
 *
 * Not locked: the caller holds the simulator's lock (the log has its own).
 */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include "calls.h"
#include "fault.h"
#include "out.h"

/* More requests than this within a second are counted as this many. */
enum { RATE_WINDOW_MAX = 16384, STATUS_MAX = 600 };

/* So many stated Retry-Afters are remembered, the latest ones. */
enum { QUIET_MAX = 64 };

struct provider_stats {
	unsigned long requests;
	unsigned long by_status[STATUS_MAX];	/* 0: no answer */
	unsigned long auth_missing;
	unsigned long auth_wrong;
	unsigned long faults;
	unsigned long leaks;	/* a key where it has no business */
	unsigned long early;	/* before a stated Retry-After was over */
	unsigned long max_1s;	/* most requests within one second */
	struct quiet {
		int64_t from_us;	/* the client knows of it by then */
		int64_t until_us;
	} quiet[QUIET_MAX];
	size_t quiet_next;
	int64_t arrivals[RATE_WINDOW_MAX];	/* ring of the last second's */
	size_t first;
	size_t n;
};

struct stats {
	struct provider_stats of[PROVIDER_COUNT];
	unsigned long other_host;	/* requests at the other host */
	unsigned in_flight;
	unsigned in_flight_max;
	unsigned long sink;		/* webhooks that the own sink took */
};

/* One request, as it is noted when its answer has been decided. */
struct request_note {
	int64_t at_us;
	const char *method;
	const char *target;		/* with the query, as it came */
	enum provider provider;
	const struct sim_call *call;	/* NULL: about no one call */
	enum auth auth;
	bool other_host;
	bool leak;
	const char *peer;
	unsigned status;		/* 0: none will be sent */
	const struct fault *fault;
	int64_t answer_us;		/* when the answer goes out */
	int64_t retry_until_us;		/* wall clock; 0: no Retry-After */
	struct MHD_Connection *conn;	/* for the names of its headers */
};

/* Counts a request and writes its line to the log (NULL: no log). */
void stats_note(struct stats *, const struct request_note *, struct out *log);
/* The counts as JSON; a new reference. */
json_t *stats_json(const struct stats *, const struct calls *,
    const struct fault_plan *);

#endif
