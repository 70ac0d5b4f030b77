/*
 * Files: however a text is cut into gzip members, blocks and lines, its lines
 * come out as they are; what is cut off gives the whole lines before the cut;
 * from every place of the ledger the rest is found, and a stream that is
 * another is told.
 */
#include "property.h"

#include <stdlib.h>

#include "files.h"
#include "io/doc.h"
#include "io/gzin.h"
#include "io/lines.h"
#include "unit/gzip.h"

enum { TEXT_MOST = 1 << 16, LINES_MOST = 2000 };

struct line {
	uint64_t offset;
	size_t n;		/* without its end */
	bool too_long;
};

/* A text and the lines that it has, found in the plainest way. */
struct sample {
	struct str text;
	size_t max_line;
	struct line line[LINES_MOST];
	size_t lines;
};

static void
put_line(struct trial *t, char *p, size_t *n)
{
	static const uint32_t length[] = { 0, 1, 20, 200, 3000 };
	uint32_t most = length[rng_below(&t->rng, 5)];
	uint32_t bytes = most == 0 ? 0 : rng_below(&t->rng, most);

	for (uint32_t i = 0; i < bytes; i++)
		p[(*n)++] = "ab\r{}\xef\xbb\xbf\0"[rng_below(&t->rng, 9)];
}

static size_t
begin_of(struct str text)
{
	return str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
}

static void
find_lines(struct sample *s)
{
	size_t at = begin_of(s->text);

	s->lines = 0;
	while (at < s->text.n) {
		const char *lf = memchr(s->text.p + at, '\n', s->text.n - at);
		size_t end = lf != NULL ? (size_t)(lf - s->text.p) : s->text.n;
		size_t text = end - at;

		if (lf != NULL && text > 0 && s->text.p[end - 1] == '\r')
			text--;
		s->line[s->lines++] = (struct line){ at, end - at,
			text > s->max_line };
		at = end + (lf != NULL);
	}
}

static struct sample *
random_sample(struct trial *t)
{
	struct sample *s = trial_alloc(t, sizeof(*s));
	char *p = trial_alloc(t, TEXT_MOST + 4096);
	size_t lines = rng_below(&t->rng, rng_chance(&t->rng, 100) ? 1500 : 40), n = 0;

	if (rng_chance(&t->rng, 200)) {
		memcpy(p, "\xef\xbb\xbf", 3);
		n = 3;
	}
	for (size_t i = 0; i < lines && n < TEXT_MOST; i++) {
		put_line(t, p, &n);
		if (i + 1 < lines || rng_chance(&t->rng, 700))
			p[n++] = '\n';
	}
	if (n >= 2 && p[0] == '\x1f')	/* would be gzip */
		p[0] = 'x';
	s->text = (struct str){ p, n };
	s->max_line = rng_chance(&t->rng, 500) ? 1 << 20 : 1 + rng_below(&t->rng, 200);
	find_lines(s);
	return s;
}

/* The text as a file: plain, or in members of any size, empty ones too, and padding. */
static struct str
pack(struct trial *t, struct str text)
{
	size_t room = 2 * text.n + 4096, n = 0, at = 0;
	unsigned char *p = trial_alloc(t, room);

	if (rng_chance(&t->rng, 250) || text.n == 0)
		return text;
	while (at < text.n) {
		size_t some = rng_chance(&t->rng, 500) ? text.n - at :
		    rng_below(&t->rng, (uint32_t)(text.n - at + 1));

		if (room - n < some + 1024)
			some = text.n - at;
		n += gzip_member(p + n, room - n, text.p + at, some,
		    (int)rng_below(&t->rng, 10));
		at += some;
	}
	if (rng_chance(&t->rng, 200)) {
		memset(p + n, 0, 100);
		n += 100;
	}
	return (struct str){ (char *)p, n };
}

