#include "delivery.h"

#include <stdlib.h>

#include "noise.h"
#include "wrap.h"

enum { STREAM_DELIVER = 2, STREAM_PLACE, STREAM_NOISE, STREAM_SHUFFLE, STREAM_RESPACE };
enum { LATE_FILES = 8, COPIES_MAX = 5 };
#define WEEK_US (7 * DAY_US)

void
piles_open(struct piles *p, size_t n, int64_t start_us, int days)
{
	*p = (struct piles){ .n = n + LATE_FILES, .sliced = n, .start_us = start_us };
	p->slice_us = days * DAY_US / (int64_t)n;
	p->pile = calloc(p->n, sizeof(*p->pile));
	if (p->pile == NULL)
		die("out of memory");
	for (size_t i = 0; i < p->n; i++)
		p->pile[i].start_us = i < n ? start_us + (int64_t)i * p->slice_us :
		    start_us + days * DAY_US + (int64_t)(i - n) * WEEK_US;
}

void
piles_close(struct piles *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->pile[i].v);
	free(p->pile);
	*p = (struct piles){ 0 };
}

/* The last pile that starts at the time or before it. */
static struct pile *
pile_at(struct piles *p, int64_t us)
{
	int64_t slice = (us - p->start_us) / p->slice_us;
	int64_t week = (us - p->pile[p->sliced].start_us) / WEEK_US;

	if (slice < 0)
		return &p->pile[0];
	if (slice < (int64_t)p->sliced)
		return &p->pile[slice];
	return &p->pile[p->sliced + (size_t)(week < LATE_FILES ? week : LATE_FILES - 1)];
}

static void
pile_add(struct pile *pile, struct delivery d)
{
	if (pile->n == pile->cap) {
		pile->cap = pile->cap ? pile->cap + pile->cap / 2 : 256;
		pile->v = realloc(pile->v, pile->cap * sizeof(*pile->v));
		if (pile->v == NULL)
			die("out of memory");
	}
	pile->v[pile->n++] = d;
}

/* Adds a line to the file of its time, or to any. Shuffled or not, the lines are the same. */
static void
add(struct plan *p, struct piles *piles, struct delivery d)
{
	struct rng r = rng_for(p->world.seed, p->counts.lines, STREAM_PLACE);
	struct pile *pile = pile_at(piles, d.at_us);

	if (p->spoil.shuffle)
		pile = &piles->pile[rng_below(&r, (uint32_t)piles->sliced)];
	pile_add(pile, d);
	p->counts.lines++;
}

/* A line of noise after the delivery before it. */
static void
add_noise(struct plan *p, struct piles *piles, int64_t at_us)
{
	struct rng r = rng_for(p->world.seed, p->noise, STREAM_NOISE);
	int kind = noise_draw(&r);
	struct delivery d = { .at_us = at_us + 1, .flags = DELIVERY_NOISE };

	d.call = (uint32_t)(p->calls + p->noise++);
	d.event = (uint8_t)kind;
	add(p, piles, d);
	if (noise_is_ignored(kind))
		p->counts.ignored++;
	else
		p->counts.rejected++;
}

/* One copy of an event. */
static void
add_copy(struct plan *p, struct call *c, int i, struct delivery d, struct rng *r)
{
	struct event *e = &c->event[i];
	bool logged = call_is_dispatch(c, i);
	struct piles *piles = logged ? &p->dispatches : &p->webhooks;

	d.call = (uint32_t)c->number;
	d.event = (uint8_t)i;
	if (!logged && rng_chance(r, p->spoil.envelope))
		d.form = (uint8_t)wrap_draw(r);
	if (wrap_states_receipt(d.form) &&
	    (e->receipt_us == TIME_NONE || d.at_us < e->receipt_us))
		e->receipt_us = d.at_us;
	add(p, piles, d);
	if (rng_chance(r, p->spoil.garbage))
		add_noise(p, piles, d.at_us);
}

/* The first delivery, retries, re-spaced copies. */
static void
deliver_event(struct plan *p, struct call *c, int i, struct rng *r)
{
	struct delivery d = { .at_us = c->event[i].sent_us };

	add_copy(p, c, i, d, r);
	p->counts.events++;
	while (d.copy + 1 < COPIES_MAX && rng_chance(r, p->spoil.repeat)) {
		d.copy++;
		d.at_us += rng_span(r, 5, 600) * (1 << 2 * d.copy) * SECOND_US;
		add_copy(p, c, i, d, r);
		p->counts.duplicates++;
	}
	if (rng_chance(r, p->spoil.respace)) {
		d.flags = DELIVERY_RESPACED;
		d.at_us += rng_span(r, 5, 86400) * SECOND_US;
		add_copy(p, c, i, d, r);
		p->counts.duplicates++;
	}
}

void
deliver_call(struct plan *p, struct call *c)
{
	struct rng r = rng_for(p->world.seed, c->number, STREAM_DELIVER);

	for (int i = 0; i < c->events; i++)
		deliver_event(p, c, i, &r);
	p->counts.calls++;
}

/* By time; at the same time by what they are, so that the order is one. */
static int
by_time(const void *pa, const void *pb)
{
	const struct delivery *a = pa, *b = pb;
	uint64_t ka = (uint64_t)a->call << 16 | (uint64_t)a->event << 8 | a->copy;
	uint64_t kb = (uint64_t)b->call << 16 | (uint64_t)b->event << 8 | b->copy;

	if (a->at_us != b->at_us)
		return a->at_us < b->at_us ? -1 : 1;
	return ka != kb ? (ka < kb ? -1 : 1) : a->flags - b->flags;
}

void
pile_sort(struct pile *pile)
{
	if (pile->n > 0)
		qsort(pile->v, pile->n, sizeof(*pile->v), by_time);
}

void
pile_shuffle(struct pile *pile, uint64_t seed)
{
	struct rng r = rng_for(seed, (uint64_t)pile->start_us, STREAM_SHUFFLE);

	for (size_t i = pile->n; i > 1; i--) {
		size_t j = rng_next(&r) % i;
		struct delivery d = pile->v[i - 1];

		pile->v[i - 1] = pile->v[j];
		pile->v[j] = d;
	}
}

/* The message itself. */
static void
write_message(const struct plan *p, const struct delivery *d, struct text *t)
{
	static struct call c;

	call_plan(&c, &p->world, d->call);
	call_write(&c, d->event, d->copy, t);
}

/* The message with white space between its tokens. */
static void
write_respaced(const struct plan *p, const struct delivery *d, struct text *t)
{
	struct rng r = rng_for(p->world.seed, d->call, STREAM_RESPACE + d->event);
	struct text message = { 0 };

	write_message(p, d, &message);
	wrap_respace(t, &message, &r);
	text_free(&message);
}

void
delivery_write(const struct plan *p, const struct delivery *d, struct text *t)
{
	static struct text message;

	message.n = 0;
	if (d->flags & DELIVERY_NOISE)
		noise_write(&message, d->event, &p->world, d->call);
	else if (d->flags & DELIVERY_RESPACED)
		write_respaced(p, d, &message);
	else
		write_message(p, d, &message);
	wrap_write(t, d->form, d->at_us, &message);
}
