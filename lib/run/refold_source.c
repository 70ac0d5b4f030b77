/*
 * One source: its lines decoded again, and laid beside what is stored of each.
 */
#include "base/clock.h"
#include "db/event_row.h"
#include "run/archive.h"
#include "run/refold_inner.h"

/* A source on its way. */
struct source_run {
	struct refold_batch batch;
	struct archive *in;
	struct placed *placed;
};

/* ---- what a line says, and what is stored of it ---- */

/* The event that is stored for this line; NULL when there is none. */
static bool
stored_of(struct source_run *s, int64_t line, struct event **out,
    struct err *err)
{
	struct cursor *p = &s->placed->events;
	const struct refold_batch *b = &s->batch;

	*out = NULL;
	while (!p->ended) {
		int64_t id = db_get_int(p->rows, p->at, 5);
		int64_t at = db_get_int(p->rows, p->at, 6);

		if (id > b->source->source_id ||
		    (id == b->source->source_id && at > line))
			return true;
		if (id == b->source->source_id && at == line)
			*out = event_row_get(p->rows, p->at,
			    b->r->opt->profiles, STR(""), STR(""),
			    &s->batch.arena, err);
		if (!cursor_next(p, err))
			return false;
		if (id == b->source->source_id && at == line)
			return *out != NULL;
	}
	return true;
}

static void
put_event(struct refold_batch *b, struct event *e)
{
	b->item[b->items++] = (struct store_item){ .event = e };
}

static void
remove_event(struct refold_batch *b, const struct event *stored, size_t item)
{
	b->removal[b->removals++] = (struct refold_removal){ stored, item };
}

/* A copy of an event may have had an earlier receipt than this line. */
static void
keep_receipt(struct event *e, const struct event *stored)
{
	if (!e->time_stated && !stored->time_stated &&
	    time_is_earlier(stored->time_us, e->time_us))
		e->time_us = stored->time_us;
}

static void
take_event(struct refold_batch *b, struct event *e, const struct event *stored)
{
	bool same;

	if (stored == NULL) {
		put_event(b, e);
		return;
	}
	same = id128_cmp(&e->key, &stored->key) == 0 &&
	    id128_cmp(&e->identity, &stored->identity) == 0;
	if (same)
		keep_receipt(e, stored);
	if (same && event_diff(e, stored) == 0) {
		b->counts.events++;
		return;
	}
	remove_event(b, stored, b->items);
	put_event(b, e);
}

static bool
take_reject(struct refold_batch *b, const struct archive_line *l,
    const struct decode_out *out)
{
	struct str raw = l->raw;

	if (raw.n > REJECT_KEEP_BYTES)
		raw.n = REJECT_KEEP_BYTES;
	b->counts.rejected++;
	b->reject[b->rejects++] = (struct reject_row){
		.source_id = b->source->source_id,
		.line = l->line,
		.offset_bytes = (int64_t)l->offset,
		.reason = reject_name[out->reason],
		.message = arena_str(&b->arena, str_of(out->message)),
		.line_bytes = (int64_t)l->bytes,
		.raw = arena_str(&b->arena, raw),
	};
	return !b->arena.failed;
}

static bool
take_line(struct source_run *s, const struct archive_line *l, struct err *err)
{
	struct refold_batch *b = &s->batch;
	struct decode_out out;
	struct event *stored;
	enum decode_result result = archive_decode(s->in, l, &b->arena, &out);

	if (result == DECODED_NO_MEMORY)
		return err_nomem(err);
	if (!stored_of(s, l->line, &stored, err))
		return false;
	b->first = b->first == 0 ? l->line : b->first;
	b->last = l->line;
	b->counts.lines++;
	if (result == DECODED_EVENT) {
		out.event->source_id = b->source->source_id;
		out.event->line = l->line;
		b->told[b->tolds++] = out.event;
		take_event(b, out.event, stored);
		return true;
	}
	if (stored != NULL)
		remove_event(b, stored, REFOLD_NO_ITEM);
	if (result == DECODED_REJECT)
		return take_reject(b, l, &out) || err_nomem(err);
	b->counts.ignored++;
	return true;
}

/* ---- line by line ---- */

enum { BATCH_BYTES = 16 * 1024 * 1024 };

static bool
is_full(const struct refold_batch *b)
{
	return b->counts.lines == REFOLD_BATCH_LINES ||
	    b->arena.used_bytes > BATCH_BYTES;
}

/* A file that has grown since says nothing here of its further lines. */
static bool
read_again(struct source_run *s, struct err *err)
{
	int64_t lines = s->batch.source->counts.lines;
	int64_t done = s->batch.r->is.line;
	struct archive_line l;
	bool end = false;

	for (;;) {
		if (!archive_next(s->in, &l, &end, err))
			return false;
		if (end || l.line > lines)
			return refold_batch_flush(&s->batch, s->placed, true,
			    err);
		if (l.line <= done)
			continue;
		if (!take_line(s, &l, err))
			return false;
		if (is_full(&s->batch) &&
		    !refold_batch_flush(&s->batch, s->placed, false, err))
			return false;
	}
}

bool
refold_source(struct refold *r, const struct source_row *source,
    const char *path, struct placed *placed, struct err *err)
{
	struct source_run s = {
		.batch = { .r = r, .source = source }, .placed = placed,
	};
	bool ok;

	s.in = archive_open(path, r->opt->profiles, r->opt->max_line_bytes,
	    r->opt->progress, err);
	if (s.in == NULL)
		return false;
	if (r->opt->transcripts)
		archive_keep_transcripts(s.in);
	arena_init(&s.batch.arena, 0);
	ok = refold_batch_begin(&s.batch) ? read_again(&s, err) :
	    err_nomem(err);
	arena_close(&s.batch.arena);
	archive_close(s.in);
	return ok;
}
