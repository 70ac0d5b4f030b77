/*
 * call: the plan of one call: its events, in the order in which they happen,
 * and the truth that they mean.
 *
 * A plan is a pure function of the options and the call's number, so it is
 * made again whenever one of its events is to be written; nothing of a call
 * is kept. The truth is set beside each event by the code that invents it:
 * nothing here merges events.
 *
 * Times are microseconds, durations milliseconds, credits millionths; a
 * negative number says "not stated".
 */
#ifndef GEN_CALL_H
#define GEN_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"
#include "text.h"
#include "when.h"
#include "words.h"

enum { EVENTS_MAX = 40, NOT_STATED = -1 };

/* What all calls of one run have in common. */
struct world {
	uint64_t seed;
	int64_t start_us;
	int days;
	uint32_t late_permille;
	bool transcripts;
	unsigned weight[PROVIDERS];
};

/* What was found out about a conversation. */
struct analysis {
	uint64_t seed;		/* of summary and insights */
	int success;
	int sentiment;		/* index of sentiment_names */
	bool summary;
	unsigned actions;	/* bit per action_names */
	unsigned insights;	/* bit per enum insight */
};

/* What an event says beside its status and times. */
enum {
	SAYS_ANALYSIS = 1,
	SAYS_CREDITS = 2,
	SAYS_REPORT = 4,
	SAYS_RECORDING = 8
};

struct event {
	int type;		/* of the provider's own list */
	unsigned says;
	const char *name;	/* what the type's name ends with, where it varies */
	const char *status;	/* raw; NULL: left out */
	const char *final;	/* report.finalStatus; NULL: left out */
	int64_t at_us;		/* event time as the body states it, or TIME_NONE */
	int64_t start_us;	/* what the body states as started and ended, */
	int64_t end_us;		/* TIME_NONE: null */
	int64_t sent_us;	/* when it is delivered first */
	int64_t receipt_us;	/* earliest receipt stated; set with the deliveries */
	int64_t duration_ms;
	int64_t credits_micro;
	int reattempts;
	int reschedules;
	int attempt;		/* from 0 */
	struct analysis analysis;
};

struct truth {
	const char *outcome;
	const char *status;
	bool settled;		/* a terminal outcome was reached */
	int voicemail;
	int success;
	int sentiment;		/* index of sentiment_names */
	int64_t duration_ms;
	int64_t credits_micro;
	int reattempts;
	int reschedules;
	int assistant;
	int campaign;
	int workspace;
	bool direction;
	bool numbers;
	int recording;		/* of which attempt */
	bool detail_url;
	int64_t started_us;
	int64_t ended_us;
	uint64_t summary_seed;
	bool summary;
	unsigned actions;
	unsigned insights;
	uint64_t insight_seed[INSIGHTS];
};

struct call {
	const struct world *world;
	uint64_t number;
	uint64_t seed;
	enum provider provider;
	int64_t at_us;		/* when it is placed */
	bool late;
	unsigned quirks;	/* of the provider's own list */
	unsigned spelling;
	enum time_style times;
	bool inbound;
	int assistant;		/* index, or NOT_STATED */
	int campaign;
	int echoed_campaign;	/* what the webhooks say of it, where that differs */
	char id[ID_MAX];
	char from[16];
	char to[16];
	struct event event[EVENTS_MAX];
	int events;
	struct truth truth;
};

extern const char *const provider_names[PROVIDERS];
extern const char *const sentiment_names[];	/* canonical; in sets of four */
extern const char *const action_names[];
enum { SENTIMENTS = 4, ACTIONS = 3 };

/* Makes the plan of call `number`. */
void call_plan(struct call *, const struct world *, uint64_t number);

/* Appends the message of event i as one line of JSON; copy 0 is the first delivery. */
void call_write(const struct call *, int i, unsigned copy, struct text *);

/* True for the events of the dispatch log. */
bool call_is_dispatch(const struct call *, int i);

/* The rest is for the providers' code. */

/* Adds an event with nothing stated but its type, status and times. */
struct event *call_say(struct call *, int type, const char *status, int64_t at_us,
    int64_t sent_us);

/* The truth: a state on the way, which a terminal outcome outlives. */
void call_reach(struct call *, const char *outcome, const char *status);

/* The truth: a terminal outcome, the last one so far. */
void call_settle(struct call *, const char *outcome, const char *status);

/* The truth: first start, last end. */
void call_began(struct call *, int64_t us);
void call_ended(struct call *, int64_t us);

/* Draws an analysis with some of the insights allowed. */
struct analysis analysis_draw(struct rng *, unsigned insights);

/* The truth: an analysis later than all before it. */
void call_analyzed(struct call *, const struct analysis *);

/* A number of the call's own, the same whenever it is asked for. */
uint64_t call_number(const struct call *, uint64_t purpose);

/* Latency of a delivery. */
int64_t latency_us(struct rng *);

/* Two to five weeks. */
int64_t late_us(struct rng *);

/* Members that the providers share. */
void json_summary(struct text *, const char *key, const struct call *, uint64_t seed);
void json_insights(struct text *, const struct analysis *, unsigned which);
void call_recording_url(const struct call *, int attempt, char url[160]);

void mirai_plan(struct call *, struct rng *);
void mirai_write(const struct call *, const struct event *, unsigned copy, struct text *);
bool mirai_is_dispatch(const struct event *);
void mirai_detail_url(const struct call *, char url[160]);
void whippy_plan(struct call *, struct rng *);
void whippy_write(const struct call *, const struct event *, unsigned copy, struct text *);
void mini_plan(struct call *, struct rng *);
void mini_write(const struct call *, const struct event *, unsigned copy, struct text *);

#endif
