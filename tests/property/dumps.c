/*
 * From lines to calls: whatever the order of the lines, the number of their
 * copies, the white space and envelopes around them, and whichever decoder
 * reads them, the calls are the same; and so, where CALLTALLY_TEST_DSN names a
 * server, are those of its tables, wherever the borders between batches lie.
 */
#include "property.h"

#include <stdio.h>
#include <stdlib.h>

#include "call/decode.h"
#include "call/differ.h"
#include "call/fold.h"
#include "db/migrate.h"
#include "db/store.h"
#include "db/stored.h"
#include "embedded.h"
#include "generated.h"
#include "io/doc.h"

enum { CALLS_MOST = 6, LINES_MOST = 1000, DECODERS = 3 };

struct dump {
	struct trial *trial;
	struct str line[LINES_MOST];
	size_t n;
};

/* What came of some lines. */
struct told {
	struct event *event[LINES_MOST];
	size_t events, rejected, ignored;
};

static struct profiles *
all_profiles(void)
{
	static struct profiles *set;
	struct err err = ERR_INIT;

	if (set == NULL && (set = profiles_load(NULL, &err)) == NULL) {
		fputs(err.text, stderr);
		exit(70);
	}
	return set;
}

/* One of a few decoders, which live as long as the program. */
static struct decoder *
any_decoder(struct trial *t)
{
	static struct decoder *decoder[DECODERS];
	size_t i = rng_below(&t->rng, DECODERS);

	if (decoder[i] == NULL &&
	    (decoder[i] = decoder_open(all_profiles())) == NULL)
		exit(70);
	return decoder[i];
}

static void
add_line(void *data, const char *line, size_t n)
{
	struct dump *d = data;

	if (d->n < LINES_MOST)
		d->line[d->n++] = trial_padded(d->trial, (struct str){ line, n });
}

static enum decode_result
decode(struct trial *t, struct str line, struct decode_out *out)
{
	struct decode_warnings warnings = { 0 };

	return decode_line(any_decoder(t), line, &t->arena, &warnings, out);
}

static struct told *
tell(struct trial *t, const struct dump *d)
{
	struct told *told = trial_alloc(t, sizeof(*told));
	struct decode_out out;

	*told = (struct told){ .events = 0 };
	for (size_t i = 0; i < d->n; i++)
		switch (decode(t, d->line[i], &out)) {
		case DECODED_EVENT:
			told->event[told->events++] = out.event;
			break;
		case DECODED_REJECT:
			told->rejected++;
			break;
		default:
			told->ignored++;
		}
	return told;
}

static int
by_call(const void *pa, const void *pb)
{
	const struct event *a = *(struct event *const *)pa;
	const struct event *b = *(struct event *const *)pb;
	int c = id128_cmp(&a->key, &b->key);

	return c != 0 ? c : id128_cmp(&a->identity, &b->identity);
}

/* Of copies the earliest receipt counts, where the body states no time. */
static void
keep_first(struct told *told)
{
	size_t n = 0;

	qsort(told->event, told->events, sizeof(*told->event), by_call);
	for (size_t i = 0; i < told->events; i++) {
		struct event *e = told->event[i];
		struct event *last = n > 0 ? told->event[n - 1] : NULL;

		if (last == NULL || by_call(&e, &last) != 0)
			told->event[n++] = e;
		else if (!e->time_stated && e->time_us != TIME_NONE &&
		    (last->time_us == TIME_NONE || e->time_us < last->time_us))
			last->time_us = e->time_us;
	}
	told->events = n;
}

