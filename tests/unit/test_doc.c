/*
 * doc's promise: a text is a document or is refused for a reason that is
 * told; what is read from it is what it says; its hash and its canonical
 * form depend on nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/doc.h"

static struct doc *doc;

/* A copy with the padding and nothing more, so that a sanitizer sees overreads. */
static char *
padded(struct str s)
{
	char *p = calloc(1, s.n + DOC_PADDING_BYTES);

	assert_non_null(p);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

static enum doc_status
parse(struct str s, struct node *root)
{
	char *p = padded(s);
	enum doc_status status = doc_parse(doc, p, s.n, root);

	free(p);	/* the text itself is not kept */
	return status;
}

static struct node
parsed(const char *text)
{
	struct node root;

	if (parse(str_of(text), &root) != DOC_OK)
		fail_msg("refused: %s", text);
	return root;
}

static int
setup(void **state)
{
	(void)state;
	return (doc = doc_open()) == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	doc_close(doc);
	doc_close(NULL);
	return 0;
}

static void
scalars_have_their_type_and_value(void **state)
{
	struct node n;

	(void)state;
	assert_int_equal(parsed("null").type, NODE_NULL);
	n = parsed(" true\n");
	assert_int_equal(n.type, NODE_BOOL);
	assert_true(node_bool(n));
	assert_false(node_bool(parsed("false")));
	n = parsed("-9223372036854775808");
	assert_int_equal(n.type, NODE_INT);
	assert_true(node_int(n) == INT64_MIN);
	n = parsed("9223372036854775807");
	assert_int_equal(n.type, NODE_INT);
	assert_true(node_int(n) == INT64_MAX);
	n = parsed("9223372036854775808");
	assert_int_equal(n.type, NODE_UINT);
	assert_true(node_uint(n) == (uint64_t)1 << 63);
	n = parsed("18446744073709551615");
	assert_int_equal(n.type, NODE_UINT);
	assert_true(node_uint(n) == UINT64_MAX);
	n = parsed("-0");
	assert_int_equal(n.type, NODE_INT);
	assert_int_equal(node_int(n), 0);
	n = parsed("-0.0");
	assert_int_equal(n.type, NODE_REAL);
	assert_true(signbit(node_real(n)));
	assert_true(node_real(parsed("1e-320")) == 1e-320);
	assert_true(node_real(parsed("1e-400")) == 0);
	assert_true(node_real(parsed("1.25e2")) == 125);
	n = parsed("\"a\\n\\u00e4\\ud83d\\ude00\\u0000b\"");
	assert_int_equal(n.type, NODE_TEXT);
	assert_true(str_eq(node_text(n),
	    STR("a\n\xc3\xa4\xf0\x9f\x98\x80\0b")));
}

static void
texts_are_refused_for_the_right_reason(void **state)
{
	const struct { struct str text; enum doc_status status; } cases[] = {
		{ STR(""), DOC_EMPTY }, { STR(" \t\r\n"), DOC_EMPTY },
		{ STR("\xef\xbb\xbf"), DOC_EMPTY },
		{ STR("\0"), DOC_BAD_SYNTAX },
		{ STR("{}\0"), DOC_BAD_SYNTAX },
		{ STR("\"a\0b\""), DOC_BAD_SYNTAX },
		{ STR("\"\xff\""), DOC_BAD_UTF8 },
		{ STR("\"\xff"), DOC_BAD_UTF8 },	/* and not closed */
		{ STR("\"\xed\xa0\x80\""), DOC_BAD_UTF8 },
		{ STR("\"\xc3\""), DOC_BAD_UTF8 },
		{ STR("\x1f\x8b\x08"), DOC_BAD_UTF8 },
		{ STR("18446744073709551616"), DOC_BAD_NUMBER },
		{ STR("-9223372036854775809"), DOC_BAD_NUMBER },
		{ STR("{\"a\":123456789012345678901234567890}"), DOC_BAD_NUMBER },
		{ STR("[1e400]"), DOC_BAD_NUMBER },
		{ STR("[-1e400]"), DOC_BAD_NUMBER },
		{ STR("[\"1e400 \\\" 1e400\",1e-5,1e400,01]"), DOC_BAD_NUMBER },
		{ STR("[01,1e400]"), DOC_BAD_SYNTAX },
		{ STR("[1.]"), DOC_BAD_SYNTAX }, { STR("[-]"), DOC_BAD_SYNTAX },
		{ STR("[1e]"), DOC_BAD_SYNTAX }, { STR("12a"), DOC_BAD_SYNTAX },
		{ STR("[.5]"), DOC_BAD_SYNTAX }, { STR("[+1]"), DOC_BAD_SYNTAX },
		{ STR("[NaN]"), DOC_BAD_SYNTAX }, { STR("nul"), DOC_BAD_SYNTAX },
		{ STR("\"\\ud800\""), DOC_BAD_STRING },
		{ STR("\"\\udc00\""), DOC_BAD_STRING },
		{ STR("\"\\ud800\\u0041\""), DOC_BAD_STRING },
		{ STR("\"\\ud83d\\ud83d\\ude00\""), DOC_BAD_STRING },
		{ STR("{\"\\ud800\":1}"), DOC_BAD_STRING },
		{ STR("\"\\x\""), DOC_BAD_STRING },
		{ STR("\"\\u12g4\""), DOC_BAD_STRING },
		{ STR("{\"a\":1,}"), DOC_BAD_SYNTAX },
		{ STR("{\"a\":1"), DOC_BAD_SYNTAX },
		{ STR("{\"a\":1}}"), DOC_BAD_SYNTAX },
		{ STR("{} {}"), DOC_BAD_SYNTAX }, { STR("{'a':1}"), DOC_BAD_SYNTAX },
		{ STR("\"a\nb\""), DOC_BAD_SYNTAX }, { STR("\"a"), DOC_BAD_SYNTAX },
		{ STR("hello"), DOC_BAD_SYNTAX },
	};
	struct node root;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum doc_status is = parse(cases[i].text, &root);

		if (is != cases[i].status)
			fail_msg("%.*s: %d", STR_ARG(cases[i].text), is);
		assert_int_equal(root.type, NODE_ABSENT);
	}
	/* and the parser goes on */
	assert_int_equal(parsed("\xef\xbb\xbf{}").type, NODE_OBJECT);
}

