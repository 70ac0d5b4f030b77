/*
 * progress: counters that a run moves and a terminal shows.
 *
 * A run goes through stages; each begins its counters anew. A stage is
 * measured in bytes of files, or in steps (calls, reports). Written by the
 * run's threads, read by any other; each number is atomic on its own,
 * together they are a rough picture.
 */
#ifndef CALLTALLY_RUN_PROGRESS_H
#define CALLTALLY_RUN_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct progress {
	_Atomic bool watched;		/* somebody looks: a total may cost a query */
	_Atomic unsigned stages;	/* that have begun */
	_Atomic(const char *) stage;	/* what is done: "ingest"; NULL before the first */
	_Atomic(const char *) steps_of;	/* what steps are: "calls"; NULL: bytes measure it */
	_Atomic uint64_t steps_total;	/* 0: not known */
	_Atomic uint64_t steps_done;
	_Atomic uint64_t files_total;	/* 0: not known */
	_Atomic uint64_t files_done;
	_Atomic uint64_t raw_bytes_total;	/* of the files, as they lie; 0: not known */
	_Atomic uint64_t raw_bytes_done;
	_Atomic uint64_t plain_bytes;
	_Atomic uint64_t lines;
	_Atomic uint64_t events;
	_Atomic uint64_t rows;		/* that were written */
	_Atomic uint64_t requests;	/* that were made of providers */
	/* Set by a signal handler or another thread: end soon, cleanly. */
	_Atomic int stop_signal;
};

/* Begins a stage; the texts are literals. NULL progress is fine. */
void progress_begin(struct progress *, const char *stage,
    const char *steps_of, uint64_t steps);

/* A step or a row more; NULL is fine. */
void progress_step(struct progress *, uint64_t steps, uint64_t rows);

/* False, with ERR_SIGNAL, when it was asked to stop. NULL goes on. */
bool progress_goes_on(const struct progress *, struct err *);

#endif
