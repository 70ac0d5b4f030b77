#include "stop.h"

#include <signal.h>
#include <stddef.h>

/* What a signal handler can reach; set once, before the handler is. */
static struct progress *told;

static void
handle(int sig)
{
	atomic_store(&told->stop_signal, sig);
}

void
stop_on_signals(struct progress *progress)
{
	struct sigaction a = { .sa_flags = (int)SA_RESETHAND };

	told = progress;
	a.sa_handler = handle;
	(void)sigemptyset(&a.sa_mask);
	(void)sigaction(SIGINT, &a, NULL);
	(void)sigaction(SIGTERM, &a, NULL);
}