static void
depth_is_limited(void **state)
{
	static char text[4 * 1100];
	struct buf out = BUF_INIT(0);
	struct node root;

	(void)state;
	for (size_t depth = 1022; depth <= 1025; depth++) {
		enum doc_status want = depth <= 1023 ? DOC_OK : DOC_TOO_DEEP;

		memset(text, '[', depth);
		text[depth] = '1';
		memset(text + depth + 1, ']', depth);
		assert_int_equal(parse((struct str){ text, 2 * depth + 1 },
		    &root), want);
	}
	memset(text, '[', 1023);
	text[1023] = '1';
	memset(text + 1024, ']', 1023);
	assert_int_equal(parse((struct str){ text, 2047 }, &root), DOC_OK);
	assert_true(node_canonical(root, false, &out));
	assert_true(str_eq(buf_str(&out), (struct str){ text, 2047 }));
	buf_free(&out);
	memset(text, '[', sizeof(text));
	assert_int_not_equal(parse((struct str){ text, sizeof(text) }, &root),
	    DOC_OK);
}

static void
members_and_elements_are_found(void **state)
{
	struct node root = parsed("{\"a\":1,\"b\":{\"a\":[10,{\"x\":null},"
	    "1.5,\"t\"]},\"\":true,\"a\":2,\"c\":3}");
	struct node b = node_member(root, STR("b")), list;

	(void)state;
	assert_int_equal(node_int(node_member(root, STR("a"))), 1);
	assert_int_equal(node_int(node_member(root, STR("c"))), 3);
	assert_true(node_bool(node_member(root, STR(""))));
	assert_int_equal(node_member(root, STR("x")).type, NODE_ABSENT);
	list = node_member(b, STR("a"));
	assert_int_equal(node_int(node_element(list, 0)), 10);
	assert_int_equal(node_element(list, 1).type, NODE_OBJECT);
	assert_true(node_real(node_element(list, 2)) == 1.5);
	assert_true(str_eq(node_text(node_element(list, 3)), STR("t")));
	assert_int_equal(node_element(list, 4).type, NODE_ABSENT);
	assert_int_equal(node_element(root, 0).type, NODE_ABSENT);
	assert_int_equal(node_member(list, STR("x")).type, NODE_ABSENT);
	assert_int_equal(node_member(node_member(root, STR("x")),
	    STR("y")).type, NODE_ABSENT);
}

