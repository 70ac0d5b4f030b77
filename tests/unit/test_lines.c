/*
 * lines' promise: every line is given once, whole, with its number and place;
 * a line of any length costs bounded memory; damage gives no half line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <sys/resource.h>

#include "io/doc.h"
#include "io/lines.h"
#include "unit/gzip.h"
#include "unit/temp.h"

/* A line as the reader of the blocks sees it. */
struct seen {
	int64_t line;
	uint64_t offset;
	char start[24];		/* of its text, terminated */
	size_t n;		/* its length without its end */
	bool is_long;
};

enum { MAX_SEEN = 20000 };

static struct seen seen[MAX_SEEN];
static size_t n_seen;
static struct block last_block;		/* its numbers, not its memory */

/* Splits a block as its reader does, and checks what its header promises. */
static void
take_block(const struct block *b, const char *stream, uint64_t stream_n)
{
	const char *p = b->p, *end = b->p + b->n;
	int64_t line = b->first_line;

	for (size_t i = 0; i < DOC_PADDING_BYTES; i++)
		assert_int_equal(b->p[b->n + i], 0);
	assert_true(b->cap >= b->n + DOC_PADDING_BYTES);
	assert_true(b->end_offset <= stream_n);
	assert_memory_equal(b->prefix_hash.b,
	    hash_bytes(stream, b->end_offset).b, 16);
	if (b->long_bytes > 0) {
		assert_int_equal(b->lines, 1);
		assert_true(n_seen < MAX_SEEN);
		seen[n_seen] = (struct seen){ line, b->offset, "",
			b->long_bytes, true };
		assert_memory_equal(b->p, stream + b->offset, b->n);
		(void)snprintf(seen[n_seen++].start, sizeof(seen[0].start),
		    "%.*s", (int)b->n, b->p);
		return;
	}
	assert_true(b->end_offset == b->offset + b->n);
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((lf != NULL ? lf : end) - p);

		assert_true(n_seen < MAX_SEEN);
		assert_true(lf != NULL || !b->ends_with_lf);
		if (lf != NULL && n > 0 && p[n - 1] == '\r')
			n--;
		seen[n_seen] = (struct seen){ line++,
			b->offset + (uint64_t)(p - b->p), "", n, false };
		(void)snprintf(seen[n_seen++].start, sizeof(seen[0].start),
		    "%.*s", (int)n, p);
		p = lf != NULL ? lf + 1 : end;
	}
	assert_int_equal(line - b->first_line, b->lines);
}

/* Reads the blocks of a file whose plain bytes are those of stream. */
static void
read_lines(const char *path, const char *stream, size_t n, size_t max_line)
{
	struct err err = ERR_INIT;
	struct gzin *in = gzin_open(path, &err);
	struct lines *l = lines_open(in, max_line);
	struct block b = { .n = 0 };
	uint64_t offset = 0;
	int64_t line = 1;
	bool end;

	assert_non_null(l);
	n_seen = 0;
	memset(&last_block, 0, sizeof(last_block));
	for (;;) {
		if (!lines_next(l, &b, &end, &err))
			fail_msg("%s", err.text);
		if (end)
			break;
		assert_int_equal(b.first_line, line);
		assert_true(b.lines > 0);
		assert_true(b.offset == offset ||
		    (offset == 0 && b.offset == 3));	/* a BOM */
		take_block(&b, stream, n);
		offset = b.end_offset;
		line += b.lines;
		last_block = b;
	}
	assert_true(lines_next(l, &b, &end, &err) && end);
	block_free(&b);
	lines_close(l);
	gzin_close(in);
}

static void
read_text(struct str s, size_t max_line)
{
	read_lines(temp_write("lines", s.p, s.n), s.p, s.n, max_line);
}

static void
saw(size_t i, int64_t line, uint64_t offset, const char *start, size_t n)
{
	assert_true(i < n_seen);
	assert_int_equal(seen[i].line, line);
	assert_int_equal(seen[i].offset, offset);
	assert_string_equal(seen[i].start, start);
	assert_int_equal(seen[i].n, n);
	assert_false(seen[i].is_long);
}

