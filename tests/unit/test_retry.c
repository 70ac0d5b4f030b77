#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "io/retry.h"

static int64_t
instant(const char *iso)
{
	int64_t us;

	assert_true(time_parse(str_of(iso), &us));
	return us;
}

static void
the_wait_grows_up_to_its_cap(void **state)
{
	const struct retry_policy p = { .base_ms = 100, .cap_ms = 1500 };
	static const int64_t bound[] = { 100, 200, 400, 800, 1500, 1500 };

	(void)state;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(retry_delay_ms(&p, i + 1, 0), 0);
		assert_int_equal(retry_delay_ms(&p, i + 1,
		    (uint64_t)bound[i]), bound[i]);
		assert_int_equal(retry_delay_ms(&p, i + 1,
		    (uint64_t)bound[i] + 1), 0);
	}
	assert_in_range(retry_delay_ms(&p, 1000000, UINT64_MAX), 0, 1500);
}

static void
retry_after_in_seconds(void **state)
{
	static const struct { const char *text; int64_t ms; } good[] = {
		{ "0", 0 }, { "1", 1000 }, { " 120 ", 120000 }, { "1.5", 1500 },
		{ "99999999", RETRY_AFTER_MAX_MS },
		{ "99999999999999999999999999", RETRY_AFTER_MAX_MS },
	};
	static const char *const bad[] = { "", " ", "soon", "-1", "+1", "1s",
	    "0x10", "1 2", "inf", "nan" };
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(retry_after(str_of(good[i].text), 0, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(retry_after(str_of(bad[i]), 0, &ms));
}

static void
retry_after_as_a_date_in_all_three_forms(void **state)
{
	int64_t now = instant("2026-11-06T08:49:00Z"), ms;
	static const char *const forms[] = {
		"Fri, 06 Nov 2026 08:49:37 GMT",
		"Friday, 06-Nov-26 08:49:37 GMT",
		"Fri Nov  6 08:49:37 2026",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(retry_after(str_of(forms[i]), now, &ms));
		assert_int_equal(ms, 37000);
		assert_true(retry_after(str_of(forms[i]), now + 60000000, &ms));
		assert_int_equal(ms, 0);
	}
	assert_true(retry_after(STR("Fri, 06 Nov 2099 08:49:37 GMT"), now, &ms));
	assert_int_equal(ms, RETRY_AFTER_MAX_MS);
}

static void
dates_far_away_are_past_or_future(void **state)
{
	int64_t now = instant("2026-11-06T08:49:00Z"), us;

	(void)state;
	assert_true(http_date(STR("Sun, 06 Nov 1994 08:49:37 GMT"), now, &us));
	assert_true(us == TIME_MIN);
	assert_true(http_date(STR("Sun Nov  6 08:49:37 1994"), now, &us));
	assert_true(us == TIME_MIN);
	assert_true(http_date(STR("Sunday, 06-Nov-94 08:49:37 GMT"), now, &us));
	assert_true(us == TIME_MIN);
	assert_true(http_date(STR("Sunday, 06-Nov-70 08:49:37 GMT"), now, &us));
	assert_true(us == instant("2070-11-06T08:49:37Z"));
	assert_true(http_date(STR("Thu, 01 Jan 2150 00:00:00 GMT"), now, &us));
	assert_true(us == TIME_MAX);
}

static void
what_is_no_date_is_none(void **state)
{
	static const char *const bad[] = {
		"Fri, 31 Feb 2026 08:49:37 GMT", "Fri, 06 Nov 2026 25:49:37 GMT",
		"Fri, 06 Nov 2026 08:49:37", "Fri, 06 Nov 2026 08:49:37 GMT x",
		"Fri, 06 Foo 2026 08:49:37 GMT", "2026-11-06T08:49:37Z",
		"Fri, 06 Nov 2026 08:49:37 CET", "Fri, -6 Nov 2026 08:49:37 GMT",
		("Fri, 06 Nov 2026 08:49:37 GMT and a very long text behind it, "
		"longer than any date can be"),
	};
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(http_date(str_of(bad[i]), 0, &us));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wait_grows_up_to_its_cap),
		cmocka_unit_test(retry_after_in_seconds),
		cmocka_unit_test(retry_after_as_a_date_in_all_three_forms),
		cmocka_unit_test(dates_far_away_are_past_or_future),
		cmocka_unit_test(what_is_no_date_is_none),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
