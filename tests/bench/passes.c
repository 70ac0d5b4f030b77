/*
 * passes: what an ingest does to lines, without a database.
 *
 *	passes parse|decode|rows FILE...
 *
 * parse inflates, cuts into lines and has simdjson parse each; decode makes
 * events of them as well, and drops them; both are one thread and hold one
 * block. rows holds all lines, decodes them, sorts the events, folds the
 * calls and encodes both as rows of a binary COPY that nobody is sent. For
 * callgrind the work of rows stands in decode_all, fold_all and encode_all;
 * the sort and the search for copies of an event are those of db/store.c in
 * small, without the questions to the database. Prints what it counted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "call/decode.h"
#include "call/fold.h"
#include "db/event_row.h"
#include "io/doc.h"
#include "io/lines.h"
#include "run/ingest.h"

struct counts {
	uint64_t lines, events, calls, plain_bytes, row_bytes;
};

struct all {
	struct block *block;
	size_t blocks;
	const struct event **event;	/* by call and identity, without copies */
	size_t events;
	struct call *call;
	size_t calls;
	struct arena arena;
};

struct tools {
	struct profiles *profiles;
	struct decoder *decoder;
	struct doc *doc;
	struct decode_warnings warnings;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "passes: %s\n", what);
	exit(1);
}

static void *
must(void *p)
{
	if (p == NULL)
		die("out of memory");
	return p;
}

/* The next line of a block, without its end. */
static bool
next_line(struct str *rest, struct str *line)
{
	const char *lf;
	size_t n;

	if (rest->n == 0)
		return false;
	lf = memchr(rest->p, '\n', rest->n);
	n = lf == NULL ? rest->n : (size_t)(lf - rest->p);
	*line = (struct str){ rest->p, n };
	*rest = str_from(*rest, lf == NULL ? n : n + 1);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* Gives each block of each file to each(); keep: blocks are the receiver's. */
static void
read_files(char *path[], int n, bool keep,
    void (*each)(void *, struct block *), void *data)
{
	struct err err = ERR_INIT;
	struct block b = { 0 };

	for (int i = 0; i < n; i++) {
		struct gzin *in = gzin_open(path[i], &err);
		struct lines *lines;
		bool end = false;

		if (in == NULL)
			die(err.text);
		lines = must(lines_open(in, INGEST_MAX_LINE_BYTES));
		while (lines_next(lines, &b, &end, &err) && !end) {
			each(data, &b);
			if (keep)
				b = (struct block){ 0 };
		}
		if (!end || gzin_damage(in) != NULL)
			die(end ? gzin_damage(in) : err.text);
		lines_close(lines);
		gzin_close(in);
	}
	block_free(&b);
}

/* ---- parse and decode ---- */

struct stream {
	struct tools *t;
	struct arena arena;
	struct counts n;
};

static void
parse_block(void *data, struct block *b)
{
	struct stream *s = data;
	struct str rest = { b->p, b->n }, line;
	struct node root;

	s->n.plain_bytes += b->n;
	while (next_line(&rest, &line)) {
		s->n.lines++;
		s->n.events += doc_parse(s->t->doc, line.p, line.n, &root) == DOC_OK;
	}
}

static void
decode_block(void *data, struct block *b)
{
	struct stream *s = data;
	struct str rest = { b->p, b->n }, line;
	struct decode_out out;

	s->n.plain_bytes += b->n;
	arena_reset(&s->arena);
	while (next_line(&rest, &line)) {
		s->n.lines++;
		s->n.events += decode_line(s->t->decoder, line, &s->arena,
		    &s->t->warnings, &out) == DECODED_EVENT;
	}
}

/* ---- rows ---- */

static void
keep_block(void *data, struct block *b)
{
	struct all *all = data;

	all->block = must(realloc(all->block,
	    (all->blocks + 1) * sizeof(*all->block)));
	all->block[all->blocks++] = *b;
}

static __attribute__((noinline)) void
decode_all(struct tools *t, struct all *all, struct counts *n)
{
	struct decode_out out;

	for (size_t i = 0; i < all->blocks; i++) {
		struct str rest = { all->block[i].p, all->block[i].n }, line;

		n->plain_bytes += rest.n;
		while (next_line(&rest, &line)) {
			n->lines++;
			if (decode_line(t->decoder, line, &all->arena,
			    &t->warnings, &out) == DECODED_EVENT)
				all->event[all->events++] = out.event;
		}
	}
}

static int
key_order(const void *pa, const void *pb)
{
	const struct event *a = *(const struct event *const *)pa;
	const struct event *b = *(const struct event *const *)pb;
	int c = id128_cmp(&a->key, &b->key);

	return c != 0 ? c : id128_cmp(&a->identity, &b->identity);
}

static void
drop_copies(struct all *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->events; i++)
		if (kept == 0 || key_order(&all->event[kept - 1],
		    &all->event[i]) != 0)
			all->event[kept++] = all->event[i];
	all->events = kept;
}

