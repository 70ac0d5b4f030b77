/*
 * publication: the record of what an export states (sql/schema/0004_published.sql).
 *
 * An export that may write holds a lock from publication_open until that
 * connection ends, so that publications come one after the other. On the same
 * connection the record is written report by report, in one transaction, so
 * that it can begin while other reports run. It is committed as pending before
 * the files get their names, and confirmed after the last of them,
 * manifest.json, has its own, which names the publication. What is still pending when the next export comes was cut off:
 * it counts as stated when the manifest in its folder names it, and else
 * never was. A role that may only read publishes nothing.
 */
#ifndef CALLTALLY_RUN_PUBLICATION_H
#define CALLTALLY_RUN_PUBLICATION_H

#include "db/db.h"
#include "run/export_manifest.h"
#include "run/statement.h"

struct publication {
	bool may_read, may_write;
	int64_t position;	/* the last one stated; 0: none, or it may not be read */
	int64_t number;		/* of this one; 0: there is none */
	struct id128 id;
	int64_t at_us;
	bool is_open;		/* its transaction is */
};

/* Waits for the lock, settles what was cut off, finds the position. */
bool publication_open(struct publication *, struct db *, struct err *);

/*
 * Begins the transaction with all its tables, if that was not done. Without
 * wait it is not begun where somebody wants to have one of them for himself:
 * is_open tells. Only what may write is to be asked.
 */
bool publication_begin(struct publication *, struct db *,
    const struct export_options *, const char *zone,
    const struct ledger_position *, bool wait, struct err *);
/* Puts a statement on record. */
bool publication_add(struct publication *, struct db *,
    const struct export_options *, struct statement *, struct err *);
/* What the record has of a file as a whole: sum is that of its lines, columns its header. */
struct id128 publication_digest(const struct id128 *sum, struct str columns,
    bool plain, enum phones);
/* Commits the record as pending; does nothing where there is none. */
bool publication_commit(struct publication *, struct db *, struct err *);

/* The files have their names. */
bool publication_confirm(const struct publication *, struct db *, struct err *);

#endif