static void
lines_end_with_lf_or_crlf_or_the_stream(void **state)
{
	(void)state;
	read_text(STR("a\nbb\r\n\n\r\nc\rd\ne"), 100);
	assert_int_equal(n_seen, 6);
	saw(0, 1, 0, "a", 1);
	saw(1, 2, 2, "bb", 2);
	saw(2, 3, 6, "", 0);
	saw(3, 4, 7, "", 0);
	saw(4, 5, 9, "c\rd", 3);
	saw(5, 6, 13, "e", 1);
	assert_false(last_block.ends_with_lf);
	assert_int_equal(last_block.end_offset, 14);

	read_text(STR("a\nb\n"), 100);
	assert_int_equal(n_seen, 2);
	assert_true(last_block.ends_with_lf);
}

static void
a_file_may_hold_nothing(void **state)
{
	(void)state;
	read_text(STR(""), 100);
	assert_int_equal(n_seen, 0);
	read_text(STR("\n"), 100);
	assert_int_equal(n_seen, 1);
	saw(0, 1, 0, "", 0);
	read_text(STR("\r"), 100);
	assert_int_equal(n_seen, 1);
	read_text(STR("\0"), 100);
	assert_int_equal(n_seen, 1);
	assert_int_equal(seen[0].n, 1);
}

static void
a_bom_is_skipped_at_the_start_only(void **state)
{
	(void)state;
	read_text(STR("\xef\xbb\xbf" "a\n\xef\xbb\xbf" "b\n"), 100);
	assert_int_equal(n_seen, 2);
	saw(0, 1, 3, "a", 1);
	saw(1, 2, 5, "\xef\xbb\xbf" "b", 4);
	read_text(STR("\xef\xbb\xbf"), 100);
	assert_int_equal(n_seen, 0);
	read_text(STR("\xef\xbb"), 100);
	assert_int_equal(n_seen, 1);
	read_text(STR("\xef\xbb\xbf\n"), 100);
	assert_int_equal(n_seen, 1);
	saw(0, 1, 3, "", 0);
}

/* The cap is on the text: neither CR nor LF counts. */
static void
a_line_at_the_cap_is_a_line_and_one_byte_more_is_not(void **state)
{
	static const char *const ends[] = { "\n", "\r\n", "", "\nnext\n" };
	static const size_t caps[] = { 1, 5, 1000, 100000, 1024 * 1024 - 1,
		1024 * 1024, 1024 * 1024 + 1, 3 * 1024 * 1024 + 7 };
	char *p = malloc(4 << 20);

	(void)state;
	assert_non_null(p);
	for (size_t c = 0; c < sizeof(caps) / sizeof(caps[0]); c++)
		for (size_t e = 0; e < 4; e++)
			for (size_t over = 0; over < 3; over++) {
				size_t n = caps[c] + over, more;

				memcpy(p, "x\n", 2);
				memset(p + 2, 'y', n);
				more = strlen(ends[e]);
				memcpy(p + 2 + n, ends[e], more);
				read_text((struct str){ p, 2 + n + more },
				    caps[c]);
				assert_int_equal(n_seen, e == 3 ? 3 : 2);
				assert_int_equal(seen[1].n, n);
				assert_int_equal(seen[1].offset, 2);
				assert_int_equal(seen[1].is_long, over > 0);
				if (e == 2)
					assert_false(last_block.ends_with_lf);
				if (e == 3) {
					assert_int_equal(seen[2].line, 3);
					assert_int_equal(seen[2].offset, 3 + n);
				}
			}
	free(p);
}

static void
a_long_line_keeps_its_start_and_its_length(void **state)
{
	const size_t n = 10 << 20, cap = 4 << 20;
	char *p = malloc(n + 100);
	struct err err = ERR_INIT;
	struct block b = { .n = 0 };
	struct gzin *in;
	struct lines *l;
	bool end;

	(void)state;
	assert_non_null(p);
	memset(p, 'z', n);
	memcpy(p, "start", 5);
	memcpy(p + n, "\r\nafter\n", 8);
	in = gzin_open(temp_write("long", p, n + 8), &err);
	l = lines_open(in, cap);
	assert_true(lines_next(l, &b, &end, &err) && !end);
	assert_int_equal(b.long_bytes, n);
	assert_int_equal(b.n, LINES_LONG_KEEP);
	assert_memory_equal(b.p, p, b.n);
	assert_int_equal(b.end_offset, n + 2);
	assert_true(b.cap <= cap + 4096);
	assert_true(lines_next(l, &b, &end, &err) && !end);
	assert_int_equal(b.first_line, 2);
	assert_int_equal(b.n, 6);
	assert_memory_equal(b.p, "after\n", 6);
	block_free(&b);
	lines_close(l);
	gzin_close(in);
	free(p);
}