static __attribute__((noinline)) void
fold_all(struct all *all)
{
	struct err err = ERR_INIT;
	const struct event **end;

	qsort(all->event, all->events, sizeof(*all->event), key_order);
	drop_copies(all);
	end = all->event + all->events;
	for (const struct event **e = all->event, **next; e < end; e = next) {
		for (next = e + 1; next < end &&
		    id128_cmp(&(*e)->key, &(*next)->key) == 0; next++)
			;
		if (!fold(e, (size_t)(next - e), &all->arena,
		    &all->call[all->calls++], &err))
			die(err.text);
	}
}

/* Takes what was encoded before the buffer is so full that it would be sent. */
static void
take_rows(struct copy_in *in, struct counts *n)
{
	if (in->buf.n < 64 * 1024)
		return;
	n->row_bytes += in->buf.n;
	buf_reset(&in->buf);
}

static __attribute__((noinline)) void
encode_all(const struct all *all, struct counts *n)
{
	const struct id128 run_id = { { 0 } };
	const int16_t utc_day = 1;
	struct err err = ERR_INIT;
	struct copy_in in = { 0 };

	for (size_t i = 0; i < all->events; i++) {
		take_rows(&in, n);
		if (!event_row_put(&in, all->event[i], &err))
			die(err.text);
	}
	for (size_t i = 0; i < all->calls; i++) {
		take_rows(&in, n);
		if (!call_row_put(&in, &all->call[i], &run_id, &utc_day, 1, &err))
			die(err.text);
	}
	n->row_bytes += in.buf.n;
	buf_free(&in.buf);
}

static struct counts
rows(struct tools *t, char *path[], int paths)
{
	struct all all = { 0 };
	struct counts n = { 0 };
	size_t lines = 0;

	read_files(path, paths, true, keep_block, &all);
	for (size_t i = 0; i < all.blocks; i++)
		lines += (size_t)all.block[i].lines;
	arena_init(&all.arena, 0);
	all.event = must(calloc(lines + 1, sizeof(*all.event)));
	all.call = must(calloc(lines + 1, sizeof(*all.call)));
	decode_all(t, &all, &n);
	fold_all(&all);
	encode_all(&all, &n);
	n.events = all.events;
	n.calls = all.calls;
	for (size_t i = 0; i < all.blocks; i++)
		block_free(&all.block[i]);
	free(all.block);
	free(all.event);
	free(all.call);
	arena_close(&all.arena);
	return n;
}

static struct counts
stream(struct tools *t, char *path[], int paths,
    void (*each)(void *, struct block *))
{
	struct stream s = { .t = t };

	arena_init(&s.arena, 0);
	read_files(path, paths, false, each, &s);
	arena_close(&s.arena);
	return s.n;
}

int
main(int argc, char *argv[])
{
	struct err err = ERR_INIT;
	struct tools t = { 0 };
	struct counts n;

	if (argc < 3)
		die("usage: passes parse|decode|rows FILE...");
	if ((t.profiles = profiles_load(NULL, &err)) == NULL)
		die(err.text);
	t.decoder = must(decoder_open(t.profiles));
	t.doc = must(doc_open());
	if (strcmp(argv[1], "parse") == 0)
		n = stream(&t, argv + 2, argc - 2, parse_block);
	else if (strcmp(argv[1], "decode") == 0)
		n = stream(&t, argv + 2, argc - 2, decode_block);
	else if (strcmp(argv[1], "rows") == 0)
		n = rows(&t, argv + 2, argc - 2);
	else
		die("no such pass");
	doc_close(t.doc);
	decoder_close(t.decoder);
	profiles_free(t.profiles);
	printf("lines %llu\nevents %llu\ncalls %llu\nplain_bytes %llu\nrow_bytes %llu\n",
	    (unsigned long long)n.lines, (unsigned long long)n.events,
	    (unsigned long long)n.calls, (unsigned long long)n.plain_bytes,
	    (unsigned long long)n.row_bytes);
	return fflush(stdout) != 0;
}
