#include "meter.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "say.h"
#include "style.h"

enum { TERMINAL_MS = 100, PLAIN_MS = 5000, COLUMNS = 80 };

/* How wide the terminal is now. */
static size_t
columns(void)
{
	struct winsize w;
	const char *told = getenv("COLUMNS");
	int n = told != NULL ? atoi(told) : 0;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return n > 0 ? (size_t)n : COLUMNS;
}

static void
clear(struct meter *m)
{
	if (m->drawn)
		fputs("\r\033[K", stderr);
	m->drawn = false;
}

/* Over the line before, and one column short of where the terminal would wrap. */
static void
draw(struct meter *m)
{
	char line[PACE_LINE_BYTES];

	pace_look(&m->pace, m->progress, clock_mono_us());
	if (!m->terminal) {
		pace_line(&m->pace, PACE_LINE_BYTES, false, line);
		if (line[0] != '\0')
			fprintf(stderr, "calltally: %s\n", line);
	} else {
		pace_line(&m->pace, columns() - 1, true, line);
		fprintf(stderr, "\r%s\033[K", line);
		m->drawn = line[0] != '\0';
	}
	(void)fflush(stderr);
}

static struct timespec
in_ms(long ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static void *
run(void *data)
{
	struct meter *m = data;

	(void)pthread_mutex_lock(&m->lock);
	while (!m->ended) {
		struct timespec t = in_ms(m->terminal ? TERMINAL_MS : PLAIN_MS);

		while (!m->ended &&
		    pthread_cond_timedwait(&m->wake, &m->lock, &t) == 0)
			continue;
		if (!m->ended)
			draw(m);
	}
	clear(m);
	(void)pthread_mutex_unlock(&m->lock);
	return NULL;
}

/* Starts the thread with all signals blocked: they are the others' business. */
static int
start_thread(struct meter *m)
{
	sigset_t all, was;
	int e;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &was);
	e = pthread_create(&m->thread, NULL, run, m);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	return e;
}

bool
meter_start(struct meter *m, struct progress *progress, int asked,
    struct err *err)
{
	bool seen = isatty(STDERR_FILENO) == 1;
	pthread_condattr_t attr;
	int e;

	*m = (struct meter){
		.progress = progress,
		.terminal = seen && style_terminal(),
		.on = asked > 0 || (asked == 0 && seen),
	};
	atomic_store(&progress->watched, m->on);
	pace_look(&m->pace, progress, clock_mono_us());
	(void)pthread_mutex_init(&m->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&m->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (!m->on || (e = start_thread(m)) == 0)
		return true;
	m->on = false;
	return err_sys(err, e, "the thread for the progress");
}

void
meter_stop(struct meter *m)
{
	(void)pthread_mutex_lock(&m->lock);
	m->ended = true;
	(void)pthread_cond_signal(&m->wake);
	(void)pthread_mutex_unlock(&m->lock);
	if (m->on)
		(void)pthread_join(m->thread, NULL);
	(void)pthread_cond_destroy(&m->wake);
	(void)pthread_mutex_destroy(&m->lock);
}

void
meter_note(void *data, const char *text)
{
	struct meter *m = data;

	(void)pthread_mutex_lock(&m->lock);
	clear(m);
	say_note(NULL, text);
	(void)pthread_mutex_unlock(&m->lock);
}
