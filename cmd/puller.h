/*
 * puller: a pull as the command line and the environment ask for it; what
 * the commands pull and run share.
 */
#ifndef CALLTALLY_CMD_PULLER_H
#define CALLTALLY_CMD_PULLER_H

#include "answer.h"
#include "command.h"
#include "run/pull.h"
#include "secret.h"
#include "session.h"

struct puller {
	struct pull_options opt;
	struct pull_provider provider[PULL_PROVIDERS_MAX];
	struct secrets secrets[PULL_PROVIDERS_MAX];
	size_t n;
	char archive[4096];
};

/* The options of both commands, for their tables. */
#define OPTS_PULL \
	{ "archive", "DIR", "where answers are kept (default: calltally-archive\nin the folder for data)", \
	    OPT_AT(archive), .type = OPT_TEXT }, \
	{ "since", "WHEN", "calls from this day on, or so long ago: 2026-03-01, 14d\n(default: 30d)", \
	    OPT_AT(since), .type = OPT_TEXT }, \
	{ "grace", "TIME", "how long a call may be open before it is asked for:\n90m, 2h (default: 1h)", \
	    OPT_AT(grace), .type = OPT_TEXT }, \
	{ "provider", "NAME", "ask only this provider", \
	    OPT_AT(provider), .type = OPT_TEXT }, \
	{ "parallel", "N", "requests at once", OPT_AT(parallel), .type = OPT_NUMBER, \
	    .min = 1, .max = PULL_PARALLEL_MAX, .preset = PULL_PARALLEL }, \
	{ "rate", "N", "requests a second, in place of the profiles' rates", \
	    OPT_AT(rate), .type = OPT_NUMBER, .min = 1, .max = 1000000 }, \
	{ "attempts", "N", "how often a request is made in one run", \
	    OPT_AT(attempts), .type = OPT_NUMBER, .min = 1, .max = 100, .preset = PULL_ATTEMPTS }, \
	{ "timeout", "SECONDS", "how long an answer may take", \
	    OPT_AT(timeout_s), .type = OPT_NUMBER, .min = 1, .max = 3600, .preset = PULL_TIMEOUT_S }, \
	{ "max-requests", "N", "end after so many (default: no limit)", \
	    OPT_AT(max_requests), .type = OPT_NUMBER, .min = 1, .max = INT64_C(1) << 40 }, \
	{ "max-minutes", "N", "end after so long; 0 is no limit", \
	    OPT_AT(max_minutes), .type = OPT_NUMBER, .max = 1 << 20, .preset = PULL_MINUTES }, \
	{ "allow-host", "HOST,...", "fetch attachments from there too: HOST or HOST:PORT;\nmay come many times", \
	    OPT_AT(allow_host), .type = OPT_LIST }

enum { PULL_ATTEMPTS = 6, PULL_TIMEOUT_S = 30, PULL_MINUTES = 60 };

/* What the options say, before anything is opened. After false puller_close is still right. */
bool puller_open(struct puller *, const struct opts *, struct err *);
/* Chooses the providers and reads their keys. */
bool puller_choose(struct puller *, const struct opts *,
    const struct profiles *, struct err *);
void puller_close(struct puller *);

int puller_status(const struct pull_result *);
void puller_answer(struct answer, const struct pull_result *);
void puller_say(const struct pull_result *);

#endif
