/*
 * passage: runs of lines that were loaded before.
 *
 * A row of calltally.passage says that the lines of a run of bytes are events
 * that the database has, or lines to ignore. Lines of which there was something
 * to tell (rejects, warnings, drift) are loud: they are named, so that they can
 * be told of again. The digest is of the bytes and of all that decides what
 * they tell. Rows are written in the transaction of the lines' events, and go
 * when events are derived anew.
 */
#ifndef CALLTALLY_DB_PASSAGE_H
#define CALLTALLY_DB_PASSAGE_H

#include "db/db.h"

enum { PASSAGE_LOUD_MAX = 16 };

struct passage {
	int64_t ignored;	/* of its lines that are not loud */
	int64_t last_us;	/* of its last event that has a time; TIME_NONE: there is none */
	int16_t loud[PASSAGE_LOUD_MAX];	/* numbers of lines in it, from 0, ascending; -1 behind the last */
};

struct passage_row {
	struct id128 digest;
	int64_t source_id;
	int64_t line;		/* its first in the source, from 1 */
	int64_t lines;
	struct passage is;
};

/* Writes n rows, within the caller's transaction; those that are there stay. */
bool passages_put(struct db *, const struct passage_row *, size_t n,
    int64_t now_us, struct err *);

/* Forgets them all. */
bool passages_forget(struct db *, struct err *);

/* What the database knew at some time. */
struct passages;
enum {
	PASSAGES_MAX = 200000,	/* of them, the newest */
	PASSAGE_BYTES = 160,	/* that one takes at most, while they are asked for */
};

/* As many as room_bytes hold. NULL on error; else the caller frees it. */
struct passages *passages_load(struct db *, size_t room_bytes, struct err *);
void passages_free(struct passages *);

/* Whether it is known, and what it is. May be asked by many threads. */
bool passages_find(const struct passages *, const struct id128 *digest,
    struct passage *);

#endif
