/*
 * atomicfile's promise: under its name a file is there whole or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "io/atomicfile.h"
#include "unit/temp.h"

/* Files in the folder, hidden ones too. */
static size_t
files(void)
{
	DIR *d = opendir(temp_folder);
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(d);
	return n;
}

static void
nothing_is_seen_before_commit_and_all_after(void **state)
{
	struct err err = ERR_INIT;
	struct atomicfile *f = atomicfile_open(temp_folder, "a.csv", &err);
	char hex[SHA256_HEX_BYTES], *p;
	uint64_t bytes;
	struct stat st;
	size_t n;

	(void)state;
	assert_non_null(f);
	atomicfile_put(f, "ab", 2);
	atomicfile_put(f, "", 0);
	atomicfile_put(f, "c", 1);
	assert_int_not_equal(access(temp_path("a.csv"), F_OK), 0);
	assert_int_equal(files(), 1);
	assert_true(atomicfile_commit(f, hex, &bytes, &err));
	atomicfile_close(f);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(bytes, 3);
	p = temp_read(temp_path("a.csv"), &n);
	assert_int_equal(n, 3);
	assert_string_equal(p, "abc");
	free(p);
	assert_int_equal(stat(temp_path("a.csv"), &st), 0);
	assert_int_equal(st.st_mode & 07137, 0);	/* 0640 at the most */
	assert_int_equal(files(), 1);
}

static void
what_is_not_committed_leaves_the_old_file(void **state)
{
	struct err err = ERR_INIT;
	struct atomicfile *f;
	size_t n;
	char *p;

	(void)state;
	(void)temp_write("b.csv", "old", 3);
	f = atomicfile_open(temp_folder, "b.csv", &err);
	assert_non_null(f);
	atomicfile_put(f, "new", 3);
	atomicfile_close(f);
	p = temp_read(temp_path("b.csv"), &n);
	assert_string_equal(p, "old");
	free(p);
	f = atomicfile_open(temp_folder, "b.csv", &err);
	assert_non_null(f);
	assert_true(atomicfile_commit(f, NULL, NULL, &err));
	atomicfile_close(f);
	p = temp_read(temp_path("b.csv"), &n);
	assert_int_equal(n, 0);
	free(p);
	assert_int_equal(files(), 2);
	atomicfile_close(NULL);
}

/* Larger than the buffer, in pieces of all sizes. */
static void
large_files_are_whole(void **state)
{
	const size_t total = 3 << 20;
	struct err err = ERR_INIT;
	struct atomicfile *f = atomicfile_open(temp_folder, "c", &err);
	char *want = malloc(total), hex[SHA256_HEX_BYTES], again[SHA256_HEX_BYTES];
	struct sha256 sum;
	uint64_t bytes;
	size_t n, at = 0;
	char *p;

	(void)state;
	assert_non_null(f);
	assert_non_null(want);
	for (size_t i = 0; i < total; i++)
		want[i] = (char)(i * i >> 7);
	for (size_t step = 1; at < total; step = step * 5 / 2 + 1) {
		n = step < total - at ? step : total - at;
		atomicfile_put(f, want + at, n);
		at += n;
	}
	assert_true(atomicfile_commit(f, hex, &bytes, &err));
	atomicfile_close(f);
	assert_int_equal(bytes, total);
	p = temp_read(temp_path("c"), &n);
	assert_int_equal(n, total);
	assert_memory_equal(p, want, total);
	sha256_init(&sum);
	sha256_add(&sum, want, total);
	sha256_end(&sum, again);
	assert_string_equal(hex, again);
	free(p);
	free(want);
}

static void
what_dead_processes_left_is_removed(void **state)
{
	static const char *const kept[] = { ".d.tmp-", ".d.tmp-1x", ".dd.tmp-1", "d.tmp-1" };
	struct err err = ERR_INIT;
	struct atomicfile *f;
	char own[64];

	(void)state;
	(void)snprintf(own, sizeof(own), ".d.tmp-%ld", (long)getpid());
	(void)temp_write(own, "left over", 9);
	(void)temp_write(".d.tmp-1", "left over", 9);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		(void)temp_write(kept[i], "not ours", 8);
	f = atomicfile_open(temp_folder, "d", &err);
	assert_non_null(f);
	assert_true(atomicfile_commit(f, NULL, NULL, &err));
	atomicfile_close(f);
	assert_int_not_equal(access(temp_path(own), F_OK), 0);
	assert_int_not_equal(access(temp_path(".d.tmp-1"), F_OK), 0);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_int_equal(access(temp_path(kept[i]), F_OK), 0);
}

/* As if another process, of number 1, were at work on the same file. */
static void
what_a_living_process_writes_stays(void **state)
{
	struct err err = ERR_INIT;
	struct atomicfile *f;
	char own[64];

	(void)state;
	(void)snprintf(own, sizeof(own), ".g.tmp-%ld", (long)getpid());
	f = atomicfile_open(temp_folder, "g", &err);
	assert_non_null(f);
	assert_int_equal(rename(temp_path(own), temp_path(".g.tmp-1")), 0);
	atomicfile_close(atomicfile_open(temp_folder, "g", &err));
	assert_int_equal(access(temp_path(".g.tmp-1"), F_OK), 0);
	atomicfile_close(f);
	assert_int_equal(unlink(temp_path(".g.tmp-1")), 0);
}

static void
failures_are_told_with_the_name(void **state)
{
	struct err err = ERR_INIT;
	struct atomicfile *f;

	(void)state;
	assert_null(atomicfile_open(temp_path("none"), "e", &err));
	assert_non_null(strstr(err.text, "none: cannot open the folder: "));
	/* the name is a folder's */
	err = (struct err)ERR_INIT;
	assert_int_equal(mkdir(temp_path("e"), 0755), 0);
	f = atomicfile_open(temp_folder, "e", &err);
	assert_non_null(f);
	assert_false(atomicfile_commit(f, NULL, NULL, &err));
	assert_non_null(strstr(err.text, "e: cannot rename "));
	atomicfile_close(f);
}

/* The disk is full, as it were: the old file stays, the new one goes. */
static void
a_write_that_fails_is_told_at_commit(void **state)
{
	static char piece[100000];
	struct rlimit limit, old;
	struct err err = ERR_INIT;
	struct atomicfile *f;
	size_t before, n;
	char *p;

	(void)state;
	(void)temp_write("f", "old", 3);
	before = files();
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 300000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	f = atomicfile_open(temp_folder, "f", &err);
	assert_non_null(f);
	for (int i = 0; i < 10; i++)
		atomicfile_put(f, piece, sizeof(piece));
	assert_false(atomicfile_commit(f, NULL, NULL, &err));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_string_equal(err.text, "f: cannot write: File too large");
	atomicfile_close(f);
	assert_int_equal(files(), before);
	p = temp_read(temp_path("f"), &n);
	assert_string_equal(p, "old");
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_seen_before_commit_and_all_after),
		cmocka_unit_test(what_is_not_committed_leaves_the_old_file),
		cmocka_unit_test(large_files_are_whole),
		cmocka_unit_test(what_dead_processes_left_is_removed),
		cmocka_unit_test(what_a_living_process_writes_stays),
		cmocka_unit_test(failures_are_told_with_the_name),
		cmocka_unit_test(a_write_that_fails_is_told_at_commit),
	};

	return cmocka_run_group_tests_name("atomicfile", tests, temp_setup,
	    temp_teardown);
}
