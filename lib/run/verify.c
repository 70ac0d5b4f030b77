#include "run/verify.h"

#include <stdio.h>
#include <stdlib.h>

#include "embedded.h"
#include "run/archive.h"
#include "run/verify_inner.h"

/* Of the memory that is allowed, what a slice of the archive's events may take in its file. */
enum { SLICE_SHARE = 6 };

const char *const finding_name[FINDING_KINDS] = {
	[FINDING_EVENT_MISSING] = "event_missing",
	[FINDING_EVENT_EXTRA] = "event_extra",
	[FINDING_EVENT_DIFFERENT] = "event_different",
	[FINDING_EVENT_MISPLACED] = "event_misplaced",
	[FINDING_CALL_MISSING] = "call_missing",
	[FINDING_CALL_EXTRA] = "call_extra",
	[FINDING_CALL_DIFFERENT] = "call_different",
	[FINDING_BALANCE_MISSING] = "balance_missing",
	[FINDING_BALANCE_EXTRA] = "balance_extra",
	[FINDING_BALANCE_DIFFERENT] = "balance_different",
	[FINDING_FILE_UNKNOWN] = "file_unknown",
	[FINDING_FILE_DIFFERENT] = "file_different",
};

void
verify_tell(struct verify *v, const struct finding *f, bool first)
{
	v->result->finding[f->kind] += first;
	v->result->differences += first;
	if (v->opt->found != NULL)
		v->opt->found(v->opt->data, f);
}

static int
by_source_id(const void *pa, const void *pb)
{
	const struct source_ref *a = pa, *b = pb;

	return (a->source_id > b->source_id) - (a->source_id < b->source_id);
}

int64_t
verify_file_of(const struct verify *v, int64_t source_id)
{
	struct source_ref key = { .source_id = source_id };
	const struct source_ref *s = v->sources == 0 ? NULL :
	    bsearch(&key, v->source, v->sources, sizeof(key), by_source_id);

	return s != NULL ? (int64_t)s->file : -1;
}

struct str
verify_file_name(const struct verify *v, int64_t file, struct buf *text)
{
	struct path path;

	if (file < 0 || !path_list_get(&v->list, (size_t)file, text, &path))
		return (struct str){ NULL, 0 };
	return path.name;
}

/* ---- the archive ---- */

static void
note_damage(const struct verify *v, const struct path *path, const char *what)
{
	struct err e = ERR_INIT;

	if (what == NULL || v->opt->note == NULL)
		return;
	err_fail(&e, "%.*s: %s", STR_ARG(path->given), what);
	v->opt->note(v->opt->data, e.text);
}

/* Counts a line as ingest does; an event goes to the spill. */
static bool
take_line(struct verify *v, size_t file, struct archive *in,
    const struct archive_line *l, struct arena *a, struct spill *spill,
    struct err *err)
{
	struct line_counts *n = &v->read[file];
	struct decode_out out;

	n->lines++;
	switch (archive_decode(in, l, a, &out)) {
	case DECODED_NO_MEMORY:
		return err_nomem(err);
	case DECODED_IGNORED:
		n->ignored++;
		return true;
	case DECODED_REJECT:
		n->rejected++;
		return true;
	default:
		break;
	}
	n->events++;
	out.event->source_id = (int64_t)file;
	out.event->line = l->line;
	return spill_put(spill, out.event, err);
}

static bool
read_lines(struct verify *v, size_t file, struct archive *in,
    struct spill *spill, struct err *err)
{
	struct archive_line l;
	struct arena a;
	bool end = false, ok = true;

	arena_init(&a, 0);
	while (ok && (ok = archive_next(in, &l, &end, err)) && !end) {
		arena_reset(&a);
		ok = take_line(v, file, in, &l, &a, spill, err);
	}
	arena_close(&a);
	return ok;
}

static bool
read_path(struct verify *v, size_t file, const struct path *path,
    struct spill *spill, struct err *err)
{
	struct archive *in = !path_may_be_opened(path, err) ? NULL :
	    archive_open(path->given.p, v->opt->profiles,
	    v->opt->max_line_bytes, v->opt->progress, err);
	bool ok = in != NULL && read_lines(v, file, in, spill, err);

	if (ok)
		note_damage(v, path, archive_damage(in));
	archive_close(in);
	return ok;
}

static bool
read_file(struct verify *v, size_t file, struct spill *spill, struct err *err)
{
	struct buf text = BUF_INIT(0);
	struct path path;
	bool ok = path_list_get(&v->list, file, &text, &path) ?
	    read_path(v, file, &path, spill, err) : err_nomem(err);

	buf_free(&text);
	atomic_fetch_add(&v->opt->progress->files_done, 1);
	return ok;
}

static bool
read_archive(struct verify *v, struct spill *spill, struct err *err)
{
	v->read = arena_alloc(&v->arena, (v->list.n + 1) * sizeof(*v->read));
	if (v->read == NULL)
		return err_nomem(err);
	memset(v->read, 0, (v->list.n + 1) * sizeof(*v->read));
	for (size_t i = 0; i < v->list.n; i++) {
		if (!read_file(v, i, spill, err))
			return false;
		v->result->files++;
		v->result->lines += v->read[i].lines;
		v->result->events += v->read[i].events;
	}
	return true;
}

/* ---- the ledger ---- */

