/*
 * ledger: which sources were read, how far, and what became of their lines.
 *
 * Rows of calltally.source and calltally.run move in the transaction of the
 * rows that they count. The struct ledger is a picture of the sources that a
 * run may meet, taken under the writer lock, some files at a time; it tells
 * what need not be read again and what may be taken up where it stopped.
 */
#ifndef CALLTALLY_DB_LEDGER_H
#define CALLTALLY_DB_LEDGER_H

#include "base/arena.h"
#include "db/db.h"

enum { REJECT_KEEP_BYTES = 64 * 1024 };	/* of a rejected line, kept in the database */

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

struct reject_row {
	int64_t source_id;
	int64_t line;
	int64_t offset_bytes;
	const char *reason;
	struct str message;
	int64_t line_bytes;
	struct str raw;
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

/* Writes n source rows (absolute values), within the caller's transaction. */
bool sources_put(struct db *, struct source_row *const *, size_t n,
    const struct id128 *run_id, int64_t now_us, struct err *);

/*
 * A row of get_open_sources or list_sources, whose first columns are the same;
 * its text is in the arena, whose failed flag tells when memory ran out.
 */
struct source_row source_row_get(const struct db_rows *, size_t row,
    struct arena *);

/* Copies n rejects in, within the caller's transaction. */
bool rejects_put(struct db *, const struct reject_row *, size_t n,
    const struct id128 *run_id, struct err *);

/* Removes the rejects of these lines of a source, within the caller's transaction. */
bool rejects_remove(struct db *, int64_t source_id, const int64_t *line,
    size_t n, struct err *);

/* A random id for a new source; false when the system gives no randomness. */
bool source_new_id(int64_t *id, struct err *);

struct ledger;

/* So many files are looked at together at most, so that the ledger stays small. */
enum { LEDGER_FILES_MAX = 10000 };

/* Knows of no source, as that of a database without tables. NULL: out of memory. */
struct ledger *ledger_empty(struct err *);
/* Loads the unfinished sources of all names. NULL on error. */
struct ledger *ledger_open(struct db *, struct err *);

/*
 * Loads what is known of the n files of these names, instead of those before;
 * their rows must be committed by then. will_be_read tells of any name whether
 * the run reads such a file, now or in another call.
 */
bool ledger_look(struct ledger *, struct db *, const struct str *names,
    size_t n, bool (*will_be_read)(const void *data, struct str name),
    const void *data, struct err *);
void ledger_free(struct ledger *);

/*
 * True when a finished source of this name had these raw bytes. Ask the
 * first, which needs no reading of the file, before the second. A copy under
 * another name is another source, so that the books tell of its lines.
 */
bool ledger_may_have(const struct ledger *, struct str name, int64_t raw_bytes);
bool ledger_has(const struct ledger *, struct str name,
    const struct id128 *raw_hash);

/*
 * Sources that a file of this name may go on from: those of this name; those
 * of the same with ".gz" behind it, or without it, if no such file is to be
 * read in this run; then unfinished ones of other names. Each the longest
 * first. Fills at most cap and returns how many. The rows belong to the ledger,
 * until the next ledger_look.
 */
size_t ledger_candidates(struct ledger *, struct str name,
    const struct source_row **out, size_t cap);

/* A file goes on from this row of ledger_candidates: no other file may. */
void ledger_take(struct ledger *, const struct source_row *);

/* True when some lines were read under this name before. */
bool ledger_knows_start(const struct ledger *, struct str name);

#endif
