#include "stop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* What a signal handler can reach; set once, before the handler is. */
static struct progress *told;

/* The time of grace is over: the signal, whose action is the default one again. */
static void
end(int sig)
{
	(void)sig;
	(void)raise(atomic_load(&told->stop_signal));
}

static void
handle(int sig)
{
	atomic_store(&told->stop_signal, sig);
	(void)alarm(STOP_GRACE_S);
}

static void
listen_to(int sig, void (*handler)(int))
{
	struct sigaction a = { .sa_flags = (int)SA_RESETHAND };

	a.sa_handler = handler;
	(void)sigemptyset(&a.sa_mask);
	(void)sigaction(sig, &a, NULL);
}

/* One that is ignored (a job in the background) stays so. */
static bool
is_ignored(int sig)
{
	struct sigaction was;

	return sigaction(sig, NULL, &was) == 0 && was.sa_handler == SIG_IGN;
}

void
stop_on_signals(struct progress *progress)
{
	static const int wish[] = { SIGINT, SIGTERM, SIGHUP };

	told = progress;
	listen_to(SIGALRM, end);
	for (size_t i = 0; i < sizeof(wish) / sizeof(wish[0]); i++)
		if (!is_ignored(wish[i]))
			listen_to(wish[i], handle);
}
