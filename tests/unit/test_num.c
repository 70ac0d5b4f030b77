/*
 * num's promise: what was written is what is counted, to the last digit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

static void
whole_numbers_read_exactly_or_not_at_all(void **state)
{
	static const struct { const char *text; int64_t value; } good[] = {
		{ "0", 0 }, { "-0", 0 }, { "+7", 7 }, { "007", 7 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	static const char *const bad[] = {
		"", "+", "-", "--1", "1.0", "1e3", " 1", "1 ", "0x10", "12a",
		"9223372036854775808", "-9223372036854775809",
		"99999999999999999999999999",
	};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(num_int(str_of(good[i].text), &v));
		assert_int_equal(v, good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(num_int(str_of(bad[i]), &v));
	assert_false(num_int((struct str){ NULL, 0 }, &v));
	assert_false(num_int((struct str){ "1\0", 2 }, &v));
}

static void
decimals_scale_with_halves_away_from_zero(void **state)
{
	static const struct {
		const char *text;
		unsigned places;
		int64_t value;
	} good[] = {
		{ "12", 6, 12000000 }, { "-0.5", 3, -500 }, { "1e3", 3, 1000000 },
		{ "+2.50", 6, 2500000 }, { ".5", 1, 5 }, { "5.", 1, 50 },
		{ "0.0000005", 6, 1 }, { "0.00000049999", 6, 0 },
		{ "-0.0000005", 6, -1 }, { "2.5", 0, 3 }, { "-2.5", 0, -3 },
		{ "1.005", 2, 101 }, { "1.0049999999999999999999", 2, 100 },
		{ "0.9999999", 6, 1000000 }, { "1E-3", 3, 1 }, { "5e-4", 3, 1 },
		{ "4e-4", 3, 0 }, { "1e-999999999999999999999", 3, 0 },
		{ "0e999999999999999999999", 3, 0 }, { "-0", 3, 0 },
		{ "9223372036854.775807", 6, INT64_MAX },
		{ "-9223372036854.775808", 6, INT64_MIN },
		{ "0.000000000000000000000000001e27", 3, 1000 },
		{ "1000000000000000000000000000e-27", 3, 1000 },
	};
	static const char *const bad[] = {
		"", " ", "+", ".", "-.", "e3", "1e", "1e+", "1.2.3", "0x10",
		"inf", "nan", "1s", "1 ", " 1", "1,5", "9223372036854.775808",
		"-9223372036854.775809", "1e13", "1e999999999999999999999",
	};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(num_scaled(str_of(good[i].text), good[i].places, &v));
		if (v != good[i].value)
			fail_msg("%s: %" PRId64, good[i].text, v);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (num_scaled(str_of(bad[i]), 6, &v))
			fail_msg("%s: %" PRId64, bad[i], v);
}

/* 1.005 as a double is a little less, but it was written 1.005. */
static void
doubles_scale_as_they_were_written(void **state)
{
	static const struct {
		double value;
		unsigned places;
		int64_t scaled;
	} good[] = {
		{ 1.005, 2, 101 }, { -1.005, 2, -101 }, { 0.1, 6, 100000 },
		{ 12.3456789, 6, 12345679 }, { 0.0000005, 6, 1 },
		{ 1e-320, 6, 0 }, { -0.0, 6, 0 }, { 1e12, 6, 1000000000000000000 },
		{ 1700000000.1234567, 9, 1700000000123456700 },
		{ 0.30000000000000004, 3, 300 }, { 2.5, 0, 3 },
	};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(num_scale_double(good[i].value, good[i].places, &v));
		if (v != good[i].scaled)
			fail_msg("%.17g: %" PRId64, good[i].value, v);
	}
	assert_false(num_scale_double(1e13, 6, &v));
	assert_false(num_scale_double(1e300, 0, &v));
	assert_false(num_scale_double((double)NAN, 0, &v));
	assert_false(num_scale_double((double)INFINITY, 0, &v));
}

static void
doubles_print_short_and_read_back(void **state)
{
	static const struct { double value; const char *text; } good[] = {
		{ 0, "0.0" }, { -0.0, "-0.0" }, { 1.5, "1.5" }, { 100, "100.0" },
		{ 0.1, "0.1" }, { 0.30000000000000004, "0.30000000000000004" },
		{ 1e22, "1e+22" }, { 1.5e-7, "1.5e-07" }, { 1e-4, "0.0001" },
		{ 1.25e-4, "0.000125" }, { 9.9e-5, "9.9e-05" },
		{ 1e15, "1000000000000000.0" }, { 1e16, "1e+16" },
		{ 9999999999999998, "9999999999999998.0" },
		{ -123456.75, "-123456.75" }, { 1e-320, "1e-320" },
		{ 5e-324, "5e-324" }, { DBL_MAX, "1.7976931348623157e+308" },
		{ DBL_MIN, "2.2250738585072014e-308" },
		/* the nearest 16 digits do not read back, the next ones do */
		{ 0x1p-44, "5.684341886080802e-14" },
		{ 9007199254740992, "9007199254740992.0" },
	};
	char text[NUM_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		num_double_text(good[i].value, text);
		assert_string_equal(text, good[i].text);
		assert_true(strtod(text, NULL) == good[i].value);
	}
	for (int e = -1074; e < 1024; e++) {
		double v = ldexp(1 + 1.0 / 3 * (e & 1), e);

		num_double_text(v, text);
		assert_true(strtod(text, NULL) == v);
	}
}

static void
scaled_numbers_print_without_trailing_zeros(void **state)
{
	static const struct {
		int64_t scaled;
		unsigned places;
		const char *text;
	} good[] = {
		{ 0, 6, "0" }, { 1500000, 6, "1.5" }, { -1500000, 6, "-1.5" },
		{ 1, 6, "0.000001" }, { -1, 3, "-0.001" }, { 12000, 3, "12" },
		{ 7, 0, "7" }, { 1050, 3, "1.05" },
		{ INT64_MAX, 6, "9223372036854.775807" },
		{ INT64_MIN, 6, "-9223372036854.775808" },
		{ INT64_MIN, 18, "-9.223372036854775808" },
	};
	char text[NUM_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		num_scaled_text(good[i].scaled, good[i].places, text);
		assert_string_equal(text, good[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_read_exactly_or_not_at_all),
		cmocka_unit_test(decimals_scale_with_halves_away_from_zero),
		cmocka_unit_test(doubles_scale_as_they_were_written),
		cmocka_unit_test(doubles_print_short_and_read_back),
		cmocka_unit_test(scaled_numbers_print_without_trailing_zeros),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
