/*
 * progress: counters that a run moves and a terminal shows.
 *
 * Written by the run's threads, read by any other; each number is atomic on
 * its own, together they are a rough picture.
 */
#ifndef CALLTALLY_RUN_PROGRESS_H
#define CALLTALLY_RUN_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

struct progress {
	_Atomic uint64_t files_total;	/* 0: not known */
	_Atomic uint64_t files_done;
	_Atomic uint64_t raw_bytes_total;	/* of the files, as they lie; 0: not known */
	_Atomic uint64_t raw_bytes_done;
	_Atomic uint64_t plain_bytes;
	_Atomic uint64_t lines;
	_Atomic uint64_t events;
	_Atomic uint64_t requests;	/* that were made of providers */
	/* Set by a signal handler or another thread: end soon, cleanly. */
	_Atomic int stop_signal;
};

#endif
