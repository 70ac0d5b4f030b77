/*
 * The reading side of the pipeline: which files, from where on, into blocks.
 *
 * Logs of one day are read side by side, now a block of one and now of
 * another, by what their lines say of the time: so the events of a call come
 * close to each other. The order of blocks depends on the files alone, not on
 * which thread was quick.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/pipeline_inner.h"

enum {
	CANDIDATES_MAX = 64,	/* sources that a file is compared with */
	SIDE_LAG = 2,		/* blocks that are read ahead of the one that tells the time */
};

_Static_assert((int)SIDE_LAG < (int)PART_TIMES,
    "the block that tells the time is among the last ones");

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

struct opened {
	struct gzin *in;
	struct lines *lines;
};

/* A file that is being read. */
struct reading {
	struct source_state *source;	/* NULL: there is nothing to read */
	struct part *end;	/* to be put behind its blocks; owns the source */
	struct opened o;
	uint64_t raw_bytes;	/* that the progress was told */
	uint64_t blocks;	/* so far */
	uint64_t stint;		/* its first block since another file was read */
	int64_t time_us;	/* when about it has come to; TIME_NONE: not known */
};

static bool
put_block(struct pipeline *p, struct reading *r, struct block *b,
    struct err *err)
{
	struct part *part = part_new(r->source);

	if (part == NULL) {
		pipeline_give_back(p, b);
		return err_nomem(err);
	}
	part->block = *b;
	part->number = ++r->blocks;
	part->done_bytes = b->end_offset;
	part->done_hash = b->prefix_hash;
	part->at_line_end = b->ends_with_lf;
	r->source->has_news = true;
	pipeline_put(p, part);
	return true;
}

/* Tells the ending part what a file that was read to its end is as a whole. */
static bool
note_whole(struct pipeline *p, struct reading *r, struct err *err)
{
	struct part *end = r->end;
	const char *damage = gzin_damage(r->o.in);

	end->whole = true;
	end->raw_bytes = gzin_raw_bytes(r->o.in);
	end->raw_hash = gzin_raw_hash(r->o.in);
	if (damage == NULL)
		return true;
	note(p, &r->source->path, damage);
	end->damage = arena_str(&end->arena, str_of(damage));
	return !end->arena.failed || err_nomem(err);
}

static void
tell_progress(struct pipeline *p, struct reading *r)
{
	uint64_t raw = gzin_raw_bytes(r->o.in);

	atomic_fetch_add(&p->opt.ingest->progress->raw_bytes_done,
	    raw - r->raw_bytes);
	r->raw_bytes = raw;
}

/*
 * Reads the next block of a file. At the file's end, with which its ending part is
 * whole, and when it is time to stop sets *end.
 */
static bool
read_block(struct pipeline *p, struct reading *r, bool *end, struct err *err)
{
	struct block b;

	*end = true;
	if (pipeline_stopping(p) || !pipeline_get_room(p, &b))
		return true;
	if (!lines_next(r->o.lines, &b, end, err)) {
		pipeline_give_back(p, &b);
		return false;
	}
	tell_progress(p, r);
	if (*end) {
		pipeline_give_back(p, &b);
		return note_whole(p, r, err);
	}
	atomic_fetch_add(&p->opt.ingest->progress->plain_bytes,
	    block_bytes(&b));
	*end = !b.ends_with_lf;	/* no need of room to learn that */
	return put_block(p, r, &b, err) && (!*end || note_whole(p, r, err));
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
	if (!path_may_be_opened(path, err) ||
	    (o->in = gzin_open(path->given.p, err)) == NULL)
		return false;
	o->lines = lines_open(o->in, p->opt.max_line_bytes);
	if (o->lines == NULL) {
		opened_close(o);
		return err_nomem(err);
	}
	if (p->opt.ingest->batch_lines > 0)
		lines_limit(o->lines, p->opt.ingest->batch_lines);
	return true;
}

/* Places in c, those of the shortest first. */
static void
sort_by_length(const struct source_row *const *c, size_t n, size_t *place)
{
	for (size_t i = 0, k; i < n; i++) {
		for (k = i; k > 0 && c[place[k - 1]]->done_bytes > c[i]->done_bytes; k--)
			place[k] = place[k - 1];
		place[k] = i;
	}
}