/* Lines beyond the cap on either side of lines that are not, near a block's end. */
static void
long_and_short_lines_mix(void **state)
{
	const size_t total = 5 << 20;
	char *p = malloc(total);
	size_t n = 0, made = 0, longs = 0;
	static size_t lengths[MAX_SEEN];

	(void)state;
	assert_non_null(p);
	srand(3);
	while (n + 100000 < total && made < MAX_SEEN) {
		size_t len = rand() % 50 == 0 ? (size_t)rand() % 90000 :
		    (size_t)rand() % 1200;

		memset(p + n, 'a' + (int)(made % 26), len);
		p[n + len] = '\n';
		n += len + 1;
		longs += len > 1000;
		lengths[made++] = len;
	}
	read_lines(temp_write("mix", p, n), p, n, 1000);
	assert_int_equal(n_seen, made);
	for (size_t i = 0; i < made; i++) {
		assert_int_equal(seen[i].n, lengths[i]);
		assert_int_equal(seen[i].is_long, lengths[i] > 1000);
		longs -= seen[i].is_long;
	}
	assert_int_equal(longs, 0);
	free(p);
}

enum { MANY_LINES = 40000, HASHES_MAX = 4096 };

/* Hashes of the blocks of lines, in their order; returns how many. */
static size_t
hash_blocks(struct str s, struct id128 hash[HASHES_MAX])
{
	struct err err = ERR_INIT;
	struct gzin *in = gzin_open(temp_write("blocks", s.p, s.n), &err);
	struct lines *l = lines_open(in, 4 << 20);
	struct block b = { .n = 0 };
	size_t n = 0;
	bool end;

	assert_non_null(l);
	while (lines_next(l, &b, &end, &err) && !end) {
		assert_true(b.lines <= LINES_BLOCK_LINES);
		assert_true(b.n <= LINES_BLOCK_BYTES);
		assert_true(n < HASHES_MAX);
		hash[n++] = hash_bytes(b.p, b.n);
	}
	assert_true(end);
	block_free(&b);
	lines_close(l);
	gzin_close(in);
	return n;
}

static size_t
count_in_both(const struct id128 *a, size_t na, const struct id128 *b, size_t nb)
{
	size_t both = 0;

	for (size_t i = 0; i < nb; i++)
		for (size_t k = 0; k < na; k++)
			if (id128_cmp(&a[k], &b[i]) == 0) {
				both++;
				break;
			}
	return both;
}

/* The place behind the LF that follows at. */
static size_t
behind_line(struct str s, size_t at)
{
	return (size_t)((char *)memchr(s.p + at, '\n', s.n - at) - s.p) + 1;
}

/* Short lines, and some so long that few stand in a block, as many times as fit. */
static void
the_same_lines_are_cut_the_same_in_other_files(void **state)
{
	static const size_t longest[] = { 60, 2000, 20000 };
	static struct id128 whole[HASHES_MAX], part[HASHES_MAX];
	char *p = malloc(24 << 20);

	(void)state;
	assert_non_null(p);
	srand(7);
	for (size_t k = 0; k < 3; k++) {
		struct str s = { p, 0 };
		size_t n;

		for (int i = 0; i < MANY_LINES && s.n < 23 << 20; i++) {
			size_t len = (size_t)rand() % longest[k];

			for (size_t j = 0; j < len; j++)
				p[s.n++] = (char)('a' + rand() % 26);
			p[s.n++] = '\n';
		}
		n = hash_blocks(s, whole);
		assert_true(n > 20);
		for (int i = 0; i < 5; i++) {
			size_t at = behind_line(s, s.n / 20 * (size_t)(1 + 2 * i));
			struct str from = str_from(s, at);
			size_t m = hash_blocks(from, part);

			assert_true(count_in_both(whole, n, part, m) + 10 >= m);
		}
	}
	free(p);
}

