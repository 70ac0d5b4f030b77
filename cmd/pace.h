/*
 * pace: how far a stage of a run is, how fast it goes and how long it may
 * still take, and that as a line of text. Pure: no clock, no terminal.
 */
#ifndef CALLTALLY_CMD_PACE_H
#define CALLTALLY_CMD_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/progress.h"

enum { PACE_LINE_BYTES = 256 };

/* What was seen of a stage so far. All zero before the first. */
struct pace {
	unsigned stages;	/* of the progress, when this one began */
	const char *stage;	/* NULL: between two */
	const char *steps_of;
	uint64_t done, total;	/* bytes or steps; total 0: not known */
	uint64_t count;		/* lines or rows */
	uint64_t requests, files_done, files_total;
	int64_t begun_us, at_us;
	uint64_t counted;	/* what the rate is of, at at_us */
	double rate, done_rate;	/* a second, of counted and of done, smoothed */
};

/* Looks at the progress at this moment; times never go back. */
void pace_look(struct pace *, const struct progress *, int64_t now_us);

/*
 * The line as wide as columns at most: a bar where there is room, and the
 * less important numbers only where there is. "" between two stages.
 */
void pace_line(const struct pace *, size_t columns, bool bar,
    char out[PACE_LINE_BYTES]);

#endif
