/*
 * The promise of hash and sha256: the same bytes have the same hash on every
 * machine and however they are cut into pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/hash.h"
#include "base/idset.h"
#include "base/sha256.h"

enum { TEXT_BYTES = 5000 };

static void
fill(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 7 + i / 251);
}

/* Identities are stored: these values must never change. */
static void
hashes_have_their_published_values(void **state)
{
	char text[ID128_TEXT_BYTES];
	struct id128 id;

	(void)state;
	id = hash_bytes("", 0);
	id128_text(&id, text);
	assert_string_equal(text, "99aa06d3-0147-98d8-6001-c324468d497f");
	id = hash_bytes("a", 1);
	id128_text(&id, text);
	assert_string_equal(text, "a96faf70-5af1-6834-e6c6-32b61e964e1f");
}

static void
a_stream_hashes_like_the_whole_at_every_point(void **state)
{
	struct hash_stream *h = hash_stream_open();
	char p[TEXT_BYTES];
	size_t at = 0;

	(void)state;
	assert_non_null(h);
	fill(p, sizeof(p));
	for (size_t step = 0; at + step <= sizeof(p); step = step * 3 / 2 + 1) {
		struct id128 want, is;

		hash_stream_add(h, p + at, step);
		at += step;
		want = hash_bytes(p, at);
		is = hash_stream_digest(h);
		assert_int_equal(id128_cmp(&want, &is), 0);
	}
	hash_stream_reset(h);
	hash_stream_add(h, p, 10);
	assert_memory_equal(hash_stream_digest(h).b, hash_bytes(p, 10).b, 16);
	hash_stream_close(h);
	hash_stream_close(NULL);
}

static void
an_id_reads_back_from_its_text(void **state)
{
	static const char *const bad[] = {
		"", "99aa06d3-0147-98d8-6001-c324468d497",
		"99aa06d3-0147-98d8-6001-c324468d497g",
		"99aa06d3a0147-98d8-6001-c324468d497f",
		"99aa06d3-0147-98d8-6001-c324468d497f ",
		"{9aa06d3-0147-98d8-6001-c324468d497f",
	};
	struct id128 id = hash_bytes("x", 1), back, other;
	char text[ID128_TEXT_BYTES];

	(void)state;
	id128_text(&id, text);
	assert_true(id128_parse(str_of(text), &back));
	assert_int_equal(id128_cmp(&id, &back), 0);
	assert_true(id128_parse(STR("99AA06D3-0147-98D8-6001-C324468D497F"),
	    &back));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(id128_parse(str_of(bad[i]), &back));
	assert_true(id128_random(&id, &(struct err)ERR_INIT));
	assert_true(id128_random(&other, &(struct err)ERR_INIT));
	assert_int_not_equal(id128_cmp(&id, &other), 0);
}

static void
sha256_has_the_standards_values(void **state)
{
	static const struct { const char *text; size_t repeat; const char *hex; }
	cases[] = {
		{ "", 0, "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		    "248d6a61d20638b8e5c026930c3e6039"
		    "a33ce45964ff2167f6ecedd419db06c1" },
		{ "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67"
		    "f1809a48a497200e046d39ccc7112cd0" },
	};
	char hex[SHA256_HEX_BYTES];
	struct sha256 s;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sha256_init(&s);
		for (size_t k = 0; k < cases[i].repeat; k++)
			sha256_add(&s, cases[i].text, strlen(cases[i].text));
		sha256_end(&s, hex);
		assert_string_equal(hex, cases[i].hex);
	}
}

static void
sha256_of_pieces_is_that_of_the_whole(void **state)
{
	char p[300], whole[SHA256_HEX_BYTES], parts[SHA256_HEX_BYTES];
	struct sha256 s;

	(void)state;
	fill(p, sizeof(p));
	for (size_t n = 0; n <= sizeof(p); n++) {
		sha256_init(&s);
		sha256_add(&s, p, n);
		sha256_end(&s, whole);
		for (size_t cut = 0; cut <= n; cut += 13) {
			sha256_init(&s);
			sha256_add(&s, p, cut);
			sha256_add(&s, p + cut, n - cut);
			sha256_end(&s, parts);
			assert_string_equal(parts, whole);
		}
	}
}

/* The processor's instructions and plain C must agree. */
static void
sha256_is_the_same_without_special_instructions(void **state)
{
	char p[TEXT_BYTES], fast[SHA256_HEX_BYTES], plain[SHA256_HEX_BYTES];
	struct sha256 s;

	(void)state;
	fill(p, sizeof(p));
	sha256_init(&s);
	sha256_add(&s, p, sizeof(p));
	sha256_end(&s, fast);
	sha256_init(&s);
	s.take_blocks = sha256_blocks_plain;
	sha256_add(&s, p, sizeof(p));
	sha256_end(&s, plain);
	assert_string_equal(fast, plain);
}

/* The ids are such that many begin at the same place. */
static void
a_set_has_what_was_added_and_nothing_else(void **state)
{
	enum { IDS = 1000 };
	struct idset set = { .cap = 0 };

	(void)state;
	for (int twice = 0; twice < 2; twice++)
		for (int i = 0; i < IDS; i += 2) {
			struct id128 id = { { [7] = (unsigned char)(i % 5),
			    [14] = (unsigned char)(i / 256), (unsigned char)i } };

			assert_true(idset_has(&set, &id) == (twice == 1));
			assert_true(idset_add(&set, &id));
		}
	assert_int_equal(set.n, IDS / 2);
	for (int i = 0; i < IDS; i++) {
		struct id128 id = { { [7] = (unsigned char)(i % 5),
		    [14] = (unsigned char)(i / 256), (unsigned char)i } };

		assert_true(idset_has(&set, &id) == (i % 2 == 0));
	}
	idset_free(&set);
	assert_false(idset_has(&set, &(struct id128){ { 0 } }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_have_their_published_values),
		cmocka_unit_test(a_stream_hashes_like_the_whole_at_every_point),
		cmocka_unit_test(an_id_reads_back_from_its_text),
		cmocka_unit_test(a_set_has_what_was_added_and_nothing_else),
		cmocka_unit_test(sha256_has_the_standards_values),
		cmocka_unit_test(sha256_of_pieces_is_that_of_the_whole),
		cmocka_unit_test(sha256_is_the_same_without_special_instructions),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