/* The calls of some lines, all that is said about them as text. */
static struct str
calls_of(struct trial *t, const struct dump *d)
{
	struct told *told = tell(t, d);
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;
	struct call c;
	struct str text;

	keep_first(told);
	buf_printf(&out, "%zu events\n", told->events);
	for (size_t i = 0, n; i < told->events; i += n) {
		for (n = 1; i + n < told->events && id128_cmp(
		    &told->event[i]->key, &told->event[i + n]->key) == 0; n++)
			;
		(void)fold((const struct event **)told->event + i, n, &t->arena,
		    &c, &err);
		buf_printf(&out, "%.*s", STR_ARG(c.call_id));
		for (unsigned p = 0; p < CALL_PARTS; p++) {
			buf_printf(&out, "\n%s ", call_part_name[p]);
			(void)call_part_text(&c, p, &out);
		}
		buf_putc(&out, '\n');
	}
	text = arena_str(&t->arena, buf_str(&out));
	buf_free(&out);
	return text;
}

static struct dump *
random_dump(struct trial *t)
{
	struct dump *d = trial_alloc(t, sizeof(*d));

	d->trial = t;
	d->n = 0;
	generated_lines(rng_next(&t->rng), 1 + rng_below(&t->rng, CALLS_MOST),
	    add_line, d);
	return d;
}

/* Some lines again: as they are, with other white space, in an envelope. */
static void
add_copies(struct trial *t, struct dump *d)
{
	size_t n = d->n;
	struct decode_out out;

	for (size_t i = 0; i < n && d->n < LINES_MOST; i++) {
		uint32_t kind = rng_below(&t->rng, 6);

		if (kind == 0)
			add_line(d, d->line[i].p, d->line[i].n);
		else if (kind <= 2 && decode(t, d->line[i], &out) == DECODED_EVENT)
			generated_copy(&t->rng, 0, d->line[i].p, d->line[i].n,
			    add_line, d);
	}
}

static bool
same_text(struct trial *t, struct str want, struct str is)
{
	size_t i = 0, line = 0;

	while (i < want.n && i < is.n && want.p[i] == is.p[i])
		if (want.p[i++] == '\n')
			line = i;
	CHECK(t, str_eq(want, is), "wanted %.*s, got %.*s",
	    want.n - line < 200 ? (int)(want.n - line) : 200, want.p + line,
	    is.n - line < 200 ? (int)(is.n - line) : 200, is.p + line);
	return true;
}

static bool
lines_in_any_order_any_number_of_times_give_the_same_calls(struct trial *t)
{
	struct dump *d = random_dump(t);
	struct str want = calls_of(t, d);

	add_copies(t, d);
	trial_shuffle(t, d->line, d->n, sizeof(*d->line));
	return same_text(t, want, calls_of(t, d));
}

/* An event whose time is a receipt's may move with it; all else is the same. */
static bool
an_event_is_known_again_in_other_clothes(struct trial *t)
{
	struct dump *d = random_dump(t);
	size_t n = d->n;
	struct decode_out was, is;

	for (size_t i = 0; i < n; i++) {
		if (decode(t, d->line[i], &was) != DECODED_EVENT)
			continue;
		d->n = 0;
		generated_copy(&t->rng, (int)rng_below(&t->rng, 2),
		    d->line[i].p, d->line[i].n, add_line, d);
		if (decode(t, d->line[0], &is) != DECODED_EVENT)
			continue;	/* one envelope too many */
		CHECK(t, by_call(&was.event, &is.event) == 0,
		    "another identity: %.*s", STR_ARG(d->line[0]));
		CHECK(t, (event_diff(was.event, is.event) &
		    ~(UINT64_C(1) << EVENT_TIME)) == 0,
		    "another event: %.*s", STR_ARG(d->line[0]));
	}
	return true;
}

/* Bytes are changed, cut out, put in; the same line is always judged the same. */
static void
spoil(struct trial *t, char *p, size_t *n)
{
	for (uint32_t times = 1 + rng_below(&t->rng, 4); times > 0 && *n > 1; times--) {
		size_t at = rng_next(&t->rng) % *n;

		switch (rng_below(&t->rng, 4)) {
		case 0:
			p[at] = (char)rng_next(&t->rng);
			break;
		case 1:
			p[at] = "\"\\{}[],:0-e."[rng_below(&t->rng, 12)];
			break;
		case 2:
			memmove(p + at, p + at + 1, --*n - at);
			break;
		default:
			*n = at + 1;
		}
	}
}

