#include "run/pipeline.h"

#include <pthread.h>
#include <stdlib.h>

#include "io/doc.h"

enum {
	SPARE_BLOCKS = 3,		/* raw blocks beside those being decoded */
	CANDIDATES_MAX = 16,		/* sources that a file is compared with */
	BIG_LINE_BYTES = 256 * 1024,	/* one such line is decoded at a time */
	KEEP_PARSER_BYTES = 8 * 1024 * 1024,
};

struct pipeline {
	struct pipeline_options opt;
	pthread_t reader;
	pthread_t *decoder;
	int decoders;			/* started */
	bool reading;			/* the reader was started */

	pthread_mutex_t mutex;		/* guards all below */
	pthread_cond_t room;		/* for the reader */
	pthread_cond_t work;		/* for the decoders */
	pthread_cond_t ready;		/* for the writer */
	struct part *head, *tail;	/* in the order of reading */
	struct part *undecoded;		/* the first that nobody decodes yet */
	struct block *spare;		/* empty blocks */
	size_t spares;
	size_t raw_blocks;		/* in use */
	size_t decoded_bytes;		/* held by decoded parts in the list */
	bool no_more;			/* the reader is done */
	bool stop;			/* everybody home */
	struct err err;			/* of the first thread that failed */
	struct pipeline_counts counts;

	pthread_mutex_t big_line;
};

static void
wake_all(struct pipeline *p)
{
	pthread_cond_broadcast(&p->room);
	pthread_cond_broadcast(&p->work);
	pthread_cond_broadcast(&p->ready);
}

static void
fail(struct pipeline *p, const struct err *err)
{
	pthread_mutex_lock(&p->mutex);
	if (p->err.kind == ERR_NONE)
		p->err = *err;
	p->stop = true;
	wake_all(p);
	pthread_mutex_unlock(&p->mutex);
}

static bool
stopping(struct pipeline *p)
{
	bool stop;

	pthread_mutex_lock(&p->mutex);
	stop = p->stop;
	pthread_mutex_unlock(&p->mutex);
	return stop || atomic_load(&p->opt.ingest->progress->stop_signal) != 0;
}

static void
note(const struct pipeline *p, const struct path *path, const char *what)
{
	char text[ERR_TEXT_MAX];
	struct err e = ERR_INIT;

	if (p->opt.ingest->note == NULL)
		return;
	err_fail(&e, "%.*s: %s", STR_ARG(path->given), what);
	memcpy(text, e.text, sizeof(text));
	p->opt.ingest->note(p->opt.ingest->note_data, text);
}

/* What a decoded part holds. */
static size_t
part_bytes(const struct part *part)
{
	return part->arena.held_bytes + sizeof(*part) +
	    (part->ends_source ? sizeof(*part->source) : 0);
}

/* ---- decoding ---- */

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
decode_one(struct pipeline *p, struct decoder *d, struct str line,
    struct part *part, struct decode_out *out)
{
	enum decode_result r;

	if (line.n <= BIG_LINE_BYTES)
		return decode_line(d, line, &part->arena, &part->warnings, out);
	pthread_mutex_lock(&p->big_line);
	r = decode_line(d, line, &part->arena, &part->warnings, out);
	decoder_trim(d, KEEP_PARSER_BYTES);
	pthread_mutex_unlock(&p->big_line);
	return r;
}

static bool
decode_lines(struct pipeline *p, struct decoder *d, struct part *part)
{
	const struct block *b = &part->block;
	struct lines_of l = { { b->p, b->n }, b->offset, b->first_line - 1 };
	struct decode_out out;
	struct str line;
	uint64_t offset;

	while (next_line(&l, &line, &offset)) {
		switch (decode_one(p, d, line, part, &out)) {
		case DECODED_EVENT:
			out.event->line = l.line;
			part->event[part->events++] = out.event;
			break;
		case DECODED_IGNORED:
			part->ignored++;
			break;
		case DECODED_REJECT:
			if (!keep_reject(part, l.line, offset, line, line.n,
			    out.reason, out.message))
				return false;
			break;
		case DECODED_NO_MEMORY:
			return false;
		}
	}
	return true;
}

static bool
decode_long(struct pipeline *p, struct part *part)
{
	const struct block *b = &part->block;
	char message[DECODE_MESSAGE_BYTES];
	struct err e = ERR_INIT;

	err_fail(&e, "%llu bytes, the cap is %zu",
	    (unsigned long long)b->long_bytes, p->opt.max_line_bytes);
	memcpy(message, e.text, sizeof(message));
	return keep_reject(part, b->first_line, b->offset,
	    (struct str){ b->p, b->n }, b->long_bytes, REJECT_TOO_LONG,
	    message);
}

