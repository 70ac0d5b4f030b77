/*
 * part: a block of lines and what was decoded from it.
 *
 * A part travels from the thread that reads through one that decodes to the
 * one that writes; whoever holds it owns it. The last part of a source owns
 * the source.
 */
#ifndef CALLTALLY_RUN_PART_H
#define CALLTALLY_RUN_PART_H

#include <pthread.h>

#include "call/decode.h"
#include "db/books.h"
#include "db/passage.h"
#include "io/lines.h"
#include "run/paths.h"

enum {
	FILES_AT_ONCE = 4,	/* are read side by side */
	PART_TIMES = 8,		/* of the last blocks of a source */
};

/* When about the lines of a block are of. */
struct part_time {
	uint64_t number;	/* of the block, from 1 */
	int64_t us;		/* TIME_NONE: no line says */
};

/* A file of this run. Made by the reader; row is the writer's once a part came out. */
struct source_state {
	size_t file;		/* its place in the list */
	struct path path;
	struct buf path_text;
	struct source_row row;
	bool was_finished;	/* row is of an earlier run that read it to its end */
	bool ends_day;		/* see path_list_day_ends */
	bool has_news;		/* some lines were read in this run */
	struct part_time time[PART_TIMES];	/* of decoded blocks, by their number */
};

/* What blocks are decoded by. */
struct decoding {
	size_t max_line_bytes;
	struct id128 how;	/* hash of all else that decides what lines tell */
	const struct passages *passages;	/* that need no decoding; NULL: none */
};

/* A block of lines, decoded, or known to be a passage that was loaded before. */
struct part {
	struct part *next;
	struct source_state *source;
	uint64_t number;		/* of its source's blocks, from 1; 0: not one */
	struct arena arena;		/* holds all below */
	struct event **event;
	size_t events;
	struct reject_row *reject;
	size_t rejects;
	enum reject_reason *reason;	/* of each reject */
	int64_t lines;
	int64_t ignored;
	int64_t copies;			/* lines of a known passage that tell known events */
	int64_t time_us;		/* of its last event that has one; TIME_NONE: there is none */
	struct passage_row passage;	/* to be remembered, if it has lines */
	uint64_t done_bytes;		/* plain bytes of the source up to its end */
	struct id128 done_hash;
	bool at_line_end;
	/* Of the part that ends a source which was read to its end: its totals. */
	bool whole;
	uint64_t raw_bytes;
	struct id128 raw_hash;
	struct str damage;		/* {NULL,0}: none */
	bool ends_source;		/* no part of this source comes after it */
	struct decode_warnings warnings;
	struct drift_set drift;
	struct block block;		/* raw, until it is decoded */
	bool decoded;			/* or there is nothing to decode */
};

/* An empty one; NULL: out of memory. */
struct part *part_new(struct source_state *);

/* Frees a list of parts; a source with its last part. */
void parts_free(struct part *list);
void source_free(struct source_state *);

/* What a decoded part holds. */
size_t part_bytes(const struct part *);

/*
 * Keeps the time of a block, unless it has one of a newer block in its place:
 * blocks are not decoded in their order, and the newest ones are asked for.
 */
void source_note_time(struct source_state *, const struct part_time *);

/*
 * Decodes the block into events, rejects and counts; of a known passage only
 * its loud lines. Very long lines, whose parsing takes many times their size,
 * are decoded by one thread at a time: under big_line. False when memory ran
 * out.
 */
bool part_decode(struct part *, struct decoder *, const struct decoding *,
    pthread_mutex_t *big_line);

#endif
