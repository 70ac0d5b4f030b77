/*
 * clock: a wall clock that is wrong, for the program that this is preloaded
 * into. For tests, on glibc.
 *
 *	CLOCK=N:SECONDS
 *
 * From the N-th look at it on (0: from the first) the wall clock is so many
 * seconds ahead, or behind when there are fewer than none. The clock that
 * never steps back is left alone.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime(clockid_t id, struct timespec *t)
{
	static _Atomic long looks;
	const char *clock = getenv("CLOCK");
	char *end = NULL;
	long from;
	int status = (int)syscall(SYS_clock_gettime, id, t);

	if (status != 0 || id != CLOCK_REALTIME || clock == NULL)
		return status;
	from = strtol(clock, &end, 10);
	if (looks++ >= from && *end == ':')
		t->tv_sec += strtol(end + 1, NULL, 10);
	return 0;
}
