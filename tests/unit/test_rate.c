#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "io/rate.h"

#define SECOND INT64_C(1000000)

enum { TAKEN_MAX = 100000 };

static int64_t taken[TAKEN_MAX];

/* Takes all that can be had in so many seconds, looking every step_us. */
static size_t
take_all(struct rate *r, int64_t from, int64_t seconds, int64_t step_us)
{
	size_t n = 0;

	for (int64_t t = from; t < from + seconds * SECOND; t += step_us)
		while (n < TAKEN_MAX && rate_wait_us(r, t) == 0) {
			rate_take(r);
			taken[n++] = t;
		}
	return n;
}

/* The most of the first n within one second, wherever it begins. */
static size_t
most_in_a_second(size_t n)
{
	size_t most = 0, from = 0;

	for (size_t i = 0; i < n; i++) {
		while (taken[from] <= taken[i] - SECOND)
			from++;
		if (i - from + 1 > most)
			most = i - from + 1;
	}
	return most;
}

static void
no_second_holds_more_than_the_rate(void **state)
{
	static const int64_t rates[] = { 1, 2, 3, 5, 10, 25, 50, 100, 999, 3000 };
	static const int64_t steps[] = { 100, 1000, 7777, 50000, 400000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			struct rate r;
			size_t n;

			rate_init(&r, rates[i] * 1000, 5 * SECOND);
			/* A rest before does not save up for a rush. */
			n = take_all(&r, 100 * SECOND, 10, steps[k]);
			assert_true(most_in_a_second(n) <= (size_t)rates[i]);
			if (steps[k] <= 7777)
				assert_true(n >= (size_t)rates[i] * 85 / 10);
		}
}

static void
slow_rates_fill_too(void **state)
{
	struct rate r;
	size_t n;

	(void)state;
	rate_init(&r, 10, 0);	/* one in a hundred seconds */
	n = take_all(&r, 0, 1000, 1000);
	assert_in_range(n, 8, 9);
}

static void
a_bucket_starts_empty(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 5000, 7 * SECOND);
	assert_int_not_equal(rate_wait_us(&r, 7 * SECOND), 0);
	assert_in_range(rate_wait_us(&r, 7 * SECOND), 200000, 230000);
	assert_int_equal(rate_wait_us(&r, 7 * SECOND + 230000), 0);
}

static void
the_wait_it_tells_is_enough(void **state)
{
	int64_t now = 0;
	struct rate r;

	(void)state;
	rate_init(&r, 7000, now);
	for (int i = 0; i < 1000; i++) {
		now += rate_wait_us(&r, now);
		assert_int_equal(rate_wait_us(&r, now), 0);
		rate_take(&r);
	}
	assert_in_range(now, 140 * SECOND, 165 * SECOND);
}

static void
a_hold_keeps_all_back(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 1000000, 0);
	rate_hold(&r, 30 * SECOND);
	rate_hold(&r, 10 * SECOND);
	assert_int_equal(rate_wait_us(&r, 20 * SECOND), 10 * SECOND);
	assert_int_equal(rate_wait_us(&r, 30 * SECOND), 0);
}

static void
a_clock_that_steps_back_gives_nothing(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 1000, 100 * SECOND);
	assert_int_not_equal(rate_wait_us(&r, 50 * SECOND), 0);
	assert_int_equal(rate_wait_us(&r, 53 * SECOND), 0);
}

static void
the_greatest_rate_and_the_longest_rest_do_not_overflow(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, INT64_C(1000000000), 0);
	assert_int_equal(rate_wait_us(&r, INT64_MAX / 2), 0);
	rate_init(&r, 1, 0);
	assert_int_equal(rate_wait_us(&r, INT64_MAX / 2), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_second_holds_more_than_the_rate),
		cmocka_unit_test(slow_rates_fill_too),
		cmocka_unit_test(a_bucket_starts_empty),
		cmocka_unit_test(the_wait_it_tells_is_enough),
		cmocka_unit_test(a_hold_keeps_all_back),
		cmocka_unit_test(a_clock_that_steps_back_gives_nothing),
		cmocka_unit_test(
		    the_greatest_rate_and_the_longest_rest_do_not_overflow),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
