/*
 * pull: the detail of calls from the providers' APIs.
 *
 * Choose the calls that need it; ask; append each answer to the archive; note
 * what came of it; feed the archive through ingest. What is archived is
 * durable before it is noted, and what an earlier run archived but did not
 * ingest is ingested first: a pull may be killed at any moment, and the next
 * asks again for no more than what was under way and one batch.
 *
 * One thread asks, whatever the number of providers; each has a lane with its
 * own queue and its own token bucket a host. An answer is an event only when
 * the decoder takes it for one about the call that was asked for.
 */
#ifndef CALLTALLY_RUN_PULL_H
#define CALLTALLY_RUN_PULL_H

#include "call/profile.h"
#include "db/db.h"
#include "io/retry.h"
#include "run/ingest.h"

enum {
	PULL_PARALLEL = 8,
	PULL_PARALLEL_MAX = 256,
	PULL_PROVIDERS_MAX = 64,
	PULL_BATCH_CALLS = 256,		/* calls whose answers may have to be asked for again */
	PULL_BATCH_MS = 500,		/* at most so old */
	PULL_ANSWER_BYTES = 4 * 1024 * 1024 - 64 * 1024,	/* a line of the archive is an ingest line */
	PULL_PAGE_BYTES = 32 * 1024 * 1024,
	PULL_BODIES_BYTES = 48 * 1024 * 1024,
};

/* A provider that may be asked. */
struct pull_provider {
	const struct profile *profile;	/* one with an API */
	const char *base_url;		/* NULL: the profile's */
	const char *const *value;	/* for each header of the API; NULL: not set */
	const char *missing;		/* why it cannot be asked: the variables that are not set; NULL: it can */
};

struct pull_options {
	const struct profiles *profiles;
	const struct pull_provider *provider;
	size_t providers;
	const char *archive;		/* folder */
	bool transcripts;		/* also store those that the answers tell */
	int64_t since_us;		/* calls from then on */
	int64_t grace_us;		/* so long a call may be open before it is asked for */
	const char *call;		/* this call id alone, whatever is known of it; NULL: all */
	int parallel;
	int64_t rate_milli;		/* instead of the profiles'; 0: theirs */
	int64_t timeout_ms;		/* of a request */
	struct retry_policy retry;
	const char *ca_file;		/* NULL: the system's */
	const char *user_agent;
	const char *const *allow_host;	/* hosts that attachments may be fetched from */
	size_t allow_hosts;
	int64_t comeback_ms;		/* how long the server may be away (run/comeback.h) */
	struct progress *progress;	/* never NULL */
	void (*note)(void *data, const char *text);	/* never NULL */
	void *note_data;
};

/* Why a provider was not asked to the end. */
enum pull_stop {
	PULL_WENT_ON,
	PULL_NO_KEYS,		/* variables are missing: never asked */
	PULL_KEYS_REFUSED,	/* 401 or 403 */
	PULL_NOT_AVAILABLE,	/* nothing but trouble */
	PULL_TOLD_TO_WAIT,	/* longer than this run may last */
	PULL_BUDGET,		/* requests or minutes are used up */
};

struct pull_counts {
	int64_t asked;		/* calls */
	int64_t answered;
	int64_t gone;
	int64_t failed;		/* asked in vain, for this run */
	int64_t retried;	/* requests that were made again after a failure */
	int64_t requests;
	int64_t left;		/* calls that were due and not asked */
	int64_t without_url;	/* calls that cannot be asked for */
};

struct pull_provider_result {
	struct str provider;
	struct pull_counts n;
	enum pull_stop stop;
};

struct pull_result {
	struct id128 run_id;
	struct pull_counts n;
	struct pull_provider_result provider[PULL_PROVIDERS_MAX];
	size_t providers;
	struct line_counts lines;	/* of what was ingested, before and after */
	int64_t calls;			/* that got a new event */
	int64_t files_unfinished;
	int64_t files_failed;
	int64_t elapsed_us;
};

/*
 * Pulls under the writer lock that the caller holds. True when it came to its
 * end; *result then says what failed. False on error or signal (ERR_SIGNAL);
 * what was archived and noted by then stays.
 */
bool pull_run(const struct pull_options *, struct db *, struct pull_result *,
    struct err *);

#endif
