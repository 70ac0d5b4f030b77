/* base/phones: what is hidden of phone numbers, and that JSON stays JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/phones.h"

static void
text_is(const char *s, enum phones how, const char *want)
{
	struct buf b = BUF_INIT(0);

	phones_put_text(&b, str_of(s), how);
	assert_string_equal(buf_cstr(&b), want);
	buf_free(&b);
}

static void
number_is(const char *s, enum phones how, const char *want)
{
	struct buf b = BUF_INIT(0);

	phones_put_number(&b, str_of(s), how);
	assert_string_equal(buf_cstr(&b), want);
	buf_free(&b);
}

static void
keeps_country_code_and_last_two_digits(void **state)
{
	(void)state;
	number_is("+919876543210", PHONES_MASKED, "+91********10");
	number_is("+14155550123", PHONES_MASKED, "+1********23");
	number_is("+353 1 234 5678", PHONES_MASKED, "+353 * *** **78");
	number_is("09876543210", PHONES_MASKED, "*********10");
	number_is("12345", PHONES_MASKED, "***45");
	number_is("+123", PHONES_MASKED, "+*23");
	number_is("anonymous", PHONES_MASKED, "anonymous");
	number_is("+919876543210", PHONES_FULL, "+919876543210");
}

static void
none_leaves_nothing(void **state)
{
	(void)state;
	number_is("+919876543210", PHONES_NONE, "");
	text_is("call +91 98765 43210 back", PHONES_NONE, "call +*** back");
	text_is("{\"n\":9876543210}", PHONES_NONE, "{\"n\":\"***\"}");
}

static void
hides_long_runs_in_text_but_no_days_and_times(void **state)
{
	(void)state;
	text_is("call +91 98765 43210, or 555-0123 ext. 99", PHONES_MASKED,
	    "call +91 ***** ***10, or ***-**23 ext. 99");
	text_is("on 2026-03-01 at 2026-03-01T09:30:00.123456Z", PHONES_MASKED,
	    "on 2026-03-01 at 2026-03-01T09:30:00.123456Z");
	text_is("2026-03-01 9876543210", PHONES_MASKED, "2026-03-01 ********10");
	text_is("123456", PHONES_MASKED, "123456");
	text_is("", PHONES_MASKED, "");
}

static void
json_stays_json(void **state)
{
	(void)state;
	text_is("{\"a\":9876543210,\"b\":[12.5,-1e300],\"9876543210\":true}",
	    PHONES_MASKED,
	    "{\"a\":\"********10\",\"b\":[12.5,-1e300],\"********10\":true}");
	text_is("[\"\\u0000\\u00011234567\\\\9876543\\\"\"]", PHONES_MASKED,
	    "[\"\\u0000\\u0001*****67\\\\*****43\\\"\"]");
	text_is("{\"cut\":\"98765432", PHONES_MASKED, "{\"cut\":\"******32");
	text_is("[\"\\", PHONES_MASKED, "[\"\\");
	text_is("[-1234567.5]", PHONES_MASKED, "[\"-******7.5\"]");
}

static void
words_are_the_values(void **state)
{
	(void)state;
	assert_int_equal(phones_of("full"), PHONES_FULL);
	assert_int_equal(phones_of("masked"), PHONES_MASKED);
	assert_int_equal(phones_of("none"), PHONES_NONE);
	assert_string_equal(phones_words, "full|masked|none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_country_code_and_last_two_digits),
		cmocka_unit_test(none_leaves_nothing),
		cmocka_unit_test(hides_long_runs_in_text_but_no_days_and_times),
		cmocka_unit_test(json_stays_json),
		cmocka_unit_test(words_are_the_values),
	};

	return cmocka_run_group_tests_name("phones", tests, NULL, NULL);
}
