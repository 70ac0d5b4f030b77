/*
 * Which parts make a batch: they end with a day where that is not too early
 * and not too late, the first batches are small, and the last ones such that
 * two who take batches end together. And what a source knows of the times of
 * its blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <time.h>

#include "base/clock.h"
#include "run/pipeline_inner.h"
#include "unit/temp.h"

enum { UNIT = 4096 };	/* parts of one unit each, as far as the queue knows */

/* A queue that nobody reads for any more, or that one will; no threads. */
struct queue {
	struct progress progress;
	struct ingest_options ingest;
	struct pipeline p;
};

static void
queue_open(struct queue *q, size_t batch, size_t max_batch)
{
	memset(q, 0, sizeof(*q));
	q->ingest.progress = &q->progress;
	q->p.opt.ingest = &q->ingest;
	q->p.opt.batch_bytes = max_batch * UNIT;
	q->p.batch_bytes = batch * UNIT;
	pthread_mutex_init(&q->p.mutex, NULL);
	pthread_cond_init(&q->p.room, NULL);
	pthread_cond_init(&q->p.work, NULL);
	pthread_cond_init(&q->p.ready, NULL);
}

static void
queue_close(struct queue *q)
{
	parts_free(q->p.head);
	pthread_mutex_destroy(&q->p.mutex);
	pthread_cond_destroy(&q->p.room);
	pthread_cond_destroy(&q->p.work);
	pthread_cond_destroy(&q->p.ready);
}

/* A decoded part that counts as one unit; with it a source ends, and perhaps a day. */
static void
put_unit(struct queue *q, bool day_ends)
{
	struct source_state *s = calloc(1, sizeof(*s));
	struct part *part = part_new(s);

	assert_non_null(s);
	assert_non_null(part);
	s->ends_day = day_ends;
	part->decoded = part->ends_source = true;
	part->arena.held_bytes = UNIT - part_bytes(part);
	pipeline_put(&q->p, part);
}

static void
put_units(struct queue *q, size_t n)
{
	while (n-- > 0)
		put_unit(q, false);
}

/* Days of so many units each. */
static void
put_days(struct queue *q, const size_t *units, size_t days)
{
	for (size_t i = 0; i < days; i++) {
		put_units(q, units[i] - 1);
		put_unit(q, true);
	}
}

static size_t
count(const struct part *list)
{
	size_t n = 0;

	for (; list != NULL; list = list->next)
		n++;
	return n;
}

/* How many parts the next batch has. */
static size_t
take(struct pipeline *p)
{
	struct err err = ERR_INIT;
	struct part *list;
	size_t n;

	assert_true(pipeline_take(p, &list, &err));
	n = count(list);
	parts_free(list);
	return n;
}

static void
a_batch_ends_with_the_last_day_that_it_has_whole(void **state)
{
	struct queue q;

	(void)state;
	queue_open(&q, 10, 20);
	put_days(&q, (size_t[]){ 5, 4, 5, 40 }, 4);
	assert_int_equal(take(&q.p), 9);
	queue_close(&q);
}

static void
a_batch_grows_to_a_days_end_rather_than_stop_at_half(void **state)
{
	struct queue q;

	(void)state;
	queue_open(&q, 10, 20);
	put_days(&q, (size_t[]){ 4, 9, 40 }, 3);
	assert_int_equal(take(&q.p), 13);
	queue_close(&q);
}

static void
a_batch_does_not_stop_early_nor_grow_too_much_for_a_days_end(void **state)
{
	struct queue q;

	(void)state;
	queue_open(&q, 10, 20);
	put_days(&q, (size_t[]){ 3, 30, 40 }, 3);
	assert_int_equal(take(&q.p), 10);
	queue_close(&q);
}

static void
first_batches_are_small_and_double(void **state)
{
	static const size_t want[] = { 2, 4, 8, 12, 12 };
	struct queue q;

	(void)state;
	queue_open(&q, 2, 12);
	put_units(&q, 200);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(take(&q.p), want[i]);
	queue_close(&q);
}

/* Whoever takes the last but one has half a batch of the other's to catch up with. */
static void
the_last_batches_end_together(void **state)
{
	struct queue q;
	size_t last_but_one;

	(void)state;
	queue_open(&q, 64, 64);
	put_units(&q, 128);
	q.p.no_more = true;
	assert_int_equal(take(&q.p), 64);
	last_but_one = take(&q.p);
	assert_int_equal(last_but_one, count(q.p.head) + 64 / 2);
	assert_int_equal(take(&q.p), 64 - last_but_one);
	assert_int_equal(take(&q.p), 0);
	queue_close(&q);
}

/* What is not read yet is told by the sizes of the files. */
static void
the_end_is_seen_before_all_is_read(void **state)
{
	struct queue q;

	(void)state;
	queue_open(&q, 100, 100);
	put_units(&q, 80);
	q.progress.raw_bytes_done = 800;
	q.progress.raw_bytes_total = 1000;	/* 20 units are to come */
	assert_int_equal(take(&q.p), 75);	/* and 25 with half a batch take as long */
	queue_close(&q);
}