static bool
decode_part(struct pipeline *p, struct decoder *d, struct part *part)
{
	size_t n = (size_t)part->block.lines;

	part->lines = part->block.lines;
	part->event = arena_alloc(&part->arena, (n + 1) * sizeof(*part->event));
	if (part->event == NULL)
		return false;
	return part->block.long_bytes != 0 ? decode_long(p, part) :
	    decode_lines(p, d, part);
}

static struct part *
first_undecoded(struct part *part)
{
	while (part != NULL && part->decoded)
		part = part->next;
	return part;
}

/* The next part to decode; NULL when there will be none. */
static struct part *
get_work(struct pipeline *p)
{
	struct part *part;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && !p->no_more && p->undecoded == NULL)
		pthread_cond_wait(&p->work, &p->mutex);
	part = p->stop ? NULL : p->undecoded;
	if (part != NULL)
		p->undecoded = first_undecoded(part->next);
	pthread_mutex_unlock(&p->mutex);
	return part;
}

static void
put_done(struct pipeline *p, struct part *part)
{
	struct progress *progress = p->opt.ingest->progress;

	atomic_fetch_add(&progress->lines, (uint64_t)part->lines);
	pthread_mutex_lock(&p->mutex);
	part->decoded = true;
	p->decoded_bytes += part_bytes(part);
	p->spare[p->spares++] = part->block;
	part->block = (struct block){ 0 };
	p->raw_blocks--;
	pthread_cond_signal(&p->room);
	pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->mutex);
}

static void *
decoder_main(void *arg)
{
	struct pipeline *p = arg;
	struct decoder *d = decoder_open(p->opt.ingest->profiles);
	struct err err = ERR_INIT;
	struct part *part;
	bool ok = d != NULL;

	while (ok && (part = get_work(p)) != NULL)
		if ((ok = decode_part(p, d, part)))
			put_done(p, part);
	if (!ok) {
		err_nomem(&err);
		fail(p, &err);
	}
	decoder_close(d);
	return NULL;
}

/* ---- reading ---- */

/* Waits until another block may be read; false when it is time to stop. */
static bool
get_room(struct pipeline *p, struct block *b)
{
	size_t max_raw = SPARE_BLOCKS + (size_t)p->opt.jobs;
	bool go;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && (p->raw_blocks >= max_raw ||
	    p->decoded_bytes >= p->opt.batch_bytes))
		pthread_cond_wait(&p->room, &p->mutex);
	if ((go = !p->stop)) {
		p->raw_blocks++;
		*b = p->spares > 0 ? p->spare[--p->spares] :
		    (struct block){ 0 };
	}
	pthread_mutex_unlock(&p->mutex);
	return go;
}

static void
give_back(struct pipeline *p, struct block *b)
{
	pthread_mutex_lock(&p->mutex);
	p->raw_blocks--;
	p->spare[p->spares++] = *b;
	pthread_mutex_unlock(&p->mutex);
}

static void
put_part(struct pipeline *p, struct part *part)
{
	pthread_mutex_lock(&p->mutex);
	if (p->tail != NULL)
		p->tail->next = part;
	else
		p->head = part;
	p->tail = part;
	if (p->undecoded == NULL)
		p->undecoded = first_undecoded(part);
	if (part->decoded)
		p->decoded_bytes += part_bytes(part);
	pthread_cond_signal(part->decoded ? &p->ready : &p->work);
	pthread_mutex_unlock(&p->mutex);
}

static struct part *
new_part(struct source_state *s)
{
	struct part *part = calloc(1, sizeof(*part));

	if (part != NULL) {
		part->source = s;
		arena_init(&part->arena, 0);
	}
	return part;
}

static bool
put_block(struct pipeline *p, struct source_state *s, struct block *b,
    struct err *err)
{
	struct part *part = new_part(s);

	if (part == NULL) {
		give_back(p, b);
		return err_nomem(err);
	}
	part->block = *b;
	part->done_bytes = b->end_offset;
	part->done_hash = b->prefix_hash;
	part->at_line_end = b->ends_with_lf;
	put_part(p, part);
	return true;
}

struct opened {
	struct gzin *in;
	struct lines *lines;
};

/* Tells what a file that was read to its end is as a whole. */
static bool
note_whole(struct pipeline *p, struct source_state *s, struct gzin *in,
    struct err *err)
{
	const char *damage = gzin_damage(in);

