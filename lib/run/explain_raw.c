/*
 * The original lines, from the archive where it is still in reach.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "run/archive.h"
#include "run/explain_inner.h"

/* A line that is asked for. */
struct want {
	struct explain_decider *d;
	char *path;
};

static int
want_order(const void *pa, const void *pb)
{
	const struct want *a = pa, *b = pb;
	int c = strcmp(a->path, b->path);

	return c != 0 ? c : (a->d->event->line > b->d->event->line) -
	    (a->d->event->line < b->d->event->line);
}

/* A row of a list is told by the call id in it, all else by the event that it decodes to. */
static bool
tells(struct archive *in, const struct archive_line *l, const struct event *e)
{
	struct decode_out out;
	struct arena a;
	bool same;

	if (e->kind == KIND_OVERRIDE)
		return l->raw.n > 0 && e->call_id.n > 0 &&
		    memmem(l->raw.p, l->raw.n, e->call_id.p, e->call_id.n);
	arena_init(&a, 0);
	same = archive_decode(in, l, &a, &out) == DECODED_EVENT &&
	    id128_cmp(&out.event->key, &e->key) == 0 &&
	    id128_cmp(&out.event->identity, &e->identity) == 0;
	arena_close(&a);
	return same;
}

static bool
take(struct archive *in, const struct archive_line *l, struct want *w,
    struct arena *a)
{
	struct str raw = l->raw;

	if (!tells(in, l, w->d->event))
		return true;
	if (raw.n > 0 && raw.p[raw.n - 1] == '\r')
		raw.n--;
	w->d->raw_state = RAW_FOUND;
	w->d->raw = arena_str(a, raw);
	return !a->failed;
}

/* Reads the lines of one file, want[0..n) in their order. */
static bool
read_file(const struct explain_options *o, struct want *want, size_t n,
    struct arena *a, struct err *err)
{
	struct archive *in = archive_open(want[0].path, o->profiles,
	    o->max_line_bytes, NULL, err);
	struct archive_line l = { .line = 0 };
	bool end = false, ok = in != NULL;
	size_t i = 0;

	while (ok && i < n && (ok = archive_next(in, &l, &end, err)) && !end)
		for (; ok && i < n && want[i].d->event->line == l.line; i++)
			ok = take(in, &l, &want[i], a) || err_nomem(err);
	archive_close(in);
	return ok;
}

/* A file that cannot be read is gone; what it should have told is unknown. */
static bool
try_file(const struct explain_options *o, struct want *want, size_t n,
    struct arena *a, struct err *err)
{
	struct err why = ERR_INIT;
	struct stat st;
	bool is_there = strcmp(want[0].path, "-") != 0 &&
	    stat(want[0].path, &st) == 0 && S_ISREG(st.st_mode);

	for (size_t i = 0; i < n; i++)
		want[i].d->raw_state = is_there ? RAW_CHANGED : RAW_GONE;
	if (is_there && !read_file(o, want, n, a, &why))
		for (size_t i = 0; i < n; i++)
			if (want[i].d->raw_state == RAW_CHANGED)
				want[i].d->raw_state = RAW_GONE;
	return !a->failed || err_nomem(err);
}

static size_t
collect(struct explanation *x, struct want *want)
{
	size_t n = 0;

	for (size_t c = 0; c < x->calls; c++)
		for (size_t i = 0; i < x->call[c].deciders; i++) {
			struct explain_decider *d = &x->call[c].decider[i];

			if (d->event == NULL)
				continue;
			if (want != NULL) {
				want[n].d = d;
				want[n].path = arena_cstr(&x->arena, d->file.p ?
				    d->file : STR("-"));
			}
			n++;
		}
	return n;
}

bool
explain_read_lines(const struct explain_options *o, struct explanation *x,
    struct err *err)
{
	size_t n = collect(x, NULL), same;
	struct want *want = arena_alloc(&x->arena, (n + 1) * sizeof(*want));

	if (want == NULL)
		return err_nomem(err);
	(void)collect(x, want);
	if (x->arena.failed)
		return err_nomem(err);
	if (n > 0)
		qsort(want, n, sizeof(*want), want_order);
	for (size_t i = 0; i < n; i += same) {
		for (same = 1; i + same < n &&
		    strcmp(want[i].path, want[i + same].path) == 0; same++)
			continue;
		if (!try_file(o, want + i, same, &x->arena, err))
			return false;
	}
	return true;
}
