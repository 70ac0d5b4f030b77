#include "io/lines.h"

#include <stdlib.h>

#include "io/doc.h"

enum {
	PIECE_BYTES = 256 * 1024,	/* of a line that is not kept */
	FILL_BYTES = 64 * 1024,		/* read at a time, or a quarter of what is there */
	CUT_LINES = 256,		/* or CUT_BYTES: before a block may end, and as many more until */
	CUT_BYTES = 256 * 1024,		/* it does, on average */
	BOM_BYTES = 3,
	MAX_BLOCK_KEEP = 2 * LINES_BLOCK_BYTES,
};

struct lines {
	struct gzin *in;
	size_t max_line;
	int64_t block_lines;
	struct hash_stream *hash;	/* of all up to offset */
	uint64_t offset;		/* plain bytes given out */
	int64_t line;			/* lines given out */
	bool begun;			/* past the place of a BOM */
	bool ended;
	char *rest;			/* read, not given out: [rest_at, rest_n) */
	size_t rest_at, rest_n, rest_cap;
};

struct lines *
lines_open(struct gzin *in, size_t max_line_bytes)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->in = in;
	l->max_line = max_line_bytes < SIZE_MAX / 4 ?
	    max_line_bytes : SIZE_MAX / 4;
	l->block_lines = LINES_BLOCK_LINES;
	if ((l->hash = hash_stream_open()) == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
lines_close(struct lines *l)
{
	if (l == NULL)
		return;
	hash_stream_close(l->hash);
	free(l->rest);
	free(l);
}

void
lines_limit(struct lines *l, int64_t block_lines)
{
	l->block_lines = block_lines;
}

void
block_free(struct block *b)
{
	free(b->p);
	*b = (struct block){ .p = NULL };
}

/* Grows memory to n bytes; what was in it stays. */
static bool
grow(char **p, size_t *cap, size_t n, struct err *err)
{
	char *grown;

	if (*cap >= n)
		return true;
	if ((grown = realloc(*p, n)) == NULL)
		return err_nomem(err);
	*p = grown;
	*cap = n;
	return true;
}

/* Reads until *n is want or the stream ends (l->ended). */
static bool
read_up_to(struct lines *l, char *p, size_t *n, size_t want, struct err *err)
{
	size_t got;

	while (*n < want && !l->ended) {
		if (!gzin_read(l->in, p + *n, want - *n, &got, err))
			return false;
		l->ended = got == 0;
		*n += got;
	}
	return true;
}

/* Counts n bytes of the stream as given out. */
static void
consume(struct lines *l, const char *p, size_t n)
{
	hash_stream_add(l->hash, p, n);
	l->offset += n;
}

/* Reads the start of the stream and passes over a BOM. */
static bool
begin(struct lines *l, struct err *err)
{
	l->begun = true;
	if (!grow(&l->rest, &l->rest_cap, PIECE_BYTES, err) ||
	    !read_up_to(l, l->rest, &l->rest_n, BOM_BYTES, err))
		return false;
	if (l->rest_n == BOM_BYTES &&
	    memcmp(l->rest, "\xef\xbb\xbf", BOM_BYTES) == 0) {
		consume(l, l->rest, BOM_BYTES);
		l->rest_at = BOM_BYTES;
	}
	return true;
}

bool
lines_skip(struct lines *l, uint64_t plain_bytes, int64_t skip_lines,
    const struct id128 *want, bool *same, struct err *err)
{
	struct id128 is;

	*same = false;
	if (plain_bytes > 0)
		l->begun = true;
	if (!grow(&l->rest, &l->rest_cap, PIECE_BYTES, err))
		return false;
	while (l->offset < plain_bytes && !l->ended) {
		uint64_t left = plain_bytes - l->offset;
		size_t n = 0;

		if (!read_up_to(l, l->rest, &n,
		    left < PIECE_BYTES ? (size_t)left : PIECE_BYTES, err))
			return false;
		consume(l, l->rest, n);
	}
	l->line = skip_lines;
	is = hash_stream_digest(l->hash);
	*same = l->offset == plain_bytes && id128_cmp(&is, want) == 0;
	return true;
}

bool
lines_skip_end(struct lines *l, bool *passed, struct err *err)
{
	size_t n;

	l->rest_at = l->rest_n = 0;
	if (!read_up_to(l, l->rest, &l->rest_n, 2, err))
		return false;
	n = l->rest_n == 2 && memcmp(l->rest, "\r\n", 2) == 0 ? 2 :
	    l->rest_n > 0 && l->rest[0] == '\n';
	*passed = n > 0 || l->rest_n == 0;
	consume(l, l->rest, n);
	l->rest_at = n;
	return true;
}

struct cut {
	size_t n;	/* bytes of whole lines, none beyond the cap */
	int64_t lines;
	bool ends;	/* the block has all its lines */
	bool too_long;	/* what follows begins with a line beyond the cap */
};

/* A line's bytes without CR; n are those before the LF. */
static size_t
text_bytes(const char *p, size_t n)
{
	return n > 0 && p[n - 1] == '\r' ? n - 1 : n;
}

/* Whether a block that is long enough ends with this line: by what is in it. */
static bool
is_last_line(const char *p, size_t n)
{
	size_t least = CUT_BYTES / CUT_LINES;

	return hash_word(p, n) % CUT_BYTES < (n > least ? n : least);
}

/* Adds the next line, of n bytes before its LF, unless it is for another block. */
static void
add_line(const struct lines *l, const char *p, size_t n, struct cut *c)
{
	c->too_long = n > l->max_line && text_bytes(p, n) > l->max_line;
	if (c->too_long || (c->n > 0 && c->n + n >= LINES_BLOCK_BYTES)) {
		c->ends = true;
		return;
	}
	c->n += n + 1;
	c->lines++;
	c->ends = c->lines >= l->block_lines ||
	    ((c->lines >= CUT_LINES || c->n >= CUT_BYTES) && is_last_line(p, n));
}

/* Goes on, behind what c has, with the n bytes at p. */
static void
cut_lines(const struct lines *l, const char *p, size_t n, struct cut *c)
{
	const char *lf;

	while (!c->ends &&
	    (lf = memchr(p + c->n, '\n', n - c->n)) != NULL)
		add_line(l, p + c->n, (size_t)(lf - p) - c->n, c);
	if (c->ends)
		return;
	/* One byte more than the cap may yet be a CR before its LF. */
	c->too_long = n - c->n > l->max_line + 1;
	c->ends = c->too_long || (c->n > 0 && n >= LINES_BLOCK_BYTES);
}

/* Starts a block at the place that the stream has come to. */
static void
begin_block(const struct lines *l, struct block *b)
{
	b->first_line = l->line + 1;
	b->offset = l->offset;
	b->long_bytes = 0;
	b->ends_with_lf = true;
}

/* Completes it: n bytes are in place and consumed. */
static void
end_block(struct lines *l, struct block *b, size_t n, int64_t lines)
{
	b->n = n;
	b->lines = lines;
	l->line += lines;
	b->end_offset = l->offset;
	b->prefix_hash = hash_stream_digest(l->hash);
	memset(b->p + n, 0, DOC_PADDING_BYTES);
}

/* Gives the whole lines that the rest holds already. */
static bool
give_from_rest(struct lines *l, struct block *b, struct cut c, struct err *err)
{
	if (!grow(&b->p, &b->cap, c.n + DOC_PADDING_BYTES, err))
		return false;
	memcpy(b->p, l->rest + l->rest_at, c.n);
	l->rest_at += c.n;
	begin_block(l, b);
	consume(l, b->p, c.n);
	end_block(l, b, c.n, c.lines);
	return true;
}

/*
 * Moves the rest, in which c found no end of the block, to b and reads on
 * until there is one, or the stream ends. b->n is what was read.
 */
static bool
fill(struct lines *l, struct block *b, struct cut *c, struct err *err)
{
	size_t most = l->max_line + 2, want;

	if (most < LINES_BLOCK_BYTES)
		most = LINES_BLOCK_BYTES;
	b->n = l->rest_n - l->rest_at;
	do {
		want = b->n + (b->n / 4 > FILL_BYTES ? b->n / 4 : FILL_BYTES);
		if (want > most)
			want = most;
		if (!grow(&b->p, &b->cap, want + DOC_PADDING_BYTES, err))
			return false;
		if (l->rest_n > l->rest_at)
			memcpy(b->p, l->rest + l->rest_at, b->n);
		l->rest_at = l->rest_n = 0;
		if (!read_up_to(l, b->p, &b->n, want, err))
			return false;
		cut_lines(l, b->p, b->n, c);
	} while (!c->ends && !l->ended);
	return true;
}

/* Gives the whole lines at the start of what was filled, and keeps the rest. */
static bool
give_filled(struct lines *l, struct block *b, struct cut c, struct err *err)
{
	size_t n = b->n - c.n;

	if (!grow(&l->rest, &l->rest_cap, n, err))
		return false;
	if (n > 0)
		memcpy(l->rest, b->p + c.n, n);
	l->rest_n = n;
	begin_block(l, b);
	consume(l, b->p, c.n);
	end_block(l, b, c.n, c.lines);
	return true;
}

/* Makes what was filled the rest again, without copying it. */
static void
swap_to_rest(struct lines *l, struct block *b)
{
	char *p = l->rest;
	size_t cap = l->rest_cap;

	l->rest = b->p;
	l->rest_cap = b->cap;
	l->rest_at = 0;
	l->rest_n = b->n;
	b->p = p;
	b->cap = cap;
	b->n = 0;
}

/* The rest begins with a line beyond the cap: keeps its start, passes over it. */
static bool
give_long_line(struct lines *l, struct block *b, bool *end, struct err *err)
{
	uint64_t total = 0;
	size_t kept = 0;
	bool lf = false, cr = false;

	if (!grow(&b->p, &b->cap, LINES_LONG_KEEP + DOC_PADDING_BYTES, err) ||
	    !grow(&l->rest, &l->rest_cap, PIECE_BYTES, err))
		return false;
	begin_block(l, b);
	for (;;) {
		const char *p = l->rest + l->rest_at, *found;
		size_t n = l->rest_n - l->rest_at, keep;

		found = memchr(p, '\n', n);
		lf = found != NULL;
		if (lf)
			n = (size_t)(found - p);
		keep = n < LINES_LONG_KEEP - kept ? n : LINES_LONG_KEEP - kept;
		memcpy(b->p + kept, p, keep);
		kept += keep;
		total += n;
		if (n > 0)
			cr = p[n - 1] == '\r';
		consume(l, p, n + lf);
		l->rest_at += n + lf;
		if (lf || l->ended)
			break;
		l->rest_at = l->rest_n = 0;
		if (!read_up_to(l, l->rest, &l->rest_n, PIECE_BYTES, err))
			return false;
	}
	if (!lf && gzin_damage(l->in) != NULL) {
		*end = true;
		return true;
	}
	b->ends_with_lf = lf;
	b->long_bytes = total - (lf && cr);
	end_block(l, b, kept < b->long_bytes ? kept : (size_t)b->long_bytes, 1);
	return true;
}

/* The stream has ended; b holds what is behind its last LF. */
static bool
give_last(struct lines *l, struct block *b, bool *end, struct err *err)
{
	struct cut c = { .n = b->n, .lines = 1 };

	if (b->n == 0 || gzin_damage(l->in) != NULL) {
		*end = true;
		return true;
	}
	if (b->n > l->max_line) {
		swap_to_rest(l, b);
		return give_long_line(l, b, end, err);
	}
	if (!give_filled(l, b, c, err))
		return false;
	b->ends_with_lf = false;
	return true;
}

bool
lines_next(struct lines *l, struct block *b, bool *end, struct err *err)
{
	struct cut c = { .n = 0 };

	*end = false;
	if (b->cap > MAX_BLOCK_KEEP)	/* a single line was that long */
		block_free(b);
	if (!l->begun && !begin(l, err))
		return false;
	cut_lines(l, l->rest + l->rest_at, l->rest_n - l->rest_at, &c);
	if (c.ends)
		return c.n > 0 ? give_from_rest(l, b, c, err) :
		    give_long_line(l, b, end, err);
	if (!fill(l, b, &c, err))
		return false;
	if (c.n > 0)
		return give_filled(l, b, c, err);
	if (c.too_long) {
		swap_to_rest(l, b);
		return give_long_line(l, b, end, err);
	}
	return give_last(l, b, end, err);
}
