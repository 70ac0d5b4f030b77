/*
 * stop: SIGINT and SIGTERM as a wish that a run ends cleanly.
 *
 * The first one sets progress->stop_signal; a second one has its default
 * action, so that a run which does not listen can still be ended. Only for
 * runs that look at stop_signal.
 */
#ifndef CALLTALLY_CMD_STOP_H
#define CALLTALLY_CMD_STOP_H

#include "run/progress.h"

/* progress must live until the program ends. */
void stop_on_signals(struct progress *);

#endif
