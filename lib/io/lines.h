/*
 * lines: a gzin cut into blocks of whole lines.
 *
 * A line ends with LF; CR before it belongs to the end; the last line may
 * lack it, unless the stream ended in damage: then it is no line. A UTF-8
 * BOM at the start of the stream is skipped (it counts in offsets and
 * hashes). A line longer than the cap (without its line end) is given as a
 * block of its own: only its first LINES_LONG_KEEP bytes, its true length
 * counted. A block and what is read ahead of it take each at most the cap
 * or LINES_BLOCK_BYTES, whichever is greater.
 *
 * Where a block ends is told by what stands in its lines and, where that says
 * nothing for long, by the limits below: so the same run of lines is cut into
 * the same blocks in whatever file it stands, but for the first and last ones.
 */
#ifndef CALLTALLY_IO_LINES_H
#define CALLTALLY_IO_LINES_H

#include "io/gzin.h"

enum {
	LINES_BLOCK_BYTES = 1024 * 1024,	/* of a block at most; one long line may exceed it */
	LINES_BLOCK_LINES = 512,	/* the same */
	LINES_LONG_KEEP = 64 * 1024,
};

/*
 * A run of whole lines. lines_next may give it other memory, so nothing may
 * point into a block across a call; block_free releases it.
 */
struct block {
	char *p;		/* lines with their LF, then DOC_PADDING_BYTES zero bytes */
	size_t n;		/* bytes of whole lines; of a long line, those kept */
	size_t cap;
	int64_t first_line;	/* number of the first line, from 1 */
	uint64_t offset;	/* plain bytes of the stream before it */
	uint64_t end_offset;	/* plain bytes of the stream up to its end (past n for a long line) */
	int64_t lines;		/* lines in it; of a long-line block, 1 */
	uint64_t long_bytes;	/* not 0: one line beyond the cap, of so many bytes without its end */
	bool ends_with_lf;	/* false: the last line of the stream had none */
	struct id128 prefix_hash;	/* hash of the stream's plain bytes up to end_offset */
};

/* Bytes of the stream that it stands for, those of a long line that were not kept included. */
static inline uint64_t
block_bytes(const struct block *b)
{
	return b->end_offset - b->offset;
}

struct lines;

/* in stays the caller's and must outlive it. max_line_bytes is the cap. NULL: out of memory. */
struct lines *lines_open(struct gzin *in, size_t max_line_bytes);
void lines_close(struct lines *);

/* Blocks of at most so many lines, instead of LINES_BLOCK_LINES. Before the first lines_next. */
void lines_limit(struct lines *, int64_t block_lines);

/*
 * Skips the first plain_bytes of the stream, which must hold skip_lines whole
 * lines, without looking into them, and tells through *same whether their
 * hash is want. To be called before the first lines_next; again only for more
 * bytes. After *same == false no lines can be had: open the stream anew.
 */
bool lines_skip(struct lines *, uint64_t plain_bytes, int64_t skip_lines,
    const struct id128 *want, bool *same, struct err *);

/*
 * Passes, behind lines_skip, over the end of a line that had none when it was
 * counted: LF or CR LF. *passed is false when something else stands there.
 */
bool lines_skip_end(struct lines *, bool *passed, struct err *);

/*
 * Fills *b (zeroed before its first use; its memory is reused and grown) with
 * the next lines. At the end, also at damage, sets *end and gives none.
 */
bool lines_next(struct lines *, struct block *b, bool *end, struct err *);

void block_free(struct block *);

#endif
