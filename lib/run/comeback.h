/*
 * comeback: going on with a run whose server went away in the middle of it.
 *
 * A restart of PostgreSQL is no reason to end a night's work. A run that
 * failed with ERR_LOST waits, longer each time, opens the connection again
 * with the lock that it had, and starts over from what is committed: nothing
 * that was in flight is trusted, because a server that crashed may have lost
 * what it had committed without waiting for its disk. How long one absence
 * may last is the caller's, how many a run bears is COMEBACKS_MAX; then the
 * error stands, and the run ends with 75. A signal ends the waiting.
 */
#ifndef CALLTALLY_RUN_COMEBACK_H
#define CALLTALLY_RUN_COMEBACK_H

#include "db/db.h"
#include "run/progress.h"

enum { COMEBACKS_MAX = 10 };

struct comeback {
	int64_t limit_ms;		/* of one absence; 0: none is borne */
	const struct progress *progress;	/* for its stop_signal; NULL: there is none */
	void (*note)(void *data, const char *text);	/* NULL: nobody listens */
	void *note_data;
	int returns;			/* absences so far */
	int waits;			/* in this one */
	int64_t lost_us;		/* when this one was seen, by the mono clock */
};

/*
 * A failure with *err: waits, and empties *err, when it is ERR_LOST and a
 * further try is allowed. False: *err stands, or says which signal came.
 */
bool comeback_wait(struct comeback *, struct err *);
/* The try succeeded: the next failure is a new absence. */
void comeback_done(struct comeback *);
/* comeback_wait until db is open again, with its lock and the schema that this program knows. */
bool comeback_reopen(struct comeback *, struct db *, struct err *);

#endif
