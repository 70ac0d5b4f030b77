/*
 * refold_inner: what the files of refold share; for them only.
 */
#ifndef CALLTALLY_RUN_REFOLD_INNER_H
#define CALLTALLY_RUN_REFOLD_INNER_H

#include "db/books.h"
#include "db/cursor.h"
#include "db/store.h"
#include "run/refold.h"

/* How far a refold has come. */
struct refold_state {
	struct run_row row;
	struct refold_result result;
	size_t source;			/* place in the list of the one under way */
	int64_t line;			/* the last of it that is done */
	struct line_counts counts;	/* of its lines up to there */
	struct id128 after;		/* the last call that was folded again */
};

struct refold {
	const struct refold_options *opt;
	struct db *db;
	struct store *store;
	struct refold_state is;		/* what is committed */
	struct refold_state next;	/* what will be, when the transaction under way is */
};

/* The stored events in the order of the lines that they came from, on a connection of its own. */
struct placed {
	struct db *db;
	struct cursor events;
};

/*
 * Begins a batch's transaction, with all its tables. What is read beside the
 * batch holds one of them: where somebody waits to have it for himself, it is
 * given up until he is done, and begun anew.
 */
bool refold_begin_batch(struct refold *, struct placed *, struct err *);

enum { REFOLD_BATCH_LINES = 4096 };

#define REFOLD_NO_ITEM SIZE_MAX

/* A stored event that is to go, and what its line says instead. */
struct refold_removal {
	const struct event *event;
	size_t item;		/* REFOLD_NO_ITEM: nothing */
};

/* Lines of one source. */
struct refold_batch {
	struct refold *r;
	const struct source_row *source;
	struct arena arena;
	struct store_item *item;	/* events that are to be put */
	size_t items;
	struct refold_removal *removal;
	size_t removals;
	const struct event **told;	/* all that these lines tell */
	size_t tolds;
	struct reject_row *reject;	/* of these lines, by now */
	size_t rejects;
	int64_t first, last;		/* lines; 0: none */
	struct line_counts counts;	/* without the items */
	struct refold_result result;	/* with this batch */
};

/* Empties it; the arena is the caller's. False when memory ran out. */
bool refold_batch_begin(struct refold_batch *);
/* Writes it in one transaction, and empties it. last: the source has no more lines. */
bool refold_batch_flush(struct refold_batch *, struct placed *, bool last,
    struct err *);

/*
 * Reads a source again, from where it stands, that is in reach at path.
 * placed stands at or before the source's events.
 */
bool refold_source(struct refold *, const struct source_row *, const char *path,
    struct placed *, struct err *);

#endif
