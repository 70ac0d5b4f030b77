/*
 * books: what became of lines: the rows of runs, sources and rejects.
 *
 * Rows of calltally.source and calltally.run move in the transaction of the
 * rows that they count, so that lines = events + duplicates + rejected +
 * ignored whenever somebody looks. Counts are absolute values.
 */
#ifndef CALLTALLY_DB_BOOKS_H
#define CALLTALLY_DB_BOOKS_H

#include "base/arena.h"
#include "db/db.h"

struct line_counts {
	int64_t lines;
	int64_t events;
	int64_t duplicates;
	int64_t rejected;
	int64_t ignored;
};

static inline void
line_counts_add(struct line_counts *sum, const struct line_counts *n)
{
	sum->lines += n->lines;
	sum->events += n->events;
	sum->duplicates += n->duplicates;
	sum->rejected += n->rejected;
	sum->ignored += n->ignored;
}

/* A row of calltally.run. */
struct run_row {
	struct id128 run_id;
	const char *command;
	int64_t started_us;
	int64_t files;
	int64_t files_unchanged;
	struct line_counts counts;
	int64_t calls;
	struct str warnings;		/* JSON object; {NULL,0}: none */
};

/* Begins a run (in its own transaction) and marks runs that were cut off as failed. */
bool run_begin(struct db *, const struct run_row *, struct err *);
/*
 * Goes on with a run that was begun on a connection that was lost: *r then
 * has the counts that are committed. One that is not there any more, because
 * the server crashed, is begun anew. *done (may be NULL): it had ended well,
 * and only the answer was lost.
 */
bool run_resume(struct db *, struct run_row *r, bool *done, struct err *);
/*
 * The same for a run that must know whether its last transaction, which took
 * it from is to next, was committed. ERR_AGAIN where the server has neither:
 * it lost what it had said was committed.
 */
bool run_settle(struct db *, const struct run_row *is,
    const struct run_row *next, bool *is_next, struct err *);
/* Writes the counts of a run, within the caller's transaction. */
bool run_put(struct db *, const struct run_row *, struct err *);
/* Ends a run: state is done, partial or failed; message may be NULL. */
bool run_end(struct db *, const struct run_row *, const char *state,
    const char *message, int64_t now_us, struct err *);

/*
 * A row of calltally.source. Texts are borrowed.
 *
 * A last line without an end is counted like any other. When it is no JSON,
 * it may be the first half of one that is still being written: then
 * done_bytes and done_hash stay before it, so that its whole can take its place.
 */
struct source_row {
	int64_t source_id;
	struct str name;
	bool whole;			/* raw_bytes and raw_hash are known */
	int64_t raw_bytes;
	struct id128 raw_hash;
	int64_t done_bytes;
	struct id128 done_hash;
	bool done_at_line_end;
	struct line_counts counts;
	bool finished;
	struct str damage;		/* {NULL,0}: none */
	int64_t half_line;		/* not stored: the number of a half line that was counted; 0: none */
	bool taken;			/* not stored: see ledger_take */
};

/* The lines that lie before done_bytes. */
static inline int64_t
source_done_lines(const struct source_row *s)
{
	return s->counts.lines - (s->half_line != 0);
}

/* A random id for a new source; false when the system gives no randomness. */
bool source_new_id(int64_t *id, struct err *);
/* Writes n source rows (absolute values), within the caller's transaction. */
bool sources_put(struct db *, struct source_row *const *, size_t n,
    const struct id128 *run_id, int64_t now_us, struct err *);

/*
 * A row of get_open_sources or list_sources, whose first columns are the same;
 * its text is in the arena, whose failed flag tells when memory ran out.
 */
struct source_row source_row_get(const struct db_rows *, size_t row,
    struct arena *);

enum { REJECT_KEEP_BYTES = 64 * 1024 };	/* of a rejected line, kept in the database */

struct reject_row {
	int64_t source_id;
	int64_t line;
	int64_t offset_bytes;
	const char *reason;
	struct str message;
	int64_t line_bytes;
	struct str raw;
};

/* Copies n rejects in, within the caller's transaction. */
bool rejects_put(struct db *, const struct reject_row *, size_t n,
    const struct id128 *run_id, struct err *);

/* Removes the rejects of these lines of a source, within the caller's transaction. */
bool rejects_remove(struct db *, int64_t source_id, const int64_t *line,
    size_t n, struct err *);

#endif
