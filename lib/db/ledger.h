/*
 * ledger: which sources were read, and how far.
 *
 * A picture of the sources that a run may meet, taken under the writer lock,
 * some files at a time; it tells what need not be read again and what may be
 * taken up where it stopped. Their rows are written as db/books.h says.
 */
#ifndef CALLTALLY_DB_LEDGER_H
#define CALLTALLY_DB_LEDGER_H

#include "db/books.h"

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