struct reading {
	struct file file;
	struct gzin *in;
	struct lines *lines;
	struct block block;
	struct err err;
};

static bool
reading_open(struct reading *r, struct str bytes, size_t max_line)
{
	*r = (struct reading){ .file = file_of(bytes), .err = ERR_INIT };
	r->in = gzin_open(r->file.path, &r->err);
	r->lines = r->in != NULL ? lines_open(r->in, max_line) : NULL;
	return r->lines != NULL;
}

static void
reading_close(struct reading *r)
{
	lines_close(r->lines);
	gzin_close(r->in);
	block_free(&r->block);
	file_close(&r->file);
}

/* Compares a block with the lines from number first on; moves *at behind it. */
static bool
is_block(struct trial *t, const struct sample *s, const struct block *b, size_t *at)
{
	const struct line *l = &s->line[*at];

	CHECK(t, *at < s->lines && b->lines > 0 &&
	    *at + (size_t)b->lines <= s->lines, "too many lines");
	CHECK(t, b->first_line == (int64_t)*at + 1 && b->offset == l->offset,
	    "line %zu is at another place", *at + 1);
	*at += (size_t)b->lines;
	CHECK(t, b->end_offset == (*at < s->lines ? s->line[*at].offset : s->text.n),
	    "block ends elsewhere");
	CHECK(t, b->ends_with_lf == (s->text.p[b->end_offset - 1] == '\n'),
	    "line end");
	CHECK(t, (b->long_bytes != 0) == l->too_long, "line %zu and the cap", *at);
	if (l->too_long)
		CHECK(t, b->n <= l->n && b->n <= LINES_LONG_KEEP &&
		    memcmp(b->p, s->text.p + l->offset, b->n) == 0, "its start");
	else
		CHECK(t, b->n == b->end_offset - b->offset &&
		    memcmp(b->p, s->text.p + b->offset, b->n) == 0, "its bytes");
	for (size_t i = 0; i < DOC_PADDING_BYTES; i++)
		CHECK(t, b->p[b->n + i] == '\0', "padding");
	return true;
}

static bool
is_rest(struct trial *t, const struct sample *s, struct reading *r, size_t *at)
{
	bool end = false;

	for (;;) {
		CHECK(t, lines_next(r->lines, &r->block, &end, &r->err), "%s",
		    r->err.text);
		if (end)
			return true;
		if (!is_block(t, s, &r->block, at))
			return false;
	}
}

static bool
lines_come_out_as_they_went_in(struct trial *t)
{
	struct sample *s = random_sample(t);
	struct reading r;
	size_t at = 0;

	CHECK(t, reading_open(&r, pack(t, s->text), s->max_line), "%s", r.err.text);
	if (!is_rest(t, s, &r, &at))
		return false;
	CHECK(t, at == s->lines, "%zu of %zu lines", at, s->lines);
	CHECK(t, gzin_damage(r.in) == NULL, "%s", gzin_damage(r.in));
	reading_close(&r);
	return true;
}

/* Whether a file inflates to its end; *plain: how far. */
static bool
is_whole(struct trial *t, struct str file, size_t *plain)
{
	char *p = trial_alloc(t, TEXT_MOST);
	struct reading r;
	size_t n = 1;
	bool whole = reading_open(&r, file, TEXT_MOST);

	while (whole && n > 0)
		whole = gzin_read(r.in, p, TEXT_MOST, &n, &r.err);
	whole = whole && gzin_damage(r.in) == NULL;
	*plain = (size_t)gzin_plain_bytes(r.in);
	reading_close(&r);
	return whole;
}

/*
 * Of a gzip file that is cut off anywhere, the whole lines that came before
 * the cut and no other. Cut off between two members, it is a shorter file.
 */
