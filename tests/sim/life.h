/*
 * life: MiraiMinds' calls from the initiate to the end of their life.
 *
 * A life walks through a script: each step changes what is known of the call
 * and, mostly, sends a webhook. The times inside the bodies belong to a clock
 * of their own that starts at a given time, so the same initiates in the same
 * order give the same bodies whatever the real pace is. A few threads of
 * their own take the steps as they become due and post the webhooks.
 *
 * Scripts: answered retried busy no_answer failed invalid skipped rescheduled
 * timeout late silent aborted open. A request names one in payload.sim; else
 * the seed chooses.
 */
#ifndef SIM_LIFE_H
#define SIM_LIFE_H

#include <pthread.h>

#include "calls.h"
#include "out.h"

struct lives;

struct life_options {
	uint64_t seed;
	int64_t epoch_us;	/* the clock of the first call */
	int64_t step_ms;	/* real time between two webhooks of a call */
	int64_t late_ms;	/* real time before a late analysis */
	unsigned lose_percent;	/* webhooks that are never sent */
	unsigned repeat_percent;	/* webhooks that are sent twice */
	const char *detail_base;	/* host of detailUrl: https://HOST */
	const char *ca_file;	/* trusted for https callbacks; may be NULL */
	struct out *dump;	/* each webhook sent; may be NULL */
	struct out *dispatch;	/* each initiate answered; may be NULL */
};

/* The calls are changed under the lock, which is the simulator's. */
struct lives *lives_open(const struct life_options *, struct calls *,
    pthread_mutex_t *lock);
/* Starts the threads that post. */
void lives_start(struct lives *);
/* Ends the threads after the posts that are under way; not under the lock. */
void lives_stop(struct lives *);
void lives_free(struct lives *);

/*
 * Why an initiate cannot be taken, or NULL: what the API demands, and a
 * callbackUrl that leads to this machine.
 */
const char *life_refusal(const json_t *request);
/*
 * Begins a life under the lock and notes the dispatch. The request is kept (a
 * new reference). NULL workspace: none was given. With post its webhooks are
 * posted as they become due; without, all its steps are taken at once and its
 * webhooks only go into the dump, as if they had been sent before.
 */
struct sim_call *life_begin(struct lives *, json_t *request,
    const char *workspace, bool post);
/* Aborts a call under the lock; false when it was over already. */
bool life_abort(struct lives *, struct sim_call *);
/* Notes an initiate that was answered with an error. */
void life_refused(struct lives *, json_t *request, const char *workspace,
    const char *answer);
/* Status of the call, as the API calls it; under the lock. */
const char *life_status(const struct lives *, const struct sim_call *);
/* Counts of lives and webhooks under the lock; a new reference. */
json_t *lives_json(const struct lives *);

#endif
