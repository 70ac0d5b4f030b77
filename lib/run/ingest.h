/*
 * ingest: from files to events, calls and the books.
 *
 * One thread reads and inflates, options.jobs decode, the caller's and, where
 * a second connection is to be had, one more write to the database in
 * batches, and decode while they wait for one; each batch is one transaction
 * with its part of the ledger, and they commit in the order of reading. A run that is cut off anywhere leaves
 * whole batches; the next takes each file up where its last batch ended,
 * proven by a hash. A run whose server went away does so itself when it is
 * back.
 */
#ifndef CALLTALLY_RUN_INGEST_H
#define CALLTALLY_RUN_INGEST_H

#include "base/err.h"
#include "call/decode.h"
#include "call/profile.h"
#include "db/books.h"
#include "db/db.h"
#include "db/drift.h"
#include "run/comeback.h"
#include "run/progress.h"

enum {
	INGEST_MAX_LINE_BYTES = 4 * 1024 * 1024,
	INGEST_MEMORY_BYTES = 128 * 1024 * 1024,
	INGEST_JOBS_MAX = 64,
};

struct ingest_options {
	const char *const *path;	/* files, folders, "-" */
	size_t paths;
	const struct profiles *profiles;
	const char *conninfo;		/* for a second connection; NULL: one is enough */
	bool make_tables;		/* the database has none: they are made while the first files are read */
	size_t max_line_bytes;		/* 0: INGEST_MAX_LINE_BYTES */
	size_t memory_bytes;		/* 0: INGEST_MEMORY_BYTES; what the process may hold, about */
	int64_t batch_lines;		/* 0: by memory; else about so many, to try the seams between batches */
	bool transcripts;		/* also store what was said, word by word */
	int jobs;			/* decoding threads; 0: by the machine's cores */
	int64_t comeback_ms;		/* how long the server may be away (run/comeback.h) */
	struct progress *progress;	/* never NULL */
	const char *stage;		/* what the progress is told as; NULL: "ingest" */
	/* Called for what a person should know (a damaged file, one that changed): "PLACE: what". */
	void (*note)(void *data, const char *text);
	void *note_data;
};

struct ingest_result {
	struct id128 run_id;
	int64_t files;			/* read in this run */
	int64_t files_unchanged;	/* known, not read again */
	int64_t files_unfinished;	/* damaged: their last lines are missing */
	int64_t files_failed;		/* could not be read at all */
	struct line_counts counts;
	int64_t calls;			/* that got a new event */
	int64_t plain_bytes;
	int64_t elapsed_us;
	struct decode_warnings warnings;
	struct drift_counts drift;
	int64_t by_reason[REJECT_COUNT];
};

/*
 * Ingests all paths under the writer lock that the caller holds, into tables
 * that are up to date, or into a database that has none (make_tables). True when
 * the run came to its end; *result then says whether lines were rejected,
 * files unfinished or failed. False on error or signal (ERR_SIGNAL); *result
 * then holds what was committed.
 */
bool ingest_run(const struct ingest_options *, struct db *,
    struct ingest_result *, struct err *);

/*
 * Decodes kept rejects again (all, or those of one reason) and stores those
 * that are understood now, in one transaction a batch; the books of their
 * sources move with them. Rejects whose bytes were not kept whole stay, and
 * are counted; "rejects export" fetches them from their files. Goes on with a
 * server that comes back; the comeback is the caller's.
 */
struct replay_result {
	int64_t tried;
	int64_t events;
	int64_t duplicates;
	int64_t ignored;
	int64_t still_rejected;
	int64_t not_whole;	/* not tried: only their start is kept */
	int64_t calls;
};
bool ingest_replay(const struct profiles *, struct db *, const char *reason,
    struct comeback *, struct replay_result *, struct err *);

#endif
