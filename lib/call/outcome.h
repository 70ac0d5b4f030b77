/*
 * outcome: what became of a call, in the words of the reports.
 */
#ifndef CALLTALLY_CALL_OUTCOME_H
#define CALLTALLY_CALL_OUTCOME_H

#include "base/str.h"

enum outcome {
	OUTCOME_NONE,		/* no status was stated */
	OUTCOME_OTHER,		/* a status that no profile knows */
	OUTCOME_QUEUED,
	OUTCOME_IN_PROGRESS,
	OUTCOME_ENDED,
	OUTCOME_COMPLETED,	/* the first terminal one */
	OUTCOME_TRANSFERRED,
	OUTCOME_NO_ANSWER,
	OUTCOME_BUSY,
	OUTCOME_FAILED,
	OUTCOME_TIMEOUT,
	OUTCOME_ABORTED,
	OUTCOME_SKIPPED,
	OUTCOME_INVALID,
	OUTCOME_RESCHEDULED,
	OUTCOME_COUNT
};

/* "queued", "in_progress", ...; "other" also for OUTCOME_NONE. */
extern const char *const outcome_name[OUTCOME_COUNT];

/* none and other 0, queued 1, in_progress 2, ended 3, completed 4, other terminals 5. */
int outcome_rank(enum outcome);

static inline bool
outcome_terminal(enum outcome o)
{
	return o >= OUTCOME_COMPLETED;
}

/* The outcome of that name; OUTCOME_COUNT when there is none. "none" is no name. */
enum outcome outcome_by_name(struct str name);

#endif