	s->row.whole = true;
	s->row.raw_bytes = (int64_t)gzin_raw_bytes(in);
	s->row.raw_hash = gzin_raw_hash(in);
	if (damage == NULL)
		return true;
	note(p, s->path, damage);
	s->damage = strdup(damage);
	return s->damage != NULL || err_nomem(err);
}

/*
 * Reads a file's blocks to its end; then its row is whole. Stops early
 * without error when it is time to stop.
 */
static bool
read_blocks(struct pipeline *p, struct source_state *s, struct opened *o,
    struct err *err)
{
	struct progress *progress = p->opt.ingest->progress;
	uint64_t raw_before = 0, raw;
	bool end;

	while (!stopping(p)) {
		struct block b;

		if (!get_room(p, &b))
			return true;
		if (!lines_next(o->lines, &b, &end, err)) {
			give_back(p, &b);
			return false;
		}
		raw = gzin_raw_bytes(o->in);
		atomic_fetch_add(&progress->raw_bytes_done, raw - raw_before);
		raw_before = raw;
		if (end) {
			give_back(p, &b);
			return note_whole(p, s, o->in, err);
		}
		atomic_fetch_add(&progress->plain_bytes, b.n);
		if (!put_block(p, s, &b, err))
			return false;
	}
	return true;
}

static void
opened_close(struct opened *o)
{
	lines_close(o->lines);
	gzin_close(o->in);
	*o = (struct opened){ 0 };
}

static bool
open_file(struct pipeline *p, const struct path *path, struct opened *o,
    struct err *err)
{
	if ((o->in = gzin_open(path->given.p, err)) == NULL)
		return false;
	o->lines = lines_open(o->in, p->opt.max_line_bytes);
	if (o->lines == NULL) {
		opened_close(o);
		return err_nomem(err);
	}
	return true;
}

/* Goes on from a source that this file begins with, if there is one; else opens it at its start. */
static bool
open_or_resume(struct pipeline *p, struct source_state *s, struct opened *o,
    struct err *err)
{
	const struct source_row *c[CANDIDATES_MAX];
	bool stdin_given = str_eq(s->path->name, STR("-"));
	size_t n = stdin_given ? 0 : ledger_candidates(p->opt.ledger,
	    s->path->name, c, CANDIDATES_MAX);

	for (size_t i = 0; i < n; i++) {
		bool same;

		if (!open_file(p, s->path, o, err))
			return false;
		if (!lines_skip(o->lines, (uint64_t)c[i]->done_bytes,
		    c[i]->counts.lines, &c[i]->done_hash, &same, err)) {
			opened_close(o);
			return false;
		}
		if (same) {
			ledger_take(p->opt.ledger, c[i]);
			s->row = *c[i];
			s->row.name = s->path->name;
			s->row.finished = false;
			s->resumed = true;
			return true;
		}
		opened_close(o);
	}
	if (!stdin_given && ledger_knows_name(p->opt.ledger, s->path->name))
		note(p, s->path, "changed since it was read; read again from its start");
	return open_file(p, s->path, o, err);
}

/* *unchanged: the ledger has the whole file under this name. */
static bool
check_unchanged(struct pipeline *p, const struct path *path, bool *unchanged,
    struct err *err)
{
	struct id128 hash;
	uint64_t bytes;

	*unchanged = false;
	if (str_eq(path->name, STR("-")) ||
	    !ledger_may_have(p->opt.ledger, path->name, path->bytes))
		return true;
	if (!gzin_fingerprint(path->given.p, &bytes, &hash, err))
		return false;
	*unchanged = ledger_has(p->opt.ledger, path->name, &hash);
	return true;
}

static struct source_state *
new_source(const struct path *path, struct err *err)
{
	struct source_state *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_nomem(err);
		return NULL;
	}
	s->path = path;
	s->row = (struct source_row){
		.name = path->name, .done_at_line_end = true,
		.done_hash = hash_bytes("", 0),
	};
	if (!source_new_id(&s->row.source_id, err)) {
		free(s);
		return NULL;
	}
	return s;
}

/*
 * A file that cannot be read is told and counted, and the run goes on; false
 * only when the run cannot.
 */
static bool
failed_file(struct pipeline *p, const struct path *path, struct err *file_err)
{
	note(p, path, file_err->text);
	p->counts.files_failed++;
	return true;
}

