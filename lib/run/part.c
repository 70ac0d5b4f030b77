#include "run/part.h"

#include <stdlib.h>

#include "base/clock.h"
#include "io/doc.h"

enum {
	BIG_LINE_BYTES = 256 * 1024,	/* one such line is decoded at a time */
	PASSAGE_LINES = 64,		/* fewer are not worth a row */
	KEEP_PARSER_BYTES = 8 * 1024 * 1024,
};

struct part *
part_new(struct source_state *s)
{
	struct part *part = calloc(1, sizeof(*part));

	if (part != NULL) {
		part->source = s;
		part->time_us = TIME_NONE;
		arena_init(&part->arena, 0);
	}
	return part;
}

void
source_free(struct source_state *s)
{
	buf_free(&s->path_text);
	free(s);
}

void
parts_free(struct part *list)
{
	struct part *next;

	for (; list != NULL; list = next) {
		next = list->next;
		if (list->ends_source)
			source_free(list->source);
		arena_close(&list->arena);
		block_free(&list->block);
		free(list);
	}
}

size_t
part_bytes(const struct part *part)
{
	const struct source_state *s = part->source;

	return part->arena.held_bytes + sizeof(*part) +
	    (part->ends_source ? sizeof(*s) + s->path_text.cap : 0);
}

void
source_note_time(struct source_state *s, const struct part_time *time)
{
	struct part_time *place = &s->time[time->number % PART_TIMES];

	if (time->number > place->number)
		*place = *time;
}

struct lines_of {
	struct str rest;
	uint64_t offset;
	int64_t line;
};

/* The next line without its LF; false at the end. */
static bool
next_line(struct lines_of *l, struct str *line, uint64_t *offset)
{
	const char *lf;

	if (l->rest.n == 0)
		return false;
	lf = memchr(l->rest.p, '\n', l->rest.n);
	*line = (struct str){ l->rest.p,
	    lf != NULL ? (size_t)(lf - l->rest.p) : l->rest.n };
	*offset = l->offset;
	l->offset += line->n + (lf != NULL);
	l->rest = str_from(l->rest, line->n + (lf != NULL));
	l->line++;
	return true;
}

/* Room for one more reject; the arrays double. */
static bool
grow_rejects(struct part *part)
{
	size_t n = part->rejects;
	struct reject_row *row;
	enum reject_reason *reason;

	if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
		return true;
	row = arena_alloc(&part->arena, (n ? 2 * n : 8) * sizeof(*row));
	reason = arena_alloc(&part->arena, (n ? 2 * n : 8) * sizeof(*reason));
	if (part->arena.failed)
		return false;
	if (n > 0) {
		memcpy(row, part->reject, n * sizeof(*row));
		memcpy(reason, part->reason, n * sizeof(*reason));
	}
	part->reject = row;
	part->reason = reason;
	return true;
}

static bool
keep_reject(struct part *part, int64_t line, uint64_t offset,
    struct str raw, uint64_t line_bytes, enum reject_reason reason,
    const char *message)
{
	if (!grow_rejects(part))
		return false;
	if (raw.n > REJECT_KEEP_BYTES)
		raw.n = REJECT_KEEP_BYTES;
	part->reason[part->rejects] = reason;
	part->reject[part->rejects++] = (struct reject_row){
		.line = line,
		.offset_bytes = (int64_t)offset,
		.reason = reject_name[reason],
		.message = arena_str(&part->arena, str_of(message)),
		.line_bytes = (int64_t)line_bytes,
		.raw = arena_str(&part->arena, raw),
	};
	return !part->arena.failed;
}

static enum decode_result
decode_one(struct decoder *d, pthread_mutex_t *big_line, struct str line,
    struct part *part, struct decode_out *out)
{
	enum decode_result r;

	if (line.n <= BIG_LINE_BYTES)
		return decode_line(d, line, &part->arena, &part->warnings, out);
	pthread_mutex_lock(big_line);
	r = decode_line(d, line, &part->arena, &part->warnings, out);
	decoder_trim(d, KEEP_PARSER_BYTES);
	pthread_mutex_unlock(big_line);
	return r;
}

/* Decodes a line into the part. False when memory ran out. */
static bool
take_line(struct part *part, struct decoder *d, pthread_mutex_t *big_line,
    const struct lines_of *l, struct str line, uint64_t offset)
{
	struct decode_out out;

	part->drift.line = l->line;
	switch (decode_one(d, big_line, line, part, &out)) {
	case DECODED_EVENT:
		out.event->line = l->line;
		if (out.event->time_us != TIME_NONE)
			part->time_us = out.event->time_us;
		part->event[part->events++] = out.event;
		return true;
	case DECODED_IGNORED:
		part->ignored++;
		return true;
	case DECODED_REJECT:
		return keep_reject(part, l->line, offset, line, line.n,
		    out.reason, out.message);
	case DECODED_NO_MEMORY:
		break;
	}
	return false;
}

