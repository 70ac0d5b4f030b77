/*
 * The line of progress: what it tells, how it fits, and that the time left
 * follows the pace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <string.h>

#include "../../cmd/pace.h"

enum { S = 1000000 };

static struct progress progress;
static struct pace pace;
static char line[PACE_LINE_BYTES];

static int
begin(void **state)
{
	(void)state;
	memset(&progress, 0, sizeof(progress));
	memset(&pace, 0, sizeof(pace));
	return 0;
}

/* Half a gzip file after ten seconds of the same pace. */
static void
half_way(void)
{
	progress_begin(&progress, "ingest", NULL, 0);
	atomic_store(&progress.raw_bytes_total, 200 * 1000 * 1000);
	for (int s = 0; s <= 10; s++) {
		atomic_store(&progress.raw_bytes_done, (uint64_t)s * 10 * S);
		atomic_store(&progress.lines, (uint64_t)s * 1000);
		pace_look(&pace, &progress, 100 * S + s * (int64_t)S);
	}
}

static void
a_line_tells_bar_share_amount_count_rate_and_time_left(void **state)
{
	(void)state;
	half_way();
	pace_line(&pace, 120, true, line);
	assert_string_equal(line, "ingest  [###########...........]   50%  "
	    "100.0/200.0 MB  10,000 lines  1,000 lines/s  10 s left");
	pace_line(&pace, 120, false, line);
	assert_string_equal(line, "ingest   50%  100.0/200.0 MB  10,000 lines"
	    "  1,000 lines/s  10 s left");
}

static void
no_line_is_wider_than_the_terminal(void **state)
{
	(void)state;
	half_way();
	for (size_t n = 1; n < 200; n++) {
		pace_line(&pace, n, true, line);
		assert_true(strlen(line) <= n);
		if (n >= 4)
			assert_non_null(strstr(line, "50%"));
	}
	pace_line(&pace, 39, true, line);
	assert_string_equal(line, "ingest   50%  100.0/200.0 MB  10 s left");
	pace_line(&pace, 38, true, line);
	assert_string_equal(line, "ingest  [#####......]   50%  10 s left");
}

static void
without_a_total_there_is_neither_bar_nor_time_left(void **state)
{
	(void)state;
	progress_begin(&progress, "ingest", NULL, 0);
	atomic_store(&progress.raw_bytes_done, 5 * S);
	pace_look(&pace, &progress, 0);
	pace_look(&pace, &progress, 5 * S);
	pace_line(&pace, 120, true, line);
	assert_string_equal(line, "ingest  5.0 MB  0 lines  0 lines/s");
}

static void
steps_are_told_by_their_name(void **state)
{
	(void)state;
	progress_begin(&progress, "pull", "calls", 400);
	pace_look(&pace, &progress, 0);
	progress_step(&progress, 100, 0);
	atomic_store(&progress.requests, 130);
	pace_look(&pace, &progress, 2 * S);
	pace_line(&pace, 120, false, line);
	assert_string_equal(line,
	    "pull   25%  100/400 calls  130 requests  50 calls/s  6 s left");
}

static void
reports_are_too_unlike_for_a_guess(void **state)
{
	(void)state;
	progress_begin(&progress, "export", "reports", 12);
	pace_look(&pace, &progress, 0);
	progress_step(&progress, 3, 4000);
	pace_look(&pace, &progress, 2 * S);
	pace_line(&pace, 120, false, line);
	assert_string_equal(line,
	    "export   25%  3/12 reports  4,000 rows  2,000 rows/s");
}

static void
a_new_stage_begins_its_own_pace(void **state)
{
	(void)state;
	half_way();
	progress_begin(&progress, "compare", "events", 50);
	pace_look(&pace, &progress, 200 * S);
	progress_step(&progress, 50, 0);
	pace_look(&pace, &progress, 201 * S);
	pace_line(&pace, 120, false, line);
	assert_string_equal(line,
	    "compare  100%  50/50 events  50 events/s  finishing");
}

static void
the_time_left_follows_the_pace_slowly(void **state)
{
	(void)state;
	half_way();
	/* A pause of a second is no reason to despair. */
	pace_look(&pace, &progress, 111 * S);
	assert_true(pace.done_rate > 7e6 && pace.done_rate < 8e6);
	for (int s = 112; s < 140; s++)
		pace_look(&pace, &progress, s * (int64_t)S);
	assert_true(pace.done_rate < 1e4);
}

static void
a_file_that_has_grown_is_not_more_than_all(void **state)
{
	(void)state;
	half_way();
	atomic_store(&progress.raw_bytes_done, 300 * 1000 * 1000);
	pace_look(&pace, &progress, 111 * S);
	pace_line(&pace, 120, false, line);
	assert_non_null(strstr(line, "100%  200.0/200.0 MB"));
}

static void
between_stages_nothing_is_told(void **state)
{
	(void)state;
	pace_look(&pace, &progress, 0);
	pace_line(&pace, 80, true, line);
	assert_string_equal(line, "");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, begin)
	const struct CMUnitTest tests[] = {
		TEST(a_line_tells_bar_share_amount_count_rate_and_time_left),
		TEST(no_line_is_wider_than_the_terminal),
		TEST(without_a_total_there_is_neither_bar_nor_time_left),
		TEST(steps_are_told_by_their_name),
		TEST(reports_are_too_unlike_for_a_guess),
		TEST(a_new_stage_begins_its_own_pace),
		TEST(the_time_left_follows_the_pace_slowly),
		TEST(a_file_that_has_grown_is_not_more_than_all),
		TEST(between_stages_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
