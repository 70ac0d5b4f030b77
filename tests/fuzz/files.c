/*
 * What is read as a file: profiles, lists, gzip.
 */
#include "fuzz.h"

#include <zlib.h>

#include "base/clock.h"
#include "call/decode.h"
#include "io/csvin.h"
#include "io/doc.h"
#include "io/lines.h"
#include "property/files.h"

/* ---- profiles ---- */

struct findings {
	size_t n;
};

static void
take_finding(void *data, const char *text)
{
	struct findings *f = data;

	MUST(text[0] != '\0');
	f->n++;
}

static void
decode_with(const struct profiles *set)
{
	static const char *const line[] = {
		"{\"event\":{\"type\":\"call.completed\",\"data\":{\"call\":{\"id\":\"c\"}}}}",
		"{\"event\":\"call.ended\",\"data\":{\"id\":\"c\",\"list\":[{\"a\":1},null]}}",
		"{\"provider\":\"p\",\"kind\":\"detail\",\"call_id\":\"c\",\"body\":{\"id\":\"c\"}}",
		"[]",
	};
	struct decoder *d = decoder_open(set);
	struct decode_warnings w = { 0 };
	struct decode_out out;
	struct arena a;

	MUST(d != NULL);
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		char *p = padded_copy(str_of(line[i]));

		if (decode_line(d, (struct str){ p, strlen(line[i]) }, &a, &w,
		    &out) == DECODED_EVENT)
			must_be_event(out.event);
		free(p);
	}
	arena_close(&a);
	decoder_close(d);
}

/* A profile that the check finds nothing wrong with can be loaded, and no other. */
void
fuzz_profiles(struct str input)
{
	struct file f = file_of(input);
	struct findings findings = { 0 };
	struct err err = ERR_INIT, check_err = ERR_INIT;
	struct profiles *set = profiles_load_file(f.path, &err);
	bool good = profile_check(f.path, take_finding, &findings, &check_err);

	MUST(good == (findings.n == 0));
	MUST(good == (set != NULL));
	MUST(set != NULL || err.text[0] != '\0');
	if (set != NULL)
		decode_with(set);
	profiles_free(set);
	file_close(&f);
}

/* ---- lists ---- */

struct list {
	size_t columns, rows;
	int64_t line;
};

static bool
take_row(void *data, const struct csvin_row *row, bool is_header, struct err *err)
{
	struct list *l = data;
	struct arena a;

	(void)err;
	MUST(is_header == (l->rows == 0));
	l->columns = is_header ? row->n : l->columns;
	MUST(row->n == l->columns && row->line > l->line);
	l->line = row->line;
	l->rows++;
	arena_init(&a, 0);
	for (size_t i = 0; i < row->n; i++) {
		struct str cell = str_trim(row->cells[i]);

		must_be_storable(row->cells[i]);
		if (cell.n > 0 && cell.n <= CALL_ID_MAX_BYTES)
			must_be_event(decode_override(all_profiles(), &a, STR("p"),
			    cell, str_trim(row->cells[0]), cell, TIME_MIN));
	}
	arena_close(&a);
	return true;
}

void
fuzz_lists(struct str input)
{
	struct file f = file_of(input);
	struct list l = { 0 };
	struct err err = ERR_INIT;

	if (!csvin_read(f.path, 1 << 20, take_row, &l, &err))
		MUST(err.text[0] != '\0');
	file_close(&f);
}

/* ---- gzip ---- */

enum { PLAIN_MOST = 1 << 20 };

/* ISA-L passes over flags of a member that have no meaning yet; zlib does not. */
static void
clear_reserved_flags(z_stream *z)
{
	if (z->avail_in > 3)
		z->next_in[3] &= 0x1f;
}

/*
 * All that zlib makes of the file, at most PLAIN_MOST bytes: members behind
 * each other, zeros behind the last one. Returns false when it is damaged.
 */
