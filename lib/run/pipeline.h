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

#include "db/ledger.h"
#include "run/ingest.h"
#include "run/part.h"
#include "run/paths.h"

struct pipeline_options {
	const struct path_list *list;
	size_t first, end;		/* of the list: what is to be read */
	struct ledger *ledger;		/* the reader's meanwhile */
	const struct ingest_options *ingest;
	size_t max_line_bytes;
	size_t batch_bytes;
	int jobs;
	const struct passages *passages;	/* see pipeline_know; NULL: none */
	unsigned char *seen;	/* of each path, enum path_seen: the reader's meanwhile */
};

/* What is in the counts of this pipeline or an earlier one over the same list. */
enum path_seen { SEEN_COUNTED = 1, SEEN_FAILED = 2 };

/* What the reader counted for the first time; valid after the end. */
struct pipeline_counts {
	int64_t files, files_unchanged, files_failed;
};

struct pipeline;

/* Starts the threads. NULL on error. */
struct pipeline *pipeline_open(const struct pipeline_options *, struct err *);

/*
 * Waits for a batch of decoded parts, or the end, and gives the list of them;
 * *list is NULL only at the end. False on error. The first batch is small, so
 * that the database has work soon; the next ones grow to batch_bytes; the last
 * ones are smaller again, so that two who take batches end together. A batch
 * ends with the files of a day where it can. For one thread at a time, which
 * decodes as well while it waits.
 */
bool pipeline_take(struct pipeline *, struct part **list, struct err *);

/* From here on blocks that are known passages are not decoded. For any thread. */
void pipeline_know(struct pipeline *, const struct passages *);

/*
 * Ends the run for all threads, with this error, also for one that waits in
 * pipeline_take; of several errors the first stands. For any thread.
 */
void pipeline_fail(struct pipeline *, const struct err *);

/* Stops the threads, whatever they do, and frees all. NULL is fine. */
void pipeline_close(struct pipeline *, struct pipeline_counts *);

#endif
