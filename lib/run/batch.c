#include "run/batch.h"

#include <stdlib.h>

static void
batch_sizes(const struct batch *b, size_t *events, size_t *rejects,
    size_t *parts, size_t *drifts)
{
	*events = *rejects = *parts = *drifts = 0;
	for (const struct part *p = b->list; p != NULL; p = p->next) {
		*events += p->events;
		*rejects += p->rejects;
		*drifts += p->drift.n;
		(*parts)++;
	}
}

/* Files that are read side by side come in turns. */
static void
add_source(struct batch *b, struct source_row *s)
{
	for (size_t i = b->sources; i > 0 && i + FILES_AT_ONCE > b->sources; i--)
		if (b->source[i - 1] == s)
			return;
	b->source[b->sources++] = s;
}

static void
add_part(struct batch *b, struct part *p)
{
	struct source_row *s = &p->source->row;

	for (size_t i = 0; i < p->events; i++)
		p->event[i]->source_id = s->source_id;
	for (size_t i = 0; i < p->rejects; i++) {
		b->reject[b->rejects] = p->reject[i];
		b->reject[b->rejects++].source_id = s->source_id;
	}
	for (size_t i = 0; i < p->drift.n; i++)
		b->drift[b->drifts++] = (struct drift_row){
			p->drift.v[i], s->source_id };
	b->drifted.left_out += (int64_t)p->drift.left_out;
	if (p->passage.lines > 0) {
		b->passage[b->passages] = p->passage;
		b->passage[b->passages++].source_id = s->source_id;
	}
	add_source(b, s);
}

/*
 * Gives each event its place: from the front those that are free, the others
 * behind them, each in the order of reading.
 */
static void
place_events(struct batch *b, const struct seen *seen)
{
	uint32_t *place = b->place;

	for (const struct part *p = b->list; p != NULL; p = p->next)
		for (size_t i = 0; i < p->events; i++) {
			bool busy = seen_busy(seen, &p->event[i]->key);

			*place++ = busy;
			b->free_items += !busy;
		}
	for (uint32_t at = 0, busy_at = (uint32_t)b->free_items, *q = b->place;
	    q < place; q++)
		*q = *q ? busy_at++ : at++;
}

static void
fill_items(struct batch *b, struct seen *seen)
{
	const uint32_t *place = b->place;

	for (const struct part *p = b->list; p != NULL; p = p->next)
		for (size_t i = 0; i < p->events; i++)
			b->item[*place++] = (struct store_item){
				.event = p->event[i],
				.unseen = seen_add(seen, &p->event[i]->key),
				.surely_new = seen_add_event(seen,
				    &p->event[i]->identity),
			};
}

bool
batch_open(struct batch *b, struct part *list, struct seen *seen,
    uint64_t number, uint64_t done, struct err *err)
{
	size_t rejects, parts, drifts;

	*b = (struct batch){ .list = list, .number = number };
	arena_init(&b->arena, 0);
	batch_sizes(b, &b->items, &rejects, &parts, &drifts);
	b->item = arena_alloc(&b->arena, (b->items + 1) * sizeof(*b->item));
	b->place = arena_alloc(&b->arena, (b->items + 1) * sizeof(*b->place));
	b->reject = arena_alloc(&b->arena, (rejects + 1) * sizeof(*b->reject));
	b->source = arena_alloc(&b->arena, (parts + 1) * sizeof(*b->source));
	b->drift = arena_alloc(&b->arena, (drifts + 1) * sizeof(*b->drift));
	b->passage = arena_alloc(&b->arena, (parts + 1) * sizeof(*b->passage));
	if (b->arena.failed || !seen_begin(seen, number, done, b->items))
		return err_nomem(err);
	for (struct part *p = list; p != NULL; p = p->next)
		add_part(b, p);
	place_events(b, seen);
	fill_items(b, seen);
	return true;
}

void
batch_close(struct batch *b)
{
	parts_free(b->list);
	arena_close(&b->arena);
}

/* The last line of a file, without an end, that may be the first half of one. */
static bool
is_half_line(const struct part *p)
{
	return !p->at_line_end && p->rejects == 1 &&
	    (p->reason[0] == REJECT_NOT_JSON || p->reason[0] == REJECT_BAD_UTF8);
}

/* Moves a part's counts into its source's row. */
static void
count_part(struct batch *b, const struct part *p, const uint32_t *place)
{
	struct source_row *s = &p->source->row;
	struct line_counts n = {
		.lines = p->lines,
		.rejected = (int64_t)p->rejects,
		.ignored = p->ignored,
	};

	for (size_t i = 0; i < p->events; i++)
		n.duplicates += b->item[place[i]].duplicate;
	n.events = (int64_t)p->events - n.duplicates;
	n.duplicates += p->copies;
	line_counts_add(&s->counts, &n);
	line_counts_add(&b->counts, &n);
	if (p->ends_source) {
		s->whole = p->whole;
		s->raw_bytes = (int64_t)p->raw_bytes;
		s->raw_hash = p->raw_hash;
		s->damage = p->damage;
		s->finished = p->whole && p->damage.p == NULL;
		return;
	}
	s->done_at_line_end = p->at_line_end;
	if (is_half_line(p))
		return;
	s->done_bytes = (int64_t)p->done_bytes;
	s->done_hash = p->done_hash;
}

void
batch_count(struct batch *b)
{
	const uint32_t *place = b->place;

	for (const struct part *p = b->list; p != NULL; p = p->next) {
		count_part(b, p, place);
		place += p->events;
	}
}

bool
batch_is_copy(const struct batch *b)
{
	return b->counts.duplicates > b->counts.lines / 2;
}
