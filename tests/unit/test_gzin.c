/*
 * gzin's promise: the plain bytes, all of them, or damage that is told. A
 * file that was cut off never looks like a short one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "io/gzin.h"
#include "unit/gzip.h"
#include "unit/temp.h"

/* What a stream gave. */
struct got {
	char *p;
	size_t n;
	bool gzip;
	char damage[200];
	uint64_t raw_bytes;
	struct id128 raw_hash;
};

/* Reads all in pieces of step bytes. */
static struct got
read_all(const char *path, size_t step)
{
	struct err err = ERR_INIT;
	struct gzin *g = gzin_open(path, &err);
	struct got got = { .n = 0 };
	size_t cap = 1024, n;

	if (g == NULL)
		fail_msg("%s", err.text);
	got.p = malloc(cap);
	assert_non_null(got.p);
	do {
		if (cap - got.n < step) {
			cap = 2 * cap + step;
			got.p = realloc(got.p, cap);
			assert_non_null(got.p);
		}
		if (!gzin_read(g, got.p + got.n, step, &n, &err))
			fail_msg("%s", err.text);
		assert_true(n <= step);
		got.n += n;
		assert_true(gzin_plain_bytes(g) == got.n);
	} while (n > 0);
	assert_true(gzin_read(g, got.p, 1, &n, &err));	/* the end stays the end */
	assert_int_equal(n, 0);
	got.gzip = gzin_is_gzip(g);
	got.raw_bytes = gzin_raw_bytes(g);
	got.raw_hash = gzin_raw_hash(g);
	if (gzin_damage(g) != NULL)
		(void)snprintf(got.damage, sizeof(got.damage), "%s",
		    gzin_damage(g));
	gzin_close(g);
	return got;
}

/* The file gives want and nothing else; damage is its text, "" for none. */
static void
gives(const char *path, struct str want, const char *damage)
{
	static const size_t steps[] = { 1, 7, 4096, 1 << 20 };

	for (size_t i = 0; i < 4; i++) {
		struct got got;

		if (steps[i] < 4096 && want.n > 100000)
			continue;
		got = read_all(path, steps[i]);
		assert_string_equal(got.damage, damage);
		assert_int_equal(got.n, want.n);
		assert_memory_equal(got.p, want.p, want.n);
		free(got.p);
	}
}

static unsigned char file[1 << 20];

static void
plain_files_come_as_they_are(void **state)
{
	const struct str texts[] = {
		STR(""), STR("\n"), STR("x"), STR("\x8b\x1f"), STR("\x1f\x8a"),
		STR("\x00\x1f\x8b"), STR("{\"a\":1}\n{\"b\":2}"),
	};
	struct got got;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		gives(temp_write("plain.gz", texts[i].p, texts[i].n), texts[i],
		    "");
	got = read_all(temp_write("plain", "abc", 3), 10);
	assert_false(got.gzip);
	assert_int_equal(got.raw_bytes, 3);
	assert_memory_equal(got.raw_hash.b, hash_bytes("abc", 3).b, 16);
	free(got.p);
}

static void
members_are_one_stream(void **state)
{
	size_t n = 0;
	struct got got;

	(void)state;
	n += gzip_member(file + n, sizeof(file) - n, "first\n", 6, 6);
	n += gzip_member(file + n, sizeof(file) - n, "", 0, 6);
	n += gzip_member(file + n, sizeof(file) - n, "sec", 3, 0);
	n += gzip_member(file + n, sizeof(file) - n, "ond\n", 4, 9);
	gives(temp_write("members.jsonl", file, n), STR("first\nsecond\n"), "");
	got = read_all(temp_path("members.jsonl"), 100);
	assert_true(got.gzip);
	assert_int_equal(got.raw_bytes, n);
	assert_memory_equal(got.raw_hash.b, hash_bytes(file, n).b, 16);
	free(got.p);

	memset(file + n, 0, 700);
	gives(temp_write("padded", file, n + 1), STR("first\nsecond\n"), "");
	gives(temp_write("padded", file, n + 700), STR("first\nsecond\n"), "");
}