static bool
a_spoiled_line_is_judged_the_same_by_every_decoder(struct trial *t)
{
	struct dump *d = random_dump(t);
	struct decode_out first, again;

	for (size_t i = 0; i < d->n; i++) {
		struct str line = trial_padded(t, d->line[i]);
		size_t n = line.n;
		enum decode_result r;

		spoil(t, (char *)(uintptr_t)line.p, &n);
		line = trial_padded(t, (struct str){ line.p, n });
		r = decode(t, line, &first);
		CHECK(t, decode(t, trial_padded(t, line), &again) == r,
		    "judged otherwise: %.*s", STR_ARG(line));
		if (r == DECODED_EVENT)
			CHECK(t, by_call(&first.event, &again.event) == 0 &&
			    event_diff(first.event, again.event) == 0,
			    "another event: %.*s", STR_ARG(line));
		if (r == DECODED_REJECT)
			CHECK(t, first.reason == again.reason &&
			    strcmp(first.message, again.message) == 0,
			    "another reason: %.*s", STR_ARG(line));
	}
	return true;
}

/* ---- the same through the tables ---- */

static void
must(bool ok, const struct err *err)
{
	if (ok)
		return;
	fprintf(stderr, "property: %s\n", err->text);
	exit(70);
}

/* A database of this program's own, with its tables; NULL: there is no server. */
static struct db *
the_database(void)
{
	static struct db *db;
	const char *dsn = getenv("CALLTALLY_TEST_DSN");
	struct err err = ERR_INIT;
	char own[1024];
	int steps;

	if (db != NULL || dsn == NULL)
		return db;
	must((db = db_open(dsn, &err)) != NULL, &err);
	must(db_exec(db, "DROP DATABASE IF EXISTS property_of_store", &err) &&
	    db_exec(db, "CREATE DATABASE property_of_store TEMPLATE template0",
	    &err), &err);
	db_close(db);
	(void)snprintf(own, sizeof(own), "%s dbname=property_of_store", dsn);
	must((db = db_open(own, &err)) != NULL && migrate(db, &steps, &err) &&
	    db_exec(db, sql_set_writer, &err), &err);
	return db;
}

static struct store *
the_store(struct db *db)
{
	static const struct id128 run_id = { { 1 } };
	static struct store *store;
	struct err err = ERR_INIT;

	if (store == NULL)
		must((store = store_open(db, all_profiles(), &run_id, &err)) != NULL,
		    &err);
	return store;
}

/* All lines in some order, some of them again. */
static struct dump *
disordered(struct trial *t, const struct dump *whole)
{
	struct dump *d = trial_alloc(t, sizeof(*d));

	*d = *whole;
	for (size_t i = 0; i < whole->n; i++)
		if (d->n < LINES_MOST && rng_chance(&t->rng, 200))
			d->line[d->n++] = whole->line[i];
	trial_shuffle(t, d->line, d->n, sizeof(*d->line));
	return d;
}

/* What a caller who remembers all that he stored may be sure of; sometimes he does not. */
static struct store_item
item_of(struct trial *t, const struct told *told, size_t at)
{
	struct store_item item = { .event = told->event[at] };
	bool remembers = rng_chance(&t->rng, 700);

	item.unseen = item.surely_new = remembers;
	for (size_t i = 0; remembers && i < at; i++) {
		const struct event *e = told->event[i];

		if (id128_cmp(&e->key, &item.event->key) != 0)
			continue;
		item.unseen = false;
		if (id128_cmp(&e->identity, &item.event->identity) == 0)
			item.surely_new = false;
	}
	return item;
}

