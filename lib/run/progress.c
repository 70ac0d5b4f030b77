#include "run/progress.h"

#include <stddef.h>

void
progress_begin(struct progress *p, const char *stage, const char *steps_of,
    uint64_t steps)
{
	if (p == NULL)
		return;
	atomic_store(&p->stage, NULL);	/* nobody mixes two stages for long */
	atomic_store(&p->steps_total, steps);
	atomic_store(&p->steps_done, 0);
	atomic_store(&p->files_total, 0);
	atomic_store(&p->files_done, 0);
	atomic_store(&p->raw_bytes_total, 0);
	atomic_store(&p->raw_bytes_done, 0);
	atomic_store(&p->plain_bytes, 0);
	atomic_store(&p->lines, 0);
	atomic_store(&p->events, 0);
	atomic_store(&p->rows, 0);
	atomic_store(&p->requests, 0);
	atomic_store(&p->steps_of, steps_of);
	atomic_fetch_add(&p->stages, 1);
	atomic_store(&p->stage, stage);
}

void
progress_step(struct progress *p, uint64_t steps, uint64_t rows)
{
	if (p == NULL)
		return;
	atomic_fetch_add(&p->steps_done, steps);
	atomic_fetch_add(&p->rows, rows);
}

bool
progress_goes_on(const struct progress *p, struct err *err)
{
	int sig = p != NULL ? atomic_load(&p->stop_signal) : 0;

	if (sig == 0)
		return true;
	err->signal_no = sig;
	return err_set(err, ERR_SIGNAL, "stopped by signal %d", sig);
}