static void
iteration_gives_everything_in_order(void **state)
{
	static const char *const names[] = { "n", "t", "i", "u", "d", "s", "o", "a", "n" };
	static const enum node_type types[] = {
		NODE_NULL, NODE_BOOL, NODE_INT, NODE_UINT, NODE_REAL,
		NODE_TEXT, NODE_OBJECT, NODE_ARRAY, NODE_INT,
	};
	struct node root = parsed("{\"n\":null,\"t\":true,\"i\":-5,"
	    "\"u\":18446744073709551615,\"d\":0.5,\"s\":\"x\",\"o\":{\"a\":1},"
	    "\"a\":[[],{}],\"n\":7}"), value;
	struct node_iter it = node_iter(root);
	struct str name;
	size_t n = 0;

	(void)state;
	for (; node_next(&it, &name, &value); n++) {
		assert_true(str_eq(name, str_of(names[n])));
		assert_int_equal(value.type, types[n]);
	}
	assert_int_equal(n, 9);
	assert_false(node_next(&it, &name, &value));
	it = node_iter(node_member(root, STR("a")));
	assert_true(node_next(&it, &name, &value));
	assert_null(name.p);
	assert_int_equal(value.type, NODE_ARRAY);
	assert_true(node_next(&it, &name, &value));
	assert_int_equal(value.type, NODE_OBJECT);
	assert_false(node_next(&it, &name, &value));
	it = node_iter(node_member(root, STR("s")));
	assert_false(node_next(&it, &name, &value));
	it = node_iter(node_member(root, STR("none")));
	assert_false(node_next(&it, &name, &value));
}

static void
only_null_and_empty_things_are_silent(void **state)
{
	(void)state;
	assert_true(node_silent(parsed("null")));
	assert_true(node_silent(parsed("\"\"")));
	assert_true(node_silent(parsed("[]")));
	assert_true(node_silent(parsed("{ }")));
	assert_true(node_silent(node_member(parsed("{}"), STR("a"))));
	assert_false(node_silent(parsed("0")));
	assert_false(node_silent(parsed("0.0")));
	assert_false(node_silent(parsed("false")));
	assert_false(node_silent(parsed("\"\\u0000\"")));
	assert_false(node_silent(parsed("\" \"")));
	assert_false(node_silent(parsed("[null]")));
	assert_false(node_silent(parsed("{\"\":null}")));
}

/* The hash of the document, or of its member "body"; without its members in skip. */
static struct id128
hash_of(const char *text, const char *const *skip, size_t n_skip)
{
	static struct buf scratch = BUF_INIT(0);
	struct node root = parsed(text), body = node_member(root, STR("body"));
	struct node skipped[4];
	struct id128 id;

	if (body.type != NODE_ABSENT)
		root = body;
	for (size_t i = 0; i < n_skip; i++)
		skipped[i] = node_member(root, str_of(skip[i]));
	id = node_hash(root, skipped, n_skip, &scratch);
	assert_false(scratch.failed);
	buf_free(&scratch);
	return id;
}

static bool
same_hash(const char *a, const char *b)
{
	struct id128 x = hash_of(a, NULL, 0), y = hash_of(b, NULL, 0);

	return id128_cmp(&x, &y) == 0;
}

static void
the_hash_is_that_of_the_tokens(void **state)
{
	(void)state;
	assert_true(same_hash("{\"a\":[1,\"\\u00e4\\/\"]}",
	    " { \"\\u0061\" : [ 1 ,\t\"\xc3\xa4/\" ] } "));
	assert_true(same_hash("{\"x\":0,\"body\":{\"a\":[1,{\"b\":2.50}]}}",
	    "{\"a\":[1,{\"b\":25e-1}]}"));
	assert_false(same_hash("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"));
	assert_false(same_hash("{\"a\":1}", "{\"a\":1,\"a\":1}"));
	assert_false(same_hash("1", "1.0"));
	assert_false(same_hash("1", "\"1\""));
	assert_false(same_hash("[[],[]]", "[[[]]]"));
	assert_false(same_hash("[]", "{}"));
	assert_false(same_hash("[\"ab\",\"c\"]", "[\"a\",\"bc\"]"));
	assert_false(same_hash("null", "false"));
	assert_false(same_hash("true", "false"));
	assert_false(same_hash("[0]", "[0,0]"));
	assert_false(same_hash("0.0", "-0.0"));
	/* where texts of 15, 16, 17, 63, 64, 65 bytes end */
	assert_false(same_hash("[\"123456789012345\",1]", "[\"123456789012345\",2]"));
	assert_false(same_hash("\"1234567890123456\"", "\"1234567890123457\""));
	assert_false(same_hash("\"12345678901234567\"", "\"12345678901234568\""));
	assert_true(same_hash("\"1234567890123456789012345678901234567890123456789012345678901234x\"",
	    "\"1234567890123456789012345678901234567890123456789012345678901234\\u0078\""));
}

