/*
 * The reading side of the pipeline: which files, from where on, into blocks.
 */
#include <stdlib.h>

#include "run/pipeline_inner.h"

enum { CANDIDATES_MAX = 64 };	/* sources that a file is compared with */

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

static bool
put_block(struct pipeline *p, struct source_state *s, struct block *b,
    struct err *err)
{
	struct part *part = part_new(s);

	if (part == NULL) {
		pipeline_give_back(p, b);
		return err_nomem(err);
	}
	part->block = *b;
	part->done_bytes = b->end_offset;
	part->done_hash = b->prefix_hash;
	part->at_line_end = b->ends_with_lf;
	s->has_news = true;
	pipeline_put(p, part);
	return true;
}

struct opened {
	struct gzin *in;
	struct lines *lines;
};

/* Tells the ending part what a file that was read to its end is as a whole. */
static bool
note_whole(struct pipeline *p, struct part *end, struct gzin *in,
    struct err *err)
{
	const char *damage = gzin_damage(in);

	end->whole = true;
	end->raw_bytes = gzin_raw_bytes(in);
	end->raw_hash = gzin_raw_hash(in);
	if (damage == NULL)
		return true;
	note(p, &end->source->path, damage);
	end->damage = arena_str(&end->arena, str_of(damage));
	return !end->arena.failed || err_nomem(err);
}

/*
 * Reads a file's blocks to its end; then the ending part is whole. Stops
 * early without error when it is time to stop.
 */
static bool
read_blocks(struct pipeline *p, struct part *end_part, struct opened *o,
    struct err *err)
{
	struct progress *progress = p->opt.ingest->progress;
	uint64_t raw_before = 0, raw;
	bool end;

	while (!pipeline_stopping(p)) {
		struct block b;

		if (!pipeline_get_room(p, &b))
			return true;
		if (!lines_next(o->lines, &b, &end, err)) {
			pipeline_give_back(p, &b);
			return false;
		}
		raw = gzin_raw_bytes(o->in);
		atomic_fetch_add(&progress->raw_bytes_done, raw - raw_before);
		raw_before = raw;
		if (end) {
			pipeline_give_back(p, &b);
			return note_whole(p, end_part, o->in, err);
		}
		atomic_fetch_add(&progress->plain_bytes, block_bytes(&b));
		end = !b.ends_with_lf;	/* no need of room to learn that */
		if (!put_block(p, end_part->source, &b, err))
			return false;
		if (end)
			return note_whole(p, end_part, o->in, err);
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
	s->ends_day = path_list_day_ends(p->opt.list, file);
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

/* Reads a source that is not known to be unchanged; takes it. */
static bool
read_source(struct pipeline *p, struct source_state *s, struct err *err)
{
	struct opened o = { 0 };
	struct err file_err = ERR_INIT;
	struct part *end = part_new(s);

	if (end == NULL) {
		source_free(s);
		return err_nomem(err);
	}
	end->decoded = end->ends_source = true;
	if (!source_new_id(&s->row.source_id, err)) {
		parts_free(end);
		return false;
	}
	if (!open_or_resume(p, s, &o, &file_err)) {
		failed_file(p, s->file, &file_err);
		parts_free(end);
		return true;
	}
	if (!read_blocks(p, end, &o, &file_err))
		failed_file(p, s->file, &file_err);
	opened_close(&o);
	count_file(p, s, end);
	pipeline_put(p, end);	/* always, as it owns the source */
	return true;
}

bool
pipeline_read_file(struct pipeline *p, size_t file, struct err *err)
{
	struct err file_err = ERR_INIT;
	struct source_state *s = new_source(p, file);
	bool unchanged, ok;

	if (s == NULL)
		return err_nomem(err);
	ok = check_unchanged(p, &s->path, &unchanged, &file_err);
	if (ok && !unchanged)
		return read_source(p, s, err);
	if (ok)
		p->counts.files_unchanged += first_seen(p, file, SEEN_COUNTED);
	else
		failed_file(p, file, &file_err);
	source_free(s);
	return true;
}
