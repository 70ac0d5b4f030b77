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

/* One that is ignored (a job in the background) stays so. */
static void
listen_to(int sig)
{
	struct sigaction a = { .sa_flags = (int)SA_RESETHAND }, was;

	a.sa_handler = handle;
	(void)sigemptyset(&a.sa_mask);
	if (sigaction(sig, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		(void)sigaction(sig, &a, NULL);
}

void
stop_on_signals(struct progress *progress)
{
	told = progress;
	listen_to(SIGINT);
	listen_to(SIGTERM);
}