/* It is stored: it must never change, on no machine, with no simdjson. */
static void
the_hash_never_changes(void **state)
{
	struct id128 is = hash_of("{\"id\":\"c-1\",\"n\":[-1,2.5,"
	    "18446744073709551615],\"b\":true,\"z\":null}", NULL, 0), want;
	static const char tokens[] =
	    "{" "\"\2\0\0\0id" "\"\3\0\0\0c-1" "\"\1\0\0\0n" "["
	    "l\xff\xff\xff\xff\xff\xff\xff\xff" "d\0\0\0\0\0\0\4\x40"
	    "u\xff\xff\xff\xff\xff\xff\xff\xff" "]" "\"\1\0\0\0b" "t"
	    "\"\1\0\0\0z" "n" "}";

	(void)state;
	want = hash_bytes(tokens, sizeof(tokens) - 1);
	assert_int_equal(id128_cmp(&is, &want), 0);
}

static void
skipped_members_are_not_in_the_hash(void **state)
{
	static const char *const both[] = { "z", "a" };
	static const char *const none[] = { "q" };
	struct id128 want = hash_of("{\"k\":1}", NULL, 0), is;

	(void)state;
	is = hash_of("{\"a\":[1,{\"z\":2}],\"k\":1,\"z\":5}", both, 2);
	assert_int_equal(id128_cmp(&is, &want), 0);
	is = hash_of("{\"a\":0.5,\"z\":{},\"k\":1}", both, 2);
	assert_int_equal(id128_cmp(&is, &want), 0);
	is = hash_of("{\"k\":1,\"a\":\"x\"}", both, 2);
	assert_int_equal(id128_cmp(&is, &want), 0);
	is = hash_of("{\"body\":{\"a\":1,\"k\":1,\"z\":2}}", both, 2);
	assert_int_equal(id128_cmp(&is, &want), 0);
	is = hash_of("{\"k\":1}", none, 1);
	assert_int_equal(id128_cmp(&is, &want), 0);
	/* only the members themselves, not others of the name elsewhere */
	is = hash_of("{\"k\":1,\"l\":{\"a\":1}}", both, 2);
	assert_int_not_equal(id128_cmp(&is, &want), 0);
}

static void
canonical_is(const char *text, bool drop_silent, struct str want)
{
	struct buf out = BUF_INIT(0);

	assert_true(node_canonical(parsed(text), drop_silent, &out));
	if (!str_eq(buf_str(&out), want))
		fail_msg("%s became %s", text, buf_cstr(&out));
	buf_free(&out);
}

static void
canonical_json_is_sorted_compact_and_minimal(void **state)
{
	(void)state;
	canonical_is(" { \"b\" : [ 1 , 2.50, 1e2, 1E22 ], \"a\" : null } ", false,
	    STR("{\"a\":null,\"b\":[1,2.5,100.0,1e+22]}"));
	canonical_is("{\"b\":1,\"a\":2,\"b\":3,\"B\":4,\"\":5,\"\\u00e4\":6}", false,
	    STR("{\"\":5,\"B\":4,\"a\":2,\"b\":1,\"\xc3\xa4\":6}"));
	canonical_is("\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\\\/\\u007f\\u00e4\"", false,
	    STR("\"\xef\xbf\xbd\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\x7f\xc3\xa4\""));
	canonical_is("[-9223372036854775808,18446744073709551615,-0,-0.0]", false,
	    STR("[-9223372036854775808,18446744073709551615,0,-0.0]"));
	canonical_is("[{},[],[{}],\"\"]", false, STR("[{},[],[{}],\"\"]"));
	canonical_is("true", false, STR("true"));
	/* silent members of the top only; the first of repeated ones counts */
	canonical_is("{\"a\":null,\"b\":\"\",\"c\":[],\"d\":{},\"e\":0,"
	    "\"f\":{\"g\":null}}", true, STR("{\"e\":0,\"f\":{\"g\":null}}"));
	canonical_is("{\"a\":null,\"a\":1}", true, STR("{}"));
	canonical_is("[null]", true, STR("[null]"));
}

