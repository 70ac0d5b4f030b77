#include "call/outcome.h"

const char *const outcome_name[OUTCOME_COUNT] = {
	[OUTCOME_NONE] = "other",
	[OUTCOME_OTHER] = "other",
	[OUTCOME_QUEUED] = "queued",
	[OUTCOME_IN_PROGRESS] = "in_progress",
	[OUTCOME_ENDED] = "ended",
	[OUTCOME_COMPLETED] = "completed",
	[OUTCOME_TRANSFERRED] = "transferred",
	[OUTCOME_NO_ANSWER] = "no_answer",
	[OUTCOME_BUSY] = "busy",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_ABORTED] = "aborted",
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_INVALID] = "invalid",
	[OUTCOME_RESCHEDULED] = "rescheduled",
};

int
outcome_rank(enum outcome o)
{
	switch (o) {
	case OUTCOME_NONE:
	case OUTCOME_OTHER:
		return 0;
	case OUTCOME_QUEUED:
		return 1;
	case OUTCOME_IN_PROGRESS:
		return 2;
	case OUTCOME_ENDED:
		return 3;
	case OUTCOME_COMPLETED:
		return 4;
	default:
		return 5;
	}
}

enum outcome
outcome_by_name(struct str name)
{
	for (int o = OUTCOME_OTHER; o < OUTCOME_COUNT; o++)
		if (str_eq(name, str_of(outcome_name[o])))
			return (enum outcome)o;
	return OUTCOME_COUNT;
}