/* How much there was to tell of the lines so far, beside their events. */
static uint64_t
told(const struct part *part)
{
	return part->rejects + part->drift.findings +
	    decode_warnings_sum(&part->warnings);
}

/* Notes that a line of the passage is loud; one that has too many is none. */
static void
note_loud(struct passage_row *passage, int loud, int64_t line)
{
	if (loud < PASSAGE_LOUD_MAX)
		passage->is.loud[loud] = (int16_t)(line - passage->line);
	else
		passage->lines = 0;
}

/* Decodes all lines, and notes which are loud. False when memory ran out. */
static bool
decode_lines(struct part *part, struct decoder *d, pthread_mutex_t *big_line)
{
	const struct block *b = &part->block;
	struct lines_of l = { { b->p, b->n }, b->offset, b->first_line - 1 };
	uint64_t offset, before = 0;
	struct str line;
	int loud = 0;

	while (next_line(&l, &line, &offset)) {
		int64_t ignored = part->ignored;

		if (!take_line(part, d, big_line, &l, line, offset))
			return false;
		if (told(part) == before) {
			part->passage.is.ignored += part->ignored - ignored;
			continue;
		}
		before = told(part);
		note_loud(&part->passage, loud++, l.line);
	}
	part->passage.is.last_us = part->time_us;
	return true;
}

/* Decodes the loud lines of a known passage; the others are copies, or ignored. False when memory ran out. */
static bool
decode_loud(struct part *part, struct decoder *d, const struct passage *is,
    pthread_mutex_t *big_line)
{
	const struct block *b = &part->block;
	struct lines_of l = { { b->p, b->n }, b->offset, b->first_line - 1 };
	uint64_t offset;
	struct str line;
	int loud = 0;

	while (loud < PASSAGE_LOUD_MAX && is->loud[loud] >= 0 &&
	    next_line(&l, &line, &offset)) {
		if (l.line - b->first_line != is->loud[loud])
			continue;
		if (!take_line(part, d, big_line, &l, line, offset))
			return false;
		loud++;
	}
	part->ignored += is->ignored;
	part->copies = part->lines - is->ignored - loud;
	part->time_us = is->last_us;
	return true;
}

static bool
decode_long(struct part *part, size_t max_line_bytes)
{
	const struct block *b = &part->block;
	char message[DECODE_MESSAGE_BYTES];
	struct err e = ERR_INIT;

	err_fail(&e, "%llu KiB, the cap is %zu KiB",
	    (unsigned long long)(b->long_bytes + 1023) / 1024,
	    max_line_bytes / 1024);
	memcpy(message, e.text, sizeof(message));
	return keep_reject(part, b->first_line, b->offset,
	    (struct str){ b->p, b->n }, b->long_bytes, REJECT_TOO_LONG,
	    message);
}

static bool
may_be_passage(const struct block *b)
{
	return b->long_bytes == 0 && b->ends_with_lf &&
	    b->lines >= PASSAGE_LINES && b->lines <= LINES_BLOCK_LINES;
}

static void
name_passage(struct part *part, const struct id128 *how)
{
	const struct block *b = &part->block;
	struct id128 bytes = hash_bytes(b->p, b->n);
	struct passage_row *passage = &part->passage;

	passage->digest = hash_join(how, &bytes);
	passage->line = b->first_line;
	passage->lines = b->lines;
	for (int i = 0; i < PASSAGE_LOUD_MAX; i++)
		passage->is.loud[i] = -1;
}

bool
part_decode(struct part *part, struct decoder *d, const struct decoding *by,
    pthread_mutex_t *big_line)
{
	const struct block *b = &part->block;
	struct passage known;

	part->lines = b->lines;
	part->event = arena_alloc(&part->arena,
	    ((size_t)b->lines + 1) * sizeof(*part->event));
	if (part->event == NULL)
		return false;
	part->drift.arena = &part->arena;
	decoder_watch(d, &part->drift);
	if (b->long_bytes != 0)
		return decode_long(part, by->max_line_bytes);
	if (!may_be_passage(b))
		return decode_lines(part, d, big_line);
	name_passage(part, &by->how);
	if (by->passages == NULL ||
	    !passages_find(by->passages, &part->passage.digest, &known))
		return decode_lines(part, d, big_line);
	part->passage.lines = 0;
	return decode_loud(part, d, &known, big_line);
}
