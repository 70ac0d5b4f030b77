/*
 * JSON where libraries differ: what is decided, beside what jansson makes of
 * the same bytes. README, "what was decided", tells of the differences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "fuzz/same_json.h"
#include "io/doc.h"

static enum same_json
compare(struct str s)
{
	char why[256] = "", *p = calloc(1, s.n + DOC_PADDING_BYTES);
	enum same_json verdict;

	assert_non_null(p);
	memcpy(p, s.p, s.n);
	verdict = same_json((struct str){ p, s.n }, why, sizeof(why));
	free(p);
	if (verdict == NOT_SAME)
		fail_msg("%s: %.*s", why, STR_ARG(s));
	return verdict;
}

static void
is(enum same_json want, struct str text)
{
	enum same_json got = compare(text);

	if (got != want)
		fail_msg("%d, wanted %d: %.*s", (int)got, (int)want, STR_ARG(text));
}

static void
both_accept_and_read_the_same(void **state)
{
	static const char *const text[] = {
		"9223372036854775807", "-9223372036854775808", "-0", "-0.0",
		"0.30000000000000004", "1e-400", "0e999999999999999999999",
		"1.7976931348623157e308", "4.9e-324", "2.4703282292062327e-324",
		"9007199254740993.0", "1.00000000000000011102230246251565404236316680908203125",
		"\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\"", "\"a\\u0000b\"", "\"\\ud83d\\ude00\"",
		"{\"a.b\":1,\"a/b\":2,\"a~b\":3,\"~0\":4,\"~1\":5,\"\":6,\"0\":7,\"01\":8}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		is(SAME_ACCEPTED, str_of(text[i]));
}

static void
both_refuse(void **state)
{
	static const char *const text[] = {
		"18446744073709551616", "-9223372036854775809", "1e400", "-1e400",
		"1e999999999999999999999", "1.7976931348623159e308", "01", "1.", "+1",
		"NaN", "\"\xc0\xaf\"", "\"\xe0\x80\xaf\"", "\"\xf0\x80\x80\xaf\"",
		"\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"",
		"\"\\ud800\"", "\"\\udc00\"", "\"\\ude00\\ud83d\"", "{}}", "[1,]",
		"{} {}", "\xef\xbb\xbf\xef\xbb\xbf{}", "[\357\273\2771]", "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		is(SAME_REFUSED, str_of(text[i]));
	is(SAME_REFUSED, STR("\"a\0b\""));
	is(SAME_REFUSED, STR("{}\0"));
}

static void
whole_numbers_up_to_64_bits_are_kept(void **state)
{
	(void)state;
	is(SAME_BUT_UINT, STR("9223372036854775808"));
	is(SAME_BUT_UINT, STR("{\"a\":[18446744073709551615]}"));
}

static void
a_nul_in_a_name_is_kept(void **state)
{
	(void)state;
	is(SAME_BUT_NUL_IN_NAME, STR("{\"a\\u0000\":1}"));
}

static void
a_nul_is_no_white_space(void **state)
{
	(void)state;
	is(SAME_BUT_NUL, STR("1\0"));
}

static void
a_byte_order_mark_is_skipped(void **state)
{
	(void)state;
	is(SAME_ACCEPTED, STR("\xef\xbb\xbf{\"a\":1}"));
}

static void
depth_ends_at_1023(void **state)
{
	static char text[2 * 2048 + 1];

	(void)state;
	for (size_t depth = 1022; depth <= 1025; depth++) {
		memset(text, '[', depth);
		text[depth] = '1';
		memset(text + depth + 1, ']', depth);
		is(depth <= 1023 ? SAME_ACCEPTED : SAME_BUT_DEPTH,
		    (struct str){ text, 2 * depth + 1 });
	}
}

static void
of_repeated_members_the_first_counts(void **state)
{
	static const char text[] = "{\"a\":1,\"\\u0061\":2,\"b\":{\"c\":3,\"c\":4},"
	    "\"b\":5,\"a\":null}";
	char padded[sizeof(text) + DOC_PADDING_BYTES] = { 0 };
	struct doc *doc = doc_open();
	struct node root, b;

	(void)state;
	is(SAME_BUT_REPEATED, STR("{\"a\":1,\"\\u0061\":2,\"b\":{\"c\":3,\"c\":4}}"));
	memcpy(padded, text, sizeof(text));
	assert_int_equal(doc_parse(doc, padded, sizeof(text) - 1, &root), DOC_OK);
	assert_int_equal(node_int(node_member(root, STR("a"))), 1);
	b = node_member(root, STR("b"));
	assert_int_equal(node_int(node_member(b, STR("c"))), 3);
	doc_close(doc);
}

enum { KEYS = 1000000 };

/* {"k0":0,"k1":1,...}, backwards, so that sorting has something to do. */
static struct str
million_members(void)
{
	size_t n = 0, room = (size_t)KEYS * 20;
	char *p = malloc(room + DOC_PADDING_BYTES);

	assert_non_null(p);
	p[n++] = '{';
	for (int i = KEYS - 1; i >= 0; i--)
		n += (size_t)snprintf(p + n, room - n, "\"k%d\":%d%c", i, i,
		    i > 0 ? ',' : '}');
	memset(p + n, 0, DOC_PADDING_BYTES);
	return (struct str){ p, n };
}

static void
a_million_members_are_no_trouble(void **state)
{
	struct str text = million_members();
	struct doc *doc = doc_open();
	struct buf out = BUF_INIT(0);
	struct node root, value;
	struct node_iter it;
	struct str name;
	int n = 0;

	(void)state;
	assert_int_equal(doc_parse(doc, text.p, text.n, &root), DOC_OK);
	for (it = node_iter(root); node_next(&it, &name, &value); n++)
		assert_int_equal(node_int(value), KEYS - 1 - n);
	assert_int_equal(n, KEYS);
	assert_int_equal(node_int(node_member(root, STR("k0"))), 0);
	assert_true(node_canonical(root, false, &out));
	assert_int_equal(out.n, text.n);
	assert_true(str_starts(buf_str(&out), STR("{\"k0\":0,\"k1\":1,\"k10\":10,")));
	assert_true(str_ends(buf_str(&out), STR("\"k999999\":999999}")));
	buf_free(&out);
	doc_close(doc);
	free((char *)(uintptr_t)text.p);
}

/* Money is taken from the digits, not from the double. */
static void
tenths_are_not_lost(void **state)
{
	int64_t micro;

	(void)state;
	assert_true(num_scale_double(0.1 + 0.2, 6, &micro));
	assert_int_equal(micro, 300000);
	assert_true(num_scale_double(0.0000005, 6, &micro));
	assert_int_equal(micro, 1);
	assert_true(num_scale_double(-0.0, 6, &micro));
	assert_int_equal(micro, 0);
	assert_false(num_scale_double(1e300, 6, &micro));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_accept_and_read_the_same),
		cmocka_unit_test(both_refuse),
		cmocka_unit_test(whole_numbers_up_to_64_bits_are_kept),
		cmocka_unit_test(a_nul_in_a_name_is_kept),
		cmocka_unit_test(a_nul_is_no_white_space),
		cmocka_unit_test(a_byte_order_mark_is_skipped),
		cmocka_unit_test(depth_ends_at_1023),
		cmocka_unit_test(of_repeated_members_the_first_counts),
		cmocka_unit_test(a_million_members_are_no_trouble),
		cmocka_unit_test(tenths_are_not_lost),
	};

	return cmocka_run_group_tests_name("json_edges", tests, NULL, NULL);
}