/* Leaves those of the n rows in c that the file begins with: one pass over its start, whatever n is. */
static bool
keep_beginnings(struct pipeline *p, const struct path *path,
    const struct source_row **c, size_t *n, struct err *err)
{
	size_t place[CANDIDATES_MAX], kept = 0;
	bool same[CANDIDATES_MAX], ok;
	struct opened o = { 0 };

	if (!open_file(p, path, &o, err))
		return false;
	sort_by_length(c, *n, place);
	ok = true;
	for (size_t i = 0; ok && i < *n; i++) {
		const struct source_row *r = c[place[i]];

		ok = lines_skip(o.lines, (uint64_t)r->done_bytes, 0,
		    &r->done_hash, &same[place[i]], err);
	}
	opened_close(&o);
	for (size_t i = 0; ok && i < *n; i++)
		if (same[i])
			c[kept++] = c[i];
	*n = kept;
	return ok;
}

/* The file is this source, read further. A half line is told anew. */
static void
take_over(struct pipeline *p, struct source_state *s,
    const struct source_row *r)
{
	ledger_take(p->opt.ledger, r);
	s->row = *r;
	s->row.name = s->path.name;
	s->row.finished = false;
	s->was_finished = r->finished;
	if (r->half_line == 0)
		return;
	s->row.counts.lines--;
	s->row.counts.rejected--;
	s->row.done_at_line_end = true;
}

/*
 * Opens a file behind what the row tells; *same is false, and nothing open,
 * when it does not begin so, or when the row's last line, which had no end,
 * goes on.
 */
static bool
open_behind(struct pipeline *p, struct source_state *s,
    const struct source_row *r, struct opened *o, bool *same, struct err *err)
{
	bool ok;

	if (!open_file(p, &s->path, o, err))
		return false;
	ok = lines_skip(o->lines, (uint64_t)r->done_bytes, source_done_lines(r),
	    &r->done_hash, same, err);
	if (ok && *same && !r->done_at_line_end && r->half_line == 0)
		ok = lines_skip_end(o->lines, same, err);
	if (ok && *same)
		take_over(p, s, r);
	else
		opened_close(o);
	return ok;
}

/* Goes on from a source that this file begins with, if there is one; else opens it at its start. */
static bool
open_or_resume(struct pipeline *p, struct source_state *s, struct opened *o,
    struct err *err)
{
	const struct source_row *c[CANDIDATES_MAX];
	bool regular = s->path.regular, same = false;
	size_t n = regular ? ledger_candidates(p->opt.ledger, s->path.name,
	    c, CANDIDATES_MAX) : 0;

	if (n > 1 && !keep_beginnings(p, &s->path, c, &n, err))
		return false;
	for (size_t i = 0; !same && i < n; i++)
		if (!open_behind(p, s, c[i], o, &same, err))
			return false;
	if (regular && s->row.done_bytes == 0 &&
	    ledger_knows_start(p->opt.ledger, s->path.name))
		note(p, &s->path, "changed since it was read; read again from its start");
	return same || open_file(p, &s->path, o, err);
}

/* *unchanged: the ledger has the whole file under this name. */
static bool
check_unchanged(struct pipeline *p, const struct path *path, bool *unchanged,
    struct err *err)
{
	struct id128 hash;
	uint64_t bytes;

	*unchanged = false;
	if (!path->regular ||
	    !ledger_may_have(p->opt.ledger, path->name, path->bytes))
		return true;
	if (!gzin_fingerprint(path->given.p, &bytes, &hash, err))
		return false;
	*unchanged = ledger_has(p->opt.ledger, path->name, &hash);
	return true;
}

/* The source of a file of the list, without a number; NULL: out of memory. */
static struct source_state *
new_source(const struct pipeline *p, size_t file)
{
	struct source_state *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (!path_list_get(p->opt.list, file, &s->path_text, &s->path)) {
		source_free(s);
		return NULL;
	}
	s->file = file;
	s->row = (struct source_row){
		.name = s->path.name, .done_at_line_end = true,
		.done_hash = hash_bytes("", 0),
	};
	return s;
}

/* True the first time that this is seen of a file. */
static bool
first_seen(struct pipeline *p, size_t file, enum path_seen what)
{
	unsigned char *seen = &p->opt.seen[file];
	bool first = (*seen & what) == 0;

	*seen |= (unsigned char)what;
	return first;
}

/* A file that cannot be read is told and counted, and the run goes on. */
static void
failed_file(struct pipeline *p, size_t file, struct err *file_err)
{
	if (!first_seen(p, file, SEEN_FAILED))
		return;
	if (p->opt.ingest->note != NULL)
		p->opt.ingest->note(p->opt.ingest->note_data, file_err->text);
	p->counts.files_failed++;
}

