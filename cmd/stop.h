/*
 * stop: SIGINT, SIGTERM and SIGHUP as a wish that a run ends cleanly.
 *
 * The first one sets progress->stop_signal; a second one has its default
 * action. A run that does not end within STOP_GRACE_S (it may wait for
 * standard input) is ended by the signal after all: what it has committed
 * stands, and the next run goes on from there. Only for runs that look at
 * stop_signal.
 */
#ifndef CALLTALLY_CMD_STOP_H
#define CALLTALLY_CMD_STOP_H

#include "run/progress.h"

enum { STOP_GRACE_S = 5 };

/* progress must live until the program ends. */
void stop_on_signals(struct progress *);

#endif