/* Each line beyond a small cap: must not cost a block's length each. */
static void
many_long_lines_take_linear_time(void **state)
{
	const size_t n = 8 << 20;
	char *p = malloc(n);
	struct err err = ERR_INIT;
	struct block b = { .n = 0 };
	struct rusage before, after;
	struct gzin *in;
	struct lines *l;
	int64_t count = 0;
	bool end;

	(void)state;
	assert_non_null(p);
	memset(p, 'x', n);
	for (size_t i = 7; i < n; i += 8)
		p[i] = '\n';
	in = gzin_open(temp_write("many", p, n), &err);
	l = lines_open(in, 3);
	(void)getrusage(RUSAGE_SELF, &before);
	while (lines_next(l, &b, &end, &err) && !end) {
		assert_int_equal(b.long_bytes, 7);
		count++;
	}
	(void)getrusage(RUSAGE_SELF, &after);
	assert_int_equal(count, n / 8);
	assert_true(after.ru_utime.tv_sec - before.ru_utime.tv_sec < 30);
	block_free(&b);
	lines_close(l);
	gzin_close(in);
	free(p);
}

/* What malloc has given out. */
static size_t
memory_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* 64 MiB in one line, from a small gzip file, in the memory of the cap. */
static void
memory_is_bounded_by_the_cap(void **state)
{
	const size_t n = 64 << 20;
	char *text = calloc(1, n);
	unsigned char *file = malloc(1 << 20);
	struct err err = ERR_INIT;
	struct block b = { .n = 0 };
	size_t bytes, before;
	struct gzin *in;
	struct lines *l;
	bool end;

	(void)state;
	assert_non_null(text);
	assert_non_null(file);
	bytes = gzip_member(file, 1 << 20, text, n, 9);
	free(text);
	before = memory_in_use();
	in = gzin_open(temp_write("bomb", file, bytes), &err);
	l = lines_open(in, 4 << 20);
	assert_true(lines_next(l, &b, &end, &err) && !end);
	assert_int_equal(b.long_bytes, n);
	assert_int_equal(b.n, LINES_LONG_KEEP);
	/* nothing is given back meanwhile: the most was what is held now */
	assert_true(memory_in_use() - before < 10 << 20);
	block_free(&b);
	lines_close(l);
	gzin_close(in);
	free(file);
}

/* A block that one line made large does not stay so. */
static void
a_block_gives_a_long_lines_memory_back(void **state)
{
	const size_t n = 4 << 20;
	char *p = malloc(2 * n);
	struct err err = ERR_INIT;
	struct block b = { .n = 0 };
	struct gzin *in;
	struct lines *l;
	size_t cap = 0;
	bool end;

	(void)state;
	assert_non_null(p);
	memset(p, 'x', 2 * n);
	p[n - 1] = '\n';
	for (size_t i = n; i < 2 * n; i += 100)
		p[i] = '\n';
	in = gzin_open(temp_write("large", p, 2 * n), &err);
	l = lines_open(in, n);
	while (lines_next(l, &b, &end, &err) && !end)
		cap = b.cap;
	assert_true(cap < (2 << 20));
	block_free(&b);
	lines_close(l);
	gzin_close(in);
	free(p);
}

/* A gzip file cut at each byte gives whole lines from its start and no more. */
static void
damage_gives_no_half_line(void **state)
{
	static const char text[] = "{\"a\":1}\n{\"b\":22}\n\n{\"c\":333}";
	static unsigned char file[4096];
	size_t len = sizeof(text) - 1, n, before = 0;

	(void)state;
	n = gzip_member(file, sizeof(file), text, len, 0);
	for (size_t cut = 1; cut <= n; cut++) {
		read_lines(temp_write("cut", file, cut), text, len, 100);
		assert_true(n_seen >= before);
		assert_int_equal(n_seen == 4, cut == n);
		for (size_t i = 0; i < n_seen; i++)
			assert_int_equal(seen[i].n, i == 0 ? 7 : i == 1 ? 8 :
			    i == 2 ? 0 : 9);
		before = n_seen;
		if (cut < n && n_seen > 0)
			assert_true(last_block.ends_with_lf);
		/* also when the half line is beyond the cap */
		read_lines(temp_path("cut"), text, len, 2);
		assert_int_equal(n_seen == 4, cut == n);
	}
}

