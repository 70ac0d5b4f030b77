/*
 * The promises of str, buf, arena and err: slices hold any byte, memory has
 * a maximum and an end, the first error is the one that is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

static void
slices_compare_by_bytes_nul_included(void **state)
{
	(void)state;
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_true(str_eq(STR(""), (struct str){ NULL, 0 }));
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("a\xff"), STR("ab")) > 0);
	assert_int_equal(str_cmp(STR(""), (struct str){ NULL, 0 }), 0);
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("a"), STR("ab")));
	assert_true(str_ends(STR("x.gz"), STR(".gz")));
	assert_false(str_ends(STR("gz"), STR(".gz")));
	assert_true(str_eq_nocase(STR("Call.ENDED"), STR("call.ended")));
	assert_false(str_eq_nocase(STR("\xc4"), STR("\xe4")));
	assert_false(str_eq_nocase(STR("a"), STR("ab")));
	assert_true(str_eq(str_trim(STR(" \t\r\n\v\fa b \n")), STR("a b")));
	assert_int_equal(str_trim(STR(" \n ")).n, 0);
	assert_null(str_of(NULL).p);
}

static void
utf8_is_counted_up_to_the_first_fault(void **state)
{
	const struct { struct str s; size_t good; } cases[] = {
		{ STR(""), 0 }, { STR("abc"), 3 }, { STR("a\0b"), 3 },
		{ STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 9 },
		{ STR("\xf4\x8f\xbf\xbf"), 4 }, { STR("\xed\x9f\xbf"), 3 },
		{ STR("\xee\x80\x80"), 3 },
		{ STR("a\xff"), 1 }, { STR("a\x80"), 1 },
		{ STR("\xc0\x80"), 0 }, { STR("\xc1\xbf"), 0 },	/* too long */
		{ STR("\xe0\x9f\xbf"), 0 }, { STR("\xf0\x8f\xbf\xbf"), 0 },
		{ STR("\xed\xa0\x80"), 0 },			/* surrogate */
		{ STR("\xf4\x90\x80\x80"), 0 }, { STR("\xf5\x80\x80\x80"), 0 },
		{ STR("a\xc3"), 1 }, { STR("a\xe2\x82"), 1 },	/* cut off */
		{ STR("a\xf0\x9f\x98"), 1 }, { STR("\xe2\x82z"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(str_utf8_bytes(cases[i].s), cases[i].good);
}

static void
a_buffer_grows_up_to_its_maximum_and_tells(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	assert_string_equal(buf_cstr(&b), "");
	for (int i = 0; i < 50; i++)
		assert_true(buf_puts(&b, STR("ab")));
	assert_int_equal(b.n, 100);
	assert_true(b.cap <= 100);
	assert_false(b.failed);
	assert_false(buf_putc(&b, 'x'));
	assert_true(b.failed);
	assert_int_equal(b.n, 100);
	assert_false(buf_reserve(&b, SIZE_MAX));
	buf_reset(&b);
	assert_false(b.failed);
	assert_true(buf_printf(&b, "%s-%d", "n", 7));
	assert_string_equal(buf_cstr(&b), "n-7");
	assert_true(str_eq(buf_str(&b), STR("n-7")));
	assert_true(buf_put(&b, NULL, 0));
	buf_free(&b);
	assert_null(b.p);
	assert_int_equal(b.max_bytes, 100);
	buf_free(&b);
}

static void
an_arena_gives_aligned_memory_up_to_its_cap(void **state)
{
	struct arena a;
	char *last = NULL;

	(void)state;
	arena_init(&a, 2 * 1024 * 1024);
	for (size_t n = 0; n < 3000; n++) {
		char *p = arena_alloc(&a, n % 700);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		memset(p, 0xa5, n % 700);
		last = p;
	}
	assert_non_null(last);
	assert_true(a.held_bytes <= a.cap_bytes + 4096);
	assert_null(arena_alloc(&a, 2 * 1024 * 1024));
	assert_true(a.failed);
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_str(&a, (struct str){ "x", SIZE_MAX }).p);
	arena_reset(&a);
	assert_false(a.failed);
	assert_int_equal(a.used_bytes, 0);
	assert_string_equal(arena_cstr(&a, STR("abc")), "abc");
	assert_true(str_eq(arena_str(&a, STR("a\0b")), STR("a\0b")));
	assert_non_null(arena_str(&a, STR("")).p);
	arena_close(&a);
	assert_int_equal(a.held_bytes, 0);
	arena_close(&a);
	arena_close(NULL);
}

/* What is left of it between two batches is one small block. */
static void
an_arena_that_is_reset_gives_memory_back(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(&a, 100000));
	arena_reset(&a);
	assert_true(a.held_bytes < 1024 * 1024);
	assert_non_null(arena_alloc(&a, 10 * 1024 * 1024));
	arena_reset(&a);
	assert_true(a.held_bytes < 1024 * 1024);
	arena_close(&a);
}

static void
the_first_error_wins_and_context_comes_in_front(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_false(err_sys(&e, ENOENT, "%s: cannot open", "a.gz"));
	assert_false(err_set(&e, ERR_USAGE, "another"));
	assert_false(err_nomem(&e));
	assert_int_equal(e.kind, ERR_FAILED);
	assert_string_equal(e.text, "a.gz: cannot open: No such file or directory");
	assert_false(err_add(&e, "run %d", 3));
	assert_string_equal(e.text,
	    "run 3: a.gz: cannot open: No such file or directory");
	for (int i = 0; i < 1000; i++)
		err_add(&e, "context %d", i);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_compare_by_bytes_nul_included),
		cmocka_unit_test(utf8_is_counted_up_to_the_first_fault),
		cmocka_unit_test(a_buffer_grows_up_to_its_maximum_and_tells),
		cmocka_unit_test(an_arena_gives_aligned_memory_up_to_its_cap),
		cmocka_unit_test(an_arena_that_is_reset_gives_memory_back),
		cmocka_unit_test(the_first_error_wins_and_context_comes_in_front),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
