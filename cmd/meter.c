#include "meter.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "say.h"

enum { TERMINAL_MS = 200, PLAIN_MS = 5000 };

static void
put_eta(FILE *f, int64_t s)
{
	if (s < 100)
		fprintf(f, "  %lld s left", (long long)s);
	else if (s < 6000)
		fprintf(f, "  %lld min left", (long long)(s + 30) / 60);
	else
		fprintf(f, "  %lld h %lld min left", (long long)s / 3600,
		    (long long)s % 3600 / 60);
}

/* Prints the numbers of this moment, without a line end. */
static void
put_numbers(FILE *f, const struct progress *p, int64_t elapsed_us)
{
	uint64_t done = p->raw_bytes_done, total = p->raw_bytes_total;
	double s = (double)(elapsed_us > 0 ? elapsed_us : 1) / 1e6;

	if (p->requests > 0) {
		say_some(f, (int64_t)p->requests, "request", "requests");
		fputs("  ", f);
	}
	say_some(f, (int64_t)p->lines, "line", "lines");
	fprintf(f, "  %.1f MB/s", (double)p->plain_bytes / 1e6 / s);
	if (p->files_total > 0)
		fprintf(f, "  %llu/%llu files",
		    (unsigned long long)p->files_done,
		    (unsigned long long)p->files_total);
	if (total > done && done > 0)
		put_eta(f, (int64_t)(s * (double)(total - done) / (double)done));
}

static void
clear(struct meter *m)
{
	if (m->drawn)
		fputs("\r\033[K", stderr);
	m->drawn = false;
}

static void
draw(struct meter *m)
{
	clear(m);
	if (!m->terminal)
		fputs("calltally: ", stderr);
	put_numbers(stderr, m->progress, clock_mono_us() - m->began_us);
	if (m->terminal)
		m->drawn = true;
	else
		putc('\n', stderr);
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
meter_start(struct meter *m, const struct progress *progress, int asked,
    struct err *err)
{
	bool terminal = isatty(STDERR_FILENO) == 1;
	pthread_condattr_t attr;
	int e;

	*m = (struct meter){
		.progress = progress,
		.terminal = terminal,
		.on = asked > 0 || (asked == 0 && terminal),
		.began_us = clock_mono_us(),
	};
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
	fputs("calltally: ", stderr);
	say_message(stderr, text);
	putc('\n', stderr);
	(void)pthread_mutex_unlock(&m->lock);
}