static void
canonical_json_is_its_own_canonical_json(void **state)
{
	static const char text[] = "{\"z\":[{\"b\":1e-7,\"a\":\"\\u0001\"}],"
	    "\"y\":{\"k\":0.1,\"\\\"\":[]},\"x\":1e300}";
	struct buf once = BUF_INIT(0);

	(void)state;
	assert_true(node_canonical(parsed(text), false, &once));
	canonical_is(buf_cstr(&once), false, buf_str(&once));
	buf_free(&once);
}

static void
canonical_json_tells_when_memory_runs_out(void **state)
{
	struct buf small = BUF_INIT(8);

	(void)state;
	assert_false(node_canonical(parsed("[\"0123456789\"]"), false, &small));
	buf_free(&small);
}

static void
lone_surrogates_are_mended_and_nothing_else(void **state)
{
	static const struct { const char *text, *mended; size_t count; } cases[] = {
		{ "{\"a\":1}", "{\"a\":1}", 0 }, { "", "", 0 },
		{ "\"\\ud800\"", "\"\\ufffd\"", 1 },
		{ "\"\\uDC00x\\uDFFF\"", "\"\\ufffdx\\ufffd\"", 2 },
		{ "\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\"", 0 },
		{ "\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\"", 1 },
		{ "\"\\ude00\\ud83d\"", "\"\\ufffd\\ufffd\"", 2 },
		{ "\"\\ud83d\\u0041\"", "\"\\ufffd\\u0041\"", 1 },
		{ "\"\\\\ud800\"", "\"\\\\ud800\"", 0 },	/* a backslash */
		{ "\"\\\\\\ud800\"", "\"\\\\\\ufffd\"", 1 },
		{ "{\"\\udbff\":\"\\udbff\\\\\"}", "{\"\\ufffd\":\"\\ufffd\\\\\"}", 2 },
		{ "\"\\ud8", "\"\\ud8", 0 }, { "\"\\", "\"\\", 0 },
		{ "\"\\ud8zz\"", "\"\\ud8zz\"", 0 },
	};
	struct buf out = BUF_INIT(0), small = BUF_INIT(16);
	struct node root;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(doc_mend_surrogates(&out, cases[i].text,
		    strlen(cases[i].text)), cases[i].count);
		assert_true(str_eq(buf_str(&out), str_of(cases[i].mended)));
		assert_true(out.cap >= out.n + DOC_PADDING_BYTES);
		if (cases[i].count > 0)
			assert_int_equal(doc_parse(doc, out.p, out.n, &root),
			    DOC_OK);
	}
	doc_mend_surrogates(&small, "\"\\ud800\"", 8);
	assert_true(small.failed);
	buf_free(&small);
	buf_free(&out);
}

static void
refusals_are_explained_with_their_place(void **state)
{
	const struct { struct str text; const char *words; long position; } cases[] = {
		{ STR("{\"a\":1,}"), "string or '}' expected near '}', at byte 7", 7 },
		{ STR("{\"a\" 1}"), "':' expected, at byte 5", 5 },
		{ STR("[NaN]"), "invalid token near 'NaN', at byte 1", 1 },
		{ STR("[J\xc3\xbcrgen]"), "invalid token near 'J', at byte 1", 1 },
		{ STR("[\xc3\xa4]"), "invalid token, at byte 1", 1 },
		{ STR("{\"phone\":\"+4915551234567\" 1}"), "'}' expected, at byte 26", 26 },
		{ STR("{} x"), "end of file expected near 'x', at byte 3", 3 },
		{ STR("[\"ab\xff\"]"), "not UTF-8, at byte 4", 4 },
		{ STR("{\"a\":99999999999999999999}"), "number beyond 64 bits, at byte 5", 5 },
		{ STR("[18446744073709551615,]"), "unexpected token near ']', at byte 22", 22 },
		{ STR(" "), "nothing but white space", -1 },
	};
	char text[256];
	struct node root;
	long position;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum doc_status status = parse(cases[i].text, &root);

		doc_explain(cases[i].text.p, cases[i].text.n, status, text,
		    sizeof(text), &position);
		assert_string_equal(text, cases[i].words);
		assert_int_equal(position, cases[i].position);
	}
	doc_explain("[", 1, DOC_BAD_SYNTAX, text, 5, &position);
	assert_int_equal(strlen(text), 4);
	/* what jansson would take, and what is too large to ask it */
	doc_explain("[]", 2, DOC_TOO_DEEP, text, sizeof(text), &position);
	assert_string_equal(text, "nested too deep");
	assert_int_equal(position, -1);
}

