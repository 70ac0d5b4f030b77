/*
 * meter: the progress of a run, told on standard error by a thread.
 *
 * On a terminal one line is drawn over again, as wide as the terminal is at
 * that moment; elsewhere, when asked for, and on a dumb terminal a line comes
 * every five seconds. Nobody but the meter writes to standard error while it
 * runs: notes go through meter_note.
 */
#ifndef CALLTALLY_CMD_METER_H
#define CALLTALLY_CMD_METER_H

#include <pthread.h>

#include "base/err.h"
#include "pace.h"
#include "run/progress.h"

struct meter {
	struct progress *progress;
	bool on;
	bool terminal;		/* one whose lines can be drawn over */
	bool drawn;		/* a line stands on the terminal */
	bool ended;
	struct pace pace;	/* of the stage */
	pthread_t thread;
	pthread_mutex_t lock;	/* of drawn, ended and standard error */
	pthread_cond_t wake;
};

/* asked: 1 yes, -1 no, 0 when standard error is a terminal. */
bool meter_start(struct meter *, struct progress *, int asked,
    struct err *);
/* Removes the line and ends the thread. */
void meter_stop(struct meter *);

/* Prints "calltally: text" beside the progress; data is the meter. */
void meter_note(void *data, const char *text);

#endif
