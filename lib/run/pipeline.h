/*
 * pipeline: files in, decoded parts out, in the order of reading.
 *
 * One thread reads, inflates and cuts into blocks; jobs threads decode
 * blocks into parts; the caller takes finished parts. What is decoded ahead
 * is bounded by batch_bytes, what is raw by a few blocks. The caller owns the
 * parts that it takes. Errors of the reading side come out of pipeline_take.
 */
#ifndef CALLTALLY_RUN_PIPELINE_H
#define CALLTALLY_RUN_PIPELINE_H

#include "call/decode.h"
#include "db/ledger.h"
#include "io/lines.h"
#include "run/ingest.h"
#include "run/paths.h"

/* A file of this run. Made by the reader; row is the writer's once a part came out. */
struct source_state {
	const struct path *path;
	struct source_row row;
	bool resumed;		/* row goes on from an earlier run */
	char *damage;		/* owned; NULL: none */
};

/* A block of lines, decoded. */
struct part {
	struct part *next;
	struct source_state *source;
	struct arena arena;		/* holds all below */
	struct event **event;
	size_t events;
	struct reject_row *reject;
	size_t rejects;
	enum reject_reason *reason;	/* of each reject */
	int64_t lines;
	int64_t ignored;
	uint64_t done_bytes;		/* plain bytes of the source up to its end */
	struct id128 done_hash;
	bool at_line_end;
	bool ends_source;		/* no part of this source comes after it */
	struct decode_warnings warnings;
	/* Of the pipeline only. */
	struct block block;
	bool decoded;
};

struct pipeline_options {
	const struct path_list *list;
	struct ledger *ledger;		/* the reader's meanwhile */
	const struct ingest_options *ingest;
	size_t max_line_bytes;
	size_t batch_bytes;
	int jobs;
};

/* What the reader counted; valid after the end. */
struct pipeline_counts {
	int64_t files, files_unchanged, files_failed;
};

struct pipeline;

/* Starts the threads. NULL on error. */
struct pipeline *pipeline_open(const struct pipeline_options *, struct err *);

/*
 * Waits for about batch_bytes of decoded parts, or the end, and gives the
 * list of them; *list is NULL only at the end. False on error.
 */
bool pipeline_take(struct pipeline *, struct part **list, struct err *);

/* Frees a list of parts; a source with its last part. */
void parts_free(struct part *list);

/* Stops the threads, whatever they do, and frees all. NULL is fine. */
void pipeline_close(struct pipeline *, struct pipeline_counts *);

#endif
