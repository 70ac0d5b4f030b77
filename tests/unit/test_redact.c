#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/quote.h"
#include "run/redact.h"

static void
every_spelling_of_a_secret_is_taken_out(void **state)
{
	static const char *const text[] = {
		"k\"1/<a>&\\ %", "k\\\"1/<a>&\\\\ %", "k\\\"1\\/<a>&\\\\ %",
		"k%221%2F%3Ca%3E%26%5C%20%25", "k%221%2f%3ca%3e%26%5c%20%25",
		"k&quot;1/&lt;a&gt;&amp;\\ %", "k&#34;1&#x2F;&lt;a>&amp;\\+%25",
		"\\u006b\\u00221/\\u003ca\\u003E\\u0026\\\\ %",
	};
	struct redactor r;
	struct buf out = BUF_INIT(0), in = BUF_INIT(0);

	(void)state;
	redactor_init(&r);
	assert_true(redactor_add(&r, STR("k\"1/<a>&\\ %")));
	assert_true(redactor_add(&r, STR("abc")));
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		buf_reset(&in);
		buf_printf(&in, "a %s, abc %s", text[i], text[i]);
		assert_true(redactor_finds(&r, buf_str(&in)));
		buf_reset(&out);
		assert_true(redact(&r, &out, buf_str(&in)));
		assert_string_equal(buf_cstr(&out), "a ***, abc ***");
	}
	assert_false(redactor_finds(&r, STR("nothing of it: abc")));
	redactor_free(&r);
	buf_free(&in);
	buf_free(&out);
}

/* A text with a secret as it is, and beside it one whose letters nobody need have escaped. */
static void
letters_may_be_escaped(void **state)
{
	static const char *const text[] = {
		"\\u0073ecret1", "s\\ecret1", "secret\\u0031", "%73%65%63%72%65%74%31",
		"&#115;&#101;&#99;&#114;&#101;&#116;&#49;",
		"secret secret1 s\\ecret1",
	};
	struct redactor r;
	struct buf out = BUF_INIT(0);

	(void)state;
	redactor_init(&r);
	assert_true(redactor_add(&r, STR("secret1")));
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		buf_reset(&out);
		assert_true(redactor_finds(&r, str_of(text[i])));
		assert_true(redact(&r, &out, str_of(text[i])));
		assert_false(redactor_finds(&r, buf_str(&out)));
	}
	redactor_free(&r);
	buf_free(&out);
}

static void
letters_beyond_ascii_are_found_in_any_encoding(void **state)
{
	static const char *const text[] = {
		"k_\xc3\xa9\xf0\x9f\x94\x91", "k_\\u00e9\\ud83d\\udd11",
		"k_%c3%A9%F0%9f%94%91", "k_&#233;&#x1f511;",
		"k_\xc3\x83\xc2\xa9\xc3\xb0\xc2\x9f\xc2\x94\xc2\x91",
		"k_\\u00c3\\u00a9\\u00f0\\u009f\\u0094\\u0091",
	};
	struct redactor r;

	(void)state;
	redactor_init(&r);
	assert_true(redactor_add(&r, STR("k_\xc3\xa9\xf0\x9f\x94\x91")));
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		assert_true(redactor_finds(&r, str_of(text[i])));
	assert_false(redactor_finds(&r, STR("k_\xc3")));
	assert_false(redactor_finds(&r, STR("k_\\u00")));
	assert_false(redactor_finds(&r, STR("k_&#")));
	assert_false(redactor_finds(&r, STR("k_%")));
	redactor_free(&r);
}

static void
backslashes_are_signs_or_escapes(void **state)
{
	struct redactor r;

	(void)state;
	redactor_init(&r);
	assert_true(redactor_add(&r, STR("a\\\\b\\u")));
	assert_true(redactor_finds(&r, STR("xa\\\\b\\u")));
	assert_true(redactor_finds(&r, STR("xa\\\\\\\\b\\\\u")));
	assert_false(redactor_finds(&r, STR("xa\\b\\u")));
	redactor_free(&r);
}

static void
the_longest_of_two_secrets_goes_whole(void **state)
{
	struct redactor r;
	struct buf out = BUF_INIT(0);

	(void)state;
	redactor_init(&r);
	assert_true(redactor_add(&r, STR("secret")));
	assert_true(redactor_add(&r, STR("secret-and-more")));
	assert_true(redact(&r, &out, STR("secret-and-more secret")));
	assert_string_equal(buf_cstr(&out), "*** ***");
	redactor_free(&r);
	buf_free(&out);
}

static void
quoting_leaves_nothing_that_has_a_meaning(void **state)
{
	struct buf b = BUF_INIT(0);

	(void)state;
	assert_true(quote_url(&b, STR("a/b?c#d%e f\n\xc3\xa9.~-_")));
	assert_string_equal(buf_cstr(&b), "a%2Fb%3Fc%23d%25e%20f%0A%C3%A9.~-_");
	buf_reset(&b);
	assert_true(quote_path(&b, STR("/a%5Fb/%zz c?d#e/\\x")));
	assert_string_equal(buf_cstr(&b), "/a%5Fb/%25zz%20c%3Fd%23e/%5Cx");
	buf_reset(&b);
	assert_true(quote_json(&b, STR("\"\\\n\x01\x1f/\xc3\xa9")));
	assert_string_equal(buf_cstr(&b), "\\\"\\\\\\n\\u0001\\u001f/\xc3\xa9");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_a_secret_is_taken_out),
		cmocka_unit_test(letters_may_be_escaped),
		cmocka_unit_test(letters_beyond_ascii_are_found_in_any_encoding),
		cmocka_unit_test(backslashes_are_signs_or_escapes),
		cmocka_unit_test(the_longest_of_two_secrets_goes_whole),
		cmocka_unit_test(quoting_leaves_nothing_that_has_a_meaning),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