/* Stores the events in batches, down to one event each. */
static bool
store_in_batches(struct trial *t, struct db *db, const struct told *told,
    struct store_counts *counts)
{
	uint32_t most = 1 + rng_below(&t->rng, rng_chance(&t->rng, 500) ? 3 : 100);
	struct store_item *item = trial_alloc(t, most * sizeof(*item));
	struct err err = ERR_INIT;

	for (size_t at = 0, n; at < told->events; at += n) {
		n = 1 + rng_below(&t->rng, most);
		if (n > told->events - at)
			n = told->events - at;
		for (size_t i = 0; i < n; i++)
			item[i] = item_of(t, told, at + i);
		CHECK(t, store_put(the_store(db), item, n, counts, &err), "%s",
		    err.text);
	}
	return true;
}

/* Whether the row of the call that these events speak of is the one that they fold to. */
static bool
row_is_the_fold(struct trial *t, struct db *db, const struct event **event,
    size_t n)
{
	struct buf key = BUF_INIT(0);
	struct db_param p = db_uuid_array(&key, &event[0]->key, 1);
	struct stored_call want, is;
	struct err err = ERR_INIT;
	struct db_rows *rows;
	struct call call;
	uint64_t diff;

	must(fold(event, n, &t->arena, &call, &err) &&
	    stored_call_make(&call, event, n, &t->arena, &want, &err), &err);
	must((rows = db_query(db, sql_get_calls, &p, 1, &err)) != NULL, &err);
	buf_free(&key);
	CHECK(t, db_rows_count(rows) == 1, "%zu rows of a call", db_rows_count(rows));
	must(stored_call_get(rows, 0, &t->arena, &is, &err), &err);
	db_rows_free(rows);
	diff = stored_call_diff(&want, &is);
	CHECK(t, diff == 0, "%s differs", stored_part_name[__builtin_ctzll(diff | 1ull << 63)]);
	return true;
}

static bool
tables_are_the_fold(struct trial *t, struct db *db, const struct dump *whole)
{
	struct told *want = tell(t, whole), *told = tell(t, disordered(t, whole));
	struct store_counts counts = { 0 };
	size_t calls = 0;

	keep_first(want);
	if (!store_in_batches(t, db, told, &counts))
		return false;
	for (size_t from = 0, to; from < want->events; from = to, calls++) {
		for (to = from; to < want->events && id128_cmp(
		    &want->event[to]->key, &want->event[from]->key) == 0; to++)
			;
		if (!row_is_the_fold(t, db,
		    (const struct event **)&want->event[from], to - from))
			return false;
	}
	CHECK(t, counts.events == want->events && counts.calls == calls &&
	    counts.events + counts.duplicates == told->events,
	    "the books: %zu events of %zu calls, %zu lines", want->events,
	    calls, told->events);
	return true;
}

static bool
batches_of_any_size_come_to_the_fold_of_the_set(struct trial *t)
{
	struct db *db = the_database();
	struct dump *whole = trial_alloc(t, sizeof(*whole));
	struct err err = ERR_INIT;
	bool ok;

	if (db == NULL)
		return true;
	*whole = (struct dump){ .trial = t };
	generated_lines(t->seed, 1 + rng_below(&t->rng, CALLS_MOST), add_line,
	    whole);
	(void)the_store(db);
	must(db_begin(db, &err), &err);
	ok = tables_are_the_fold(t, db, whole);
	db_rollback(db);
	return ok;
}

const struct property dump_properties[] = {
	{ "lines in any order, any number of times, give the same calls",
	    lines_in_any_order_any_number_of_times_give_the_same_calls, 10 },
	{ "an event is known again in other clothes",
	    an_event_is_known_again_in_other_clothes, 10 },
	{ "a spoiled line is judged the same by every decoder",
	    a_spoiled_line_is_judged_the_same_by_every_decoder, 10 },
	{ "batches of any size, in any order, come to the fold of the set in the tables",
	    batches_of_any_size_come_to_the_fold_of_the_set, 10 },
	{ NULL, NULL, 1 },
};