/* A finished source that was compressed anew, or unpacked, is as it was. */
static void
count_file(struct pipeline *p, const struct source_state *s,
    const struct part *end)
{
	bool same = s->was_finished && !s->has_news && end->whole &&
	    end->damage.p == NULL;
	int64_t *count = same ? &p->counts.files_unchanged : &p->counts.files;

	*count += first_seen(p, s->file, SEEN_COUNTED);
}

/* Begins to read a source that is not known to be unchanged; takes it. */
static bool
begin_source(struct pipeline *p, struct source_state *s, struct reading *r,
    struct err *err)
{
	struct err file_err = ERR_INIT;

	if ((r->end = part_new(s)) == NULL) {
		source_free(s);
		return err_nomem(err);
	}
	r->end->decoded = r->end->ends_source = true;
	if (!source_new_id(&s->row.source_id, err)) {
		parts_free(r->end);
		return false;
	}
	if (!open_or_resume(p, s, &r->o, &file_err)) {
		failed_file(p, s->file, &file_err);
		parts_free(r->end);
		return true;
	}
	r->source = s;
	return true;
}

static bool
begin_file(struct pipeline *p, size_t file, struct reading *r,
    struct err *err)
{
	struct err file_err = ERR_INIT;
	struct source_state *s = new_source(p, file);
	bool unchanged, ok;

	if (s == NULL)
		return err_nomem(err);
	ok = check_unchanged(p, &s->path, &unchanged, &file_err);
	if (ok && !unchanged)
		return begin_source(p, s, r, err);
	if (ok)
		p->counts.files_unchanged += first_seen(p, file, SEEN_COUNTED);
	else
		failed_file(p, file, &file_err);
	source_free(s);
	return true;
}

static void
end_file(struct pipeline *p, struct reading *r)
{
	opened_close(&r->o);
	count_file(p, r->source, r->end);
	pipeline_put(p, r->end);	/* always, as it owns the source */
}

/* The file that is behind the others; the first of those whose time is not known. */
static struct reading *
earliest(struct reading *r, size_t n)
{
	struct reading *least = r;

	for (size_t i = 1; i < n; i++)
		if (r[i].time_us < least->time_us)
			least = &r[i];
	return least;
}

/*
 * Whether another file is behind the one that is being read. What is asked
 * is a block before the last ones, which need not be decoded yet; only of
 * one that was just turned to, the block itself.
 */
static struct reading *
take_turns(struct pipeline *p, struct reading *r, size_t n,
    struct reading *now)
{
	uint64_t asked = now->blocks > now->stint + SIDE_LAG ?
	    now->blocks - SIDE_LAG : now->stint;
	struct reading *next;

	now->time_us = pipeline_wait_time(p, now->source, asked);
	next = earliest(r, n);
	if (next->time_us == now->time_us)
		return now;
	next->stint = next->blocks + 1;
	return next;
}

/* Reads n files to their ends, with the last of which a day may end. One that fails is told, and the others go on. */
static void
read_files(struct pipeline *p, struct reading *r, size_t n, bool day_ends)
{
	struct reading *now = r;
	bool end;

	while (n > 0) {
		struct err file_err = ERR_INIT;
		bool ok = read_block(p, now, &end, &file_err);

		if (!ok)
			failed_file(p, now->source->file, &file_err);
		if (ok && !end) {
			if (n > 1)
				now = take_turns(p, r, n, now);
			continue;
		}
		now->source->ends_day = day_ends && n == 1;
		end_file(p, now);
		n--;
		memmove(now, now + 1, (size_t)(r + n - now) * sizeof(*now));
		now = earliest(r, n);
		now->stint = now->blocks + 1;
	}
}

bool
pipeline_read_files(struct pipeline *p, size_t first, size_t n,
    struct err *err)
{
	struct reading r[FILES_AT_ONCE];
	size_t open = 0;
	bool ok = true;

	for (size_t i = first; ok && i < first + n; i++) {
		r[open] = (struct reading){
			.stint = 1, .time_us = TIME_NONE,
		};
		ok = begin_file(p, i, &r[open], err);
		open += ok && r[open].source != NULL;
	}
	if (!ok)
		pipeline_fail(p, err);	/* which ends those that are open */
	read_files(p, r, open,
	    path_list_day_ends(p->opt.list, first + n - 1));
	return ok;
}