/* Where an earlier run stopped, another goes on as if it had not. */
static void
the_rest_after_a_skip_is_the_rest(void **state)
{
	const size_t total = 3 << 20;
	char *p = malloc(total);
	struct err err = ERR_INIT;
	struct block first = { .n = 0 }, b = { .n = 0 };
	struct id128 all, other = { .b = { 1 } };
	struct gzin *in;
	struct lines *l;
	bool end, same;

	(void)state;
	assert_non_null(p);
	memcpy(p, "\xef\xbb\xbf", 3);
	for (size_t i = 3; i < total; i++)
		p[i] = i % 97 == 0 ? '\n' : 'x';
	all = hash_bytes(p, total);
	in = gzin_open(temp_write("skip", p, total), &err);
	l = lines_open(in, 1000);
	assert_true(lines_next(l, &first, &end, &err) && !end);
	lines_close(l);
	gzin_close(in);

	in = gzin_open(temp_path("skip"), &err);
	l = lines_open(in, 1000);
	assert_true(lines_skip(l, first.end_offset, first.lines,
	    &first.prefix_hash, &same, &err));
	assert_true(same);
	assert_true(lines_next(l, &b, &end, &err) && !end);
	assert_int_equal(b.first_line, first.lines + 1);
	assert_int_equal(b.offset, first.end_offset);
	assert_memory_equal(b.p, p + b.offset, b.n);
	while (lines_next(l, &b, &end, &err) && !end)
		;
	assert_int_equal(b.end_offset, total);
	assert_memory_equal(b.prefix_hash.b, all.b, 16);
	lines_close(l);
	gzin_close(in);

	/* another beginning, or a file that has become shorter */
	in = gzin_open(temp_path("skip"), &err);
	l = lines_open(in, 1000);
	assert_true(lines_skip(l, first.end_offset, first.lines, &other, &same,
	    &err));
	assert_false(same);
	lines_close(l);
	gzin_close(in);
	in = gzin_open(temp_path("skip"), &err);
	l = lines_open(in, 1000);
	assert_true(lines_skip(l, total + 1, 9, &all, &same, &err));
	assert_false(same);
	lines_close(l);
	gzin_close(in);

	/* nothing skipped is the same as not skipping, the BOM too */
	all = hash_bytes("", 0);
	in = gzin_open(temp_path("skip"), &err);
	l = lines_open(in, 1000);
	assert_true(lines_skip(l, 0, 0, &all, &same, &err));
	assert_true(same);
	assert_true(lines_next(l, &b, &end, &err) && !end);
	assert_int_equal(b.offset, 3);
	/* all skipped leaves nothing */
	lines_close(l);
	gzin_close(in);
	all = hash_bytes(p, total);
	in = gzin_open(temp_path("skip"), &err);
	l = lines_open(in, 1000);
	assert_true(lines_skip(l, total, 7, &all, &same, &err) && same);
	assert_true(lines_next(l, &b, &end, &err) && end);
	lines_close(l);
	lines_close(NULL);
	gzin_close(in);
	block_free(&first);
	block_free(&b);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_with_lf_or_crlf_or_the_stream),
		cmocka_unit_test(a_file_may_hold_nothing),
		cmocka_unit_test(a_bom_is_skipped_at_the_start_only),
		cmocka_unit_test(a_line_at_the_cap_is_a_line_and_one_byte_more_is_not),
		cmocka_unit_test(a_long_line_keeps_its_start_and_its_length),
		cmocka_unit_test(long_and_short_lines_mix),
		cmocka_unit_test(the_same_lines_are_cut_the_same_in_other_files),
		cmocka_unit_test(many_long_lines_take_linear_time),
		cmocka_unit_test(memory_is_bounded_by_the_cap),
		cmocka_unit_test(a_block_gives_a_long_lines_memory_back),
		cmocka_unit_test(damage_gives_no_half_line),
		cmocka_unit_test(the_rest_after_a_skip_is_the_rest),
	};

	return cmocka_run_group_tests_name("lines", tests, temp_setup,
	    temp_teardown);
}
