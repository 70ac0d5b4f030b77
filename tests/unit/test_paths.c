/*
 * A list of paths has the files of folders in the order of their days, each
 * once, under whole names by which they are found again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <sys/stat.h>

#include "run/paths.h"
#include "unit/temp.h"

/* What is below the test's folder of a path. */
static const char *
below(struct str s)
{
	assert_true(str_starts(s, str_of(temp_folder)));
	assert_int_equal(s.p[s.n], '\0');
	return s.p + strlen(temp_folder);
}

static void
check_order(const struct path_list *l, const char *const *want, size_t n)
{
	struct buf text = BUF_INIT(0);
	struct path p;

	assert_int_equal(l->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(path_list_get(l, i, &text, &p));
		assert_string_equal(below(p.name), want[i]);
		assert_int_equal(path_list_find(l, p.name), i);
		assert_true(p.regular);
	}
	assert_int_equal(path_list_find(l, STR("/nowhere")), PATH_NONE);
	buf_free(&text);
}

static void
open_list(struct path_list *l, const char *const *path, size_t n)
{
	struct err err = ERR_INIT;

	if (!path_list_open(l, path, n, &err))
		fail_msg("%s", err.text);
}

static int
make_files(void **state)
{
	if (temp_setup(state) != 0 || mkdir(temp_path("a"), 0700) != 0 ||
	    mkdir(temp_path("a/b"), 0700) != 0 ||
	    mkdir(temp_path("a/2.jsonl"), 0700) != 0)
		return 1;
	temp_write("a/x-2026-03-02.jsonl", "12", 2);
	temp_write("a/y-2026-03-01.jsonl.gz", "1", 1);
	temp_write("a/b/x-2026-03-01.ndjson", "123", 3);
	temp_write("a/b/other.txt", "", 0);
	temp_write("a/2.jsonl/1.jsonl", "1", 1);
	return symlink("../b/x-2026-03-01.ndjson", temp_path("a/b/z-9.jsonl"));
}

static const char *const all[] = {
	"/a/2.jsonl/1.jsonl", "/a/b/x-2026-03-01.ndjson",
	"/a/y-2026-03-01.jsonl.gz", "/a/x-2026-03-02.jsonl",
};

static void
files_of_a_day_stand_together(void **state)
{
	const char *const given[] = { temp_path("a") };
	struct path_list l;

	(void)state;
	open_list(&l, given, 1);
	check_order(&l, all, 4);
	assert_int_equal(l.bytes, 7);
	assert_true(path_list_day_ends(&l, 0));
	assert_false(path_list_day_ends(&l, 1));
	assert_true(path_list_day_ends(&l, 2));
	assert_true(path_list_day_ends(&l, 3));
	path_list_close(&l);
}

static void
slashes_behind_a_folder_change_nothing(void **state)
{
	const char *const given[] = { temp_path("a//") };
	struct buf text = BUF_INIT(0);
	struct path_list l;
	struct path p;

	(void)state;
	open_list(&l, given, 1);
	check_order(&l, all, 4);
	assert_true(path_list_get(&l, 0, &text, &p));
	assert_string_equal(below(p.given), "/a/2.jsonl/1.jsonl");
	buf_free(&text);
	path_list_close(&l);
}

static void
a_file_given_twice_is_there_once_and_first(void **state)
{
	const char *const given[] = {
		temp_path("a/x-2026-03-02.jsonl"), temp_path("a/b/../b/../"),
		temp_path("a/y-2026-03-01.jsonl.gz"),
	};
	static const char *const want[] = {
		"/a/x-2026-03-02.jsonl", "/a/2.jsonl/1.jsonl",
		"/a/b/x-2026-03-01.ndjson", "/a/y-2026-03-01.jsonl.gz",
	};
	struct path_list l;

	(void)state;
	open_list(&l, given, 3);
	check_order(&l, want, 4);
	assert_int_equal(l.bytes, 7);
	path_list_close(&l);
}

static void
long_logs_of_one_day_are_told(void **state)
{
	static const char *const name[] = {
		"of/a-2026-03-01.jsonl", "of/b-2026-03-01.jsonl", "of/c-20260301.jsonl",
		"of/d-2026-03-01.jsonl", "of/a-2026-03-02.jsonl", "of/b-2026-03-02.jsonl",
	};
	const char *const given[] = { temp_path("of") };
	struct path_list l;

	(void)state;
	assert_int_equal(mkdir(given[0], 0700), 0);
	for (size_t i = 0; i < 6; i++)
		temp_write(name[i], "12345", i == 3 ? 4 : 5);
	open_list(&l, given, 1);
	assert_int_equal(path_list_of_one_time(&l, 0, 6, 9, 5), 3);
	assert_int_equal(path_list_of_one_time(&l, 0, 6, 9, 4), 4);
	assert_int_equal(path_list_of_one_time(&l, 0, 6, 2, 4), 2);
	assert_int_equal(path_list_of_one_time(&l, 0, 2, 9, 4), 2);
	assert_int_equal(path_list_of_one_time(&l, 3, 6, 9, 5), 1);
	assert_int_equal(path_list_of_one_time(&l, 4, 6, 9, 5), 2);
	path_list_close(&l);
}

static void
what_is_not_there_is_in_the_list(void **state)
{
	const char *const given[] = { temp_path("none.jsonl") };
	struct buf text = BUF_INIT(0);
	struct path_list l;
	struct path p;

	(void)state;
	open_list(&l, given, 1);
	assert_int_equal(l.n, 1);
	assert_true(path_list_get(&l, 0, &text, &p));
	assert_string_equal(below(p.given), "/none.jsonl");
	assert_false(p.regular);
	buf_free(&text);
	path_list_close(&l);
}

/* More folders and files than the first tables hold. */
static void
many_files_are_found_by_name(void **state)
{
	char folder[128], name[64];
	const char *const given[] = { folder };
	struct path_list l;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s", temp_path("many"));
	assert_int_equal(mkdir(folder, 0700), 0);
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "many/%d", i / 10);
		if (i % 10 == 0)
			assert_int_equal(mkdir(temp_path(name), 0700), 0);
		(void)snprintf(name, sizeof(name), "many/%d/%d.jsonl", i / 10, i);
		temp_write(name, "", 0);
	}
	open_list(&l, given, 1);
	assert_int_equal(l.n, 3000);
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "many/%d/%d.jsonl", i / 10, i);
		assert_int_not_equal(path_list_find(&l,
		    str_of(temp_path(name))), PATH_NONE);
	}
	path_list_close(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_a_day_stand_together),
		cmocka_unit_test(long_logs_of_one_day_are_told),
		cmocka_unit_test(slashes_behind_a_folder_change_nothing),
		cmocka_unit_test(a_file_given_twice_is_there_once_and_first),
		cmocka_unit_test(what_is_not_there_is_in_the_list),
		cmocka_unit_test(many_files_are_found_by_name),
	};

	return cmocka_run_group_tests_name("paths", tests, make_files,
	    temp_teardown);
}
