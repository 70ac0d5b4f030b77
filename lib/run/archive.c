#include "run/archive.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/doc.h"
#include "io/lines.h"
#include "run/ingest.h"

struct archive {
	struct gzin *in;
	struct lines *lines;
	struct decoder *decoder;
	struct decode_warnings warnings;
	struct progress *progress;
	size_t max_line_bytes;
	uint64_t raw_told;		/* bytes that progress knows of */
	struct block block;
	struct str rest;		/* of the block */
	int64_t line;
	uint64_t offset;
};

struct archive *
archive_open(const char *path, const struct profiles *profiles,
    size_t max_line_bytes, struct progress *progress, struct err *err)
{
	struct archive *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_nomem(err);
		return NULL;
	}
	a->progress = progress;
	a->max_line_bytes = max_line_bytes ? max_line_bytes :
	    INGEST_MAX_LINE_BYTES;
	if ((a->in = gzin_open(path, err)) == NULL) {
		archive_close(a);
		return NULL;
	}
	a->lines = lines_open(a->in, a->max_line_bytes);
	a->decoder = decoder_open(profiles);
	if (a->lines == NULL || a->decoder == NULL) {
		archive_close(a);
		err_nomem(err);
		return NULL;
	}
	return a;
}

void
archive_keep_transcripts(struct archive *a)
{
	decoder_keep_transcripts(a->decoder);
}

void
archive_close(struct archive *a)
{
	if (a == NULL)
		return;
	block_free(&a->block);
	lines_close(a->lines);
	gzin_close(a->in);
	decoder_close(a->decoder);
	free(a);
}

/* Moves the progress by a block; false when it is time to stop. */
static bool
tell(struct archive *a, struct err *err)
{
	struct progress *p = a->progress;
	uint64_t raw = gzin_raw_bytes(a->in);

	if (p == NULL)
		return true;
	atomic_fetch_add(&p->raw_bytes_done, raw - a->raw_told);
	atomic_fetch_add(&p->plain_bytes, block_bytes(&a->block));
	atomic_fetch_add(&p->lines, (uint64_t)a->block.lines);
	a->raw_told = raw;
	return progress_goes_on(p, err);
}

static bool
next_block(struct archive *a, bool *end, struct err *err)
{
	if (!lines_next(a->lines, &a->block, end, err))
		return false;
	if (*end)
		return true;
	a->rest = (struct str){ a->block.p, a->block.n };
	a->line = a->block.first_line - 1;
	a->offset = a->block.offset;
	return tell(a, err);
}

/* A line beyond the cap is a block of its own. */
static void
take_long(struct archive *a, struct archive_line *l)
{
	*l = (struct archive_line){
		.line = a->block.first_line,
		.offset = a->block.offset,
		.bytes = a->block.long_bytes,
		.raw = a->rest,
		.too_long = true,
	};
	a->rest = (struct str){ NULL, 0 };
}

static void
take_line(struct archive *a, struct archive_line *l)
{
	const char *lf = memchr(a->rest.p, '\n', a->rest.n);
	size_t n = lf != NULL ? (size_t)(lf - a->rest.p) : a->rest.n;

	*l = (struct archive_line){
		.line = ++a->line,
		.offset = a->offset,
		.bytes = n,
		.raw = { a->rest.p, n },
	};
	a->offset += n + (lf != NULL);
	a->rest = str_from(a->rest, n + (lf != NULL));
}

bool
archive_next(struct archive *a, struct archive_line *l, bool *end,
    struct err *err)
{
	*end = false;
	while (a->rest.n == 0) {
		if (!next_block(a, end, err))
			return false;
		if (*end)
			return true;
	}
	if (a->block.long_bytes != 0)
		take_long(a, l);
	else
		take_line(a, l);
	return true;
}

enum decode_result
archive_decode(struct archive *a, const struct archive_line *l,
    struct arena *arena, struct decode_out *out)
{
	if (!l->too_long)
		return decode_line(a->decoder, l->raw, arena, &a->warnings,
		    out);
	*out = (struct decode_out){ .reason = REJECT_TOO_LONG };
	(void)snprintf(out->message, sizeof(out->message),
	    "%llu bytes, the cap is %zu", (unsigned long long)l->bytes,
	    a->max_line_bytes);
	return DECODED_REJECT;
}

const char *
archive_damage(const struct archive *a)
{
	return gzin_damage(a->in);
}

bool
archive_begins_with(const char *path, const struct source_row *row,
    size_t max_line_bytes, bool *same, struct err *why)
{
	struct err ignored = ERR_INIT;
	struct gzin *in;
	struct lines *lines;
	bool ok;

	*same = false;
	if (why == NULL)
		why = &ignored;
	if ((in = gzin_open(path, why)) == NULL)
		return false;
	lines = lines_open(in, max_line_bytes ? max_line_bytes :
	    INGEST_MAX_LINE_BYTES);
	ok = lines != NULL ? lines_skip(lines, (uint64_t)row->done_bytes,
	    row->counts.lines, &row->done_hash, same, why) : err_nomem(why);
	lines_close(lines);
	gzin_close(in);
	return ok;
}