static bool
inflate_all(struct str file, char *out, size_t *n)
{
	char *copy = padded_copy(file);
	z_stream z = { .next_in = (unsigned char *)copy,
		.avail_in = (unsigned)file.n, .next_out = (unsigned char *)out,
		.avail_out = PLAIN_MOST };
	int r;

	MUST(inflateInit2(&z, MAX_WBITS + 16) == Z_OK);
	clear_reserved_flags(&z);
	while ((r = inflate(&z, Z_NO_FLUSH)) == Z_STREAM_END) {
		if (z.avail_in == 0 || *z.next_in != 0x1f)
			break;
		(void)inflateReset(&z);
		clear_reserved_flags(&z);
	}
	*n = PLAIN_MOST - z.avail_out;
	for (; r == Z_STREAM_END && z.avail_in > 0; z.avail_in--)
		if (*z.next_in++ != 0)
			r = Z_DATA_ERROR;
	(void)inflateEnd(&z);
	free(copy);
	return r == Z_STREAM_END;
}

/* The stream in pieces whose sizes the seed tells; at most PLAIN_MOST bytes. */
static size_t
read_all(struct gzin *in, char *out, unsigned seed)
{
	struct err err = ERR_INIT;
	size_t n = 0, got = 1;

	while (got > 0 && n < PLAIN_MOST) {
		size_t want = seed % 7 == 0 ? 1 : 1 + (seed * 2654435761u >> 20);

		want = want < PLAIN_MOST - n ? want : PLAIN_MOST - n;
		MUST(gzin_read(in, out + n, want, &got, &err));
		MUST(got <= want);
		n += got;
		seed = seed * 5 + 1;
	}
	return n;
}

/* What zlib takes for whole is whole here, the same bytes; what it does not is damaged. */
static void
must_inflate(struct str file, unsigned seed)
{
	static char *want, *is;
	struct file f = file_of(file);
	struct err err = ERR_INIT;
	struct gzin *in = gzin_open(f.path, &err);
	size_t n_want, n_is;
	bool whole;

	if (want == NULL)
		MUST((want = malloc(PLAIN_MOST)) && (is = malloc(PLAIN_MOST)));
	MUST(in != NULL);
	n_is = read_all(in, is, seed);
	if (gzin_is_gzip(in)) {
		whole = inflate_all(file, want, &n_want);
		if (n_is < PLAIN_MOST && n_want < PLAIN_MOST) {
			MUST(whole == (gzin_damage(in) == NULL));
			MUST(!whole || n_is == n_want);
		}
		n_want = n_is < n_want ? n_is : n_want;
		MUST(memcmp(want, is, n_want) == 0);
	} else {
		MUST(n_is == (file.n < PLAIN_MOST ? file.n : PLAIN_MOST));
		MUST(n_is == 0 || memcmp(is, file.p, n_is) == 0);
	}
	gzin_close(in);
	file_close(&f);
}

/* Blocks follow each other; gone on from the end of one, the rest is found. */
static void
must_be_blocks(struct str file, size_t max_line)
{
	struct file f = file_of(file);
	struct err err = ERR_INIT;
	struct gzin *in = gzin_open(f.path, &err);
	struct lines *l = lines_open(in, max_line);
	struct block b = { 0 };
	uint64_t at = 0;
	int64_t line = 0;
	bool end = false, same;

	for (int i = 0; i < 1000 && lines_next(l, &b, &end, &err) && !end; i++) {
		MUST(b.offset == at || (i == 0 && b.offset == 3));
		MUST(b.end_offset > b.offset && b.first_line == line + 1);
		MUST(b.lines > 0 && (b.long_bytes == 0 || b.lines == 1));
		at = b.end_offset;
		line += b.lines;
	}
	MUST(err.kind == ERR_NONE);
	lines_close(l);
	gzin_close(in);
	in = gzin_open(f.path, &err);
	l = lines_open(in, max_line);
	if (line > 0) {
		MUST(lines_skip(l, at, line, &b.prefix_hash, &same, &err));
		MUST(same || end);	/* at the end b tells of nothing */
	}
	lines_close(l);
	gzin_close(in);
	block_free(&b);
	file_close(&f);
}

/* The first byte tells how it is read, the rest is the file. */
void
fuzz_gzip(struct str input)
{
	if (input.n == 0)
		return;
	must_inflate(str_from(input, 1), (unsigned char)input.p[0]);
	must_be_blocks(str_from(input, 1), (unsigned char)input.p[0] * 8u + 1);
}