static void
what_is_behind_the_last_member_is_damage_unless_zero(void **state)
{
	size_t n = gzip_member(file, sizeof(file), "abc\n", 4, 6);
	char damage[200];

	(void)state;
	memcpy(file + n, "junk", 4);
	(void)snprintf(damage, sizeof(damage), "no gzip data behind the last "
	    "member at byte %zu (the gzip member begins at byte 0)", n);
	gives(temp_write("junk", file, n + 4), STR("abc\n"), damage);
	memcpy(file + n, "\0\0j", 3);
	(void)snprintf(damage, sizeof(damage), "no gzip data behind the last "
	    "member at byte %zu (the gzip member begins at byte 0)", n + 2);
	gives(temp_write("junk", file, n + 3), STR("abc\n"), damage);
	/* a member behind padding: nobody writes that */
	memcpy(file + n, "\0\x1f\x8b", 3);
	(void)snprintf(damage, sizeof(damage), "no gzip data behind the last "
	    "member at byte %zu (the gzip member begins at byte 0)", n + 1);
	gives(temp_write("junk", file, n + 3), STR("abc\n"), damage);
	/* also where the padding ends with what is read at once */
	memset(file + n, 0, 256 * 1024 - n);
	memcpy(file + 256 * 1024, "\x1f\x8b", 2);
	gives(temp_write("junk", file, 256 * 1024 + 2), STR("abc\n"),
	    "no gzip data behind the last member at byte 262144 "
	    "(the gzip member begins at byte 0)");
}

/* Two members, cut at each byte: whole only at the end of a member. */
static void
a_file_cut_at_any_byte_is_damaged(void **state)
{
	static const char text[] = "{\"a\":1}\n{\"b\":[2,3]}\n";
	size_t len = sizeof(text) - 1, first, n;

	(void)state;
	first = gzip_member(file, sizeof(file), text, len, 6);
	n = first + gzip_member(file + first, sizeof(file) - first, text, len, 6);
	for (size_t cut = 1; cut < n; cut++) {
		struct got got = read_all(temp_write("cut", file, cut), 5);
		char want[200];

		assert_true(got.gzip);
		if (cut == first) {
			assert_string_equal(got.damage, "");
		} else {
			(void)snprintf(want, sizeof(want), "cut off at byte "
			    "%zu (the gzip member begins at byte %zu)", cut,
			    cut < first ? (size_t)0 : first);
			assert_string_equal(got.damage, want);
		}
		assert_true(got.n <= 2 * len);
		for (size_t i = 0; i < got.n; i++)
			assert_int_equal(got.p[i], text[i % len]);
		if (cut >= first)
			assert_true(got.n >= len);
		free(got.p);
	}
}

/* Each bit of a file turned: never silently other bytes. */
static void
a_changed_bit_is_damage_or_does_not_matter(void **state)
{
	static const char text[] = "the quick brown fox jumps over the dog\n";
	size_t len = sizeof(text) - 1, n;

	(void)state;
	n = gzip_member(file, sizeof(file), text, len, 6);
	for (size_t bit = 16; bit < 8 * n; bit++) {	/* behind the magic */
		struct got got;

		file[bit / 8] ^= (unsigned char)(1 << bit % 8);
		got = read_all(temp_write("bit", file, n), 64);
		file[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (got.damage[0] == '\0') {
			assert_int_equal(got.n, len);
			assert_memory_equal(got.p, text, len);
		}
		free(got.p);
	}
}

/* All that was inflated before the damage is given. */
static void
bytes_before_the_damage_are_given(void **state)
{
	size_t len = 300000, n;
	char *text = malloc(len);
	struct got got;

	(void)state;
	assert_non_null(text);
	srand(7);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('a' + rand() % 26);
	n = gzip_member(file, sizeof(file), text, len, 6);
	got = read_all(temp_write("half", file, n / 2), 1 << 16);
	assert_true(got.n > len / 3 && got.n < 2 * len / 3);
	assert_memory_equal(got.p, text, got.n);
	assert_non_null(strstr(got.damage, "cut off at byte "));
	free(got.p);
	/* a wrong checksum: all came out, and it is not trusted */
	file[n - 8] ^= 1;
	got = read_all(temp_write("crc", file, n), 1 << 16);
	assert_int_equal(got.n, len);
	assert_non_null(strstr(got.damage, "corrupt: incorrect data check"));
	free(got.p);
	gives(temp_write("magic", "\x1f\x8b\7\0\0\0\0\0\0\3", 10), STR(""),
	    "corrupt: unknown compression method at byte 0 "
	    "(the gzip member begins at byte 0)");
	free(text);
}

/* How much is asked for at a time does not change what comes out before damage. */
static void
damage_gives_the_same_bytes_in_any_steps(void **state)
{
	char text[20000];
	size_t len = 0, n;

	(void)state;
	srand(11);
	while (len < sizeof(text) - 80)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "{\"id\":\"call_%d\",\"status\":\"no-answer\"}\n", rand() % 500);
	n = gzip_member(file, sizeof(file), text, len, 6);
	for (int i = 0; i < 200; i++) {
		size_t at = 10 + (size_t)rand() % (n - 10);
		struct got whole, steps;

		file[at] ^= 4;
		whole = read_all(temp_write("flip", file, n), 1 << 16);
		steps = read_all(temp_path("flip"), 777);
		file[at] ^= 4;
		assert_string_equal(whole.damage, steps.damage);
		assert_int_equal(whole.n, steps.n);
		assert_memory_equal(whole.p, steps.p, whole.n);
		free(whole.p);
		free(steps.p);
	}
}