static bool
read_file(struct pipeline *p, const struct path *path, struct err *err)
{
	struct opened o = { 0 };
	struct err file_err = ERR_INIT;
	struct source_state *s;
	struct part *end;
	bool unchanged;

	if (!check_unchanged(p, path, &unchanged, &file_err))
		return failed_file(p, path, &file_err);
	if (unchanged) {
		p->counts.files_unchanged++;
		return true;
	}
	if ((s = new_source(path, err)) == NULL)
		return false;
	if ((end = new_part(s)) == NULL) {
		free(s);
		return err_nomem(err);
	}
	end->decoded = end->ends_source = true;
	if (!open_or_resume(p, s, &o, &file_err)) {
		parts_free(end);
		return failed_file(p, path, &file_err);
	}
	p->counts.files++;
	if (!read_blocks(p, s, &o, &file_err))
		failed_file(p, path, &file_err);
	opened_close(&o);
	put_part(p, end);	/* always, as it owns the source */
	return true;
}

static void *
reader_main(void *arg)
{
	struct pipeline *p = arg;
	struct progress *progress = p->opt.ingest->progress;
	struct err err = ERR_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < p->opt.list->n && !stopping(p); i++) {
		ok = read_file(p, &p->opt.list->path[i], &err);
		atomic_fetch_add(&progress->files_done, 1);
	}
	if (!ok)
		fail(p, &err);
	pthread_mutex_lock(&p->mutex);
	p->no_more = true;
	wake_all(p);
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

/* ---- the caller's side ---- */

static bool
start_threads(struct pipeline *p, struct err *err)
{
	int e;

	if ((e = pthread_create(&p->reader, NULL, reader_main, p)) != 0)
		return err_sys(err, e, "cannot start a thread");
	p->reading = true;
	for (int i = 0; i < p->opt.jobs; i++) {
		e = pthread_create(&p->decoder[i], NULL, decoder_main, p);
		if (e != 0)
			return err_sys(err, e, "cannot start a thread");
		p->decoders++;
	}
	return true;
}

struct pipeline *
pipeline_open(const struct pipeline_options *opt, struct err *err)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	size_t blocks = SPARE_BLOCKS + (size_t)opt->jobs;

	if (p == NULL) {
		err_nomem(err);
		return NULL;
	}
	p->opt = *opt;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_mutex_init(&p->big_line, NULL);
	pthread_cond_init(&p->room, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->ready, NULL);
	p->decoder = calloc((size_t)opt->jobs, sizeof(*p->decoder));
	p->spare = calloc(blocks, sizeof(*p->spare));
	if (p->decoder == NULL || p->spare == NULL)
		err_nomem(err);
	else if (start_threads(p, err))
		return p;
	pipeline_close(p, NULL);
	return NULL;
}

/* How many decoded parts stand at the head of the list, and all that is read is decoded. */
static bool
batch_ready(const struct pipeline *p)
{
	if (p->head == NULL)
		return p->no_more;
	if (!p->head->decoded)
		return false;
	return p->decoded_bytes >= p->opt.batch_bytes ||
	    (p->no_more && p->undecoded == NULL && p->tail->decoded);
}

/* Takes the decoded parts from the head of the list. */
static struct part *
take_parts(struct pipeline *p)
{
	struct part *list = p->head, **end = &list;

	while (*end != NULL && (*end)->decoded) {
		p->decoded_bytes -= part_bytes(*end);
		end = &(*end)->next;
	}
	p->head = *end;
	if (p->head == NULL)
		p->tail = NULL;
	*end = NULL;
	return list;
}

bool
pipeline_take(struct pipeline *p, struct part **list, struct err *err)
{
	bool ok;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && !batch_ready(p))
		pthread_cond_wait(&p->ready, &p->mutex);
	if ((ok = !p->stop))
		*list = take_parts(p);
	else
		*err = p->err;
	pthread_cond_broadcast(&p->room);
	pthread_mutex_unlock(&p->mutex);
	return ok;
}

void
parts_free(struct part *list)
{
	struct part *next;

	for (; list != NULL; list = next) {
		next = list->next;
		if (list->ends_source) {
			free(list->source->damage);
			free(list->source);
		}
		arena_close(&list->arena);
		block_free(&list->block);
		free(list);
	}
}

void
pipeline_close(struct pipeline *p, struct pipeline_counts *counts)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	wake_all(p);
	pthread_mutex_unlock(&p->mutex);
	if (p->reading)
		pthread_join(p->reader, NULL);
	for (int i = 0; i < p->decoders; i++)
		pthread_join(p->decoder[i], NULL);
	if (counts != NULL)
		*counts = p->counts;
	parts_free(p->head);
	for (size_t i = 0; i < p->spares; i++)
		block_free(&p->spare[i]);
	free(p->spare);
	free(p->decoder);
	pthread_mutex_destroy(&p->mutex);
	pthread_mutex_destroy(&p->big_line);
	pthread_cond_destroy(&p->room);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->ready);
	free(p);
}
