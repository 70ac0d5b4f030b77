/*
 * ingest_inner: a run under way, shared by its steps.
 */
#ifndef CALLTALLY_RUN_INGEST_INNER_H
#define CALLTALLY_RUN_INGEST_INNER_H

#include "db/store.h"
#include "run/ingest.h"
#include "run/pipeline.h"
#include "run/seen.h"

struct run {
	const struct ingest_options *opt;
	struct db *db;			/* has the writer lock */
	struct run_row row;		/* what is committed */
	struct buf warnings_json;
	struct path_list list;
	struct ledger *ledger;
	struct pipeline *reading;	/* of the first files, ahead of time; or NULL */
	unsigned char *seen;		/* see pipeline.h */
	struct seen calls;		/* of the batches so far */
	struct passages *passages;	/* that are known, once most lines were copies; or NULL */
	uint64_t batches;		/* committed */
	bool begun;			/* its row is there */
	struct ingest_result *result;
};

/*
 * Takes the batches of the pipeline and stores them, two at a time where a
 * second connection is to be had: while one is being copied the other is
 * prepared, looked up, folded. They commit in the order of reading.
 */
bool lanes_run(struct run *, struct pipeline *, struct err *);

/*
 * Around all lanes_run of a run, between which it knows what calls it has met.
 * A large first load may take the late indexes away (db/late_index.h).
 */
bool lanes_begin(struct run *, struct err *);
void lanes_end(struct run *);

#endif