static void
without_an_end_in_sight_batches_are_whole(void **state)
{
	struct queue q;

	(void)state;
	queue_open(&q, 100, 100);
	put_units(&q, 110);
	q.progress.raw_bytes_done = 1100;	/* of a pipe */
	assert_int_equal(take(&q.p), 100);
	queue_close(&q);
}

/* -- with files -- */

enum { DAYS = 10, DAY_FILES = 2, DAY_LINES = 900 };

/* A day's file; a line makes an event of some hundred bytes. */
static void
write_file(int day, int no)
{
	struct buf text = BUF_INIT(0);
	char name[40];

	for (int i = 0; i < DAY_LINES; i++)
		assert_true(buf_printf(&text, "{\"event\":{\"type\":"
		    "\"call.completed\",\"data\":{\"call\":{\"id\":\"call_%d_%d_%d\","
		    "\"status\":\"completed\",\"startedAt\":"
		    "\"2026-03-%02dT10:%02d:00Z\",\"endedAt\":"
		    "\"2026-03-%02dT11:00:00Z\",\"durationSeconds\":60}}}}\n",
		    day, no, i, day, i % 60, day));
	(void)snprintf(name, sizeof(name), "%c-2026-03-%02d.jsonl", 'a' + no, day);
	(void)temp_write(name, text.p, text.n);
	buf_free(&text);
}

/* Waits until all is read and decoded, so that no batch depends on who was quick. */
static void
settle(struct pipeline *p)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	bool done = false;

	while (!done) {
		pthread_mutex_lock(&p->mutex);
		done = p->stop || (p->no_more && p->raw_blocks == 0);
		pthread_mutex_unlock(&p->mutex);
		(void)nanosleep(&pause, NULL);
	}
}

/* The day in the name of a part's file. */
static int
day_of(const struct part *part)
{
	struct str name = part->source->path.name;

	return atoi(name.p + name.n - strlen("DD.jsonl"));
}

/* Counts the list's batch; none of its days is of an earlier one. */
static void
check_batch(struct part *list, int *last_day, size_t *batches)
{
	struct part *part = list;

	assert_true(day_of(part) > *last_day);
	while (part->next != NULL)
		part = part->next;
	assert_true(part->source->ends_day);
	*last_day = day_of(part);
	++*batches;
	parts_free(list);
}

static void
no_day_of_files_is_in_two_batches(void **state)
{
	const char *paths[] = { temp_folder };
	struct progress progress = { 0 };
	struct ingest_options ingest = { .progress = &progress };
	struct pipeline_options opt = {
		.ingest = &ingest, .max_line_bytes = 4096,
		.batch_bytes = 64 * 1024 * 1024, .jobs = 1,
	};
	struct path_list list;
	struct err err = ERR_INIT;
	struct pipeline *p;
	struct part *batch;
	size_t batches = 0;
	int last_day = 0;

	(void)state;
	for (int day = 1; day <= DAYS; day++)
		for (int no = 0; no < DAY_FILES; no++)
			write_file(day, no);
	assert_true(path_list_open(&list, paths, 1, &err));
	opt.list = &list;
	opt.end = list.n;
	opt.ledger = ledger_empty(&err);
	opt.seen = calloc(list.n, 1);
	ingest.profiles = profiles_load(NULL, &err);
	assert_true(opt.ledger != NULL && opt.seen != NULL &&
	    ingest.profiles != NULL);
	if ((p = pipeline_open(&opt, &err)) == NULL)
		fail_msg("%s", err.text);
	settle(p);
	while (pipeline_take(p, &batch, &err) && batch != NULL)
		check_batch(batch, &last_day, &batches);
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(last_day, DAYS);
	assert_in_range(batches, 2, DAYS - 1);
	pipeline_close(p, NULL);
	profiles_free((struct profiles *)ingest.profiles);
	ledger_free(opt.ledger);
	free(opt.seen);
	path_list_close(&list);
}

/* Who waits for the time of a block would wait for ever. */
static void
a_block_that_is_decoded_late_hides_no_newer_one(void **state)
{
	const uint64_t newer = 2 * PART_TIMES + 1, older = PART_TIMES + 1;
	struct source_state s = { 0 };
	struct queue q;

	(void)state;
	queue_open(&q, 10, 20);
	q.p.stop = true;	/* nobody waits */
	source_note_time(&s, &(struct part_time){ newer, 70 });
	source_note_time(&s, &(struct part_time){ older, 30 });
	assert_int_equal(pipeline_wait_time(&q.p, &s, newer), 70);
	queue_close(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_ends_with_the_last_day_that_it_has_whole),
		cmocka_unit_test(a_batch_grows_to_a_days_end_rather_than_stop_at_half),
		cmocka_unit_test(a_batch_does_not_stop_early_nor_grow_too_much_for_a_days_end),
		cmocka_unit_test(first_batches_are_small_and_double),
		cmocka_unit_test(the_last_batches_end_together),
		cmocka_unit_test(the_end_is_seen_before_all_is_read),
		cmocka_unit_test(without_an_end_in_sight_batches_are_whole),
		cmocka_unit_test(no_day_of_files_is_in_two_batches),
		cmocka_unit_test(a_block_that_is_decoded_late_hides_no_newer_one),
	};

	(void)alarm(120);	/* a batch that never is ready */
	return cmocka_run_group_tests(tests, temp_setup, temp_teardown);
}