/* Every beginning of a document is refused or read, and nothing beyond it touched. */
static void
no_cut_or_changed_byte_does_harm(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e3,\"x\\u00e4\\ud83d\\ude00\","
	    "true,null],\"\xc3\xa4\":{\"b\":18446744073709551615}}";
	struct buf out = BUF_INIT(0);
	char words[256], p[sizeof(text)];
	struct node root;
	long position;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		enum doc_status status = parse((struct str){ text, n }, &root);

		assert_int_not_equal(status, DOC_OK);
		doc_explain(text, n, status, words, sizeof(words), &position);
		assert_true(position >= -1 && position <= (long)n);
	}
	for (size_t i = 0; i < (sizeof(text) - 1) * 256; i++) {
		struct str s = { p, sizeof(text) - 1 };
		enum doc_status status;

		memcpy(p, text, sizeof(text));
		p[i / 256] = (char)(i % 256);
		status = parse(s, &root);
		if (status != DOC_OK) {
			doc_explain(s.p, s.n, status, words, sizeof(words),
			    &position);
			continue;
		}
		buf_reset(&out);
		assert_true(node_canonical(root, false, &out));
		assert_int_equal(str_utf8_bytes(buf_str(&out)), out.n);
	}
	buf_free(&out);
}

static void
large_documents_fit_and_memory_is_given_back(void **state)
{
	size_t n = 3 * 1024 * 1024 + 1;
	char *p = malloc(n + DOC_PADDING_BYTES);
	struct node root;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = i % 2 ? '1' : ',';
	p[0] = '[';
	p[n - 1] = ']';
	assert_int_equal(doc_parse(doc, p, n, &root), DOC_OK);
	assert_int_equal(node_int(node_element(root, n / 2 - 1)), 1);
	assert_int_equal(node_element(root, n / 2).type, NODE_ABSENT);
	for (size_t i = 1; i < n; i += 3)	/* as many texts as fit */
		memcpy(p + i, "\"\",", 3);
	p[n - 1] = ']';
	assert_int_equal(doc_parse(doc, p, n, &root), DOC_OK);
	assert_int_equal(node_element(root, 1000000).type, NODE_TEXT);
	free(p);
	doc_trim(doc, 100 * 1024 * 1024);
	assert_int_equal(node_element(root, 1000000).type, NODE_TEXT);
	doc_trim(doc, 1024 * 1024);
	assert_int_equal(node_int(parsed("7")), 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalars_have_their_type_and_value),
		cmocka_unit_test(texts_are_refused_for_the_right_reason),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(members_and_elements_are_found),
		cmocka_unit_test(iteration_gives_everything_in_order),
		cmocka_unit_test(only_null_and_empty_things_are_silent),
		cmocka_unit_test(the_hash_is_that_of_the_tokens),
		cmocka_unit_test(the_hash_never_changes),
		cmocka_unit_test(skipped_members_are_not_in_the_hash),
		cmocka_unit_test(canonical_json_is_sorted_compact_and_minimal),
		cmocka_unit_test(canonical_json_is_its_own_canonical_json),
		cmocka_unit_test(canonical_json_tells_when_memory_runs_out),
		cmocka_unit_test(lone_surrogates_are_mended_and_nothing_else),
		cmocka_unit_test(refusals_are_explained_with_their_place),
		cmocka_unit_test(no_cut_or_changed_byte_does_harm),
		cmocka_unit_test(large_documents_fit_and_memory_is_given_back),
	};

	return cmocka_run_group_tests_name("doc", tests, setup, teardown);
}