static void
a_small_file_that_becomes_large_streams(void **state)
{
	size_t len = 64 << 20, n, got;
	char *text = calloc(1, len), piece[65536];
	struct err err = ERR_INIT;
	struct gzin *g;
	uint64_t sum = 0;

	(void)state;
	assert_non_null(text);
	n = gzip_member(file, sizeof(file), text, len, 9);
	free(text);
	g = gzin_open(temp_write("bomb", file, n), &err);
	assert_non_null(g);
	do {
		assert_true(gzin_read(g, piece, sizeof(piece), &got, &err));
		sum += got;
	} while (got > 0);
	assert_int_equal(sum, len);
	assert_null(gzin_damage(g));
	gzin_close(g);
}

static void
what_cannot_be_read_is_an_error_with_its_name(void **state)
{
	struct err err = ERR_INIT;
	uint64_t bytes;
	struct id128 hash;
	char want[256];

	(void)state;
	assert_null(gzin_open(temp_path("none"), &err));
	(void)snprintf(want, sizeof(want),
	    "%s: cannot open: No such file or directory", temp_path("none"));
	assert_string_equal(err.text, want);
	err = (struct err)ERR_INIT;
	assert_null(gzin_open(temp_folder, &err));
	(void)snprintf(want, sizeof(want), "%s: is a folder", temp_folder);
	assert_string_equal(err.text, want);
	err = (struct err)ERR_INIT;
	assert_false(gzin_fingerprint(temp_path("none"), &bytes, &hash, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	gzin_close(NULL);
}

static void
the_fingerprint_is_that_of_the_raw_bytes(void **state)
{
	size_t n = gzip_member(file, sizeof(file), "abc\n", 4, 6);
	struct err err = ERR_INIT;
	struct id128 hash;
	uint64_t bytes;

	(void)state;
	assert_true(gzin_fingerprint(temp_write("print", file, n), &bytes,
	    &hash, &err));
	assert_int_equal(bytes, n);
	assert_memory_equal(hash.b, hash_bytes(file, n).b, 16);
	assert_true(gzin_fingerprint(temp_write("print", "", 0), &bytes, &hash,
	    &err));
	assert_int_equal(bytes, 0);
}

static void
ignore_alarm(int signal_no)
{
	(void)signal_no;
}

/* A pipe that gives a byte at a time, while signals arrive. */
static void
a_slow_pipe_under_signals_is_read_whole(void **state)
{
	struct sigaction act = { .sa_handler = ignore_alarm }, old;
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, off = { { 0, 0 }, { 0, 0 } };
	size_t n = gzip_member(file, sizeof(file), "slow but sure\n", 14, 6);
	int fds[2], saved, status;
	struct got got;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(fds[0]);
		for (size_t i = 0; i < n; i++) {
			(void)usleep(1000);
			if (write(fds[1], file + i, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	(void)close(fds[1]);
	saved = dup(STDIN_FILENO);
	assert_true(dup2(fds[0], STDIN_FILENO) >= 0);
	(void)sigaction(SIGALRM, &act, &old);	/* without SA_RESTART */
	(void)setitimer(ITIMER_REAL, &often, NULL);
	got = read_all("-", 100);
	(void)setitimer(ITIMER_REAL, &off, NULL);
	(void)sigaction(SIGALRM, &old, NULL);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);	/* not closed */
	if (saved >= 0) {
		(void)dup2(saved, STDIN_FILENO);
		(void)close(saved);
	}
	(void)close(fds[0]);
	assert_string_equal(got.damage, "");
	assert_int_equal(got.n, 14);
	assert_memory_equal(got.p, "slow but sure\n", 14);
	free(got.p);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_files_come_as_they_are),
		cmocka_unit_test(members_are_one_stream),
		cmocka_unit_test(what_is_behind_the_last_member_is_damage_unless_zero),
		cmocka_unit_test(a_file_cut_at_any_byte_is_damaged),
		cmocka_unit_test(a_changed_bit_is_damage_or_does_not_matter),
		cmocka_unit_test(bytes_before_the_damage_are_given),
		cmocka_unit_test(damage_gives_the_same_bytes_in_any_steps),
		cmocka_unit_test(a_small_file_that_becomes_large_streams),
		cmocka_unit_test(what_cannot_be_read_is_an_error_with_its_name),
		cmocka_unit_test(the_fingerprint_is_that_of_the_raw_bytes),
		cmocka_unit_test(a_slow_pipe_under_signals_is_read_whole),
	};

	return cmocka_run_group_tests_name("gzin", tests, temp_setup,
	    temp_teardown);
}