static void
tell_count(struct verify *v, struct str file, const char *part,
    int64_t stored, int64_t read, bool *first)
{
	char a[32], b[32];
	struct finding f = {
		.kind = FINDING_FILE_DIFFERENT, .part = part, .file = file,
	};

	if (stored == read)
		return;
	(void)snprintf(a, sizeof(a), "%lld", (long long)stored);
	(void)snprintf(b, sizeof(b), "%lld", (long long)read);
	f.stored = str_of(a);
	f.computed = str_of(b);
	verify_tell(v, &f, *first);
	*first = false;
}

/* A row of list_sources_of against what was read. */
static void
compare_counts(struct verify *v, struct str file,
    const struct line_counts *n, const struct db_rows *rows, size_t i)
{
	bool first = true;

	tell_count(v, file, "lines", db_get_int(rows, i, 2), n->lines, &first);
	tell_count(v, file, "events and duplicates",
	    db_get_int(rows, i, 3) + db_get_int(rows, i, 4), n->events, &first);
	tell_count(v, file, "rejected", db_get_int(rows, i, 5), n->rejected,
	    &first);
	tell_count(v, file, "ignored", db_get_int(rows, i, 6), n->ignored,
	    &first);
}

/* A file against its row; row < 0: there is none. */
static void
compare_file(struct verify *v, size_t file, const struct db_rows *rows,
    int64_t row)
{
	struct buf text = BUF_INIT(0);
	struct finding f = {
		.kind = FINDING_FILE_UNKNOWN,
		.file = verify_file_name(v, (int64_t)file, &text),
	};

	if (row < 0)
		verify_tell(v, &f, true);
	else
		compare_counts(v, f.file, &v->read[file], rows, (size_t)row);
	buf_free(&text);
}

/* Takes the sources of each file; the last row of a name is that of the file as it is. */
static bool
take_sources(struct verify *v, const struct db_rows *rows, struct err *err)
{
	size_t n = db_rows_count(rows);
	int64_t *last = arena_alloc(&v->arena, (v->list.n + 1) * sizeof(*last));

	v->source = arena_alloc(&v->arena, (n + 1) * sizeof(*v->source));
	if (v->arena.failed)
		return err_nomem(err);
	for (size_t f = 0; f < v->list.n; f++)
		last[f] = -1;
	for (size_t i = 0; i < n; i++) {
		int64_t f = path_list_find(&v->list, db_get_text(rows, i, 1));

		if (f == PATH_NONE)
			continue;
		last[f] = (int64_t)i;
		v->source[v->sources++] = (struct source_ref){
			db_get_int(rows, i, 0), (size_t)f,
		};
	}
	for (size_t f = 0; f < v->list.n; f++)
		compare_file(v, f, rows, last[f]);
	qsort(v->source, v->sources, sizeof(*v->source), by_source_id);
	return true;
}

static bool
load_sources(struct verify *v, struct err *err)
{
	struct str *name = path_list_names(&v->list, 0, v->list.n, &v->arena);
	struct db_rows *rows, *beside = NULL;
	struct buf b = BUF_INIT(0);
	struct db_param p;
	bool ok;

	if (name == NULL)
		return err_nomem(err);
	p = db_text_array(&b, name, v->list.n);
	rows = db_query(v->db, sql_list_sources_of, &p, 1, err);
	if (rows != NULL)
		beside = db_query(v->db, sql_count_sources_beside, &p, 1, err);
	if ((ok = beside != NULL && take_sources(v, rows, err)))
		v->beside = db_get_int(beside, 0, 0) > 0;
	db_rows_free(rows);
	db_rows_free(beside);
	buf_free(&b);
	return ok;
}

/* ---- a run ---- */

static bool
compare(struct verify *v, struct spill *said, uint64_t slice_bytes,
    struct err *err)
{
	bool ok;

	progress_begin(v->opt->progress, "compare", "events",
	    (uint64_t)v->result->events);
	ok = db_exec(v->db, sql_begin_reading, err) &&
	    load_sources(v, err) && verify_merge(v, said, slice_bytes, err);
	db_rollback(v->db);
	return ok;
}

static bool
refuse_stdin(const struct verify_options *o, struct err *err)
{
	for (size_t i = 0; i < o->paths; i++)
		if (strcmp(o->path[i], "-") == 0)
			return err_set(err, ERR_USAGE,
			    "standard input is no archive; give files");
	return true;
}

bool
verify_run(const struct verify_options *o, struct db *db,
    struct verify_result *result, struct err *err)
{
	struct verify v = { .opt = o, .db = db, .result = result };
	size_t memory = o->memory_bytes ? o->memory_bytes : VERIFY_MEMORY_BYTES;
	struct spill said;
	bool ok;

	*result = (struct verify_result){ 0 };
	if (!refuse_stdin(o, err) ||
	    !path_list_open(&v.list, o->path, o->paths, err))
		return false;
	progress_begin(o->progress, "read", NULL, 0);
	atomic_store(&o->progress->files_total, v.list.n);
	atomic_store(&o->progress->raw_bytes_total, (uint64_t)v.list.bytes);
	arena_init(&v.arena, 0);
	ok = spill_open(&said, o->temporary, err) &&
	    read_archive(&v, &said, err) &&
	    compare(&v, &said, memory / SLICE_SHARE, err);
	spill_close(&said);
	arena_close(&v.arena);
	path_list_close(&v.list);
	return ok;
}
