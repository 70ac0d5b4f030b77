/*
 * clock's promise: every form of a time that is allowed is the same instant,
 * and nothing else is a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"

#define NOON INT64_C(1772359800000000)	/* 2026-03-01 10:10:00 */

static void
texts_of_a_time_are_read(void **state)
{
	static const struct { const char *text; int64_t us; } good[] = {
		{ "2026-03-01T10:10:00Z", NOON },
		{ "2026-03-01t10:10:00z", NOON },
		{ "2026-03-01 10:10:00", NOON },
		{ "2026-03-01T10:10", NOON },
		{ "2026-03-01T10:10Z", NOON },
		{ "2026-03-01T15:40:00+05:30", NOON },
		{ "2026-03-01T15:40:00+0530", NOON },
		{ "2026-03-01T15:10+05", NOON },
		{ "2026-02-28T23:10:00-11:00", NOON },
		{ "2026-03-01T10:10:00.5Z", NOON + 500000 },
		{ "2026-03-01T10:10:00,5Z", NOON + 500000 },
		{ "2026-03-01T10:10:00.000001Z", NOON + 1 },
		{ "2026-03-01T10:10:00.1234569999999999Z", NOON + 123456 },
		{ "2026-03-01T10:09:60Z", NOON },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800000000) },
		{ "2000-01-01T00:00:00Z", TIME_MIN },
		{ "1999-12-31T23:00:00-01:00", TIME_MIN },
		{ "2099-12-31T23:59:59.999999Z", TIME_MAX - 1 },
		{ "1772359800", NOON },
		{ "1772359800.25", NOON + 250000 },
		{ "1772359800.1234569", NOON + 123456 },
		{ "1772359800000", NOON },
		{ "1772359800000.5", NOON + 500 },
		{ "1772359800123", NOON + 123000 },
		{ "+1772359800", NOON },
		{ "946684800", TIME_MIN },
	};
	static const char *const bad[] = {
		"", "now", "2026-03-01", "2026-03-01T", "2026-03-01T10",
		"2026-03-01T10:1", "2026-3-1T10:10:00Z", "2026-03-01T10:10:00.Z",
		"2026-03-01T10:10:00 Z", " 2026-03-01T10:10:00Z",
		"2026-03-01T10:10:00Zulu", "2026-03-01T10:10:00+5",
		"2026-03-01T10:10:00+05:3", "2026-03-01T10:10:00+24:00",
		"2026-03-01T10:10:00+05:60", "2026-03-01T10:10:00+05:30x",
		"2026-03-01T10:10:00+", "2026-03-01T24:00:00Z",
		"2026-03-01T10:60:00Z", "2026-03-01T10:10:61Z",
		"2026-02-29T10:10:00Z", "2100-02-29T10:10:00Z",
		"2026-13-01T10:10:00Z", "2026-00-01T10:10:00Z",
		"2026-04-31T10:10:00Z", "2026-04-00T10:10:00Z",
		"1999-12-31T23:59:59Z", "2100-01-01T00:00:01Z",
		"2099-12-31T23:30:00-01:00", "0000-01-01T00:00:00Z",
		"0", "-1772359800", "946684799", "4102444801", "20260301",
		"99999999999", "4102444800001", "1e400", "nan",
		"99999999999999999999", "1772359800s",
	};
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!time_parse(str_of(good[i].text), &us))
			fail_msg("%s is refused", good[i].text);
		if (us != good[i].us)
			fail_msg("%s: %" PRId64, good[i].text, us);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (time_parse(str_of(bad[i]), &us))
			fail_msg("%s is taken", bad[i]);
	assert_false(time_parse((struct str){ NULL, 0 }, &us));
}

static void
epoch_numbers_are_seconds_or_milliseconds(void **state)
{
	int64_t us;

	(void)state;
	assert_true(time_from_epoch_int(1772359800, &us));
	assert_int_equal(us, NOON);
	assert_true(time_from_epoch_int(1772359800001, &us));
	assert_int_equal(us, NOON + 1000);
	assert_true(time_from_epoch(1772359800.123, &us));
	assert_int_equal(us, NOON + 123000);
	assert_true(time_from_epoch(1772359800123.0, &us));
	assert_int_equal(us, NOON + 123000);
	assert_false(time_from_epoch_int(0, &us));
	assert_false(time_from_epoch_int(-1772359800, &us));
	assert_false(time_from_epoch_int(99999999999, &us));
	assert_false(time_from_epoch_int(INT64_MAX, &us));
	assert_false(time_from_epoch_int(INT64_MIN, &us));
	assert_false(time_from_epoch(1e300, &us));
	assert_false(time_from_epoch(-1e300, &us));
	assert_false(time_from_epoch(1e-320, &us));
}

static void
time_text_reads_back_and_agrees_with_libc(void **state)
{
	char text[TIME_TEXT_BYTES], want[TIME_TEXT_BYTES];

	(void)state;
	/* a step that is no multiple of a day or of a second */
	for (int64_t us = TIME_MIN; us < TIME_MAX; us += INT64_C(86393123457)) {
		time_t t = (time_t)(us / 1000000);
		struct tm tm;
		int64_t back;

		time_text(us, text);
		assert_true(time_parse(str_of(text), &back));
		assert_int_equal(back, us);
		(void)gmtime_r(&t, &tm);
		(void)strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S", &tm);
		assert_memory_equal(text, want, 19);
	}
	time_text(NOON, text);
	assert_string_equal(text, "2026-03-01T10:10:00Z");
	time_text(NOON + 120000, text);
	assert_string_equal(text, "2026-03-01T10:10:00.12Z");
	time_text(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
	time_text(TIME_NONE, text);	/* not a time, but no harm */
	time_text(INT64_MAX, text);
}

static void
utc_days_are_counted_from_2000(void **state)
{
	static const struct {
		const char *text;
		int utc_day;
	} at[] = {
		{ "2000-01-01T00:00:00Z", 1 },
		{ "2000-01-01T23:59:59.999999Z", 1 },
		{ "2000-01-02T00:00:00Z", 2 },
		{ "2000-03-01T00:00:00Z", 61 },
		{ "2026-02-06T23:59:59Z", 9534 },
		{ "2026-02-07T00:00:00Z", 9535 },
		{ "2089-09-15T23:59:59Z", TIME_UTC_DAYS - 1 },
		{ "2089-09-16T00:00:00Z", TIME_UTC_DAYS },
		{ "2100-01-01T00:00:00Z", TIME_UTC_DAYS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		int64_t us;

		assert_true(time_parse(str_of(at[i].text), &us));
		assert_int_equal(time_utc_day(us), at[i].utc_day);
	}
}

static void
the_steady_clock_does_not_step_back(void **state)
{
	int64_t before = clock_mono_us();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_mono_us();

		assert_true(now >= before);
		before = now;
	}
	assert_true(clock_now_us() > NOON / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_a_time_are_read),
		cmocka_unit_test(epoch_numbers_are_seconds_or_milliseconds),
		cmocka_unit_test(time_text_reads_back_and_agrees_with_libc),
		cmocka_unit_test(utc_days_are_counted_from_2000),
		cmocka_unit_test(the_steady_clock_does_not_step_back),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
