#include "due.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "util.h"

struct entry {
	int64_t at_us;
	uint64_t seq;
	void *item;
};

struct due {
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct entry *heap;
	size_t n;
	size_t cap;
	uint64_t seq;
	bool closed;
};

struct due *
due_new(void)
{
	struct due *d = mem_new(sizeof(*d));
	pthread_condattr_t attr;

	(void)pthread_mutex_init(&d->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&d->change, &attr);
	(void)pthread_condattr_destroy(&attr);
	return d;
}

/* True when a is to come out before b. */
static bool
earlier(const struct entry *a, const struct entry *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->seq < b->seq;
}

/* Exchanges two places of the heap. */
static void
swap(struct due *d, size_t i, size_t j)
{
	struct entry e = d->heap[i];

	d->heap[i] = d->heap[j];
	d->heap[j] = e;
}

/* Moves the last entry up to its place. Returns that place. */
static size_t
sift_up(struct due *d)
{
	size_t i = d->n - 1;

	while (i > 0 && earlier(&d->heap[i], &d->heap[(i - 1) / 2])) {
		swap(d, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
	return i;
}

/* Takes the first entry out. */
static void *
take_first(struct due *d)
{
	void *item = d->heap[0].item;
	size_t i = 0, kid;

	d->heap[0] = d->heap[--d->n];
	while ((kid = 2 * i + 1) < d->n) {
		if (kid + 1 < d->n && earlier(&d->heap[kid + 1], &d->heap[kid]))
			kid++;
		if (!earlier(&d->heap[kid], &d->heap[i]))
			break;
		swap(d, i, kid);
		i = kid;
	}
	return item;
}

bool
due_push(struct due *d, int64_t at_us, void *item)
{
	bool taken;

	(void)pthread_mutex_lock(&d->lock);
	taken = !d->closed;
	if (taken) {
		if (d->n == d->cap) {
			d->cap = d->cap > 0 ? d->cap * 2 : 256;
			d->heap = mem_grow(d->heap, d->cap, sizeof(*d->heap));
		}
		d->heap[d->n++] = (struct entry){ at_us, d->seq++, item };
		if (sift_up(d) == 0)
			(void)pthread_cond_signal(&d->change);
	}
	(void)pthread_mutex_unlock(&d->lock);
	return taken;
}

/* Waits, with the lock held, for a change or until the first entry is due. */
static void
wait_change(struct due *d)
{
	struct timespec ts;

	if (d->n == 0) {
		(void)pthread_cond_wait(&d->change, &d->lock);
		return;
	}
	ts.tv_sec = (time_t)(d->heap[0].at_us / SECOND_US);
	ts.tv_nsec = (long)(d->heap[0].at_us % SECOND_US) * 1000;
	(void)pthread_cond_timedwait(&d->change, &d->lock, &ts);
}

void *
due_pop(struct due *d)
{
	void *item = NULL;

	(void)pthread_mutex_lock(&d->lock);
	while (!d->closed && (d->n == 0 || d->heap[0].at_us > mono_us()))
		wait_change(d);
	if (d->n > 0) {
		item = take_first(d);
		/* Another waiter may have to look at the new first entry. */
		if (d->n > 0)
			(void)pthread_cond_signal(&d->change);
	}
	(void)pthread_mutex_unlock(&d->lock);
	return item;
}

void
due_close(struct due *d, bool drain)
{
	(void)pthread_mutex_lock(&d->lock);
	d->closed = true;
	if (!drain)
		d->n = 0;
	(void)pthread_cond_broadcast(&d->change);
	(void)pthread_mutex_unlock(&d->lock);
}

void
due_free(struct due *d)
{
	(void)pthread_mutex_destroy(&d->lock);
	(void)pthread_cond_destroy(&d->change);
	free(d->heap);
	free(d);
}
