#include "run/comeback.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "db/migrate.h"

enum { FIRST_MS = 250, LONGEST_MS = 8000 };

static void
note(const struct comeback *c, const struct err *err)
{
	struct err text = ERR_INIT;

	if (c->note == NULL)
		return;
	err_fail(&text, "%s; trying to go on for %lld s", err->text,
	    (long long)c->limit_ms / 1000);
	c->note(c->note_data, text.text);
}

/* True when the run was asked to stop; *err then says so. */
static bool
is_stopped(const struct comeback *c, struct err *err)
{
	struct err stop = ERR_INIT;

	if (progress_goes_on(c->progress, &stop))
		return false;
	*err = stop;
	return true;
}

static void
sleep_ms(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	/* A signal that is caught ends it early, as it should. */
	(void)nanosleep(&t, NULL);
}

static int64_t
pause_ms(int waits)
{
	int64_t ms = FIRST_MS;

	while (waits-- > 0 && ms < LONGEST_MS)
		ms *= 2;
	return ms;
}

bool
comeback_wait(struct comeback *c, struct err *err)
{
	int64_t left_ms, ms = pause_ms(c->waits);

	if (err->kind != ERR_LOST || c->limit_ms == 0 ||
	    c->returns >= COMEBACKS_MAX)
		return false;
	if (is_stopped(c, err))
		return false;
	if (c->waits++ == 0) {
		c->lost_us = clock_mono_us();
		note(c, err);
	}
	left_ms = c->limit_ms - (clock_mono_us() - c->lost_us) / 1000;
	if (left_ms <= 0)
		return false;
	sleep_ms(ms < left_ms ? ms : left_ms);
	if (is_stopped(c, err))
		return false;
	*err = (struct err)ERR_INIT;
	return true;
}

void
comeback_done(struct comeback *c)
{
	c->returns += c->waits > 0;
	c->waits = 0;
}

bool
comeback_reopen(struct comeback *c, struct db *db, struct err *err)
{
	while (comeback_wait(c, err)) {
		if (db_reopen(db, err) && migrate_check(db, err)) {
			comeback_done(c);
			return true;
		}
		/* Our own old session may still be there, with the lock. */
		if (err->kind == ERR_AGAIN)
			err->kind = ERR_LOST;
	}
	return false;
}