static bool
what_is_cut_off_gives_whole_lines(struct trial *t)
{
	struct sample *s = random_sample(t);
	struct str file = pack(t, s->text);
	size_t at = 0, plain, lines = 0;
	struct reading r;
	bool whole;

	if (file.n < 2 || file.p[0] != '\x1f')
		return true;
	file.n = 1 + rng_next(&t->rng) % (file.n - 1);
	whole = is_whole(t, file, &plain);
	if (whole) {
		s->text.n = plain;
		find_lines(s);
	}
	while (lines < s->lines && s->line[lines].offset + s->line[lines].n +
	    !whole <= plain)
		lines++;
	CHECK(t, reading_open(&r, file, s->max_line), "%s", r.err.text);
	if (!is_rest(t, s, &r, &at))
		return false;
	CHECK(t, at == lines, "%zu of %zu lines", at, lines);
	CHECK(t, whole == (gzin_damage(r.in) == NULL), "damage");
	CHECK(t, gzin_raw_bytes(r.in) == file.n, "%zu bytes", file.n);
	reading_close(&r);
	return true;
}

static bool
the_rest_is_found_from_every_place(struct trial *t)
{
	struct sample *s = random_sample(t);
	size_t at = s->lines == 0 ? 0 : rng_below(&t->rng, (uint32_t)s->lines);
	uint64_t place = at < s->lines ? s->line[at].offset : begin_of(s->text);
	struct id128 hash = hash_bytes(s->text.p, place);
	char *other = trial_alloc(t, s->text.n + 1);
	struct reading r;
	bool same;

	CHECK(t, reading_open(&r, pack(t, s->text), s->max_line), "%s", r.err.text);
	CHECK(t, lines_skip(r.lines, place, (int64_t)at, &hash, &same, &r.err) &&
	    same, "not the same");
	if (!is_rest(t, s, &r, &at))
		return false;
	CHECK(t, at == s->lines, "%zu of %zu lines", at, s->lines);
	reading_close(&r);
	if (place == 0)
		return true;
	memcpy(other, s->text.p, s->text.n);
	other[rng_next(&t->rng) % place] ^= (char)(1 << rng_below(&t->rng, 3));
	CHECK(t, reading_open(&r, pack(t, (struct str){ other, s->text.n }),
	    s->max_line), "%s", r.err.text);
	CHECK(t, lines_skip(r.lines, place, (int64_t)at, &hash, &same, &r.err) &&
	    !same, "another stream is taken for the same");
	reading_close(&r);
	return true;
}

/* Whatever is wrong with a file: an end, whole lines, and the damage told or none. */
static bool
a_spoiled_file_has_an_end(struct trial *t)
{
	struct sample *s = random_sample(t);
	struct str file = pack(t, s->text);
	char *p = trial_alloc(t, file.n + 1);
	uint64_t plain = 0;
	struct reading r;
	bool end = false;

	memcpy(p, file.p, file.n);
	for (uint32_t i = 1 + rng_below(&t->rng, 4); i > 0 && file.n > 0; i--)
		p[rng_next(&t->rng) % file.n] = (char)rng_next(&t->rng);
	CHECK(t, reading_open(&r, (struct str){ p, file.n }, s->max_line), "%s",
	    r.err.text);
	while (!end) {
		CHECK(t, lines_next(r.lines, &r.block, &end, &r.err), "%s",
		    r.err.text);
		CHECK(t, end || r.block.offset >= plain, "back");
		plain = end ? plain : r.block.end_offset;
	}
	CHECK(t, plain <= gzin_plain_bytes(r.in), "more than there is");
	reading_close(&r);
	return true;
}

const struct property stream_properties[] = {
	{ "lines come out as they went in", lines_come_out_as_they_went_in, 2 },
	{ "what is cut off gives whole lines", what_is_cut_off_gives_whole_lines, 2 },
	{ "the rest is found from every place",
	    the_rest_is_found_from_every_place, 2 },
	{ "a spoiled file has an end", a_spoiled_file_has_an_end, 2 },
	{ NULL, NULL, 1 },
};
